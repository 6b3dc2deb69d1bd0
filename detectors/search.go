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
	places   []Place

	// Planes of one strip and what is around it. Bit i of word k is for
	// w[base+64k+i]; behind w[:limit] they say nothing.
	arena                         *bitmap.Arena
	base, limit                   int
	digit, letter, digits, tokens []uint64
	live                          []liveStream // streams that have bits
	where, scratch                []uint64     // where keywords are looked for

	literals []literal.Hit
	keywords keywords       // those near digits
	asked    keywords       // those near values without digits at their ends
	far      keywords       // those of rules with Around
	allowed  []Match        // found, and on an allow list
	near     []nearKeyword  // of a strip
	active   activeRules    // of those near a block
	found    [4]candidates  // see foundAlone
	merged   [3][]candidate // see merge
	compact  []byte         // one value, see compact
	patterns []progress     // by rule without an anchor
	cover    []int          // see resolve
	reached  []int          // see resolve

	nearnesses []nearness // see dropRelatives

	hidden            []int     // where hidden characters are
	rowEnd, rowBeyond int       // see hides
	plain             plainText // around some of them
	inner             []Match   // in that
	inside            *search   // that searches it; nil until there is something

	tried  int // shapes compared, and matchers and patterns tried
	looked int // keywords looked at, and bytes on the way to them, for tests
	passed int // bytes looked at on the way to starts of patterns, for tests
}

type liveStream struct {
	stream
	plane []uint64
}

// strip is how many bytes are looked at at a time: so few that text and planes
// stay in the second-level cache, so many that what a program costs before its
// first word does not count.
const strip = 32 << 10

// What is around a strip is in its planes too: a value that starts in its last
// block, or a keyword before its first.
const around = bitmap.MaxAhead

func newSearch(s *Set) *search {
	const words = (strip + 2*around) / bitmap.Block
	return &search{
		set:     s,
		arena:   bitmap.NewArena(s.index.program, s.kernel, strip+2*around),
		live:    make([]liveStream, 0, len(s.index.streams)),
		where:   make([]uint64, words+1),
		scratch: make([]uint64, words+17),
		compact: make([]byte, 0, maxLead),
		active:  activeRules{rules: s.index.beside.newSet()},
		cover:   make([]int, s.index.levels),
		reached: make([]int, len(s.rules)),

		patterns: make([]progress, len(s.index.anywhere)),
	}
}

// run searches w[from:to] and appends the matches to dst.
func (q *search) run(dst []Match, w []byte, from, to int) []Match {
	q.w, q.from, q.to, q.tried = w, max(from, 0), min(to, len(w)), 0
	q.looked, q.passed = 0, 0
	if q.from < q.to {
		for i := range q.found {
			q.found[i].reset()
		}
		q.keywords.reset()
		q.asked.reset()
		q.far.reset()
		q.hidden, q.rowEnd, q.rowBeyond = q.hidden[:0], 0, 0
		q.walk()
		q.walkAnywhere()
		q.unhide()
		dst = q.withoutAllowed(q.resolve(dst), len(dst))
	}
	q.w = nil
	clear(q.compact[:cap(q.compact)])
	return dst
}

// walk tries the rules that have an anchor, strip by strip.
func (q *search) walk() {
	ix := q.set.index
	far := max(ix.around, ix.literalAround)
	end := min(len(q.w), q.to+far)
	for at := max(0, q.from-far); at < end; at += strip {
		next := min(at+strip, end)
		if ix.literals != nil {
			q.walkLiterals(at, next)
		}
		if from, to := max(at, q.from-ix.around), min(next, q.to+ix.around); from < to {
			q.walkPlanes(from, to)
		}
	}
}

// walkLiterals tries the rules whose anchors are literals that start in
// w[at:end].
func (q *search) walkLiterals(at, end int) {
	ix := q.set.index
	q.literals = ix.literals.Find(q.literals[:0], q.w, at, end, 0, nil, q.scratch)
	for _, h := range q.literals {
		q.tryAll(&q.found[foundLiteral], ix.literalRules[h.Pattern], h.Start)
	}
}

// walkPlanes tries the rules whose anchors show in planes in w[at:end].
func (q *search) walkPlanes(at, end int) {
	q.read(at, end)
	if q.set.index.keywords != nil {
		q.besides(q.findKeywords(at, end))
		q.besidePlaces(at, end)
	}
	if q.set.index.hiding != nil {
		q.hidesBeyond(at, end)
	}
	q.walkStreams(at, end)
}

// read makes the planes of w[at:end] and what is around it.
func (q *search) read(at, end int) {
	q.base, q.limit = max(0, at-around), min(len(q.w), end+around)
	q.arena.Run(q.w[q.base:q.limit])
	q.digit, _ = q.arena.Plane(planeDigit)
	q.letter, _ = q.arena.Plane(planeLetter)
	q.digits, _ = q.arena.Plane(planeDigits)
	q.tokens, _ = q.arena.Plane(planeTokens)
}

// walkStreams tries the rules of all streams at their bits in w[at:end].
func (q *search) walkStreams(at, end int) {
	ix := q.set.index
	often, _ := q.arena.Plane(planeOften)
	seldom, _ := q.arena.Plane(planeSeldom)
	inner, _ := q.arena.Plane(planeInner)
	q.live = q.live[:0]
	n := 0 // live streams that often have bits
	for i, s := range ix.streams {
		if i == ix.often {
			n = len(q.live)
		}
		if plane, some := q.arena.Plane(planeStreams + i); some {
			q.live = append(q.live, liveStream{s, plane})
		}
	}
	if ix.often == len(ix.streams) {
		n = len(q.live)
	}
	first, last := q.reach(at, end)
	for k := first; k < last; k++ {
		if often[k]|seldom[k] == 0 {
			continue
		}
		mask := ^uint64(0)
		if k == first || k == last-1 {
			mask = q.within(k, at, end)
		}
		if often[k] != 0 {
			q.walkWord(q.live[:n], k, mask)
		}
		if seldom[k] != 0 {
			q.walkWord(q.live[n:], k, mask&^inner[k])
		}
	}
}

// walkWord tries the rules of streams at their bits in word k that are in mask.
func (q *search) walkWord(streams []liveStream, k int, mask uint64) {
	for i := range streams {
		s := &streams[i]
		for bit := s.plane[k] & mask; bit != 0; bit &= bit - 1 {
			q.try(&s.stream, k, bits.TrailingZeros64(bit))
		}
	}
}

// reach returns the words of the planes that have bits of w[from:to].
func (q *search) reach(from, to int) (first, last int) {
	return max(0, from-q.base) / bitmap.Block, bitmap.Words(max(0, min(to, q.limit)-q.base))
}

// within returns the bits of word k that are in w[from:to].
func (q *search) within(k, from, to int) uint64 {
	low, high := from-q.base-k*bitmap.Block, to-q.base-k*bitmap.Block
	mask := ^uint64(0)
	if low > 0 {
		mask <<= low
	}
	if high < bitmap.Block {
		mask &= 1<<max(high, 0) - 1
	}
	return mask
}

// try tries the rules of s at bit i of word k.
func (q *search) try(s *stream, k, i int) {
	at := q.base + k*bitmap.Block + i
	switch found := &q.found[foundAlone]; s.kind {
	case streamRules:
		q.tryAll(found, s.rules, at)
	case streamAsked:
		for j, r := range s.rules {
			if r.anchoredAt(q.w, at) {
				q.tryAll(found, s.rules[j:j+1], at)
			}
		}
	case streamLong:
		q.tryPrefixed(found, at)
	case streamFirst:
		q.tryFirst(found, s.first, at)
	case streamHidden:
		q.hides(at, &q.rowEnd)
	case streamTokens:
		q.tryTokens(at, window(q.digit, k, i), window(q.letter, k, i))
	case streamMarks:
		q.tryShapes(q.set.index.markShapes[q.w[at]], at, window(q.digit, k, i), window(q.letter, k, i))
	}
}

// tryTokens tries the shapes that can start with the token at a position, from
// which on digits and letters are the planes.
func (q *search) tryTokens(at int, digits, letters uint64) {
	ix := q.set.index
	kind, n := leadToken(digits, letters)
	if ix.leadLens[kind]>>(n%64)&1 == 0 {
		return
	}
	follower := 0
	if at+n < len(q.w) {
		follower = int(ix.followers[q.w[at+n]])
	}
	shapes := &ix.lead[kind][n][follower]
	q.tryShapes(shapes.open, at, digits, letters)
	if len(shapes.prefixed) == 0 || at+1 == len(q.w) {
		return
	}
	if number := int(ix.prefixes[prefixKey(q.w[at], q.w[at+1])]); number < len(shapes.prefixed) {
		q.tryShapes(shapes.prefixed[number], at, digits, letters)
	}
}

// leadToken returns the kind and the length of the token with which planes
// begin: at most 64, and then perhaps of a longer one.
func leadToken(digits, letters uint64) (kind, n int) {
	n = bits.TrailingZeros64(^(digits | letters))
	token := ^uint64(0) >> (64 - n)
	switch {
	case letters&token == 0:
		return kindDigits, n
	case digits&token == 0:
		return kindLetters, n
	}
	return kindMixed, n
}

// window returns the 64 bits of plane from bit b of word k on, b < 64.
func window(plane []uint64, k, b int) uint64 { return joined64(plane[k], plane[k+1], b) }

// joined64 returns the 64 bits from bit b of low on, behind which is high. It says
// that b < 64 in a way that spares the processor to ask.
func joined64(low, high uint64, b int) uint64 { return low>>(b&63) | high<<1<<(^b&63) }

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// tryShapes tries each shape at a position, from which on digits and letters
// are the planes.
func (q *search) tryShapes(shapes []shape, at int, digits, letters uint64) {
	for i := range shapes {
		q.tried++
		if s := &shapes[i]; s.fits(digits, letters) && q.hasShape(s, at, digits, letters) {
			key := needed(s.needsKey)
			if s.bare && (s.rule.Sure == nil || s.rule.isSure(q.w[at:at+s.size], q.compact)) {
				key = keyMissed
			}
			q.add(&q.found[foundAlone], s.rule, at, at+s.size, key)
		}
	}
}

// hasShape reports whether a valid value of shape s stands at a position, from
// which on digits and letters are the planes and fit.
func (q *search) hasShape(s *shape, at int, digits, letters uint64) bool {
	if !q.hasBytes(s, at) {
		return false
	}
	if s.rule.Valid != nil {
		value := q.w[at : at+s.size]
		if !s.plain {
			q.compact = compact(q.compact[:0], value)
			value = q.compact
		}
		if !s.rule.Valid(value) {
			return false
		}
	}
	for i := range s.longer { // as goesOn does
		if l := &s.longer[i]; l.fits(digits, letters) && q.hasBytes(l, at) {
			return false
		}
	}
	return true
}

// hasBytes reports whether there is room for s at a position, its literals stand
// there and its neighbours are clear.
func (q *search) hasBytes(s *shape, at int) bool {
	return len(q.w)-at >= s.size && s.hasLiterals(q.w[at:]) && Clear(q.w, at, at+s.size)
}

// tryAll tries rules with Match or an anchored Pattern at their anchor.
func (q *search) tryAll(found *candidates, rules []*compiled, at int) {
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
			q.add(found, r, start, end, needed(r.needsKey(q.w[start:end])))
		}
	}
}

// add keeps a value, if it or what it contains can start in the part
// searched and it is not to be dropped.
func (q *search) add(found *candidates, r *compiled, start, end int, key keyState) {
	if end <= q.from || start >= q.to {
		return
	}
	if r.drops && q.isDropped(r, q.w[start:end]) {
		return
	}
	found.enter(q.set, candidate{Match{Rule: r.number, Start: start, End: end}, key})
}

// isDropped reports whether value has a word to ignore or is a dummy.
func (q *search) isDropped(r *compiled, value []byte) bool {
	if r.ignores(value) {
		return true
	}
	if r.dummies == nil || q.set.keep {
		return false
	}
	if len(r.Forms) > 0 || r.Joined {
		q.compact = compact(q.compact[:0], value)
		value = q.compact
	}
	return r.dummies.has(value)
}
