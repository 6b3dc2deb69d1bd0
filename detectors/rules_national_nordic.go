package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalNordic returns the rules for numbers of Sweden, Norway, Denmark,
// Finland and Iceland.
func nationalNordic() []Rule {
	return []Rule{
		swedenPersonal(),
		swedenOrganisation(),
		norwayNational(),
		norwayAccount(),
		denmarkCPR(),
		finlandHETU(),
		icelandKennitala(),
	}
}

func swedenPersonal() Rule {
	return Rule{
		ID:        "SWEDEN_PERSONAL_IDENTITY_NUMBER",
		Name:      "Swedish personal identity or coordination number",
		Category:  Personal,
		Countries: []string{"SE"},
		Severity:  AlwaysHigh,
		Form: "date of birth as six or eight digits, a hyphen, plus (from the year of the hundredth birthday) or nothing, a serial number not 000, a check digit; " +
			"60 is added to the day of a coordination number; otherwise a letter of TRSUWXJKLMN may stand for the first digit of the serial number (interim numbers). " +
			"With eight digits and a hyphen or plus it stands for itself, otherwise it needs a keyword (Folkbokföringslagen 1991:481; Skatteverket SKV 704)",
		Check: "Luhn over the ten digits without the century, a letter counting 1; a day that exists, in the years from 1800 to 2035. Last four digits that are a " +
			"clock time make a number less certain: dates and times are written in this form too",
		Forms: []Form{
			{Pattern: "99999999-9999"},
			{Pattern: "99999999+9999"},
			{Pattern: "999999-9999", NeedKeyword: true},
			{Pattern: "999999+9999", NeedKeyword: true},
			{Pattern: "9999999999", NeedKeyword: true},
			{Pattern: "999999999999", NeedKeyword: true},
			{Pattern: "999999-A999", NeedKeyword: true},
			{Pattern: "999999+A999", NeedKeyword: true},
			{Pattern: "999999A999", NeedKeyword: true},
			{Pattern: "99999999-A999", NeedKeyword: true},
			{Pattern: "99999999A999", NeedKeyword: true},
		},
		Valid:      validPersonnummer,
		Sure:       func(v []byte) bool { return !isClockTime(v[len(v)-4:]) },
		Confidence: 55,
		Family:     "nordic",
		Keywords: wordList(
			"personnummer; samordningsnummer; personnr; pnr; personal identity number",
			"person nummer; person nr; person-nr; pers.nr; pers nr; persnr; p-nr; personnumret; personnumer; samordningsnr; swedish personal identity number; "+
				"coordination number; personal number; ssn; social security number",
		),
		Priority: PriorityKeyword,
	}
}

// validPersonnummer judges 10 characters, or 12 with the century.
func validPersonnummer(v []byte) bool {
	year, century := v, 20 // of 2000, which has all days
	if len(v) == 12 {
		year, century = v[2:], twoDigits(v, 0)
		if century < 18 || century > 20 || century == 20 && twoDigits(v, 2) > lastYear-2000 {
			return false
		}
	}
	var number [10]byte
	copy(number[:], year)
	day := twoDigits(number[:], 4)
	if c := number[6]; isLetter(c) {
		if strings.IndexByte("TRSUWXJKLMN", c) < 0 {
			return false
		}
		number[6] = '1'
	} else if day > 60 {
		day -= 60
	}
	return exists(century*100+twoDigits(number[:], 0), twoDigits(number[:], 2), day) && !allZero(number[6:9]) && checksum.Luhn(number[:])
}

// isClockTime reports whether four characters are hours and minutes.
func isClockTime(v []byte) bool { return isDigit(v[0]) && twoDigits(v, 0) < 24 && twoDigits(v, 2) < 60 }

func swedenOrganisation() Rule {
	return Rule{
		ID:        "SWEDEN_ORGANISATION_NUMBER",
		Name:      "Swedish organisation number",
		Category:  Personal,
		Countries: []string{"SE"},
		Severity:  Rising,
		Form: "10 digits, printed 6-4, the third 2 or more; 16 may stand before them; that of a sole trader is the personal " +
			"identity number (Lag 1974:174 om identitetsbeteckning för juridiska personer)",
		Check: "Luhn over the ten digits",
		Forms: []Form{{Pattern: "999999-9999"}, {Pattern: "9999999999"}, {Pattern: "99999999-9999"}, {Pattern: "999999999999"}},
		Valid: validOrganisation,
		Keywords: wordList(
			"organisationsnummer; org.nr; orgnr",
			"org nr; org.nr.; org. nr; org-nr; org nummer; organisationsnr; organization number; organisation number; company registration number; bolagsverket; organisationsnumret; org.no",
		),
		NeedKeyword: true,
		Family:      "nordic",
		Priority:    PriorityKeyword,
	}
}

func validOrganisation(v []byte) bool {
	number := v
	if len(v) == 12 && startsWith(v, "16") {
		number = v[2:]
	}
	if len(number) == 12 || number[2] < '2' {
		return validPersonnummer(v)
	}
	return checksum.Luhn(number)
}

func norwayNational() Rule {
	return Rule{
		ID:        "NORWAY_NATIONAL_ID_NUMBER",
		Name:      "Norwegian national identity number (fødselsnummer, D-nummer)",
		Category:  Personal,
		Countries: []string{"NO"},
		Severity:  AlwaysHigh,
		Form: "11 digits, printed 6-5: day, month and year of birth, three digits that tell the century, two check digits; 40 is added to the day of a D number, 40 " +
			"to the month of a hospital's and 80 to that of a synthetic one (Folkeregisterforskriften § 2-2-1; Skatteetaten)",
		Check: "3, 7, 6, 1, 8, 9, 4, 5, 2 times the first nine and 5, 4, 3, 2, 7, 6, 5, 4, 3, 2 times the first ten, eleven less the sums modulo 11, 11 standing for 0 and " +
			"10 for none; a day that exists in the century",
		Forms: []Form{{Pattern: "99999999999"}, {Pattern: "999999~99999"}},
		Valid: validFodselsnummer,
		Keywords: wordList(
			"fødselsnummer; personnummer; fnr; d-nummer",
			"fodselsnummer; foedselsnummer; fødselsnr; fodselsnr; fødselsnumre; personnr; d-nr; d nr; dnr; d nummer; personidentifikator; national identity number; norwegian id; "+
				"fødselsnummeret; ssn",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validFodselsnummer(v []byte) bool {
	day, month, year := twoDigits(v, 0), twoDigits(v, 2), norwegianYear(twoDigits(v, 4), twoDigits(v, 6))
	if day > 40 {
		day -= 40
	}
	if month > 80 {
		month -= 80
	} else if month > 40 {
		month -= 40
	}
	return year > 0 && exists(year, month, day) &&
		digitIs(v[9], checksum.Check11(v, 3, 7, 6, 1, 8, 9, 4, 5, 2)) &&
		digitIs(v[10], checksum.Check11(v, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
}

// norwegianYear returns the year of birth from its last two digits and the
// first two of the individual number, 0 if there is none.
func norwegianYear(yy, individual int) int {
	switch {
	case individual < 50:
		return 1900 + yy
	case yy < 40:
		return 2000 + yy
	case individual >= 90:
		return 1900 + yy
	case individual < 75 && yy >= 54:
		return 1800 + yy
	}
	return 0
}

func norwayAccount() Rule {
	return Rule{
		ID:        "NORWAY_BANK_ACCOUNT_NUMBER_DOMESTIC",
		Name:      "Norwegian bank account number",
		Category:  Financial,
		Countries: []string{"NO"},
		Severity:  AlwaysHigh,
		Form:      "11 digits: register number of the bank, account group, account, check digit, printed 4-2-5 (Bits, the Norwegian financial infrastructure company)",
		Check:     "5, 4, 3, 2, 7, 6, 5, 4, 3, 2 times the first ten, eleven less the sum modulo 11, 11 standing for 0 and 10 for none; not all equal",
		Forms:     []Form{{Pattern: "99999999999"}, {Pattern: "9999~99~99999"}},
		Valid: func(v []byte) bool {
			return digitIs(v[10], checksum.Check11(v, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) && !allEqual(v)
		},
		Keywords:    wordList("kontonummer; kontonr; bankkonto", "konto nr; konto nr.; bankkontonummer; bankkontonr; kontonumre; kontonummeret; norwegian bank account"),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Show:        4,
	}
}

func denmarkCPR() Rule {
	return Rule{
		ID:        "DENMARK_CPR_NUMBER",
		Name:      "Danish civil registration number (CPR)",
		Category:  Personal,
		Countries: []string{"DK"},
		Severity:  AlwaysHigh,
		Form:      "10 digits, printed 6-4: day, month and year of birth, four of a serial number, the first of which tells the century (CPR-kontoret, Personnummeret i CPR)",
		Check: "a day that exists in the century, before 2036. 4, 3, 2, 7, 6, 5, 4, 3, 2, 1 times the digits add up to a multiple of 11 for numbers given before October 2007: " +
			"others are less certain",
		Forms: []Form{{Pattern: "999999-9999"}, {Pattern: "999999 9999"}, {Pattern: "9999999999"}},
		Valid: validCPR,
		Sure:  func(v []byte) bool { return checksum.Weighted(v, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0 },
		Keywords: wordList(
			"cpr; cpr-nummer; cpr nr; personnummer",
			"cprnr; cpr nummer; cpr-nr.; cpr nr.; cpr no; cpr number; personnr; civil registration number; danish personal identification number; cpr-numre",
		),
		NeedKeyword: true,
		Family:      "nordic",
		Priority:    PriorityKeyword,
	}
}

func validCPR(v []byte) bool {
	year := 1900 + twoDigits(v, 4)
	switch c := v[6]; {
	case c <= '3':
	case c == '4' || c == '9':
		if year <= 1936 {
			year += 100
		}
	case year <= 1957:
		year += 100
	default:
		year -= 100
	}
	return year <= lastYear && exists(year, twoDigits(v, 2), twoDigits(v, 0))
}

func finlandHETU() Rule {
	return Rule{
		ID:        "FINLAND_PERSONAL_IDENTITY_CODE",
		Name:      "Finnish personal identity code (henkilötunnus)",
		Category:  Personal,
		Countries: []string{"FI"},
		Severity:  AlwaysHigh,
		Form: "day, month and year of birth, a sign for the century (+ 1800, - or one of UVWXY 1900, one of ABCDEF 2000), three digits from 002 on, a check character " +
			"(Laki väestötietojärjestelmästä 661/2009; Digi- ja väestötietovirasto)",
		Check: "the nine digits modulo 31 choose from 0123456789ABCDEFHJKLMNPRSTUVWXY; a day that exists. Serial numbers from 900 on are temporary ones and tests, and less certain",
		Forms: []Form{{Pattern: "999999-999X"}, {Pattern: "999999+999X"}, {Pattern: "999999A999X"}},
		Valid: validHETU,
		Sure:  func(v []byte) bool { return v[len(v)-4] != '9' },
		Keywords: wordList(
			"henkilötunnus; hetu; sosiaaliturvatunnus; personbeteckning; personal identity code",
			"henkilötunnuksen; henkilötunnukset; henkilönumero; sotu; finnish personal identity code; personbeteckningen; social security number",
		),
		Priority: PriorityCheck + 5,
		Dummies:  []string{"131052308T"}, // the agency's example
	}
}

// validHETU judges 11 characters, or 10 where the sign is no letter: what
// stands for 1800 and 1900 then, which have the same leap years.
func validHETU(v []byte) bool {
	century, serial := 1900, v[6:]
	if len(v) == 11 {
		switch c := v[6]; {
		case 'A' <= c && c <= 'F':
			century = 2000
		case c < 'U' || c > 'Y':
			return false
		}
		serial = v[7:]
	}
	number := 0
	for _, digits := range [2][]byte{v[:6], serial[:3]} {
		for _, c := range digits {
			number = number*10 + int(c-'0')
		}
	}
	return number%1000 >= 2 && exists(century+twoDigits(v, 4), twoDigits(v, 2), twoDigits(v, 0)) &&
		serial[3] == "0123456789ABCDEFHJKLMNPRSTUVWXY"[number%31]
}

func icelandKennitala() Rule {
	return Rule{
		ID:        "ICELAND_KENNITALA_NUMBER",
		Name:      "Icelandic identity number (kennitala)",
		Category:  Personal,
		Countries: []string{"IS"},
		Severity:  AlwaysHigh,
		Form: "10 digits, printed 6-4: day, month and year of birth or foundation, two digits, a check digit, and 8, 9 or 0 for the century; 40 is added to the day of a firm " +
			"(Þjóðskrá)",
		Check:       "3, 2, 7, 6, 5, 4, 3, 2 times the first eight, eleven less the sum modulo 11, 11 standing for 0 and 10 for none; a day that exists",
		Forms:       []Form{{Pattern: "999999-9999"}, {Pattern: "9999999999"}, {Pattern: "999999 9999"}},
		Valid:       validKennitala,
		Keywords:    wordList("kennitala; kt.; kt", "kennitölu; kennitalan; kennitölur; kt nr; kt.nr; icelandic id; kennitalu; ssn"),
		NeedKeyword: true,
		Family:      "nordic",
		Priority:    PriorityKeyword,
	}
}

func validKennitala(v []byte) bool {
	year := 1900 + twoDigits(v, 4)
	switch v[9] {
	case '8':
		year -= 100
	case '9':
	case '0':
		year += 100
	default:
		return false
	}
	day := twoDigits(v, 0)
	if day > 40 {
		day -= 40
	}
	return exists(year, twoDigits(v, 2), day) && digitIs(v[8], checksum.Check11(v, 3, 2, 7, 6, 5, 4, 3, 2))
}
