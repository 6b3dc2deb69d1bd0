package detectors

import (
	"slices"
	"testing"
)

func TestExplain(t *testing.T) {
	noMatch := func(w []byte, at int) (start, end int, ok bool) { return 0, 0, false }
	for _, c := range []struct {
		name string
		rule Rule
		want string
	}{
		{"layouts", Rule{Forms: []Form{{Pattern: "99-99"}, {Pattern: "9999"}}}, "layout 99-99, 9999"},
		{"many layouts", Rule{Forms: []Form{{Pattern: "9"}, {Pattern: "99"}, {Pattern: "999"}, {Pattern: "9999"}}}, "layout 9, 99 and 2 more"},
		{"digits", Rule{Match: noMatch, Anchor: Anchor{Digits: true}}, "runs of digits"},
		{"some digits", Rule{Match: noMatch, Anchor: Anchor{Digits: true, Runs: []Run{{Min: 3, Max: 3}, {Min: 5, Max: 9}}}}, "runs of 3, 5–9 digits"},
		{"words and base64", Rule{Match: noMatch, Anchor: Anchor{Token: true, Base64: 40}}, "starts of words, runs of 40 base64 digits"},
		{"literals and bytes", Rule{Match: noMatch, Anchor: Anchor{Literals: []string{"AKIA"}, Bytes: "@:"}}, `"AKIA", "@", ":"`},
		{"anchored pattern", Rule{Pattern: `\w+`, Anchor: Anchor{Token: true}}, "starts of words"},
		{"literal", Rule{Pattern: `EMP-\d{5}`}, `"EMP-"`},
		{"folded literal", Rule{Pattern: `(?i)emp-\d{5}`}, `"emp-" in any case`},
		{"inner literal", Rule{Pattern: `[a-z]{3}-emp-\d`}, `"-emp-" at byte 3`},
		{"inner literals", Rule{Pattern: `[a-z]{3}-(?:emp|job|man)-\d`}, `"-emp-", "-job-", "-man-" at byte 3`},
		{"literals of different kinds", Rule{Pattern: `emp-\d|(?i:job)-\d|[a-z]{3}-man`}, `"emp-", "job-" in any case, "-man" at byte 3`},
		{"inner literal at no fixed place", Rule{Pattern: `[a-z]+@example\.com`}, `"@example.com" at byte 1 to 88`},
		{"first bytes", Rule{Pattern: `[A-Z]\d{2}`}, `first bytes [A-Z][0-9][0-9]`},
		{"first byte", Rule{Pattern: `[\x01-\x08\x0e-\x19]`}, `first byte [\x01-\x08\x0E-\x19]`},
		{"keyword", Rule{Pattern: `[^a]+`, Keywords: []string{"pin"}, NeedKeyword: true}, "130 bytes around a keyword"},
		{"everywhere", Rule{Pattern: `[^a]+`}, "everywhere"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.rule.ID, c.rule.MaxLen = "R", 100
			s := compileAll(t, []Rule{c.rule})
			if got := s.Explain(0); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if got := s.Anchored(0); got != (c.want != "everywhere") {
				t.Errorf("anchored: %v", got)
			}
		})
	}
}

func TestFindTried(t *testing.T) {
	s := compileAll(t, []Rule{{ID: "R", Pattern: `key=\d+`, MaxLen: 10}})
	text := []byte("key=x key=1 keys")
	got, tried := s.FindTried(nil, text, 0, len(text))
	if want := s.Find(nil, text, 0, len(text)); !slices.Equal(got, want) || len(got) != 1 {
		t.Errorf("found %v, Find %v", got, want)
	}
	if tried != 1 { // the head of the pattern refuses the other
		t.Errorf("tried %d, want 1", tried)
	}
}
