package detectors

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
)

// FindNaive is the definition of [Set.Find]: each rule's own matcher at each
// position of the window, one after the other. It is slow and meant for tests
// and as a row in benchmarks.
func (s *Set) FindNaive(dst []Match, w []byte, from, to int) []Match {
	return s.FindNaiveIn(dst, w, from, to, nil)
}

// FindNaiveIn is the definition of [Set.FindIn].
func (s *Set) FindNaiveIn(dst []Match, w []byte, from, to int, places []Place) []Match {
	folded := []byte(lowerASCII(string(w)))
	var all []foundMatch
	for i, r := range s.rules {
		for _, m := range r.find(nil, w, s.keep) {
			if r.ignores(w[m.Start:m.End]) {
				continue
			}
			near, beside := r.nearest(w, folded, m)
			if names := namesOf(places, m.Start, m.End); names != nil {
				if named, ok := names.nearness(r); ok && (!beside || nearer(named, near) < 0) {
					near, beside = named, true
				}
			}
			confidence := r.confidence(w, m.Start, m.End, nil)
			switch {
			case beside && r.asksKeyword(confidence):
				confidence = withKeyword(confidence)
			case !beside && m.needsKey && !m.mayBeBare:
				continue
			case !beside && m.needsKey:
				confidence = withoutKeyword(confidence)
			}
			if confidence >= s.least(r) {
				all = append(all, foundMatch{Match{Rule: i, Start: m.Start, End: m.End, Confidence: confidence}, near})
			}
		}
	}
	all = append(all, s.findHidden(w, places)...)
	for _, m := range s.resolveNaive(all) {
		if from <= m.Start && m.Start < to && !s.isAllowed(m, w, nil) {
			dst = append(dst, m)
		}
	}
	return dst
}

// foundMatch is a match and how near its keyword is.
type foundMatch struct {
	Match
	near nearness
}

// span is a match of one rule; needsKey says that it counts only beside a
// keyword, or is less certain without one.
type span struct {
	Start, End          int
	needsKey, mayBeBare bool
}

// find appends the matches of r in w, keywords not yet asked for.
func (r *compiled) find(dst []span, w []byte, keepDummies bool) []span {
	switch {
	case len(r.layouts) > 0:
		dst = r.findForms(dst, w)
	case r.Match != nil:
		dst = r.findMatch(dst, w)
	case r.Anchor.any():
		dst = r.findAnchored(dst, w)
	default:
		dst = r.findAnywhere(dst, w)
	}
	if keepDummies || r.dummies == nil {
		return dst
	}
	return slices.DeleteFunc(dst, func(m span) bool {
		return r.isDummy(w[m.Start:m.End])
	})
}

func (r *compiled) isDummy(value []byte) bool {
	return r.dummies != nil && r.dummies.values[string(r.Compact(nil, value))]
}

func (r *compiled) findForms(dst []span, w []byte) []span {
	for at := range w {
		for _, l := range r.layouts {
			if !l.match(w[at:]) {
				continue
			}
			end := at + len(l.classes)
			value := compact(nil, w[at:end])
			if Clear(w, at, end) && (r.Valid == nil || r.Valid(value)) && !r.goesOn(w, at, end) {
				dst = append(dst, span{at, end, l.needsKey, r.mayBeBare(l, value)})
			}
		}
	}
	return dst
}

func (r *compiled) findMatch(dst []span, w []byte) []span {
	for at := range w {
		if r.anchoredAt(w, at) {
			if start, end, ok := r.measure(w, at); ok {
				dst = append(dst, span{Start: start, End: end, needsKey: r.needsKey(w[start:end])})
			}
		}
		if r.besideAt(w, at) {
			if start, end, ok := r.measureBeside(w, at); ok {
				dst = append(dst, span{Start: start, End: end, needsKey: true})
			}
		}
	}
	return dst
}

func (r *compiled) findAnchored(dst []span, w []byte) []span {
	for at := range w {
		if !r.anchoredAt(w, at) {
			continue
		}
		if start, end, ok := r.matchAnchored(w, at); ok {
			dst = append(dst, span{Start: start, End: end, needsKey: r.needsKey(w[start:end])})
		}
	}
	return dst
}

func (r *compiled) findAnywhere(dst []span, w []byte) []span {
	taken := 0 // the furthest end of the matches so far
	for at := range w {
		m, ok := r.matchPattern(w, at)
		if !ok {
			continue
		}
		overlaps := at < taken
		taken = max(taken, m.End)
		value := w[m.ValueStart:m.ValueEnd]
		if !overlaps && (r.Valid == nil || r.Valid(value)) {
			dst = append(dst, span{Start: m.ValueStart, End: m.ValueEnd, needsKey: r.needsKey(value)})
		}
	}
	return dst
}

// anchoredAt reports whether the Anchor of r names position at of w.
func (r *compiled) anchoredAt(w []byte, at int) bool {
	a, c := &r.Anchor, w[at]
	switch {
	case a.Digits && a.digitsAt(w, at), a.Base64 > 0 && a.base64At(w, at):
		return true
	case a.Token && isAlnum(c) && (at == 0 || !isAlnum(w[at-1])):
		return true
	case strings.IndexByte(a.Bytes, c) >= 0:
		return true
	}
	if len(a.Prefixes) > 0 && longTokenAt(w, at) && slices.ContainsFunc(a.Prefixes, func(p string) bool { return bytes.HasPrefix(w[at:], []byte(p)) }) {
		return true
	}
	for _, l := range a.Literals {
		if len(w)-at >= len(l) && string(w[at:at+len(l)]) == l {
			return true
		}
	}
	return !inToken(w, at) && slices.ContainsFunc(r.shapes, func(s *bitmap.Shape) bool { return s.At(w, at) })
}

// inToken reports whether w[at] goes on a run of letters and digits, other
// than behind an escape: \n, %20.
func inToken(w []byte, at int) bool {
	return at > 0 && isAlnum(w[at]) && isAlnum(w[at-1]) && !(at > 1 && (w[at-2] == '\\' || w[at-2] == '%'))
}

// besideAt reports whether Beside of r names position at of w.
func (r *compiled) besideAt(w []byte, at int) bool {
	return slices.ContainsFunc(r.Beside, func(run Run) bool { return run.at(w, at) })
}

// digitsAt reports whether a run of digits like one of Runs starts at at.
func (a *Anchor) digitsAt(w []byte, at int) bool {
	if len(a.Runs) == 0 {
		return isDigit(w[at]) && (at == 0 || !isDigit(w[at-1]))
	}
	return slices.ContainsFunc(a.Runs, func(r Run) bool { return r.at(w, at) })
}

// base64At reports whether a run of Base64 bytes starts at at.
func (a *Anchor) base64At(w []byte, at int) bool {
	return (at == 0 || !isBase64(w[at-1])) && runEnd(w, at, a.Base64+1, base64Byte) == at+a.Base64
}

// nearest returns how near the nearest keyword of r is to m, if one is. The
// keyword is looked for in folded, which is w with its ASCII letters in lower case.
func (r *compiled) nearest(w, folded []byte, m span) (best nearness, ok bool) {
	best.distance = 1 << 30
	for _, form := range r.keywordForms {
		for at := max(0, m.Start-r.before-len(form)); at+len(form) <= min(len(w), m.End+r.after+len(form)); at++ {
			end := at + len(form)
			if end > m.Start && at < m.End {
				continue // within the value itself
			}
			if bytes.HasPrefix(folded[at:], []byte(form)) && r.isAround(at, end, m.Start, m.End) && keywordBounded(w, at, end) {
				n := nearness{max(m.Start-end, at-m.End), len(form), at}
				if nearer(n, best) < 0 {
					best, ok = n, true
				}
			}
		}
	}
	return best, ok
}

// resolveNaive is the definition of resolve.
func (s *Set) resolveNaive(ms []foundMatch) []Match {
	slices.SortFunc(ms, func(a, b foundMatch) int {
		return cmp.Or(compareMatches(a.Match, b.Match), cmp.Compare(b.Confidence, a.Confidence))
	})
	ms = slices.CompactFunc(ms, func(a, b foundMatch) bool { return compareSpans(a.Match, b.Match) == 0 })
	var kept []Match
	for i, m := range ms {
		_, covered := s.covered(ms, i)
		_, related := s.nearerRelative(ms, i)
		if !covered && !related {
			kept = append(kept, m.Match)
		}
	}
	return kept
}

// nearerRelative returns the rule of another match of the family of ms[i] with
// its span, if one is nearer to its keyword, or as near and of an earlier rule,
// and is not covered.
func (s *Set) nearerRelative(ms []foundMatch, i int) (rule int, ok bool) {
	m := ms[i]
	family := s.rules[m.Rule].family
	if family == 0 || m.Hidden {
		return 0, false
	}
	for j, other := range ms {
		if j == i || other.Start != m.Start || other.End != m.End || s.rules[other.Rule].family != family || other.Hidden {
			continue
		}
		if n := s.compareRelatives(other, m); n < 0 || n == 0 && other.Rule < m.Rule {
			if _, covered := s.covered(ms, j); !covered {
				return other.Rule, true
			}
		}
	}
	return 0, false
}

// covered returns the rule of a match of higher priority, or of a longer one of
// the same rule, that standsOut and contains ms[i]. Such a match starts no more than maxLen before the
// end of ms[i], which bounds the search in the sorted list.
func (s *Set) covered(ms []foundMatch, i int) (rule int, ok bool) {
	m := ms[i]
	p := s.rules[m.Rule].Priority
	contains := func(c foundMatch) bool {
		return c.Start <= m.Start && m.End <= c.End && s.standsOut(c.Match) && (c.Rule == m.Rule || !s.rules[c.Rule].Apart && !s.rules[m.Rule].Apart && s.rules[c.Rule].Priority > p)
	}
	for j := i - 1; j >= 0 && ms[j].Start+s.longest() >= m.End; j-- {
		if contains(ms[j]) {
			return ms[j].Rule, true
		}
	}
	for j := i + 1; j < len(ms) && ms[j].Start == m.Start; j++ {
		if contains(ms[j]) {
			return ms[j].Rule, true
		}
	}
	return 0, false
}
