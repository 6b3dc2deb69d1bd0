package literal

// kernel is a way to filter.
type kernel struct {
	name string
	// filters returns the filter for all places and that for chosen ones. The
	// strings are in lower case if they are to be folded, and h is of them.
	filters func(strings []string, fold bool, h *heads) (everywhere, chosen filter)
}

// Kernels lists the names of those kernels that this processor can run, the
// best first: "avx512", "avx2", "neon", and in any case "portable".
func Kernels() []string {
	var names []string
	for _, k := range kernels() {
		names = append(names, k.name)
	}
	return names
}

func portableFilters(strings []string, fold bool, h *heads) (everywhere, chosen filter) {
	return newRarePairs(strings, fold), h
}
