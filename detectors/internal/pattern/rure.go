//go:build rure && cgo

package pattern

import (
	"fmt"
	"slices"
	"sync"

	"github.com/BurntSushi/rure-go"
)

// rureProgram is a pattern compiled by Rust's regex crate. The regex itself
// may be used by many goroutines; captures may not and are pooled.
type rureProgram struct {
	re       *rure.Regex
	value    int // number of the group "value", 0 if there is none
	captures sync.Pool
}

func compileRure(expr string) (*rureProgram, error) {
	re, err := rure.CompileOptions("(?-u)"+expr, 0, nil)
	if err != nil {
		return nil, fmt.Errorf("rure: %w", err)
	}
	p := &rureProgram{re: re, value: max(slices.Index(re.CaptureNames(), "value"), 0)}
	p.captures.New = func() any { return re.NewCaptures() }
	return p, nil
}

// find returns the leftmost match in text; ValueStart is negative if the
// group took no part, and meaningless if there is none.
func (p *rureProgram) find(text []byte) (Match, bool) {
	text = notNil(text)
	if p.value == 0 {
		start, end, ok := p.re.FindBytes(text)
		return Match{Start: start, End: end}, ok
	}
	c := p.captures.Get().(*rure.Captures)
	defer p.captures.Put(c)
	if !p.re.CapturesBytes(c, text) {
		return Match{}, false
	}
	var m Match
	var ok bool
	m.Start, m.End, _ = c.Group(0)
	if m.ValueStart, m.ValueEnd, ok = c.Group(p.value); !ok {
		m.ValueStart, m.ValueEnd = -1, -1
	}
	return m, true
}

// start returns where the leftmost match in text starts.
func (p *rureProgram) start(text []byte) (int, bool) {
	start, _, ok := p.re.FindBytes(notNil(text))
	return start, ok
}

// notNil keeps a null pointer from Rust, whose slices may be empty but not
// null.
func notNil(text []byte) []byte {
	if len(text) == 0 {
		return make([]byte, 1)[:0]
	}
	return text
}
