package detectors

import "strings"

// passports returns the rules for passports, which are told apart by their
// keywords as licences are.
func passports() []Rule {
	return append(family("passport", Severities{Medium, High, High}, []national{
		{
			id: "USA_PASSPORT_NUMBER", name: "US passport", countries: "US",
			form:     "9 digits, or since 2021 a letter and 8 digits (Department of State)",
			check:    "none exists; not all digits equal, not counted up",
			near:     "999999999|A99999999",
			keywords: "passport; travel document; passport number; passport no; passport card; passports; us passport; american passport; passport book number",
		},
		{
			id: "UK_PASSPORT_NUMBER", name: "UK passport", countries: "GB",
			form:     "9 digits, of old two letters and 7 digits (HM Passport Office)",
			check:    "none exists; not all digits equal, not counted up",
			near:     "999999999|AA9999999",
			keywords: "passeport #; passeport n °; passeport non; passeportn °; passport #; passport no; passport number; passport#; passportid; passport; passports; uk passport; british passport",
		},
		{
			id: "CANADA_PASSPORT_NUMBER", name: "Canadian passport", countries: "CA",
			form:     "two letters and 6 digits, since 2023 a letter, 6 digits and two letters (Immigration, Refugees and Citizenship Canada)",
			check:    "none exists; not all digits equal",
			near:     "AA999999|AA 999999|A999999AA|A 999999 AA",
			keywords: "passeport; passeport#; passport; passport#; passportno; passportno#; numéro de passeport; passport number; passport no; canadian passport; passeport canadien",
		},
		{
			id: "GERMANY_PASSPORT_NUMBER", name: "German passport", countries: "DE",
			form:     "9 characters: C, F, G, H, J or K, letters without vowels and digits, and perhaps the check digit (Passverordnung)",
			check:    "weights 7 3 1 on the characters, letters as 10 to 35, modulo 10 (ICAO Doc 9303-3)",
			near:     "AXXXXXXXX|AXXXXXXXX9",
			valid:    validGermanPassport,
			keywords: "ausstellungsdatum; ausstellungsort; geburtsdatum; passport; passports; reisepass; reisepass–nr; reisepassnummer; reisepassnr; pass-nr; passnummer; pass nr",
		},
		{
			id: "FRANCE_PASSPORT_NUMBER", name: "French passport", countries: "FR",
			form:     "two digits, two letters and 5 digits (décret 2005-1726)",
			check:    "none exists; not all digits equal",
			near:     "99AA99999|99 AA 99999",
			keywords: "numéro de passeport; passeport; passeport #; passeport n °; passeport non; n° de passeport; passeport français; passport; passport number",
		},
		{
			id: "ITALY_PASSPORT_NUMBER", name: "Italian passport", countries: "IT",
			form:     "two letters and 7 digits (legge 1185/1967)",
			check:    "none exists; not all digits equal",
			near:     "AA9999999|AA 9999999",
			keywords: "italian passport number; numéro passeport; numéro passeport italien; passaporto; passaporto italiana; passaporto numero; passport number; repubblica italiana passaporto",
		},
		{
			id: "SPAIN_PASSPORT_NUMBER", name: "Spanish passport", countries: "ES",
			form:     "three letters and 6 digits, of old two letters and 6 digits, perhaps with a letter behind (Real Decreto 896/2003)",
			check:    "none exists; not all digits equal",
			near:     "AAA999999|AAA 999999|AA999999|AA999999A|AAA999999A",
			keywords: "españa pasaporte; libreta pasaporte; número pasaporte; pasaporte; passport; passport book; passport no; passport number; spain passport; número de pasaporte; nº de pasaporte; n.º de pasaporte",
		},
	}), passportZone())
}

// validGermanPassport judges the first letter, the letters in use, and the check
// digit if it is there.
func validGermanPassport(v []byte) bool {
	if strings.IndexByte("CFGHJK", v[0]) < 0 || !drawn(v) || strings.ContainsAny(string(v), "ABDEIOQSU") {
		return false
	}
	return len(v) == 9 || icaoCheck(v[:9]) == v[9]
}
