package detectors

import (
	"slices"
	"sort"

	"github.com/sluice-dlp/sluice/detectors/internal/literal"
)

// keywordSweep finds keywords where values ask for them. Values ask in the
// order of their starts, so it goes over each byte at most once.
type keywordSweep struct {
	hits    []literal.Hit // keywords so far, as words of their own, by end
	first   int           // the first in hits that may still be near
	scanned int           // how far the text has been searched
	state   literal.State
	work    int // bytes searched and keywords looked at, for tests
}

// eager is how much is searched at a time where values stand close together.
const eager = 1 << 10

// dropWithoutKeyword takes the values that lack the keyword they need out
// of q.found, which is sorted by start.
func (q *search) dropWithoutKeyword() {
	q.keywords = keywordSweep{hits: q.keywords.hits[:0]}
	kept := q.found[:0]
	for _, c := range q.found {
		if !c.needsKey || q.hasKeyword(c.Match) {
			kept = append(kept, c)
		}
	}
	q.found = kept
}

// hasKeyword reports whether a keyword of its rule stands near m. It is asked
// in the order of starts.
func (q *search) hasKeyword(m Match) bool {
	ks := &q.keywords
	longest := q.set.maxKey
	q.sweep(m.Start-Proximity-longest, m.End+Proximity+longest)
	for ks.first < len(ks.hits) && ks.hits[ks.first].End < m.Start-Proximity {
		ks.first++
	}
	keys := q.set.rules[m.Rule].keys
	isKey := func(h literal.Hit) bool { return keys[h.Pattern/64]>>(h.Pattern%64)&1 != 0 }
	near := ks.hits[ks.first:]
	for _, h := range near {
		ks.work++
		if h.End > m.Start {
			break
		}
		if isKey(h) {
			return true
		}
	}
	after := sort.Search(len(near), func(i int) bool { return near[i].End > m.End })
	for _, h := range near[after:] {
		ks.work++
		if h.End > m.End+Proximity+longest {
			break
		}
		if m.End <= h.Start && h.Start <= m.End+Proximity && isKey(h) {
			return true
		}
	}
	return false
}

// sweep makes sure that the keywords within w[from:to] are in hits.
func (q *search) sweep(from, to int) {
	ks := &q.keywords
	from, to = max(from, 0), min(to, len(q.w))
	if from > ks.scanned {
		ks.hits, ks.first, ks.scanned, ks.state = ks.hits[:0], 0, from, 0
	}
	if to <= ks.scanned {
		return
	}
	if from < ks.scanned { // values are dense here: the next will ask for what follows
		to = min(max(to, ks.scanned+eager), len(q.w))
	}
	if ks.first > len(ks.hits)/2 {
		ks.hits = slices.Delete(ks.hits, 0, ks.first)
		ks.first = 0
	}
	old := len(ks.hits)
	ks.hits, ks.state = q.set.index.keywords.Scan(ks.hits, ks.state, q.w[ks.scanned:to], ks.scanned)
	ks.work += to - ks.scanned
	ks.scanned = to
	kept := ks.hits[:old]
	for _, h := range ks.hits[old:] {
		if keywordBounded(q.w, h.Start, h.End) {
			kept = append(kept, h)
		}
	}
	ks.hits = kept
}
