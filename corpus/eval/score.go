package eval

import "slices"

// Finding is a value found in the content of a row, under a common type. What
// has several types is given once for each.
type Finding struct {
	Type       string
	Start, End int // bytes
}

// Tally is the score of one type.
//
// A label is found when a finding of its type overlaps at least half of it. A
// finding is false only if its type is complete in the row and it overlaps no
// label of that type. Weak labels, and those whose form is wrong, are counted
// apart. A value is found when one finding covers at least nine tenths of it.
type Tally struct {
	TP, FN, FP       int
	WeakTP, WeakFN   int
	BadTP, BadFN     int // labels whose form is wrong
	Found            Values
	Form             Values   // as Set.Valid and the like judge
	Missed, False    []string // ids of rows with labels missed, or false findings
	WrongForm, Other []string // ids of value rows where Form, or Found, disagrees with the set
}

// Values counts the answers for value rows: valid and said so, valid and
// denied, not valid and accepted, not valid and said so.
type Values struct{ TP, FN, FP, TN int }

// Rows is how many values were asked for.
func (v Values) Rows() int { return v.TP + v.FN + v.FP + v.TN }

// Agree is how many answers were the set's.
func (v Values) Agree() int { return v.TP + v.TN }

// count adds one answer and reports whether it is the set's.
func (v *Values) count(valid, answer bool) bool {
	switch {
	case valid && answer:
		v.TP++
	case valid:
		v.FN++
	case answer:
		v.FP++
	default:
		v.TN++
	}
	return valid == answer
}

// Score is the tally of each type of a set.
type Score map[string]*Tally

func (s Score) tally(typ string) *Tally {
	if s[typ] == nil {
		s[typ] = new(Tally)
	}
	return s[typ]
}

// Add scores what was found in the content of a row.
func (s Score) Add(r *Row, found []Finding) {
	switch r.Kind {
	case KindValue:
		t := s.tally(r.Type)
		hit := slices.ContainsFunc(found, func(f Finding) bool {
			return f.Type == r.Type && 10*(f.End-f.Start) >= 9*len(r.Value)
		})
		if !t.Found.count(r.Valid, hit) {
			t.Other = append(t.Other, r.ID)
		}
	case KindDoc:
		for _, typ := range r.Expect {
			s.tally(typ).hit(r.ID, slices.ContainsFunc(found, func(f Finding) bool { return f.Type == typ }))
		}
	default:
		s.addSpan(r, found)
	}
}

// AddForm scores the answer to the question whether the value of a row is
// well formed for its type.
func (s Score) AddForm(r *Row, answer bool) {
	t := s.tally(r.Type)
	if !t.Form.count(r.Valid, answer) {
		t.WrongForm = append(t.WrongForm, r.ID)
	}
}

func (s Score) addSpan(r *Row, found []Finding) {
	used := make([]bool, len(found))
	for _, l := range r.Labels {
		hit := false
		for i, f := range found {
			if f.Type == l.Type && 2*(min(f.End, l.End)-max(f.Start, l.Start)) >= l.End-l.Start {
				hit, used[i] = true, true
			}
		}
		s.label(r.ID, l, hit)
	}
	for i, f := range found {
		complete := slices.Contains(r.Complete, f.Type) || slices.Contains(r.Complete, "*")
		if used[i] || !complete || slices.ContainsFunc(r.Labels, func(l Label) bool {
			return l.Type == f.Type && f.Start < l.End && l.Start < f.End
		}) {
			continue
		}
		t := s.tally(f.Type)
		t.FP++
		t.False = note(t.False, r.ID)
	}
}

// label counts one label.
func (s Score) label(id string, l Label, hit bool) {
	t := s.tally(l.Type)
	switch {
	case l.Weak && hit:
		t.WeakTP++
	case l.Weak:
		t.WeakFN++
	case l.FormOK != nil && !*l.FormOK && hit:
		t.BadTP++
	case l.FormOK != nil && !*l.FormOK:
		t.BadFN++
	default:
		t.hit(id, hit)
	}
}

func (t *Tally) hit(id string, hit bool) {
	if hit {
		t.TP++
		return
	}
	t.FN++
	t.Missed = note(t.Missed, id)
}

// note appends id unless it is the last already.
func note(ids []string, id string) []string {
	if n := len(ids); n > 0 && ids[n-1] == id {
		return ids
	}
	return append(ids, id)
}
