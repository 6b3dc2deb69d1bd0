package mem

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/store"
)

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
	if b.destroyed {
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

// Stat tells what the bucket keeps with the version that o names by its id, or
// with the newest one if that still has the ETag of o.
func (b *Bucket) Stat(ctx context.Context, o store.Object) (store.Attributes, error) {
	if err := b.begin(ctx, Stat, o); err != nil {
		return store.Attributes{}, err
	}
	v, err := b.get(o)
	if err != nil {
		return store.Attributes{}, fmt.Errorf("stat object: %w", err)
	}
	if err := b.Hooks.after(Stat, o); err != nil {
		return store.Attributes{}, err
	}
	return v.Attributes, nil
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
	v, err := b.get(o)
	if err != nil {
		return nil, o, fmt.Errorf("open object: %w", err)
	}
	return &reader{ctx: ctx, hook: b.Hooks.Read, version: v}, v.Object, nil
}

// get returns a copy of the version that o names.
func (b *Bucket) get(o store.Object) (version, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, err := b.find(o)
	if err != nil {
		return version{}, err
	}
	v := b.objects[o.Key][i]
	v.Attributes = b.outside(v)
	return v, nil
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
