package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/quarantine/keys/awskms"
	"github.com/sluice-dlp/sluice/quarantine/keys/local"
	"github.com/sluice-dlp/sluice/quarantine/keys/pkcs11"
	"github.com/sluice-dlp/sluice/quarantine/policy"
	"github.com/sluice-dlp/sluice/quarantine/seal"
)

// keyring opens the key that a policy names when it is first needed. It is safe
// for concurrent use.
type keyring struct {
	q        *policy.Quarantine
	secrets  *policy.Secrets
	s3       awsconf.Settings // how the vault is reached
	warnings io.Writer

	mu    sync.Mutex
	keys  keys
	close func()
}

// keys are what each provider's are.
type keys interface {
	seal.Wrapper
	seal.Unwrapper
}

func newKeys(f *policy.File, vault awsconf.Settings, warnings io.Writer) *keyring {
	return &keyring{q: &f.Quarantine, secrets: &f.Secrets, s3: vault, warnings: warnings}
}

func (r *keyring) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.close != nil {
		r.close()
	}
	r.keys, r.close = nil, nil
}

// unwrapper opens data keys.
func (r *keyring) unwrapper(ctx context.Context) (seal.Unwrapper, error) { return r.open(ctx) }

// wrapper makes data keys, under a key that was looked at and tried.
func (r *keyring) wrapper(ctx context.Context) (seal.Wrapper, error) {
	k, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	if k, ok := k.(*awskms.Keys); ok {
		if err := r.check(ctx, k, ""); err != nil {
			return nil, err
		}
		if err := k.Try(ctx, map[string]string{"sluice:move": "none: this is a try"}); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// arn is the ARN of the KMS key, which was looked at, for a store to encrypt
// with in region.
func (r *keyring) arn(ctx context.Context, region string) (string, error) {
	k, err := r.open(ctx)
	if err != nil {
		return "", err
	}
	kms, ok := k.(*awskms.Keys)
	if !ok {
		return "", fmt.Errorf("a store encrypts with a KMS key, not with one of %s", r.q.Key.Provider)
	}
	return kms.ARN(), r.check(ctx, kms, region)
}

func (r *keyring) check(ctx context.Context, k *awskms.Keys, region string) error {
	return k.Check(ctx, awskms.Demands{AWSManaged: r.q.AWSManagedKey, Origins: r.q.Origin, Region: region})
}

func (r *keyring) open(ctx context.Context) (keys, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys != nil {
		return r.keys, nil
	}
	var err error
	switch r.q.Key.Provider {
	case policy.Local:
		fmt.Fprintf(r.warnings, "warning: %s\n", local.Warning)
		r.keys, err = asKeys(local.Open(r.q.Key.ID))
		if err != nil {
			err = withHint(err, "sluice quarantine key %s makes one", r.q.Key.ID)
		}
	case policy.AWSKMS:
		settings := r.s3
		settings.Endpoint = r.q.Connection.KMSEndpoint
		var k *awskms.Keys
		if k, err = awskms.Open(ctx, r.q.Key.ID, settings); err == nil {
			r.keys, r.close = k, k.Close
		}
	case policy.PKCS11:
		var k pkcs11.Keys
		if k, err = pkcs11.Open(ctx, r.q.Key.ID, r.pin); err == nil {
			r.keys, r.close = k, func() { k.Close() }
		}
	default:
		err = fmt.Errorf("no key provider %q", r.q.Key.Provider)
	}
	return r.keys, err
}

// pin fetches the PIN of an HSM.
func (r *keyring) pin(ctx context.Context) (string, error) {
	secrets, wipe := newResolver(awsSettings(r.secrets.Connection), r.warnings)
	defer wipe()
	v, err := secrets.Get(ctx, r.q.PIN)
	return v.Text(), err
}

// asKeys keeps a nil pointer from becoming keys that are not nil.
func asKeys[K keys](k K, err error) (keys, error) {
	if err != nil {
		return nil, err
	}
	return k, nil
}

func quarantineKeyCommand() *cobra.Command {
	var rotate bool
	cmd := &cobra.Command{
		Use:   "key FILE",
		Short: "Make a local key, for demonstrations and tests",
		Long: `key makes a file with a key, which a policy names as "key: local:FILE" with "mode: envelope".

It is for demonstrations and tests only: whoever reads the file opens the quarantine, nobody
can tell who did, and without it the quarantine is lost. Name a KMS key, or one of an HSM, for
anything that matters.

--rotate adds a new key to a file that exists: it seals from then on, the others still open.`,
		Args: exactArgs(1, "one file"),
		Example: examples(`
			sluice quarantine key demo.key
			sluice quarantine key demo.key --rotate`),
		RunE: func(cmd *cobra.Command, args []string) error {
			make, done := local.Create, "made"
			if rotate {
				make, done = local.Rotate, "rotated"
			}
			_, err := make(args[0])
			switch {
			case errors.Is(err, fs.ErrExist):
				return withHint(err, "sluice quarantine key %s --rotate adds a key to it", args[0])
			case err != nil:
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", local.Warning)
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s %s\n", done, args[0])
			return err
		},
	}
	cmd.Flags().BoolVar(&rotate, "rotate", false, "add a new key to a file that exists")
	return cmd
}
