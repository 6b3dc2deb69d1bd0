package detectors

import "bytes"

func ukSortCodeAccount() Rule {
	return Rule{
		ID:        "UK_SORT_CODE_ACCOUNT",
		Name:      "UK sort code with account number",
		Category:  Financial,
		Countries: []string{"GB"},
		Severity:  AlwaysHigh,
		Form: "a sort code of 6 digits, mostly in pairs, and an account number of 8 digits, in either order; between them stands punctuation or a " +
			"few words, such as the name of the second (UK Finance, Pay.UK)",
		Check:  "none here: the modulus tables of Pay.UK are licensed; neither number is all zero",
		Beside: []Run{{2, 2, "- ", ""}, {6, 6, "", ""}, {8, 8, "", ""}},
		Match:  matchSortCodeAccount,
		MaxLen: len("99-99-99") + sortCodeGap + len("99999999"),
		Keywords: wordList(
			"sort code; account number; bank account",
			"sort code no; sort code number; sortcode; sort-code; account no; account num; a/c no; acc no; acct no; bank details; bacs; direct debit; bank transfer",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Show:        4,
	}
}

// sortCodeGap is the most that stands between sort code and account number:
// `</SortCode>`, the end of a line, its indentation, `<AccountNumber>`.
const sortCodeGap = 48

func matchSortCodeAccount(w []byte, at int) (start, end int, ok bool) {
	if code := sortCodeAt(w, at); code > 0 {
		account := secondNumber(w, at+code)
		ok = account > 0 && accountAt(w, account)
		end = account + 8
	} else if accountAt(w, at) {
		code := secondNumber(w, at+8)
		end = code + sortCodeAt(w, max(code, 0))
		ok = code > 0 && end > code
	}
	return at, end, ok && Clear(w, at, end)
}

// accountAt reports whether a run of eight digits starts at w[i], not all 0.
func accountAt(w []byte, i int) bool {
	return leadingDigits(eightAt(w, i)) == 8 && (i+8 == len(w) || !isDigit(w[i+8])) && !allZero(w[i:i+8])
}

// sortCodeAt returns the length of the sort code at w[i], 0 if there is none.
func sortCodeAt(w []byte, i int) int {
	n := len("99-99-99")
	switch leadingDigits(eightAt(w, i)) {
	case 6:
		n = 6
	case 2:
		if i+n > len(w) || leadingDigits(eightAt(w, i+3)) != 2 || leadingDigits(eightAt(w, i+6)) != 2 ||
			w[i+2] != w[i+5] || w[i+2] != '-' && w[i+2] != ' ' {
			return 0
		}
	default:
		return 0
	}
	if allZero(w[i : i+2]) { // no bank has these
		return 0
	}
	return n
}

// secondNumber returns where the digits behind a first number that ends at
// w[end] start, -1 if what stands between does not join them: it is
// punctuation, or has a word for account or sort code.
func secondNumber(w []byte, end int) int {
	i := end
	for i < len(w) && i-end <= sortCodeGap && !isDigit(w[i]) {
		i++
	}
	gap := w[end:min(i, len(w))]
	if i == end || i >= len(w) || len(gap) > sortCodeGap {
		return -1
	}
	letters := false
	for _, c := range gap {
		letters = letters || isLetter(c)
	}
	if !letters {
		if len(gap) <= len(`", "`) && bytes.IndexByte(gap, '.') < 0 {
			return i
		}
		return -1
	}
	for k := range gap {
		if hasFold(gap[k:], "acc") || hasFold(gap[k:], "a/c") || hasFold(gap[k:], "sort") {
			return i
		}
	}
	return -1
}

// hasFold reports whether v begins with word, which is in lower case, in any
// case.
func hasFold(v []byte, word string) bool {
	if len(v) < len(word) {
		return false
	}
	for i := range len(word) {
		if v[i]|0x20 != word[i] {
			return false
		}
	}
	return true
}
