package corpus

import (
	"fmt"
	"slices"
	"strings"
)

// National identification numbers. Where a number may be written without its
// separators, it is so written only for kinds whose bare digits nothing else
// beside the same word could own.

func ssn() *identifier {
	return &identifier{
		rule: "USA_SOCIAL_SECURITY_NUMBER",
		value: func(r *random) string {
			area := r.between(1, 899)
			if area == 666 {
				area++
			}
			return fmt.Sprintf(pick(r, []string{"%03d-%02d-%04d", "%03d-%02d-%04d", "%03d %02d %04d", "%03d%02d%04d"}), area, r.between(1, 99), r.between(1, 9999))
		},
		valid: func(s string) bool {
			d := compact(s)
			return onlyDigits(d, 9) && d[:3] != "000" && d[:3] != "666" && d[0] != '9' && d[3:5] != "00" && d[5:] != "0000"
		},
		wrong: func(r *random) string {
			return fmt.Sprintf("%s-%02d-%04d", pick(r, []string{"000", "666"}), r.between(1, 99), r.between(1, 9999))
		},
		fields:  []string{"ssn", "social_security_number", "customerSsn", "SSN"},
		phrases: en("SSN ", "social security number ", "Social Security No: "),
	}
}

func itin() *identifier {
	groups := func(g int) bool { return g >= 50 && g <= 65 || g >= 70 && g <= 88 || g >= 90 && g <= 92 || g >= 94 }
	return &identifier{
		rule: "USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
		value: func(r *random) string {
			g := 0
			for !groups(g) {
				g = r.below(100)
			}
			return fmt.Sprintf("9%02d-%02d-%04d", r.below(100), g, r.between(1, 9999))
		},
		valid: func(s string) bool {
			d := compact(s)
			return onlyDigits(d, 9) && d[0] == '9' && groups(number(d[3:5])) && d[5:] != "0000"
		},
		wrong: func(r *random) string {
			return fmt.Sprintf("9%02d-%02d-%04d", r.below(100), pick(r, []int{11, 23, 66, 69, 89, 93}), r.between(1, 9999))
		},
		fields:  []string{"itin", "ITIN"},
		phrases: en("ITIN ", "individual taxpayer identification number "),
	}
}

// sin is the Canadian social insurance number: Luhn, first digit a province.
func sin() *identifier {
	return &identifier{
		rule: "CANADA_SOCIAL_INSURANCE_NUMBER",
		value: func(r *random) string {
			d := r.string("1245679", 1) + r.digits(7)
			d += string(luhn(d))
			return joined(r, []string{" ", "-"}, d[:3], d[3:6], d[6:])
		},
		valid:   func(s string) bool { d := compact(s); return onlyDigits(d, 9) && d[0] != '8' && luhnValid(d) },
		fields:  []string{"sin", "social_insurance_number", "sin_number"},
		phrases: slices.Concat(en("SIN ", "social insurance number "), in("fr", "numéro d'assurance sociale ")),
	}
}

// cpf has two digits modulo 11 with rising weights.
func cpf() *identifier {
	check := func(d string) byte {
		sum := 0
		for i := range len(d) {
			sum += int(d[i]-'0') * (len(d) + 1 - i)
		}
		return mod11Digit(sum, '0', '0')
	}
	return &identifier{
		rule: "BRAZIL_CPF_NUMBER",
		value: func(r *random) string {
			d := r.digits(9)
			d += string(check(d))
			d += string(check(d))
			if r.oneIn(4) {
				return d
			}
			return d[:3] + "." + d[3:6] + "." + d[6:9] + "-" + d[9:]
		},
		valid: func(s string) bool {
			d := compact(s)
			return onlyDigits(d, 11) && check(d[:9]) == d[9] && check(d[:10]) == d[10]
		},
		fields:  []string{"cpf", "CPF", "cliente_cpf"},
		phrases: slices.Concat(in("pt", "CPF ", "CPF nº ", "cadastro de pessoa física "), en("CPF ")),
	}
}

func nino() *identifier {
	prefix := func(p string) bool {
		return len(p) == 2 && !strings.ContainsAny(p, "DFIQUV") && p[1] != 'O' && !slices.Contains([]string{"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}, p)
	}
	return &identifier{
		rule: "UK_NATIONAL_INSURANCE_NUMBER",
		value: func(r *random) string {
			p := ""
			for !prefix(p) {
				p = r.string(upper, 2)
			}
			return joined(r, []string{"", " "}, p, r.digits(2), r.digits(2), r.digits(2), r.string("ABCD", 1))
		},
		valid: func(s string) bool {
			c := compact(s)
			return len(c) == 9 && prefix(c[:2]) && onlyDigits(c[2:8], 6) && c[8] >= 'A' && c[8] <= 'D'
		},
		wrong: func(r *random) string {
			return pick(r, []string{"BG", "GB", "NK", "TN", "ZZ", "DA", "QQ", "AO"}) + r.digits(6) + r.string("ABCD", 1)
		},
		fields:  []string{"nino", "national_insurance_number", "ni_number"},
		phrases: en("NINO ", "National Insurance number ", "NI number "),
	}
}

// nhs numbers end in a digit modulo 11; those that would need a ten are not
// issued.
func nhs() *identifier {
	check := func(d string) byte { return mod11Digit(weighted(d, 10, 9, 8, 7, 6, 5, 4, 3, 2), 'X', '0') }
	return &identifier{
		rule: "UK_NHS_NUMBER",
		value: func(r *random) string {
			for {
				d := r.string("4567", 1) + r.digits(8)
				if c := check(d); c != 'X' {
					d += string(c)
					return joined(r, []string{" ", " ", ""}, d[:3], d[3:6], d[6:])
				}
			}
		},
		valid:   func(s string) bool { d := compact(s); return onlyDigits(d, 10) && check(d) == d[9] },
		fields:  []string{"nhs_number", "nhs", "nhsNumber"},
		phrases: en("NHS number ", "NHS no ", "National Health Service "),
	}
}

func dni() *identifier {
	return &identifier{
		rule: "SPAIN_DNI_NUMBER",
		value: func(r *random) string {
			d := r.string("1234567", 1) + r.digits(7)
			return joined(r, []string{"", "", "-"}, d, string(dniLetter(number(d))))
		},
		valid: func(s string) bool {
			c := compact(s)
			return len(c) == 9 && onlyDigits(c[:8], 8) && (c[8] == dniLetter(number(c[:8])) || c[8] == peruLetter(c))
		},
		fields:  []string{"dni", "DNI"},
		phrases: slices.Concat(in("es", "DNI ", "DNI: ", "documento nacional de identidad "), en("DNI ")),
	}
}

func nie() *identifier {
	letter := func(c string) byte { return dniLetter(int(c[0]-'X')*1e7 + number(c[1:8])) }
	return &identifier{
		rule: "SPAIN_NIE_NUMBER",
		value: func(r *random) string {
			c := r.string("XYZ", 1) + r.digits(7)
			return joined(r, []string{"", "-"}, c[:1], c[1:], string(letter(c)))
		},
		valid: func(s string) bool {
			c := compact(s)
			return len(c) == 9 && c[0] >= 'X' && onlyDigits(c[1:8], 7) && c[8] == letter(c)
		},
		fields:  []string{"nie", "NIE"},
		phrases: slices.Concat(in("es", "NIE ", "NIE: ", "número de identidad de extranjero "), en("NIE ")),
	}
}

func codiceFiscale() *identifier {
	const consonants, months = "BCDFGLMNPRSTVZ", "ABCDEHLMPRST"
	return &identifier{
		rule: "ITALY_NATIONAL_IDENTIFICATION_NUMBER",
		value: func(r *random) string {
			day := r.between(1, 28) + 40*r.below(2)
			c := r.string(consonants, 6) + fmt.Sprintf("%02d", r.between(30, 99)) + r.string(months, 1) + fmt.Sprintf("%02d", day) +
				r.string("ABCDEFGHIL", 1) + fmt.Sprintf("%03d", r.between(1, 999))
			return c + string(italianLetter(c))
		},
		valid: func(s string) bool {
			return len(s) == 16 && strings.Trim(s[:6], consonants) == "" && onlyDigits(s[6:8], 2) &&
				strings.IndexByte(months, s[8]) >= 0 && number(s[9:11])%40 >= 1 && number(s[9:11])%40 <= 31 &&
				onlyDigits(s[12:15], 3) && s[15] == italianLetter(s[:15])
		},
		fields:  []string{"codice_fiscale", "codiceFiscale", "codfisc"},
		phrases: slices.Concat(in("it", "codice fiscale ", "Codice fiscale: ", "cod. fisc. "), en("codice fiscale ")),
	}
}

// nir is the number of the French social security: 13 places and a key
// modulo 97. The departments of Corsica, 2A and 2B, count as 19 and 18.
func nir() *identifier {
	key := func(c string) int { return 97 - mod97(corsica(c)) }
	return &identifier{
		rule: "FRANCE_NATIONAL_IDENTIFICATION_NUMBER",
		value: func(r *random) string {
			dep := pick(r, []string{"13", "31", "33", "44", "59", "67", "69", "75", "92", "2A", "2B"})
			c := fmt.Sprintf("%d%02d%02d%s%03d%03d", r.between(1, 2), r.between(30, 99), r.between(1, 12), dep, r.between(1, 900), r.between(1, 999))
			k := fmt.Sprintf("%02d", key(c))
			return joined(r, []string{"", " "}, c[:1], c[1:3], c[3:5], c[5:7], c[7:10], c[10:], k)
		},
		valid: func(s string) bool {
			c := compact(s)
			return len(c) == 15 && onlyDigits(corsica(c[:13])+c[13:], 15) && number(c[13:]) == key(c[:13])
		},
		fields:  []string{"nir", "insee", "NIR"},
		phrases: slices.Concat(in("fr", "NIR ", "numéro de sécurité sociale ", "numéro INSEE "), en("NIR ")),
	}
}

// corsica replaces the letter of a Corsican department in the first 13
// places of a NIR.
func corsica(c string) string {
	switch c[5:7] {
	case "2A":
		return c[:5] + "19" + c[7:]
	case "2B":
		return c[:5] + "18" + c[7:]
	}
	return c
}

// steuerID is the German tax identification number: among its first ten
// digits one occurs twice or three times and no other more than once.
func steuerID() *identifier {
	oneRepeated := func(d string) bool {
		more := 0
		for _, c := range decimal {
			switch n := strings.Count(d, string(c)); {
			case n > 3:
				return false
			case n > 1:
				more++
			}
		}
		return more == 1
	}
	return &identifier{
		rule: "GERMANY_TAX_IDENTIFICATION_NUMBER",
		value: func(r *random) string {
			d := "0"
			for d[0] == '0' || !oneRepeated(d) || repeats(d, 3) {
				d = permutation(r)
				d = d[:9] + d[r.below(9):][:1]
			}
			d += string(mod11x10(d))
			return joined(r, []string{"", " "}, d[:2], d[2:5], d[5:8], d[8:])
		},
		valid: func(s string) bool {
			d := compact(s)
			return onlyDigits(d, 11) && d[0] != '0' && oneRepeated(d[:10]) && mod11x10(d[:10]) == d[10]
		},
		fields:  []string{"steuer_id", "idnr", "steuernummer"},
		phrases: slices.Concat(in("de", "Steuer-ID ", "Steueridentifikationsnummer ", "IdNr. "), en("German tax id ")),
	}
}

// permutation returns the ten digits in random order.
func permutation(r *random) string {
	b := []byte(decimal)
	for i := len(b) - 1; i > 0; i-- {
		j := r.below(i + 1)
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

func aadhaar() *identifier {
	return &identifier{
		rule: "INDIA_AADHAAR_NUMBER",
		value: func(r *random) string {
			d := r.string("23456789", 1) + r.digits(10)
			d += string(verhoeff(d))
			return joined(r, []string{" ", " ", "-", ""}, d[:4], d[4:8], d[8:])
		},
		valid: func(s string) bool {
			d := compact(s)
			return onlyDigits(d, 12) && d[0] >= '2' && verhoeff(d[:11]) == d[11]
		},
		fields:  []string{"aadhaar", "aadhaar_number", "uidai"},
		phrases: slices.Concat(en("Aadhaar ", "Aadhaar number ", "UIDAI "), in("hi", "आधार ")),
	}
}

func pan() *identifier {
	const holders = "ABCFGHJLPT"
	return &identifier{
		rule: "INDIA_PERMANENT_ACCOUNT_NUMBER",
		value: func(r *random) string {
			return r.string(upper, 3) + r.string(holders, 1) + r.string(upper, 1) + fmt.Sprintf("%04d", r.between(1, 9999)) + r.string(upper, 1)
		},
		valid: func(s string) bool {
			return len(s) == 10 && strings.Trim(s[:5]+s[9:], upper) == "" && strings.IndexByte(holders, s[3]) >= 0 &&
				onlyDigits(s[5:9], 4) && s[5:9] != "0000"
		},
		wrong: func(r *random) string {
			return r.string(upper, 3) + r.string("DIMNOQRSUVWXYZ", 1) + r.string(upper, 1) + r.digits(4) + r.string(upper, 1)
		},
		fields:  []string{"pan_number", "pan_no", "permanent_account_number"},
		phrases: en("PAN ", "PAN number ", "Permanent Account Number "),
	}
}
