package detectors

import (
	"slices"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
	"github.com/sluice-dlp/sluice/detectors/internal/literal"
)

// keywords are those that stand in a part of the text, as words of their own,
// by start.
type keywords struct {
	hits    []literal.Hit
	scanned int // how far the text has been searched
	asked   int // number of the hit that from returned last
}

func (ks *keywords) reset() { ks.hits, ks.scanned, ks.asked = ks.hits[:0], 0, 0 }

// from returns the keywords that start at low or behind it. It is asked nearly in
// order.
func (ks *keywords) from(low int) []literal.Hit {
	i := ks.asked
	for i < len(ks.hits) && ks.hits[i].Start < low {
		i++
	}
	for i > 0 && ks.hits[i-1].Start >= low {
		i--
	}
	ks.asked = i
	return ks.hits[i:]
}

// findKeywords finds the keywords that start in w[at:end] and are so near to
// a digit that they may stand beside a value with one.
func (q *search) findKeywords(at, end int) []literal.Hit {
	plane, some := q.arena.Plane(planeKeyword)
	if !some {
		return nil
	}
	// The Finder takes its bits from the start of the part: whole words.
	first, last := q.reach(at, end)
	where := q.where[:copy(q.where, plane[first:last])]
	where[0] &= q.within(first, at, end)
	where[len(where)-1] &= q.within(last-1, at, end)
	old := len(q.keywords.hits)
	q.scanKeywords(&q.keywords, q.base+first*bitmap.Block, end, where)
	return q.keywords.hits[old:]
}

// scanKeywords appends to ks the keywords that start at bits of where, of
// which the first is for w[from], and before w[to].
func (q *search) scanKeywords(ks *keywords, from, to int, where []uint64) {
	old := len(ks.hits)
	ks.hits = q.set.index.keywords.Find(ks.hits, q.w, from, to, where)
	q.looked += len(ks.hits) - old
	kept := ks.hits[:old]
	for _, h := range ks.hits[old:] {
		if keywordBounded(q.w, h.Start, h.End) {
			kept = append(kept, h)
		}
	}
	ks.hits, ks.scanned = kept, to
}

// hasKeyword reports whether a keyword of its rule stands near m, or among the
// names of its place. Of values
// that are long or have no digit at their ends it is asked in the order of starts.
func (q *search) hasKeyword(m Match) bool {
	r := q.set.rules[m.Rule]
	if r.far {
		return q.hasFarKeyword(r, m) || q.isNamed(r, m)
	}
	return q.isBeside(m) || q.isNamed(r, m)
}

// isNamed reports whether a keyword of r is among the names of the place of m.
func (q *search) isNamed(r *compiled, m Match) bool {
	names := namesOf(q.places, m.Start, m.End)
	return names != nil && names.has(r)
}

// keywordsOf returns the list that has the keywords near m.
func (q *search) keywordsOf(m Match) *keywords {
	if m.End-m.Start <= maxBeside && hasOuterDigits(q.w[m.Start:m.End]) {
		return &q.keywords
	}
	q.askKeywords(m)
	return &q.asked
}

// isBeside reports whether a keyword of its rule is near m.
func (q *search) isBeside(m Match) bool {
	keys := q.set.rules[m.Rule].keys
	for _, h := range q.keywordsOf(m).from(m.Start - Proximity - q.set.maxKey) {
		q.looked++
		if h.Start > m.End+Proximity {
			break
		}
		if keys[h.Pattern/64]>>(h.Pattern%64)&1 != 0 && isNear(h.Start, h.End, m.Start, m.End) {
			return true
		}
	}
	return false
}

// isNear reports whether a keyword at [start,end) is beside the value at
// [from,to) and not too far from it.
func isNear(start, end, from, to int) bool {
	return end <= from && from-end <= Proximity || to <= start && start-to <= Proximity
}

// askKeywords makes sure that the keywords near m, wherever they are, are in
// q.asked. It goes over each byte at most once.
func (q *search) askKeywords(m Match) {
	const piece = strip
	ks := &q.asked
	from, to := max(ks.scanned, m.Start-Proximity-q.set.maxKey), min(len(q.w), m.End+Proximity+1)
	for from < to {
		end := min(from+piece, to)
		q.looked += end - from
		q.scanKeywords(ks, from, end, nil)
		from = end
	}
}

func hasDigit(v []byte) bool { return slices.ContainsFunc(v, isDigit) }
