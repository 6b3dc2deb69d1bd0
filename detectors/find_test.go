package detectors

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-dlp/sluice/detectors/vectors"
)

// oddRules are rules made to reach what the built-in ones may leave out:
// each kind of anchor, matcher and layout, overlapping priorities, keywords
// beyond ASCII.
func oddRules() []Rule {
	anyValue := func(v []byte) bool { return true }
	evenSum := func(v []byte) bool {
		sum := 0
		for _, c := range v {
			sum += int(c)
		}
		return sum%2 == 0
	}
	digitsAfter := func(w []byte, at int) (start, end int, ok bool) {
		for end = at + 1; end < len(w) && end-at <= 20 && isDigit(w[end]); end++ {
		}
		return at, end, end-at > 3
	}
	tenBytes := func(w []byte, at int) (start, end int, ok bool) { return at, at + 10, at+10 <= len(w) }
	return []Rule{
		{ID: "GROUPS", Forms: []Form{{Pattern: "999~99~9999"}, {Pattern: "999999999", NeedKeyword: true}},
			Valid: evenSum, Keywords: []string{"tax number", "ssn"}, Dummies: []string{"078051120"}, Priority: 20},
		{ID: "MIXED", Forms: []Form{{Pattern: "XX-XXX"}, {Pattern: "XXXXXX"}, {Pattern: "AX9"}}, Valid: evenSum, Priority: 10},
		{ID: "FIXED", Forms: []Form{{Pattern: "(999) 999-9999"}, {Pattern: "+99 99"}, {Pattern: "DE9~9"}, {Pattern: "D-9"}, {Pattern: "B 99"}, {Pattern: "99/99"}, {Pattern: "#A#"}}, Priority: 30},
		{ID: "LONG", Forms: []Form{{Pattern: strings.Repeat("X", 64)}, {Pattern: strings.Repeat("9", 63)}, {Pattern: strings.Repeat("A9", 31)}}, Priority: 40},
		{ID: "KEYED", Forms: []Form{{Pattern: "9999"}, {Pattern: "99.99"}}, NeedKeyword: true, Priority: 40,
			Keywords: []string{"número de cuenta", "паспорт", "αφμ", "身份证", "pin", "PIN code"}},
		{ID: "DIGITS", Anchor: Anchor{Digits: true}, Match: digitsAfter, MaxLen: 16, Valid: evenSum, Priority: 15,
			Weak: func(v []byte) bool { return v[0] == '1' }, Keywords: []string{"pin", "no"}},
		{ID: "RUNS", Anchor: Anchor{Digits: true, Runs: []Run{{4, 4, "", ""}, {7, 9, " -\xc3", ""}, {63, 63, "", ""}}}, MaxLen: 80, Priority: 16,
			Match: func(w []byte, at int) (start, end int, ok bool) { return at, at + 4, Clear(w, at, at+4) }},
		{ID: "BASE64", Anchor: Anchor{Base64: 20, Bytes: "="}, MaxLen: 30, Priority: 16, Match: tenBytes},
		{ID: "LONG_BASE64", Anchor: Anchor{Base64: 64}, MaxLen: 70, Priority: 17, Match: tenBytes},
		{ID: "COLON", Anchor: Anchor{Bytes: ":=\xff"}, Match: digitsAfter, MaxLen: 20, Priority: 50},
		{ID: "BACK", Anchor: Anchor{Bytes: "@", Digits: true, Token: true}, MaxLen: 12, Priority: 20, Joined: true, Dummies: []string{"ABAB"},
			Match: func(w []byte, at int) (start, end int, ok bool) { // ab before, ab after
				start, end = at, at
				for start > 0 && end-start < 12 && w[start-1]|0x20-'a' < 2 {
					start--
				}
				for end < len(w) && end-start < 12 && (w[end]|0x20-'a' < 2 || end == at) {
					end++
				}
				return start, end, end-start > 2
			}},
		{ID: "LITERAL", Anchor: Anchor{Literals: []string{"AK", "KA", "AKA"}}, Match: digitsAfter, MaxLen: 20, Priority: 60},
		{ID: "AFTER", Anchor: Anchor{Literals: []string{"key="}}, MaxLen: 4, Priority: 60,
			Match: func(w []byte, at int) (start, end int, ok bool) { return at + 4, at + 8, at+8 <= len(w) }},
		{ID: "PATTERN", Pattern: `\b(?:[a-c]{2,5}|\d+)-(?P<value>\d{2,4})\b`, MaxLen: 9, Valid: evenSum, Priority: 25},
		{ID: "GREEDY", Pattern: `a.*b|a.`, MaxLen: 10, Priority: 12, NeedKeyword: true, Keywords: []string{"ssn", "pin"}},
		{ID: "ANCHORED", Pattern: `[A-Z]{2}\d{2,6}(?:-\d)?`, Anchor: Anchor{Token: true}, MaxLen: 10, Priority: 35},
		{ID: "FAR", Forms: []Form{{Pattern: "9999"}, {Pattern: "AA-99", NeedKeyword: true}}, NeedKeyword: true, Priority: 40,
			Around: Around{Before: 100, After: 12}, Keywords: []string{"pin", "número de cuenta", strings.Repeat("long ", 30) + "word"}},
		{ID: "FAR_BEFORE", Pattern: `\b[a-z]{1,3}\d{1,4}\b|\d{3}`, MaxLen: 7, NeedKeyword: true, Priority: 90, Apart: true,
			Around: Around{Before: 50, Whole: true}, Keywords: []string{"ssn", "tax number"}, Ignore: []string{"12", "a9"}},
		{ID: "FAR_AFTER", Anchor: Anchor{Digits: true}, Match: digitsAfter, MaxLen: 16, NeedKeyword: true, Priority: 5, Ignore: []string{"11"},
			Around: Around{After: 9, Whole: true}, Keywords: []string{"pin", "no"}},
		{ID: "FAR_ENGINE", Pattern: `[^ ]{4,9}`, MaxLen: 9, NeedKeyword: true, Priority: 12, Apart: true,
			Around: Around{Before: MaxAround}, Keywords: []string{"PIN code"}},
		{ID: "ANCHORED_DIGITS", Pattern: `\d+(?:\.\d+){2}`, Anchor: Anchor{Digits: true}, MaxLen: 12, Valid: anyValue, Priority: 35},
	}
}

// rulesUnderTest are all rules: the built-in ones and the odd ones.
func rulesUnderTest() []Rule { return slices.Concat(Builtin(), oddRules()) }

func compileAll(t testing.TB, rules []Rule) *Set {
	t.Helper()
	s, err := Compile(rules, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// vectorsOf returns the vectors of r, none for a rule made for tests.
func vectorsOf(r Rule) *vectors.Vectors {
	v, err := vectors.Of(r.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return new(vectors.Vectors)
	}
	if err != nil {
		panic(err)
	}
	return v
}

// writer makes texts out of what the rules under test care about.
type writer struct {
	rng    *rand.Rand
	pieces []string
}

func newWriter(seed uint64, rules []Rule) *writer {
	g := &writer{rand.New(rand.NewPCG(seed, 0)), []string{"word"}}
	for _, r := range rules {
		v := vectorsOf(r)
		g.pieces = append(g.pieces, v.Texts()...)
		for _, x := range v.Positive {
			g.pieces = append(g.pieces, x.Value(), x.Value())
		}
		for _, f := range r.Forms {
			g.pieces = append(g.pieces, f.Pattern)
		}
		g.pieces = append(g.pieces, r.Keywords...)
		g.pieces = append(g.pieces, r.Dummies...)
		g.pieces = append(g.pieces, r.Anchor.Literals...)
	}
	return g
}

// text returns n bytes or some more.
func (g *writer) text(n int) []byte {
	var b []byte
	for len(b) < n {
		b = append(b, g.piece()...)
		b = append(b, g.pick("", "", " ", " ", "\n", ", ", "-", ".", "_", "/", ":", "=", "\t", `\n`, `\t`, "%20", "\x00", "é", "\xff", "(", "+")...)
	}
	return b
}

func (g *writer) pick(from ...string) string { return from[g.rng.IntN(len(from))] }

func (g *writer) piece() string {
	switch g.rng.IntN(10) {
	case 0, 1, 2:
		return g.fill(g.pick(g.pieces...))
	case 3:
		return g.damage(g.fill(g.pick(g.pieces...)))
	case 4:
		return g.fill(g.pick("999-99-9999", "9999 9999 9999 9999", "(999) 999-9999", "99/99/9999", "XXXXXXXX", "AA99", "999.999.999-99"))
	case 5:
		return g.fill(strings.Repeat(g.pick("9", "A", "X", "a", "a9"), g.rng.IntN(70)))
	case 6:
		return g.pick("ssn", "PIN", "Tax_Number", "número de cuenta", "ПАСПОРТ", "Паспорт", "Αφμ", "我的身份证号", "theSsnField", "tax number")
	case 7:
		return g.pick("the", "aabb", "ab@ba", "key=", "AKA1234", "of a day", "note", "AB12-34", "cab-1234", "D-7", "B 12")
	case 8:
		b := make([]byte, g.rng.IntN(8))
		for i := range b {
			b[i] = byte(g.rng.Uint32())
		}
		return string(b)
	}
	return g.pick(" ", "\n", "\x00", "@", ":", "-") // alone, or next to another
}

// fill puts digits and letters in place of the classes of a form, sometimes.
func (g *writer) fill(s string) string {
	if g.rng.IntN(2) == 0 {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		switch {
		case c == 'X' && g.rng.IntN(2) == 0, c == '9':
			b[i] = '0' + byte(g.rng.IntN(10))
		case c == 'X', c == 'A':
			b[i] = "AbCdEfGhIjKlMnOpQrStUvWxYz"[g.rng.IntN(26)]
		case c == '~':
			b[i] = " -."[g.rng.IntN(3)]
		}
	}
	return string(b)
}

// damage changes, drops or doubles one byte, or changes the case of all.
func (g *writer) damage(s string) string {
	if s == "" {
		return s
	}
	i := g.rng.IntN(len(s))
	switch g.rng.IntN(5) {
	case 0:
		return s[:i] + s[i+1:]
	case 1:
		return s[:i] + s[i:i+1] + s[i:]
	case 2:
		return strings.ToUpper(s)
	case 3:
		return strings.ToLower(s)
	}
	return s[:i] + g.pick("0", "5", "a", "Z", "-", " ", ".", "\x80") + s[i+1:]
}

// diff reports how got and want differ without showing the text.
func diff(s *Set, got, want []Match) string {
	var b strings.Builder
	show := func(what string, ms, others []Match) {
		for _, m := range ms {
			if !slices.Contains(others, m) {
				fmt.Fprintf(&b, "%s %s at [%d,%d) ", what, s.Rule(m.Rule).ID, m.Start, m.End)
			}
		}
	}
	show("missing", want, got)
	show("extra", got, want)
	if b.Len() == 0 {
		return "same matches in another order"
	}
	return b.String()
}

func checkAgainstNaive(t *testing.T, s *Set, text []byte, from, to int, what string) {
	t.Helper()
	got, want := s.Find(nil, text, from, to), s.FindNaive(nil, text, from, to)
	if !slices.Equal(got, want) {
		t.Fatalf("%s, [%d,%d) of %d bytes: %s", what, from, to, len(text), diff(s, got, want))
	}
}

func TestFindIsNaive(t *testing.T) {
	for name, rules := range map[string][]Rule{"builtin": Builtin(), "odd": oddRules(), "all": rulesUnderTest()} {
		s := compileAll(t, rules)
		g := newWriter(1, rules)
		for i := range 8 {
			text := g.text(g.rng.IntN(1500))
			what := fmt.Sprintf("%s rules, text %d", name, i)
			checkAgainstNaive(t, s, text, 0, len(text), what)
			from := g.rng.IntN(len(text) + 1)
			checkAgainstNaive(t, s, text, from, from+g.rng.IntN(len(text)-from+1), what)
		}
	}
}

// TestFindEachRuleIsNaive sets each rule alone, so that none hides behind
// another of higher priority.
func TestFindEachRuleIsNaive(t *testing.T) {
	for i, r := range rulesUnderTest() {
		s := compileAll(t, []Rule{r})
		g := newWriter(uint64(i), []Rule{r})
		for k := range 6 {
			text := g.text(1200)
			checkAgainstNaive(t, s, text, 0, len(text), fmt.Sprintf("rule %s alone, text %d", r.ID, k))
		}
	}
}

// TestFindAcrossStrips moves values over the edges of strips and blocks.
func TestFindAcrossStrips(t *testing.T) {
	rules := rulesUnderTest()
	s := compileAll(t, rules)
	g := newWriter(2, rules)
	for i := range 4 {
		text := slices.Concat(bytes.Repeat([]byte("."), strip-100+7*i), g.text(400))
		checkAgainstNaive(t, s, text, 0, len(text), fmt.Sprintf("text %d", i))
	}
}

// findInParts finds in consecutive parts of text, showing each time nothing
// but the margin around the part.
func findInParts(s *Set, text []byte, cuts []int) []Match {
	var all []Match
	for i := range len(cuts) - 1 {
		lo, hi := max(0, cuts[i]-s.Margin()), min(len(text), cuts[i+1]+s.Margin())
		w := bytes.Clone(text[lo:hi]) // beyond it there is nothing to be seen
		for _, m := range s.Find(nil, w[:len(w):len(w)], cuts[i]-lo, cuts[i+1]-lo) {
			m.Start += lo
			m.End += lo
			all = append(all, m)
		}
	}
	return all
}

// TestFindInParts finds in two and in many parts what it finds in one.
func TestFindInParts(t *testing.T) {
	short := slices.DeleteFunc(rulesUnderTest(), func(r Rule) bool { return r.MaxLen > 100 })
	for name, rules := range map[string][]Rule{"short": short, "all": rulesUnderTest()} {
		s := compileAll(t, rules)
		g := newWriter(3, rules)
		for i := range 2 {
			text := g.text(s.Margin() + 1000)
			whole := s.Find(nil, text, 0, len(text))
			for range 3 {
				cuts := []int{0, len(text)}
				for range 1 + g.rng.IntN(5) {
					cuts = append(cuts, g.rng.IntN(len(text)+1))
				}
				slices.Sort(cuts)
				if got := findInParts(s, text, cuts); !slices.Equal(got, whole) {
					t.Fatalf("%s rules, text %d cut at %v: %s", name, i, cuts, diff(s, got, whole))
				}
			}
		}
		text := g.text(400)
		whole := s.Find(nil, text, 0, len(text))
		for cut := 0; cut < len(text); cut += 1 + g.rng.IntN(6) {
			if got := findInParts(s, text, []int{0, cut, len(text)}); !slices.Equal(got, whole) {
				t.Fatalf("%s rules cut at %d: %s", name, cut, diff(s, got, whole))
			}
		}
	}
}

// TestFindEachRuleInParts does the same with each rule alone: its margin is
// then as small as can be.
func TestFindEachRuleInParts(t *testing.T) {
	for i, r := range rulesUnderTest() {
		s := compileAll(t, []Rule{r})
		g := newWriter(uint64(20+i), []Rule{r})
		text := g.text(700)
		whole := s.Find(nil, text, 0, len(text))
		for cut := g.rng.IntN(5); cut < len(text); cut += 1 + g.rng.IntN(9) {
			if got := findInParts(s, text, []int{0, cut, min(len(text), cut+1+g.rng.IntN(60)), len(text)}); !slices.Equal(got, whole) {
				t.Fatalf("rule %s alone, cut at %d: %s", r.ID, cut, diff(s, got, whole))
			}
		}
	}
}

// TestMatchersLookNoFurtherThanReach shows each Match function what it may
// look at and no more, and compares with what it says of the whole text.
func TestMatchersLookNoFurtherThanReach(t *testing.T) {
	for i, rule := range rulesUnderTest() {
		if rule.Match == nil {
			continue
		}
		s := compileAll(t, []Rule{rule})
		r := s.rules[0]
		g := newWriter(uint64(i), []Rule{rule})
		for range 20 {
			text := g.text(1500)
			for at := range text {
				if !r.triedAt(text, at) {
					continue
				}
				lo, hi := max(0, at-r.MaxLen-Reach), min(len(text), at+r.MaxLen+Reach)
				start, end, ok := r.measure(text, at)
				cutStart, cutEnd, cutOK := r.measure(bytes.Clone(text[lo:hi]), at-lo)
				if ok != cutOK || ok && (start != cutStart+lo || end != cutEnd+lo) {
					t.Fatalf("rule %s at %d: [%d,%d) %v in the whole text, but [%d,%d) %v when shown [%d,%d) only",
						r.ID, at, start, end, ok, cutStart+lo, cutEnd+lo, cutOK, lo, hi)
				}
			}
		}
	}
}

// TestFirstDigitsAreAll compares the runs of digits beside keywords with the same
// runs whatever their first digit is: Match has to refuse the others.
func TestFirstDigitsAreAll(t *testing.T) {
	for i, rule := range rulesUnderTest() {
		if !slices.ContainsFunc(rule.Beside, func(run Run) bool { return run.First != "" }) {
			continue
		}
		r := compileAll(t, []Rule{rule}).rules[0]
		anyFirst := *r
		anyFirst.Beside = slices.Clone(rule.Beside)
		for i := range anyFirst.Beside {
			anyFirst.Beside[i].First = ""
		}
		g := newWriter(uint64(i), []Rule{rule})
		refused := 0
		for range 100 {
			text := g.text(1500)
			for at := range text {
				if isDigit(text[at]) && g.rng.IntN(10) == 0 {
					text[at] = byte('0' + g.rng.IntN(10))
				}
			}
			for at := range text {
				if r.besideAt(text, at) || !anyFirst.besideAt(text, at) {
					continue
				}
				refused++
				if start, end, ok := r.measureBeside(text, at); ok {
					t.Errorf("%s: %q is none that begins with one of the first digits", r.ID, text[start:end])
				}
			}
		}
		if refused == 0 {
			t.Errorf("%s: no other digits", r.ID)
		}
	}
}

// TestFindDoesNotDependOnItsPast uses one search for many texts.
func TestFindDoesNotDependOnItsPast(t *testing.T) {
	rules := rulesUnderTest()
	s := compileAll(t, rules)
	g := newWriter(4, rules)
	used := newSearch(s)
	for i := range 100 {
		text := g.text(g.rng.IntN(300))
		got, want := used.run(nil, text, 0, len(text)), newSearch(s).run(nil, text, 0, len(text))
		if !slices.Equal(got, want) {
			t.Fatalf("text %d: %s", i, diff(s, got, want))
		}
	}
}

func TestFindAppends(t *testing.T) {
	s := compileAll(t, oddRules())
	first := Match{Rule: 99, Start: 1000, End: 1001}
	got := s.Find([]Match{first}, []byte("ssn 123-45-6789"), 0, 15)
	if len(got) < 2 || got[0] != first {
		t.Fatalf("got %v, want what was there and more", got)
	}
	if got := s.Find(nil, nil, 0, 0); got != nil {
		t.Fatalf("found %v in nothing", got)
	}
}

func TestFindConcurrently(t *testing.T) {
	rules := rulesUnderTest()
	s := compileAll(t, rules)
	g := newWriter(5, rules)
	var wg sync.WaitGroup
	for range 4 {
		text := g.text(2000)
		want := s.Find(nil, text, 0, len(text))
		wg.Go(func() {
			for range 3 {
				if got := s.Find(nil, text, 0, len(text)); !slices.Equal(got, want) {
					t.Errorf("%s", diff(s, got, want))
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestResolve(t *testing.T) {
	rules := oddRules()
	for i := range rules[:len(rules)/2] {
		rules[i].Family = "odd"
	}
	s, err := Compile(rules, Options{MinConfidence: 1})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(6, 0))
	for range 2000 {
		var ms []foundMatch
		q := newSearch(s)
		q.w, q.from, q.to = bytes.Repeat([]byte("-"), 1000), 0, 1000
		for range rng.IntN(60) {
			start := rng.IntN(10 + rng.IntN(60))
			m := Match{Rule: rng.IntN(s.Len()), Start: start, End: start + 1 + rng.IntN(8)}
			q.found[rng.IntN(len(q.found))].enter(s, candidate{m, keyUnasked})
			m.Confidence = s.rules[m.Rule].confidence(q.w, m.Start, m.End, nil)
			ms = append(ms, foundMatch{m, nearness{distance: 1 << 30}})
		}
		got, want := q.resolve(nil), s.resolveNaive(slices.Clone(ms))
		if !slices.Equal(got, want) {
			t.Fatalf("of %v kept %v, want %v", ms, got, want)
		}
	}
}

// TestFindIsLinear counts the work on texts made to be costly, at two sizes.
func TestFindIsLinear(t *testing.T) {
	s := compileAll(t, rulesUnderTest())
	q := newSearch(s)
	for _, unit := range costlyTexts() {
		const n = 1 << 11
		work := func(n int) int {
			text := bytes.Repeat([]byte(unit), n/len(unit))
			q.run(nil, text, 0, len(text))
			return q.tried + q.looked
		}
		one, two := work(n), work(2*n)
		if two > 2*one+one/4+1000 {
			t.Errorf("repeated %.20q: %d steps for %d bytes, %d for twice as many", unit, one, n, two)
		}
		if two > 64*2*n {
			t.Errorf("repeated %.20q: %d steps for %d bytes", unit, two, 2*n)
		}
	}
}

// costlyTexts are units of texts in which nearly every position is an anchor,
// a weak candidate or a keyword.
func costlyTexts() []string {
	return []string{
		"ssn ", "pin", "1", "1 ", "12-", "123-45-6789 ", "1234 ", "@", "a@", ":", "1:", "\x00", "\xff", "a", "ab", "AKA", "key=",
		"-----BEGIN ", "eyJ", "ssn 123456789 ", "1.1.1.", "1.1.1.1 ", "0:", "+1 ", "4111 1111 1111 1111 ", "4111111111111111", "é", "a.",
		"pin 1234 ", "9999 ", "GB82 WEST ", "01/02/1990 ", "a@b.cc ", "x@y", "::", "ghp_", "xoxb-",
		"&#49;", "１", "1\u200b", "%31", "1=\n", `\u0031`, "\u200b", "1&nbsp;", "４５３９&#32;",
	}
}

func each(rules []Rule) [][]Rule {
	var lists [][]Rule
	for _, r := range rules {
		lists = append(lists, []Rule{r})
	}
	return lists
}

func TestValid(t *testing.T) {
	s := compileAll(t, rulesUnderTest())
	for i := range s.Len() {
		for k, x := range vectorsOf(*s.Rule(i)).Positive {
			value := x.Value()
			if !s.Valid(i, []byte(value)) {
				t.Errorf("%s: the value of positive example %d is not valid", s.Rule(i).ID, k)
			}
			if s.Valid(i, []byte(value+"\x00#")) {
				t.Errorf("%s: the value of positive example %d is valid with more behind it", s.Rule(i).ID, k)
			}
		}
		if s.Valid(i, nil) {
			t.Errorf("%s: nothing is valid", s.Rule(i).ID)
		}
	}
}

func FuzzFind(f *testing.F) {
	rules := rulesUnderTest()
	var sets []*Set
	for _, kernel := range Kernels() {
		s, err := Compile(rules, Options{Kernel: kernel})
		if err != nil {
			f.Fatal(err)
		}
		sets = append(sets, s)
	}
	g := newWriter(8, rules)
	for range 20 {
		f.Add(g.text(300), uint(g.rng.IntN(300)), uint(g.rng.IntN(300)))
	}
	for _, unit := range costlyTexts() {
		f.Add(bytes.Repeat([]byte(unit), 1+100/len(unit)), uint(0), uint(100))
	}
	f.Fuzz(func(t *testing.T, text []byte, a, b uint) {
		if len(text) > 1<<9 { // the loop is slow
			return
		}
		from, to := int(a%uint(len(text)+1)), int(b%uint(len(text)+1))
		whole := sets[0].FindNaive(nil, text, 0, len(text))
		for _, s := range sets {
			if got := s.Find(nil, text, 0, len(text)); !slices.Equal(got, whole) {
				t.Fatalf("%s: %s", s.kernel.Name, diff(s, got, whole))
			}
		}
		s := sets[0]
		if got := findInParts(s, text, []int{0, min(from, to), max(from, to), len(text)}); !slices.Equal(got, whole) {
			t.Fatalf("cut at %d and %d: %s", from, to, diff(s, got, whole))
		}
	})
}

// triedAt reports whether Match of r is tried at w[at].
func (r *compiled) triedAt(w []byte, at int) bool { return r.anchoredAt(w, at) || r.besideAt(w, at) }

// sameSpans reports whether two lists have the same rules and spans.
func sameSpans(a, b []Match) bool {
	return slices.EqualFunc(a, b, func(a, b Match) bool { return compareMatches(a, b) == 0 })
}
