package detectors

import (
	"bytes"
	"math/bits"
	"net/netip"
)

// maxIP is six groups, an IPv4 tail, and a zone: '%' and 15 bytes.
const (
	maxZone = 15
	maxIP   = 6*5 + 15 + 1 + maxZone
)

// matchIP measures the IPv4 address whose first digit stands at at, or the
// IPv6 address whose first colon or "::" does.
func matchIP(w []byte, at int) (start, end int, ok bool) {
	if w[at] == ':' {
		return matchIPv6(w, at)
	}
	return matchIPv4(w, at)
}

func matchIPv4(w []byte, at int) (start, end int, ok bool) {
	if !ipv4Starts(w, at) {
		return 0, 0, false
	}
	first, end := dottedQuad(w, at)
	if end < 0 || !ipv4Ends(w, end) {
		return 0, 0, false
	}
	switch first {
	case 0, 127, 255:
		if v := string(w[at:end]); v != "0.0.0.0" && v != "127.0.0.1" && v != "255.255.255.255" {
			return 0, 0, false
		}
	}
	return at, end, !isVersion(w, at) && !inIPv6(w, at)
}

// dottedQuad reads four numbers of 0 to 255 without leading zeros, joined by
// dots, at w[i] and returns the first and their end, or -1. Where the numbers end
// is known of all at once, so that none waits for the one before.
func dottedQuad(w []byte, i int) (first, end int) {
	marks := bytesOf(notDigits(eightAt(w, i))) | bytesOf(notDigits(eightAt(w, i+8)))<<8
	var ends [4]int
	for k := range ends {
		ends[k] = i + bits.TrailingZeros64(marks)
		marks &= marks - 1
	}
	if ends[2] >= len(w) || w[ends[0]] != '.' || w[ends[1]] != '.' || w[ends[2]] != '.' {
		return -1, -1
	}
	first = octet(w, i, ends[0])
	if first < 0 || octet(w, ends[0]+1, ends[1]) < 0 || octet(w, ends[1]+1, ends[2]) < 0 || octet(w, ends[2]+1, ends[3]) < 0 {
		return -1, -1
	}
	return first, ends[3]
}

// octet returns the number whose digits are w[i:end], or -1 if they are none
// or too many or there is a leading zero.
func octet(w []byte, i, end int) int {
	x, n := eightAt(w, i), end-i
	if n < 1 || n > 3 || n > 1 && byte(x) == '0' {
		return -1
	}
	x = (x - eightZeros) << (8 * (3 - n)) // as three digits, the first lowest
	value := 100*int(x&15) + 10*int(x>>8&15) + int(x>>16&15)
	if value > 255 {
		return -1
	}
	return value
}

// ipv4End returns the end of the dotted quad at w[i], or -1.
func ipv4End(w []byte, i int) int {
	_, end := dottedQuad(w, i)
	return end
}

// ipv4Starts reports whether what is before w[i] lets an address start there.
func ipv4Starts(w []byte, i int) bool {
	if i == 0 {
		return true
	}
	switch c := w[i-1]; {
	case wordBefore(w, i) || c == '.' || c == '~' || c == '+':
		return false
	case c == '-': // the end of a range is one, part of a name is not
		return !wordBefore(w, i-1) || isDigit(w[i-2]) && rangeBefore(w, i-1)
	case c == '/': // Chrome/120.0.0.0, but not http://10.0.0.1 or a/b/10.0.0.1
		return i < 2 || !isLetter(w[i-2]) || !isProduct(w, i-2)
	}
	return true
}

// rangeBefore reports whether a dotted quad ends at w[:end].
func rangeBefore(w []byte, end int) bool {
	i, dots := end, 0
	for i > 0 && end-i < 15 && (isDigit(w[i-1]) || w[i-1] == '.') {
		i--
		if w[i] == '.' {
			dots++
		}
	}
	return dots == 3 && (i == 0 || !isWord(w[i-1]))
}

// isProduct reports whether the word that ends at w[i] is a product name as in
// a User-Agent: nothing but a blank, quote or bracket stands before it.
func isProduct(w []byte, i int) bool {
	low := max(0, i-Reach/2)
	for i > low && (isWord(w[i]) || w[i] == '-') {
		i--
	}
	return i == low || bytes.IndexByte([]byte(" \t\r\n\"'(+;,=:"), w[i]) >= 0
}

// ipv4Ends reports whether what is behind w[:i] lets an address end there.
func ipv4Ends(w []byte, i int) bool {
	if i >= len(w) {
		return true
	}
	following := byte(0)
	if i+1 < len(w) {
		following = w[i+1]
	}
	switch c := w[i]; {
	case isWord(c):
		return false
	case c == '.':
		return !isWord(following) || isUpper(following)
	case c == '-':
		return !isWord(following) || isDigit(following) && ipv4End(w, i+1) > 0
	case c == '+' || c == '~':
		return !isWord(following)
	}
	return true
}

// isVersion reports whether the word before w[i] says that a number with dots
// there is a version or a section.
func isVersion(w []byte, i int) bool {
	j := i
	for j > 0 && i-j < 4 && versionMarkByte.has(w[j-1]) {
		j--
	}
	k := j
	for k > 0 && j-k < 12 && isLetter(w[k-1]) {
		k--
	}
	var word [12]byte
	for n, c := range w[k:j] {
		word[n] = c | 0x20
	}
	return versionWords.has(word[:j-k]) || j > 1 && w[j-1] == 0xA7 // §
}

var versionWords = newStringSet(
	"version", "versions", "ver", "v", "release", "rel", "rev", "revision", "build", "upgrade", "section", "sections", "sec", "chapter", "clause", "table",
	"figure", "fig", "appendix", "firmware", "assemblyversion", "fileversion", "oid", "driver",
)

// likeSection reports whether an IPv4 address looks like the number of a
// section, a release or an object identifier: all parts are below 32, as they
// are in one of 4096 addresses, and it is not in network 10; or it starts as the
// identifiers of X.500 do.
func likeSection(v []byte) bool {
	if bytes.IndexByte(v, ':') >= 0 || bytes.HasPrefix(v, []byte("10.")) {
		return false
	}
	if bytes.HasPrefix(v, []byte("2.5.")) {
		return true
	}
	if string(v) == "0.0.0.0" {
		return false
	}
	for i := 0; i < len(v); i++ {
		end := runEnd(v, i, 3, digitByte)
		if octet(v, i, end) >= 32 {
			return false
		}
		i = end
	}
	return true
}

// inIPv6 reports whether the dotted quad at w[i] is the tail of an IPv6
// address.
func inIPv6(w []byte, i int) bool {
	if i == 0 || w[i-1] != ':' {
		return false
	}
	j := i - 1
	for j > 0 && i-j < maxIP && (isHex(w[j-1]) || w[j-1] == ':') {
		j--
	}
	colon := bytes.IndexByte(w[j:i], ':')
	_, end, ok := matchIPv6(w, j+colon)
	return ok && end > i
}

// firstColon returns the first colon of the address whose "::" stands at at.
func firstColon(w []byte, at int) int {
	for range 6 {
		i := at
		for i > 0 && at-i < 4 && isHex(w[i-1]) {
			i--
		}
		if i == at || i == 0 || w[i-1] != ':' {
			break
		}
		at = i - 1
	}
	return at
}

// matchIPv6 measures the address whose first colon or "::" stands at at.
func matchIPv6(w []byte, at int) (start, end int, ok bool) {
	if at+1 < len(w) && w[at+1] == ':' {
		at = firstColon(w, at)
	}
	if at+2 > len(w) || w[at+1] != ':' && !isHex(w[at+1]) {
		return 0, 0, false
	}
	start = at
	for start > 0 && at-start < 5 && isHex(w[start-1]) {
		start--
	}
	if at-start > 4 || start == at && w[at+1] != ':' {
		return 0, 0, false
	}
	if start > 0 {
		switch c := w[start-1]; {
		case wordBefore(w, start) || c == ':' || c == '.' || c == '-' || c >= 0x80:
			return 0, 0, false
		case c == '[' && start > 1 && (isWord(w[start-2]) || w[start-2] == ']' || w[start-2] == ')'):
			return 0, 0, false // a slice
		}
	}
	a := readIPv6(w, start)
	if !a.ok || !a.plausible(w[start:a.end]) {
		return 0, 0, false
	}
	end = a.end
	if isLoopback(w[start:end]) && end < len(w) && w[end] == '%' {
		return 0, 0, false
	}
	if end < len(w) {
		c := w[end]
		following := byte(0)
		if end+1 < len(w) {
			following = w[end+1]
		}
		switch {
		case isWord(c) || c >= 0x80 && c < 0xC0:
			return 0, 0, false
		case c == ':' && (following == ':' || isWord(following)), c == '.' && isDigit(following), c == '-' && isWord(following):
			return 0, 0, false
		}
	}
	return start, a.zoneEnd(w), true
}

// ipv6 is what readIPv6 saw.
type ipv6 struct {
	end     int
	groups  int  // groups written, an IPv4 tail counting two
	pairs   int  // groups of exactly two digits
	elided  bool // "::" occurs
	tail    bool // an IPv4 address is at the end
	ok      bool
	leading int // digits of the first group
}

// readIPv6 reads the longest address at w[i].
func readIPv6(w []byte, i int) ipv6 {
	var a ipv6
	a.leading = runEnd(w, i, 5, hexByte) - i
	for a.groups < 8 {
		end := runEnd(w, i, 5, hexByte)
		if end-i > 4 {
			return a
		}
		if end > i && end < len(w) && w[end] == '.' && a.groups <= 6 && (a.groups > 0 || a.elided) {
			if quad := ipv4End(w, i); quad > 0 {
				a.tail = true
				a.groups += 2
				i = quad
				break
			}
		}
		if end > i {
			a.groups++
			if end-i == 2 {
				a.pairs++
			}
			i = end
		}
		if i >= len(w) || w[i] != ':' {
			break
		}
		if i+1 < len(w) && w[i+1] == ':' {
			if a.elided {
				break
			}
			a.elided = true
			i += 2
			continue
		}
		if i+1 >= len(w) || !isHex(w[i+1]) || a.groups == 8 {
			break // a colon behind the address
		}
		i++
	}
	a.end = i
	a.ok = a.elided && a.groups < 8 || a.groups == 8
	return a
}

// plausible reports whether the well-formed address v is meant as one in
// running text.
func (a ipv6) plausible(v []byte) bool {
	switch {
	case a.tail || isLoopback(v):
		return true
	case !a.elided:
		return a.pairs < 8 && len(v) > 8+7 // not an EUI-64, not 1:2:3:4:5:6:7:8
	case !hasDigit(v):
		return false
	case a.groups >= 3:
		return len(v) >= 8
	}
	// 2000::/3, fc00::/7, fe80::/10 and ff00::/8, written with four digits.
	if a.leading != 4 {
		return false
	}
	b0, b1 := v[0]|0x20, v[1]|0x20
	switch {
	case b0 == '2' || b0 == '3':
		return true
	case b0 == 'f':
		return b1 == 'c' || b1 == 'd' || b1 == 'f' || b1 == 'e' && (v[2] == '8' || v[2] == '9' || v[2]|0x20 == 'a' || v[2]|0x20 == 'b')
	}
	return false
}

// isLoopback reports whether v is the loopback or the unspecified address.
func isLoopback(v []byte) bool { return string(v) == "::1" || string(v) == "::" }

// zoneEnd returns the end of the address with its zone, if it has one.
func (a ipv6) zoneEnd(w []byte) int {
	if a.end >= len(w) || w[a.end] != '%' {
		return a.end
	}
	end := runEnd(w, a.end+1, maxZone, zoneByte)
	for w[end-1] == '.' || w[end-1] == '-' {
		end--
	}
	if end == a.end+1 {
		return a.end
	}
	return end
}

// isIP reports whether the whole of v is an IPv4 or IPv6 address.
func isIP(v []byte) bool {
	if len(v) > maxIP {
		return false
	}
	addr, err := netip.ParseAddr(string(v))
	if err != nil {
		return false
	}
	zone := addr.Zone()
	return len(zone) <= maxZone && allOf([]byte(zone), zoneByte)
}
