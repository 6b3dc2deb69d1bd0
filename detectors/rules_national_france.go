package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalFrance returns the rules for numbers of France.
func nationalFrance() []Rule {
	return []Rule{
		franceNIR(),
		franceTaxID(),
		franceSIREN(),
	}
}

func franceNIR() Rule {
	return Rule{
		ID:        "FRANCE_NATIONAL_IDENTIFICATION_NUMBER",
		Name:      "French social security number (NIR)",
		Category:  Personal,
		Countries: []string{"FR"},
		Severity:  AlwaysHigh,
		Form: "13 digits: sex, year, month, department (2A and 2B in Corsica), commune or country, serial, and mostly a key of two digits. " +
			"In the groups of the Carte Vitale, or with a Corsican letter, and with the key it stands for itself; otherwise it needs a keyword",
		Check: "key 97 less the number modulo 97, 2A and 2B read as 19 and 18 (INSEE, décret 82-103); months 01 to 12, 20 to 42 and 50 to 99, " +
			"departments and communes that can be",
		Forms: []Form{
			{Pattern: "9 99 99 9X 999 999 99"},
			{Pattern: "9-99-99-9X-999-999-99"},
			{Pattern: "9.99.99.9X.999.999.99"},
			{Pattern: "999992A99999999"},
			{Pattern: "999999X99999999", NeedKeyword: true},
			{Pattern: "999999X999999 99", NeedKeyword: true},
			{Pattern: "999999X999999-99", NeedKeyword: true},
			{Pattern: "9~99~99~9X~999~999", NeedKeyword: true},
		},
		Valid: validNIR,
		Keywords: wordList(
			"assurance sociale; carte nationale d'identité; cni; code sécurité sociale; french social security number; fssn#; insee",
			"insurance number; national id number; nationalid#; numéro d'assurance; sécurité sociale; sécurité sociale non.",
			"sécurité sociale numéro; social; social security; social security number; socialsecuritynumber; ss#; ssn; ssn#",
			"nir; n° sécu; no sécu; sécu; numéro de sécurité sociale; numéro insee; n° ss; numéro ss; num sécu; carte vitale; immatriculation; nss",
		),
		Priority: PriorityKeyword,
	}
}

// validNIR judges 13 characters, or 15 with the key.
func validNIR(v []byte) bool {
	if v[0] == '0' || v[0] == '5' || v[0] == '6' || v[0] == '9' {
		return false
	}
	if !birthPlaceNIR(v) || !birthMonthNIR(v[3:5]) || allZero(v[10:13]) {
		return false
	}
	if len(v) == 13 {
		return true
	}
	var number [13]byte
	copy(number[:], v)
	switch v[6] {
	case 'A':
		number[5], number[6] = '1', '9'
	case 'B':
		number[5], number[6] = '1', '8'
	}
	key := int(v[13]-'0')*10 + int(v[14]-'0')
	return key == 97-checksum.Mod97(0, number[:])
}

// birthMonthNIR knows the months and the numbers for months unknown.
func birthMonthNIR(v []byte) bool {
	m := int(v[0]-'0')*10 + int(v[1]-'0')
	return 1 <= m && m <= 12 || 20 <= m && m <= 42 || 50 <= m
}

// birthPlaceNIR judges department and commune: 2A and 2B are Corsica, which
// was 20 until 1976, 97 and 98 are overseas with a third digit, 99 is abroad
// with a country.
func birthPlaceNIR(v []byte) bool {
	commune := int(v[7]-'0')*100 + int(v[8]-'0')*10 + int(v[9]-'0')
	switch department := string(v[5:7]); {
	case isLetter(v[6]):
		if department != "2A" && department != "2B" {
			return false
		}
	case department == "00":
		return false
	case department == "20" && v[1] > '7':
		return false
	case department == "97" || department == "98":
		return v[7] != '0' && v[7] != '9' && commune%100 > 0 && commune%100 <= 90
	}
	return 1 <= commune && commune <= 990
}

func franceTaxID() Rule {
	return Rule{
		ID:        "FRANCE_TAX_IDENTIFICATION_NUMBER",
		Name:      "French tax number (numéro fiscal, SPI)",
		Category:  Personal,
		Countries: []string{"FR"},
		Severity:  AlwaysHigh,
		Form:      "13 digits, the first 0 to 3; printed 2-2-3-3-3 it stands for itself, otherwise it needs a keyword (Direction générale des Finances publiques)",
		Check:     "the last three are the first ten modulo 511; not all zero",
		Forms: []Form{
			{Pattern: "99 99 999 999 999"},
			{Pattern: "99.99.999.999.999"},
			{Pattern: "99-99-999-999-999", NeedKeyword: true},
			{Pattern: "9999999999999", NeedKeyword: true},
			{Pattern: "9 999 999 999 999", NeedKeyword: true},
		},
		Valid: validSPI,
		Keywords: wordList(
			"numéro d'identification fiscal; tax id; tax identification number; tax number; tin; tin#",
			"numéro fiscal; numéro fiscal de référence; spi; identifiant fiscal; n° fiscal; no fiscal; référence fiscale; numéro d'identification fiscale; contribuable; nif",
		),
		Priority: PriorityKeyword,
	}
}

func validSPI(v []byte) bool {
	number := 0
	for _, c := range v[:10] {
		number = number*10 + int(c-'0')
	}
	return v[0] <= '3' && number > 0 && number%511 == int(v[10]-'0')*100+twoDigits(v, 11)
}

func franceSIREN() Rule {
	return Rule{
		ID:        "FRANCE_SIREN_SIRET_NUMBER",
		Name:      "French business number (SIREN, SIRET)",
		Category:  Personal,
		Countries: []string{"FR"},
		Severity:  Rising,
		Form:      "9 digits, printed 3-3-3, for a firm or a person in business, and 5 more for one of its places (INSEE, Code de commerce R123-220)",
		Check:     "Luhn, over the first 9 and over all 14; the places of La Poste (356000000) have a sum of digits that 5 divides; not all equal",
		Forms: []Form{
			{Pattern: "999~999~999"},
			{Pattern: "99999999999999"},
			{Pattern: "999~999~999~99999"},
			{Pattern: "999999999~99999"},
		},
		Valid: validSIRET,
		Keywords: wordList(
			"siren; siret; rcs",
			"numéro siren; numéro siret; n° siren; n° siret; r.c.s.; registre du commerce; sirets; sirene; n° tva; tva intracommunautaire",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

// validSIRET judges a SIREN, or a SIRET, which begins with one.
func validSIRET(v []byte) bool {
	firm := v[:9]
	if !checksum.Luhn(firm) || allEqual(firm) {
		return false
	}
	return len(v) == len(firm) || checksum.Luhn(v) || string(firm) == "356000000" && sumOfDigits(v)%5 == 0
}

func sumOfDigits(v []byte) int {
	sum := 0
	for _, c := range v {
		sum += int(c - '0')
	}
	return sum
}
