package checksum

// Verhoeff reports whether the last of digits is the check digit of the others
// by the scheme of J. Verhoeff, Error Detecting Decimal Codes (Mathematical
// Centre Tracts 29, Amsterdam 1969): a product in the dihedral group D5 of the
// digits, each permuted by its place.
func Verhoeff(digits []byte) bool {
	c := uint8(0)
	for i := range digits {
		d := (digits[len(digits)-1-i] - '0') % 10
		c = dihedral[c][permutation[i%8][d]]
	}
	return c == 0
}

// dihedral is the multiplication table of D5: 0 to 4 are the rotations of a
// pentagon, 5 to 9 its reflections.
var dihedral = [10][10]uint8{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
	{1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
	{2, 3, 4, 0, 1, 7, 8, 9, 5, 6},
	{3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
	{4, 0, 1, 2, 3, 9, 5, 6, 7, 8},
	{5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
	{6, 5, 9, 8, 7, 1, 0, 4, 3, 2},
	{7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
	{8, 7, 6, 5, 9, 3, 2, 1, 0, 4},
	{9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
}

// permutation[i] is the i-th power of Verhoeff's permutation (0 1 5 8 9 4 2 7)(3 6).
var permutation = [8][10]uint8{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
	{1, 5, 7, 6, 2, 8, 3, 0, 9, 4},
	{5, 8, 0, 3, 7, 9, 6, 1, 4, 2},
	{8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
	{9, 4, 5, 3, 1, 2, 6, 8, 7, 0},
	{4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
	{2, 7, 9, 3, 8, 0, 6, 4, 1, 5},
	{7, 0, 4, 6, 9, 1, 3, 2, 5, 8},
}
