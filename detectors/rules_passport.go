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
			keywords: "passport; travel document; passport number; passport no; passport card; passport; travel document; passport number; passport no; passport card; us passport; passport book number",
		},
		{
			id: "UK_PASSPORT_NUMBER", name: "UK passport", countries: "GB",
			form:     "9 digits, of old two letters and 7 digits (HM Passport Office)",
			check:    "none exists; not all digits equal, not counted up",
			near:     "999999999|AA9999999",
			keywords: "passeport #; passeport n °; passeport non; passeportn °; passport #; passport no; passport number; passport#; passportid",
		},
		{
			id: "CANADA_PASSPORT_NUMBER", name: "Canadian passport", countries: "CA",
			form:     "two letters and 6 digits, since 2023 a letter, 6 digits and two letters (Immigration, Refugees and Citizenship Canada)",
			check:    "none exists; not all digits equal",
			near:     "AA999999|AA 999999|A999999AA",
			keywords: "passeport; passeport#; passport; passport#; passportno; passportno#; numéro de passeport; passport number; passport no",
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
			form:     "three letters and 6 digits, of old two letters and 6 digits (Real Decreto 896/2003)",
			check:    "none exists; not all digits equal",
			near:     "AAA999999|AAA 999999|AA999999|AAA999999A",
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

// icaoCheck is the check digit of ICAO Doc 9303-3, 4.9: weights 7 3 1, '<' as 0.
func icaoCheck(v []byte) byte {
	sum := 0
	for i, c := range v {
		if c != '<' {
			sum += [...]int{7, 3, 1}[i%3] * alnumValue(c)
		}
	}
	return '0' + byte(sum%10)
}

// passportZone is the machine readable zone of passports and identity cards.
func passportZone() Rule {
	return Rule{
		ID:       "PASSPORT_MRZ",
		Name:     "Machine readable zone of a passport or identity card",
		Category: Personal,
		Severity: AlwaysHigh,
		Form: "the second line of the zone, with letters, digits and '<': 44 characters of a passport (TD3), 36 of a card (TD2); 30 of a small card " +
			"(TD1) with the line before it (ICAO Doc 9303, parts 4 to 6)",
		Check:    "weights 7 3 1 modulo 10 over the number, the dates of birth and expiry, and all of them together",
		Anchor:   Anchor{Shapes: []string{`[A-Z0-9<].{12}[0-9]{7}[MFX<][0-9]{7}`, `[0-9]{7}[MFX<][0-9]{7}`}},
		Match:    matchZone,
		MaxLen:   2*30 + 2,
		Priority: PriorityStrong,
	}
}

func isZone(c byte) bool { return isDigit(c) || isUpper(c) || c == '<' }

// zoneEnd returns the end of the characters of a zone from w[i] on, of which it
// looks at no more than 45.
func zoneEnd(w []byte, i int) int {
	end := i
	for end < len(w) && end < i+45 && isZone(w[end]) {
		end++
	}
	return end
}

// matchZone measures the zone whose second line starts at w[at].
func matchZone(w []byte, at int) (start, end int, ok bool) {
	if at > 0 && isZone(w[at-1]) && !afterEscape(w, at) {
		return 0, 0, false
	}
	end = zoneEnd(w, at)
	v := w[at:end]
	switch len(v) {
	case 44:
		personal := icaoCheck(v[28:42]) == v[42] || v[42] == '<' && strings.Trim(string(v[28:42]), "<") == ""
		return at, end, personal && validZone(v, 43)
	case 36:
		return at, end, validZone(v, 35)
	case 30:
		return matchSmallCard(w, at)
	}
	return 0, 0, false
}

// validZone judges the second line of TD2 and TD3, whose last check digit is at
// last.
func validZone(v []byte, last int) bool {
	all := append(append(append(make([]byte, 0, 40), v[:10]...), v[13:20]...), v[21:last]...)
	return icaoCheck(v[:9]) == v[9] && icaoCheck(v[13:19]) == v[19] && icaoCheck(v[21:27]) == v[27] && icaoCheck(all) == v[last] &&
		monthAndDay(v[15:19])
}

// monthAndDay reports whether four characters are a month and a day, or unknown.
func monthAndDay(v []byte) bool {
	if v[0] == '<' || v[2] == '<' {
		return true
	}
	return exists(2000, value(v, 0, 2), value(v, 2, 2))
}

// matchSmallCard measures the second line of a TD1 at w[at], with the line
// before it.
func matchSmallCard(w []byte, at int) (start, end int, ok bool) {
	first := at
	for first > 0 && (w[first-1] == '\n' || w[first-1] == '\r') && at-first < 2 {
		first--
	}
	start = first - 30
	if first == at || start < 0 || start > 0 && isZone(w[start-1]) || zoneEnd(w, start) != first {
		return 0, 0, false
	}
	one, two := w[start:first], w[at:at+30]
	all := append(append(append(append(make([]byte, 0, 60), one[5:30]...), two[:7]...), two[8:15]...), two[18:29]...)
	ok = strings.IndexByte("ACI", one[0]) >= 0 && icaoCheck(one[5:14]) == one[14] && icaoCheck(two[:6]) == two[6] && icaoCheck(two[8:14]) == two[14] &&
		icaoCheck(all) == two[29]
	return start, at + 30, ok
}
