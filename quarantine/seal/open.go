package seal

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
)

// Opened is a sealed object being read from front to back.
type Opened struct {
	Header     Header
	Attributes []byte

	in    *source
	plain io.Reader // decrypts in

	buf        []byte
	start, end int   // of the bytes in buf, of which the last may be the trailer's
	err        error // what follows them
	sha        hash.Hash
	n          int64
}

// Open opens the sealed object that r yields. When it returns without an error,
// header and attributes are authentic. The plain form of the data key is
// overwritten before it returns. The key provider's errors are returned as they
// are, those of r, too; the others wrap ErrFormat, ErrKey or ErrDamaged.
//
// The body is read from the Opened. Every byte it yields was sealed at this place
// by somebody with the data key, but only io.EOF says that the body is
// complete: what is written of it before must be dropped after another error.
func Open(ctx context.Context, r io.Reader, u Unwrapper) (*Opened, error) {
	in := &source{r: r}
	header, head, err := readHeader(in)
	if err != nil {
		return nil, err
	}
	key, err := header.unwrap(ctx, u)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	cipher, err := newCipher(key)
	if err != nil {
		return nil, err
	}
	o := &Opened{Header: header, in: in, buf: make([]byte, chunkSize), sha: sha256.New()}
	if o.plain, err = cipher.NewDecryptingReader(o.in, head); err != nil {
		return nil, o.in.blame(errDamaged)
	}
	var size [4]byte
	if _, err := io.ReadFull(o.plain, size[:]); err != nil {
		return nil, o.in.blame(errDamaged)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > MaxAttributes {
		return nil, fmt.Errorf("%w: attributes of %d bytes", ErrDamaged, n)
	}
	o.Attributes = make([]byte, n)
	if _, err := io.ReadFull(o.plain, o.Attributes); err != nil {
		return nil, o.in.blame(errDamaged)
	}
	return o, nil
}

// Read yields the next bytes of the body. It returns io.EOF only when their
// number and their SHA-256 are those that were sealed.
func (o *Opened) Read(p []byte) (int, error) {
	for o.end-o.start <= trailerSize {
		if o.err != nil {
			return 0, o.err
		}
		o.err = o.fill()
	}
	n := copy(p, o.buf[o.start:o.end-trailerSize])
	o.sha.Write(o.buf[o.start : o.start+n])
	o.n += int64(n)
	o.start += n
	return n, nil
}

func (o *Opened) fill() error {
	o.end = copy(o.buf, o.buf[o.start:o.end])
	o.start = 0
	n, err := io.ReadAtLeast(o.plain, o.buf[o.end:], 1)
	o.end += n
	if err == nil {
		return nil
	}
	o.plain = nil
	if err != io.EOF {
		return o.in.blame(errDamaged)
	}
	want := binary.BigEndian.AppendUint64(o.sha.Sum(nil), uint64(o.n))
	if subtle.ConstantTimeCompare(want, o.buf[:o.end]) != 1 {
		return fmt.Errorf("%w: its bytes have not the length or the SHA-256 that were sealed", ErrDamaged)
	}
	return io.EOF
}

var errDamaged = fmt.Errorf("%w: it was changed or cut short", ErrDamaged)

// source remembers why its reader failed, because io.ReadFull and Tink take an
// io.ErrUnexpectedEOF, by which a transport says that it broke, for the end.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// blame returns the reader's error, if it had one, and err otherwise.
func (s *source) blame(err error) error {
	if s.err != nil {
		return s.err
	}
	return err
}
