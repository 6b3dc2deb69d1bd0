package detectors

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// matcher is a Match function, or what stands in its place.
type matcher func(w []byte, at int) (start, end int, ok bool)

// compareMatcher tries the rule with this id and its plain form at the anchors
// of texts made for the rule, and of their beginnings.
func compareMatcher(t *testing.T, id string, plain matcher) {
	t.Helper()
	all := Builtin()
	rule := all[slices.IndexFunc(all, func(r Rule) bool { return r.ID == id })]
	r := compileAll(t, []Rule{rule}).rules[0]
	tried, found := 0, 0
	g := newWriter(9, []Rule{rule})
	for n := range 400 {
		text := g.text(1 + n*3)
		text = text[:g.rng.IntN(len(text)+1)]
		for at := range text {
			if !r.triedAt(text, at) {
				continue
			}
			tried++
			start, end, ok := r.measure(text, at)
			plainStart, plainEnd, plainOK := plain(text, at)
			if ok {
				found++
			}
			if ok != plainOK || ok && (start != plainStart || end != plainEnd) {
				t.Fatalf("%s in %q at %d: [%d,%d) %v, want [%d,%d) %v", id, text, at, start, end, ok, plainStart, plainEnd, plainOK)
			}
		}
	}
	if found < 100 || tried-found < 100 {
		t.Errorf("%s: tried at %d places, a value at %d: too few to tell", id, tried, found)
	}
}

// randomBytes draws n bytes from those of alphabet.
func randomBytes(rng *rand.Rand, n int, alphabet string) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[rng.IntN(len(alphabet))]
	}
	return b
}

// TestClearIsPlain tries all neighbours of two bytes on each side that Clear
// tells apart.
func TestClearIsPlain(t *testing.T) {
	const neighbours = "a0_-./+ ,\\nx"
	var sides []string
	for _, a := range neighbours {
		sides = append(sides, string(a))
		for _, b := range neighbours {
			sides = append(sides, string(a)+string(b))
			sides = append(sides, `\`+string(a)+string(b), `\n`+string(a)+string(b))
		}
	}
	for _, before := range append(sides, "") {
		for _, behind := range append(sides, "") {
			for _, value := range []string{"7", "A"} {
				w := []byte(before + value + behind)
				if got, want := Clear(w, len(before), len(before)+1), clearPlain(w, len(before), len(before)+1); got != want {
					t.Fatalf("%s between %q and %q: %v, want %v", value, before, behind, got, want)
				}
			}
		}
	}
}

func clearPlain(w []byte, start, end int) bool {
	if start > 0 {
		switch c := w[start-1]; {
		case wordBefore(w, start):
			return false
		case c == '-' && wordBefore(w, start-1):
			return false
		case (c == '.' || c == '/') && start > 1 && isDigit(w[start-2]):
			return false
		case c == '+' && isDigit(w[start]):
			return false
		}
	}
	if end < len(w) {
		switch c := w[end]; {
		case isWord(c):
			return false
		case c == '-' && end+1 < len(w) && isWord(w[end+1]):
			return false
		case (c == '.' || c == '/') && end+1 < len(w) && isDigit(w[end+1]):
			return false
		}
	}
	return true
}

func TestCompactIsPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for range 5000 {
		v := randomBytes(rng, rng.IntN(70), "0123456789abzABZ -./@[`{:\x00\x7f\x80\xff\xc3")
		before := make([]byte, rng.IntN(3), 3+rng.IntN(80))
		want := slices.Clone(before)
		for _, c := range v {
			switch {
			case isDigit(c):
				want = append(want, c)
			case isLetter(c):
				want = append(want, c&^0x20)
			}
		}
		if got := compact(before, v); !slices.Equal(got, want) {
			t.Fatalf("%q becomes %q, want %q", v, got, want)
		}
	}
}

// TestLongerLayouts: of all layouts of a rule that could make a shorter value
// go on, none is left out of longer.
func TestLongerLayouts(t *testing.T) {
	for n, rule := range rulesUnderTest() {
		r, err := compile(rule)
		if err != nil {
			t.Fatal(err)
		}
		g := newWriter(uint64(n), []Rule{rule})
		for range 20 {
			for _, short := range r.layouts {
				for _, long := range r.layouts {
					w := []byte(g.fill(long.classes) + g.pick("", " ", "-", "1", "x"))
					got := slices.ContainsFunc(r.longer(short), func(l layout) bool { return l.stands(w, 0) })
					if end := len(short.classes); short.match(w) && got != r.goesOn(w, 0, end) {
						t.Fatalf("%s: layout %q with %q: goes on %v, want %v", r.ID, short.classes, w, got, !got)
					}
				}
				if len(r.layouts) > 20 {
					break // one of many IBANs is like the others
				}
			}
		}
	}
}

func TestTaxNumbersArePlain(t *testing.T) {
	plain := func(valid func(v []byte) bool) matcher {
		return func(w []byte, at int) (start, end int, ok bool) {
			for _, classes := range []string{"999-99-9999", "999 99 9999", "999.99.9999", "999999999"} {
				if !(layout{classes: classes}).match(w[at:]) {
					continue
				}
				var buf [namedReach]byte
				end = at + len(classes)
				return at, end, valid(compact(nil, w[at:end])) && Clear(w, at, end) && !isOtherNumber(nameBefore(w, at, &buf))
			}
			return 0, 0, false
		}
	}
	compareMatcher(t, "USA_SOCIAL_SECURITY_NUMBER", plain(func(v []byte) bool {
		area := string(v[:3])
		return area != "000" && area != "666" && v[0] != '9' && string(v[3:5]) != "00" && string(v[5:]) != "0000"
	}))
	compareMatcher(t, "USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER", plain(func(v []byte) bool {
		group := int(v[3]-'0')*10 + int(v[4]-'0')
		return v[0] == '9' && string(v[5:]) != "0000" && group >= 50 && !(66 <= group && group <= 69) && group != 89 && group != 93
	}))
}
