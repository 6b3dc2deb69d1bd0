package iam_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sluice-dlp/sluice/bench/lab"
)

// program builds sluice.
var program = sync.OnceValues(func() (string, error) {
	file := filepath.Join(cloud.dir, "sluice")
	cmd := exec.Command("go", "build", "-o", file, "./cmd/sluice")
	cmd.Dir = filepath.Join("..", "..", "..")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build sluice: %w\n%s", err, text)
	}
	return file, nil
})

const programPolicy = `
rules:
  - name: mails
    when: {types: [EMAIL_ADDRESS]}
    action: move+stub
quarantine:
  vault: s3://%s/%s
  mode: %s
  key: %s
  kms-endpoint-url: %q
`

// TestProgram has one role after the other run the commands that are theirs.
func TestProgram(t *testing.T) {
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"sse-kms", "envelope"} {
		t.Run(mode, func(t *testing.T) {
			w := newWorld(t, mode)
			home := t.TempDir()
			who, err := cloud.host.Retrieve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			policy := fmt.Sprintf(programPolicy, w.vault, prefix, mode, w.key, cloud.guard.Endpoint)
			if err := os.WriteFile(filepath.Join(home, "policy.yaml"), []byte(policy), 0o600); err != nil {
				t.Fatal(err)
			}
			// sluice runs it as role, and compares the exit code and what was refused.
			sluice := func(role string, code int, tolerated []string, args ...string) string {
				t.Helper()
				cloud.guard.Reset()
				cmd := exec.CommandContext(t.Context(), file, append(args,
					"--ledger", "sweep.db", "--role-arn", w.names[role+"_arn"], "--external-id", externalID, "--region", lab.Region,
					"--endpoint-url", cloud.guard.Endpoint, "--path-style", "--ca-bundle", cloud.caFile)...)
				cmd.Dir = home
				cmd.Env = append(cmd.Environ(), "AWS_ACCESS_KEY_ID="+who.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+who.SecretAccessKey, "AWS_SESSION_TOKEN=")
				out, err := cmd.CombinedOutput()
				var exit *exec.ExitError
				if got := cmd.ProcessState.ExitCode(); got != code || err != nil && !errors.As(err, &exit) {
					t.Fatalf("%s as %s: exit code %d, want %d (%v)\n%s", strings.Join(args, " "), role, got, code, err, out)
				}
				if _, refused := cloud.guard.Asked(w.names[role+"_arn"]); !slices.Equal(refused, tolerated) {
					t.Errorf("%s as %s: refused %v, want %v", strings.Join(args, " "), role, refused, tolerated)
				}
				if err := cloud.guard.Strange(); err != nil {
					t.Error(err)
				}
				return string(out)
			}
			for _, bucket := range []string{w.plain, w.kept} {
				for _, key := range []string{"a", "b"} {
					w.mail(bucket, key)
				}
			}
			with := func(args ...string) []string {
				return append([]string{"quarantine"}, append(args, "--policy", "policy.yaml")...)
			}

			sluice("scanner", 1, nil, "scan", "s3://"+w.plain, "s3://"+w.kept)
			sluice("mover", 0, nil, with("plan")...)
			sluice("mover", 0, nil, with("run", "--yes")...)
			sluice("mover", 0, nil, with("verify")...)
			if mode == "envelope" {
				sluice("mover", 3, []string{"kms:Decrypt"}, with("verify", "--decrypt")...)
			}
			sluice("restorer", 0, nil, with("verify", "--decrypt")...)
			for _, uri := range w.inVault(t) {
				if out := sluice("restorer", 0, nil, with("open", uri, "-o", "-")...); !strings.Contains(out, "someone@shop.example") {
					t.Errorf("%s opens as\n%s", uri, out)
				}
			}
			sluice("restorer", 0, nil, with("restore", "--all", "--yes")...)
			sluice("purger", 0, nil, with("purge", "--all", "--yes")...)
			if left := w.inVault(t); len(left) > 0 {
				t.Errorf("%d objects are left in the vault", len(left))
			}
			sluice("scanner", 1, nil, "scan", "s3://"+w.plain, "s3://"+w.kept)

			w.mail(w.plain, "later")
			sluice("mover", 1, nil, "scan", "s3://"+w.plain, "--act", "policy.yaml", "--yes")
			if n := len(w.inVault(t)); n != 1 {
				t.Errorf("%d objects are in the vault after a scan that acts", n)
			}
		})
	}
}

// mail puts an object in which something is found.
func (w *world) mail(bucket, key string) {
	w.t.Helper()
	if _, err := cloud.s3.PutObject(w.t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("mail: someone@shop.example\n")}); err != nil {
		w.t.Fatal(err)
	}
}

// inVault returns the URIs of the objects in quarantine.
func (w *world) inVault(t *testing.T) (uris []string) {
	t.Helper()
	out, err := cloud.s3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &w.vault})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range out.Contents {
		if name := (*o.Key)[strings.LastIndex(*o.Key, "/")+1:]; name == "object" || name == "sealed" {
			uris = append(uris, "s3://"+w.vault+"/"+*o.Key)
		}
	}
	return uris
}
