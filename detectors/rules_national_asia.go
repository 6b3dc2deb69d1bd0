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
		Examples: Examples{
			Positive: []string{
				"Aadhaar: «2341 2341 2346»",
				"aadhar no «234123412346»",
				"आधार «3603-1178-8981»",
				`{"aadhaarNumber":"«360311788981»"}`,
				"UIDAI issued «2341.2341.2346» today",
			},
			Negative: []string{
				"2341 2341 2346",
				"234123412346",
				"aadhaar is not 2341 2341",
				"aadhaar 23412341234600",
				"aadhaar 0.234123412346",
				"aadhaar +234123412346",
			},
			NearMiss: []string{
				"aadhaar 2341 2341 2347",
				"aadhaar 2341-2341 2346",
				"aadhaar 123412341234",
				"aadhaar 23412341234",
				"aadhaar 2431 2341 2346",
				"aadhaar 360000000063",
			},
		},
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
		Examples: Examples{
			Positive: []string{
				"PAN: «ABCPE1234F»",
				"pan no. «abcpe1234f»",
				"permanent account number «AAACT2727Q» of",
				`{"panNumber":"«ABCHE1234F»"}`,
				"«ABCTE1234F» (income tax)",
			},
			Negative: []string{
				"ABCPE1234F",
				"pan ABCPE1234FX",
				"pan XABCPE1234F",
				"pan ABCPE-1234-F",
				"a frying pan",
				"company ABCPE1234F", // pan inside another word
			},
			NearMiss: []string{
				"pan ABCXE1234F",
				"pan ABCPE123F",
				"pan ABCPE0000F",
				"pan ABC1E1234F",
				"pan ABCPE12345",
				"pan ABCPE12345F",
			},
		},
	}
}
