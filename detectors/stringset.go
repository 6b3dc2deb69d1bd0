package detectors

// stringSet is a set of few strings, asked for many that are not in it: that a
// filter says sooner than a map.
type stringSet struct {
	values map[string]bool
	filter [1 << filterBits / 64]uint64 // a bit for each of values, see filterBit
}

const filterBits = 10

func newStringSet(values ...string) *stringSet {
	s := &stringSet{values: make(map[string]bool)}
	for _, v := range values {
		s.values[v] = true
		b := filterBit([]byte(v))
		s.filter[b/64] |= 1 << (b % 64)
	}
	return s
}

func (s *stringSet) has(v []byte) bool {
	b := filterBit(v)
	return s.filter[b/64]>>(b%64)&1 != 0 && s.values[string(v)]
}

// filterBit hashes the length and the last eight bytes of v, by a product with
// the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
func filterBit(v []byte) uint64 {
	x := eightAt(v, max(0, len(v)-8)) + uint64(len(v))
	return x * 0x9e3779b97f4a7c15 >> (64 - filterBits)
}
