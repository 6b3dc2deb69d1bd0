// Package checksum holds the check-digit arithmetic of published numbers:
// cards, bank accounts, national identifiers.
//
// Functions take ASCII digits (and upper-case letters where the scheme has
// them) without separators, judge nothing but the arithmetic, and do not
// allocate. What they answer for other bytes is unspecified, but they do not
// panic. Lengths, ranges and layouts are the business of the caller.
package checksum

// Luhn reports whether the last of digits is the check digit of the others by
// the "double-add-double" formula of ISO/IEC 7812-1, annex B (H. P. Luhn,
// US patent 2,950,048): from the right every second digit is doubled, the
// digits of all products are added, and the sum is a multiple of ten.
func Luhn(digits []byte) bool {
	sum, double := 0, false
	for i := len(digits) - 1; i >= 0; i-- {
		d := int(digits[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		double = !double
	}
	return sum%10 == 0
}

// Mod97 returns the remainder by 97 of the number that s spells, A to Z
// standing for 10 to 35 as in ISO/IEC 7064 MOD 97-10, when its digits are
// appended to a number of remainder r. An IBAN (ISO 13616-1) is right if
//
//	Mod97(Mod97(0, iban[4:]), iban[:4]) == 1
func Mod97(r int, s []byte) int {
	for _, c := range s {
		if c >= 'A' {
			r = (r*100 + int(c-'A') + 10) % 97
		} else {
			r = (r*10 + int(c-'0')) % 97
		}
	}
	return r
}

// Mod11_10 reports whether the last of digits is the check digit of the
// others by the hybrid system ISO/IEC 7064 MOD 11,10.
func Mod11_10(digits []byte) bool {
	p := 10
	for i, c := range digits {
		s := (p + int(c-'0')) % 10
		if i == len(digits)-1 {
			return s == 1
		}
		if s == 0 {
			s = 10
		}
		p = 2 * s % 11
	}
	return false
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

// Letter23 returns the control letter of a Spanish DNI or NIE: the number
// modulo 23 chooses from the table of Orden INT/2058/2008 and Real Decreto
// 1553/2005.
func Letter23(digits []byte) byte {
	n := 0
	for _, c := range digits {
		n = (n*10 + int(c-'0')) % 23
	}
	return "TRWAGMYFPDXBNJZSQVHLCKE"[n]
}
