package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// healthCards returns the rules for the numbers of those who are insured.
func healthCards() []Rule {
	return []Rule{canadaHealth(), europeanHealthCard(), finlandHealthCard(), franceHealth()}
}

func canadaHealth() Rule {
	return Rule{
		ID: "CANADA_HEALTH_NUMBER", Name: "Canadian health number",
		Category: Personal, Countries: []string{"CA"}, Severity: AlwaysHigh, Priority: PriorityKeyword,
		Form: "As the provinces have it: British Columbia, Ontario (with a version of two letters or without) and Nova Scotia 10 digits, Newfoundland 12, Alberta, Manitoba, New Brunswick and Saskatchewan 9, " +
			"Prince Edward Island 8, Québec four letters, date of birth and two digits.",
		Check: "British Columbia: 9 first and eleven less the sum of the next eight digits times 2, 4, 8, 5, 10, 9, 7, 3, modulo 11; Ontario: Luhn; Québec: month (women plus 50) and day exist. " +
			"10 digits pass one of the two unless they begin with 0, as Nova Scotia's do. The others have none that is published.",
		Forms: []Form{
			{Pattern: "9999~999~999"}, {Pattern: "9999~999~999~AA"}, {Pattern: "9999 999 999 AA"}, {Pattern: "9999-999-999 AA"}, {Pattern: "9999999999 AA"}, {Pattern: "9999999999AA"},
			{Pattern: "999~999~999"}, {Pattern: "99999-9999"}, {Pattern: "99999999"}, {Pattern: "999999999999"}, {Pattern: "999 999 999 999"},
			{Pattern: "AAAA~9999~9999"},
		},
		Valid: validCanadaHealth,
		Keywords: wordList(
			"canada healthcare number; msp number; personal healthcare number; phn; soins de santé",
			"health card number; health card no; health card; health number; ohip; ohip number; ramq; carte soleil; nam ramq; medicare number; personal health number; ahcip; ulinkid; mcp number",
			"numéro d'assurance maladie; carte d'assurance maladie",
		),
		NeedKeyword: true,
	}
}

func validCanadaHealth(v []byte) bool {
	if isLetter(v[0]) { // Québec: family name, given name, year, month, day, two more
		month, day := twoDigits(v, 6), twoDigits(v, 8)
		if month > 50 {
			month -= 50
		}
		return isDay(2000, month, day)
	}
	digits := v[:runEnd(v, 0, len(v), digitByte)]
	if allEqual(digits) {
		return false
	}
	if len(digits) != 10 {
		return len(v) == len(digits)
	}
	if len(v) > len(digits) {
		return digits[0] != '0' && checksum.Luhn(digits)
	}
	return digits[0] == '0' || validBritishColumbia(digits) || checksum.Luhn(digits)
}

func validBritishColumbia(v []byte) bool {
	check := 11 - checksum.Weighted(v[1:], 2, 4, 8, 5, 10, 9, 7, 3)%11
	return v[0] == '9' && check < 10 && check == int(v[9]-'0')
}

// europeanHealthForms are the writings of 20 digits.
func europeanHealthForms() []Form {
	return []Form{
		{Pattern: strings.Repeat("9", 20)}, {Pattern: "9999~9999~9999~9999~9999"}, {Pattern: "99999~99999~99999~99999"}, {Pattern: "9999999999~9999999999"},
		{Pattern: "99~999~99999~9999999999"}, {Pattern: "99999 999999999999999"},
	}
}

func europeanHealthCard() Rule {
	return Rule{
		ID: "EUROPEAN_HEALTH_INSURANCE_CARD_NUMBER", Name: "European health insurance card number",
		Category: Personal, Countries: []string{"EU", "GB", "CH", "NO", "IS", "LI"}, Severity: AlwaysHigh, Priority: PriorityKeyword,
		Form:  "20 digits: 80 for health (EN 1867), the country's number of ISO 3166-1, the institution and a serial number (Decision S2 of the Administrative Commission, 2009/C 106/10), in one run or in groups.",
		Check: "The country takes part; the digits behind it are not all zero. Some institutions end in a Luhn digit, which makes the value more certain.",
		Forms: europeanHealthForms(),
		Valid: validEHIC,
		Sure:  checksum.Luhn,
		Keywords: wordList(
			"assicurazione sanitaria numero; carta assicurazione numero; carte d’assurance maladie; carte européenne d'assurance maladie; ceam; ehic; ehic#; finlandehicnumber#; gesundheitskarte",
			"hälsokort; health card; health card number; health insurance card; health insurance number; insurance card number; krankenversicherungskarte; krankenversicherungsnummer",
			"medical account number; numero conto medico; numéro d’assurance maladie; numéro de carte d’assurance; numéro de compte medical; número de cuenta médica; número de seguro de salud",
			"número de tarjeta de seguro; sairaanhoitokortin; sairausvakuutuskortti; sairausvakuutusnumero; sjukförsäkring nummer; sjukförsäkringskort; suomi ehic-numero; tarjeta de salud",
			"terveyskortti; tessera sanitaria assicurazione numero; versicherungsnummer",
			"carte d'assurance maladie; numéro d'assurance maladie; numéro de carte d'assurance; european health insurance card; ehic number; ehic no; ekuz; team; tessera sanitaria; tessera europea di assicurazione malattia",
			"tarjeta sanitaria europea; tse; cartão europeu de seguro de doença; cesd; europäische krankenversicherungskarte; ekvk; egk; europese ziekteverzekeringskaart; ezvk; eu-sygesikringskort; kennnummer der karte",
		),
		NeedKeyword: true,
	}
}

func validEHIC(v []byte) bool {
	return v[0] == '8' && v[1] == '0' && healthCountries.has(v[2:5]) && !allEqual(v[5:])
}

// healthCountries are the numbers of ISO 3166-1 of the states whose insured
// have the card: the European Union, the European Economic Area, Switzerland and,
// with cards of its own that are valid there, the United Kingdom.
var healthCountries = newStringSet(
	"040", "056", "100", "191", "196", "203", "208", "233", "246", "250", "276", "300", "348", "352", "372", "380", "428", "438", "440", "442", "470", "528",
	"578", "616", "620", "642", "703", "705", "724", "752", "756", "826",
)

func finlandHealthCard() Rule {
	return Rule{
		ID: "FINLAND_EUROPEAN_HEALTH_INSURANCE_NUMBER", Name: "European health insurance card number, Finland",
		Category: Personal, Countries: []string{"FI"}, Severity: AlwaysHigh, Priority: PriorityKeyword + 1, // above the rule for all countries
		Form:  "20 digits that begin with 80246 (Kela), in one run or in groups.",
		Check: "The digits behind 80246 are not all equal. A Luhn digit at the end makes the value more certain.",
		Forms: europeanHealthForms(),
		Valid: func(v []byte) bool { return string(v[2:5]) == "246" && validEHIC(v) },
		Sure:  checksum.Luhn,
		Keywords: wordList(
			"ehic; ehic#; finland health insurance card; finlandehicnumber#; finska sjukförsäkringskort; hälsokort; health card; health card number; health insurance card; health insurance number",
			"sairaanhoitokortin; sairausvakuutuskortti; sairausvakuutusnumero; sjukförsäkring nummer; sjukförsäkringskort; suomen sairausvakuutuskortti; suomi ehic-numero; terveyskortti",
			"kela-kortti; kela; eurooppalainen sairaanhoitokortti; sairaanhoitokortti; sairaanhoitokortin numero; europeiskt sjukvårdskort",
		),
		NeedKeyword: true,
	}
}

// franceHealth is the number of franceNIR beside the words for the insured.
func franceHealth() Rule {
	r := franceNIR()
	r.ID = "FRANCE_HEALTH_INSURANCE_NUMBER"
	r.Name = "French health insurance number"
	r.Form = "13 digits and a key of two, or without: the number of the Répertoire (NIR), beside a keyword of the health insurance."
	r.Priority = PriorityKeyword
	r.NeedKeyword = true
	r.Keywords = wordList(
		"carte d'assuré social; carte vitale; insurance card",
		"assurance maladie; numéro d'assuré; n° d'assuré; assuré social; cpam; ameli; sesam-vitale; numéro d'assurance maladie; caisse primaire",
	)
	return r
}
