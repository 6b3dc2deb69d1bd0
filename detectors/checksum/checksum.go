// Package checksum holds the check-digit arithmetic of published numbers:
// cards, bank accounts, national identifiers.
//
// Functions take ASCII digits (and upper-case letters where the scheme has
// them) without separators, judge nothing but the arithmetic, and do not
// allocate. What they answer for other bytes is unspecified, but they do not
// panic. Lengths, ranges and layouts are the business of the caller.
package checksum

import "encoding/binary"

// Luhn reports whether the last of digits is the check digit of the others by
// the "double-add-double" formula of ISO/IEC 7812-1, annex B (H. P. Luhn,
// US patent 2,950,048): from the right every second digit is doubled, the
// digits of all products are added, and the sum is a multiple of ten.
func Luhn(digits []byte) bool {
	sum := uint64(0)
	n := len(digits)
	for ; n >= 8; n -= 8 {
		sum += luhnEight(binary.LittleEndian.Uint64(digits[n-8:]) - eightZeros)
	}
	var rest uint64
	for _, c := range digits[:n] {
		rest = rest>>8 | uint64(c-'0')<<56
	}
	return (sum+luhnEight(rest))%10 == 0
}

// luhnEight is the sum of eight digits, the values of the bytes of x from the
// lowest on, of which the last is not doubled.
func luhnEight(x uint64) uint64 {
	const (
		ones    = 0x0101010101010101
		doubled = 0x00ff00ff00ff00ff
	)
	d := x & doubled
	carry := (d + (0x80-5)*ones) >> 7 & (ones & doubled) // of digits from 5 on
	return (x + d - 9*carry) * ones >> 56                // the product adds the bytes
}

// eightZeros is the text "00000000".
const eightZeros = 0x3030303030303030

// Mod97 returns the remainder by 97 of the number that s spells, A to Z
// standing for 10 to 35 as in ISO/IEC 7064 MOD 97-10, when its digits are
// appended to a number of remainder r. An IBAN (ISO 13616-1) is right if
//
//	Mod97(Mod97(0, iban[4:]), iban[:4]) == 1
func Mod97(r int, s []byte) int {
	n := uint64(r)
	for len(s) > 0 {
		k := min(len(s), 8) // so many do not overflow
		if k == 8 && binary.LittleEndian.Uint64(s)&eightLetters == 0 {
			n = n*1e8 + number(binary.LittleEndian.Uint64(s)-eightZeros)
		} else {
			for _, c := range s[:k] {
				if c >= 'A' {
					n = n*100 + uint64(c-'A') + 10
				} else {
					n = n*10 + uint64(c-'0')
				}
			}
		}
		n %= 97
		s = s[k:]
	}
	return int(n)
}

// eightLetters has, of eight bytes, the bit that tells letters from digits.
const eightLetters = 0x4040404040404040

// number is the number whose digits are the values of the bytes of x, the
// first the lowest: pairs become bytes, pairs of these become words, and so on.
func number(x uint64) uint64 {
	x = (x*10 + x>>8) & 0x00ff00ff00ff00ff
	x = (x*100 + x>>16) & 0x0000ffff0000ffff
	return (x*10000 + x>>32) & 0xffffffff
}

// Mod11_10 reports whether the last of digits is the check digit of the
// others by the hybrid system ISO/IEC 7064 MOD 11,10.
func Mod11_10(digits []byte) bool {
	p, s := 10, 0
	for _, c := range digits {
		if s = p + int(c-'0'); s > 10 { // modulo 10, 10 standing for 0
			s -= 10
		}
		if p = 2 * s; p > 10 { // modulo 11
			p -= 11
		}
	}
	return s == 1
}

// Weighted returns the sum of the digits, each times the weight in its place.
// It stops at the end of the shorter of the two.
func Weighted(digits []byte, weights ...int) int {
	sum := 0
	for i := range min(len(digits), len(weights)) {
		sum += int(digits[i]-'0') * weights[i]
	}
	return sum
}

// Check11 returns the check digit that many schemes modulo 11 give to the
// digits: what is missing from their weighted sum to a multiple of 11. It is 10 for
// one number in eleven, which is then not issued, or not with a digit.
func Check11(digits []byte, weights ...int) int {
	return (11 - Weighted(digits, weights...)%11) % 11
}

// CrossSum returns the sum of the digits of the products of each of digits and
// the weight in its place, which is at most 11. It stops at the end of the shorter of the two.
func CrossSum(digits []byte, weights ...int) int {
	sum := 0
	for i := range min(len(digits), len(weights)) {
		product := int(digits[i]-'0') * weights[i]
		sum += product/10 + product%10
	}
	return sum
}

// Letter23 returns the control letter of a Spanish DNI or NIE: the number
// modulo 23 chooses from the table of Orden INT/2058/2008 and Real Decreto
// 1553/2005.
func Letter23(digits []byte) byte {
	n := uint64(0)
	for _, c := range digits {
		if n > 1e17 {
			n %= 23
		}
		n = n*10 + uint64(c-'0')
	}
	return "TRWAGMYFPDXBNJZSQVHLCKE"[n%23]
}
