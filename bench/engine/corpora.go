package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// measureCorpora writes a line that says what is measured where, and then the
// rows of each corpus.
func measureCorpora(ctx context.Context, enc *json.Encoder, dir string, cores []int, cfg config) (err error) {
	ps, err := readPatterns(patternsFile)
	if err != nil {
		return err
	}
	peers := startPeers(ctx, dir, cfg.size, cfg.slow)
	defer func() { err = errors.Join(err, peers.stop()) }()
	engines, err := allEngines(ctx, dir, ps, peers, cores, cfg)
	if err != nil {
		return err
	}
	if err := enc.Encode(newHeader(cores, peers)); err != nil {
		return err
	}
	for _, k := range kinds() {
		if cfg.only != "" && k.name != cfg.only {
			continue
		}
		if err := measureCorpus(ctx, enc, dir, k, engines, ps, cfg); err != nil {
			return err
		}
	}
	return nil
}

func measureCorpus(ctx context.Context, enc *json.Encoder, dir string, k kind, engines []engine, ps []pattern, cfg config) error {
	t := &text{name: k.name}
	t.bytes, t.ends = k.make(cfg.size)
	if err := t.save(dir); err != nil {
		return err
	}
	defer os.Remove(t.path)
	rows, err := measure(ctx, t, engines, cfg.rounds, ps)
	if err != nil {
		return err
	}
	const slice = 256 << 10
	checked, err := checkRows(t, engines, ps, slice)
	if err != nil {
		return err
	}
	return encode(enc, append(rows, checked...))
}

// allEngines are all that are there, in the order of rows.
func allEngines(ctx context.Context, dir string, ps []pattern, peers *peers, cores []int, cfg config) ([]engine, error) {
	engines := floors(cfg.size)
	ours, err := sluiceEngines(cfg.size, cfg.slow, cores)
	if err != nil {
		return nil, err
	}
	engines = append(engines, ours...)
	engines = append(engines, peers.engines...)
	engines = append(engines, rureEngines(ps, cfg.size, cfg.slow)...)
	engines = append(engines, goRegexp(ps, cfg.slow))
	rg, version, err := ripgrepEngine(ctx, ps, dir, cfg.size)
	if err != nil {
		peers.missing[ripgrep] = err.Error()
		return engines, nil
	}
	peers.about[ripgrep], _ = json.Marshal(map[string]string{"version": version})
	return append(engines, rg), nil
}

// header is the first line of output.
type header struct {
	Machine machine                    `json:"machine"`
	Core    int                        `json:"core"` // that everything is bound to
	Kernels []string                   `json:"kernels"`
	Peers   map[string]json.RawMessage `json:"peers"`
	Missing map[string]string          `json:"missing,omitempty"` // peers, and why
}

func newHeader(cores []int, ps *peers) header {
	for name, why := range ps.missing {
		fmt.Fprintf(os.Stderr, "engine: without %s: %s; build/bench-peers installs it\n", name, why)
	}
	return header{thisMachine(), cores[len(cores)-1], kernels(), ps.about, ps.missing}
}
