package pipeline_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/mem"
)

// TestRealParts carries out a run with the scanner and a store that has
// versions, where objects are overwritten and deleted between listing and read.
func TestRealParts(t *testing.T) {
	set, err := detectors.Compile([]detectors.Rule{{
		ID: "PART_NUMBER", Category: detectors.Custom, Severity: detectors.Rising, Forms: []detectors.Form{{Pattern: "AA-9999"}},
	}}, detectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sc, err := scanner.New(scanner.Config{Set: set})
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	zw.Write([]byte("first AB-1234\nthen CD-5678\n"))
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}

	b := mem.New("b")
	b.Fill("clean", []byte("nothing here"))
	b.Fill("packed", packed.Bytes())
	b.Fill("cut", packed.Bytes()[:packed.Len()-10])
	b.Fill("dense", []byte(strings.Repeat("AB-1234 ", 100)))
	b.Fill("denied", []byte("AB-1234"))
	b.Fill("deleted", []byte("AB-1234"))
	b.Fill("overwritten", []byte("AB-1234"))
	var newest store.Object
	b.Hooks.Open = func(o store.Object) error {
		switch {
		case o.Key == "denied":
			return store.ErrDenied
		case o.Key == "deleted":
			b.Hide(o.Key)
		case o.Key == "overwritten" && newest.ETag == "":
			newest = b.Fill(o.Key, []byte("AB-1234 and CD-5678"))
		}
		return nil
	}

	l := newLedger(t)
	sum := do(t, &pipeline.Run{Source: b, Scanner: sc, Rules: set, Ledger: l})
	got := rows(t, l, ledger.Filter{})
	for key, want := range map[string]struct {
		status   ledger.Status
		reason   string
		values   int64
		severity ledger.Severity
	}{
		"clean":       {ledger.Complete, "", 0, ledger.NoSeverity},
		"packed":      {ledger.Complete, "", 2, ledger.Medium},
		"cut":         {ledger.Partial, "MALFORMED_FILE", 2, ledger.Medium},
		"dense":       {ledger.Complete, "", 100, ledger.High},
		"denied":      {ledger.Skipped, store.ReasonDenied, 0, ledger.NoSeverity},
		"deleted":     {ledger.Skipped, store.ReasonNotFound, 0, ledger.NoSeverity},
		"overwritten": {ledger.Complete, "", 2, ledger.Medium},
	} {
		row := got[key]
		if row.Status != want.status || row.Reason != want.reason || row.Coverage.Counts["PART_NUMBER"] != want.values || row.Severity() != want.severity {
			t.Errorf("%s: %s %q, %d values, severity %v; want %+v", key, row.Status, row.Reason, row.Coverage.Counts["PART_NUMBER"], row.Severity(), want)
		}
	}
	if len(got) != 7 || sum.Incomplete != 3 || sum.Stats.Retries != 1 {
		t.Errorf("%d rows, %d incomplete, %d retries; want 7, 3, 1", len(got), sum.Incomplete, sum.Stats.Retries)
	}
	if o := got["overwritten"].Object; o.VersionID != newest.VersionID || o.ETag != newest.ETag {
		t.Errorf("recorded version %s %s, read %s %s", o.VersionID, o.ETag, newest.VersionID, newest.ETag)
	}

	sum = do(t, &pipeline.Run{Source: b, Scanner: sc, Rules: set, Ledger: l})
	if sum.Stats.Unchanged != 5 || sum.Stats.Listed != 6 || sum.Incomplete != 2 {
		t.Errorf("second run: %d of %d unchanged, %d incomplete; want 5 of 6, 2", sum.Stats.Unchanged, sum.Stats.Listed, sum.Incomplete)
	}
}
