package iam_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/bench/lab/iam"
	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
)

// attack is something that one statement forbids and nothing else does.
type attack struct {
	policy, sid string
	name        string
	mode        string
	do          func(ctx context.Context, w *world) error
}

var attacks = []attack{
	{"vault-bucket", "OnlyTLS", "in the clear", "envelope", func(ctx context.Context, w *world) error {
		return w.list(ctx, cloud.guard.Plain, http.DefaultClient)
	}},
	{"vault-bucket", "OnlyModernTLS", "TLS 1.1", "envelope", func(ctx context.Context, w *world) error {
		return w.list(ctx, cloud.guard.Endpoint, trusting(&tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}))
	}},
	{"vault-bucket", "OnlyItsEncryption", "the mover writes under a key of S3", "sse-kms", func(ctx context.Context, w *world) error {
		return w.write(ctx, store.Encryption{Algorithm: "AES256"})
	}},
	{"vault-bucket", "OnlyItsKey", "the mover writes under another key", "sse-kms", func(ctx context.Context, w *world) error {
		return w.write(ctx, store.Encryption{Algorithm: "aws:kms", KeyID: w.sourceKey})
	}},
	{"vault-bucket", "OnlyMoverWrites", "an administrator writes into the vault", "envelope", func(ctx context.Context, w *world) error {
		_, err := w.intruder().PutObject(ctx, &awss3.PutObjectInput{Bucket: &w.vault, Key: aws.String(prefix + "x/sealed"), Body: bytes.NewReader([]byte("x"))})
		return err
	}},
	{"vault-bucket", "OnlyRolesRead", "an administrator reads in the vault", "envelope", func(ctx context.Context, w *world) error {
		o := w.overwrite(w.vault, prefix+"x/sealed", 10, "")
		_, err := w.intruder().GetObject(ctx, &awss3.GetObjectInput{Bucket: &w.vault, Key: &o.Key})
		return err
	}},
	{"vault-bucket", "OnlyPurgerDeletes", "an administrator deletes in the vault", "envelope", func(ctx context.Context, w *world) error {
		o := w.overwrite(w.vault, prefix+"x/sealed", 10, "")
		_, err := w.intruder().DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: &w.vault, Key: &o.Key, VersionId: &o.VersionID})
		return err
	}},
	{"source-bucket", "HideDenied", "an administrator reads a marked object", "sse-kms", func(ctx context.Context, w *world) error {
		o := w.put(w.plain, "marked", 10, "sluice-quarantine=denied")
		_, err := w.intruder().GetObject(ctx, &awss3.GetObjectInput{Bucket: &w.plain, Key: &o.Key})
		return err
	}},
	{"source-bucket", "KeepMarks", "an administrator takes the mark off", "sse-kms", func(ctx context.Context, w *world) error {
		o := w.put(w.plain, "marked", 10, "sluice-quarantine=denied")
		_, err := w.intruder().DeleteObjectTagging(ctx, &awss3.DeleteObjectTaggingInput{Bucket: &w.plain, Key: &o.Key})
		return err
	}},
	{"source-bucket", "KeepMarks", "an administrator writes over the mark", "sse-kms", func(ctx context.Context, w *world) error {
		o := w.put(w.plain, "marked", 10, "sluice-quarantine=denied")
		_, err := w.intruder().PutObjectTagging(ctx, &awss3.PutObjectTaggingInput{Bucket: &w.plain, Key: &o.Key, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("env"), Value: aws.String("prod")}}}})
		return err
	}},
}

// TestDenied makes sure of each statement that forbids something: with it the
// attack fails, and without it alone it does not.
func TestDenied(t *testing.T) {
	worlds := map[string]*world{"sse-kms": newWorld(t, "sse-kms"), "envelope": newWorld(t, "envelope")}
	for _, a := range attacks {
		t.Run(a.sid+"/"+a.name, func(t *testing.T) {
			w := *worlds[a.mode]
			w.t = t
			w.apply(change{})
			if err := a.do(t.Context(), &w); !isDenied(err) {
				t.Errorf("is not denied: %v", err)
			}
			w.apply(change{policy: a.policy, without: a.sid})
			if err := a.do(t.Context(), &w); err != nil {
				t.Errorf("is denied without the statement, too: %v", err)
			}
			if err := cloud.guard.Strange(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestMarkedIsStillMoved makes sure that what is hidden from others is not from
// the mover, which tries again.
func TestMarkedIsStillMoved(t *testing.T) {
	w := newWorld(t, "sse-kms")
	o := w.put(w.kept, "marked", 10, "sluice-quarantine=denied")
	if _, err := w.move(t.Context(), w.plan(o, quarantine.DoMove, store.RemoveVersion), quarantine.Removed); err != nil {
		t.Error(err)
	}
}

// TestExternalID assumes a role without what its owner has agreed on.
func TestExternalID(t *testing.T) {
	w := newWorld(t, "sse-kms")
	for _, id := range []string{"", "example-guessed", externalID} {
		_, httpClient, err := awsconf.Load(t.Context(), awsconf.Settings{
			Region: lab.Region, CABundle: cloud.caFile, Credentials: cloud.host, RoleARN: w.names["mover_arn"], ExternalID: id, Attempts: 1,
		})
		if (err == nil) != (id == externalID) {
			t.Errorf("external id %q: %v", id, err)
		}
		if err == nil {
			httpClient.CloseIdleConnections()
		}
	}
}

// TestBounds asks for what no role may do, whoever holds its credentials.
func TestBounds(t *testing.T) {
	for _, mode := range []string{"sse-kms", "envelope"} {
		w := newWorld(t, mode)
		source, vault := "arn:aws:s3:::"+w.kept+"/x", "arn:aws:s3:::"+w.vault+"/"+prefix+"ID/object"
		for _, tt := range []struct {
			role, what string
			call       iam.Call
		}{
			{"scanner", "writes", iam.Call{Action: "s3:PutObject", Resource: source}},
			{"scanner", "deletes", iam.Call{Action: "s3:DeleteObject", Resource: source, Context: map[string]string{"s3:if-match": "x"}}},
			{"scanner", "looks into the vault", iam.Call{Action: "s3:GetObject", Resource: vault}},
			{"mover", "deletes in the vault", iam.Call{Action: "s3:DeleteObject", Resource: vault, Context: map[string]string{"s3:if-match": "x"}}},
			{"mover", "deletes versions in the vault", iam.Call{Action: "s3:DeleteObjectVersion", Resource: vault}},
			{"mover", "deletes whatever is there", iam.Call{Action: "s3:DeleteObject", Resource: source}},
			{"mover", "writes over something", iam.Call{Action: "s3:PutObject", Resource: source}},
			{"mover", "takes its mark off", iam.Call{Action: "s3:PutObjectTagging", Resource: source}},
			{"mover", "deletes elsewhere", iam.Call{Action: "s3:DeleteObjectVersion", Resource: "arn:aws:s3:::another/x"}},
			{"mover", "opens what it sealed", iam.Call{Action: "kms:Decrypt", Resource: w.key, Context: map[string]string{"kms:EncryptionContext:sluice:move": "x"}}},
			{"mover", "uses the key for something else", iam.Call{Action: "kms:Decrypt", Resource: w.key}},
			{"mover", "bypasses a lock", iam.Call{Action: "s3:BypassGovernanceRetention", Resource: source}},
			{"restorer", "writes over something", iam.Call{Action: "s3:PutObject", Resource: source, Context: map[string]string{"s3:ObjectCreationOperation": "true"}}},
			{"restorer", "writes into the vault", iam.Call{Action: "s3:PutObject", Resource: vault}},
			{"restorer", "deletes in the vault", iam.Call{Action: "s3:DeleteObjectVersion", Resource: vault}},
			{"restorer", "seals", iam.Call{Action: "kms:GenerateDataKey", Resource: w.key}},
			{"purger", "opens what is sealed", iam.Call{Action: "kms:Decrypt", Resource: w.key}},
			{"purger", "deletes in a source bucket", iam.Call{Action: "s3:DeleteObjectVersion", Resource: source}},
			{"purger", "bypasses a lock", iam.Call{Action: "s3:BypassGovernanceRetention", Resource: vault}},
			{"intruder", "replicates into the vault", iam.Call{Action: "s3:ReplicateObject", Resource: vault}},
			{"intruder", "replicates deletions into the vault", iam.Call{Action: "s3:ReplicateDelete", Resource: vault}},
			{"intruder", "replicates out of the vault", iam.Call{Action: "s3:GetObjectVersionForReplication", Resource: vault}},
			{"intruder", "reads a version in the vault", iam.Call{Action: "s3:GetObjectVersion", Resource: vault}},
			{"intruder", "sets tags in the vault", iam.Call{Action: "s3:PutObjectVersionTagging", Resource: vault}},
		} {
			tt.call.Context = with(tt.call.Context, map[string]string{"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"})
			if cloud.guard.May(w.names[tt.role+"_arn"], tt.call) {
				t.Errorf("%s: the %s %s", mode, tt.role, tt.what)
			}
		}
		// Whoever administers the key does not use it, whatever their own
		// policies say.
		for action, may := range map[string]bool{"kms:PutKeyPolicy": true, "kms:ScheduleKeyDeletion": true, "kms:Decrypt": false, "kms:GenerateDataKey": false, "kms:CreateGrant": false} {
			if got := cloud.guard.May(intruderARN, iam.Call{Action: action, Resource: w.key}); got != may {
				t.Errorf("%s: an administrator may %s: %v", mode, action, got)
			}
		}
	}
}

func with(maps ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, m := range maps {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

// trusting returns a client that trusts the guard.
func trusting(c *tls.Config) *http.Client {
	c.RootCAs = x509.NewCertPool()
	c.RootCAs.AppendCertsFromPEM(cloud.guard.CA)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}}
}

// list lists the vault as somebody whose own policies allow it.
func (w *world) list(ctx context.Context, endpoint string, c *http.Client) error {
	client := awss3.New(awss3.Options{BaseEndpoint: &endpoint, UsePathStyle: true, Region: lab.Region, Credentials: cloud.intruder, HTTPClient: c})
	_, err := client.ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: &w.vault})
	return err
}

func (w *world) intruder() *awss3.Client {
	return awss3.New(awss3.Options{BaseEndpoint: &cloud.guard.Endpoint, UsePathStyle: true, Region: lab.Region, Credentials: cloud.intruder, HTTPClient: trusting(&tls.Config{})})
}

// write writes into the vault as the mover.
func (w *world) write(ctx context.Context, e store.Encryption) error {
	vault, err := w.open(w.vault, "mover")
	if err != nil {
		return err
	}
	_, err = vault.Put(ctx, prefix+"x/object", bytes.NewReader([]byte("x")), store.Write{Encryption: e})
	return err
}
