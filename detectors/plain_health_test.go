package detectors

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// plainSSN are the ranges of social security numbers as an expression of what is none.
func plainSSN(s string) bool {
	return !strings.HasPrefix(s, "000") && !strings.HasPrefix(s, "666") && s[0] != '9' && s[3:5] != "00" && s[5:] != "0000"
}

// Compiled once: the judges are asked a million times.
var (
	plainDEA           = regexp.MustCompile(`^[ABCDEFGHJKLMPRSTUX][A-Z9][0-9]{7}$`)
	plainClaimOwn      = regexp.MustCompile(`^([0-9]{9})(A|B[1-9ADGHJKLNPQRTWY]?|C[1-9A-Z]|D[1-9ACDGHJKLMNPQRSTVWXYZ]?|E[1-9ABCDFGHJKM]?|F[1-8]|J[1-4]|K[1-9A-HJLM]|M1?|T[2ABCDEFGHJKLMNPQRSTUVWXYZ]?|W[1-9BCFGJRT]?)$`)
	plainClaimRailroad = regexp.MustCompile(`^(?:A|[MWPJC]A|WCA|WC?D|PD|[MWP]?H|WCH)([0-9]{6}|[0-9]{9})$`)
	plainMBI           = regexp.MustCompile(`^[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y][0-9][0-9]$`)
	plainProcedure     = regexp.MustCompile(`^([0-9]{5}|[0-9]{4}[FMTU]|[ABCDEGHJKLMPQRSTUV][0-9]{4})(..)?$`)
	plainICD10         = regexp.MustCompile(`^[A-TV-Z][0-9][0-9AB][0-9A-KXZ]{0,4}$`)
	plainOntario       = regexp.MustCompile(`^[A-Z]{4}[0-9]{2}([0-9]{4})[0-9]{2}$`)
	plainEuropeanCard  = regexp.MustCompile(`^80(040|056|100|191|196|203|208|233|246|250|276|300|348|352|372|380|428|438|440|442|470|528|578|616|620|642|703|705|724|752|756|826)`)
)

var healthJudges = judges{
	"US_DRUG_ENFORCEMENT_AGENCY_NUMBER": func(v string) bool {
		if !plainDEA.MatchString(v) {
			return false
		}
		d := plainDigits(v[2:])
		sum := d[0] + d[2] + d[4] + 2*(d[1]+d[3]+d[5])
		return strings.HasSuffix(strconv.Itoa(sum), v[8:]) && !plainSame(v[2:])
	},
	"USA_HEALTH_INSURANCE_CLAIM_NUMBER": func(v string) bool {
		if m := plainClaimOwn.FindStringSubmatch(v); m != nil {
			return plainSSN(m[1])
		}
		m := plainClaimRailroad.FindStringSubmatch(v)
		return m != nil && (len(m[1]) == 6 && !plainSame(m[1]) || len(m[1]) == 9 && plainSSN(m[1]))
	},
	"USA_MEDICARE_BENEFICIARY_IDENTIFIER": func(v string) bool {
		return plainMBI.MatchString(v)
	},
	"USA_HEALTHCARE_PROCEDURE_CODE": func(v string) bool {
		return plainProcedure.MatchString(v) && !strings.HasPrefix(v, "00000")
	},
	"USA_NATIONAL_PROVIDER_IDENTIFIER": func(v string) bool {
		return (v[0] == '1' || v[0] == '2') && !plainSame(v[1:]) && plainLuhn("80840"+v)
	},
	"ICD10_CODE": func(v string) bool { return plainICD10.MatchString(v) },
	"CANADA_HEALTH_NUMBER": func(v string) bool {
		if m := plainOntario.FindStringSubmatch(v); m != nil {
			month, _ := strconv.Atoi(m[1][:2])
			day, _ := strconv.Atoi(m[1][2:])
			if month > 50 {
				month -= 50
			}
			d := time.Date(2000, time.Month(month), day, 0, 0, 0, 0, time.UTC)
			return int(d.Month()) == month && d.Day() == day
		}
		digits := strings.TrimRight(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
		if plainSame(digits) {
			return false
		}
		if len(digits) != 10 {
			return digits == v
		}
		bc := 0
		for i, w := range []int{2, 4, 8, 5, 10, 9, 7, 3} {
			bc += w * int(digits[1+i]-'0')
		}
		british := digits[0] == '9' && bc%11 > 1 && 11-bc%11 == int(digits[9]-'0')
		ontario := plainLuhn(digits) && digits[0] != '0'
		return ontario || digits == v && (british || digits[0] == '0')
	},
	"EUROPEAN_HEALTH_INSURANCE_CARD_NUMBER": func(v string) bool {
		return plainEuropeanCard.MatchString(v) && !plainSame(v[5:])
	},
	"FINLAND_EUROPEAN_HEALTH_INSURANCE_NUMBER": func(v string) bool { return strings.HasPrefix(v, "80246") && !plainSame(v[5:]) },
}

func healthRules() []Rule { return append(healthUSA(), healthCards()...) }

func TestHealthIsPlain(t *testing.T) { runJudges(t, healthRules(), healthJudges) }

func FuzzValidHealth(f *testing.F) {
	rules := healthRules()
	seedJudges(f, rules)
	f.Fuzz(func(t *testing.T, text string) {
		compareJudges(t, rules, healthJudges, text)
		for _, r := range rules {
			if r.Whole != nil {
				r.Whole([]byte(text)) // must not panic
			}
		}
	})
}

// TestHIBCIsPlain compares labels with the sum of their values, letter by letter.
func TestHIBCIsPlain(t *testing.T) {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
	layout := regexp.MustCompile(`^\+[A-Z][0-9A-Z]{3}[0-9A-Z]{1,18}[0-9](/[0-9A-Z$/+%.-]*)?.$`)
	g := newWriter(14, []Rule{deviceIdentifier()})
	right := 0
	for range 20000 {
		v := "+A" + string(randomBytes(g.rng, 4+g.rng.IntN(20), "0123456789ABCXYZ"))
		if g.rng.IntN(2) == 0 {
			v += "/" + string(randomBytes(g.rng, 1+g.rng.IntN(12), alphabet[:36]+"$/.-"))
		}
		sum := 0
		for _, c := range v {
			sum += strings.IndexRune(alphabet, c)
		}
		check := alphabet[sum%43]
		if g.rng.IntN(3) == 0 {
			check = alphabet[g.rng.IntN(43)]
		}
		want := check == alphabet[sum%43] && layout.MatchString(v+string(check))
		if got := isHIBC([]byte(v + string(check))); got != want {
			t.Fatalf("%s%c is a label: %v, by the plain form %v", v, check, got, want)
		}
		if want {
			right++
		}
	}
	if right < 100 {
		t.Errorf("%d labels: too few to tell", right)
	}
}
