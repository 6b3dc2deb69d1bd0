package detectors

import (
	"bytes"
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
