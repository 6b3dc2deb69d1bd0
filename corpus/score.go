package corpus

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"text/tabwriter"
)

// Found is what a scanner found in one object.
type Found struct {
	Findings []Span // in any order

	// Counts is how many values of each rule were found, where Findings may
	// list fewer: types of which not all is listed are counted, not scored.
	// Without an entry for a rule its findings are all.
	Counts map[string]int64
}

// Scorer compares findings with labels, object by object. It holds the
// findings of one object at a time and nothing of its labels.
type Scorer struct {
	typeOf func(rule string) string
	rows   map[string]*Row
}

// Row is the score of one type. A finding is right if it overlaps at least
// half of a label of its type in the same member; one that overlaps no label
// of its type is a false positive.
type Row struct {
	Type      string  `json:"type"`
	TP        int64   `json:"tp"` // labels found
	FN        int64   `json:"fn"` // labels not found
	FP        int64   `json:"fp"` // findings that are no label
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`

	// Of objects in which not all findings of the type are listed: the
	// labels there, and the values counted. They are in none of the above.
	UnlistedLabels int64 `json:"unlisted_labels"`
	UnlistedFound  int64 `json:"unlisted_found"`
}

// NewScorer makes a scorer that compares by type: typeOf gives the type of a
// rule id, for labels and findings alike. Rules of type "" are not scored, nor are
// those that find secrets by the name they are given: the near misses of tokens
// stand under such names, and are secrets to them.
func NewScorer(typeOf func(rule string) string) *Scorer {
	scored := func(rule string) string {
		if rule == "PASSWORD_ASSIGNMENT" {
			return ""
		}
		return typeOf(rule)
	}
	return &Scorer{typeOf: scored, rows: make(map[string]*Row)}
}

func (s *Scorer) row(typ string) *Row {
	r := s.rows[typ]
	if r == nil {
		r = &Row{Type: typ}
		s.rows[typ] = r
	}
	return r
}

// place is where findings are looked up: those of one type in one member.
type place struct{ typ, member string }

// candidate is a finding and whether it overlaps a label of its type.
type candidate struct {
	start, end int64
	labelled   bool
}

// Add scores one object.
func (s *Scorer) Add(labels iter.Seq[Span], found Found) {
	unlisted := s.unlisted(found)
	byPlace := make(map[place][]candidate)
	for _, f := range found.Findings {
		if t := s.typeOf(f.Rule); t != "" && !unlisted[t] {
			at := place{t, f.Member}
			byPlace[at] = append(byPlace[at], candidate{start: f.Offset, end: f.Offset + f.Length})
		}
	}
	longest := make(map[place]int64)
	for at, cs := range byPlace {
		slices.SortFunc(cs, func(a, b candidate) int { return cmp.Compare(a.start, b.start) })
		for _, c := range cs {
			longest[at] = max(longest[at], c.end-c.start)
		}
	}
	for l := range labels {
		switch t := s.typeOf(l.Rule); {
		case t == "":
		case unlisted[t]:
			s.row(t).UnlistedLabels++
		default:
			at := place{t, l.Member}
			if overlap(byPlace[at], longest[at], l) {
				s.row(t).TP++
			} else {
				s.row(t).FN++
			}
		}
	}
	for at, cs := range byPlace {
		for _, c := range cs {
			if !c.labelled {
				s.row(at.typ).FP++
			}
		}
	}
}

// unlisted adds up the counts of the types of which found does not list
// everything, and returns those types.
func (s *Scorer) unlisted(found Found) map[string]bool {
	listed := make(map[string]int64)
	for _, f := range found.Findings {
		listed[f.Rule]++
	}
	types := make(map[string]bool)
	for rule, n := range found.Counts {
		if t := s.typeOf(rule); t != "" && n > listed[rule] {
			types[t] = true
		}
	}
	for rule, n := range listed {
		if t := s.typeOf(rule); types[t] {
			s.row(t).UnlistedFound += max(n, found.Counts[rule])
		}
	}
	for rule, n := range found.Counts {
		if t := s.typeOf(rule); types[t] && listed[rule] == 0 {
			s.row(t).UnlistedFound += n
		}
	}
	return types
}

// overlap marks the candidates, sorted by start, that overlap label l, and
// reports whether one covers at least half of it.
func overlap(cs []candidate, longest int64, l Span) bool {
	end := l.Offset + l.Length
	first, _ := slices.BinarySearchFunc(cs, l.Offset-longest, func(c candidate, at int64) int { return cmp.Compare(c.start, at) })
	found := false
	for i := first; i < len(cs) && cs[i].start < end; i++ {
		common := min(cs[i].end, end) - max(cs[i].start, l.Offset)
		if common > 0 {
			cs[i].labelled = true
			found = found || 2*common >= l.Length
		}
	}
	return found
}

// Table is the score by type, in the order of their names.
type Table []Row

// Table returns what was scored so far.
func (s *Scorer) Table() Table {
	t := make(Table, 0, len(s.rows))
	for _, typ := range slices.Sorted(maps.Keys(s.rows)) {
		t = append(t, s.rows[typ].rated())
	}
	return t
}

// Total is the sum of all rows, under the type "all".
func (t Table) Total() Row {
	sum := Row{Type: "all"}
	for _, r := range t {
		sum.TP += r.TP
		sum.FN += r.FN
		sum.FP += r.FP
		sum.UnlistedLabels += r.UnlistedLabels
		sum.UnlistedFound += r.UnlistedFound
	}
	return sum.rated()
}

// rated fills in precision and recall. Of nothing found, all is right; of
// nothing to find, all is found.
func (r Row) rated() Row {
	r.Precision, r.Recall = 1, 1
	if n := r.TP + r.FP; n > 0 {
		r.Precision = float64(r.TP) / float64(n)
	}
	if n := r.TP + r.FN; n > 0 {
		r.Recall = float64(r.TP) / float64(n)
	}
	return r
}

// WriteText writes the table and its total in aligned columns.
func (t Table) WriteText(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "type\tlabels\tfound\tmissed\tfalse\tprecision\trecall\tnot listed: labels\tcounted")
	for _, r := range append(slices.Clone(t), t.Total()) {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%.4f\t%.4f\t%d\t%d\n", r.Type, r.TP+r.FN, r.TP, r.FN, r.FP, r.Precision, r.Recall, r.UnlistedLabels, r.UnlistedFound)
	}
	return tw.Flush()
}

// WriteJSON writes one row a line, the total last.
func (t Table) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	for _, r := range append(slices.Clone(t), t.Total()) {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}
