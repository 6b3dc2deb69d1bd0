package detectors

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// wordJudges are plain forms of whole values of rules with a Match function.
var wordJudges = map[string]func(v string) bool{
	"CREDIT_CARD_SECURITY_CODE": regexp.MustCompile(`^[0-9]{3,4}$`).MatchString,
	"DATE_TIME_AGE": func(v string) bool {
		n, err := strconv.Atoi(v)
		return err == nil && 0 <= n && n <= 125 && strconv.Itoa(n) == v
	},
	"LATITUDE_LONGITUDE": plainLatLong,
	"SWIFT_BIC_CODE":     plainBIC,
}

const plainDegrees = `[+-]?((?:0|[1-9][0-9]{0,2})(?:\.[0-9]{1,9})?)`

var (
	plainPair  = regexp.MustCompile(`^` + plainDegrees + `, *` + plainDegrees + `$`)
	plainSwift = regexp.MustCompile(`^[A-Za-z]{4}([A-Za-z]{2})[0-9A-Za-z]{2}([0-9A-Za-z]{3})?$`)
)

// plainLatLong knows the form with a comma alone, in parentheses or not.
func plainLatLong(v string) bool {
	m := plainPair.FindStringSubmatch(v)
	if in, ok := strings.CutPrefix(v, "("); ok && m == nil {
		if in, ok = strings.CutSuffix(in, ")"); ok {
			m = plainPair.FindStringSubmatch(in)
		}
	}
	if m == nil {
		return false
	}
	a, _ := strconv.ParseFloat(m[1], 64)
	b, _ := strconv.ParseFloat(m[2], 64)
	return a <= 90 && b <= 180
}

// plainBIC looks the country up in the list of top-level domains, which are those of
// ISO 3166-1 and a few more.
func plainBIC(v string) bool {
	m := plainSwift.FindStringSubmatch(v)
	if m == nil {
		return false
	}
	const domainsOnly, unused = "AC EU SU TP UK ", "BL BQ BV EH MF SJ UM XK "
	c := strings.ToUpper(m[1])
	return isCountryDomain(c[0]|0x20, c[1]|0x20) && !strings.Contains(domainsOnly, c+" ") || strings.Contains(unused, c+" ")
}

func wordRules() []Rule {
	return append(append(people(), cardholder()...), bic(), urlWithCredentials())
}

func compareWords(t *testing.T, text string) (valid int) {
	t.Helper()
	for _, r := range wordRules() {
		if r.Whole == nil {
			continue
		}
		got := r.Whole([]byte(text))
		if judge := wordJudges[r.ID]; judge != nil {
			switch want := judge(text); {
			case want == got:
			case r.ID == "LATITUDE_LONGITUDE" && got && !want, r.ID == "SWIFT_BIC_CODE" && strings.Contains(text, " "):
				continue // in another order, with names or blanks between
			default:
				t.Fatalf("%s: %q is valid: %v, by the plain form %v", r.ID, text, got, want)
			}
		}
		if got {
			valid++
		}
	}
	return valid
}

func TestWordsArePlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 0))
	valid := 0
	for range 20000 {
		valid += compareWords(t, string(randomBytes(rng, 1+rng.IntN(12), "0123456789")))
		valid += compareWords(t, string(randomBytes(rng, []int{8, 11, 8, 9}[rng.IntN(4)], "ABCDEFGHIJKLMNOPQRSTUVWXYZ")))
		pair := string(randomBytes(rng, 1+rng.IntN(3), "1234567890")) + "." + string(randomBytes(rng, 1+rng.IntN(5), "0123456789"))
		valid += compareWords(t, pair+", -"+string(randomBytes(rng, 1+rng.IntN(3), "1234567890")))
	}
	if valid < 1000 {
		t.Errorf("%d valid values: too few to tell", valid)
	}
}

func FuzzValidWords(f *testing.F) {
	for _, r := range wordRules() {
		for _, p := range vectorsOf(r).Positive {
			f.Add(p.Value())
		}
	}
	f.Fuzz(func(t *testing.T, text string) { compareWords(t, text) })
}
