package detectors

import "testing"

func TestBare(t *testing.T) {
	unchecked, sure := luhnNumber(), luhnNumber()
	unchecked.Valid = nil
	sure.Valid, sure.Sure = nil, sure.Valid
	alone := luhnNumber()
	alone.NeedKeyword = false
	for i, want := range []struct {
		rule Rule
		bare int
	}{{luhnNumber(), 30}, {unchecked, 0}, {sure, 45}, {alone, 0}} {
		if got := compileAll(t, []Rule{want.rule}).Bare(0); got != want.bare {
			t.Errorf("rule %d: %d, want %d", i, got, want.bare)
		}
	}
}

func TestConfidenceOfRule(t *testing.T) {
	rule := Rule{ID: "A", Category: Custom, Severity: Severities{Low, Low, Low}, Pattern: `q[0-9]`, MaxLen: 2, Confidence: 40}
	for _, c := range []struct{ threshold, asked, want int }{{0, 0, DefaultConfidence}, {70, 0, 70}, {70, 30, 30}} {
		rule.Threshold = c.threshold
		set, err := Compile([]Rule{rule}, Options{MinConfidence: c.asked})
		if err != nil {
			t.Fatal(err)
		}
		if own, least := set.Confidence(0); own != 40 || least != c.want {
			t.Errorf("threshold %d, asked for %d: %d and %d, want 40 and %d", c.threshold, c.asked, own, least, c.want)
		}
	}
}
