package unpack

import (
	"sync"

	"github.com/pierrec/lz4/v4"
)

const (
	lz4Magic       = 0x184D2204
	lz4LegacyMagic = 0x184C2102
)

// A lz4Decoder reads lz4 frames, one after the other. A block has at most
// 4 MiB, in the legacy format 8 MiB.
type lz4Decoder struct{ *lz4.Reader }

var lz4s = sync.Pool{New: func() any {
	z := lz4.NewReader(nil)
	if err := z.Apply(lz4.ConcurrencyOption(1)); err != nil {
		panic("unpack: lz4 options: " + err.Error())
	}
	return &lz4Decoder{z}
}}

func openLZ4(w *walker, s *stream, _ int64) (decoder, error) {
	memory := int64(8 << 20) // two blocks
	if head, _ := s.Peek(4); hasMagic(head, lz4LegacyMagic) {
		memory = 16 << 20
	}
	return borrow(w, memory, func() decoder {
		d := lz4s.Get().(*lz4Decoder)
		d.Reset(s)
		return d
	})
}

func (d *lz4Decoder) release() {
	d.Reset(nil)
	lz4s.Put(d)
}
