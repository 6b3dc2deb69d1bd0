package pattern

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors/internal/pattern/patterntest"
)

// show writes a literal as text, with i behind it if it is folded, then its
// distance if that is not 0, then the class before it.
func show(l Literal) string {
	s := fmt.Sprintf("%q", l.Text)
	if l.Fold {
		s += "i"
	}
	switch {
	case l.Hi == Unbounded:
		s += fmt.Sprintf(" %d-", l.Lo)
	case l.Hi > 0:
		s += fmt.Sprintf(" %d-%d", l.Lo, l.Hi)
	}
	if l.Lead != (Class{}) {
		s += " " + l.Lead.String()
	}
	return s
}

func TestLiterals(t *testing.T) {
	for _, c := range []struct{ name, expr, want string }{
		{"prefix", `AKIA[A-Z2-7]{16}`, `"AKIA"`},
		{"prefixes", `(?:AKIA|ASIA)[A-Z2-7]{16}`, `"AKIA", "ASIA"`},
		{"after an assertion", `\bEMP-\d{5}\b`, `"EMP-"`},
		{"alternatives that share a beginning", `gh[ps]_\w{36}|github_pat_\w{22}`, `"ghp_", "ghs_", "github_pat_"`},
		{"inner", `[0-9]{2}-cust-[0-9]`, `"-cust-" 2-2 [0-9]`},
		{"inner after a run", `\w+@example\.com`, `"@example.com" 1- [0-9A-Z_a-z]`},
		{"inner of some alternatives", `(?:\d+-key|[a-z]{3}-id)=`, `"-key" 1- [0-9], "-id" 3-3 [a-z]`},
		{"suffix", `\d{2,3}EUR`, `"EUR" 2-3 [0-9]`},
		{"optional parts", `keys?(?:_id)?=`, `"key"`},
		{"folded", `(?i)Customer\d`, `"customer"i`},
		{"folded in part", `a(?i:bc)D\d`, `"abcd"i`},
		{"cases in a class", `[Kk][Ee]y\d`, `"key"i`},
		{"a case alone is not folded", `(?:Key|key)\d`, `"Key", "key"`},
		{"repeated", `(?:ab){3,}[0-9]`, `"ababab"`},
		{"repeated once or more", `ab+[0-9]`, `"ab"`},
		{"repeated exactly", `(?:ab){2}cd`, `"ababcd"`},
		{"repeated often", `x{20}`, `"xxxxxxxxxxxxxxxx"`},
		{"long", `0123456789abcdefghijk`, `"0123456789abcdefg"`},
		{"bytes beyond ASCII", `é\d`, `"é"`},
		{"one rare byte", `[a-z]{1,5}@[a-z]+`, `"@" 1-5 [a-z]`},
		{"small class", `[@+]\d+`, `"+", "@"`},
		{"nothing", `[^a]+`, ``},
		{"nothing in one alternative", `key\d|[^a]`, ``},
		{"nothing that must be there", `(?:key)?[^a]+(?:id)*`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Compile(c.expr)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range p.Literals() {
				got = append(got, show(l))
			}
			if got := strings.Join(got, ", "); got != c.want {
				t.Errorf("the literals of `%s` are\n%s, want\n%s", c.expr, got, c.want)
			}
		})
	}
}

// TestCases: the parser may take bytes for characters of Latin-1 and fold them.
func TestCases(t *testing.T) {
	for _, c := range []struct {
		r     rune
		flags syntax.Flags
		want  string
	}{
		{'e', 0, "e"},
		{'e', syntax.FoldCase, "[Ee]"},
		{0xe9, 0, `\xE9`},
		{0xe9, syntax.FoldCase, `[\xC9\xE9]`},
		{0xff, syntax.FoldCase, `\xFF`}, // its upper case is beyond Latin-1
	} {
		if got := cases(c.r, c.flags).String(); got != c.want {
			t.Errorf("%#x with flags %v stands for %s, want %s", c.r, c.flags, got, c.want)
		}
	}
}

// stands reports whether l stands where it may in a match, given as the text
// from its start to its end.
func (l *Literal) stands(match []byte) bool {
	text := match
	if l.Fold {
		text = []byte(lower(string(match)))
	}
	for at := l.Lo; at <= l.Hi && at+len(l.Text) <= len(match); at++ {
		outside := func(c byte) bool { return !l.Lead.Has(c) }
		if bytes.HasPrefix(text[at:], []byte(l.Text)) && !slices.ContainsFunc(match[:at], outside) {
			return true
		}
	}
	return false
}

// checkFacts compares what is said of all matches with those in text.
func checkFacts(t *testing.T, p *Pattern, expr string, text []byte) (matches int) {
	t.Helper()
	head := p.Head()
	for at := range text {
		m, ok := p.MatchAt(text, at)
		if !ok {
			continue
		}
		matches++
		match := text[m.Start:m.End]
		if len(p.Literals()) > 0 && !slices.ContainsFunc(p.Literals(), func(l Literal) bool { return l.stands(match) }) {
			t.Fatalf("`%s` matches %q, which has none of the literals %v where they should be", expr, match, p.Literals())
		}
		if slices.ContainsFunc(match, func(c byte) bool { return !p.Bytes().Has(c) }) {
			t.Fatalf("`%s` matches %q, which has bytes that are not of %s", expr, match, p.Bytes())
		}
		if len(head.Bytes) == 0 || len(match) < len(head.Bytes) {
			t.Fatalf("`%s` matches %q, which is shorter than its head", expr, match)
		}
		for i := range head.Bytes {
			if !head.Bytes[i].Has(match[i]) {
				t.Fatalf("`%s` matches %q, but byte %d is to be of %s", expr, match, i, head.Bytes[i].String())
			}
		}
		if at > 0 && !head.Before.Has(text[at-1]) {
			t.Fatalf("`%s` matches %q in %q at %d, but %s is to stand before it", expr, match, text, at, head.Before.String())
		}
	}
	return matches
}

func TestFactsRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	matches, literals, heads := 0, 0, 0
	for range 3000 {
		expr := patterntest.Expr(rng, rng.IntN(12))
		p, err := Compile(expr)
		if err != nil {
			continue
		}
		if len(p.Literals()) > 0 {
			literals++
		}
		if p.Head().Chance() < 0.1 {
			heads++
		}
		var text []byte
		for range 6 {
			text = append(text, patterntest.Text(rng, rng.IntN(4))...)
			text = append(text, patterntest.Sample(rng, expr)...)
		}
		matches += checkFacts(t, p, expr, text)
	}
	if matches < 10_000 || literals < 500 || heads < 500 {
		t.Errorf("%d matches of patterns of which %d have literals and %d a head: too few to tell", matches, literals, heads)
	}
}

func TestFactsOfVectors(t *testing.T) {
	for _, v := range vectors {
		p, err := Compile(v.expr)
		if err != nil {
			t.Fatal(err)
		}
		checkFacts(t, p, v.expr, []byte(v.text))
	}
}
