package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// healthUSA returns the rules for numbers of patients, of those who treat them
// and of what they are given, as the United States have them.
func healthUSA() []Rule {
	return []Rule{
		usaDEA(), usaClaimNumber(), usaMedicare(), usaProcedureCode(), usaDrugCode(), usaProvider(), deviceIdentifier(),
		medicalRecord(), icd10(),
	}
}

func usaDEA() Rule {
	return Rule{
		ID: "US_DRUG_ENFORCEMENT_AGENCY_NUMBER", Name: "registration number of the Drug Enforcement Administration",
		Category: Personal, Countries: []string{"US"}, Severity: AlwaysHigh, Priority: PriorityKeyword,
		Form:  "A letter for the kind of registrant, the first letter of the name or 9, and 7 digits (21 CFR 1301.35; DEA Diversion Control Division).",
		Check: "The first, third and fifth digit and twice the second, fourth and sixth add up to a number that ends in the seventh; the first letter is one of ABCDEFGHJKLMPRSTUX.",
		Forms: []Form{{Pattern: "AX9999999"}},
		Valid: validDEA,
		Keywords: wordList(
			"dea number; dea registration",
			"dea; dea no; dea #; dea num; dea reg; dea registration number; dea id; prescriber dea",
		),
		NeedKeyword: true,
	}
}

func validDEA(v []byte) bool {
	digits := v[2:]
	return strings.IndexByte("ABCDEFGHJKLMPRSTUX", v[0]) >= 0 && (isLetter(v[1]) || v[1] == '9') && !allEqual(digits) &&
		checksum.Weighted(digits, 1, 2, 1, 2, 1, 2)%10 == int(digits[6]-'0')
}

func usaClaimNumber() Rule {
	return Rule{
		ID: "USA_HEALTH_INSURANCE_CLAIM_NUMBER", Name: "Medicare health insurance claim number (HICN)",
		Category: Personal, Countries: []string{"US"}, Severity: AlwaysHigh, Priority: PriorityKeyword,
		Form: "A social security number and a beneficiary identification code of one or two characters behind it; or the prefix of a railroad board and six or nine digits (CMS, Medicare General " +
			"Information, chapter 2, 50; in use until 2020).",
		Check: "The ranges of social security numbers; the code or prefix is one that was given.",
		Forms: []Form{
			{Pattern: "999-99-9999-A"}, {Pattern: "999-99-9999-AX"}, {Pattern: "999-99-9999A"}, {Pattern: "999-99-9999AX"},
			{Pattern: "999 99 9999 A"}, {Pattern: "999 99 9999 AX"}, {Pattern: "999 99 9999A"}, {Pattern: "999 99 9999AX"},
			{Pattern: "999999999A"}, {Pattern: "999999999AX"}, {Pattern: "999999999-A"}, {Pattern: "999999999-AX"}, {Pattern: "999999999 A"},
			{Pattern: "A~999999"}, {Pattern: "AA~999999"}, {Pattern: "AAA~999999"},
			{Pattern: "A~999999999"}, {Pattern: "AA~999999999"}, {Pattern: "AAA~999999999"},
			{Pattern: "A-999-99-9999"}, {Pattern: "AA-999-99-9999"}, {Pattern: "AAA-999-99-9999"},
		},
		Valid: validClaimNumber,
		Keywords: wordList(
			"health insurance claim number; hic no; hic no.; hic number; hic#; hicn; hicn#.; hicno#",
			"health insurance claim no; medicare claim number; medicare claim no; medicare number; hic",
		),
		NeedKeyword: true,
	}
}

// validClaimNumber judges digits with a code behind them, or with a prefix.
func validClaimNumber(v []byte) bool {
	i := runEnd(v, 0, len(v), letterByte)
	if i == 0 {
		n, ok := readTaxNumber(v, 0)
		return ok && n.isSSN() && beneficiaries.has(v[n.end:])
	}
	digits := v[i:]
	if !railroads.has(v[:i]) {
		return false
	}
	if len(digits) == 6 {
		return !allEqual(digits)
	}
	n, ok := readTaxNumber(digits, 0)
	return ok && n.isSSN()
}

// The codes behind a claim number and the prefixes of railroad boards (CMS,
// Medicare General Information, Eligibility and Entitlement, chapter 2).
var (
	beneficiaries = newStringSet(strings.Fields(
		"A B B1 B2 B3 B4 B5 B6 B7 B8 B9 BA BD BG BH BJ BK BL BN BP BQ BR BT BW BY C1 C2 C3 C4 C5 C6 C7 C8 C9 CA CB CC CD CE CF CG CH CI CJ CK CL CM CN CO CP CQ CR CS CT CU CV CW CX CY CZ " +
			"D D1 D2 D3 D4 D5 D6 D7 D8 D9 DA DC DD DG DH DJ DK DL DM DN DP DQ DR DS DT DV DW DX DY DZ E E1 E2 E3 E4 E5 E6 E7 E8 E9 EA EB EC ED EF EG EH EJ EK EM " +
			"F1 F2 F3 F4 F5 F6 F7 F8 J1 J2 J3 J4 K1 K2 K3 K4 K5 K6 K7 K8 K9 KA KB KC KD KE KF KG KH KJ KL KM M M1 T TA TB TC TD TE TF TG TH TJ TK TL TM TN TP TQ TR TS TT TU TV TW TX TY TZ T2 " +
			"W W1 W2 W3 W4 W5 W6 W7 W8 W9 WB WC WF WG WJ WR WT")...)
	railroads = newStringSet("A", "MA", "WA", "WCA", "WD", "PA", "PD", "JA", "H", "MH", "WH", "WCH", "WCD", "PH", "CA")
)

func usaMedicare() Rule {
	return Rule{
		ID: "USA_MEDICARE_BENEFICIARY_IDENTIFIER", Name: "Medicare beneficiary identifier (MBI)",
		Category: Personal, Countries: []string{"US"}, Severity: AlwaysHigh, Priority: PriorityKeyword,
		Form: "11 characters: a digit from 1, a letter, a letter or digit, a digit, a letter, a letter or digit, a digit, two letters, two digits, in one run or 4-3-4 (CMS, Understanding the Medicare Beneficiary " +
			"Identifier Format). With hyphens, as printed on the card, it stands for itself, otherwise it needs a keyword.",
		Check: "No letter is one of S L O I B Z. There is no check digit.",
		Forms: []Form{{Pattern: "9AX9-AX9-AA99"}, {Pattern: "9AX9AX9AA99", NeedKeyword: true}, {Pattern: "9AX9 AX9 AA99", NeedKeyword: true}},
		Valid: validMBI,
		Keywords: wordList(
			"mbi; medicare beneficiary",
			"medicare number; medicare no; medicare id; medicare beneficiary identifier; mbi number; hicn mbi; medicare",
		),
		Dummies: []string{"1EG4TE5MK73", "1EG4TE5MK72"}, // of CMS, on its sample cards
	}
}

func validMBI(v []byte) bool {
	for _, c := range v {
		switch c {
		case 'S', 'L', 'O', 'I', 'B', 'Z':
			return false
		}
	}
	return v[0] != '0'
}

func usaProcedureCode() Rule {
	return Rule{
		ID: "USA_HEALTHCARE_PROCEDURE_CODE", Name: "code of a medical procedure (HCPCS, CPT)",
		Category: Personal, Countries: []string{"US"}, Severity: AlwaysHigh, Priority: PriorityShape,
		Form:  "CPT: five digits, or four and F, M, T or U; HCPCS level II: A to V and four digits; each with a modifier of two characters or without (CMS, HCPCS Level II Coding Procedures).",
		Check: "None: the list of CPT codes is the property of the American Medical Association.",
		Forms: []Form{{Pattern: "99999"}, {Pattern: "9999A"}, {Pattern: "A9999"}, {Pattern: "99999-XX"}, {Pattern: "9999A-XX"}, {Pattern: "A9999-XX"}},
		Valid: validProcedure,
		Keywords: wordList(
			"current procedural terminology; hcpcs; healthcare common procedure coding system",
			"cpt; cpt code; cpt4; cpt-4; procedure code; hcpcs code",
		),
		NeedKeyword: true,
	}
}

func validProcedure(v []byte) bool {
	code := v[:5]
	switch {
	case isLetter(code[0]):
		return code[0] <= 'V' && code[0] != 'F' && code[0] != 'I' && code[0] != 'N' && code[0] != 'O'
	case isLetter(code[4]):
		return strings.IndexByte("FMTU", code[4]) >= 0
	}
	return !allZero(code)
}

func usaDrugCode() Rule {
	return Rule{
		ID: "USA_NATIONAL_DRUG_CODE", Name: "National Drug Code (NDC)",
		Category: Personal, Countries: []string{"US"}, Severity: AlwaysHigh, Priority: PriorityKeyword,
		Form:  "Labeler, product and package in 4-4-2, 5-3-2, 5-4-1 or 5-4-2 digits with hyphens (21 CFR 207.33), or 10 or 11 digits in one run, beside a keyword.",
		Check: "None; the labeler is not zero.",
		Forms: []Form{
			{Pattern: "9999-9999-99"}, {Pattern: "99999-999-99"}, {Pattern: "99999-9999-9"}, {Pattern: "99999-9999-99"},
			{Pattern: "9999999999"}, {Pattern: "99999999999"},
		},
		Valid:       func(v []byte) bool { return !allZero(v[:4]) && !allEqual(v) },
		Keywords:    wordList("national drug code; ndc", "ndc code; ndc number; ndc no; ndc11; ndc10; drug code"),
		NeedKeyword: true,
	}
}

func usaProvider() Rule {
	return Rule{
		ID: "USA_NATIONAL_PROVIDER_IDENTIFIER", Name: "National Provider Identifier (NPI)",
		Category: Personal, Countries: []string{"US"}, Severity: AlwaysHigh, Priority: PriorityKeyword,
		Form:  "10 digits of which the first is 1 or 2, in one run or 4-3-3 (45 CFR 162.406).",
		Check: "Luhn over the digits with 80840 before them (CMS, Requirements for National Provider Identifier).",
		Forms: []Form{{Pattern: "9999~999~999"}},
		Valid: validNPI,
		Keywords: wordList(
			"hipaa; n.p.i; national provider; npi",
			"npi number; npi no; npi id; national provider identifier; provider identifier; provider id; provider number; rendering provider; billing provider",
		),
		NeedKeyword: true,
	}
}

func validNPI(v []byte) bool {
	if v[0] != '1' && v[0] != '2' || allEqual(v[1:]) {
		return false
	}
	number := [15]byte{'8', '0', '8', '4', '0'}
	copy(number[5:], v)
	return checksum.Luhn(number[:])
}

func medicalRecord() Rule {
	var forms []Form
	for n := 5; n <= 12; n++ {
		forms = append(forms, Form{Pattern: strings.Repeat("9", n)})
	}
	for n := 5; n <= 10; n++ {
		digits := strings.Repeat("9", n)
		for _, prefix := range []string{"A", "A-", "AA", "AA-", "AAA", "AAA-"} {
			forms = append(forms, Form{Pattern: prefix + digits})
		}
	}
	for _, p := range []string{"99-99-99", "999-99-99", "999-999", "999-999-999", "9999-9999", "99999-9", "999 999 999"} {
		forms = append(forms, Form{Pattern: p})
	}
	return Rule{
		ID: "MEDICAL_RECORD_NUMBER", Name: "number of a patient's record",
		Category: Personal, Severity: AlwaysHigh, Priority: PriorityShape,
		Form:  "As a hospital likes it: 5 to 12 digits, also in groups with hyphens, or one to three letters and 5 to 10 digits, beside a keyword, a range of years excepted.",
		Check: "None exists; not all digits are equal.",
		Forms: forms,
		Valid: validMedicalRecord,
		Keywords: wordList(
			"mrn; mrn no; mrn number; medical record; medical record number; medical record no; med rec; med rec no; patient id; patient number; patient no; chart number; hospital number",
			"numéro de dossier médical; numéro patient; numéro de patient; dossier médical; krankenaktennummer; patientennummer; patienten-nr; patienten-id; fallnummer",
			"historia clínica; número de historia clínica; número de paciente; cartella clinica; numero paziente; prontuário; número do paciente; patiëntnummer",
			"カルテ番号; 患者番号; 病历号; 住院号",
		),
		NeedKeyword: true,
	}
}

// validMedicalRecord refuses equal digits and a range of years.
func validMedicalRecord(v []byte) bool {
	digits := v[runEnd(v, 0, len(v), letterByte):]
	century := func(v []byte) bool { return string(v[:2]) == "19" || string(v[:2]) == "20" }
	return !allEqual(digits) && !(len(v) == 8 && len(digits) == 8 && century(digits) && century(digits[4:]))
}

func icd10() Rule {
	var forms []Form
	for _, p := range []string{"A9X", "A9X.X", "A9X.XX", "A9X.XXX", "A9X.XXXX", "A9XX", "A9XXX", "A9XXXX", "A9XXXXX"} {
		forms = append(forms, Form{Pattern: p})
	}
	return Rule{
		ID: "ICD10_CODE", Name: "code of a diagnosis (ICD-10)",
		Category: Personal, Severity: Rising, Priority: PriorityShape,
		Form:  "A letter but U, a digit, a digit or A or B, and one to four digits or letters of A to K, X and Z, with a dot before them or not, or nothing (WHO ICD-10; ICD-10-CM, NCHS).",
		Check: "None; without a dot only the last character may be a letter.",
		Forms: forms,
		Valid: validICD10,
		Keywords: wordList(
			"icd; icd-10; icd10; icd 10; icd-10-cm; icd10cm; icd code; diagnosis code; diagnosis; dx:; dx\":; dx=; dx code; dx1; dx2; primary dx; admitting dx; principal diagnosis; diagnoses",
			"diagnosekode; diagnosecode; diagnoseschlüssel; code diagnostic; code cim; cim-10; código diagnóstico; código cie; cie-10; cid-10; codice diagnosi; 诊断编码; 診断コード",
		),
		NeedKeyword: true,
	}
}

func validICD10(v []byte) bool {
	if v[0] == 'U' || isLetter(v[2]) && v[2] > 'B' {
		return false
	}
	for _, c := range v[min(3, len(v)):] {
		if isLetter(c) && (c > 'K' && c != 'X' && c != 'Z') {
			return false
		}
	}
	return true
}
