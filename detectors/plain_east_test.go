package detectors

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// plainSum adds the digits of s, each times the weight in its place, written "7 3 1".
func plainSum(s, weights string) int {
	sum := 0
	for i, w := range strings.Fields(weights) {
		n, err := strconv.Atoi(w)
		if err != nil {
			panic(err)
		}
		sum += n * plainDigits(s)[i]
	}
	return sum
}

// plainInt is the number that s writes.
func plainInt(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

// plainDay reports whether the calendar gives the date back.
func plainDay(year, month, day int) bool {
	d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return d.Year() == year && int(d.Month()) == month && d.Day() == day
}

// plainBirth reads YYMMDD in a century.
func plainBirth(s string, century int) bool {
	return plainDay(century*100+plainInt(s[:2]), plainInt(s[2:4]), plainInt(s[4:6]))
}

// plainISO7064 is MOD 11,10 with the products written out.
func plainISO7064(s string) bool {
	p := 10
	for _, d := range plainDigits(s[:len(s)-1]) {
		m := (p + d) % 10
		if m == 0 {
			m = 10
		}
		p = m * 2 % 11
	}
	return (p+plainInt(s[len(s)-1:]))%10 == 1
}

var eastJudges = judges{
	"POLAND_PESEL_NUMBER": func(v string) bool {
		century := map[byte]int{'0': 19, '1': 19, '2': 20, '3': 20, '4': 21, '5': 21, '6': 22, '7': 22, '8': 18, '9': 18}[v[2]]
		birth := v[:2] + fmt.Sprintf("%02d", plainInt(v[2:4])%20) + v[4:6]
		return plainBirth(birth, century) && (10-plainSum(v, "1 3 7 9 1 3 7 9 1 3")%10)%10 == plainInt(v[10:])
	},
	"POLAND_NIP_NUMBER": func(v string) bool {
		v = strings.TrimPrefix(v, "PL")
		return !plainSame(v) && strconv.Itoa(plainSum(v, "6 5 7 2 3 4 5 6 7")%11) == v[9:]
	},
	"POLAND_REGON_NUMBER": func(v string) bool {
		nine := strconv.Itoa(plainSum(v, "8 9 2 3 4 5 6 7") % 11 % 10)
		if plainSame(v[:9]) || v[8:9] != nine {
			return false
		}
		return len(v) == 9 || v[13:] == strconv.Itoa(plainSum(v, "2 4 8 5 0 9 7 3 6 1 2 4 8")%11%10)
	},
	"POLAND_IDENTITY_CARD_NUMBER": func(v string) bool {
		const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		sum := 0
		for i, w := range []int{7, 3, 1, 0, 7, 3, 1, 7, 3} {
			sum += w * strings.IndexByte(alphabet, v[i])
		}
		return strconv.Itoa(sum%10) == v[3:4]
	},
	"POLAND_PASSPORT_NUMBER": func(v string) bool { return !plainSame(v[2:]) },
	"CZECH_BIRTH_NUMBER":     plainRodneCislo,
	"SLOVAKIA_BIRTH_NUMBER":  plainRodneCislo,
	"HUNGARY_TAX_ID_NUMBER": func(v string) bool {
		return v[0] == '8' && strconv.Itoa(plainSum(v, "1 2 3 4 5 6 7 8 9")%11) == v[9:]
	},
	"HUNGARY_TAJ_NUMBER": func(v string) bool {
		return !plainSame(v) && strconv.Itoa(plainSum(v, "3 7 3 7 3 7 3 7")%10) == v[8:]
	},
	"HUNGARY_PERSONAL_ID_NUMBER": func(v string) bool {
		year := map[byte]int{'1': 1900, '2': 1900, '3': 2000, '4': 2000, '5': 1900, '6': 1900, '7': 2000, '8': 2000}[v[0]] + plainInt(v[1:3])
		if year >= 2067 {
			year -= 200 // the oldest had numbers of the nineteenth century
		}
		weights := "1 2 3 4 5 6 7 8 9 10"
		if year >= 1997 {
			weights = "10 9 8 7 6 5 4 3 2 1"
		}
		return strings.Contains("12345678", v[:1]) && plainBirth(v[1:], year/100) && strconv.Itoa(plainSum(v, weights)%11) == v[10:]
	},
	"ROMANIA_CNP_NUMBER": func(v string) bool {
		centuries := map[byte][]int{'1': {19}, '2': {19}, '3': {18}, '4': {18}, '5': {20}, '6': {20}, '7': {18, 19, 20}, '8': {18, 19, 20}, '9': {18, 19, 20}}[v[0]]
		check := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "1"}[plainSum(v, "2 7 9 1 4 6 3 5 8 2 7 9")%11]
		return slices.ContainsFunc(centuries, func(c int) bool { return plainBirth(v[1:], c) }) && v[12:] == check &&
			regexp.MustCompile(`^(0[1-9]|[1-3][0-9]|4[0-8]|5[12]|70|8[0-3])$`).MatchString(v[7:9])
	},
	"BULGARIA_EGN_NUMBER": func(v string) bool {
		month := plainInt(v[2:4])
		born := plainDay(1900+plainInt(v[:2]), month, plainInt(v[4:6])) ||
			plainDay(1800+plainInt(v[:2]), month-20, plainInt(v[4:6])) && month < 33 ||
			plainDay(2000+plainInt(v[:2]), month-40, plainInt(v[4:6]))
		return born && v[9:] == strconv.Itoa(plainSum(v, "2 4 8 5 10 9 7 3 6")%11%10)
	},
	"BULGARIA_LNCH_NUMBER": func(v string) bool {
		return !plainSame(v) && v[9:] == strconv.Itoa(plainSum(v, "21 19 17 13 11 9 7 3 1")%10)
	},
	"CROATIA_OIB_NUMBER": func(v string) bool {
		v = strings.TrimPrefix(v, "HR")
		return !plainSame(v) && plainISO7064(v)
	},
	"SLOVENIA_EMSO_NUMBER": func(v string) bool {
		var year int
		switch {
		case v[4] >= '8':
			year = plainInt("1" + v[4:7])
		case v[4] == '0':
			year = plainInt("2" + v[4:7])
		default:
			return false
		}
		check := []string{"0", "none", "9", "8", "7", "6", "5", "4", "3", "2", "1"}[plainSum(v, "7 6 5 4 3 2 7 6 5 4 3 2")%11]
		return plainDay(year, plainInt(v[2:4]), plainInt(v[:2])) && v[12:] == check
	},
	"LITHUANIA_PERSONAL_CODE": func(v string) bool {
		return plainBaltic(v) && (v[0] == '9' || v[0] <= '6' && plainBalticBirth(v))
	},
	"ESTONIA_PERSONAL_CODE": func(v string) bool { return plainBaltic(v) && plainBalticBirth(v) },
	"LATVIA_PERSONAL_CODE": func(v string) bool {
		if regexp.MustCompile(`^3[2-9]`).MatchString(v) {
			return true
		}
		century := map[byte]int{'0': 18, '1': 19, '2': 20}[v[6]]
		return century > 0 && plainBirth(v[4:6]+v[2:4]+v[:2], century) &&
			v[10:] == strconv.Itoa((1+plainSum(v, "10 5 8 4 2 1 6 3 7 9"))%11%10)
	},
	"UKRAINE_TAX_NUMBER": func(v string) bool {
		sum := plainSum(v, "-1 5 7 9 4 6 10 5 7")
		for sum < 0 {
			sum += 11
		}
		return v[:5] != "00000" && v[9:] == strconv.Itoa(sum%11%10) && !plainSame(v)
	},
	"RUSSIA_SNILS_NUMBER": func(v string) bool {
		check := fmt.Sprintf("%02d", plainSum(v, "9 8 7 6 5 4 3 2 1")%101%100)
		return !plainSame(v[:9]) && (v[:9] <= "001001998" || v[9:] == check)
	},
	"RUSSIA_INN_NUMBER": func(v string) bool {
		if plainSame(v) {
			return false
		}
		if len(v) == 12 {
			eleventh := plainSum(v, "7 2 4 10 3 5 9 4 6 8") % 11 % 10
			twelfth := plainSum(v, "3 7 2 4 10 3 5 9 4 6 8") % 11 % 10
			return v[10:] == fmt.Sprint(eleventh)+fmt.Sprint(twelfth)
		}
		return v[9:10] == strconv.Itoa(plainSum(v, "2 4 10 3 5 9 4 6 8")%11%10)
	},
	"RUSSIA_PASSPORT_NUMBER": func(v string) bool {
		return !strings.HasPrefix(v, "00") && !strings.HasSuffix(v, "000000") && !plainSame(v)
	},
	"MOLDOVA_IDNP_NUMBER": func(v string) bool {
		return strings.Contains("012", v[:1]) && !plainSame(v) && v[12:] == strconv.Itoa(plainSum(v, "7 3 1 7 3 1 7 3 1 7 3 1")%10)
	},
	"KAZAKHSTAN_IIN_NUMBER": func(v string) bool {
		centuries := map[byte][]int{'0': {18, 19, 20}, '1': {18}, '2': {18}, '3': {19}, '4': {19}, '5': {20}, '6': {20}}[v[6]]
		sum := plainSum(v, "1 2 3 4 5 6 7 8 9 10 11")
		if sum%11 == 10 {
			sum = plainSum(v, "3 4 5 6 7 8 9 10 11 1 2")
		}
		return slices.ContainsFunc(centuries, func(c int) bool { return plainBirth(v, c) }) && v[11:] == strconv.Itoa(sum%11)
	},
	"UAE_EMIRATES_ID_NUMBER": func(v string) bool {
		return strings.HasPrefix(v, "784") && "1900" <= v[3:7] && v[3:7] <= strconv.Itoa(lastYear) && !plainSame(v[7:])
	},
	"SAUDI_ARABIA_NATIONAL_ID_NUMBER": func(v string) bool {
		return strings.Contains("12", v[:1]) && plainLuhn(v) && !plainSame(v[1:])
	},
	"KUWAIT_CIVIL_ID_NUMBER": func(v string) bool {
		century := map[byte]int{'1': 18, '2': 19, '3': 20}[v[0]]
		return century > 0 && plainBirth(v[1:], century) && v[11:] == strconv.Itoa(11-plainSum(v, "2 1 6 3 7 9 10 5 8 4 2")%11)
	},
	"IRAN_NATIONAL_ID_NUMBER": func(v string) bool {
		r := plainSum(v, "10 9 8 7 6 5 4 3 2") % 11
		check := []string{"0", "1", "9", "8", "7", "6", "5", "4", "3", "2", "1"}[r]
		return v[9:] == check && !plainSame(v)
	},
	"ISRAEL_ID_NUMBER": func(v string) bool {
		return plainLuhn(fmt.Sprintf("%09s", v)) && !plainSame(v) && plainInt(v) >= 100
	},
	"ISRAEL_COMPANY_NUMBER": func(v string) bool { return v[0] == '5' && plainLuhn(v) && !plainSame(v[1:]) },
	"TURKIYE_IDENTIFICATION_NUMBER": func(v string) bool {
		d := plainDigits(v)
		tenth := (7*(d[0]+d[2]+d[4]+d[6]+d[8]) + 9*(d[1]+d[3]+d[5]+d[7])) % 10 // 9 is -1 modulo 10
		sum := 0
		for _, x := range d[:10] {
			sum += x
		}
		return d[0] > 0 && d[9] == tenth && d[10] == sum%10
	},
	"TURKIYE_TAX_NUMBER": func(v string) bool {
		sum := new(big.Int)
		for i, d := range plainDigits(v[:9]) {
			a := (d + 9 - i) % 10
			b := new(big.Int).Mul(big.NewInt(int64(a)), new(big.Int).Exp(big.NewInt(2), big.NewInt(int64(9-i)), nil))
			b.Mod(b, big.NewInt(9))
			if a != 0 && b.Sign() == 0 {
				b.SetInt64(9)
			}
			sum.Add(sum, b)
		}
		sum.Add(sum, big.NewInt(int64(plainInt(v[9:]))))
		return !plainSame(v) && strings.HasSuffix(sum.String(), "0")
	},
	"EGYPT_NATIONAL_ID_NUMBER": func(v string) bool {
		century := map[byte]int{'2': 19, '3': 20}[v[0]]
		return century > 0 && plainBirth(v[1:], century) && regexp.MustCompile(`^(0[1-4]|1[1-9]|2[1-9]|3[1-5]|88)$`).MatchString(v[7:9])
	},
	"SOUTH_AFRICA_ID_NUMBER": func(v string) bool {
		return plainLuhn(v) && strings.Contains("012", v[10:11]) && (plainBirth(v, 19) || plainBirth(v, 20))
	},
	"SOUTH_AFRICA_TAX_NUMBER": func(v string) bool {
		return regexp.MustCompile(`^[01239]`).MatchString(v) && plainLuhn(v) && !plainSame(v)
	},
	"NIGERIA_NIN_NUMBER": func(v string) bool {
		return !plainSame(v) && v != "12345678901" && v != "01234567890"
	},
	"MAURITIUS_NATIONAL_ID_NUMBER": func(v string) bool {
		const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		sum := 0
		for i := range 13 {
			sum += (14 - i) * strings.IndexByte(alphabet, v[i])
		}
		day, month, year := plainInt(v[1:3]), plainInt(v[3:5]), plainInt(v[5:7])
		return v[13] == alphabet[(17-sum%17)%17] && (plainDay(1900+year, month, day) || plainDay(2000+year, month, day))
	},
}

func plainRodneCislo(v string) bool {
	year, month, day := plainInt(v[:2]), plainInt(v[2:4]), plainInt(v[4:6])
	if len(v) == 9 {
		return year <= 53 && (plainDay(1900+year, month, day) || plainDay(1900+year, month-50, day) && month > 50) && v[6:] != "000"
	}
	year += 1900
	if year <= 1953 {
		year += 100
	}
	born := false
	for _, more := range []int{0, 50, 20, 70} {
		born = born || (more == 0 || more == 50 || year >= 2004) && 1 <= month-more && month-more <= 12 && plainDay(year, month-more, day)
	}
	return born && strconv.Itoa(plainInt(v[:9])%11%10) == v[9:]
}

func plainBaltic(v string) bool {
	check := plainSum(v, "1 2 3 4 5 6 7 8 9 1") % 11
	if check == 10 {
		check = plainSum(v, "3 4 5 6 7 8 9 1 2 3") % 11
	}
	if check == 10 {
		check = 0
	}
	return strconv.Itoa(check) == v[10:]
}

func plainBalticBirth(v string) bool {
	century := map[byte]int{'1': 18, '2': 18, '3': 19, '4': 19, '5': 20, '6': 20, '7': 21, '8': 21}[v[0]]
	return century > 0 && plainBirth(v[1:], century)
}

// eastSure are plain forms of Rule.Sure.
var eastSure = judges{
	"LATVIA_PERSONAL_CODE":   func(v string) bool { return !regexp.MustCompile(`^3[2-9]`).MatchString(v) },
	"RUSSIA_SNILS_NUMBER":    func(v string) bool { return v[:9] >= "001001999" },
	"RUSSIA_PASSPORT_NUMBER": func(v string) bool { return regexp.MustCompile(`^..(9[789]|[012][0-9]|30)`).MatchString(v) },
	"ISRAEL_ID_NUMBER":       func(v string) bool { return len(v) > 8 },
}

func eastRules() []Rule {
	return slices.Concat(nationalCentral(), nationalEurasia(), nationalMiddleEast())
}

// sureAsValid are the rules of which Sure has a plain form, with Sure in place
// of Valid.
func sureAsValid() []Rule {
	var rs []Rule
	for _, r := range eastRules() {
		if eastSure[r.ID] != nil {
			r.Valid = r.Sure
			rs = append(rs, r)
		}
	}
	return rs
}

func TestEastIsPlain(t *testing.T) {
	for _, r := range eastRules() {
		if eastJudges[r.ID] == nil || (r.Sure != nil) != (eastSure[r.ID] != nil) {
			t.Errorf("%s: no plain form of Valid or Sure", r.ID)
		}
	}
	runJudges(t, eastRules(), eastJudges)
	runJudges(t, sureAsValid(), eastSure)
}

func FuzzValidEast(f *testing.F) {
	rules, sure := eastRules(), sureAsValid()
	seedJudges(f, rules)
	f.Fuzz(func(t *testing.T, text string) {
		compareJudges(t, rules, eastJudges, text)
		compareJudges(t, sure, eastSure, text)
		if got, want := wholeZehut([]byte(text)), plainZehut(text); got != want {
			t.Errorf("%q is a whole teudat zehut: %v, by the plain form %v", text, got, want)
		}
	})
}

func plainZehut(s string) bool {
	return regexp.MustCompile(`^([0-9]{4,8}-?[0-9]|[0-9]-[0-9]{7}-[0-9])$`).MatchString(s) && plainLuhn(strings.ReplaceAll(s, "-", "")) && strings.Trim(s, "0-") != ""
}

// TestShortZehut: numbers without their zeros are well formed, however few
// digits are left, but are not looked for.
func TestShortZehut(t *testing.T) {
	s := compileAll(t, eastRules())
	i, _ := s.Lookup("ISRAEL_ID_NUMBER")
	for v, want := range map[string]bool{
		"00018": true, "123455": true, "12345-5": true, "123456782": true, "12345678-2": true, "1-2345678-2": true,
		"": false, "-": false, "0018": false, "00000": false, "123456": false, "1234-55": false, "1234567824": false, "1-23456782": false, "١٢٣٤٥٦٧٨٢": false,
	} {
		if got := s.Valid(i, []byte(v)); got != want {
			t.Errorf("%q is valid: %v, want %v", v, got, want)
		}
	}
	if found := s.Find(nil, []byte("teudat zehut,123455\n"), 0, 20); len(found) > 0 {
		t.Errorf("six digits are found")
	}
}
