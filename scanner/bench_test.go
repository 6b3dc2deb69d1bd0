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
