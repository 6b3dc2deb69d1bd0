package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/store"
)

// refused makes sure that a sweep ended with exit code 2 and one line that says
// why, with a line that says what to do at most, and holds no secret.
func (b *bench) refused(say string, more ...string) {
	b.Helper()
	text := b.scan(usage, more...)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if !strings.HasPrefix(lines[0], "sluice: ") || len(lines) > 2 || len(lines) == 2 && !strings.HasPrefix(lines[1], "hint: ") {
		b.Errorf("want one line and at most one hint:\n%s", text)
	}
	if !strings.Contains(lines[0], say) {
		b.Errorf("want a line with %q: %s", say, lines[0])
	}
	if strings.Contains(text, b.user.SecretKey) && b.user.SecretKey != "" {
		b.Error("the secret key stands in the output")
	}
}

func TestMissingBucket(t *testing.T) {
	b := newBench(t)
	b.bucket = "no-such-bucket"
	b.refused("no-such-bucket: bucket does not exist")
}

func TestWrongSecretKey(t *testing.T) {
	b := newBench(t)
	b.user.SecretKey = strings.Repeat("wrong", 8)
	b.refused("access denied")
}

func TestUnknownAccessKey(t *testing.T) {
	b := newBench(t)
	b.user = lab.User{AccessKey: "nobody", SecretKey: strings.Repeat("wrong", 8)}
	b.refused("access denied")
}

func TestNoCredentials(t *testing.T) {
	b := newBench(t)
	b.user = lab.User{}
	b.refused("credentials")
}

func TestUnknownProfile(t *testing.T) {
	b := newBench(t)
	b.refused("profile", "--profile", "nobody")
}

func TestMayNotList(t *testing.T) {
	b := newBench(t)
	b.user = gateway.Restricted
	b.refused("access denied")
}

func TestNobodyListens(t *testing.T) {
	b := newBench(t)
	b.refused("reach the store", "--endpoint-url", "http://"+freePort(t))
}

// TestWrongRegion is about a Region that the bucket itself corrects: S3 names
// the right one in the answer to HeadBucket even where it refuses that.
func TestWrongRegion(t *testing.T) {
	b := newBench(t)
	b.putLetters("", 3)
	b.proxy.Inject(lab.Fault{Kind: lab.HeadBucket, Edit: func(resp *http.Response) { resp.Header.Set("X-Amz-Bucket-Region", lab.Region) }})
	b.scan(found, "--region", "eu-central-1")
	b.check()
	b.proxy.Heal()
	b.refused("AuthorizationHeaderMalformed", "--region", "eu-central-1")
}

func TestDeniedObjects(t *testing.T) {
	b := newBench(t)
	b.putLetters("open/", 5)
	b.putLetters("private/", 2)
	for _, key := range []string{"private/000.txt", "private/001.txt"} {
		b.expect(key, ledger.Skipped, store.ReasonDenied, 0)
	}
	b.grantAllBut("private/")
	b.scan(incomplete)
	b.check()
	b.scan(found, "--accept", store.ReasonDenied)
	b.check()
}

// TestRefusedObjects is about answers that the gateway does not give by itself.
func TestRefusedObjects(t *testing.T) {
	for _, tt := range []struct {
		name    string
		status  int
		code    string
		message string
		reason  string
	}{
		{"archived", 403, "InvalidObjectState", "The operation is not valid for the object's storage class", store.ReasonArchived},
		{"SSE-C", 400, "InvalidRequest", "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.", store.ReasonEncrypted},
		{"KMS key disabled", 400, "KMS.DisabledException", "arn:aws:kms:us-east-1:111122223333:key/1 is disabled.", store.ReasonKMSKey},
		{"KMS key denied", 403, "AccessDenied", "User: arn:aws:iam::111122223333:user/u is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext", store.ReasonKMSKey},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.putLetters("", 4)
			b.expect("001.txt", ledger.Skipped, tt.reason, 0)
			b.proxy.Inject(lab.Fault{Kind: lab.Get, Key: "001.txt", Status: tt.status, Code: tt.code, Message: tt.message})
			if text := b.scan(incomplete); !strings.Contains(text, "1 "+tt.reason) {
				t.Errorf("the summary does not name %s:\n%s", tt.reason, text)
			}
			b.check()
		})
	}
}
