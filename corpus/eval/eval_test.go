package eval

import (
	"slices"
	"strings"
	"testing"
)

func TestTypes(t *testing.T) {
	n := 0
	for id := range IDs() {
		n++
		ts := Types(id)
		if len(ts) == 0 || slices.Contains(ts, "") || Type(id) != ts[0] {
			t.Errorf("%s has types %q, first %q", id, ts, Type(id))
		}
	}
	if n < 30 {
		t.Errorf("%d ids", n)
	}
	if got := Types("SPAIN_NIE_NUMBER"); got[0] != "ES_NIE" || len(got) != 3 {
		t.Errorf("a list gives %q", got)
	}
	if Types("NO_SUCH") != nil || Type("NO_SUCH") != "" {
		t.Error("an unknown id has a type")
	}
	Types("SPAIN_NIE_NUMBER")[0] = "changed"
	if Type("SPAIN_NIE_NUMBER") != "ES_NIE" {
		t.Error("a caller can change the types")
	}
}

func read(t *testing.T, lines string) []*Row {
	t.Helper()
	var rows []*Row
	for r, err := range Read(strings.NewReader(lines)) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	return rows
}

func TestSpan(t *testing.T) {
	rows := read(t, `{"id":"1","kind":"span","text":"0123456789","labels":[{"type":"A","start":0,"end":4},{"type":"A","start":6,"end":8,"weak":true},{"type":"A","start":8,"end":10,"form_ok":false}],"complete":["A"]}`)
	for _, c := range []struct {
		name  string
		found []Finding
		want  Tally
	}{
		{"none", nil, Tally{FN: 1, WeakFN: 1, BadFN: 1}},
		{"half", []Finding{{"A", 2, 5}}, Tally{TP: 1, WeakFN: 1, BadFN: 1}},
		{"a quarter", []Finding{{"A", 3, 6}}, Tally{FN: 1, WeakFN: 1, BadFN: 1}},
		{"beside", []Finding{{"A", 4, 6}}, Tally{FN: 1, WeakFN: 1, BadFN: 1, FP: 1}},
		{"all", []Finding{{"A", 0, 10}}, Tally{TP: 1, WeakTP: 1, BadTP: 1}},
		{"another type, not complete", []Finding{{"B", 0, 10}}, Tally{FN: 1, WeakFN: 1, BadFN: 1}},
	} {
		s := make(Score)
		s.Add(rows[0], c.found)
		got := *s["A"]
		if got.TP != c.want.TP || got.FN != c.want.FN || got.FP != c.want.FP || got.WeakTP != c.want.WeakTP || got.WeakFN != c.want.WeakFN ||
			got.BadTP != c.want.BadTP || got.BadFN != c.want.BadFN {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		if len(got.Missed) != got.FN || len(got.False) != got.FP {
			t.Errorf("%s: lists %q and %q", c.name, got.Missed, got.False)
		}
		if s["B"] != nil {
			t.Errorf("%s: a type that is not complete is counted", c.name)
		}
	}
}

func TestCompleteForAll(t *testing.T) {
	rows := read(t, `{"id":"1","kind":"span","text":"0123456789","labels":[],"complete":["*"]}`)
	s := make(Score)
	s.Add(rows[0], []Finding{{"B", 0, 10}})
	if s["B"].FP != 1 {
		t.Errorf("%+v", s["B"])
	}
}

func TestDocAndValue(t *testing.T) {
	rows := read(t, `{"id":"1","kind":"doc","text":"x","expect":["A","B"],"absent":[]}
{"id":"2","kind":"value","value":"0123456789","type":"A","valid":true}
{"id":"3","kind":"value","value":"0123456789","type":"A","valid":false}
`)
	s := make(Score)
	s.Add(rows[0], []Finding{{"A", 0, 1}})
	s.Add(rows[1], []Finding{{"A", 0, 9}})
	s.Add(rows[1], []Finding{{"A", 0, 8}, {"B", 0, 10}})
	s.Add(rows[2], []Finding{{"A", 0, 10}})
	s.Add(rows[2], nil)
	s.AddForm(rows[1], true)
	s.AddForm(rows[2], true)
	a := s["A"]
	if a.TP != 1 || s["B"].FN != 1 || !slices.Equal(s["B"].Missed, []string{"1"}) {
		t.Errorf("doc: %+v and %+v", a, s["B"])
	}
	if a.Found != (Values{1, 1, 1, 1}) || a.Found.Rows() != 4 || a.Found.Agree() != 2 || !slices.Equal(a.Other, []string{"2", "3"}) {
		t.Errorf("values found: %+v, %q", a.Found, a.Other)
	}
	if a.Form != (Values{TP: 1, FP: 1}) || !slices.Equal(a.WrongForm, []string{"3"}) {
		t.Errorf("forms: %+v, %q", a.Form, a.WrongForm)
	}
}

func TestReadError(t *testing.T) {
	n := 0
	for _, err := range Read(strings.NewReader("{\"id\":\"1\"}\nnot json\n{\"id\":\"2\"}\n")) {
		if n++; (err != nil) != (n == 2) {
			t.Errorf("row %d: %v", n, err)
		}
		if err != nil && strings.Contains(err.Error(), "not json") {
			t.Error("the error shows content")
		}
	}
	if n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
}
