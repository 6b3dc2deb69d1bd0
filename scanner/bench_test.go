package scanner

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

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

// shapesText is one kind of table or records, of test numbers.
type shapesText struct {
	name             string
	head, tail, join string
	row              func(b []byte, i int, rnd *rand.Rand) []byte
}

var shapesTexts = []shapesText{
	{"CSV, a keyword in a title", "id,created,name,ssn,note,amount\n", "\n", "\n", csvRow},
	{"CSV, none", "id,created,name,ref,note,amount\n", "\n", "\n", csvRow},
	{"JSON lines, a keyword in a key", "", "\n", "\n", func(b []byte, i int, rnd *rand.Rand) []byte { return jsonRow(b, i, rnd, "ssn") }},
	{"JSON lines, none", "", "\n", "\n", func(b []byte, i int, rnd *rand.Rand) []byte { return jsonRow(b, i, rnd, "ref") }},
	{"JSON, a keyword in a key", "[", "]", ",\n", func(b []byte, i int, rnd *rand.Rand) []byte { return jsonRow(b, i, rnd, "ssn") }},
	{"JSON, none", "[", "]", ",\n", func(b []byte, i int, rnd *rand.Rand) []byte { return jsonRow(b, i, rnd, "ref") }},
	{"JSON on one line, dense", `{"data":{"people":[`, "]}}", ",", func(b []byte, i int, rnd *rand.Rand) []byte {
		return fmt.Appendf(b, `{"p":{"ssn":{"v":"%09d"},"card":{"no":["4111111111111111"]},"mail":"a.%d@example.com","nhs":{"n":%d},"ip":["192.0.2.%d"]}}`,
			rnd.IntN(1e9), i, 1e9+rnd.IntN(1e9), rnd.IntN(256))
	}},
	{"JSON on one line, small", "[", "]", ",", func(b []byte, _ int, rnd *rand.Rand) []byte {
		return fmt.Appendf(b, `[{"a":%d},[[%d]],{"b":{"c":""}}]`, rnd.IntN(10), rnd.IntN(10))
	}},
}

func csvRow(b []byte, i int, rnd *rand.Rand) []byte {
	return fmt.Appendf(b, "%d,2024-05-%02dT10:%02d:00Z,customer %d,%09d,\"a note, quoted\",%d.%02d", i, 1+rnd.IntN(28), rnd.IntN(60), rnd.IntN(1000), rnd.IntN(1e9), rnd.IntN(1000), rnd.IntN(100))
}

func jsonRow(b []byte, i int, rnd *rand.Rand, key string) []byte {
	return fmt.Appendf(b, `{"id":%d,"at":"2024-05-%02dT10:%02d:00Z","user":{"name":"customer %d","ids":[%d,%d]},%q:{"value":"%09d"},"ok":true}`,
		i, 1+rnd.IntN(28), rnd.IntN(60), rnd.IntN(1000), rnd.IntN(1000), rnd.IntN(1000), key, rnd.IntN(1e9))
}

// BenchmarkShapes scans tables and records, and in turn the same bytes behind
// lines that make them running text: what it costs to follow rows, cells and
// paths. "x-text" is the shortest time of the first by that of the second; what is
// found by a title or key alone is part of it, and so are the locations.
func BenchmarkShapes(b *testing.B) {
	set := builtin(b)
	for _, x := range shapesTexts {
		rnd := rand.New(rand.NewPCG(8, 8))
		text := []byte(x.head)
		for i := 0; len(text) < 2<<20; i++ {
			if i > 0 {
				text = append(text, x.join...)
			}
			text = x.row(text, i, rnd)
		}
		text = append(text, x.tail...)
		if newShape(set, text[:headSize], false) == nil {
			b.Fatalf("%s: is taken for running text", x.name)
		}
		plain := append(bytes.Repeat([]byte("export of today:\n"), longestPreamble+1), text...)
		if newShape(set, plain[:headSize], false) != nil {
			b.Fatalf("%s: is not taken for running text", x.name)
		}
		b.Run(x.name, func(b *testing.B) {
			sc := newScanner(b, Config{Set: set})
			scan := func(text []byte) (took time.Duration, found int64) {
				began := time.Now()
				cov, err := sc.Scan(b.Context(), bytes.NewReader(text), func(Finding) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
				for _, n := range cov.Counts {
					found += n
				}
				return time.Since(began), found
			}
			var times [2]time.Duration
			var found [2]int64
			for b.Loop() {
				for i, text := range [][]byte{text, plain} {
					var took time.Duration
					took, found[i] = scan(text)
					if times[i] == 0 || took < times[i] {
						times[i] = took
					}
				}
			}
			b.ReportMetric(float64(len(text))/1e6/times[0].Seconds(), "MB/s")
			b.ReportMetric(times[0].Seconds()/times[1].Seconds(), "x-text")
			b.ReportMetric(float64(found[0]), "found")
			b.ReportMetric(float64(found[1]), "found-as-text")
		})
	}
}
