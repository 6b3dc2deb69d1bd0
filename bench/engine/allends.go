package main

import (
	"fmt"
	"regexp/syntax"
)

// allEnds counts the offsets at which a match of expr ends, wherever it
// starts. That is what Vectorscan reports, and no other engine here does; so
// this is a second opinion on its counts, written for belief and not speed: the
// classical simulation of an automaton that keeps all states, with one more
// start at each offset.
//
// Each byte is one character, as it is for Vectorscan without its UTF-8 mode.
// A match is not empty.
func allEnds(expr string, text []byte) (int, error) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return 0, fmt.Errorf("count by hand: %w", err)
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return 0, fmt.Errorf("count by hand: %w", err)
	}
	s := simulation{prog: prog, seen: make([]int, len(prog.Inst))}
	n, before := 0, rune(-1)
	for at := 0; at <= len(text); at++ {
		after := rune(-1)
		if at < len(text) {
			after = rune(text[at])
		}
		if s.step(before, after, at) {
			n++
		}
		before = after
	}
	return n, nil
}

// simulation is the set of states of an automaton at one offset.
type simulation struct {
	prog   *syntax.Prog
	states []uint32 // that wait for a character
	next   []uint32
	seen   []int // by state: the last offset at which it was reached, plus 1
}

// step reads before, the character that ends at offset at, where after
// follows; it reports whether a match ends there. -1 is the end of the text.
func (s *simulation) step(before, after rune, at int) (matched bool) {
	flags := syntax.EmptyOpContext(before, after)
	s.next = s.next[:0]
	for _, state := range s.states {
		if in := &s.prog.Inst[state]; in.MatchRune(before) {
			matched = s.reach(in.Out, flags, at) || matched
		}
	}
	s.reach(uint32(s.prog.Start), flags, at) // a match that is empty does not count
	s.states, s.next = s.next, s.states
	return matched
}

// reach adds a state, and those that follow without a character, to the next
// set, and reports whether the end of the expression is among them.
func (s *simulation) reach(state uint32, flags syntax.EmptyOp, at int) bool {
	if s.seen[state] == at+1 {
		return false
	}
	s.seen[state] = at + 1
	in := &s.prog.Inst[state]
	switch in.Op {
	case syntax.InstMatch:
		return true
	case syntax.InstAlt, syntax.InstAltMatch:
		first := s.reach(in.Out, flags, at)
		return s.reach(in.Arg, flags, at) || first
	case syntax.InstCapture, syntax.InstNop:
		return s.reach(in.Out, flags, at)
	case syntax.InstEmptyWidth:
		return syntax.EmptyOp(in.Arg)&^flags == 0 && s.reach(in.Out, flags, at)
	case syntax.InstFail:
		return false
	default: // waits for a character
		s.next = append(s.next, state)
		return false
	}
}
