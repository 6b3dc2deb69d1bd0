package main

import (
	"context"
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
	about   map[string]about  // by engine
	missing map[string]string // by engine
}

// startPeers starts what is there of the peers.
func (b *bench) startPeers(ctx context.Context) *peers {
	ps := &peers{about: make(map[string]about), missing: make(map[string]string)}
	ps.startVectorscan(ctx, b.dir, b.size)
	ps.startPython(ctx, vectorscanBinding, b.size, "bench/peers/vectorscan_binding.py", patternsFile)
	ps.startPython(ctx, datafog, b.slow, "bench/peers/datafog_regex.py", "python")
	ps.startPython(ctx, datafogRust, b.slow, "bench/peers/datafog_regex.py", "rust")
	ps.addRure(b.patterns, b.size, b.slow)
	ps.addRipgrep(ctx, b.patterns, b.dir, b.size)
	return ps
}

// startVectorscan builds the C program and runs it, with Hyperscan in place of
// Vectorscan too if that is there.
func (ps *peers) startVectorscan(ctx context.Context, dir string, bytes int) {
	scan := filepath.Join(dir, "scan")
	cc := exec.CommandContext(ctx, "cc", "-O2", "-o", scan, "bench/vectorscan/scan.c", "-lhs")
	if said, err := cc.CombinedOutput(); err != nil {
		first, _, _ := strings.Cut(string(said), "\n")
		ps.missing[vectorscan] = fmt.Sprintf("cannot be built: %v: %s", err, first)
		return
	}
	ps.start(ctx, vectorscan, bytes, nil, scan, patternsFile)
	libs, _ := filepath.Glob(installed + "/hyperscan/usr/lib/*/libhs.so.5")
	if len(libs) == 0 {
		ps.missing[hyperscanC] = "is not installed"
		return
	}
	ps.start(ctx, hyperscanC, bytes, []string{"LD_LIBRARY_PATH=" + filepath.Dir(libs[0])}, scan, patternsFile)
}

func (ps *peers) startPython(ctx context.Context, name string, bytes int, argv ...string) {
	python := filepath.Join(installed, "venv/bin/python")
	ps.start(ctx, name, bytes, []string{"PYTHONDONTWRITEBYTECODE=1"}, append([]string{python}, argv...)...)
}

func (ps *peers) start(ctx context.Context, name string, bytes int, env []string, argv ...string) {
	p, err := startPeer(ctx, name, env, argv...)
	if err != nil {
		ps.missing[name] = err.Error()
		return
	}
	ps.running = append(ps.running, p)
	ps.engines = append(ps.engines, engine{name: name, bytes: bytes, run: p.run})
	ps.about[name] = p.about
}

// engine returns the engine with this name, for bytes of text, if it is there.
func (ps *peers) engine(name string, bytes int) []engine {
	for _, e := range ps.engines {
		if e.name == name {
			e.bytes = bytes
			return []engine{e}
		}
	}
	return nil
}

// stop ends all that were started.
func (ps *peers) stop() error {
	var errs []error
	for _, p := range ps.running {
		errs = append(errs, p.stop())
	}
	return errors.Join(errs...)
}
