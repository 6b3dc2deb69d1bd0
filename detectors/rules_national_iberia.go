package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalIberia returns the rules for numbers of Spain and Portugal.
func nationalIberia() []Rule {
	return []Rule{
		spainDNI(),
		spainNIE(),
	}
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
