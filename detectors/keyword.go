package detectors

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// keywordForms lists the spellings in which keyword k is looked for, with
// ASCII letters in lower case, to be matched in any case: each space of k as a
// space, as nothing, as '_' and as '-' (the same for all of them); letters
// beyond ASCII, which have no such simple fold, as they are in k, as in lower case, as in a
// sentence, as in a title and as in upper case. All in bytes, so that an offset
// in folded text is one in the text.
func keywordForms(k string) []string {
	given, k := k, strings.ToLower(k)
	spellings := []string{given, k, title(k, false), title(k, true), strings.ToUpper(k)}
	var forms []string
	for _, s := range spellings {
		if strings.ToLower(s) != k {
			continue // 'ſ', 'ß': a case that is another word
		}
		for _, joiner := range []string{" ", "", "_", "-"} {
			forms = append(forms, lowerASCII(strings.ReplaceAll(s, " ", joiner)))
		}
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// title returns k, which is in lower case, with its first letter or with the
// first letter of each word in upper case.
func title(k string, each bool) string {
	up := true
	return strings.Map(func(r rune) rune {
		if up && unicode.IsLetter(r) {
			r = unicode.ToUpper(r)
			up = false
		}
		up = up || each && r == ' '
		return r
	}, k)
}

// lowerASCII returns s with its ASCII letters in lower case and all else,
// and its length, as it was.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if isUpper(c) {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// maxKeyword is the longest form of a keyword in bytes: it and a value beside it
// lie within what is around a strip.
const maxKeyword = 96

// Beyond a keyword, keywordBounded looks at no more than keywordReach bytes.
const (
	keywordNumber = 2
	keywordReach  = keywordNumber + utf8.UTFMax
)

// keywordBounded reports whether the keyword w[start:end] is a word of its
// own: it has no letters or digits for neighbours, or the change of case of a
// camelCase name sets it off. A number of one or two digits may follow it, as in
// names of columns (phone2), if no word goes on behind that.
func keywordBounded(w []byte, start, end int) bool {
	if c := w[start]; start == 0 || c < utf8.RuneSelf && w[start-1] < utf8.RuneSelf && !meets(w[start-1], c) {
		if end == len(w) || w[end-1] < utf8.RuneSelf && w[end] < utf8.RuneSelf && !isAlnum(w[end]) {
			return true
		}
	}
	return keywordBoundedAnywhere(w, start, end)
}

// meets reports whether the ASCII character b may go on a word from a.
func meets(a, b byte) bool { return isLetter(b) && isAlnum(a) }

// keywordBoundedAnywhere is keywordBounded for neighbours of all kinds.
func keywordBoundedAnywhere(w []byte, start, end int) bool {
	first, _ := utf8.DecodeRune(w[start:end])
	last, _ := utf8.DecodeLastRune(w[start:end])
	numbered := start > 0 && isDigit(w[start-1]) && isCased(first)
	if (numbered || joined(w, start)) && !afterEscape(w, start) && !afterPercent(w, start) {
		return false
	}
	number := runEnd(w, end, keywordNumber+1, digitByte)
	if number == end || !isCased(last) {
		return !joined(w, end)
	}
	return number-end <= keywordNumber && (number == len(w) || !isLetter(w[number]))
}

// afterPercent reports whether a percent escape of a character below '@' ends
// before w[i]: %20, %3D.
func afterPercent(w []byte, i int) bool {
	return i > 2 && w[i-3] == '%' && (w[i-2] == '2' || w[i-2] == '3') && isHex(w[i-1])
}

// joined reports whether a word goes on across position i of w. The letters
// of scripts without case, which write words without blanks between them, join
// nothing.
func joined(w []byte, i int) bool {
	if i == 0 || i == len(w) {
		return false
	}
	a, _ := utf8.DecodeLastRune(w[max(0, i-utf8.UTFMax):i])
	b, _ := utf8.DecodeRune(w[i:])
	return isCased(a) && isCased(b) && !(unicode.IsLower(a) && unicode.IsUpper(b))
}

func isCased(r rune) bool { return unicode.IsLower(r) || unicode.IsUpper(r) }
