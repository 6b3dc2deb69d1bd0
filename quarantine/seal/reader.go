package seal

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"
	"time"

	"github.com/minio/crc64nvme"
	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

const (
	segmentSize = 1 << 20 // of ciphertext, as the algorithm's name says
	tagSize     = subtle.AESGCMHKDFTagSizeInBytes
	hkdfHash    = "SHA256"

	// MaxAttributes is how many bytes of attributes an object can have.
	MaxAttributes = 1 << 20

	// trailerSize is that of the SHA-256 of the body and its length, the last
	// bytes of the encrypted stream.
	trailerSize = sha256.Size + 8

	// chunkSize is how much of the body is read at once: what the first-level
	// and second-level caches hold while it is hashed twice and copied.
	chunkSize = 64 << 10

	maxIdle = 100
)

// Options of sealing.
type Options struct {
	// Context goes to the key provider and into the header, in the clear: whose
	// the object was. Names and values are UTF-8.
	Context map[string]string

	// Attributes are any bytes to be sealed with the body, at most MaxAttributes.
	Attributes []byte

	// Created is the header's time; the zero value: now.
	Created time.Time
}

// Sums are what is known of an object when it has been sealed to its end.
type Sums struct {
	Length int64  // of the body
	SHA256 string // of the body, hexadecimal
	CRC64  string // CRC64NVME of the body, base64 as S3 writes it

	SealedLength int64
	SealedCRC64  string // CRC64NVME of the sealed object

	KeyID string // of the key that wraps the data key
}

// Reader yields a sealed object.
type Reader struct {
	body   io.Reader
	header Header
	stream io.WriteCloser // encrypts into out; nil when there is nothing more to encrypt

	out  sink
	read int    // bytes of out that have been handed over
	err  error  // what follows them
	buf  []byte // of the body
	sha  hash.Hash
	crc  uint64
	n    int64
	idle int // reads of the body in a row that gave nothing
	sums Sums
}

// NewReader returns a reader of body as a sealed object. It asks w for one data
// key, under ctx, and overwrites the plain form of that key before it returns;
// what encrypts keeps a key derived from it, as long as there is something to
// encrypt.
//
// Body is read as the reader is, on the same goroutine. An error of body is
// returned, also by every later Read; what was yielded until then cannot be
// opened, because the last segment is missing. Memory is about 4 MiB.
func NewReader(ctx context.Context, body io.Reader, o Options, w Wrapper) (*Reader, error) {
	if len(o.Attributes) > MaxAttributes {
		return nil, fmt.Errorf("seal: attributes of %d bytes, more than %d", len(o.Attributes), MaxAttributes)
	}
	if err := checkContext(o.Context); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if o.Created.IsZero() {
		o.Created = time.Now()
	}
	k, err := w.DataKey(ctx, maps.Clone(o.Context))
	defer clear(k.Plain)
	if err != nil {
		return nil, err
	}
	key, commitment, err := split(k.Plain)
	defer clear(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	r := &Reader{body: body, buf: make([]byte, chunkSize), sha: sha256.New()}
	r.header = Header{
		Algorithm:  algorithm,
		Commitment: commitment,
		Context:    maps.Clone(o.Context),
		Created:    o.Created.UTC().Truncate(time.Second),
		KeyID:      k.KeyID,
		Provider:   k.Provider,
		Wrapped:    k.Wrapped,
	}
	if r.header.Context == nil {
		r.header.Context = map[string]string{}
	}
	head, err := r.header.encode()
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	r.out.Write(head)
	cipher, err := newCipher(key)
	if err != nil {
		return nil, err
	}
	if r.stream, err = cipher.NewEncryptingWriter(&r.out, head); err != nil {
		return nil, err
	}
	attributes := binary.BigEndian.AppendUint32(nil, uint32(len(o.Attributes)))
	if _, err := r.stream.Write(append(attributes, o.Attributes...)); err != nil {
		return nil, err
	}
	return r, nil
}

// newCipher keeps a copy of key.
func newCipher(key []byte) (*subtle.AESGCMHKDF, error) {
	return subtle.NewAESGCMHKDF(key, hkdfHash, keySize, segmentSize, 0)
}

// Read yields the next bytes of the sealed object, and io.EOF behind the last.
func (r *Reader) Read(p []byte) (int, error) {
	for r.read == len(r.out.buf) {
		if r.err != nil {
			return 0, r.err
		}
		r.out.buf, r.read = r.out.buf[:0], 0
		if r.err = r.fill(); r.err != nil {
			r.stream = nil
		}
	}
	n := copy(p, r.out.buf[r.read:])
	r.read += n
	return n, nil
}

// fill encrypts one chunk of the body, which may leave nothing in out yet. It
// returns io.EOF when it has encrypted the end.
func (r *Reader) fill() error {
	n, end := r.body.Read(r.buf)
	if n == 0 && end == nil {
		if r.idle++; r.idle == maxIdle {
			return io.ErrNoProgress
		}
		return nil
	}
	r.idle = 0
	chunk := r.buf[:n]
	r.n += int64(n)
	r.sha.Write(chunk)
	r.crc = crc64nvme.Update(r.crc, chunk)
	if _, err := r.stream.Write(chunk); err != nil {
		return err
	}
	if end != io.EOF {
		return end
	}
	sum := r.sha.Sum(nil)
	if _, err := r.stream.Write(binary.BigEndian.AppendUint64(sum, uint64(r.n))); err != nil {
		return err
	}
	if err := r.stream.Close(); err != nil {
		return err
	}
	r.sums = Sums{
		Length:       r.n,
		SHA256:       hex.EncodeToString(sum),
		CRC64:        base64CRC(r.crc),
		SealedLength: r.out.n,
		SealedCRC64:  base64CRC(r.out.crc),
		KeyID:        r.header.KeyID,
	}
	return io.EOF
}

func base64CRC(crc uint64) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, crc))
}

// Header returns the header of the sealed object.
func (r *Reader) Header() Header { return r.header }

// Sums returns the zero value until the last byte has been read.
func (r *Reader) Sums() Sums {
	if r.err != io.EOF || r.read < len(r.out.buf) {
		return Sums{}
	}
	return r.sums
}

// sink collects the bytes of the sealed object that were not yet read, and the
// sums of all.
type sink struct {
	buf []byte
	crc uint64
	n   int64
}

func (s *sink) Write(p []byte) (int, error) {
	s.buf = append(s.buf, p...)
	s.crc = crc64nvme.Update(s.crc, p)
	s.n += int64(len(p))
	return len(p), nil
}
