package detectors

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestPlaces(t *testing.T) {
	needy := Rule{ID: "PIN", Forms: []Form{{Pattern: "9999"}}, Keywords: []string{"pin", "pin code"}, NeedKeyword: true, Priority: PriorityKeyword}
	other := Rule{ID: "TAN", Forms: []Form{{Pattern: "9999"}}, Keywords: []string{"tan"}, NeedKeyword: true, Priority: PriorityKeyword}
	s := compileAll(t, []Rule{needy, other})
	if s.Names([]byte("spinning, tango")) != nil {
		t.Error("words that are no keywords are names")
	}
	pin, both := s.Names([]byte("card_pin")), s.Names([]byte("PIN code / TAN"))
	if pin == nil || both == nil {
		t.Fatal("a keyword is no name")
	}
	for _, c := range []struct {
		places []Place
		want   string
	}{
		{nil, ""},
		{[]Place{{2, 6, pin}}, "PIN@2"},
		{[]Place{{2, 6, both}}, "PIN@2 TAN@2"},
		{[]Place{{2, 5, pin}}, ""}, // does not hold it
		{[]Place{{3, 6, pin}}, ""},
		{[]Place{{-9, 99, pin}}, "PIN@2 PIN@7"}, // reaches beyond the window
		{[]Place{{2, 6, pin}, {7, 11, both}}, "PIN@2 PIN@7 TAN@7"},
		{[]Place{{0, 2, both}, {6, 7, both}, {11, 12, both}}, ""}, // beside values
		{[]Place{{7, 7, both}, {7, 11, pin}}, "PIN@7"},            // an empty cell
	} {
		w := []byte("a,1234,5678,b")
		var got []string
		for _, m := range s.FindIn(nil, w, 0, len(w), c.places) {
			got = append(got, s.Rule(m.Rule).ID+"@"+string(rune('0'+m.Start)))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v: found %v, want %s", c.places, got, c.want)
		}
	}
	if m := s.FindIn(nil, []byte("1234"), 0, 4, []Place{{0, 4, pin}}); len(m) != 1 || m[0].Confidence <= s.rules[0].own {
		t.Errorf("the name adds nothing: %v", m)
	}
	if got := pin.And(s.Names([]byte("tan"))); !got.has(s.rules[0]) || !got.has(s.rules[1]) || pin.has(s.rules[1]) {
		t.Error("And is not both, or changes the outer names")
	}
	if (*Names)(nil).And(pin) != pin || pin.And(nil) != pin {
		t.Error("And with nothing is not the other")
	}
}

// randomPlaces covers about half of n bytes with places whose names are
// keywords of rules, most of them none of the values'.
func randomPlaces(rng *rand.Rand, s *Set, n int) []Place {
	var places []Place
	for at := rng.IntN(20) - 10; at < n; {
		end := at + rng.IntN(60)
		var text []byte
		for range 1 + rng.IntN(3) {
			if ks := s.Rule(rng.IntN(s.Len())).Keywords; len(ks) > 0 {
				text = append(append(text, ks[rng.IntN(len(ks))]...), '_')
			}
		}
		if names := s.Names(text); names != nil {
			places = append(places, Place{at, end, names})
		}
		at = end + rng.IntN(2)*rng.IntN(60)
	}
	return places
}

// TestPlacesAreNaive compares with the loop, whole and in parts.
func TestPlacesAreNaive(t *testing.T) {
	for name, rules := range map[string][]Rule{"builtin": Builtin(), "all": append(rulesUnderTest(), relatives()...)} {
		s := compileAll(t, rules)
		g := newWriter(11, rules)
		for range 12 {
			text := g.text(200 + g.rng.IntN(1200))
			places := randomPlaces(g.rng, s, len(text))
			want := s.FindNaiveIn(nil, text, 0, len(text), places)
			if got := s.FindIn(nil, text, 0, len(text), places); !slices.Equal(got, want) {
				t.Fatalf("%s rules: %s", name, diff(s, got, want))
			}
			cut := g.rng.IntN(len(text) + 1)
			got := s.FindIn(s.FindIn(nil, text, 0, cut, places), text, cut, len(text), places)
			if !slices.Equal(got, want) {
				t.Fatalf("%s rules, cut at %d of %d: %s", name, cut, len(text), diff(s, got, want))
			}
		}
	}
}

// TestPlacesCostNothingTwice has one value tried once however often the names
// of its place have a keyword of its rule.
func TestPlacesCostNothingTwice(t *testing.T) {
	s := compileAll(t, []Rule{{ID: "PIN", Forms: []Form{{Pattern: "9999"}}, Keywords: []string{"pin", "pin code", "code"}, NeedKeyword: true, Priority: PriorityKeyword}})
	text := []byte(strings.Repeat("1234 ", 1000))
	q := newSearch(s)
	q.places = []Place{{0, len(text), s.Names([]byte("pin, code, pin code"))}}
	if found := q.run(nil, text, 0, len(text)); len(found) != 1000 || q.tried != 1000 {
		t.Errorf("%d found, %d tried", len(found), q.tried)
	}
}
