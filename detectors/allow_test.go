package detectors

import (
	"slices"
	"strings"
	"testing"
)

func allowing(t *testing.T, rules []Rule, lists ...AllowList) *Set {
	t.Helper()
	s, err := Compile(rules, Options{Allow: lists})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAllow(t *testing.T) {
	rules := []Rule{
		{ID: "NUMBER", Forms: []Form{{Pattern: "99~9999~99"}}, Priority: 20},
		{ID: "MAIL", Pattern: `[A-Za-zÀ-ÿ0-9]+@[a-z.]+`, MaxLen: 40, Priority: 50},
		{ID: "YEAR", Pattern: `\b(?:19|20)\d\d\b`, MaxLen: 4, Priority: 5, Confidence: 80},
	}
	const text = "12-2001-56 and Jane@example.com, MÜLLER@example.com, 2001"
	all := []string{"NUMBER 12-2001-56", "MAIL Jane@example.com", "MAIL MÜLLER@example.com", "YEAR 2001"}
	without := func(gone ...string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(v string) bool { return slices.Contains(gone, v) })
	}
	for _, c := range []struct {
		name  string
		lists []AllowList
		want  []string
	}{
		{"none", nil, all},
		{"a value", []AllowList{{Values: []string{"2001"}}}, without("YEAR 2001")},
		{"part of a value", []AllowList{{Values: []string{"200", "example.com", "12"}}}, all},
		{"more than a value", []AllowList{{Values: []string{"2001 "}}}, all},
		{"in another case", []AllowList{{Values: []string{"JANE@Example.com", "müller@EXAMPLE.com"}}}, without("MAIL Jane@example.com", "MAIL MÜLLER@example.com")},
		{"in another writing", []AllowList{{Values: []string{"12 2001 56"}}}, without("NUMBER 12-2001-56")},
		{"another writing of what has none", []AllowList{{Values: []string{"2-001"}}}, all},
		{"a pattern", []AllowList{{Pattern: `.*@example\.com`}}, without("MAIL Jane@example.com", "MAIL MÜLLER@example.com")},
		{"a pattern of the beginning", []AllowList{{Pattern: `Jane|20`}}, all},
		{"a pattern of the end", []AllowList{{Pattern: `example\.com|001`}}, all},
		{"alternatives", []AllowList{{Pattern: `20|2001|Jane@example.com`}}, without("MAIL Jane@example.com", "YEAR 2001")},
		{"a pattern with a flag", []AllowList{{Pattern: `(?i)jane@.*`}}, without("MAIL Jane@example.com")},
		{"a rule", []AllowList{{Values: []string{"2001", "jane@example.com"}, Rules: []string{"MAIL", "NO_SUCH"}}}, without("MAIL Jane@example.com")},
		{"no rule of the set", []AllowList{{Values: []string{"2001"}, Rules: []string{"NO_SUCH"}}}, all},
		{"two lists", []AllowList{{Values: []string{"2001"}}, {Pattern: "Jane.*", Rules: []string{"MAIL"}}}, without("MAIL Jane@example.com", "YEAR 2001")},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := allowing(t, rules, c.lists...)
			if got := find(t, s, text); !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
			found, taken := s.FindAllowed(nil, nil, []byte(text), 0, len(text), nil)
			if len(found) != len(c.want) || len(found)+len(taken) != len(all) {
				t.Errorf("%d found and %d taken out, want %d of %d found", len(found), len(taken), len(c.want), len(all))
			}
		})
	}
}

// TestAllowOnlyTakesAway: with a list, what is found is what is found without
// it and not on it. What an allowed value covers stays covered.
func TestAllowOnlyTakesAway(t *testing.T) {
	rules := rulesUnderTest()
	plain := compileAll(t, rules)
	g := newWriter(11, rules)
	taken := 0
	for range 6 {
		text := g.text(1500)
		all := plain.Find(nil, text, 0, len(text))
		var values []string
		for i, m := range all {
			if i%3 == 0 {
				values = append(values, string(text[m.Start:m.End]))
			}
		}
		if len(values) == 0 {
			t.Fatal("nothing was found to allow")
		}
		s := allowing(t, rules, AllowList{Values: values}, AllowList{Pattern: `[0-9]+`, Rules: []string{"DIGITS", "GROUPS", "MIXED"}})
		checkAgainstNaive(t, s, text, 0, len(text), "text")
		want := slices.DeleteFunc(all, func(m Match) bool { return s.isAllowed(m, text, nil) })
		got, gone := s.FindAllowed(nil, nil, text, 0, len(text), nil)
		if !slices.Equal(got, want) {
			t.Fatal(diff(s, got, want))
		}
		taken += len(gone)
	}
	if taken < 30 {
		t.Errorf("%d values were allowed: too few to tell", taken)
	}
}

func TestAllowCovers(t *testing.T) {
	rules := []Rule{{ID: "LONG", Pattern: `\d{8}`, MaxLen: 8, Priority: 50}, {ID: "SHORT", Pattern: `[1-3]{4}`, MaxLen: 4, Priority: 10}}
	s := allowing(t, rules, AllowList{Values: []string{"12312399"}})
	if got := find(t, s, "12312399 9931231"); !slices.Equal(got, []string{"SHORT 3123"}) {
		t.Errorf("found %q", got)
	}
}

func TestAllowIsChecked(t *testing.T) {
	for want, l := range map[string]AllowList{
		"either values or a pattern": {Name: "both", Values: []string{"x"}, Pattern: "x"},
		"either values":              {Name: "neither"},
		"missing closing":            {Name: "broken", Pattern: "(x"},
		"unexpected )":               {Name: "unbalanced", Pattern: "x)|(?:y"},
		"matches the empty string":   {Name: "all", Pattern: ".*"},
	} {
		_, err := Compile(oddRules(), Options{Allow: []AllowList{l}})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), l.Name) {
			t.Errorf("%s: error %v, want one with %q", l.Name, err, want)
		}
	}
}

// TestSetIDTellsAll: whatever changes what is found changes the id.
func TestSetIDTellsAll(t *testing.T) {
	seen := make(map[string]string)
	add := func(what string, r Rule, lists ...AllowList) {
		id := allowing(t, []Rule{r}, lists...).ID()
		if other, dup := seen[id]; dup {
			t.Errorf("%s has the id of %s", what, other)
		}
		seen[id] = what
	}
	plain := badge(Around{})
	changed := func(change func(*Rule)) Rule {
		r := plain
		change(&r)
		return r
	}
	add("plain", plain)
	add("around", badge(Around{Before: 50}))
	add("whole", badge(Around{Before: 50, Whole: true}))
	add("ignore", changed(func(r *Rule) { r.Ignore = []string{"00"} }))
	add("levels", changed(func(r *Rule) { r.Levels = []Level{{5, Low}} }))
	add("apart", changed(func(r *Rule) { r.Apart = true }))
	add("variant", changed(func(r *Rule) { r.Variant = "weights 1 2 3" }))
	add("value", plain, AllowList{Values: []string{"4711"}})
	add("two values", plain, AllowList{Values: []string{"4711", "4712"}})
	add("pattern", plain, AllowList{Pattern: "4711"})
	add("for a rule", plain, AllowList{Values: []string{"4711"}, Rules: []string{"BADGE"}})
}

// TestAllowAllocatesNothing: asking a list of values costs no memory.
func TestAllowAllocatesNothing(t *testing.T) {
	s := allowing(t, Builtin(), AllowList{Values: []string{"jane.doe@example.com"}})
	text := []byte(strings.Repeat("mail jane.doe@example.com, JOE@example.com, card 4539 1488 0343 6467\n", 20))
	q := newSearch(s)
	dst := q.run(nil, text, 0, len(text))
	if len(dst) != 40 || len(q.allowed) != 20 {
		t.Fatalf("%d found, %d allowed", len(dst), len(q.allowed))
	}
	if n := testing.AllocsPerRun(5, func() { dst = q.run(dst[:0], text, 0, len(text)) }); n != 0 {
		t.Errorf("%v allocations a call", n)
	}
}

// TestAllowHidden: a value counts as it is meant, however it is written.
func TestAllowHidden(t *testing.T) {
	rule := Rule{ID: "NUMBER", Forms: []Form{{Pattern: "9999~9999"}}, Priority: PriorityStrong}
	for _, l := range []AllowList{{Values: []string{"1234 5678"}}, {Pattern: `1234[- ]?5678`}} {
		s := allowing(t, []Rule{rule}, l)
		text := []byte("a 1234\u00a05678 b 1234&nbsp;5678 c 1234\u00a05679")
		checkAgainstNaive(t, s, text, 0, len(text), "text")
		if found, taken := s.FindAllowed(nil, nil, text, 0, len(text), nil); len(found) != 1 || len(taken) != 2 {
			t.Errorf("%+v: %d found, %d allowed", l, len(found), len(taken))
		}
	}
}
