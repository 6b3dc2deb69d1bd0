package detectors

import (
	"github.com/sluice-dlp/sluice/detectors/internal/literal"
	"github.com/sluice-dlp/sluice/detectors/internal/pattern"
)

// anywhere is what is made of the patterns without an anchor. They are defined
// by a trial at every position (findAnywhere) and tried where they can match:
// around literals that their matches contain, or where bytes stand that their
// matches begin with. Where neither says much, the engine looks for starts:
// everywhere, or around the keywords that the values need.
type anywhere struct {
	patterns []*unanchored
	maxLen   int

	literals *literal.Matcher // folded; nil if there are none
	needs    [][]need         // by number of the literal
	around   int              // how far outside a match its literal may end
	heads    []heads
	searched []*unanchored // everywhere
}

// unanchored is a pattern without an anchor.
type unanchored struct {
	rule     *compiled
	number   int           // in anywhere.patterns
	bytes    pattern.Class // what matches consist of
	way      way
	literals []pattern.Literal // with byLiterals and byKeywords
	lead     pattern.Class     // the Lead of all of them
	reach    int               // their greatest Hi

	// Bit 0 of head[c] is set if c may stand before a match, and bit i if it may
	// be byte i of one, counted from 1 to headLen.
	head    [256]uint8
	headLen int
}

// way is how the starts of a pattern are found.
type way uint8

const (
	byLiterals way = iota // around literals
	byHead                // where its head fits
	byKeywords            // by the engine, around keywords
	byEngine              // by the engine
)

func newAnywhere(rules []*compiled) *anywhere {
	a := new(anywhere)
	for i, r := range rules {
		p := newUnanchored(r, i)
		a.patterns = append(a.patterns, p)
		a.maxLen = max(a.maxLen, r.MaxLen)
		switch p.way {
		case byHead:
			a.addHead(p)
		case byEngine:
			a.searched = append(a.searched, p)
		}
	}
	a.addLiterals()
	return a
}

func newUnanchored(r *compiled, number int) *unanchored {
	p := &unanchored{rule: r, number: number, bytes: r.pattern.Bytes()}
	head := r.pattern.Head()
	p.headLen = len(head.Bytes)
	for c := range 256 {
		p.head[c] = uint8(bit(head.Before.Has(byte(c))))
		for i, class := range head.Bytes {
			p.head[c] |= uint8(bit(class.Has(byte(c)))) << (i + 1)
		}
	}
	p.choose(head)
	for _, l := range p.literals {
		p.lead, p.reach = p.lead.Or(l.Lead), max(p.reach, l.Hi)
	}
	return p
}

// choose decides how the starts of p are found: around literals if these are
// rare, or rarer than its head.
func (p *unanchored) choose(head pattern.Head) {
	const rare = 1e-3
	r := p.rule
	for _, l := range r.pattern.Literals() {
		// The rest of them stands in longer matches only, which are none.
		if l.Hi = min(l.Hi, r.MaxLen-len(l.Text)); l.Lo <= l.Hi {
			p.literals = append(p.literals, l)
		}
	}
	switch {
	case len(p.literals) > 0 && pattern.Chance(p.literals) <= max(rare, min(head.Chance(), pattern.Dense)):
		p.way = byLiterals
	case head.Chance() <= pattern.Dense:
		p.way, p.literals = byHead, nil
	case r.NeedKeyword:
		p.way, p.literals = byKeywords, r.keywordNeeds()
	default:
		p.way, p.literals = byEngine, nil
	}
}

// fits reports whether the head of p stands at w[at].
func (p *unanchored) fits(w []byte, at int) bool {
	if at > 0 && p.head[w[at-1]]&1 == 0 || len(w)-at < p.headLen {
		return false
	}
	for i, c := range w[at : at+p.headLen] {
		if p.head[c]>>(i+1)&1 == 0 {
			return false
		}
	}
	return true
}

// progress is how far the search for one pattern has come.
//
// A match that overlaps one which starts before it is dropped, but those
// behind it count as overlapping it all the same. So whether there is a match at
// a start within a match that stands is of interest only if it can reach the
// next one. Such starts are put off until then; most are never tried.
type progress struct {
	taken  int // the furthest end of the matches so far
	putOff int // starts from here to taken have been put off

	starts   []stretch // found around literals
	unsorted bool      // and not in order
	lead     stretch   // bytes seen to be of its lead
}

// stretch is the bytes, or the starts, from from to to.
type stretch struct{ from, to int }

// walkAnywhere searches for the patterns that have no anchor: see
// [Rule.Pattern] for what counts. A match that starts up to MaxLen before the
// part can contain one in it, and itself depends on those that start up to
// MaxLen before it.
func (q *search) walkAnywhere() {
	a := q.set.index.patterns
	for i := range q.patterns {
		q.patterns[i] = progress{starts: q.patterns[i].starts[:0]}
	}
	from := max(0, q.from-2*a.maxLen)
	q.walkNeeds(a, from)
	for i := range a.heads {
		q.walkHeads(&a.heads[i], from)
	}
	for _, p := range a.searched {
		q.tryStarts(p, stretch{from, q.to})
	}
}

// tryStarts tries p at starts, which lie behind those tried before or are
// among them.
func (q *search) tryStarts(p *unanchored, starts stretch) {
	for at := starts.from; ; at++ {
		at = q.nextStart(p, stretch{max(at, q.patterns[p.number].taken), starts.to})
		if at >= starts.to {
			return
		}
		q.passed++
		if p.fits(q.w, at) {
			q.tryPattern(p, at)
		}
	}
}

// nextStart returns a position in starts before which p matches nowhere in
// them, or one behind them if it does not match there at all. While there are
// many, it asks the engine.
func (q *search) nextStart(p *unanchored, starts stretch) int {
	const many = 32
	r := p.rule
	at := starts.from
	for starts.to-at > many {
		// An engine may look ahead to the end of what it is shown before it
		// knows where the next match starts, so that is a bounded piece.
		end := min(starts.to, at+4*(r.MaxLen+Reach))
		start, ok := r.pattern.NextStart(q.w[:min(len(q.w), end+r.MaxLen+Reach)], at)
		if ok && start < end {
			q.passed += start - at
			return start
		}
		q.passed += end - at
		at = end
	}
	return at
}

// tryPattern tries p at a start whose head fits and which lies behind those tried
// before, or puts that off.
func (q *search) tryPattern(p *unanchored, at int) {
	g, r := &q.patterns[p.number], p.rule
	if at < g.taken {
		return
	}
	q.tried++
	m, ok := r.matchPattern(q.w, at)
	if !ok {
		return
	}
	q.catchUp(p, at)
	value := q.w[m.ValueStart:m.ValueEnd]
	if at >= g.taken && (r.Valid == nil || r.Valid(value)) {
		q.add(&q.found[foundLiteral], r, m.ValueStart, m.ValueEnd, needed(r.needsKey(value)))
	}
	g.taken, g.putOff = max(g.taken, m.End), at+1
}

// catchUp tries p at the starts that were put off, if one of them may have a
// match that reaches beyond at.
func (q *search) catchUp(p *unanchored, at int) {
	g := &q.patterns[p.number]
	if g.putOff >= g.taken {
		return
	}
	for _, c := range q.w[g.taken:at] {
		if !p.bytes.Has(c) {
			return
		}
	}
	for start, end := max(g.putOff, at-p.rule.MaxLen+1), g.taken; start < end; start++ {
		if !p.fits(q.w, start) {
			continue
		}
		q.tried++
		if m, ok := p.rule.matchPattern(q.w, start); ok {
			g.taken = max(g.taken, m.End)
		}
	}
}
