//go:build purego || !(amd64 || arm64)

package literal

func kernels() []kernel { return []kernel{{"portable", portableFilters}} }

// findListed would find by lists of places: no kernel here makes these.
func (f *Finder) findListed(dst []Hit, _ []byte, _, _, _ int, _ []uint64) ([]Hit, int) {
	return dst, 0
}

// listWords is listWordsPortable for a kernel.
func listWords(_ string, list *placeList, text []byte, where []uint64, s *wordSet) int {
	return listWordsPortable(list, text, where, s)
}
