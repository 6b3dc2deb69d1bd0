package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalEurasia returns the rules for numbers of the Baltic states, Ukraine,
// Russia, Moldova and Kazakhstan.
func nationalEurasia() []Rule {
	return rules([]national{
		baltic("LITHUANIA_PERSONAL_CODE", "Lithuanian personal code (asmens kodas)", "LT", "1 to 6 (9 for codes without a date)", validAsmensKodas,
			"asmens kodas; asmens kodo; asmens kodą; a.k.; asmens kod; lithuanian personal code; personal code"),
		baltic("ESTONIA_PERSONAL_CODE", "Estonian personal code (isikukood)", "EE", "1 to 8", validIsikukood,
			"isikukood; isikukoodi; isikukoodiga; personal code; ik; estonian id; id-kood; isiku kood"),
		{
			id: "LATVIA_PERSONAL_CODE", name: "Latvian personal code (personas kods)", countries: "LV",
			form: "11 digits, printed 6-5: day, month and year of birth, century 0 to 2, serial, check digit; since 2017 32 to 39 and digits without " +
				"meaning (Fizisko personu reģistra likums)",
			check:    "of codes with a date: one more than the digits times 10 5 8 4 2 1 6 3 7 9, modulo 11, ten standing for 0; the date exists",
			near:     "999999-99999|99999999999|999999 99999",
			valid:    validPersonasKods,
			sure:     func(v []byte) bool { return !withoutBirth(v) },
			family:   balticFamily,
			keywords: "personas kods; personas koda; personas kodu; personas kodam; pers. kods; p.k.; latvian personal code; personal code",
		}, {
			id: "UKRAINE_TAX_NUMBER", name: "Ukrainian tax number (РНОКПП)", countries: "UA",
			form:     "10 digits, the first five the day of birth counted from 31 December 1899 on (Податковий кодекс України, ст. 70)",
			check:    "weights -1 5 7 9 4 6 10 5 7, modulo 11, ten standing for 0",
			near:     "9999999999",
			valid:    validRNOKPP,
			keywords: "рнокпп; іпн; інн; ідентифікаційний код; ідентифікаційний номер; ідентифікаційного номера; податковий номер; реєстраційний номер облікової картки; rnokpp; ukrainian tax number",
		}, {
			id: "RUSSIA_SNILS_NUMBER", name: "Russian social security number (СНИЛС)", countries: "RU",
			form:     "11 digits, printed 3-3-3 and 2 behind a blank (Федеральный закон № 27-ФЗ)",
			check:    "weights 9 to 1 modulo 101 modulo 100 are the last two digits; numbers up to 001-001-998 have no check and are less certain; not all equal",
			near:     "999-999-999 99|99999999999|999-999-999-99|999 999 999 99",
			valid:    validSNILS,
			sure:     func(v []byte) bool { return value(v, 0, 9) > lastUncheckedSNILS },
			keywords: "снилс; снилса; страховое свидетельство; страхового свидетельства; страховой номер; пенсионное свидетельство; snils",
		}, {
			id: "RUSSIA_INN_NUMBER", name: "Russian tax number (ИНН)", countries: "RU",
			form:     "10 digits of a firm, also with the nine of its КПП behind a slash, or 12 of a person (приказ ФНС России № ЕД-7-14/559@)",
			check:    "of 10: weights 2 4 10 3 5 9 4 6 8; of 12: 7 2 4 10 3 5 9 4 6 8, then 3 7 2 4 10 3 5 9 4 6 8; each modulo 11, ten standing for 0; not all equal",
			near:     "9999999999|999999999999|9999999999/999999999",
			valid:    validINN,
			keywords: "инн; и.н.н.; инн/кпп; идентификационный номер налогоплательщика; номер налогоплательщика; inn; inn number; russian tax id",
		}, {
			id: "RUSSIA_PASSPORT_NUMBER", name: "Russian passport within the country", countries: "RU",
			form:  "10 digits: series 2+2 and number 6, № between them or not (постановление Правительства РФ № 828)",
			check: "none exists; the year of the form, digits three and four, is 97 to 99 or 00 to 30, or the value counts only where it is all of a field; series and number are not 0, nor all equal",
			near:  "9999 999999|99 99 999999|9999999999|99-99 999999|99 99 999 999|9999 № 999999|99 99 № 999999|9999 №999999|99 99 №999999", family: "passport",
			valid:     func(v []byte) bool { return value(v, 0, 2) != 0 && value(v, 4, 6) != 0 && !allEqual(v) },
			sure:      func(v []byte) bool { return value(v, 2, 2) <= 30 || value(v, 2, 2) >= 97 },
			threshold: allOfField,
			keywords:  "паспорт; паспорта; паспорте; паспортом; паспортные данные; серия и номер паспорта; серия паспорта; номер паспорта; паспорт рф; паспорт гражданина; russian passport; russian internal passport; internal passport",
		}, {
			id: "MOLDOVA_IDNP_NUMBER", name: "Moldovan number of a person or firm (IDNP, IDNO)", countries: "MD",
			form:  "13 digits, the first 2, 0 for persons or 1 for firms (Legea nr. 273/1994)",
			check: "weights 7 3 1, repeated, over twelve digits, modulo 10; not all equal",
			near:  "9999999999999",
			valid: func(v []byte) bool {
				return v[0] <= '2' && checksum.Weighted(v, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1)%10 == digit(v, 12) && !allEqual(v)
			},
			keywords: "idnp; idno; cod personal; codul personal; cod fiscal; numărul de identificare; moldovan id",
		}, {
			id: "KAZAKHSTAN_IIN_NUMBER", name: "Kazakh number of a person (ИИН)", countries: "KZ",
			form:     "12 digits: date of birth, century and sex 0 to 6, serial, check digit (Закон РК № 223-III)",
			check:    "weights 1 to 11 modulo 11; if that is ten, 3 to 11, 1 and 2; ten again is not given; the date exists, for 0 in any century",
			near:     "999999999999",
			valid:    validIIN,
			keywords: "иин; жсн; и.и.н.; iin; iin number; индивидуальный идентификационный номер; жеке сәйкестендіру нөмірі; kazakh id",
		},
	})
}

// balticFamily is of those that "personal code" may mean.
const balticFamily = "Baltic code"

func baltic(id, name, country, first string, valid func([]byte) bool, keywords string) national {
	return national{
		id: id, name: name, countries: country, family: balticFamily,
		form:  "11 digits: sex and century " + first + ", date of birth, serial, check digit (EVS 585, Lietuvos gyventojų registro įstatymas)",
		check: "weights 1 to 9 and 1, modulo 11; if that is ten, 3 to 9 and 1 to 3; ten again stands for 0; the date exists",
		near:  "99999999999", valid: valid, keywords: keywords,
	}
}

func validAsmensKodas(v []byte) bool {
	return (v[0] == '9' || v[0] >= '1' && v[0] <= '6' && balticBirth(v)) && balticCheck(v)
}

func validIsikukood(v []byte) bool {
	return v[0] >= '1' && v[0] <= '8' && balticBirth(v) && balticCheck(v)
}

func balticBirth(v []byte) bool { return born(v, 1, 18+(digit(v, 0)-1)/2) }

func balticCheck(v []byte) bool {
	r := checksum.Weighted(v, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1) % 11
	if r == 10 {
		r = checksum.Weighted(v, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3) % 11 % 10
	}
	return r == digit(v, 10)
}

func validPersonasKods(v []byte) bool {
	return withoutBirth(v) || v[6] <= '2' && bornIn(v, 4, value(v, 2, 2), value(v, 0, 2), 18+digit(v, 6)) &&
		(1+checksum.Weighted(v, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9))%11%10 == digit(v, 10)
}

// withoutBirth reports whether a Latvian code is one of those that have no
// meaning, nor a check digit.
func withoutBirth(v []byte) bool { return v[0] == '3' && v[1] >= '2' }

func validRNOKPP(v []byte) bool {
	sum := checksum.Weighted(v, 0, 5, 7, 9, 4, 6, 10, 5, 7) - digit(v, 0)
	return (sum%11+11)%11%10 == digit(v, 9) && !allEqual(v) && value(v, 0, 5) != 0
}

// lastUncheckedSNILS is the last number that was given before there was a check.
const lastUncheckedSNILS = 1_001_998

func validSNILS(v []byte) bool {
	return !allEqual(v[:9]) && (value(v, 0, 9) <= lastUncheckedSNILS ||
		checksum.Weighted(v, 9, 8, 7, 6, 5, 4, 3, 2, 1)%101%100 == value(v, 9, 2))
}

func validINN(v []byte) bool {
	if allEqual(v) {
		return false
	}
	if len(v) != 12 {
		return checksum.Weighted(v, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10 == digit(v, 9)
	}
	return checksum.Weighted(v, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10 == digit(v, 10) &&
		checksum.Weighted(v, 3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10 == digit(v, 11)
}

func validIIN(v []byte) bool {
	switch century := 18 + (digit(v, 6)-1)/2; {
	case v[6] == '0' && !born(v, 0, 18, 19, 20), v[6] > '6', v[6] > '0' && !born(v, 0, century):
		return false
	}
	r := checksum.Weighted(v, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) % 11
	if r == 10 {
		r = checksum.Weighted(v, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2) % 11
	}
	return r == digit(v, 11)
}
