package detectors

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestStringSet asks for the dummies of all rules, and for what is near them.
func TestStringSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	for _, rule := range rulesUnderTest() {
		d := newStringSet(rule.Dummies...)
		for _, v := range rule.Dummies {
			if !d.has([]byte(v)) {
				t.Errorf("%s: a dummy is not known", rule.ID)
			}
			for range 50 {
				near := []byte(v)
				near[rng.IntN(len(near))] ^= byte(1 + rng.IntN(3))
				near = near[:len(near)-rng.IntN(2)]
				if got, want := d.has(near), slices.Contains(rule.Dummies, string(near)); got != want {
					t.Errorf("%s: %q is a dummy: %v", rule.ID, near, got)
				}
			}
		}
	}
}
