//go:build pkcs11 && cgo

package pkcs11

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	p11 "github.com/miekg/pkcs11"

	"github.com/sluice-dlp/sluice/quarantine/seal"
)

const (
	keySize = 32
	ivSize  = 12
	tagBits = 128

	wrappedSize = ivSize + keySize + tagBits/8

	// maxSessions is how many calls are in the HSM at a time, or fewer where the
	// token has fewer sessions.
	maxSessions = 8
)

// keys implements Keys.
type keys struct {
	uri    uri
	pin    PIN
	id     string // of the key that wraps
	module *p11.Ctx
	ours   bool          // the module was not in use in this process before
	room   chan struct{} // one for each call into the HSM
	proved atomic.Bool

	mu     sync.Mutex
	login  *login // nil when the token was lost
	fatal  error  // a PIN that was refused is not tried again: few tries lock it
	hsmIVs bool   // the HSM takes no IV but a zero one, and makes its own
}

// Open loads the module that the URI names, finds token and key, and logs in
// with one try. The key must be AES-256 and must not be extractable. Errors wrap
// [seal.ErrNoKey], unless another try may do.
//
// A module belongs to the whole process: where something else there uses
// it, that must have been there before and must stay for longer.
func Open(ctx context.Context, name string, pin PIN) (Keys, error) {
	u, err := parseURI(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", seal.ErrNoKey, err)
	}
	k := &keys{uri: u, pin: pin}
	if err := k.load(); err != nil {
		return nil, err
	}
	l, err := k.logIn(ctx)
	if err != nil {
		k.unload()
		return nil, err
	}
	k.login = l
	k.room = make(chan struct{}, l.sessions)
	k.id = l.id
	return k, nil
}

func (k *keys) load() error {
	if k.uri.module == "" {
		return fmt.Errorf("%w: the PKCS#11 URI names no module: write %s", seal.ErrNoKey, syntax)
	}
	if k.module = p11.New(k.uri.module); k.module == nil {
		return fmt.Errorf("%w: the PKCS#11 module %s cannot be loaded: is it there, and for this machine?", seal.ErrNoKey, k.uri.module)
	}
	err := k.module.Initialize()
	k.ours = err == nil
	if err != nil && !is(err, p11.CKR_CRYPTOKI_ALREADY_INITIALIZED) {
		k.unload()
		return fmt.Errorf("%w: the PKCS#11 module %s does not start: %w", seal.ErrNoKey, k.uri.module, err)
	}
	return nil
}

func (k *keys) unload() {
	if k.ours {
		k.module.Finalize()
		k.module.Destroy()
	}
}

func (k *keys) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.login != nil {
		k.login.end(k.module)
		k.login = nil
	}
	k.unload()
	k.fatal = errors.New("PKCS#11: the keys were closed")
	return nil
}

func (k *keys) KeyID() string { return k.id }

func (k *keys) DataKey(ctx context.Context, context map[string]string) (seal.DataKey, error) {
	aad, err := associated(k.id, context)
	if err != nil {
		return seal.DataKey{}, fmt.Errorf("wrap in the HSM: %w", err)
	}
	var d seal.DataKey
	err = k.use(ctx, k.id, func(s p11.SessionHandle, key p11.ObjectHandle) error {
		random, err := k.module.GenerateRandom(s, keySize)
		if err != nil {
			return failure("make a data key", err)
		}
		// As good as the better one of both sources, whatever the HSM gives.
		plain := make([]byte, keySize)
		rand.Read(plain)
		subtle.XORBytes(plain, plain, random)
		wrapped, err := k.encrypt(s, key, plain, aad)
		if err == nil {
			err = k.prove(s, key, plain, wrapped, aad)
		}
		if err != nil {
			clear(plain)
			return failure("wrap a data key", err)
		}
		d = seal.DataKey{Plain: plain, Wrapped: wrapped, Provider: Provider, KeyID: k.id}
		return nil
	})
	return d, err
}

func (k *keys) Unwrap(ctx context.Context, d seal.DataKey, context map[string]string) ([]byte, error) {
	if d.Provider != Provider {
		return nil, fmt.Errorf("%w: it is one of %.40q, not of an HSM", seal.ErrNoKey, d.Provider)
	}
	u, err := parseURI(d.KeyID)
	if err != nil || u.token != k.uri.token {
		return nil, fmt.Errorf("%w: the object names %.120q, which is no key of the token %q", seal.ErrNoKey, d.KeyID, k.uri.token)
	}
	if len(d.Wrapped) != wrappedSize {
		return nil, fmt.Errorf("%w: of %d bytes, no HSM has made it", seal.ErrNotOpened, len(d.Wrapped))
	}
	aad, err := associated(d.KeyID, context)
	if err != nil {
		return nil, fmt.Errorf("unwrap in the HSM: %w", err)
	}
	var plain []byte
	err = k.use(ctx, d.KeyID, func(s p11.SessionHandle, key p11.ObjectHandle) error {
		plain, err = k.decrypt(s, key, d.Wrapped, aad)
		return err
	})
	return plain, err
}

func (k *keys) Check(ctx context.Context) error {
	d, err := k.DataKey(ctx, map[string]string{"sluice:check": "thrown away"})
	clear(d.Plain)
	return err
}

// prove makes sure, once, that what the HSM has wrapped it also unwraps: that
// the IV is the right one. A key that may only encrypt is taken at its word.
func (k *keys) prove(s p11.SessionHandle, key p11.ObjectHandle, plain, wrapped, aad []byte) error {
	if k.proved.Load() {
		return nil
	}
	again, err := k.decrypt(s, key, wrapped, aad)
	defer clear(again)
	switch {
	case is(err, p11.CKR_KEY_FUNCTION_NOT_PERMITTED):
	case errors.Is(err, seal.ErrNotOpened), err == nil && subtle.ConstantTimeCompare(plain, again) != 1:
		return fmt.Errorf("%w: the HSM does not unwrap what it has wrapped", seal.ErrNoKey)
	case err != nil:
		return err
	}
	k.proved.Store(true)
	return nil
}

// encrypt returns the IV and the ciphertext. Whatever IV the HSM was given, the
// one that it has used is read back: CloudHSM makes its own, and without it the
// data key would be lost.
func (k *keys) encrypt(s p11.SessionHandle, key p11.ObjectHandle, plain, aad []byte) ([]byte, error) {
	k.mu.Lock()
	zero := k.hsmIVs
	k.mu.Unlock()
	wrapped, err := k.encryptUnder(s, key, plain, aad, zero)
	if !zero && (is(err, p11.CKR_MECHANISM_PARAM_INVALID) || is(err, p11.CKR_ARGUMENTS_BAD)) {
		k.mu.Lock()
		k.hsmIVs = true
		k.mu.Unlock()
		return k.encryptUnder(s, key, plain, aad, true)
	}
	return wrapped, err
}

func (k *keys) encryptUnder(s p11.SessionHandle, key p11.ObjectHandle, plain, aad []byte, zero bool) ([]byte, error) {
	iv := make([]byte, ivSize)
	if !zero {
		rand.Read(iv)
	}
	gcm := p11.NewGCMParams(iv, aad, tagBits)
	defer gcm.Free()
	if err := k.module.EncryptInit(s, []*p11.Mechanism{p11.NewMechanism(p11.CKM_AES_GCM, gcm)}, key); err != nil {
		return nil, err
	}
	sealed, err := k.module.Encrypt(s, plain)
	if err != nil {
		return nil, err
	}
	used := gcm.IV()
	if zero && subtle.ConstantTimeCompare(used, make([]byte, ivSize)) == 1 {
		return nil, fmt.Errorf("%w: the HSM takes no IV and makes none: two data keys would be wrapped under the same", seal.ErrNoKey)
	}
	wrapped := append(used, sealed...)
	if len(wrapped) != wrappedSize {
		return nil, fmt.Errorf("%w: the HSM has wrapped a data key to %d bytes", seal.ErrNoKey, len(wrapped))
	}
	return wrapped, nil
}

func (k *keys) decrypt(s p11.SessionHandle, key p11.ObjectHandle, wrapped, aad []byte) ([]byte, error) {
	gcm := p11.NewGCMParams(wrapped[:ivSize], aad, tagBits)
	defer gcm.Free()
	if err := k.module.DecryptInit(s, []*p11.Mechanism{p11.NewMechanism(p11.CKM_AES_GCM, gcm)}, key); err != nil {
		return nil, failure("unwrap a data key", err)
	}
	plain, err := k.module.Decrypt(s, wrapped[ivSize:])
	switch {
	case err == nil && len(plain) == keySize:
		return plain, nil
	case isLost(err) || is(err, p11.CKR_HOST_MEMORY) || is(err, p11.CKR_DEVICE_MEMORY):
		return nil, failure("unwrap a data key", err)
	}
	// Modules do not agree on how to tell a wrong tag: SoftHSM calls it a
	// general error.
	clear(plain)
	return nil, fmt.Errorf("%w in the HSM, with this context", seal.ErrNotOpened)
}

func associated(id string, context map[string]string) ([]byte, error) {
	text, err := seal.ContextBytes(context)
	sum := sha256.Sum256(append([]byte("sluice pkcs11 1\x00"+id+"\x00"), text...))
	return sum[:], err
}
