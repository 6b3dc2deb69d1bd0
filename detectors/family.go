package detectors

import (
	"cmp"
	"slices"

	"github.com/sluice-dlp/sluice/detectors/internal/literal"
)

// nearness tells how near a keyword is to a value: the bytes between them, and
// then how long it is, for a longer one says more. It starts at at.
type nearness struct{ distance, length, at int }

// nearer orders the nearest first.
func nearer(a, b nearness) int {
	return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(b.length, a.length))
}

// compareRelatives orders matches of one family and span, that which is kept
// first: one that standsOut, of others the most certain, then the nearest.
func (s *Set) compareRelatives(a, b foundMatch) int {
	outA, outB := s.standsOut(a.Match), s.standsOut(b.Match)
	switch {
	case outA && outB:
		return nearer(a.near, b.near)
	case outA:
		return -1
	case outB:
		return 1
	}
	return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), nearer(a.near, b.near))
}

// onePerFamily drops from ms[first:], which is in the order of compareMatches,
// those of which another match of their family with the same span comes first
// by compareRelatives, or by the order of rules.
func (q *search) onePerFamily(ms []Match, first int) []Match {
	kept := ms[:first]
	for rest := ms[first:]; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Start == rest[0].Start && rest[n].End == rest[0].End {
			n++
		}
		kept = append(kept, q.dropRelatives(rest[:n])...)
		rest = rest[n:]
	}
	return kept
}

// dropRelatives is onePerFamily for matches of one span. It moves those that
// are kept to the front.
func (q *search) dropRelatives(ms []Match) []Match {
	relatives := 0
	for _, m := range ms {
		if q.set.rules[m.Rule].family > 0 && !m.Hidden {
			relatives++
		}
	}
	if relatives < 2 {
		return ms
	}
	q.nearnesses = q.nearnesses[:0] // of those that are kept
	around := q.keywordsOf(ms[0]).from(ms[0].Start - Proximity - q.set.maxKey)
	names := namesOf(q.places, ms[0].Start, ms[0].End)
	kept := ms[:0]
	for _, m := range ms {
		r := q.set.rules[m.Rule]
		var n nearness
		if r.family > 0 && !m.Hidden {
			n = r.nearestOf(around, names, m)
		}
		rival := slices.IndexFunc(kept, func(other Match) bool {
			return r.family > 0 && !m.Hidden && !other.Hidden && q.set.rules[other.Rule].family == r.family
		})
		switch {
		case rival < 0:
			kept, q.nearnesses = append(kept, m), append(q.nearnesses, n)
		case q.set.compareRelatives(foundMatch{m, n}, foundMatch{kept[rival], q.nearnesses[rival]}) < 0:
			kept = append(append(kept[:rival], kept[rival+1:]...), m)
			q.nearnesses = append(append(q.nearnesses[:rival], q.nearnesses[rival+1:]...), n)
		}
	}
	return kept
}

// nearestOf returns how near the nearest keyword of r is to m, of those that are
// around it and of those among the names of its place, nil if it has none.
func (r *compiled) nearestOf(around []literal.Hit, names *Names, m Match) nearness {
	best := nearness{distance: 1 << 30}
	if names != nil {
		best, _ = names.nearness(r)
	}
	for _, h := range around {
		if h.Start > m.End+Proximity {
			break
		}
		if r.keys[h.Pattern/64]>>(h.Pattern%64)&1 == 0 || !isNear(h.Start, h.End, m.Start, m.End) {
			continue
		}
		if n := (nearness{max(m.Start-h.End, h.Start-m.End), h.End - h.Start, h.Start}); nearer(n, best) < 0 {
			best = n
		}
	}
	return best
}
