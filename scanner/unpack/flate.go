package unpack

import (
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// A flateDecoder reads one deflate stream and nothing after it.
type flateDecoder struct{ io.ReadCloser }

var flates = sync.Pool{New: func() any {
	return &flateDecoder{flate.NewReader(nil)}
}}

func openFlate(_ *walker, s *stream, _ int64) (decoder, error) {
	d := flates.Get().(*flateDecoder)
	return d, d.ReadCloser.(flate.Resetter).Reset(s.Reader, nil)
}

func (d *flateDecoder) release() { flates.Put(d) }
