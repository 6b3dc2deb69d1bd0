package pattern

import (
	"math/rand/v2"
	"testing"

	"github.com/sluice-dlp/sluice/detectors/internal/pattern/patterntest"
)

func TestLongest(t *testing.T) {
	for expr, want := range map[string]int{
		`a`: 1, `abc`: 3, `\d{4}`: 4, `\d{2,9}x?`: 10, `\bEMP-\d{5}\b`: 9, `(?i)abc`: 3, `a|bcd|ef`: 3, `[^,]{3}`: 3,
		`é`: 2, `[aé€]x`: 4, `(?i)é|É`: 2, `(?:ab?){3}`: 6, `x(?P<value>\d{3})`: 4, `(?s).x`: 2, `x^{5}$*`: 1, `(?:\b)+x`: 1,
		`a+`: -1, `ab*`: -1, `a{2,}`: -1, `x|y+`: -1, `(?:a*){2}b`: -1, `x(?P<value>\d+)`: -1,
	} {
		p, err := Compile(expr)
		if err != nil {
			t.Fatalf("`%s`: %v", expr, err)
		}
		if got := p.Longest(); got != want {
			t.Errorf("`%s`: longest %d, want %d", expr, got, want)
		}
	}
}

// TestNothingIsLonger searches what random patterns match for longer matches.
func TestNothingIsLonger(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	bounded, matches := 0, 0
	for range 400 {
		expr := patterntest.Expr(rng, rng.IntN(12))
		p, err := Compile(expr)
		if err != nil || p.Longest() < 0 {
			continue
		}
		bounded++
		for range 10 {
			text := patterntest.Sample(rng, expr) + string(patterntest.Text(rng, 5))
			for at := range text {
				if m, ok := p.MatchAt([]byte(text), at); ok {
					matches++
					if m.End-m.Start > p.Longest() {
						t.Fatalf("`%s` matches %d bytes, more than %d", expr, m.End-m.Start, p.Longest())
					}
				}
			}
		}
	}
	if bounded < 50 || matches < 1000 {
		t.Errorf("%d patterns, %d matches: too few to tell", bounded, matches)
	}
}

func TestSize(t *testing.T) {
	small, err := Compile(`\d{4}`)
	if err != nil {
		t.Fatal(err)
	}
	large, err := Compile(`\d{4,400}`)
	if err != nil {
		t.Fatal(err)
	}
	if small.Size() < 4 || small.Size() > 10 || large.Size() < 400 || large.Size() > 1000 {
		t.Errorf("sizes %d and %d", small.Size(), large.Size())
	}
}
