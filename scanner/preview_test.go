package scanner

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/detectors/vectors"
)

func TestPreview(t *testing.T) {
	for _, x := range []struct {
		name, value string
		show        int
		want        string
	}{
		{"punctuation stays", "ab-12 (c)@d.ef", 0, "**-** (*)@*.**"},
		{"last four", "4111-1111-1111-1234", 4, "****-****-****-1234"},
		{"across punctuation", "12345678901-2.3", 3, "**********1-2.3"},
		{"just enough", "123456789012", 4, "********9012"},
		{"one too few", "12345678901", 4, "***********"},
		{"never more than four", "123456789012345678901234567890", 9, "**************************7890"},
		{"trailing punctuation", "123456789:", 3, "******789:"},
		{"control and non-ASCII", "a\tb\nc\r\x00é\x7f\xff", 2, "***********"},
		{"forty", strings.Repeat("a.", 20), 0, strings.Repeat("*.", 20)},
		{"forty-one", "-" + strings.Repeat("a.", 20), 0, "-" + strings.Repeat("*.", 9) + "*…" + strings.Repeat(".*", 9) + "."},
		{"long, shown", strings.Repeat("x", 100) + "1234", 4, strings.Repeat("*", 20) + "…" + strings.Repeat("*", 15) + "1234"},
		{"empty", "", 4, ""},
	} {
		if got := preview([]byte(x.value), x.show); got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
}

// TestPreviewOfExamples searches all built-in examples and wants previews
// that tell nothing: at most 40 characters, printable, and no five letters and
// digits of the value in a row.
func TestPreviewOfExamples(t *testing.T) {
	set := builtin(t)
	n := 0
	for i := range set.Len() {
		for k, x := range vectors.MustOf(set.Rule(i).ID).Positive {
			text := []byte(x.Text)
			for _, m := range set.Find(nil, text, 0, len(text)) {
				n++
				value := text[m.Start:m.End]
				checkPreview(t, set.Rule(m.Rule), k, string(value), preview(value, set.Rule(m.Rule).Show))
			}
		}
	}
	if n < set.Len() {
		t.Errorf("only %d values of %d rules were previewed", n, set.Len())
	}
}

func checkPreview(t *testing.T, rule *detectors.Rule, example int, value, got string) {
	t.Helper()
	if utf8.RuneCountInString(got) > maxPreview {
		t.Errorf("%s, example %d: the preview is too long", rule.ID, example)
	}
	run := 0
	for _, c := range []byte(strings.ReplaceAll(got, "…", "")) {
		if c < ' ' || c > '~' {
			t.Errorf("%s, example %d: the preview has a byte that is not printable", rule.ID, example)
		}
		if run++; !isAlnum(c) {
			run = 0
		}
		if run >= 5 {
			t.Errorf("%s, example %d: the preview tells five letters or digits in a row", rule.ID, example)
		}
	}
	if alnum := onlyAlnum(value); len(alnum) >= 5 && strings.Contains(onlyAlnum(got), alnum[:5]) {
		t.Errorf("%s, example %d: the preview tells how the value begins", rule.ID, example)
	}
}

func onlyAlnum(s string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && isAlnum(byte(r)) {
			return r
		}
		return -1
	}, s)
}

// builtin compiles the built-in rules.
func builtin(t testing.TB) *detectors.Set {
	t.Helper()
	set, err := detectors.Compile(detectors.Builtin(), detectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}
