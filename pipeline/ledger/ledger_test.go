package ledger_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store"
)

func open(t testing.TB, path string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func begin(t testing.TB, l *ledger.Ledger) int64 {
	t.Helper()
	id, err := l.Begin(context.Background(), ledger.Run{Started: at(0), RuleSet: "rules", Version: "v1", Args: []string{"scan", "s3://b"}})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func commit(t testing.TB, l *ledger.Ledger, run int64, entries ...ledger.Entry) {
	t.Helper()
	if err := l.Commit(context.Background(), run, ledger.Batch{Entries: entries}); err != nil {
		t.Fatal(err)
	}
}

// at is some time and so many seconds.
func at(s int) time.Time { return time.Date(2024, 2, 29, 12, 0, s, 345e6, time.UTC) }

// entry is an entry in which every field is set.
func entry(key string) ledger.Entry {
	return ledger.Entry{
		Object: store.Object{Bucket: "b", Key: key, VersionID: "v", ETag: "e", Size: 1000, Modified: at(1), Class: "STANDARD_IA"},
		Status: ledger.Partial, Reason: "MALFORMED_FILE", Detail: "cut short",
		Coverage: scanner.Coverage{
			BytesRead: 1000, BytesSearched: 5000, Members: 2, Type: "application/gzip",
			Counts:    map[string]int64{"CREDIT_CARD_NUMBER": 120, "EMAIL_ADDRESS": 1},
			Gaps:      []scanner.Gap{{Member: "<gzip>!x", Reason: "MALFORMED_FILE", Detail: "cut short"}, {Reason: "ARCHIVE_RATIO_OVER_LIMIT"}},
			GapCounts: map[string]int64{"MALFORMED_FILE": 1, "ARCHIVE_RATIO_OVER_LIMIT": 1},
		},
		Findings: findings(
			scanner.Finding{Rule: "CREDIT_CARD_NUMBER", Location: scanner.Location{Member: "<gzip>!x", Offset: 1 << 40, Length: 16, Line: 7, Column: 9, Record: 4, Path: "$.a"}, Confidence: 99, Preview: "************0000", Digest: "0a"},
			scanner.Finding{Rule: "EMAIL_ADDRESS", Location: scanner.Location{Offset: 0, Length: 12, Line: 1, Column: 1, Row: 2, Cell: 3, Name: "mail"}, Confidence: 50, Preview: "*@*.*", Digest: "0b"},
		),
		Rules: map[string]ledger.RuleInfo{
			"CREDIT_CARD_NUMBER": {Category: "FINANCIAL_INFORMATION", Severity: ledger.High},
			"EMAIL_ADDRESS":      {Category: "PERSONAL_INFORMATION", Severity: ledger.Low},
		},
		ScannedAt: at(2), Took: 1500 * time.Microsecond,
	}
}

func findings(list ...scanner.Finding) (fs ledger.Findings) {
	for _, f := range list {
		fs.Add(f)
	}
	return fs
}

// clean is a complete entry without findings.
func clean(bucket, key, etag string) ledger.Entry {
	return ledger.Entry{Object: store.Object{Bucket: bucket, Key: key, ETag: etag}, Status: ledger.Complete}
}

func objects(t testing.TB, r *ledger.Reader, f ledger.Filter) []ledger.Row {
	t.Helper()
	var rows []ledger.Row
	for row, err := range r.Objects(context.Background(), f) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

func found(t testing.TB, r *ledger.Reader, f ledger.Filter) []ledger.Found {
	t.Helper()
	var all []ledger.Found
	for one, err := range r.Findings(context.Background(), f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// TestManyFindings wants every finding back, in order, however many an object
// has: they are written in groups.
func TestManyFindings(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	run := begin(t, l)
	for _, n := range []int{0, 1, 31, 32, 33, 64, 95, 1000} {
		e := entry(fmt.Sprintf("%d findings", n))
		e.Findings = ledger.Findings{}
		for i := range n {
			e.Findings.Add(scanner.Finding{Rule: "EMAIL_ADDRESS", Location: scanner.Location{Offset: int64(i), Length: 12}})
		}
		commit(t, l, run, e)
		got := found(t, l.Reader, ledger.Filter{Prefix: e.Object.Key})
		if len(got) != n {
			t.Fatalf("%d findings come back as %d", n, len(got))
		}
		for i, f := range got {
			if f.Location.Offset != int64(i) {
				t.Fatalf("of %d findings, number %d comes back as that at offset %d", n, i, f.Location.Offset)
			}
		}
	}
}

func TestRoundTrip(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "odd ?name#%41.db"))
	run := begin(t, l)
	e := entry("invalid \xff utf-8\n and \x00 zero")
	e.Coverage.Gaps[0].Member = "caf\xe9"
	list := slices.Collect(e.Findings.All())
	list[0].Location.Member = "caf\xe9"
	e.Findings = findings(list...)
	commit(t, l, run, e)

	rows := objects(t, l.Reader, ledger.Filter{})
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	want := ledger.Row{Entry: e, LastRun: run, ReadRun: run}
	want.Findings = ledger.Findings{}
	if !reflect.DeepEqual(rows[0], want) {
		t.Errorf("got  %+v\nwant %+v", rows[0], want)
	}
	all := found(t, l.Reader, ledger.Filter{})
	if len(all) != 2 {
		t.Fatalf("%d findings", len(all))
	}
	for i, f := range all {
		want := ledger.Found{Object: e.Object, LastRun: run, RuleInfo: e.Rules[f.Rule], Finding: list[i]}
		if !reflect.DeepEqual(f, want) {
			t.Errorf("got  %+v\nwant %+v", f, want)
		}
	}

	finished := ledger.Run{
		ID: run, Started: at(0), Finished: at(9), State: ledger.Completed, RuleSet: "rules", Version: "v1", Args: []string{"scan", "s3://b"},
		Tally: ledger.Tally{Listed: 1, ListedBytes: 2, Filtered: 3, Unchanged: 4, Unread: 5},
	}
	if err := l.Finish(t.Context(), finished); err != nil {
		t.Fatal(err)
	}
	runs, err := l.Runs(t.Context())
	if err != nil || len(runs) != 1 || !reflect.DeepEqual(runs[0], finished) {
		t.Errorf("runs %+v, error %v, want %+v", runs, err, finished)
	}
}

func TestLastAttemptStands(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	run := begin(t, l)
	refused := clean("b", "k", "e")
	refused.Status, refused.Reason = ledger.Skipped, store.ReasonDenied
	commit(t, l, run, refused)                  // no version id is known yet
	commit(t, l, run, entry("k"))               // version v of the same ETag
	commit(t, l, run, clean("b", "k", "other")) // another version
	e := entry("k")
	e.Findings = findings(slices.Collect(e.Findings.All())[:1]...)
	delete(e.Coverage.Counts, "EMAIL_ADDRESS")
	e.Coverage.Gaps, e.Coverage.GapCounts = nil, nil
	commit(t, l, run, e)
	if rows := objects(t, l.Reader, ledger.Filter{}); len(rows) != 2 || len(rows[0].Coverage.Counts) != 1 || len(rows[0].Coverage.Gaps) != 0 {
		t.Errorf("rows %+v", rows)
	}
	if all := found(t, l.Reader, ledger.Filter{}); len(all) != 1 {
		t.Errorf("%d findings, want 1", len(all))
	}
	totals, err := l.Totals(t.Context(), ledger.Filter{})
	if err != nil || totals.Values != 120 || totals.Gaps != 0 || len(totals.GapsByReason) != 0 {
		t.Errorf("totals %+v, error %v", totals, err)
	}
}

func TestKnown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	state := func(key string, s ledger.Status, reason string, gaps ...string) ledger.Entry {
		e := entry(key)
		e.Status, e.Reason, e.Coverage.Gaps, e.Coverage.GapCounts = s, reason, nil, nil
		for _, g := range gaps {
			e.Coverage.Add(scanner.Gap{Reason: g}, 1) // the others are only counted
		}
		return e
	}
	entries := []ledger.Entry{
		state("complete", ledger.Complete, ""),
		state("malformed", ledger.Partial, "MALFORMED_FILE", "MALFORMED_FILE"),
		state("password", ledger.Partial, "INVALID_ENCRYPTION", "INVALID_ENCRYPTION"),
		state("broken", ledger.Partial, store.ReasonBroken, store.ReasonBroken),
		state("broken gap", ledger.Partial, "MALFORMED_FILE", "MALFORMED_FILE", store.ReasonStalled),
		state("throttled", ledger.Partial, store.ReasonThrottled),
		state("denied", ledger.Skipped, store.ReasonDenied),
		state("ssec", ledger.Skipped, store.ReasonEncrypted),
	}
	final := []string{"complete", "malformed", "password"}
	commit(t, l, begin(t, l), entries...)
	second := begin(t, l)
	for _, e := range entries {
		for _, c := range []struct {
			what string
			o    store.Object
			set  string
			want bool
		}{
			{"as read", e.Object, "rules", true},
			{"as listed", store.Object{Bucket: "b", Key: e.Object.Key, ETag: "e"}, "rules", true},
			{"another version", store.Object{Bucket: "b", Key: e.Object.Key, ETag: "e", VersionID: "w"}, "rules", false},
			{"another etag", store.Object{Bucket: "b", Key: e.Object.Key, ETag: "f"}, "rules", false},
			{"another bucket", store.Object{Bucket: "c", Key: e.Object.Key, ETag: "e"}, "rules", false},
			{"no etag", store.Object{Bucket: "b", Key: e.Object.Key}, "rules", false},
			{"other rules", e.Object, "others", false},
		} {
			row, ok, err := l.Known(t.Context(), c.o, c.set)
			if err != nil {
				t.Fatal(err)
			}
			if want := c.want && slices.Contains(final, e.Object.Key); ok != want {
				t.Errorf("%s %s: known %v, want %v", e.Object.Key, c.what, ok, want)
			}
			if ok {
				if err := l.Commit(t.Context(), second, ledger.Batch{Unchanged: []int64{row}}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, row := range objects(t, l.Reader, ledger.Filter{}) {
		want := second - 1
		if slices.Contains(final, row.Object.Key) {
			want = second
		}
		if row.LastRun != want || row.ReadRun != second-1 {
			t.Errorf("%s: last seen by run %d, read by %d; want %d, %d", row.Object.Key, row.LastRun, row.ReadRun, want, second-1)
		}
	}
}

func TestFilters(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	first := begin(t, l)
	commit(t, l, first, entry("a/1"), clean("b", "a/2", "old"), clean("b", "gone", "e"), clean("c", "a/1", "e"), clean("b", "a\xff\xff", "e"), clean("b", "b", "e"), clean("d", "\xff", "e"))
	second := begin(t, l)
	denied := clean("b", "denied", "e")
	denied.Status, denied.Reason = ledger.Skipped, store.ReasonDenied
	email := entry("z")
	email.Status, email.Reason, email.Coverage.Gaps, email.Coverage.GapCounts = ledger.Complete, "", nil, nil
	email.Findings = findings(slices.Collect(email.Findings.All())[1:]...)
	delete(email.Coverage.Counts, "CREDIT_CARD_NUMBER")
	delete(email.Rules, "CREDIT_CARD_NUMBER")
	commit(t, l, second, clean("b", "a/2", "new"), denied, email)

	for _, c := range []struct {
		name     string
		f        ledger.Filter
		objects  string
		findings int
	}{
		{"present state", ledger.Filter{}, "b/a/1 b/a/2:new b/a\xff\xff b/b b/denied b/gone b/z c/a/1 d/\xff", 3},
		{"every version", ledger.Filter{AnyRun: true}, "b/a/1 b/a/2:new b/a/2:old b/a\xff\xff b/b b/denied b/gone b/z c/a/1 d/\xff", 3},
		{"run", ledger.Filter{Run: second}, "b/a/2:new b/denied b/z", 1},
		{"bucket", ledger.Filter{Bucket: "c"}, "c/a/1", 0},
		{"prefix", ledger.Filter{Prefix: "a/"}, "b/a/1 b/a/2:new c/a/1", 2},
		{"prefix at the end of bytes", ledger.Filter{Prefix: "a\xff"}, "b/a\xff\xff", 0},
		{"prefix of nothing but the last byte", ledger.Filter{Prefix: "\xff"}, "d/\xff", 0},
		{"status", ledger.Filter{Statuses: []ledger.Status{ledger.Partial, ledger.Skipped}}, "b/a/1 b/denied", 2},
		{"reason of status", ledger.Filter{Reasons: []string{store.ReasonDenied}}, "b/denied", 0},
		{"reason of a gap", ledger.Filter{Reasons: []string{"ARCHIVE_RATIO_OVER_LIMIT"}}, "b/a/1", 2},
		{"rule", ledger.Filter{Rules: []string{"EMAIL_ADDRESS"}}, "b/a/1 b/z", 2},
		{"category", ledger.Filter{Categories: []string{"FINANCIAL_INFORMATION"}}, "b/a/1", 1},
		{"severity", ledger.Filter{MinSeverity: ledger.Medium}, "b/a/1", 1},
		{"all together", ledger.Filter{Run: first, Bucket: "b", Prefix: "a", Statuses: []ledger.Status{ledger.Partial}, Reasons: []string{"MALFORMED_FILE"}, Rules: []string{"CREDIT_CARD_NUMBER"}, Categories: []string{"FINANCIAL_INFORMATION"}, MinSeverity: ledger.High}, "b/a/1", 1},
		{"rule and category that do not meet", ledger.Filter{Rules: []string{"EMAIL_ADDRESS"}, Categories: []string{"FINANCIAL_INFORMATION"}}, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var names []string
			for _, row := range objects(t, l.Reader, c.f) {
				name := row.Object.Bucket + "/" + row.Object.Key
				if row.Object.Key == "a/2" {
					name += ":" + row.Object.ETag
				}
				names = append(names, name)
			}
			if got := strings.Join(names, " "); got != c.objects {
				t.Errorf("objects %q, want %q", got, c.objects)
			}
			if n := len(found(t, l.Reader, c.f)); n != c.findings {
				t.Errorf("%d findings, want %d", n, c.findings)
			}
			totals, err := l.Totals(t.Context(), c.f)
			if err != nil || totals.Objects != int64(len(names)) {
				t.Errorf("totals count %d objects, error %v, want %d", totals.Objects, err, len(names))
			}
		})
	}
}

func TestIncomplete(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	run := begin(t, l)
	more := entry("more gaps than listed")
	more.Coverage.GapCounts["UNABLE_TO_PARSE_FILE"] = 3
	denied := clean("b", "denied", "e")
	denied.Status, denied.Reason = ledger.Skipped, store.ReasonDenied
	commit(t, l, run, clean("b", "clean", "e"), entry("two reasons"), more, denied)
	for _, c := range []struct {
		accept []string
		want   int64
	}{
		{nil, 3},
		{[]string{"MALFORMED_FILE"}, 3},
		{[]string{"MALFORMED_FILE", "ARCHIVE_RATIO_OVER_LIMIT"}, 2},
		{[]string{"MALFORMED_FILE", "ARCHIVE_RATIO_OVER_LIMIT", store.ReasonDenied}, 1},
		{[]string{"MALFORMED_FILE", "ARCHIVE_RATIO_OVER_LIMIT", store.ReasonDenied, "UNABLE_TO_PARSE_FILE"}, 0},
	} {
		n, err := l.Incomplete(t.Context(), ledger.Filter{Run: run}, c.accept)
		if err != nil || n != c.want {
			t.Errorf("accepting %q: %d, error %v, want %d", c.accept, n, err, c.want)
		}
	}
}

// A reader sees one state while a run goes on writing, and a caller that
// stops early frees it.
func TestReadWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	run := begin(t, l)
	for i := range 50 {
		commit(t, l, run, entry(fmt.Sprintf("k%03d", i)))
	}
	r, err := ledger.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	for _, err := range r.Objects(t.Context(), ledger.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 1 {
			for i := range 100 {
				commit(t, l, run, entry(fmt.Sprintf("k%03d", i)), entry(fmt.Sprintf("l%03d", i)))
			}
		}
	}
	if n != 50 {
		t.Errorf("%d objects in the state that was there at first, want 50", n)
	}
	for range 20 { // more often than there are connections
		for range r.Findings(t.Context(), ledger.Filter{}) {
			break
		}
	}
	if n := len(objects(t, r, ledger.Filter{})); n != 200 {
		t.Errorf("%d objects, want 200", n)
	}
}

func TestCommitIsAllOrNothing(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	run := begin(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Commit(ctx, run, ledger.Batch{Entries: []ledger.Entry{entry("a")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("commit under an ended context: %v", err)
	}
	commit(t, l, run, entry("b"))
	if rows := objects(t, l.Reader, ledger.Filter{}); len(rows) != 1 || rows[0].Object.Key != "b" {
		t.Errorf("rows %+v", rows)
	}
}

func TestOneWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	_, err := ledger.Open(t.Context(), path)
	if !errors.Is(err, ledger.ErrInUse) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("second writer: %v", err)
	}
	r, err := ledger.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatalf("reader beside the writer: %v", err)
	}
	r.Close()
	l.Close()
	open(t, path)
}

// TestOneWriterByAnyName: a link to a ledger names the same one.
func TestOneWriterByAnyName(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "ledger.db"), filepath.Join(dir, "link.db")
	if err := os.Symlink("ledger.db", link); err != nil {
		t.Fatal(err)
	}
	l := open(t, link)
	if _, err := ledger.Open(t.Context(), path); !errors.Is(err, ledger.ErrInUse) {
		t.Errorf("second writer: %v", err)
	}
	for _, file := range l.Files() {
		if _, err := os.Stat(file); err != nil {
			t.Errorf("its files: %v", err)
		}
	}
}

func TestKilledRunIsMarked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	begin(t, l)
	l.Close()
	runs, err := open(t, path).Runs(t.Context())
	if err != nil || len(runs) != 1 || runs[0].State != ledger.Interrupted || !runs[0].Finished.IsZero() {
		t.Errorf("runs %+v, error %v", runs, err)
	}
}

func TestOpenErrors(t *testing.T) {
	file := func(content string) func(t *testing.T) string {
		return func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "ledger.db")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	// edited is a ledger, or an empty database, that sqlite3 was used on.
	edited := func(isLedger bool, statement string) func(t *testing.T) string {
		return func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "ledger.db")
			if isLedger {
				open(t, path).Close()
			}
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	for _, c := range []struct {
		name  string
		path  func(t *testing.T) string
		err   error
		words string
		read  bool // reading fails too
	}{
		{"text", file("this is not a database, and long enough to be read as one: " + strings.Repeat("x", 4096)), ledger.ErrNotLedger, "name another file", true},
		{"short text", file("hello"), ledger.ErrNotLedger, "name another file", true},
		{"other database", edited(false, "CREATE TABLE t (x)"), ledger.ErrNotLedger, "another program", true},
		{"newer schema", edited(true, "PRAGMA user_version = 99"), ledger.ErrVersion, "schema version 99", true},
		{"directory", func(t *testing.T) string { return t.TempDir() }, nil, "is a directory", true},
		{"no directory", func(t *testing.T) string { return filepath.Join(t.TempDir(), "a", "b.db") }, fs.ErrNotExist, "create it", true},
		{"file for a directory", func(t *testing.T) string { return filepath.Join(file("")(t), "b.db") }, nil, "ledger", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := c.path(t)
			before, _ := os.ReadFile(path)
			l, err := ledger.Open(t.Context(), path)
			if err == nil {
				l.Close()
				t.Fatal("opened")
			}
			if c.err != nil && !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v", err)
			}
			if r, err := ledger.OpenReader(t.Context(), path); err == nil {
				r.Close()
				t.Error("opened for reading")
			} else if c.err != nil && !errors.Is(err, c.err) {
				t.Errorf("reading: %v", err)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestEmptyFileBecomesALedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.OpenReader(t.Context(), path); !errors.Is(err, ledger.ErrNotLedger) {
		t.Errorf("reading an empty file: %v", err)
	}
	begin(t, open(t, path))
}

// A ledger whose pages are damaged says so, wherever that shows.
func TestDamagedLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	run := begin(t, l)
	for i := range 200 {
		commit(t, l, run, entry(fmt.Sprint(i)))
	}
	l.Close()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The first page holds the schema, and stays.
	for i := 4096; i < len(data); i++ {
		data[i] = 0xa5
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := ledger.OpenReader(t.Context(), path)
	if err == nil {
		for _, e := range r.Objects(t.Context(), ledger.Filter{}) {
			err = e
		}
		r.Close()
	}
	if !errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("error %v", err)
	}
}
