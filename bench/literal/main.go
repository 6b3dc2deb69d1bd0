// Command literal measures how fast many strings are found in text, by engine,
// and prints one JSON object a line. All rows of a corpus come from one run and
// are interleaved, so their ratios hold on a machine whose speed does not.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// row is one line of output.
type row struct {
	Corpus   string  `json:"corpus"`
	Strings  string  `json:"strings"` // what is looked for
	Engine   string  `json:"engine"`
	GBps     float64 `json:"gbps"` // by the processor time of the fastest round, GB = 1e9 bytes
	Matches  int     `json:"matches"`
	Expected int     `json:"expected"`
}

func main() {
	dir := flag.String("strings", "../../detectors/internal/literal/testdata", "where literals.txt and keywords.txt are")
	size := flag.Int("bytes", 4<<20, "text of each corpus")
	rounds := flag.Int("rounds", 15, "times that each engine is run; the fastest counts")
	table := flag.Bool("table", false, "measure nothing: turn rows on standard input into Markdown")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	runtime.LockOSThread() // see used
	measure := func() error { return run(os.Stdout, *dir, *size, *rounds) }
	if *table {
		measure = func() error { return writeTable(os.Stdin, os.Stdout) }
	}
	if err := measure(); err != nil {
		fmt.Fprintln(os.Stderr, "literal:", err)
		os.Exit(1)
	}
}

// task is a list of strings and how they are looked for.
type task struct {
	name    string
	strings []string
	fold    bool                  // ASCII letters match in either case
	where   func([]byte) []uint64 // places at which they count; nil for all
}

func tasks(dir string) ([]task, error) {
	literals, err := readLines(dir + "/literals.txt")
	if err != nil {
		return nil, err
	}
	keywords, err := readLines(dir + "/keywords.txt")
	return []task{
		{"literals", literals, false, func([]byte) []uint64 { return nil }},
		{"keywords", keywords, true, wordStarts},
	}, err
}

func readLines(name string) ([]string, error) {
	b, err := os.ReadFile(name)
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n"), err
}

func run(out io.Writer, dir string, size, rounds int) error {
	ts, err := tasks(dir)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	for _, t := range ts {
		engines := engines(t)
		for _, k := range kinds() {
			for _, r := range measure(t, engines, k, k.text(size), rounds) {
				if err := enc.Encode(r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// measure runs each engine in turn, rounds times.
func measure(t task, engines []engine, k kind, text []byte, rounds int) []row {
	in := input{text: text, lower: lower(text), where: t.where(text)}
	rows := make([]row, len(engines))
	for i, e := range engines {
		rows[i] = row{Corpus: k.name, Strings: t.name, Engine: e.name, Expected: e.expected(t, in)}
	}
	for range rounds {
		for i, e := range engines {
			begun := used()
			rows[i].Matches = e.find(in)
			rows[i].GBps = max(rows[i].GBps, float64(len(text))/float64(used()-begun))
		}
	}
	return rows
}

// used returns the processor time of this thread, in nanoseconds. What else
// the machine does is not in it, but for the caches that it takes away.
func used() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err) // Linux has had it since 2.6.12
	}
	return t.Nano()
}
