package detectors

import "testing"

// TestIBANRegistry: all countries once, each example of the length that its
// structure says, and valid for its own rule only.
func TestIBANRegistry(t *testing.T) {
	if len(ibanRegistry) != 90 || len(ibanPartial) != 21 {
		t.Errorf("%d and %d countries, want 90 and 21", len(ibanRegistry), len(ibanPartial))
	}
	rules := iban()
	s, err := Compile(rules, Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for i, c := range append(ibanRegistry[:len(ibanRegistry):len(ibanRegistry)], ibanPartial...) {
		if seen[c.code()] {
			t.Errorf("%s twice", c.code())
		}
		seen[c.code()] = true
		for k := range rules {
			if got, want := s.Valid(k, []byte(c.example)), k == min(i, len(ibanRegistry)); got != want {
				t.Errorf("example of %s for %s: %v, want %v", c.name, rules[k].ID, got, want)
			}
		}
	}
}
