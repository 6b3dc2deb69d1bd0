package pattern

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-dlp/sluice/detectors/internal/pattern/patterntest"
)

// vectors are what every engine must answer: the matches at all positions.
var vectors = []struct {
	name, expr, text string
	want             []Match
}{
	{"literal", `ab`, "abcab", []Match{{0, 2, 0, 2}, {3, 5, 3, 5}}},
	{"at each position", `\d+`, "x123", []Match{{1, 4, 1, 4}, {2, 4, 2, 4}, {3, 4, 3, 4}}},
	{"overlapping", `aa`, "aaa", []Match{{0, 2, 0, 2}, {1, 3, 1, 3}}},
	{"leftmost first", `a|ab`, "ab", []Match{{0, 1, 0, 1}}},
	{"leftmost first, longer first", `ab|a`, "ab", []Match{{0, 2, 0, 2}}},
	{"lazy", `a+?b*?`, "aab", []Match{{0, 1, 0, 1}, {1, 2, 1, 2}}},
	{"repeat", `(?:ab){2,3}`, "abababab", []Match{{0, 6, 0, 6}, {2, 8, 2, 8}, {4, 8, 4, 8}}},
	{"swapped greed", `(?U)a+`, "aa", []Match{{0, 1, 0, 1}, {1, 2, 1, 2}}},
	{"group value", `k=(?P<value>\d+);`, "k=12;k=3;", []Match{{0, 5, 2, 4}, {5, 9, 7, 8}}},
	{"group value, Go 1.22 way", `k=(?<value>\d+)`, "k=1", []Match{{0, 3, 2, 3}}},
	{"group value not taking part", `k=(?:(?P<value>\d+)|x)`, "k=x", []Match{{0, 3, 0, 3}}},
	{"other groups", `(?P<a>a)(b)`, "ab", []Match{{0, 2, 0, 2}}},
	{"word boundary sees the byte before", `\b1`, "21 1", []Match{{3, 4, 3, 4}}},
	{"word boundary beside a letter beyond ASCII", `\b1\b`, "é1é", []Match{{2, 3, 2, 3}}},
	{"no word boundary", `\B1`, "21 1", []Match{{1, 2, 1, 2}}},
	{"start of text", `^a`, "aa", []Match{{0, 1, 0, 1}}},
	{"start of line", `(?m)^a`, "a\na a", []Match{{0, 1, 0, 1}, {2, 3, 2, 3}}},
	{"end of text", `a$`, "a\na", []Match{{2, 3, 2, 3}}},
	{"end of line", `(?m)a$`, "a\naa", []Match{{0, 1, 0, 1}, {3, 4, 3, 4}}},
	{"no match of no bytes", `\ba*`, "aab x", []Match{{0, 2, 0, 2}}},
	{"dot is a byte", `<.{2}>`, "<é><\xff\xfe><ab><\n\n>", []Match{{0, 4, 0, 4}, {4, 8, 4, 8}, {8, 12, 8, 12}}},
	{"dot with newline", `(?s)<.>`, "<\n>", []Match{{0, 3, 0, 3}}},
	{"negated class is a byte", `<[^a]>`, "<\xff><a><é>", []Match{{0, 3, 0, 3}}},
	{"negated digits", `<\D\D>`, "<é>", []Match{{0, 4, 0, 4}}},
	{"ASCII digits", `\d`, "٣3", []Match{{2, 3, 2, 3}}},
	{"ASCII words", `\w+`, "éa", []Match{{2, 3, 2, 3}}},
	{"ASCII space", `\s`, "\u00a0 ", []Match{{2, 3, 2, 3}}},
	{"POSIX class", `[[:alpha:]]`, "1é_z", []Match{{4, 5, 4, 5}}},
	{"folded", `(?i)key`, "KEY \u212aey key", []Match{{0, 3, 0, 3}, {10, 13, 10, 13}}},
	{"folded class", `(?i)[k]`, "kK\u212a", []Match{{0, 1, 0, 1}, {1, 2, 1, 2}}},
	{"folded negated class", `(?i)<[^k]>`, "<k><K><s>", []Match{{6, 9, 6, 9}}},
	{"character beyond ASCII", `é\d`, "é1 \xe91", []Match{{0, 3, 0, 3}}},
	{"repeated character beyond ASCII", `é+1`, "éé1", []Match{{0, 5, 0, 5}, {2, 5, 2, 5}}},
	{"folded character beyond ASCII", `(?i)É1`, "é1É1", []Match{{0, 3, 0, 3}, {3, 6, 3, 6}}},
	{"class beyond ASCII", `[aéß]1`, "a1é1ß1\xc31", []Match{{0, 2, 0, 2}, {2, 5, 2, 5}, {5, 8, 5, 8}}},
	{"alternatives beyond ASCII", `(?:é|ü|x)1`, "é1ü1x1", []Match{{0, 3, 0, 3}, {3, 6, 3, 6}, {6, 8, 6, 8}}},
	{"escaped byte is a character", `\xe9`, "\xe9é", []Match{{1, 3, 1, 3}}},
	{"zero bytes", `\x00+1`, "\x00\x001", []Match{{0, 3, 0, 3}, {1, 3, 1, 3}}},
	{"quoted", `\Q.[\E`, ".[", []Match{{0, 2, 0, 2}}},
	{"broken UTF-8 around", `\d{2}`, "\xc312\x80\xff34", []Match{{1, 3, 1, 3}, {5, 7, 5, 7}}},
	{"bytes of one character apart", `1.1`, "1\xc31é1", []Match{{0, 3, 0, 3}}},
}

// all returns the matches at all positions of text.
func all(p *Pattern, text []byte) []Match {
	var ms []Match
	for at := range text {
		if m, ok := p.MatchAt(text, at); ok {
			ms = append(ms, m)
		}
	}
	return ms
}

func TestMatchAt(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			p, err := Compile(v.expr)
			if err != nil {
				t.Fatal(err)
			}
			if got := all(p, []byte(v.text)); !slices.Equal(got, v.want) {
				t.Errorf("%s: `%s` in %q matches %v, want %v", Engine, v.expr, v.text, got, v.want)
			}
		})
	}
}

// TestNextStart compares with MatchAt: they agree on where matches start, but
// for matches of no bytes.
func TestNextStart(t *testing.T) {
	for _, v := range vectors {
		p, err := Compile(v.expr)
		if err != nil {
			t.Fatal(err)
		}
		checkNextStart(t, p, []byte(v.text))
	}
}

func checkNextStart(t *testing.T, p *Pattern, text []byte) {
	t.Helper()
	for at := range len(text) + 1 {
		want := len(text)
		for s := at; s < len(text); s++ {
			if _, ok := p.MatchAt(text, s); ok {
				want = s
				break
			}
		}
		got, ok := p.NextStart(text, at)
		if got < at || ok && got > want || !ok && want < len(text) {
			t.Fatalf("%s: in %q the first match at or after %d starts at %d, but NextStart says %d, %v", Engine, text, at, want, got, ok)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`a(b`, "missing closing )"},
		{`a**b`, "`**`"},
		{`[z-a]`, "`z-a`"},
		{`a{2000}`, "`{2000}`"},
		{`\pL+`, "characters beyond ASCII"},
		{`x\p{Greek}`, "characters beyond ASCII"},
		{`[^é]`, "characters beyond ASCII"},
		{`[^\x00-\x{10FFFF}]`, "never match"},
		{`\d*`, "empty string"},
		{`(?:a|)`, "empty string"},
		{"\xff", "UTF-8"},
		{`(?P<value>a)(?P<value>b)`, "two groups"},
	} {
		_, err := Compile(c.expr)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Compile(%q) = %v, want an error with %s", c.expr, err, c.want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	p, err := Compile(`\b(?P<value>[a-f]+)\d`)
	if err != nil {
		t.Fatal(err)
	}
	text := []byte(strings.Repeat("abc1 é def2 ", 40))
	want := all(p, text)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := all(p, text); !slices.Equal(got, want) {
				t.Errorf("found %d matches, want %d", len(got), len(want))
			}
		})
	}
	wg.Wait()
}

func TestNextStartRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for range 400 {
		p, err := Compile(patterntest.Expr(rng, rng.IntN(8)))
		if err != nil {
			continue // most often because it matches the empty string
		}
		checkNextStart(t, p, patterntest.Text(rng, 24))
	}
}

func FuzzMatchAt(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.expr, []byte(v.text))
	}
	f.Fuzz(func(t *testing.T, expr string, text []byte) {
		if len(expr) > 100 || len(text) > 200 {
			return
		}
		p, err := Compile(expr)
		if err != nil {
			return
		}
		for _, m := range all(p, text) {
			if m.Start >= m.End || m.ValueStart < m.Start || m.ValueEnd > m.End || m.ValueStart > m.ValueEnd {
				t.Fatalf("`%s` in %q: impossible match %v", expr, text, m)
			}
		}
		checkNextStart(t, p, text)
	})
}

func BenchmarkMatchAt(b *testing.B) {
	p, err := Compile(`[A-Z]{2}\d{6}[A-D]?\b`)
	if err != nil {
		b.Fatal(err)
	}
	for _, text := range []string{"AB123456C and then more ASCII", "AB123456C und später noch mehr"} {
		b.Run(fmt.Sprintf("%s/%d", Engine, len(text)), func(b *testing.B) {
			for b.Loop() {
				if _, ok := p.MatchAt([]byte(text), 0); !ok {
					b.Fatal("no match")
				}
			}
		})
	}
}
