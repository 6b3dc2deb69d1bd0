package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalAsia returns the rules for numbers that the states of South Asia give
// to people and to who pays taxes.
func nationalAsia() []Rule {
	return []Rule{
		indiaAadhaar(),
		indiaPAN(),
		indiaGST(),
		indiaVoterID(),
		pakistanCNIC(),
		sriLankaNIC(),
	}
}

func indiaAadhaar() Rule {
	return Rule{
		ID:          "INDIA_AADHAAR_NUMBER",
		Name:        "Aadhaar number",
		Category:    Personal,
		Countries:   []string{"IN"},
		Severity:    AlwaysHigh,
		Form:        "12 digits, printed 4-4-4, the first not 0 or 1 (Unique Identification Authority of India, UID Numbering Scheme)",
		Check:       "Verhoeff; not a palindrome",
		Forms:       []Form{{Pattern: "9999~9999~9999"}},
		Valid:       validAadhaar,
		Keywords:    wordList("aadhaar; aadhar; adhaar; uidai", "आधार; unique identification number; uid number; uid no; adhar; aadhaar no; aadhaar number; aadhaar card"),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func validAadhaar(v []byte) bool {
	return v[0] >= '2' && checksum.Verhoeff(v) && !isPalindrome(v)
}

func isPalindrome(v []byte) bool {
	for i := range len(v) / 2 {
		if v[i] != v[len(v)-1-i] {
			return false
		}
	}
	return true
}

func indiaPAN() Rule {
	return Rule{
		ID:        "INDIA_PERMANENT_ACCOUNT_NUMBER",
		Name:      "Indian permanent account number (PAN)",
		Category:  Personal,
		Countries: []string{"IN"},
		Severity:  AlwaysHigh,
		Form: "five letters, four digits not all 0, a letter; the fourth letter is the kind of holder, one of ABCFGHJKLPT (Income Tax Department, " +
			"Rule 114)",
		Check: "the last letter is a check whose algorithm is not public",
		Forms: []Form{{Pattern: "AAAAA9999A"}},
		Valid: func(v []byte) bool {
			return isHolderPAN(v[3]) && !allZero(v[5:9])
		},
		Keywords: wordList(
			"e-pan; income tax pan; pan; pan card; pan no; pan number; permanent account number",
			"pan num; pan#; pan id; pancard; income tax; taxpayer; पैन; स्थायी खाता संख्या",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

func indiaGST() Rule {
	return Rule{
		ID:        "INDIA_GST_NUMBER",
		Name:      "Indian goods and services tax number (GSTIN)",
		Category:  Personal,
		Countries: []string{"IN"},
		Severity:  Rising,
		Form: "15 characters: state 01 to 38, 97 or 99, the permanent account number of the holder, a digit from 1 or a letter, Z, a check " +
			"character (Central Goods and Services Tax Rules, 2017, rule 10)",
		Check: "Luhn's formula in base 36; the kind of holder in the account number, one of ABCFGHJKLPT",
		Forms: []Form{{Pattern: "99AAAAA9999AXZX"}, {Pattern: "99AAAAA9999AXAX", NeedKeyword: true}},
		Valid: validGSTIN,
		Keywords: wordList(
			"gstin; gst number; gst no",
			"gst; gst id; gst#; gstn; gst registration; goods and services tax; जीएसटी; जीएसटीआईएन; जीएसटी नंबर",
		),
		Priority: PriorityCheck + 5,
	}
}

func validGSTIN(v []byte) bool {
	state := pair(v, 0)
	return (1 <= state && state <= 38 || state == 97 || state == 99) && isHolderPAN(v[5]) && v[12] != '0' && v[13] == 'Z' && checksum.Luhn36(v)
}

// isHolderPAN knows the kinds of holder of a permanent account number.
func isHolderPAN(c byte) bool { return strings.IndexByte("ABCFGHJKLPT", c) >= 0 }

func indiaVoterID() Rule {
	return Rule{
		ID:        "INDIA_VOTER_ID_NUMBER",
		Name:      "Indian voter number (EPIC)",
		Category:  Personal,
		Countries: []string{"IN"},
		Severity:  AlwaysHigh,
		Form:      "three letters and seven digits (Election Commission of India, Electors Photo Identity Card)",
		Check:     "Luhn over the seven digits, which older cards do not have, so it adds confidence only",
		Forms:     []Form{{Pattern: "AAA9999999"}, {Pattern: "AAA 9999999"}, {Pattern: "AAA-9999999"}, {Pattern: "AAA/9999999"}},
		Sure:      func(v []byte) bool { return checksum.Luhn(v[3:]) },
		Keywords: wordList(
			"voter id; epic; epic no; election card; मतदाता",
			"voter; voters; voter id card; voter card; voter no; voter number; voterid; epic number; epic id; election id; elector; electors photo identity card",
			"election commission; electoral photo identity card; electoral roll; मतदाता पहचान पत्र; मतदाता पहचान; मतदाता कार्ड; वोटर आईडी; निर्वाचन",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"ABC1234567", "XYZ1234567"},
	}
}

func pakistanCNIC() Rule {
	return Rule{
		ID:        "PAKISTAN_CNIC_NUMBER",
		Name:      "Pakistani identity card number (CNIC)",
		Category:  Personal,
		Countries: []string{"PK"},
		Severity:  AlwaysHigh,
		Form: "13 digits, printed 5-7-1, the first the province from 1 to 7, the last odd for men and even for women (National Database and " +
			"Registration Authority)",
		Check: "none is public; the last digit is not 0, the digits not all equal",
		Forms: []Form{{Pattern: "99999~9999999~9"}},
		Valid: func(v []byte) bool { return '1' <= v[0] && v[0] <= '7' && v[12] != '0' && !allEqual(v) },
		// A lone "nic" is a network card, beside times in milliseconds.
		Keywords: wordList(
			"cnic; identity card; شناختی کارڈ",
			"cnic no; cnic number; cnic#; n.i.c.; nic no; nic number; nic card; nicop; snic; nadra; computerised national identity card; computerized national identity card",
			"national identity card; قومی شناختی کارڈ; شناختی کارڈ نمبر; شناختی نمبر; shanakhti card; shanakhti; pakistani id",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"1234512345671"},
	}
}

func sriLankaNIC() Rule {
	return Rule{
		ID:        "SRI_LANKA_NIC_NUMBER",
		Name:      "Sri Lankan identity card number (NIC)",
		Category:  Personal,
		Countries: []string{"LK"},
		Severity:  AlwaysHigh,
		Form: "two digits of the year of birth, three of the day in it with 500 added for women, four of the serial, and V or X; since 2016 12 " +
			"digits, four of the year and five of the serial (Department for Registration of Persons)",
		Check: "none is public; a year of birth from 1910 or 1900 to 2020; that the year has the day adds confidence only",
		Forms: []Form{{Pattern: "999999999A"}, {Pattern: "999999999 A"}, {Pattern: "999999999-A"}, {Pattern: "999999999999"}, {Pattern: "9999 999 99999"}, {Pattern: "9999-999-99999"}},
		Valid: validNICLK,
		Sure:  sureNICLK,
		Keywords: wordList(
			"nic; national identity card; ජාතික හැඳුනුම්පත",
			"nic no; nic number; nic#; nic card; national id; national identity; identity card; identity card no; sri lankan id; lanka id",
			"හැඳුනුම්පත; හැඳුනුම්පත් අංකය; ජා.හැ.අ; தேசிய அடையாள அட்டை; அடையாள அட்டை; அடையாள அட்டை எண்",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}

// validNICLK judges the old form with its letter, or the twelve digits of the
// new one.
func validNICLK(v []byte) bool {
	if len(v) == 10 {
		return (v[9] == 'V' || v[9] == 'X') && v[0] != '0' && !allEqual(v[:9])
	}
	year := pair(v, 0)*100 + pair(v, 2)
	return firstYear <= year && year <= 2020 && !allZero(v[4:])
}

func sureNICLK(v []byte) bool {
	at := 4
	if len(v) == 10 {
		at = 2
	}
	day := int(v[at]-'0')*100 + pair(v, at+1)
	if day > 500 {
		day -= 500
	}
	return 1 <= day && day <= 366
}
