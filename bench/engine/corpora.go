package main

import (
	"context"
	"os"
)

// corpora writes the rows of each corpus.
func (b *bench) corpora(ctx context.Context) error {
	engines, err := b.engines()
	if err != nil {
		return err
	}
	for _, k := range kinds() {
		if b.corpus != "" && b.corpus != k.name {
			continue
		}
		if err := b.measureCorpus(ctx, k, engines); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measureCorpus(ctx context.Context, k kind, engines []engine) error {
	t := k.text(b.size)
	if err := t.save(b.dir); err != nil {
		return err
	}
	defer os.Remove(t.path)
	rows, err := measure(ctx, t, engines, b.rounds, b.patterns)
	if err != nil {
		return err
	}
	checked, err := checkRows(t, engines, b.patterns, 256<<10)
	if err != nil {
		return err
	}
	return b.write(append(rows, checked...))
}

// engines are all that are there, in the order of rows.
func (b *bench) engines() ([]engine, error) {
	ours, err := sluiceEngines(b.size, b.slow, b.cores)
	if err != nil {
		return nil, err
	}
	engines := append(floors(b.size), ours...)
	engines = append(engines, b.peers.engines...)
	return append(engines, goRegexp(b.patterns, b.slow)), nil
}
