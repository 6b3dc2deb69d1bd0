package detectors

// dummies are published example values, compact (see [Rule.Compact]). Nearly
// all values asked for are none, which a filter says sooner than a map.
type dummies struct {
	values map[string]bool
	filter [1 << filterBits / 64]uint64 // a bit for each of values, see filterBit
}

const filterBits = 10

// newDummies returns nil if there are no values.
func newDummies(values []string) *dummies {
	if len(values) == 0 {
		return nil
	}
	d := &dummies{values: make(map[string]bool)}
	for _, v := range values {
		d.values[v] = true
		b := filterBit([]byte(v))
		d.filter[b/64] |= 1 << (b % 64)
	}
	return d
}

func (d *dummies) has(v []byte) bool {
	b := filterBit(v)
	return d.filter[b/64]>>(b%64)&1 != 0 && d.values[string(v)]
}

// filterBit hashes the length and the last eight bytes of v, by a product with
// the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
func filterBit(v []byte) uint64 {
	x := eightAt(v, max(0, len(v)-8)) + uint64(len(v))
	return x * 0x9e3779b97f4a7c15 >> (64 - filterBits)
}
