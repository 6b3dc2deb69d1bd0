package s3

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-dlp/sluice/store"
)

// Demand is what is asked of a store before objects are trusted to it.
type Demand struct {
	Prefix     string           // of the key that it is tried with
	Encryption store.Encryption // that it encrypts so, and says so
	Versions   bool             // that the bucket keeps versions
	Remove     bool             // that it removes nothing but what is named
	Copy       bool             // that it can copy, and replaces nothing that it is told not to
	Upload     bool             // that an upload in parts replaces nothing that it is told not to
}

// Probe tries with an object of its own whether the store keeps its word, since
// some stores ignore what they do not know. It returns every fault that it finds,
// each a store.ErrUnsafe with its reason. Another error means that it could not be
// found out.
//
// What it finds holds for all buckets of the endpoint, but for Versions. The
// object is removed again, unless a lock or the want of a right forbids that.
func (b *Bucket) Probe(ctx context.Context, d Demand) (err error) {
	t := &trial{b: b, w: store.Write{Encryption: d.Encryption, Absent: true}}
	defer func() { err = errors.Join(append(t.faults, err, t.clear(ctx))...) }()
	if d.Versions {
		versioning, err := b.versioning(ctx)
		if err != nil {
			return err
		}
		t.must(versioning == types.BucketVersioningStatusEnabled, "bucket "+b.cfg.Bucket+" does not keep versions")
	}
	t.key = d.Prefix + "sluice-probe-" + rand.Text()
	if err := t.writes(ctx); err != nil {
		return err
	}
	if d.Copy {
		if err := t.copies(ctx); err != nil {
			return err
		}
	}
	if d.Upload {
		if err := t.uploads(ctx); err != nil {
			return err
		}
	}
	if d.Remove {
		return t.removes(ctx)
	}
	return nil
}

type trial struct {
	b      *Bucket
	w      store.Write
	key    string // "" before there may be an object
	marker string // version id of a delete marker that should not have come about
	faults []error
}

func (t *trial) must(ok bool, fault string) {
	if !ok {
		t.faults = append(t.faults, fmt.Errorf("%w: %s", store.ErrUnsafe, fault))
	}
}

// writes writes the object, and again where it must not.
func (t *trial) writes(ctx context.Context) error {
	o, err := t.b.Put(ctx, t.key, strings.NewReader("sluice tries this store.\n"), t.w)
	if err != nil {
		return err
	}
	a, err := t.b.head(ctx, "try the store", o)
	if err != nil {
		return err
	}
	want := t.w.Encryption
	t.must(want.Algorithm == "" || a.Encryption.Algorithm == want.Algorithm,
		fmt.Sprintf("store was told to encrypt with %q and says %q", want.Algorithm, a.Encryption.Algorithm))
	t.must(want.KeyID == "" || a.Encryption.KeyID == want.KeyID,
		fmt.Sprintf("store was told to encrypt with key %q and says %q", want.KeyID, a.Encryption.KeyID))
	_, err = t.b.Put(ctx, t.key, strings.NewReader("sluice tries whether this can be replaced.\n"), t.w)
	return t.refused(err, store.ErrExists, "store replaces an object although told not to (If-None-Match of PutObject)")
}

// refused makes sure that err is as it should be.
func (t *trial) refused(err, want error, fault string) error {
	t.must(err != nil, fault)
	if errors.Is(err, want) {
		return nil
	}
	return err
}

// copies copies the object onto itself, where it must not.
func (t *trial) copies(ctx context.Context) error {
	_, err := t.b.Copy(ctx, t.key, store.Object{Bucket: t.b.cfg.Bucket, Key: t.key}, t.w)
	return t.refused(err, store.ErrExists, replaces)
}

const replaces = "store replaces an object although told not to (If-None-Match of CompleteMultipartUpload)"

// uploads uploads a part in the place of the object, where it must not.
func (t *trial) uploads(ctx context.Context) error {
	part := []byte("sluice tries whether this can be replaced in parts.\n")
	a := t.b.attempt("try the store", t.key, t.w)
	u, err := a.upload(ctx)
	if err != nil {
		return err
	}
	if u.size = int64(len(part)); u.sums {
		u.crc = crcOf(part)
	}
	if err := u.send(ctx, 1, part); err != nil {
		return and(err, u.abort(ctx))
	}
	_, err = u.complete(ctx)
	return t.refused(err, store.ErrExists, replaces)
}

// removes removes an object that is not there: one of another ETag.
func (t *trial) removes(ctx context.Context) error {
	out, err := t.b.delete(ctx, &s3.DeleteObjectInput{Key: &t.key, IfMatch: quote(strings.Repeat("0", 32))})
	if err == nil {
		t.marker = aws.ToString(out.VersionId)
	}
	return t.refused(err, store.ErrChanged, "store removes an object although it is not the one named (If-Match of DeleteObject)")
}

// clear removes what the trial has left, as far as that is allowed.
func (t *trial) clear(ctx context.Context) error {
	if t.key == "" {
		return nil
	}
	ctx, stop := t.b.aside(ctx)
	defer stop()
	if t.marker != "" {
		if err := t.b.unhide(ctx, store.Object{Key: t.key, VersionID: t.marker}); err != nil {
			return leftover(err)
		}
	}
	for range 3 {
		h, err := t.b.head(ctx, opRemove, store.Object{Key: t.key})
		if err == nil {
			_, err = t.b.Remove(ctx, h.Object, store.RemoveVersion)
		}
		if err != nil {
			return leftover(err)
		}
	}
	return nil
}

func leftover(err error) error {
	for _, fine := range []error{store.ErrNotFound, store.ErrDenied, store.ErrLocked} {
		if errors.Is(err, fine) {
			return nil
		}
	}
	return fmt.Errorf("remove what the store was tried with: %w", err)
}
