package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/detectors/custom"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/scanner/unpack"
)

type testOptions struct {
	ruleFiles
	patterns    []string
	keywords    []string
	maxLen      int
	only        []string
	expect      []string
	keepDummies bool
	cost        bool
	asJSON      bool
}

func detectorsTestCommand() *cobra.Command {
	var o testOptions
	cmd := &cobra.Command{
		Use:   "test [FILE|-]...",
		Short: "Try detectors, or a pattern of your own, on files",
		Long: `test searches files, or standard input, with the detectors that --only names
or with regular expressions of your own, and says for each how often it was found,
as a scan with these detectors would (without any names, for those that were), and where in a text it is tried: at literals
that every match contains, at bytes that it begins with, around keywords. Values are
not shown.

A pattern has the syntax of Go's regexp package, matched byte by byte: \d, \w, \b and
(?i) know ASCII. If it has a group (?P<value>...), that is the value. It is searched
for everywhere and may begin within a word, unless it says \b.

--custom FILE tests the identifiers in it: their examples are executed, and they are
searched for in the files, if any are named. --expect NAME=COUNT says how often one has to be found.
Then the exit code tells whether everything is as it should be.

--cost runs each detector alone over the first MiB of text, once unpacked, and lists
the dearest first. A pattern that is searched for at every position is the one thing
that slows a scan down.

Exit codes: 0 nothing found, 1 found, 2 wrong usage, 3 not everything could be read.
With --custom or --expect: 0 all examples and counts are right, 1 one is not.`,
		Example: examples(`
			sluice detectors test --pattern 'EMPLOYEE=\bEMP-\d{5}\b' staff.csv
			sluice detectors test --pattern 'BADGE=\b\d{6}\b' --keyword badge --cost staff.csv
			sluice detectors test --custom rules.yaml
			sluice detectors test --custom rules.yaml --expect 'Employee number=3' staff.csv
			sluice detectors test --only CREDENTIALS --cost app.log
			zcat dump.sql.gz | sluice detectors test --cost --json | jq -r 'select(.cost.ns_per_kib>1000).id'`),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(o.patterns) == 0 && (len(o.keywords) > 0 || cmd.Flags().Changed("max-len")) {
				return withHint(errors.New("--keyword and --max-len are for a --pattern and there is none"), "sluice detectors test --help")
			}
			if len(o.expect) > 0 && len(args) == 0 && len(o.custom) > 0 {
				return withHint(errors.New("--expect says how often something is found, and no file is named"), "standard input is -")
			}
			return o.run(cmd, args)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.patterns, "pattern", nil, "a pattern to test, `NAME=REGEX`; may be given again")
	f.IntVar(&o.maxLen, "max-len", 256, fmt.Sprintf("longest match of a --pattern in bytes, at most %d", detectors.MaxMatch))
	f.StringArrayVar(&o.keywords, "keyword", nil, fmt.Sprintf("count a --pattern only within %d bytes of this `WORD` or another", detectors.Proximity))
	f.StringSliceVarP(&o.only, "only", "d", nil, "`NAMES`: detector ids, common types or categories, comma-separated (default all; none with --pattern or --custom); also --detectors, as other commands call it")
	f.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "detectors" {
			name = "only"
		}
		return pflag.NormalizedName(name)
	})
	f.StringArrayVar(&o.expect, "expect", nil, "how often a detector has to be found, `NAME=COUNT`; may be repeated")
	o.ruleFiles.flags(f)
	f.BoolVar(&o.keepDummies, "keep-dummies", false, "count published example values too")
	f.BoolVar(&o.cost, "cost", false, "measure what each detector costs")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object a line")
	return cmd
}

// tested is what is told of one detector.
type tested struct {
	ID       string `json:"id"`
	TriedAt  string `json:"tried_at"`
	Anchored bool   `json:"anchored"`
	Matches  int64  `json:"matches"`
	Expected *int64 `json:"expected,omitempty"`
	Examples int    `json:"examples,omitempty"`        // of a custom identifier
	Failed   int    `json:"examples_failed,omitempty"` // of these
	Cost     *cost  `json:"cost,omitempty"`
}

func (o *testOptions) run(cmd *cobra.Command, args []string) error {
	c, err := o.load(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	rules, err := o.rules(c)
	if err != nil {
		return err
	}
	expected, err := expectations(o.expect, rules)
	if err != nil {
		return withHint(err, "sluice detectors test --help")
	}
	set, err := detectors.Compile(rules, detectors.Options{KeepDummies: o.keepDummies, Allow: c.allow})
	if err != nil {
		return withHint(err, "sluice detectors test --help")
	}
	t, err := newTrial(set, o.cost)
	if err != nil {
		return err
	}
	if len(args) == 0 && len(o.custom) == 0 {
		args = []string{"-"}
	}
	for _, name := range args {
		if err := t.file(cmd, name); err != nil {
			return err
		}
	}
	results, err := o.results(cmd.Context(), t, rules)
	if err != nil {
		return err
	}
	wrong, err := judge(cmd.ErrOrStderr(), results, c.own, expected)
	if err != nil {
		return err
	}
	shown := results
	if len(o.only)+len(o.patterns)+len(o.custom) == 0 && !o.cost && !o.asJSON {
		shown = slices.DeleteFunc(slices.Clone(results), func(r tested) bool { return r.Matches == 0 && r.Expected == nil })
	}
	if err := o.print(cmd.OutOrStdout(), shown); err != nil {
		return err
	}
	if n := len(results) - len(shown); n > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "%d detectors found nothing\n", n)
	}
	for _, r := range results {
		warnOfCost(cmd.ErrOrStderr(), r)
	}
	switch {
	case t.gaps > 0:
		return exitCode(pipeline.ExitIncomplete)
	case wrong:
		return exitCode(pipeline.ExitFindings)
	case len(o.custom) > 0 || len(o.expect) > 0:
		return nil
	case len(t.matches) > 0:
		return exitCode(pipeline.ExitFindings)
	}
	return nil
}

// rules returns the rules to test.
func (o *testOptions) rules(c *catalogue) ([]detectors.Rule, error) {
	var rules []detectors.Rule
	switch {
	case len(o.only) > 0:
		var err error
		if rules, err = c.choose(o.only); err != nil {
			return nil, withHint(fmt.Errorf("--only %s: %w", strings.Join(o.only, ","), err), "sluice detectors list")
		}
	case len(c.own) > 0:
		for _, id := range c.own {
			rules = append(rules, id.Rule())
		}
	case len(o.patterns) == 0:
		rules = detectors.Builtin()
	}
	for _, p := range o.patterns {
		name, expr, ok := strings.Cut(p, "=")
		if !ok || name == "" || expr == "" {
			return nil, withHint(fmt.Errorf("--pattern %q is not of the form NAME=REGEX", p), "sluice detectors test --help")
		}
		rules = append(rules, detectors.Rule{
			ID: name, Name: name, Category: detectors.Custom, Severity: detectors.Severities{detectors.Medium, detectors.Medium, detectors.Medium},
			Pattern: expr, MaxLen: o.maxLen, Keywords: o.keywords, NeedKeyword: len(o.keywords) > 0, Priority: detectors.PriorityKeyword,
		})
	}
	return rules, nil
}

// expectations reads --expect: how often the rule of an id has to be found.
func expectations(list []string, rules []detectors.Rule) (map[string]int64, error) {
	expected := make(map[string]int64)
	for _, e := range list {
		i := strings.LastIndexByte(e, '=')
		n, err := strconv.ParseInt(e[i+1:], 10, 64)
		if i < 1 || err != nil || n < 0 {
			return nil, fmt.Errorf("--expect %q is not of the form NAME=COUNT", e)
		}
		k := slices.IndexFunc(rules, func(r detectors.Rule) bool { return strings.EqualFold(r.ID, e[:i]) })
		if k < 0 {
			return nil, fmt.Errorf("--expect %q: no detector of that name is tested", e)
		}
		expected[rules[k].ID] = n
	}
	return expected, nil
}

// judge executes the examples of custom identifiers, compares counts with what
// is expected, fills that in and says what is wrong.
func judge(w io.Writer, results []tested, own []custom.Identifier, expected map[string]int64) (wrong bool, err error) {
	for i := range results {
		r := &results[i]
		if n, ok := expected[r.ID]; ok {
			r.Expected = &n
			if r.Matches != n {
				wrong = true
				fmt.Fprintf(w, "%s: found %d times, expected %d\n", export.Visible(r.ID), r.Matches, n)
			}
		}
		for k := range own {
			if own[k].Name != r.ID {
				continue
			}
			failures, err := own[k].Check()
			if err != nil {
				return wrong, err
			}
			r.Examples, r.Failed = len(own[k].Examples), len(failures)
			for _, f := range failures {
				wrong = true
				fmt.Fprintln(w, f.Error())
			}
		}
	}
	return wrong, nil
}

// trial is a set tried on files.
type trial struct {
	set     *detectors.Set
	scanner *scanner.Scanner
	matches map[string]int64 // by rule
	gaps    int64
	sampled bool     // whether to keep a sample
	sample  [][]byte // the first text, by member, sampleSize bytes at most
}

// sampleSize is how much text the cost is measured on.
const sampleSize = 1 << 20

func newTrial(set *detectors.Set, sampled bool) (*trial, error) {
	sc, err := scanner.New(scanner.Config{Set: set, MaxPerRule: 1})
	if err != nil {
		return nil, err
	}
	return &trial{set: set, scanner: sc, matches: make(map[string]int64), sampled: sampled}, nil
}

// file searches one file, or standard input if its name is "-".
func (t *trial) file(cmd *cobra.Command, name string) error {
	in := cmd.InOrStdin()
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return withHint(fmt.Errorf("%s is a directory", name), "name files, as in %s/*", strings.TrimSuffix(name, "/"))
		}
		in = f
	}
	var first prefix
	cov, err := t.scanner.Scan(cmd.Context(), io.TeeReader(in, &first), func(scanner.Finding) error { return nil })
	if err != nil {
		return err
	}
	tellGaps(cmd.ErrOrStderr(), cov)
	t.gaps += cov.GapCount()
	for id, n := range cov.Counts {
		t.matches[id] += n
	}
	if !t.sampled {
		return nil
	}
	return t.addSample(cmd.Context(), first)
}

// prefix keeps the first sampleSize bytes written to it.
type prefix []byte

func (p *prefix) Write(b []byte) (int, error) {
	*p = append(*p, b[:min(len(b), sampleSize-len(*p))]...)
	return len(b), nil
}

// addSample unpacks the beginning of a file into what is missing of the
// sample. Its gaps are those that the scan has met, or come of the cut.
func (t *trial) addSample(ctx context.Context, stored []byte) error {
	room := sampleSize
	for _, text := range t.sample {
		room -= len(text)
	}
	return unpack.Walk(ctx, bytes.NewReader(stored), unpack.Limits{}, unpack.Visitor{
		Member: func(_ unpack.Member, r io.Reader) error {
			text, err := io.ReadAll(io.LimitReader(r, int64(room)))
			if room -= len(text); len(text) > 0 {
				t.sample = append(t.sample, text)
			}
			return err
		},
		Gap: func(unpack.Gap) {},
	})
}

// results are those of all rules, with their cost if that is asked for, the
// dearest first.
func (o *testOptions) results(ctx context.Context, t *trial, rules []detectors.Rule) ([]tested, error) {
	var results []tested
	for i, r := range rules {
		d := tested{ID: r.ID, TriedAt: t.set.Explain(i), Anchored: t.set.Anchored(i), Matches: t.matches[r.ID]}
		if o.cost {
			if len(t.sample) == 0 {
				return nil, errors.New("--cost: there is no text to measure on")
			}
			c, err := measure(ctx, r, t.sample)
			if err != nil {
				return nil, err
			}
			d.Cost = &c
		}
		results = append(results, d)
	}
	if o.cost {
		slices.SortStableFunc(results, func(a, b tested) int { return cmp.Compare(b.Cost.NsPerKiB, a.Cost.NsPerKiB) })
	}
	return results, nil
}

// cost is what one detector costs alone.
type cost struct {
	MBPerS      float64 `json:"mb_per_s"`
	TriedPerKiB float64 `json:"tried_per_kib"` // see detectors.Set.FindTried
	NsPerKiB    float64 `json:"ns_per_kib"`
}

// measure searches sample with one rule, again and again for a while, and
// returns what the quickest pass cost.
func measure(ctx context.Context, rule detectors.Rule, sample [][]byte) (cost, error) {
	const (
		least  = 64 << 10 // bytes of one measurement
		enough = 50 * time.Millisecond
	)
	set, err := detectors.Compile([]detectors.Rule{rule}, detectors.Options{})
	if err != nil {
		return cost{}, err
	}
	size := 0
	for _, text := range sample {
		size += len(text)
	}
	passes := (least + size - 1) / size
	kib := float64(size*passes) / 1024
	var best time.Duration
	tried := 0
	for n, start := 0, time.Now(); n < 3 || time.Since(start) < enough; n++ {
		if err := ctx.Err(); err != nil {
			return cost{}, err
		}
		begin := time.Now()
		tried = 0
		for range passes {
			tried += tryAll(set, sample)
		}
		if took := time.Since(begin); n == 0 || took < best {
			best = took
		}
	}
	return cost{MBPerS: kib * 1024 / 1e6 / best.Seconds(), TriedPerKiB: float64(tried) / kib, NsPerKiB: float64(best) / kib}, nil
}

// tryAll searches all of sample and returns how many candidates were tried.
func tryAll(set *detectors.Set, sample [][]byte) (tried int) {
	var found []detectors.Match
	for _, text := range sample {
		var n int
		found, n = set.FindTried(found[:0], text, 0, len(text))
		tried += n
	}
	return tried
}

func (o *testOptions) print(out io.Writer, results []tested) error {
	tw := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	if !o.asJSON {
		columns := "ID\tMATCHES\t"
		if len(o.custom) > 0 {
			columns += "EXAMPLES\t"
		}
		if o.cost {
			columns += "MB/S\tTRIED/KIB\tNS/KIB\t"
		}
		fmt.Fprintln(tw, columns+"TRIED AT")
	}
	for _, r := range results {
		if o.asJSON {
			if err := writeJSON(out, r); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(tw, "%s\t%d\t", export.Visible(r.ID), r.Matches)
		if len(o.custom) > 0 {
			fmt.Fprintf(tw, "%s\t", r.examples())
		}
		if r.Cost != nil {
			fmt.Fprintf(tw, "%s\t%s\t%.0f\t", threeDigits(r.Cost.MBPerS), threeDigits(r.Cost.TriedPerKiB), r.Cost.NsPerKiB)
		}
		fmt.Fprintln(tw, r.TriedAt)
	}
	return tw.Flush()
}

// examples tells how many examples are right.
func (r *tested) examples() string {
	if r.Examples == 0 {
		return "none"
	}
	return fmt.Sprintf("%d of %d", r.Examples-r.Failed, r.Examples)
}

// threeDigits writes a number from zero up with no more digits than it is
// worth.
func threeDigits(f float64) string {
	if f >= 100 {
		return fmt.Sprintf("%.0f", f)
	}
	return fmt.Sprintf("%.3g", f)
}

// warnOfCost says that a pattern has no anchor and what that costs.
func warnOfCost(w io.Writer, r tested) {
	if r.Anchored {
		return
	}
	speed := ""
	if r.Cost != nil {
		speed = fmt.Sprintf(": %s MB/s", threeDigits(r.Cost.MBPerS))
	}
	fmt.Fprintf(w, "%s is searched for at every position%s; give it a literal or a keyword\n", export.Visible(r.ID), speed)
}
