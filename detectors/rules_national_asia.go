package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// nationalAsia returns the rules for numbers that Asian states give to people.
func nationalAsia() []Rule {
	return []Rule{
		indiaAadhaar(),
		indiaPAN(),
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
			return strings.IndexByte("ABCFGHJKLPT", v[3]) >= 0 && !allZero(v[5:9])
		},
		Keywords: wordList(
			"e-pan; income tax pan; pan; pan card; pan no; pan number; permanent account number",
			"pan num; pan#; pan id; pancard; income tax; taxpayer; पैन; स्थायी खाता संख्या",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
}
