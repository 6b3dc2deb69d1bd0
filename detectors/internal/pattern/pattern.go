// Package pattern is the one place that knows which regular expression engine
// is used: the standard library's by default; Rust's, through
// github.com/BurntSushi/rure-go, in a build with cgo and the tag rure. Both
// give the same matches.
//
// They would not by themselves. Package regexp decodes UTF-8 and takes a
// broken byte for U+FFFD; Rust's engine has Unicode classes unless told
// otherwise. Here a pattern is matched over bytes: '.' and a negated class
// match one byte, \d, \w, \s and \b know ASCII only, (?i) folds ASCII letters
// to each other, and a character beyond ASCII in the pattern stands for its
// UTF-8 encoding. To get there, Compile parses the pattern with regexp/syntax
// and writes it anew in the small common syntax of the two engines, each
// class and literal spelled out in bytes. What cannot be said in bytes is
// refused: Unicode classes, and negated or wide classes that leave some
// characters beyond ASCII out.
//
// A pattern also tells what every match of it has: strings that stand in it
// (Literals) and what it begins with (Head), so that matches can be looked for
// where these are found and nowhere else. Both are supersets: they never leave
// out a match.
//
// Matches are leftmost-first, as in Perl. The standard engine reads bytes as
// Latin-1 where a text is not ASCII, which is several times slower than
// Rust's; on ASCII text it runs as it always does.
package pattern

import (
	"fmt"
	"regexp/syntax"
	"strings"
)

// Pattern is a compiled regular expression. It is safe for concurrent use.
type Pattern struct {
	// Each program comes twice, for a text that starts with the match and for
	// one that has a byte before it, which assertions such as \b must see.
	atStart, at         *program
	searchStart, search *program

	literals []Literal
	head     Head
	bytes    Class
	longest  int
	size     int
}

// Match is where a pattern matched: the whole match, and the part of it that
// the group named "value" took; the same where there is no such group or it
// took no part.
type Match struct {
	Start, End           int
	ValueStart, ValueEnd int
}

// Compile compiles expr, written in the syntax of package regexp. The error
// quotes the part of expr that is at fault.
func Compile(expr string) (*Pattern, error) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	values := 0
	for _, name := range re.CapNames() {
		if name == "value" {
			values++
		}
	}
	if values > 1 {
		return nil, fmt.Errorf("pattern: `%s` has two groups named value", expr)
	}
	var b strings.Builder
	if err := write(&b, re); err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	body := "(?:" + b.String() + ")"
	p := new(Pattern)
	for _, c := range []struct {
		to   **program
		expr string
	}{
		{&p.atStart, `\A` + body},
		{&p.at, `\A` + anyByte + body},
		{&p.searchStart, body},
		{&p.search, anyByte + body},
	} {
		if *c.to, err = compileProgram(c.expr); err != nil {
			return nil, fmt.Errorf("pattern: %w", err)
		}
	}
	if _, ok := p.atStart.find(nil); ok {
		return nil, fmt.Errorf("pattern: `%s` matches the empty string, so it would match everywhere", expr)
	}
	return p, p.analyse(b.String())
}

// analyse finds out what all matches have in common, from the pattern as
// write wrote it: parsed again, its characters are bytes.
func (p *Pattern) analyse(written string) error {
	re, err := syntax.Parse(written, syntax.Perl)
	if err != nil {
		return fmt.Errorf("pattern: %w", err)
	}
	f := analyse(re)
	p.literals, p.bytes = f.contains(), f.bytes
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return fmt.Errorf("pattern: %w", err)
	}
	p.head = newHead(prog)
	p.longest, p.size = longest(re), len(prog.Inst)
	return nil
}

// Literals returns a set of strings one of which every match contains, nil
// where there is none. Of all such sets it is one that is small and occurs
// seldom, as far as can be told without the text; that may still be one of
// single common bytes.
func (p *Pattern) Literals() []Literal { return p.literals }

// Head returns what every match begins with.
func (p *Pattern) Head() Head { return p.head }

// Bytes returns the bytes that matches consist of.
func (p *Pattern) Bytes() Class { return p.bytes }

// Longest returns the length of the longest match in bytes, or -1 if matches
// may be of any length.
func (p *Pattern) Longest() int { return p.longest }

// Size returns how many instructions the pattern has, with all repetitions
// written out: for each byte of a match, an engine may do so many steps.
func (p *Pattern) Size() int { return p.size }

// MatchAt returns the match that starts at w[at], 0 ≤ at ≤ len(w). Assertions
// see w[at-1] and take the ends of w for the ends of the text. A match of no
// bytes is none.
func (p *Pattern) MatchAt(w []byte, at int) (Match, bool) {
	prog, lead := p.atStart, 0
	if at > 0 {
		prog, lead = p.at, 1
	}
	m, ok := prog.find(w[at-lead:])
	if !ok || m.End == lead {
		return Match{}, false
	}
	base := at - lead
	out := Match{at, base + m.End, base + m.ValueStart, base + m.ValueEnd}
	if m.ValueStart < 0 || prog.value == 0 {
		out.ValueStart, out.ValueEnd = out.Start, out.End
	}
	return out, true
}

// NextStart returns the first position of w not before at where a match
// starts, perhaps one of no bytes.
func (p *Pattern) NextStart(w []byte, at int) (int, bool) {
	if at == 0 {
		return p.searchStart.start(w)
	}
	s, ok := p.search.start(w[at-1:])
	return at + s, ok
}
