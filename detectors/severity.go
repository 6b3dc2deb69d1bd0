package detectors

// Level is a severity from a number of occurrences in one object on.
type Level struct {
	From     int64
	Severity Severity
}

// SeverityOf returns the severity of n occurrences in one object. Where Levels
// say from how many on there is a finding at all, fewer are none: ok is false.
func (r *Rule) SeverityOf(n int64) (s Severity, ok bool) {
	if len(r.Levels) == 0 {
		return r.Severity.For(n), true
	}
	for _, l := range r.Levels {
		if n >= l.From {
			s, ok = l.Severity, true
		}
	}
	return s, ok
}

// ascending reports whether levels begin at one occurrence or later and each
// later than the one before it.
func ascending(levels []Level) bool {
	last := int64(0)
	for _, l := range levels {
		if l.From <= last || l.Severity < Low || l.Severity > High {
			return false
		}
		last = l.From
	}
	return true
}
