package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalIberia returns the rules for numbers of Spain and Portugal.
func nationalIberia() []Rule {
	return []Rule{
		spainNIF(), // before the DNI: beside a keyword of both a number is a NIF
		spainDNI(),
		spainNIE(),
		spainCIF(),
		spainSocialSecurity(),
		portugalNIF(),
		portugalCitizenCard(),
		portugalSocialSecurity(),
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
		Valid:  validDNI,
		Family: "spain",
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

func spainNIF() Rule {
	return Rule{
		ID:        "SPAIN_NIF_NUMBER",
		Name:      "Spanish tax number of a person (NIF)",
		Category:  Personal,
		Countries: []string{"ES"},
		Severity:  AlwaysHigh,
		Form: "a DNI; or K, L or M, 7 digits and a control letter, of children, Spaniards abroad and foreigners without a NIE; ES may stand before it. " +
			"The parts are joined by hyphens or not",
		Check: "the number modulo 23 chooses from TRWAGMYFPDXBNJZSQVHLCKE (Real Decreto 1065/2007, articles 19 and 20; Orden INT/2058/2008)",
		Forms: []Form{
			{Pattern: "99.999.999-A"},
			{Pattern: "99.999.999A"},
			{Pattern: "99999999-A"},
			{Pattern: "99999999A"},
			{Pattern: "99999999 A"},
			{Pattern: "9999999A"},
			{Pattern: "A9999999A"},
			{Pattern: "A-9999999-A"},
			{Pattern: "A-9999999A"},
			{Pattern: "A9999999-A"},
			{Pattern: "A 9999999 A"},
			{Pattern: "AA99999999A"},
			{Pattern: "AAA9999999A"},
		},
		Valid:  validNIF,
		Family: "spain",
		Keywords: wordList(spanishTaxWords,
			"n.i.f.; nif no; nif número; número fiscal; identificación fiscal; agencia tributaria; nif/cif; nifs",
		),
		NeedKeyword: true,
		Priority:    PriorityCheck, // as the DNI has: its family decides
	}
}

// spanishTaxWords are the keywords that Macie has for all of Spain's tax numbers.
const spanishTaxWords = "cif; cif número; cifnúmero#; nie; nif; número de contribuyente; número de identidad de extranjero; número de identificación fiscal; " +
	"número de impuesto corporativo; personal tax number; tax id; tax identification number; tax number; tin; tin#"

func validNIF(v []byte) bool {
	if len(v) == len("ES99999999A") {
		if !startsWith(v, "ES") {
			return false
		}
		v = v[2:]
	}
	switch last := len(v) - 1; {
	case isDigit(v[0]):
		return validDNI(v)
	case last == 8 && 'K' <= v[0] && v[0] <= 'M':
		return checksum.Letter23(v[1:8]) == v[8] && !allZero(v[1:8])
	}
	return false
}

func spainCIF() Rule {
	return Rule{
		ID:        "SPAIN_TAX_IDENTIFICATION_NUMBER",
		Name:      "Spanish tax number of an entity (CIF)",
		Category:  Personal,
		Countries: []string{"ES"},
		Severity:  AlwaysHigh,
		Form: "a letter of ABCDEFGHJNPQRSUVW for the kind of entity, 7 digits and a control digit or letter; ES may stand before it " +
			"(Orden EHA/451/2008)",
		Check: "Luhn over the 7 digits; the control is its digit or the letter of JABCDEFGHI that it chooses; the digits are not all zero",
		Forms: []Form{
			{Pattern: "A9999999X"},
			{Pattern: "A-9999999X"},
			{Pattern: "A-9999999-X"},
			{Pattern: "A9999999-X"},
			{Pattern: "A 9999999X"},
			{Pattern: "A-99.999.999"},
			{Pattern: "AAA9999999X"},
			{Pattern: "AA A-9999999X"},
		},
		Valid:  validCIF,
		Family: "spain",
		Keywords: wordList(spanishTaxWords,
			"c.i.f.; código de identificación fiscal; identificación fiscal; cif/nif; nif/cif; n.i.f.; cif no; registro mercantil; cifs; vat; vat number; nif iva",
		),
		NeedKeyword: true,
		Priority:    PriorityCheck, // as the DNI has: its family decides
	}
}

func validCIF(v []byte) bool {
	if len(v) == len("ESA99999999") {
		if !startsWith(v, "ES") {
			return false
		}
		v = v[2:]
	}
	if strings.IndexByte("ABCDEFGHJNPQRSUVW", v[0]) < 0 || allZero(v[1:8]) {
		return false
	}
	control := (10 - checksum.CrossSum(v[1:8], 2, 1, 2, 1, 2, 1, 2)%10) % 10
	return digitIs(v[8], control) || v[8] == "JABCDEFGHI"[control]
}

func spainSocialSecurity() Rule {
	return Rule{
		ID:        "SPAIN_SOCIAL_SECURITY_NUMBER",
		Name:      "Spanish social security number (NSS, NAF)",
		Category:  Personal,
		Countries: []string{"ES"},
		Severity:  AlwaysHigh,
		Form:      "12 digits: province, 8 of the serial number, two check digits, joined by spaces, hyphens or slashes or not at all",
		Check: "the number of province and serial modulo 97, the serial as 7 digits where it is below ten million (Tesorería General de la " +
			"Seguridad Social); neither is 0",
		Forms: []Form{
			{Pattern: "99~99999999~99"},
			{Pattern: "99~9999999999"},
			{Pattern: "99/99999999/99"},
			{Pattern: "99/9999999999"},
			{Pattern: "9999999999/99"},
		},
		Valid: validSpanishNSS,
		Keywords: wordList(
			"número de la seguridad social; social security no.; social security number; socialsecurityno#; ssn; ssn#",
			"nss; número de seguridad social; número de afiliación; nuss; naf; n.s.s.; n.a.f.; seguridad social; nº seguridad social; nº afiliación; núm. seg. social",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validSpanishNSS(v []byte) bool {
	if allZero(v[:2]) || allZero(v[2:10]) {
		return false
	}
	province, serial := v[:2], v[2:10]
	if serial[0] == '0' { // one of the digits of old numbers is not there
		serial = serial[1:]
	}
	return checksum.Mod97(checksum.Mod97(0, province), serial) == twoDigits(v, 10)
}

func portugalNIF() Rule {
	return Rule{
		ID:        "PORTUGAL_NIF_NUMBER",
		Name:      "Portuguese tax number (NIF, NIPC)",
		Category:  Personal,
		Countries: []string{"PT"},
		Severity:  AlwaysHigh,
		Form: "9 digits, printed 3-3-3, the first 1, 2, 3, 5, 6, 8 or 9, or the first two 45, 70, 71, 72, 74, 75, 77 or 79; PT may stand before them " +
			"(Decreto-Lei 14/2013)",
		Check: "the first eight times 9 to 2, eleven less the sum modulo 11, 10 and 11 giving 0; not all equal",
		Forms: []Form{
			{Pattern: "999~999~999"},
			{Pattern: "AA999999999"},
			{Pattern: "AA 999 999 999"},
			{Pattern: "AA 999999999"},
		},
		Valid: validPortugueseNIF,
		Keywords: wordList(
			"nif; contribuinte; número de contribuinte; nif/nipc; número de identificação fiscal",
			"nipc; n.º contribuinte; nº contribuinte; n.º de contribuinte; número fiscal; identificação fiscal; n.i.f.; número de pessoa coletiva; portuguese tax number",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		// The number of a buyer without one, and the number of example invoices.
		Dummies: []string{"999999990", "PT999999990", "123456789", "PT123456789"},
	}
}

func validPortugueseNIF(v []byte) bool {
	if len(v) == len("PT999999999") {
		if !startsWith(v, "PT") {
			return false
		}
		v = v[2:]
	}
	switch v[0] {
	case '1', '2', '3', '5', '6', '8', '9':
	case '4':
		if v[1] != '5' {
			return false
		}
	case '7':
		if strings.IndexByte("0124579", v[1]) < 0 {
			return false
		}
	default:
		return false
	}
	check := checksum.Check11(v, 9, 8, 7, 6, 5, 4, 3, 2)
	return digitIs(v[8], check%10) && !allEqual(v)
}

func portugalCitizenCard() Rule {
	return Rule{
		ID:        "PORTUGAL_CITIZEN_CARD_NUMBER",
		Name:      "Portuguese citizen card number (cartão de cidadão)",
		Category:  Personal,
		Countries: []string{"PT"},
		Severity:  AlwaysHigh,
		Form:      "the 8 digits and check digit of the civil number, two letters or digits for the issue, not both digits, and a check digit, printed 8 9 XX9",
		Check: "Luhn over the 12 characters, letters counting 10 to 35 (Autoridade de Certificação do Cartão de Cidadão, " +
			"Validação de Número de Documento)",
		Forms: []Form{
			{Pattern: "99999999 9 XX9"},
			{Pattern: "99999999 9XX9"},
			{Pattern: "99999999-9XX9"},
			{Pattern: "99999999-9-XX9"},
			{Pattern: "999999999 XX9"},
			{Pattern: "999999999XX9"},
		},
		Valid: validCitizenCard,
		Keywords: wordList(
			"cartão de cidadão; número de documento; bilhete de identidade",
			"cartão do cidadão; cartão cidadão; nº cc; n.º cc; cc nº; cc n.º; nº documento; n.º documento; documento de identificação; citizen card; n.º de cc; nº bi; n.º bi",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"000000000ZZ4", "000000000ZA4"}, // of the agency's description
	}
}

func validCitizenCard(v []byte) bool {
	sum := 0
	for i, c := range v {
		n := int(c - '0')
		if isLetter(c) {
			n = int(c-'A') + 10
		}
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0 && (isLetter(v[9]) || isLetter(v[10]))
}

func portugalSocialSecurity() Rule {
	return Rule{
		ID:        "PORTUGAL_SOCIAL_SECURITY_NUMBER",
		Name:      "Portuguese social security number (NISS)",
		Category:  Personal,
		Countries: []string{"PT"},
		Severity:  AlwaysHigh,
		Form:      "11 digits, the first 1 for a person or 2 for an entity (Instituto da Segurança Social)",
		Check:     "the first ten times the primes from 29 down to 2, nine less the sum modulo 10; not all equal",
		Forms:     []Form{{Pattern: "99999999999"}, {Pattern: "999~999~999~99"}, {Pattern: "9~999~999~999~9"}},
		Valid: func(v []byte) bool {
			sum := checksum.Weighted(v, 29, 23, 19, 17, 13, 11, 7, 5, 3, 2)
			return (v[0] == '1' || v[0] == '2') && digitIs(v[10], 9-sum%10) && !allEqual(v)
		},
		Keywords: wordList(
			"niss; segurança social; número de identificação da segurança social",
			"nº segurança social; n.º segurança social; número da segurança social; número de beneficiário; nº beneficiário; n.º beneficiário; n.i.s.s.",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}
