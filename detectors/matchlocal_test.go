package detectors

import (
	"math/rand/v2"
	"testing"
)

// checkLocal fails if a Match function of rules depends on bytes of w further
// than MaxLen+Reach from its anchor, or reports a span that is none of w.
func checkLocal(t *testing.T, rules []*compiled, w []byte) {
	t.Helper()
	for _, r := range rules {
		for at := range w {
			if !r.triedAt(w, at) {
				continue
			}
			start, end, ok := r.Match(w, at)
			ok = ok && end-start <= r.MaxLen
			if ok && (start < 0 || start >= end || end > len(w)) {
				t.Fatalf("%s: span %d to %d of %d bytes", r.ID, start, end, len(w))
			}
			low, high := max(0, at-r.MaxLen-Reach), min(len(w), at+r.MaxLen+Reach)
			s, e, o := r.Match(w[low:high:high], at-low)
			o = o && e-s <= r.MaxLen
			if o != ok || ok && (s+low != start || e+low != end) {
				t.Fatalf("%s: at %d of %d bytes finds %d to %d (%v), with less around it %d to %d (%v)", r.ID, at, len(w), start, end, ok, s+low, e+low, o)
			}
		}
	}
}

// measuring returns those of rules that have a Match function, compiled.
func measuring(t testing.TB, rules []Rule) (measuring []*compiled) {
	t.Helper()
	for _, rule := range rules {
		if rule.Match == nil {
			continue
		}
		r, err := compile(rule)
		if err != nil {
			t.Fatal(err)
		}
		measuring = append(measuring, r)
	}
	return measuring
}

// exampleTexts are the texts of the vectors of rules.
func exampleTexts(rules []Rule) []string {
	var texts []string
	for _, r := range rules {
		texts = append(texts, vectorsOf(r).Texts()...)
	}
	return texts
}

// TestMatchIsLocal runs every Match function over texts made of pieces of
// examples.
func TestMatchIsLocal(t *testing.T) {
	rules := Builtin()
	texts, compiled := exampleTexts(rules), measuring(t, rules)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var w []byte
		for len(w) < 700 {
			x := texts[rnd.IntN(len(texts))]
			i := rnd.IntN(len(x) + 1)
			w = append(w, x[i:i+rnd.IntN(len(x)-i+1)]...)
			w = append(w, []string{"", "", " ", "\n", ":", ".", "-", "/", "@", "+", "\xff"}[rnd.IntN(11)]...)
		}
		checkLocal(t, compiled, w)
	}
}

func FuzzMatchIsLocal(f *testing.F) {
	rules := Builtin()
	for _, x := range exampleTexts(rules) {
		f.Add([]byte(x))
	}
	compiled := measuring(f, rules)
	f.Fuzz(func(t *testing.T, w []byte) { checkLocal(t, compiled, w) })
}
