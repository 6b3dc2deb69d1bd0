package detectors

// Confidence returns how certain a value of rule i is by itself, without a
// keyword or other evidence beside it, and the least certainty with which a
// match counts, both in per cent.
func (s *Set) Confidence(i int) (own, least int) {
	r := s.rules[i]
	return r.ownConfidence(), s.least(r)
}
