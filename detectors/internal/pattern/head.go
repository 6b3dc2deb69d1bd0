package pattern

import (
	"regexp/syntax"
	"slices"
)

// MaxHead is how many bytes of a match a head tells of.
const MaxHead = 7

// Head is what every match of a pattern begins with: byte i of a match is in
// Bytes[i], and the byte before it, if there is one, in Before. Bytes has an
// entry for each byte that the shortest match has, up to seven.
type Head struct {
	Before Class
	Bytes  []Class
}

// Chance estimates at which share of the positions of a text the head fits.
// Only its magnitude is worth anything.
func (h Head) Chance() float64 {
	p := h.Before.chance()
	for i := range h.Bytes {
		p *= h.Bytes[i].chance()
	}
	return p
}

// newHead runs prog as the nondeterministic automaton that it is (Thompson,
// "Regular expression search algorithm", CACM 11(6), 1968), on all texts at
// once: which bytes can be read in the states that can be reached in so many
// steps. Assertions are taken to hold, but for those in front of the first
// byte, which say something about the byte before it.
func newHead(prog *syntax.Prog) Head {
	var h Head
	first := make(map[syntax.EmptyOp]Class) // first bytes, by what is asserted before them
	states := closure(prog, []uint32{uint32(prog.Start)})
	for step := range MaxHead {
		var class Class
		var next []uint32
		for _, s := range states {
			if s.inst.Op == syntax.InstMatch {
				if step == 0 {
					continue // a match of no bytes is none
				}
				return h
			}
			read := readable(s.inst)
			class = class.Or(read)
			next = append(next, s.inst.Out)
			if step == 0 {
				first[s.asserted] = read.Or(first[s.asserted])
			}
		}
		if step == 0 {
			h.Before = before(first)
		}
		h.Bytes = append(h.Bytes, class)
		states = closure(prog, next)
	}
	return h
}

// reached is an instruction that reads a byte or ends the match, and the
// assertions made on one way there.
type reached struct {
	inst     *syntax.Inst
	pc       uint32
	asserted syntax.EmptyOp
}

// closure returns what is reached from pcs without reading a byte, once for
// each different set of assertions.
func closure(prog *syntax.Prog, pcs []uint32) []reached {
	var out []reached
	seen := make(map[reached]bool)
	var visit func(pc uint32, asserted syntax.EmptyOp)
	visit = func(pc uint32, asserted syntax.EmptyOp) {
		inst := &prog.Inst[pc]
		s := reached{inst, pc, asserted}
		if seen[s] {
			return
		}
		seen[s] = true
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			visit(inst.Out, asserted)
			visit(inst.Arg, asserted)
		case syntax.InstCapture, syntax.InstNop:
			visit(inst.Out, asserted)
		case syntax.InstEmptyWidth:
			visit(inst.Out, asserted|syntax.EmptyOp(inst.Arg))
		case syntax.InstFail:
		default:
			out = append(out, s)
		}
	}
	for _, pc := range pcs {
		visit(pc, 0)
	}
	return out
}

// readable is the class of bytes that inst, which reads one, accepts.
func readable(inst *syntax.Inst) Class {
	var class Class
	for c := range 256 {
		if inst.MatchRune(rune(c)) {
			class.add(byte(c))
		}
	}
	return class
}

// before returns the bytes that may stand in front of a match, given the
// classes of first bytes by what is asserted between the two.
func before(first map[syntax.EmptyOp]Class) Class {
	var all Class
	for asserted, class := range first {
		firsts := class.bytes()
		for b := range 256 {
			if slices.ContainsFunc(firsts, func(c byte) bool {
				return asserted&^syntax.EmptyOpContext(rune(b), rune(c)) == 0
			}) {
				all.add(byte(b))
			}
		}
	}
	return all
}
