package detectors

import (
	"cmp"
	"slices"
)

// candidate is a value that has passed its own rule, but has not been asked
// for its keyword nor compared with others.
type candidate struct {
	Match
	key keyState
}

// keyState tells what is known of a keyword beside a value.
type keyState uint8

const (
	keyUnasked keyState = iota
	keyNear             // there is one
	keyMissed           // unasked, and without one it is less certain
	keyNeeded           // unasked, and without one it is no match
)

func needed(needsKey bool) keyState {
	if needsKey {
		return keyNeeded
	}
	return keyUnasked
}

// Values are found in four sweeps, each nearly in order, which are merged at
// the end.
const (
	foundAlone   = iota // at streams
	foundBeside         // beside keywords
	foundNamed          // in places with keywords in their names
	foundLiteral        // at literals, and patterns without an anchor
)

// candidates is a list with values before those that they contain: by start,
// longer ones first, and of equal spans those of higher priority first.
type candidates struct {
	list     []candidate
	unsorted bool // not in order yet
}

func (cs *candidates) reset() { cs.list, cs.unsorted = cs.list[:0], false }

// enter puts c into its place. Values come nearly in order, so a few steps
// back nearly always do; where they do not, sorted has to.
func (cs *candidates) enter(s *Set, c candidate) {
	const few = 32
	i := len(cs.list)
	cs.list = append(cs.list, c)
	if i == 0 || cs.list[i-1].Start < c.Start {
		return
	}
	for stop := max(0, i-few); i > stop && s.compare(c, cs.list[i-1]) < 0; i-- {
		cs.list[i] = cs.list[i-1]
	}
	cs.list[i] = c
	if i > 0 && s.compare(c, cs.list[i-1]) < 0 {
		cs.unsorted = true
	}
}

// sorted returns the list in order.
func (cs *candidates) sorted(s *Set) []candidate {
	if cs.unsorted {
		slices.SortFunc(cs.list, s.compare)
		cs.unsorted = false
	}
	return cs.list
}

func (s *Set) compare(a, b candidate) int {
	if a.Start != b.Start {
		return a.Start - b.Start
	}
	if a.End != b.End {
		return b.End - a.End
	}
	return cmp.Or(s.index.levelOf[b.Rule]-s.index.levelOf[a.Rule], compareMatches(a.Match, b.Match), cmp.Compare(a.key, b.key))
}

// merge returns what was found, in order.
func (q *search) merge() []candidate {
	all := q.found[foundAlone].sorted(q.set)
	for i, into := range [...]*[]candidate{foundBeside: &q.merged[0], foundNamed: &q.merged[1], foundLiteral: &q.merged[2]} {
		if i == foundAlone || len(q.found[i].list) == 0 {
			continue
		}
		*into = q.set.mergeTwo((*into)[:0], all, q.found[i].sorted(q.set))
		all = *into
	}
	return all
}

// mergeTwo appends a and b, which are in order, to dst in order.
func (s *Set) mergeTwo(dst, a, b []candidate) []candidate {
	for len(a) > 0 && len(b) > 0 {
		if a[0].Start < b[0].Start || a[0].Start == b[0].Start && s.compare(a[0], b[0]) <= 0 {
			dst, a = append(dst, a[0]), a[1:]
		} else {
			dst, b = append(dst, b[0]), b[1:]
		}
	}
	return append(append(dst, a...), b...)
}

// resolve appends to dst the values found that start in the part searched,
// without doubles, without those that lack the keyword they need, and without
// those that lie within a value of higher priority or a longer one of the same
// rule, which standsOut. Containment and priority are both transitive, so it does not matter
// whether the container is itself dropped.
//
// It is one pass in the order of candidates: cover[p] is the furthest end so
// far of a value of higher priority than level p, and reached[r] that of a
// value of rule r. All of them start no later than the value at hand, so it
// lies within one of them if it ends no later.
func (q *search) resolve(dst []Match) []Match {
	clear(q.cover)
	clear(q.reached)
	first, ordered, related := len(dst), true, false
	levelOf := q.set.index.levelOf
	last := Match{Rule: -1} // that did not stand out
	for _, c := range q.merge() {
		m := c.Match
		level := levelOf[m.Rule]
		if q.cover[level] >= m.End || q.reached[m.Rule] >= m.End || compareSpans(m, last) == 0 || !q.counts(&m, c.key) {
			continue
		}
		if !q.set.standsOut(m) {
			last = m
		} else {
			q.reached[m.Rule] = m.End
			if !q.set.rules[m.Rule].Apart {
				for p := range q.cover[:level] {
					q.cover[p] = max(q.cover[p], m.End)
				}
			}
		}
		if q.from <= m.Start && m.Start < q.to {
			ordered = ordered && (len(dst) == first || dst[len(dst)-1].Start < m.Start)
			dst = append(dst, m)
			related = related || q.set.rules[m.Rule].family > 0
		}
	}
	if !ordered {
		sortStarts(dst[first:])
	}
	if related && !ordered {
		dst = q.onePerFamily(dst, first)
	}
	return dst
}

// sortStarts puts matches in order that are in that of their starts.
func sortStarts(ms []Match) {
	for len(ms) > 0 {
		n := 1
		for n < len(ms) && ms[n].Start == ms[0].Start {
			n++
		}
		if n > 1 {
			slices.SortFunc(ms[:n], compareMatches)
		}
		ms = ms[n:]
	}
}

// counts reports whether m has the keyword it needs and is certain enough, and
// sets its confidence.
func (q *search) counts(m *Match, key keyState) bool {
	if m.Hidden {
		return true // it has been asked by inner
	}
	r := q.set.rules[m.Rule]
	m.Confidence = r.confidence(q.w, m.Start, m.End, q.compact)
	adds := r.asksKeyword(m.Confidence)
	if key >= keyMissed || key == keyUnasked && adds {
		if q.hasKeyword(*m) {
			key = keyNear
		}
	}
	switch {
	case key == keyNeeded:
		return false
	case key == keyMissed:
		m.Confidence = withoutKeyword(m.Confidence)
	case key == keyNear && adds:
		m.Confidence = withKeyword(m.Confidence)
	}
	return m.Confidence >= q.set.least(r)
}
