package literal

import (
	"bytes"
	"math"
	"math/bits"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/corpus"
)

// readStrings returns the lines of a file: literals.txt and keywords.txt are
// the anchors and the forms of keywords of the built-in detectors.
func readStrings(tb testing.TB, name string) []string {
	tb.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

var benchKinds = []corpus.Kind{corpus.Logs, corpus.CSV, corpus.JSONLines, corpus.Prose, corpus.Code}

// benchText makes size bytes of one kind of text.
func benchText(tb testing.TB, kind corpus.Kind, size int) []byte {
	tb.Helper()
	var buf bytes.Buffer
	for o := range corpus.Generate(corpus.Config{Seed: 1, Objects: 400, Bytes: 40 * int64(size)}) {
		if o.Kind != kind || o.Container != corpus.Plain || o.Density == corpus.Clean {
			continue
		}
		if _, err := o.WriteTo(&buf); err != nil {
			tb.Fatal(err)
		}
		if buf.Len() >= size {
			return buf.Bytes()[:size]
		}
	}
	tb.Fatalf("only %d bytes of %s", buf.Len(), kind)
	return nil
}

// wordStarts marks where keywords may start: letters and digits with none
// before them, and the first bytes of what is beyond ASCII.
func wordStarts(text []byte) []uint64 {
	words := make([]uint64, (len(text)+63)/64)
	before := false
	for i, c := range text {
		alnum := lowerByte(c)-'a' < 26 || c-'0' < 10
		if alnum && !before || c >= utf8.RuneSelf && utf8.RuneStart(c) {
			words[i/64] |= 1 << (i % 64)
		}
		before = alnum
	}
	return words
}

func count(words []uint64) (n int) {
	for _, w := range words {
		n += bits.OnesCount64(w)
	}
	return n
}

const benchSize = 2 << 20

// BenchmarkFind looks for literals everywhere and for keywords at the starts
// of words, with each kernel and, beside them, the automaton.
func BenchmarkFind(b *testing.B) {
	literals, keywords := readStrings(b, "literals.txt"), readStrings(b, "keywords.txt")
	for _, kind := range benchKinds {
		text := benchText(b, kind, benchSize)
		b.Run("literals/"+string(kind), func(b *testing.B) { benchFind(b, literals, false, text, nil) })
		b.Run("keywords/"+string(kind), func(b *testing.B) { benchFind(b, keywords, true, text, wordStarts(text)) })
	}
}

// BenchmarkFindBad has texts of nothing but strings, and of strings without
// their last byte, so that no filter lets anything be skipped.
func BenchmarkFindBad(b *testing.B) {
	literals, keywords := readStrings(b, "literals.txt"), readStrings(b, "keywords.txt")
	cut := func(list []string) (parts []string) {
		for _, s := range list {
			parts = append(parts, s[:len(s)-1])
		}
		return parts
	}
	full := func(list []string) []byte {
		all := strings.Join(list, " ")
		return []byte(strings.Repeat(all, 1+benchSize/4/len(all)))
	}
	b.Run("literals/whole", func(b *testing.B) { benchFind(b, literals, false, full(literals), nil) })
	b.Run("literals/cut", func(b *testing.B) { benchFind(b, literals, false, full(cut(literals)), nil) })
	text := full(keywords)
	b.Run("keywords/whole", func(b *testing.B) { benchFind(b, keywords, true, text, wordStarts(text)) })
	text = full(cut(keywords))
	b.Run("keywords/cut", func(b *testing.B) { benchFind(b, keywords, true, text, wordStarts(text)) })
}

// benchFind reports, beside the speed, how many places of 1024 are chosen,
// how many of them the filter lets through, how many of these the hash of
// their head, and how many are hits.
func benchFind(b *testing.B, strings []string, fold bool, text []byte, where []uint64) {
	scratch := make([]uint64, len(text)/64+16)
	words := scratch[:(len(text)+63)/64]
	kib := float64(len(text)) / 1024
	var dst []Hit
	for _, k := range Kernels() {
		f := NewFinderFor(k, strings, fold)
		filter, places := f.everywhere, len(text)
		if where != nil {
			filter, places = f.chosen, count(where)
		}
		b.Run(k, func(b *testing.B) {
			loop(b, len(text), func() { dst = f.Find(dst[:0], text, 0, len(text), 0, where, scratch) })
			b.ReportMetric(float64(places)/kib, "places/KiB")
			filter.mark(words, text, 0, len(text), where)
			b.ReportMetric(float64(count(words))/kib, "marked/KiB")
			f.heads.mark(words, text, 0, len(text), slices.Clone(words))
			b.ReportMetric(float64(count(words))/kib, "heads/KiB")
			b.ReportMetric(float64(len(dst))/kib, "hits/KiB")
		})
		b.Run(k+"-filter", func(b *testing.B) {
			loop(b, len(text), func() {
				for at := 0; at < len(text); at += strip {
					end := min(at+strip, len(text))
					var chosen []uint64
					if where != nil {
						chosen = where[at/64:]
					}
					filter.mark(scratch[:(end-at+63)/64], text, at, end, chosen)
				}
			})
		})
	}
	m := New(strings, fold)
	b.Run("automaton", func(b *testing.B) {
		loop(b, len(text), func() { dst, _ = m.Scan(dst[:0], 0, text, 0) })
	})
}

// loop runs f, which searches size bytes, and reports the speed of its best
// run: others have the machine, too.
func loop(b *testing.B, size int, f func()) {
	best := time.Duration(math.MaxInt64)
	for b.Loop() {
		begun := time.Now()
		f()
		best = min(best, time.Since(begun))
	}
	b.ReportMetric(float64(size)/float64(best.Nanoseconds()), "GB/s")
}
