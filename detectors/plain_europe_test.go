package detectors

import (
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// europeJudges are written from the texts of the checks, on strings and whole
// numbers.
var europeJudges = judges{
	"UK_NHS_NUMBER": func(v string) bool {
		return !plainSame(v) && lacksOf11(weighed(v, 10, 9, 8, 7, 6, 5, 4, 3, 2)) == v[9:]
	},
	"UK_TAX_IDENTIFICATION_NUMBER": func(v string) bool {
		if expression(`^[0-9]{2}[A-Z]`).MatchString(v) {
			return v[3:] != "00000"
		}
		sum := weighed(v, 0, 6, 7, 8, 9, 10, 5, 4, 3, 2)
		return strings.Split("2 1 9 8 7 6 5 4 3 2 1", " ")[sum%11] == v[:1] && !plainSame(v[:10]) && (v[10:] == "" || v[10:] == "K")
	},
	"UK_ELECTORAL_ROLL_NUMBER": func(v string) bool { return strings.ContainsAny(v, "123456789") },
	"IRELAND_PPS_NUMBER": func(v string) bool {
		worth := map[string]int{"": 0, "A": 1, "B": 2, "H": 8, "W": 0, "T": 0, "X": 0}
		further, ok := worth[v[8:]]
		letter := "W"
		if n := (weighed(v, 8, 7, 6, 5, 4, 3, 2) + 9*further) % 23; n > 0 {
			letter = string(rune('A' + n - 1))
		}
		return ok && letter == v[7:8] && v[:7] != "0000000"
	},

	"SPAIN_NIF_NUMBER": func(v string) bool {
		if m := expression(`^(?:ES)?([KLM])([0-9]{7})([A-Z])$`).FindStringSubmatch(v); m != nil {
			return lettered(m[2], m[3])
		}
		m := expression(`^([0-9]{7}|(?:ES)?[0-9]{8})([A-Z])$`).FindStringSubmatch(v)
		return m != nil && m[1] != "99999999" && m[1] != "ES99999999" && lettered(strings.TrimPrefix(m[1], "ES"), m[2])
	},
	"SPAIN_TAX_IDENTIFICATION_NUMBER": func(v string) bool {
		m := expression(`^(?:ES)?[A-HJNP-SUVW]([0-9]{7})([0-9A-J])$`).FindStringSubmatch(v)
		if m == nil || m[1] == "0000000" {
			return false
		}
		control := strings.IndexByte("0123456789", m[2][0])
		if control < 0 {
			control = strings.Index("JABCDEFGHI", m[2])
		}
		return plainLuhn(m[1] + strconv.Itoa(control))
	},
	"SPAIN_SOCIAL_SECURITY_NUMBER": func(v string) bool {
		province, _ := strconv.Atoi(v[:2])
		serial, _ := strconv.Atoi(v[2:10])
		check, _ := strconv.Atoi(v[10:])
		n := province*100_000_000 + serial
		if serial < 10_000_000 {
			n = serial + province*10_000_000
		}
		return province > 0 && serial > 0 && n%97 == check
	},
	"PORTUGAL_NIF_NUMBER": func(v string) bool {
		if !expression(`^(PT)?([1235689]|45|7[0124579])[0-9]*$`).MatchString(v) {
			return false
		}
		v = strings.TrimPrefix(v, "PT")
		check := 11 - weighed(v, 9, 8, 7, 6, 5, 4, 3, 2)%11
		if check > 9 {
			check = 0
		}
		return !plainSame(v) && strconv.Itoa(check) == v[8:]
	},
	"PORTUGAL_CITIZEN_CARD_NUMBER": func(v string) bool {
		sum := int64(0)
		for i := range v {
			n, _ := strconv.ParseInt(v[i:i+1], 36, 0)
			if i%2 == 0 {
				n *= 2
			}
			if i%2 == 0 && n >= 10 {
				n -= 9
			}
			sum += n
		}
		return sum%10 == 0 && expression(`[A-Z]`).MatchString(v)
	},
	"PORTUGAL_SOCIAL_SECURITY_NUMBER": func(v string) bool {
		sum := weighed(v, 29, 23, 19, 17, 13, 11, 7, 5, 3, 2)
		return strings.Contains("12", v[:1]) && !plainSame(v) && (sum+int(v[10]-'0'))%10 == 9
	},

	"FRANCE_TAX_IDENTIFICATION_NUMBER": func(v string) bool {
		return v[0] < '4' && v[:10] != "0000000000" && remainder(v[:10], 511) == atoi(v[10:])
	},
	"FRANCE_SIREN_SIRET_NUMBER": func(v string) bool {
		if plainSame(v[:9]) || !plainLuhn(v[:9]) {
			return false
		}
		return plainLuhn(v) || strings.HasPrefix(v, "356000000") && len(v) > 9 && weighed(v, slices.Repeat([]int{1}, 14)...)%5 == 0
	},
	"NETHERLANDS_BSN_NUMBER": func(v string) bool {
		if len(v) == 8 {
			return !plainSame(v) && weighed("0"+v, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0
		}
		return !plainSame(v) && weighed(v, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0
	},
	"BELGIUM_NATIONAL_NUMBER": func(v string) bool {
		for _, century := range []string{"19", "20"} {
			month, prefix := atoi(v[2:4]), strings.Trim(century, "190")
			if month >= 40 {
				month -= 40
			} else if month >= 20 {
				month -= 20
			}
			year := atoi(century + v[:2])
			real := onCalendar(year, month, atoi(v[4:6])) || month == 0 && atoi(v[4:6]) < 32 || month < 13 && v[4:6] == "00"
			if real && year < 2036 && v[6:9] != "000" && remainder(prefix+v[:9], 97)+atoi(v[9:]) == 97 {
				return true
			}
		}
		return false
	},
	"LUXEMBOURG_NATIONAL_ID_NUMBER": func(v string) bool {
		return expression(`^(18|19|20)`).MatchString(v) && onCalendar(atoi(v[:4]), atoi(v[4:6]), atoi(v[6:8])) &&
			plainLuhn(v[:12]) && verhoeffPlain(v[:11]+v[12:])
	},
}

// expression compiles expr once.
func expression(expr string) *regexp.Regexp {
	e, ok := expressions.Load(expr)
	if !ok {
		e, _ = expressions.LoadOrStore(expr, regexp.MustCompile(expr))
	}
	return e.(*regexp.Regexp)
}

var expressions sync.Map

// TestEuropeIsPlain compares on random values and on those of the vectors with
// a character or two drawn anew.
func TestEuropeIsPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 0))
	for _, r := range europeRules() {
		if r.Valid != nil && europeJudges[r.ID] == nil && northJudges[r.ID] == nil && !judgedElsewhere[r.ID] {
			t.Errorf("%s: no plain form of Valid", r.ID)
		}
	}
	for _, x := range []struct {
		rules []Rule
		plain judges
	}{{europeRules(), europeJudges}, {europeRules(), northJudges}, {europeSureRules(), europeSure}} {
		for _, r := range x.rules {
			if x.plain[r.ID] == nil {
				continue
			}
			valid := 0
			for _, p := range vectorsOf(r).Positive {
				for range 40 {
					v := compact(nil, []byte(p.Value()))
					for range 1 + rng.IntN(2) {
						v[rng.IntN(len(v))] = randomBytes(rng, 1, "0123456789012345678901234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ")[0]
					}
					valid += compareJudges(t, []Rule{r}, x.plain, string(v))
				}
			}
			for range 500 {
				valid += compareJudges(t, []Rule{r}, x.plain, string(randomBytes(rng, 1+rng.IntN(14), "01234567890123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")))
			}
			if valid < 15 {
				t.Errorf("%s: %d valid values: too few to tell", r.ID, valid)
			}
		}
	}
}

// FuzzValidEurope does it on what the fuzzer draws.
func FuzzValidEurope(f *testing.F) {
	rules, sure := europeRules(), europeSureRules()
	seedJudges(f, rules)
	f.Fuzz(func(t *testing.T, text string) {
		compareJudges(t, rules, europeJudges, text)
		compareJudges(t, rules, northJudges, text)
		compareJudges(t, sure, europeSure, text)
	})
}

// europeRules are the rules of [nationalEurope] that have layouts.
func europeRules() []Rule {
	return slices.DeleteFunc(nationalEurope(), func(r Rule) bool { return len(r.Forms) == 0 })
}

// europeSureRules are those that have Sure, with Sure in place of Valid.
func europeSureRules() []Rule {
	var rs []Rule
	for _, r := range europeRules() {
		if r.Sure != nil {
			r.Valid = r.Sure
			rs = append(rs, r)
		}
	}
	return rs
}

// judgedElsewhere have their plain forms in package checksum, and vectors.
var judgedElsewhere = map[string]bool{
	"UK_NATIONAL_INSURANCE_NUMBER": true, "SPAIN_DNI_NUMBER": true, "SPAIN_NIE_NUMBER": true, "ITALY_NATIONAL_IDENTIFICATION_NUMBER": true,
	"FRANCE_NATIONAL_IDENTIFICATION_NUMBER": true, "GERMANY_TAX_IDENTIFICATION_NUMBER": true,
}

// weighed is the sum of the digits at the beginning of v times the weights.
func weighed(v string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += w * atoi(v[i:i+1])
	}
	return sum
}

// lacksOf11 is what sum lacks to a multiple of 11, "" for 10.
func lacksOf11(sum int) string {
	for n := range 10 {
		if (sum+n)%11 == 0 {
			return strconv.Itoa(n)
		}
	}
	return ""
}

// atoi is 0 for what is no number.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// remainder is that of the number that s writes.
func remainder(s string, by int64) int {
	n, _ := new(big.Int).SetString(s, 10)
	return int(n.Mod(n, big.NewInt(by)).Int64())
}

// lettered reports whether letter is the control of a Spanish number that is not 0.
func lettered(digits, letter string) bool {
	return strings.Trim(digits, "0") != "" && strings.Index("TRWAGMYFPDXBNJZSQVHLCKE", letter) == remainder(digits, 23)
}

// onCalendar asks package time whether there is that day.
func onCalendar(year, month, day int) bool {
	d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return d.Year() == year && int(d.Month()) == month && d.Day() == day
}

// productDigits adds the digits of the products of the digits of v and the weights.
func productDigits(v string, weights ...int) int {
	page := ""
	for i, w := range weights {
		page += strconv.Itoa(w * atoi(v[i:i+1]))
	}
	return weighed(page, slices.Repeat([]int{1}, len(page))...)
}

// verhoeffPlain multiplies in D5 by its rules: 0 to 4 turn a pentagon, 5 to 9
// turn it over first.
func verhoeffPlain(v string) bool {
	times := func(a, b int) int {
		switch {
		case a < 5 && b < 5:
			return (a + b) % 5
		case a < 5:
			return 5 + (a+b)%5
		case b < 5:
			return 5 + (a-b)%5
		}
		return (a - b + 5) % 5
	}
	c := 0
	for i := range v {
		d := atoi(v[len(v)-1-i : len(v)-i])
		for range i % 8 {
			d = atoi("1576283094"[d : d+1])
		}
		c = times(c, d)
	}
	return c == 0
}
