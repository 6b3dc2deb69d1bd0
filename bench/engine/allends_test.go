package main

import (
	"regexp"
	"testing"
)

// TestAllEnds compares with the definition: there is a start from which the
// expression matches just as far as that end.
func TestAllEnds(t *testing.T) {
	exprs := []string{"a", "ab", "a+", "a*b?", "(?:ab|abc)c?", "a{2,4}", "[ab]{1,3}c", "a.{0,2}?c", ".*", "(?i)A+B", "x", "a|b|abc"}
	texts := []string{"", "a", "b", "abc", "aabbcc", "aaaaaaa", "abcabcabc", "a\nc abc", "AbaB", "ab\xffc", "a\x80\x80c"}
	for _, expr := range exprs {
		whole := regexp.MustCompile(`\A(?:` + expr + `)\z`)
		for _, text := range texts {
			want := 0
			for end := range len(text) + 1 {
				for start := range end {
					if whole.MatchString(latin1(text[start:end])) {
						want++
						break
					}
				}
			}
			if got, err := allEnds(expr, []byte(text)); err != nil || got != want {
				t.Errorf("%q in %q: %d ends, %v; want %d", expr, text, got, err, want)
			}
		}
	}
}

// latin1 is a text with a character for each byte of s.
func latin1(s string) string {
	var rs []rune
	for _, b := range []byte(s) {
		rs = append(rs, rune(b))
	}
	return string(rs)
}

// TestAllEndsBoundaries has the cases in which what stands around a match counts.
func TestAllEndsBoundaries(t *testing.T) {
	for _, c := range []struct {
		expr, text string
		want       int
	}{
		{`\b[0-9]{2,3}\b`, "12 345 6789 01", 3},
		{`\b[0-9]{2,3}`, "12 345 6789", 5},
		{`[0-9]{2,3}\b`, "6789", 1},
		{`\bé`, "\xc3\xa9", 0}, // two bytes, and no word
		{`^a`, "aa\na", 1},
		{`a$`, "aa\na", 1},
	} {
		if got, err := allEnds(c.expr, []byte(c.text)); err != nil || got != c.want {
			t.Errorf("%q in %q: %d ends, %v; want %d", c.expr, c.text, got, err, c.want)
		}
	}
	if _, err := allEnds("(", nil); err == nil {
		t.Error("a broken expression is no error")
	}
}
