package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/s3"
)

// probe makes sure that the stores keep their word, before objects are trusted to
// them: the vault's, and that of origin, a bucket of objects. What it finds holds
// for all buckets of an endpoint. removes tells whether anything is to be removed.
func (c *custody) probe(ctx context.Context, q *quarantine.Mover, origin string, mode quarantine.Mode, removes bool) error {
	vault := c.policy.Quarantine.Vault
	b, err := c.vault(ctx, vault.Bucket)
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	one := c.s3.Endpoint == c.vaultConfig("").Endpoint
	d := s3.Demand{Prefix: vault.Prefix, Encryption: q.Encryption, Copy: mode == quarantine.SSEKMS, Remove: removes && one}
	if err := refused(vault.Bucket, b.Probe(ctx, d)); err != nil || one {
		return err
	}
	if b, err = c.originS3(ctx, origin); err != nil {
		return err
	}
	return refused(origin, b.Probe(ctx, s3.Demand{Remove: removes}))
}

// probeReturn makes sure that the store that objects go back to replaces none. The
// vault is not tried: whoever empties it need not have the right to fill it.
func (c *custody) probeReturn(ctx context.Context, origin string, mode quarantine.Mode) error {
	b, err := c.originS3(ctx, origin)
	if err != nil {
		return err
	}
	return refused(origin, b.Probe(ctx, s3.Demand{Copy: mode == quarantine.SSEKMS, Upload: mode == quarantine.Envelope}))
}

// refused explains why nothing is done.
func refused(bucket string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrUnsafe):
		return withHint(fmt.Errorf("the store of bucket %s was tried, and objects cannot be trusted to it: %w", bucket, err),
			"nothing was done; docs/quarantine.md tells what a store must do, and what is left with one that does not")
	}
	return fmt.Errorf("try the store of bucket %s: %w", bucket, err)
}
