package unpack

import (
	"fmt"
	"io"
)

// A decoder reads one compressed stream to its end. Data after the end is an
// error.
type decoder interface {
	io.Reader

	// release ends the use of the decoder; it may go back to a pool.
	release()
}

// unpooled is a decoder that cannot be used again.
type unpooled struct{ io.Reader }

func (unpooled) release() {}

// borrowed is a decoder with n bytes of memory, whatever its data.
type borrowed struct {
	decoder
	w *walker
	n int64
}

// borrow opens a decoder that takes n bytes of memory.
func borrow(w *walker, n int64, open func() decoder) (decoder, error) {
	if err := w.take(n); err != nil {
		return nil, err
	}
	return borrowed{open(), w, n}, nil
}

func (b borrowed) release() {
	b.decoder.release()
	b.w.memory.give(b.n)
}

// An openFunc makes a decoder for s whose window has at most window bytes.
type openFunc func(w *walker, s *stream, window int64) (decoder, error)

// A compression is a format of one compressed stream.
type compression struct {
	name     string // in paths and errors
	open     openFunc
	windowed bool // the decoder takes what the data demands, out of Limits.Window
}

// inside is the place of what is unfolded at p. It has the memory that the
// decoder may take, and leaves as much for the layers in it.
func (c compression) inside(p place) place {
	if c.windowed {
		p.window /= 2
	}
	p.counted = true
	return p
}

// walk is the opener of the format.
func (c compression) walk(w *walker, s *stream, p place) {
	inner := c.inside(p.in("<" + c.name + ">"))
	if !w.member(inner) {
		return
	}
	dec, err := c.open(w, s, inner.window)
	if err != nil {
		w.broken(s, p.path, fmt.Errorf("%s: %w", c.name, err))
		return
	}
	m := &meter{dec: dec, in: s, owner: p.path, format: c.name, at: inner, fresh: true}
	w.unfold(m)
	m.close()
}

var (
	gzipFormat   = compression{name: "gzip", open: openGzip}
	bzip2Format  = compression{name: "bzip2", open: openBzip2}
	lz4Format    = compression{name: "lz4", open: openLZ4}
	snappyFormat = compression{name: "snappy", open: openSnappy}
	zstdFormat   = compression{name: "zstd", open: openZstd, windowed: true}
	xzFormat     = compression{name: "xz", open: openXZ, windowed: true}
)

func overWindow(size uint64, limit int64) error {
	return &reasonError{ReasonUnsupported, fmt.Errorf("needs a window of %d bytes, over the limit of %d", size, limit)}
}
