//go:build !purego

package literal

import (
	"encoding/binary"
	"testing"
)

// lookUp returns what the kernel of s computes.
func (s *simd) lookUp() func([headLen]byte) uint8 {
	switch {
	case s.exact != nil:
		return s.exact.lookUp
	case s.hashed != nil:
		return s.hashed.lookUp
	case s.nibbles != nil:
		return s.nibbles.lookUp
	}
	return func(head [headLen]byte) uint8 {
		group, _ := s.heads.find(binary.LittleEndian.Uint32(head[:]))
		return uint8(min(group+1, 255))
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
