package detectors

import "slices"

// Confidence returns how certain a value of rule i is by itself, without a
// keyword or other evidence beside it, and the least certainty with which a
// match counts, both in per cent.
func (s *Set) Confidence(i int) (own, least int) {
	r := s.rules[i]
	return r.ownConfidence(), s.least(r)
}

// Bare returns how certain a value of rule i is that lacks the keyword it needs
// and has a check digit, without other evidence; 0 if there are no such values.
// It counts where no more than that is asked for.
func (s *Set) Bare(i int) int {
	r := s.rules[i]
	if !slices.ContainsFunc(r.layouts, layout.isChecked) {
		return 0
	}
	c := r.own
	if r.Sure != nil {
		c = lessDoubt(c, 1, 2)
	}
	return withoutKeyword(c)
}
