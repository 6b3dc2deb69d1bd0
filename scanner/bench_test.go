package scanner

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/detectors/vectors"
)

// benchText is length bytes of log lines with few or many values of the
// built-in rules, seeded.
func benchText(set *detectors.Set, length, valueEvery int) []byte {
	rnd := rand.New(rand.NewPCG(6, 6))
	var b []byte
	for line := 0; len(b) < length; line++ {
		b = fmt.Appendf(b, "2024-05-%02dT%02d:%02d:%02d.%03dZ INFO worker-%d request %016x took %dms status=200 path=/v1/items/%d\n",
			1+rnd.IntN(28), rnd.IntN(24), rnd.IntN(60), rnd.IntN(60), rnd.IntN(1000), rnd.IntN(64), rnd.Uint64(), rnd.IntN(900), rnd.IntN(100000))
		if line%valueEvery == 0 {
			positive := vectors.MustOf(set.Rule(rnd.IntN(set.Len())).ID).Positive
			b = append(append(b, positive[rnd.IntN(len(positive))].Text...), '\n')
		}
	}
	return b[:length]
}

// BenchmarkScan compares Scan of 64 MiB in memory with Set.Find alone on the
// same windows of the same bytes; both must find the same number of values.
func BenchmarkScan(b *testing.B) {
	set := builtin(b)
	for _, x := range []struct {
		name  string
		every int
	}{{"sparse", 1000}, {"dense", 3}} {
		text := benchText(set, 64<<20, x.every)
		found := 0
		b.Run(x.name+"/find", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			var ms []detectors.Match
			margin := set.Margin()
			for b.Loop() {
				found = 0
				for from := 0; from < len(text); from += defaultWindow {
					to := min(from+defaultWindow, len(text))
					first, last := max(0, from-margin), min(len(text), to+margin)
					ms = set.Find(ms[:0], text[first:last], from-first, to-first)
					found += len(ms)
				}
			}
			b.ReportMetric(float64(found), "values")
		})
		b.Run(x.name+"/scan", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			s := newScanner(b, Config{Set: set})
			for b.Loop() {
				cov, err := s.Scan(b.Context(), bytes.NewReader(text), func(Finding) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for _, c := range cov.Counts {
					n += int(c)
				}
				if n != found {
					b.Fatalf("%d values, Find alone has %d", n, found)
				}
			}
		})
	}
}

// BenchmarkWindows is what Scan adds to Set.Find: reading 64 MiB into windows
// and counting lines.
func BenchmarkWindows(b *testing.B) {
	set := builtin(b)
	text := benchText(set, 64<<20, 1000)
	for name, split := range map[string]byte{"lines": '\n', "one line": ' '} {
		text := bytes.ReplaceAll(text, []byte{'\n'}, []byte{split})
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			margin := set.Margin()
			buf := make([]byte, defaultWindow+2*margin)
			for b.Loop() {
				w := windows{r: bytes.NewReader(text), buf: buf, margin: margin}
				var lines lineCounter
				for w.next(b.Context()) {
					lines.advance(w.bytes(lines.at, w.base+int64(w.to)))
				}
			}
		})
	}
}

// BenchmarkShapes scans tables and records, and the same text behind a line that
// makes it running text: what it costs to follow rows, cells and paths.
func BenchmarkShapes(b *testing.B) {
	set := builtin(b)
	rnd := rand.New(rand.NewPCG(8, 8))
	var csv, jsonl []byte
	csv = append(csv, "id,created,name,ssn,note,amount\n"...)
	for i := 0; len(csv) < 16<<20; i++ {
		csv = fmt.Appendf(csv, "%d,2024-05-%02dT10:%02d:00Z,customer %d,%09d,\"a note, quoted\",%d.%02d\n", i, 1+rnd.IntN(28), rnd.IntN(60), rnd.IntN(1000), rnd.IntN(1e9), rnd.IntN(1000), rnd.IntN(100))
		jsonl = fmt.Appendf(jsonl, `{"id":%d,"at":"2024-05-%02dT10:%02d:00Z","user":{"name":"customer %d","ids":[%d,%d]},"ssn":{"value":"%09d"},"ok":true}`+"\n", i, 1+rnd.IntN(28), rnd.IntN(60), rnd.IntN(1000), rnd.IntN(1000), rnd.IntN(1000), rnd.IntN(1e9))
	}
	for _, x := range []struct {
		name string
		text []byte
	}{{"csv", csv}, {"csv as text", append([]byte("export\n"), csv...)}, {"jsonl", jsonl}, {"jsonl as text", append([]byte("export\n"), jsonl...)}, {"json", append(append([]byte("["), bytes.ReplaceAll(bytes.TrimSpace(jsonl), []byte("\n"), []byte(",\n"))...), ']')}} {
		b.Run(x.name, func(b *testing.B) {
			sc, err := New(Config{Set: set})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(x.text)))
			var found int64
			for b.Loop() {
				cov, err := sc.Scan(b.Context(), bytes.NewReader(x.text), func(Finding) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
				found = 0
				for _, n := range cov.Counts {
					found += n
				}
			}
			b.ReportMetric(float64(found), "found")
		})
	}
}
