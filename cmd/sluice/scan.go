package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/secret"
	"github.com/sluice-dlp/sluice/store"
)

type scanOptions struct {
	selection
	s3      s3Options
	filter  pipeline.Filter
	scan    scanner.Config
	minSize byteSize
	maxSize byteSize
	newer   moment
	older   moment

	ledger      string
	output      string
	format      string
	aliasKey    string
	digestKey   string
	workers     int
	inFlight    byteSize
	unpacked    byteSize
	memory      byteSize
	member      byteSize
	grace       time.Duration
	accept      []string
	progress    string
	metricsAddr string
	quiet       bool
	following   following
}

func scanCommand() *cobra.Command {
	o := scanOptions{newer: moment{now: time.Now}, older: moment{now: time.Now}, inFlight: 256 << 20, unpacked: 10 << 30, member: 3 << 30, memory: 48 << 20}
	cmd := &cobra.Command{
		Use:   "scan PATH|s3://bucket[/prefix] ...",
		Short: "Sweep buckets and directories",
		Long: `scan reads every object of the targets that passes the filters, unpacks what is
packed, and writes what it finds as JSON lines to standard output or -o FILE:
one line for each value, with its exact place, a masked preview and a keyed digest,
and never the value. The summary goes to standard error.

With --ledger FILE the outcome of each object is kept. A second run with the same
ledger and the same detectors reads only what is new, changed, or could not be read
the last time; so a run that was stopped or killed is resumed by running it again.
The findings of objects that are not read again are in the ledger: sluice findings.

--detectors chooses what is looked for: the default is all but a few that are noisy;
"recommended" is the default of Amazon Macie. --custom FILE adds detectors and allow
lists of your own, --allow FILE a list of values that are not reported. If one of these
files has an error, nothing is read.

--act POLICY goes on to do with the objects what the policy says, like sluice quarantine plan
and run; without --yes it only tells what it would do. What lies in quarantine is never read.

Exit codes: 0 complete and nothing found, 1 complete and something found, 2 wrong
usage or configuration, 3 incomplete: something was not read (sluice objects tells
what and why; --accept REASON makes a reason count as read), or with --act not moved,
or with --act or --notify not told.`,
		Example: examples(`
			sluice scan s3://my-bucket --ledger sweep.db > findings.jsonl
			sluice scan s3://my-bucket/exports/ --include '*.csv*' --newer-than 7d -o findings.csv --format csv
			sluice scan s3://data --role-arn arn:aws:iam::123456789012:role/sluice-read --external-id 42 --ledger sweep.db
			sluice scan s3://data --endpoint-url https://minio.example:9000 --path-style --profile minio
			sluice scan s3://my-bucket --custom rules.yaml --allow test-accounts.txt --country DE,AT,CH
			sluice scan s3://my-bucket --ledger sweep.db --act policy.yaml --yes > findings.jsonl
			sluice scan ./exports --detectors CREDENTIALS,-JSON_WEB_TOKEN --accept UNSUPPORTED_FILE_TYPE_EXCEPTION`),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return withHint(errors.New("scan needs at least one target: a path or s3://bucket[/prefix]"), "sluice scan --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.ledger, "ledger", "", "keep the outcome of each object in this `FILE`; default: a temporary one")
	f.StringVarP(&o.output, "output", "o", "", "write findings to this `FILE` instead of standard output")
	f.StringVar(&o.format, "format", "json", "`FORMAT` of findings: json (one object a line), csv or table")
	o.selection.flags(f)
	f.StringArrayVar(&o.filter.Include, "include", nil, "only keys that match this `GLOB` ('*' also matches '/'); may be repeated")
	f.StringArrayVar(&o.filter.Exclude, "exclude", nil, "no keys that match this `GLOB`; may be repeated")
	f.StringArrayVar(&o.filter.Prefixes, "prefix", nil, "only keys that begin with this `PREFIX`; may be repeated")
	f.Var(&o.minSize, "min-size", "only objects of at least this size: 1KiB, 10MB …")
	f.Var(&o.maxSize, "max-size", "only objects of at most this size; 0: any")
	f.Var(&o.newer, "newer-than", "only objects modified since: a date, a time, or an age (36h, 30d)")
	f.Var(&o.older, "older-than", "only objects modified before: a date, a time, or an age")
	f.StringSliceVar(&o.filter.Classes, "class", nil, "only objects of these storage `CLASSES`")
	f.StringSliceVar(&o.accept, "accept", nil, "reason `CODES` that do not make the run incomplete")
	o.following.flags(cmd)
	o.s3.flags(f)
	f.IntVar(&o.workers, "workers", 0, "objects read at a time (default 16 or four for each processor)")
	f.Var(&o.inFlight, "max-in-flight", "bytes of the objects read at a time, where one counts with 32MiB at most")
	f.IntVar(&o.scan.MaxPerRule, "max-per-detector", 1000, "findings listed for one detector in one object; counts go on beyond")
	f.IntVar(&o.scan.Limits.Depth, "max-depth", 10, "levels of archives in archives")
	f.Int64Var(&o.scan.Limits.Members, "max-members", 1_000_000, "members of the archives of one object")
	f.Var(&o.unpacked, "max-unpacked", "bytes that one object may unpack to")
	f.Var(&o.member, "max-member", "bytes that one member may unpack to")
	f.Int64Var(&o.scan.Limits.Ratio, "max-ratio", 1000, "unpacked bytes for each stored byte")
	f.Var(&o.memory, "unpack-memory", "memory for decompressors of all objects read at a time; large windows take turns beyond it")
	f.StringVar(&o.digestKey, "digest-key", "", "`KEY` of the digests of values, as "+secret.Forms+"; default: a new random one")
	f.StringVar(&o.aliasKey, "alias-keys", "", "write keyed digests in place of object keys; the `KEY`, as "+secret.Forms)
	f.DurationVar(&o.grace, "grace", 10*time.Second, "time that objects being read have to end after the first SIGINT or SIGTERM")
	f.StringVar(&o.progress, "progress", "auto", "`HOW`: bar, json (a line every 5 s on standard error), none; auto: bar on a terminal, else json")
	f.StringVar(&o.metricsAddr, "metrics-addr", "", "serve Prometheus metrics on this `HOST:PORT`")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress and no summary")
	return cmd
}

func (o *scanOptions) run(cmd *cobra.Command, args []string) (err error) {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	limitMemory()

	// Findings that nobody reads any more are an error, not the end.
	signal.Ignore(syscall.SIGPIPE)

	if err := o.complete(cmd); err != nil {
		return err
	}
	targets, err := parseTargets(args)
	if err != nil {
		return err
	}
	o.notes = cmd.ErrOrStderr()
	if err := o.following.load(cmd, o, targets); err != nil {
		return err
	}
	set, err := o.set()
	if err != nil {
		return err
	}
	o.scan.Set = set
	sc, err := scanner.New(o.scan)
	if err != nil {
		return err
	}
	src, err := o.s3.openSources(ctx, targets)
	if err != nil {
		return err
	}
	defer src.Close()
	led, done, err := openLedger(ctx, o.ledger)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, done()) }()
	if err := o.following.spare(ctx, led.Reader, targets); err != nil {
		return err
	}
	run := &pipeline.Run{
		Source: src, Scanner: sc, Rules: set, Ledger: led, Filter: o.filter,
		RuleSet: ruleSetID(set, o.scan), Workers: o.workers, MaxBytesInFlight: int64(o.inFlight), Grace: o.grace,
		Accept: o.accept, Version: versionString(), Args: args,
	}
	if o.metricsAddr != "" {
		stopMetrics, err := serveMetrics(ctx, o.metricsAddr, run.Stats)
		if err != nil {
			return err
		}
		defer stopMetrics()
	}
	ledgerFiles := filesAt(led.Files()...)
	out, err := o.openFindings(cmd, slices.Concat(ledgerFiles, targetFiles(targets)))
	if err != nil {
		return err
	}
	run.Committed = out.entries
	ownFile := src.among(append(ledgerFiles, filesBehind(out.file, cmd.OutOrStdout(), cmd.ErrOrStderr())...))
	run.Filter.Own = func(x store.Object) bool { return ownFile(x) || o.following.spared(x) }

	sum, err := o.sweep(ctx, run, cmd.ErrOrStderr())
	err = cmp.Or(err, out.close())
	if err != nil && sum.Run == 0 {
		return err
	}
	if err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "sluice: %v\n", err)
		writeBroken(cmd.ErrOrStderr(), sum, o)
		return exitCode(pipeline.ExitIncomplete)
	}
	if !o.quiet {
		writeSummary(cmd.ErrOrStderr(), sum, o)
	}
	code, err := o.goOn(ctx, cmd, led, sum)
	if err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "sluice: %v\n", err)
		code = pipeline.ExitIncomplete
	}
	if code != pipeline.ExitClean {
		return exitCode(code)
	}
	return nil
}

// goOn does what follows a scan, unless that was stopped, and returns the exit
// code of both.
func (o *scanOptions) goOn(ctx context.Context, cmd *cobra.Command, led *ledger.Ledger, sum pipeline.Summary) (int, error) {
	code := sum.ExitCode()
	if sum.Interrupted {
		switch {
		case o.following.acts != nil:
			fmt.Fprintln(cmd.ErrOrStderr(), "stopped: nothing was done with what was found; sluice quarantine plan and run do it")
		case o.following.tell != nil:
			fmt.Fprintln(cmd.ErrOrStderr(), "stopped: nobody was told what was found; the same scan, run again, goes on and tells it")
		}
		return code, nil
	}
	after, err := o.following.follow(ctx, cmd, led, sum, o)
	return max(code, after), err
}

// sweep carries out run and shows how far it is.
func (o *scanOptions) sweep(ctx context.Context, run *pipeline.Run, w io.Writer) (pipeline.Summary, error) {
	say, end := showProgress(w, o.progress, run.Stats)
	defer end()
	defer context.AfterFunc(ctx, func() {
		if !o.quiet {
			fmt.Fprintf(say, "stopping: objects being read have %v to end; a second signal ends the program at once\n", o.grace)
		}
	})()
	return run.Do(ctx)
}

// complete checks the flags that only together make sense and fills in what
// follows from them.
func (o *scanOptions) complete(cmd *cobra.Command) error {
	o.filter.MinSize, o.filter.MaxSize = int64(o.minSize), int64(o.maxSize)
	o.filter.After, o.filter.Before = o.newer.Time, o.older.Time
	o.scan.Limits.Bytes, o.scan.Limits.MemberBytes, o.scan.Memory = int64(o.unpacked), int64(o.member), int64(o.memory)
	if err := o.filter.Check(); err != nil {
		return withHint(err, "sluice scan --help")
	}
	var err error
	if o.progress, err = progressHow(o.progress, cmd.ErrOrStderr()); err != nil {
		return withHint(err, "sluice scan --help")
	}
	if o.quiet {
		o.progress = "none"
	}
	lim := o.scan.Limits
	if min(int64(o.inFlight), o.scan.Memory, int64(o.scan.MaxPerRule), int64(lim.Depth), lim.Members, lim.Bytes, lim.MemberBytes, lim.Ratio) <= 0 {
		return withHint(errors.New("--max-… and --unpack-memory must be above zero"), "sluice scan --help")
	}
	if o.workers < 0 || o.grace < 0 || o.s3.Progress <= 0 {
		return withHint(errors.New("--workers, --grace and --progress-timeout must not be negative, nor --progress-timeout zero"), "sluice scan --help")
	}
	for _, code := range o.accept {
		if !knownReason(code) {
			return withHint(fmt.Errorf("--accept %s: no such reason code", code), "sluice scan prints the codes that it met; docs/reasons.md has all")
		}
	}
	if o.scan.DigestKey, err = keyFrom(cmd, o.digestKey); err != nil {
		return fmt.Errorf("--digest-key: %w", err)
	}
	return nil
}

// ruleSetID identifies what a scan finds: an object that is in the ledger
// under the same id need not be read again. Another version of sluice may read
// what this one cannot.
func ruleSetID(set *detectors.Set, c scanner.Config) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %d %+v %x", versionString(), set.ID(), c.MaxPerRule, c.Limits, sha256.Sum256(c.DigestKey))
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// limitMemory makes the garbage collector work harder before the process
// grows beyond what docs/guide.md promises, unless GOMEMLIMIT says otherwise.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(160 << 20)
	}
}

// openLedger opens the ledger at path, or a temporary one if path is "". done
// closes it, and removes a temporary one.
func openLedger(ctx context.Context, path string) (led *ledger.Ledger, done func() error, err error) {
	if path != "" {
		led, err = ledger.Open(ctx, path)
		if err != nil {
			return nil, nil, err
		}
		return led, led.Close, nil
	}
	dir, err := os.MkdirTemp("", "sluice-ledger-")
	if err != nil {
		return nil, nil, withHint(err, "name a ledger with --ledger FILE")
	}
	led, err = ledger.Open(ctx, filepath.Join(dir, "ledger.db"))
	if err != nil {
		return nil, nil, cmp.Or(err, os.RemoveAll(dir))
	}
	return led, func() error { return cmp.Or(led.Close(), os.RemoveAll(dir)) }, nil
}
