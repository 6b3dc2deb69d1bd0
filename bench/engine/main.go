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
	"errors"
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
	line       int    // bytes of the text that is one line
	rounds     int    // the median of so many counts
	corpus     string // measure this one only, unless ""
	bad        bool   // measure bad input only
}

func main() {
	var cfg config
	flag.IntVar(&cfg.size, "bytes", 64<<20, "text of each corpus")
	flag.IntVar(&cfg.slow, "slow-bytes", 1<<20, "text for the engines that take their time")
	flag.IntVar(&cfg.line, "line-bytes", 256<<20, "text that is one line")
	flag.IntVar(&cfg.rounds, "rounds", 5, "times that each engine is run; the median counts")
	flag.StringVar(&cfg.corpus, "corpus", "", "measure this corpus only")
	flag.BoolVar(&cfg.bad, "bad", false, "measure bad input only")
	table := flag.Bool("table", false, "measure nothing: turn rows on standard input into bench/engine.md and its plots")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	do := func() error { return run(ctx, os.Stdout, cfg) }
	if *table {
		do = func() error { return publish(os.Stdin) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
}

// run measures what cfg asks for and writes the rows to out.
func run(ctx context.Context, out io.Writer, cfg config) (err error) {
	b := &bench{config: cfg, enc: json.NewEncoder(out)}
	if b.cores, err = allowedCores(); err != nil {
		return err
	}
	runtime.GOMAXPROCS(1)
	if err := pin(b.home()); err != nil {
		return err
	}
	if b.patterns, err = readPatterns(patternsFile); err != nil {
		return err
	}
	if b.dir, err = sharedMemory(); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	b.peers = b.startPeers(ctx)
	defer func() { err = errors.Join(err, b.peers.stop()) }()

	parts := []func(context.Context) error{b.corpora, b.smallInput, b.badInput}
	switch {
	case cfg.bad:
		parts = parts[2:]
	case cfg.corpus != "":
		parts = parts[:1]
	}
	if err := b.enc.Encode(b.header()); err != nil {
		return err
	}
	for _, part := range parts {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
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
