package detectors

import (
	"bytes"
	"strings"
)

const (
	maxNANP = 22 // +1 (202) 555 - 0143 with room for "001-"
	maxE164 = 32
)

// matchNANP measures the number whose area code, or whose first digit where
// the digits are not grouped, starts the run of digits at at, or whose "+1"
// stands there.
func matchNANP(w []byte, at int) (start, end int, ok bool) {
	if w[at] == '+' {
		if at+1 == len(w) || w[at+1] != '1' {
			return 0, 0, false
		}
		return matchPlusOne(w, at+1)
	}
	n := runOfDigits(w, at)
	if n != 3 && n != 10 && n != 11 && n != 4 {
		return 0, 0, false
	}
	area := at
	if n == 11 || n == 4 { // the country code stands in the same run
		if w[at] != '1' || n == 4 && (at == 0 || w[at-1] != '+') {
			return 0, 0, false
		}
		area++
	}
	end = nanpEnd(w, area)
	if end < 0 {
		return 0, 0, false
	}
	start = nanpStart(w, at)
	if start < 0 || !endsNumber(w, end) {
		return 0, 0, false
	}
	if n > 4 && start == at && (start > 0 && (w[start-1] == '/' || w[start-1] == '-') || isLimit(w[start:end]) || isFiller(w[area:end])) {
		return 0, 0, false // part of a path, or an integer
	}
	return start, end, true
}

// isLimit reports whether v is a limit of 32-bit integers, or near one.
func isLimit(v []byte) bool {
	return bytes.HasPrefix(v, []byte("2147483")) || bytes.HasPrefix(v, []byte("4294967"))
}

// nanpEnd returns the end of the ten digits that start at area, in one of the
// groupings 3-3-4, 3-7 and 10, or -1.
func nanpEnd(w []byte, area int) int {
	if len(w)-area < 10 || !nanpCode(w[area:]) {
		return -1
	}
	i := area + 3
	parens := area > 0 && w[area-1] == '('
	sep := w[i]
	switch {
	case isDigit(sep):
		if parens || runOfDigits(w, area) < 10 {
			return -1
		}
	case parens:
		if sep != ')' {
			return -1
		}
		i++
		if i < len(w) && (w[i] == ' ' || w[i] == '-') {
			i++
		}
		sep = 0
	case sep == ' ' || sep == '-' || sep == '.' || sep == '/':
		i++
	default:
		return -1
	}
	if len(w)-i < 7 || !nanpCode(w[i:]) {
		return -1
	}
	i += 3
	if c := w[i]; c == ' ' || c == '-' || c == '.' {
		if sep != 0 && sep != '/' && c != sep && !(sep == ' ' && c == '-') {
			return -1
		}
		i++
	}
	if runOfDigits(w, i) != 4 || equalDigits(w[area:i+4]) {
		return -1
	}
	return i + 4
}

// nanpCode reports whether w starts with a valid area code or exchange.
func nanpCode(w []byte) bool {
	return w[0] >= '2' && w[0] <= '9' && isDigit(w[1]) && isDigit(w[2]) && !(w[1] == '1' && w[2] == '1')
}

// equalDigits reports whether all digits of v are the same.
func equalDigits(v []byte) bool {
	first := byte(0)
	for _, c := range v {
		if isDigit(c) {
			if first != 0 && c != first {
				return false
			}
			first = c
		}
	}
	return true
}

// isFiller reports whether the digits of v stand for no number: they are all
// the same or count up or down, or three zeros lead.
func isFiller(v []byte) bool {
	var buf [maxE164]byte
	digits := compact(buf[:0], v)
	return isSequence(digits) || bytes.HasPrefix(digits, []byte("000"))
}

// nanpStart returns where the number begins whose area code, or whose run of
// digits, is at i: at a country code, '+' or parenthesis before it; or -1 if it
// is part of something else.
func nanpStart(w []byte, i int) int {
	if i > 0 && w[i-1] == '(' {
		i--
	}
	j := i
	if j > 0 && (w[j-1] == ' ' || w[j-1] == '-' || w[j-1] == '.') {
		j--
	}
	switch {
	case j > 1 && w[j-1] == '1' && w[j-2] == '+':
		i = j - 2
	case j > 0 && j < i && w[j-1] == '1' && (j == 1 || !isDigit(w[j-2])):
		i = j - 1
	case j > 2 && j < i && string(w[j-3:j]) == "001" && (j == 3 || !isDigit(w[j-4])):
		i = j - 3
	case i > 0 && i == j && w[i-1] == '+':
		if w[i] != '1' {
			return -1
		}
		i--
	}
	if w[i] != '+' && afterCountryCode(w, i) || !startsNumber(w, i) {
		return -1
	}
	return i
}

// afterCountryCode reports whether what starts at i follows '+' and one to
// three digits: it belongs to an international number.
func afterCountryCode(w []byte, i int) bool {
	if i > 0 && (w[i-1] == ' ' || w[i-1] == '-' || w[i-1] == '.') {
		i--
	}
	if i > 0 && w[i-1] == ')' {
		i--
	}
	j := i
	for j > 0 && i-j < 3 && isDigit(w[j-1]) {
		j--
	}
	return j > 0 && j < i && w[j-1] == '+'
}

// startsNumber reports whether a phone number may start at i: it does not go
// on a word, a number, a path or an expression.
func startsNumber(w []byte, i int) bool {
	if i == 0 || !(wordByte | phoneMarkByte).has(w[i-1]) {
		return true
	}
	switch c := w[i-1]; {
	case wordBefore(w, i) || c == '+' || c == '$' || c == '%' && w[i] != '+':
		return false
	case c == ')' || c == ']':
		return w[i] != '+'
	case c == '-' || c == '.' || c == ',' || c == '/' || c == ':' || c == '=':
		if i < 2 {
			return c != '.'
		}
		switch p := w[i-2]; {
		case c == '-':
			return !wordBefore(w, i-1)
		case c == '.' || c == '/':
			return !isDigit(p)
		case c == ',' && w[i] != '+' && w[i] != '(':
			return !isDigit(p) || i >= 3 && isDigit(w[i-3]) // 1,202… is a number, a column before it is not
		}
	}
	return true
}

// endsNumber reports whether a phone number may end at i: no longer number or
// word goes on there, save an extension.
func endsNumber(w []byte, i int) bool {
	if i >= len(w) {
		return true
	}
	next := func(k int) byte {
		if i+k < len(w) {
			return w[i+k]
		}
		return 0
	}
	switch c := w[i]; {
	case c|0x20 == 'x':
		return isDigit(next(1))
	case c|0x20 == 'e':
		return next(1)|0x20 == 'x' && next(2)|0x20 == 't'
	case isWord(c):
		return false
	case c == '-' || c == '/' || c == '.' || c == ':':
		return !isDigit(next(1)) && !(c == '-' && isWord(next(1)))
	case c == ',':
		return !isDigit(next(1)) || !isDigit(next(2)) || !isDigit(next(3)) || isDigit(next(4))
	}
	return true
}

// weakNANP reports whether a number found by matchNANP has neither a country
// code with '+', nor a parenthesis, nor two dashes or dots.
func weakNANP(v []byte) bool {
	if v[0] == '+' {
		return false
	}
	joined := 0
	for _, c := range v {
		switch c {
		case '(':
			return false
		case '-', '.':
			joined++
		}
	}
	return joined < 2
}

// matchPhone measures the international number whose '+', or the 00 that most
// countries dial for it, stands at at, or the national one whose first digit
// does.
func matchPhone(w []byte, at int) (start, end int, ok bool) {
	if w[at] == '+' {
		return matchE164(w, at, at+1)
	}
	if len(w)-at > 2 && string(w[at:at+2]) == "00" {
		if start, end, ok = matchE164(w, at, at+2); ok && !afterGroup(w, at) {
			return start, end, true
		}
	}
	return matchNational(w, at)
}

// phoneNext is what may follow the first group of digits of a phone number.
const phoneNext = "() -./\xc2"

// weakPhone reports whether v has no '+'.
func weakPhone(v []byte) bool { return v[0] != '+' }

// matchNational measures a number of 8 to 11 digits whose first one stands
// at at, in groups as countries write them, or in one that starts with 0.
func matchNational(w []byte, at int) (start, end int, ok bool) {
	return matchGroups(w, at, 8, 11, false)
}

// matchGroups is matchNational for numbers of least to most digits, 8 or more.
// Those in one group need no 0 if bare is set.
func matchGroups(w []byte, at, least, most int, bare bool) (start, end int, ok bool) {
	if len(w)-at < least {
		return 0, 0, false
	}
	// Most are refused by their first group: a digit alone, a number of a row.
	zero, first := w[at] == '0', runOfDigits(w, at)
	bare = bare && least <= first && first <= most
	if !zero && (first < 2 || first > 8 && !bare) || first < 8 && afterSeparator(w, at+first) < 0 {
		return 0, 0, false
	}
	start = at
	if at > 0 && w[at-1] == '(' {
		start--
	}
	if !startsNumber(w, start) || afterGroup(w, start) {
		return 0, 0, false
	}
	var groups [5]int
	count, n := 0, 0
	for i := at; i >= 0 && n < len(groups); i = afterSeparator(w, end) {
		groups[n] = runOfDigits(w, i)
		count += groups[n]
		end = i + groups[n]
		n++
	}
	if count < least || count > most || !(bare && n == 1) && !isGrouping(groups[:n], zero) || !endsNumber(w, end) || afterSeparator(w, end) > 0 {
		return 0, 0, false
	}
	if v := w[at:end]; isYears(v) || isFiller(v) || n == 2 && v[0] != '0' && bytes.IndexByte(v, '/') >= 0 || inFragment(w, at) {
		return 0, 0, false
	}
	return start, end, true
}

// afterGroup reports whether a group of digits ends before the separator in
// front of w[i].
func afterGroup(w []byte, i int) bool {
	return i >= 2 && (isDigit(w[i-2]) || w[i-2] == ')') && strings.IndexByte(" -./)", w[i-1]) >= 0
}

// isGrouping reports whether groups of these lengths are those of a phone
// number, which starts with 0 or not, and not of a date or a ZIP code.
func isGrouping(groups []int, zero bool) bool {
	if len(groups) == 1 {
		return zero && groups[0] >= 9
	}
	for i, n := range groups {
		if n > 8 || n < 2 && !(i == 0 && zero) {
			return false
		}
	}
	switch len(groups) {
	case 2:
		return groups[0] != 5 || groups[1] != 4 // a ZIP code
	case 3: // not a date
		return !(groups[1] == 2 && (groups[0] == 4 && groups[2] == 2 || groups[0] == 2 && groups[2] == 4))
	}
	return true
}

// isYears reports whether v is a range of years: 1998-2004.
func isYears(v []byte) bool {
	year := func(v []byte) bool { return string(v[:2]) == "18" || string(v[:2]) == "19" || string(v[:2]) == "20" }
	return len(v) == 9 && !isDigit(v[4]) && year(v) && year(v[5:])
}

// inFragment reports whether w[i] begins the fragment behind the name of a
// file: cell.rs.html#1084-1409.
func inFragment(w []byte, i int) bool {
	if i == 0 || w[i-1] != '#' {
		return false
	}
	j := i - 1
	for j > 0 && i-j < 8 && isLetter(w[j-1]) {
		j--
	}
	return j > 0 && j < i-1 && w[j-1] == '.'
}

// isCoordinates reports whether v is a latitude and a longitude in degrees
// and minutes, and perhaps seconds (ISO 6709): +4612-05957.
func isCoordinates(v []byte) bool {
	minus := bytes.IndexByte(v, '-')
	if len(v) != 2*minus+1 || minus != 5 && minus != 7 || !allOf(v[1:minus], digitByte) || !allOf(v[minus+1:], digitByte) {
		return false
	}
	return string(v[1:3]) < "90" && v[3] < '6' && string(v[minus+1:minus+4]) <= "180" && v[minus+4] < '6'
}

// matchE164 measures the number that starts at at and whose country code
// follows at i.
func matchE164(w []byte, at, i int) (start, end int, ok bool) {
	if len(w)-at < 8 || !startsNumber(w, at) {
		return 0, 0, false
	}
	if w[i] == '(' {
		i++
	}
	plan, n := countryCode(w[i:])
	if n == 0 {
		return 0, 0, false
	}
	if plan.code == 1 {
		return matchPlusOne(w, i)
	}
	end = plan.nationalEnd(w, i+n)
	if end < 0 || !endsNumber(w, end) || equalDigits(w[i+n:end]) || isCoordinates(w[at:end]) || plan.isDecimal(w[i+n:end]) {
		return 0, 0, false
	}
	return at, end, true
}

// isDecimal reports whether v, what follows a country code, is rather a decimal
// fraction: a dot and so few digits in one group that it would be an unusually
// short number. The registries of domains write numbers in that way.
func (p plan) isDecimal(v []byte) bool {
	return v[0] == '.' && allOf(v[1:], digitByte) && len(v)-1 < min(8, p.longest())
}

// matchPlusOne measures a North American number whose country code stands
// at i.
func matchPlusOne(w []byte, i int) (start, end int, ok bool) {
	if runOfDigits(w, i) > 1 {
		return matchNANP(w, i)
	}
	for i++; i < len(w) && (w[i] == ' ' || w[i] == '-' || w[i] == '.' || w[i] == '('); i++ {
		if i+1 < len(w) && isDigit(w[i+1]) {
			return matchNANP(w, i+1)
		}
	}
	return 0, 0, false
}

// nationalEnd returns where the national number ends that follows a country
// code at i: at the last end of a group at which its length is one of the
// plan, or -1. Between groups stands one separator, or a parenthesis and a
// blank. A last group of one digit is a decimal fraction.
func (p plan) nationalEnd(w []byte, i int) int {
	end, count := -1, 0
	first := true
	for i < len(w) && count < p.longest() {
		j := i
		if !isDigit(w[j]) {
			j = afterSeparator(w, j)
			if j < 0 {
				break
			}
			if first && j+3 <= len(w) && w[j-1] == '(' && string(w[j:j+2]) == "0)" { // a trunk prefix
				j = afterSeparator(w, j+1)
				if j < 0 {
					break
				}
			}
		}
		n := runOfDigits(w, j)
		if n == 0 || first && w[j] == '0' && !p.zero {
			break
		}
		count += n
		i = j + n
		if count <= maxNational && p.has(count) && (first || n > 1) {
			end = i
		}
		first = false
	}
	return end
}

// afterSeparator returns the position of the digit behind the separator at
// w[i]: one of space, '-', '.', '/', a no-break space, with parentheses before or
// behind it, or " / "; or -1.
func afterSeparator(w []byte, i int) int {
	if i < len(w) && w[i] == ')' {
		i++
	}
	if i >= len(w) {
		return -1
	}
	switch w[i] {
	case ' ':
		if i+2 < len(w) && w[i+1] == '/' && w[i+2] == ' ' {
			i += 2
		}
		i++
	case '-', '.', '/':
		i++
	case 0xC2:
		if i+1 < len(w) && w[i+1] == 0xA0 {
			i += 2
		}
	}
	if i < len(w) && w[i] == '(' {
		i++
	}
	if i < len(w) && isDigit(w[i]) {
		return i
	}
	return -1
}

// isNANP reports whether the whole of v is a North American number.
func isNANP(v []byte) bool {
	for at, c := range v {
		if isDigit(c) {
			if start, end, ok := matchNANP(v, at); ok && start == 0 && end == len(v) {
				return true
			}
		}
	}
	return false
}

// isPhone reports whether the whole of v is an international number, or
// might be a national one of some country.
func isPhone(v []byte) bool {
	if len(v) == 0 || len(v) > maxE164 {
		return false
	}
	if zeros, ok := bytes.CutPrefix(v, []byte("00")); ok { // the prefix that most countries dial for '+'
		v = append([]byte{'+'}, zeros...)
	}
	if v[0] == '+' {
		start, end, ok := matchE164(v, 0, 1)
		return ok && start == 0 && end == len(v)
	}
	v = bytes.ReplaceAll(v, []byte(" / "), []byte("/"))
	count, open := 0, false
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case isDigit(c):
			count++
			continue
		case c == '(' && !open && i < 3:
			open = true
			continue
		case c == ')' && open:
			open = false
		case c != ' ' && c != '-' && c != '.' && c != '/':
			return false
		}
		// One separator at a time, or a blank behind a parenthesis.
		if i == 0 || i == len(v)-1 || !isDigit(v[i+1]) && v[i+1] != '(' && !(c == ')' && v[i+1] == ' ') {
			return false
		}
	}
	return !open && count >= 5 && count <= 13 && !equalDigits(v)
}
