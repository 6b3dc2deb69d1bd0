package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// putCorpus stores a corpus. A sweep must find what the scanner finds in the
// same bytes without a store between them; how much of the truth that is, the
// corpus and the demo tell.
func (b *bench) putCorpus(cfg corpus.Config) {
	b.Helper()
	sc := newScanner(b.T)
	for o := range corpus.Generate(cfg) {
		var buf bytes.Buffer
		if _, err := o.WriteTo(&buf); err != nil {
			b.Fatal(err)
		}
		var spans []corpus.Span
		_, err := sc.Scan(b.Context(), bytes.NewReader(buf.Bytes()), func(f scanner.Finding) error {
			spans = append(spans, corpus.Span{Member: f.Location.Member, Rule: f.Rule, Offset: f.Location.Offset, Length: f.Location.Length})
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		b.put(o.Key, buf.Bytes(), spans...)
		if o.Broken {
			b.expect(o.Key, ledger.Partial, unpack.ReasonMalformed, far)
		}
	}
}

func newScanner(t *testing.T) *scanner.Scanner {
	t.Helper()
	set, err := detectors.Compile(detectors.Builtin(), detectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sc, err := scanner.New(scanner.Config{Set: set, MaxPerRule: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// TestSweep sweeps a bucket of all kinds of content twice. The second run
// lists it and reads nothing.
func TestSweep(t *testing.T) {
	b := newBench(t)
	b.putCorpus(corpus.Config{Seed: 3, Objects: 60, Bytes: 2 << 20})
	text := b.scan(incomplete)
	b.check()
	if !strings.Contains(text, "60 objects listed") || !strings.Contains(text, "58 complete, 2 partial, 0 skipped") {
		t.Errorf("summary:\n%s", text)
	}
	for key, n := range b.gets() {
		if n != 1 {
			t.Errorf("%s was read %d times", key, n)
		}
	}

	text = b.scan(incomplete)
	b.check()
	if gets := b.gets(); len(gets) != 0 {
		t.Errorf("the second run read %d objects", len(gets))
	}
	if !strings.Contains(text, "60 unchanged") {
		t.Errorf("summary of the second run:\n%s", text)
	}
}

// TestNothingFound is the one sweep that ends with exit code 0.
func TestNothingFound(t *testing.T) {
	b := newBench(t)
	b.put("a.txt", []byte("nothing to be found here\n"))
	b.put("empty", nil)
	b.scan(clean)
	b.check()
}

func TestEmptyBucket(t *testing.T) {
	b := newBench(t)
	b.scan(clean)
	b.check()
}

// TestSecondRunReadsWhatChanged changes, adds and removes objects between two
// runs.
func TestSecondRunReadsWhatChanged(t *testing.T) {
	b := newBench(t)
	b.putLetters("", 10)
	b.scan(found)
	b.check()
	b.gets()
	body, spans := letter(50, 3)
	b.put("003.txt", body, spans...)
	b.put("new.txt", body, spans...)
	b.remove("005.txt")
	delete(b.want, "005.txt")
	b.scan(found)
	b.check()
	if gets := b.gets(); !maps.Equal(gets, map[string]int{"003.txt": 1, "new.txt": 1}) {
		t.Errorf("reads of the second run: %v", gets)
	}
}

// TestFindingsWritten compares the findings on standard output with those of
// the ledger.
func TestFindingsWritten(t *testing.T) {
	b := newBench(t)
	b.putLetters("", 5)
	args := slices.DeleteFunc(b.scanArgs(), func(a string) bool { return a == "-o" || strings.HasSuffix(a, "findings.jsonl") })
	cmd, stdout, stderr := b.command(args...)
	b.exits(cmd, found, stderr)
	b.check()
	if got, want := b.parse(stdout.String()), b.spans(present); !maps.EqualFunc(got, want, sameSpans) {
		t.Error("findings written and findings in the ledger differ")
	}
}

// parse reads findings as the program writes them.
func (b *bench) parse(lines string) map[string][]corpus.Span {
	b.Helper()
	spans := make(map[string][]corpus.Span)
	for line := range strings.Lines(lines) {
		var f struct {
			Key, Member, Rule string
			Offset, Length    int64
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			b.Fatal(err)
		}
		spans[f.Key] = append(spans[f.Key], corpus.Span{Member: f.Member, Rule: f.Rule, Offset: f.Offset, Length: f.Length})
	}
	return spans
}

func TestSelection(t *testing.T) {
	b := newBench(t)
	b.putLetters("in/", 4)
	b.putLetters("out/", 3)
	only := func(keys ...string) {
		t.Helper()
		if got := slices.Sorted(maps.Keys(b.gets())); !slices.Equal(got, keys) {
			t.Errorf("read %q, want %q", got, keys)
		}
	}
	// Other detectors each time, so that each run reads what it selects.
	text := b.scan(found, "--prefix", "out/")
	only("out/000.txt", "out/001.txt", "out/002.txt")
	if !strings.Contains(text, "7 objects listed") || !strings.Contains(text, "4 out of scope by prefix") {
		t.Errorf("summary:\n%s", text)
	}
	b.scan(found, "--include", "*/001.txt", "-d", "EMAIL_ADDRESS")
	only("in/001.txt", "out/001.txt")
	b.scan(found, "--start-after", "out/000.txt", "-d", "EMAIL_ADDRESS,CREDENTIALS")
	only("out/001.txt", "out/002.txt")
	b.scan(found, "--exclude", "out/*", "--min-size", "1600", "-d", "EMAIL_ADDRESS,CREDIT_CARD_NUMBER")
	var large []string
	for key, want := range b.rows(present) {
		if strings.HasPrefix(key, "in/") && want.Object.Size >= 1600 {
			large = append(large, key)
		}
	}
	slices.Sort(large)
	if len(large) == 0 || len(large) == 4 {
		t.Fatalf("%d objects are large, want some and not all", len(large))
	}
	only(large...)

	b.bucket += "/in/"
	b.scan(found, "-d", "EMAIL_ADDRESS,IP_ADDRESS")
	only("in/000.txt", "in/001.txt", "in/002.txt", "in/003.txt")
}

// TestKeys sweeps keys that programs stumble over.
func TestKeys(t *testing.T) {
	b := newBench(t)
	body, spans := letter(20, 5)
	for _, key := range []string{
		"with space/and  two.txt", "plus+and&and=and?and#and%.txt", "%2Fencoded%20already", "a%", "quote\"and'back`tick\\slash",
		"données/naïve café.txt", "共有/ファイル", "emoji 🗝.txt", "e\u0301 combining", "comma,semi;colon:pipe|", "<xml>&amp;</xml>",
		"-starts-with-a-dash", "$HOME ${x} $(y)", "*?[glob]", "rtl \u202eexe.txt", "~", "!", strings.Repeat("long-", 40),
	} {
		b.put(key, body, spans...)
	}
	b.scan(found)
	b.check()
	if gets := b.gets(); !slices.Equal(slices.Sorted(maps.Keys(gets)), b.keys()) {
		t.Errorf("keys read: %q", slices.Sorted(maps.Keys(gets)))
	}

	var keys []string
	for line := range strings.Lines(b.output("objects", "--ledger", b.ledger, "--json")) {
		var o struct{ Key string }
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, o.Key)
	}
	slices.Sort(keys)
	if !slices.Equal(keys, b.keys()) {
		t.Errorf("sluice objects names %q", keys)
	}
	if got := b.parse(b.output("findings", "--ledger", b.ledger, "--json")); !maps.EqualFunc(got, b.spans(present), sameSpans) {
		t.Errorf("sluice findings names %q", slices.Sorted(maps.Keys(got)))
	}
	table := b.output("objects", "--ledger", b.ledger)
	if n := strings.Count(table, "\n"); n < len(keys) {
		t.Errorf("a table of %d lines for %d objects", n, len(keys))
	}
	if strings.ContainsRune(table, '\u202e') {
		t.Error("a table holds a character that turns the text around it")
	}
}

// TestVersions sweeps a bucket that keeps old versions: the current ones are
// read and recorded by their ids.
func TestVersions(t *testing.T) {
	b := newBench(t)
	b.version()
	b.putLetters("", 3)
	b.scan(found)
	b.check()
	first := b.rows(present)
	for key, row := range first {
		if row.Object.VersionID == "" {
			t.Errorf("%s has no version id", key)
		}
	}
	body, spans := letter(50, 3)
	b.put("001.txt", body, spans...)
	b.remove("002.txt") // leaves a delete marker
	delete(b.want, "002.txt")
	b.gets()
	b.scan(found)
	b.check()
	if gets := b.gets(); !maps.Equal(gets, map[string]int{"001.txt": 1}) {
		t.Errorf("reads of the second run: %v", gets)
	}
	now := b.rows(present)
	if now["001.txt"].Object.VersionID == first["001.txt"].Object.VersionID {
		t.Error("the new version has the id of the old")
	}
	if now["000.txt"].Object.VersionID != first["000.txt"].Object.VersionID {
		t.Error("an unchanged object has another version id")
	}
}

// TestMetrics asks for metrics while the last object is held back.
func TestMetrics(t *testing.T) {
	b := newBench(t)
	b.putLetters("", 6)
	addr := freePort(t)
	scraped := make(chan string, 1)
	b.proxy.Inject(lab.Fault{Kind: lab.Get, Key: "005.txt", Hits: 1, Before: func() {
		scraped <- b.scrape("http://"+addr+"/metrics", `sluice_objects_recorded_total{status="COMPLETE"} 5`)
	}})
	b.scan(found, "--metrics-addr", addr)
	b.check()
	text := <-scraped
	values := 0
	for key, want := range b.want {
		if key != "005.txt" {
			values += len(want.spans)
		}
	}
	for _, line := range []string{
		"sluice_objects_listed_total 6",
		"sluice_objects_reading 1",
		fmt.Sprintf(`sluice_values_total{detector="EMAIL_ADDRESS"} %d`, values),
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("metrics lack %q:\n%s", line, text)
		}
	}
}

// scrape gets a page again and again until line stands in it. Others than the
// test's goroutine may call it.
func (b *bench) scrape(url, line string) (page string) {
	deadline := time.After(time.Minute)
	for {
		page, err := get(url)
		if err == nil && strings.Contains(page, line+"\n") {
			return page
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			b.Errorf("no line %q in a minute: %v", line, err)
			return page
		}
	}
}

func get(url string) (string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	return string(page), err
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
