//go:build amd64 && !purego

package literal

import "math/bits"

// hashed are tables for so many strings that bytes looked for one by one, in
// any combination, would let most words through: the buckets with a string
// whose first bytes have a hash, for five hashes of seven bits: one of the first
// two bytes, two of three and two of four. Shorter strings have all values in the
// hashes of more bytes than they have, so it is the others that tell them.
//
// A hash is the sum of products of the bytes with constants in the field of
// 128 elements, which the processor has an instruction for: a product with a
// constant is linear in the bits of the other factor.
type hashed struct {
	matrices [2 * headLen]uint64 // of the products, as VGF2P8AFFINEQB takes them
	in       [hashes][1 << hashBits]uint8
}

const (
	hashes   = 5
	hashBits = 7
)

// hashTerms is how the hashes are made: which of the factors belong to them,
// of which factor i is for byte i%4.
func hashTerms() [hashes][]int {
	return [hashes][]int{{0, 1}, {0, 1, 2}, {0, 1, 2, 3}, {4, 5, 6}, {4, 5, 6, 7}}
}

// hashFactors are the constants. Of 120 sets chosen at random this was among
// those that let least through with the keywords of testdata; the median lets half as
// many more through.
func hashFactors() [2 * headLen]uint8 { return [2 * headLen]uint8{71, 5, 118, 24, 45, 86, 59, 73} }

func newHashed(bs [buckets][]string, fold bool) *hashed {
	t := new(hashed)
	var products [2 * headLen][256]uint8
	for i, f := range hashFactors() {
		columns := multiples(f)
		if fold {
			columns[5] = 0 // the bit in which cases differ
		}
		t.matrices[i] = affineMatrix(columns)
		for c := range products[i] {
			products[i][c] = linear(columns, uint8(c))
		}
	}
	for b, heads := range bs {
		for _, head := range heads {
			for h, terms := range hashTerms() {
				for x := range sums(&products, terms, head) {
					t.in[h][x] |= 1 << b
				}
			}
		}
	}
	return t
}

// sums returns the values that a hash can have of texts that start with head.
func sums(products *[2 * headLen][256]uint8, terms []int, head string) map[uint8]bool {
	values := map[uint8]bool{0: true}
	for _, i := range terms {
		next := make(map[uint8]bool)
		for _, c := range bytesAt(head, i%headLen) {
			for x := range values {
				next[x^products[i][c]] = true
			}
		}
		values = next
	}
	return values
}

// multiples returns f times each power of x, x^0 to x^7, in the field of 128
// elements: polynomials modulo x^7+x+1, bit i for x^i.
func multiples(f uint8) (columns [8]uint8) {
	for i := range columns {
		columns[i] = f
		f = f<<1&0x7f ^ f>>6*3
	}
	return columns
}

// linear returns the sum of those columns that c has a bit for.
func linear(columns [8]uint8, c uint8) (sum uint8) {
	for i, column := range columns {
		sum ^= column * (c >> i & 1)
	}
	return sum
}

// affineMatrix returns the matrix with these columns as VGF2P8AFFINEQB takes
// it: row i, which makes bit i of the result, in byte 7-i.
func affineMatrix(columns [8]uint8) (matrix uint64) {
	for row := range 8 {
		for i, column := range columns {
			matrix |= uint64(column>>row&1) << (8*(7-row) + i)
		}
	}
	return matrix
}

// lookUp returns the buckets that may have head. It is what kernels compute.
func (t *hashed) lookUp(head [headLen]byte) uint8 {
	in := ^uint8(0)
	for h, terms := range hashTerms() {
		var x uint8
		for _, i := range terms {
			x ^= affine(t.matrices[i], head[i%headLen])
		}
		in &= t.in[h][x]
	}
	return in
}

// affine multiplies a matrix with c.
func affine(matrix uint64, c uint8) (product uint8) {
	for row := range 8 {
		product |= uint8(bits.OnesCount8(uint8(matrix>>(8*(7-row)))&c)&1) << row
	}
	return product
}
