package detectors

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// FindNaive is the definition of [Set.Find]: each rule's own matcher at each
// position of the window, one after the other. It is slow and meant for tests
// and as a row in benchmarks.
func (s *Set) FindNaive(dst []Match, w []byte, from, to int) []Match {
	var all []Match
	for i, r := range s.rules {
		for _, m := range r.find(nil, w, s.keep) {
			if r.context(w, m) {
				all = append(all, Match{i, m.Start, m.End})
			}
		}
	}
	for _, m := range s.resolve(all) {
		if from <= m.Start && m.Start < to {
			dst = append(dst, m)
		}
	}
	return dst
}

// span is a match of one rule; needsKey says that it counts only beside a
// keyword.
type span struct {
	Start, End int
	needsKey   bool
}

// find appends the matches of r in w, keywords not yet asked for.
func (r *compiled) find(dst []span, w []byte, keepDummies bool) []span {
	switch {
	case len(r.layouts) > 0:
		dst = r.findForms(dst, w)
	case r.Match != nil:
		for at := range w {
			if !r.Anchor.at(w, at) {
				continue
			}
			if start, end, ok := r.Match(w, at); ok && end-start <= r.MaxLen && (r.Valid == nil || r.Valid(w[start:end])) {
				dst = append(dst, span{start, end, r.NeedKeyword})
			}
		}
	default:
		dst = r.findPattern(dst, w)
	}
	if keepDummies {
		return dst
	}
	return slices.DeleteFunc(dst, func(m span) bool {
		return r.dummies[string(r.Compact(nil, w[m.Start:m.End]))]
	})
}

func (r *compiled) findForms(dst []span, w []byte) []span {
	for at := range w {
		for _, l := range r.layouts {
			if !l.match(w[at:]) {
				continue
			}
			end := at + len(l.classes)
			if Clear(w, at, end) && (r.Valid == nil || r.Valid(compact(nil, w[at:end]))) {
				dst = append(dst, span{at, end, r.NeedKeyword || l.needsKey})
			}
		}
	}
	return dst
}

// at reports whether a names position at of w.
func (a *Anchor) at(w []byte, at int) bool {
	c := w[at]
	switch {
	case a.Digits && isDigit(c) && (at == 0 || !isDigit(w[at-1])):
		return true
	case a.Token && (isDigit(c) || isLetter(c)) && (at == 0 || !isDigit(w[at-1]) && !isLetter(w[at-1])):
		return true
	case strings.IndexByte(a.Bytes, c) >= 0:
		return true
	}
	for _, l := range a.Literals {
		if len(w)-at >= len(l) && string(w[at:at+len(l)]) == l {
			return true
		}
	}
	return false
}

func (r *compiled) findPattern(dst []span, w []byte) []span {
	anchored := r.Anchor.Digits || r.Anchor.Token || r.Anchor.Bytes != "" || len(r.Anchor.Literals) > 0
	re := regexp.MustCompile(r.Pattern)
	if anchored {
		re = regexp.MustCompile("^(?:" + r.Pattern + ")")
	}
	prevEnd := 0
	for at := range w {
		var loc []int
		if anchored {
			if !r.Anchor.at(w, at) || at > 0 && (isDigit(w[at-1]) || isLetter(w[at-1])) {
				continue
			}
			loc = re.FindSubmatchIndex(w[at:])
		} else {
			loc = re.FindSubmatchIndex(w[at:]) // at's left context is lost to \b: see internal/pattern
		}
		if loc == nil || !anchored && loc[0] != 0 {
			continue
		}
		start, end := at+loc[0], at+loc[1]
		if anchored && end < len(w) && (isDigit(w[end]) || isLetter(w[end])) {
			continue
		}
		if end-start > r.MaxLen {
			continue
		}
		if !anchored {
			overlaps := start < prevEnd
			prevEnd = max(prevEnd, end)
			if overlaps {
				continue
			}
		}
		if g := re.SubexpIndex("value"); g > 0 && loc[2*g] >= 0 {
			start, end = at+loc[2*g], at+loc[2*g+1]
		}
		if r.Valid == nil || r.Valid(w[start:end]) {
			dst = append(dst, span{start, end, r.NeedKeyword})
		}
	}
	return dst
}

// context reports whether m has the keyword it needs, if it needs one.
func (r *compiled) context(w []byte, m span) bool {
	if !m.needsKey {
		return true
	}
	for _, k := range r.Keywords {
		for _, v := range keywordVariants(k) {
			before := w[max(0, m.Start-Proximity-len(v)-1):m.Start]
			after := w[m.End:min(len(w), m.End+Proximity+len(v)+1)]
			if hasKeyword(before, v, func(at int) bool { return len(before)-at-len(v) <= Proximity }) ||
				hasKeyword(after, v, func(at int) bool { return at <= Proximity }) {
				return true
			}
		}
	}
	return false
}

// keywordVariants is k in lower case with each of its spaces as a space, as
// nothing, as '_' and as '-' (the same for all of them).
func keywordVariants(k string) []string {
	k = strings.ToLower(k)
	if !strings.Contains(k, " ") {
		return []string{k}
	}
	var vs []string
	for _, j := range []string{" ", "", "_", "-"} {
		vs = append(vs, strings.ReplaceAll(k, " ", j))
	}
	return vs
}

// hasKeyword reports whether v, in lower case, stands in w in any case as a
// word of its own at a position that near accepts.
func hasKeyword(w []byte, v string, near func(at int) bool) bool {
	low := bytes.ToLower(w)
	for i := 0; ; {
		j := bytes.Index(low[i:], []byte(v))
		if j < 0 {
			return false
		}
		at := i + j
		if near(at) && keywordBounded(w, at, at+len(v)) {
			return true
		}
		i = at + 1
	}
}

// keywordBounded reports whether the keyword w[start:end] is a word of its
// own: the bytes around it are no letters, or the change of case of a
// camelCase name sets it off.
func keywordBounded(w []byte, start, end int) bool {
	if start > 0 && isLetter(w[start]) && isLetter(w[start-1]) && !(isLower(w[start-1]) && isUpper(w[start])) {
		return false
	}
	if end < len(w) && isLetter(w[end-1]) && isLetter(w[end]) && !(isLower(w[end-1]) && isUpper(w[end])) {
		return false
	}
	return true
}

func isLower(c byte) bool { return c-'a' < 26 }
func isUpper(c byte) bool { return c-'A' < 26 }

// Find appends the matches that start in w[from:to] to dst, sorted by start,
// end and rule. w must hold [Set.Margin] bytes on both sides of that part, or
// reach to the end of the data there; then the outcome does not depend on
// where the data was cut. It neither keeps nor changes w.
func (s *Set) Find(dst []Match, w []byte, from, to int) []Match {
	return s.FindNaive(dst, w, from, to)
}
