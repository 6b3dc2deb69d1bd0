package secret

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// DefaultLifetime is how long a secret of a service is kept in memory.
const DefaultLifetime = 5 * time.Minute

// maxSecret is how long a secret may be, in bytes: as in AWS Secrets Manager.
const maxSecret = 64 << 10

// Fetcher gets secrets from a service. It is safe for concurrent use.
type Fetcher interface {
	// Fetch returns the present secret of this name, in bytes that belong to
	// the caller. Its errors hold nothing of it.
	Fetch(ctx context.Context, name string) ([]byte, error)
}

// Resolver fetches secrets. Those of a service are kept for a while, as each
// fetch takes time and money; environment and files are read each time. It is safe for
// concurrent use. The zero Resolver knows no service.
type Resolver struct {
	SecretsManager Fetcher       // nil: there is none
	Lifetime       time.Duration // that a secret is kept; 0: DefaultLifetime

	// Warn, if set, is told once of each file that everybody on this machine may read.
	Warn func(message string)

	mu     sync.Mutex
	kept   map[string]*kept // by name, of Secrets Manager
	warned map[string]bool  // by path
	now    func() time.Time // nil: time.Now
}

// kept is a secret in memory. Its lock is held while it is fetched, so that it is fetched
// once, however many ask for it.
type kept struct {
	lock  chan struct{}
	value []byte
	until time.Time
}

// Get returns a secret: the caller's own copy, to be wiped when used. The zero
// Ref gives an empty one.
func (r *Resolver) Get(ctx context.Context, ref Ref) (Value, error) {
	return r.get(ctx, ref, nil)
}

// Refresh returns a secret that was refused anew, as somebody may have changed it
// meanwhile. changed is false if it is still the same, so that trying again with it
// would be in vain.
func (r *Resolver) Refresh(ctx context.Context, ref Ref, refused Value) (v Value, changed bool, err error) {
	v, err = r.get(ctx, ref, refused.Bytes())
	return v, err == nil && !bytes.Equal(v.Bytes(), refused.Bytes()), err
}

// Close wipes what is kept. The resolver can still be used.
func (r *Resolver) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.kept {
		k.lock <- struct{}{}
		clear(k.value)
		k.value = nil
		<-k.lock
	}
}

// get returns a secret, which is not taken from memory if it is the refused one.
func (r *Resolver) get(ctx context.Context, ref Ref, refused []byte) (Value, error) {
	var b []byte
	var err error
	switch ref.kind {
	case "":
		return Value{}, nil
	case plain:
		b = bytes.Clone(ref.written.Bytes())
	case Env:
		text, ok := os.LookupEnv(ref.place)
		if b = []byte(text); !ok {
			err = errors.New("no such environment variable")
		}
	case File:
		b, err = r.readFile(ref.place)
	case SecretsManager:
		b, err = r.service(ctx, ref, refused)
	}
	if err != nil {
		return Value{}, fmt.Errorf("%s: %w", ref, err)
	}
	if len(b) == 0 {
		return Value{}, fmt.Errorf("%s: is empty", ref)
	}
	return NewValue(b), nil
}

func (r *Resolver) readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Unwrap(err) // the path stands in the reference
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() && info.Mode()&0o004 != 0 {
		r.warn(path)
	}
	b := make([]byte, maxSecret+1) // not io.ReadAll, which leaves copies behind as it grows
	n, err := io.ReadFull(f, b)
	switch {
	case err == nil:
		clear(b)
		return nil, fmt.Errorf("more than %d bytes", maxSecret)
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		clear(b)
		return nil, err
	}
	return trimBreak(b[:n]), nil
}

func (r *Resolver) warn(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Warn == nil || r.warned[path] {
		return
	}
	if r.warned == nil {
		r.warned = make(map[string]bool)
	}
	r.warned[path] = true
	r.Warn(fmt.Sprintf("file:%s can be read by everybody on this machine; chmod 600 it", path))
}

// trimBreak leaves out the line break that editors and echo put at the end.
func trimBreak(b []byte) []byte { return bytes.TrimRight(b, "\r\n") }

// service returns a secret of Secrets Manager.
func (r *Resolver) service(ctx context.Context, ref Ref, refused []byte) ([]byte, error) {
	if r.SecretsManager == nil {
		return nil, errors.New("AWS Secrets Manager is not available here")
	}
	k := r.keptOf(ref.place)
	select {
	case k.lock <- struct{}{}:
		defer func() { <-k.lock }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if k.value != nil && r.clock().Before(k.until) {
		b, err := ref.part(k.value)
		if err != nil || !bytes.Equal(b, refused) {
			return b, err
		}
		clear(b)
	}
	fresh, err := r.SecretsManager.Fetch(ctx, ref.place)
	if err != nil {
		return nil, err
	}
	clear(k.value)
	k.value, k.until = fresh, r.clock().Add(cmp.Or(r.Lifetime, DefaultLifetime))
	return ref.part(fresh)
}

func (r *Resolver) keptOf(name string) *kept {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		r.kept = make(map[string]*kept)
	}
	k := r.kept[name]
	if k == nil {
		k = &kept{lock: make(chan struct{}, 1)}
		r.kept[name] = k
	}
	return k
}

func (r *Resolver) clock() time.Time {
	if r.now != nil {
		return r.now()
	}
	return time.Now()
}

// part copies what ref means of the whole secret: all of it, or a text of the
// JSON object that it is.
func (ref Ref) part(whole []byte) ([]byte, error) {
	if ref.key == "" {
		return bytes.Clone(trimBreak(whole)), nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(whole, &object) != nil {
		return nil, errors.New("the secret is no JSON object, and so has no keys")
	}
	defer func() {
		for _, v := range object {
			clear(v)
		}
	}()
	value, ok := object[ref.key]
	if !ok {
		return nil, errors.New("the JSON object has no such key")
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		return nil, errors.New("the value of the key is not a JSON text")
	}
	return []byte(text), nil
}
