package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalBritain returns the rules for numbers of the United Kingdom and of
// Ireland.
func nationalBritain() []Rule {
	return []Rule{
		ukNationalInsurance(),
		ukNHS(),
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
	r := 11 - checksum.Weighted(v, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11
	return r%11 == int(v[9]-'0') && !allEqual(v)
}
