//go:build (amd64 || arm64) && !purego

package literal

// nibbles are the tables of the algorithm Teddy of Hyperscan (Wang et al.,
// "Hyperscan: a fast multi-pattern regex matcher for modern CPUs", NSDI 2019):
// for each of the first four bytes of a string and each value of its lower and
// of its upper half the buckets with a string that has it there. A place is
// marked if one bucket is left when all eight look-ups are intersected.
type nibbles struct {
	low, high [headLen][16]uint8
}

func newNibbles(bs [buckets][]string, fold bool) *nibbles {
	t := new(nibbles)
	for b, heads := range bs {
		for _, head := range heads {
			for i := range headLen {
				for _, c := range bytesAt(head, i) {
					t.add(i, c, b)
					if fold && c-'a' < 26 {
						t.add(i, c-'a'+'A', b)
					}
				}
			}
		}
	}
	return t
}

func (t *nibbles) add(i int, c byte, bucket int) {
	t.low[i][c%16] |= 1 << bucket
	t.high[i][c/16] |= 1 << bucket
}

// lookUp returns the buckets that may have head. It is what kernels compute.
func (t *nibbles) lookUp(head [headLen]byte) uint8 {
	in := ^uint8(0)
	for i, c := range head {
		in &= t.low[i][c%16] & t.high[i][c/16]
	}
	return in
}
