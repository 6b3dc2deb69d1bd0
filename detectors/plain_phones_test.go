package detectors

import (
	"math/rand/v2"
	"regexp"
	"testing"
)

const plainArea = `[1-9][1-9]`

var (
	plainFrance            = regexp.MustCompile(`^0[1-9]`)
	plainFranceShort       = regexp.MustCompile(`^08`)
	plainSpain             = regexp.MustCompile(`^[6-9]`)
	plainBrazil            = regexp.MustCompile(`^(` + plainArea + `(9[0-9]{8}|[2-5][0-9]{7})|0800[0-9]{7})$`)
	plainBrazilTrunk       = regexp.MustCompile(`^(0` + plainArea + `(9[0-9]{8}|[2-5][0-9]{7})|0800[0-9]{7})$`)
	plainBrazilMobile      = regexp.MustCompile(`^(` + plainArea + `9[0-9]{8}|0800[0-9]{7})$`)
	plainBrazilMobileTrunk = regexp.MustCompile(`^0` + plainArea + `9[0-9]{8}$`)
	plainBrazilFree        = regexp.MustCompile(`^0800[0-9]{7}$`)
	plainUK                = regexp.MustCompile(`^0(1[0-9]{8,9}|[235789][0-9]{9}|800[0-9]{6,7})$`)
	plainItaly             = regexp.MustCompile(`^(0[1-9][0-9]{6,9}|3[1-9][0-9]{7,8}|800[0-9]{6})$`)
	plainGermany           = regexp.MustCompile(`^0([2-9][0-9]{6,10}|1[567][0-9]{8,9}|18[0-9]{9})$`)
	plainNoDigit           = regexp.MustCompile(`[^0-9]`)
)

// plainNational are the national forms of countries as expressions over their
// digits, one for each length of the first group that matters.
var plainNational = map[string]func(digits string, group int) bool{
	"FRANCE_PHONE_NUMBER": func(v string, group int) bool {
		return plainFrance.MatchString(v) && (group == 2 || group == 4 || group == 10) || group == 1 && plainFranceShort.MatchString(v)
	},
	"SPAIN_PHONE_NUMBER": func(v string, _ int) bool { return plainSpain.MatchString(v) },
	"BRAZIL_PHONE_NUMBER": func(v string, group int) bool {
		switch group {
		case 2:
			return plainBrazil.MatchString(v)
		case 3:
			return plainBrazilTrunk.MatchString(v)
		case 11:
			return plainBrazilMobile.MatchString(v)
		case 12:
			return plainBrazilMobileTrunk.MatchString(v)
		}
		return plainBrazilFree.MatchString(v)
	},
	"UK_PHONE_NUMBER": func(v string, _ int) bool {
		return plainUK.MatchString(v)
	},
	"ITALY_PHONE_NUMBER": func(v string, _ int) bool {
		return plainItaly.MatchString(v)
	},
	"GERMANY_PHONE_NUMBER": func(v string, _ int) bool {
		return plainGermany.MatchString(v)
	},
}

// compareNational compares the countries' functions on the digits of text, and
// returns how often they are a number's.
func compareNational(t *testing.T, text string) (valid int) {
	t.Helper()
	digits, group := onlyPlainDigits(text), 0
	for group < len(text) && isDigit(text[group]) {
		group++
	}
	for _, c := range phoneCountries() {
		if len(digits) < c.least || len(digits) > c.most {
			continue
		}
		for _, g := range []int{group, len(digits), 2, 3} {
			got, want := c.national([]byte(digits), g), plainNational[c.id](digits, g)
			if got != want {
				t.Fatalf("%s: %s in groups from %d on: %v, by the plain form %v", c.id, digits, g, got, want)
			}
			if got {
				valid++
			}
		}
	}
	return valid
}

func onlyPlainDigits(s string) string { return plainNoDigit.ReplaceAllString(s, "") }

func TestNationalPhonesArePlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 0))
	valid := 0
	for range 20000 {
		valid += compareNational(t, string(randomBytes(rng, 8+rng.IntN(5), "01234567890389")))
	}
	if valid < 1000 {
		t.Errorf("%d numbers: too few to tell", valid)
	}
}

func FuzzValidPhones(f *testing.F) {
	rules := countryPhones()
	for _, r := range rules {
		for _, x := range vectorsOf(r).Texts() {
			f.Add(x)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		compareNational(t, text)
		for _, r := range rules {
			r.Whole([]byte(text)) // must not panic
		}
	})
}
