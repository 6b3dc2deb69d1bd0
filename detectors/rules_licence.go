package detectors

import "strings"

// englishLicence are the keywords that Macie has for licences of the countries in
// which English is spoken.
const englishLicence = "dl#; dl:; dlno#; driver licence; driver licences; driver license; driver licenses; driver permit; drivers lic.; drivers licence; driver's licence; drivers licences; driver's licences; drivers license; driver's license; drivers licenses; driver's licenses; drivers permit; driver's permit; drivers permit number; driving licence; driving license; driving permit"

// licences returns the rules for driver's licences. Their numbers look alike
// and share keywords, so the country whose keyword is nearest is reported, and of
// English keywords that of the first in the list.
func licences() []Rule {
	return family("driver's licence", Rising, []national{
		{
			id: "DRIVERS_LICENSE", name: "US driver's licence", countries: "US",
			form: "by state 5 to 14 or 16 digits, a letter or two or three and digits, digits and letters, with the blanks and hyphens that states print " +
				"(American Association of Motor Vehicle Administrators; handbooks of the states); fewer than 7 characters, and 11 or more than 12 digits, only as " +
				"a whole field",
			check:     "none that states agree on; not all digits equal, no bare number that counts up. Thirteen digits of Montana have month, year and day of birth around 41",
			near:      usLicence,
			sure:      sureUSLicence,
			threshold: allOfField,
			keywords:  englishLicence + "; dl number; dl no; license number; licence number; lic no; license no; driver license number; drivers license number; driving licence number",
		},
		{
			id: "UK_DRIVERS_LICENSE", name: "UK driver's licence", countries: "GB",
			form:     "16 characters: five of the surname filled with 9, decade, month (women plus 50), day and year of birth, two initials or 9, a digit and two letters, and perhaps two digits of the issue (Driver and Vehicle Licensing Agency)",
			check:    "none is public; month and day exist",
			alone:    "AXXXX999999AXXAA",
			near:     "XXXXX 999999 XXXXX|XXXXX-999999-XXXXX|XXXXX999999XXXXX99|XXXXX999999XXXXX 99",
			valid:    validUKLicence,
			keywords: englishLicence + "; driver number; dvla; dvla number",
		},
		{
			id: "CANADA_DRIVERS_LICENSE", name: "Canadian driver's licence", countries: "CA",
			form:  "by province 5 to 9 digits, a letter and 9, 12 or 14 digits with the hyphens that are printed, five letters and 9 digits, or Manitoba's twelve characters (Canadian Council of Motor Transport Administrators); fewer than 7 characters only as a whole field",
			check: "none that provinces agree on; not all digits equal",
			near: "A9999-99999-99999|A9999 99999 99999|A99999999999999|" + // Ontario
				"A9999-999999-99|A999999999999|A999999999|" + // Quebec, Newfoundland
				"AAAAA999999999|AAAAA-999999999|" + // Nova Scotia
				"AA-AA-AA-A999AA|AAAAAAA999AA|" + // Manitoba
				"999999-999|9999-999-999|99999|999999|9999999|99999999|999999999", // the others
			sure:      longLicence,
			threshold: allOfField,
			keywords:  englishLicence + "; permis de conduire; numéro de permis de conduire; numéro de permis; no de permis; licence number",
		},
		{
			id: "AUSTRALIA_DRIVERS_LICENSE", name: "Australian driver's licence", countries: "AU",
			form: "by state 5 to 10 digits or a letter and 4 to 6 digits, four digits and two letters of old in New South Wales (state road authorities); " +
				"fewer than 7 characters only as a whole field",
			check:     "none is public; not all digits equal",
			near:      "99999999|999999999|9999999999|9999999|999999|99999|A99999|A999999|A9999|9999AA|999 999 999|99 999 999",
			sure:      longLicence,
			threshold: allOfField,
			keywords:  "dl#; dl:; dlno#; driver licence; driver license; driver permit; drivers lic.; drivers licence; driver's licence; drivers license; driver's license; drivers permit; driver's permit; drivers permit number; driving licence; driving license; driving permit; licence number; licence no",
		},
		{
			id: "IRELAND_DRIVERS_LICENSE", name: "Irish driver's licence", countries: "IE",
			form:     "9 digits, or 6 digits and 4 letters of old (Road Safety Authority)",
			check:    "none is public; not all digits equal",
			near:     "999999999|999 999 999|999999AAAA",
			keywords: "ceadúnas tiomána; driving licence; driver's licence; driver number",
		},
		{
			id: "INDIA_DRIVERS_LICENSE", name: "Indian driver's licence", countries: "IN",
			form:     "state, two digits of the office, year of issue and 7 digits, joined or not (Central Motor Vehicles Rules 1989)",
			check:    "none exists; states and union territories, the year is one of issue",
			near:     "AA9999999999999|AA99 99999999999|AA-9999999999999|AA99-99999999999|AA-99-9999-9999999|AA99-9999-9999999|AA99 9999 9999999|AA 99 9999 9999999",
			valid:    validIndianLicence,
			keywords: "driver licence; driver licences; driver license; driver licenses; drivers lic.; drivers licence; driver's licence; drivers licences; driver's licences; drivers license; driver's license; drivers licenses; driver's licenses; driving licence; driving license; dl no; dl number; driving licence no; ड्राइविंग लाइसेंस",
		},
		{
			id: "MALTA_DRIVERS_LICENSE", name: "Maltese driver's licence", countries: "MT",
			form:     "two letters or digits and six digits (Transport Malta)",
			check:    "none is public; not all digits equal",
			near:     "XX999999|XX 999999",
			keywords: "liċenzja tas-sewqan; driving licence; driving license",
		},
		{
			id: "CYPRUS_DRIVERS_LICENSE", name: "Cypriot driver's licence", countries: "CY",
			form:     "12 digits (Department of Road Transport)",
			check:    "none is public; not all digits equal",
			near:     "999999999999",
			keywords: "άδεια οδήγησης; sürücü belgesi; sürüş ehliyeti; driving licence",
		},
		{
			id: "AUSTRIA_DRIVERS_LICENSE", name: "Austrian driver's licence", countries: "AT",
			form:     "8 digits (Führerscheingesetz-Durchführungsverordnung)",
			check:    "none is public; not all digits equal",
			near:     "99999999|99/999999|99 999999",
			keywords: "führerschein; fuhrerschein; führerschein republik österreich; fuhrerschein republik osterreich; führerscheinnummer; führerschein-nr.; lenkberechtigung; führerscheinnr.; fs-nr.",
		},
		{
			id: "BELGIUM_DRIVERS_LICENSE", name: "Belgian driver's licence", countries: "BE",
			form:     "10 digits (koninklijk besluit betreffende het rijbewijs)",
			check:    "none is public; not all digits equal",
			near:     "9999999999",
			keywords: "fuehrerschein; fuehrerschein- nr; fuehrerscheinnummer; fuhrerschein; führerschein; fuhrerschein- nr; führerschein- nr; fuhrerscheinnummer; führerscheinnummer; numéro permis conduire; permis de conduire; rijbewijs; rijbewijsnummer; rijbewijs nr; numéro de permis de conduire; numéro de permis",
		},
		{
			id: "BULGARIA_DRIVERS_LICENSE", name: "Bulgarian driver's licence", countries: "BG",
			form:     "9 digits (Закон за българските лични документи)",
			check:    "none is public; not all digits equal",
			near:     "999999999",
			keywords: "превозно средство; свидетелство за управление на моторно; свидетелство за управление на мпс; сумпс; шофьорска книжка; номер на свидетелство за управление",
		},
		{
			id: "CROATIA_DRIVERS_LICENSE", name: "Croatian driver's licence", countries: "HR",
			form:     "8 digits (Pravilnik o obrascu vozačke dozvole)",
			check:    "none is public; not all digits equal",
			near:     "99999999",
			keywords: "vozačka dozvola; broj vozačke dozvole; vozačke dozvole; broj dozvole",
		},
		{
			id: "CZECHIA_DRIVERS_LICENSE", name: "Czech driver's licence", countries: "CZ",
			form:     "two letters and six digits (zákon o provozu na pozemních komunikacích)",
			check:    "none is public; not all digits equal",
			near:     "AA 999999|AA999999",
			keywords: "číslo licence; císlo licence řidiče; číslo řidičského průkazu; ovladače lic.; povolení k jízdě; povolení řidiče; řidiči povolení; řidičský prúkaz; řidičský průkaz; řidičského průkazu; číslo řp",
		},
		{
			id: "DENMARK_DRIVERS_LICENSE", name: "Danish driver's licence", countries: "DK",
			form:     "8 digits (Kørekortbekendtgørelsen)",
			check:    "none is public; not all digits equal",
			near:     "99999999|99 99 99 99",
			keywords: "kørekort; kørekortnummer; kørekort nr; kørekortnr",
		},
		{
			id: "ESTONIA_DRIVERS_LICENSE", name: "Estonian driver's licence", countries: "EE",
			form:     "two letters and six digits (Liiklusseadus)",
			check:    "none is public; not all digits equal",
			near:     "AA999999|AA 999999",
			keywords: "juhi litsentsi number; juhiloa number; juhiluba; juhiluba number; juhiloa nr",
		},
		{
			id: "FINLAND_DRIVERS_LICENSE", name: "Finnish driver's licence", countries: "FI",
			form:     "that of the personal identity code of the holder (Ajokorttilaki 386/2011)",
			check:    "as the identity code: the number of nine digits modulo 31 chooses from 0123456789ABCDEFHJKLMNPRSTUVWXY; the date exists",
			near:     "999999-999X|999999+999X|999999A999X",
			valid:    validHETU,
			keywords: "ajokortin numero; ajokortti; förare lic.; körkort; körkort nummer; kuljettaja lic.; permis de conduire; ajokortti nro; ajokortin nro",
		},
		{
			id: "FRANCE_DRIVERS_LICENSE", name: "French driver's licence", countries: "FR",
			form:     "12 digits, or since 2013 two digits, two letters and five digits (arrêté du 20 avril 2012)",
			check:    "none is public; not all digits equal",
			near:     "999999999999|99AA99999|99 AA 99999|99 99 99 999999",
			keywords: "permis de conduire; numéro de permis; n° de permis; permis n°; numéro du permis",
		},
		{
			id: "GERMANY_DRIVERS_LICENSE", name: "German driver's licence", countries: "DE",
			form:     "11 characters: office, running number, check character, number of the copy (Fahrerlaubnis-Verordnung, Anlage 8)",
			check:    "A to Z as 10 to 35, weights 9 to 1, modulo 11, ten as X",
			near:     "X99XXXXXXX9|X99XXXXXXXX",
			valid:    validGermanLicence,
			keywords: "fuehrerschein; fuehrerschein- nr; fuehrerscheinnummer; fuhrerschein; führerschein; fuhrerschein- nr; führerschein- nr; fuhrerscheinnummer; führerscheinnummer; fahrerlaubnis; führerschein-nr.; führerscheinnr",
		},
		{
			id: "GREECE_DRIVERS_LICENSE", name: "Greek driver's licence", countries: "GR",
			form:     "9 digits (Υπουργείο Υποδομών και Μεταφορών)",
			check:    "none is public; not all digits equal",
			near:     "999999999",
			keywords: "δεια οδήγησης; adeia odigisis; άδεια οδήγησης; δίπλωμα οδήγησης; αριθμός άδειας οδήγησης",
		},
		{
			id: "HUNGARY_DRIVERS_LICENSE", name: "Hungarian driver's licence", countries: "HU",
			form:     "two letters and six digits (326/2011. Korm. rendelet)",
			check:    "none is public; not all digits equal",
			near:     "AA999999|AA 999999|AA-999999",
			keywords: "illesztőprogramok lic; jogosítvány; jogsi; licencszám; vezető engedély; vezetői engedély; vezetői engedély száma; jogosítvány száma",
		},
		{
			id: "ITALY_DRIVERS_LICENSE", name: "Italian driver's licence", countries: "IT",
			form:     "two letters, seven digits and a letter, or U1, seven letters or digits and a letter (Codice della strada)",
			check:    "none is public; not all digits equal",
			near:     "AA9999999A|U1XXXXXXXA|AA 9999999 A",
			keywords: "patente di guida; patente di guida numero; patente guida; patente guida numero; numero patente; n. patente; patente n.",
		},
		{
			id: "LATVIA_DRIVERS_LICENSE", name: "Latvian driver's licence", countries: "LV",
			form:     "two or three letters and six digits (Ceļu satiksmes likums)",
			check:    "none is public; not all digits equal",
			near:     "AA999999|AAA999999|AA 999999",
			keywords: "autovadītāja apliecība; licences numurs; vadītāja apliecība; vadītāja apliecības numurs; vadītāja atļauja; vadītāja licences numurs; vadītāji lic.",
		},
		{
			id: "LITHUANIA_DRIVERS_LICENSE", name: "Lithuanian driver's licence", countries: "LT",
			form:     "8 digits (Saugaus eismo automobilių keliais įstatymas)",
			check:    "none is public; not all digits equal",
			near:     "99999999",
			keywords: "vairuotojo pažymėjimas; vairuotojo pažymėjimo numeris; vairuotojo pažymėjimo nr",
		},
		{
			id: "LUXEMBOURG_DRIVERS_LICENSE", name: "Luxembourg driver's licence", countries: "LU",
			form:     "6 digits (Société Nationale de Circulation Automobile)",
			check:    "none is public; not all digits equal",
			near:     "999999",
			keywords: "fahrerlaubnis; führerschäin; permis de conduire; führerschein",
		},
		{
			id: "NETHERLANDS_DRIVERS_LICENSE", name: "Dutch driver's licence", countries: "NL",
			form:     "10 digits (Reglement rijbewijzen)",
			check:    "none is public; not all digits equal",
			near:     "9999999999",
			keywords: "permis de conduire; rijbewijs; rijbewijsnummer; rijbewijs nr; rijbewijs nummer; rijbewijs no; nummer rijbewijs",
		},
		{
			id: "POLAND_DRIVERS_LICENSE", name: "Polish driver's licence", countries: "PL",
			form:     "5, 2 and 4 digits divided by slashes (Ustawa o kierujących pojazdami)",
			check:    "none is public; not all digits equal",
			near:     "99999/99/9999",
			keywords: "numer licencyjny; prawo jazdy; zezwolenie na prowadzenie; numer prawa jazdy; nr prawa jazdy",
		},
		{
			id: "PORTUGAL_DRIVERS_LICENSE", name: "Portuguese driver's licence", countries: "PT",
			form:  "one or two letters and six to nine digits, with or without a hyphen (Instituto da Mobilidade e dos Transportes)",
			check: "none is public; not all digits equal",
			near: "A-999999|A-9999999|A-99999999|A-999999999|A999999|A9999999|A99999999|A999999999|A-999999 9|A-9999999 9|" +
				"AA-999999|AA-9999999|AA-99999999|AA-999999999|AA999999|AA9999999|AA99999999|AA-999999 9|AA-9999999 9",
			keywords: "carta de condução; carteira de habilitação; carteira de motorist; carteira habilitação; carteira motorist; licença condução; licença de condução; número de licença; número licença; permissão condução; permissão de condução; carteira de motorista; carta de condução n.º; número da carta de condução; carta de condução nº; n.º da carta",
		},
		{
			id: "ROMANIA_DRIVERS_LICENSE", name: "Romanian driver's licence", countries: "RO",
			form:     "a letter and eight digits, and perhaps a letter (OUG 195/2002)",
			check:    "none is public; not all digits equal",
			near:     "A99999999|A99999999A",
			keywords: "numărul permisului de conducere; permis de conducere; permisul de conducere; permisului de conducere; nr permis",
		},
		{
			id: "SLOVAKIA_DRIVERS_LICENSE", name: "Slovak driver's licence", countries: "SK",
			form:     "a letter and seven digits (zákon 8/2009)",
			check:    "none is public; not all digits equal",
			near:     "A9999999|A 9999999",
			keywords: "číslo licencie; číslo vodičského preukazu; ovládače lic.; povolenia vodičov; povolenie jazdu; povolenie na jazdu; povolenie vodiča; vodičský preukaz; vodičského preukazu; číslo vp",
		},
		{
			id: "SLOVENIA_DRIVERS_LICENSE", name: "Slovenian driver's licence", countries: "SI",
			form:     "9 digits (Zakon o voznikih)",
			check:    "none is public; not all digits equal",
			near:     "999999999",
			keywords: "vozniško dovoljenje; številka vozniškega dovoljenja; vozniškega dovoljenja; št. vozniškega dovoljenja",
		},
		{
			id: "SPAIN_DRIVERS_LICENSE", name: "Spanish driver's licence", countries: "ES",
			form:     "that of the DNI or NIE of the holder (Reglamento General de Conductores)",
			check:    "as the DNI: the number modulo 23 chooses from TRWAGMYFPDXBNJZSQVHLCKE",
			near:     "99999999A|99999999-A|99999999 A|A9999999A|A-9999999-A",
			valid:    validSpanishLicence,
			keywords: "carnet conducer; el carnet de conducer; licencia conducer; licencia de manejo; número carnet conducer; número de carnet de conducer; número de permiso conducer; número de permiso de conducer; número licencia conducer; número permiso conducer; permiso conducción; permiso conducer; permiso de conducción; carnet de conducir; permiso de conducir; licencia de conducir",
		},
		{
			id: "SWEDEN_DRIVERS_LICENSE", name: "Swedish driver's licence", countries: "SE",
			form:     "that of the personal identity number of the holder, printed 6-4 (Körkortslagen)",
			check:    "as the identity number: Luhn; the date exists, of coordination numbers with 60 added to the day",
			near:     "999999-9999|999999+9999|9999999999|99999999-9999|999999999999",
			valid:    validPersonnummer,
			keywords: "ajokortin numero; dlno# ajokortti; drivere lic.; förare lic.; körkort; körkort nummer; körkortsnummer; kuljettajat lic.",
		},
	})
}

// family are the rules of a table, all of one family and with one table of
// severities. Values without a check of their own are judged by drawn.
func family(name string, severity Severities, table []national) []Rule {
	for i := range table {
		n := &table[i]
		n.family, n.severity = name, severity
		if n.valid == nil {
			n.valid = drawn
		}
	}
	return rules(table)
}

// usLicence are the layouts of the states. One state's is mostly another's too.
const usLicence = "99999|999999|9999999|99999999|999999999|9999999999|99999999999|999999999999|9999999999999|99999999999999|9999999999999999|" +
	"99 999 999|999 999 999|99-999-9999|9999-99-9999|" + // Pennsylvania, New York, Colorado, Indiana
	"A99999|A999999|A9999999|A99999999|A999999999|A9999999999|A99999999999|A999999999999|A9999999999999|A99999999999999|A999999999999999999|" +
	"A99-99-9999|A99-999-999|" + // Kansas and Virginia, Kentucky
	"A999-9999-9999|A999-999-99-999-9|A999-9999-9999-99|" + // Illinois, Florida, Wisconsin
	"A-999-999-999-999|A 999 999 999 999|A9999 99999 99999|" + // Maryland and Minnesota, Michigan, New Jersey
	"AA9999|AA99999|AA999999|AA9999999|AAA999999|AAA-99-9999|" + // Colorado, Ohio, Rhode Island, Massachusetts, North Dakota
	"A9A9A|A999999R|9999999A|999999999A|99999999AA|999A999999|" + // Kansas, Missouri, Maine and Vermont
	"999AA9999|AA999999A|99AAA99999|NHL99999999|" + // Iowa, Idaho, New Hampshire
	"WDLXXXXXXXXX|AAAAAAA999XX" // Washington

// sureUSLicence reports whether v has as many characters as licences of several
// states have, and as few other things.
func sureUSLicence(v []byte) bool {
	if !allOf(v, digitByte) {
		return longLicence(v)
	}
	switch len(v) {
	case 7, 8, 9, 10, 12:
		return true
	case 13: // Montana
		return string(v[9:11]) == "41" && exists(value(v, 5, 4), value(v, 0, 2), value(v, 11, 2))
	}
	return false
}

// longLicence reports whether v is long enough to be no post code, house number
// or year.
func longLicence(v []byte) bool { return len(v) >= 7 }

// drawn reports whether the digits of v may have been given out: they are not
// all equal, and a number without letters does not count up or down.
func drawn(v []byte) bool {
	equal, up, down := true, true, true
	last, seen := byte(0), 0
	for _, c := range v {
		if !isDigit(c) {
			up, down = false, false
			continue
		}
		if seen > 0 {
			equal = equal && c == last
			up = up && (c == last+1 || c == '0' && last == '9')
			down = down && c+1 == last
		}
		last = c
		seen++
	}
	return seen > 1 && !equal && !up && !down
}

// validUKLicence judges the surname, filled with 9, and the date of birth. The
// last digits may be missing.
func validUKLicence(v []byte) bool {
	letters := runEnd(v, 0, 5, upperByte)
	month := value(v, 6, 2)
	if month > 50 {
		month -= 50
	}
	day := value(v, 8, 2)
	filled := letters > 0 && strings.Trim(string(v[letters:5]), "9") == ""
	initials := isUpper(v[11]) && (isUpper(v[12]) || v[12] == '9')
	return filled && initials && bornIn([]byte{v[5], v[10]}, 0, month, day, 19, 20) && isUpper(v[14]) && isUpper(v[15])
}

// indianStates are the codes of states and union territories on licences and
// number plates (Central Motor Vehicles Rules 1989; Ministry of Road Transport
// and Highways), with those that were given up.
const indianStates = "AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY RJ SK TG TN TR TS UA UK UP WB"

// inIndia reports whether v begins with the code of a state.
func inIndia(v []byte) bool {
	for i := 0; i < len(indianStates); i += 3 {
		if indianStates[i] == v[0] && indianStates[i+1] == v[1] {
			return true
		}
	}
	return false
}

func validIndianLicence(v []byte) bool {
	year := value(v, 4, 4)
	return inIndia(v) && 1950 <= year && year <= lastYear && !allEqual(v[8:])
}

func validGermanLicence(v []byte) bool {
	sum := 0
	for i, c := range v[:9] {
		sum += (9 - i) * alnumValue(c)
	}
	return "0123456789X"[sum%11] == v[9] && !allEqual(v[4:9])
}

// alnumValue is 0 to 9 and A to Z as 0 to 35.
func alnumValue(c byte) int {
	if isDigit(c) {
		return int(c - '0')
	}
	return letterValue(c)
}

func validSpanishLicence(v []byte) bool {
	if isLetter(v[0]) {
		return validNIE(v)
	}
	return validDNI(v)
}
