package ledger_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/store"
)

// batchSize is what the pipeline commits at a time when it is busy.
const batchSize = 512

// batches commits n clean entries in batches.
func batches(b *testing.B, l *ledger.Ledger, run int64, n int) {
	var batch ledger.Batch
	for i := range n {
		batch.Entries = append(batch.Entries, clean("bucket", fmt.Sprintf("some/prefix/of/usual/length/%09d.json.gz", i), fmt.Sprintf("%032x", i)))
		if len(batch.Entries) == batchSize || i == n-1 {
			if err := l.Commit(b.Context(), run, batch); err != nil {
				b.Fatal(err)
			}
			batch.Entries = batch.Entries[:0]
		}
	}
}

// BenchmarkCommit writes entries without findings, in groups.
func BenchmarkCommit(b *testing.B) {
	l := open(b, filepath.Join(b.TempDir(), "ledger.db"))
	run := begin(b, l)
	b.ReportAllocs()
	for b.Loop() {
		batches(b, l, run, batchSize)
	}
	b.ReportMetric(float64(b.N)*batchSize/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkCommitFindings writes findings, 100 an object.
func BenchmarkCommitFindings(b *testing.B) {
	l := open(b, filepath.Join(b.TempDir(), "ledger.db"))
	run := begin(b, l)
	e := entry("k")
	for e.Findings.Len() < 100 {
		for f := range e.Findings.All() {
			e.Findings.Add(f)
		}
	}
	n := 0
	for b.Loop() {
		batch := ledger.Batch{}
		for range 50 {
			e.Object.Key = fmt.Sprint(n)
			n++
			batch.Entries = append(batch.Entries, e)
		}
		if err := l.Commit(b.Context(), run, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*50*100/b.Elapsed().Seconds(), "findings/s")
}

// BenchmarkKnown looks up objects of an earlier run among 100,000, from one
// goroutine.
func BenchmarkKnown(b *testing.B) {
	const objects = 100_000
	l := open(b, filepath.Join(b.TempDir(), "ledger.db"))
	batches(b, l, begin(b, l), objects)
	begin(b, l)
	i := 0
	for b.Loop() {
		i = (i + 7919) % objects
		o := store.Object{Bucket: "bucket", Key: fmt.Sprintf("some/prefix/of/usual/length/%09d.json.gz", i), ETag: fmt.Sprintf("%032x", i)}
		if _, ok, err := l.Known(b.Context(), o, "rules"); err != nil || !ok {
			b.Fatal(ok, err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkObjects reads 100,000 rows.
func BenchmarkObjects(b *testing.B) {
	const objects = 100_000
	l := open(b, filepath.Join(b.TempDir(), "ledger.db"))
	batches(b, l, begin(b, l), objects)
	for b.Loop() {
		n := 0
		for _, err := range l.Objects(b.Context(), ledger.Filter{}) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != objects {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.N)*objects/b.Elapsed().Seconds(), "objects/s")
}
