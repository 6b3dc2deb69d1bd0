package seal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

// streamHeader is the size of what Tink's stream begins with: a byte that says
// it, the salt of the key, and what all nonces begin with.
const streamHeader = 1 + keySize + subtle.AESGCMHKDFNoncePrefixSizeInBytes

// OpenedAt is a sealed object of which any part can be read. It is safe for
// concurrent use if its source is.
type OpenedAt struct {
	Header     Header
	Attributes []byte
	SHA256     string // of the body, hexadecimal, as it was sealed; not compared here

	r     io.ReaderAt
	base  int64 // where the stream begins
	size  int64 // of the stream
	aead  cipher.AEAD
	nonce []byte // what all begin with

	first int64 // of the body, in the plain stream
	body  int64 // its length

	mu    sync.Mutex // guards what follows: the segment that was last decrypted
	index int64
	plain []byte
	raw   []byte
}

// OpenAt opens the sealed object of size bytes in r for reading at any place.
// It fetches the header, the first segment (for the attributes) and the last
// (which proves that nothing was cut off, and holds the length); ReadAt fetches
// and decrypts the 1 MiB segments that it needs. Errors are those of Open.
//
// Tink for Go reads streams only from front to back, so that this follows
// Tink's published format with the standard library's HKDF and AES-GCM.
func OpenAt(ctx context.Context, r io.ReaderAt, size int64, u Unwrapper) (*OpenedAt, error) {
	header, head, err := readHeader(&source{r: io.NewSectionReader(r, 0, size)})
	if err != nil {
		return nil, err
	}
	o := &OpenedAt{Header: header, r: r, base: int64(len(head)), size: size - int64(len(head)), index: -1}
	// A last segment without a plain byte is none that Tink writes. The trailer would end in
	// the segment before it, and prove nothing.
	if last := o.size - (o.segments()-1)*segmentSize; o.size <= streamHeader+tagSize || last <= tagSize || o.segments() >= math.MaxUint32 {
		return nil, fmt.Errorf("%w: a stream of %d bytes", ErrDamaged, o.size)
	}
	stream := make([]byte, streamHeader)
	if err := o.fetch(stream, 0); err != nil {
		return nil, err
	}
	if stream[0] != streamHeader {
		return nil, errDamaged
	}
	salt := stream[1 : 1+keySize]
	o.nonce = stream[1+keySize:]

	key, err := header.unwrap(ctx, u)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	if o.aead, err = newSegmentCipher(key, salt, head); err != nil {
		return nil, err
	}

	plain := o.size - streamHeader - o.segments()*tagSize
	var n [4]byte
	if err := o.readPlain(n[:], 0); err != nil {
		return nil, err
	}
	o.first = int64(len(n)) + int64(binary.BigEndian.Uint32(n[:]))
	o.body = plain - o.first - trailerSize
	if o.first-int64(len(n)) > MaxAttributes || o.body < 0 {
		return nil, errDamaged
	}
	o.Attributes = make([]byte, o.first-int64(len(n)))
	if err := o.readPlain(o.Attributes, int64(len(n))); err != nil {
		return nil, err
	}
	var trailer [trailerSize]byte
	if err := o.readPlain(trailer[:], plain-trailerSize); err != nil {
		return nil, err
	}
	if binary.BigEndian.Uint64(trailer[sha256.Size:]) != uint64(o.body) {
		return nil, errDamaged
	}
	o.SHA256 = hex.EncodeToString(trailer[:sha256.Size])
	return o, nil
}

// newSegmentCipher derives the key of one stream, which stays in the cipher only.
func newSegmentCipher(key, salt, associated []byte) (cipher.AEAD, error) {
	k, err := hkdf.Key(sha256.New, key, salt, string(associated), keySize)
	if err != nil {
		return nil, err
	}
	defer clear(k)
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Size returns the length of the body.
func (o *OpenedAt) Size() int64 { return o.body }

// ReadAt reads the body at off. The error is io.EOF if it ends before p is full.
func (o *OpenedAt) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("seal: negative offset")
	}
	if off >= o.body {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), o.body-off))
	if err := o.readPlain(p[:n], o.first+off); err != nil {
		return 0, err
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// readPlain fills p with the plain stream at off, which must hold as much.
func (o *OpenedAt) readPlain(p []byte, off int64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(p) > 0 {
		// The first segment is shorter by the stream's header.
		const full = segmentSize - tagSize
		index, at := (off+streamHeader)/full, (off+streamHeader)%full
		if index == 0 {
			at -= streamHeader
		}
		if err := o.decrypt(index); err != nil {
			return err
		}
		if at >= int64(len(o.plain)) {
			return errDamaged
		}
		n := copy(p, o.plain[at:])
		p, off = p[n:], off+int64(n)
	}
	return nil
}

// decrypt makes plain the segment of that index.
func (o *OpenedAt) decrypt(index int64) error {
	if index == o.index {
		return nil
	}
	if index >= o.segments() {
		return errDamaged
	}
	start, end := max(index*segmentSize, streamHeader), min((index+1)*segmentSize, o.size)
	if o.raw == nil {
		o.raw, o.plain = make([]byte, segmentSize), make([]byte, 0, segmentSize)
	}
	raw := o.raw[:end-start]
	if err := o.fetch(raw, start); err != nil {
		return err
	}
	nonce := binary.BigEndian.AppendUint32(o.nonce[:len(o.nonce):len(o.nonce)], uint32(index))
	last := byte(0)
	if index == o.segments()-1 {
		last = 1
	}
	o.index = -1
	plain, err := o.aead.Open(o.plain[:0], append(nonce, last), raw, nil)
	if err != nil {
		return errDamaged
	}
	o.index, o.plain = index, plain
	return nil
}

func (o *OpenedAt) segments() int64 { return (o.size + segmentSize - 1) / segmentSize }

// fetch fills p with the encrypted stream at off.
func (o *OpenedAt) fetch(p []byte, off int64) error {
	n, err := o.r.ReadAt(p, o.base+off)
	if n == len(p) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}
