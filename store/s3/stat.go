package s3

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-dlp/sluice/store"
)

// Stat tells what the store keeps of the version that o names by its id, or of
// the newest one if that still has the ETag of o. It takes one HeadObject and one
// GetObjectTagging: S3 does not say how many tags there are to those who may not
// read them, so that no tags and no right to see them would look alike.
//
// S3 tells the checksum of an object under a KMS key only to those who may
// decrypt with it. To others it is as if there were none.
func (b *Bucket) Stat(ctx context.Context, o store.Object) (store.Attributes, error) {
	const op = "stat object"
	if err := b.holds(op, o); err != nil {
		return store.Attributes{}, err
	}
	h, err := b.head(ctx, op, o)
	if err != nil {
		return store.Attributes{}, err
	}
	h.Tags, err = b.tags(ctx, op, h.Object)
	return h.Attributes, err
}

// holds refuses objects of other buckets.
func (b *Bucket) holds(op string, o store.Object) error {
	if o.Bucket != "" && o.Bucket != b.cfg.Bucket {
		return fmt.Errorf("%s: %w: it is not in bucket %s", op, store.ErrNotFound, b.cfg.Bucket)
	}
	return nil
}

// headed is an answer to HeadObject.
type headed struct {
	store.Attributes           // without Tags
	at               time.Time // by the store's clock; zero if it does not say
}

// head asks for what the store keeps with the version that o names, in
// whichever bucket.
func (b *Bucket) head(ctx context.Context, op string, o store.Object) (headed, error) {
	bucket := o.Bucket
	in := &s3.HeadObjectInput{Key: &o.Key, ChecksumMode: types.ChecksumModeEnabled, RequestPayer: b.cfg.payer()}
	if bucket == "" || bucket == b.cfg.Bucket {
		bucket = b.cfg.Bucket
		in.ExpectedBucketOwner = b.cfg.owner()
	}
	in.Bucket = &bucket
	if o.ETag != "" {
		in.IfMatch = quote(o.ETag)
	}
	if o.VersionID != "" {
		in.VersionId = &o.VersionID
	}
	out, err := b.headAnywhere(ctx, in)
	if answerOf(err).status == 403 {
		// Of an object under a KMS key only the checksum may be denied.
		in.ChecksumMode = ""
		out, err = b.headAnywhere(ctx, in)
	}
	if err != nil {
		if err = explain(ctx, op, err); errors.Is(err, store.ErrNotFound) && b.isGone(ctx, bucket) {
			err = fmt.Errorf("%s: %w", op, store.ErrNoBucket) // an answer without a body does not tell
		}
		return headed{}, err
	}
	a, err := attributes(bucket, o.Key, out)
	switch {
	case err != nil:
		return headed{}, fmt.Errorf("%s: %w", op, err)
	case o.ETag != "" && a.ETag != o.ETag:
		return headed{}, fmt.Errorf("%s: %w: store answered with another ETag", op, store.ErrChanged)
	case o.VersionID == null && a.VersionID == "":
		a.VersionID = null // some stores leave it out
	case o.VersionID != "" && a.VersionID != o.VersionID:
		return headed{}, fmt.Errorf("%s: %w: store answered with another version", op, store.ErrChanged)
	}
	at, _ := awsmiddleware.GetServerTime(out.ResultMetadata)
	return headed{a, at}, nil
}

// headAnywhere also finds a bucket in another Region than that of b: an object
// may be copied from there.
func (b *Bucket) headAnywhere(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	out, err := b.client.HeadObject(ctx, in)
	a := answerOf(err)
	if *in.Bucket != b.cfg.Bucket && a.region != "" && a.region != b.client.Options().Region && a.status/100 != 5 {
		return b.client.HeadObject(ctx, in, func(o *s3.Options) { o.Region = a.region })
	}
	return out, err
}

func (b *Bucket) isGone(ctx context.Context, bucket string) bool {
	_, err := b.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	return answerOf(err).status == 404
}

func attributes(bucket, key string, out *s3.HeadObjectOutput) (store.Attributes, error) {
	if n := aws.ToInt32(out.MissingMeta); n > 0 {
		return store.Attributes{}, fmt.Errorf("the object has %d metadata entries that the store cannot tell", n)
	}
	size := int64(unknown)
	if out.ContentLength != nil {
		size = *out.ContentLength
	}
	a := store.Attributes{
		Object:             object(bucket, key, aws.ToString(out.ETag), size, out.LastModified, string(out.StorageClass)),
		ContentType:        aws.ToString(out.ContentType),
		ContentEncoding:    aws.ToString(out.ContentEncoding),
		ContentDisposition: aws.ToString(out.ContentDisposition),
		ContentLanguage:    aws.ToString(out.ContentLanguage),
		CacheControl:       aws.ToString(out.CacheControl),
		Expires:            aws.ToString(out.ExpiresString),
		Redirect:           aws.ToString(out.WebsiteRedirectLocation),
		Metadata:           make(map[string]string, len(out.Metadata)),
		Encryption: store.Encryption{
			Algorithm: string(out.ServerSideEncryption),
			KeyID:     aws.ToString(out.SSEKMSKeyId),
			BucketKey: aws.ToBool(out.BucketKeyEnabled),
		},
		Lock: store.Lock{
			Mode: string(out.ObjectLockMode),
			Hold: out.ObjectLockLegalHoldStatus == types.ObjectLockLegalHoldStatusOn || out.ObjectLockEventHold == types.ObjectLockEventHoldOn,
		},
	}
	a.VersionID = aws.ToString(out.VersionId)
	for name, value := range out.Metadata {
		a.Metadata[strings.ToLower(name)] = value
	}
	if out.ObjectLockRetainUntilDate != nil {
		a.Lock.Until = out.ObjectLockRetainUntilDate.UTC()
	}
	if crc := aws.ToString(out.ChecksumCRC64NVME); out.ChecksumType != types.ChecksumTypeComposite && len(crc) == len("rosUhgp5mIg=") {
		a.CRC64NVME = crc
	}
	return a, nil
}

// maxTags is S3's limit.
const maxTags = 10

// Tag adds tags to the version that o names. S3 can only replace all tags of an
// object, and not under a condition: of two that add tags at the same moment one
// may win.
func (b *Bucket) Tag(ctx context.Context, o store.Object, tags map[string]string) error {
	const op = "tag object"
	if err := b.holds(op, o); err != nil {
		return err
	}
	h, err := b.head(ctx, op, o)
	if err != nil {
		return err
	}
	old, err := b.tags(ctx, op, h.Object)
	if err != nil {
		return err
	}
	merged := maps.Clone(old)
	maps.Copy(merged, tags)
	switch {
	case maps.Equal(merged, old):
		return nil
	case len(merged) > maxTags:
		return fmt.Errorf("%s: it has %d tags already, and the store allows %d", op, len(old), maxTags)
	}
	in := &s3.PutObjectTaggingInput{
		Bucket: &b.cfg.Bucket, Key: &o.Key, VersionId: versionOf(h.Object), Tagging: &types.Tagging{},
		ExpectedBucketOwner: b.cfg.owner(), RequestPayer: b.cfg.payer(),
	}
	for name, value := range merged {
		in.Tagging.TagSet = append(in.Tagging.TagSet, types.Tag{Key: &name, Value: &value})
	}
	if _, err := b.client.PutObjectTagging(ctx, in); err != nil {
		return advise(explain(ctx, op, err), "tags are set with s3:PutObjectTagging, those of a version with s3:PutObjectVersionTagging")
	}
	if h.VersionID != "" {
		return nil
	}
	_, err = b.head(ctx, op, h.Object) // or was it another object that got them?
	return err
}

// tags returns the tags of o, which must be as the store answered it.
func (b *Bucket) tags(ctx context.Context, op string, o store.Object) (map[string]string, error) {
	out, err := b.client.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{
		Bucket: &b.cfg.Bucket, Key: &o.Key, VersionId: versionOf(o), ExpectedBucketOwner: b.cfg.owner(), RequestPayer: b.cfg.payer(),
	})
	if err != nil {
		return nil, advise(explain(ctx, op, err), "tags are read with s3:GetObjectTagging, those of a version with s3:GetObjectVersionTagging")
	}
	tags := make(map[string]string, len(out.TagSet))
	for _, t := range out.TagSet {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags, nil
}

// advise adds to an error about rights which one it takes.
func advise(err error, rights string) error {
	if errors.Is(err, store.ErrDenied) {
		return fmt.Errorf("%w; %s", err, rights)
	}
	return err
}

func versionOf(o store.Object) *string {
	if o.VersionID == "" {
		return nil
	}
	return &o.VersionID
}

func quote(etag string) *string { return aws.String(`"` + etag + `"`) }
