package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/quarantine"
)

// newMoto starts a stand-in for AWS that checks no signatures, so that a proxy can
// change requests.
func newMoto(t *testing.T) (*lab.Moto, *s3.Client) {
	t.Helper()
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	moto, err := lab.StartMoto(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { moto.Close() })
	return moto, s3.New(s3.Options{BaseEndpoint: &moto.Endpoint, UsePathStyle: true, Region: lab.Region, Credentials: moto.User.Credentials(),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported})
}

// TestStoreThatDoesNotListen: a store that removes another object than the one
// named, or replaces one that it is told not to, is trusted with nothing.
func TestStoreThatDoesNotListen(t *testing.T) {
	moto, client := newMoto(t)
	for name, fault := range map[string]lab.Fault{
		"removes without asking":  {Kind: lab.Delete, Forget: []string{"If-Match"}},
		"replaces without asking": {Kind: lab.Put, Forget: []string{"If-None-Match"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCustodyOf(newBenchOf(t, moto.Endpoint, moto.User, client), "move")
			c.putLetters("", 2)
			c.scan(found)
			before := c.contents(c.bucket)
			c.quarantine(clean, "plan")
			c.proxy.Inject(fault)
			cmd, _, stderr := c.command(c.quarantineArgs("run", "--yes")...)
			c.exits(cmd, usage, stderr)
			if !strings.Contains(stderr.String(), "cannot be trusted") {
				t.Errorf("says\n%s", stderr)
			}
			c.same("after the refusal", c.contents(c.bucket), before)
			c.same("the vault", c.contents(c.vault), map[string]kept{})
			c.wantStates(map[quarantine.State]int{quarantine.Planned: 2})
			if out := c.scan(incomplete, "--act", "policy.yaml", "--yes"); !strings.Contains(out, "cannot be trusted") {
				t.Errorf("scan --act says\n%s", out)
			}
			c.same("after another refusal", c.contents(c.bucket), before)
			c.proxy.Heal()
			c.quarantine(clean, "run", "--yes")
			for _, kind := range []lab.Kind{lab.Put, lab.Complete} {
				c.proxy.Heal()
				c.proxy.Inject(lab.Fault{Kind: kind, Forget: []string{"If-None-Match"}})
				c.quarantine(usage, "restore", "--all", "--yes")
				c.wantStates(map[quarantine.State]int{quarantine.Removed: 2})
			}
		})
	}
}

// TestKMS lets a store copy and encrypt under a KMS key, by its alias, and seals
// under it.
func TestKMS(t *testing.T) {
	moto, client := newMoto(t)
	key := newKey(t, moto)
	for mode, name := range map[string]string{"sse-kms": "object", "envelope": "sealed"} {
		t.Run(mode, func(t *testing.T) {
			c := newCustodyOf(newBenchOf(t, moto.Endpoint, moto.User, client), "move")
			const rule = "rules: [{action: move}]\nquarantine: {vault: \"s3://%s/\", mode: %s, key: alias/vault, kms-endpoint-url: %q}\n"
			if err := os.WriteFile(filepath.Join(c.home, "policy.yaml"), fmt.Appendf(nil, rule, c.vault, mode, moto.Endpoint), 0o600); err != nil {
				t.Fatal(err)
			}
			c.prefix = ""
			c.putRich("a b/letter ü.txt", 30)
			c.putRich("large", 300_000)
			c.putLetters("", 2)
			before := c.contents(c.bucket)
			c.scan(found, "--act", "policy.yaml", "--yes")
			c.wantStates(map[quarantine.State]int{quarantine.Removed: 4})
			c.same("after the run", c.contents(c.bucket), map[string]kept{})
			m := c.moves()["large"]
			if m.KeyID != key {
				t.Errorf("recorded under the key %s, want %s", m.KeyID, key)
			}
			lies, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &c.vault, Key: aws.String(m.ID + "/" + name)})
			if err != nil {
				t.Fatal(err)
			}
			if mode == "sse-kms" && (lies.ServerSideEncryption != "aws:kms" || aws.ToString(lies.SSEKMSKeyId) != key) {
				t.Errorf("lies there under %s %s", lies.ServerSideEncryption, aws.ToString(lies.SSEKMSKeyId))
			}
			for _, how := range [][]string{nil, {"--quick"}, {"--decrypt"}} {
				c.quarantine(clean, append([]string{"verify"}, how...)...)
			}
			c.checkOpen("a b/letter ü.txt", before["a b/letter ü.txt"].bytes, name)
			c.checkOpen("large", before["large"].bytes, name)
			c.lose(4) // and goes on with what was recovered
			c.quarantine(clean, "restore", "--all", "--yes")
			c.same("after the restore", c.contents(c.bucket), before)
			c.quarantine(clean, "purge", "--all", "--yes")
			c.same("the vault", c.contents(c.vault), map[string]kept{})
			c.silent()
		})
	}
	t.Run("no such key", func(t *testing.T) {
		c := newCustodyOf(newBenchOf(t, moto.Endpoint, moto.User, client), "move")
		const rule = "rules: [{action: move}]\nquarantine: {vault: \"s3://%s/\", key: alias/none, kms-endpoint-url: %q}\n"
		if err := os.WriteFile(filepath.Join(c.home, "policy.yaml"), fmt.Appendf(nil, rule, c.vault, moto.Endpoint), 0o600); err != nil {
			t.Fatal(err)
		}
		c.putLetters("", 2)
		if out := c.scan(incomplete, "--act", "policy.yaml", "--yes"); !strings.Contains(out, "alias/none") {
			t.Errorf("says\n%s", out)
		}
		c.wantStates(map[quarantine.State]int{quarantine.Planned: 2})
	})
}

// TestRecoverOfOtherBytes: what lies in the vault is not what its manifest tells of, as
// somebody has written over it. That is no copy to be recorded as one.
func TestRecoverOfOtherBytes(t *testing.T) {
	moto, client := newMoto(t)
	newKey(t, moto)
	c := newCustodyOf(newBenchOf(t, moto.Endpoint, moto.User, client), "move")
	const rule = "rules: [{action: move}]\nquarantine: {vault: \"s3://%s/q/\", key: alias/vault, kms-endpoint-url: %q}\n"
	if err := os.WriteFile(filepath.Join(c.home, "policy.yaml"), fmt.Appendf(nil, rule, c.vault, moto.Endpoint), 0o600); err != nil {
		t.Fatal(err)
	}
	c.putLetters("", 3)
	c.scan(found, "--act", "policy.yaml", "--yes")
	c.wantStates(map[quarantine.State]int{quarantine.Removed: 3})
	lies := c.contents(c.vault)
	write := func(key, text string) {
		t.Helper()
		if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &c.vault, Key: &key, Body: strings.NewReader(text)}); err != nil {
			t.Fatal(err)
		}
	}
	shorter, changed := c.moves()["000.txt"], c.moves()["001.txt"]
	write(shorter.Vault.Key, lies[shorter.Vault.Key].bytes[1:])
	write(changed.Vault.Key, strings.ToUpper(lies[changed.Vault.Key].bytes))
	note := "q/" + changed.ID + "/manifest.json" // from a store that holds the checksum, as this one does not
	told := strings.Replace(lies[note].bytes, `"crc64nvme": ""`, fmt.Sprintf(`"crc64nvme": %q`, changed.CRC64), 1)
	if told == lies[note].bytes {
		t.Fatal("the manifest has no such field")
	}
	write(note, told)
	c.newLedger("recovered.db")
	if out := c.quarantine(incomplete, "recover"); !strings.Contains(out, "1 object recorded, 0 were known, 2 could not be recorded") {
		t.Errorf("recover says\n%s", out)
	}
	c.wantStates(map[quarantine.State]int{quarantine.Removed: 1})
}

// newKey makes a KMS key with the alias vault and returns its ARN.
func newKey(t *testing.T, moto *lab.Moto) string {
	t.Helper()
	client := kms.New(kms.Options{BaseEndpoint: &moto.Endpoint, Region: lab.Region, Credentials: moto.User.Credentials()})
	out, err := client.CreateKey(t.Context(), &kms.CreateKeyInput{KeyUsage: types.KeyUsageTypeEncryptDecrypt})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: aws.String("alias/vault"), TargetKeyId: out.KeyMetadata.KeyId}); err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.KeyMetadata.Arn)
}
