package detectors

import (
	"encoding/binary"
	"math/bits"
)

// byteClass is a set of bytes, made of the parts into which classes divide the
// ASCII characters that matter. Asking a table rather than comparing bounds
// costs one access whatever the class, and no branch that text decides.
type byteClass uint32

const (
	digitByte byteClass = 1 << iota
	lowerByte
	upperByte
	underscoreByte
	dashByte
	dotByte
	equalsByte
	plusByte
	slashByte
	lowerHexByte // letters of hexadecimal digits, which are of lowerByte
	upperHexByte // and upperByte too
	base32DigitByte
	blankByte       // space, tab and the ends of lines
	nameMarkByte    // between a name and its value
	versionMarkByte // between such a word as "version" and a number
	atextMarkByte   // of the atext of RFC 5322, 3.2.3, what is no letter or digit
	phoneMarkByte   // what may say, before a number, that it is no telephone's
	fieldByte       // what ends a field of a table or record

	letterByte   = lowerByte | upperByte
	alnumByte    = digitByte | letterByte
	wordByte     = alnumByte | underscoreByte
	hexByte      = digitByte | lowerHexByte | upperHexByte
	base32Byte   = upperByte | base32DigitByte
	base64Byte   = alnumByte | plusByte | slashByte
	armouredByte = base64Byte | equalsByte
	urlSafeByte  = wordByte | dashByte
	atextByte    = alnumByte | atextMarkByte
	zoneByte     = wordByte | dashByte | dotByte
)

// classesOf tells what each byte is.
var classesOf = func() (t [256]byteClass) {
	for _, c := range []struct {
		class byteClass
		bytes string
	}{
		{digitByte, "0123456789"},
		{lowerByte, "abcdefghijklmnopqrstuvwxyz"},
		{upperByte, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{underscoreByte, "_"},
		{dashByte, "-"},
		{dotByte, "."},
		{equalsByte, "="},
		{plusByte, "+"},
		{slashByte, "/"},
		{lowerHexByte, "abcdef"},
		{upperHexByte, "ABCDEF"},
		{base32DigitByte, "234567"},
		{blankByte, " \t\r\n"},
		{nameMarkByte, " \t:=#\"'_-./([>"},
		{atextMarkByte, "!#$%&'*+-/=?^_`{|}~"},
		{phoneMarkByte, "+$%)].,:=/-"},
		{versionMarkByte, " \t:=\"'(.-"},
		{fieldByte, "\"',;|\t\r\n<>"},
	} {
		for _, b := range []byte(c.bytes) {
			t[b] |= c.class
		}
	}
	return t
}()

func (k byteClass) has(c byte) bool { return classesOf[c]&k != 0 }

// one returns 1 if k, what a byte is, has the class part, which is none of those
// made of others, and else 0.
func (k byteClass) one(part byteClass) int { return int(k / part & 1) }

func isDigit(c byte) bool   { return c-'0' < 10 }
func isLetter(c byte) bool  { return c|0x20-'a' < 26 }
func isLower(c byte) bool   { return c-'a' < 26 }
func isUpper(c byte) bool   { return c-'A' < 26 }
func isAlnum(c byte) bool   { return alnumByte.has(c) }
func isWord(c byte) bool    { return wordByte.has(c) }
func isHex(c byte) bool     { return hexByte.has(c) }
func isBlank(c byte) bool   { return blankByte.has(c) }
func isBase64(c byte) bool  { return base64Byte.has(c) }
func isURLSafe(c byte) bool { return urlSafeByte.has(c) }

// runEnd returns the end of the run of bytes of class k in w that starts at i,
// at most limit bytes long.
func runEnd(w []byte, i, limit int, k byteClass) int {
	limit = min(len(w), i+limit)
	for i < limit && k.has(w[i]) {
		i++
	}
	return i
}

// runBetween is runEnd of a run that has from least to most bytes, and -1 if it
// has more or less, or i is negative.
func runBetween(w []byte, i, least, most int, k byteClass) int {
	if i < 0 {
		return -1
	}
	end := runEnd(w, i, most+1, k)
	if end-i < least || end-i > most {
		return -1
	}
	return end
}

// after returns where literal ends that stands at w[i], or -1; it is -1 too if i
// is negative.
func after(w []byte, i int, literal string) int {
	if i < 0 || len(w)-i < len(literal) || string(w[i:i+len(literal)]) != literal {
		return -1
	}
	return i + len(literal)
}

// allOf reports whether all bytes of v are of class k.
func allOf(v []byte, k byteClass) bool { return runEnd(v, 0, len(v), k) == len(v) }

// Digits are read eight at a time, as the bytes of one number, of which the
// lowest is the first.
const (
	eightZeros = 0x3030303030303030 // "00000000"
	eightHighs = 0x8080808080808080 // the high bit of each byte
)

// eightAt returns w[i:i+8], with zero bytes behind the end of w.
func eightAt(w []byte, i int) uint64 {
	if i+8 <= len(w) {
		return binary.LittleEndian.Uint64(w[i:])
	}
	return lastAt(w, i)
}

// lastAt is eightAt near the end of w.
func lastAt(w []byte, i int) (x uint64) {
	for k := len(w) - 1; k >= i; k-- {
		x = x<<8 | uint64(w[k])
	}
	return x
}

// notDigits has the high bits of those bytes of x that are no digits.
func notDigits(x uint64) uint64 {
	x ^= eightZeros // a digit is now its value, another byte is 10 or more
	return (x&^eightHighs + eightHighs - 10*(eightHighs>>7) | x) & eightHighs
}

// inRange has the high bits of those bytes of x that are from low to high, both
// of them ASCII.
func inRange(x uint64, low, high byte) uint64 {
	const ones = eightHighs >> 7
	y := x &^ eightHighs
	return (y + ones*uint64(0x80-low)) &^ (y + ones*uint64(0x7f-high)) &^ x & eightHighs
}

// bytesOf has a bit for each byte whose high bit is set in x, where no other
// bits are.
func bytesOf(x uint64) uint64 { return x >> 7 * 0x0102040810204080 >> 56 }

// leadingDigits is the number of digits that the bytes of x begin with.
func leadingDigits(x uint64) int { return bits.TrailingZeros64(notDigits(x)) / 8 }

// twoDigits is the number that the two digits at w[i] are.
func twoDigits(w []byte, i int) int { return 10*int(w[i]-'0') + int(w[i+1]-'0') }

// runOfDigits returns the length of the run of digits at w[i], or 16 for longer
// ones.
func runOfDigits(w []byte, i int) int {
	n := leadingDigits(eightAt(w, i))
	if n == 8 {
		n += leadingDigits(eightAt(w, i+8))
	}
	return n
}
