package detectors

import "cmp"

// Find appends the matches that start in w[from:to] to dst, sorted by start,
// end and rule. w must hold [Set.Margin] bytes on both sides of that part, or
// reach to the end of the data there; then the outcome does not depend on
// where the data was cut. It neither keeps nor changes w.
//
// It costs one pass over the bytes to classify them, one to look for literal
// anchors, and what the rules do at their anchors: see docs/design/matching.md.
// Once its memory has grown to what the windows need, it allocates nothing,
// unless a rule has a Pattern.
func (s *Set) Find(dst []Match, w []byte, from, to int) []Match {
	return s.FindIn(dst, w, from, to, nil)
}

// FindAllowed is [Set.FindIn] and appends to allowed the matches that an allow
// list has taken out, in the same order.
func (s *Set) FindAllowed(dst, allowed []Match, w []byte, from, to int, places []Place) (found, taken []Match) {
	q := s.searches.Get().(*search)
	defer s.searches.Put(q)
	q.places = places
	dst = q.run(dst, w, from, to)
	q.places = nil
	return dst, append(allowed, q.allowed...)
}

// compareSpans orders matches by start, end and rule.
func compareSpans(a, b Match) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Rule, b.Rule))
}

// compareMatches orders them so, those in plain sight first.
func compareMatches(a, b Match) int {
	if order := compareSpans(a, b); order != 0 || a.Hidden == b.Hidden {
		return order
	}
	if a.Hidden {
		return 1
	}
	return -1
}
