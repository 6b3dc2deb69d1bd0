package main

import (
	"context"
	"os"
	"slices"

	"github.com/sluice-dlp/sluice/detectors"
)

// bad prefixes the corpus's name in rows of input that is made to be slow.
const bad = "bad: "

// badInput writes rows of bad input: by size, by density of values, and what
// the search for the slowest finds.
func (b *bench) badInput(ctx context.Context) error {
	set, err := compile(kernels()[0])
	if err != nil {
		return err
	}
	for _, k := range badKinds() {
		if err := b.bySize(ctx, k, set, sizesUpTo(b.size)); err != nil {
			return err
		}
	}
	line := kind{"one line", oneLine}
	if err := b.bySize(ctx, line, set, append(sizesUpTo(b.size), b.line)); err != nil {
		return err
	}
	if err := b.byDensity(ctx, set); err != nil {
		return err
	}
	return b.attack(ctx, set)
}

// badRounds are fewer than elsewhere: there is much to measure, and little
// depends on a few percent.
const badRounds = 3

// compared is the size at which Vectorscan searches bad input too.
const compared = 16 << 20

// sizesUpTo are the sizes at which time is compared: where it is linear, speed
// is the same at all.
func sizesUpTo(most int) []int {
	var sizes []int
	for n := min(1<<20, most); n <= most; n *= 4 {
		sizes = append(sizes, n)
	}
	return sizes
}

// bySize measures a bad input at each of sizes, which rise.
func (b *bench) bySize(ctx context.Context, k kind, set *detectors.Set, sizes []int) error {
	t := kind{bad + k.name, k.make}.text(slices.Max(sizes))
	if err := t.save(b.dir); err != nil {
		return err
	}
	defer os.Remove(t.path)
	for _, size := range sizes {
		engines := []engine{sluiceEngine(set, size)}
		if size == compared {
			engines = append(engines, b.peers.engine(vectorscan, size)...)
		}
		rows, err := measure(ctx, t, engines, badRounds, nil)
		if err != nil {
			return err
		}
		if err := b.write(rows); err != nil {
			return err
		}
	}
	return nil
}
