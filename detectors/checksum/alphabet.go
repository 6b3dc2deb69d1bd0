package checksum

// Mod11_2 reports whether the last character of s is the check character of
// the digits before it by the pure system ISO/IEC 7064 MOD 11-2: a digit, or 'X'
// for 10.
func Mod11_2(s []byte) bool {
	p := 0
	for i, c := range s {
		p = 2 * p % 11
		if c == 'X' && i == len(s)-1 {
			p += 10
		} else {
			p += int(c - '0')
		}
	}
	return p%11 == 1
}

// Luhn36 reports whether the last of digits and letters is the check character
// of the others by the "double-add-double" formula in base 36: from the right
// every second value (A is 10, Z is 35) is doubled, the two base-36 digits of
// each product are added, and the sum is a multiple of 36. India's GSTIN has it.
func Luhn36(s []byte) bool {
	sum := 0
	double := false
	for i := len(s) - 1; i >= 0; i-- {
		n := int(s[i] - '0')
		if s[i] >= 'A' {
			n = int(s[i]-'A') + 10
		}
		if double {
			n = 2*n/36 + 2*n%36
		}
		sum += n
		double = !double
	}
	return sum%36 == 0
}
