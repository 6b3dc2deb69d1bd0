package s3

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/sluice-dlp/sluice/store"
)

// upload is a multipart upload under way. Until it is completed the object
// cannot be seen.
type upload struct {
	*attempt
	id string

	large []byte // of parts that no buffer of the pool holds
	cut   bool   // requests for parts were not waited for

	mu    sync.Mutex
	parts []types.CompletedPart
}

// maxParts is S3's limit.
const maxParts = 10_000

func (a *attempt) upload(ctx context.Context) (*upload, error) {
	b, w := a.b, a.w
	in := &s3.CreateMultipartUploadInput{
		Bucket:                  &b.cfg.Bucket,
		Key:                     &a.key,
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
		in.ChecksumAlgorithm, in.ChecksumType = types.ChecksumAlgorithmCrc64nvme, types.ChecksumTypeFullObject
	}
	out, err := b.client.CreateMultipartUpload(ctx, in, a.options)
	if err != nil {
		return nil, explain(ctx, a.op, err)
	}
	return &upload{attempt: a, id: aws.ToString(out.UploadId)}, nil
}

// add notes a part that the store has taken. It may be called from any
// goroutine.
func (u *upload) add(p types.CompletedPart) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.parts = append(u.parts, p)
}

// complete makes the object of the parts.
func (u *upload) complete(ctx context.Context) (store.Object, error) {
	slices.SortFunc(u.parts, func(x, y types.CompletedPart) int { return cmp.Compare(*x.PartNumber, *y.PartNumber) })
	in := &s3.CompleteMultipartUploadInput{
		Bucket:              &u.b.cfg.Bucket,
		Key:                 &u.key,
		UploadId:            &u.id,
		MultipartUpload:     &types.CompletedMultipartUpload{Parts: u.parts},
		MpuObjectSize:       &u.size,
		ExpectedBucketOwner: u.b.cfg.owner(),
		RequestPayer:        u.b.cfg.payer(),
	}
	if u.w.Absent {
		in.IfNoneMatch = aws.String("*")
	}
	if u.sums {
		in.ChecksumType, in.ChecksumCRC64NVME = types.ChecksumTypeFullObject, text(u.crc)
	}
	out, err := u.b.client.CompleteMultipartUpload(ctx, in, u.count)
	if err != nil {
		left := u.abort(ctx) // first, so that what is found after it is final
		o, err := u.settle(ctx, err)
		if err != nil {
			err = and(err, left)
		}
		return o, err
	}
	return u.written(ctx, out.ETag, out.VersionId, out.ChecksumCRC64NVME)
}

// abort has the store forget the parts. Where parts were cut off it does so more than
// once, until there is no such upload: one that is still being written may outlive the first
// time (Amazon S3 API Reference, AbortMultipartUpload).
func (u *upload) abort(ctx context.Context) error {
	ctx, stop := u.b.aside(ctx)
	defer stop()
	for n := 1; ; n++ {
		_, err := u.b.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
			Bucket: &u.b.cfg.Bucket, Key: &u.key, UploadId: &u.id, ExpectedBucketOwner: u.b.cfg.owner(), RequestPayer: u.b.cfg.payer(),
		})
		last := !u.cut || n == mostAborts
		switch {
		case answerOf(err).code == "NoSuchUpload", last && err == nil:
			return nil
		case last:
			return explain(ctx, "abort the upload", err)
		}
		select {
		case <-time.After(betweenAborts):
		case <-ctx.Done():
		}
	}
}

const (
	mostAborts    = 3
	betweenAborts = 50 * time.Millisecond
)

// and adds to err that parts were left behind, which cost money.
func and(err, left error) error {
	if left == nil {
		return err
	}
	return fmt.Errorf("%w (and its parts stay in the bucket until a lifecycle rule removes them: %v)", err, left)
}

// putParts uploads what stands in first, which it gives back, and the rest of
// body.
func (b *Bucket) putParts(ctx context.Context, key string, first *[]byte, body io.Reader, w store.Write) (store.Object, error) {
	a := b.attempt("put object", key, w)
	u, err := a.upload(ctx)
	if err != nil {
		b.uploads.give(first)
		return store.Object{}, err
	}
	if err := u.fill(ctx, first, body); err != nil {
		return store.Object{}, and(err, u.abort(ctx))
	}
	return u.complete(ctx)
}

// fill uploads the parts, and returns when no request is under way any more. It
// gives buf back.
func (u *upload) fill(ctx context.Context, buf *[]byte, body io.Reader) error {
	flight, aloft := errgroup.WithContext(ctx)
	flight.SetLimit(u.b.cfg.PartConcurrency)
	err := u.feed(aloft, flight, buf, body)
	sent := flight.Wait() // also where the body broke: a part that is cut off may arrive after the upload is aborted, and bring it back
	u.cut = sent != nil || ctx.Err() != nil
	switch {
	case err != nil:
		return err
	case sent != nil:
		return sent
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", u.op, context.Cause(ctx))
	}
	return nil
}

// feed sends one part after the other: side by side as long as there is another
// buffer to read the next one into. buf is the upload's own, so that it gets on
// when no other is free. It stops without an error at the end of ctx.
func (u *upload) feed(ctx context.Context, flight *errgroup.Group, buf *[]byte, body io.Reader) error {
	defer func() { u.b.uploads.give(buf) }()
	sum := store.NewCRC64NVME()
	for part, number := *buf, int32(1); len(part) > 0; number++ {
		if number > maxParts {
			return fmt.Errorf("%s: its end did not come within %d bytes", u.op, u.size)
		}
		u.size += int64(len(part))
		sum.Write(part)
		if spare := u.spare(number); spare != nil {
			full, sent := buf, part
			flight.Go(func() error {
				defer u.b.uploads.give(full)
				return u.send(ctx, number, sent)
			})
			buf = spare
		} else if err := u.send(ctx, number, part); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		room := u.room(*buf, number+1)
		n, err := readFull(body, room)
		if err != nil && err != io.EOF {
			return fmt.Errorf("%s: %w", u.op, err)
		}
		part = room[:n]
	}
	if u.sums {
		u.crc = store.CRC64NVME(sum)
	}
	return nil
}

// evenParts is how many parts of an upload are of one size. Each further
// evenParts are twice as large as those before, so that S3's number of parts
// holds S3's largest object although its size is not known before its end.
const evenParts = 1000

// spare returns another buffer for the part after this one, or nil.
func (u *upload) spare(number int32) *[]byte {
	if number >= evenParts {
		return nil
	}
	return u.b.uploads.take()
}

// room returns where to read a part into: buf, or a buffer that grows.
func (u *upload) room(buf []byte, number int32) []byte {
	size := len(buf) << ((number - 1) / evenParts)
	if size == len(buf) {
		return buf
	}
	if size > len(u.large) {
		u.large = nil // to be collected before the next one is made
		u.large = make([]byte, size)
	}
	return u.large
}

// send uploads one part.
func (u *upload) send(ctx context.Context, number int32, part []byte) error {
	in := &s3.UploadPartInput{
		Bucket:              &u.b.cfg.Bucket,
		Key:                 &u.key,
		UploadId:            &u.id,
		PartNumber:          &number,
		Body:                bytes.NewReader(part),
		ContentLength:       aws.Int64(int64(len(part))),
		ExpectedBucketOwner: u.b.cfg.owner(),
		RequestPayer:        u.b.cfg.payer(),
	}
	if u.sums {
		in.ChecksumCRC64NVME = aws.String(crcOf(part))
	}
	out, err := u.b.client.UploadPart(ctx, in)
	if err != nil {
		return explain(ctx, u.op, err)
	}
	u.add(types.CompletedPart{PartNumber: &number, ETag: out.ETag, ChecksumCRC64NVME: in.ChecksumCRC64NVME})
	return nil
}
