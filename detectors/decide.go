package detectors

import (
	"cmp"
	"slices"
)

// Decision tells what became of one thing that looks like a value of a rule,
// and why.
type Decision struct {
	Match
	Outcome Outcome

	// By is the rule that Outcome speaks of, if it is Covered or Related.
	By int

	// The evidence: what the value proves by itself, in per cent, whether it is
	// a whole field, whether Rule.Sure holds (nil if the rule has none), and the
	// nearest keyword of the rule, of which KeywordAt is the offset. Keyword is ""
	// if none is near. Bare says that it needs one, has none, and counts where no
	// more than Confidence is asked for.
	Own       int
	Bare      bool
	Field     bool
	Sure      *bool
	Keyword   string
	KeywordAt int
}

// Outcome is why something is a match or none.
type Outcome uint8

const (
	Found      Outcome = iota // a match
	CheckFails                // the layout is right, the check is not
	Dummy                     // a published example value
	Ignored                   // has a word that the rule ignores
	NoKeyword                 // needs a keyword and none is near
	Uncertain                 // below the confidence asked for
	Covered                   // within a match of higher priority, or a longer one of its rule
	Related                   // another of its family has a nearer keyword
	Allowed                   // would be a match, and is on an allow list
)

// String says it in a few words.
func (o Outcome) String() string {
	return [...]string{
		"found", "the check fails", "a published example", "has a word to ignore", "needs a keyword and none is near", "not certain enough",
		"lies within another match", "the keyword of a like detector is nearer", "on an allow list",
	}[o]
}

// Decide tells of everything in w that looks like a value of a rule what became
// of it, by start, end and rule. Of what fails the check of its rule it tells
// only where the rule would count: without a keyword if it needs none. It goes the
// slow way of [Set.FindNaive], and is meant for samples.
func (s *Set) Decide(w []byte) []Decision {
	folded := []byte(lowerASCII(string(w)))
	var ds []Decision
	var all []foundMatch
	for i, r := range s.rules {
		valid := r.find(nil, w, true)
		for _, m := range valid {
			d, near := s.weigh(i, w, folded, m)
			if d.Outcome == Found {
				all = append(all, foundMatch{d.Match, near})
			}
			ds = append(ds, d)
		}
		if r.Valid == nil {
			continue
		}
		unchecked := *r
		unchecked.Valid = nil
		for _, m := range unchecked.find(nil, w, true) {
			d, _ := s.weigh(i, w, folded, m)
			if d.Outcome != NoKeyword && !slices.ContainsFunc(valid, func(v span) bool { return v.Start == m.Start && v.End == m.End }) {
				d.Outcome, d.Confidence = CheckFails, 0
				ds = append(ds, d)
			}
		}
	}
	slices.SortFunc(ds, func(a, b Decision) int {
		return cmp.Or(compareMatches(a.Match, b.Match), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(b.Confidence, a.Confidence))
	})
	ds = slices.CompactFunc(ds, func(a, b Decision) bool { return compareMatches(a.Match, b.Match) == 0 })
	s.resolveDecisions(ds, all)
	for i, d := range ds {
		if d.Outcome == Found && s.isAllowed(d.Match, w, nil) {
			ds[i].Outcome = Allowed
		}
	}
	return ds
}

// weigh decides on a value by itself.
func (s *Set) weigh(rule int, w, folded []byte, m span) (Decision, nearness) {
	r := s.rules[rule]
	d := Decision{
		Match: Match{Rule: rule, Start: m.Start, End: m.End, Confidence: r.confidence(w, m.Start, m.End, nil)},
		Own:   r.own, Field: isField(w, m.Start, m.End),
	}
	if r.Sure != nil {
		sure := r.isSure(w[m.Start:m.End], nil)
		d.Sure = &sure
	}
	near, beside := r.nearest(w, folded, m)
	if d.Bare = !beside && m.needsKey && m.mayBeBare; d.Bare {
		d.Confidence = withoutKeyword(d.Confidence)
	}
	if beside {
		d.KeywordAt = near.at
		d.Keyword = string(folded[near.at : near.at+near.length])
		if r.asksKeyword(d.Confidence) {
			d.Confidence = withKeyword(d.Confidence)
		}
	}
	switch {
	case !s.keep && r.isDummy(w[m.Start:m.End]):
		d.Outcome = Dummy
	case r.ignores(w[m.Start:m.End]):
		d.Outcome = Ignored
	case m.needsKey && !beside && (!d.Bare || d.Confidence < s.least(r)):
		d.Outcome = NoKeyword
	case d.Confidence < s.least(r):
		d.Outcome = Uncertain
	}
	return d, near
}

// resolveDecisions finds out which of the matches in all others stand in the
// way of, and says so in ds.
func (s *Set) resolveDecisions(ds []Decision, all []foundMatch) {
	slices.SortFunc(all, func(a, b foundMatch) int {
		return cmp.Or(compareMatches(a.Match, b.Match), cmp.Compare(b.Confidence, a.Confidence))
	})
	all = slices.CompactFunc(all, func(a, b foundMatch) bool { return compareMatches(a.Match, b.Match) == 0 })
	for i, m := range all {
		at, _ := slices.BinarySearchFunc(ds, m.Match, func(d Decision, m Match) int { return compareMatches(d.Match, m) })
		if by, ok := s.covered(all, i); ok {
			ds[at].Outcome, ds[at].By = Covered, by
		} else if by, ok := s.nearerRelative(all, i); ok {
			ds[at].Outcome, ds[at].By = Related, by
		}
	}
}
