package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/detectors"
)

// small prefixes the corpus's name in rows of short texts.
const small = "small: "

// smallInput writes rows of short texts, each searched by one call: what a caller
// pays who checks a field or a message.
func (b *bench) smallInput(context.Context) error {
	set, err := compile(kernels()[0])
	if err != nil {
		return err
	}
	whole, _ := mixed(min(8<<20, b.size))
	for _, size := range []int{128, 512, 8 << 10} {
		if err := b.write([]row{smallRow(set, whole, size, b.rounds)}); err != nil {
			return err
		}
	}
	return nil
}

// smallRow searches pieces of text one after the other, never the same twice
// in a round, so that what is measured is not what a branch predictor learned.
func smallRow(set *detectors.Set, text []byte, size, rounds int) row {
	var ms []detectors.Match
	calls, matches := len(text)/size, 0
	all := func() {
		matches = 0
		for at := 0; at < calls*size; at += size {
			ms = set.Find(ms[:0], text[at:at+size], 0, size)
			matches += len(ms)
		}
	}
	all() // whatever grows has grown
	best := time.Duration(1<<63 - 1)
	for range rounds {
		begun := time.Now()
		all()
		best = min(best, time.Since(begun))
	}
	perCall := float64(best.Nanoseconds()) / float64(calls)
	allocs := testing.AllocsPerRun(1, all) / float64(calls)
	r := row{Corpus: fmt.Sprint(small, size, " bytes"), Engine: "sluice", Bytes: size, Matches: matches, Expected: -1, NsPerCall: perCall, Allocs: &allocs}
	r.setSpeed(float64(size) / perCall)
	return r
}
