package detectors

import (
	"math/bits"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
	"github.com/sluice-dlp/sluice/detectors/internal/literal"
)

// Most rules have values, or have nothing but values, that count only beside
// a keyword: numbers of nine digits, dates. Such values are everywhere and their
// keywords are not, so the keywords come first: see search.besides.

// beside is what of a rule is tried near its keywords only.
type beside struct {
	shapes []shape                // layouts that start with a letter or digit and have a digit
	lens   [kinds]uint64          // bit n%64 if one of them starts with a token of n bytes
	digits bool                   // all of them start with a digit
	ofLen  [maxLead + 1]runsOfLen // anchors of Match
}

// runsOfLen says what may follow a run of digits of one length.
type runsOfLen struct {
	any  bool
	next [4]uint64 // a set of bytes
}

// maxBeside is the longest value that is looked for beside keywords only, with
// Lead.
const maxBeside = 64

// outerBytes is how many bytes such a value has at each end among which there
// is a digit. Keywords farther from all digits than that allows are not looked
// for.
const outerBytes = 17

// hasOuterDigits reports whether value has digits so near to its ends.
func hasOuterDigits(value []byte) bool {
	n := min(len(value), outerBytes)
	return hasDigit(value[:n]) && hasDigit(value[len(value)-n:])
}

// isBeside reports whether s is a layout of such values. A layout of letters is
// not: keywords are looked for where there are digits. Nor is one whose keywords
// may stand farther away.
func (s *shape) isBeside() bool {
	return s.needsKey && !s.bare && !s.rule.far && s.hasOuterDigits() && s.lead() > 0 && s.size <= maxBeside
}

// hasOuterDigits reports whether all values of s have digits near to their ends.
func (s *shape) hasOuterDigits() bool {
	if s.digits == 0 { // one among what may be either
		return s.either != 0 && s.size <= outerBytes
	}
	return bits.TrailingZeros64(s.digits) < outerBytes && s.size-bits.Len64(s.digits) < outerBytes
}

// addBeside adds s to what is tried beside keywords, if it belongs there.
func (r *compiled) addBeside(s shape) bool {
	if !s.isBeside() {
		return false
	}
	b := r.besides()
	b.digits = (b.digits || len(b.shapes) == 0) && s.digits&1 != 0
	b.shapes = append(b.shapes, s)
	for kind := range kinds {
		if s.canStart(kind, s.lead()) {
			b.lens[kind] |= 1 << (s.lead() % 64)
		}
	}
	return true
}

func (r *compiled) addBesideRun(run Run) {
	b := r.besides()
	for n := run.Min; n <= run.Max; n++ {
		of := &b.ofLen[n]
		of.any = of.any || run.Next == ""
		for _, c := range []byte(run.Next) {
			of.next[c/64] |= 1 << (c % 64)
		}
	}
}

// has reports whether a run of n digits that ends at w[:end] is an anchor.
func (b *beside) has(n int, w []byte, end int) bool {
	of := &b.ofLen[n]
	if of.any || end == len(w) {
		return of.any
	}
	c := w[end]
	return of.next[c/64]>>(c%64)&1 != 0
}

func (r *compiled) besides() *beside {
	if r.beside == nil {
		r.beside = new(beside)
	}
	return r.beside
}

// besides tries the rules that have values beside the keywords in hits only.
// Hits come in the order of their starts, and each rule is tried at most once
// at a position.
func (q *search) besides(hits []literal.Hit) {
	for _, h := range hits {
		for _, r := range q.set.index.sought[h.Pattern] {
			from := max(h.Start-Proximity-r.MaxLen-r.Lead, q.triedTo[r.number])
			to := min(h.End+Proximity+r.Lead+1, q.limit)
			if from >= to {
				continue
			}
			q.triedTo[r.number] = to
			near := func(start, end int) bool { return isNear(h, Match{Start: start, End: end}) }
			if len(r.beside.shapes) > 0 {
				q.besideTokens(&q.found[foundBeside], r, near, from, to)
			}
			if len(r.Beside) > 0 {
				q.besideRuns(&q.found[foundBeside], r, near, from, to)
			}
		}
	}
}

// besideTokens tries layouts of r at the tokens that start in w[from:to]. The
// function says whether a value has its keyword there.
func (q *search) besideTokens(found *candidates, r *compiled, near func(start, end int) bool, from, to int) {
	b := r.beside
	first, last := q.reach(from, to)
	for k := first; k < last; k++ {
		tokens := q.tokens[k]
		if b.digits {
			tokens &= q.digit[k]
		}
		for tokens &= q.within(k, from, to); tokens != 0; tokens &= tokens - 1 {
			i := bits.TrailingZeros64(tokens)
			digits, letters := window(q.digit, k, i), window(q.letter, k, i)
			kind, n := leadToken(digits, letters)
			if b.lens[kind]>>(n%64)&1 == 0 {
				continue
			}
			at := q.base + k*bitmap.Block + i
			for j := range b.shapes {
				q.tried++
				if s := &b.shapes[j]; s.fits(digits, letters) && q.hasShape(s, at) {
					q.addBeside(found, r, near, at, at+s.size)
				}
			}
		}
	}
}

// besideRuns tries Match of r at the runs of digits that start in w[from:to].
func (q *search) besideRuns(found *candidates, r *compiled, near func(start, end int) bool, from, to int) {
	first, last := q.reach(from, to)
	for k := first; k < last; k++ {
		for starts := q.digits[k] & q.within(k, from, to); starts != 0; starts &= starts - 1 {
			i := bits.TrailingZeros64(starts)
			at := q.base + k*bitmap.Block + i
			n := bits.TrailingZeros64(^window(q.digit, k, i))
			if !r.beside.has(n, q.w, at+n) {
				continue
			}
			q.tried++
			if start, end, ok := r.measureBeside(q.w, at); ok {
				q.addBeside(found, r, near, start, end)
			}
		}
	}
}

// addBeside keeps a value found around a keyword, which may yet be too far from
// it: then another has to be near.
func (q *search) addBeside(found *candidates, r *compiled, near func(start, end int) bool, start, end int) {
	key := keyNeeded
	if near(start, end) {
		key = keyNear
	}
	q.add(found, r, start, end, key)
}
