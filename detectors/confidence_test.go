package detectors

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// even is a rule of four-digit numbers, of which most genuine ones are even.
func even() Rule {
	return Rule{
		ID: "EVEN", Forms: []Form{{Pattern: "9999"}}, Keywords: []string{"pin"}, Priority: PriorityCheck,
		Sure: func(v []byte) bool { return (v[3]-'0')%2 == 0 },
	}
}

func TestConfidence(t *testing.T) {
	alone := Rule{ID: "X", Forms: []Form{{Pattern: "9999"}}, Priority: PriorityCheck}
	strong := Rule{ID: "X", Forms: []Form{{Pattern: "9999"}}, Keywords: []string{"pin"}, Priority: PriorityStrong}
	needy := Rule{ID: "X", Forms: []Form{{Pattern: "9999"}}, Keywords: []string{"pin"}, NeedKeyword: true, Priority: PriorityKeyword}
	own := Rule{ID: "X", Forms: []Form{{Pattern: "9999"}}, Confidence: 12, Threshold: 10}
	for _, c := range []struct {
		name  string
		rule  Rule
		least int
		text  string
		want  int // 0: no match
	}{
		{"by itself", alone, 0, "a 1234 b", 65},
		{"a field", alone, 0, "a,1234,b", 72},
		{"ends of the data", alone, 0, "1234", 72},
		{"assigned", alone, 0, "a=1234;b", 72},
		{"half a field", alone, 0, "a,1234 b", 65},
		{"a check that holds", even(), 0, "a 1234 b", 83},
		{"a check that does not", even(), 0, "a 1235 b", 0},
		{"a check that does not, beside a keyword", even(), 0, "pin 1235 b", 78},
		{"a check that does not, all certainties", even(), 1, "a 1235 b", 43},
		{"certain enough to ask no keyword", strong, 0, "pin 1234 b", 85},
		{"a needed keyword", needy, 0, "pin 1234 b", 74},
		{"a needed keyword that is missing", needy, 1, "a 1234 b", 0},
		{"what the rule says", own, 0, "a 1234 b", 12},
		{"less than the set wants", own, 13, "a 1234 b", 0},
		{"just what the set wants", own, 12, "a 1234 b", 12},
	} {
		s, err := Compile([]Rule{c.rule}, Options{MinConfidence: c.least})
		if err != nil {
			t.Fatal(err)
		}
		text := []byte(c.text)
		got := 0
		for _, m := range s.Find(nil, text, 0, len(text)) {
			got = m.Confidence
		}
		if got != c.want {
			t.Errorf("%s: %d per cent, want %d", c.name, got, c.want)
		}
		checkAgainstNaive(t, s, text, 0, len(text), c.name)
	}
}

// TestUncertainCoversNothing has a value that does not count around one that
// does.
func TestUncertainCoversNothing(t *testing.T) {
	wide := Rule{ID: "WIDE", Forms: []Form{{Pattern: "9999-9999"}}, Priority: PriorityStrong, Confidence: 40}
	s := compileAll(t, []Rule{wide, {ID: "NARROW", Match: matchTail, Anchor: Anchor{Digits: true}, MaxLen: 4}})
	text := []byte("x 1234-5678 y")
	if got := s.Find(nil, text, 0, len(text)); len(got) != 1 || s.Rule(got[0].Rule).ID != "NARROW" {
		t.Errorf("found %v", got)
	}
	checkAgainstNaive(t, s, text, 0, len(text), "text")
}

// matchTail finds four digits behind a hyphen.
func matchTail(w []byte, at int) (start, end int, ok bool) {
	return at, at + 4, at > 0 && w[at-1] == '-'
}

func TestConfidenceOutOfRange(t *testing.T) {
	if _, err := Compile([]Rule{even()}, Options{MinConfidence: 100}); err == nil {
		t.Error("a certainty of 100 per cent can be demanded")
	}
	r := even()
	r.Confidence = 101
	if _, err := Compile([]Rule{r}, Options{}); err == nil || !strings.Contains(err.Error(), "EVEN") {
		t.Errorf("a rule with confidence 101: %v", err)
	}
}

// relatives are rules with one shape, a common keyword and one each of their own.
func relatives() []Rule {
	var rules []Rule
	for _, r := range []struct{ id, keyword string }{{"US", "license"}, {"DE", "lizenz"}, {"DK", "long kort"}, {"NL", "kort"}} {
		rules = append(rules, Rule{
			ID: r.id, Forms: []Form{{Pattern: "99999"}}, Keywords: []string{"id", r.keyword}, NeedKeyword: true,
			Priority: PriorityKeyword, Family: "licence",
		})
	}
	// One that is no relative.
	return append(rules, Rule{ID: "ANY", Forms: []Form{{Pattern: "99999"}}, Keywords: []string{"lizenz"}, NeedKeyword: true, Priority: PriorityKeyword})
}

func TestOnePerFamily(t *testing.T) {
	s := compileAll(t, relatives())
	for _, c := range []struct{ text, want string }{
		{"id 12345", "US"},                 // all are as near: the first
		{"lizenz 12345", "DE ANY"},         // the only one, and one of no family
		{"license lizenz 12345", "DE ANY"}, // the nearest
		{"lizenz and license 12345", "US ANY"},
		{"12345 license id", "US"},        // behind
		{"lizenz   12345 kort", "NL ANY"}, // on the other side
		{"long kort 12345", "DK"},         // the longest
		{"kort id:12345", "US"},
		{"id 12345 lizenz 67890", "DE ANY DE ANY"}, // as near on both sides: the longer
		{"long kort 12345 license 12345", "DK US"},
		{"12345", ""},
		{strings.Repeat("id 12345 ", 3), "US US US"},
	} {
		text := []byte(c.text)
		var got []string
		for _, m := range s.Find(nil, text, 0, len(text)) {
			got = append(got, s.Rule(m.Rule).ID)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: found %v, want %s", c.text, got, c.want)
		}
		checkAgainstNaive(t, s, text, 0, len(text), c.text)
	}
}

// TestFamiliesAreNaive compares with the loop on texts full of relatives.
func TestFamiliesAreNaive(t *testing.T) {
	s := compileAll(t, relatives())
	g := newWriter(8, relatives())
	g.pieces = slices.DeleteFunc(append(g.pieces, "12345", "67890", "12345"), func(p string) bool { return p == "word" })
	for range 200 {
		text := g.text(400)
		if bytes.Count(text, []byte("12345")) == 0 {
			continue
		}
		checkAgainstNaive(t, s, text, 0, len(text), "text")
	}
}
