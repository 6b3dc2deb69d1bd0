package main

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sluice-dlp/sluice/detectors"
)

const (
	window   = 256 << 10 // what package scanner searches at a time
	twoCores = ", two cores"
)

// sluiceEngines are sluice with all detectors: its kernels; of the best of
// them, the floor and two cores; and the loop that defines the answer.
func sluiceEngines(size, slow int, cores []int) ([]engine, error) {
	var es []engine
	for i, kernel := range kernels() {
		set, err := compile(kernel)
		if err != nil {
			return nil, err
		}
		e := sluiceEngine(set, size)
		e.name = rowName(kernel)
		if i > 0 {
			es = append(es, e)
			continue
		}
		es = append(es, engine{name: "floor: classify", bytes: size, run: timed(func(text []byte) int { set.Classify(text); return 0 })}, e)
		if len(cores) > 1 {
			es = append(es, engine{name: e.name + twoCores, bytes: size, run: onCores(set, cores[len(cores)-2:])})
		}
		es = append(es, engine{name: "sluice naive", bytes: slow / 16, run: timed(func(text []byte) int { return search(set.FindNaive, set.Margin(), text) })})
	}
	return es, nil
}

// sluiceEngine is sluice with one set.
func sluiceEngine(set *detectors.Set, size int) engine {
	return engine{
		name:  "sluice",
		bytes: size,
		run:   timed(func(text []byte) int { return search(set.Find, set.Margin(), text) }),
		candidates: func(text []byte) (n int) {
			for w := range slices.Chunk(text, window) {
				_, tried := set.FindTried(nil, w, 0, len(w))
				n += tried
			}
			return n
		},
	}
}

type findFunc func(dst []detectors.Match, w []byte, from, to int) []detectors.Match

// search counts the matches in text, window by window with margins, as
// package scanner does.
func search(find findFunc, margin int, text []byte) int {
	var ms []detectors.Match
	n := 0
	for at := 0; at < len(text); at += window {
		ms = searchWindow(find, margin, ms[:0], text, at)
		n += len(ms)
	}
	return n
}

// searchWindow appends the matches of the window at offset at to ms.
func searchWindow(find findFunc, margin int, ms []detectors.Match, text []byte, at int) []detectors.Match {
	end := min(len(text), at+window)
	lo, hi := max(0, at-margin), min(len(text), end+margin)
	return find(ms, text[lo:hi], at-lo, end-lo)
}

// onCores searches with one goroutine for each core. They take windows from
// one queue, so that a core that is slowed down gets fewer.
func onCores(set *detectors.Set, cores []int) func(*text, int) (outcome, error) {
	return func(t *text, bytes int) (o outcome, err error) {
		home := cores[len(cores)-1]
		if err := pin(cores...); err != nil {
			return o, err
		}
		runtime.GOMAXPROCS(len(cores))
		begun := time.Now()
		var next, matches atomic.Int64
		var group sync.WaitGroup
		for range cores {
			group.Go(func() {
				var ms []detectors.Match
				for at := int(next.Add(window)) - window; at < bytes; at = int(next.Add(window)) - window {
					ms = searchWindow(set.Find, set.Margin(), ms[:0], t.bytes[:bytes], at)
					matches.Add(int64(len(ms)))
				}
			})
		}
		group.Wait()
		o = outcome{seconds: time.Since(begun).Seconds(), matches: int(matches.Load())}
		runtime.GOMAXPROCS(1)
		return o, pin(home)
	}
}
