//go:build !purego

package literal

import "golang.org/x/sys/cpu"

// kernels asks for what the operating system saves too, not only for what the
// processor has; package cpu looks at both.
func kernels() []kernel {
	var ks []kernel
	x := &cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX512VBMI && x.HasAVX512VBMI2 && x.HasAVX512GFNI && x.HasBMI1 && x.HasBMI2 {
		ks = append(ks, kernel{"avx512", avx512Filters})
	}
	if x.HasAVX2 && x.HasBMI1 && x.HasBMI2 {
		ks = append(ks, kernel{"avx2", avx2Filters})
	}
	return append(ks, kernel{"portable", portableFilters})
}

func avx512Filters(list []string, fold bool, h *heads) (everywhere, chosen filter) {
	s, bs := new(simd), dealBuckets(list)
	n := countHeads(bs)
	if n <= fewHeads {
		s.exact = newExact(bs, fold)
		return s, s
	}
	s.hashed = newHashed(bs, fold)
	if n > manyHeads {
		return s, &listed{simd{heads: h}, s.hashed}
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

// listed is a filter by heads that lists places, too. Where places are chosen, a
// list is faster than words: how many bits each has is what a processor guesses
// wrong.
type listed struct {
	simd
	first *hashed // asked before: it takes a third of the places away
}

// list returns those places of where, as distances from the start of text, at
// which a string may start. The text has eight bytes at each place.
func (l *listed) list(places *placeList, text []byte, where []uint64) []uint16 {
	return places[:listHeadsAVX512(places, text, where, l.heads)]
}

// findListed is Find with a filter that lists places, in whole words of where: it
// returns in how many, none with another filter.
func (f *Finder) findListed(dst []Hit, text []byte, from, to, base int, where []uint64) ([]Hit, int) {
	l, ok := f.chosen.(*listed)
	if !ok {
		return dst, 0
	}
	whole := max(0, min(to-from, len(text)-from-(len(headBlock{})-block))) / block
	var places placeList
	var words [wordsListed]uint64
	for k := 0; k < whole; k += wordsListed {
		at := from + k*block
		some := words[:min(wordsListed, whole-k)]
		markHashedAVX512(some, text[at:], where[k:], l.first)
		for _, i := range l.list(&places, text[at:], some) {
			dst = f.verifyAt(dst, text, at+int(i), base)
		}
	}
	return dst, whole
}

//go:noescape
func listHeadsAVX512(list *placeList, text []byte, where []uint64, h *heads) (n int)

// wordsListed is listWordsPortable for a kernel.
func listWords(kernel string, list *placeList, text []byte, where []uint64, s *wordSet) int {
	if kernel == "avx512" {
		return listWordsAVX512(list, text, where, s)
	}
	return listWordsPortable(list, text, where, s)
}

//go:noescape
func listWordsAVX512(list *placeList, text []byte, where []uint64, s *wordSet) (n int)
