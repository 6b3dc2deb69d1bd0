package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalBenelux returns the rules for numbers of Belgium, the Netherlands
// and Luxembourg.
func nationalBenelux() []Rule {
	return []Rule{
		netherlandsBSN(),
		belgiumNational(),
		luxembourgNational(),
	}
}

func netherlandsBSN() Rule {
	return Rule{
		ID:        "NETHERLANDS_BSN_NUMBER",
		Name:      "Dutch citizen service number (BSN)",
		Category:  Personal,
		Countries: []string{"NL"},
		Severity:  AlwaysHigh,
		Form:      "9 digits, printed 4-2-3 or 3-3-3; 8 where the leading zero is lost (Wet algemene bepalingen burgerservicenummer)",
		Check:     "the \"elfproef\": 9, 8, 7, 6, 5, 4, 3, 2 and -1 times the digits add up to a multiple of 11; not all equal",
		Forms:     []Form{{Pattern: "999999999"}, {Pattern: "9999~99~999"}, {Pattern: "999~999~999"}, {Pattern: "99999999"}},
		Valid:     validBSN,
		Keywords: wordList(
			"bsn; burgerservicenummer; sofinummer; sofi; citizen service number",
			"bsn nummer; bsn nr; bsnnr; bsn no; burger service nummer; burgerservice nr; sofi nummer; sofi nr; sociaal-fiscaal nummer; bsns; dutch bsn",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"111222333", "123456782"}, // of many a Dutch form and manual
	}
}

func validBSN(v []byte) bool {
	last := len(v) - 1
	weights := []int{9, 8, 7, 6, 5, 4, 3, 2, -1}
	return checksum.Weighted(v, weights[8-last:]...)%11 == 0 && !allEqual(v)
}

func belgiumNational() Rule {
	return Rule{
		ID:        "BELGIUM_NATIONAL_NUMBER",
		Name:      "Belgian national register number (rijksregisternummer, BIS)",
		Category:  Personal,
		Countries: []string{"BE"},
		Severity:  AlwaysHigh,
		Form: "11 digits: year, month and day of birth, a serial number not 000, two check digits; the month of a BIS number is 20 or 40 more, that of a date " +
			"unknown is 0, as may be the day. Printed 99.99.99-999.99 it stands for itself, otherwise it needs a keyword (Koninklijk besluit 3 April 1984)",
		Check: "97 less the first nine digits modulo 97, with a 2 before them for those born from 2000 on; a day that exists, before 2036",
		Forms: []Form{
			{Pattern: "99.99.99-999.99"},
			{Pattern: "99999999999", NeedKeyword: true},
			{Pattern: "99~99~99~999~99", NeedKeyword: true},
			{Pattern: "999999~999~99", NeedKeyword: true},
			{Pattern: "999999-999.99", NeedKeyword: true},
			{Pattern: "99.99.99 999.99", NeedKeyword: true},
			{Pattern: "99/99/99-999.99", NeedKeyword: true},
		},
		Valid: validBelgian,
		Keywords: wordList(
			"rijksregisternummer; rrn; insz; numéro national; niss; registre national; nationalregisternummer",
			"rijksregisternr; rijksregister; numéro de registre national; n° national; n° registre national; nationaal nummer; insz nummer; bis nummer; bisnummer",
			"numéro bis; numéro de sécurité sociale; nationalregister; identificatienummer; numéro d'identification; belgian national number",
		),
		Priority: PriorityKeyword,
	}
}

func validBelgian(v []byte) bool {
	if allZero(v[6:9]) {
		return false
	}
	check, year := twoDigits(v, 9), twoDigits(v, 0)
	return check == 97-checksum.Mod97(0, v[:9]) && belgianBirth(1900+year, v) ||
		check == 97-checksum.Mod97(2, v[:9]) && belgianBirth(2000+year, v)
}

// belgianBirth judges the date in v for that year.
func belgianBirth(year int, v []byte) bool {
	month, day := twoDigits(v, 2), twoDigits(v, 4)
	if month >= 60 || year > lastYear {
		return false
	}
	month %= 20
	return day == 0 && month <= 12 || month == 0 && day <= 31 || exists(year, month, day)
}

func luxembourgNational() Rule {
	return Rule{
		ID:        "LUXEMBOURG_NATIONAL_ID_NUMBER",
		Name:      "Luxembourg identification number (matricule)",
		Category:  Personal,
		Countries: []string{"LU"},
		Severity:  AlwaysHigh,
		Form:      "13 digits: date of birth with its century, three digits, two check digits (Loi du 19 juin 2013)",
		Check:     "Luhn over the first twelve; Verhoeff over the first eleven and the thirteenth; a date from 1800 to 2099",
		Forms: []Form{
			{Pattern: "9999999999999"},
			{Pattern: "9999~99~99~99999"},
			{Pattern: "99999999~99999"},
			{Pattern: "9999~99~99~999~99"},
		},
		Valid: validMatricule,
		Keywords: wordList(
			"matricule; numéro d'identification national; identifikationsnummer",
			"numéro matricule; matricule national; numéro de matricule; n° matricule; matrikel; matrikelnummer; national identification number; numéro de sécurité sociale",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validMatricule(v []byte) bool {
	century := twoDigits(v, 0)
	if century < 18 || century > 20 || !exists(century*100+twoDigits(v, 2), twoDigits(v, 4), twoDigits(v, 6)) {
		return false
	}
	second := [12]byte{11: v[12]}
	copy(second[:11], v)
	return checksum.Luhn(v[:12]) && checksum.Verhoeff(second[:])
}
