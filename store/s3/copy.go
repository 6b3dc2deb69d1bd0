package s3

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/sluice-dlp/sluice/store"
)

// Copy has the store copy the version that from names; it may lie in another
// bucket, and in another Region. Each request for its bytes is conditional on its
// ETag. As for lost answers, see [Bucket.Put].
//
// One CopyObject does it, except above Config.CopyThreshold and where there
// must be no object yet: no store heeds that condition for CopyObject. Then it is
// copied part by part, and the store compares the whole with the checksum of the
// original, if that has one.
func (b *Bucket) Copy(ctx context.Context, key string, from store.Object, w store.Write) (store.Object, error) {
	a := b.attempt("copy object", key, w)
	src, err := b.head(ctx, a.op, from)
	if err != nil {
		return store.Object{}, err
	}
	switch {
	case src.ETag == "":
		return store.Object{}, fmt.Errorf("%s: %w: it has no ETag", a.op, store.ErrUnsafe)
	case src.Size < 0:
		return store.Object{}, fmt.Errorf("%s: %w: store does not say how long it is", a.op, store.ErrBroken)
	case src.Size == 0:
		return b.putWhole(ctx, key, nil, w) // there are no parts without bytes
	}
	a.size, a.crc = src.Size, src.CRC64NVME
	if w.Absent || src.Size > b.cfg.CopyThreshold {
		o, err := a.copyParts(ctx, src.Object)
		if errors.Is(err, store.ErrCorrupt) && a.sums {
			// Some stores take the checksum of the whole for that of each part
			// (Versity Gateway 1.8), unless they are asked for none. What they
			// find then is compared here.
			a.sums = false
			o, err = a.copyParts(ctx, src.Object)
		}
		return o, err
	}
	return a.copyWhole(ctx, src.Object)
}

func (a *attempt) copyWhole(ctx context.Context, src store.Object) (store.Object, error) {
	b, w := a.b, a.w
	in := &s3.CopyObjectInput{
		Bucket:                  &b.cfg.Bucket,
		Key:                     &a.key,
		CopySource:              copySource(src),
		CopySourceIfMatch:       quote(src.ETag),
		MetadataDirective:       types.MetadataDirectiveReplace,
		TaggingDirective:        types.TaggingDirectiveReplace,
		ContentType:             text(w.Attributes.ContentType),
		ContentEncoding:         text(w.Attributes.ContentEncoding),
		ContentDisposition:      text(w.Attributes.ContentDisposition),
		ContentLanguage:         text(w.Attributes.ContentLanguage),
		CacheControl:            text(w.Attributes.CacheControl),
		WebsiteRedirectLocation: text(w.Attributes.Redirect),
		Metadata:                w.Attributes.Metadata,
		Tagging:                 tagging(w.Attributes.Tags),
		StorageClass:            types.StorageClass(w.Attributes.Class),
		ServerSideEncryption:    types.ServerSideEncryption(w.Encryption.Algorithm),
		SSEKMSKeyId:             text(w.Encryption.KeyID),
		BucketKeyEnabled:        flag(w.Encryption.BucketKey),
		ExpectedBucketOwner:     b.cfg.owner(),
		RequestPayer:            b.cfg.payer(),
	}
	if a.sums {
		in.ChecksumAlgorithm = types.ChecksumAlgorithmCrc64nvme
	}
	out, err := b.client.CopyObject(ctx, in, a.options)
	if err != nil {
		return a.settle(ctx, err)
	}
	if out.CopyObjectResult == nil {
		return a.written(ctx, nil, nil, nil)
	}
	return a.written(ctx, out.CopyObjectResult.ETag, out.VersionId, out.CopyObjectResult.ChecksumCRC64NVME)
}

func (a *attempt) copyParts(ctx context.Context, src store.Object) (store.Object, error) {
	u, err := a.upload(ctx)
	if err != nil {
		return store.Object{}, err
	}
	flight, inFlight := errgroup.WithContext(ctx)
	flight.SetLimit(a.b.cfg.PartConcurrency)
	size := max(a.b.cfg.CopyPart, (a.size+maxParts-1)/maxParts)
	number := int32(0)
	for from := int64(0); from < a.size && inFlight.Err() == nil; from += size {
		number++
		part := &s3.UploadPartCopyInput{PartNumber: aws.Int32(number)}
		if a.size > size { // S3 takes a range only of what is larger than 5 MB
			part.CopySourceRange = aws.String(byteRange(from, min(from+size, a.size)))
		}
		flight.Go(func() error { return u.copyPart(inFlight, src, part) })
	}
	err = flight.Wait()
	u.cut = err != nil || ctx.Err() != nil
	if err == nil && ctx.Err() != nil {
		err = fmt.Errorf("%s: %w", a.op, context.Cause(ctx))
	}
	if err != nil {
		return store.Object{}, and(err, u.abort(ctx))
	}
	return u.complete(ctx)
}

func (u *upload) copyPart(ctx context.Context, src store.Object, in *s3.UploadPartCopyInput) error {
	in.Bucket, in.Key, in.UploadId = &u.b.cfg.Bucket, &u.key, &u.id
	in.CopySource, in.CopySourceIfMatch = copySource(src), quote(src.ETag)
	in.ExpectedBucketOwner, in.RequestPayer = u.b.cfg.owner(), u.b.cfg.payer()
	out, err := u.b.client.UploadPartCopy(ctx, in)
	switch {
	case err != nil:
		return explain(ctx, u.op, err)
	case out.CopyPartResult == nil:
		return fmt.Errorf("%s: %w: store does not say what it has copied", u.op, store.ErrBroken)
	}
	u.add(types.CompletedPart{PartNumber: in.PartNumber, ETag: out.CopyPartResult.ETag, ChecksumCRC64NVME: out.CopyPartResult.ChecksumCRC64NVME})
	return nil
}

// copySource names an object in the header of a copy. The SDK sends it as it
// is, so that it must be escaped here, and all but letters, digits and slashes is:
// stores disagree on whether a plus is a space.
func copySource(o store.Object) *string {
	bucket := o.Bucket
	if strings.HasPrefix(bucket, "arn:") {
		bucket += "/object" // of an access point
	}
	source := escape(bucket + "/" + o.Key)
	if o.VersionID != "" {
		source += "?versionId=" + escape(o.VersionID)
	}
	return &source
}

func escape(s string) string {
	const hex = "0123456789ABCDEF"
	var e strings.Builder
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '/', c == '-', c == '_', c == '.', c == '~':
			e.WriteByte(c)
		default:
			e.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return e.String()
}
