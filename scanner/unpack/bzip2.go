package unpack

import (
	"compress/bzip2"
	"strings"
)

// isBzip2 tells whether b begins with a bzip2 header and with a block or the end
// mark, as far as b goes. The header alone could begin a text.
func isBzip2(b []byte) bool {
	if len(b) <= 4 || !hasPrefix(b, "BZh") || b[3] < '1' || b[3] > '9' {
		return false
	}
	mark := b[4:min(len(b), 10)]
	return strings.HasPrefix("\x31\x41\x59\x26\x53\x59", string(mark)) ||
		strings.HasPrefix("\x17\x72\x45\x38\x50\x90", string(mark))
}

// openBzip2 reads bzip2 streams, one after the other. A decoder takes 4 MB.
func openBzip2(w *walker, s *stream, _ int64) (decoder, error) {
	return borrow(w, 4<<20, func() decoder { return unpooled{bzip2.NewReader(s.Reader)} })
}
