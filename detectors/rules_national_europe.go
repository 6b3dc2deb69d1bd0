package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalEurope returns the rules for numbers that European states give to
// people.
func nationalEurope() []Rule {
	return []Rule{
		ukNationalInsurance(),
		ukNHS(),
		spainDNI(),
		spainNIE(),
		italyCodiceFiscale(),
		franceNIR(),
		germanyTaxID(),
	}
}

func ukNationalInsurance() Rule {
	return Rule{
		ID:        "UK_NATIONAL_INSURANCE_NUMBER",
		Name:      "National Insurance number",
		Category:  Personal,
		Countries: []string{"GB"},
		Severity:  AlwaysHigh,
		Form: "two letters, six digits and a letter A to D, in one run or in pairs; the prefix letters without D F I Q U V, the second " +
			"also without O, and not BG GB KN NK NT TN ZZ (HM Revenue & Customs, National Insurance Manual NIM39110); " +
			"in one run, or without the last letter, only beside a keyword",
		Check: "none exists; the prefixes are the check",
		Forms: []Form{
			{Pattern: "AA 99 99 99 A"},
			{Pattern: "AA-99-99-99-A"},
			{Pattern: "AA.99.99.99.A"},
			{Pattern: "AA 999999 A"},
			{Pattern: "AA 999999A"},
			{Pattern: "AA999999A", NeedKeyword: true},
			{Pattern: "AA999999 A", NeedKeyword: true},
			{Pattern: "AA~99~99~99", NeedKeyword: true},
			{Pattern: "AA 999999", NeedKeyword: true},
		},
		Valid: validNINO,
		Keywords: wordList(
			"insurance no.; insurance number; insurance#; national insurance number; nationalinsurance#; nationalinsurancenumber; nin; nino",
			"national insurance; national insurance no; ni number; ni no; ni num; n.i. number; ni#; hmrc",
		),
		Priority: PriorityRange + 5,
	}
}

func validNINO(v []byte) bool {
	for _, c := range v[:2] {
		switch c {
		case 'D', 'F', 'I', 'Q', 'U', 'V':
			return false
		}
	}
	switch string(v[:2]) {
	case "BG", "GB", "KN", "NK", "NT", "TN", "ZZ":
		return false
	}
	return v[1] != 'O' && (len(v) == 8 || v[8] <= 'D')
}

func ukNHS() Rule {
	return Rule{
		ID:        "UK_NHS_NUMBER",
		Name:      "NHS number",
		Category:  Personal,
		Countries: []string{"GB"},
		Severity:  AlwaysHigh,
		Form:      "10 digits, printed 3-3-4 (NHS Data Dictionary, NHS NUMBER); a Scottish CHI number has the same check",
		Check:     "the first nine times 10 to 2, eleven less the sum modulo 11, 11 standing for 0 and 10 for none; not all equal",
		Forms:     []Form{{Pattern: "999~999~9999"}},
		Valid:     validNHS,
		Keywords: wordList(
			"national health service; nhs",
			"nhs number; nhs no; nhs num; nhs id; health service number; chi number; chi no; hospital number; patient id; patient number",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validNHS(v []byte) bool {
	r := 11 - checksum.Weighted(v, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11
	return r%11 == int(v[9]-'0') && !allEqual(v)
}

func allEqual(v []byte) bool {
	for _, c := range v {
		if c != v[0] {
			return false
		}
	}
	return true
}

func spainDNI() Rule {
	return Rule{
		ID:        "SPAIN_DNI_NUMBER",
		Name:      "Spanish identity card number (DNI)",
		Category:  Personal,
		Countries: []string{"ES"},
		Severity:  AlwaysHigh,
		Form: "8 digits and a control letter; 7 digits where the leading zero is lost. With a hyphen or dots as printed it stands for " +
			"itself, otherwise it needs a keyword. 99999999 and zeros are placeholders",
		Check: "the number modulo 23 chooses from TRWAGMYFPDXBNJZSQVHLCKE (Real Decreto 1553/2005)",
		Forms: []Form{
			{Pattern: "99.999.999-A"},
			{Pattern: "99.999.999A"},
			{Pattern: "99999999-A"},
			{Pattern: "99999999A", NeedKeyword: true},
			{Pattern: "99999999 A", NeedKeyword: true},
			{Pattern: "99 999 999 A", NeedKeyword: true},
			{Pattern: "9999999-A", NeedKeyword: true},
			{Pattern: "9999999A", NeedKeyword: true},
		},
		Valid: validDNI,
		Keywords: wordList(
			"dni; dni#; dninúmero#; documento nacional de identidad; identidad único; identidadúnico#; insurance number",
			"national identification number; national identity; nationalid#; nationalidno#; número nacional identidad",
			"personal identification number; personal identity no; unique identity number; uniqueid#",
			"d.n.i.; nif; n.i.f.; documento de identidad; número de identidad; documento; titular; cédula; contribuyente",
		),
		Priority: PriorityCheck,
	}
}

func validDNI(v []byte) bool {
	number := v[:len(v)-1]
	return checksum.Letter23(number) == v[len(v)-1] && !allZero(number) && string(number) != "99999999"
}

func allZero(v []byte) bool { return v[0] == '0' && allEqual(v) }

func spainNIE() Rule {
	return Rule{
		ID:        "SPAIN_NIE_NUMBER",
		Name:      "Spanish identity number of a foreigner (NIE)",
		Category:  Personal,
		Countries: []string{"ES"},
		Severity:  AlwaysHigh,
		Form:      "X, Y or Z, 7 digits and a control letter, the parts joined by hyphens or not",
		Check: "X, Y, Z read as 0, 1, 2, the number modulo 23 chooses from TRWAGMYFPDXBNJZSQVHLCKE (Orden INT/2058/2008); " +
			"the digits are not all zero",
		Forms: []Form{
			{Pattern: "A9999999A"},
			{Pattern: "A-9999999-A"},
			{Pattern: "A-9999999A"},
			{Pattern: "A9999999-A"},
			{Pattern: "A 9999999 A"},
			{Pattern: "A-9.999.999-A"},
		},
		Valid:    validNIE,
		Priority: PriorityCheck,
	}
}

func validNIE(v []byte) bool {
	if v[0] < 'X' || v[0] > 'Z' || allZero(v[1:8]) {
		return false
	}
	number := [8]byte{v[0] - 'X' + '0'}
	copy(number[1:], v[1:8])
	return checksum.Letter23(number[:]) == v[8]
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
