package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// installed is where build/bench-peers puts what is not a package of the system.
const installed = "build/peers"

// peers are the other programs: those that are there, and why others are not.
type peers struct {
	running []*peer
	engines []engine
	about   map[string]json.RawMessage // by engine
	missing map[string]string
}

// startPeers starts what is there of the peers. They get size bytes of each
// text, slow ones less.
func startPeers(ctx context.Context, dir string, size, slow int) *peers {
	ps := &peers{about: make(map[string]json.RawMessage), missing: make(map[string]string)}
	ps.startVectorscan(ctx, dir, size)
	python, clean := filepath.Join(installed, "venv/bin/python"), []string{"PYTHONDONTWRITEBYTECODE=1"}
	ps.start(ctx, vectorscanBinding, size, clean, python, "bench/peers/vectorscan_binding.py", patternsFile)
	ps.start(ctx, datafog, slow, clean, python, "bench/peers/datafog_regex.py", "python")
	ps.start(ctx, datafogRust, slow, clean, python, "bench/peers/datafog_regex.py", "rust")
	return ps
}

// startVectorscan builds the C program and runs it, with Hyperscan in place of
// Vectorscan too if that is there.
func (ps *peers) startVectorscan(ctx context.Context, dir string, size int) {
	scan := filepath.Join(dir, "scan")
	cc := exec.CommandContext(ctx, "cc", "-O2", "-o", scan, "bench/vectorscan/scan.c", "-lhs")
	if said, err := cc.CombinedOutput(); err != nil {
		first, _, _ := strings.Cut(string(said), "\n")
		ps.missing[vectorscan] = fmt.Sprintf("cannot be built: %v: %s", err, first)
		return
	}
	ps.start(ctx, vectorscan, size, nil, scan, patternsFile)
	libs, _ := filepath.Glob(installed + "/hyperscan/usr/lib/*/libhs.so.5")
	if len(libs) == 0 {
		ps.missing[hyperscanC] = "is not installed"
		return
	}
	ps.start(ctx, hyperscanC, size, []string{"LD_LIBRARY_PATH=" + filepath.Dir(libs[0])}, scan, patternsFile)
}

func (ps *peers) start(ctx context.Context, name string, bytes int, env []string, argv ...string) {
	p, err := startPeer(ctx, name, env, argv...)
	if err != nil {
		ps.missing[name] = err.Error()
		return
	}
	ps.running = append(ps.running, p)
	ps.engines = append(ps.engines, engine{name, bytes, p.run})
	ps.about[name] = p.about
}

// stop ends all that were started.
func (ps *peers) stop() error {
	var errs []error
	for _, p := range ps.running {
		errs = append(errs, p.stop())
	}
	return errors.Join(errs...)
}
