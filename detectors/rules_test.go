package detectors

import (
	"testing"

	"github.com/sluice-dlp/sluice/detectors/vectors"
)

// TestVectors executes the vectors of every built-in rule, each rule alone,
// on the fast path and on the naive one.
func TestVectors(t *testing.T) {
	for _, r := range Builtin() {
		t.Run(r.ID, func(t *testing.T) {
			s := compileAll(t, []Rule{r})
			v, err := vectors.Of(r.ID)
			if err != nil {
				t.Fatal(err)
			}
			if len(v.Positive) < 5 || len(v.Negative) < 5 || len(v.NearMiss) < 5 {
				t.Errorf("has %d positive, %d negative and %d near-miss vectors; needs 5 of each", len(v.Positive), len(v.Negative), len(v.NearMiss))
			}
			for i, x := range v.Positive {
				check(t, s, "positive", i, x.Text, []Match{{Rule: 0, Start: x.Start, End: x.End}})
			}
			for i, x := range v.Negative {
				check(t, s, "negative", i, x, nil)
			}
			for i, x := range v.NearMiss {
				check(t, s, "near miss", i, x, nil)
			}
		})
	}
}

// TestVectorsHaveRules finds files that no rule executes.
func TestVectorsHaveRules(t *testing.T) {
	known := make(map[string]bool)
	for _, r := range Builtin() {
		known[r.ID] = true
	}
	for _, id := range vectors.IDs() {
		if !known[id] {
			t.Errorf("vectors of %s, which is no rule", id)
		}
	}
}

// check finds in text alone and amid filler. It prints no text: a failure
// names the vector by number.
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
				t.Errorf("%s vector %d (%s, padding %d): found %v, want %v", kind, i, name, len(pad), got, want)
			}
		}
	}
}
