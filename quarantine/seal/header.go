package seal

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"
)

const (
	magic      = "\x89SLUICE"
	version    = 1
	prefixSize = len(magic) + 1 + 4 // with the version and the length of the JSON

	// maxHeader bounds the JSON, on both sides: a context holds an object key of
	// at most 1 KiB, and a KMS refuses contexts above 8 KiB.
	maxHeader = 64 << 10

	algorithm = "AES256_GCM_HKDF_1MB" // Tink's name of the cipher and its parameters

	keySize        = 32
	commitmentSize = 32
	commitmentInfo = "sluice sealed object 1: commitment"
	streamInfo     = "sluice sealed object 1: stream"
)

// Header is what a sealed object says in the clear. What [ReadHeader] returns
// is only a claim; [Open] and [OpenAt] have it authenticated.
type Header struct {
	// In the order of their names, which is part of the format.
	Algorithm  string            `json:"algorithm"`
	Commitment []byte            `json:"commitment"` // to the data key: no other one fits the object
	Context    map[string]string `json:"context"`    // the data key was wrapped with it
	Created    time.Time         `json:"created"`    // UTC, in seconds
	KeyID      string            `json:"keyId"`
	Provider   string            `json:"provider"`
	Wrapped    []byte            `json:"wrapped"`
}

var errCutShort = fmt.Errorf("%w: its header is cut short", ErrFormat)

// ReadHeader reads the header of a sealed object, and of r nothing behind it.
// It says nothing about who wrote it.
func ReadHeader(r io.Reader) (Header, error) {
	h, _, err := readHeader(&source{r: r})
	return h, err
}

// readHeader also returns the header's bytes, from the first of the object on.
func readHeader(r *source) (Header, []byte, error) {
	raw := make([]byte, prefixSize)
	if _, err := io.ReadFull(r, raw); err != nil {
		return Header{}, nil, r.blame(errCutShort)
	}
	if string(raw[:len(magic)]) != magic {
		return Header{}, nil, ErrFormat
	}
	if v := raw[len(magic)]; v != version {
		return Header{}, nil, fmt.Errorf("%w: version %d, this program knows version %d", ErrFormat, v, version)
	}
	n := binary.BigEndian.Uint32(raw[prefixSize-4:])
	if n > maxHeader {
		return Header{}, nil, fmt.Errorf("%w: a header of %d bytes", ErrFormat, n)
	}
	raw = append(raw, make([]byte, n)...)
	if _, err := io.ReadFull(r, raw[prefixSize:]); err != nil {
		return Header{}, nil, r.blame(errCutShort)
	}
	h, err := parseHeader(raw[prefixSize:])
	return h, raw, err
}

// parseHeader accepts what header.encode writes and nothing else: to write the
// parsed header again must give the same bytes, which no duplicate or unknown
// name, no white space and no other spelling of a value survives.
func parseHeader(text []byte) (Header, error) {
	var h Header
	if err := json.Unmarshal(text, &h); err != nil {
		return Header{}, fmt.Errorf("%w: its header is not readable", ErrFormat)
	}
	again, err := h.encode()
	if err != nil {
		return Header{}, fmt.Errorf("%w: %v", ErrFormat, err)
	}
	if !bytes.Equal(again[prefixSize:], text) {
		return Header{}, fmt.Errorf("%w: its header is not in canonical form", ErrFormat)
	}
	return h, nil
}

// encode returns the bytes of the object up to the encrypted stream.
func (h Header) encode() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	text, err := canonical(h)
	if err != nil {
		return nil, err
	}
	if len(text) > maxHeader {
		return nil, fmt.Errorf("a header of %d bytes, more than %d", len(text), maxHeader)
	}
	raw := make([]byte, 0, prefixSize+len(text))
	raw = append(raw, magic...)
	raw = append(raw, version)
	raw = binary.BigEndian.AppendUint32(raw, uint32(len(text)))
	return append(raw, text...), nil
}

func (h Header) check() error {
	switch {
	case h.Algorithm != algorithm:
		return fmt.Errorf("unknown algorithm %.40q", h.Algorithm)
	case len(h.Commitment) != commitmentSize:
		return errors.New("the commitment has the wrong length")
	case h.Context == nil:
		return errors.New("no context")
	case !h.Created.Equal(h.Created.Truncate(time.Second)) || h.Created.Location() != time.UTC:
		return errors.New("a time that is not in whole seconds of UTC")
	case h.Provider == "" || !utf8.ValidString(h.Provider):
		return errors.New("no provider")
	case h.KeyID == "" || !utf8.ValidString(h.KeyID):
		return errors.New("no key id")
	case len(h.Wrapped) == 0:
		return errors.New("no wrapped key")
	}
	return checkContext(h.Context)
}

func checkContext(context map[string]string) error {
	for name, value := range context {
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return fmt.Errorf("context %q is not UTF-8", name)
		}
	}
	return nil
}

// canonical is JSON in one spelling: names in order, no white space, and no
// more escapes than encoding/json needs.
func canonical(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// split makes of a data key the key of the stream and the commitment. It
// overwrites the data key.
func split(dataKey []byte) (stream, commitment []byte, err error) {
	defer clear(dataKey)
	if len(dataKey) != keySize {
		return nil, nil, fmt.Errorf("the key provider gave a key of %d bytes instead of %d", len(dataKey), keySize)
	}
	if stream, err = hkdf.Key(sha256.New, dataKey, nil, streamInfo, keySize); err != nil {
		return nil, nil, err
	}
	commitment, err = hkdf.Key(sha256.New, dataKey, nil, commitmentInfo, commitmentSize)
	return stream, commitment, err
}

// unwrap has the data key opened and returns the key of the stream, which the
// caller overwrites.
func (h Header) unwrap(ctx context.Context, u Unwrapper) ([]byte, error) {
	k := DataKey{Wrapped: bytes.Clone(h.Wrapped), Provider: h.Provider, KeyID: h.KeyID}
	dataKey, err := u.Unwrap(ctx, k, h.Context)
	if err != nil {
		clear(dataKey)
		return nil, err
	}
	stream, commitment, err := split(dataKey)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(commitment, h.Commitment) != 1 {
		clear(stream)
		return nil, ErrKey
	}
	return stream, nil
}
