package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// peer is another program that searches texts on request and takes its own
// time, so that its start and the reading of files do not count. What it
// reads and answers is written down in bench/vectorscan/scan.c. It inherits the
// core that this process is bound to, and waits on it while others run.
type peer struct {
	name  string
	about about // its first line
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *json.Decoder
}

// about says which program it is.
type about struct {
	Version  string `json:"version"`
	Platform string `json:"platform,omitempty"` // what a database was compiled for
	Core     string `json:"core,omitempty"`     // version of the part that is not Python
}

func (a about) String() string {
	s := a.Version
	if a.Core != "" {
		s += ", core " + a.Core
	}
	if a.Platform != "" {
		s += " (" + a.Platform + ")"
	}
	return s
}

// startPeer starts a program and waits until it is ready.
func startPeer(ctx context.Context, name string, env []string, argv ...string) (*peer, error) {
	p := &peer{name: name, cmd: exec.CommandContext(ctx, argv[0], argv[1:]...)}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = json.NewDecoder(out)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := p.out.Decode(&p.about); err != nil {
		p.in.Close()
		return nil, fmt.Errorf("%s did not get ready: %w", name, p.cmd.Wait())
	}
	return p, nil
}

// run has the peer search the first bytes of t.
func (p *peer) run(t *text, bytes int) (outcome, error) {
	var answer struct {
		Seconds   float64 `json:"seconds"`
		Matches   int     `json:"matches"`
		ByPattern []int   `json:"by_pattern"`
	}
	_, err := fmt.Fprintf(p.in, "%d %s\n", bytes, t.path)
	if err == nil {
		err = p.out.Decode(&answer)
	}
	if err != nil {
		return outcome{}, fmt.Errorf("%s, asked to search %s: %w", p.name, t.name, err)
	}
	return outcome{answer.Seconds, answer.Matches, answer.ByPattern}, nil
}

// stop ends the program.
func (p *peer) stop() error {
	p.in.Close()
	return p.cmd.Wait()
}
