package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalOceania returns the rules for numbers of Australia and New Zealand.
func nationalOceania() []Rule {
	return rules([]national{
		{
			id: "AUSTRALIA_TAX_FILE_NUMBER", name: "Australian tax file number (TFN)", countries: "AU",
			form: "9 digits, printed 3-3-3, or 8 in old ones, printed 2-3-3 or 3-3-2 (Taxation Administration Act 1953)",
			check: "of nine digits times 1 4 3 7 5 8 6 9 10, of eight times 10 7 8 4 6 3 5 1, the sum is a multiple of 11; " +
				"not all equal",
			near: "999~999~999|99~999~999|999 999 99", valid: validTFN,
			keywords: "tax file number; tfn; " +
				"tfn number; tax file no; tax file num; tfn no; tfn id; tfn#; tax file #; tax file; australian tax number",
			dummies: []string{"123456782", "876543210"}, // examples of the tax office and of many libraries
		}, {
			id: "AU_MEDICARE_NUMBER", name: "Australian Medicare card", countries: "AU",
			form: "10 digits, printed 4-5-1, the first 2 to 6 and the last the issue of the card; behind them perhaps the number of a person on the " +
				"card (Services Australia)",
			check: "the first eight times 1 3 7 9 1 3 7 9, the sum modulo 10, is the ninth; issue and person are not 0",
			near:  "9999~99999~9|9999~99999~9~9|9999 99999 9-9|9999 99999 9/9|9999999999-9|9999999999/9|9999999999 9", valid: validMedicareAU,
			keywords: "medicare; medicare number; medicare card; " +
				"medicare no; medicare num; medicare id; medicare card number; medicare card no; medicare#",
		}, {
			id: "AUSTRALIA_BUSINESS_NUMBER", name: "Australian business number (ABN)", countries: "AU", severity: Rising,
			form:  "11 digits, printed 2-3-3-3, the first not 0 (A New Tax System (Australian Business Number) Act 1999)",
			check: "the first digit less one, the digits times 10 1 3 5 7 9 11 13 15 17 19, the sum is a multiple of 89",
			near:  "99~999~999~999", valid: validABN,
			keywords: "abn; australian business number; " +
				"a.b.n.; abn no; abn number; abn id; abn#; australian business no; business number",
			dummies: []string{"51824753556"}, // the worked example of the register: its own number
		}, {
			id: "AUSTRALIA_COMPANY_NUMBER", name: "Australian company number (ACN)", countries: "AU", severity: Rising,
			form:  "9 digits, printed 3-3-3 (Corporations Act 2001)",
			check: "the first eight times 8 to 1, ten less the sum modulo 10, is the ninth; not all equal",
			near:  "999~999~999", valid: validACN,
			keywords: "acn; australian company number; " +
				"a.c.n.; acn no; acn number; acn id; acn#; australian company no; arbn; a.r.b.n.; australian registered body number",
		}, {
			id: "NEW_ZEALAND_IRD_NUMBER", name: "New Zealand tax number (IRD)", countries: "NZ",
			form: "8 or 9 digits from 10 to 150 million, printed 2-3-3 or 3-3-3, behind NZ or not (Inland Revenue, Non-resident withholding tax " +
				"specification)",
			check: "as nine digits, the first eight times 3 2 7 6 5 4 3 2, eleven less the sum modulo 11, 0 for 11; where that is 10, " +
				"again with 7 4 3 2 5 2 7 6; not all equal",
			near: "999~999~999|99~999~999|NZ999~999~999|NZ99~999~999", valid: validIRD,
			keywords: "ird; ird number; inland revenue; tax number; " +
				"ird no; ird num; ird id; ird#; nz ird; inland revenue number; inland revenue no; nz gst; nz tax number; tau ird; te tari taake",
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

func validMedicareAU(v []byte) bool {
	return '2' <= v[0] && v[0] <= '6' && checksum.Weighted(v, 1, 3, 7, 9, 1, 3, 7, 9)%10 == digit(v, 8) && v[9] != '0' && v[len(v)-1] != '0'
}

func validABN(v []byte) bool {
	return v[0] != '0' && (checksum.Weighted(v, 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)-10)%89 == 0
}

func validACN(v []byte) bool {
	return (checksum.Weighted(v, 8, 7, 6, 5, 4, 3, 2, 1)+digit(v, 8))%10 == 0 && !allEqual(v)
}

func validIRD(v []byte) bool {
	if v[0] == 'N' {
		v = v[len("NZ"):]
	}
	if n := value(v, 0, len(v)); n < 10_000_000 || n >= 150_000_000 || allEqual(v) {
		return false
	}
	nine := [9]byte{'0'}
	copy(nine[9-len(v):], v)
	check := (11 - checksum.Weighted(nine[:], 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
	if check == 10 {
		check = (11 - checksum.Weighted(nine[:], 7, 4, 3, 2, 5, 2, 7, 6)%11) % 11
	}
	return check == digit(nine[:], 8)
}
