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

// The characters that the forms admit at fixed places.
var (
	medicareForm  = regexp.MustCompile(`^[2-6]`)
	chinaForm     = regexp.MustCompile(`^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]|91)`)
	hongKongForm  = regexp.MustCompile(`[0-9A]$`)
	taiwanForm    = regexp.MustCompile(`^[A-Z][1289ABCD]`)
	malaysiaForm  = regexp.MustCompile(`^(0[1-9]|1[0-6]|2[1-9]|[345].|6[0-8]|7[124-9]|8[2-9]|9[0-389])`)
	thaiForm      = regexp.MustCompile(`^[1-8]`)
	vietnamForm   = regexp.MustCompile(`^0(0[1-9]|[1-8]\d|9[0-6])([01]..|[23]([012].|3[0-5]))`)
	gstForm       = regexp.MustCompile(`^(0[1-9]|[12]\d|3[0-8]|97|99)...[ABCFGHJKLPT].{6}[1-9A-Z]Z`)
	cnicForm      = regexp.MustCompile(`^[1-7].*[1-9]$`)
	nicOldForm    = regexp.MustCompile(`^[1-9]\d{8}[VX]$`)
	nicNewForm    = regexp.MustCompile(`^(19\d\d|200\d|201\d|2020)\d{8}$`)
	foreignerForm = regexp.MustCompile(`^.{6}[5-8]`)
	nikForm       = regexp.MustCompile(`^(1[1-9]|21|3[1-6]|5[123]|6[1-5]|7[1-6]|8[12]|9[1-7])`)
)

// asiaJudges are the numbers of Asia and the Pacific, each after the text of
// its form and check.
var asiaJudges = judges{
	"AUSTRALIA_TAX_FILE_NUMBER": func(v string) bool {
		sum := plainTimes(v, "1 4 3 7 5 8 6 9 10")
		if len(v) == 8 {
			sum = plainTimes(v, "10 7 8 4 6 3 5 1")
		}
		return sum%11 == 0 && !plainSame(v)
	},
	"AU_MEDICARE_NUMBER": func(v string) bool {
		return medicareForm.MatchString(v) && strconv.Itoa(plainTimes(v[:8], "1 3 7 9 1 3 7 9") % 10)[0] == v[8] && v[9] != '0' && v[len(v)-1] != '0'
	},
	"AUSTRALIA_BUSINESS_NUMBER": func(v string) bool {
		return v[0] > '0' && plainTimes(string(v[0]-1)+v[1:], "10 1 3 5 7 9 11 13 15 17 19")%89 == 0
	},
	"AUSTRALIA_COMPANY_NUMBER": func(v string) bool {
		check := 10 - plainTimes(v[:8], "8 7 6 5 4 3 2 1")%10
		return strconv.Itoa(check % 10)[0] == v[8] && !plainSame(v)
	},
	"NEW_ZEALAND_IRD_NUMBER": func(v string) bool {
		v = strings.TrimPrefix(v, "NZ")
		n, _ := strconv.Atoi(v)
		v9 := fmt.Sprintf("%09d", n)
		check := 11 - plainTimes(v9[:8], "3 2 7 6 5 4 3 2")%11
		if check == 10 {
			check = 11 - plainTimes(v9[:8], "7 4 3 2 5 2 7 6")%11
		}
		return 10_000_000 <= n && n < 150_000_000 && check != 10 && strconv.Itoa(check % 11)[0] == v9[8] && !plainSame(v)
	},
	"CHINA_RESIDENT_ID_NUMBER": func(v string) bool {
		if !chinaForm.MatchString(v) || v[2:6] == "0000" && len(v) == 15 {
			return false
		}
		if len(v) == 15 {
			return plainDate8("19"+v[6:12]) && !plainSame(v[12:])
		}
		sum := 0
		for i, d := range plainDigits(v[:17]) {
			sum += d * (1 << (17 - i)) // ISO/IEC 7064: powers of two
		}
		return plainDate8(v[6:14]) && "10X98765432"[sum%11] == v[17]
	},
	"HONG_KONG_IDENTITY_CARD_NUMBER": func(v string) bool {
		if len(v) == 8 {
			v = "[" + v // behind Z, which is 35
		}
		sum := 0
		for i := range 8 {
			sum += (9 - i) * plainValue(v[i])
		}
		return hongKongForm.MatchString(v) && v[2:8] != "000000" && (sum+plainValue(v[8]))%11 == 0
	},
	"JAPAN_MY_NUMBER": func(v string) bool {
		p := slices.Repeat([]int{2, 3, 4, 5, 6, 7}, 2)
		sum := 0
		for n := 1; n <= 11; n++ { // P n is the n-th digit from the right, without the check
			sum += p[n-1] * int(v[11-n]-'0')
		}
		check := 0
		if r := sum % 11; r > 1 {
			check = 11 - r
		}
		return v[11] == strconv.Itoa(check)[0] && !plainSame(v)
	},
	"JAPAN_CORPORATE_NUMBER": func(v string) bool {
		v = strings.TrimPrefix(v, "T")
		sum := 0
		for n := 1; n <= 12; n++ { // the n-th digit from the right
			sum += (2 - n%2) * int(v[13-n]-'0')
		}
		return v[0] == strconv.Itoa(9 - sum%9)[0] && !plainSame(v[1:])
	},
	"SOUTH_KOREA_RESIDENT_REGISTRATION_NUMBER": func(v string) bool {
		century := map[byte]string{'9': "18", '0': "18", '1': "19", '2': "19", '5': "19", '6': "19", '3': "20", '4': "20", '7': "20", '8': "20"}[v[6]]
		if century == "18" {
			_, err := time.Parse("20060102", century+v[:6])
			return err == nil && !plainSame(v[7:])
		}
		return plainDate8(century+v[:6]) && !plainSame(v[7:])
	},
	"TAIWAN_NATIONAL_ID_NUMBER": func(v string) bool {
		letters := map[byte]string{
			'A': "10", 'B': "11", 'C': "12", 'D': "13", 'E': "14", 'F': "15", 'G': "16", 'H': "17", 'J': "18", 'K': "19", 'L': "20", 'M': "21", 'N': "22",
			'P': "23", 'Q': "24", 'R': "25", 'S': "26", 'T': "27", 'U': "28", 'V': "29", 'X': "30", 'Y': "31", 'W': "32", 'Z': "33", 'I': "34", 'O': "35",
		}
		if !taiwanForm.MatchString(v) || plainSame(v[2:]) {
			return false
		}
		digits := letters[v[0]]
		if second := letters[v[1]]; second != "" {
			digits += second[1:]
		} else {
			digits += v[1:2]
		}
		return plainTimes(digits+v[2:], "1 9 8 7 6 5 4 3 2 1 1")%10 == 0
	},
	"INDONESIA_NIK_NUMBER": plainNIK,
	"INDONESIA_NPWP_NUMBER": func(v string) bool {
		if len(v) == 16 && v[0] != '0' {
			return plainNIK(v)
		}
		v = v[len(v)-15:]
		return plainLuhn(v[:9]) && !plainSame(v[:9])
	},
	"MALAYSIA_NRIC_NUMBER": func(v string) bool {
		return (plainDate8("19"+v[:6]) || plainDate8("20"+v[:6])) &&
			malaysiaForm.MatchString(v[6:])
	},
	"PHILIPPINES_ID_NUMBERS": func(v string) bool { return !plainSame(v[:9]) },
	"SINGAPORE_NRIC_FIN_NUMBER": func(v string) bool {
		added := map[byte]int{'S': 0, 'T': 4, 'F': 0, 'G': 4, 'M': 3}
		table := map[byte]string{'S': "JZIHGFEDCBA", 'T': "JZIHGFEDCBA", 'F': "XWUTRQPNMLK", 'G': "XWUTRQPNMLK", 'M': "XWUTRQPNJLK"}[v[0]]
		return table != "" && table[(added[v[0]]+plainTimes(v[1:8], "2 7 6 5 4 3 2"))%11] == v[8] && !plainSame(v[1:8])
	},
	"THAILAND_NATIONAL_ID_NUMBER": func(v string) bool {
		check := strconv.Itoa(11 - plainTimes(v[:12], "13 12 11 10 9 8 7 6 5 4 3 2")%11)
		return thaiForm.MatchString(v) && check[len(check)-1] == v[12] && !plainSame(v)
	},
	"VIETNAM_CITIZEN_ID_NUMBER": func(v string) bool {
		if len(v) == 9 {
			return !plainSame(v)
		}
		return vietnamForm.MatchString(v)
	},
	"VIETNAM_TAX_NUMBER": func(v string) bool {
		check := strconv.Itoa(10 - plainTimes(v[:9], "31 29 23 19 17 13 7 5 3")%11)
		return check == v[9:10] && v[2:9] != "0000000" && v[10:] != "000"
	},
	"INDIA_GST_NUMBER": func(v string) bool {
		sum := 0
		for i := range 14 { // from the left times 1 and 2, the quotient and the remainder by 36
			q, r := new(big.Int).DivMod(big.NewInt(int64(plainValue(v[i])*(1+i%2))), big.NewInt(36), new(big.Int))
			sum += int(q.Int64() + r.Int64())
		}
		return gstForm.MatchString(v) && plainValue(v[14]) == (36-sum%36)%36
	},
	"INDIA_VOTER_ID_NUMBER": func(v string) bool { return !plainSame(v[3:]) },
	"PAKISTAN_CNIC_NUMBER":  func(v string) bool { return cnicForm.MatchString(v) && !plainSame(v[5:12]) },
	"SRI_LANKA_NIC_NUMBER": func(v string) bool {
		return nicOldForm.MatchString(v) && !plainSame(v[:9]) || nicNewForm.MatchString(v) && v[4:] != "00000000"
	},
}

// asiaSure are the checks that add confidence only.
var asiaSure = judges{
	"SOUTH_KOREA_RESIDENT_REGISTRATION_NUMBER": func(v string) bool {
		check := func(less int) bool {
			n := less - plainTimes(v[:12], "2 3 4 5 6 7 8 9 2 3 4 5")%11
			return strconv.Itoa(n % 10)[0] == v[12]
		}
		return check(11) || foreignerForm.MatchString(v) && check(13)
	},
	"SINGAPORE_NRIC_FIN_NUMBER": func(v string) bool { return !strings.HasPrefix(v, "T") },
	"INDIA_VOTER_ID_NUMBER":     func(v string) bool { return plainLuhn(v[3:]) },
	"SRI_LANKA_NIC_NUMBER": func(v string) bool {
		day, _ := strconv.Atoi(v[len(v)-8 : len(v)-5])
		return 1 <= day && day <= 366 || 501 <= day && day <= 866
	},
}

func plainNIK(v string) bool {
	day, _ := strconv.Atoi(v[6:8])
	if day > 40 {
		day -= 40
	}
	born := fmt.Sprintf("%s%s%02d", v[10:12], v[8:10], day)
	return nikForm.MatchString(v) && (plainDate8("19"+born) || plainDate8("20"+born)) && v[12:] != "0000"
}

// plainDate8 reports whether yyyymmdd exists and lies in the years of dates.
func plainDate8(s string) bool {
	d, err := time.Parse("20060102", s)
	return err == nil && d.Year() >= 1900 && d.Year() <= 2035
}

// plainTimes adds the digits of s, each times its number in weights.
func plainTimes(s, weights string) int {
	sum := 0
	for i, w := range strings.Fields(weights)[:len(s)] {
		n, _ := strconv.Atoi(w)
		sum += n * int(s[i]-'0')
	}
	return sum
}

// plainValue is the value of a digit, or of a letter from A, which is 10.
func plainValue(c byte) int {
	if c <= '9' {
		return int(c - '0')
	}
	return int(c-'A') + 10
}

// asiaRules are the rules that have a plain form, their layouts without brackets.
func asiaRules(plain judges) []Rule {
	var rules []Rule
	for _, r := range slices.Concat(nationalEastAsia(), nationalSouthAsia(), nationalSoutheastAsia(), nationalOceania()) {
		if plain[r.ID] == nil {
			continue
		}
		for i := range r.Forms {
			r.Forms[i].Pattern = strings.NewReplacer("(", "", ")", "", "[", "", "]", "").Replace(r.Forms[i].Pattern)
		}
		rules = append(rules, r)
	}
	return rules
}

// asiaSureRules are rules whose Valid is their Sure.
func asiaSureRules() []Rule {
	rules := asiaRules(asiaSure)
	for i := range rules {
		rules[i].Valid = rules[i].Sure
	}
	return rules
}

func TestAsiaIsPlain(t *testing.T) {
	runJudges(t, asiaRules(asiaJudges), asiaJudges)
	runJudges(t, asiaSureRules(), asiaSure)
}

// TestAsiaJudgesAll finds a check that has no plain form.
func TestAsiaJudgesAll(t *testing.T) {
	for _, r := range slices.Concat(nationalEastAsia(), nationalSouthAsia(), nationalSoutheastAsia(), nationalOceania()) {
		if (r.Valid != nil) != (asiaJudges[r.ID] != nil) || (r.Sure != nil) != (asiaSure[r.ID] != nil) {
			t.Errorf("%s: a check without a plain form, or the other way round", r.ID)
		}
	}
}

func FuzzValidAsia(f *testing.F) {
	rules, sure := asiaRules(asiaJudges), asiaSureRules()
	seedJudges(f, rules)
	f.Fuzz(func(t *testing.T, text string) {
		compareJudges(t, rules, asiaJudges, text)
		compareJudges(t, sure, asiaSure, text)
	})
}
