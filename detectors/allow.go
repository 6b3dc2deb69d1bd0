package detectors

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/detectors/internal/pattern"
)

// AllowList names values that are known and not to be reported. It has Values
// or a Pattern. A list only ever takes matches away: what it has is found and
// judged like any other value, covers what lies within it, and is left out at
// the end. So nothing is reported with a list that would not be without it.
type AllowList struct {
	Name string // for people

	// Values are whole values, in any case. For rules whose values are letters
	// and digits in groups (see [Rule.Compact]) what joins these does not count.
	Values []string

	// Pattern is a regular expression as in [Rule.Pattern], and has to match all
	// of a value.
	Pattern string

	// Rules are the ids of the rules that the list is for; none means all.
	// Those that a set does not have do not matter.
	Rules []string
}

// allowed is an AllowList as compiled.
type allowed struct {
	folded  map[string]struct{}
	compact map[string]struct{}
	pattern *pattern.Pattern
}

// allowLists compiles lists and returns those of each rule, nil if there are
// no lists.
func allowLists(byID map[string]int, lists []AllowList) ([][]*allowed, error) {
	if len(lists) == 0 {
		return nil, nil
	}
	byRule := make([][]*allowed, len(byID))
	for _, l := range lists {
		a, err := compileAllow(l)
		if err != nil {
			return nil, fmt.Errorf("allow list %s: %w", l.Name, err)
		}
		numbers := slices.Collect(maps.Values(byID))
		if len(l.Rules) > 0 {
			numbers = numbers[:0]
			for _, id := range l.Rules {
				if i, ok := byID[id]; ok {
					numbers = append(numbers, i)
				}
			}
		}
		for _, i := range numbers {
			byRule[i] = append(byRule[i], a)
		}
	}
	return byRule, nil
}

func compileAllow(l AllowList) (*allowed, error) {
	switch {
	case (l.Pattern != "") == (len(l.Values) > 0):
		return nil, fmt.Errorf("needs either values or a pattern")
	case l.Pattern != "":
		if _, err := pattern.Compile(l.Pattern); err != nil {
			return nil, err
		}
		// The group keeps alternatives and flags within.
		p, err := pattern.Compile(`(?:` + l.Pattern + `)\z`)
		return &allowed{pattern: p}, err
	}
	a := &allowed{folded: make(map[string]struct{}, len(l.Values)), compact: make(map[string]struct{}, len(l.Values))}
	for _, v := range l.Values {
		a.folded[strings.ToLower(v)] = struct{}{}
		if c := compact(nil, []byte(v)); len(c) > 0 {
			a.compact[string(c)] = struct{}{}
		}
	}
	return a, nil
}

// isAllowed reports whether the value of m in w, as it is meant, is on a list.
// The scratch is for its folded or compact form.
func (s *Set) isAllowed(m Match, w, scratch []byte) bool {
	if s.allow == nil || len(s.allow[m.Rule]) == 0 {
		return false
	}
	value := w[m.Start:m.End]
	if m.Hidden {
		value = Plain(nil, value)
	}
	r := s.rules[m.Rule]
	joined := len(r.Forms) > 0 || r.Joined
	var key []byte
	if joined {
		key = compact(scratch[:0], value)
	} else {
		key = fold(scratch[:0], value)
	}
	for _, a := range s.allow[m.Rule] {
		switch {
		case a.pattern != nil:
			if m, ok := a.pattern.MatchAt(value, 0); ok && m.End == len(value) {
				return true
			}
		case joined:
			if _, ok := a.compact[string(key)]; ok {
				return true
			}
		default:
			if _, ok := a.folded[string(key)]; ok {
				return true
			}
		}
	}
	return false
}

// fold appends value in lower case to dst.
func fold(dst, value []byte) []byte {
	for i, c := range value {
		switch {
		case c >= utf8.RuneSelf:
			return append(dst[:len(dst)-i], bytes.ToLower(value)...)
		case isUpper(c):
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

// withoutAllowed moves the matches of dst[first:] that are on an allow list to
// q.allowed.
func (q *search) withoutAllowed(dst []Match, first int) []Match {
	q.allowed = q.allowed[:0]
	if q.set.allow == nil {
		return dst
	}
	kept := dst[:first]
	for _, m := range dst[first:] {
		if q.set.isAllowed(m, q.w, q.compact) {
			q.allowed = append(q.allowed, m)
		} else {
			kept = append(kept, m)
		}
	}
	return kept
}
