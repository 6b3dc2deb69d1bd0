package scanner

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestLineCounter advances by random steps through texts of short, long and no
// lines and counts anew at each.
func TestLineCounter(t *testing.T) {
	for _, every := range []int{1, 2, 10, 300, 5000, 1 << 30} {
		rnd := rand.New(rand.NewPCG(2, uint64(every)))
		text := make([]byte, 20000)
		for i := range text {
			text[i] = 'x'
			if rnd.IntN(every) == 0 {
				text[i] = '\n'
			}
		}
		var l lineCounter
		for at := 0; ; {
			line := int64(bytes.Count(text[:at], []byte{'\n'}) + 1)
			column := int64(at - bytes.LastIndexByte(text[:at], '\n'))
			if l.at != int64(at) || l.line() != line || l.column() != column {
				t.Fatalf("a break every %d: offset %d is at line %d, column %d, want %d, %d", every, l.at, l.line(), l.column(), line, column)
			}
			if at == len(text) {
				break
			}
			next := min(len(text), at+rnd.IntN(1+rnd.IntN(6000)))
			l.advance(text[at:next])
			at = next
		}
	}
}
