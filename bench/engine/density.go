package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// density prefixes the corpus's name in rows of texts of some density.
const density = bad + "density of "

// byDensity measures text whose lines are values, or words, in proportions from
// nothing to nothing else.
func (b *bench) byDensity(ctx context.Context, set *detectors.Set) error {
	for _, v := range valueKinds() {
		for _, percent := range []int{0, 1, 10, 25, 50, 75, 100} {
			t := &text{name: density + v.name}
			t.bytes, t.ends = lines(min(compared, b.size), percent, v.write)
			rows, err := measure(ctx, t, []engine{sluiceEngine(set, len(t.bytes))}, badRounds, nil)
			if err != nil {
				return err
			}
			rows[0].Density = &percent
			if err := b.write(rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// lines makes text whose lines are values with the given probability, and
// words otherwise. It returns where the values end.
func lines(size, percent int, value piece) (text []byte, ends []int) {
	words := strings.Fields("the quick review shows that every autumn the harbour fills with timber and the market opens early")
	r := rand.New(rand.NewPCG(7, 8))
	ends = []int{}
	for len(text) < size {
		if r.IntN(100) < percent {
			text = value(text, r)
			ends = append(ends, len(text))
		} else {
			text = append(append(append(text, words[r.IntN(len(words))]...), ' '), words[r.IntN(len(words))]...)
		}
		text = append(text, '\n')
	}
	n, _ := slices.BinarySearch(ends, size+1)
	return text[:size], ends[:n]
}

// valueKind is a kind of value that is found wherever it stands.
type valueKind struct {
	name  string
	write piece
}

func valueKinds() []valueKind {
	kinds := []valueKind{
		{"social security numbers", ssn},
		{"cards", card},
		{"e-mail addresses", email},
		{"account numbers", iban},
	}
	return append(kinds, valueKind{"all of these", func(b []byte, r *rand.Rand) []byte {
		return kinds[r.IntN(len(kinds))].write(b, r)
	}})
}

// ssn is of an area that is in use, joined by hyphens.
func ssn(b []byte, r *rand.Rand) []byte {
	return fmt.Appendf(b, "%03d-%02d-%04d", 1+r.IntN(600), 1+r.IntN(99), 1+r.IntN(9999))
}

// card is a Visa number in groups of four.
func card(b []byte, r *rand.Rand) []byte {
	number := shaped("499999999999999")(nil, r)
	for check := byte('0'); ; check++ {
		if n := append(number, check); checksum.Luhn(n) {
			return fmt.Appendf(b, "%s %s %s %s", n[:4], n[4:8], n[8:12], n[12:])
		}
	}
}

func email(b []byte, r *rand.Rand) []byte {
	return shaped("user.999999@host-999.example.com")(b, r)
}

// iban is a German account number.
func iban(b []byte, r *rand.Rand) []byte {
	account := shaped("999999999999999999")(nil, r)
	check := 98 - checksum.Mod97(0, append(account, "DE00"...))
	return fmt.Appendf(b, "DE%02d%s", check, account)
}
