package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalMediterranean returns the rules for numbers of Italy, Malta, Greece
// and Cyprus.
func nationalMediterranean() []Rule {
	return []Rule{
		italyCodiceFiscale(),
		italyVAT(),
		maltaIdentity(),
		greeceAMKA(),
		greeceTaxNumber(),
		cyprusTaxNumber(),
	}
}

func italyCodiceFiscale() Rule {
	return Rule{
		ID:        "ITALY_NATIONAL_IDENTIFICATION_NUMBER",
		Name:      "Italian tax code (codice fiscale)",
		Category:  Personal,
		Countries: []string{"IT"},
		Severity:  AlwaysHigh,
		Form: "16 characters: six letters of the name, two digits of the year, a letter of ABCDEHLMPRST for the month, the day (women plus " +
			"40), a letter and three digits of the place, a control letter. Digits may be replaced by letters of LMNPQRSTUV to tell " +
			"namesakes apart (omocodia)",
		Check: "odd and even places by the tables of the decree of 23 December 1976, modulo 26; a day that the month has",
		Forms: []Form{
			{Pattern: "AAAAAAXXAXXAXXXA"},
			{Pattern: "AAA AAA XXAXX AXXXA"},
			{Pattern: "AAA AAA XXAXX AXXX A"},
		},
		Valid:    validCodiceFiscale,
		Priority: PriorityStrong,
	}
}

// validCodiceFiscale also refuses a value without digits: seven replacements
// in one code would need over a hundred namesakes, and words have that shape.
func validCodiceFiscale(v []byte) bool {
	if checksum.CodiceFiscale(v[:15]) != v[15] {
		return false
	}
	var places [7]int
	letters := 0
	for i, at := range [...]int{6, 7, 9, 10, 12, 13, 14} {
		c := v[at]
		if isLetter(c) {
			letters++
			if c = omocodia(c); c == 0 {
				return false
			}
		}
		places[i] = int(c - '0')
	}
	day := places[2]*10 + places[3]
	if day > 40 {
		day -= 40
	}
	return letters < len(places) && isLetter(v[11]) && 1 <= day && day <= longestDay(v[8])
}

// omocodia returns the digit that letter c replaces, 0 for none.
func omocodia(c byte) byte {
	const letters = "LMNPQRSTUV"
	for i := range len(letters) {
		if letters[i] == c {
			return '0' + byte(i)
		}
	}
	return 0
}

// longestDay returns the number of days in the month that a letter of the
// codice fiscale stands for, 0 for no month.
func longestDay(month byte) int {
	switch month {
	case 'A', 'C', 'E', 'L', 'M', 'R', 'T':
		return 31
	case 'D', 'H', 'P', 'S':
		return 30
	case 'B':
		return 29
	}
	return 0
}

func italyVAT() Rule {
	return Rule{
		ID:        "ITALY_VAT_NUMBER",
		Name:      "Italian VAT number (partita IVA)",
		Category:  Personal,
		Countries: []string{"IT"},
		Severity:  Rising,
		Form: "11 digits, of which the eighth to tenth are the office: 001 to 100, 120, 121, 888 or 999; with IT before them in one run they stand for themselves, " +
			"otherwise they need a keyword (DPR 633/1972, article 35; Agenzia delle Entrate)",
		Check: "Luhn; the first seven digits are not all zero",
		Forms: []Form{
			{Pattern: "AA99999999999"},
			{Pattern: "99999999999", NeedKeyword: true},
			{Pattern: "AA 99999999999", NeedKeyword: true},
			{Pattern: "AA-99999999999", NeedKeyword: true},
		},
		Valid: validPartitaIVA,
		Keywords: wordList(
			"partita iva; p.iva; p. iva; vat",
			"piva; part. iva; partita i.v.a.; p.i.v.a.; numero iva; partite iva; codice fiscale; vat number; vat no; vat id; p.iva/c.f.; italian vat",
		),
		Priority: PriorityCheck + 5,
	}
}

func validPartitaIVA(v []byte) bool {
	if len(v) == len("IT99999999999") {
		if !startsWith(v, "IT") {
			return false
		}
		v = v[2:]
	}
	switch office := twoDigits(v, 7)*10 + int(v[9]-'0'); {
	case 1 <= office && office <= 100, office == 120, office == 121, office == 888, office == 999:
		return checksum.Luhn(v) && !allZero(v[:7])
	}
	return false
}

func maltaIdentity() Rule {
	return Rule{
		ID:        "MALTA_NATIONAL_ID_NUMBER",
		Name:      "Maltese identity card number",
		Category:  Personal,
		Countries: []string{"MT"},
		Severity:  AlwaysHigh,
		Form:      "5 to 7 digits, shorter ones being without their zeros, and a letter of MGAPLHBZ (Identità; Chapter 258 of the Laws of Malta)",
		Check:     "none is published; the digits are not all zero",
		Forms:     []Form{{Pattern: "9999999A"}, {Pattern: "999999A"}, {Pattern: "99999A"}},
		Valid: func(v []byte) bool {
			last := len(v) - 1
			return strings.IndexByte("MGAPLHBZ", v[last]) >= 0 && !allZero(v[:last])
		},
		Keywords: wordList(
			"identity card; karta tal-identità; id card",
			"karta tal identità; karta ta' l-identità; numru tal-karta; numru tal-identità; maltese id; malta id; identity card number; id card number",
		),
		NeedKeyword: true,
		Confidence:  40,
		Priority:    PriorityRange, // a Spanish number of this layout has a check
	}
}

func greeceAMKA() Rule {
	return Rule{
		ID:        "GREECE_AMKA_NUMBER",
		Name:      "Greek social security number (AMKA)",
		Category:  Personal,
		Countries: []string{"GR"},
		Severity:  AlwaysHigh,
		Form:      "11 digits: day, month and year of birth, four of a serial number, a check digit (Law 3655/2008; ΗΔΙΚΑ)",
		Check:     "Luhn; a day that exists",
		Forms:     []Form{{Pattern: "99999999999"}, {Pattern: "999999~99999"}},
		Valid: func(v []byte) bool {
			return isDayOfSomeCentury(twoDigits(v, 4), twoDigits(v, 2), twoDigits(v, 0)) && checksum.Luhn(v)
		},
		Keywords: wordList(
			"αμκα; amka; αριθμός μητρώου κοινωνικής ασφάλισης",
			"α.μ.κ.α.; αριθμος μητρωου κοινωνικης ασφαλισης; amka number; αρ. αμκα; αριθμός αμκα; αριθμος αμκα; a.m.k.a.",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func greeceTaxNumber() Rule {
	return Rule{
		ID:        "GREECE_TAX_NUMBER",
		Name:      "Greek tax number (ΑΦΜ)",
		Category:  Personal,
		Countries: []string{"GR"},
		Severity:  AlwaysHigh,
		Form:      "9 digits; EL or GR may stand before them (Independent Authority for Public Revenue)",
		Check:     "256, 128, 64, 32, 16, 8, 4, 2 times the first eight, the sum modulo 11, 10 giving 0; not all zero",
		Forms: []Form{
			{Pattern: "999999999"},
			{Pattern: "999~999~999"},
			{Pattern: "AA999999999"},
			{Pattern: "AA 999999999"},
			{Pattern: "AA-999999999"},
		},
		Valid: validAFM,
		Keywords: wordList(
			"αφμ; afm; αριθμός φορολογικού μητρώου",
			"α.φ.μ.; αριθμος φορολογικου μητρωου; φορολογικό μητρώο; φορολογικου μητρωου; αρ. φορ. μητρώου; a.f.m.; αφμ εργοδότη; greek tax number; greek vat",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validAFM(v []byte) bool {
	if len(v) == len("EL999999999") {
		if !startsWith(v, "EL") && !startsWith(v, "GR") {
			return false
		}
		v = v[2:]
	}
	sum := checksum.Weighted(v, 256, 128, 64, 32, 16, 8, 4, 2)
	return digitIs(v[8], sum%11%10) && !allZero(v)
}

func cyprusTaxNumber() Rule {
	return Rule{
		ID:        "CYPRUS_TAX_NUMBER",
		Name:      "Cypriot tax identification code (TIC)",
		Category:  Personal,
		Countries: []string{"CY"},
		Severity:  AlwaysHigh,
		Form:      "8 digits, the first 0 or 9, and a check letter; CY may stand before them (Tax Department of Cyprus)",
		Check: "the digits in odd places count 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, those in even places themselves, the sum modulo 26 is the letter; " +
			"the digits are not all zero",
		Forms: []Form{{Pattern: "99999999A"}, {Pattern: "AA99999999A"}, {Pattern: "AA 99999999A"}},
		Valid: validTIC,
		Keywords: wordList(
			"αφμ; α.φ.τ.; tic; tax identification code",
			"α.φ.μ.; αριθμός φορολογικής ταυτότητας; αριθμος φορολογικης ταυτοτητας; αριθμός φορολογικού μητρώου; αφτ; φπα; φ.π.α.; tic no; tic number; cyprus tax; "+
				"tax identification number; tin; vat",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

// validTIC judges a number whose check is that of the Italian codice fiscale.
func validTIC(v []byte) bool {
	if len(v) == len("CY99999999A") {
		if !startsWith(v, "CY") {
			return false
		}
		v = v[2:]
	}
	return (v[0] == '0' || v[0] == '9') && checksum.CodiceFiscale(v[:8]) == v[8] && !allZero(v[:8])
}
