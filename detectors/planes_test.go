package detectors

import (
	"math/rand/v2"
	"testing"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
)

// TestLayoutsAreInPlanes fills each layout that counts without a keyword with
// characters drawn at random: whatever they are, the plane has the place. Each
// outline that was found by trial is some layout's.
func TestLayoutsAreInPlanes(t *testing.T) {
	own := Rule{ID: "OWN", Category: Custom, MaxLen: 40}
	for _, p := range []string{"A9", "XX", "99/99", "AA.99.AA", "XXXXXXXXXXXXXXXXXX", "9999999A", "99999999-99999999", "(99) 99", "#A9X9", "9AX9-AX9-AA99-9", "AA99 9999 9999", "99999999999999999"} {
		own.Forms = append(own.Forms, Form{Pattern: p})
	}
	s := compileAll(t, append(Builtin(), own))
	rng := rand.New(rand.NewPCG(7, 1))
	q := newSearch(s)
	used := make(map[string]bool)
	for _, r := range s.rules {
		for _, l := range r.layouts {
			sh := newShape(r, l)
			if sh.isBeside() {
				continue
			}
			used[coarser(sh.outline())] = true
			for _, between := range []string{" ", "\n", ", ", `\n`} {
				value := anyValue(rng, l.classes)
				text := "x" + between + value + between + "x"
				q.w = []byte(text)
				q.read(0, len(text))
				stream := streamTokens
				if sh.lead() == 0 {
					stream = streamMarks
				}
				if at := 1 + len(between); !q.marks(stream, at) {
					t.Errorf("%s: the planes do not have %q in %q", r.ID, l.classes, text)
				}
			}
		}
	}
	for _, o := range coarse {
		if !used[o] {
			t.Errorf("outline %q is no layout's", o)
		}
	}
}

// anyValue returns a value of a layout.
func anyValue(rng *rand.Rand, classes string) string {
	const alnum = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	v := []byte(classes)
	for i, c := range v {
		switch c {
		case '9':
			v[i] = alnum[rng.IntN(10)]
		case 'A':
			v[i] = alnum[10+rng.IntN(52)]
		case 'X':
			v[i] = alnum[rng.IntN(62)]
		}
	}
	return string(v)
}

// marks reports whether a stream of the kind has position p.
func (q *search) marks(kind streamKind, p int) bool {
	for i, s := range q.set.index.streams {
		if plane, some := q.arena.Plane(planeStreams + i); some && s.kind == kind {
			b := p - q.base
			return plane[b/bitmap.Block]>>(b%bitmap.Block)&1 != 0
		}
	}
	return false
}

func TestCovers(t *testing.T) {
	for _, test := range []struct {
		c, o string
		want bool
	}{
		{"99", "99$", true}, {"99", "9$", false}, {"9A", "9X$", false}, {"9X", "9A$", true}, {"X", "J$", false}, {"9?9", "9J9$", true}, {"9?", "9$", false},
		{"9N9", "9-9$", true}, {"9N9", "9A9$", true}, {"9N9", "9X9$", false}, {"9N", "9$", false}, {"99$", "99$", true}, {"99$", "999$", false}, {"9J9", "9J9$", true}, {"9J9", "9/9$", false},
	} {
		if got := covers(test.c, test.o); got != test.want {
			t.Errorf("%q covers %q: %v", test.c, test.o, got)
		}
	}
}
