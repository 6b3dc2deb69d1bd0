package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine/policy"
	"github.com/sluice-dlp/sluice/store"
)

// following is what a scan goes on to do with what it found: tell people, and
// put objects into quarantine.
type following struct {
	quarantineOptions
	actOptions
	notify string // a policy of which the channels count

	acts *policy.File // nil: nothing is done with objects
	tell *policy.File // nil: nobody is told

	places []policy.Location // that are, or were, a quarantine

	scanned []ledger.Place // what is planned elsewhere waits for its own command
}

func (o *following) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.policy, "act", "", "do with objects what this policy `FILE` says, after the scan; without --yes, only tell what would be done")
	o.fuseFlags(f)
	f.StringVar(&o.notify, "notify", "", "tell the channels of this policy `FILE` what was found; default: those of --act")
}

// load reads the policies and refuses what cannot be.
func (o *following) load(cmd *cobra.Command, scan *scanOptions, targets []target) error {
	o.ledger, o.s3, o.aliasKey = scan.ledger, scan.s3, scan.aliasKey
	switch {
	case o.policy == "" && (o.yes || o.fuseObjects >= 0 || cmd.Flags().Changed("fuse-bytes")):
		return withHint(errors.New("--yes and --fuse-… are about --act FILE, which is missing"), "%s --help", cmd.CommandPath())
	case o.policy == "" && o.notify == "":
		return nil
	case o.ledger == "":
		return withHint(errors.New("--act and --notify need --ledger FILE: what was moved and told stands there"), "without it nothing could be brought back")
	}
	c, err := scan.ruleFiles.load(nil)
	if err != nil {
		return err
	}
	if o.notify != "" {
		if o.tell, err = loadPolicy(o.notify, c, io.Discard); err != nil {
			return err
		}
		if len(o.tell.Channels) == 0 {
			return withHint(fmt.Errorf("--notify %s: there are no channels in it", o.notify), "docs/notifications.md")
		}
	}
	if o.policy == "" {
		return o.tryChannels()
	}
	if o.acts, err = loadPolicy(o.policy, c, cmd.ErrOrStderr()); err != nil {
		return err
	}
	if o.tell == nil && len(o.acts.Channels) > 0 {
		o.tell = o.acts
	}
	for _, t := range targets {
		if t.path != "" {
			return withHint(fmt.Errorf("--act: target %s: %w", t.arg, errDirectory), "scan it without --act")
		}
		o.scanned = append(o.scanned, ledger.Place{Bucket: t.bucket, Prefix: t.prefix})
	}
	if o.s3.Anonymous {
		return withHint(errors.New("--act and --no-sign-request exclude each other: nobody unknown may move objects"), "%s --help", cmd.CommandPath())
	}
	if err := o.tryChannels(); err != nil {
		return err
	}
	return o.complete(cmd, o.acts)
}

// tryChannels makes sure that those whom to tell can be, as far as that is known
// before anybody is spoken to: after the scan is late.
func (o *following) tryChannels() error {
	if o.tell == nil {
		return nil
	}
	_, done, err := buildChannels(o.tell, io.Discard)
	if err == nil {
		done()
	}
	return err
}

// spare finds out what lies in quarantine, which is not scanned, and refuses
// targets that lie there.
func (o *following) spare(ctx context.Context, r *ledger.Reader, targets []target) error {
	var err error
	if o.places, err = quarantines(ctx, o.acts, r); err != nil {
		return err
	}
	if o.tell != nil && !o.tell.Quarantine.IsZero() {
		o.places = append(o.places, o.tell.Quarantine.Vault)
	}
	for _, t := range targets {
		for _, p := range o.places {
			if t.bucket == p.Bucket && strings.HasPrefix(t.prefix, p.Prefix) {
				return withHint(fmt.Errorf("target %s lies in the quarantine %s, which is never scanned", t.arg, p),
					"sluice quarantine verify and open look into it; a quarantine in a bucket that is scanned needs a prefix of its own")
			}
		}
	}
	return nil
}

// spared reports whether o lies in quarantine.
func (o *following) spared(x store.Object) bool { return within(o.places, x) }

// follow tells people and acts. It returns the exit code of both.
func (o *following) follow(ctx context.Context, cmd *cobra.Command, l *ledger.Ledger, sum pipeline.Summary, scan *scanOptions) (int, error) {
	if o.acts == nil && o.tell == nil {
		return pipeline.ExitClean, nil
	}
	names, err := o.names(cmd)
	if err != nil {
		return 0, err
	}
	w := cmd.ErrOrStderr()
	f := o.tell
	if f == nil {
		f = &policy.File{} // without channels
	}
	j := o.journal(l, f, names)
	seen := ledger.Filter{Run: sum.Run}
	if err := j.Detected(ctx, seen); err != nil {
		return 0, err
	}
	t, err := newTeller(ctx, o.tell, cmp.Or(o.notify, o.policy), o.ledger, l, w)
	if err != nil {
		return 0, err
	}
	t.begin(ctx)
	code := pipeline.ExitClean
	if o.acts != nil {
		if code, err = o.act(ctx, cmd, l, j, seen, scan); err != nil {
			fmt.Fprintf(w, "sluice: act: %v\n", err)
			var h hint
			if errors.As(err, &h) {
				fmt.Fprintf(w, "hint: %s\n", h.text)
			}
			code = pipeline.ExitIncomplete
		}
	}
	if err = j.Swept(ctx, sum); err != nil {
		fmt.Fprintf(w, "sluice: %v\n", err)
		code = pipeline.ExitIncomplete
	}
	return max(code, t.end(ctx)), nil
}

func (o *following) act(ctx context.Context, cmd *cobra.Command, l *ledger.Ledger, j pipeline.Journal, seen ledger.Filter, scan *scanOptions) (int, error) {
	c := o.custody(cmd, o.acts)
	defer c.Close()
	p, err := newPlanner(ctx, c, l)
	if err != nil {
		return 0, err
	}
	told := j // what was found is
	told.Silent = true
	if _, err := (&pipeline.Act{Ledger: l, Journal: told}).Plan(ctx, seen, p.decide); err != nil {
		return 0, err
	}
	names, err := o.names(cmd)
	if err != nil {
		return 0, err
	}
	w := cmd.ErrOrStderr()
	a := &acting{custody: c, ledger: l, only: ledger.MoveFilter{Within: o.scanned}, journal: j, actOptions: o.actOptions, progress: scan.progress,
		lines: &moveLines{names: names}, stderr: w, words: w, event: "acted"}
	if scan.quiet {
		a.words = io.Discard
	}
	if scan.progress == "json" {
		a.json = w
	}
	if a.json != nil && len(p.undecided) > 0 {
		err := writeJSON(a.json, struct {
			Event     string           `json:"event"`
			Undecided map[string]int64 `json:"undecided"` // objects, by reason code
		}{"undecided", p.undecided})
		if err != nil {
			return 0, err
		}
	}
	fmt.Fprintf(a.words, "\npolicy %s:\n", o.policy)
	p.writeUndecided(a.words)
	if !o.yes {
		return p.exitCode(), a.wouldDo(ctx)
	}
	code, err := a.do(ctx)
	return max(code, p.exitCode()), err
}
