package main

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/detectors/vectors"
)

// attack looks for the slowest text there is to be had from the examples of
// all rules, and measures the worst. It finds what nobody thought of, and
// goes on finding when the engine changes.
func (b *bench) attack(ctx context.Context, set *detectors.Set) error {
	for _, k := range slowest(set, 10, 64<<10) {
		if err := b.bySize(ctx, k, set, sizesUpTo(min(compared, b.size))); err != nil {
			return err
		}
	}
	return nil
}

// slowest tries taste bytes of each suspect and returns the n slowest, no two
// of which are of one family.
func slowest(set *detectors.Set, n, taste int) []kind {
	type tried struct {
		suspect
		seconds float64
	}
	var all []tried
	for _, s := range suspects() {
		run := sluiceEngine(set, taste).run
		t := s.text(taste)
		first, _ := run(t, taste) // no error: it is a function of ours
		second, _ := run(t, taste)
		all = append(all, tried{s, min(first.seconds, second.seconds)})
	}
	slices.SortFunc(all, func(a, b tried) int { return cmp.Compare(b.seconds, a.seconds) })
	var worst []kind
	seen := make(map[string]bool)
	for _, t := range all {
		if !seen[t.family] && len(worst) < n {
			seen[t.family] = true
			worst = append(worst, t.kind)
		}
	}
	return worst
}

// suspect is a text made of one rule's examples.
type suspect struct {
	family string // of rules that differ by country only
	kind
}

// suspects are texts in which each rule meets what it finds, what it nearly
// finds, and things of the same look, again and again.
func suspects() []suspect {
	const accountNumber = "_BANK_ACCOUNT_NUMBER"
	var all []suspect
	for _, r := range detectors.Builtin() {
		family := r.ID
		if strings.HasSuffix(family, accountNumber) {
			family = accountNumber
		}
		var values []string
		v := vectors.MustOf(r.ID)
		for _, x := range v.Positive {
			values = append(values, x.Text)
		}
		all = append(all,
			suspect{family, kind{"found: " + r.ID, drawn(anyOf(values))}},
			suspect{family, kind{"near misses: " + r.ID, drawn(anyOf(v.NearMiss))}},
			suspect{family, kind{"other digits: " + r.ID, drawn(scrambled(anyOf(values)))}},
		)
	}
	return all
}

// scrambled replaces the digits of each piece.
func scrambled(p piece) piece {
	return func(b []byte, r *rand.Rand) []byte {
		from := len(b)
		b = p(b, r)
		for i, c := range b[from:] {
			if '0' <= c && c <= '9' {
				b[from+i] = decimal[r.IntN(len(decimal))]
			}
		}
		return b
	}
}
