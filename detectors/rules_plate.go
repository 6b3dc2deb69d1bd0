package detectors

import "strings"

// numberPlate is the rule for the number plates of many countries, which share
// layouts and so are one.
func numberPlate() national {
	return national{
		id: "VEHICLE_REGISTRATION_PLATE", name: "Number plate",
		countries: "GB IE FR IT ES PT DE NL BE PL CZ SK HU HR SE FI NO DK CH LI AL TR IN ID SG NG ZA US CA MX BR AR AU",
		form:      "letters and digits in the layouts of the countries named, as the plates have them or in one run (the registration authorities of the countries)",
		check:     "none exists. Digits are not all 0; of British plates the region and the half of the year, of Turkish ones the province, of Indian ones the state are known",
		near:      plateLayouts + "|" + germanPlates(),
		valid:     validPlate,
		keywords: "licence plate; license plate; number plate; plate number; plate no; registration plate; vehicle registration; registration number; reg no; kennzeichen; amtliches kennzeichen; " +
			"immatriculation; plaque d'immatriculation; matrícula; placa; targa; numero di targa; numer rejestracyjny; rejestracja; kenteken; nummerplaat; registreringsnummer; " +
			"licence plates; license plates; number plates; license plate number; licence plate number; vehicle registration number; vehicle reg; car reg; reg plate; " +
			"kfz-kennzeichen; nummernschild; plaque minéralogique; numéro d'immatriculation; número de matrícula; placas; número de placa; tablica rejestracyjna; tablice rejestracyjne; " +
			"nr rejestracyjny; poznávací značka; registrační značka; spz; evidenčné číslo vozidla; rendszám; forgalmi rendszám; registarska oznaka; registarska tablica; număr de înmatriculare; " +
			"regnummer; registreringsskylt; rekisterinumero; rekisteritunnus; rekisterikilpi; skiltnummer; nummerplade; plaka; plaka no; araç plakası; nomor polisi; plat nomor",
		severity: Severities{Low, Low, Medium},
	}
}

// plateLayouts are the layouts of each country that no line above has.
const plateLayouts = "AA99 AAA|AA99AAA|A9 AAA|A99 AAA|A999 AAA|A99AAA|A999AAA|AAA 9A|AAA 99A|AAA 999A|AAA99A|AAA999A|AAA 9999|" + // United Kingdom
	"99-A-9999|99-A-99999|99-AA-9999|99-AA-99999|999-A-9999|999-A-99999|999-AA-9999|999-AA-99999|" + // Ireland
	"AA-999-AA|AA 999 AA|AA999AA|" + // France, Italy, Albania, Argentina
	"9999 AAA|9999-AAA|9999AAA|" + // Spain
	"AA-99-AA|AA 99 AA|AA99AA|AA-99-99|AA 99 99|AA9999|99-AA-99|99 AA 99|99AA99|99-99-AA|99 99 AA|9999AA|" + // Portugal, Netherlands
	"AA-AA-99|99-AA-AA|99-AAA-9|9-AAA-99|AA-999-A|A-999-AA|AAA-99-A|A-99-AAA|9-AA-999|999-AA-9|" + // Netherlands
	"9-AAA-999|" + // Belgium
	"AA 99999|AAA 99999|AA 9999A|AA 999AA|AAA A999|" + // Poland, Norway
	"9A9 9999|9A99999|AA-999AA|" + // Czechia, Slovakia
	"AAA-999|AA AA-999|AA 99-99|" + // Hungary, Finland
	"AA 999-A|AA 999-AA|AA 9999-A|AA 9999-AA|" + // Croatia
	"AAA 999|AAA 99A|AAA999|999 AAA|999-AAA|" + // Sweden, Finland
	"AA 99 999|AA99999|AA 9999|AA 999999|" + // Denmark, Norway, Switzerland
	"99 A 9999|99 A 99999|99 AA 99|99 AA 999|99 AA 9999|99 AAA 99|99 AAA 999|99 AAA 9999|99A9999|99AA999|99AA9999|99AAA99|99AAA999|99AAA9999|" + // Türkiye
	"AA99A9999|AA99AA9999|AA9A9999|AA9AA9999|AA9AAA9999|AA 99 A 9999|AA 99 AA 9999|AA 9 AA 9999|AA 9 AAA 9999|AA-99-A-9999|AA-99-AA-9999|AA 99-AA 9999|AA99 AA 9999|" + // India
	"A 9999 AA|A 9999 AAA|AA 9999 A|AA 9999 AA|AA 9999 AAA|A9999AA|A9999AAA|AA9999AA|" + // Indonesia
	"AAA 9999 A|AAA-9999-A|AAA9999A|" + // Singapore
	"AAA-999AA|AAA 999AA|AAA999AA|" + // Nigeria
	"AA 99 AA AA|AA99AAAA|" + // South Africa
	"AAA-9999|AAA9999|9AAA999|AAAA 999|A99-AAA|AAA-99-99|AAA-999-A|" + // United States, Canada, Mexico
	"AAA9A99|AAA 9A99|AAA-9A99|" + // Brazil
	"AAA-99A|9AA 9AA|9AA-9AA|9AA9AA" // Australia

// germanPlates are the layouts of German plates: a district of up to three
// letters, one or two letters and up to four digits, eight characters in all and
// perhaps E or H, for electric and old cars, as the ninth.
func germanPlates() string {
	var layouts []string
	for _, district := range []string{"A", "AA", "AAA"} {
		for _, letters := range []string{"A", "AA"} {
			for _, digits := range []string{"9", "99", "999", "9999"} {
				if len(district+letters+digits) > 8 {
					continue
				}
				for _, joiners := range []string{"- ", "--", "  "} {
					plate := district + joiners[:1] + letters + joiners[1:] + digits
					layouts = append(layouts, plate, plate+"E", plate+"H")
				}
			}
		}
	}
	return strings.Join(layouts, "|")
}

// validPlate judges digits and letters together, and what is known of the layouts
// of three countries.
func validPlate(v []byte) bool {
	var layout [16]byte
	zeros := true
	for i, c := range v {
		layout[i] = 'A'
		if isDigit(c) {
			layout[i] = '9'
			zeros = zeros && c == '0'
		}
	}
	if zeros {
		return false
	}
	switch string(layout[:len(v)]) {
	case "AA99AAA": // United Kingdom since 2001
		return !isAny(v[:2], "IQZ") && !isAny(v[4:], "IQ") && 1 <= value(v, 2, 2)%50 && value(v, 2, 2)%50 <= 29 && value(v, 2, 2) != 1
	case "A9AAA", "A99AAA", "A999AAA": // from 1983 to 2001
		return !isAny(v[:1], "IOQUZ")
	case "AA99A9999", "AA99AA9999", "AA9A9999", "AA9AA9999", "AA9AAA9999":
		return inIndia(v)
	case "99AA999", "99AAA99", "99AAA999", "99AAA9999": // Türkiye; the others have Irish plates too
		province := value(v, 0, 2)
		return 1 <= province && province <= 81
	}
	return true
}

// isAny reports whether any of v is one of chars.
func isAny(v []byte, chars string) bool {
	for _, c := range v {
		if strings.IndexByte(chars, c) >= 0 {
			return true
		}
	}
	return false
}
