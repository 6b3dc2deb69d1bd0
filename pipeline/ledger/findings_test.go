package ledger_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner"
)

// TestFindingsComeBack wants any findings back as they were.
func TestFindingsComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", "a", "café", "\xff\x00", "$.a[0]", "0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789abcdef", "0123456789abcdef"}
	text := func() string { return texts[r.IntN(len(texts))] }
	number := func() int64 {
		switch r.IntN(20) {
		case 0:
			return math.MaxInt64
		case 1:
			return math.MinInt64
		}
		return r.Int64N(1000)
	}
	for n := range 300 {
		var want []scanner.Finding
		counts := make(map[string]int64)
		for range r.IntN(n + 1) {
			f := scanner.Finding{
				Rule: text(), Confidence: r.IntN(100), Preview: text(), Digest: text(),
				Location: scanner.Location{
					Member: text(), Offset: number(), Length: number(), Line: number(), Column: number(),
					Row: number(), Cell: number(), Name: text(), Record: number(), Path: text(),
				},
			}
			want = append(want, f)
			counts[f.Rule]++
		}
		fs := findings(want...)
		if got := slices.Collect(fs.All()); !slices.Equal(got, want) || fs.Len() != len(want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
		if got := maps.Collect(fs.Counts()); !maps.Equal(got, counts) {
			t.Fatalf("counts %v, want %v", got, counts)
		}
		for range fs.All() { // it can be left
			break
		}
	}
}

// BenchmarkFindings keeps findings of a table and gives them back.
func BenchmarkFindings(b *testing.B) {
	list := []scanner.Finding{
		{Rule: "CREDIT_CARD_NUMBER", Location: scanner.Location{Length: 16, Column: 9, Cell: 3, Name: "card"}, Confidence: 99, Preview: "************0000", Digest: "0123456789abcdef0123456789abcdef"},
		{Rule: "EMAIL_ADDRESS", Location: scanner.Location{Length: 21, Column: 44, Cell: 5, Name: "mail"}, Confidence: 85, Preview: "****.***@*******.***", Digest: "fedcba9876543210fedcba9876543210"},
	}
	const rows = 10_000
	b.ReportAllocs()
	for b.Loop() {
		var fs ledger.Findings
		for row := range int64(rows) {
			for _, f := range list {
				f.Location.Offset, f.Location.Line, f.Location.Row = f.Location.Column+80*row, row+1, row+1
				fs.Add(f)
			}
		}
		for range fs.All() {
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(2*rows), "ns/finding")
}
