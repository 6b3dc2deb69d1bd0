//go:build !purego

package literal

// lookUp returns what the kernel of s computes.
func (s *simd) lookUp() func([headLen]byte) uint8 { return s.nibbles.lookUp }
