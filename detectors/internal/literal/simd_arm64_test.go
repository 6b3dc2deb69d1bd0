//go:build !purego

package literal

// lookUp returns what the kernel of s computes of the eight bytes at a place.
func (s *simd) lookUp() func([8]byte) uint8 {
	return func(at [8]byte) uint8 { return s.nibbles.lookUp([headLen]byte(at[:])) }
}
