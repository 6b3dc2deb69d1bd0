//go:build purego || !(amd64 || arm64)

package literal

func kernels() []kernel { return []kernel{{"portable", portableFilters}} }

// list is listPortable.
func (w *Words) list(places *placeList, text []byte, where []uint64) []uint16 {
	return w.listPortable(places, text, where)
}
