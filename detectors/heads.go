package detectors

import (
	"math/bits"

	"github.com/sluice-dlp/sluice/detectors/internal/pattern"
)

// heads finds where the heads of some patterns stand, all in one pass. It is
// the Shift-And algorithm for classes of bytes (Baeza-Yates and Gonnet, "A new
// approach to text searching", CACM 35(10), 1992): each pattern has a bit for
// each byte of its head and one for the byte before it, which come one after
// the other, and a bit of the state is set if the last bytes of the text are
// what the head has up to there.
type heads struct {
	table    [256]uint64 // the bits of a byte
	first    uint64      // of each pattern
	last     uint64
	patterns [64]*unanchored // by last bit
	size     int             // in bits
}

// addHead gives the head of p to heads that have room for it.
func (a *anywhere) addHead(p *unanchored) {
	if n := len(a.heads); n == 0 || a.heads[n-1].size+1+p.headLen > 64 {
		a.heads = append(a.heads, heads{})
	}
	h := &a.heads[len(a.heads)-1]
	for c := range h.table {
		h.table[c] |= uint64(p.head[c]) << h.size
	}
	last := h.size + p.headLen
	h.first |= 1 << h.size
	h.last |= 1 << last
	h.patterns[last] = p
	h.size = last + 1
}

// walkHeads tries patterns where their heads stand, at starts behind from and
// before the end of the part.
func (q *search) walkHeads(h *heads, from int) {
	state := h.first // in front of the data any byte may stand
	if from > 0 {
		state = h.first & h.table[q.w[from-1]]
	}
	end := min(len(q.w), q.to+pattern.MaxHead-1)
	for i := from; i < end; i++ {
		state = (state<<1 | h.first) & h.table[q.w[i]]
		for found := state & h.last; found != 0; found &= found - 1 {
			p := h.patterns[bits.TrailingZeros64(found)]
			if start := i + 1 - p.headLen; start < q.to {
				q.tryPattern(p, start)
			}
		}
	}
}
