package detectors

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

func TestCardsArePlain(t *testing.T) {
	compareMatcher(t, "CREDIT_CARD_NUMBER", func(w []byte, at int) (int, int, bool) { return findCardPlain(w, at, cardBeside) })
	compareMatcher(t, "CREDIT_CARD_NUMBER_(NO_KEYWORD)", func(w []byte, at int) (int, int, bool) { return findCardPlain(w, at, cardAlone) })
}

// TestCardNeighboursArePlain compares at all positions of texts that are rows of
// cards and the like.
func TestCardNeighboursArePlain(t *testing.T) {
	g := newWriter(3, cards())
	pieces := []string{"4539 1488 0343 6467", "3714 496353 98415", "5412-7512-3412-3452", "4539.1488.0343.6467", "6240 0086 3114 0114 125", "121", "12/27", "1234", "IMEI", "imei", "m", "\x00"}
	begin, ends := 0, 0
	for range 300 {
		var w []byte
		for range 12 {
			w = append(w, g.damage(g.pick(pieces...))...)
			w = append(w, g.pick(pieces...)...)
			w = append(w, g.pick(" ", " ", "-", "\n", "x")...)
		}
		for at := range w {
			got, want := beginsCard(w, at), beginsCardPlain(w, at)
			if got != want {
				t.Fatalf("a card begins in %q at %d: %v, want %v", w, at, got, want)
			}
			if want {
				begin++
			}
			got, want = endsCard(w, at), endsCardPlain(w, at)
			if got != want {
				t.Fatalf("a card ends in %q at %d: %v, want %v", w, at, got, want)
			}
			if want {
				ends++
			}
			n := cardNumber{start: at, end: min(len(w), at+16), digits: w[at:min(len(w), at+16)]}
			if got, want := nearIMEI(w, n), nearIMEIPlain(w, n); got != want {
				t.Fatalf("imei near %d in %q: %v, want %v", at, w, got, want)
			}
		}
	}
	if begin < 100 || ends < 100 {
		t.Errorf("%d cards begin and %d end: too few to tell", begin, ends)
	}
}

func TestIssuedIsPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	for range 200000 {
		number := randomBytes(rng, 12+rng.IntN(9), "0123456789")
		if x := issuers[rng.IntN(len(issuers))]; rng.IntN(2) == 0 { // near the ends of a range
			iin := []int{x.first, x.last}[rng.IntN(2)] + rng.IntN(3) - 1
			for i := range 6 {
				number[5-i] = '0' + byte(iin%10)
				iin /= 10
			}
		}
		for _, rare := range []bool{false, true} {
			if got, want := issued(number, rare), issuedPlain(number, rare); got != want {
				t.Fatalf("%s is issued (%v): %v, want %v", number, rare, got, want)
			}
		}
	}
}

var plainLayouts = [][]int{{4, 4, 4, 4, 3}, {4, 4, 4, 4, 2}, {4, 4, 4, 4}, {4, 4, 4, 3}, {4, 4, 4, 2}, {4, 6, 5}, {4, 6, 4}, {4, 3, 3, 3}, {6, 13}}

func findCardPlain(w []byte, at int, use cardUse) (start, end int, ok bool) {
	if g := digitRunPlain(w[at:]); 13 <= g && g <= 19 {
		n := cardNumber{start: at, end: at + g, digits: w[at : at+g]}
		return n.start, n.end, goodPlain(n, w, use)
	}
	for _, l := range plainLayouts {
		if n, ok := readPlain(l, w, at); ok && goodPlain(n, w, use) {
			return n.start, n.end, true
		}
	}
	return 0, 0, false
}

func digitRunPlain(w []byte) (n int) {
	for n < 20 && n < len(w) && isDigit(w[n]) {
		n++
	}
	return n
}

func readPlain(l []int, w []byte, at int) (n cardNumber, ok bool) {
	n = cardNumber{start: at, end: at}
	for k, g := range l {
		if k > 0 {
			if n.end >= len(w) || n.joiner != 0 && w[n.end] != n.joiner {
				return n, false
			}
			n.joiner = w[n.end]
			n.end++
		}
		if digitRunPlain(w[n.end:]) != g {
			return n, false
		}
		n.digits = append(n.digits, w[n.end:n.end+g]...)
		n.end += g
	}
	return n, n.joiner == ' ' || n.joiner == '-' || n.joiner == '.'
}

func goodPlain(n cardNumber, w []byte, use cardUse) bool {
	if !goodCardPlain(n.digits, use != cardAlone) || !Clear(w, n.start, n.end) && !onTrack(w, n) || n.joiner == '.' && n.start > 0 && w[n.start-1] == '.' {
		return false
	}
	if use == cardBeside {
		return !isMilliseconds(n.digits) && !amidGroups(w, n) && !nearIMEIPlain(w, n)
	}
	return standsAlone(w, n) && !amidGroups(w, n) && !nearIMEIPlain(w, n)
}

func goodCardPlain(digits []byte, rare bool) bool {
	french := len(digits) == 15 && (digits[0] == '1' || digits[0] == '2') && validNIR(digits)
	return checksum.Luhn(digits) && issuedPlain(digits, rare) && !isSequence(digits) && !french
}

func issuedPlain(number []byte, rare bool) bool {
	iin := 0
	for _, c := range number[:6] {
		iin = iin*10 + int(c-'0')
	}
	return slices.ContainsFunc(issuers, func(x issuer) bool {
		return x.first <= iin && iin <= x.last && x.lengths.has(len(number)) && (rare || !x.rare)
	})
}

func nearIMEIPlain(w []byte, n cardNumber) bool {
	near := w[max(0, n.start-Proximity):min(len(w), n.end+Proximity)]
	return len(n.digits) <= 17 && bytes.Contains(bytes.ToLower(near), []byte("imei"))
}

func beginsCardPlain(w []byte, at int) bool {
	return slices.ContainsFunc(plainLayouts, func(l []int) bool {
		n, ok := readPlain(l, w, at)
		return ok && goodCardPlain(n.digits, false)
	})
}

func endsCardPlain(w []byte, end int) bool {
	return slices.ContainsFunc(plainLayouts, func(l []int) bool {
		at := end - (len(l) - 1)
		for _, g := range l {
			at -= g
		}
		if at < 0 || at > 0 && isWord(w[at-1]) {
			return false
		}
		n, ok := readPlain(l, w[:end], at)
		return ok && goodCardPlain(n.digits, false)
	})
}
