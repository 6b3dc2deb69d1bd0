package mem

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/sluice-dlp/sluice/store"
)

// begin is how each call begins that has hooks.
func (b *Bucket) begin(ctx context.Context, op Op, o store.Object) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return b.Hooks.before(op, o)
}

// Put stores what body gives as the newest version of key.
func (b *Bucket) Put(ctx context.Context, key string, body io.Reader, w store.Write) (store.Object, error) {
	if err := b.begin(ctx, Put, store.Object{Bucket: b.name, Key: key}); err != nil {
		return store.Object{}, err
	}
	all, err := io.ReadAll(body)
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return store.Object{}, fmt.Errorf("put object: %w", err)
	}
	o, err := b.writeIf(key, all, w)
	if err != nil {
		return store.Object{}, fmt.Errorf("put object: %w", err)
	}
	if err := b.Hooks.after(Put, o); err != nil {
		return store.Object{}, err
	}
	return o, nil
}

// Copy stores the bytes of the version that from names as the newest version of
// key. Its bucket, b if from names none, must be of the same store.
func (b *Bucket) Copy(ctx context.Context, key string, from store.Object, w store.Write) (store.Object, error) {
	if err := b.begin(ctx, Copy, store.Object{Bucket: b.name, Key: key}); err != nil {
		return store.Object{}, err
	}
	source := b
	if from.Bucket != "" {
		source = b.beside.get(from.Bucket)
	}
	if source == nil {
		return store.Object{}, fmt.Errorf("copy object: %w", store.ErrNoBucket)
	}
	v, err := source.get(from)
	if err != nil {
		return store.Object{}, fmt.Errorf("copy object: %w", err)
	}
	o, err := b.writeIf(key, v.body, w)
	if err != nil {
		return store.Object{}, fmt.Errorf("copy object: %w", err)
	}
	if err := b.Hooks.after(Copy, o); err != nil {
		return store.Object{}, err
	}
	return o, nil
}

// writeIf writes under the conditions of w.
func (b *Bucket) writeIf(key string, body []byte, w store.Write) (store.Object, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, err := b.find(store.Object{Key: key})
	switch {
	case b.destroyed:
		return store.Object{}, store.ErrNoBucket
	case w.Absent && err == nil:
		return store.Object{}, store.ErrExists
	case len(w.Attributes.Tags) > maxTags:
		return store.Object{}, errTags
	}
	return b.write(key, body, w), nil
}

// maxTags is S3's limit.
const maxTags = 10

var errTags = errors.New("an object has ten tags at most")

// Tag adds tags to the version that o names.
func (b *Bucket) Tag(ctx context.Context, o store.Object, tags map[string]string) error {
	if err := b.begin(ctx, Tag, o); err != nil {
		return err
	}
	if err := b.tag(o, tags); err != nil {
		return fmt.Errorf("tag object: %w", err)
	}
	return b.Hooks.after(Tag, o)
}

func (b *Bucket) tag(o store.Object, tags map[string]string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, err := b.find(o)
	if err != nil {
		return err
	}
	v := &b.objects[o.Key][i]
	merged := maps.Clone(v.Tags)
	if merged == nil {
		merged = make(map[string]string)
	}
	maps.Copy(merged, tags)
	if len(merged) > maxTags {
		return errTags
	}
	v.Tags = merged
	return nil
}

// Remove removes the version that o names. As with S3, the version "null" of a
// bucket whose versioning is suspended can only be removed while it is the newest
// one, and another version can only be hidden while there is no version
// "null": store.ErrUnsafe.
func (b *Bucket) Remove(ctx context.Context, o store.Object, how store.Removal) (string, error) {
	if err := b.begin(ctx, Remove, o); err != nil {
		return "", err
	}
	marker, err := b.remove(o, how)
	if err != nil {
		return "", fmt.Errorf("remove object: %w", err)
	}
	if err := b.Hooks.after(Remove, o); err != nil {
		return "", err
	}
	return marker, nil
}

// RemoveAll removes all versions of key and its delete markers.
func (b *Bucket) RemoveAll(ctx context.Context, key string) error {
	o := store.Object{Bucket: b.name, Key: key}
	if err := b.begin(ctx, Remove, o); err != nil {
		return err
	}
	if err := b.removeAll(key); err != nil {
		return fmt.Errorf("remove object: %w", err)
	}
	return b.Hooks.after(Remove, o)
}

func (b *Bucket) removeAll(key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range slices.Clone(b.objects[key]) {
		if v.locked() {
			return store.ErrLocked
		}
		b.drop(key, v.VersionID)
	}
	return nil
}

func (v version) locked() bool {
	return v.Lock.Hold || v.Lock.Mode != "" && v.Lock.Until.After(time.Now())
}

func (b *Bucket) remove(o store.Object, how store.Removal) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if o.ETag == "" && o.VersionID != "" {
		return "", b.unhide(o)
	}
	if o.ETag == "" {
		return "", fmt.Errorf("%w: it has no ETag", store.ErrUnsafe)
	}
	i, err := b.find(o)
	if err != nil {
		return "", err
	}
	v := b.objects[o.Key][i]
	pinned := o.VersionID != "" && o.VersionID != null || o.Modified.IsZero()
	if !pinned && !v.Modified.Truncate(time.Second).Equal(o.Modified.Truncate(time.Second)) {
		return "", store.ErrChanged
	}
	switch how {
	case store.RemoveVersion:
		return b.removeVersion(v)
	case store.RemoveFromView:
		if v.VersionID == null && b.versioning != Enabled {
			return "", store.ErrUnsafe
		}
		return b.removeMarker(v)
	case store.RemoveMarker:
		return b.removeMarker(v)
	case store.RemoveCopies:
		return b.removeCopies(v)
	}
	return "", fmt.Errorf("unknown way to remove: %q", how)
}

// unhide removes the delete marker that o names. An object can take the place of
// the one "null" while versions are suspended.
func (b *Bucket) unhide(o store.Object) error {
	for _, v := range b.objects[o.Key] {
		switch {
		case !v.deleted || v.VersionID != o.VersionID:
		case v.VersionID == null && b.versioning != Enabled:
			return store.ErrUnsafe
		default:
			b.drop(o.Key, o.VersionID)
			return nil
		}
	}
	return store.ErrNotFound
}

func (b *Bucket) removeVersion(v version) (string, error) {
	switch {
	case v.locked():
		return "", store.ErrLocked
	case v.VersionID == null && b.versioning == Suspended && !b.newest(v):
		return "", store.ErrUnsafe
	case v.VersionID == null && b.versioning == Suspended:
		return b.hide(v.Key), nil
	}
	b.drop(v.Key, v.VersionID)
	return "", nil
}

func (b *Bucket) removeMarker(v version) (string, error) {
	versions := b.objects[v.Key]
	switch {
	case b.versioning == Off:
		return b.removeVersion(v)
	case !b.newest(v) && versions[len(versions)-1].deleted:
		return "", store.ErrNotFound
	case !b.newest(v):
		return "", store.ErrChanged
	case b.versioning == Suspended && v.VersionID != null &&
		slices.ContainsFunc(versions, func(v version) bool { return v.VersionID == null && !v.deleted }):
		return "", store.ErrUnsafe
	}
	return b.hide(v.Key), nil
}

// removeCopies removes v last: as long as it is there, the removal can be
// repeated.
func (b *Bucket) removeCopies(v version) (marker string, err error) {
	for _, other := range slices.Backward(slices.Clone(b.objects[v.Key])) {
		if other.deleted || other.ETag != v.ETag || other.Size != v.Size || other.VersionID == v.VersionID {
			continue
		}
		left, err := b.removeVersion(other)
		if err != nil {
			return "", err
		}
		marker = cmp.Or(left, marker)
	}
	left, err := b.removeVersion(v)
	return cmp.Or(left, marker), err
}

func (b *Bucket) newest(v version) bool {
	versions := b.objects[v.Key]
	return versions[len(versions)-1].VersionID == v.VersionID
}
