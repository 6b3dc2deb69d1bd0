//go:build (amd64 || arm64) && !purego

package literal

// mark implements filter, with kernels that look at 64 places at a time.
func (s *simd) mark(words []uint64, text []byte, from, to int, where []uint64) {
	// A kernel reads whole blocks and at most seven bytes behind each place.
	const ahead = len(headBlock{}) - block
	whole := min(len(words), max(0, len(text)-from-ahead)/block)
	s.run(words[:whole], text[from:], where)
	words = words[whole:]
	if len(words) == 0 {
		return
	}
	if where != nil {
		where = where[whole:]
	}
	var padded [2*block + ahead]byte // less than a block and what is ahead are left
	copy(padded[:], text[from+whole*block:])
	s.run(words, padded[:], where)
}
