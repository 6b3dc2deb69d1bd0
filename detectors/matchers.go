package detectors

import "github.com/sluice-dlp/sluice/detectors/internal/pattern"

// measure asks the Match function of r for the value at an anchor of w, and
// whether the value is valid. A value that is empty, too long or more than
// Reach away from its anchor is none: Find could not be sure to see all of it.
func (r *compiled) measure(w []byte, at int) (start, end int, ok bool) {
	start, end, ok = r.Match(w, at)
	if !ok || end <= start || end-start > r.MaxLen || start-at > Reach || at-end > Reach {
		return 0, 0, false
	}
	return start, end, r.Valid == nil || r.Valid(w[start:end])
}

// matchAnchored returns the value that the Pattern of r has at an anchor of
// w, neither neighbour of the match being a letter or digit.
func (r *compiled) matchAnchored(w []byte, at int) (start, end int, ok bool) {
	if at > 0 && isAlnum(w[at-1]) && !afterEscape(w, at) {
		return 0, 0, false
	}
	m, ok := r.matchPattern(w, at)
	if !ok || m.End < len(w) && isAlnum(w[m.End]) {
		return 0, 0, false
	}
	return m.ValueStart, m.ValueEnd, r.Valid == nil || r.Valid(w[m.ValueStart:m.ValueEnd])
}

// matchPattern returns the match of the Pattern of r that starts at w[at]. The
// pattern is shown no more than MaxLen+Reach bytes from there, so that the
// outcome depends on nothing further away. A match with an empty value is none.
func (r *compiled) matchPattern(w []byte, at int) (pattern.Match, bool) {
	m, ok := r.pattern.MatchAt(w[:min(len(w), at+r.MaxLen+Reach)], at)
	return m, ok && m.End-m.Start <= r.MaxLen && m.ValueStart < m.ValueEnd
}

// measureBeside is measure at an anchor beside a keyword.
func (r *compiled) measureBeside(w []byte, at int) (start, end int, ok bool) {
	start, end, ok = r.measure(w, at)
	return start, end, ok && at-r.Lead <= start && start <= at && hasOuterDigits(w[start:end])
}

// needsKey reports whether value, found by Match or Pattern, counts only
// beside a keyword.
func (r *compiled) needsKey(value []byte) bool {
	return r.NeedKeyword || r.Weak != nil && r.Weak(value)
}

// any reports whether a names any position.
func (a *Anchor) any() bool {
	return a.Digits || a.Token || a.Base64 > 0 || a.Bytes != "" || len(a.Literals) > 0 || len(a.Prefixes) > 0 || len(a.Shapes) > 0
}
