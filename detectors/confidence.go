package detectors

import "cmp"

// How certain a match is, in per cent, comes from four kinds of evidence. The
// rule says what a value of its layout and check proves by itself; each further
// piece leaves a share of the doubt:
//
//	Rule.Sure holds              1/2 of the doubt is left
//	Rule.Sure does not hold      2/3 of the certainty is left
//	the value is a whole field   4/5 of the doubt is left
//	a keyword stands beside it   2/5 of the doubt is left
//	one is needed and missing    2/3 of the certainty is left, less than DefaultConfidence
//
// The last is not asked of values that are certain enough without it, unless
// their rule needs one.
const (
	// DefaultConfidence is the least that a match has unless the rule or the
	// set says otherwise.
	DefaultConfidence = 50

	certain = 85
)

// ownConfidence is how certain a value of r is by itself.
func (r *Rule) ownConfidence() int {
	own := 99
	switch {
	case r.Confidence > 0:
		return r.Confidence
	case r.Priority < PriorityRange:
		own = 50
	case r.Priority < PriorityCheck:
		own = 55
	case r.Priority < PriorityKeyword:
		own = 65
	case r.Priority < PriorityStrong && r.NeedKeyword && r.Valid == nil && r.Match == nil:
		own = 35
	case r.Priority < PriorityStrong && r.NeedKeyword:
		own = 45
	case r.Priority < PriorityStrong:
		own = 65
	case r.Priority < PriorityLiteral:
		own = 85
	case r.Priority < PriorityBlock:
		own = 95
	}
	return own
}

// confidence weighs the evidence for a value of r at w[start:end] but for its
// keyword. The scratch is for its compact form.
func (r *compiled) confidence(w []byte, start, end int, scratch []byte) int {
	c := r.own
	if r.Sure != nil {
		if r.isSure(w[start:end], scratch) {
			c = lessDoubt(c, 1, 2)
		} else {
			c = c * 2 / 3
		}
	}
	if isField(w, start, end) {
		c = lessDoubt(c, 4, 5)
	}
	return c
}

// isSure asks the Sure of r.
func (r *compiled) isSure(value, scratch []byte) bool {
	if len(r.layouts) > 0 {
		value = compact(scratch[:0], value)
	}
	return r.Sure(value)
}

// withKeyword is c if a keyword stands beside the value too.
func withKeyword(c int) int { return lessDoubt(c, 2, 5) }

// withoutKeyword is c of a value that needs a keyword, may be bare, and is.
func withoutKeyword(c int) int { return min(c*2/3, DefaultConfidence-1) }

// asksKeyword reports whether a keyword beside a value of r that is c certain
// adds to that.
func (r *compiled) asksKeyword(c int) bool {
	return r.NeedKeyword || c < certain && len(r.keywordForms) > 0
}

// lessDoubt leaves n/d of the doubt in c, and never quite none.
func lessDoubt(c, n, d int) int { return min(100-(100-c)*n/d, 99) }

// isField reports whether w[start:end] is all of a field: quotes, commas,
// tabs and the like, or the ends of a line, stand on both sides.
func isField(w []byte, start, end int) bool {
	const before = fieldByte | equalsByte
	return (start == 0 || before.has(w[start-1])) && (end == len(w) || fieldByte.has(w[end]))
}

// least is the confidence that matches of r must have.
func (s *Set) least(r *compiled) int { return cmp.Or(s.minConfidence, r.usual()) }

// usual is the same where the set does not say otherwise.
func (r *compiled) usual() int { return cmp.Or(r.Threshold, DefaultConfidence) }
