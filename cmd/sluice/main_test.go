package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/pipeline"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sluice": main})
}

// TestScripts runs the program as users meet it, over files. The same over an
// S3 server stands in bench/lab.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir) // no AWS configuration of the machine
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"gzfile": gzfile,

			"binaries":  binaries,
			"repeated":  repeated,
			"samelines": sameLines,
		},
	})
}

// exits CODE PROGRAM ARGS… runs a program and checks its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s", code, args[0])
	}
}

// gzfile IN OUT [CUT] compresses a file, and leaves out the last CUT bytes.
func gzfile(ts *testscript.TestScript, neg bool, args []string) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(z.Close())
	if len(args) > 2 {
		cut, err := strconv.Atoi(args[2])
		ts.Check(err)
		b.Truncate(b.Len() - cut)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o644))
}

// repeated LINE N OUT writes a file of N lines.
func repeated(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.Repeat(args[0]+"\n", n)), 0o644))
}

// binaries TAR N makes an archive of N members that no text can be read from.
func binaries(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := range n {
		body := "\x00\x01\x02\x80\xff"
		ts.Check(w.WriteHeader(&tar.Header{Name: strconv.Itoa(i), Mode: 0o600, Size: int64(len(body))}))
		_, err := io.WriteString(w, body)
		ts.Check(err)
	}
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

// sameLines A B compares two files whose lines may stand in another order.
func sameLines(ts *testscript.TestScript, neg bool, args []string) {
	a := slices.Sorted(strings.Lines(ts.ReadFile(args[0])))
	b := slices.Sorted(strings.Lines(ts.ReadFile(args[1])))
	if len(a) == 0 || !slices.Equal(a, b) {
		ts.Fatalf("%d lines of %s are not the %d of %s", len(a), args[0], len(b), args[1])
	}
}

// full is a disk that takes so many bytes.
type full int

func (f *full) Write(p []byte) (int, error) {
	if len(p) > int(*f) {
		return 0, errors.New("no space left on device")
	}
	*f -= full(len(p))
	return len(p), nil
}

// TestOutputFails: findings that cannot be written end the run, and neither
// look like success nor cost what was committed.
func TestOutputFails(t *testing.T) {
	dir := manyFiles(t)
	ledger := filepath.Join(dir, "ledger.db")
	args := []string{"scan", filepath.Join(dir, "data"), "--ledger", ledger, "--progress", "none"}
	out, msg := full(10_000), new(bytes.Buffer)
	if code := run(t.Context(), args, strings.NewReader(""), &out, msg); code != pipeline.ExitIncomplete {
		t.Errorf("exit code %d, want %d", code, pipeline.ExitIncomplete)
	}
	for _, want := range []string{"no space left", "INCOMPLETE", "same --ledger"} {
		if !strings.Contains(msg.String(), want) {
			t.Errorf("the message does not say %q:\n%s", want, msg)
		}
	}
	finish(t, args, ledger)
	for _, args := range [][]string{{"findings", "--ledger", ledger}, {"objects", "--ledger", ledger, "--json"}, {"version"},
		{"detectors", "list"}, {"detectors", "test", "--pattern", "X=x", ledger}, {"detect", "mail jane.doe@example.com"}, {"detect", "--as", "EMAIL", "jane.doe@example.com"}} {
		out := full(0)
		if code := run(t.Context(), args, strings.NewReader(""), &out, io.Discard); code != pipeline.ExitUsage {
			t.Errorf("%s on a full disk: exit code %d, want %d", args[0], code, pipeline.ExitUsage)
		}
	}
	out = full(0)
	if code := run(t.Context(), []string{"detect", "--jsonl"}, strings.NewReader(`{"id":1,"text":"x"}`), &out, io.Discard); code != pipeline.ExitUsage {
		t.Errorf("detect --jsonl on a full disk: exit code %d, want %d", code, pipeline.ExitUsage)
	}
}

// TestReaderGoes: a pipe that nobody reads any more is an error as others.
func TestReaderGoes(t *testing.T) {
	dir := manyFiles(t)
	ledger := filepath.Join(dir, "ledger.db")
	args := []string{"scan", filepath.Join(dir, "data"), "--ledger", ledger, "--progress", "none"}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	msg := new(bytes.Buffer)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Args, cmd.Stdout, cmd.Stderr = append([]string{"sluice"}, args...), w, msg
	err = cmd.Run()
	w.Close()
	if code := cmd.ProcessState.ExitCode(); code != pipeline.ExitIncomplete || !strings.Contains(msg.String(), "INCOMPLETE") {
		t.Errorf("exit code %d, want %d; %v\n%s", code, pipeline.ExitIncomplete, err, msg)
	}
	finish(t, args, ledger)
}

const files = 1500 // more than are committed at a time

// manyFiles makes a directory with files in data, each with a finding.
func manyFiles(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range files {
		if err := os.WriteFile(filepath.Join(dir, "data", strconv.Itoa(i)), []byte("jane.doe@example.com\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// finish runs a scan that was broken off again, and sees that nothing is read
// twice and nothing is missing.
func finish(t *testing.T, args []string, ledger string) {
	t.Helper()
	var again, all, msg bytes.Buffer
	if code := run(t.Context(), args, strings.NewReader(""), &again, &msg); code != pipeline.ExitFindings {
		t.Errorf("second run: exit code %d, want %d\n%s", code, pipeline.ExitFindings, msg.String())
	}
	if n := bytes.Count(again.Bytes(), []byte("\n")); n == 0 || n >= files {
		t.Errorf("second run: %d findings of %d", n, files)
	}
	if code := run(t.Context(), []string{"findings", "--ledger", ledger, "--json"}, strings.NewReader(""), &all, &msg); code != pipeline.ExitClean {
		t.Errorf("findings: exit code %d\n%s", code, msg.String())
	}
	if n := bytes.Count(all.Bytes(), []byte("\n")); n != files {
		t.Errorf("%d findings in the ledger, want %d", n, files)
	}
}

// TestNoValueLeaks sweeps a corpus and looks for every value planted in it in
// everything that the program wrote: findings in all formats, the summary, the
// ledger file, error output.
func TestNoValueLeaks(t *testing.T) {
	dir := t.TempDir()
	values := make(map[string]bool)
	sample := "" // the largest file with values
	for o := range corpus.Generate(corpus.Config{Seed: 7, Objects: 60, Bytes: 1 << 20}) {
		var b bytes.Buffer
		if _, err := o.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "data", filepath.FromSlash(o.Key))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if o.Container != corpus.Plain {
			continue
		}
		if info, err := os.Stat(sample); err != nil || info.Size() < int64(b.Len()) {
			sample = path
		}
		for l := range o.Labels() {
			// Short values occur by chance in digests and sizes.
			if l.Length >= 8 {
				values[string(b.Bytes()[l.Offset:l.Offset+l.Length])] = true
			}
		}
	}
	if len(values) < 100 {
		t.Fatalf("the corpus has only %d values", len(values))
	}
	ledger := filepath.Join(dir, "ledger.db")
	var written bytes.Buffer
	for _, args := range [][]string{
		{"scan", filepath.Join(dir, "data"), "--ledger", ledger, "--progress", "json"},
		{"findings", "--ledger", ledger},
		{"findings", "--ledger", ledger, "--format", "csv"},
		{"objects", "--ledger", ledger, "--json"},
		{"detect", sample},
		{"detectors", "test", "--cost", "--only", "CREDENTIALS,EMAIL_ADDRESS", "--pattern", `WORD=\S{8,}`, sample},
	} {
		run(t.Context(), args, strings.NewReader(""), &written, &written)
	}
	files, err := filepath.Glob(ledger + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		written.Write(b)
	}
	if !bytes.Contains(written.Bytes(), []byte(`"preview"`)) {
		t.Fatal("the sweep found nothing")
	}
	all := written.String()
	for v := range values {
		if strings.Contains(all, v) {
			t.Fatalf("a planted value of %d bytes stands in the output", len(v))
		}
	}
}
