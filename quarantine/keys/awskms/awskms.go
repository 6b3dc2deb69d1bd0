// Package awskms has data keys made and opened by AWS KMS, under a key that
// never leaves it: of KMS itself, of a CloudHSM cluster or of an external key store.
//
// Sealing takes kms:DescribeKey and kms:GenerateDataKey, opening takes
// kms:Decrypt; no host needs all. The context of an object
// becomes the encryption context of its data key: policies can restrict it, and
// CloudTrail shows it.
//
// The SDK decodes the plain data key out of an HTTP answer; that buffer cannot be
// overwritten and stays in memory until it is used for something else.
package awskms

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/quarantine/seal"
)

const (
	// Provider is the name of this package in sealed objects.
	Provider = "aws-kms"

	keySize    = 32
	maxWrapped = 6144 // more than that KMS does not take
)

// Keys are one KMS key, which wraps, and the keys of the same account, which
// unwrap. They are safe for concurrent use.
type Keys struct {
	client *kms.Client
	close  func()
	name   keyARN
}

var (
	_ seal.Wrapper   = (*Keys)(nil)
	_ seal.Unwrapper = (*Keys)(nil)
)

// Open takes a key by its ARN or id, or by those of an alias ("alias/NAME"). An
// ARN has the key's Region; that of the settings counts for the others. An alias
// is followed here, once: all later calls are about the key that it pointed to. By its
// own ARN a key is opened without asking for it, and so without the right to.
//
// It can be a key that is not fit to be used: ask [Keys.Check] before
// anything is sealed. Errors wrap [seal.ErrNoKey], unless another try may do.
func Open(ctx context.Context, key string, settings awsconf.Settings) (*Keys, error) {
	if !keyNames.MatchString(key) {
		return nil, fmt.Errorf("%w: %.80q is not the ARN, the id or alias/NAME of a KMS key", seal.ErrNoKey, key)
	}
	if region := regionOf(key); region != "" {
		settings.Region = region
	}
	cfg, httpClient, err := awsconf.Load(ctx, settings)
	if err != nil {
		return nil, fmt.Errorf("AWS KMS: %w", err)
	}
	if cfg.Region == "" {
		return nil, fmt.Errorf("%w: %s has no Region: write the ARN of the key, or say which Region", seal.ErrNoKey, key)
	}
	k := &Keys{close: httpClient.CloseIdleConnections}
	k.client = kms.NewFromConfig(cfg, func(o *kms.Options) {
		if settings.Endpoint != "" {
			o.BaseEndpoint = &settings.Endpoint
		}
	})
	var known bool
	if k.name, known = parseARN(key); known {
		return k, nil
	}
	meta, err := k.describe(ctx, call{"kms:DescribeKey", key, cfg.Region})
	if err != nil {
		k.Close()
		return nil, err
	}
	k.name, _ = parseARN(*meta.Arn)
	return k, nil
}

func (k *Keys) describe(ctx context.Context, c call) (types.KeyMetadata, error) {
	out, err := k.client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &c.key})
	if err != nil {
		return types.KeyMetadata{}, explain(err, c)
	}
	if out.KeyMetadata == nil {
		return types.KeyMetadata{}, errors.New("AWS KMS: an answer without what was asked for")
	}
	arn := aws.ToString(out.KeyMetadata.Arn)
	if name, ok := parseARN(arn); !ok || c.key != name.text && c.key != name.id && !strings.Contains(c.key, "alias/") {
		return types.KeyMetadata{}, fmt.Errorf("AWS KMS: asked for %s, it answered for %.120q", c.key, arn)
	}
	return *out.KeyMetadata, nil
}

// Close closes idle connections.
func (k *Keys) Close() { k.close() }

// ARN is the key's own, also where it was opened by another name.
func (k *Keys) ARN() string { return k.name.text }

// Demands are what a key must be, beyond one that can be used.
type Demands struct {
	// AWSManaged allows a key that AWS manages, whose policy nobody can
	// restrict: whoever may use the service may use it.
	AWSManaged bool

	// Origins are where the key's material may come from and lie: AWS_KMS,
	// EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE. None means anywhere.
	Origins []string

	// Region is where the key must be, because a bucket is there whose store
	// encrypts with it; "" means anywhere.
	Region string
}

// Check looks the key up, and tells why it cannot be used or is not what is
// demanded. Errors wrap [seal.ErrNoKey] and name the remedy, unless another try
// may do.
func (k *Keys) Check(ctx context.Context, d Demands) error {
	m, err := k.describe(ctx, k.call("kms:DescribeKey"))
	if err != nil {
		return err
	}
	if reason := k.unfit(m, d); reason != "" {
		return fmt.Errorf("%w: %s %s", seal.ErrNoKey, k.ARN(), reason)
	}
	return nil
}

func (k *Keys) call(action string) call { return call{action, k.name.text, k.name.region} }

func (k *Keys) unfit(m types.KeyMetadata, d Demands) string {
	switch {
	case m.KeyState == types.KeyStatePendingDeletion, m.KeyState == types.KeyStatePendingReplicaDeletion:
		return "is going to be deleted" + when(m) + ", and what it encrypts with it: " +
			"take another key, or aws kms cancel-key-deletion and aws kms enable-key"
	case m.KeyState == types.KeyStateDisabled:
		return "is disabled: aws kms enable-key, or take another key"
	case m.KeyState == types.KeyStatePendingImport:
		return "has no key material: import it with aws kms import-key-material"
	case m.KeyState == types.KeyStateUnavailable:
		return "cannot be reached by AWS KMS: see aws kms describe-custom-key-stores, and connect-custom-key-store"
	case m.KeyState == types.KeyStateCreating:
		return "is still being made: try again in a minute"
	case m.KeyState != types.KeyStateEnabled && m.KeyState != types.KeyStateUpdating:
		return fmt.Sprintf("is in the state %q, which this program does not know", m.KeyState)
	case m.KeyUsage != types.KeyUsageTypeEncryptDecrypt || m.KeySpec != types.KeySpecSymmetricDefault:
		return fmt.Sprintf("is a key of the kind %s for %s: take one of the kind SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT", m.KeySpec, m.KeyUsage)
	case m.KeyManager != types.KeyManagerTypeCustomer && !d.AWSManaged:
		return "is managed by AWS, which means that nobody can restrict who may use it: take a key of your own, or allow this one explicitly"
	case len(d.Origins) > 0 && !slices.Contains(d.Origins, string(m.Origin)):
		return fmt.Sprintf("has the origin %s, and the policy demands %s", m.Origin, strings.Join(d.Origins, " or "))
	case d.Region != "" && d.Region != k.name.region:
		return fmt.Sprintf("is in another Region than the vault, which is in %s: take a key there", d.Region)
	}
	return ""
}

func when(m types.KeyMetadata) string {
	if m.DeletionDate == nil {
		return ""
	}
	return " on " + m.DeletionDate.UTC().Format("2006-01-02")
}

// Try asks whether data keys can be made with such a context, and has none
// made where the service knows how to ask only that. Errors are those of
// [Keys.DataKey].
func (k *Keys) Try(ctx context.Context, context map[string]string) error {
	in := k.generate(context)
	in.DryRun = aws.Bool(true)
	out, err := k.client.GenerateDataKey(ctx, in)
	if out != nil {
		clear(out.Plaintext)
	}
	var dry *types.DryRunOperationException // that it would have been done
	if err == nil || errors.As(err, &dry) {
		return nil
	}
	return explain(err, k.call("kms:GenerateDataKey"))
}

func (k *Keys) generate(context map[string]string) *kms.GenerateDataKeyInput {
	return &kms.GenerateDataKeyInput{KeyId: &k.name.text, KeySpec: types.DataKeySpecAes256, EncryptionContext: context}
}

// DataKey implements [seal.Wrapper].
func (k *Keys) DataKey(ctx context.Context, context map[string]string) (seal.DataKey, error) {
	out, err := k.client.GenerateDataKey(ctx, k.generate(context))
	if err != nil {
		return seal.DataKey{}, explain(err, k.call("kms:GenerateDataKey"))
	}
	if id := aws.ToString(out.KeyId); id != k.ARN() || len(out.Plaintext) != keySize || len(out.CiphertextBlob) == 0 || len(out.CiphertextBlob) > maxWrapped {
		clear(out.Plaintext)
		return seal.DataKey{}, fmt.Errorf("AWS KMS: asked for a data key under %s, it answered with another, of %.120q", k.ARN(), id)
	}
	return seal.DataKey{Plain: out.Plaintext, Wrapped: out.CiphertextBlob, Provider: Provider, KeyID: k.ARN()}, nil
}

// Unwrap implements [seal.Unwrapper], for all keys of the same account, in
// whichever Region they are. It asks nobody else: the name of the key is only a
// claim of the object, and the owner of another account could have sealed
// there what they want to see restored here.
func (k *Keys) Unwrap(ctx context.Context, d seal.DataKey, context map[string]string) ([]byte, error) {
	if d.Provider != Provider {
		return nil, fmt.Errorf("%w: it is one of %.40q, not of AWS KMS", seal.ErrNoKey, d.Provider)
	}
	name, ok := parseARN(d.KeyID)
	if !ok || name.partition != k.name.partition || name.account != k.name.account {
		return nil, fmt.Errorf("%w: the object names %.120q, which is not a KMS key of the account %s", seal.ErrNoKey, d.KeyID, k.name.account)
	}
	if len(d.Wrapped) == 0 || len(d.Wrapped) > maxWrapped {
		return nil, fmt.Errorf("%w: of %d bytes, AWS KMS never made it", seal.ErrNotOpened, len(d.Wrapped))
	}
	if strings.HasPrefix(name.id, "mrk-") && name.id == k.name.id {
		name = k.name // the same key, in the Region where it was opened
	}
	out, err := k.client.Decrypt(ctx, &kms.DecryptInput{
		KeyId: &name.text, CiphertextBlob: d.Wrapped, EncryptionContext: context,
		EncryptionAlgorithm: types.EncryptionAlgorithmSpecSymmetricDefault,
	}, func(o *kms.Options) { o.Region = name.region })
	if err != nil {
		return nil, explain(err, call{"kms:Decrypt", name.text, name.region})
	}
	if id := aws.ToString(out.KeyId); id != name.text || len(out.Plaintext) != keySize {
		clear(out.Plaintext)
		return nil, fmt.Errorf("AWS KMS: asked to open a data key with %s, it answered with something else, of %.120q", name.text, id)
	}
	return out.Plaintext, nil
}

const (
	arnPrefix = `arn:(aws[a-z-]*):kms:([a-z0-9-]+):([0-9]{12}):`
	keyID     = `[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|mrk-[0-9a-f]{32}`
	alias     = `alias/[A-Za-z0-9/_-]{1,250}`
)

var (
	keyNames = regexp.MustCompile(`^(?:(?:` + arnPrefix + `)?` + alias + `|` + arnPrefix + `key/(?:` + keyID + `)|` + keyID + `)$`)
	keyARNs  = regexp.MustCompile(`^` + arnPrefix + `key/(` + keyID + `)$`)
)

// keyARN is the ARN of a key, not of an alias.
type keyARN struct{ text, partition, region, account, id string }

func parseARN(s string) (keyARN, bool) {
	p := keyARNs.FindStringSubmatch(s)
	if p == nil {
		return keyARN{}, false
	}
	return keyARN{p[0], p[1], p[2], p[3], p[4]}, true
}

func regionOf(key string) string {
	if p := strings.Split(key, ":"); len(p) > 3 {
		return p[3]
	}
	return ""
}
