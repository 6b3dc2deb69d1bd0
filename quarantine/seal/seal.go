// Package seal encrypts one object into another that only the holder of a key
// can open: a header in the clear, and the bytes under a data key that a key
// provider has wrapped. Sealing takes constant memory, and a host that seals
// needs no right to open.
//
// [NewReader] seals, [Open] opens from front to back, [OpenAt] opens parts, and
// [ReadHeader] tells without any key who can open. The format is written down
// in docs/design/sealed-object.md; its cipher is Tink's streaming AEAD.
//
// The package is synchronous and starts no goroutine.
package seal

import (
	"context"
	"errors"
)

var (
	// ErrFormat: what was read is not a sealed object, or one of a later format.
	ErrFormat = errors.New("not a sealed object")

	// ErrKey: the key that the provider gave is not the one that sealed.
	ErrKey = errors.New("sealed under another key")

	// ErrDamaged: the object was changed or cut short since it was sealed.
	ErrDamaged = errors.New("sealed object is damaged")

	// ErrNotOpened: the key provider does not open the wrapped key: it, its
	// context or the name of its key were changed, or it was made by another.
	ErrNotOpened = errors.New("wrapped key does not open")

	// ErrNoKey: the key provider has no such key, or does not let it be used:
	// the next object will fare no better until somebody has changed that.
	ErrNoKey = errors.New("key cannot be used")
)

// DataKey is a 256-bit key for one object, with what it takes to have it again.
type DataKey struct {
	Plain    []byte // 32 bytes; whoever asked for the key overwrites them when done
	Wrapped  []byte // the same, as only the key provider can open it
	Provider string // "aws-kms", "pkcs11", "local"
	KeyID    string // the key that wraps: an ARN, or what the provider calls it
}

// Wrapper makes data keys. It is safe for concurrent use.
type Wrapper interface {
	// DataKey returns a new key whose wrapped form can only be opened with the
	// same context: names and values that are no secret and may stand in the
	// provider's log. Errors that will stay wrap ErrNoKey.
	DataKey(ctx context.Context, context map[string]string) (DataKey, error)
}

// Unwrapper opens the wrapped form of data keys. It is an interface of its own
// because the host that seals should not have the right to. It is safe for
// concurrent use.
type Unwrapper interface {
	// Unwrap returns the plain form of k, whose Plain is nil, made with
	// context. The caller overwrites it when done. Errors wrap ErrNotOpened or
	// ErrNoKey, unless another try may do.
	Unwrap(ctx context.Context, k DataKey, context map[string]string) ([]byte, error)
}

// ContextBytes is a context as bytes, the same for the same names and values
// and for no others: JSON with the names in order, as in the header. Providers
// whose ciphers take bytes use it as associated data.
func ContextBytes(context map[string]string) ([]byte, error) {
	if err := checkContext(context); err != nil {
		return nil, err
	}
	if context == nil {
		context = map[string]string{}
	}
	return canonical(context)
}
