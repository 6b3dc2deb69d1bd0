package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalNorthAmerica returns the rules for numbers of Mexico, Central America
// and the Caribbean, and those of the United States and Canada that are not in
// rules_national_americas.go.
func nationalNorthAmerica() []Rule {
	return append(rules([]national{
		{
			id: "MEXICO_CURP_NUMBER", name: "Mexican population code (CURP)", countries: "MX",
			form: "18 characters: four letters of the name, date of birth, sex, state, three consonants, a character for the century, a check digit " +
				"(Instructivo Normativo para la Asignación de la CURP, 2021)",
			check: "0 to 9, A to Z with Ñ as 0 to 36, weights 18 to 2: what is missing to a multiple of ten; the date and the state exist",
			alone: "AAAA999999AAAAAAX9", valid: validCURP,
			keywords: "clave personal identidad; clave única; clave única de registro de población; clavepersonalidentidad; curp; registration code; registry code; " +
				"personal identidad clave; population code",
		}, {
			id: "MEXICO_NSS_NUMBER", name: "Mexican social security number (NSS)", countries: "MX",
			form:     "11 digits, printed 2-2-2-4-1 (Ley del Seguro Social)",
			check:    "Luhn; not all equal",
			near:     "99999999999|99-99-99-9999-9|99 99 99 9999 9",
			valid:    func(v []byte) bool { return checksum.Luhn(v) && !allEqual(v) && value(v, 0, 10) != 0 },
			keywords: "nss; n.s.s.; imss; número de seguridad social; número de afiliación; no. de seguridad social; seguro social",
		}, {
			id: "MEXICO_CLABE_NUMBER", name: "Mexican bank account (CLABE)", countries: "MX",
			form:     "18 digits: bank, place, account, check digit (Asociación de Bancos de México)",
			check:    "each digit times 3, 7 or 1 modulo 10: what is missing to a multiple of ten; the bank is not 000",
			near:     "999999999999999999|999 999 99999999999 9|999-999-99999999999-9|9999 9999 9999 9999 99",
			valid:    validCLABE,
			category: Financial, dummies: []string{"032180000118359719"},
			keywords: "clabe; clabe interbancaria; cuenta clabe; clave bancaria estandarizada; clabe no; clabe nº",
		}, {
			id: "DOMINICAN_REPUBLIC_CEDULA_NUMBER", name: "Dominican identity card (cédula)", countries: "DO",
			form:  "11 digits, printed 3-7-1 (Junta Central Electoral)",
			check: "Luhn, which some hundred cards do not keep; not all equal",
			near:  "999-9999999-9|99999999999|999 9999999 9", sure: checksum.Luhn,
			valid:    func(v []byte) bool { return !allEqual(v) && value(v, 0, 3) != 0 },
			keywords: "cédula; cédula de identidad; cédula de identidad y electoral; cedula dominicana; jce; no cédula; cédula no",
		}, {
			id: "CUBA_NATIONAL_ID_NUMBER", name: "Cuban identity card (carné de identidad)", countries: "CU",
			form:     "11 digits: date of birth, century, serial and sex (Dirección de Identificación, Inmigración y Extranjería)",
			check:    "none is public; the date exists in the century of the seventh digit",
			near:     "99999999999",
			valid:    validCuba,
			keywords: "carné de identidad; carnet de identidad; número de identidad; no. identidad; carné identidad; ci",
		}, {
			id: "GUATEMALA_NIT_NUMBER", name: "Guatemalan tax number (NIT)", countries: "GT",
			form:  "up to 8 digits and a check character behind a hyphen (Superintendencia de Administración Tributaria)",
			check: "from the right weights 2, 3, 4 and so on: what is missing to a multiple of eleven, ten as K",
			near:  "99999999-X|9999999-X|999999-X|99999-X|9999-X|999999X|9999999X|99999999X", valid: validGuatemala,
			keywords: "nit; n.i.t.; número de identificación tributaria; nit guatemala; nit no", severity: Rising,
		}, {
			id: "EL_SALVADOR_NIT_NUMBER", name: "Salvadoran tax number (NIT)", countries: "SV",
			form:  "14 digits, printed 4-6-3-1, the first 0, 1 or 9 (Ley del Registro y Control Especial de Contribuyentes)",
			check: "with a serial up to 100 weights 14 to 2 modulo 11 modulo 10, otherwise 2, 7 to 2, 7 to 2 what is missing to a multiple of eleven, modulo 10",
			near:  "9999-999999-999-9|99999999999999", valid: validSalvador,
			keywords: "nit; n.i.t.; número de identificación tributaria; dui; nit no; nit el salvador",
		}, {
			id: "USA_EMPLOYER_IDENTIFICATION_NUMBER", name: "US employer identification number (EIN)", countries: "US",
			form:  "9 digits, printed 2-7 (Internal Revenue Service, Publication 1635)",
			check: "none exists; the first two digits are not 00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97; not 12-3456789",
			near:  "99-9999999|999999999",
			valid: func(v []byte) bool {
				return !strings.Contains(" 00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97 ", " "+string(v[:2])+" ") && !allEqual(v[2:])
			},
			keywords: "ein; ein number; ein no; employer identification number; employer id number; federal tax id; federal tax id number; federal ein; fein; tax id; tax id number; taxpayer identification number; irs number",
			dummies:  []string{"123456789"}, severity: Rising,
		}, {
			id: "USA_ADOPTION_TAXPAYER_NUMBER", name: "US adoption taxpayer number (ATIN)", countries: "US",
			form:     "9 digits, 9xx-93-xxxx (Internal Revenue Service, Form W-7A)",
			check:    "none exists; the group is 93, the serial not 0000",
			near:     "999-99-9999|999999999|999 99 9999",
			valid:    func(v []byte) bool { return v[0] == '9' && string(v[3:5]) == "93" && value(v, 5, 4) != 0 },
			keywords: "atin; adoption taxpayer; adoption taxpayer identification number; adoption tax id; w-7a",
		}, {
			id: "USA_PREPARER_TAX_NUMBER", name: "US tax preparer number (PTIN)", countries: "US",
			form:     "P and 8 digits (Internal Revenue Service, Form W-12)",
			check:    "none exists; not all zero",
			near:     "P99999999|P-99999999|P 99999999",
			valid:    func(v []byte) bool { return value(v, 1, 8) != 0 },
			keywords: "ptin; preparer tax identification; preparer tax identification number; preparer's tax id; tax preparer", severity: Rising,
		}, {
			id: "CANADA_BUSINESS_NUMBER", name: "Canadian business number (BN)", countries: "CA",
			form:  "9 digits, and mostly one of RC RM RP RR RT RZ for the account and four more (Canada Revenue Agency)",
			check: "Luhn over nine digits; not all equal, no power of two",
			near: "999999999AA9999|999999999 AA9999|999999999 AA 9999|99999 9999 AA9999|99999 9999 AA 9999|99999-9999 AA 9999|99999-9999-AA9999|999999999-AA-9999|" +
				"999999999-AA9999|999 999 999 AA 9999|999999999|99999 9999|999 999 999|99999-9999",
			valid:    validCanadaBN,
			keywords: "business number; business no; bn; bn number; bn no; cra bn; bn/ne; gst/hst; gst number; hst number; gst no; cra business number; numéro d'entreprise; cra account",
			severity: Rising,
		}, {
			id: "CANADA_BANK_TRANSIT_NUMBER", name: "Canadian bank transit number", countries: "CA",
			form:  "branch of 5 digits and institution of 3, or 0, institution and branch (Payments Canada, Rule F1)",
			check: "none exists; the institution is in a range that is given out (Payments Canada, Financial Institutions Branch Directory), the branch not all equal; nine digits that are a US routing number are not one",
			near:  "99999-999|0999-99999|099999999|99999 999",
			valid: validTransit, category: Financial,
			keywords: "transit number; transit no; transit #; institution number; institution no; routing number; bank routing; numéro de transit; numéro d'institution",
			severity: Rising,
		}, {
			id: "CANADA_NATIONAL_IDENTIFICATION_NUMBER", name: "Canadian permanent resident number", countries: "CA",
			form:  "of the card two letters and 7 to 10 digits, of the client (UCI) 8 or 10 digits, printed 4-4 or 2-4-4 (Immigration, Refugees and Citizenship Canada)",
			check: "none exists; not all digits equal",
			near:  "AA9999999999|AA999999999|AA99999999|AA9999999|99999999|9999999999|9999-9999|99-9999-9999",
			valid: func(v []byte) bool { return !allEqual(v[2:]) },
			keywords: "carte résident permanent; numéro carte résident permanent; numéro résident permanent; permanent resident card; permanent resident card number; " +
				"permanent resident no; permanent resident no.; permanent resident number; pr no; pr no.; pr non; pr number; résident permanent no.; résident permanent non; uci; client id uci; unique client identifier",
		},
	}), mexicoRFC(4), mexicoRFC(3))
}

func validCLABE(v []byte) bool {
	sum := 0
	for i := range 17 {
		sum += digit(v, i) * [...]int{3, 7, 1}[i%3] % 10
	}
	return (10-sum%10)%10 == digit(v, 17) && value(v, 0, 3) != 0
}

func validCuba(v []byte) bool {
	century := 19
	switch {
	case v[6] == '9':
		century = 18
	case v[6] >= '6':
		century = 20
	}
	return born(v, 0, century) && !allEqual(v[7:])
}

func validGuatemala(v []byte) bool {
	n, sum := len(v)-1, 0
	for i := range n {
		sum += digit(v, n-1-i) * (i + 2)
	}
	return "0K987654321"[sum%11] == v[n] && v[0] != '0' && !allEqual(v[:n])
}

func validSalvador(v []byte) bool {
	if v[0] > '1' && v[0] != '9' {
		return false
	}
	if value(v, 10, 3) <= 100 {
		return checksum.Weighted(v, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11%10 == digit(v, 13) && !allEqual(v)
	}
	return (11-checksum.Weighted(v, 2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%11%10 == digit(v, 13)
}

func validCanadaBN(v []byte) bool {
	if len(v) > 9 && (v[9] != 'R' || strings.IndexByte("CMPRTZ", v[10]) < 0) {
		return false
	}
	return checksum.Luhn(v[:9]) && !allEqual(v[:9]) && !isPowerOfTwo(v[:9])
}

// isPowerOfTwo tells the flags in programs, whose minified names may be keywords.
func isPowerOfTwo(v []byte) bool {
	n := value(v, 0, len(v))
	return n&(n-1) == 0
}

// validTransit knows the ranges in which Payments Canada numbers institutions:
// banks from 1 and from 240 on, trust companies from 500 and cooperatives from 800
// on. It refuses what is a routing number of the United States.
func validTransit(v []byte) bool {
	institution, branch := value(v, len(v)-3, 3), v[:5]
	if len(v) == 9 {
		institution, branch = value(v, 1, 3), v[4:]
		if checksum.Weighted(v, 3, 7, 1, 3, 7, 1, 3, 7, 1)%10 == 0 && value(v, 0, 2) <= 12 {
			return false
		}
	}
	switch i := institution; {
	case 1 <= i && i <= 39, 240 <= i && i <= 379, 500 <= i && i <= 629, 800 <= i && i <= 899:
	case i == 117, i == 127, i == 177, i == 219:
	default:
		return false
	}
	return !allEqual(branch)
}
