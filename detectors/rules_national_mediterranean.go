package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalMediterranean returns the rules for numbers of Italy, Malta, Greece
// and Cyprus.
func nationalMediterranean() []Rule {
	return []Rule{
		italyCodiceFiscale(),
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
