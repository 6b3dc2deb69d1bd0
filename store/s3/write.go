package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sluice-dlp/sluice/store"
)

// Put writes an object from body. What fits into one part of an upload is one
// request; more is uploaded part by part, several at a time while buffers are
// free. The store compares what it got with a CRC64NVME.
//
// An answer that is lost is made up for by a look at the store: an object that
// is there as it was to be written, and came there meanwhile, was written. If
// the store cannot be asked either, or holds no CRC64NVME, an error may leave the
// whole object. If the answer is lost that names an upload, the upload stays,
// without parts: a lifecycle rule of the bucket should abort such.
func (b *Bucket) Put(ctx context.Context, key string, body io.Reader, w store.Write) (store.Object, error) {
	head := make([]byte, 32<<10) // most objects are small: no need to wait for a buffer
	n, err := readFull(body, head)
	switch {
	case err == io.EOF:
		return b.putWhole(ctx, key, head[:n], w)
	case err != nil:
		return store.Object{}, fmt.Errorf("put object: %w", err)
	}
	buf, err := b.uploads.wait(ctx)
	if err != nil {
		return store.Object{}, fmt.Errorf("put object: %w", err)
	}
	n, err = readFull(body, (*buf)[copy(*buf, head):])
	n += len(head)
	if err == nil {
		return b.putParts(ctx, key, buf, body, w)
	}
	defer b.uploads.give(buf)
	if err != io.EOF {
		return store.Object{}, fmt.Errorf("put object: %w", err)
	}
	return b.putWhole(ctx, key, (*buf)[:n], w)
}

// readFull is io.ReadFull, but for its error at the end of r, which is io.EOF however
// much came before: io.ErrUnexpectedEOF is that of a reader that broke.
func readFull(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var more int
		more, err = r.Read(buf[n:])
		n += more
	}
	if n == len(buf) {
		return n, nil
	}
	return n, err
}

// putWhole writes an object by one request.
func (b *Bucket) putWhole(ctx context.Context, key string, body []byte, w store.Write) (store.Object, error) {
	a := b.attempt("put object", key, w)
	a.size = int64(len(body))
	in := &s3.PutObjectInput{
		Bucket:                  &b.cfg.Bucket,
		Key:                     &key,
		Body:                    bytes.NewReader(body),
		ContentLength:           &a.size,
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
	if w.Absent {
		in.IfNoneMatch = aws.String("*")
	}
	if a.sums {
		a.crc = crcOf(body)
		in.ChecksumCRC64NVME = &a.crc
	}
	out, err := b.client.PutObject(ctx, in, a.options)
	if err != nil {
		return a.settle(ctx, err)
	}
	return a.written(ctx, out.ETag, out.VersionId, out.ChecksumCRC64NVME)
}

// attempt is a write under way: what is to be there at its end, to recognise
// it if no answer comes.
type attempt struct {
	b     *Bucket
	op    string
	key   string
	w     store.Write
	size  int64
	crc   string // CRC64NVME; "" if it is not known
	sums  bool   // the store is asked to compare it
	began time.Time
	tries int // of the request sent last
}

func (b *Bucket) attempt(op, key string, w store.Write) *attempt {
	return &attempt{b: b, op: op, key: key, w: w, sums: !b.cfg.SkipChecksums, began: time.Now()}
}

// options are those of a request that creates something: they count its tries,
// and set the header that the SDK would only set to a valid date.
func (a *attempt) options(o *s3.Options) {
	a.count(o)
	if e := a.w.Attributes.Expires; e != "" {
		o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue("Expires", e))
	}
}

func (a *attempt) count(o *s3.Options) {
	a.tries = 0
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("CountTries",
			func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				a.tries++
				return next.HandleFinalize(ctx, in)
			}), "Retry", middleware.After)
	})
}

// written returns the identity of what the store says it has written. If it also
// says that these are other bytes, they are removed again.
func (a *attempt) written(ctx context.Context, etag, version, crc *string) (store.Object, error) {
	if aws.ToString(etag) == "" {
		return store.Object{}, fmt.Errorf("%s: %w: store does not say what it has written", a.op, store.ErrBroken)
	}
	o := object(a.b.cfg.Bucket, a.key, *etag, a.size, nil, a.w.Attributes.Class)
	if id := aws.ToString(version); id != null { // the ETag pins what that does not
		o.VersionID = id
	}
	if got := aws.ToString(crc); a.crc == "" || len(got) != len(a.crc) || got == a.crc {
		return o, nil
	}
	err := fmt.Errorf("%s: %w: store has written something else", a.op, store.ErrCorrupt)
	ctx, stop := a.b.aside(ctx)
	defer stop()
	if _, left := a.b.Remove(ctx, o, store.RemoveVersion); left != nil && !errors.Is(left, store.ErrNotFound) {
		return store.Object{}, fmt.Errorf("%w, which stays there: %v", err, left)
	}
	return store.Object{}, err
}

// settle finds out how a write ended that failed with err. Where a request was
// repeated or not answered it may have done its work, and the answer is in the
// store. ctx may be at its end.
func (a *attempt) settle(ctx context.Context, err error) (store.Object, error) {
	status := answerOf(err).status
	err = explain(ctx, a.op, err)
	if a.tries > 1 || status == 0 || status/100 == 2 || status/100 == 5 {
		if o, ok := a.find(ctx); ok {
			return o, nil
		}
	}
	if a.w.Absent && errors.Is(err, store.ErrChanged) {
		return store.Object{}, fmt.Errorf("%s: %w", a.op, store.ErrExists)
	}
	return store.Object{}, err
}

// find looks for what the attempt has written: the newest version, no older
// than the attempt by the store's own clock (which tells whole seconds), with the
// same bytes and metadata.
func (a *attempt) find(ctx context.Context) (store.Object, bool) {
	ctx, stop := a.b.aside(ctx)
	defer stop()
	h, err := a.b.head(ctx, a.op, store.Object{Key: a.key})
	if err != nil || h.at.IsZero() || h.at.Sub(h.Modified) > time.Since(a.began)+2*time.Second {
		return store.Object{}, false
	}
	same := a.crc != "" && h.CRC64NVME == a.crc && h.Size == a.size && h.ETag != "" && maps.Equal(h.Metadata, lower(a.w.Attributes.Metadata)) &&
		(a.w.Encryption.Algorithm == "" || h.Encryption.Algorithm == a.w.Encryption.Algorithm)
	return h.Object, same
}

// aside returns a context for what must still be done when ctx has ended.
func (b *Bucket) aside(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), b.cfg.Progress)
}

func lower(m map[string]string) map[string]string {
	l := make(map[string]string, len(m))
	for name, value := range m {
		l[strings.ToLower(name)] = value
	}
	return l
}

func crcOf(body []byte) string {
	sum := store.NewCRC64NVME()
	sum.Write(body)
	return store.CRC64NVME(sum)
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func flag(b bool) *bool {
	if !b {
		return nil
	}
	return &b
}

func tagging(tags map[string]string) *string {
	v := make(url.Values, len(tags))
	for name, value := range tags {
		v.Set(name, value)
	}
	return text(v.Encode())
}
