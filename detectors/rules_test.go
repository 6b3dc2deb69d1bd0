package detectors

import (
	"strings"
	"testing"
)

// TestExamples executes the examples of every built-in rule, each rule alone,
// on the fast path and on the naive one.
func TestExamples(t *testing.T) {
	for _, r := range Builtin() {
		t.Run(r.ID, func(t *testing.T) {
			s, err := Compile([]Rule{r}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Examples.Positive) < 5 || len(r.Examples.Negative) < 5 || len(r.Examples.NearMiss) < 5 {
				t.Errorf("has %d positive, %d negative and %d near-miss examples; needs 5 of each",
					len(r.Examples.Positive), len(r.Examples.Negative), len(r.Examples.NearMiss))
			}
			for i, x := range r.Examples.Positive {
				before, rest, ok1 := strings.Cut(x, "«")
				value, after, ok2 := strings.Cut(rest, "»")
				if !ok1 || !ok2 {
					t.Errorf("positive %d: no « » around the value", i)
					continue
				}
				want := []Match{{0, len(before), len(before) + len(value)}}
				check(t, s, "positive", i, before+value+after, want)
			}
			for i, x := range r.Examples.Negative {
				check(t, s, "negative", i, x, nil)
			}
			for i, x := range r.Examples.NearMiss {
				check(t, s, "near miss", i, x, nil)
			}
		})
	}
}

// check finds in text alone and amid filler. It prints no text: a failure
// names the example by number.
func check(t *testing.T, s *Set, kind string, i int, text string, want []Match) {
	t.Helper()
	const filler = "the quick brown fox jumps over the lazy dog near a river bank. "
	for _, pad := range []string{"", "\n", filler} {
		w := []byte(pad + text + "\n" + pad)
		for name, find := range map[string]func([]Match, []byte, int, int) []Match{"fast": s.Find, "naive": s.FindNaive} {
			got := find(nil, w, 0, len(w))
			ok := len(got) == len(want)
			for k := range min(len(got), len(want)) {
				ok = ok && got[k].Start-len(pad) == want[k].Start && got[k].End-len(pad) == want[k].End
			}
			if !ok {
				t.Errorf("%s example %d (%s, padding %d): found %v, want %v", kind, i, name, len(pad), got, want)
			}
		}
	}
}
