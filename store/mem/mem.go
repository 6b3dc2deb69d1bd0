// Package mem is a store in memory, for tests: a bucket with versions whose
// listing and reads can be made to fail at any place.
package mem

import (
	"cmp"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sluice-dlp/sluice/store"
)

// Hooks are called where a real store could fail. An error that a hook returns
// is returned by the store as it is. A hook may change the bucket. Hooks of one
// bucket may be called from many goroutines at a time.
type Hooks struct {
	List func(next store.Object) error            // before an object is yielded
	Open func(o store.Object) error               // before an object is opened
	Read func(o store.Object, offset int64) error // before bytes are read at offset, and before the end is told
}

// Bucket is one bucket. It is safe for concurrent use. With Prefix and
// StartAfter, which must be set before use, a listing names less.
type Bucket struct {
	Prefix     string // list only keys that begin with it
	StartAfter string // list only keys that sort after it
	Hooks      Hooks

	mu      sync.Mutex
	name    string
	removed bool
	last    int                  // version id given last
	objects map[string][]version // by key, oldest first
}

type version struct {
	store.Object
	body    []byte
	deleted bool // a delete marker
}

// New returns an empty bucket with versioning.
func New(name string) *Bucket {
	return &Bucket{name: name, objects: make(map[string][]version)}
}

// Put stores a copy of body as the newest version of key and returns its
// identity.
func (b *Bucket) Put(key string, body []byte) store.Object {
	sum := md5.Sum(body)
	return b.add(version{
		Object: store.Object{Bucket: b.name, Key: key, ETag: hex.EncodeToString(sum[:]), Size: int64(len(body)), Modified: time.Now().UTC()},
		body:   slices.Clone(body),
	})
}

// Delete puts a delete marker on key. The versions before it can still be
// opened by their id.
func (b *Bucket) Delete(key string) {
	b.add(version{Object: store.Object{Key: key}, deleted: true})
}

func (b *Bucket) add(v version) store.Object {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	v.VersionID = strconv.Itoa(b.last)
	b.objects[v.Key] = append(b.objects[v.Key], v)
	return v.Object
}

// Remove removes the bucket with all that is in it.
func (b *Bucket) Remove() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.removed = true
	clear(b.objects)
}

// List yields the newest versions in the order of their keys, as they were when
// it began, with neither delete markers nor version ids: S3 does not list those
// either.
func (b *Bucket) List(ctx context.Context, yield func(store.Object) error) error {
	objects, err := b.snapshot()
	if err != nil {
		return err
	}
	for _, o := range objects {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if hook := b.Hooks.List; hook != nil {
			if err := hook(o); err != nil {
				return err
			}
		}
		if err := yield(o); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bucket) snapshot() ([]store.Object, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.removed {
		return nil, fmt.Errorf("list: %w", store.ErrNoBucket)
	}
	var objects []store.Object
	for versions := range maps.Values(b.objects) {
		o := versions[len(versions)-1]
		if o.deleted || !strings.HasPrefix(o.Key, b.Prefix) || (b.StartAfter != "" && o.Key <= b.StartAfter) {
			continue
		}
		o.VersionID = ""
		objects = append(objects, o.Object)
	}
	slices.SortFunc(objects, func(x, y store.Object) int { return cmp.Compare(x.Key, y.Key) })
	return objects, nil
}

// Open reads the version that o names by its id, or the newest one if that
// still has the ETag of o.
func (b *Bucket) Open(ctx context.Context, o store.Object) (io.ReadCloser, store.Object, error) {
	if hook := b.Hooks.Open; hook != nil {
		if err := hook(o); err != nil {
			return nil, o, err
		}
	}
	if ctx.Err() != nil {
		return nil, o, context.Cause(ctx)
	}
	v, err := b.find(o)
	if err != nil {
		return nil, o, fmt.Errorf("open object: %w", err)
	}
	return &reader{ctx: ctx, hook: b.Hooks.Read, version: v}, v.Object, nil
}

func (b *Bucket) find(o store.Object) (version, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	versions := b.objects[o.Key]
	i := len(versions) - 1
	if o.VersionID != "" {
		i = slices.IndexFunc(versions, func(v version) bool { return v.VersionID == o.VersionID })
	}
	switch {
	case b.removed:
		return version{}, store.ErrNoBucket
	case i < 0 || versions[i].deleted:
		return version{}, store.ErrNotFound
	case o.ETag != "" && o.ETag != versions[i].ETag:
		return version{}, store.ErrChanged
	}
	return versions[i], nil
}

var errClosed = errors.New("read object: reader is closed")

type reader struct {
	version
	ctx  context.Context
	hook func(store.Object, int64) error
	off  int
	err  error
}

func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 || r.err != nil {
		return 0, r.err
	}
	if r.ctx.Err() != nil {
		r.err = context.Cause(r.ctx)
		return 0, r.err
	}
	if r.hook != nil {
		if r.err = r.hook(r.Object, int64(r.off)); r.err != nil {
			return 0, r.err
		}
	}
	if r.off == len(r.body) {
		return 0, io.EOF
	}
	n := copy(p, r.body[r.off:])
	r.off += n
	return n, nil
}

func (r *reader) Close() error {
	if r.err == nil {
		r.err = errClosed
	}
	return nil
}
