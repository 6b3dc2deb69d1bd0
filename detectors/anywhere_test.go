package detectors

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors/internal/pattern/patterntest"
)

// randomPatterns makes n rules with patterns of at most so many bytes.
func randomPatterns(rng *rand.Rand, n, longest int) []Rule {
	var rules []Rule
	for len(rules) < n {
		r := Rule{
			ID: fmt.Sprint("P", len(rules)), Pattern: patterntest.Expr(rng, rng.IntN(12)),
			MaxLen: 1 + rng.IntN(longest), Priority: 10 * rng.IntN(3),
		}
		if rng.IntN(4) == 0 {
			r.Pattern = patterntest.Expr(rng, rng.IntN(4)) + "(?P<value>" + r.Pattern + ")" + patterntest.Expr(rng, rng.IntN(4))
		}
		if rng.IntN(2) == 0 {
			r.Keywords, r.NeedKeyword = []string{"key", "k 1", "é"}, true
		}
		if rng.IntN(4) == 0 {
			r.Valid = func(v []byte) bool { return len(v)%3 != 0 }
		}
		if _, err := compile(r); err == nil {
			rules = append(rules, r)
		}
	}
	return rules
}

// textFor returns a text in which rules match, and nearly match, often.
func textFor(rng *rand.Rand, rules []Rule, n int) []byte {
	var b []byte
	for len(b) < n {
		b = append(b, patterntest.Sample(rng, rules[rng.IntN(len(rules))].Pattern)...)
		if rng.IntN(2) == 0 {
			b = append(b, patterntest.Text(rng, rng.IntN(5))...)
		}
		if rng.IntN(8) == 0 {
			b = append(b, " key "...)
		}
		if rng.IntN(8) == 0 { // further than keywords are looked for
			b = append(b, strings.Repeat(" ", 2*Proximity)...)
		}
	}
	return b
}

// TestAnywhereIsNaive compares with the definition: random patterns, on texts
// of what they match.
func TestAnywhereIsNaive(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	matches, ways := 0, make(map[way]int)
	for i := range 200 {
		rules := randomPatterns(rng, 1+rng.IntN(12), 200)
		s := compileAll(t, rules)
		for _, p := range s.index.patterns.patterns {
			ways[p.way]++
		}
		text := textFor(rng, rules, rng.IntN(1500))
		checkAgainstNaive(t, s, text, 0, len(text), fmt.Sprintf("patterns %d", i))
		matches += len(s.Find(nil, text, 0, len(text)))
	}
	if matches < 10_000 || ways[byLiterals] < 100 || ways[byHead] < 50 || ways[byKeywords] < 50 || ways[byEngine] < 50 {
		t.Errorf("%d matches, patterns found by %v: too few to tell", matches, ways)
	}
}

// badged returns a rule with a pattern, which needs the keyword badge if that
// is in text.
func badged(pattern string, maxLen int, text string) Rule {
	r := Rule{ID: "P", Pattern: pattern, MaxLen: maxLen}
	if strings.Contains(text, "badge") {
		r.Keywords, r.NeedKeyword = []string{"badge"}, true
	}
	return r
}

// TestAnywhereEdges searches every part of texts in which it matters where a
// part begins and ends.
func TestAnywhereEdges(t *testing.T) {
	spaces := func(n int) string { return strings.Repeat(" ", n) }
	word := strings.Repeat("a", 100)
	for _, c := range []struct {
		name, pattern, text string
		maxLen              int
		want                []Match
	}{
		// The second match is dropped for the first, which starts nearly
		// twice MaxLen before the value of the second.
		{"far before the part", `[xy][a-z]{8}(?P<value>[0-9a-z])`, "xaaaaaaaayaaaaaaaa1", 10, []Match{{Start: 9, End: 10}}},
		// As before, and the value of the first has no keyword near.
		{"far before the keyword", `\b[^-]{9}(?P<value>[^-])`, word[:9] + spaces(10) + strings.Repeat("-", Proximity) + "badge", 10, nil},
		{"head", `\b[A-Z]{2}\d{5}`, "AB12345-CD12345,EF12345", 7, []Match{{Start: 0, End: 7}, {Start: 8, End: 15}, {Start: 16, End: 23}}},
		{"literals", `k=\d+|\d+=k`, "k=12=k 12=kk=1", 7, []Match{{Start: 0, End: 4}, {Start: 7, End: 11}, {Start: 11, End: 14}}},
		{"starts within other starts", `x[^q]{0,30}@@|x[^q]{20,30}##`, spaces(35) + "x----@@##", 40, []Match{{Start: 35, End: 42}}},
		{"at the end of a piece", `[^ ]{100}`, spaces(4*(100+Reach)-1) + word + " ", 100, []Match{{Start: 655, End: 755}}},
		{"behind a piece", `[^ ]{100}`, spaces(4*(100+Reach)) + word + " ", 100, []Match{{Start: 656, End: 756}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, text := compileAll(t, []Rule{badged(c.pattern, c.maxLen, c.text)}), []byte(c.text)
			if got := s.Find(nil, text, 0, len(text)); !sameSpans(got, c.want) {
				t.Fatalf("found %v, want %v", got, c.want)
			}
			for from := range min(len(text), 40) {
				for to := from; to <= min(len(text), 45); to++ {
					checkAgainstNaive(t, s, text, from, to, "text")
				}
			}
		})
	}
}

// TestAnywhereInParts searches many parts of short texts, and texts cut there.
func TestAnywhereInParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		rules := randomPatterns(rng, 1+rng.IntN(2), 12)
		s := compileAll(t, rules)
		text := textFor(rng, rules, 60)
		whole := s.FindNaive(nil, text, 0, len(text))
		for range 40 {
			cuts := []int{0, rng.IntN(len(text) + 1), rng.IntN(len(text) + 1), len(text)}
			slices.Sort(cuts)
			var got []Match
			for k := range cuts[1:] {
				got = s.Find(got, text, cuts[k], cuts[k+1])
			}
			if !slices.Equal(got, whole) {
				t.Fatalf("patterns %d in parts %v: %s", i, cuts, diff(s, got, whole))
			}
			if got := findInParts(s, text, cuts); !slices.Equal(got, whole) {
				t.Fatalf("patterns %d cut at %v: %s", i, cuts, diff(s, got, whole))
			}
		}
	}
}

// TestAnywhereIsLinear counts the work on texts full of what the patterns look
// for: each start is tried once, and each byte is looked at a few times.
func TestAnywhereIsLinear(t *testing.T) {
	spaces := strings.Repeat(" ", 30)
	for _, c := range []struct{ pattern, unit string }{
		{`key\d+`, "key"},
		{`(?:keykey|yk)\d*!`, "key"},
		{`[a-z]{0,900}key!`, "key"},
		{`.{0,900}key`, "key"},
		{`x[^q]{20,25}@@|x[^q]{100,900}##`, "@@" + spaces + "##" + spaces},
		{`[a-z]+@[a-z]+!`, "a@"},
		{`[a-z@]{1,900}@[a-z@]+`, "a@"},
		{`[a-z]{3}[a-z]*\d`, "abc"},
		{`\d{7}\d*x`, "1"},
		{`\d{2,}`, "1"},
		{`(?s).+x`, "abc"},
		{`\w+`, "abc"},
	} {
		s := compileAll(t, []Rule{{ID: "P", Pattern: c.pattern, MaxLen: 1000}})
		q := newSearch(s)
		text := bytes.Repeat([]byte(c.unit), 3000/len(c.unit))
		q.run(nil, text, 0, len(text))
		if q.tried > len(text) {
			t.Errorf("`%s` in %d bytes of %q: %d starts were tried", c.pattern, len(text), c.unit, q.tried)
		}
		if q.passed > 4*len(text) {
			t.Errorf("`%s` in %d bytes of %q: %d bytes were passed on the way to starts", c.pattern, len(text), c.unit, q.passed)
		}
	}
}

// TestAnywhereTriesFewStarts: what cannot match is not tried.
func TestAnywhereTriesFewStarts(t *testing.T) {
	far := strings.Repeat(" ", 200)
	for _, c := range []struct {
		name, pattern, text string
		tried               int
	}{
		{"literal", `key=\d+`, "key=1 key: key 12 key=2", 2},
		{"literal in another case", `[a-z]{3}_______KEY\d`, "abc_______key1 abc_______KEY1", 1},
		{"literal folded", `(?i)[a-z]{3}_______KEY\d`, "abc_______key1 abc_______KEY1", 2},
		{"what may come before the literal", `[a-z]+@example\.com`, "see 12 jane@example.com", 1},
		{"what may come before each literal", `[a-z]+@example\.com`, "jane@example.com abcdefghijkl 12 john@example.com", 2},
		{"too far before the literal", `[a-z]{9}@example\.com`, "see 12 jane@example.com", 0},
		{"head", `\b[A-Z]{2}\d{6}\b`, "AB123456 AB1234 ABC123456 xAB123456", 1},
		{"keyword", `[a-z]+\d`, "a1" + far + "badge b2 c3" + far + "d4 d5" + far, 2},
		{"put off", `\d{3,}`, "123456 1234567", 2},
		{"put off and made up for", `\d{2,3}`, "12345", 4}, // at 0, at 3, and because there is a match at 1 and 2
	} {
		t.Run(c.name, func(t *testing.T) {
			q := newSearch(compileAll(t, []Rule{badged(c.pattern, 30, c.text)}))
			q.run(nil, []byte(c.text), 0, len(c.text))
			if q.tried != c.tried {
				t.Errorf("`%s` in %q was tried at %d positions, want %d", c.pattern, c.text, q.tried, c.tried)
			}
		})
	}
}

func FuzzAnywhere(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 3))
	for range 20 {
		rules := randomPatterns(rng, 2, 100)
		f.Add(rules[0].Pattern, rules[1].Pattern, uint8(rules[0].MaxLen), textFor(rng, rules, 100), uint(rng.IntN(100)), uint(rng.IntN(100)))
	}
	f.Fuzz(func(t *testing.T, one, other string, longest uint8, text []byte, a, b uint) {
		if len(one) > 200 || len(other) > 200 || len(text) > 1<<11 {
			return
		}
		s, err := Compile([]Rule{{ID: "ONE", Pattern: one, MaxLen: int(longest)}, {ID: "OTHER", Pattern: other, MaxLen: 20, Priority: 10}}, Options{})
		if err != nil {
			return
		}
		from, to := int(a%uint(len(text)+1)), int(b%uint(len(text)+1))
		checkAgainstNaive(t, s, text, min(from, to), max(from, to), "fuzzed patterns and text")
		checkAgainstNaive(t, s, text, 0, len(text), "fuzzed patterns and text")
	})
}
