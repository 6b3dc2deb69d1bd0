package checksum

// Mod37_2 reports whether the last character of s is the check character of the
// others by the pure system ISO/IEC 7064 MOD 37-2: digits, letters, and '*' as
// check character only.
func Mod37_2(s []byte) bool {
	if len(s) < 2 {
		return false
	}
	p := 0
	for i, c := range s {
		p = p * 2 % 37
		switch {
		case c >= 'A':
			p += int(c-'A') + 10
		case c == '*' && i == len(s)-1:
			p += 36
		default:
			p += int(c - '0')
		}
	}
	return p%37 == 1
}

// GTIN reports whether the last of digits is the check digit of the others by
// GS1's General Specifications, 7.9: times 3 and 1 in turn from the right.
func GTIN(digits []byte) bool {
	sum := 0
	for i, c := range digits {
		sum += int(c-'0') * (1 + 2*((len(digits)-1-i)%2))
	}
	return sum%10 == 0
}
