package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

// speedRow is one line of output: what one program took for one set.
type speedRow struct {
	Set      string   `json:"set"`
	Engine   string   `json:"engine"`
	Seconds  number   `json:"seconds"`  // median of Rounds
	MBps     number   `json:"mb_per_s"` // as stored; MB = 1e6 bytes
	TextMBps number   `json:"text_mb_per_s"`
	PerSec   number   `json:"objects_per_s"`
	Ratio    number   `json:"ratio_to_floor"` // of Seconds, to those of download and decompress
	PeakMiB  number   `json:"peak_mib"`       // highest of all rounds
	Objects  int      `json:"objects"`
	Bytes    int64    `json:"bytes"` // as stored
	Text     int64    `json:"text_bytes"`
	Findings *int64   `json:"findings,omitempty"`
	Expected *int64   `json:"expected,omitempty"` // labels
	Rounds   []number `json:"rounds"`             // seconds, sorted
}

// engine is one program that reads a bucket.
type engine struct {
	name string
	run  func(ctx context.Context, set, bucket string) (outcome, error)
}

// outcome is what one program took for a bucket, and what it saw.
type outcome struct {
	lab.Usage
	read
	findings *int64
}

// measureSpeed measures all sets.
func (o *options) measureSpeed(ctx context.Context, g *lab.Gateway, out *json.Encoder) error {
	engines := []engine{
		{downloaded, func(ctx context.Context, _, bucket string) (outcome, error) {
			return o.floor(ctx, g, downloaded, bucket)
		}},
		{unpacked, func(ctx context.Context, _, bucket string) (outcome, error) { return o.floor(ctx, g, unpacked, bucket) }},
		{"sluice", func(ctx context.Context, set, bucket string) (outcome, error) { return o.sweep(ctx, g, set, bucket) }},
	}
	for _, s := range sets() {
		if !o.wanted(s.name) {
			continue
		}
		if err := o.measureSet(ctx, g, s, engines, out); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// measureSet lets each engine read a set in turn, again and again.
func (o *options) measureSet(ctx context.Context, g *lab.Gateway, s set, engines []engine, out *json.Encoder) error {
	f, err := o.fill(ctx, g, s)
	if err != nil {
		return err
	}
	rows := make([]speedRow, len(engines))
	for range o.rounds {
		for i, e := range engines {
			got, err := e.run(ctx, s.name, f.bucket)
			if err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
			}
			if got.Objects != int64(f.objects) {
				return fmt.Errorf("%s read %d objects of %d", e.name, got.Objects, f.objects)
			}
			r := &rows[i]
			r.Rounds = append(r.Rounds, number(got.Seconds))
			r.PeakMiB = max(r.PeakMiB, mib(got.Peak))
			r.Text, r.Findings = got.Text, got.findings
		}
	}
	for i, e := range engines {
		r := &rows[i]
		r.Set, r.Engine, r.Objects, r.Bytes = s.name, e.name, f.objects, f.stored
		slices.Sort(r.Rounds)
		r.Seconds = r.Rounds[len(r.Rounds)/2]
		r.MBps, r.TextMBps = number(r.Bytes)/1e6/r.Seconds, number(r.Text)/1e6/r.Seconds
		r.PerSec = number(r.Objects) / r.Seconds
		if r.Findings != nil {
			r.Expected = &f.expected
		}
	}
	for _, r := range rows {
		r.Ratio = r.Seconds / rows[1].Seconds
		if err := out.Encode(r); err != nil {
			return err
		}
	}
	return g.RemoveBucket(ctx, f.bucket)
}

func mib(n int64) number { return number(n) / (1 << 20) }

// floor runs this program as a floor.
func (o *options) floor(ctx context.Context, g *lab.Gateway, name, bucket string) (got outcome, err error) {
	self, err := os.Executable()
	if err != nil {
		return got, err
	}
	var text bytes.Buffer
	cmd := o.command(g, self, floorMode, name, g.Endpoint, bucket)
	cmd.Stdout = &text
	if got.Usage, err = lab.Measure(ctx, cmd); err != nil {
		return got, err
	}
	if got.Exit != 0 {
		return got, fmt.Errorf("exit code %d", got.Exit)
	}
	return got, json.Unmarshal(text.Bytes(), &got.read)
}

// sweep runs sluice with a new ledger.
func (o *options) sweep(ctx context.Context, g *lab.Gateway, set, bucket string) (got outcome, err error) {
	dir, err := os.MkdirTemp(o.temp, "ledger-")
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "sweep.db")
	if got.Usage, err = o.scan(ctx, g, set, bucket, path); err != nil {
		return got, err
	}
	t, err := totals(ctx, path)
	if err != nil {
		return got, err
	}
	if n := t.ByStatus[ledger.Complete]; n != t.Objects {
		return got, fmt.Errorf("%d of %d objects are complete", n, t.Objects)
	}
	got.read, got.findings = read{t.Objects, t.BytesSearched}, &t.Values
	return got, nil
}

func totals(ctx context.Context, path string) (ledger.Totals, error) {
	r, err := ledger.OpenReader(ctx, path)
	if err != nil {
		return ledger.Totals{}, err
	}
	defer r.Close()
	return r.Totals(ctx, ledger.Filter{})
}
