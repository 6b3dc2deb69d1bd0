package detectors

import (
	"cmp"
	"slices"
)

// enter puts c into q.found, values before those that they contain: by start,
// longer ones first, and of equal spans those of higher priority first. Values
// come nearly in that order, so a few steps back nearly always do; where they
// do not, sortFound has to.
func (q *search) enter(c candidate) {
	const few = 32
	q.found = append(q.found, c)
	i := len(q.found) - 1
	for stop := max(0, i-few); i > stop && q.compare(c, q.found[i-1]) < 0; i-- {
		q.found[i] = q.found[i-1]
	}
	q.found[i] = c
	if i > 0 && q.compare(c, q.found[i-1]) < 0 {
		q.unsorted = true
	}
}

func (q *search) sortFound() {
	if q.unsorted {
		slices.SortFunc(q.found, q.compare)
	}
}

func (q *search) compare(a, b candidate) int {
	if a.Start != b.Start {
		return a.Start - b.Start
	}
	if a.End != b.End {
		return b.End - a.End
	}
	return cmp.Or(q.set.rules[b.Rule].level-q.set.rules[a.Rule].level, a.Rule-b.Rule)
}

// resolve appends to dst the values in q.found that start in the part
// searched, without doubles and without those that lie within a value of
// higher priority or a longer one of the same rule. Containment and priority
// are both transitive, so it does not matter whether the container is itself
// dropped.
//
// It is one pass in the order of enter: cover[p] is the furthest end so
// far of a value of higher priority than level p, and reach[r] that of a value
// of rule r. All of them start no later than the value at hand, so it lies
// within one of them if it ends no later.
func (q *search) resolve(dst []Match) []Match {
	clear(q.cover)
	clear(q.reach)
	first := len(dst)
	for _, c := range q.found {
		level := q.set.rules[c.Rule].level
		if q.cover[level] >= c.End || q.reach[c.Rule] >= c.End {
			continue
		}
		q.reach[c.Rule] = c.End
		for p := range q.cover[:level] {
			q.cover[p] = max(q.cover[p], c.End)
		}
		if q.from <= c.Start && c.Start < q.to {
			dst = append(dst, c.Match)
		}
	}
	if found := dst[first:]; !slices.IsSortedFunc(found, compareMatches) {
		slices.SortFunc(found, compareMatches)
	}
	return dst
}
