package detectors

import (
	"cmp"
	"sort"
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
	kept := ms[:0]
	for _, m := range ms {
		rival := -1
		for i, other := range kept {
			if f := q.set.rules[m.Rule].family; f > 0 && !m.Hidden && !other.Hidden && q.set.rules[other.Rule].family == f {
				rival = i
			}
		}
		switch {
		case rival < 0:
			kept = append(kept, m)
		case q.set.compareRelatives(foundMatch{m, q.nearest(m)}, foundMatch{kept[rival], q.nearest(kept[rival])}) < 0:
			kept = append(append(kept[:rival], kept[rival+1:]...), m)
		}
	}
	return kept
}

// nearest returns how near the nearest keyword of its rule is to m.
func (q *search) nearest(m Match) nearness {
	best := nearness{distance: 1 << 30}
	if names := namesOf(q.places, m.Start, m.End); names != nil {
		best, _ = names.nearness(q.set.rules[m.Rule])
	}
	ks, keys := q.keywordsOf(m), q.set.rules[m.Rule].keys
	low := m.Start - Proximity - q.set.maxKey
	at := sort.Search(len(ks.hits), func(i int) bool { return ks.hits[i].Start >= low })
	for _, h := range ks.hits[at:] {
		if h.Start > m.End+Proximity {
			break
		}
		if keys[h.Pattern/64]>>(h.Pattern%64)&1 == 0 || !isNear(h, m) {
			continue
		}
		if n := (nearness{max(m.Start-h.End, h.Start-m.End), h.End - h.Start, h.Start}); nearer(n, best) < 0 {
			best = n
		}
	}
	return best
}
