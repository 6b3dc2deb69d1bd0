package detectors

import (
	"math/bits"
	"strings"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
)

// Many anchors begin with a byte that is rare, or with so many letters and digits
// that few tokens have them. One plane tells where any of these may be, and a
// table which of them.

// longShape is how many letters and digits a shape begins with that is looked for
// in this way.
const longShape = 26

// firstBytes are rules tried at the same positions, as their first bytes say.
type firstBytes struct {
	may     [firstLen][256]uint32 // entries that may have a byte there, a bit each
	entries []firstEntry
}

// firstEntry is a rule and those of its anchors that are meant.
type firstEntry struct {
	rule   []*compiled // one, as tryAll takes it
	shapes []*bitmap.Shape
	bytes  string
	exact  bool // the plane has no other positions for it
	sure   int  // with so many bytes of text firstBytes need no other question
}

const (
	firstLen  = 8
	mostFirst = 32 // entries
	never     = 1 << 30
)

// full reports whether there is no room for another rule.
func (f *firstBytes) full() bool { return len(f.entries) == mostFirst }

// add adds the rule r with some of its anchors.
func (f *firstBytes) add(r *compiled, shapes []*bitmap.Shape, single string, exact bool) {
	e := firstEntry{rule: []*compiled{r}, shapes: shapes, bytes: single, exact: exact, sure: never}
	bit := uint32(1) << len(f.entries)
	switch {
	case len(shapes) == 0:
		e.sure = 1
	case len(shapes) == 1 && single == "" && 0 < shapes[0].Fixed() && shapes[0].Fixed() <= firstLen:
		e.sure = shapes[0].Fixed()
	}
	for _, c := range []byte(single) {
		f.may[0][c] |= bit
		for i := 1; i < firstLen; i++ {
			for b := range f.may[i] {
				f.may[i][b] |= bit
			}
		}
	}
	for _, s := range shapes {
		for i, may := range s.May(firstLen) {
			for b, ok := range may {
				if ok {
					f.may[i][b] |= bit
				}
			}
		}
	}
	f.entries = append(f.entries, e)
}

// stands reports whether one of the anchors stands at w[at].
func (e *firstEntry) stands(w []byte, at int) bool {
	if strings.IndexByte(e.bytes, w[at]) >= 0 {
		return true
	}
	if inToken(w, at) {
		return false
	}
	for _, s := range e.shapes {
		if s.At(w, at) {
			return true
		}
	}
	return false
}

// tryFirst tries the rules of f at a position.
func (q *search) tryFirst(found *candidates, f *firstBytes, at int) {
	w := q.w[at:]
	may := ^uint32(0)
	if len(w) >= firstLen {
		may = f.may[0][w[0]] & f.may[1][w[1]] & f.may[2][w[2]] & f.may[3][w[3]] &
			f.may[4][w[4]] & f.may[5][w[5]] & f.may[6][w[6]] & f.may[7][w[7]]
	} else {
		for i, c := range w {
			may &= f.may[i][c]
		}
	}
	for may &= uint32(1)<<len(f.entries) - 1; may != 0; may &= may - 1 {
		if e := &f.entries[bits.TrailingZeros32(may)]; len(w) >= e.sure || e.stands(q.w, at) {
			q.tryAll(found, e.rule, at)
		}
	}
}
