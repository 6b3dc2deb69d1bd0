// Package s3 reads buckets of Amazon S3 and of stores that speak its protocol.
//
// It asks for as little as it can. A listing names the objects, and each is
// opened by one GetObject that is conditional on the listed ETag; there is no
// HEAD per object, since the answer to GetObject tells everything that HEAD
// would. A connection that breaks is resumed by a range of the same version. An
// object of [Config].RangeThreshold bytes or more is fetched by several ranges
// at a time, because one stream of S3 gives less than 100 MB/s. What was read is
// compared with the checksum that the store holds of it.
//
// Memory: an open object costs the buffers of one connection (about 8 KiB, with
// TLS about 40 KiB). Reading ahead costs at most [Config].ReadAhead bytes for
// all objects of a Bucket together: when no buffer is free, an object is simply
// streamed. A listing holds at most 2 × ListConcurrency + 1 pages of 1,000
// objects.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-dlp/sluice/store"
)

// Config says which bucket to read, as whom, and how hard. Only Bucket is
// required. A zero number means the default.
type Config struct {
	Bucket     string
	Prefix     string // list only keys that begin with it
	StartAfter string // list only keys that sort after it: resumes an earlier listing

	// Region of the bucket. The bucket is asked for its Region in any case,
	// so this matters only where the answer is wrong or cannot be had. ""
	// takes the one of the environment or the profile, else us-east-1.
	Region string

	Profile     string                  // of the shared configuration files; "" is the SDK's choice
	Credentials aws.CredentialsProvider // nil: the SDK's default chain, or Profile
	Anonymous   bool                    // sign nothing; for public buckets

	// RoleARN, if not "", is assumed with the credentials above. ExternalID
	// is what the role's owner may demand; SessionName is what they see in
	// their log, "sluice" if "".
	RoleARN     string
	ExternalID  string
	SessionName string

	// Endpoint is the URL of a store other than Amazon S3. "http:" is
	// refused unless the host is a loopback address or AllowPlainHTTP is set:
	// the objects would cross the network in the clear.
	Endpoint       string
	PathStyle      bool // name the bucket in the path, not in the host name
	AllowPlainHTTP bool
	CABundle       string // PEM file of certificates to trust besides those of the system

	RequesterPays bool   // agree to pay for the requests; the bucket may demand it
	BucketOwner   string // account id that must own the bucket, else every request is denied

	// SkipChecksums leaves out the comparison with the checksum that the
	// store holds, and gives the store none with what is written: some stores
	// know no CRC64NVME. Lengths are always compared.
	SkipChecksums bool

	ListConcurrency int           // listing requests at a time; default 8
	RangeThreshold  int64         // bytes from which an object is read by ranges; default 16 MiB
	PartSize        int64         // bytes of one range; default 8 MiB
	PartConcurrency int           // ranges read ahead, and parts sent or copied at a time, for one object; default 4
	ReadAhead       int64         // bytes of all buffers of all objects together; default 64 MiB
	UploadPart      int64         // bytes of one part of an upload; default 8 MiB, and S3 takes no less than 5 MiB
	UploadBuffers   int64         // bytes of the parts of all uploads together; default 64 MiB
	CopyThreshold   int64         // bytes above which an object is copied part by part; default, and what S3 can do, 5 GiB
	CopyPart        int64         // bytes of one part of a copy; default 256 MiB, more if that makes over 10,000 parts
	Connections     int           // idle connections to keep; default 256
	Progress        time.Duration // a request without a byte for so long is asked again; default 30 s
	Attempts        int           // tries of one request, and tries in a row to resume a read; default 5
	MaxBackoff      time.Duration // longest pause between two tries; default 20 s
}

// Bucket is one bucket. It is safe for concurrent use.
type Bucket struct {
	cfg     Config
	client  *s3.Client
	http    *http.Client
	buffers *buffers // to read ahead
	uploads *buffers // of parts to send
}

// New returns the bucket that cfg names. It fails without credentials and where
// the store cannot be reached, since it asks the bucket for its Region. It does
// not find out whether the bucket exists and may be read: that is [Bucket.Check].
// The errors of both say in one line what is wrong and what to do.
func New(ctx context.Context, cfg Config) (*Bucket, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	conn, err := connect(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &Bucket{
		cfg:     cfg,
		client:  conn.client,
		http:    conn.http,
		buffers: newBuffers(cfg.PartSize, cfg.ReadAhead),
		uploads: newBuffers(cfg.UploadPart, cfg.UploadBuffers),
	}, nil
}

// Check makes sure that the bucket exists and can be listed.
func (b *Bucket) Check(ctx context.Context) error {
	in := b.listInput(shard{prefix: b.cfg.Prefix})
	in.MaxKeys = aws.Int32(1)
	_, err := b.listPage(ctx, in)
	if err != nil {
		return fmt.Errorf("%w%s", err, advice(err))
	}
	return nil
}

// Region is where the bucket is, as the store says.
func (b *Bucket) Region() string { return b.client.Options().Region }

// Close closes the idle connections. Readers that are open stay usable.
func (b *Bucket) Close() error {
	b.http.CloseIdleConnections()
	return nil
}

func (c Config) withDefaults() Config {
	or(&c.ListConcurrency, 8)
	or(&c.RangeThreshold, 16<<20)
	or(&c.PartSize, 8<<20)
	or(&c.PartConcurrency, 4)
	or(&c.ReadAhead, 64<<20)
	or(&c.UploadPart, 8<<20)
	or(&c.UploadBuffers, max(64<<20, c.UploadPart))
	or(&c.CopyThreshold, 5<<30)
	or(&c.CopyPart, 256<<20)
	or(&c.Progress, 30*time.Second)
	or(&c.Attempts, 5)
	or(&c.MaxBackoff, 20*time.Second)
	return c
}

func (c Config) owner() *string {
	if c.BucketOwner == "" {
		return nil
	}
	return &c.BucketOwner
}

func (c Config) payer() types.RequestPayer {
	if c.RequesterPays {
		return types.RequestPayerRequester
	}
	return ""
}

func or[T comparable](v *T, fallback T) {
	var zero T
	if *v == zero {
		*v = fallback
	}
}

func (c Config) validate() error {
	switch {
	case c.Bucket == "":
		return errors.New("no bucket named")
	case c.ListConcurrency < 0, c.RangeThreshold < 0, c.PartSize < 0, c.PartConcurrency < 0, c.ReadAhead < 0,
		c.UploadPart < 0, c.UploadBuffers < 0, c.CopyThreshold < 0, c.CopyPart < 0,
		c.Connections < 0, c.Progress < 0, c.Attempts < 0, c.MaxBackoff < 0:
		return errors.New("s3 settings must not be negative")
	case c.UploadPart > c.UploadBuffers:
		return errors.New("the buffers of uploads must hold one part")
	case c.UploadPart < 64<<10:
		return errors.New("a part of an upload must have 64 KiB or more")
	}
	return c.settings().Validate()
}

func object(bucket, key, etag string, size int64, modified *time.Time, class string) store.Object {
	o := store.Object{Bucket: bucket, Key: key, ETag: unquote(etag), Size: size, Class: class}
	if modified != nil {
		o.Modified = modified.UTC()
	}
	if o.Class == "STANDARD" {
		o.Class = ""
	}
	return o
}
