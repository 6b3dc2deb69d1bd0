package detectors

import (
	"math/bits"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
	"github.com/sluice-dlp/sluice/detectors/internal/literal"
)

// search is one call of [Set.Find] and the memory it uses, which outlives it
// in a pool.
type search struct {
	set      *Set
	w        []byte
	from, to int

	planes   bitmap.Planes // of one strip and what lies ahead of it
	hits     []literal.Hit
	found    []candidate // see enter
	unsorted bool        // found is not in order yet
	compact  []byte      // one value, see compact
	keywords keywordSweep
	cover    []int // see resolve
	reach    []int // see resolve
	patterns []progress

	tried  int // shapes and matchers tried
	passed int // bytes looked at on the way to starts of patterns, for tests
}

// candidate is a value that has passed its own rule, but has not been asked
// for its keyword nor compared with others.
type candidate struct {
	Match
	needsKey bool
}

// strip is how many bytes are classified at a time: a few, so that text and
// planes stay in the first-level cache.
const strip = 4 << 10

// ahead is how many blocks behind a strip are classified with it: a shape that
// starts in its last block, or behind an escape there, reaches into them.
const ahead = 2

func newSearch(s *Set) *search {
	return &search{
		set:     s,
		planes:  bitmap.Make(strip + ahead*bitmap.Block),
		compact: make([]byte, 0, maxLead),
		cover:   make([]int, s.index.levels),
		reach:   make([]int, len(s.rules)),

		patterns: make([]progress, len(s.index.anywhere)),
	}
}

// run searches w[from:to] and appends the matches to dst.
func (q *search) run(dst []Match, w []byte, from, to int) []Match {
	q.w, q.from, q.to = w, max(from, 0), min(to, len(w))
	q.found, q.unsorted, q.tried = q.found[:0], false, 0
	q.passed = 0
	if q.from < q.to {
		q.walk()
		q.walkAnywhere()
		q.sortFound()
		q.dropWithoutKeyword()
		dst = q.resolve(dst)
	}
	q.w = nil
	clear(q.compact[:cap(q.compact)])
	return dst
}

// walk tries the rules that have an anchor, strip by strip: those with
// literals first, because there are few of them (see enter).
func (q *search) walk() {
	ix := q.set.index
	around := max(ix.around, ix.literalAround)
	end := min(len(q.w), q.to+around)
	var state literal.State
	for at := max(0, q.from-around); at < end; at += strip {
		n := min(strip, end-at)
		if ix.literals != nil {
			state = q.walkLiterals(at, n, state)
		}
		if ix.around > 0 && at+n > q.from-ix.around && at < q.to+ix.around {
			q.walkPlanes(at, n)
		}
	}
}

// walkLiterals tries the rules whose anchors are literals that end among the
// n bytes from base on, and returns the state of the search for them.
func (q *search) walkLiterals(base, n int, state literal.State) literal.State {
	ix := q.set.index
	q.hits, state = ix.literals.Scan(q.hits[:0], state, q.w[base:base+n], base)
	for _, h := range q.hits {
		q.tryAll(ix.literalRules[h.Pattern], h.Start)
	}
	return state
}

// walkPlanes tries the rules whose anchors show in the planes of the n bytes
// from base on.
func (q *search) walkPlanes(base, n int) {
	ix := q.set.index
	p := &q.planes
	text := q.w[base:min(len(q.w), base+n+ahead*bitmap.Block)]
	bitmap.Classify(p, text, &ix.markSet)
	words := bitmap.Words(n)
	for k := bitmap.Words(len(text)); k < words+ahead; k++ { // behind the end of the data
		p.Digit[k], p.Letter[k], p.Base64[k] = 0, 0, 0
	}
	var digitBefore, alnumBefore, base64Before uint64
	if base > 0 {
		c := q.w[base-1]
		digitBefore, alnumBefore = bit(isDigit(c)), bit(isAlnum(c))
		base64Before = alnumBefore | bit(c == '+' || c == '/')
	}
	for k := range words {
		digit, base64, mark := p.Digit[k], p.Base64[k], p.Mark[k]
		alnum := digit | p.Letter[k]
		digits := digit &^ (digit<<1 | digitBefore)
		tokens := alnum &^ (alnum<<1 | alnumBefore)
		runs := base64 &^ (base64<<1 | base64Before)
		if len(ix.tokens) == 0 {
			tokens = q.likelyTokens(tokens, k)
		}
		digitBefore, alnumBefore, base64Before = digit>>63, alnum>>63, base64>>63
		if rest := n - k*bitmap.Block; rest < bitmap.Block {
			part := uint64(1)<<rest - 1
			digits, tokens, runs, mark = digits&part, tokens&part, runs&part, mark&part
		}
		for ; digits != 0; digits &= digits - 1 {
			q.digits(base, k, bits.TrailingZeros64(digits))
		}
		for ; tokens != 0; tokens &= tokens - 1 {
			q.token(base, k, bits.TrailingZeros64(tokens))
		}
		if len(ix.base64) > 0 {
			q.base64(base, k, q.longRuns(runs, k))
		}
		for ; mark != 0; mark &= mark - 1 {
			q.mark(base, k, bits.TrailingZeros64(mark))
		}
	}
}

// longRuns drops from runs, which start in word k of the base64 plane, most
// that are too short for any rule.
func (q *search) longRuns(runs uint64, k int) uint64 {
	const step = 5
	for n := min(step, q.set.index.least-1); n < q.set.index.least && runs != 0; n += step {
		runs &= window(q.planes.Base64, k, n)
	}
	return runs
}

// likelyTokens drops from tokens, which start in word k of the planes, most
// that no shape starts with: where none goes on from letters to digits, those
// of letters of a length that no shape has for them.
func (q *search) likelyTokens(tokens uint64, k int) uint64 {
	digits, letters := q.planes.Digit, q.planes.Letter
	// Adding the start of a run to it carries a bit to the byte behind it.
	sum, carry := bits.Add64(letters[k], tokens&letters[k], 0)
	ends, next := sum&^letters[k], (letters[k+1]+1)&^letters[k+1]
	if ends&digits[k] != 0 || carry != 0 && next&digits[k+1] != 0 {
		return tokens
	}
	lens := q.set.index.wordLens
	if digits[k]|digits[k+1] == 0 { // none in reach of a shape
		lens = q.set.index.bareLens
	}
	var words uint64
	for _, n := range lens {
		words |= window(letters, k, n-1) &^ window(letters, k, n)
	}
	return tokens & (words | digits[k])
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// window returns the 64 bits of plane from bit b of word k on, 0 ≤ b ≤ 64.
func window(plane []uint64, k, b int) uint64 {
	return plane[k]>>b | plane[k+1]<<(64-b)
}

// digits tries what is anchored at the run of digits at bit b of word k.
func (q *search) digits(base, k, b int) {
	ix := q.set.index
	at := base + k*bitmap.Block + b
	n := bits.TrailingZeros64(^window(q.planes.Digit, k, b)) // 64 for longer runs too
	behind := 0
	if at+n < len(q.w) {
		behind = int(ix.behind[q.w[at+n]])
	}
	q.tryAll(ix.digits[n][behind], at)
}

// base64 tries what is anchored at those runs of base64 that start at bits of
// word k and are long enough.
func (q *search) base64(base, k int, starts uint64) {
	ix := q.set.index
	for ; starts != 0; starts &= starts - 1 {
		b := bits.TrailingZeros64(starts)
		n := bits.TrailingZeros64(^window(q.planes.Base64, k, b))
		for i, r := range ix.base64 {
			if n >= r.Anchor.Base64 {
				q.tryAll(ix.base64[i:i+1], base+k*bitmap.Block+b)
			}
		}
	}
}

// token tries what can start with the token at bit b of word k.
func (q *search) token(base, k, b int) {
	ix := q.set.index
	at := base + k*bitmap.Block + b
	if len(ix.tokens) > 0 {
		q.tryAll(ix.tokens, at)
	}
	q.lead(at, window(q.planes.Digit, k, b), window(q.planes.Letter, k, b))
}

// lead tries the shapes that can start with the token at a position, from
// which on digits and letters are the planes.
func (q *search) lead(at int, digits, letters uint64) {
	ix := q.set.index
	n := bits.TrailingZeros64(^(digits | letters)) // at most 64, perhaps of a longer one
	token := ^uint64(0) >> (64 - n)
	kind := kindMixed
	switch {
	case letters&token == 0:
		kind = kindDigits
	case digits&token == 0:
		kind = kindLetters
	}
	if ix.leadLens[kind]>>(n%64)&1 == 0 {
		return
	}
	follower := 0
	if at+n < len(q.w) {
		follower = int(ix.followers[q.w[at+n]])
	}
	shapes := &ix.lead[kind][n][follower]
	q.tryShapes(shapes.open, at, digits, letters)
	if shapes.prefixed != nil && at+1 < len(q.w) {
		q.tryShapes(shapes.prefixed[[2]byte(q.w[at:])], at, digits, letters)
	}
}

// mark tries what belongs to the mark byte at bit b of word k.
func (q *search) mark(base, k, b int) {
	ix := q.set.index
	at := base + k*bitmap.Block + b
	c := q.w[at]
	if shapes := ix.markShapes[c]; len(shapes) > 0 {
		q.tryShapes(shapes, at, window(q.planes.Digit, k, b), window(q.planes.Letter, k, b))
	}
	if c == '\\' && at+2 < len(q.w) && afterEscape(q.w, at+2) {
		k, b = k+(b+2)/bitmap.Block, (b+2)%bitmap.Block
		q.lead(at+2, window(q.planes.Digit, k, b), window(q.planes.Letter, k, b))
	}
	q.tryAll(ix.marks[c], at)
}

// tryShapes tries each shape at a position, from which on digits and letters
// are the planes.
func (q *search) tryShapes(shapes []shape, at int, digits, letters uint64) {
	for i := range shapes {
		s := &shapes[i]
		q.tried++
		if !s.fits(digits, letters) || len(q.w)-at < s.size || !s.hasLiterals(q.w[at:]) {
			continue
		}
		end := at + s.size
		if !Clear(q.w, at, end) {
			continue
		}
		if s.rule.Valid != nil {
			q.compact = compact(q.compact[:0], q.w[at:end])
			if !s.rule.Valid(q.compact) {
				continue
			}
		}
		if s.rule.goesOn(q.w, at, end) {
			continue
		}
		q.add(s.rule, at, end, s.needsKey)
	}
}

// tryAll tries rules with Match or an anchored Pattern at their anchor.
func (q *search) tryAll(rules []*compiled, at int) {
	for _, r := range rules {
		q.tried++
		var start, end int
		var ok bool
		if r.Match != nil {
			start, end, ok = r.measure(q.w, at)
		} else {
			start, end, ok = r.matchAnchored(q.w, at)
		}
		if ok {
			q.add(r, start, end, r.needsKey(q.w[start:end]))
		}
	}
}

// add keeps a value, if it or what it contains can start in the part
// searched and it is no dummy.
func (q *search) add(r *compiled, start, end int, needsKey bool) {
	if end <= q.from || start >= q.to {
		return
	}
	if len(r.dummies) > 0 && !q.set.keep && q.isDummy(r, q.w[start:end]) {
		return
	}
	q.enter(candidate{Match{r.number, start, end}, needsKey})
}

func (q *search) isDummy(r *compiled, value []byte) bool {
	q.compact = r.Compact(q.compact[:0], value)
	return r.dummies[string(q.compact)]
}
