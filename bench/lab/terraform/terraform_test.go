//go:build terraform

// Package terraform_test applies the module of docs/terraform to a stand-in for
// AWS, and compares what came about with the policies of docs/iam. It takes
// terraform, and its AWS provider in the folder that TF_PLUGIN_MIRROR names
// (else /opt/tf-plugins).
package terraform_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/bench/lab/iam"
)

const (
	docs    = "../../../docs"
	account = "arn:aws:iam::" + iam.Account + ":"
)

// applied is what the module made.
type applied struct {
	t     *testing.T
	moto  *lab.Moto
	names map[string]string // of policies

	Roles  map[string]string `json:"role_arns"`
	Vault  string            `json:"vault_bucket"`
	Key    string            `json:"key_arn"`
	Topic  string            `json:"topic_arn"`
	Queue  string            `json:"queue_url"`
	Source map[string]string `json:"source_bucket_policies"`
}

// principals are of roles that exist nowhere: moto does not ask.
const principals = `
  principals = {
    scanner  = ["` + account + `role/scan-host"]
    mover    = ["` + account + `role/scan-host"]
    restorer = ["` + account + `role/security"]
    purger   = ["` + account + `role/security-lead"]
  }
  external_id = "example-7f3a"
`

// TestEverything asks the module for all it has.
func TestEverything(t *testing.T) {
	t.Parallel()
	a := apply(t, []string{"uploads", "exports"}, `
  source_buckets  = ["uploads", "exports"]
  source_key_arns = ["arn:aws:kms:us-east-1:123456789012:key/source-1", "arn:aws:kms:us-east-1:123456789012:key/source-2"]
  vault_bucket    = "vault"
  vault_prefix    = "q/"
  mode            = "sse-kms"
  object_lock     = { mode = "GOVERNANCE", days = 30 }
  secret_arns     = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:hook-*"]
  secret_key_arns = ["arn:aws:kms:us-east-1:123456789012:key/secrets"]
  event_bus_name  = "security"
  leave_notices   = true
  deny_marked     = true
`)
	a.names["bus_arn"] = "arn:aws:events:us-east-1:123456789012:event-bus/security"
	a.check("sse-kms", "q/", nil, []map[string]string{
		{"source_bucket": "uploads", "source_key_arn": "arn:aws:kms:us-east-1:123456789012:key/source-1"},
		{"source_bucket": "exports", "source_key_arn": "arn:aws:kms:us-east-1:123456789012:key/source-2"},
	}, map[string]string{
		"secret_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:hook-*", "secret_key_arn": "arn:aws:kms:us-east-1:123456789012:key/secrets",
	})
	for _, bucket := range []string{"uploads", "exports"} {
		want := a.read("source-bucket", map[string]string{"source_bucket": bucket})
		out, err := a.s3().GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
		if err != nil {
			t.Fatal(err)
		}
		a.same("policy of "+bucket, *out.Policy, want)
		a.same("output for "+bucket, a.Source[bucket], want)
	}
	a.checkQueue()
	lock, err := a.s3().GetObjectLockConfiguration(t.Context(), &s3.GetObjectLockConfigurationInput{Bucket: &a.Vault})
	if err != nil || *lock.ObjectLockConfiguration.Rule.DefaultRetention.Days != 30 {
		t.Errorf("lock of the vault: %+v, %v", lock, err)
	}
}

// TestLittle asks the module for as little as it can make: what there is nothing
// for must not be allowed.
func TestLittle(t *testing.T) {
	t.Parallel()
	a := apply(t, nil, `
  source_buckets = ["uploads"]
  vault_bucket   = "vault"
  mode           = "envelope"
`)
	a.names["bus_arn"] = "none"
	a.check("envelope", "", []string{
		"ReadEncryptedObjects", "LeaveNotices", "LeaveEncryptedNotices", "WriteBackEncrypted", "FetchSecrets", "OpenSecrets", "PutEvents", "MoverVerifiesThroughVault",
	}, []map[string]string{{"source_bucket": "uploads", "source_key_arn": "none"}}, map[string]string{"secret_arn": "none", "secret_key_arn": "none"})
}

// checkQueue makes sure that what is published on the topic is in the queue.
func (a *applied) checkQueue() {
	a.t.Helper()
	ctx := a.t.Context()
	if _, err := a.sns().Publish(ctx, &sns.PublishInput{TopicArn: &a.Topic, Message: aws.String("hello")}); err != nil {
		a.t.Fatal(err)
	}
	queue := sqs.New(sqs.Options{BaseEndpoint: &a.moto.Endpoint, Region: lab.Region, Credentials: a.moto.User.Credentials()})
	out, err := queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &a.Queue})
	if err != nil || len(out.Messages) != 1 || *out.Messages[0].Body != "hello" {
		a.t.Errorf("in the queue: %+v, %v", out, err)
	}
}

// TestExample makes sure that what stands in the folder of examples and in the
// README is understood.
func TestExample(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(docs)); err != nil {
		t.Fatal(err)
	}
	rc := writeRC(t, t.TempDir())
	run(t, filepath.Join(dir, "terraform", "example"), rc, "init", "-no-color", "-input=false")
	run(t, filepath.Join(dir, "terraform", "example"), rc, "validate", "-no-color")
	run(t, filepath.Join(dir, "terraform"), rc, "fmt", "-check", "-recursive", "-diff")

	readme, err := os.ReadFile(filepath.Join(docs, "terraform", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile(filepath.Join(docs, "terraform", "example", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	_, inReadme, _ := strings.Cut(string(readme), "?ref=TAG\"\n")
	inReadme, _, _ = strings.Cut(inReadme, "```")
	if !strings.Contains(string(example), strings.TrimSpace(inReadme)) || len(inReadme) < 100 {
		t.Error("the example in README.md is not that of example/main.tf")
	}
	variables, err := os.ReadFile(filepath.Join(docs, "terraform", "variables.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(variables)) {
		if name, ok := strings.CutPrefix(line, `variable "`); ok {
			name, _, _ = strings.Cut(name, `"`)
			if !strings.Contains(string(readme), "`"+name+"`") {
				t.Errorf("README.md does not tell of the variable %s", name)
			}
		}
	}
}

// check compares the policies of the roles, the vault and the key with those of
// docs/iam without the statements that are left out. those are the names that
// a statement is to hold all of.
func (a *applied) check(mode, prefix string, leftOut []string, those []map[string]string, names map[string]string) {
	a.t.Helper()
	maps.Copy(a.names, names)
	maps.Copy(a.names, map[string]string{
		"account_id": iam.Account, "region": lab.Region, "vault_bucket": a.Vault, "vault_prefix": prefix, "key_arn": a.Key, "topic_arn": a.Topic,
		"vault_encryption": map[string]string{"sse-kms": "aws:kms", "envelope": "AES256"}[mode], "external_id": "example-7f3a",
	})
	for role, arn := range a.Roles {
		a.names[role+"_arn"] = arn
	}
	for role, documents := range map[string][]string{
		"scanner":  {"scanner", "notifier"},
		"mover":    {"mover", "mover-" + mode, "notifier"},
		"restorer": {"restorer", "restorer-" + mode, "notifier"},
		"purger":   {"purger", "notifier"},
	} {
		name := "sluice-" + role
		if a.Roles[role] != account+"role/"+name {
			a.t.Errorf("role %s: %s", role, a.Roles[role])
		}
		list, err := a.iam().ListRolePolicies(a.t.Context(), &awsiam.ListRolePoliciesInput{RoleName: &name})
		if err != nil {
			a.t.Fatal(err)
		}
		slices.Sort(documents)
		slices.Sort(list.PolicyNames)
		if !slices.Equal(list.PolicyNames, documents) {
			a.t.Errorf("%s has %v, want %v", name, list.PolicyNames, documents)
		}
		for _, d := range documents {
			out, err := a.iam().GetRolePolicy(a.t.Context(), &awsiam.GetRolePolicyInput{RoleName: &name, PolicyName: &d})
			if err != nil {
				a.t.Fatal(err)
			}
			a.same(name+": "+d, decoded(*out.PolicyDocument), a.read(d, those...).leave(leftOut))
		}
		out, err := a.iam().GetRole(a.t.Context(), &awsiam.GetRoleInput{RoleName: &name})
		if err != nil {
			a.t.Fatal(err)
		}
		who := map[string]string{"scanner": "scan-host", "mover": "scan-host", "restorer": "security", "purger": "security-lead"}[role]
		a.same(name+": trust", decoded(*out.Role.AssumeRolePolicyDocument), a.read("trust", map[string]string{"principal_arn": account + "role/" + who}))
	}
	bucket, err := a.s3().GetBucketPolicy(a.t.Context(), &s3.GetBucketPolicyInput{Bucket: &a.Vault})
	if err != nil {
		a.t.Fatal(err)
	}
	a.same("policy of the vault", *bucket.Policy, a.read("vault-bucket", nil))
	key, err := a.kms().GetKeyPolicy(a.t.Context(), &kms.GetKeyPolicyInput{KeyId: &a.Key, PolicyName: aws.String("default")})
	if err != nil {
		a.t.Fatal(err)
	}
	a.same("policy of the key", *key.Policy, a.read("vault-key", nil).leave(leftOut))
	a.checkVault(mode)
}

// checkVault looks at what the vault is made of besides.
func (a *applied) checkVault(mode string) {
	a.t.Helper()
	ctx := a.t.Context()
	if v, err := a.s3().GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &a.Vault}); err != nil || v.Status != "Enabled" {
		a.t.Errorf("versions: %+v, %v", v, err)
	}
	e, err := a.s3().GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &a.Vault})
	if err != nil {
		a.t.Fatal(err)
	}
	d := e.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault
	if string(d.SSEAlgorithm) != a.names["vault_encryption"] || (mode == "sse-kms") != (aws.ToString(d.KMSMasterKeyID) == a.Key) {
		a.t.Errorf("encryption: %s %s", d.SSEAlgorithm, aws.ToString(d.KMSMasterKeyID))
	}
	p, err := a.s3().GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &a.Vault})
	if err != nil {
		a.t.Fatal(err)
	}
	if c := p.PublicAccessBlockConfiguration; !*c.BlockPublicAcls || !*c.BlockPublicPolicy || !*c.IgnorePublicAcls || !*c.RestrictPublicBuckets {
		a.t.Errorf("public access: %+v", c)
	}
	r, err := a.kms().GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &a.Key})
	if err != nil || !r.KeyRotationEnabled {
		a.t.Errorf("rotation: %+v, %v", r, err)
	}
}

type policy iam.Policy

// leave leaves statements out.
func (p policy) leave(out []string) policy {
	for _, sid := range out {
		p = policy(iam.Policy(p).Without(sid))
	}
	return p
}

// read returns a policy of docs/iam that holds for all of those.
func (a *applied) read(name string, those ...map[string]string) policy {
	a.t.Helper()
	var all policy
	for i, that := range those {
		values := maps.Clone(a.names)
		maps.Copy(values, that)
		p, err := iam.Read(filepath.Join(docs, "iam", name+".json"), name, values)
		if err != nil {
			a.t.Fatal(err)
		}
		if i == 0 {
			all = policy(p)
			continue
		}
		for j := range p.Statement {
			all.Statement[j].Resource = append(all.Statement[j].Resource, p.Statement[j].Resource...)
		}
	}
	return all
}

// same compares a policy with the one that is wanted. Where one stands for
// several, as a list with one entry does for a string, they are the same.
func (a *applied) same(what, text string, want policy) {
	a.t.Helper()
	got, err := iam.Parse([]byte(text))
	if err != nil {
		a.t.Errorf("%s: %v", what, err)
		return
	}
	if !reflect.DeepEqual(sorted(got), sorted(iam.Policy(want))) {
		g, _ := json.MarshalIndent(sorted(got), "", " ")
		w, _ := json.MarshalIndent(sorted(iam.Policy(want)), "", " ")
		a.t.Errorf("%s is not that of docs/iam:\n%s\nwant:\n%s", what, g, w)
	}
}

// sorted puts p into an order of its own, without what is there twice.
func sorted(p iam.Policy) iam.Policy {
	set := func(l iam.List) iam.List {
		l = slices.Clone(l)
		slices.Sort(l)
		return slices.Compact(l)
	}
	p.Name, p.Statement = "", slices.Clone(p.Statement)
	slices.SortFunc(p.Statement, func(x, y iam.Statement) int { return cmp.Compare(x.Sid, y.Sid) })
	for i, s := range p.Statement {
		p.Statement[i].Action, p.Statement[i].Resource = set(s.Action), set(s.Resource)
		for operator, keys := range s.Condition {
			for key, values := range keys {
				s.Condition[operator][key] = set(values)
			}
		}
	}
	return p
}

// decoded is a document as IAM hands it out, without the escapes.
func decoded(document string) string {
	if plain, err := url.QueryUnescape(document); err == nil && strings.HasPrefix(document, "%7B") {
		return plain
	}
	return document
}

func (a *applied) s3() *s3.Client {
	return s3.New(s3.Options{BaseEndpoint: &a.moto.Endpoint, UsePathStyle: true, Region: lab.Region, Credentials: a.moto.User.Credentials()})
}

func (a *applied) sns() *sns.Client {
	return sns.New(sns.Options{BaseEndpoint: &a.moto.Endpoint, Region: lab.Region, Credentials: a.moto.User.Credentials()})
}

func (a *applied) iam() *awsiam.Client {
	return awsiam.New(awsiam.Options{BaseEndpoint: &a.moto.Endpoint, Region: lab.Region, Credentials: a.moto.User.Credentials()})
}

func (a *applied) kms() *kms.Client {
	return kms.New(kms.Options{BaseEndpoint: &a.moto.Endpoint, Region: lab.Region, Credentials: a.moto.User.Credentials()})
}

// topicKey is the key that the topic is encrypted under.
func (a *applied) topicKey() string {
	a.t.Helper()
	out, err := a.sns().GetTopicAttributes(a.t.Context(), &sns.GetTopicAttributesInput{TopicArn: &a.Topic})
	if err != nil {
		a.t.Fatal(err)
	}
	return out.Attributes["KmsMasterKeyId"]
}

// apply applies the module with some variables, in an account that has those
// buckets.
func apply(t *testing.T, buckets []string, variables string) *applied {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	moto, err := lab.StartMoto(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { moto.Close() })
	a := &applied{t: t, moto: moto, names: map[string]string{}}
	for _, b := range buckets {
		if _, err := a.s3().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &b}); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	module, err := filepath.Abs(docs)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "main.tf"), fmt.Sprintf(root, lab.Region, moto.User.AccessKey, moto.User.SecretKey, endpoints(moto.Endpoint), module+"//terraform", principals+variables))
	rc := writeRC(t, dir)
	run(t, dir, rc, "init", "-no-color", "-input=false")
	run(t, dir, rc, "apply", "-no-color", "-input=false", "-auto-approve")
	var out struct {
		Sluice struct{ Value applied }
	}
	if err := json.Unmarshal(run(t, dir, rc, "output", "-json"), &out); err != nil {
		t.Fatal(err)
	}
	got := out.Sluice.Value
	a.Roles, a.Vault, a.Key, a.Topic, a.Queue, a.Source = got.Roles, got.Vault, got.Key, got.Topic, got.Queue, got.Source
	a.names["topic_key_arn"] = a.topicKey()
	return a
}

// writeRC writes the settings that have terraform take its provider from a folder.
func writeRC(t *testing.T, dir string) (file string) {
	t.Helper()
	file = filepath.Join(dir, "rc")
	write(t, file, fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", cmp.Or(os.Getenv("TF_PLUGIN_MIRROR"), "/opt/tf-plugins")))
	return file
}

// run runs terraform in dir.
func run(t *testing.T, dir, rc string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "terraform", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "TF_CLI_CONFIG_FILE="+rc, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "AWS_EC2_METADATA_DISABLED=true")
	out, err := cmd.Output()
	if err != nil {
		said := string(out)
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			said += string(exit.Stderr)
		}
		t.Fatalf("terraform %s: %v\n%s", args[0], err, said[max(0, len(said)-4000):])
	}
	return out
}

const root = `
provider "aws" {
  region                      = %q
  access_key                  = %q
  secret_key                  = %q
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true

  endpoints {
%s  }
}

module "sluice" {
  source = %q
%s}

output "sluice" {
  value = module.sluice
}
`

func endpoints(endpoint string) string {
	var b strings.Builder
	for _, service := range []string{"iam", "kms", "s3", "sns", "sqs", "sts"} {
		fmt.Fprintf(&b, "    %s = %q\n", service, endpoint)
	}
	return b.String()
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
