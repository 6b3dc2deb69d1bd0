// Command engine measures how fast text in memory is searched, by corpus and
// engine, and prints one JSON object a line; bench/README.md says what the
// rows and fields mean.
//
// Everything runs on one core, and all rows of a corpus are interleaved, so
// that their ratios hold on a machine whose speed does not. Programs that
// compete ("peers") are started if they are there: build/bench-peers installs
// them.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
)

// config is what the flags say.
type config struct {
	size, slow int    // bytes of each corpus, and what slow engines get of it
	rounds     int    // the median of so many counts
	only       string // one corpus, or "" for all
}

func main() {
	var cfg config
	flag.IntVar(&cfg.size, "bytes", 64<<20, "text of each corpus")
	flag.IntVar(&cfg.slow, "slow-bytes", 1<<20, "text for the engines that take their time")
	flag.IntVar(&cfg.rounds, "rounds", 5, "times that each engine is run; the median counts")
	flag.StringVar(&cfg.only, "corpus", "", "measure this corpus only")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, cfg); err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
}

// run measures what cfg asks for and writes the rows to out.
func run(ctx context.Context, out io.Writer, cfg config) error {
	runtime.GOMAXPROCS(1)
	cores, err := allowedCores()
	if err != nil {
		return err
	}
	if err := pin(cores[len(cores)-1]); err != nil {
		return err
	}
	dir, err := sharedMemory()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	enc := json.NewEncoder(out)
	return measureCorpora(ctx, enc, dir, cores, cfg)
}

// sharedMemory makes a directory for the texts that other programs read: in
// memory, where the system has such a place.
func sharedMemory() (string, error) {
	const shm = "/dev/shm"
	if _, err := os.Stat(shm); err != nil {
		return os.MkdirTemp("", "sluice-bench-")
	}
	return os.MkdirTemp(shm, "sluice-bench-")
}
