package detectors

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// northJudges go on europeJudges with the numbers of the German-speaking and
// Nordic countries, Italy, Malta, Greece and Cyprus.
var northJudges = judges{
	"GERMANY_NATIONAL_IDENTIFICATION_NUMBER": func(v string) bool {
		if m := expression(`^([0-9]{9})([0-9])D$`).FindStringSubmatch(v); m != nil {
			return !plainSame(m[1]) && travelDigit(m[1]) == m[2]
		}
		m := expression(`^([CFGHJ-NPRTV-Z][CFGHJ-NPRTV-Z0-9]{8})([0-9]?)$`).FindStringSubmatch(v)
		return m != nil && !expression(`^[A-Z]{2}[0-9]{6}[A-Z]`).MatchString(v) && expression(`[0-9]`).MatchString(m[1]) && strings.Trim(m[1][1:], "0") != "" && (m[2] == "" || m[2] == travelDigit(m[1]))
	},
	"GERMANY_HEALTH_INSURANCE_NUMBER": func(v string) bool {
		return v[1:9] != "00000000" && productDigits(rankOf(v[0])+v[1:9], 1, 2, 1, 2, 1, 2, 1, 2, 1, 2)%10 == atoi(v[9:])
	},
	"GERMANY_SOCIAL_INSURANCE_NUMBER": func(v string) bool {
		day := atoi(v[2:4])
		if day > 50 {
			day -= 50
		}
		number := v[:8] + rankOf(v[8]) + v[9:11]
		return v[:2] != "00" && inAnyCentury(v[6:8], v[4:6], strconv.Itoa(day)) &&
			productDigits(number, 2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)%10 == atoi(v[11:])
	},
	"AUSTRIA_SOCIAL_SECURITY_NUMBER": func(v string) bool {
		noMonth := expression(`^.{4}([0-2][0-9]|3[01])1[345]`).MatchString(v)
		return v[0] != '0' && (noMonth || inAnyCentury(v[8:], v[6:8], v[4:6])) && strconv.Itoa(weighed(v[:3]+v[4:], 3, 7, 9, 5, 8, 4, 2, 1, 6)%11) == v[3:4]
	},
	"AUSTRIA_TAX_NUMBER": func(v string) bool {
		return v[:2] != "00" && v[2:] != "0000000" && !plainSame(v) && (10-productDigits(v, 1, 2, 1, 2, 1, 2, 1, 2)%10)%10 == atoi(v[8:])
	},
	"SWITZERLAND_AHV_NUMBER": func(v string) bool { return weighed(v, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1)%10 == 0 },
	"SWITZERLAND_UID_NUMBER": func(v string) bool {
		return v[:3] == "CHE" && strings.Trim(v[3:], "0") != "" && lacksOf11(weighed(v[3:], 5, 4, 3, 2, 7, 6, 5, 4)) == v[11:]
	},

	"SWEDEN_PERSONAL_IDENTITY_NUMBER": personnummerPlain,
	"SWEDEN_ORGANISATION_NUMBER": func(v string) bool {
		firm := expression(`^(16)?[0-9]{2}[2-9][0-9]{7}$`)
		return firm.MatchString(v) && plainLuhn(v[len(v)-10:]) || personnummerPlain(v)
	},
	"NORWAY_NATIONAL_ID_NUMBER": func(v string) bool {
		day, month, yy, individual := atoi(v[:2])%40, atoi(v[2:4])%40, atoi(v[4:6]), atoi(v[6:9])
		if v[:2] == "40" || v[:2] == "80" || v[:1] > "7" || v[2:4] == "40" || v[2:4] == "80" {
			return false
		}
		year := 0
		for _, c := range []struct{ low, high, from, to int }{{0, 499, 1900, 1999}, {500, 749, 1854, 1899}, {500, 999, 2000, 2039}, {900, 999, 1940, 1999}} {
			for y := c.from; y <= c.to; y++ {
				if y%100 == yy && c.low <= individual && individual <= c.high {
					year = y
				}
			}
		}
		return year > 0 && onCalendar(year, month, day) && lacksOf11(weighed(v, 3, 7, 6, 1, 8, 9, 4, 5, 2)) == v[9:10] &&
			lacksOf11(weighed(v, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) == v[10:]
	},
	"NORWAY_BANK_ACCOUNT_NUMBER_DOMESTIC": func(v string) bool {
		return !plainSame(v) && lacksOf11(weighed(v, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) == v[10:]
	},
	"DENMARK_CPR_NUMBER": func(v string) bool {
		yy, seventh := atoi(v[4:6]), atoi(v[6:7])
		year := 1900 + yy
		switch {
		case (seventh == 4 || seventh == 9) && yy <= 36, seventh >= 5 && seventh <= 8 && yy <= 57:
			year = 2000 + yy
		case seventh >= 5 && seventh <= 8:
			year = 1800 + yy
		}
		return year < 2036 && onCalendar(year, atoi(v[2:4]), atoi(v[:2]))
	},
	"FINLAND_PERSONAL_IDENTITY_CODE": func(v string) bool {
		m := expression(`^(..)(..)(..)([A-FU-Y]?)([0-9]{3})(.)$`).FindStringSubmatch(v)
		if m == nil || m[5] < "002" {
			return false
		}
		year := atoi("19" + m[3])
		if expression(`[A-F]`).MatchString(m[4]) {
			year = atoi("20" + m[3])
		}
		return onCalendar(year, atoi(m[2]), atoi(m[1])) && strings.Index("0123456789ABCDEFHJKLMNPRSTUVWXY", m[6]) == remainder(v[:6]+m[5], 31)
	},
	"ICELAND_KENNITALA_NUMBER": func(v string) bool {
		century := map[byte]string{'8': "18", '9': "19", '0': "20"}[v[9]]
		day := atoi(v[:2])
		if day > 40 {
			day -= 40
		}
		return century != "" && onCalendar(atoi(century+v[4:6]), atoi(v[2:4]), day) && lacksOf11(weighed(v, 3, 2, 7, 6, 5, 4, 3, 2)) == v[8:9]
	},

	"ITALY_VAT_NUMBER": func(v string) bool {
		m := expression(`^(?:IT)?([0-9]{7})(00[1-9]|0[1-9][0-9]|100|120|121|888|999)[0-9]$`).FindStringSubmatch(v)
		return m != nil && m[1] != "0000000" && plainLuhn(strings.TrimPrefix(v, "IT"))
	},
	"MALTA_NATIONAL_ID_NUMBER": func(v string) bool { return expression(`^0*[1-9][0-9]*[MGAPLHBZ]$`).MatchString(v) },
	"GREECE_AMKA_NUMBER":       func(v string) bool { return inAnyCentury(v[4:6], v[2:4], v[:2]) && plainLuhn(v) },
	"GREECE_TAX_NUMBER": func(v string) bool {
		m := expression(`^(?:EL|GR)?([0-9]{8})([0-9])$`).FindStringSubmatch(v)
		return m != nil && m[1]+m[2] != "000000000" && weighed(m[1], 256, 128, 64, 32, 16, 8, 4, 2)%11%10 == atoi(m[2])
	},
	"CYPRUS_TAX_NUMBER": func(v string) bool {
		m := expression(`^(?:CY)?([09][0-9]{7})([A-Z])$`).FindStringSubmatch(v)
		if m == nil || m[1] == "00000000" {
			return false
		}
		sum := 0
		for i := range m[1] {
			n := atoi(m[1][i : i+1])
			if i%2 == 0 {
				n = []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}[n]
			}
			sum += n
		}
		return m[2] == string(rune('A'+sum%26))
	},
}

// europeSure are the plain forms of Sure.
var europeSure = judges{
	"SWEDEN_PERSONAL_IDENTITY_NUMBER": func(v string) bool { return !expression(`([01][0-9]|2[0-3])[0-5][0-9]$`).MatchString(v) },
	"DENMARK_CPR_NUMBER":              func(v string) bool { return weighed(v, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0 },
	"FINLAND_PERSONAL_IDENTITY_CODE":  func(v string) bool { return !expression(`9...$`).MatchString(v) },
}

func personnummerPlain(v string) bool {
	m := expression(`^(18|19|20|)(..)(..)(..)(...)(.)$`).FindStringSubmatch(v)
	if m == nil || m[1] == "20" && m[2] > "35" {
		return false
	}
	day, serial := atoi(m[4]), m[5]
	if interim := expression(`^[TRSUWXJKLMN]`); interim.MatchString(serial) {
		serial = "1" + serial[1:]
	} else if day > 60 {
		day -= 60
	}
	if _, err := strconv.Atoi(serial); err != nil || serial == "000" {
		return false
	}
	exists := inAnyCentury(m[2], m[3], strconv.Itoa(day))
	if m[1] != "" {
		exists = onCalendar(atoi(m[1]+m[2]), atoi(m[3]), day)
	}
	return exists && plainLuhn(m[2]+m[3]+m[4]+serial+m[6])
}

// inAnyCentury reports whether there was or will be that day in a year that
// ends in yy.
func inAnyCentury(yy, mm, dd string) bool {
	for _, century := range []string{"18", "19", "20"} {
		if onCalendar(atoi(century+yy), atoi(mm), atoi(dd)) {
			return true
		}
	}
	return false
}

// rankOf writes the rank of a letter in the alphabet in two digits.
func rankOf(c byte) string {
	return strconv.Itoa(100 + strings.IndexByte("?ABCDEFGHIJKLMNOPQRSTUVWXYZ", c))[1:]
}

// travelDigit is the check digit of a travel document.
func travelDigit(v string) string {
	sum := 0
	for i := range v {
		n, _ := strconv.ParseInt(v[i:i+1], 36, 0)
		sum += int(n) * []int{7, 3, 1}[i%3]
	}
	return strconv.Itoa(sum % 10)
}

// TestSortCodesArePlain compares with an expression of the two orders.
func TestSortCodesArePlain(t *testing.T) {
	const code, account = `(?:\d\d-\d\d-\d\d|\d\d \d\d \d\d|\d{6})`, `\d{8}`
	one := regexp.MustCompile(`^(?:(` + code + `)([^0-9]{1,48})(` + account + `)|(` + account + `)([^0-9]{1,48})(` + code + `))`)
	compareMatcher(t, "UK_SORT_CODE_ACCOUNT", func(w []byte, at int) (start, end int, ok bool) {
		m := one.FindSubmatch(w[at:])
		if m == nil || len(m[2])+len(m[5]) > 48 || at+len(m[0]) < len(w) && isDigit(w[at+len(m[0])]) {
			return 0, 0, false
		}
		first, gap, last := string(m[1])+string(m[4]), lowerASCII(string(m[2])+string(m[5])), string(m[3])+string(m[6])
		for _, s := range []string{first, last} {
			if len(s) == 8 && plainSame(s) && s[0] == '0' || strings.HasPrefix(s, "00") && (len(s) == 6 || strings.ContainsAny(s, "- ")) {
				return 0, 0, false
			}
		}
		words := regexp.MustCompile(`[a-z]`).MatchString(gap)
		if words && !regexp.MustCompile(`acc|a/c|sort`).MatchString(gap) || !words && (len(gap) > 4 || strings.Contains(gap, ".")) {
			return 0, 0, false
		}
		return at, at + len(m[0]), Clear(w, at, at+len(m[0]))
	})
}
