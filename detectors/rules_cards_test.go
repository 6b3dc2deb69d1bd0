package detectors

import (
	"strings"
	"testing"
)

// TestCardRules: beside a keyword the first of the two rules takes the place
// of the second, elsewhere the second stands alone.
func TestCardRules(t *testing.T) {
	s, err := Compile(cards(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"card 4539148803436467":     "CREDIT_CARD_NUMBER",
		"x 4539 1488 0343 6467":     "CREDIT_CARD_NUMBER_(NO_KEYWORD)",
		"order 4539 1488 0343 6467": "",
		"visa 4539148803433":        "CREDIT_CARD_NUMBER",
		"x 4539148803433":           "",
	} {
		got := ""
		for _, m := range s.Find(nil, []byte(text), 0, len(text)) {
			got += s.Rule(m.Rule).ID
		}
		if got != want {
			t.Errorf("in %q: %q, want %q", text, got, want)
		}
	}
}

// TestCardsInRow: cards that stand in one row with others, with their dates and
// security codes, do not hide each other; rows of other numbers hold none.
func TestCardsInRow(t *testing.T) {
	s, err := Compile(cards()[1:], Options{})
	if err != nil {
		t.Fatal(err)
	}
	const visa, master, amex = "4539 1488 0343 6467", "5412 7512 3412 3452", "3714 496353 98415"
	for name, tt := range map[string]struct {
		row  []string
		want int
	}{
		"two":                    {[]string{visa, master}, 2},
		"three":                  {[]string{visa, master, visa}, 3},
		"different groups":       {[]string{amex, visa, amex}, 3},
		"with security codes":    {[]string{visa, "121", master, "122"}, 2},
		"with dates":             {[]string{visa, "1227", master, "12/27", amex}, 3},
		"with dates and codes":   {[]string{visa, "1227", "121", master, "12/27", "1234", amex}, 3},
		"one wrong":              {[]string{visa, "5412 7512 3412 3453"}, 0},
		"numbers before":         {[]string{"1234 5678", visa}, 0},
		"numbers behind":         {[]string{visa, "5678"}, 0},
		"a number of two digits": {[]string{"12", visa}, 0},
	} {
		text := "paid: " + strings.Join(tt.row, " ") + " today"
		if found := s.Find(nil, []byte(text), 0, len(text)); len(found) != tt.want {
			t.Errorf("%s: %d found, want %d", name, len(found), tt.want)
		}
	}
}

// TestCardDummies: no published test number is reported in any grouping, and
// all are well formed but for two: of eleven digits, and an American Express
// number that is a digit short.
func TestCardDummies(t *testing.T) {
	plain, err := Compile(cards(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	dummies := cardDummies()
	if len(dummies) != 55 {
		t.Errorf("%d test numbers, want 55", len(dummies))
	}
	for _, d := range dummies {
		for _, joiner := range []string{"", " ", "-", "."} {
			text := "card " + inFours(d, joiner) + "\n"
			if found := plain.Find(nil, []byte(text), 0, len(text)); len(found) > 0 {
				t.Errorf("test number %s is reported", inFours(d, joiner))
			}
		}
		want := d != "76009244561" && d != "34343434343434"
		if got := plain.Valid(0, []byte(d)); got != want {
			t.Errorf("test number %s well formed: %v, want %v", d, got, want)
		}
	}
}

// TestIssuers: the table's ends, and the lengths of its rows.
func TestIssuers(t *testing.T) {
	for _, c := range []struct {
		number         string
		alone, besides bool
	}{
		{"2220991234567890", false, false},
		{"2221001234567890", true, true},
		{"2720991234567890", true, true},
		{"2721001234567890", false, false},
		{"510000123456789", false, false}, // Mastercard of 15
		{"5599991234567890", true, true},
		{"122000123456789", false, true}, // UATP
		{"1220001234567890", false, false},
		{"213100123456789", false, true},  // JCB of old
		{"5610001234567890", false, true}, // Bankcard
		{"341234567890123", true, true},
		{"3412345678901234", false, false}, // American Express of 16
		{"30591234567890", true, true},
		{"30691234567890", false, false},
		{"3527991234567890", false, false},
		{"3528001234567890", true, true},
		{"3589991234567890", true, true},
		{"3590001234567890", false, false},
		{"2204991234567890", true, true},
		{"2205001234567890", false, false},
		{"6759123456789012345", true, true},
		{"122000000000003", false, true},
	} {
		if alone, besides := issued([]byte(c.number), false), issued([]byte(c.number), true); alone != c.alone || besides != c.besides {
			t.Errorf("%s: %v and %v, want %v and %v", c.number, alone, besides, c.alone, c.besides)
		}
	}
}
