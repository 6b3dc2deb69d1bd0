package lab_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/quarantine/keys/awskms"
	"github.com/sluice-dlp/sluice/quarantine/keys/keytest"
	"github.com/sluice-dlp/sluice/quarantine/seal"
)

// TestKMS is the suite of package awskms's own fake once more, against somebody
// else's idea of AWS KMS.
func TestKMS(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m, err := lab.StartMoto(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	settings := awsconf.Settings{Endpoint: m.Endpoint, Credentials: m.User.Credentials(), Region: lab.Region}
	client := kms.New(kms.Options{BaseEndpoint: &m.Endpoint, Credentials: m.User.Credentials(), Region: lab.Region})
	create := func(in kms.CreateKeyInput) types.KeyMetadata {
		t.Helper()
		if in.KeyUsage == "" {
			in.KeyUsage = types.KeyUsageTypeEncryptDecrypt // which AWS takes for granted, and moto leaves open
		}
		out, err := client.CreateKey(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		return *out.KeyMetadata
	}
	open := func(key string) *awskms.Keys {
		t.Helper()
		k, err := awskms.Open(t.Context(), key, settings)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(k.Close)
		return k
	}
	key := create(kms.CreateKeyInput{})
	if _, err := client.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: aws.String("alias/sluice"), TargetKeyId: key.KeyId}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{*key.Arn, *key.KeyId, "alias/sluice", strings.Replace(*key.Arn, "key/"+*key.KeyId, "alias/sluice", 1)} {
		k := open(name)
		if err := errors.Join(k.Check(t.Context(), awskms.Demands{Origins: []string{"AWS_KMS"}, Region: lab.Region}), k.Try(t.Context(), nil)); err != nil || k.ARN() != *key.Arn {
			t.Errorf("%s: %s, %v", name, k.ARN(), err)
		}
	}

	// The stranger is of another account, which another moto has.
	other, err := lab.StartMoto(ctx, "MOTO_ACCOUNT_ID=210987654321")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	elsewhere := settings
	elsewhere.Endpoint = other.Endpoint
	made, err := kms.New(kms.Options{BaseEndpoint: &other.Endpoint, Credentials: other.User.Credentials(), Region: lab.Region}).CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := awskms.Open(t.Context(), *made.KeyMetadata.Arn, elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()

	fails := func(name string, err error, says ...string) keytest.Fault {
		return keytest.Fault{Name: name, Says: says, Open: func(*testing.T) (seal.Wrapper, seal.Unwrapper, error) { return nil, nil, err }}
	}
	notOpened := func(name string, says ...string) keytest.Fault {
		_, err := awskms.Open(t.Context(), name, settings)
		return fails(name, err, says...)
	}
	unfit := func(name string, key types.KeyMetadata, d awskms.Demands, says ...string) keytest.Fault {
		return fails(name, open(*key.Arn).Check(t.Context(), d), says...)
	}
	disabled, doomed := create(kms.CreateKeyInput{}), create(kms.CreateKeyInput{})
	if _, err := client.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: disabled.KeyId}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: doomed.KeyId, PendingWindowInDays: aws.Int32(7)}); err != nil {
		t.Fatal(err)
	}
	k := open(*key.Arn)
	keytest.Run(t, keytest.Keys{
		Provider: awskms.Provider, Wrapper: k, Unwrapper: k, Stranger: stranger,
		Joined: true,
		Faults: []keytest.Fault{
			notOpened("11111111-2222-3333-4444-555555555555", "no key", lab.Region),
			notOpened("alias/none", "no key", lab.Region),
			fails("no such ARN", open(strings.Replace(*key.Arn, lab.Region, "ap-south-1", 1)).Check(t.Context(), awskms.Demands{}), "no key", "ap-south-1"),
			unfit("disabled", disabled, awskms.Demands{}, "enable-key"),
			unfit("pending deletion", doomed, awskms.Demands{}, "cancel-key-deletion"),
			unfit("imported", create(kms.CreateKeyInput{Origin: types.OriginTypeExternal}), awskms.Demands{Origins: []string{"AWS_KMS"}}, "EXTERNAL"),
			unfit("signs", create(kms.CreateKeyInput{KeyUsage: types.KeyUsageTypeSignVerify, KeySpec: types.KeySpecRsa2048}), awskms.Demands{}, "SYMMETRIC_DEFAULT"),
			unfit("not of an HSM", key, awskms.Demands{Origins: []string{"AWS_CLOUDHSM"}}, "AWS_CLOUDHSM"),
			unfit("in another Region", key, awskms.Demands{Region: "ap-south-1"}, "ap-south-1"),
		},
	})
}
