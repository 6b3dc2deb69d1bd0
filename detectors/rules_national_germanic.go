package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalGermanic returns the rules for numbers of Germany, Austria and
// Switzerland.
func nationalGermanic() []Rule {
	return []Rule{
		germanyTaxID(),
		germanyIdentityCard(),
		germanyHealthInsurance(),
		germanySocialInsurance(),
		austriaSocialSecurity(),
		austriaTaxNumber(),
		switzerlandAHV(),
		switzerlandUID(),
	}
}

func germanyTaxID() Rule {
	return Rule{
		ID:        "GERMANY_TAX_IDENTIFICATION_NUMBER",
		Name:      "German tax identification number (Steuer-ID)",
		Category:  Personal,
		Countries: []string{"DE"},
		Severity:  AlwaysHigh,
		Form: "11 digits, printed 2-3-3-3, the first not 0; among the first ten exactly one digit occurs twice or three times and the " +
			"others at most once (§ 139b AO; Bundeszentralamt für Steuern)",
		Check: "ISO/IEC 7064 MOD 11,10",
		Forms: []Form{{Pattern: "99~999~999~999"}},
		Valid: validSteuerID,
		Keywords: wordList(
			"identifikationsnummer; steuer id; steueridentifikationsnummer; steuernummer; tax id; tax identification number; tax number",
			"idnr; id-nr; steuer-identifikationsnummer; steuer-idnr; steueridnr; steuerid; tin; tax-id; taxid; tax no; steuer nr; identnummer; steuerliche",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validSteuerID(v []byte) bool {
	var seen [10]int
	for _, c := range v[:10] {
		seen[c-'0']++
	}
	repeated := 0
	for _, n := range seen {
		switch {
		case n > 3:
			return false
		case n > 1:
			repeated++
		}
	}
	return v[0] != '0' && repeated == 1 && checksum.Mod11_10(v)
}

func germanyIdentityCard() Rule {
	return Rule{
		ID:        "GERMANY_NATIONAL_IDENTIFICATION_NUMBER",
		Name:      "German identity card number",
		Category:  Personal,
		Countries: []string{"DE"},
		Severity:  AlwaysHigh,
		Form: "9 characters of CFGHJKLMNPRTVWXYZ and the digits, a letter first and at least one digit, but not a British insurance number's layout, and in the " +
			"machine-readable zone a check digit; " +
			"on cards before November 2010 10 digits and D (Personalausweisverordnung; Bundesdruckerei)",
		Check: "where there is one: the characters, letters counting 10 to 35, times 7, 3, 1 in turn, modulo 10 (ICAO Doc 9303, part 3)",
		Forms: []Form{{Pattern: "AXXXXXXXX"}, {Pattern: "AXXXXXXXX9"}, {Pattern: "9999999999A"}},
		Valid: validAusweis,
		Keywords: wordList(
			"ausweisnummer; id number; identification number; identity number; insurance number; personal id; personalausweis",
			"personalausweisnummer; perso; ausweis-nr.; ausweis nr; ausweis no; personalausweis nr; persoausweis; personalausweisnr; ausweisnr; ausweis-nummer",
		),
		NeedKeyword: true,
		Confidence:  40,
		Priority:    PriorityRange, // the layout has room for numbers of others, which say more
	}
}

func validAusweis(v []byte) bool {
	if len(v) == len("9999999999D") {
		return v[10] == 'D' && v[9] == icaoCheck(v[:9]) && !allEqual(v[:9])
	}
	digits := 0
	for _, c := range v[:9] {
		switch {
		case isDigit(c):
			digits++
		case strings.IndexByte("CFGHJKLMNPRTVWXYZ", c) < 0:
			return false
		}
	}
	if isLetter(v[1]) && isLetter(v[8]) && digits == 6 && allOf(v[2:8], digitByte) {
		return false // one in a thousand, and all British insurance numbers
	}
	return digits > 0 && !allZero(v[1:9]) && (len(v) == 9 || v[9] == icaoCheck(v[:9]))
}

func germanyHealthInsurance() Rule {
	return Rule{
		ID:        "GERMANY_HEALTH_INSURANCE_NUMBER",
		Name:      "German health insurance number (KVNR)",
		Category:  Personal,
		Countries: []string{"DE"},
		Severity:  AlwaysHigh,
		Form:      "a letter and 9 digits, as on the electronic health card (§ 290 SGB V)",
		Check:     "the letter as two digits, A being 01, and the next eight times 1 and 2 in turn, digits of the products added, modulo 10; not all zero",
		Forms:     []Form{{Pattern: "A999999999"}, {Pattern: "A~999~999~999"}, {Pattern: "A999~999~999"}},
		Valid: func(v []byte) bool {
			letter := letterNumber(v[0])
			sum := checksum.CrossSum(letter[:], 1, 2) + checksum.CrossSum(v[1:9], 1, 2, 1, 2, 1, 2, 1, 2)
			return digitIs(v[9], sum%10) && !allZero(v[1:9])
		},
		Keywords: wordList(
			"kvnr; krankenversichertennummer; versichertennummer; krankenkasse; gesundheitskarte; egk",
			"kv-nummer; kv nummer; kv nr; krankenversicherungsnummer; krankenversicherungsnr; krankenversicherung; versicherten-nr; versichertennr; versicherten id; versicherten nummer; health insurance number",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"A123456780"}, // the number of many a description
	}
}

// letterNumber is the rank of a letter as two digits, 01 for A.
func letterNumber(c byte) [2]byte {
	n := c - 'A' + 1
	return [2]byte{'0' + n/10, '0' + n%10}
}

func germanySocialInsurance() Rule {
	return Rule{
		ID:        "GERMANY_SOCIAL_INSURANCE_NUMBER",
		Name:      "German pension insurance number (RVNR, SVNR)",
		Category:  Personal,
		Countries: []string{"DE"},
		Severity:  AlwaysHigh,
		Form: "two digits of the insurer, day, month and year of birth, the letter of the name at birth, two digits of a serial number, a check digit " +
			"(Versicherungsnummern-, Kontoführungs- und Versicherungsverlaufsverordnung); 50 is added to the day where the serial numbers ran out",
		Check: "the letter as two digits; the twelve digits times 2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1, digits of the products added, modulo 10; a day that exists",
		Forms: []Form{{Pattern: "99999999A999"}, {Pattern: "99 999999 A 999"}, {Pattern: "99 999999 A 99 9"}, {Pattern: "99-999999-A-999"}, {Pattern: "99999999 A 999"}},
		Valid: validRVNR,
		Keywords: wordList(
			"sozialversicherungsnummer; rentenversicherungsnummer; svnr; rvnr; versicherungsnummer",
			"sv-nummer; sv nummer; sv nr; rv-nummer; rv nummer; rv nr; vsnr; rentenversicherung; sozialversicherungsausweis; sozialversicherung; versicherungsnr; versicherungs-nr",
		),
		Priority: PriorityCheck,
		Dummies:  []string{"15070649C103", "65170839J003"}, // of the pension insurance's descriptions
	}
}

func validRVNR(v []byte) bool {
	day := twoDigits(v, 2)
	if day > 50 {
		day -= 50
	}
	if !isDayOfSomeCentury(twoDigits(v, 6), twoDigits(v, 4), day) || allZero(v[:2]) {
		return false
	}
	letter := letterNumber(v[8])
	sum := checksum.CrossSum(v[:8], 2, 1, 2, 5, 7, 1, 2, 1) + checksum.CrossSum(letter[:], 2, 1) + checksum.CrossSum(v[9:11], 2, 1)
	return digitIs(v[11], sum%10)
}

func austriaSocialSecurity() Rule {
	return Rule{
		ID:        "AUSTRIA_SOCIAL_SECURITY_NUMBER",
		Name:      "Austrian social security number",
		Category:  Personal,
		Countries: []string{"AT"},
		Severity:  AlwaysHigh,
		Form: "10 digits: three of a serial number, the first not 0, a check digit, day, month and year of birth, the month 13 to 15 where the day " +
			"is not known or has no number left (§ 460d ASVG; Dachverband der Sozialversicherungsträger)",
		Check: "serial and date times 3, 7, 9, 5, 8, 4, 2, 1, 6, the sum modulo 11, of which 10 is not issued",
		Forms: []Form{{Pattern: "9999999999"}, {Pattern: "9999~999999"}, {Pattern: "9999/999999"}, {Pattern: "9999 99 99 99"}, {Pattern: "9999/99 99 99"},
			{Pattern: "9999 99.99.99"}, {Pattern: "9999/99.99.99"}},
		Valid: validAustrianSVNR,
		Keywords: wordList(
			"sozialversicherungsnummer; svnr; sv-nummer; versicherungsnummer; sv-nr",
			"sv nr; sv nummer; sozialversicherung; sozialversicherungsnr; e-card; ecard; vsnr; versicherungsnr; austrian social security number",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"1237010180"}, // on the insurers' specimen card
	}
}

func validAustrianSVNR(v []byte) bool {
	day, month := twoDigits(v, 4), twoDigits(v, 6)
	unknown := 13 <= month && month <= 15 && day <= 31
	return v[0] != '0' && (unknown || isDayOfSomeCentury(twoDigits(v, 8), month, day)) &&
		digitIs(v[3], checksum.Weighted(v, 3, 7, 9, 0, 5, 8, 4, 2, 1, 6)%11)
}

func austriaTaxNumber() Rule {
	return Rule{
		ID:        "AUSTRIA_TAX_NUMBER",
		Name:      "Austrian tax number (Abgabenkontonummer)",
		Category:  Personal,
		Countries: []string{"AT"},
		Severity:  AlwaysHigh,
		Form:      "9 digits: two of the tax office, not 00, and seven, printed 99-999/9999 (Bundesministerium für Finanzen)",
		Check:     "Luhn; the seven are not all zero",
		Forms:     []Form{{Pattern: "99-999/9999"}, {Pattern: "99 999/9999"}, {Pattern: "99 - 999/9999"}, {Pattern: "99~9999999"}, {Pattern: "999999999"}, {Pattern: "99/999/9999"}},
		Valid: func(v []byte) bool {
			return checksum.Luhn(v) && !allZero(v[:2]) && !allZero(v[2:]) && !allEqual(v)
		},
		Keywords: wordList(
			"steuernummer; abgabenkontonummer; finanzamt",
			"steuer nr; steuernr; st.nr.; st.-nr.; stnr; abgabenkonto; abgabenkontonr; finanzamtsnummer; fa-nr; austrian tax number",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func switzerlandAHV() Rule {
	return Rule{
		ID:        "SWITZERLAND_AHV_NUMBER",
		Name:      "Swiss social security number (AHV, AVS)",
		Category:  Personal,
		Countries: []string{"CH", "LI"},
		Severity:  AlwaysHigh,
		Form: "756, nine digits and a check digit, printed 756.9999.9999.99; so, or with spaces or hyphens, it stands for itself, in one run it needs a keyword " +
			"(Zentrale Ausgleichsstelle, AHVN13)",
		Check: "that of EAN-13: 1 and 3 times the digits in turn add up to a multiple of ten",
		Forms: []Form{
			{Pattern: "756.9999.9999.99"},
			{Pattern: "756 9999 9999 99"},
			{Pattern: "756-9999-9999-99"},
			{Pattern: "7569999999999", NeedKeyword: true},
		},
		Valid: checksum.GTIN,
		Keywords: wordList(
			"ahv; ahv-nummer; avs; numéro avs; sozialversicherungsnummer; n. avs",
			"ahv-nr; ahv nr; ahv nummer; ahvn13; navs13; navs; n° avs; no avs; nº avs; numero avs; ahvnr; versichertennummer; oasi number; ahv-ausweis; numéro d'assuré",
		),
		Priority: PriorityCheck + 5,
		Dummies:  []string{"7561234567897", "7569217076985", "7560000000002"}, // of the Confederation's leaflets and forms, and zeros
	}
}

func switzerlandUID() Rule {
	return Rule{
		ID:        "SWITZERLAND_UID_NUMBER",
		Name:      "Swiss enterprise number (UID, IDE)",
		Category:  Personal,
		Countries: []string{"CH"},
		Severity:  Rising,
		Form: "CHE, eight digits and a check digit, printed CHE-999.999.999; so it stands for itself, otherwise it needs a keyword " +
			"(Bundesgesetz über die Unternehmens-Identifikationsnummer)",
		Check: "eleven less the sum of the digits times 5, 4, 3, 2, 7, 6, 5, 4 modulo 11, 11 standing for 0 and 10 for none",
		Forms: []Form{
			{Pattern: "AAA-999.999.999"},
			{Pattern: "AAA999999999", NeedKeyword: true},
			{Pattern: "AAA-999999999", NeedKeyword: true},
			{Pattern: "AAA 999.999.999", NeedKeyword: true},
			{Pattern: "AAA 999 999 999", NeedKeyword: true},
			{Pattern: "AAA-999-999-999", NeedKeyword: true},
		},
		Valid: func(v []byte) bool {
			return startsWith(v, "CHE") && digitIs(v[11], checksum.Check11(v[3:], 5, 4, 3, 2, 7, 6, 5, 4)) && !allZero(v[3:])
		},
		Keywords: wordList(
			"uid; ide; mwst-nr; tva; iva; mwst",
			"mwst nummer; unternehmens-identifikationsnummer; numéro d'identification des entreprises; numero d'identificazione delle imprese; idi; zefix; "+
				"handelsregister; registre du commerce; numéro ide; uid-nr; vat; steuernummer",
		),
		Priority: PriorityCheck + 5,
	}
}
