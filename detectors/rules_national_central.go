package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalCentral returns the rules for numbers of Poland, Czechia, Slovakia,
// Hungary, Romania, Bulgaria and the states of former Yugoslavia.
func nationalCentral() []Rule {
	return rules([]national{
		{
			id: "POLAND_PESEL_NUMBER", name: "Polish PESEL number", countries: "PL",
			form:     "11 digits: year, month (plus 80, 0, 20, 40, 60 for 1800 to 2299) and day of birth, serial and sex, check digit (Ustawa o ewidencji ludności, 2010)",
			check:    "weights 1 3 7 9, repeated, over ten digits: what is missing to a multiple of ten; the date exists",
			near:     "99999999999",
			valid:    validPESEL,
			keywords: "pesel; nr pesel; numer pesel; pesel no; pesel number; pesel nr; nr ewidencyjny pesel",
		}, {
			id: "POLAND_NIP_NUMBER", name: "Polish tax number (NIP)", countries: "PL",
			form:     "10 digits, printed 3-3-2-2 or 3-2-2-3, or behind PL (Ustawa o zasadach ewidencji i identyfikacji podatników, 1995)",
			check:    "weights 6 5 7 2 3 4 5 6 7, modulo 11, ten for none; not all equal",
			near:     "9999999999|999-999-99-99|999-99-99-999|999 999 99 99|999 99 99 999|PL9999999999|PL 9999999999|pl9999999999|PL999-999-99-99|PL 999-999-99-99",
			valid:    validNIP,
			keywords: "nip; nr nip; numer nip; nip no; nip number; numer identyfikacji podatkowej; vat; vat id; vat number; vat no; polish vat",
			severity: Rising,
		}, {
			id: "POLAND_REGON_NUMBER", name: "Polish number of a firm (REGON)", countries: "PL",
			form:     "9 digits, or 14 with those of a branch (Główny Urząd Statystyczny)",
			check:    "weights 8 9 2 3 4 5 6 7, of 14 digits also 2 4 8 5 0 9 7 3 6 1 2 4 8, modulo 11, ten standing for 0; not all equal",
			near:     "999999999|99999999999999|999-999-999",
			valid:    validREGON,
			keywords: "regon; nr regon; numer regon; regon no; regon number",
			severity: Rising,
		}, {
			id: "POLAND_IDENTITY_CARD_NUMBER", name: "Polish identity card (dowód osobisty)", countries: "PL",
			form:     "three letters and six digits (Rozporządzenie w sprawie wzoru dowodu osobistego)",
			check:    "letters as 10 to 35, weights 7 3 1 on them and 7 3 1 7 3 on the last five digits, modulo 10, is the first digit",
			near:     "AAA999999|AAA 999999|AAA-999999",
			valid:    validDowod,
			keywords: "dowód osobisty; dowodu osobistego; seria i numer dowodu; numer dowodu; nr dowodu; seria i nr dowodu; polish id card; id card number; identity card",
		}, {
			id: "POLAND_PASSPORT_NUMBER", name: "Polish passport", countries: "PL",
			form:  "two letters and seven digits (Rozporządzenie w sprawie dokumentów paszportowych)",
			check: "none that all passports keep; not all digits equal",
			near:  "AA9999999|AA 9999999", family: "passport",
			valid:    func(v []byte) bool { return !allEqual(v[2:]) },
			keywords: "paszport; paszportu; numer paszportu; nr paszportu; seria i numer paszportu; polish passport; passport",
		},
		czechoslovak("CZECH_BIRTH_NUMBER", "Czech birth number (rodné číslo)", "CZ", "rodné číslo; rodného čísla; r.č.; rč; rodne cislo; czech birth number; birth number; czech id"),
		czechoslovak("SLOVAKIA_BIRTH_NUMBER", "Slovak birth number (rodné číslo)", "SK", "rodné číslo; rodného čísla; r.č.; rč; rodne cislo; slovak birth number; birth number; slovak id"),
		{
			id: "HUNGARY_TAX_ID_NUMBER", name: "Hungarian tax number of a person (adóazonosító jel)", countries: "HU",
			form:  "10 digits, the first 8 (2003. évi XCII. törvény)",
			check: "the first nine times 1 to 9, modulo 11; ten is not given",
			near:  "9999999999",
			valid: func(v []byte) bool {
				return v[0] == '8' && checksum.Weighted(v, 1, 2, 3, 4, 5, 6, 7, 8, 9)%11 == digit(v, 9)
			},
			keywords: "adóazonosító jel; adóazonosító; adószám; adóazonosító száma; adóazonosítója; hungarian tax id; tax id; tax number",
		}, {
			id: "HUNGARY_TAJ_NUMBER", name: "Hungarian social security number (TAJ)", countries: "HU",
			form:  "9 digits, printed in threes (1996. évi XX. törvény)",
			check: "weights 3 7, repeated, over eight digits, modulo 10; not all equal",
			near:  "999999999|999 999 999|999-999-999",
			valid: func(v []byte) bool {
				return checksum.Weighted(v, 3, 7, 3, 7, 3, 7, 3, 7)%10 == digit(v, 8) && !allEqual(v)
			},
			keywords: "taj; taj szám; taj-szám; tajszám; tb szám; társadalombiztosítási azonosító; társadalombiztosítási; hungarian social security",
		}, {
			id: "HUNGARY_PERSONAL_ID_NUMBER", name: "Hungarian personal number (személyi azonosító)", countries: "HU",
			form:     "11 digits: sex and century, date of birth, serial, check digit, printed 1-6-4 (1996. évi XX. törvény)",
			check:    "the first ten times 1 to 10, of people born from 1997 on times 10 to 1, modulo 11; the date exists",
			near:     "99999999999|9-999999-9999|9 999999 9999|9-999999 9999",
			valid:    validSzemelyi,
			keywords: "személyi szám; személyi azonosító; személyi azonosító jel; személyi száma; személyazonosító; hungarian personal id; personal identification number",
		}, {
			id: "ROMANIA_CNP_NUMBER", name: "Romanian personal code (CNP)", countries: "RO",
			form:     "13 digits: sex and century, date of birth, county 01 to 48, 51, 52, 70 or 80 to 83, serial, check digit (HG 295/2021)",
			check:    "weights 2 7 9 1 4 6 3 5 8 2 7 9, modulo 11, ten standing for 1; the date exists",
			near:     "9999999999999",
			valid:    validCNP,
			keywords: "cnp; c.n.p.; cod numeric personal; codul numeric personal; cnp-ul; numeric personal; romanian id",
		}, {
			id: "BULGARIA_EGN_NUMBER", name: "Bulgarian personal number (ЕГН)", countries: "BG",
			form:     "10 digits: date of birth (month plus 20 before 1900, plus 40 from 2000 on), region, check digit (Закон за гражданската регистрация)",
			check:    "weights 2 4 8 5 10 9 7 3 6, modulo 11, ten standing for 0; the date exists",
			near:     "9999999999",
			valid:    validEGN,
			keywords: "егн; единен граждански номер; е.г.н.; egn; e.g.n.; uniform civil number; bulgarian id; edinen grazhdanski nomer",
		}, {
			id: "BULGARIA_LNCH_NUMBER", name: "Bulgarian number of a foreigner (ЛНЧ)", countries: "BG",
			form:  "10 digits (Закон за чужденците)",
			check: "weights 21 19 17 13 11 9 7 3 1, modulo 10; not all equal",
			near:  "9999999999|9999 999 999",
			valid: func(v []byte) bool {
				return checksum.Weighted(v, 21, 19, 17, 13, 11, 9, 7, 3, 1)%10 == digit(v, 9) && !allEqual(v)
			},
			keywords: "лнч; личен номер на чужденец; лнч номер; lnch; lnc number; personal number of foreigner",
		}, {
			id: "CROATIA_OIB_NUMBER", name: "Croatian personal number (OIB)", countries: "HR",
			form:     "11 digits, or behind HR (Zakon o osobnom identifikacijskom broju, 2008)",
			check:    "ISO/IEC 7064 MOD 11,10; not all equal",
			near:     "99999999999|HR99999999999|HR 99999999999|hr99999999999",
			valid:    func(v []byte) bool { v = v[len(v)-11:]; return checksum.Mod11_10(v) && !allEqual(v) },
			keywords: "oib; osobni identifikacijski broj; oib broj; oib number; croatian id; croatian tax number",
		}, {
			id: "SLOVENIA_EMSO_NUMBER", name: "Personal number of Slovenia and the other states of former Yugoslavia (EMŠO, JMBG)", countries: "SI BA HR ME MK RS",
			form:     "13 digits: day, month and three digits of the year of birth, region, serial, check digit (Zakon o centralnem registru prebivalstva)",
			check:    "weights 7 6 5 4 3 2, repeated, over twelve digits: eleven less the sum modulo 11, eleven standing for 0, ten for none; the date exists",
			near:     "9999999999999",
			valid:    validEMSO,
			keywords: "emšo; emšo številka; jmbg; jmb; jmbg broj; matični broj; matični broj građana; jedinstveni matični broj; матични број; матичен број; јмбг; ембг; единствен матичен број; emso",
		},
	})
}

func czechoslovak(id, name, country, keywords string) national {
	return national{
		id: id, name: name, countries: country, family: "rodné číslo",
		form: "9 digits, until 1953, or 10: year, month (women plus 50; from 2004 on also plus 20) and day of birth, serial, check digit, mostly with a slash " +
			"before the last three or four (Czech act 133/2000, Slovak act 301/1995)",
		check:    "the first nine of ten digits modulo 11, modulo 10, is the last; the date exists; no serial 000 of nine digits, nor a birth before 1900",
		near:     "999999/9999|999999/999|9999999999|999999 9999|999999999|999999 999",
		valid:    validRodneCislo,
		keywords: keywords,
	}
}

func validRodneCislo(v []byte) bool {
	year, month, day := value(v, 0, 2), value(v, 2, 2), value(v, 4, 2)
	if len(v) == 9 {
		return year < 54 && exists(1900+year, month%50, day) && value(v, 6, 3) != 0 // a 19th-century birth is not told apart
	}
	if year += 1900; year < 1954 {
		year += 100
	}
	if month > 50 {
		month -= 50
	}
	if month > 20 && year >= 2004 {
		month -= 20
	}
	return exists(year, month, day) && value(v, 0, 9)%11%10 == digit(v, 9)
}

func validPESEL(v []byte) bool {
	month := value(v, 2, 2)
	century := [...]int{19, 20, 21, 22, 18}[month/20]
	return bornIn(v, 0, month%20, value(v, 4, 2), century) &&
		(checksum.Weighted(v, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3)+digit(v, 10))%10 == 0
}

func validNIP(v []byte) bool {
	v = v[len(v)-10:]
	return checksum.Weighted(v, 6, 5, 7, 2, 3, 4, 5, 6, 7)%11 == digit(v, 9) && !allEqual(v)
}

func validREGON(v []byte) bool {
	if allEqual(v[:9]) || checksum.Weighted(v, 8, 9, 2, 3, 4, 5, 6, 7)%11%10 != digit(v, 8) {
		return false
	}
	return len(v) == 9 || checksum.Weighted(v, 2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8)%11%10 == digit(v, 13)
}

func validDowod(v []byte) bool {
	sum := 7*letterValue(v[0]) + 3*letterValue(v[1]) + letterValue(v[2]) + checksum.Weighted(v[4:], 7, 3, 1, 7, 3)
	return sum%10 == digit(v, 3)
}

// letterValue is A to Z as 10 to 35.
func letterValue(c byte) int { return int(c-'A') + 10 }

func validSzemelyi(v []byte) bool {
	century, year := 19, value(v, 1, 2)
	switch v[0] {
	case '0', '9':
		return false
	case '3', '4', '7', '8':
		if century = 20; year >= 67 { // the oldest on record in 1967 were born in 1867
			century = 18
		}
	}
	sum := checksum.Weighted(v, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	if century == 20 || century == 19 && year >= 97 {
		sum = checksum.Weighted(v, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)
	}
	return born(v, 1, century) && sum%11 == digit(v, 10)
}

func validCNP(v []byte) bool {
	var centuries []int
	switch v[0] {
	case '0':
		return false
	case '1', '2':
		centuries = []int{19}
	case '3', '4':
		centuries = []int{18}
	case '5', '6':
		centuries = []int{20}
	default: // residents and foreigners
		centuries = []int{18, 19, 20}
	}
	county := value(v, 7, 2)
	known := 1 <= county && county <= 48 || county == 51 || county == 52 || county == 70 || 80 <= county && county <= 83
	r := checksum.Weighted(v, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9) % 11
	if r == 10 {
		r = 1
	}
	return known && r == digit(v, 12) && born(v, 1, centuries...)
}

func validEGN(v []byte) bool {
	month := value(v, 2, 2)
	century := 19
	switch {
	case month > 40:
		month, century = month-40, 20
	case month > 20:
		month, century = month-20, 18
	}
	return bornIn(v, 0, month, value(v, 4, 2), century) && checksum.Weighted(v, 2, 4, 8, 5, 10, 9, 7, 3, 6)%11%10 == digit(v, 9)
}

func validEMSO(v []byte) bool {
	year := 1000 + value(v, 4, 3)
	if year < 1800 {
		year += 1000
	}
	r := 11 - checksum.Weighted(v, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11
	return exists(year, value(v, 2, 2), value(v, 0, 2)) && r%11 == digit(v, 12) && year < 2100
}
