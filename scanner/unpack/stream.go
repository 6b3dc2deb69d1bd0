package unpack

import (
	"bufio"
	"io"
	"sync"
)

// bufferSize is the read buffer of a layer. It must hold what sniffing looks
// at and the longest record that is looked at before it is consumed.
const bufferSize = 32 << 10

// maxEmptyReads is how often a reader may give neither bytes nor an error.
const maxEmptyReads = 100

// A stream is what one layer reads: it can be looked at before it is consumed,
// counts what was consumed, and remembers why it ended. Decoders are handed the
// bufio.Reader itself, which flate and bzip2 read without reading ahead.
type stream struct {
	*bufio.Reader
	tap tap
}

// A tap counts what is read through it and remembers the first error that is
// no io.EOF, so that a decoder cannot hide that its input failed.
type tap struct {
	r   io.Reader
	n   int64
	err error
}

func (t *tap) Read(p []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	n, err := t.r.Read(p)
	t.n += int64(n)
	if err != nil && err != io.EOF {
		t.err = err
	}
	return n, err
}

// streams keeps the buffers of closed streams: without it, a sweep of small
// objects allocates little else. Only memory is shared, no content: a Reset
// precedes each use. The decoders' pools are here for the same reason.
var streams = sync.Pool{New: func() any {
	s := new(stream)
	s.Reader = bufio.NewReaderSize(&s.tap, bufferSize)
	return s
}}

func openStream(r io.Reader) *stream {
	s := streams.Get().(*stream)
	s.tap = tap{r: r}
	s.Reset(&s.tap)
	return s
}

func (s *stream) close() {
	s.tap = tap{}
	streams.Put(s)
}

// consumed is the number of bytes taken out of the stream.
func (s *stream) consumed() int64 { return s.tap.n - int64(s.Buffered()) }

// failed tells why the stream cannot be read to its end; nil at a clean end.
func (s *stream) failed() error { return s.tap.err }

// drain reads the rest, so that the layers below check their checksums.
func (s *stream) drain() { _, _ = s.WriteTo(io.Discard) }

// A source reads the object itself: the one place where an error is none of the
// content's.
type source struct {
	w *walker
	r io.Reader
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.w.alive(); err != nil {
		return 0, err
	}
	for range maxEmptyReads {
		n, err := s.r.Read(p)
		if err != nil && err != io.EOF {
			s.w.stop(err)
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
	s.w.stop(io.ErrNoProgress)
	return 0, io.ErrNoProgress
}
