package detectors

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var (
	plainProvince    = regexp.MustCompile(`^(0[1-9]|1[0-9]|2[0-4]|30|50)[0-6]`)
	plainAccount     = regexp.MustCompile(`^[0-9]{9}(R[CMPRTZ][0-9]{4})?$`)
	plainInstitution = regexp.MustCompile(`^(0[0-3].|117|127|177|219|2[4-9].|3[0-7].|5..|6[0-2].|8..)$`)
)

// Each of americanJudges is written from the text of the algorithm, on strings:
// what has to be equal is computed anew, and ranges are lists of words.
var americanJudges = judges{
	"ARGENTINA_DNI_NUMBER": func(v string) bool { return !plainSame(v) && v != "12345678" && v != "1234567" },
	"ARGENTINA_TARJETA_SUBE": func(v string) bool {
		return strings.HasPrefix(v, "6061") && plainLuhn(v) && !plainSame(v[4:15])
	},
	"ARGENTINA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER":   plainCUIT("20", "23", "24", "25", "26", "27"),
	"ARGENTINA_ORGANIZATION_TAX_IDENTIFICATION_NUMBER": plainCUIT("30", "33", "34", "50", "51", "55"),
	"ARGENTINA_CBU_NUMBER": func(v string) bool {
		block := func(s, weights string) bool { return (10-plainSum(s, weights)%10)%10 == plainInt(s[len(s)-1:]) }
		return v[:7] != "0000000" && block(v[:8], "7 1 3 9 7 1 3") && block(v[8:], "3 9 7 1 3 9 7 1 3 9 7 1 3")
	},
	"BRAZIL_CNPJ_NUMBER": plainCNPJ,
	"BRAZIL_RG_NUMBER": func(v string) bool {
		v = strings.TrimPrefix(v, "MG")
		return strings.Trim(v[:len(v)-1], "0123456789") == "" && strings.Trim(v[len(v)-1:], "0123456789X") == "" && !plainSame(v[:7]) && v[:4] != "0000" && (v[len(v)-1] == 'X' || !plainPower(v))
	},
	"BRAZIL_CEP_CODE": func(v string) bool { return v[:2] != "00" && !plainSame(v) },
	"CHILE_RUT_NUMBER": func(v string) bool {
		v = strings.TrimPrefix(v, "CL")
		if strings.Trim(v[:len(v)-1], "0123456789") != "" || plainSame(v[:len(v)-1]) {
			return false
		}
		return plainFromRight(v[:len(v)-1], []int{2, 3, 4, 5, 6, 7, 2, 3}, "0123456789K0") == v[len(v)-1]
	},
	"COLOMBIA_CITIZENSHIP_CARD_NUMBER": func(v string) bool {
		for _, layout := range []string{"20060102", "02012006", "01022006"} {
			if d, err := time.Parse(layout, v); err == nil && firstYear <= d.Year() && d.Year() <= lastYear {
				return false
			}
		}
		return v[0] != '0' && !plainSame(v) && !(len(v) == 10 && v[0] != '1')
	},
	"COLOMBIA_INDIVIDUAL_NIT_NUMBER":   func(v string) bool { return !plainFirm(v) && plainNIT(v) },
	"COLOMBIA_ORGANIZATION_NIT_NUMBER": func(v string) bool { return plainFirm(v) && plainNIT(v) },
	"PERU_DNI_NUMBER": func(v string) bool {
		if strings.Trim(v[:8], "0123456789") != "" || plainSame(v[:8]) || v[:8] == "12345678" {
			return false
		}
		r := plainSum(v[:8], "3 2 7 6 5 4 3 2") % 11
		spanish := string("TRWAGMYFPDXBNJZSQVHLCKE"[plainInt(v[:8])%23])
		return len(v) == 8 || v[8:] == string("65432110987"[r]) || v[8:] == string("KJIHGFEDCBA"[r]) && v[8:] != spanish
	},
	"PERU_RUC_NUMBER": func(v string) bool {
		d := 11 - plainSum(v[:10], "5 4 3 2 7 6 5 4 3 2")%11
		return slices.Contains([]string{"10", "15", "16", "17", "20"}, v[:2]) && d%10 == int(v[10]-'0')
	},
	"URUGUAY_CI_NUMBER": func(v string) bool {
		padded := strings.Repeat("0", 8-len(v)) + v
		d := (10 - plainSum(padded[:7], "2 9 8 7 6 3 4")%10) % 10
		return d == int(v[len(v)-1]-'0') && !plainSame(v) && padded >= "00100000"
	},
	"URUGUAY_RUT_NUMBER": func(v string) bool {
		v = strings.TrimPrefix(v, "UY")
		d := 11 - plainSum(v[:11], "4 3 2 9 8 7 6 5 4 3 2")%11
		return v[:2] >= "01" && v[:2] <= "22" && v[2:8] != "000000" && v[8:11] == "001" && d%11 == int(v[11]-'0')
	},
	"ECUADOR_CI_NUMBER": func(v string) bool {
		return plainProvince.MatchString(v) && plainLuhn(v) && !plainSame(v[2:9])
	},
	"VENEZUELA_RIF_NUMBER": func(v string) bool {
		kind, ok := map[byte]int{'V': 4, 'E': 8, 'J': 12, 'P': 16, 'G': 20}[v[0]]
		if !ok || plainSame(v[1:]) {
			return false
		}
		d := 11 - (kind+plainSum(v[1:9], "3 2 7 6 5 4 3 2"))%11
		if d > 9 {
			d = 0
		}
		return d == int(v[9]-'0')
	},
	"PARAGUAY_RUC_NUMBER": func(v string) bool {
		return v[0] != '0' && plainFromRight(v[:len(v)-1], []int{2, 3, 4, 5, 6, 7, 8, 9}, "012345678900") == v[len(v)-1]
	},
	"MEXICO_CURP_NUMBER": plainCURP,
	"MEXICO_NSS_NUMBER":  func(v string) bool { return plainLuhn(v) && !plainSame(v) && v[:10] != "0000000000" },
	"MEXICO_CLABE_NUMBER": func(v string) bool {
		sum := 0
		for i, d := range plainDigits(v[:17]) {
			sum += d * []int{3, 7, 1}[i%3] % 10
		}
		return v[:3] != "000" && (sum+int(v[17]-'0'))%10 == 0
	},
	"DOMINICAN_REPUBLIC_CEDULA_NUMBER": func(v string) bool { return !plainSame(v) && v[:3] != "000" },
	"CUBA_NATIONAL_ID_NUMBER": func(v string) bool {
		century := map[byte]string{'9': "18", '0': "19", '1': "19", '2': "19", '3': "19", '4': "19", '5': "19", '6': "20", '7': "20", '8': "20"}[v[6]]
		return plainDate(century+v[:6]) && !plainSame(v[7:])
	},
	"GUATEMALA_NIT_NUMBER": func(v string) bool {
		number := v[:len(v)-1]
		return v[0] != '0' && !plainSame(number) && plainFromRight(number, []int{2, 3, 4, 5, 6, 7, 8, 9}, "0123456789K0") == v[len(v)-1]
	},
	"EL_SALVADOR_NIT_NUMBER": func(v string) bool {
		if !strings.Contains("019", v[:1]) {
			return false
		}
		if v[10:13] <= "100" {
			return plainSum(v[:13], "14 13 12 11 10 9 8 7 6 5 4 3 2")%11%10 == int(v[13]-'0') && !plainSame(v)
		}
		d := 11 - plainSum(v[:13], "2 7 6 5 4 3 2 7 6 5 4 3 2")%11
		return d%11%10 == int(v[13]-'0')
	},
	"USA_EMPLOYER_IDENTIFICATION_NUMBER": func(v string) bool {
		return !slices.Contains(strings.Split("00,07,08,09,17,18,19,28,29,49,69,70,78,79,89,96,97", ","), v[:2]) && !plainSame(v[2:])
	},
	"USA_ADOPTION_TAXPAYER_NUMBER": func(v string) bool { return v[0] == '9' && v[3:5] == "93" && v[5:] != "0000" },
	"USA_PREPARER_TAX_NUMBER":      func(v string) bool { return v != "P00000000" },
	"CANADA_BUSINESS_NUMBER": func(v string) bool {
		return plainAccount.MatchString(v) && plainLuhn(v[:9]) && !plainSame(v[:9]) && !plainPower(v[:9])
	},
	"CANADA_BANK_TRANSIT_NUMBER": func(v string) bool {
		branch, institution := v[:5], v[5:]
		if len(v) == 9 {
			institution, branch = v[1:4], v[4:]
			if bankJudges["US_ABA_ROUTING_NUMBER"](v) {
				return false
			}
		}
		return !plainSame(branch) && institution != "000" &&
			plainInstitution.MatchString(institution)
	},
	"CANADA_NATIONAL_IDENTIFICATION_NUMBER": func(v string) bool { return !plainSame(v[2:]) },
}

// americanSure are the plain forms of the Sure functions.
var americanSure = judges{
	"BRAZIL_RG_NUMBER": func(v string) bool {
		if len(v) != 9 || strings.HasPrefix(v, "MG") {
			return true
		}
		d := 11 - plainSum(v[:8], "2 3 4 5 6 7 8 9")%11
		return "0123456789X0"[d] == v[8]
	},
	"DOMINICAN_REPUBLIC_CEDULA_NUMBER": plainLuhn,
}

// plainFromRight is the check character of a number: its digits from the right,
// each times its weight, are added, and eleven less the rest of a division by eleven
// is a place in names.
func plainFromRight(number string, weights []int, names string) byte {
	ds := plainDigits(number)
	slices.Reverse(ds)
	sum := 0
	for i, d := range ds {
		sum += d * weights[i]
	}
	return names[11-sum%11]
}

func plainCUIT(kinds ...string) func(v string) bool {
	return func(v string) bool {
		d := 11 - plainSum(v[:10], "5 4 3 2 7 6 5 4 3 2")%11
		return slices.Contains(kinds, v[:2]) && v[2:10] != "00000000" && "01234567899"[d%11] == v[10] // ten is written 9
	}
}

func plainFirm(v string) bool { return len(v) == 10 && strings.Contains("89", v[:1]) }

func plainNIT(v string) bool {
	ds := plainDigits(v[:len(v)-1])
	slices.Reverse(ds)
	primes, sum := []int{3, 7, 13, 17, 19, 23, 29, 37, 41, 43}, 0
	for i, d := range ds {
		sum += d * primes[i]
	}
	return v[0] != '0' && !plainSame(v[:len(v)-1]) && []int{0, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1}[sum%11] == int(v[len(v)-1]-'0')
}

// plainCNPJ computes both digits, the second with the first behind the number.
func plainCNPJ(v string) bool {
	number := v[:12]
	for _, weights := range [][]int{{5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2}, {6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2}} {
		sum := 0
		for i, w := range weights {
			sum += w * int(number[i]-'0') // the code of a letter less 48 is its value
		}
		r := sum % 11
		number += string("00987654321"[r])
	}
	return number == v && !plainSame(v) && strings.ContainsAny(v[:12], "0123456789")
}

func plainCURP(v string) bool {
	sum := 0
	for i, c := range v[:17] {
		sum += utf8.RuneCountInString(before("0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ", string(c))) * (18 - i)
	}
	century := "20"
	if v[16] <= '9' {
		century = "19"
	}
	states := "AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE"
	return slices.Contains(strings.Fields(states), v[11:13]) && strings.Contains("HMX", v[10:11]) && plainDate(century+v[4:10]) &&
		(sum+int(v[17]-'0'))%10 == 0
}

// before is what stands before sep in s.
func before(s, sep string) string {
	s, _, _ = strings.Cut(s, sep)
	return s
}

// plainPower reports whether v writes a power of two, or 0.
func plainPower(v string) bool {
	n := plainInt(v)
	for n > 1 && n%2 == 0 {
		n /= 2
	}
	return n <= 1
}

// plainDate asks the calendar of package time for YYYYMMDD.
func plainDate(s string) bool {
	_, err := time.Parse("20060102", s)
	return err == nil
}

func americanRules() []Rule { return append(nationalLatin(), nationalNorthAmerica()...) }

// americanSureRules have Sure in the place of Valid.
func americanSureRules() (rules []Rule) {
	for _, r := range americanRules() {
		if americanSure[r.ID] != nil {
			r.Valid = r.Sure
			rules = append(rules, r)
		}
	}
	return rules
}

// TestAmericasArePlain wants a plain form of each rule with Forms too.
func TestAmericasArePlain(t *testing.T) {
	for _, r := range americanRules() {
		if len(r.Forms) > 0 && (r.Valid != nil) != (americanJudges[r.ID] != nil) {
			t.Errorf("%s has no plain form", r.ID)
		}
		if len(r.Forms) > 0 && (r.Sure != nil) != (americanSure[r.ID] != nil) {
			t.Errorf("%s has no plain form of Sure", r.ID)
		}
	}
	runJudges(t, americanRules(), americanJudges)
	runJudges(t, americanSureRules(), americanSure)
}

// TestWholePeruDNI has the forms that are well formed and not looked for.
func TestWholePeruDNI(t *testing.T) {
	for value, want := range map[string]bool{
		"10117410": true, "101174102": true, "10117410-2": true, "10117410G": true, "10117410-G": true, "10117410g": true,
		"101174103": false, "10117410H": false, "10117410--2": false, "10117410-": false, "1011741": false, "1011741-02": false, "10117410-22": false,
		"A0117410": false, "A0117410G": false, "11111111": false, "": false, "10117410-Ñ": false, "10117410ñ": false,
	} {
		if got := wholePeruDNI([]byte(value)); got != want {
			t.Errorf("%q is well formed: %v, want %v", value, got, want)
		}
	}
}

// TestRFCIsPlain compares the numbers of Mexican taxpayers in texts of their parts.
func TestRFCIsPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 0))
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	found, sure := 0, 0
	for range 30000 {
		w := []byte(pick("", "", " ", "\n", `\n`, `\\n`, "_", "Á", ".", "7", "-", "x", "Ñ", "&"))
		for range 2 + rng.IntN(3) {
			w = append(w, pick("Ñ", "ñ", "&", "A", "q", "X", "G")...)
		}
		w = append(w, pick("", "", "-", " ", ".")...)
		w = append(w, pick("850101", "991231", "850229", "000229", "851301", "8501011", "85010")...)
		w = append(w, pick("", "", "-", " ", "--")...)
		w = append(w, randomBytes(rng, 2+rng.IntN(2), "0123456789AKZ")...)
		w = append(w, pick("1", "2", "3", "A", "a", "B")...)
		w = append(w, pick("", "", " ", "\n", "_", ".", ".5", "-x", "x")...)
		n, s := compareRFC(t, w)
		found, sure = found+n, sure+s
	}
	if found < 500 || sure < 20 {
		t.Errorf("%d numbers, %d of them sure: too few to tell", found, sure)
	}
}

// compareRFC compares both rules at all positions of w with their plain forms,
// and returns how many numbers there are and how many of them pass Sure.
func compareRFC(t *testing.T, w []byte) (found, sure int) {
	t.Helper()
	for _, letters := range []int{3, 4} {
		r := mexicoRFC(letters)
		plain := plainRFC(w, letters)
		for at := range w {
			if !r.Beside[0].at(w, at) {
				continue
			}
			start, end, ok := r.Match(w, at)
			if want, wanted := plain[at]; ok != wanted || ok && (start != want[0] || end != want[1]) {
				t.Fatalf("%q at %d, %d letters: %d to %d (%v), by the plain form %v (%v)", w, at, letters, start, end, ok, want, wanted)
			}
			if !ok {
				continue
			}
			found++
			got, want := r.Sure(w[start:end]), plainSureRFC(string(w[start:end]))
			if got != want {
				t.Fatalf("%q is sure: %v, by the plain form %v", w[start:end], got, want)
			}
			if got {
				sure++
			}
		}
	}
	return found, sure
}

var (
	plainPartsRFC = regexp.MustCompile(`((?:[A-Za-z&]|Ñ|ñ)+)(-| ?)([0-9]{6})(-| ?)([0-9A-Za-z]{2}[0-9Aa])`)
	plainTailRFC  = regexp.MustCompile(`^([0-9]{6})(-| ?)([0-9A-Za-z]{2}[0-9Aa])`)
	plainHeadRFC  = regexp.MustCompile(`((?:[A-Za-z&]|Ñ|ñ)+)(-| ?)$`)
)

// plainRFC returns the numbers with so many letters in w, by where their date starts.
func plainRFC(w []byte, letters int) map[int][2]int {
	spans := make(map[int][2]int)
	for at := range w {
		tail, head := plainTailRFC.FindSubmatch(w[at:]), plainHeadRFC.FindSubmatchIndex(w[:at])
		if tail == nil || head == nil {
			continue
		}
		name, before, after := string(w[head[2]:head[3]]), string(w[head[4]:head[5]]), string(tail[2])
		if head[2] > 0 && w[head[2]-1] == '\\' && strings.ContainsRune("nrtfvb", rune(name[0])) {
			name = name[1:] // an escape, and no letter
		}
		if utf8.RuneCountInString(name) != letters || before != after && before+after != "-" {
			continue
		}
		if d := string(tail[1]); !plainDate("19"+d) && !plainDate("20"+d) {
			continue
		}
		start, end := head[3]-len(name), at+len(tail[0])
		if clearPlain(w, start, end) {
			spans[at] = [2]int{start, end}
		}
	}
	return spans
}

// plainSureRFC looks the characters of the value up in their order.
func plainSureRFC(v string) bool {
	parts := plainPartsRFC.FindStringSubmatch(strings.ToUpper(v))
	chars := []rune(parts[1] + parts[3] + parts[5])
	if len(chars) == 12 {
		chars = append([]rune{' '}, chars...)
	}
	sum := 0
	for i, c := range chars[:12] {
		sum += utf8.RuneCountInString(before("0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ", string(c))) * (13 - i)
	}
	return string(chars[12]) == []string{"0", "A", "9", "8", "7", "6", "5", "4", "3", "2", "1"}[sum%11]
}

func FuzzValidAmericas(f *testing.F) {
	rules, sure := americanRules(), americanSureRules()
	seedJudges(f, rules)
	for _, r := range []Rule{mexicoRFC(3), mexicoRFC(4)} {
		for _, x := range vectorsOf(r).Texts() {
			f.Add(x)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		compareJudges(t, rules, americanJudges, text)
		compareJudges(t, sure, americanSure, text)
		if w := []byte(text); len(w) < 200 {
			compareRFC(t, w)
		}
	})
}
