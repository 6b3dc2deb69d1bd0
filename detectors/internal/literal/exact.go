//go:build amd64 && !purego

package literal

// exact are tables as those of nibbles, but for whole bytes of ASCII: the
// buckets with a string that has, at each of the first four positions, a
// byte with these lower seven bits.
type exact struct {
	in [headLen][128]uint8
}

func newExact(bs [buckets][]string, fold bool) *exact {
	t := new(exact)
	for b, heads := range bs {
		for _, head := range heads {
			for i := range headLen {
				for _, c := range bytesAt(head, i) {
					t.in[i][c%128] |= 1 << b
					if fold && c-'a' < 26 {
						t.in[i][c-'a'+'A'] |= 1 << b
					}
				}
			}
		}
	}
	return t
}

// lookUp returns the buckets that may have head. It is what kernels compute.
func (t *exact) lookUp(head [headLen]byte) uint8 {
	in := ^uint8(0)
	for i, c := range head {
		in &= t.in[i][c%128]
	}
	return in
}
