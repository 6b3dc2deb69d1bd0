package unpack

import (
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

var errTrailing = errors.New("data after the end of the compressed stream")

// A gzipDecoder reads one gzip stream after the other (RFC 1952, 2.2) and
// the zeros that tapes and block devices pad them with.
type gzipDecoder struct {
	z       gzip.Reader
	s       *stream
	started bool
}

var gzips = sync.Pool{New: func() any { return new(gzipDecoder) }}

func openGzip(_ *walker, s *stream, _ int64) (decoder, error) {
	d := gzips.Get().(*gzipDecoder)
	d.s, d.started = s, false
	return d, nil
}

func (d *gzipDecoder) release() {
	d.s = nil
	gzips.Put(d)
}

func (d *gzipDecoder) Read(p []byte) (int, error) {
	for {
		if !d.started {
			if err := d.next(); err != nil {
				return 0, err
			}
		}
		n, err := d.z.Read(p)
		if err == io.EOF {
			d.started, err = false, nil
			if n == 0 {
				if err = d.atEnd(); err == nil {
					continue
				}
			}
		}
		return n, err
	}
}

// next reads the header of the next gzip stream.
func (d *gzipDecoder) next() error {
	if err := d.atEnd(); err != nil {
		return err
	}
	if err := d.z.Reset(d.s.Reader); err != nil {
		return noEOF(err)
	}
	d.z.Multistream(false)
	d.started = true
	return nil
}

// atEnd is nil if another gzip stream follows, io.EOF at the end.
func (d *gzipDecoder) atEnd() error {
	if err := skipZeros(d.s); err != nil {
		return err
	}
	if head, _ := d.s.Peek(2); len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b {
		return errTrailing
	}
	return nil
}

// skipZeros skips zero bytes: io.EOF if there was nothing else.
func skipZeros(s *stream) error {
	for {
		c, err := s.ReadByte()
		if err != nil {
			return err
		}
		if c != 0 {
			return s.UnreadByte()
		}
	}
}

// noEOF is for where the end of the input is not the end of the format.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
