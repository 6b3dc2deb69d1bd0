package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/corpus/eval"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner/unpack"
	"github.com/sluice-dlp/sluice/store"
)

// sweep runs sluice over the bucket, as anyone would.
func (o *options) sweep(ctx context.Context, g *lab.Gateway) (*lab.Usage, error) {
	args := []string{"scan", "s3://" + bucket, "--endpoint-url", g.Endpoint, "--path-style",
		"--ledger", filepath.Join(o.dir, "sweep.db"), "-o", filepath.Join(o.dir, "findings.jsonl"),
		"--max-per-detector", "1000000"} // so that all of it can be scored
	fmt.Printf("   $ %s %s\n", o.relative(o.sluice), strings.ReplaceAll(strings.Join(args, " "), o.top+"/", ""))
	cmd := exec.Command(o.sluice, args...)
	cmd.Env = append(os.Environ(), g.Restricted.Env()...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	u, err := lab.Measure(ctx, cmd)
	if err == nil && (u.Exit == 2 || u.Exit < 0) {
		err = fmt.Errorf("sluice ended with exit code %d", u.Exit)
	}
	return &u, err
}

// result is the ledger compared with the truth.
type result struct {
	table      corpus.Table
	rows       int
	findings   int64
	incomplete int
	reasons    map[string]int
	wrong      []string // what must not be, in words
}

// compare reads the ledger and scores it object by object.
func (o *options) compare(ctx context.Context, f *filled) (*result, error) {
	r, err := ledger.OpenReader(ctx, filepath.Join(o.dir, "sweep.db"))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	found, err := findings(ctx, r)
	if err != nil {
		return nil, err
	}
	res := &result{reasons: make(map[string]int)}
	scorer := corpus.NewScorer(eval.Type)
	seen := make(map[string]bool)
	for row, err := range r.Objects(ctx, ledger.Filter{}) {
		if err != nil {
			return nil, err
		}
		key := row.Object.Key
		obj, known := f.objects[key]
		if !known || seen[key] {
			res.fault("%s stands in the ledger and should not, or twice", key)
			continue
		}
		seen[key] = true
		res.rows++
		res.judge(&row, obj)
		if obj != nil {
			res.findings += int64(len(found[key]))
			scorer.Add(obj.Labels(), corpus.Found{Findings: found[key], Counts: row.Coverage.Counts})
		}
	}
	for key := range f.objects {
		if !seen[key] {
			res.fault("%s is missing from the ledger", key)
		}
	}
	res.table = scorer.Table()
	return res, nil
}

// findings reads all findings of the ledger, by key.
func findings(ctx context.Context, r *ledger.Reader) (map[string][]corpus.Span, error) {
	found := make(map[string][]corpus.Span)
	for f, err := range r.Findings(ctx, ledger.Filter{}) {
		if err != nil {
			return nil, err
		}
		key := f.Object.Key
		found[key] = append(found[key], corpus.Span{Member: f.Location.Member, Rule: f.Rule, Offset: f.Location.Offset, Length: f.Location.Length})
	}
	return found, nil
}

// judge compares the status of one object with what it must be.
func (r *result) judge(row *ledger.Row, obj *corpus.Object) {
	want := ledger.Complete
	reason := ""
	switch {
	case obj == nil:
		want, reason = ledger.Skipped, store.ReasonDenied
	case obj.Broken:
		want, reason = ledger.Partial, unpack.ReasonMalformed
	}
	if row.Status != want || row.Reason != reason {
		r.fault("%s is %s %s; it should be %s %s", row.Object.Key, row.Status, row.Reason, want, reason)
	}
	if row.Status != ledger.Complete {
		r.incomplete++
		r.reasons[row.Reason]++
	}
}

func (r *result) fault(format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Sprintf(format, args...))
}

func (r *result) printReasons(w io.Writer) {
	for _, reason := range slices.Sorted(maps.Keys(r.reasons)) {
		fmt.Fprintf(w, "     %d %s\n", r.reasons[reason], reason)
	}
}

// check says what went wrong, if anything.
func (r *result) check(f *filled, u *lab.Usage) error {
	if r.rows != len(f.objects) {
		r.fault("%d objects in the ledger, %d in the bucket", r.rows, len(f.objects))
	}
	if u.Exit != 3 {
		r.fault("sluice ended with exit code %d; a sweep that could not read everything ends with 3", u.Exit)
	}
	const least = 0.99
	if t := r.table.Total(); t.Precision < least || t.Recall < least {
		r.fault("precision %.4f, recall %.4f; both must be at least %.2f", t.Precision, t.Recall, least)
	}
	const most = 10 // to be told
	switch n := len(r.wrong); {
	case n > most:
		return fmt.Errorf("%s; and %d more", strings.Join(r.wrong[:most], "; "), n-most)
	case n > 0:
		return errors.New(strings.Join(r.wrong, "; "))
	}
	return nil
}
