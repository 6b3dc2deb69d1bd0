//go:build (amd64 || arm64) && !purego

package literal

import "slices"

// buckets is how many groups of strings the vector kernels tell apart: one for
// each bit of a byte.
const buckets = 8

// dealBuckets deals the heads of strings, that is, their first four bytes or
// all if there are fewer, into buckets. What is behind the end of a short head lets
// everything through that looks like it so far, so heads of different lengths
// do not share a bucket; and those that begin alike do, because the bytes of a
// bucket are looked for position by position, in any combination.
func dealBuckets(list []string) [buckets][]string {
	byLength := make([][]string, 0, headLen)
	for n := 1; n <= headLen; n++ {
		var heads []string
		for _, s := range list {
			if len(s) == n || len(s) > n && n == headLen {
				heads = append(heads, s[:n])
			}
		}
		if len(heads) > 0 {
			slices.Sort(heads)
			byLength = append(byLength, slices.Compact(heads))
		}
	}
	var bs [buckets][]string
	free := bs[:]
	for i, heads := range byLength {
		// The crowded get more of what is left, but each gets one.
		rest := 0
		for _, others := range byLength[i:] {
			rest += len(others)
		}
		n := len(free) * len(heads) / rest
		n = max(1, min(n, len(free)-len(byLength[i+1:])))
		deal(free[:n], heads)
		free = free[n:]
	}
	return bs
}

// fewHeads is for how many heads it is enough to look for bytes one by one:
// with 60 that lets at most one place of 1024 through, with 100 up to nine.
const fewHeads = 64

func countHeads(bs [buckets][]string) (n int) {
	for _, heads := range bs {
		n += len(heads)
	}
	return n
}

// deal spreads heads over bs in order, as many in each as in the others.
func deal(bs [][]string, heads []string) {
	for i := range bs {
		bs[i] = heads[i*len(heads)/len(bs) : (i+1)*len(heads)/len(bs)]
	}
}
