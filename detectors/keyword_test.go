package detectors

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestKeywordBounded: what may stand beside a keyword.
func TestKeywordBounded(t *testing.T) {
	for text, want := range map[string]bool{
		"«ssn»":         true,
		"the «ssn» is":  true,
		"us_«ssn»_old":  true,
		"customer«SSN»": true, // camelCase
		"«ssn»Value":    true,
		"«SSN»VALUE":    false,
		"a«ssn»":        false,
		"«ssn»s":        false,
		"«ssn»2":        true,
		"«ssn»12:":      true,
		"«ssn»123":      false,
		"«ssn»2b":       false,
		"2«ssn»":        false,
		"1C7«dob»Q05":   false,
		`x\n«ssn»`:      true,
		`x\t«ssn»`:      true,
		`x\q«ssn»`:      false,
		"%20«ssn»":      true,
		"%3D«ssn»":      true,
		"%4D«ssn»":      false,
		"d20«ssn»":      false,
		"我的«身份证»号12":    true,
		"2«身份证»123":     true,
		"«ss#»123":      true,
	} {
		before, rest, _ := bytes.Cut([]byte(text), []byte("«"))
		word, after, _ := bytes.Cut(rest, []byte("»"))
		w := bytes.Join([][]byte{before, word, after}, nil)
		if got := keywordBounded(w, len(before), len(before)+len(word)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// TestKeywordBoundedIsPlain compares the short way with the long one.
func TestKeywordBoundedIsPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "Z", "ssn", "SSN", "7", "42", "123", " ", "_", "-", "\\n", "%20", "é", "É", "身", "\xff", "ſ", "."}
	for range 20000 {
		var w []byte
		var ends []int
		for range 6 {
			w = append(w, pieces[rng.IntN(len(pieces))]...)
			ends = append(ends, len(w))
		}
		i, j := rng.IntN(5), 0
		for j = i + 1; j < 5 && rng.IntN(2) == 0; {
			j++
		}
		start, end := ends[i], ends[j]
		if got, want := keywordBounded(w, start, end), keywordBoundedAnywhere(w, start, end); got != want {
			t.Fatalf("%q in %q: %v, want %v", w[start:end], w, got, want)
		}
	}
}
