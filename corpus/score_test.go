package corpus

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// typesForTest maps two rules to one type, as the two rules for cards are.
func typesForTest(rule string) string {
	switch rule {
	case "A1", "A2":
		return "A"
	case "B":
		return "B"
	}
	return ""
}

func TestScore(t *testing.T) {
	label := Span{"m", "A1", 100, 10}
	for _, c := range []struct {
		name       string
		found      []Span
		tp, fn, fp int64
	}{
		{"nothing", nil, 0, 1, 0},
		{"exact", []Span{label}, 1, 0, 0},
		{"other rule of the type", []Span{{"m", "A2", 100, 10}}, 1, 0, 0},
		{"first half", []Span{{"m", "A1", 90, 15}}, 1, 0, 0},
		{"less than half is neither found nor false", []Span{{"m", "A1", 90, 14}}, 0, 1, 0},
		{"touching", []Span{{"m", "A1", 90, 10}}, 0, 1, 1},
		{"behind", []Span{{"m", "A1", 110, 4}}, 0, 1, 1},
		{"around", []Span{{"m", "A1", 0, 500}}, 1, 0, 0},
		{"long one before a short one", []Span{{"m", "A1", 0, 500}, {"m", "A1", 50, 2}}, 1, 0, 1},
		{"two on one label", []Span{label, {"m", "A2", 102, 8}}, 1, 0, 0},
		{"other member", []Span{{"n", "A1", 100, 10}}, 0, 1, 1},
		{"other type", []Span{{"m", "B", 100, 10}}, 0, 1, 1},
		{"unknown rule", []Span{{"m", "C", 100, 10}}, 0, 1, 0},
	} {
		s := NewScorer(typesForTest)
		s.Add(slices.Values([]Span{label}), Found{Findings: c.found})
		if r := s.Table().Total(); r.TP != c.tp || r.FN != c.fn || r.FP != c.fp {
			t.Errorf("%s: %d found, %d missed, %d false; want %d, %d, %d", c.name, r.TP, r.FN, r.FP, c.tp, c.fn, c.fp)
		}
	}
}

// TestScoreUnlisted leaves the type out whose findings were cut off, and no
// other.
func TestScoreUnlisted(t *testing.T) {
	labels := []Span{{"", "A1", 0, 5}, {"", "A1", 10, 5}, {"", "A2", 20, 5}, {"", "B", 30, 5}}
	s := NewScorer(typesForTest)
	s.Add(slices.Values(labels), Found{
		Findings: []Span{labels[0], labels[2], labels[3]},
		Counts:   map[string]int64{"A1": 2, "A2": 1, "B": 1},
	})
	want := Table{
		{Type: "A", Precision: 1, Recall: 1, UnlistedLabels: 3, UnlistedFound: 3},
		{Type: "B", TP: 1, Precision: 1, Recall: 1},
	}
	if got := s.Table(); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestScoreTruth scores a corpus against itself: all right; and against
// itself moved by one member: all wrong.
func TestScoreTruth(t *testing.T) {
	same := func(rule string) string { return rule }
	right, wrong := NewScorer(same), NewScorer(same)
	n := int64(0)
	for o := range Generate(sample()) {
		labels := slices.Collect(o.Labels())
		n += int64(len(labels))
		right.Add(o.Labels(), Found{Findings: labels})
		for i := range labels {
			labels[i].Member += "?"
		}
		wrong.Add(o.Labels(), Found{Findings: labels})
	}
	if r := right.Table().Total(); r.TP != n || r.FN != 0 || r.FP != 0 || r.Precision != 1 || r.Recall != 1 {
		t.Errorf("the truth scores %+v", r)
	}
	if r := wrong.Table().Total(); r.TP != 0 || r.FN != n || r.FP != n || r.Precision != 0 || r.Recall != 0 {
		t.Errorf("falsehood scores %+v", r)
	}
}

func TestTableOutput(t *testing.T) {
	table := Table{Row{Type: "A", TP: 3, FN: 1, FP: 1}.rated()}
	var text, lines bytes.Buffer
	if err := table.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "A     4       3      1       1      0.7500     0.7500") {
		t.Errorf("text:\n%s", text.String())
	}
	if err := table.WriteJSON(&lines); err != nil {
		t.Fatal(err)
	}
	var row Row
	if err := json.NewDecoder(&lines).Decode(&row); err != nil || row != table[0] {
		t.Errorf("JSON gives %+v: %v", row, err)
	}
}
