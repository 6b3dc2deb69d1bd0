// Command demo shows the main job of sluice on this machine alone: it starts
// an S3 server, fills a bucket with labelled synthetic objects, sweeps it with
// the sluice program over HTTP, and compares the ledger with the truth. Then it puts
// objects into quarantine, reads them again there, brings one back, and shows what
// a receiver of webhooks was told.
//
// It fails if an object is missing from the ledger, if a gap is missing, if
// precision or recall is below 0.99, or if an object comes back with other bytes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/corpus"
)

const bucket = "demo-data"

// denied is the object that the credentials of the sweep may not read.
const denied = "private/board-minutes.txt"

type options struct {
	top    string // of the repository
	sluice string // path of the program
	dir    string // for the ledger and the findings
	seed   uint64
	objs   int
	bytes  int64
	big    int64
	serve  bool
}

func main() {
	lab.RunMeasured()
	var o options
	flag.StringVar(&o.sluice, "sluice", "bin/sluice", "the sluice program, as a `path` from the top of the repository")
	flag.StringVar(&o.dir, "dir", "out/demo", "for the ledger and the findings, as a `path` from the top of the repository")
	flag.Uint64Var(&o.seed, "seed", 1, "of the corpus")
	flag.IntVar(&o.objs, "objects", 640, "objects of the corpus")
	flag.Int64Var(&o.bytes, "bytes", 480<<20, "text of the corpus before compression")
	flag.Int64Var(&o.big, "big", 96<<20, "text of the one big object")
	flag.BoolVar(&o.serve, "serve", false, "keep the S3 server running until interrupted")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func (o *options) run(ctx context.Context) (err error) {
	begun := time.Now()
	temp, err := os.MkdirTemp("", "sluice-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	// The gateway changes the working directory of the process.
	top, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	o.top, o.dir, o.sluice = top, filepath.Join(top, o.dir), filepath.Join(top, o.sluice)
	if err := errors.Join(os.RemoveAll(o.dir), os.MkdirAll(o.dir, 0o755)); err != nil {
		return err
	}

	g, err := lab.StartGateway(ctx, temp)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	fmt.Printf("1. A local S3 (Versity Gateway) answers at %s. Filling s3://%s …\n", g.Endpoint, bucket)
	filled, err := o.fill(ctx, g)
	if err != nil {
		return err
	}
	fmt.Printf("   %d objects, %.0f MB as stored (%.0f MB of text), one nested archive, broken archives, one object that may not be read\n\n",
		len(filled.objects), mb(filled.stored), mb(filled.text))

	fmt.Println("2. Sweeping it, with credentials that may read all but private/:")
	usage, err := o.sweep(ctx, g)
	if err != nil {
		return err
	}

	fmt.Println("\n3. What the ledger says, against the truth:")
	result, err := o.compare(ctx, filled)
	if err != nil {
		return err
	}
	if err := result.table.WriteText(os.Stdout); err != nil {
		return err
	}
	fmt.Printf("\n   %d objects incomplete, each with its reason:\n", result.incomplete)
	result.printReasons(os.Stdout)
	fmt.Printf("\n   %.0f MB of objects in %.1f s: %.0f MB/s, %.0f MB of text searched; peak memory of sluice %.0f MiB\n",
		mb(filled.stored), usage.Seconds, mb(filled.stored)/usage.Seconds, mb(filled.text), float64(usage.Peak)/(1<<20))

	fmt.Println("\n4. Putting what must not be there into quarantine:")
	acted, err := o.quarantine(ctx, g)
	if err != nil {
		return err
	}
	if err := acted.check(ctx, o, g, filled); err != nil {
		return err
	}
	fmt.Printf("\n5. What a webhook receiver was told meanwhile, in signed messages:\n")
	acted.printMessages()

	ledger := o.relative(filepath.Join(o.dir, "sweep.db"))
	program := o.relative(o.sluice)
	fmt.Printf(`
6. Try next:
   %[1]s objects --ledger %[2]s --status PARTIAL,SKIPPED
   %[1]s findings --ledger %[2]s --severity High --format table | head
   %[1]s quarantine list --ledger %[2]s
   %[1]s detectors show CREDIT_CARD_NUMBER
   %[1]s detect README.md
   make demo DEMO=-serve     # leaves the S3 server running, to scan it yourself

`, program, ledger)
	if o.serve {
		o.wait(ctx, g)
	}
	total := result.table.Total()
	fmt.Printf("demo: objects=%d bytes=%d findings=%d precision=%.4f recall=%.4f incomplete=%d quarantined=%d seconds=%.1f\n",
		result.rows, filled.stored, result.findings, total.Precision, total.Recall, result.incomplete, acted.moved, time.Since(begun).Seconds())
	return result.check(filled, usage)
}

// wait tells how to reach the server and keeps it until ctx is done.
func (o *options) wait(ctx context.Context, g *lab.Gateway) {
	fmt.Println("The S3 server runs until you press Ctrl-C. In another terminal:")
	for _, kv := range g.Restricted.Env() {
		fmt.Println("   export", kv)
	}
	fmt.Printf("   %s scan s3://%s --endpoint-url %s --path-style\n\n", o.relative(o.sluice), bucket, g.Endpoint)
	<-ctx.Done()
}

// relative shows path as seen from the top of the repository, where make runs.
func (o *options) relative(path string) string {
	if rel, err := filepath.Rel(o.top, path); err == nil {
		return rel
	}
	return path
}

func mb(n int64) float64 { return float64(n) / 1e6 }

func (o *options) corpus() corpus.Config {
	return corpus.Config{Seed: o.seed, Objects: o.objs, Bytes: o.bytes, Big: o.big}
}
