package detectors

import "strings"

// Short numbers (a security code, an age, a month) are everywhere, and a
// keyword within 30 bytes says little of them. They count where a word
// announces them: "CVV: 123", {"age":47}, exp_month=12.

// announcedReach is how far before a value its announcement may begin.
const announcedReach = 48

// announced reports whether one of words, which are in small letters, stands
// before w[at], in any ASCII case and as a word of its own: between them are
// at most punctuation, blanks and words such as "is" or "number". A space of a
// word also matches '_', '-' and nothing.
func announced(w []byte, at int, words []string) bool {
	low := max(0, at-announcedReach)
	for range 4 {
		for at > low && !isAlnum(w[at-1]) && w[at-1] < 0x80 && w[at-1] != '\n' {
			at--
			if isOperator(w, at) {
				return false
			}
		}
		for _, word := range words {
			if endsWithWord(w[low:at], word, low == 0) {
				return true
			}
		}
		start := at
		for start > low && isLetter(w[start-1]) {
			start--
		}
		if !isFillerWord(w[start:at]) {
			return false
		}
		at = start
	}
	return false
}

// isOperator reports whether w[i], no letter or digit, is the end of an operator
// (<, >=, ==, -=), a sign, or the mark of a number in a list (#12, !12).
func isOperator(w []byte, i int) bool {
	next := byte(0)
	if i+1 < len(w) {
		next = w[i+1]
	}
	switch w[i] {
	case '<', '!', '*', '+', '%':
		return true
	case '#':
		return isDigit(next)
	case '>':
		return next == ' ' || next == '='
	case '-':
		return isDigit(next) && i > 0 && !isAlnum(w[i-1])
	case '=':
		return i > 0 && strings.IndexByte("=!<>-+*/:|&^%", w[i-1]) >= 0
	}
	return false
}

// isFillerWord reports whether v is a word between a name and its value.
func isFillerWord(v []byte) bool {
	var buf [8]byte
	if len(v) > len(buf) {
		return false
	}
	for i, c := range v {
		buf[i] = c | 0x20
	}
	switch string(buf[:len(v)]) {
	case "is", "was", "no", "nr", "num", "number", "code", "value", "de", "am":
		return true
	}
	return false
}

// endsWithWord reports whether v ends with word, before which no letter
// stands but one of a camelCase name; and nothing unseen does if all is true.
func endsWithWord(v []byte, word string, all bool) bool {
	i := len(v)
	for k := len(word) - 1; k >= 0; k-- {
		if word[k] == ' ' && (i == 0 || strings.IndexByte(" _-", v[i-1]) < 0) {
			continue // written together
		}
		if i == 0 {
			return false
		}
		i--
		c := v[i]
		if isUpper(c) {
			c |= 0x20
		}
		if c != word[k] && !(word[k] == ' ' && (c == '_' || c == '-')) {
			return false
		}
	}
	if i == 0 {
		return all
	}
	c := v[i-1]
	return c < 0x80 && !isAlnum(c) || word[0] >= 0x80 || isLower(c) && isUpper(v[i]) || afterEscape(v, i)
}

// lowered appends v to dst, ASCII letters in lower case.
func lowered(dst, v []byte) []byte {
	for _, c := range v {
		if isUpper(c) {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}
