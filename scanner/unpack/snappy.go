package unpack

import (
	"sync"

	"github.com/klauspost/compress/s2"
)

// The stream identifiers of the snappy framing format and of S2, which
// extends it.
const (
	snappyMagic = "\xff\x06\x00\x00sNaPpY"
	s2Magic     = "\xff\x06\x00\x00S2sTwO"
)

// A snappyDecoder reads the framing format. It has no end mark: a stream cut
// between two chunks cannot be told from a whole one.
type snappyDecoder struct{ *s2.Reader }

var snappies = sync.Pool{New: func() any {
	return &snappyDecoder{s2.NewReader(nil, s2.ReaderAllocBlock(64<<10))}
}}

func openSnappy(w *walker, s *stream, _ int64) (decoder, error) {
	memory := int64(128 << 10) // two blocks
	if head, _ := s.Peek(len(s2Magic)); hasPrefix(head, s2Magic) {
		memory = 8 << 20
	}
	return borrow(w, memory, func() decoder {
		d := snappies.Get().(*snappyDecoder)
		d.Reset(s)
		return d
	})
}

func (d *snappyDecoder) release() {
	d.Reset(nil)
	snappies.Put(d)
}
