package s3

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-dlp/sluice/store"
)

// null is the id of the version that has none of its own: written before the
// bucket had versions, or while they were suspended. The next such write takes its
// place, so that the id does not pin anything then.
const null = "null"

const opRemove = "remove object"

// Remove removes the version that o names, by its id or, where that does not pin
// it, under the condition of its ETag, and only if it is of the second that o tells, if
// it tells one. It never asks to bypass a lock. Objects are
// removed one at a time: no store is known to heed the ETags of DeleteObjects.
//
// What cannot be done without a risk to another version is refused with
// store.ErrUnsafe: to remove an object that has no ETag; and, while the versions
// of the bucket are suspended, to remove the version "null" behind another one, or to
// hide another one where there is a version "null", whose place the delete
// marker would take.
//
// store.ErrNotFound can also mean that a request before this one has removed
// it, whose answer was lost.
func (b *Bucket) Remove(ctx context.Context, o store.Object, how store.Removal) (marker string, err error) {
	if err := b.holds(opRemove, o); err != nil {
		return "", err
	}
	switch {
	case o.ETag == "" && o.VersionID != "":
		return "", b.unhide(ctx, o)
	case o.ETag == "":
		return "", fmt.Errorf("%s: %w: it has no ETag", opRemove, store.ErrUnsafe)
	}
	h, err := b.head(ctx, opRemove, o)
	if err != nil {
		return "", err
	}
	pinned := o.VersionID != "" && o.VersionID != null || o.Modified.IsZero()
	switch {
	case !pinned && !h.Modified.Truncate(time.Second).Equal(o.Modified.Truncate(time.Second)):
		return "", fmt.Errorf("%s: %w: the same bytes were written once more", opRemove, store.ErrChanged)
	case how == store.RemoveVersion:
		return b.removeVersion(ctx, h)
	case how == store.RemoveFromView && h.VersionID == "":
		return "", fmt.Errorf("%s: %w: the bucket keeps no versions", opRemove, store.ErrUnsafe)
	case how == store.RemoveFromView:
		if err := b.settled(ctx, h.VersionID); err != nil {
			return "", err
		}
		return b.hide(ctx, h)
	case how == store.RemoveMarker && h.VersionID == "":
		return b.deleteIf(ctx, h)
	case how == store.RemoveMarker:
		return b.hide(ctx, h)
	case how == store.RemoveCopies:
		return b.removeCopies(ctx, h)
	}
	return "", fmt.Errorf("%s: unknown way %q", opRemove, how)
}

// unhide removes the delete marker that o names, which keeps its id for ever, but
// for "null": an object can take the place of that one at any moment.
func (b *Bucket) unhide(ctx context.Context, o store.Object) error {
	_, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &b.cfg.Bucket, Key: &o.Key, VersionId: &o.VersionID, ExpectedBucketOwner: b.cfg.owner(), RequestPayer: b.cfg.payer(),
	})
	switch a := answerOf(err); {
	case err == nil:
		return fmt.Errorf("%s: %w: it is no delete marker", opRemove, store.ErrNotFound)
	case a.status != http.StatusMethodNotAllowed: // which is what S3 says of delete markers
		return explain(ctx, opRemove, err)
	}
	if err := b.settled(ctx, o.VersionID); err != nil {
		return err
	}
	_, err = b.delete(ctx, &s3.DeleteObjectInput{Key: &o.Key, VersionId: &o.VersionID})
	return err
}

// settled makes sure that what has that version id keeps it.
func (b *Bucket) settled(ctx context.Context, id string) error {
	if id != null {
		return nil
	}
	versioning, err := b.versioning(ctx)
	if err == nil && versioning != types.BucketVersioningStatusEnabled {
		err = fmt.Errorf("%s: %w: another object may take the place of the version \"null\"", opRemove, store.ErrUnsafe)
	}
	return err
}

// removeVersion takes h away for good.
func (b *Bucket) removeVersion(ctx context.Context, h headed) (marker string, err error) {
	if h.Lock.Hold || (h.Lock.Mode != "" && h.Lock.Until.After(time.Now())) {
		return "", fmt.Errorf("%s: %w", opRemove, store.ErrLocked)
	}
	if h.VersionID == "" {
		return b.removeNewest(ctx, h)
	}
	switch err := b.settled(ctx, h.VersionID); {
	case errors.Is(err, store.ErrUnsafe):
		return b.removeNull(ctx, h)
	case err != nil:
		return "", err
	}
	_, err = b.delete(ctx, &s3.DeleteObjectInput{Key: &h.Key, VersionId: &h.VersionID})
	return "", err
}

// removeNull removes the version "null" while it is the newest one.
func (b *Bucket) removeNull(ctx context.Context, h headed) (marker string, err error) {
	newest, err := b.head(ctx, opRemove, store.Object{Key: h.Key})
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && newest.VersionID != "" && newest.VersionID != null:
		return "", fmt.Errorf("%s: %w: it is not the newest version, and versions are suspended", opRemove, store.ErrUnsafe)
	case err != nil:
		return "", err
	}
	return b.removeNewest(ctx, h)
}

// removeNewest removes the newest version if it is one without an id of its
// own and has the ETag of h.
func (b *Bucket) removeNewest(ctx context.Context, h headed) (marker string, err error) {
	marker, err = b.deleteIf(ctx, h)
	if err != nil || marker == "" || marker == null {
		return marker, err
	}
	// The bucket keeps versions, and the store did not say so of what was
	// written before: it is only hidden yet.
	h, err = b.head(ctx, opRemove, store.Object{Key: h.Key, VersionID: null, ETag: h.ETag})
	if err != nil {
		return marker, fmt.Errorf("%s: %w: it is only hidden, and cannot be named: %v", opRemove, store.ErrUnsafe, err)
	}
	_, err = b.removeVersion(ctx, h)
	return marker, err
}

// hide puts a delete marker on h, if it is the newest version.
func (b *Bucket) hide(ctx context.Context, h headed) (marker string, err error) {
	newest, err := b.head(ctx, opRemove, store.Object{Key: h.Key, ETag: h.ETag})
	if err != nil {
		return "", err
	}
	if newest.VersionID != h.VersionID {
		return "", fmt.Errorf("%s: %w: it is not the newest version", opRemove, store.ErrChanged)
	}
	versioning, err := b.versioning(ctx)
	if err != nil {
		return "", err
	}
	if versioning == types.BucketVersioningStatusSuspended && h.VersionID != null {
		switch _, err := b.head(ctx, opRemove, store.Object{Key: h.Key, VersionID: null}); {
		case err == nil:
			return "", fmt.Errorf("%s: %w: a delete marker would replace the version \"null\"", opRemove, store.ErrUnsafe)
		case !errors.Is(err, store.ErrNotFound):
			return "", err
		}
	}
	return b.deleteIf(ctx, h)
}

// removeCopies removes h last: as long as it is there, the removal can be
// repeated.
func (b *Bucket) removeCopies(ctx context.Context, h headed) (marker string, err error) {
	if h.VersionID == "" {
		return b.removeVersion(ctx, h)
	}
	ids, err := b.copies(ctx, h)
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		other, err := b.head(ctx, opRemove, store.Object{Key: h.Key, VersionID: id, ETag: h.ETag})
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return marker, err
		}
		left, err := b.removeVersion(ctx, other)
		marker = cmp.Or(left, marker)
		if err != nil {
			return marker, err
		}
	}
	left, err := b.removeVersion(ctx, h)
	return cmp.Or(left, marker), err
}

// copies returns the ids of the other versions of the key with the same ETag
// and size.
func (b *Bucket) copies(ctx context.Context, h headed) ([]string, error) {
	var ids []string
	err := b.versions(ctx, h.Key, func(v store.Object) {
		if v.ETag == h.ETag && v.Size == h.Size && v.VersionID != h.VersionID && v.VersionID != "" {
			ids = append(ids, v.VersionID)
		}
	})
	return ids, err
}

// RemoveAll removes all versions of a key and its delete markers, one at a time. It is
// for keys that nobody else writes to, and can be repeated.
func (b *Bucket) RemoveAll(ctx context.Context, key string) error {
	var ids []string
	if err := b.versions(ctx, key, func(v store.Object) { ids = append(ids, v.VersionID) }); err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := b.delete(ctx, &s3.DeleteObjectInput{Key: &key, VersionId: text(id)}); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// versions yields the versions of a key and its delete markers, which have no ETag.
func (b *Bucket) versions(ctx context.Context, key string, yield func(store.Object)) error {
	in := &s3.ListObjectVersionsInput{
		Bucket: &b.cfg.Bucket, Prefix: &key, EncodingType: types.EncodingTypeUrl,
		ExpectedBucketOwner: b.cfg.owner(), RequestPayer: b.cfg.payer(),
	}
	for {
		out, err := b.client.ListObjectVersions(ctx, in)
		if err != nil {
			return advise(explain(ctx, opRemove, err), "versions are listed with s3:ListBucketVersions")
		}
		if out.IsTruncated == nil { // see listPage
			return fmt.Errorf("%s: %w: store does not say whether there are more versions", opRemove, store.ErrBroken)
		}
		decode := func(s *string) string { return aws.ToString(s) }
		if out.EncodingType == types.EncodingTypeUrl {
			decode = func(s *string) string { d, _ := url.QueryUnescape(aws.ToString(s)); return d }
		}
		for _, v := range out.Versions {
			if decode(v.Key) == key {
				yield(store.Object{VersionID: aws.ToString(v.VersionId), ETag: unquote(aws.ToString(v.ETag)), Size: aws.ToInt64(v.Size)})
			}
		}
		for _, v := range out.DeleteMarkers {
			if decode(v.Key) == key {
				yield(store.Object{VersionID: aws.ToString(v.VersionId), Size: unknown})
			}
		}
		// The key itself sorts before all others that begin with it.
		if !*out.IsTruncated || decode(out.NextKeyMarker) != key {
			return nil
		}
		if aws.ToString(out.NextVersionIdMarker) == aws.ToString(in.VersionIdMarker) {
			return fmt.Errorf("%s: %w: store repeats a page of versions", opRemove, store.ErrBroken)
		}
		in.KeyMarker, in.VersionIdMarker = &key, out.NextVersionIdMarker
	}
}

// deleteIf deletes the key of h without naming a version, under the condition
// of its ETag. Where versions are kept that leaves a delete marker.
func (b *Bucket) deleteIf(ctx context.Context, h headed) (marker string, err error) {
	out, err := b.delete(ctx, &s3.DeleteObjectInput{Key: &h.Key, IfMatch: quote(h.ETag)})
	if errors.Is(err, store.ErrChanged) {
		if _, now := b.head(ctx, opRemove, store.Object{Key: h.Key}); errors.Is(now, store.ErrNotFound) {
			return "", now
		}
	}
	if err != nil || !aws.ToBool(out.DeleteMarker) {
		return "", err
	}
	return aws.ToString(out.VersionId), nil
}

func (b *Bucket) delete(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	in.Bucket, in.ExpectedBucketOwner, in.RequestPayer = &b.cfg.Bucket, b.cfg.owner(), b.cfg.payer()
	out, err := b.client.DeleteObject(ctx, in)
	if err == nil {
		return out, nil
	}
	right := "objects are removed with s3:DeleteObject"
	if in.VersionId != nil {
		right = "versions are removed with s3:DeleteObjectVersion"
	}
	if isMFA(answerOf(err).message) {
		right = "the bucket demands MFA for it"
	}
	return nil, advise(explain(ctx, opRemove, err), right)
}

// versioning asks whether the bucket keeps versions.
func (b *Bucket) versioning(ctx context.Context) (types.BucketVersioningStatus, error) {
	out, err := b.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.cfg.Bucket, ExpectedBucketOwner: b.cfg.owner()})
	if err != nil {
		return "", advise(explain(ctx, "ask whether bucket "+b.cfg.Bucket+" keeps versions", err), "that takes s3:GetBucketVersioning")
	}
	return out.Status, nil
}
