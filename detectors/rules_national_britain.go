package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalBritain returns the rules for numbers of the United Kingdom and of
// Ireland.
func nationalBritain() []Rule {
	return []Rule{
		ukNationalInsurance(),
		ukNHS(),
		ukTaxReference(),
		ukElectoralRoll(),
		ukSortCodeAccount(),
		irelandPPS(),
	}
}

func ukNationalInsurance() Rule {
	return Rule{
		ID:        "UK_NATIONAL_INSURANCE_NUMBER",
		Name:      "National Insurance number",
		Category:  Personal,
		Countries: []string{"GB"},
		Severity:  AlwaysHigh,
		Form: "two letters, six digits and a letter A to D, in one run or in pairs; the prefix letters without D F I Q U V, the second " +
			"also without O, and not BG GB KN NK NT TN ZZ (HM Revenue & Customs, National Insurance Manual NIM39110); " +
			"in one run, or without the last letter, only beside a keyword",
		Check: "none exists; the prefixes are the check",
		Forms: []Form{
			{Pattern: "AA 99 99 99 A"},
			{Pattern: "AA-99-99-99-A"},
			{Pattern: "AA.99.99.99.A"},
			{Pattern: "AA 999999 A"},
			{Pattern: "AA 999999A"},
			{Pattern: "AA999999A", NeedKeyword: true},
			{Pattern: "AA999999 A", NeedKeyword: true},
			{Pattern: "AA~99~99~99", NeedKeyword: true},
			{Pattern: "AA 999999", NeedKeyword: true},
		},
		Valid: validNINO,
		Keywords: wordList(
			"insurance no.; insurance number; insurance#; national insurance number; nationalinsurance#; nationalinsurancenumber; nin; nino",
			"national insurance; national insurance no; ni number; ni no; ni num; n.i. number; ni#; hmrc",
		),
		Priority: PriorityRange + 5,
	}
}

func validNINO(v []byte) bool {
	for _, c := range v[:2] {
		switch c {
		case 'D', 'F', 'I', 'Q', 'U', 'V':
			return false
		}
	}
	switch string(v[:2]) {
	case "BG", "GB", "KN", "NK", "NT", "TN", "ZZ":
		return false
	}
	return v[1] != 'O' && (len(v) == 8 || v[8] <= 'D')
}

func ukNHS() Rule {
	return Rule{
		ID:        "UK_NHS_NUMBER",
		Name:      "NHS number",
		Category:  Personal,
		Countries: []string{"GB"},
		Severity:  AlwaysHigh,
		Form:      "10 digits, printed 3-3-4 (NHS Data Dictionary, NHS NUMBER); a Scottish CHI number has the same check",
		Check:     "the first nine times 10 to 2, eleven less the sum modulo 11, 11 standing for 0 and 10 for none; not all equal",
		Forms:     []Form{{Pattern: "999~999~9999"}},
		Valid:     validNHS,
		Keywords: wordList(
			"national health service; nhs",
			"nhs number; nhs no; nhs num; nhs id; health service number; chi number; chi no; hospital number; patient id; patient number",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validNHS(v []byte) bool {
	return digitIs(v[9], checksum.Check11(v, 10, 9, 8, 7, 6, 5, 4, 3, 2)) && !allEqual(v)
}

func ukTaxReference() Rule {
	return Rule{
		ID:        "UK_TAX_IDENTIFICATION_NUMBER",
		Name:      "UK taxpayer reference (UTR, TRN)",
		Category:  Personal,
		Countries: []string{"GB"},
		Severity:  AlwaysHigh,
		Form: "unique taxpayer reference: 10 digits, printed 5-5, a K behind them on some statements (HM Revenue & Customs); " +
			"temporary reference number: two digits, a letter, five digits",
		Check: "of the unique reference: digits 2 to 10 times 6, 7, 8, 9, 10, 5, 4, 3, 2, the sum modulo 11 chooses the first digit from 21987654321; " +
			"not all equal",
		Forms: []Form{{Pattern: "99999~99999"}, {Pattern: "9999999999A"}, {Pattern: "99A99999"}},
		Valid: validUTR,
		Keywords: wordList(
			"paye; tax id; tax id no.; tax id number; tax identification; tax identification#; tax no.; tax number; tax reference; tax#; taxid#",
			"temporary reference number; tin; trn; unique tax reference; unique taxpayer reference; utr",
			"taxpayer reference; taxpayer reference number; utr number; utr no; self assessment; hmrc; tax ref; ct utr; sa utr; utrs",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

// validUTR judges a unique taxpayer reference, or a temporary one, which has
// eight characters and no check.
func validUTR(v []byte) bool {
	if len(v) == len("99A99999") {
		return !allZero(v[3:])
	}
	sum := checksum.Weighted(v[1:10], 6, 7, 8, 9, 10, 5, 4, 3, 2)
	return v[0] == "21987654321"[sum%11] && !allEqual(v[:10]) && (len(v) == 10 || v[10] == 'K')
}

func ukElectoralRoll() Rule {
	return Rule{
		ID:        "UK_ELECTORAL_ROLL_NUMBER",
		Name:      "UK electoral roll number",
		Category:  Personal,
		Countries: []string{"GB"},
		Severity:  AlwaysHigh,
		Form: "the one or two letters of a polling district and up to four digits, in one run or joined by a hyphen or slash " +
			"(Representation of the People Regulations 2001, regulation 41)",
		Check: "none exists; the number is not 0",
		Forms: []Form{
			{Pattern: "AA9999"}, {Pattern: "AA999"}, {Pattern: "AA99"}, {Pattern: "AA9"},
			{Pattern: "A9999"}, {Pattern: "A999"}, {Pattern: "A99"}, {Pattern: "A9"},
			{Pattern: "AA-9999"}, {Pattern: "AA-999"}, {Pattern: "AA-99"}, {Pattern: "A-9999"}, {Pattern: "A-999"},
			{Pattern: "AA/9999"}, {Pattern: "AA/999"}, {Pattern: "AA/99"}, {Pattern: "A/9999"}, {Pattern: "A/999"},
		},
		Valid: func(v []byte) bool {
			digits := v[1:]
			if isLetter(v[1]) {
				digits = v[2:]
			}
			return !allZero(digits)
		},
		Keywords: wordList(
			"electoral #; electoral number; electoral roll #; electoral roll no.; electoral roll number; electoralrollno",
			"electoral register number; electoral roll id; elector number; elector no; elector id; register of electors",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func irelandPPS() Rule {
	return Rule{
		ID:        "IRELAND_PPS_NUMBER",
		Name:      "Irish Personal Public Service number",
		Category:  Personal,
		Countries: []string{"IE"},
		Severity:  AlwaysHigh,
		Form: "7 digits, a check letter A to W and in some numbers a further letter, one of ABHWTX; a space may stand before the letters " +
			"(Department of Social Protection; Social Welfare Consolidation Act 2005, section 262)",
		Check: "digits times 8 to 2, the further letter times 9 (A is 1, B 2, H 8, the others 0), the sum modulo 23 chooses from " +
			"WABCDEFGHIJKLMNOPQRSTUV; the digits are not all zero",
		Forms: []Form{{Pattern: "9999999A"}, {Pattern: "9999999AA"}, {Pattern: "9999999 A"}, {Pattern: "9999999 AA"}},
		Valid: validPPS,
		Keywords: wordList(
			"pps; ppsn; pps number; personal public service; rsi number",
			"pps no; pps num; p.p.s.; personal public service number; rsi no; public services card; uimhir psp; uimhir phearsanta seirbhíse poiblí; ppsns",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"1234567T", "1234567FA", "1234567TW"}, // on the department's specimen cards and forms
	}
}

func validPPS(v []byte) bool {
	sum := checksum.Weighted(v[:7], 8, 7, 6, 5, 4, 3, 2)
	if len(v) == 9 {
		switch c := v[8]; c {
		case 'A', 'B', 'H':
			sum += 9 * int(c-'A'+1)
		case 'W', 'T', 'X':
		default:
			return false
		}
	}
	return v[7] == "WABCDEFGHIJKLMNOPQRSTUV"[sum%23] && !allZero(v[:7])
}
