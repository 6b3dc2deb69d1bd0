package detectors

import (
	"slices"
	"strings"
	"testing"
)

// find returns the values of all rules in text, as "ID value".
func find(t *testing.T, s *Set, text string) []string {
	t.Helper()
	checkAgainstNaive(t, s, []byte(text), 0, len(text), "text")
	var found []string
	for _, m := range s.Find(nil, []byte(text), 0, len(text)) {
		found = append(found, s.Rule(m.Rule).ID+" "+text[m.Start:m.End])
	}
	return found
}

// badge is a pattern beside a keyword, as a rule of one's own is.
func badge(a Around) Rule {
	return Rule{ID: "BADGE", Pattern: `\b\d{4}\b`, MaxLen: 4, Keywords: []string{"badge"}, NeedKeyword: true, Around: a, Priority: 10, Confidence: 80}
}

func TestAround(t *testing.T) {
	dots := func(n int) string { return strings.Repeat(".", n) }
	for _, c := range []struct {
		name   string
		around Around
		text   string
		found  bool
	}{
		{"default, before", Around{}, "badge" + dots(30) + "4711", true},
		{"default, too far before", Around{}, "badge" + dots(31) + "4711", false},
		{"default, after", Around{}, "4711" + dots(30) + "badge", true},
		{"before", Around{Before: 50}, "badge" + dots(50) + "4711", true},
		{"too far before", Around{Before: 50}, "badge" + dots(51) + "4711", false},
		{"after, where it does not count", Around{Before: 50}, "4711 badge", false},
		{"after", Around{Before: 50, After: 20}, "4711" + dots(20) + "badge", true},
		{"too far after", Around{Before: 50, After: 20}, "4711" + dots(21) + "badge", false},
		{"before, where it does not count", Around{After: 20}, "badge 4711", false},
		{"to the end of the value", Around{Before: 50, Whole: true}, "badge" + dots(46) + "4711", true},
		{"beyond the end of the value", Around{Before: 50, Whole: true}, "badge" + dots(47) + "4711", false},
		{"from the start of the value", Around{After: 50, Whole: true}, "4711" + dots(46) + "badge", true},
		{"beyond the start of the value", Around{After: 50, Whole: true}, "4711" + dots(47) + "badge", false},
		{"farthest", Around{Before: MaxAround}, "badge" + dots(MaxAround) + "4711", true},
		{"in another case", Around{Before: 50}, "BADGE: 4711", true},
		{"not a word of its own", Around{Before: 50}, "badges: 4711", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := compileAll(t, []Rule{badge(c.around)})
			for _, margin := range []int{0, 400} { // the ends of the data near, and far
				text := dots(margin) + c.text + dots(margin)
				if got := len(find(t, s, text)) > 0; got != c.found {
					t.Errorf("with %d bytes around found %v, want %v", margin, got, c.found)
				}
			}
		})
	}
}

func TestAroundIsChecked(t *testing.T) {
	for _, c := range []struct {
		name string
		rule Rule
		want string
	}{
		{"too far", badge(Around{Before: MaxAround + 1}), "give 1 to 300"},
		{"negative", badge(Around{Before: 1, After: -1}), "give 1 to 300"},
		{"no side", badge(Around{Whole: true}), "give 1 to 300"},
		{"no keyword", Rule{ID: "X", Pattern: "x", MaxLen: 1, Around: Around{Before: 1}}, "has none"},
		{"family", Rule{ID: "X", Pattern: "x", MaxLen: 1, Keywords: []string{"k"}, Family: "f", Around: Around{Before: 1}}, "family"},
		{"ignore", Rule{ID: "X", Pattern: "x", MaxLen: 1, Ignore: []string{""}}, "empty word to ignore"},
		{"levels", Rule{ID: "X", Pattern: "x", MaxLen: 1, Levels: []Level{{5, Low}, {5, High}}}, "do not ascend"},
		{"level of none", Rule{ID: "X", Pattern: "x", MaxLen: 1, Levels: []Level{{0, Low}}}, "do not ascend"},
	} {
		if _, err := Compile([]Rule{c.rule}, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestIgnore(t *testing.T) {
	r := badge(Around{})
	r.Ignore = []string{"00", "Test"}
	s := compileAll(t, []Rule{r, {ID: "WORD", Pattern: `[A-Za-z]{5,}`, MaxLen: 20, Priority: 10, Ignore: []string{"Test"}}})
	got := find(t, s, "badge 4711 badge 4700 badge 0047, aTestb atestb")
	want := []string{"WORD badge", "BADGE 4711", "WORD badge", "WORD badge", "WORD atestb"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// TestApart: neither covers nor is covered, whatever the priorities.
func TestApart(t *testing.T) {
	long, short := Rule{ID: "LONG", Pattern: `\d{8}`, MaxLen: 8, Priority: 90}, Rule{ID: "SHORT", Pattern: `[1-3]{4}`, MaxLen: 4, Priority: 10}
	for _, c := range []struct {
		longApart, shortApart bool
		want                  []string
	}{
		{false, false, []string{"LONG 12312399"}},
		{true, false, []string{"SHORT 1231", "LONG 12312399"}},
		{false, true, []string{"SHORT 1231", "LONG 12312399"}},
		{true, true, []string{"SHORT 1231", "LONG 12312399"}},
	} {
		long.Apart, short.Apart = c.longApart, c.shortApart
		if got := find(t, compileAll(t, []Rule{long, short}), "12312399"); !slices.Equal(got, c.want) {
			t.Errorf("%+v: found %q", c, got)
		}
	}
}

func TestSeverityOf(t *testing.T) {
	plain := Rule{Severity: Rising}
	levels := Rule{Severity: Rising, Levels: []Level{{5, Low}, {50, High}}}
	for _, c := range []struct {
		rule *Rule
		n    int64
		want Severity
		ok   bool
	}{
		{&plain, 1, Low, true}, {&plain, 99, Medium, true}, {&plain, 100, High, true},
		{&levels, 4, 0, false}, {&levels, 5, Low, true}, {&levels, 49, Low, true}, {&levels, 50, High, true},
	} {
		if got, ok := c.rule.SeverityOf(c.n); got != c.want || ok != c.ok {
			t.Errorf("%d occurrences: %v %v, want %v %v", c.n, got, ok, c.want, c.ok)
		}
	}
}

// TestFarKeywordsAreLinear: what is around values is gone over once, however
// many of them there are.
func TestFarKeywordsAreLinear(t *testing.T) {
	s := compileAll(t, []Rule{badge(Around{Before: MaxAround, Whole: true})})
	q := newSearch(s)
	for _, unit := range []string{"4711 ", "badge 4711 ", "badge ", "4711 4712 badge "} {
		text := []byte(strings.Repeat(unit, 40_000/len(unit)))
		q.run(nil, text, 0, len(text))
		// A keyword of five letters stands at most MaxAround/6 times before a value.
		if most := len(text) * (1 + MaxAround/6/5); q.looked > most {
			t.Errorf("%q: %d steps for %d bytes", unit, q.looked, len(text))
		}
	}
}

// TestAroundAndPlaces: the name of a column counts whatever Around says, beside
// those of rules that have none.
func TestAroundAndPlaces(t *testing.T) {
	near := badge(Around{})
	near.ID, near.Keywords = "NEAR", []string{"pass", "badge"}
	s := compileAll(t, []Rule{badge(Around{Before: 1}), near})
	text := []byte("a,4711,b,4712")
	for names, want := range map[string]string{"badge no": "BADGE@2 NEAR@2", "pass": "NEAR@2", "Pass/Badge": "BADGE@2 NEAR@2"} {
		places := []Place{{2, 6, s.Names([]byte(names))}}
		var got []string
		for _, m := range s.FindIn(nil, text, 0, len(text), places) {
			got = append(got, s.Rule(m.Rule).ID+"@"+string(rune('0'+m.Start)))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("in a column %s found %q, want %s", names, got, want)
		}
		if naive := s.FindNaiveIn(nil, text, 0, len(text), places); len(naive) != len(got) {
			t.Errorf("in a column %s the loop found %v", names, naive)
		}
	}
	if s.Names([]byte("other")) != nil {
		t.Error("a name without a keyword is one")
	}
}
