package detectors

import (
	"slices"
	"strings"
	"unicode"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalMiddleEast returns the rules for numbers of the Middle East and
// Africa.
func nationalMiddleEast() []Rule {
	return rules([]national{
		{
			id: "UAE_EMIRATES_ID_NUMBER", name: "Emirates ID", countries: "AE",
			form:  "15 digits: 784, year of birth, seven digits, one more, printed 3-4-7-1 (Federal Authority for Identity and Citizenship)",
			check: "none that all cards keep; the year is one of birth",
			alone: "784-9999-9999999-9", near: "784999999999999|784 9999 9999999 9",
			valid: func(v []byte) bool {
				year := value(v, 3, 4)
				return 1900 <= year && year <= lastYear && !allEqual(v[7:])
			},
			keywords: "emirates id; eid; uae id; id number; رقم الهوية; الهوية الإماراتية; بطاقة الهوية; هوية",
		}, {
			id: "SAUDI_ARABIA_NATIONAL_ID_NUMBER", name: "Saudi national or resident (iqama) number", countries: "SA",
			form:     "10 digits, the first 1 for citizens and 2 for residents (Ministry of Interior)",
			check:    "Luhn; not all others equal",
			near:     "9999999999",
			valid:    func(v []byte) bool { return (v[0] == '1' || v[0] == '2') && checksum.Luhn(v) && !allEqual(v[1:]) },
			keywords: "national id; iqama; iqama number; iqama no; saudi id; رقم الهوية; رقم الإقامة; رقم الاقامة; الهوية الوطنية; رقم السجل المدني; السجل المدني",
		}, {
			id: "KUWAIT_CIVIL_ID_NUMBER", name: "Kuwaiti civil id", countries: "KW",
			form:     "12 digits: century 1 to 3, date of birth, serial, check digit (Public Authority for Civil Information)",
			check:    "weights 2 1 6 3 7 9 10 5 8 4 2: eleven less the sum modulo 11, ten and eleven not given; the date exists",
			near:     "999999999999",
			valid:    validKuwait,
			keywords: "civil id; civil id number; civil id no; civil number; الرقم المدني; بطاقة مدنية; البطاقة المدنية; رقم مدني; kuwait id",
		}, {
			id: "IRAN_NATIONAL_ID_NUMBER", name: "Iranian national code (کد ملی)", countries: "IR",
			form:     "10 digits, printed 3-6-1 (Organization for Civil Registration)",
			check:    "weights 10 to 2 modulo 11, from two on eleven less that; not all equal",
			near:     "9999999999|999-999999-9",
			valid:    validIran,
			keywords: "کد ملی; کد\u200cملی; شماره ملی; شماره\u200cملی; کد ملي; كد ملي; national code; code melli; codemelli; melli code; iranian national id; کارت ملی",
		}, {
			id: "ISRAEL_ID_NUMBER", name: "Israeli identity number (teudat zehut)", countries: "IL",
			form:      "9 digits, or 8 or 7 without the zeros in front where they are all of a field (Population Registry)",
			check:     "Luhn over nine digits; not all equal",
			near:      "999999999|99999999|9999999|99999999-9|9-9999999-9",
			valid:     validZehut,
			sure:      func(v []byte) bool { return len(v) == 9 },
			whole:     wholeZehut,
			threshold: allOfField,
			keywords:  "teudat zehut; teudat zehut number; תעודת זהות; מספר זהות; ת.ז; ת.ז.; ת\"ז; מס' זהות; מס' ת.ז; israeli id; israel id; tz number; id number",
		}, {
			id: "ISRAEL_COMPANY_NUMBER", name: "Israeli number of a company", countries: "IL",
			form:     "9 digits, the first 5 (Registrar of Companies)",
			check:    "Luhn; not all others equal",
			near:     "999999999|99-9999999|99-999999-9",
			valid:    func(v []byte) bool { return v[0] == '5' && checksum.Luhn(v) && !allEqual(v[1:]) },
			keywords: "ח.פ; ח.פ.; ח\"פ; חברה; מספר חברה; company number; company no; israeli company",
			severity: Rising,
		}, {
			id: "TURKIYE_IDENTIFICATION_NUMBER", name: "Turkish identity number (T.C. kimlik no)", countries: "TR",
			form:  "11 digits, the first not 0 (Nüfus Hizmetleri Kanunu, 5490)",
			check: "digit ten is seven times the odd places less the even ones, modulo 10, digit eleven the sum of all before it, modulo 10",
			near:  "99999999999|999 999 999 99",
			valid: validKimlik,
			keywords: turkish("tc kimlik; tc kimlik no; t.c. kimlik no; t.c. kimlik; kimlik no; kimlik numarası; tc kimlik numarası; t.c. kimlik numarası") +
				"; tc no; t.c. no; tckn; vatandaşlık numarası; vatandaslik numarasi; turkish id",
		}, {
			id: "TURKIYE_TAX_NUMBER", name: "Turkish tax number (vergi kimlik no)", countries: "TR",
			form:     "10 digits (Gelir İdaresi Başkanlığı)",
			check:    "each of nine digits plus nine less its place, modulo 10, times a power of two, modulo 9, added to a multiple of ten; not all equal",
			near:     "9999999999",
			valid:    validVKN,
			keywords: turkish("vergi no; vergi kimlik no; vergi kimlik numarası; vergi numarası") + "; vkn; turkish tax number",
			severity: Rising,
		}, {
			id: "EGYPT_NATIONAL_ID_NUMBER", name: "Egyptian national id", countries: "EG",
			form:     "14 digits: century 2 or 3, date of birth, governorate, serial, one more (Civil Status Organization)",
			check:    "none is public; the date and the governorate (01 to 04, 11 to 19, 21 to 29, 31 to 35, 88) exist",
			near:     "99999999999999",
			valid:    validEgypt,
			keywords: "الرقم القومي; رقم البطاقة; رقم قومي; الرقم القومى; بطاقة الرقم القومي; national id; national id number; egyptian id; egypt national id",
		}, {
			id: "SOUTH_AFRICA_ID_NUMBER", name: "South African identity number", countries: "ZA",
			form:     "13 digits: date of birth, serial and sex, citizenship 0 to 2, one more, check digit, printed 6-4-2-1 (Identification Act 68 of 1997)",
			check:    "Luhn; the date exists",
			near:     "9999999999999|999999 9999 999|999999 9999 99 9|999999-9999-99-9",
			valid:    func(v []byte) bool { return v[10] <= '2' && born(v, 0, 19, 20) && checksum.Luhn(v) },
			keywords: "id number; id no; identity number; identity no; rsa id; sa id; south african id; id nommer; identiteitsnommer; identity document",
		}, {
			id: "SOUTH_AFRICA_TAX_NUMBER", name: "South African tax reference", countries: "ZA",
			form:     "10 digits, the first 0, 1, 2, 3 or 9 (South African Revenue Service)",
			check:    "Luhn; not all equal",
			near:     "9999999999|9999/999/99/9|9999 999 999",
			valid:    func(v []byte) bool { return strings.IndexByte("01239", v[0]) >= 0 && checksum.Luhn(v) && !allEqual(v) },
			keywords: "tax reference; tax reference number; tax ref; sars; sars number; tax number; income tax; income tax number; tax ref no; belastingverwysingsnommer",
		}, {
			id: "NIGERIA_NIN_NUMBER", name: "Nigerian national identification number (NIN)", countries: "NG",
			form:     "11 digits (National Identity Management Commission)",
			check:    "none that is confirmed; not all equal, not counted up",
			near:     "99999999999|9999 999 9999",
			valid:    func(v []byte) bool { return !allEqual(v) && string(v) != "12345678901" && string(v) != "01234567890" },
			keywords: "nin; nin number; nin no; national identification number; national identity number; nimc; nigerian nin; nin slip; vnin",
		}, {
			id: "MAURITIUS_NATIONAL_ID_NUMBER", name: "Mauritian national identity number", countries: "MU",
			form:  "14 characters: initial, date of birth, six digits, a check character (National Identity Card Act 1985)",
			check: "base 36 values times 14 to 2, what is missing to a multiple of 17; the date exists",
			near:  "A999999999999X",
			valid: validMauritius, keywords: "national identity card; nic; nic number; national id; mauritius id; mauritian id; carte d'identité; carte d'identité nationale",
		},
	})
}

// turkish adds to a list of keywords what they are in Turkish capitals, which have
// İ for i where other capitals have I.
func turkish(list string) string {
	return list + ";" + strings.ToUpperSpecial(unicode.TurkishCase, list)
}

func validKuwait(v []byte) bool {
	r := 11 - checksum.Weighted(v, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)%11
	return v[0] >= '1' && v[0] <= '3' && born(v, 1, 17+digit(v, 0)) && r == digit(v, 11)
}

func validIran(v []byte) bool {
	r := checksum.Weighted(v, 10, 9, 8, 7, 6, 5, 4, 3, 2) % 11
	if r >= 2 {
		r = 11 - r
	}
	return r == digit(v, 9) && !allEqual(v)
}

// validZehut takes numbers without the zeros in front, which do not matter to
// the check.
func validZehut(v []byte) bool { return checksum.Luhn(v) && !allEqual(v) && value(v, 0, len(v)) > 99 }

// wholeZehut takes any number of five digits or more, also with a hyphen before the
// last, and then another behind the first of nine. So few digits are too much
// like other things to be looked for.
func wholeZehut(v []byte) bool {
	if n := len(v); n > 2 && v[n-2] == '-' {
		v = slices.Delete(slices.Clone(v), n-2, n-1)
		if len(v) == 10 && v[1] == '-' {
			v = slices.Delete(v, 1, 2)
		}
	}
	return 5 <= len(v) && len(v) <= 9 && runEnd(v, 0, len(v), digitByte) == len(v) && checksum.Luhn(v) && value(v, 0, len(v)) > 0
}

func validKimlik(v []byte) bool {
	odd, even, sum := 0, 0, 0
	for i := range 9 {
		if i%2 == 0 {
			odd += digit(v, i)
		} else {
			even += digit(v, i)
		}
	}
	ten := (7*odd - even) % 10
	if ten < 0 {
		ten += 10
	}
	sum = odd + even + digit(v, 9)
	return v[0] != '0' && ten == digit(v, 9) && sum%10 == digit(v, 10)
}

func validVKN(v []byte) bool {
	sum := 0
	for i := range 9 {
		a := (digit(v, i) + 9 - i) % 10
		if a == 0 {
			continue
		}
		if a = (a << (9 - i)) % 9; a == 0 {
			a = 9
		}
		sum += a
	}
	return (10-sum%10)%10 == digit(v, 9) && !allEqual(v)
}

func validEgypt(v []byte) bool {
	g := value(v, 7, 2)
	known := 1 <= g && g <= 4 || 11 <= g && g <= 19 || 21 <= g && g <= 29 || 31 <= g && g <= 35 || g == 88
	return (v[0] == '2' || v[0] == '3') && known && born(v, 1, 17+digit(v, 0))
}

func validMauritius(v []byte) bool {
	sum := letterValue(v[0]) * 14
	for i := 1; i < 13; i++ {
		sum += digit(v, i) * (14 - i)
	}
	check := (17 - sum%17) % 17
	return "0123456789ABCDEFG"[check] == v[13] && bornIn(v, 5, value(v, 3, 2), value(v, 1, 2), 19, 20)
}
