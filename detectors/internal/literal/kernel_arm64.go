//go:build !purego

package literal

// kernels asks for nothing: all processors of this kind have what is needed.
func kernels() []kernel { return []kernel{{"neon", neonFilters}, {"portable", portableFilters}} }

func neonFilters(list []string, fold bool, h *heads) (everywhere, chosen filter) {
	bs := dealBuckets(list)
	s := &simd{newNibbles(bs, fold)}
	if countHeads(bs) <= fewHeads {
		return s, s
	}
	return s, h // see avx2Filters
}

// simd is a filter that the kernel runs.
type simd struct {
	nibbles *nibbles
}

// run marks, in len(words) whole blocks of text.
func (s *simd) run(words []uint64, text []byte, where []uint64) {
	markNibblesNEON(words, text, where, s.nibbles)
}

//go:noescape
func markNibblesNEON(words []uint64, text []byte, where []uint64, t *nibbles)

// list is listPortable.
func (w *Words) list(places *placeList, text []byte, where []uint64) []uint16 {
	return w.listPortable(places, text, where)
}
