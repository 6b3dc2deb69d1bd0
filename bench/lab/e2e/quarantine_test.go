package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
)

// custody is a bench with a vault and a policy.
type custody struct {
	*bench
	vault  string // bucket
	prefix string // in it
	said   strings.Builder
}

const mailsMove = `
rules:
  - name: mails
    when: {types: [EMAIL_ADDRESS]}
    action: %s
quarantine:
  vault: s3://%s/%s
  mode: envelope
  key: local:vault.key
%s`

// newCustody makes a vault, a local key, and a policy by which objects with
// e-mail addresses get action. more are further lines of its quarantine.
func newCustody(t *testing.T, action string, more ...string) *custody {
	t.Helper()
	return newCustodyOf(newBench(t), action, more...)
}

// newCustodyOf is newCustody on a bench that is there.
func newCustodyOf(b *bench, action string, more ...string) *custody {
	b.Helper()
	c := &custody{bench: b, prefix: "q/"}
	c.vault = c.bucket + "-vault"
	if _, err := c.client.CreateBucket(c.Context(), &s3.CreateBucketInput{Bucket: &c.vault}); err != nil {
		c.Fatal(err)
	}
	c.writePolicy(action, more...)
	c.quarantineBare(clean, "key", "vault.key")
	return c
}

func (c *custody) writePolicy(action string, more ...string) {
	c.Helper()
	text := fmt.Sprintf(mailsMove, action, c.vault, c.prefix, "")
	for _, line := range more {
		text += "  " + line + "\n"
	}
	if err := os.WriteFile(filepath.Join(c.home, "policy.yaml"), []byte(text), 0o600); err != nil {
		c.Fatal(err)
	}
}

func (c *custody) quarantineBare(code int, args ...string) string {
	c.Helper()
	cmd, stdout, stderr := c.command(append([]string{"quarantine"}, args...)...)
	c.exits(cmd, code, stderr)
	c.said.WriteString(stdout.String() + stderr.String())
	return stdout.String() + stderr.String()
}

// quarantineArgs is the command line of a command of quarantine.
func (c *custody) quarantineArgs(args ...string) []string {
	all := append([]string{"quarantine"}, args...)
	return append(all, "--ledger", c.ledger, "--policy", "policy.yaml", "--endpoint-url", c.proxy.Endpoint, "--path-style")
}

// quarantine runs a command and makes sure of its exit code. It returns what was
// written to standard output.
func (c *custody) quarantine(code int, args ...string) string {
	c.Helper()
	cmd, stdout, stderr := c.command(c.quarantineArgs(args...)...)
	c.exits(cmd, code, stderr)
	c.said.WriteString(stdout.String() + stderr.String())
	return stdout.String()
}

// moves are those of the ledger, by key.
func (c *custody) moves() map[string]quarantine.Move {
	c.Helper()
	all := make(map[string]quarantine.Move)
	for m, err := range c.reader().Moves(c.Context(), ledger.MoveFilter{}) {
		if err != nil {
			c.Fatal(err)
		}
		all[m.Object.Key] = m
	}
	return all
}

// states counts the moves by state.
func (c *custody) states() map[quarantine.State]int {
	c.Helper()
	n := make(map[quarantine.State]int)
	for _, m := range c.moves() {
		n[m.State]++
	}
	return n
}

func (c *custody) wantStates(want map[quarantine.State]int) {
	c.Helper()
	if got := c.states(); !maps.Equal(got, want) {
		c.Errorf("states %v, want %v", got, want)
	}
}

// kept is what a bucket keeps of an object.
type kept struct{ bytes, attributes string }

// contents is all that is in a bucket.
func (c *custody) contents(bucket string) map[string]kept {
	c.Helper()
	all := make(map[string]kept)
	pages := s3.NewListObjectsV2Paginator(c.client, &s3.ListObjectsV2Input{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.Context())
		if err != nil {
			c.Fatal(err)
		}
		for _, o := range page.Contents {
			out, err := c.client.GetObject(c.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: o.Key})
			if isGone(err) {
				continue // by a request that a killed program had sent
			}
			if err != nil {
				c.Fatal(err)
			}
			body, err := io.ReadAll(out.Body)
			if err != nil {
				c.Fatal(err)
			}
			tags, err := c.client.GetObjectTagging(c.Context(), &s3.GetObjectTaggingInput{Bucket: &bucket, Key: o.Key})
			if isGone(err) {
				continue
			}
			if err != nil {
				c.Fatal(err)
			}
			var names []string
			for _, t := range tags.TagSet {
				names = append(names, *t.Key+"="+*t.Value)
			}
			slices.Sort(names)
			meta, err := json.Marshal(out.Metadata)
			if err != nil {
				c.Fatal(err)
			}
			all[*o.Key] = kept{string(body), fmt.Sprintln(aws.ToString(out.ContentType), aws.ToString(out.ContentEncoding), aws.ToString(out.CacheControl), string(meta), names)}
		}
	}
	return all
}

func isGone(err error) bool {
	var answer smithy.APIError
	return errors.As(err, &answer) && (answer.ErrorCode() == "NoSuchKey" || answer.ErrorCode() == "NotFound")
}

// putRich stores a letter with everything that a store keeps beside bytes.
func (c *custody) putRich(key string, lines int) {
	c.Helper()
	body, spans := letter(lines, 5)
	_, err := c.client.PutObject(c.Context(), &s3.PutObjectInput{
		Bucket: &c.bucket, Key: &key, Body: bytes.NewReader(body), ContentType: aws.String("text/x-letter"),
		CacheControl: aws.String("no-store"), Metadata: map[string]string{"owner": "sales", "ticket": "a b=c"},
		Tagging: aws.String("env=prod&team=a%20b"),
	})
	if err != nil {
		c.Fatal(err)
	}
	c.want[key] = outcome{spans: spans}
}

// same makes sure that two contents are the same, without printing any.
func (c *custody) same(what string, got, want map[string]kept) {
	c.Helper()
	for key := range want {
		if g, ok := got[key]; !ok {
			c.Errorf("%s: %q is missing", what, key)
		} else if g.bytes != want[key].bytes {
			c.Errorf("%s: %q has other bytes", what, key)
		} else if g != want[key] {
			c.Errorf("%s: %q has attributes %swant %s", what, key, g.attributes, want[key].attributes)
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			c.Errorf("%s: %q should not be there", what, key)
		}
	}
}

// silent makes sure that no value that was put stands in what the program said.
func (c *custody) silent() {
	c.Helper()
	if c.said.Len() == 0 {
		c.Error("the program said nothing at all")
	}
	if strings.Contains(c.said.String(), "@shop.example") {
		c.Error("a value stands in what the program said")
	}
}

// fill puts letters of several sizes and an object in which nothing is found.
func (c *custody) fill() (letters int) {
	c.Helper()
	c.putLetters("", 7)
	c.putRich("rich ü?/letter.txt", 30)
	c.putRich("large", 200_000) // sent in parts
	c.put("clean", []byte("nothing to be found\n"))
	return 9
}

// TestQuarantine goes the whole way and back, in a bucket without versions and
// in one with, by each way to remove.
func TestQuarantine(t *testing.T) {
	for _, remove := range []string{"unversioned", "version", "marker", "copies"} {
		t.Run(remove, func(t *testing.T) {
			c := newCustody(t, "move")
			if remove != "unversioned" {
				c.version()
				c.writePolicy("move\n    remove: " + remove)
			}
			n := c.fill()
			c.scan(found)
			before := c.contents(c.bucket)

			c.quarantine(clean, "plan")
			c.wantStates(map[quarantine.State]int{quarantine.Planned: n})
			c.gets()
			if out := c.quarantine(clean, "run"); !strings.Contains(out, "nothing was done") || !strings.Contains(out, fmt.Sprint(n)) {
				t.Errorf("the dry run says\n%s", out)
			}
			if r := c.proxy.Requests(); len(r) > 0 {
				t.Errorf("the dry run made %d requests, the first %v", len(r), r[0])
			}
			c.same("after the dry run", c.contents(c.bucket), before)

			c.quarantine(clean, "run", "--yes")
			c.wantStates(map[quarantine.State]int{quarantine.Removed: n})
			c.same("after the run", c.contents(c.bucket), map[string]kept{"clean": before["clean"]})
			for key, k := range c.contents(c.vault) {
				if strings.Contains(k.bytes, "customer") || strings.Contains(key, "rich") {
					t.Errorf("%q in the vault is not encrypted", key)
				}
			}
			c.quarantine(clean, "run", "--yes") // nothing is left to do
			c.quarantine(clean, "verify", "--quick")
			c.quarantine(clean, "verify")
			c.quarantine(clean, "verify", "--decrypt")
			c.checkOpen("large", before["large"].bytes, "sealed")
			c.checkOpen("000.txt", before["000.txt"].bytes, "sealed")

			old := c.ledger
			c.lose(n)
			c.ledger = old

			c.quarantine(clean, "restore", "--all") // dry
			c.same("after the dry restore", c.contents(c.bucket), map[string]kept{"clean": before["clean"]})
			c.quarantine(clean, "restore", "--all", "--yes")
			c.same("after the restore", c.contents(c.bucket), before)
			c.wantStates(map[quarantine.State]int{quarantine.Restored: n})
			c.quarantine(clean, "restore", "--all", "--yes")

			// What was brought back stays.
			c.scan(found)
			c.quarantine(clean, "plan")
			c.quarantine(clean, "run", "--yes")
			c.same("after another run", c.contents(c.bucket), before)

			c.quarantine(clean, "purge", "--all", "--yes")
			c.same("the vault after the purge", c.contents(c.vault), map[string]kept{})
			c.wantStates(map[quarantine.State]int{quarantine.Purged: n})
			c.quarantine(clean, "verify") // what is there
			if out := c.quarantine(found, "verify", c.moves()["large"].ID); !strings.Contains(out, "1 are not") {
				t.Errorf("verify of what is not there says\n%s", out)
			}
			c.silent()
		})
	}
}

// lose goes on without the ledger, with one that is made out of the vault.
func (c *custody) lose(n int) {
	c.Helper()
	before := c.moves()
	c.newLedger("recovered.db")
	for _, word := range []string{fmt.Sprintf("%d objects recorded, 0 were known", n), fmt.Sprintf("0 objects recorded, %d were known", n)} {
		if out := c.quarantine(clean, "recover"); !strings.Contains(out, word) {
			c.Errorf("recover says\n%s", out)
		}
	}
	for key, got := range c.moves() {
		want := before[key]
		want.Action, want.Removal, want.Marker, want.Run, want.Approved = got.Action, got.Removal, got.Marker, got.Run, got.Approved
		want.PlannedAt, want.ChangedAt, want.Vault.Modified = got.PlannedAt, got.ChangedAt, got.Vault.Modified
		if !reflect.DeepEqual(got, want) {
			c.Errorf("%q is recorded otherwise than before", key)
		}
	}
	c.quarantine(clean, "verify", "--decrypt")
}

// checkOpen reads what lies in quarantine, whole and in part.
func (c *custody) checkOpen(key, want, name string) {
	c.Helper()
	id := c.moves()[key].ID
	path := filepath.Join(c.home, "opened")
	read := func() string {
		c.Helper()
		text, err := os.ReadFile(path)
		info, statErr := os.Stat(path)
		if err != nil || statErr != nil || info.Mode().Perm() != 0o600 {
			c.Fatalf("%v, %v, mode %v", err, statErr, info.Mode())
		}
		return string(text)
	}
	os.Remove(path)
	c.quarantine(clean, "open", id[:10], "-o", path)
	if read() != want {
		c.Errorf("%s: other bytes than were put there", key)
	}
	c.quarantine(usage, "open", id, "-o", path) // it exists
	for _, r := range []struct {
		flag     string
		from, to int
	}{{"0-0", 0, 1}, {"1-100", 1, 101}, {"5-", 5, len(want)}, {"-7", len(want) - 7, len(want)}, {fmt.Sprintf("%d-%d", len(want)/2, len(want)+100), len(want) / 2, len(want)}} {
		c.quarantine(clean, "open", id, "-o", path, "--force", "--range", r.flag)
		if read() != want[r.from:r.to] {
			c.Errorf("%s: range %s has other bytes", key, r.flag)
		}
	}
	// Without the ledger, by what lies in the vault.
	uri := fmt.Sprintf("s3://%s/%s%s/%s", c.vault, c.prefix, id, name)
	cmd, stdout, stderr := c.command("quarantine", "open", uri, "-o", "-", "--policy", "policy.yaml", "--endpoint-url", c.proxy.Endpoint, "--path-style")
	c.exits(cmd, clean, stderr)
	if stdout.String() != want {
		c.Errorf("%s: opened by its URI it has other bytes", key)
	}
	if note := c.quarantine(clean, "open", uri, "--manifest"); !strings.Contains(note, `"key": "`+key+`"`) || !strings.Contains(note, id) {
		c.Errorf("%s: manifest\n%s", key, note)
	}
	c.quarantine(incomplete, "open", id, "-o", path, "--force", "--range", fmt.Sprintf("%d-", len(want)))
}

// TestVaultInTheBucket keeps the quarantine in the bucket that is scanned: it is
// not read, nor moved, and not a target.
func TestVaultInTheBucket(t *testing.T) {
	c := newCustody(t, "copy")
	c.vault, c.prefix = c.bucket, "in/quarantine/"
	c.writePolicy("copy")
	c.putLetters("", 3)
	c.scan(found)
	c.quarantine(clean, "plan")
	c.quarantine(clean, "run", "--yes")
	c.wantStates(map[quarantine.State]int{quarantine.Verified: 3})
	sealed := len(c.contents(c.bucket)) - 3
	if sealed != 3 {
		t.Fatalf("%d objects in the vault", sealed)
	}
	for _, more := range [][]string{nil, {"--act", "policy.yaml"}} {
		c.gets()
		out := c.scan(found, more...)
		if !strings.Contains(out, "3 left out") {
			t.Errorf("the scan does not say that it left the quarantine out:\n%s", out)
		}
		for key := range c.gets() {
			if strings.HasPrefix(key, c.prefix) {
				t.Errorf("the scan read %q", key)
			}
		}
	}
	// Nor by a ledger that knows nothing of it, if the policy does.
	c.newLedger("other.db")
	c.gets()
	c.scan(found, "--act", "policy.yaml")
	for key := range c.gets() {
		if strings.HasPrefix(key, c.prefix) {
			t.Errorf("the scan read %q", key)
		}
	}
	cmd, _, stderr := c.command("scan", "s3://"+c.bucket+"/in/quarantine/x", "--endpoint-url", c.proxy.Endpoint, "--path-style", "--ledger", c.ledger, "--act", "policy.yaml")
	c.exits(cmd, usage, stderr)
	if !strings.Contains(stderr.String(), "lies in the quarantine") {
		t.Errorf("refused with %s", stderr)
	}
}

// TestAct scans, decides and acts in one go.
func TestAct(t *testing.T) {
	c := newCustody(t, "move+stub")
	n := c.fill()
	before := c.contents(c.bucket)
	if out := c.scan(found, "--act", "policy.yaml"); !strings.Contains(out, "nothing was done") {
		t.Errorf("without --yes it says\n%s", out)
	}
	c.same("without --yes", c.contents(c.bucket), before)
	c.scan(found, "--act", "policy.yaml", "--yes")
	c.wantStates(map[quarantine.State]int{quarantine.Removed: n})
	for key, k := range c.contents(c.bucket) {
		stub := strings.Contains(k.bytes, "quarantine") && strings.Contains(k.bytes, c.moves()[key].ID)
		if key != "clean" && !stub || key == "clean" && k != before[key] {
			t.Errorf("%q is no notice", key)
		}
	}
	c.scan(clean, "--act", "policy.yaml", "--yes") // notices are read, and hold nothing
	c.quarantine(clean, "restore", "--all", "--yes")
	c.same("after the restore", c.contents(c.bucket), before)

	for _, args := range [][]string{
		{"scan", ".", "--ledger", c.ledger, "--act", "policy.yaml"},
		{"scan", "s3://" + c.bucket, "--act", "policy.yaml"},
		{"scan", "s3://" + c.bucket, "--ledger", c.ledger, "--yes"},
		{"scan", "s3://" + c.bucket, "--ledger", c.ledger, "--act", "policy.yaml", "--no-sign-request"},
	} {
		cmd, _, stderr := c.command(args...)
		c.exits(cmd, usage, stderr)
	}
	c.silent()
}

// TestFuseAndApproval: too much is nothing, and so is what nobody approved.
func TestFuseAndApproval(t *testing.T) {
	c := newCustody(t, "move", "fuse: {objects: 4}", "approval: required")
	c.putLetters("a", 3)
	c.putLetters("b", 3)
	c.scan(found)
	before := c.contents(c.bucket)
	if out := c.quarantine(clean, "plan", "--prefix", "b"); !strings.Contains(out, "waiting for approval: 3 moves") || !strings.Contains(out, "sluice quarantine approve --ledger "+c.ledger+" --prefix b\n") {
		t.Errorf("plan says\n%s", out)
	}
	if out := c.quarantine(clean, "plan", "--json"); !strings.Contains(out, `"planned":3,"in_plan":6,"waiting":6`) {
		t.Errorf("plan says\n%s", out)
	}
	// People and machines are told, and machines can tell the two outcomes apart.
	if out := c.scan(found, "--act", "policy.yaml", "--yes", "--progress", "json"); !strings.Contains(out, "\nwaiting for approval: 6 objects") ||
		!strings.Contains(out, `{"event":"acted","due":0,"bytes":0,"ended":{},"failed":{},"waiting":6`) || strings.Count(out, `"event":"summary"`) != 1 {
		t.Errorf("says\n%s", out)
	}
	if out := c.scan(found, "--act", "policy.yaml", "--quiet"); out != "" {
		t.Errorf("the quiet scan says\n%s", out)
	}
	if out := c.quarantine(clean, "run", "--yes"); !strings.Contains(out, "waiting for approval: 6 objects") {
		t.Errorf("says\n%s", out)
	}
	c.same("without approval", c.contents(c.bucket), before)
	c.quarantineBare(usage, "approve", "--ledger", c.ledger) // what?
	c.quarantineBare(clean, "approve", "--ledger", c.ledger, "--all", "--by", "a.person")
	if out := c.quarantine(clean, "run"); !strings.Contains(out, "fuse") {
		t.Errorf("the dry run does not tell of the fuse:\n%s", out)
	}
	c.quarantine(usage, "run", "--yes")
	c.quarantine(usage, "run", "--yes", "--fuse-objects", "0", "--fuse-bytes", "10")
	c.same("under the fuse", c.contents(c.bucket), before)
	c.quarantineBare(clean, "approve", "--ledger", c.ledger, c.moves()["b000.txt"].ID, "--withdraw")
	c.quarantine(clean, "run", "--yes", "--prefix", "b")
	c.wantStates(map[quarantine.State]int{quarantine.Planned: 4, quarantine.Removed: 2})
	if m := c.moves()["b001.txt"]; m.Approved != "a.person" || m.State != quarantine.Removed {
		t.Errorf("%s, approved by %q", m.State, m.Approved)
	}
	c.quarantine(clean, "run", "--yes", c.moves()["a000.txt"].ID[:12])
	c.quarantine(clean, "run", "--yes", "--fuse-objects", "0", "--json")
	c.wantStates(map[quarantine.State]int{quarantine.Planned: 1, quarantine.Removed: 5})
}

// TestLeftAlone: what has changed since the scan, and what its bucket does not let
// go of, is still there and said.
func TestLeftAlone(t *testing.T) {
	c := newCustody(t, "move")
	c.putLetters("", 4)
	c.scan(found)
	c.quarantine(clean, "plan")
	c.store("000.txt", []byte("somebody wrote something else\n"))
	c.remove("001.txt")
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":[%[3]q]},"Action":"s3:*","Resource":["arn:aws:s3:::%[1]s","arn:aws:s3:::%[1]s/*"]},
		{"Effect":"Deny","Principal":{"AWS":[%[3]q]},"Action":["s3:DeleteObject"],"Resource":"arn:aws:s3:::%[2]s/003.txt"}]}`, "%[1]s", c.bucket, gateway.Restricted.AccessKey)
	for _, bucket := range []string{c.bucket, c.vault} {
		text := strings.ReplaceAll(policy, "%[1]s", bucket)
		if bucket == c.vault {
			text = strings.ReplaceAll(text, c.bucket+"/003.txt", c.vault+"/none")
		}
		if _, err := c.client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &text}); err != nil {
			t.Fatal(err)
		}
	}
	c.user = gateway.Restricted
	out := c.quarantine(incomplete, "run", "--yes")
	for _, want := range []string{"LEFT ALONE", "STILL THERE", "gone before"} {
		if !strings.Contains(out, want) {
			t.Errorf("does not say %q:\n%s", want, out)
		}
	}
	c.wantStates(map[quarantine.State]int{quarantine.Changed: 1, quarantine.Gone: 1, quarantine.Removed: 1, quarantine.Kept: 1})
	left := c.contents(c.bucket)
	if len(left) != 2 || !strings.Contains(left["000.txt"].bytes, "something else") || !strings.Contains(left["003.txt"].attributes, quarantine.TagName+"="+quarantine.TagRefused) {
		t.Errorf("%d objects are left", len(left))
	}
	// What is still there is said by every run that follows, not only by the first.
	const still = "STILL IN THEIR BUCKETS, and ought to be in quarantine: 1 object "
	for _, args := range [][]string{{"run"}, {"run", "--yes"}, {"run", "--yes", "--again"}, {"run", "--yes", "--json"}} {
		code, want := incomplete, still
		if len(args) == 1 {
			code = clean // it only tells
		}
		if slices.Contains(args, "--json") {
			want = `"kept":1`
		}
		if out := c.quarantine(code, args...); !strings.Contains(out, want) {
			t.Errorf("%v does not say %q:\n%s", args, want, out)
		}
	}
	c.quarantine(clean, "run", "--yes", c.moves()["002.txt"].ID) // not of it
	if out := c.scan(incomplete, "--act", "policy.yaml", "--yes"); !strings.Contains(out, still) {
		t.Errorf("the scan does not say %q:\n%s", still, out)
	}
	c.quarantine(incomplete, "restore", c.moves()["000.txt"].ID, "--yes")
	if now := c.contents(c.bucket)["000.txt"]; now != left["000.txt"] {
		t.Error("restore has touched a newer object")
	}
	c.user = gateway.Root
	c.quarantine(clean, "run", "--yes", "--again")
	if s := c.moves()["003.txt"].State; s != quarantine.Removed {
		t.Errorf("once the right was there: %s", s)
	}
	c.silent()
}

// TestTagsUnread: an object whose tags may not be read is not decided on, and
// said; the others are.
func TestTagsUnread(t *testing.T) {
	c := newCustody(t, "move")
	text := strings.Replace(fmt.Sprintf(mailsMove, "move", c.vault, c.prefix, ""), "types: [EMAIL_ADDRESS]", "types: [EMAIL_ADDRESS], tags: {env: prod}", 1)
	if err := os.WriteFile(filepath.Join(c.home, "policy.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "b", "c"} {
		c.putRich(key, 20)
	}
	c.scan(found)
	const undecided = "NOT DECIDED ON, as tags could not be read: 1 object;"
	unread := func() {
		c.proxy.Heal()
		c.proxy.Inject(lab.Fault{Kind: lab.Other, Key: "a", Hits: 1 << 20, Status: 403, Code: "AccessDenied", Message: "no"})
	}
	unread()
	if out := c.quarantine(incomplete, "plan"); !strings.Contains(out, undecided) || !strings.Contains(out, store.ReasonDenied) || !strings.Contains(out, "2 moves planned") {
		t.Errorf("plan says\n%s", out)
	}
	c.wantStates(map[quarantine.State]int{quarantine.Planned: 2})
	if out := c.quarantine(incomplete, "plan", "--json"); !strings.Contains(out, `"undecided":{"`+store.ReasonDenied+`":1}`) {
		t.Errorf("plan --json says\n%s", out)
	}
	for _, more := range [][]string{nil, {"--yes"}} {
		if out := c.scan(incomplete, append(more, "--act", "policy.yaml")...); !strings.Contains(out, undecided) {
			t.Errorf("the scan does not say %q:\n%s", undecided, out)
		}
	}
	c.wantStates(map[quarantine.State]int{quarantine.Removed: 2})
	c.proxy.Heal()
	c.quarantine(clean, "plan")
	c.wantStates(map[quarantine.State]int{quarantine.Removed: 2, quarantine.Planned: 1})
	c.silent()
}

// TestDamage changes and removes what lies in the vault.
func TestDamage(t *testing.T) {
	c := newCustody(t, "move")
	c.putLetters("", 4)
	c.scan(found)
	c.quarantine(clean, "plan")
	c.quarantine(clean, "run", "--yes")
	moves := c.moves()
	flip := func(key string) {
		t.Helper()
		at := moves[key].Vault.Key
		body := []byte(c.contents(c.vault)[at].bytes)
		body[len(body)/2] ^= 1
		if _, err := c.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &c.vault, Key: &at, Body: bytes.NewReader(body)}); err != nil {
			t.Fatal(err)
		}
	}
	flip("000.txt")
	gone := moves["001.txt"].Vault.Key
	if _, err := c.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &c.vault, Key: &gone}); err != nil {
		t.Fatal(err)
	}
	for _, how := range [][]string{{"verify"}, {"verify", "--quick"}, {"verify", "--decrypt"}} {
		if out := c.quarantine(found, how...); strings.Count(out, "NOT AS IT SHOULD BE") != 2 || !strings.Contains(out, "2 are not") {
			t.Errorf("%v says\n%s", how, out)
		}
	}
	out := c.quarantine(found, "verify", "--json")
	if strings.Count(out, `"ok":false`) != 2 || strings.Count(out, `"ok":true`) != 2 {
		t.Errorf("verify --json says\n%s", out)
	}
	path := filepath.Join(c.home, "opened")
	uri := fmt.Sprintf("s3://%s/%s", c.vault, moves["000.txt"].Vault.Key)
	c.quarantine(incomplete, "open", uri, "-o", path)
	c.quarantine(incomplete, "restore", moves["000.txt"].ID, "--yes")
	if _, ok := c.contents(c.bucket)["000.txt"]; ok {
		t.Error("a damaged object was restored")
	}
	files, err := filepath.Glob(filepath.Join(c.home, "*opened*"))
	hidden, err2 := filepath.Glob(filepath.Join(c.home, ".sluice*"))
	if err != nil || err2 != nil || len(files)+len(hidden) > 0 {
		t.Errorf("a damaged object has left files: %v %v", files, hidden)
	}
	c.silent()
}

// TestInterruptedWhileMoving stops a run in its middle, with words, and goes on.
func TestInterruptedWhileMoving(t *testing.T) {
	c := newCustody(t, "move")
	c.hook()
	const n = 30
	c.putLetters("", n)
	c.scan(found)
	before := c.contents(c.bucket)
	c.quarantine(clean, "plan")
	cmd, stdout, stderr := c.command(c.quarantineArgs("run", "--yes", "--concurrency", "2")...)
	tenth := make(chan struct{})
	c.proxy.Inject(lab.Fault{Kind: lab.Put, Skip: 10, Hits: n, Delay: 50 * time.Millisecond, Before: sync.OnceFunc(func() { close(tenth) })})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-tenth
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != incomplete || !strings.Contains(stdout.String(), "running it again goes on") {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	c.inOnePlace(before)
	for key, m := range c.moves() {
		if m.Attempts > 0 || m.Error != "" {
			t.Errorf("%s counts the interruption as a failure: %s", key, m.Reason)
		}
	}
	if s := c.states(); s[quarantine.Removed] == 0 || s[quarantine.Removed] == n {
		t.Errorf("states %v", s)
	}
	c.quarantine(clean, "run", "--yes")
	c.wantStates(map[quarantine.State]int{quarantine.Removed: n})
}

// TestKilledWhileMoving kills runs at random moments, and then restores. At no
// moment is an object in neither place.
func TestKilledWhileMoving(t *testing.T) {
	for _, versioned := range []bool{false, true} {
		t.Run(fmt.Sprintf("versioned=%v", versioned), func(t *testing.T) {
			c := newCustody(t, "move+stub")
			if versioned {
				c.version()
				// Not by delete markers: Versity Gateway takes what is behind
				// one for an object that exists.
				c.writePolicy("move\n    remove: version")
			}
			n := 24
			c.putLetters("", n-1)
			c.putRich("large", 200_000)
			c.scan(found)
			before := c.contents(c.bucket)
			c.quarantine(clean, "plan")
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			rnd := rand.New(rand.NewPCG(seed, 0))

			kills := 0
			for range 12 {
				if c.killedWhile(rnd, "run", "--yes", "--concurrency", "3") {
					kills++
				}
				c.inOnePlace(before)
			}
			c.quarantine(clean, "run", "--yes")
			c.wantStates(map[quarantine.State]int{quarantine.Removed: n})
			c.quarantine(clean, "verify", "--decrypt")

			for range 12 {
				if c.killedWhile(rnd, "restore", "--all", "--yes", "--concurrency", "3") {
					kills++
				}
				c.inOnePlace(before)
			}
			c.quarantine(clean, "restore", "--all", "--yes")
			after := c.contents(c.bucket)
			maps.DeleteFunc(after, func(key string, _ kept) bool { return strings.HasPrefix(key, "sluice-probe-") }) // killed while trying the store
			c.same("after the restore", after, before)
			c.wantStates(map[quarantine.State]int{quarantine.Restored: n})
			t.Logf("%d runs were killed", kills)
			if kills < 8 {
				t.Errorf("only %d runs were killed: the moments were badly chosen", kills)
			}
		})
	}
}

// killedWhile runs a command, kills it at a random request or some time after,
// and reports whether that came before its end.
func (c *custody) killedWhile(rnd *rand.Rand, args ...string) bool {
	c.Helper()
	defer c.proxy.Heal()
	c.proxy.Requests()
	begun := make(chan struct{})
	c.proxy.Inject(
		lab.Fault{Skip: rnd.IntN(60), Hits: 1, Before: func() { close(begun) }},
		lab.Fault{Delay: 2 * time.Millisecond}, // so that it does not end first
	)
	delay := time.Duration(rnd.IntN(15_000_000))
	cmd, stdout, stderr := c.command(c.quarantineArgs(args...)...)
	if err := cmd.Start(); err != nil {
		c.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait()
	}()
	select {
	case <-begun:
		time.AfterFunc(delay, func() { cmd.Process.Kill() })
	case <-ended:
	}
	<-ended
	c.said.WriteString(stdout.String() + stderr.String())
	switch code := cmd.ProcessState.ExitCode(); code {
	case -1:
		return true
	case clean:
		return false
	default:
		for _, r := range c.proxy.Requests() {
			c.Logf("%v", r)
		}
		c.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
		return false
	}
}

// inOnePlace makes sure that each object is in its bucket as it was, or in the
// vault.
func (c *custody) inOnePlace(before map[string]kept) {
	c.Helper()
	now, vault := c.contents(c.bucket), c.contents(c.vault)
	for key, m := range c.moves() {
		_, sealed := vault[c.prefix+m.ID+"/sealed"]
		if now[key].bytes != before[key].bytes && !sealed {
			c.Fatalf("%q is lost: its move is %s", key, m.State)
		}
	}
}
