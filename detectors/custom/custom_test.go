package custom

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors"
)

// found returns what the identifiers of a file find in text.
func found(t *testing.T, file, text string) []string {
	t.Helper()
	s, err := detectors.Compile(parse(t, file).Rules(), detectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := s.Find(nil, []byte(text), 0, len(text))
	if want := s.FindNaive(nil, []byte(text), 0, len(text)); !slices.Equal(got, want) {
		t.Errorf("found %v, the loop %v", got, want)
	}
	var values []string
	for _, m := range got {
		values = append(values, text[m.Start:m.End])
	}
	return values
}

// TestMacieDistance: from the end of the keyword to the end of the match, and
// the keyword comes first.
func TestMacieDistance(t *testing.T) {
	const file = "name: a\nregex: '\\b\\d{4}\\b'\nkeywords: [badge]\nmaximumMatchDistance: 10\n"
	for text, want := range map[string]bool{
		"badge" + strings.Repeat(".", 6) + "4711": true,
		"badge" + strings.Repeat(".", 7) + "4711": false,
		"4711 badge":                                    false,
		"a keyword in another case: BADGE 4711":         true,
		"a keyword that is part of a word: badges 4711": false,
		strings.Repeat("x ", 400) + "badge 4711":        true,
		"badge " + strings.Repeat("x ", 400) + " 4711":  false,
	} {
		if got := len(found(t, file, text)) > 0; got != want {
			t.Errorf("%q: found %v, want %v", text, got, want)
		}
		if got := len(found(t, file+"keywordsAfter: true", text)) > 0; got != (want || text == "4711 badge") {
			t.Errorf("%q, with keywords after: found %v", text, got)
		}
	}
}

func TestIgnoreWords(t *testing.T) {
	got := found(t, "name: a\nregex: '[A-Z]+-\\d{4}'\nignoreWords: [TEST, '0000']\n", "ABC-1234 TEST-1234 ABC-0000 LATEST-1 test-1234 MYTEST-4711")
	if want := []string{"ABC-1234"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestValueGroup(t *testing.T) {
	if got := found(t, "name: a\nregex: 'id=(?P<value>\\d+);'\n", "id=12; id=3, id=45;"); !slices.Equal(got, []string{"12", "45"}) {
		t.Errorf("found %q", got)
	}
}

// TestIndependent: identifiers neither hide what built-in detectors find nor
// are hidden by it, nor by each other.
func TestIndependent(t *testing.T) {
	f := parse(t, "- {name: part, regex: 'jane'}\n- {name: all, regex: 'mail jane[.]doe@example[.]com'}\n")
	s, err := detectors.Compile(append(detectors.Builtin(), f.Rules()...), detectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("mail jane.doe@example.com")
	var ids []string
	for _, m := range s.Find(nil, text, 0, len(text)) {
		ids = append(ids, s.Rule(m.Rule).ID)
	}
	if want := []string{"all", "part", "EMAIL_ADDRESS"}; !slices.Equal(ids, want) {
		t.Errorf("found %q, want %q", ids, want)
	}
}

// TestValidators uses published numbers: ISO/IEC 7812 and the usual example of
// Luhn's formula, an LEI out of ISO 17442, Verhoeff's 2363, the example of ISO
// 7064 MOD 11,10, an ISBN-10 and the NHS's example number.
func TestValidators(t *testing.T) {
	for _, c := range []struct{ validator, right, wrong string }{
		{"luhn", "7992 7398 713", "7992 7398 712"},
		{"luhn", "EMP-79927398713", "EMP-79927398731"},
		{"mod97", "5493001KJTIIGC8Y1R12", "5493001KJTIIGC8Y1R21"},
		{"mod97", "5493001kjtiigc8y1r12", "5493001kjtiigc8y1r13"},
		{"verhoeff", "2363", "2636"},
		{"mod11_10", "07945", "07946"},
		{"{weights: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], modulus: 11}", "0-306-40615-2", "0-306-40615-3"},
		{"{weights: [10, 9, 8, 7, 6, 5, 4, 3, 2], modulus: 11, map: '0X987654321'}", "0-8044-2957-X", "0-8044-2957-1"},
		{"{weights: [10, 9, 8, 7, 6, 5, 4, 3, 2], modulus: 11, map: '0-987654321'}", "943 476 5919", "943 476 5910"},
		{"{weights: [1, 1], modulus: 7}", "A4", "A5"}, // 10 + 4
	} {
		f := parse(t, "name: a\nregex: '[A-Za-z0-9 -]{2,30}'\nvalidator: "+c.validator)
		v := f.Identifiers[0].Validator
		if !v.valid([]byte(c.right)) || v.valid([]byte(c.wrong)) || v.valid(nil) || v.valid([]byte("7")) || v.valid([]byte(c.right+"01")) {
			t.Errorf("%s: wrong answer for %s, %s or parts of them", c.validator, c.right, c.wrong)
		}
		if got := found(t, "name: a\nregex: '[A-Za-z0-9 -]{2,30}'\nvalidator: "+c.validator, c.right+"\n"+c.wrong+"\n"); !slices.Equal(got, []string{c.right}) {
			t.Errorf("%s: found %q", c.validator, got)
		}
	}
}

// TestMapOfNone: a remainder that the map has '-' for is that of no value.
func TestMapOfNone(t *testing.T) {
	v := parse(t, "name: a\nregex: 'x'\nvalidator: {weights: [1], modulus: 2, map: '0-'}").Identifiers[0].Validator
	for s, want := range map[string]bool{"20": true, "30": false, "31": false, "3-": false} {
		if got := v.valid([]byte(s)); got != want {
			t.Errorf("%s: %v, want %v", s, got, want)
		}
	}
}

func TestExamples(t *testing.T) {
	f := parse(t, `
name: Employee number
regex: '\bEMP-\d{5}\b'
keywords: [employee]
examples:
  match:
    - employee EMP-12345
    - EMP-12345
  noMatch:
    - EMP-12345
    - the employee EMP-12345
    - employee EMP-123456
`)
	failures, err := f.Identifiers[0].Check()
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, x := range failures {
		said = append(said, x.Error())
	}
	want := []string{
		"rules:8: Employee number: example 2: nothing is found in a text of match",
		"rules:11: Employee number: example 4: something is found in a text of noMatch",
	}
	if !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
}

// TestVariantTellsValidatorsApart: the identity of a set changes with them.
func TestVariantTellsValidatorsApart(t *testing.T) {
	seen := make(map[string]bool)
	for i, v := range []string{"luhn", "verhoeff", "{weights: [1, 2], modulus: 11}", "{weights: [1, 3], modulus: 11}", "{weights: [1, 2], modulus: 10}",
		"{weights: [1, 2], modulus: 3, map: '012'}", "{weights: [1, 2], modulus: 3, map: '021'}"} {
		s, err := detectors.Compile(parse(t, fmt.Sprintf("name: a\nregex: 'x'\nvalidator: %s", v)).Rules(), detectors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if seen[s.ID()] {
			t.Errorf("validator %d has the id of another", i)
		}
		seen[s.ID()] = true
	}
}
