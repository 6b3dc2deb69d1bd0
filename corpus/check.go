package corpus

import "strings"

// The check-digit arithmetic of the corpus. It is written apart from package
// checksum on purpose: the corpus computes values and the detectors judge them,
// so each is a test of the other.

// luhn returns the Luhn check digit for a string of digits (ISO/IEC 7812-1).
func luhn(digits string) byte {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d = d*2%10 + d/5
		}
		sum += d
	}
	return '0' + byte((10-sum%10)%10)
}

// luhnValid reports whether the last digit of digits is the check digit of
// the others.
func luhnValid(digits string) bool {
	n := len(digits) - 1
	return n > 0 && luhn(digits[:n]) == digits[n]
}

// mod97 returns the number that s spells, A being 10 and Z 35, modulo 97
// (ISO/IEC 7064).
func mod97(s string) int {
	m := 0
	for _, c := range s {
		if c >= 'A' {
			m = (m*100 + int(c-'A') + 10) % 97
		} else {
			m = (m*10 + int(c-'0')) % 97
		}
	}
	return m
}

// weighted returns the sum of the digits times the weights.
func weighted(digits string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += int(digits[i]-'0') * w
	}
	return sum
}

// verhoeff returns the check digit of Verhoeff's code (1969): the dihedral
// group of order ten, with his permutation applied once more at each place.
func verhoeff(digits string) byte {
	permute := [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	c := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		for range (i + 1) % 8 {
			d = permute[d]
		}
		c = dihedral(c, d)
	}
	if c < 5 {
		c = (5 - c) % 5 // a rotation is undone by the opposite one, a reflection by itself
	}
	return '0' + byte(c)
}

// dihedral multiplies two symmetries of the pentagon: 0 to 4 are rotations,
// 5 to 9 reflections.
func dihedral(a, b int) int {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return 5 + (a+b-5)%5
	case b < 5:
		return 5 + (a-5+5-b)%5
	}
	return (a - b + 5) % 5
}

// mod11x10 returns the check digit of ISO/IEC 7064, MOD 11,10.
func mod11x10(digits string) byte {
	p := 10
	for _, c := range digits {
		s := (int(c-'0') + p) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return '0' + byte((11-p)%10)
}

// mod11Digit is 11 minus the sum modulo 11, with the two results that are no
// digit given by ten and eleven.
func mod11Digit(sum int, ten, eleven byte) byte {
	switch c := 11 - sum%11; c {
	case 10:
		return ten
	case 11:
		return eleven
	default:
		return '0' + byte(c)
	}
}

// peruLetter is the control letter of a Peruvian DNI, which has the layout of the
// Spanish one and its name.
func peruLetter(digits string) byte {
	sum := 0
	for i, weight := range []int{3, 2, 7, 6, 5, 4, 3, 2} {
		sum += weight * int(digits[i]-'0')
	}
	return "KJIHGFEDCBA"[sum%11]
}

// dniLetter is the control letter of a Spanish DNI or NIE number.
func dniLetter(number int) byte { return "TRWAGMYFPDXBNJZSQVHLCKE"[number%23] }

// The values of characters at the odd places of Italian codes, 0-9 and A-Z
// (decree of 23 December 1976); at the even places a character counts for its
// place in the alphabet.
const italianOdd = "\x01\x00\x05\x07\x09\x0d\x0f\x11\x13\x15" +
	"\x01\x00\x05\x07\x09\x0d\x0f\x11\x13\x15\x02\x04\x12\x14\x0b\x03\x06\x08\x0c\x0e\x10\x0a\x16\x19\x18\x17"

// italianLetter is the control letter of a codice fiscale or an Italian
// account number.
func italianLetter(s string) byte {
	sum := 0
	for i := range len(s) {
		digit := s[i] <= '9'
		at := int(s[i] - 'A')
		if digit {
			at = int(s[i] - '0')
		}
		switch {
		case i%2 == 1:
			sum += at
		case digit:
			sum += int(italianOdd[at])
		default:
			sum += int(italianOdd[10+at])
		}
	}
	return 'A' + byte(sum%26)
}

// crc24 is the checksum of OpenPGP armour (RFC 4880, section 6.1).
func crc24(b []byte) uint32 {
	crc := uint32(0xB704CE)
	for _, c := range b {
		crc ^= uint32(c) << 16
		for range 8 {
			crc <<= 1
			if crc&0x1000000 != 0 {
				crc ^= 0x1864CFB
			}
		}
	}
	return crc & 0xFFFFFF
}

// isCard reports whether digits could be a payment card number: an issuer's
// prefix, its length, and Luhn. It is wider than any issuer table, so that
// nothing else in the corpus can pass for a card.
func isCard(digits string) bool {
	return len(digits) >= 12 && len(digits) <= 19 && luhnValid(digits)
}

// compact returns the ASCII letters and digits of s, letters in upper case.
func compact(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case '0' <= c && c <= '9', 'A' <= c && c <= 'Z':
			return c
		case 'a' <= c && c <= 'z':
			return c - 'a' + 'A'
		}
		return -1
	}, s)
}

// onlyDigits reports whether s consists of n digits.
func onlyDigits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, decimal) == ""
}

// number returns the value of a string of at most nine digits.
func number(digits string) int {
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}
