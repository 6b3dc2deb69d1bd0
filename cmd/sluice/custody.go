package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/policy"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/s3"
)

// custody opens the buckets and keys that moves take, each once. It is safe for
// concurrent use.
type custody struct {
	policy *policy.File
	s3     s3.Config // how the objects' buckets are reached
	keys   *keyring

	mu      sync.Mutex
	buckets map[s3.Config]*s3.Bucket
}

// newCustody makes a custody under a policy. origins says how the objects'
// buckets are reached.
func newCustody(f *policy.File, origins s3.Config, warnings io.Writer) *custody {
	origins.CopyThreshold = f.Quarantine.CopyThreshold
	c := &custody{policy: f, s3: origins, buckets: make(map[s3.Config]*s3.Bucket)}
	v := c.vaultConfig("")
	c.keys = newKeys(f, awsconf.Settings{
		Profile: v.Profile, Region: v.Region, RoleARN: v.RoleARN, ExternalID: v.ExternalID,
		CABundle: v.CABundle, AllowPlainHTTP: v.AllowPlainHTTP, Progress: v.Progress,
	}, warnings)
	return c
}

func (c *custody) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys.Close()
	var errs []error
	for _, b := range c.buckets {
		errs = append(errs, b.Close())
	}
	return errors.Join(errs...)
}

// open returns the bucket that cfg names.
func (c *custody) open(ctx context.Context, cfg s3.Config) (*s3.Bucket, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if b := c.buckets[cfg]; b != nil {
		return b, nil
	}
	b, err := s3.New(ctx, cfg)
	if err == nil {
		c.buckets[cfg] = b
	}
	return b, err
}

// isDirectory tells objects that came from a directory of this machine.
func isDirectory(bucket string) bool { return filepath.IsAbs(bucket) }

// errDirectory is why an object of a directory is not acted on.
var errDirectory = errors.New("quarantine takes objects of S3 buckets, not files of a directory")

// origin opens a bucket of objects.
func (c *custody) origin(ctx context.Context, bucket string) (quarantine.Bucket, error) {
	b, err := c.originS3(ctx, bucket)
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (c *custody) originS3(ctx context.Context, bucket string) (*s3.Bucket, error) {
	if isDirectory(bucket) {
		return nil, errDirectory
	}
	cfg := c.s3
	cfg.Bucket = bucket
	return c.open(ctx, cfg)
}

// vaultConfig says how a bucket of the vault is reached: as the policy says, or
// as the objects' buckets are if it says nothing.
func (c *custody) vaultConfig(bucket string) s3.Config {
	p := c.policy.Quarantine.Connection
	p.KMSEndpoint = "" // is not about the store
	cfg := c.s3
	if p != (policy.Connection{}) {
		cfg = s3.Config{
			Profile: p.Profile, Region: p.Region, RoleARN: p.RoleARN, ExternalID: p.ExternalID, Endpoint: p.Endpoint,
			PathStyle: p.PathStyle, CABundle: p.CABundle, AllowPlainHTTP: p.InsecureHTTP,
			CopyThreshold: c.s3.CopyThreshold, Progress: c.s3.Progress,
		}
	}
	cfg.Bucket, cfg.BucketOwner = bucket, "" // that of the objects may be another one's
	return cfg
}

func (c *custody) vault(ctx context.Context, bucket string) (*s3.Bucket, error) {
	return c.open(ctx, c.vaultConfig(bucket))
}

// place is where and how an object lies, or is to lie, in quarantine.
type place struct {
	policy.Location
	mode  quarantine.Mode
	keyID string // of sse-kms
}

// placeOf is where the vault has the object of m. The policy may have changed
// since.
func placeOf(m quarantine.Move) place {
	prefix, _, _ := strings.Cut(m.Vault.Key, m.ID)
	return place{policy.Location{Bucket: m.Vault.Bucket, Prefix: prefix}, m.Mode, m.KeyID}
}

// mover returns what carries out moves to and from p.
func (c *custody) mover(ctx context.Context, p place, j quarantine.Journal) (*quarantine.Mover, error) {
	vault, err := c.vault(ctx, p.Bucket)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	m := &quarantine.Mover{Vault: vault, Prefix: p.Prefix, Journal: j, Notice: notice}
	if p.mode == quarantine.SSEKMS {
		m.Encryption = store.Encryption{Algorithm: "aws:kms", KeyID: p.keyID}
	}
	return m, nil
}

// filling returns the mover that brings objects to where the policy says, with the
// key of the policy. The key is looked at first.
func (c *custody) filling(ctx context.Context, j quarantine.Journal) (*quarantine.Mover, error) {
	q := &c.policy.Quarantine
	p := place{Location: q.Vault, mode: q.Mode}
	if q.Mode == quarantine.SSEKMS {
		if o, v := c.s3.Endpoint, c.vaultConfig("").Endpoint; o != v {
			return nil, withHint(fmt.Errorf("mode sse-kms: the objects are in one store (%s) and the vault is in another (%s): a store copies within itself only", cmp.Or(o, "AWS"), cmp.Or(v, "AWS")), "mode: envelope goes from any store to any other")
		}
		vault, err := c.vault(ctx, p.Bucket)
		if err != nil {
			return nil, fmt.Errorf("vault: %w", err)
		}
		region := ""
		if c.s3.Endpoint == "" { // other stores have Regions of their own
			region = vault.Region()
		}
		if p.keyID, err = c.keys.arn(ctx, region); err != nil {
			return nil, fmt.Errorf("key: %w", err)
		}
	}
	m, err := c.mover(ctx, p, j)
	if err != nil {
		return nil, err
	}
	if q.Mode == quarantine.Envelope {
		if m.Wrapper, err = c.keys.wrapper(ctx); err != nil {
			return nil, fmt.Errorf("key: %w", err)
		}
	}
	return m, nil
}

// emptying returns the mover that brings the object of m back.
func (c *custody) emptying(ctx context.Context, m quarantine.Move, j quarantine.Journal) (*quarantine.Mover, error) {
	q, err := c.mover(ctx, placeOf(m), j)
	if err != nil {
		return nil, err
	}
	if m.Mode == quarantine.Envelope {
		if q.Unwrapper, err = c.keys.unwrapper(ctx); err != nil {
			return nil, fmt.Errorf("key: %w", err)
		}
	}
	return q, nil
}

// notice is what stands in place of an object.
func notice(m quarantine.Move) string {
	return "This object was moved into quarantine, because it holds data that may not be here.\n" +
		"Ask your security team, and name " + m.ID + ".\n"
}

// within reports whether o lies in one of places: in quarantine itself.
func within(places []policy.Location, o store.Object) bool {
	for _, p := range places {
		if o.Bucket == p.Bucket && strings.HasPrefix(o.Key, p.Prefix) {
			return true
		}
	}
	return false
}
