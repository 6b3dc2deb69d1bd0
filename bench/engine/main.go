// Command engine measures how fast text is searched, by corpus and engine,
// and prints one JSON object a line. All rows of a corpus come from one run
// and are interleaved, so their ratios hold on a machine whose speed does not.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/detectors"
)

// row is one line of output.
type row struct {
	Corpus   string  `json:"corpus"`
	Engine   string  `json:"engine"`
	MBps     float64 `json:"mb_per_s"` // median, MB = 1e6 bytes
	Bytes    int     `json:"bytes"`    // searched in one go: slow engines get less
	Matches  int     `json:"matches"`
	Expected int     `json:"expected"` // -1: there is none
	Floor    float64 `json:"ratio_floor_read"`
	Regexp   float64 `json:"ratio_go_regexp"`
	Rure     float64 `json:"ratio_rure,omitempty"`
}

// engine is one way to search. run returns how many matches there are.
type engine struct {
	name  string
	bytes int // how much of the corpus it gets
	run   func(text []byte) int
}

func main() {
	size := flag.Int("bytes", 64<<20, "text of each corpus")
	slow := flag.Int("slow-bytes", 1<<20, "text for the engines that take their time")
	rounds := flag.Int("rounds", 5, "times that each engine is run; the median counts")
	only := flag.String("corpus", "", "measure this corpus only")
	table := flag.Bool("table", false, "measure nothing: turn rows on standard input into Markdown")
	flag.Parse()
	measure := func() error { return run(os.Stdout, *size, *slow, *rounds, *only) }
	if *table {
		measure = func() error { return writeTable(os.Stdin, os.Stdout) }
	}
	if err := measure(); err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, size, slow, rounds int, only string) error {
	set, err := detectors.Compile(detectors.Builtin(), detectors.Options{})
	if err != nil {
		return err
	}
	ps, err := patterns()
	if err != nil {
		return err
	}
	engines := append([]engine{
		{"floor: read", size, func(text []byte) int { return bytes.Count(text, []byte{0xff}) }},
		{"floor: classify", size, func(text []byte) int { detectors.Classify(text); return 0 }},
		{"sluice", size, windows(set, set.Find)},
		{"sluice naive", slow / 16, windows(set, set.FindNaive)},
		{"go regexp, one by one", slow, goRegexp(ps)},
	}, rureEngines(ps, slow)...)
	enc := json.NewEncoder(out)
	for _, c := range append(corpora, kind{"mixed", mixed}) {
		if only != "" && c.name != only {
			continue
		}
		text, labels := c.make(size)
		for _, r := range measure(c.name, text, labels, engines, rounds) {
			if err := enc.Encode(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// measure runs each engine in turn, rounds times.
func measure(name string, text []byte, labels []int, engines []engine, rounds int) []row {
	times := make([][]float64, len(engines))
	rows := make([]row, len(engines))
	for range rounds {
		for i, e := range engines {
			part := text[:min(e.bytes, len(text))]
			begun := time.Now()
			n := e.run(part)
			times[i] = append(times[i], float64(len(part))/1e6/time.Since(begun).Seconds())
			rows[i] = row{Corpus: name, Engine: e.name, Bytes: len(part), Matches: n, Expected: -1}
		}
	}
	speed := make(map[string]float64)
	for i := range rows {
		slices.Sort(times[i])
		rows[i].MBps = times[i][len(times[i])/2]
		speed[rows[i].Engine] = rows[i].MBps
	}
	counts := make(map[string]int)
	for i := range rows {
		r := &rows[i]
		r.Floor, r.Regexp = r.MBps/speed["floor: read"], r.MBps/speed["go regexp, one by one"]
		if v := speed["rure, one by one"]; v > 0 {
			r.Rure = r.MBps / v
		}
		if labels != nil && strings.HasPrefix(r.Engine, "sluice") {
			// The labels are of places, and a value cut off at the end is none.
			r.Expected, _ = slices.BinarySearch(labels, r.Bytes+1)
		}
		counts[r.Engine] = r.Matches
	}
	for i := range rows {
		if rows[i].Engine == "rure, one by one" {
			rows[i].Expected = counts["go regexp, one by one"] // two engines, one answer
		}
	}
	return rows
}

// windows searches text as the scanner does, 256 KiB at a time with margins.
func windows(set *detectors.Set, find func([]detectors.Match, []byte, int, int) []detectors.Match) func([]byte) int {
	const window = 256 << 10
	margin := set.Margin()
	var ms []detectors.Match
	return func(text []byte) int {
		n := 0
		for at := 0; at < len(text); at += window {
			end := min(len(text), at+window)
			lo, hi := max(0, at-margin), min(len(text), end+margin)
			ms = find(ms[:0], text[lo:hi], at-lo, end-lo)
			n += len(ms)
		}
		return n
	}
}

func goRegexp(ps []pattern) func([]byte) int {
	res := make([]*regexp.Regexp, len(ps))
	for i, p := range ps {
		res[i] = regexp.MustCompile(p.expr)
	}
	return func(text []byte) int {
		n := 0
		for _, re := range res {
			n += len(re.FindAllIndex(text, -1))
		}
		return n
	}
}

type pattern struct{ name, expr string }

// patterns reads the patterns that the regex engines are given.
func patterns() ([]pattern, error) {
	b, err := os.ReadFile("bench/patterns.txt")
	if err != nil {
		return nil, fmt.Errorf("run this from the top of the repository: %w", err)
	}
	var ps []pattern
	for line := range strings.Lines(string(b)) {
		if name, expr, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t"); ok {
			ps = append(ps, pattern{name, expr})
		}
	}
	return ps, nil
}

// kind is a corpus: how its text is made, and where its labels end.
type kind struct {
	name string
	make func(size int) (text []byte, labelEnds []int)
}

var corpora = []kind{
	{"logs", of(corpus.Logs, corpus.Sparse)},
	{"csv", of(corpus.CSV, corpus.Dense)},
	{"jsonl", of(corpus.JSONLines, corpus.Sparse)},
	{"prose", of(corpus.Prose, corpus.Sparse)},
	{"code", of(corpus.Code, corpus.Sparse)},
}

// of makes text of one kind and density out of the plain objects of a corpus.
func of(k corpus.Kind, d corpus.Density) func(int) ([]byte, []int) {
	return func(size int) (text []byte, ends []int) {
		for seed := uint64(1); len(text) < size; seed++ {
			for o := range corpus.Generate(corpus.Config{Seed: seed, Objects: 400, Bytes: 12 * int64(size)}) {
				if o.Kind != k || o.Density != d || o.Container != corpus.Plain || len(text) >= size {
					continue
				}
				var buf bytes.Buffer
				if _, err := o.WriteTo(&buf); err != nil {
					panic(err) // a bytes.Buffer takes everything
				}
				for l := range o.Labels() {
					ends = append(ends, len(text)+int(l.Offset+l.Length))
				}
				text = append(text, buf.Bytes()...)
			}
		}
		text = text[:size]
		n, _ := slices.BinarySearch(ends, size+1)
		return text, ends[:n]
	}
}

// mixed draws records at random from all kinds, so that no branch predictor
// learns a period. Blocks of several lines would be torn apart, so labels are
// those of single lines, and there is no expected count.
func mixed(size int) ([]byte, []int) {
	var lines [][]byte
	for _, k := range corpora {
		text, _ := k.make(size / 4)
		lines = append(lines, bytes.SplitAfter(text, []byte{'\n'})...)
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return bytes.Join(lines, nil)[:size], nil
}
