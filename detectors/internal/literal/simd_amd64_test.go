//go:build !purego

package literal

import (
	"encoding/binary"
	"testing"
)

// lookUp returns what the kernel of s computes of the eight bytes at a place.
func (s *simd) lookUp() func([8]byte) uint8 {
	byHead := func(f func([headLen]byte) uint8) func([8]byte) uint8 {
		return func(at [8]byte) uint8 { return f([headLen]byte(at[:])) }
	}
	switch {
	case s.exact != nil:
		return byHead(s.exact.lookUp)
	case s.hashed != nil:
		return byHead(s.hashed.lookUp)
	case s.nibbles != nil:
		return byHead(s.nibbles.lookUp)
	}
	return func(at [8]byte) uint8 {
		return uint8(s.heads.mayStart(binary.LittleEndian.Uint64(at[:])))
	}
}

// TestHashesOfCases has the same hash for both cases if they are folded, and
// another if not.
func TestHashesOfCases(t *testing.T) {
	a, b := [headLen]byte{'p', 'a', 's', 's'}, [headLen]byte{'P', 'A', 'S', 'S'}
	folded, kept := newHashed(dealBuckets([]string{"pass"}), true), newHashed(dealBuckets([]string{"pass"}), false)
	if folded.lookUp(a) == 0 || folded.lookUp(b) == 0 || kept.lookUp(a) == 0 {
		t.Error("a string is not in its bucket")
	}
	if kept.lookUp(b) != 0 {
		t.Error("the other case is in the bucket of this")
	}
}

// TestField has the powers of x go through all elements but zero before they
// come back to one, as in a field of 128 elements they must.
func TestField(t *testing.T) {
	seen := make(map[uint8]bool)
	for power := uint8(1); !seen[power]; power = multiples(power)[1] {
		seen[power] = true
	}
	if len(seen) != 127 || seen[0] {
		t.Errorf("there are %d powers of x", len(seen))
	}
}

// TestAffine compares the product with a matrix, which is how the processor
// defines it, with the sum of columns that tables are made by.
func TestAffine(t *testing.T) {
	columns := [8]uint8{1, 2, 4, 0x70, 0x41, 0, 0x7f, 0x13}
	for c := range 256 {
		if got, want := affine(affineMatrix(columns), uint8(c)), linear(columns, uint8(c)); got != want {
			t.Fatalf("the product with %#x is %#x, not %#x", c, got, want)
		}
	}
}
