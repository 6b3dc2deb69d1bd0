package checksum

// CodiceFiscale returns the check letter of an Italian codice fiscale from its
// first 15 characters in upper case (Decreto ministeriale 23 December 1976,
// article 11 and tables): characters in even places count their rank, those in
// odd places, from the first, the value of a table; the sum modulo 26 is the
// rank of the letter. Digits replaced by letters to tell namesakes apart
// (omocodia) count as the letters they are.
func CodiceFiscale(s []byte) byte {
	sum := 0
	for i, c := range s {
		sum += int(counts[i%2][c])
	}
	return 'A' + byte(sum%26)
}

// oddPlace gives what a character of this rank counts in an odd place. A digit
// counts as the letter of the same rank.
var oddPlace = [26]uint8{
	1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, // 0 to 9 and A to M
	20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23, // N to Z
}

// counts gives what a character counts in odd places, the first of two, and
// in even ones.
var counts = func() (t [2][256]uint8) {
	for rank, odd := range oddPlace {
		letter := 'A' + rank
		t[0][letter], t[1][letter] = odd, uint8(rank)
		if digit := '0' + rank; digit <= '9' {
			t[0][digit], t[1][digit] = odd, uint8(rank)
		}
	}
	return t
}()
