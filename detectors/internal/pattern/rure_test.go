//go:build rure && cgo

package pattern

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors/internal/pattern/patterntest"
)

// checkEngines compares the two engines on one expression and text.
func checkEngines(t *testing.T, expr string, text []byte) {
	t.Helper()
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return
	}
	var b strings.Builder
	if write(&b, re) != nil {
		return
	}
	std, err := compileStd(b.String())
	if err != nil {
		t.Fatalf("`%s`, written `%s`: %v", expr, b.String(), err)
	}
	rust, err := compileRure(b.String())
	if err != nil {
		t.Fatalf("`%s`, written `%s`: %v", expr, b.String(), err)
	}
	for at := range len(text) + 1 {
		m, ok := std.find(text[at:])
		rm, rok := rust.find(text[at:])
		if ok != rok || ok && m != rm {
			t.Fatalf("`%s`, written `%s`, in %q: regexp finds %v %v, rure %v %v", expr, b.String(), text[at:], m, ok, rm, rok)
		}
		start, ok := std.start(text[at:])
		rstart, rok := rust.start(text[at:])
		if ok != rok || start != rstart {
			t.Fatalf("`%s`, written `%s`, in %q: regexp starts at %d %v, rure at %d %v", expr, b.String(), text[at:], start, ok, rstart, rok)
		}
	}
}

func TestEnginesAgree(t *testing.T) {
	for _, v := range vectors {
		checkEngines(t, v.expr, []byte(v.text))
	}
	rng := rand.New(rand.NewPCG(2, 0))
	for range 3000 {
		checkEngines(t, patterntest.Expr(rng, rng.IntN(10)), patterntest.Text(rng, 16))
	}
}

func FuzzEnginesAgree(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.expr, []byte(v.text))
	}
	f.Fuzz(func(t *testing.T, expr string, text []byte) {
		if len(expr) <= 100 && len(text) <= 100 {
			checkEngines(t, expr, text)
		}
	})
}
