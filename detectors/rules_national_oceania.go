package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalOceania returns the rules for numbers that Australia and New Zealand
// give to people and to who does business.
func nationalOceania() []Rule {
	return []Rule{
		australiaTFN(),
		australiaMedicare(),
		australiaABN(),
		australiaACN(),
		newZealandIRD(),
	}
}

func australiaTFN() Rule {
	return Rule{
		ID:        "AUSTRALIA_TAX_FILE_NUMBER",
		Name:      "Australian tax file number (TFN)",
		Category:  Personal,
		Countries: []string{"AU"},
		Severity:  AlwaysHigh,
		Form:      "9 digits, printed 3-3-3; 8 digits in old ones, printed 2-3-3 or 3-3-2 (Australian Taxation Office)",
		Check: "of nine digits times 1 4 3 7 5 8 6 9 10, of eight times 10 7 8 4 6 3 5 1, the sum is a multiple of 11; " +
			"not all equal",
		Forms:       []Form{{Pattern: "999~999~999"}, {Pattern: "99~999~999"}, {Pattern: "999 999 99"}},
		Valid:       validTFN,
		Keywords:    wordList("tax file number; tfn", "tfn number; tax file no; tfn no; tfn id; tax file num; tax file #; tfn#"),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"123456782", "876543210", "12345677"}, // examples of the ATO and of many libraries
	}
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

func australiaMedicare() Rule {
	return Rule{
		ID:        "AU_MEDICARE_NUMBER",
		Name:      "Australian Medicare number",
		Category:  Personal,
		Countries: []string{"AU"},
		Severity:  AlwaysHigh,
		Form: "10 digits, printed 4-5-1, the first 2 to 6 and the last the issue of the card; behind it may stand the reference number " +
			"of a person on the card (Services Australia)",
		Check: "the first eight times 1 3 7 9 1 3 7 9, the sum modulo 10, is the ninth; not all equal",
		Forms: []Form{
			{Pattern: "9999~99999~9"},
			{Pattern: "9999~99999~9~9"},
			{Pattern: "9999 99999 9-9"},
			{Pattern: "9999 99999 9/9"},
			{Pattern: "9999999999-9"},
			{Pattern: "9999999999/9"},
			{Pattern: "9999999999 9"},
		},
		Valid: validMedicareAU,
		Keywords: wordList("medicare; medicare number; medicare card",
			"medicare no; medicare num; medicare id; medicare card number; medicare card no; medicare#"),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validMedicareAU(v []byte) bool {
	return '2' <= v[0] && v[0] <= '6' && checksum.Weighted(v, 1, 3, 7, 9, 1, 3, 7, 9)%10 == int(v[8]-'0') && !allEqual(v[:9])
}

func australiaABN() Rule {
	return Rule{
		ID:        "AUSTRALIA_BUSINESS_NUMBER",
		Name:      "Australian business number (ABN)",
		Category:  Personal,
		Countries: []string{"AU"},
		Severity:  Rising,
		Form:      "11 digits, printed 2-3-3-3, the first not 0 (Australian Business Register)",
		Check:     "the first digit less one, the digits times 10 1 3 5 7 9 11 13 15 17 19, the sum is a multiple of 89",
		Forms:     []Form{{Pattern: "99~999~999~999"}},
		Valid:     validABN,
		Keywords: wordList("abn; australian business number",
			"a.b.n.; abn no; abn number; abn id; abn#; australian business no"),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"51824753556"}, // the worked example of the register: its own number
	}
}

func validABN(v []byte) bool {
	return v[0] != '0' && (checksum.Weighted(v, 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)-10)%89 == 0
}

func australiaACN() Rule {
	return Rule{
		ID:        "AUSTRALIA_COMPANY_NUMBER",
		Name:      "Australian company number (ACN)",
		Category:  Personal,
		Countries: []string{"AU"},
		Severity:  Rising,
		Form:      "9 digits, printed 3-3-3 (Australian Securities and Investments Commission)",
		Check:     "the first eight times 8 to 1, ten less the sum modulo 10, is the ninth; not all zeros",
		Forms:     []Form{{Pattern: "999~999~999"}},
		Valid:     validACN,
		Keywords: wordList("acn; australian company number",
			"a.c.n.; acn no; acn number; acn id; acn#; australian company no; arbn; a.r.b.n.; australian registered body number"),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validACN(v []byte) bool {
	return (checksum.Weighted(v, 8, 7, 6, 5, 4, 3, 2, 1)+int(v[8]-'0'))%10 == 0 && !allZero(v)
}

func newZealandIRD() Rule {
	return Rule{
		ID:        "NEW_ZEALAND_IRD_NUMBER",
		Name:      "New Zealand Inland Revenue number (IRD)",
		Category:  Personal,
		Countries: []string{"NZ"},
		Severity:  AlwaysHigh,
		Form:      "8 or 9 digits from 10 to 150 million, printed 2-3-3 or 3-3-3, behind NZ or not (Inland Revenue, Non-resident withholding tax specification)",
		Check: "as nine digits, the first eight times 3 2 7 6 5 4 3 2, the sum modulo 11 taken from 11, 11 standing for 0; where that is 10, " +
			"again with 7 4 3 2 5 2 7 6; not 10 again; not all equal",
		Forms: []Form{{Pattern: "999~999~999"}, {Pattern: "99~999~999"}, {Pattern: "NZ999~999~999"}, {Pattern: "NZ99~999~999"}},
		Valid: validIRD,
		Keywords: wordList("ird; ird number; inland revenue; tax number",
			"ird no; ird num; ird id; ird#; inland revenue number; inland revenue no; inland revenue department; gst number; gst no; nz tax number; tau ird; te tari taake"),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validIRD(v []byte) bool {
	if v[0] == 'N' {
		v = v[len("NZ"):]
	}
	padded := [9]byte{'0'}
	copy(padded[9-len(v):], v)
	if n := padded[:2]; string(n) < "01" || string(n) >= "15" || allEqual(v) {
		return false
	}
	check := (11 - checksum.Weighted(padded[:], 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
	if check == 10 {
		check = (11 - checksum.Weighted(padded[:], 7, 4, 3, 2, 5, 2, 7, 6)%11) % 11
	}
	return check == int(padded[8]-'0')
}
