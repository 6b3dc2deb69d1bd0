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

// onePerFamily drops from ms[first:], which is in the order of compareMatches,
// those of which another match of their family with the same span is nearer to
// its keyword, or as near and of an earlier rule.
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
		case nearer(q.nearest(m), q.nearest(kept[rival])) < 0:
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
		if keys[h.Pattern/64]>>(h.Pattern%64)&1 == 0 || !isNear(h.Start, h.End, m.Start, m.End) {
			continue
		}
		if n := (nearness{max(m.Start-h.End, h.Start-m.End), h.End - h.Start, h.Start}); nearer(n, best) < 0 {
			best = n
		}
	}
	return best
}
