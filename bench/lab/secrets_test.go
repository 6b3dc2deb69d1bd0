package lab_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/secret"
	"github.com/sluice-dlp/sluice/secret/awssecrets"
)

// startMoto starts a server for one test.
func startMoto(t *testing.T) *lab.Moto {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m, err := lab.StartMoto(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func TestSecretsManager(t *testing.T) {
	m := startMoto(t)
	settings := awsconf.Settings{Endpoint: m.Endpoint, Credentials: m.User.Credentials(), Region: lab.Region}
	manager := awssecrets.New(settings)
	defer manager.Close()
	r := &secret.Resolver{SecretsManager: manager}

	client := func(region string) *secretsmanager.Client {
		return secretsmanager.New(secretsmanager.Options{BaseEndpoint: &m.Endpoint, Credentials: m.User.Credentials(), Region: region})
	}
	create := func(region string, in secretsmanager.CreateSecretInput) string {
		t.Helper()
		out, err := client(region).CreateSecret(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		return *out.ARN
	}
	ref := func(s string) secret.Ref {
		t.Helper()
		ref, err := secret.Parse("secretsmanager:" + s)
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	expect := func(ref secret.Ref, want string) secret.Value {
		t.Helper()
		v, err := r.Get(t.Context(), ref)
		if err != nil || v.Text() != want {
			t.Errorf("%v: %q, %v; want %q", ref, v.Text(), err, want)
		}
		return v
	}

	// A secret lies in the Region that its ARN names, and nowhere else.
	far := create("eu-central-1", secretsmanager.CreateSecretInput{Name: aws.String("hooks/teams"), SecretString: aws.String(`{"url": "https://example.com/1"}`)})
	url := ref(far + "#url")
	old := expect(url, "https://example.com/1")
	binary := create(lab.Region, secretsmanager.CreateSecretInput{Name: aws.String("binary"), SecretBinary: []byte("\x00\xff\x01")})
	expect(ref(binary), "\x00\xff\x01")

	// It is changed as a rotation changes it; the old one is then refused.
	put, err := client("eu-central-1").PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: &far, SecretString: aws.String(`{"url": "https://example.com/2"}`), VersionStages: []string{"AWSPENDING"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, changed, err := r.Refresh(t.Context(), url, old); err != nil || changed {
		t.Errorf("a version that is only pending: changed %v, %v", changed, err)
	}
	versions, err := client("eu-central-1").ListSecretVersionIds(t.Context(), &secretsmanager.ListSecretVersionIdsInput{SecretId: &far})
	if err != nil {
		t.Fatal(err)
	}
	var current string
	for _, v := range versions.Versions {
		for _, stage := range v.VersionStages {
			if stage == "AWSCURRENT" {
				current = *v.VersionId
			}
		}
	}
	if _, err := client("eu-central-1").UpdateSecretVersionStage(t.Context(), &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &far, VersionStage: aws.String("AWSCURRENT"), MoveToVersionId: put.VersionId, RemoveFromVersionId: &current,
	}); err != nil {
		t.Fatal(err)
	}
	expect(url, "https://example.com/1") // as long as it is kept and nobody complains
	if v, changed, err := r.Refresh(t.Context(), url, old); err != nil || !changed || v.Text() != "https://example.com/2" {
		t.Errorf("after the rotation: %q, changed %v, %v", v.Text(), changed, err)
	}
	expect(url, "https://example.com/2")

	for name, want := range map[string]string{
		strings.Replace(far, "teams", "slack", 1):            "no such secret",
		strings.Replace(far, "eu-central-1", "eu-west-1", 1): "no such secret",
	} {
		if _, err := r.Get(t.Context(), ref(name)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "RequestID") {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if _, err := client("eu-central-1").DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &far}); err != nil {
		t.Fatal(err)
	}
	if _, changed, err := r.Refresh(t.Context(), url, secret.NewValue([]byte("https://example.com/2"))); err == nil || changed {
		t.Errorf("a deleted secret: changed %v, %v", changed, err)
	}
	r.Close()

	nobody := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("none here") })
	none := &secret.Resolver{SecretsManager: awssecrets.New(awsconf.Settings{Endpoint: m.Endpoint, Credentials: nobody})}
	if _, err := none.Get(t.Context(), ref(binary)); err == nil || !strings.Contains(err.Error(), "no usable AWS credentials") {
		t.Errorf("without credentials: %v", err)
	}
}
