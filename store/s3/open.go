package s3

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sluice-dlp/sluice/store"
)

// Open starts reading the version that o names with one GetObject. ctx covers
// the reading too. The Bucket of o must be that of the Bucket or "".
//
// For an object of RangeThreshold bytes or more the connection of that first
// request is given up after PartSize bytes, when the ranges read ahead take over.
// It is not a range itself because S3 tells the checksum of an object only in
// the answer to a request for the whole.
func (b *Bucket) Open(ctx context.Context, o store.Object) (io.ReadCloser, store.Object, error) {
	if o.Bucket != "" && o.Bucket != b.cfg.Bucket {
		return nil, o, fmt.Errorf("open object: %w: it is not in bucket %s", store.ErrNotFound, b.cfg.Bucket)
	}
	st := &stream{src: b, ctx: ctx, pin: pin{key: o.Key, versionID: o.VersionID, etag: o.ETag}, end: unknown, want: unknown}
	out, err := st.ask()
	if err != nil {
		return nil, o, err
	}
	switch {
	case o.ETag == "" || o.Size < 0:
	case st.end == unknown:
		st.want = o.Size
	case st.end != o.Size:
		st.Close()
		return nil, o, fmt.Errorf("read object: %w: listed with %d bytes, answered with %d", store.ErrCorrupt, o.Size, st.end)
	}
	got := object(b.cfg.Bucket, o.Key, aws.ToString(out.ETag), st.end, out.LastModified, string(out.StorageClass))
	got.VersionID = aws.ToString(out.VersionId)
	st.pin = st.pin.to(got)
	var r io.ReadCloser = st
	if st.end >= b.cfg.RangeThreshold {
		r = newAhead(st)
	}
	if b.cfg.SkipChecksums {
		return r, got, nil
	}
	return verify(r, checksumOf(out)), got, nil
}

// pin names the version that all requests for one object must read.
type pin struct {
	key       string
	versionID string    // "" lets the store choose, under the conditions below
	etag      string    // "" if unknown
	modified  time.Time // condition where there is no ETag
	current   string    // the version id that the store answered, though it was not asked for
}

// to returns p pinned to what a store answered. The version id is not used for
// further requests unless it was for the first: reading by version needs a
// permission of its own (s3:GetObjectVersion).
func (p pin) to(o store.Object) pin {
	p.etag, p.modified, p.current = o.ETag, o.Modified, o.VersionID
	return p
}

// byVersion returns p asking for the version by its id, if that is known and
// was not tried.
func (p pin) byVersion() (pin, bool) {
	if p.versionID != "" || p.current == "" || p.current == "null" {
		return p, false
	}
	p.versionID = p.current
	return p, true
}

// get asks for the bytes [from, end) of what p names; end may be unknown.
func (b *Bucket) get(ctx context.Context, p pin, from, end int64) (*s3.GetObjectOutput, error) {
	in := &s3.GetObjectInput{Bucket: &b.cfg.Bucket, Key: &p.key, ExpectedBucketOwner: b.cfg.owner(), RequestPayer: b.cfg.payer()}
	switch {
	case p.etag != "":
		in.IfMatch = aws.String(`"` + p.etag + `"`)
	case !p.modified.IsZero():
		in.IfUnmodifiedSince = &p.modified
	}
	if p.versionID != "" {
		in.VersionId = &p.versionID
	}
	opts := []func(*s3.Options){}
	if from > 0 || end != unknown {
		in.Range = aws.String(byteRange(from, end))
	} else if !b.cfg.SkipChecksums {
		opts = append(opts, askForChecksum)
	}
	out, err := b.client.GetObject(ctx, in, opts...)
	if err != nil {
		return nil, explain(ctx, "read object", err)
	}
	if err := fits(out, in, p, from); err != nil {
		out.Body.Close()
		return nil, err
	}
	return out, nil
}

const unknown = -1

// askForChecksum sets the header that GetObjectInput.ChecksumMode would set.
// The field would also make the SDK compare: doing the work twice, and only for
// a read that no resume interrupts.
func askForChecksum(o *s3.Options) {
	o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue("X-Amz-Checksum-Mode", "ENABLED"))
}

func byteRange(from, end int64) string {
	if end == unknown {
		return fmt.Sprintf("bytes=%d-", from)
	}
	return fmt.Sprintf("bytes=%d-%d", from, end-1)
}

// fits makes sure that a store heeded the conditions; some ignore them.
func fits(out *s3.GetObjectOutput, in *s3.GetObjectInput, p pin, from int64) error {
	if got := unquote(aws.ToString(out.ETag)); p.etag != "" && got != p.etag {
		return fmt.Errorf("read object: %w: store answered with another ETag", store.ErrChanged)
	}
	if in.Range == nil {
		return nil
	}
	start, _, _ := strings.Cut(strings.TrimPrefix(aws.ToString(out.ContentRange), "bytes "), "-")
	if start != fmt.Sprint(from) {
		return fmt.Errorf("read object: %w: store does not answer with the range asked for", store.ErrBroken)
	}
	return nil
}

func unquote(etag string) string { return strings.Trim(etag, `"`) }
