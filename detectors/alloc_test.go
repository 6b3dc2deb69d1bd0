//go:build !race

package detectors

import (
	"slices"
	"testing"
)

// Under the race detector sync.Pool drops what it is given at random, and
// json.Valid, which the rule of JSON Web Tokens calls, allocates then.

func TestFindAllocatesNothing(t *testing.T) {
	rules := slices.DeleteFunc(rulesUnderTest(), func(r Rule) bool { return r.Pattern != "" })
	g := newWriter(7, rules)
	text := g.text(8000)
	for _, r := range append([][]Rule{rules}, each(rules)...) {
		s := compileAll(t, r)
		q := newSearch(s)
		dst := q.run(nil, text, 0, len(text))
		if n := testing.AllocsPerRun(5, func() { dst = q.run(dst[:0], text, 0, len(text)) }); n != 0 {
			t.Errorf("%d rules, the last %s: %v allocations a call", len(r), r[len(r)-1].ID, n)
		}
	}
}
