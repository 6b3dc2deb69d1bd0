// Package local wraps data keys under keys that lie in a file on this machine.
//
// It is for demonstrations and tests only, as the id of every key says: whoever
// reads the file opens the quarantine, nobody can tell who did, and without the
// file nothing of it can ever be opened again. Real quarantines take a key that
// never leaves a KMS or an HSM.
package local

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/sluice-dlp/sluice/quarantine/seal"
)

const (
	// Provider is the name of this package in sealed objects.
	Provider = "local"

	// Warning is for whoever chose such a key.
	Warning = "the key is a file on this machine, for demonstrations and tests only: whoever reads it opens the quarantine, and without it the quarantine is lost"

	idPrefix = "demo-only:"

	keySize = 32
	maxFile = 1 << 20
)

// Keys are those of a file, of which the last one wraps. They are safe for
// concurrent use.
type Keys struct {
	gcm    map[string]cipher.AEAD // by id
	newest string
}

var (
	_ seal.Wrapper   = (*Keys)(nil)
	_ seal.Unwrapper = (*Keys)(nil)
)

// file is what the file holds, as JSON.
type file struct {
	Warning string `json:"warning"`
	Keys    []key  `json:"keys"` // oldest first
}

type key struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	Secret  []byte    `json:"secret"`
}

// Create makes a file with one new key, which only its owner may read. It fails
// where path exists, with an error that wraps [fs.ErrExist].
func Create(path string) (*Keys, error) {
	w, err := create(path)
	if err != nil {
		return nil, fmt.Errorf("create local keys: %w", err)
	}
	f := file{Warning: Warning, Keys: []key{newKey()}}
	if err := errors.Join(f.write(w), syncDir(path)); err != nil {
		os.Remove(path)
		return nil, fmt.Errorf("create local keys: %w", err)
	}
	return f.keys()
}

// Open reads a file that [Create] has made. It refuses one that others may
// read. Errors wrap [seal.ErrNoKey].
func Open(path string) (*Keys, error) {
	f, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("%w: local keys: %w", seal.ErrNoKey, err)
	}
	return f.keys()
}

// Rotate adds a new key to a file, which wraps from then on; the others still
// unwrap. Whoever has the file open goes on with the keys that it had.
func Rotate(path string) (*Keys, error) {
	if _, err := Open(path); err != nil {
		return nil, err
	}
	// The new file is the lock, too: of two rotations at once, the second would
	// take away the key of the first, and with it what that has sealed since.
	next := path + ".new"
	w, err := create(next)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("rotate local keys: another rotation is under way; if it was cut short, remove %s, whose new key was never used", next)
	}
	if err != nil {
		return nil, fmt.Errorf("rotate local keys: %w", err)
	}
	f, err := read(path) // once more, behind the lock
	f.Keys = append(f.Keys, newKey())
	if err = errors.Join(err, f.write(w)); err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		os.Remove(next)
		return nil, fmt.Errorf("rotate local keys: %w", err)
	}
	if err := syncDir(path); err != nil {
		return nil, fmt.Errorf("rotate local keys: %w", err)
	}
	return f.keys()
}

func newKey() key {
	id, secret := make([]byte, 8), make([]byte, keySize)
	rand.Read(id)
	rand.Read(secret)
	return key{idPrefix + hex.EncodeToString(id), time.Now().UTC().Truncate(time.Second), secret}
}

func create(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// write closes w. What it wrote outlasts a loss of power, as what is sealed does.
func (f file) write(w *os.File) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err == nil {
		_, err = w.Write(append(text, '\n'))
	}
	return errors.Join(err, w.Sync(), w.Close())
}

func syncDir(path string) error {
	if runtime.GOOS == "windows" { // which cannot
		return nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func read(path string) (file, error) {
	info, err := os.Stat(path)
	if err != nil {
		return file{}, err
	}
	if !info.Mode().IsRegular() { // to open a pipe may never return
		return file{}, fmt.Errorf("%s is not a file", path)
	}
	r, err := os.Open(path)
	if err != nil {
		return file{}, err
	}
	defer r.Close()
	if info, err = r.Stat(); err != nil {
		return file{}, err
	}
	if m := info.Mode().Perm(); m&0o077 != 0 && runtime.GOOS != "windows" {
		return file{}, fmt.Errorf("others than its owner may use %s (mode %#o): chmod 600 it", path, m)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return file{}, err
	}
	var f file
	if len(text) > maxFile || json.Unmarshal(text, &f) != nil || f.check() != nil {
		return file{}, fmt.Errorf("%s is damaged, or not a file of local keys", path)
	}
	return f, nil
}

func (f file) check() error {
	seen := make(map[string]bool)
	for _, k := range f.Keys {
		if !strings.HasPrefix(k.ID, idPrefix) || seen[k.ID] || len(k.Secret) != keySize {
			return errors.New("a key that cannot be")
		}
		seen[k.ID] = true
	}
	if len(f.Keys) == 0 {
		return errors.New("no key")
	}
	return nil
}

func (f file) keys() (*Keys, error) {
	k := &Keys{gcm: make(map[string]cipher.AEAD)}
	for _, one := range f.Keys {
		block, err := aes.NewCipher(one.Secret)
		if err != nil {
			return nil, err
		}
		// Random nonces: good for 2^32 objects under one key.
		if k.gcm[one.ID], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return nil, err
		}
		k.newest = one.ID
		clear(one.Secret)
	}
	return k, nil
}

// KeyID is the id of the key that wraps. It says that it is for demonstrations.
func (k *Keys) KeyID() string { return k.newest }

// DataKey implements [seal.Wrapper].
func (k *Keys) DataKey(ctx context.Context, context map[string]string) (seal.DataKey, error) {
	if err := ctx.Err(); err != nil {
		return seal.DataKey{}, err
	}
	aad, err := associated(k.newest, context)
	if err != nil {
		return seal.DataKey{}, fmt.Errorf("wrap under a local key: %w", err)
	}
	plain := make([]byte, keySize)
	rand.Read(plain)
	return seal.DataKey{
		Plain:    plain,
		Wrapped:  k.gcm[k.newest].Seal(nil, nil, plain, aad),
		Provider: Provider,
		KeyID:    k.newest,
	}, nil
}

// Unwrap implements [seal.Unwrapper].
func (k *Keys) Unwrap(ctx context.Context, d seal.DataKey, context map[string]string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if d.Provider != Provider {
		return nil, fmt.Errorf("%w: it is one of %.40q, not a local one", seal.ErrNoKey, d.Provider)
	}
	gcm := k.gcm[d.KeyID]
	if gcm == nil {
		return nil, fmt.Errorf("%w: the file of local keys holds no %.80q", seal.ErrNoKey, d.KeyID)
	}
	aad, err := associated(d.KeyID, context)
	if err != nil {
		return nil, fmt.Errorf("unwrap with a local key: %w", err)
	}
	plain, err := gcm.Open(nil, nil, d.Wrapped, aad)
	if err != nil {
		return nil, fmt.Errorf("%w under the local key %s and this context", seal.ErrNotOpened, d.KeyID)
	}
	return plain, nil
}

// associated is what a wrapped key is bound to.
func associated(id string, context map[string]string) ([]byte, error) {
	text, err := seal.ContextBytes(context)
	return append([]byte(Provider+"\x00"+id+"\x00"), text...), err
}
