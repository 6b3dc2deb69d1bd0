package custom

import (
	"strings"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/detectors"
)

// TestRefusals has the constructs of Perl's regular expressions that Macie's
// have not, and what Go's have not.
func TestRefusals(t *testing.T) {
	for expr, want := range map[string]string{
		`a(?=b)`:                   `character 2, "(?=b)": lookahead`,
		`é(?!b)`:                   `character 2, "(?!b)": lookahead`,
		`(?<=a)b`:                  `character 1, "(?<=a)b": lookbehind`,
		`(?<!a)b`:                  "lookbehind",
		`x(a)y`:                    `character 2, "(a)y": a capture group, which Macie refuses; write (?:…), or (?P<value>…)`,
		`(?P<name>a)`:              "a capture group",
		`(?<name>a)`:               "a capture group",
		`(?'name'a)`:               "a capture group",
		`(?:a)\1`:                  `character 6, "\\1": a backreference`,
		`a\k<n>`:                   "a backreference",
		`(?P=n)`:                   "a backreference",
		`(?(1)a|b)`:                "a condition",
		`(?R)`:                     "recursion",
		`(?1)`:                     "recursion",
		`(?+1)`:                    "recursion",
		`(?&n)`:                    "recursion",
		`(?P>n)`:                   "recursion",
		`(?{x})`:                   "embedded code",
		`(??{x})`:                  "embedded code",
		`(?>a)`:                    "an atomic group",
		`(?#c)a`:                   "a comment",
		`(?|a|b)`:                  "a branch reset",
		`(*UTF8)a`:                 "a verb",
		`(?x)a`:                    `the flag "x" is not supported`,
		`a*+b`:                     `character 2, "*+b": a possessive quantifier`,
		`a++`:                      "a possessive quantifier",
		`a?+`:                      "a possessive quantifier",
		`\hx`:                      `character 1, "\\hx": write [ \t]`,
		`ab\Z`:                     "write $",
		`a\Rb`:                     `write \r?\n`,
		`a\Kb`:                     `\K is not supported`,
		`a\yb`:                     `character 2, "\\y": invalid escape sequence`,
		`a{2,1}`:                   `character 2, "{2,1}": invalid repeat count`,
		`a{1001}`:                  "invalid repeat count",
		`[z-a]`:                    `character 2, "z-a": invalid character class range`,
		`(?:a`:                     "missing closing )",
		`a)`:                       "unexpected )",
		`[a`:                       "missing closing ]",
		`a\`:                       "trailing backslash",
		`a*b*c*d`:                  `"a*b*c*": three repetitions`,
		`x(?:a*?b*.*)y`:            "three repetitions",
		`a*`:                       "matches the empty string",
		`\p{Greek}+`:               "holds some characters beyond ASCII",
		`(?P<value>a)(?P<value>b)`: "two groups named value",
	} {
		if _, _, err := checkRegex(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("`%s`: error %v, want one with %q", expr, err, want)
		}
	}
}

// TestNotRefused are expressions with what looks like such a construct.
func TestNotRefused(t *testing.T) {
	for _, expr := range []string{
		`(?i)abc`, `(?i:abc)d`, `(?s).a`, `(?:a|b)c`, `id=(?P<value>\d+)`, `id=(?<value>\d+)`, `[(?=]a`, `[]()]x`, `[^](]x`, `[[:alpha:](]x`,
		`[\](]x`, `\(a\)`, `\Q(?=a)\Ea`, `\Qab(c`, `\\[1]`, `\++`, `[*+]`, `\d{2,4}`, `a*b*c`, `a*b+c*d*`, `^abc$`, `\babc\b`, `\x{41}`, `\*\+`,
		`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`,
	} {
		if _, _, err := checkRegex(expr); err != nil {
			t.Errorf("`%s`: %v", expr, err)
		}
	}
}

// TestTooMuchWork: nothing that a file may hold is slow everywhere.
func TestTooMuchWork(t *testing.T) {
	for expr, want := range map[string]string{
		`\d{100,1000}`:                "together too much",
		`(?:[a-z]{1,30}){1,30}x`:      "together too much",
		`[a-z]{0,900}[0-4]`:           "together too much",
		`(?:\d{1,9} ){1,9}`:           "",
		`sk_live_[0-9a-zA-Z]{24,247}`: "",
		`[A-Za-z0-9+/]{40}`:           "",
	} {
		_, err := Parse("rules", []byte("name: a\nregex: '"+expr+"'\n"))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("`%s`: error %v, want one with %q", expr, err, want)
		}
	}
}

// TestWorstIsBounded searches texts made for the dearest expressions that are
// taken: a MiB of them takes no more than so long, whatever the machine.
func TestWorstIsBounded(t *testing.T) {
	for expr, text := range map[string]string{
		`[a-z]{0,280}[0-4]`: "a",
		`(?s).{0,280}x`:     "x",
		`[a-z]+[0-9]`:       "a",
	} {
		f := parse(t, "name: a\nregex: '"+expr+"'\nkeywords: [aaaa, xxxx]\n")
		set, err := detectors.Compile(f.Rules(), detectors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		tried := func(n int) int {
			w := []byte(strings.Repeat(text, n))
			_, tried := set.FindTried(nil, w, 0, n)
			return tried
		}
		start := time.Now()
		one, two := tried(2000), tried(4000)
		if two > 4000 || two > 2*one+1000 {
			t.Errorf("`%s`: tried at %d places of 2000 bytes, and %d of 4000", expr, one, two)
		}
		t.Logf("`%s`: %v", expr, time.Since(start))
	}
}
