package e2e

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

// Exit codes of the program.
const (
	clean      = 0
	found      = 1
	usage      = 2
	incomplete = 3
)

// bench is a bucket behind a proxy, a ledger, and what a sweep of the bucket
// must bring.
type bench struct {
	*testing.T
	bucket string
	proxy  *lab.Proxy
	home   string // working directory of the program, without any configuration
	ledger string // path
	user   lab.User
	client *s3.Client         // past the proxy, as one who may do everything
	want   map[string]outcome // by key
}

// outcome is what the ledger must say of an object.
type outcome struct {
	status ledger.Status
	reason string
	spans  []corpus.Span

	// asFarAsRead wants the spans in what the ledger says was read, for faults
	// that do not come at a certain byte.
	asFarAsRead bool
}

var buckets atomic.Int64

// newBench returns an empty bucket, to be swept by the user who may read all.
// Tests of one bench run beside those of others.
func newBench(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	return newBenchOf(t, gateway.Endpoint, gateway.Root, gateway.Client())
}

// newBenchOf is newBench on another server.
func newBenchOf(t *testing.T, endpoint string, user lab.User, client *s3.Client) *bench {
	t.Helper()
	b := &bench{T: t, bucket: fmt.Sprintf("bucket-%d", buckets.Add(1)), home: t.TempDir(), user: user, client: client, want: make(map[string]outcome)}
	b.newLedger("sweep.db")
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &b.bucket}); err != nil {
		t.Fatal(err)
	}
	var err error
	if b.proxy, err = lab.StartProxy(endpoint); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.proxy.Close() })
	return b
}

// put stores an object, past the proxy. A sweep must find spans in it and read
// it to its end, unless expect says otherwise.
func (b *bench) put(key string, body []byte, spans ...corpus.Span) {
	b.Helper()
	b.store(key, body)
	b.want[key] = outcome{status: ledger.Complete, spans: spans}
}

// newLedger makes the next run begin a ledger of its own.
func (b *bench) newLedger(name string) { b.ledger = filepath.Join(b.home, name) }

// expect makes the outcome of an object another one. Its findings must be the
// spans that begin before byte end of their member.
func (b *bench) expect(key string, status ledger.Status, reason string, end int64) {
	b.Helper()
	o, ok := b.want[key]
	if !ok {
		b.Fatalf("%s was not put", key)
	}
	o.status, o.reason = status, reason
	if o.asFarAsRead = end == asFarAsRead; !o.asFarAsRead {
		o.spans = before(end, o.spans)
	}
	b.want[key] = o
}

// store is put without an expectation; other goroutines than the test's may
// call it.
func (b *bench) store(key string, body []byte) {
	_, err := b.client.PutObject(b.Context(), &s3.PutObjectInput{Bucket: &b.bucket, Key: &key, Body: bytes.NewReader(body)})
	if err != nil {
		b.Error(err)
	}
}

func (b *bench) remove(key string) {
	if _, err := b.client.DeleteObject(b.Context(), &s3.DeleteObjectInput{Bucket: &b.bucket, Key: &key}); err != nil {
		b.Error(err)
	}
}

// version makes the bucket keep old versions.
func (b *bench) version() {
	b.Helper()
	_, err := b.client.PutBucketVersioning(b.Context(), &s3.PutBucketVersioningInput{
		Bucket:                  &b.bucket,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		b.Fatal(err)
	}
}

// command is the program with args, as b.user, with nothing else to be known
// of the machine. What it writes goes to the strings returned.
func (b *bench) command(args ...string) (cmd *exec.Cmd, stdout, stderr *strings.Builder) {
	cmd = exec.CommandContext(b.Context(), program, args...)
	cmd.Dir = b.home
	cmd.Env = append(b.user.Env(), "HOME="+b.home, "PATH="+os.Getenv("PATH"), "TMPDIR="+b.home)
	stdout, stderr = new(strings.Builder), new(strings.Builder)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// scanArgs is the command line of a sweep of the bucket through the proxy.
func (b *bench) scanArgs(more ...string) []string {
	return append([]string{"scan", "s3://" + b.bucket, "--endpoint-url", b.proxy.Endpoint, "--path-style",
		"--ledger", b.ledger, "-o", filepath.Join(b.home, "findings.jsonl"),
		"--max-per-detector", "1000000", "--progress", "none"}, more...)
}

// scan sweeps the bucket and makes sure of the exit code. It returns what was
// written to standard error.
func (b *bench) scan(code int, more ...string) string {
	b.Helper()
	cmd, _, stderr := b.command(b.scanArgs(more...)...)
	b.exits(cmd, code, stderr)
	return stderr.String()
}

// exits runs cmd and makes sure of its exit code.
func (b *bench) exits(cmd *exec.Cmd, code int, stderr *strings.Builder) {
	b.Helper()
	err := cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != code {
		b.Fatalf("exit code %d, want %d: %v\n%s", got, code, err, stderr)
	}
}

// output runs the program and returns what it writes to standard output.
func (b *bench) output(args ...string) string {
	b.Helper()
	cmd, stdout, stderr := b.command(args...)
	b.exits(cmd, 0, stderr)
	return stdout.String()
}

// check compares the last run with what was expected of each object.
func (b *bench) check() {
	b.Helper()
	last := ledger.Filter{Run: b.lastRun().ID}
	rows, spans := b.rows(last), b.spans(last)
	for key, row := range rows {
		want, ok := b.want[key]
		if !ok {
			b.Errorf("%q stands in the ledger and not in the bucket", key)
			continue
		}
		if row.Status != want.status || row.Reason != want.reason {
			b.Errorf("%q is %s %q (%s), want %s %q", key, row.Status, row.Reason, row.Detail, want.status, want.reason)
		}
		got := spans[key]
		if want.asFarAsRead {
			const edge = 100 // what was cut off may look like something else
			got, want.spans = before(row.Coverage.BytesRead-edge, got), before(row.Coverage.BytesRead-edge, want.spans)
		}
		if !sameSpans(got, want.spans) {
			b.Errorf("%q has %d findings, which are not the %d expected", key, len(got), len(want.spans))
		}
	}
	for key := range b.want {
		if _, ok := rows[key]; !ok {
			b.Errorf("%q has no row", key)
		}
	}
	b.checkRun(len(rows))
}

func before(end int64, spans []corpus.Span) []corpus.Span {
	return slices.DeleteFunc(slices.Clone(spans), func(s corpus.Span) bool { return s.Offset >= end })
}

func (b *bench) lastRun() ledger.Run {
	b.Helper()
	runs, err := b.reader().Runs(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return runs[0]
}

// checkRun makes sure that the last run, which has so many rows, counted as
// many objects.
func (b *bench) checkRun(rows int) {
	b.Helper()
	t := b.lastRun().Tally
	if t.Listed != int64(rows)+t.Filtered+t.Unread {
		b.Errorf("%d objects listed, %d of them out of scope and %d unread, and %d rows", t.Listed, t.Filtered, t.Unread, rows)
	}
}

func sameSpans(got, want []corpus.Span) bool {
	order := func(a, b corpus.Span) int {
		return strings.Compare(fmt.Sprintf("%s %020d %d %s", a.Member, a.Offset, a.Length, a.Rule), fmt.Sprintf("%s %020d %d %s", b.Member, b.Offset, b.Length, b.Rule))
	}
	return slices.Equal(slices.SortedFunc(slices.Values(got), order), slices.SortedFunc(slices.Values(want), order))
}

func (b *bench) reader() *ledger.Reader {
	b.Helper()
	r, err := ledger.OpenReader(b.Context(), b.ledger)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { r.Close() })
	return r
}

// present is the state of the ledger after all runs.
var present ledger.Filter

// rows returns rows of the ledger by key and makes sure that each key has one.
func (b *bench) rows(f ledger.Filter) map[string]ledger.Row {
	b.Helper()
	rows := make(map[string]ledger.Row)
	for row, err := range b.reader().Objects(b.Context(), f) {
		if err != nil {
			b.Fatal(err)
		}
		if _, twice := rows[row.Object.Key]; twice {
			b.Errorf("%q has two rows", row.Object.Key)
		}
		rows[row.Object.Key] = row
	}
	return rows
}

// spans returns findings of the ledger by key.
func (b *bench) spans(f ledger.Filter) map[string][]corpus.Span {
	b.Helper()
	spans := make(map[string][]corpus.Span)
	for found, err := range b.reader().Findings(b.Context(), f) {
		if err != nil {
			b.Fatal(err)
		}
		at, key := found.Location, found.Object.Key
		spans[key] = append(spans[key], corpus.Span{Member: at.Member, Rule: found.Rule, Offset: at.Offset, Length: at.Length})
	}
	return spans
}

// gets counts the reads of each object that came through the proxy since it
// was last asked.
func (b *bench) gets() map[string]int {
	n := make(map[string]int)
	for _, r := range b.proxy.Requests() {
		if r.Kind == lab.Get {
			n[r.Key]++
		}
	}
	return n
}

// keys returns the keys of what was put, sorted.
func (b *bench) keys() []string { return slices.Sorted(maps.Keys(b.want)) }

// letter is a text of so many lines, every nth of which holds an e-mail
// address that is to be found.
func letter(lines, nth int) (body []byte, spans []corpus.Span) {
	var text bytes.Buffer
	for i := range lines {
		fmt.Fprintf(&text, "%06d the parcel was handed over and the ", i)
		if i%nth == 0 {
			address := fmt.Sprintf("customer%06d@shop.example", i)
			spans = append(spans, email("", text.Len(), len(address)))
			text.WriteString(address)
		} else {
			text.WriteString("customer said thank you")
		}
		text.WriteString(" on that day\n")
	}
	return text.Bytes(), spans
}

func email(member string, offset, length int) corpus.Span {
	return corpus.Span{Member: member, Rule: "EMAIL_ADDRESS", Offset: int64(offset), Length: int64(length)}
}

// in returns spans as they stand in a member.
func in(member string, spans []corpus.Span) []corpus.Span {
	spans = slices.Clone(spans)
	for i := range spans {
		spans[i].Member = member
	}
	return spans
}

// putLetters stores n small letters under prefix.
func (b *bench) putLetters(prefix string, n int) {
	b.Helper()
	for i := range n {
		body, spans := letter(20+i%7, 5)
		b.put(fmt.Sprintf("%s%03d.txt", prefix, i), body, spans...)
	}
}

// grantAllBut sets the policy of the bucket: the restricted user, who becomes the
// one that sweeps, may list it and read all but what begins with prefix.
func (b *bench) grantAllBut(prefix string) {
	b.Helper()
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":[%[2]q]},"Action":["s3:ListBucket"],"Resource":"arn:aws:s3:::%[1]s"},
		{"Effect":"Allow","Principal":{"AWS":[%[2]q]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::%[1]s/*"},
		{"Effect":"Deny","Principal":{"AWS":[%[2]q]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::%[1]s/%[3]s*"}]}`,
		b.bucket, gateway.Restricted.AccessKey, prefix)
	if _, err := b.client.PutBucketPolicy(b.Context(), &s3.PutBucketPolicyInput{Bucket: &b.bucket, Policy: aws.String(policy)}); err != nil {
		b.Fatal(err)
	}
	b.user = gateway.Restricted
}
