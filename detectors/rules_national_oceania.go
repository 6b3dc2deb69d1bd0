package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalOceania returns the rules for numbers of Australia and New Zealand.
func nationalOceania() []Rule {
	return rules([]national{
		{
			id: "AUSTRALIA_TAX_FILE_NUMBER", name: "Australian tax file number", countries: "AU",
			form:     "9 digits, printed in threes, or 8 of old (Taxation Administration Act 1953)",
			check:    "weights 1 4 3 7 5 8 6 9 10, of eight digits 10 7 8 4 6 3 5 1, a multiple of eleven; not all equal",
			near:     "999999999|999 999 999|999-999-999|99999999|99 999 999",
			valid:    validTFN,
			keywords: "tax file number; tfn; tfn number; tax file no; tax file num; australian tax number; tax file",
			dummies:  []string{"123456782"},
		}, {
			id: "AU_MEDICARE_NUMBER", name: "Australian Medicare card", countries: "AU",
			form:     "10 digits, the first 2 to 6, printed 4-5-1, and perhaps the number of the person (Services Australia)",
			check:    "weights 1 3 7 9, repeated, over eight digits, modulo 10, is the ninth",
			near:     "9999999999|9999 99999 9|9999-99999-9|99999999999|9999 99999 9 9|9999 99999 9/9|9999 99999 9-9",
			valid:    validMedicare,
			keywords: "medicare; medicare number; medicare no; medicare card; medicare card number",
		}, {
			id: "AUSTRALIA_BUSINESS_NUMBER", name: "Australian business number", countries: "AU",
			form:     "11 digits, printed 2-3-3-3 (A New Tax System (Australian Business Number) Act 1999)",
			check:    "one taken from the first digit, weights 10 1 3 5 7 9 11 13 15 17 19, a multiple of 89",
			near:     "99999999999|99 999 999 999|99-999-999-999",
			valid:    validABN,
			keywords: "abn; abn number; abn no; australian business number; business number",
			severity: Rising,
		}, {
			id: "AUSTRALIA_COMPANY_NUMBER", name: "Australian company number", countries: "AU",
			form:  "9 digits, printed in threes (Corporations Act 2001)",
			check: "weights 8 to 1: what is missing to a multiple of ten; not all equal",
			near:  "999999999|999 999 999|999-999-999",
			valid: func(v []byte) bool {
				return (checksum.Weighted(v, 8, 7, 6, 5, 4, 3, 2, 1)+digit(v, 8))%10 == 0 && !allEqual(v)
			},
			keywords: "acn; acn number; acn no; a.c.n.; australian company number; company number",
			severity: Rising,
		}, {
			id: "NEW_ZEALAND_IRD_NUMBER", name: "New Zealand tax number (IRD)", countries: "NZ",
			form:     "8 or 9 digits from 10,000,000 to 150,000,000, printed 2-3-3 or 3-3-3 (Inland Revenue)",
			check:    "weights 3 2 7 6 5 4 3 2 modulo 11, or if that gives ten 7 4 3 2 5 2 7 6",
			near:     "99999999|999999999|99-999-999|999-999-999|99 999 999|999 999 999",
			valid:    validIRD,
			keywords: "ird; ird number; ird no; inland revenue; inland revenue number; tax number; nz ird",
		},
	})
}

func validTFN(v []byte) bool {
	if allEqual(v) {
		return false
	}
	if len(v) == 8 {
		return checksum.Weighted(v, 10, 7, 8, 4, 6, 3, 5, 1)%11 == 0
	}
	return checksum.Weighted(v, 1, 4, 3, 7, 5, 8, 6, 9, 10)%11 == 0
}

func validMedicare(v []byte) bool {
	return '2' <= v[0] && v[0] <= '6' && checksum.Weighted(v[:8], 1, 3, 7, 9, 1, 3, 7, 9)%10 == digit(v, 8) && v[9] != '0' && v[len(v)-1] != '0'
}

func validABN(v []byte) bool {
	return v[0] != '0' && (checksum.Weighted(v, 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)-10)%89 == 0
}

func validIRD(v []byte) bool {
	n := value(v, 0, len(v))
	if n < 10_000_000 || n > 150_000_000 {
		return false
	}
	var nine [9]byte
	nine[0] = '0'
	copy(nine[9-len(v):], v)
	r := checksum.Weighted(nine[:8], 3, 2, 7, 6, 5, 4, 3, 2) % 11
	if r = (11 - r) % 11; r == 10 {
		r = (11 - checksum.Weighted(nine[:8], 7, 4, 3, 2, 5, 2, 7, 6)%11) % 11
	}
	return r == digit(nine[:], 8)
}
