package lab_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/s3"
)

// bench is a bucket behind a proxy, and the driver that reads it through.
type bench struct {
	t      *testing.T
	bucket string
	proxy  *lab.Proxy
	src    *s3.Bucket
}

// newBench returns an empty bucket whose driver gives up soon. edit may change
// the driver's settings.
func newBench(t *testing.T, edit func(*s3.Config)) *bench {
	t.Helper()
	proxy, err := lab.StartProxy(gateway.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { proxy.Close() })
	b := &bench{t: t, bucket: newBucket(t), proxy: proxy}
	cfg := config(b.bucket)
	cfg.Endpoint = proxy.Endpoint
	cfg.Attempts = 4
	cfg.MaxBackoff = 20 * time.Millisecond
	if edit != nil {
		edit(&cfg)
	}
	b.src = open(t, cfg)
	proxy.Requests()
	return b
}

// put stores an object, past the proxy, and returns it as it is listed.
func (b *bench) put(key string, body []byte) store.Object {
	b.t.Helper()
	return b.putAs(&awss3.PutObjectInput{Key: &key, Body: bytes.NewReader(body)}, int64(len(body)))
}

func (b *bench) putAs(in *awss3.PutObjectInput, size int64) store.Object {
	b.t.Helper()
	in.Bucket = &b.bucket
	out, err := gateway.Client().PutObject(b.t.Context(), in)
	if err != nil {
		b.t.Fatal(err)
	}
	return store.Object{Bucket: b.bucket, Key: *in.Key, ETag: strings.Trim(*out.ETag, `"`), Size: size}
}

func (b *bench) delete(key string) {
	b.t.Helper()
	if _, err := gateway.Client().DeleteObject(b.t.Context(), &awss3.DeleteObjectInput{Bucket: &b.bucket, Key: &key}); err != nil {
		b.t.Error(err)
	}
}

func (b *bench) version() {
	b.t.Helper()
	_, err := gateway.Client().PutBucketVersioning(b.t.Context(), &awss3.PutBucketVersioningInput{
		Bucket:                  &b.bucket,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// read returns what could be read of o and the error that ended it, nil if it
// was the end of the object.
func (b *bench) read(o store.Object) ([]byte, error) {
	r, _, err := b.src.Open(b.t.Context(), o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// wantWhole makes sure that o is read to its end and has given body.
func (b *bench) wantWhole(o store.Object, body []byte) {
	b.t.Helper()
	got, err := b.read(o)
	if err != nil {
		b.t.Errorf("read: %v", err)
	}
	if !bytes.Equal(got, body) {
		b.t.Errorf("read %d bytes, which are not the %d bytes put", len(got), len(body))
	}
}

// wantError makes sure that reading o fails for that reason, with nothing but
// the beginning of body read, and that the error does not name the key.
func (b *bench) wantError(o store.Object, body []byte, want error) {
	b.t.Helper()
	got, err := b.read(o)
	if !errors.Is(err, want) {
		b.t.Errorf("read: %v, want %v", err, want)
	}
	if !bytes.HasPrefix(body, got) {
		b.t.Errorf("read %d bytes that are not the beginning of the object", len(got))
	}
	if err != nil && strings.Contains(err.Error(), o.Key) {
		b.t.Errorf("error names the key: %v", err)
	}
}

func random(n int) []byte {
	body := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(body)
	return body
}

const (
	small = 300_000      // one stream
	large = 5<<20 + 1234 // ranges, see config
)

func sizes(t *testing.T, test func(t *testing.T, body []byte)) {
	t.Run("stream", func(t *testing.T) { test(t, random(small)) })
	t.Run("ranges", func(t *testing.T) { test(t, random(large)) })
}

func TestOneRequestPerObject(t *testing.T) {
	b := newBench(t, nil)
	body := random(1000)
	for i := range 20 {
		b.put(fmt.Sprintf("dir/%02d", i), body)
	}
	err := b.src.List(t.Context(), func(o store.Object) error {
		b.wantWhole(o, body)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	requests := b.proxy.Requests()
	if n := lab.Count(requests, lab.List); n != 1 {
		t.Errorf("%d listing requests, want 1", n)
	}
	if n := lab.Count(requests, lab.Get); n != 20 {
		t.Errorf("%d GetObject for 20 objects", n)
	}
	if n := lab.Count(requests, lab.Head); n != 0 {
		t.Errorf("%d HeadObject, want none", n)
	}
	if len(requests) != 21 {
		t.Errorf("%d requests, want 21", len(requests))
	}
}

func TestLargeObjectByRanges(t *testing.T) {
	b := newBench(t, nil)
	body := random(large)
	b.wantWhole(b.put("key", body), body)
	requests := b.proxy.Requests()
	// One for the whole, which serves the first of the eleven parts, and one
	// for each of the others.
	if n := lab.Count(requests, lab.Get); n != 11 || len(requests) != 11 {
		t.Errorf("%d GetObject of %d requests, want 11 of 11", n, len(requests))
	}
	if requests[0].Range != "" {
		t.Error("the first request is for a range: the store would not tell the checksum")
	}
}

func TestReset(t *testing.T) {
	sizes(t, func(t *testing.T, body []byte) {
		b := newBench(t, nil)
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Hits: 3, At: 100_000, Do: lab.Reset})
		b.wantWhole(o, body)
	})
	t.Run("before the answer", func(t *testing.T) {
		b := newBench(t, nil)
		body := random(small)
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Hits: 2, Do: lab.Reset})
		b.wantWhole(o, body)
	})
	t.Run("resumed where it broke", func(t *testing.T) {
		b := newBench(t, nil)
		body := random(small)
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Hits: 1, At: 100_000, Do: lab.Truncate})
		b.wantWhole(o, body)
		requests := b.proxy.Requests()
		if len(requests) != 2 || requests[1].Range != "bytes=100000-299999" {
			t.Errorf("requests %+v, want a second one for the rest", requests)
		}
	})
	t.Run("many with progress", func(t *testing.T) {
		b := newBench(t, nil)
		body := random(1_000_000)
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, At: 70_000, Do: lab.Reset})
		b.wantWhole(o, body)
	})
	t.Run("for ever", func(t *testing.T) {
		b := newBench(t, nil)
		body := random(small)
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, At: 10, Do: lab.Reset})
		b.wantError(o, body, store.ErrBroken)
	})
}

func TestTruncatedBody(t *testing.T) {
	sizes(t, func(t *testing.T, body []byte) {
		b := newBench(t, nil)
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Hits: 3, At: 70_000, Do: lab.Truncate})
		b.wantWhole(o, body)
	})
	t.Run("for ever", func(t *testing.T) {
		b := newBench(t, nil)
		body := random(large)
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Skip: 1, At: 10, Do: lab.Truncate})
		b.wantError(o, body, store.ErrBroken)
	})
	t.Run("with a length that fits", func(t *testing.T) {
		b := newBench(t, nil)
		body := random(small)
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Edit: func(resp *http.Response) {
			resp.Header.Set("Content-Length", "1000")
			resp.ContentLength = 1000
			resp.Body = struct {
				io.Reader
				io.Closer
			}{io.LimitReader(resp.Body, 1000), resp.Body}
		}})
		b.wantError(o, body, store.ErrCorrupt)
	})
}

func TestServerErrors(t *testing.T) {
	for _, tt := range []struct {
		status int
		code   string
		want   error
	}{
		{500, "InternalError", store.ErrBroken},
		{503, "SlowDown", store.ErrThrottled},
		{503, "ServiceUnavailable", store.ErrThrottled},
		{429, "TooManyRequests", store.ErrThrottled},
		{502, "", store.ErrBroken},
	} {
		t.Run(fmt.Sprint(tt.status, tt.code), func(t *testing.T) {
			b := newBench(t, nil)
			body := random(large)
			o := b.put("key", body)
			b.proxy.Inject(
				lab.Fault{Hits: 2, Status: tt.status, Code: tt.code},
				lab.Fault{Skip: 3, Hits: 2, Status: tt.status, Code: tt.code}, // two of the ranges
			)
			b.wantWhole(o, body)
			b.proxy.Heal()
			b.proxy.Requests()
			b.proxy.Inject(lab.Fault{Status: tt.status, Code: tt.code})
			b.wantError(o, nil, tt.want)
			if n := len(b.proxy.Requests()); n != 4 {
				t.Errorf("%d tries, want the 4 that were allowed", n)
			}
			if err := b.src.List(t.Context(), func(store.Object) error { return nil }); !errors.Is(err, tt.want) {
				t.Errorf("List = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestCorruptedBody(t *testing.T) {
	for _, tt := range []struct {
		name      string
		algorithm types.ChecksumAlgorithm
		edit      func(*http.Response)
	}{
		{"CRC32", types.ChecksumAlgorithmCrc32, nil},
		{"CRC32C", types.ChecksumAlgorithmCrc32c, nil},
		{"CRC64NVME", types.ChecksumAlgorithmCrc64nvme, nil},
		{"SHA1", types.ChecksumAlgorithmSha1, nil},
		{"SHA256", types.ChecksumAlgorithmSha256, nil},
		{"MD5", types.ChecksumAlgorithmCrc32, func(resp *http.Response) { resp.Header.Del("X-Amz-Checksum-Crc32") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sizes(t, func(t *testing.T, body []byte) {
				b := newBench(t, nil)
				o := b.putAs(&awss3.PutObjectInput{Key: aws.String("key"), Body: bytes.NewReader(body), ChecksumAlgorithm: tt.algorithm}, int64(len(body)))
				b.proxy.Inject(lab.Fault{Kind: lab.Get, Edit: tt.edit})
				b.wantWhole(o, body)
				b.proxy.Heal()
				b.proxy.Inject(lab.Fault{Kind: lab.Get, Edit: tt.edit, At: 1000, Do: lab.Corrupt})
				got, err := b.read(o)
				if !errors.Is(err, store.ErrCorrupt) || len(got) != len(body) {
					t.Errorf("read %d bytes, %v; want %d and ErrCorrupt", len(got), err, len(body))
				}
				if err != nil && !strings.Contains(err.Error(), tt.name) {
					t.Errorf("%v does not name %s", err, tt.name)
				}
			})
		})
	}
}

// TestKMSObjectHasNoMD5 is about an ETag that looks like an MD5 and is none.
func TestKMSObjectHasNoMD5(t *testing.T) {
	b := newBench(t, nil)
	body := random(small)
	o := b.put("key", body)
	b.proxy.Inject(lab.Fault{Kind: lab.Get, At: 1000, Do: lab.Corrupt, Edit: func(resp *http.Response) {
		resp.Header.Del("X-Amz-Checksum-Crc32")
		resp.Header.Set("X-Amz-Server-Side-Encryption", "aws:kms")
	}})
	if _, err := b.read(o); err != nil {
		t.Errorf("read: %v, though there was nothing to compare with", err)
	}
}

func TestChecksumAcrossResumes(t *testing.T) {
	sizes(t, func(t *testing.T, body []byte) {
		b := newBench(t, nil)
		o := b.put("key", body)
		b.proxy.Inject(
			lab.Fault{Kind: lab.Get, Hits: 1, At: 50_000, Do: lab.Reset},
			lab.Fault{Kind: lab.Get, Hits: 1, At: 1000, Do: lab.Corrupt},
		)
		got, err := b.read(o)
		if !errors.Is(err, store.ErrCorrupt) || len(got) != len(body) {
			t.Errorf("read %d bytes, %v; want %d and ErrCorrupt", len(got), err, len(body))
		}
	})
}

func TestOverwrittenDuringRead(t *testing.T) {
	sizes(t, func(t *testing.T, body []byte) {
		b := newBench(t, nil)
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Hits: 1, At: 100_000, Do: lab.Reset, During: func() {
			b.put("key", bytes.Repeat([]byte("x"), len(body)))
		}})
		b.wantError(o, body, store.ErrChanged)
	})
}

// TestOverwrittenDuringReadVersioned reads the old version to its end.
func TestOverwrittenDuringReadVersioned(t *testing.T) {
	sizes(t, func(t *testing.T, body []byte) {
		b := newBench(t, nil)
		b.version()
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Hits: 1, At: 100_000, Do: lab.Reset, During: func() {
			b.put("key", bytes.Repeat([]byte("x"), len(body)))
		}})
		b.wantWhole(o, body)
	})
}

func TestDeletedDuringRead(t *testing.T) {
	sizes(t, func(t *testing.T, body []byte) {
		b := newBench(t, nil)
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Hits: 1, At: 100_000, Do: lab.Reset, During: func() { b.delete("key") }})
		b.wantError(o, body, store.ErrNotFound)
	})
}

func TestDeletedDuringReadVersioned(t *testing.T) {
	sizes(t, func(t *testing.T, body []byte) {
		b := newBench(t, nil)
		b.version()
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Hits: 1, At: 100_000, Do: lab.Reset, During: func() { b.delete("key") }})
		b.wantWhole(o, body)
	})
}

func TestVanished(t *testing.T) {
	b := newBench(t, nil)
	o := b.put("secret-key", random(10))
	b.delete("secret-key")
	b.wantError(o, nil, store.ErrNotFound)
}

// TestVanishedVersioned is about a delete marker.
func TestVanishedVersioned(t *testing.T) {
	b := newBench(t, nil)
	b.version()
	o := b.put("secret-key", random(10))
	b.delete("secret-key")
	b.wantError(o, nil, store.ErrNotFound)
}

func TestChanged(t *testing.T) {
	b := newBench(t, nil)
	o := b.put("secret-key", random(10))
	b.put("secret-key", random(11))
	b.wantError(o, nil, store.ErrChanged)
}

func TestOpenByVersion(t *testing.T) {
	b := newBench(t, nil)
	b.version()
	body := random(small)
	o := b.put("key", body)
	r, got, err := b.src.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	if got.VersionID == "" {
		t.Fatal("Open does not tell the version that it reads")
	}
	b.put("key", random(11))
	b.wantWhole(got, body)
	got.VersionID = "01ARZ3NDEKTSV4RRFFQ69G5FAV" // well formed, and never given
	b.wantError(got, nil, store.ErrNotFound)
}

// TestStoreIgnoresIfMatch is about servers that answer with the current version
// whatever was asked for.
func TestStoreIgnoresIfMatch(t *testing.T) {
	b := newBench(t, nil)
	o := b.put("secret-key", random(10))
	b.proxy.Inject(lab.Fault{Kind: lab.Get, Edit: func(resp *http.Response) { resp.Header.Set("ETag", `"other"`) }})
	b.wantError(o, nil, store.ErrChanged)
}

func TestStall(t *testing.T) {
	impatient := func(c *s3.Config) { c.Progress = 300 * time.Millisecond }
	sizes(t, func(t *testing.T, body []byte) {
		b := newBench(t, impatient)
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Hits: 2, At: 100_000, Do: lab.Stall})
		b.wantWhole(o, body)
	})
	t.Run("for ever", func(t *testing.T) {
		b := newBench(t, impatient)
		body := random(small)
		o := b.put("key", body)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, At: 10, Do: lab.Stall})
		b.wantError(o, body, store.ErrStalled)
	})
	t.Run("no answer", func(t *testing.T) {
		b := newBench(t, impatient)
		o := b.put("key", random(10))
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Delay: time.Hour})
		b.wantError(o, nil, store.ErrStalled)
	})
	t.Run("listing", func(t *testing.T) {
		b := newBench(t, impatient)
		b.put("key", random(10))
		b.proxy.Inject(lab.Fault{Kind: lab.List, Hits: 1, At: 100, Do: lab.Stall})
		b.wantKeys(1)
	})
}

// TestSlowConsumer takes longer between two reads than a stalled store may.
func TestSlowConsumer(t *testing.T) {
	sizes(t, func(t *testing.T, body []byte) {
		b := newBench(t, func(c *s3.Config) { c.Progress = 200 * time.Millisecond })
		r, _, err := b.src.Open(t.Context(), b.put("key", body))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		<-time.After(500 * time.Millisecond)
		if rest, err := io.ReadAll(r); err != nil || !bytes.Equal(rest, body[1000:]) {
			t.Errorf("read %d bytes of the rest, %v", len(rest), err)
		}
	})
}

func TestDenied(t *testing.T) {
	b := newBench(t, func(c *s3.Config) { c.Credentials = gateway.Restricted.Credentials() })
	body := random(1000)
	b.put("open/key", body)
	b.put("closed/key", body)
	if err := b.src.Check(t.Context()); !errors.Is(err, store.ErrDenied) {
		t.Errorf("Check before the grant: %v, want ErrDenied", err)
	}
	if err := gateway.Grant(t.Context(), b.bucket, "open/"); err != nil {
		t.Fatal(err)
	}
	if err := b.src.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
	n := 0
	err := b.src.List(t.Context(), func(o store.Object) error {
		n++
		if strings.HasPrefix(o.Key, "open/") {
			b.wantWhole(o, body)
		} else {
			b.wantError(o, nil, store.ErrDenied)
		}
		return nil
	})
	if err != nil || n != 2 {
		t.Errorf("listed %d objects, %v", n, err)
	}
}

// TestRefused is about answers that the gateway does not give. The messages are
// S3's, which may name the key.
func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		name    string
		status  int
		code    string
		message string
		want    error
	}{
		{"archived", 403, "InvalidObjectState", "The operation is not valid for the object's storage class", store.ErrArchived},
		{"SSE-C", 400, "InvalidRequest", "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.", store.ErrEncrypted},
		{"other invalid request", 400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256", nil},
		{"KMS key disabled", 400, "KMS.DisabledException", "arn:aws:kms:us-east-1:111122223333:key/1 is disabled.", store.ErrKMSKey},
		{"KMS key pending deletion", 400, "KMS.KMSInvalidStateException", "is pending deletion.", store.ErrKMSKey},
		{"KMS key missing", 400, "KMS.NotFoundException", "does not exist", store.ErrKMSKey},
		{"KMS key denied", 403, "AccessDenied", "User: arn:aws:iam::111122223333:user/u is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext", store.ErrKMSKey},
		{"object denied", 403, "AccessDenied", `User: arn:aws:iam::111122223333:user/u is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::bucket/secret-key"`, store.ErrDenied},
		{"token expired", 400, "ExpiredToken", "The provided token has expired.", store.ErrDenied},
		{"bucket gone", 404, "NoSuchBucket", "The specified bucket does not exist", store.ErrNoBucket},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, nil)
			o := b.put("secret-key", random(10))
			b.proxy.Inject(lab.Fault{Kind: lab.Get, Status: tt.status, Code: tt.code, Message: tt.message})
			if tt.want != nil {
				b.wantError(o, nil, tt.want)
			} else if _, err := b.read(o); store.Reason(err) != store.ReasonBroken {
				t.Errorf("reason %q for %v", store.Reason(err), err)
			}
			if n := len(b.proxy.Requests()); n != 1 {
				t.Errorf("%d requests for an answer that is final", n)
			}
		})
	}
}

// TestDeniedDuringRead loses the permission in the middle of an object.
func TestDeniedDuringRead(t *testing.T) {
	sizes(t, func(t *testing.T, body []byte) {
		b := newBench(t, nil)
		o := b.put("secret-key", body)
		b.proxy.Inject(
			lab.Fault{Kind: lab.Get, Hits: 1, At: 100_000, Do: lab.Reset},
			lab.Fault{Kind: lab.Get, Status: 403, Code: "AccessDenied"},
		)
		b.wantError(o, body, store.ErrDenied)
	})
}

// wantKeys makes sure that a listing names n objects, each once.
func (b *bench) wantKeys(n int) {
	b.t.Helper()
	seen := make(map[string]bool)
	err := b.src.List(b.t.Context(), func(o store.Object) error {
		if seen[o.Key] {
			b.t.Errorf("%s listed twice", o.Key)
		}
		seen[o.Key] = true
		return nil
	})
	if err != nil || len(seen) != n {
		b.t.Errorf("listed %d objects, want %d: %v", len(seen), n, err)
	}
}

// TestListing has more keys than a page under several prefixes, one of which
// holds more than a page itself.
func TestListing(t *testing.T) {
	b := newBench(t, nil)
	keys := []string{"top"}
	for i := range 1200 {
		keys = append(keys, fmt.Sprintf("flat/%04d", i))
	}
	for i := range 300 {
		keys = append(keys, fmt.Sprintf("years/%d/months/%02d/%03d", 2020+i%6, i%12, i))
	}
	fill(t, b, keys)
	b.wantKeys(len(keys))
	requests := b.proxy.Requests()
	if n := lab.Count(requests, lab.List); n != 6 || n != len(requests) {
		// The root as a page and by level; "flat/" as a page and by level, then its second page; "years/".
		t.Errorf("%d listing requests of %d", n, len(requests))
	}
	for _, tt := range []struct {
		name  string
		fault lab.Fault
	}{
		{"SlowDown", lab.Fault{Skip: 1, Hits: 3, Status: 503, Code: "SlowDown"}},
		{"InternalError", lab.Fault{Skip: 2, Hits: 3, Status: 500, Code: "InternalError"}},
		{"reset in the body", lab.Fault{Hits: 3, At: 5000, Do: lab.Reset}},
		{"body cut", lab.Fault{Skip: 1, Hits: 2, At: 300, Do: lab.Truncate}},
		{"body cut, with a length that fits", lab.Fault{Skip: 1, Hits: 1, Edit: func(resp *http.Response) {
			resp.Header.Del("Content-Length")
			resp.ContentLength = -1
			resp.Body = struct {
				io.Reader
				io.Closer
			}{io.LimitReader(resp.Body, 5000), resp.Body}
		}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.proxy.Heal()
			tt.fault.Kind = lab.List
			b.proxy.Inject(tt.fault)
			b.wantKeys(len(keys))
		})
	}
	t.Run("denied in the middle", func(t *testing.T) {
		b.proxy.Heal()
		b.proxy.Inject(lab.Fault{Kind: lab.List, Skip: 3, Status: 403, Code: "AccessDenied"})
		err := b.src.List(t.Context(), func(store.Object) error { return nil })
		if !errors.Is(err, store.ErrDenied) {
			t.Errorf("List = %v, want ErrDenied", err)
		}
	})
}

func fill(t *testing.T, b *bench, keys []string) {
	t.Helper()
	todo := make(chan string)
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for key := range todo {
				_, err := gateway.Client().PutObject(t.Context(), &awss3.PutObjectInput{Bucket: &b.bucket, Key: &key, Body: strings.NewReader("x")})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, key := range keys {
		todo <- key
	}
	close(todo)
	writers.Wait()
}

// TestBigObjectOverFaults reads 24 MiB with the parts of the default size's
// eighth while every fourth request fails in one way or another.
func TestBigObjectOverFaults(t *testing.T) {
	b := newBench(t, func(c *s3.Config) {
		c.PartSize = 1 << 20
		c.ReadAhead = 8 << 20
		c.PartConcurrency = 8
		c.Progress = 500 * time.Millisecond
		c.Attempts = 10
	})
	body := random(24 << 20)
	o := b.put("key", body)
	for i := range 10 {
		b.proxy.Inject(
			lab.Fault{Kind: lab.Get, Skip: i, Hits: 1, At: int64(i) * 77_777, Do: lab.Reset},
			lab.Fault{Kind: lab.Get, Skip: i, Hits: 1, At: int64(i) * 33_333, Do: lab.Truncate},
			lab.Fault{Kind: lab.Get, Skip: i, Hits: 1, Status: 503, Code: "SlowDown"},
		)
	}
	b.proxy.Inject(lab.Fault{Kind: lab.Get, Hits: 2, At: 1000, Do: lab.Stall})
	b.wantWhole(o, body)
	t.Logf("%d requests", len(b.proxy.Requests()))
}

// TestManyLargeObjectsFewBuffers makes sure that readers which share fewer
// buffers than they want all come to their end, whatever the order in which
// they are read.
func TestManyLargeObjectsFewBuffers(t *testing.T) {
	b := newBench(t, func(c *s3.Config) { c.ReadAhead = 512 << 10 }) // one
	body := random(large)
	o := b.put("key", body)
	var readers []io.ReadCloser
	for range 6 {
		r, _, err := b.src.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		readers = append(readers, r)
	}
	for i := len(readers) - 1; i >= 0; i-- {
		sum := sha256.New()
		if _, err := io.Copy(sum, readers[i]); err != nil {
			t.Fatal(err)
		}
		if want := sha256.Sum256(body); !bytes.Equal(sum.Sum(nil), want[:]) {
			t.Error("other bytes than were put")
		}
	}
	for _, r := range readers {
		r.Close()
	}
}

// TestCloseFreesConnections closes readers of which little was read.
func TestCloseFreesConnections(t *testing.T) {
	sizes(t, func(t *testing.T, body []byte) {
		b := newBench(t, nil)
		o := b.put("key", body)
		for _, n := range []int64{0, 1, int64(len(body)) / 2, int64(len(body))} {
			r, _, err := b.src.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(io.Discard, r, n); err != nil {
				t.Fatal(err)
			}
			r.Close()
		}
		b.src.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for b.proxy.Connections() > 0 {
			select {
			case <-ctx.Done():
				t.Fatalf("%d connections are left", b.proxy.Connections())
			case <-time.After(time.Millisecond):
			}
		}
	})
}

// TestContentEncoding reads the bytes as they are stored.
func TestContentEncoding(t *testing.T) {
	b := newBench(t, nil)
	body := append([]byte{0x1f, 0x8b, 8}, random(1000)...)
	o := b.putAs(&awss3.PutObjectInput{Key: aws.String("key"), Body: bytes.NewReader(body), ContentEncoding: aws.String("gzip")}, int64(len(body)))
	b.wantWhole(o, body)
}

// TestMultipartObject has no MD5 and, from this server, a checksum of the
// parts' checksums.
func TestMultipartObject(t *testing.T) {
	b := newBench(t, nil)
	body := random(11 << 20)
	client := gateway.Client()
	key := "key"
	up, err := client.CreateMultipartUpload(t.Context(), &awss3.CreateMultipartUploadInput{Bucket: &b.bucket, Key: &key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32})
	if err != nil {
		t.Fatal(err)
	}
	var parts []types.CompletedPart
	for i, part := range [][]byte{body[:6<<20], body[6<<20:]} {
		n := aws.Int32(int32(i + 1))
		out, err := client.UploadPart(t.Context(), &awss3.UploadPartInput{Bucket: &b.bucket, Key: &key, UploadId: up.UploadId, PartNumber: n, Body: bytes.NewReader(part)})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, types.CompletedPart{PartNumber: n, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32})
	}
	done, err := client.CompleteMultipartUpload(t.Context(), &awss3.CompleteMultipartUploadInput{
		Bucket: &b.bucket, Key: &key, UploadId: up.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.wantWhole(store.Object{Bucket: b.bucket, Key: key, ETag: strings.Trim(*done.ETag, `"`), Size: int64(len(body))}, body)
}

func TestCheck(t *testing.T) {
	bucket := newBucket(t)
	for _, tt := range []struct {
		name string
		edit func(*s3.Config)
		want error
	}{
		{"all is well", func(c *s3.Config) {}, nil},
		{"missing bucket", func(c *s3.Config) { c.Bucket = "no-such-bucket" }, store.ErrNoBucket},
		{"unknown access key", func(c *s3.Config) {
			c.Credentials = lab.User{AccessKey: "unknown", SecretKey: "unknown"}.Credentials()
		}, store.ErrDenied},
		{"wrong secret", func(c *s3.Config) {
			c.Credentials = lab.User{AccessKey: gateway.Root.AccessKey, SecretKey: "wrong"}.Credentials()
		}, store.ErrDenied},
		{"anonymous", func(c *s3.Config) { c.Credentials, c.Anonymous = nil, true }, store.ErrDenied},
		{"another owner's bucket", func(c *s3.Config) { c.BucketOwner = "111122223333" }, store.ErrDenied},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := config(bucket)
			tt.edit(&cfg)
			err := open(t, cfg).Check(t.Context())
			if !errors.Is(err, tt.want) {
				t.Errorf("Check = %v, want %v", err, tt.want)
			}
			if err != nil && (strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), cfg.Bucket)) {
				t.Errorf("Check = %v, want one line that names the bucket", err)
			}
		})
	}
}
