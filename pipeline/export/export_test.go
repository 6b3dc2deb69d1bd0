package export_test

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

// oddKeys are names that break naive writers.
var oddKeys = []string{
	"plain/2024/app.log",
	"quote\"comma,semicolon;.csv",
	"new\nline and\ttab",
	"escape \x1b[2J \x9b31m and \u009b31m",
	"\u202egnp.exe", // right-to-left override
	"latin-1 caf\xe9",
	"=HYPERLINK(\"http://localhost\")",
	"@sum",
	"-1+2",
	"\tindented",
	"日本語/ファイル.txt",
	"é/zero\u200bwidth",
	"a/very/long/path/that/does/not/fit/into/a/terminal/of/the/usual/width/or/even/a/wide/one/report.parquet",
	"C:\\back\\slash",
	"<&>\u2028",
	"\U000e0041 tag",
}

func at(s int) time.Time { return time.Date(2024, 2, 29, 12, 0, s, 5e6, time.UTC) }

func foundSeq(yield func(ledger.Found, error) bool) {
	for i, key := range oddKeys {
		f := ledger.Found{
			Object:   store.Object{Bucket: "bucket", Key: key, VersionID: "v1", ETag: "d41d8cd98f00b204e9800998ecf8427e"},
			LastRun:  3,
			RuleInfo: ledger.RuleInfo{Category: "FINANCIAL_INFORMATION", Severity: ledger.Severity(1 + i%3)},
			Finding: scanner.Finding{
				Rule:       "CREDIT_CARD_NUMBER",
				Confidence: 85, Preview: "************0000",
				Digest: "000102030405060708090a0b0c0d0e0f",
				Location: scanner.Location{
					Member: []string{"", "<gzip>", "<zip>!caf\xe9\n.txt"}[i%3],
					Offset: int64(i) << (2 * i), Length: 16, Line: int64(i + 1), Column: 5,
				},
			},
		}
		switch at := &f.Location; i % 3 {
		case 1:
			at.Row, at.Cell, at.Name = int64(i), 3, "Card\u202e \"no\""
		case 2:
			at.Record, at.Path = int64(i-2), "$['a\n,b'].c[0]"
		}
		if !yield(f, nil) {
			return
		}
	}
}

func rowSeq(yield func(ledger.Row, error) bool) {
	for i, key := range oddKeys {
		r := ledger.Row{LastRun: 3, ReadRun: 2}
		r.Object = store.Object{Bucket: "bucket", Key: key, ETag: "e", Size: int64(i) << (3 * (i % 8)), Modified: at(i)}
		r.ScannedAt, r.Took = at(30+i), 1234567*time.Nanosecond
		switch i % 3 {
		case 0:
			r.Status = ledger.Complete
			r.Coverage = scanner.Coverage{Type: "text/plain", BytesRead: r.Object.Size, BytesSearched: r.Object.Size, Members: 1}
		case 1:
			r.Status, r.Reason, r.Detail = ledger.Partial, "MALFORMED_FILE", "unexpected end"
			r.Coverage = scanner.Coverage{
				Type: "application/gzip", BytesRead: 10, BytesSearched: 1000, Members: 3,
				Counts:    map[string]int64{"EMAIL_ADDRESS": 100, "CREDIT_CARD_NUMBER": 1},
				Gaps:      []scanner.Gap{{Member: "<gzip>!\xff", Reason: "MALFORMED_FILE", Detail: "unexpected end"}, {Reason: "MALFORMED_FILE"}},
				GapCounts: map[string]int64{"MALFORMED_FILE": 3},
			}
			r.Rules = map[string]ledger.RuleInfo{"EMAIL_ADDRESS": {Severity: ledger.High}, "CREDIT_CARD_NUMBER": {Severity: ledger.Low}}
		case 2:
			r.Object.Size, r.Object.Modified = -1, time.Time{}
			r.Status, r.Reason, r.Detail = ledger.Skipped, "PERMISSION_DENIED", "get "+key+": access denied"
		}
		if !yield(r, nil) {
			return
		}
	}
}

var aliased = export.Names{AliasKey: []byte("a key of the test")}

// outputs are all that is written in the tests, by golden file.
var outputs = map[string]func(*bytes.Buffer) error{
	"findings.jsonl": func(w *bytes.Buffer) error {
		return export.Findings(w, export.Options{Format: export.JSONLines}, foundSeq)
	},
	"findings.csv": func(w *bytes.Buffer) error { return export.Findings(w, export.Options{Format: export.CSV}, foundSeq) },
	"findings.txt": func(w *bytes.Buffer) error { return export.Findings(w, export.Options{Format: export.Table}, foundSeq) },
	"findings-80.txt": func(w *bytes.Buffer) error {
		return export.Findings(w, export.Options{Format: export.Table, Width: 80}, foundSeq)
	},
	"findings-alias.jsonl": func(w *bytes.Buffer) error {
		return export.Findings(w, export.Options{Format: export.JSONLines, Names: aliased}, foundSeq)
	},
	"objects.jsonl": func(w *bytes.Buffer) error {
		return export.Objects(w, export.Options{Format: export.JSONLines}, rowSeq)
	},
	"objects.csv": func(w *bytes.Buffer) error { return export.Objects(w, export.Options{Format: export.CSV}, rowSeq) },
	"objects.txt": func(w *bytes.Buffer) error { return export.Objects(w, export.Options{Format: export.Table}, rowSeq) },
	"objects-100.txt": func(w *bytes.Buffer) error {
		return export.Objects(w, export.Options{Format: export.Table, Width: 100}, rowSeq)
	},
	"objects-alias.csv": func(w *bytes.Buffer) error {
		return export.Objects(w, export.Options{Format: export.CSV, Names: aliased}, rowSeq)
	},
}

func written(t *testing.T, name string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := outputs[name](&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGolden(t *testing.T) {
	for name := range outputs {
		t.Run(name, func(t *testing.T) {
			got := written(t, name)
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// Nothing that is written can drive a terminal.
func TestOutputIsPrintable(t *testing.T) {
	for name := range outputs {
		for _, r := range string(written(t, name)) {
			if r != '\n' && !unicode.IsPrint(r) || r == unicode.ReplacementChar {
				t.Errorf("%s: character %U is written", name, r)
			}
		}
	}
}

// The exact key can be told from every record, in JSON and CSV.
func TestExactKeys(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(written(t, "findings.jsonl"))), "\n")
	records, err := csv.NewReader(bytes.NewReader(written(t, "findings.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != len(oddKeys) || len(records) != len(oddKeys)+1 {
		t.Fatalf("%d lines of JSON and %d of CSV", len(lines), len(records))
	}
	for i, want := range oddKeys {
		var rec struct {
			Key    string
			Base64 []byte `json:"key_base64"`
		}
		if err := json.Unmarshal([]byte(lines[i]), &rec); err != nil {
			t.Fatal(err)
		}
		got := rec.Key
		if len(rec.Base64) > 0 {
			got = string(rec.Base64)
		}
		if got != want {
			t.Errorf("JSON: key %q, want %q", got, want)
		}
		got = records[i+1][1]
		if b := records[i+1][2]; b != "" {
			raw, err := base64.StdEncoding.DecodeString(b)
			if err != nil {
				t.Fatal(err)
			}
			got = string(raw)
		}
		if got != want {
			t.Errorf("CSV: key %q, want %q", got, want)
		}
	}
}

func TestCSVCellsAreNoFormulas(t *testing.T) {
	for _, name := range []string{"findings.csv", "objects.csv"} {
		records, err := csv.NewReader(bytes.NewReader(written(t, name))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range records {
			for i, c := range record {
				if c == "-1" && records[0][i] == "size" {
					continue
				}
				if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") {
					t.Errorf("%s: cell of column %s begins with %q", name, records[0][i], c[0])
				}
			}
		}
	}
}

func TestAliasesHideNames(t *testing.T) {
	for _, name := range []string{"findings-alias.jsonl", "objects-alias.csv"} {
		out := string(written(t, name))
		for _, part := range []string{"app.log", "report.parquet", "caf", "access denied", "HYPERLINK"} {
			if strings.Contains(out, part) {
				t.Errorf("%s tells %q", name, part)
			}
		}
	}
	o := store.Object{Bucket: "b", Key: "k"}
	other := export.Names{AliasKey: []byte("another key")}
	again := store.Object{Bucket: "b", Key: "k", ETag: "another version"}
	elsewhere := store.Object{Bucket: "c", Key: "k"}
	if alias := aliased.Key(o); alias != aliased.Key(again) || alias == other.Key(o) || alias == aliased.Key(elsewhere) {
		t.Error("an alias must depend on key, bucket and name, and on nothing else")
	}
}

// Lines fit the terminal, however long the names are.
func TestTableFits(t *testing.T) {
	for name, limit := range map[string]int{"findings-80.txt": 80, "objects-100.txt": 100} {
		for line := range strings.Lines(string(written(t, name))) {
			columns := 0
			for _, r := range strings.TrimSuffix(line, "\n") {
				if columns++; r >= 0x3000 && r < 0xa000 { // the wide characters of oddKeys
					columns++
				}
			}
			if columns > limit {
				t.Errorf("%s: a line of %d columns", name, columns)
			}
		}
	}
}

// A long table is written while it is read, and nothing of it is lost.
func TestTableStreams(t *testing.T) {
	const rows = 10_000
	var out bytes.Buffer
	early := 0
	err := export.Findings(&out, export.Options{Format: export.Table}, func(yield func(ledger.Found, error) bool) {
		for i := range rows {
			if !yield(ledger.Found{Object: store.Object{Bucket: "b", Key: fmt.Sprint(i)}}, nil) {
				return
			}
		}
		early = bytes.Count(out.Bytes(), []byte("\n"))
	})
	if lines := bytes.Count(out.Bytes(), []byte("\n")); err != nil || lines != rows+1 || early < rows*9/10 {
		t.Errorf("%d lines, %d of them before the end, error %v", lines, early, err)
	}
}

// Findings that are written one by one are those that are written at once.
func TestFindingWriter(t *testing.T) {
	for _, f := range []export.Format{export.JSONLines, export.CSV} {
		var one, all bytes.Buffer
		w, err := export.NewFindingWriter(&one, export.Options{Format: f})
		if err != nil {
			t.Fatal(err)
		}
		for found := range foundSeq {
			if err := errors.Join(w.Write(found), w.Flush()); err != nil {
				t.Fatal(err)
			}
		}
		if err := export.Findings(&all, export.Options{Format: f}, foundSeq); err != nil {
			t.Fatal(err)
		}
		if one.String() != all.String() {
			t.Errorf("%s: got\n%s\nwant\n%s", f, one.String(), all.String())
		}
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestErrors(t *testing.T) {
	for _, f := range []export.Format{export.JSONLines, export.CSV, export.Table} {
		if err := export.Findings(fullDisk{}, export.Options{Format: f}, foundSeq); !errors.Is(err, errFull) {
			t.Errorf("%s: full disk: %v", f, err)
		}
		errRead := errors.New("ledger is damaged")
		var broken iter.Seq2[ledger.Found, error] = func(yield func(ledger.Found, error) bool) {
			if yield(ledger.Found{Object: store.Object{Key: "first"}}, nil) {
				yield(ledger.Found{}, errRead)
			}
		}
		var out bytes.Buffer
		if err := export.Findings(&out, export.Options{Format: f}, broken); !errors.Is(err, errRead) || !strings.Contains(out.String(), "first") {
			t.Errorf("%s: broken ledger: %v after %q", f, err, out.String())
		}
	}
	if err := export.Findings(fullDisk{}, export.Options{}, foundSeq); err == nil {
		t.Error("no format is accepted")
	}
	if _, err := export.ParseFormat("xml"); err == nil {
		t.Error("format xml is accepted")
	}
	if f, err := export.ParseFormat("CSV"); err != nil || f != export.CSV {
		t.Errorf("format CSV: %q, %v", f, err)
	}
}

// TestTableNamesTheMostFound wants a row that stays readable, however many
// rules found something in the object.
func TestTableNamesTheMostFound(t *testing.T) {
	row := ledger.Row{Entry: ledger.Entry{Object: store.Object{Bucket: "b", Key: "k"}, Status: ledger.Complete}}
	row.Coverage.Counts = map[string]int64{"A": 1, "B": 5, "C": 3, "D": 4, "E": 2}
	seq := func(yield func(ledger.Row, error) bool) { yield(row, nil) }
	for format, want := range map[export.Format]string{export.Table: " B:5 C:3 D:4 and 2 more ", export.CSV: ",A:1 B:5 C:3 D:4 E:2,"} {
		var out bytes.Buffer
		if err := export.Objects(&out, export.Options{Format: format}, seq); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s lacks %q:\n%s", format, want, out.String())
		}
	}
}
