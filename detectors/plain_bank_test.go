package detectors

import (
	"math/big"
	"regexp"
	"strings"
	"testing"
)

var bankJudges = judges{
	"BANK_ACCOUNT_NUMBER": func(v string) bool { return !plainSame(v) },
	"US_ABA_ROUTING_NUMBER": func(v string) bool {
		if !regexp.MustCompile(`^(0[0-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)`).MatchString(v) || v == "000000000" {
			return false
		}
		d := plainDigits(v)
		return (3*(d[0]+d[3]+d[6])+7*(d[1]+d[4]+d[7])+d[2]+d[5]+d[8])%10 == 0
	},
	"FRANCE_BANK_ACCOUNT_NUMBER": orIBAN("FR", plainRIB),
	"GERMANY_BANK_ACCOUNT_NUMBER": orIBAN("DE", func(v string) bool {
		return v[0] >= '1' && v[0] <= '8' && v[8:] != "0000000000" && !plainSame(v) && !goodCard([]byte(v), true)
	}),
	"ITALY_BANK_ACCOUNT_NUMBER": orIBAN("IT", plainCIN),
	"SPAIN_BANK_ACCOUNT_NUMBER": orIBAN("ES", plainCCC),
	"UK_BANK_ACCOUNT_NUMBER":    orIBAN("GB", func(v string) bool { return v[:6] != "000000" && v[6:] != "00000000" && !plainSame(v) }),
	"IMEI_NUMBER":               func(v string) bool { return !plainSame(v) && (len(v) == 16 || plainLuhn(v)) },
	"MOBILE_SUBSCRIBER_ICCID": func(v string) bool {
		if !strings.HasPrefix(v, "89") || strings.Trim(v[2:19], "0") == "" {
			return false
		}
		return plainLuhn(v[:19]) || len(v) == 20 && v[19] <= '9' && plainLuhn(v)
	},
}

// orIBAN judges an IBAN of the country by one division, and what is none by national.
func orIBAN(country string, national func(v string) bool) func(v string) bool {
	return func(v string) bool {
		if !regexp.MustCompile(`^` + country + `[0-9]{2}`).MatchString(v) {
			return national(v)
		}
		spelt := ""
		for _, c := range v[4:] + v[:4] {
			if c >= 'A' {
				spelt += big.NewInt(int64(c - 'A' + 10)).String()
			} else {
				spelt += string(c)
			}
		}
		n, _ := new(big.Int).SetString(spelt, 10)
		return n.Mod(n, big.NewInt(97)).Int64() == 1 && v[2:4] >= "02" && v[2:4] <= "98"
	}
}

// plainRIB divides the whole number, which is what the weights of bank,
// branch and account are remainders of.
func plainRIB(v string) bool {
	spelt := strings.NewReplacer("A", "1", "J", "1", "B", "2", "K", "2", "S", "2", "C", "3", "L", "3", "T", "3", "D", "4", "M", "4", "U", "4", "E", "5", "N", "5", "V", "5",
		"F", "6", "O", "6", "W", "6", "G", "7", "P", "7", "X", "7", "H", "8", "Q", "8", "Y", "8", "I", "9", "R", "9", "Z", "9").Replace(v)
	n, _ := new(big.Int).SetString(spelt, 10)
	return n.Mod(n, big.NewInt(97)).Sign() == 0 && strings.Trim(v[:21], "0") != ""
}

func plainCIN(v string) bool {
	odd := map[rune]int{
		'0': 1, '1': 0, '2': 5, '3': 7, '4': 9, '5': 13, '6': 15, '7': 17, '8': 19, '9': 21, 'A': 1, 'B': 0, 'C': 5, 'D': 7, 'E': 9, 'F': 13, 'G': 15, 'H': 17, 'I': 19, 'J': 21,
		'K': 2, 'L': 4, 'M': 18, 'N': 20, 'O': 11, 'P': 3, 'Q': 6, 'R': 8, 'S': 12, 'T': 14, 'U': 16, 'V': 10, 'W': 22, 'X': 25, 'Y': 24, 'Z': 23,
	}
	sum := 0
	for i, c := range v[1:] {
		switch {
		case i%2 == 0:
			sum += odd[c]
		case c >= 'A':
			sum += int(c - 'A')
		default:
			sum += int(c - '0')
		}
	}
	return sum%26 == int(v[0]-'A') && v[1:11] != "0000000000"
}

func plainCCC(v string) bool {
	control := func(ten string) byte {
		sum := 0
		for i, w := range []int{1, 2, 4, 8, 5, 10, 9, 7, 3, 6} {
			sum += w * int(ten[i]-'0')
		}
		return "01987654321"[sum%11]
	}
	return control("00"+v[:8]) == v[8] && control(v[10:]) == v[9] && strings.Trim(v, "0") != ""
}

func bankRules() []Rule {
	rules := append(banks(), devices()...)
	for _, r := range iban() {
		if bankJudges[r.ID] != nil {
			rules = append(rules, r)
		}
	}
	return rules
}

func TestBanksArePlain(t *testing.T) { runJudges(t, bankRules(), bankJudges) }

func FuzzValidBanks(f *testing.F) {
	rules := bankRules()
	seedJudges(f, rules)
	f.Fuzz(func(t *testing.T, text string) { compareJudges(t, rules, bankJudges, text) })
}
