package iam_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/bench/lab/iam"
	"github.com/sluice-dlp/sluice/quarantine/keys/awskms"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/s3"
)

const docs = "../../../docs/iam"

// cloud is the stand-in for AWS that all tests share, and the guard before it.
var cloud struct {
	moto  *lab.Moto
	guard *iam.Guard
	admin aws.CredentialsProvider // who may do everything
	host  aws.CredentialsProvider // who may assume roles, and nothing else

	// An intruder is somebody of the account whose own policies allow everything.
	intruder aws.CredentialsProvider
	dir      string // for files, until the tests are over
	caFile   string

	s3  *awss3.Client
	kms *kms.Client
	iam *awsiam.Client
}

const (
	hostARN     = "arn:aws:iam::" + iam.Account + ":user/host"
	intruderARN = "arn:aws:iam::" + iam.Account + ":user/intruder"
)

var everything = iam.Policy{Name: "everything", Version: "2012-10-17", Statement: []iam.Statement{{
	Sid: "Everything", Effect: "Allow", Action: iam.List{"*"}, Resource: iam.List{"*"},
}}}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "iam")
	if err == nil {
		defer os.RemoveAll(dir)
		err = startCloud(dir)
	}
	if cloud.moto != nil {
		defer cloud.moto.Close()
	}
	if cloud.guard != nil {
		defer cloud.guard.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func startCloud(dir string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if cloud.moto, err = lab.StartMoto(ctx, "S3_UPLOAD_PART_MIN_SIZE=65536"); err != nil {
		return err
	}
	cloud.admin = cloud.moto.User.Credentials()
	connectClients()
	if cloud.admin, err = newUser(ctx, "admin", string(mustJSON(everything))); err != nil {
		return err
	}
	if cloud.intruder, err = newUser(ctx, "intruder", string(mustJSON(everything))); err != nil {
		return err
	}
	if cloud.host, err = newUser(ctx, "host", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`); err != nil {
		return err
	}
	connectClients()
	resp, err := http.Post(cloud.moto.Endpoint+"/moto-api/reset-auth", "text/plain", strings.NewReader("0"))
	if err != nil {
		return err
	}
	resp.Body.Close()
	if cloud.guard, err = iam.NewGuard(cloud.moto.Endpoint, lab.Region, cloud.admin); err != nil {
		return err
	}
	for arn, provider := range map[string]aws.CredentialsProvider{hostARN: cloud.host, intruderARN: cloud.intruder} {
		who, err := provider.Retrieve(ctx)
		if err != nil {
			return err
		}
		cloud.guard.Know(who.AccessKeyID, arn)
	}
	cloud.dir, cloud.caFile = dir, filepath.Join(dir, "guard.pem")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_STS": cloud.guard.Endpoint, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		os.Setenv(name, value)
	}
	return os.WriteFile(cloud.caFile, cloud.guard.CA, 0o600)
}

// connectClients makes clients that speak to moto itself.
func connectClients() {
	cloud.s3 = awss3.New(awss3.Options{BaseEndpoint: &cloud.moto.Endpoint, UsePathStyle: true, Region: lab.Region, Credentials: cloud.admin})
	cloud.kms = kms.New(kms.Options{BaseEndpoint: &cloud.moto.Endpoint, Region: lab.Region, Credentials: cloud.admin})
	cloud.iam = awsiam.New(awsiam.Options{BaseEndpoint: &cloud.moto.Endpoint, Region: lab.Region, Credentials: cloud.admin})
}

func newUser(ctx context.Context, name, policy string) (aws.CredentialsProvider, error) {
	if _, err := cloud.iam.CreateUser(ctx, &awsiam.CreateUserInput{UserName: &name}); err != nil {
		return nil, err
	}
	if _, err := cloud.iam.PutUserPolicy(ctx, &awsiam.PutUserPolicyInput{UserName: &name, PolicyName: &name, PolicyDocument: &policy}); err != nil {
		return nil, err
	}
	out, err := cloud.iam.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		return nil, err
	}
	return credentials.NewStaticCredentialsProvider(*out.AccessKey.AccessKeyId, *out.AccessKey.SecretAccessKey, ""), nil
}

// world is an account with two buckets to sweep, of which the second has
// versions, a vault, their keys and the roles, with the policies of docs/iam.
type world struct {
	t     *testing.T
	mode  string
	plain string // bucket without versions
	kept  string // bucket with versions, whose objects are under sourceKey
	vault string

	opened map[string]*s3.Bucket // by role and name

	sourceKey, key string // ARNs
	names          map[string]string
}

// change is what is different from the policies as they are published.
type change struct {
	policy, without string // the statement to leave out
	moto            bool   // only moto judges
}

var roles = map[string][]string{
	"scanner": {"scanner"}, "mover": {"mover", "mover-MODE"}, "restorer": {"restorer", "restorer-MODE"}, "purger": {"purger"}, "notifier": {"notifier"},
}

const (
	externalID = "example-7f3a"
	prefix     = "q/"
)

var worlds atomic.Int64

func newWorld(t *testing.T, mode string) *world {
	t.Helper()
	n := fmt.Sprint(worlds.Add(1))
	w := &world{t: t, mode: mode, plain: "plain-" + n, kept: "kept-" + n, vault: "vault-" + n, opened: map[string]*s3.Bucket{}}
	for _, bucket := range []string{w.plain, w.kept, w.vault} {
		if _, err := cloud.s3.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: &bucket}); err != nil {
			t.Fatal(err)
		}
	}
	for _, bucket := range []string{w.kept, w.vault} {
		if _, err := cloud.s3.PutBucketVersioning(t.Context(), &awss3.PutBucketVersioningInput{Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}}); err != nil {
			t.Fatal(err)
		}
	}
	w.sourceKey, w.key = w.newKey(), w.newKey()
	w.encryptBucket(w.kept, w.sourceKey)
	if mode == "sse-kms" {
		w.encryptBucket(w.vault, w.key)
	}
	role := func(name string) string { return "arn:aws:iam::" + iam.Account + ":role/" + name + "-" + n }
	w.names = map[string]string{
		"account_id": iam.Account, "region": lab.Region, "vault_bucket": w.vault, "vault_prefix": prefix,
		"vault_encryption": map[string]string{"sse-kms": "aws:kms", "envelope": "AES256"}[mode],
		"key_arn":          w.key, "source_key_arn": w.sourceKey, "external_id": externalID, "principal_arn": hostARN,
		"scanner_arn": role("scanner"), "mover_arn": role("mover"), "restorer_arn": role("restorer"), "purger_arn": role("purger"), "notifier_arn": role("notifier"), "intruder_arn": intruderARN,
	}
	w.addChannels(n)
	for role := range roles {
		name, trust := role+"-"+n, string(mustJSON(w.read("trust", change{}, nil)))
		if _, err := cloud.iam.CreateRole(t.Context(), &awsiam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}); err != nil {
			t.Fatal(err)
		}
	}
	w.apply(change{})
	return w
}

func (w *world) newKey() string {
	w.t.Helper()
	out, err := cloud.kms.CreateKey(w.t.Context(), &kms.CreateKeyInput{KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt, KeySpec: kmstypes.KeySpecSymmetricDefault})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.KeyMetadata.Arn
}

func (w *world) encryptBucket(bucket, key string) {
	w.t.Helper()
	_, err := cloud.s3.PutBucketEncryption(w.t.Context(), &awss3.PutBucketEncryptionInput{Bucket: &bucket, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
		Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: "aws:kms", KMSMasterKeyID: &key}}},
	}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// read reads a policy and leaves a statement out if it is to be.
func (w *world) read(name string, c change, more map[string]string) iam.Policy {
	w.t.Helper()
	values := map[string]string{}
	for _, from := range []map[string]string{w.names, more} {
		for k, v := range from {
			values[k] = v
		}
	}
	p, err := iam.Read(filepath.Join(docs, name+".json"), name, values)
	if err != nil {
		w.t.Fatal(err)
	}
	if c.policy == name {
		n := len(p.Statement)
		if p = p.Without(c.without); len(p.Statement) != n-1 {
			w.t.Fatalf("%s has no statement %s", name, c.without)
		}
	}
	return p
}

// apply gives the guard the policies, and moto if only that is to judge or
// all is as it should be.
func (w *world) apply(c change) {
	w.t.Helper()
	of, on := map[string][]iam.Policy{intruderARN: {everything}}, map[string]iam.Policy{
		"arn:aws:s3:::" + w.vault: w.read("vault-bucket", c, nil),
		w.key:                     w.read("vault-key", c, nil),
	}
	for _, bucket := range []string{w.plain, w.kept} {
		on["arn:aws:s3:::"+bucket] = w.read("source-bucket", c, map[string]string{"source_bucket": bucket})
	}
	for role, documents := range roles {
		arn := w.names[role+"_arn"]
		on[arn] = w.read("trust", c, nil)
		for _, d := range documents {
			d = strings.Replace(d, "MODE", w.mode, 1)
			for _, bucket := range []string{w.plain, w.kept} {
				p := w.read(d, c, map[string]string{"source_bucket": bucket})
				of[arn] = append(of[arn], p)
				if c.moto || c.without == "" {
					w.tellMoto(arn[strings.LastIndex(arn, "/")+1:], d+"-"+bucket, p)
				}
			}
		}
	}
	cloud.guard.Reset()
	cloud.guard.Lock()
	defer cloud.guard.Unlock()
	cloud.guard.Of, cloud.guard.On, cloud.guard.Passing = of, on, c.moto
}

// motoAsksFor are rights that moto asks for in the place of those that AWS does:
// to look at a version as to look at the newest, and so its tags.
var motoAsksFor = map[string]string{
	"s3:GetObjectVersion": "s3:GetObject", "s3:GetObjectVersionTagging": "s3:GetObjectTagging", "s3:PutObjectVersionTagging": "s3:PutObjectTagging",
}

// tellMoto attaches p to a role. Of the resources of services other than S3 moto
// only knows "*", conditions it takes for true, and S3 never uses a key there.
func (w *world) tellMoto(role, name string, p iam.Policy) {
	w.t.Helper()
	p.Statement = slices.DeleteFunc(slices.Clone(p.Statement), func(s iam.Statement) bool { return s.Condition["StringEquals"]["kms:ViaService"] != nil })
	for i, s := range p.Statement {
		if !strings.HasPrefix(s.Action[0], "s3:") {
			p.Statement[i].Resource = iam.List{"*"}
		}
		for _, action := range s.Action {
			if other := motoAsksFor[action]; other != "" && !slices.Contains(s.Action, other) {
				p.Statement[i].Action = append(slices.Clone(p.Statement[i].Action), other)
			}
		}
	}
	if len(p.Statement) == 0 {
		if _, err := cloud.iam.DeleteRolePolicy(w.t.Context(), &awsiam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &name}); err != nil && !strings.Contains(err.Error(), "NoSuchEntity") {
			w.t.Fatal(err)
		}
		return
	}
	text := string(mustJSON(p))
	if _, err := cloud.iam.PutRolePolicy(w.t.Context(), &awsiam.PutRolePolicyInput{RoleName: &role, PolicyName: &name, PolicyDocument: &text}); err != nil {
		w.t.Fatal(err)
	}
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// config is how the program reaches a bucket in a role.
func (w *world) config(bucket, role string) s3.Config {
	return s3.Config{
		Bucket: bucket, Region: lab.Region, Endpoint: cloud.guard.Endpoint, PathStyle: true, CABundle: cloud.caFile,
		Credentials: cloud.host, RoleARN: w.names[role+"_arn"], ExternalID: externalID,
		RangeThreshold: 128 << 10, PartSize: 64 << 10, ReadAhead: 1 << 20,
		UploadPart: 64 << 10, CopyThreshold: 64 << 10, CopyPart: 64 << 10, Attempts: 1,
	}
}

// open opens a bucket in a role, once: rights are asked for with each request.
func (w *world) open(bucket, role string) (*s3.Bucket, error) {
	name := role + " " + bucket
	if b := w.opened[name]; b != nil {
		return b, nil
	}
	b, err := s3.New(w.t.Context(), w.config(bucket, role))
	if err == nil {
		w.opened[name] = b
		w.t.Cleanup(func() { b.Close() })
	}
	return b, err
}

// openKey opens the quarantine's key.
func (w *world) openKey(ctx context.Context, role string) (*awskms.Keys, error) {
	k, err := awskms.Open(ctx, w.key, w.settings(role))
	if err == nil {
		w.t.Cleanup(k.Close)
	}
	return k, err
}

var keys atomic.Int64

// put writes an object as somebody who has nothing to do with the program. Its
// key only begins as is said.
func (w *world) put(bucket, key string, size int, tags string) store.Object {
	return w.overwrite(bucket, fmt.Sprint(key, "-", keys.Add(1)), size, tags)
}

func (w *world) overwrite(bucket, key string, size int, tags string) store.Object {
	w.t.Helper()
	out, err := cloud.s3.PutObject(w.t.Context(), &awss3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(bytes.Repeat([]byte("example "), (size+7)/8)[:size]),
		ContentType: aws.String("text/plain"), Metadata: map[string]string{"owner": "crm"}, Tagging: &tags,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return store.Object{Bucket: bucket, Key: key, Size: int64(size), ETag: strings.Trim(*out.ETag, `"`), VersionID: aws.ToString(out.VersionId)}
}

// isDenied reports whether err says that rights are missing.
func isDenied(err error) bool {
	if errors.Is(err, store.ErrDenied) || errors.Is(err, store.ErrKMSKey) {
		return true
	}
	return err != nil && slices.ContainsFunc([]string{"AccessDenied", "access denied", "not authorized", "it takes "}, func(s string) bool {
		return strings.Contains(err.Error(), s)
	})
}
