package detectors

import (
	"slices"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
)

// What [Set.Find] finds beyond the matches in the bytes as they stand: those
// that show when the hidden characters among letters and digits (see isHidden)
// are replaced by what they stand for. The definition is FindNaive: replace them
// in the whole window, search that with the rules that have short values, and
// keep the matches with a hidden character in them.
//
// Find does so only around hidden characters, as far as one can matter to a
// match or a match depends on. They are rare: a plane tells digits with an escape
// behind them, and a few literals are looked for with those of the rules.

const (
	// hiddenLen is the longest value, in plain characters, that is looked for
	// amid hidden ones.
	hiddenLen = 64

	// hiddenSpan is how many bytes such a value may have as it stands.
	hiddenSpan = hiddenLen * longestHidden
)

// newInner makes the set of the rules that are looked for amid hidden characters,
// nil if there are none: not secrets, which are copied and not typed, nor
// patterns, which may say what they mean themselves.
func (s *Set) newInner(rules []Rule, opts Options) (*Set, error) {
	var short []Rule
	var numbers []int
	for i, r := range rules {
		if r.Category != Credentials && r.Category != Custom && r.Pattern == "" {
			r.MaxLen = min(r.MaxLen, hiddenLen)
			short = append(short, r)
			numbers = append(numbers, i)
		}
	}
	if len(short) == 0 {
		return nil, nil
	}
	opts.plain, opts.Allow = true, nil // lists are asked at the end
	inner, err := Compile(short, opts)
	if err == nil {
		inner.numbers = numbers
	}
	return inner, err
}

// plainText is text with its hidden characters replaced.
type plainText struct {
	text     []byte
	from, to []int // for each byte of text, where it stands in the original
}

func (p *plainText) reset() { p.text, p.from, p.to = p.text[:0], p.from[:0], p.to[:0] }

// append appends w[from:to], in which the hidden characters at the positions at
// are replaced.
func (p *plainText) append(w []byte, from, to int, at []int) {
	for i := from; i < to; {
		c, n := w[i], 1
		if len(at) > 0 && at[0] == i {
			h := hiddenAt(w, i)
			c, n, at = h.plain, h.size, at[1:]
			if c == 0 {
				i += n
				continue
			}
		}
		p.text, p.from, p.to = append(p.text, c), append(p.from, i), append(p.to, i+n)
		i += n
	}
}

// original returns m, which is a match in p, as one in the original, and
// whether it has a hidden character in it.
func (p *plainText) original(m Match) (Match, bool) {
	n := m.End - m.Start
	m.Start, m.End, m.Hidden = p.from[m.Start], p.to[m.End-1], true
	return m, m.End-m.Start > n && m.End-m.Start <= hiddenSpan
}

// places appends to dst those of the original as they are in p, for Set.inner.
func (p *plainText) places(dst, original []Place) []Place {
	for _, place := range original {
		start, _ := slices.BinarySearch(p.from, place.Start)
		end, _ := slices.BinarySearch(p.from, place.End)
		if start < end && place.Names.inner != nil {
			dst = append(dst, Place{start, end, place.Names.inner})
		}
	}
	return dst
}

// hiddenAround is how far from the part searched a hidden character can matter:
// the longest match that contains one in the part, and what it depends on.
func (s *Set) hiddenAround() int {
	if s.inner == nil {
		return 0
	}
	return hiddenSpan + s.hiddenContext()*longestHidden + (hiddenInRow+3)*longestHidden
}

// hiddenContext is how far from a hidden character, in plain ones, the matches
// with it reach and what they depend on.
func (s *Set) hiddenContext() int { return hiddenLen + s.inner.Margin() }

// hides notes the hidden character at w[at], if there is one that has to be
// read, and those in a row behind it, up to the end of which rowEnd is then; a
// plain joiner may divide the row. It is called with ascending places for each
// rowEnd.
func (q *search) hides(at int, rowEnd *int) {
	if at < *rowEnd {
		return // in the row
	}
	for at < len(q.w) {
		q.looked++
		h, ok := isHidden(q.w, at)
		if ok {
			q.hidden = append(q.hidden, at)
		}
		if h.size == 0 {
			if at != *rowEnd || at+1 >= len(q.w) || !isPlainJoiner(q.w[at]) || q.w[at+1] < utf8.RuneSelf {
				return
			}
			at++
			continue
		}
		at += h.size
		*rowEnd = at
	}
}

// hidesBeyond notes the hidden characters beyond ASCII in w[at:end] that may
// stand elsewhere than behind a digit.
func (q *search) hidesBeyond(at, end int) {
	plane, some := q.arena.Plane(planeBeyond)
	if !some {
		return
	}
	first, last := q.reach(at, end)
	where := q.where[:copy(q.where, plane[first:last])]
	where[0] &= q.within(first, at, end)
	where[len(where)-1] &= q.within(last-1, at, end)
	q.literals = q.set.index.hiding.Find(q.literals[:0], q.w, q.base+first*bitmap.Block, end, 0, where, q.scratch)
	for _, h := range q.literals {
		q.hides(h.Start, &q.rowBeyond)
	}
}

// unhide searches what is around the hidden characters and adds the matches.
func (q *search) unhide() {
	if len(q.hidden) == 0 {
		return
	}
	slices.Sort(q.hidden)
	q.hidden = slices.Compact(q.hidden)
	context := q.set.hiddenContext()
	for rest := q.hidden; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n]-rest[n-1] < 2*context+longestHidden {
			n++
		}
		q.unhideRow(rest[:n], max(0, rest[0]-context), min(len(q.w), rest[n-1]+longestHidden+context))
		rest = rest[n:]
	}
}

// unhideRow does so for w[from:to], which has the hidden characters at.
func (q *search) unhideRow(at []int, from, to int) {
	inner, p := q.set.inner, &q.plain
	p.reset()
	p.append(q.w, from, to, at)
	var places []Place
	if len(q.places) > 0 {
		places = p.places(nil, q.places)
	}
	if q.inside == nil {
		q.inside = newSearch(inner)
	}
	q.inside.places = places
	q.inner = q.inside.run(q.inner[:0], p.text, 0, len(p.text))
	q.inside.places = nil
	for _, m := range q.inner {
		if m, ok := p.original(m); ok && m.End > q.from && m.Start < q.to {
			m.Rule = inner.numbers[m.Rule]
			q.found[foundLiteral].enter(q.set, candidate{m, keyNear})
		}
	}
	clear(p.text)
}

// findHidden is the definition of what unhide adds.
func (s *Set) findHidden(w []byte, places []Place) []foundMatch {
	var at []int
	for i := 0; i < len(w); {
		if h, ok := isHidden(w, i); ok {
			at = append(at, i)
			i += h.size
		} else {
			i++
		}
	}
	if s.inner == nil || len(at) == 0 {
		return nil
	}
	var p plainText
	p.append(w, 0, len(w), at)
	var found []foundMatch
	for _, m := range s.inner.FindNaiveIn(nil, p.text, 0, len(p.text), p.places(nil, places)) {
		if m, ok := p.original(m); ok {
			m.Rule = s.inner.numbers[m.Rule]
			found = append(found, foundMatch{Match: m})
		}
	}
	return found
}

// Plain appends value to dst with its hidden characters replaced by what they
// stand for: full-width digits, escapes, entities.
func Plain(dst, value []byte) []byte {
	for i := 0; i < len(value); {
		h, ok := isHidden(value, i)
		switch {
		case !ok:
			dst = append(dst, value[i])
			i++
			continue
		case h.plain != 0:
			dst = append(dst, h.plain)
		}
		i += h.size
	}
	return dst
}
