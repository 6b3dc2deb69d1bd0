//go:build !purego

package literal

import "golang.org/x/sys/cpu"

// kernels asks for what the operating system saves too, not only for what the
// processor has; package cpu looks at both.
func kernels() []kernel {
	var ks []kernel
	x := &cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VBMI && x.HasAVX512VBMI2 && x.HasAVX512GFNI && x.HasBMI1 && x.HasBMI2 {
		ks = append(ks, kernel{"avx512", avx512Filters})
	}
	if x.HasAVX2 && x.HasBMI1 && x.HasBMI2 {
		ks = append(ks, kernel{"avx2", avx2Filters})
	}
	return append(ks, kernel{"portable", portableFilters})
}

func avx512Filters(list []string, fold bool, _ *heads) (everywhere, chosen filter) {
	s, bs := new(simd), dealBuckets(list)
	if countHeads(bs) <= fewHeads {
		s.exact = newExact(bs, fold)
	} else {
		s.hashed = newHashed(bs, fold)
	}
	return s, s
}

// avx2Filters has no filter for many strings that would be worth its time, so
// chosen places are looked at one by one.
func avx2Filters(list []string, fold bool, h *heads) (everywhere, chosen filter) {
	bs := dealBuckets(list)
	s := &simd{nibbles: newNibbles(bs, fold)}
	if countHeads(bs) <= fewHeads {
		return s, s
	}
	return s, &simd{heads: h}
}

// simd is a filter that one of the kernels runs: the one of the tables that is
// there.
type simd struct {
	exact   *exact
	hashed  *hashed
	nibbles *nibbles
	heads   *heads
}

// run marks, in len(words) whole blocks of text.
func (s *simd) run(words []uint64, text []byte, where []uint64) {
	switch {
	case s.exact != nil:
		markExactAVX512(words, text, where, s.exact)
	case s.hashed != nil:
		markHashedAVX512(words, text, where, s.hashed)
	case s.nibbles != nil:
		markNibblesAVX2(words, text, where, s.nibbles)
	case s.heads != nil:
		markHeadsBMI(words, text, where, s.heads)
	}
}

//go:noescape
func markExactAVX512(words []uint64, text []byte, where []uint64, t *exact)

//go:noescape
func markHashedAVX512(words []uint64, text []byte, where []uint64, t *hashed)

//go:noescape
func markNibblesAVX2(words []uint64, text []byte, where []uint64, t *nibbles)

//go:noescape
func markHeadsBMI(words []uint64, text []byte, where []uint64, h *heads)

// list is listPortable with what the kernel of w has for it.
func (w *Words) list(places *placeList, text []byte, where []uint64) []uint16 {
	var n int
	switch w.kernel {
	case "avx512":
		n = listPlacesAVX512(places, where)
	case "avx2":
		n = listPlacesBMI(places, where)
	default:
		return w.listPortable(places, text, where)
	}
	n = strikeStartsBMI(places[:n], text, w)
	n = strikeHeadsBMI(places[:n], text, w.heads)
	return places[:n]
}

// These do what the functions of those names in Go do, and return how many places
// are left.

//go:noescape
func listPlacesAVX512(places *placeList, where []uint64) (n int)

//go:noescape
func listPlacesBMI(places *placeList, where []uint64) (n int)

//go:noescape
func strikeStartsBMI(places []uint16, text []byte, w *Words) (n int)

//go:noescape
func strikeHeadsBMI(places []uint16, text []byte, h *heads) (n int)
