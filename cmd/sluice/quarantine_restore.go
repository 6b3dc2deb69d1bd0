package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
)

// undoOptions are those of restore and purge.
type undoOptions struct {
	quarantineOptions
	selectMoves
	yes         bool
	lastCopies  bool
	concurrency int
}

func (o *undoOptions) flags(f *pflag.FlagSet) {
	o.ledgerFlags(f)
	f.BoolVar(&o.yes, "yes", false, "really do it; without this, only tell what would be done")
	o.allFlag(f)
	o.selectMoves.flags(f)
	f.IntVar(&o.concurrency, "concurrency", 4, "objects at a time")
	o.policyFlags(f)
}

func quarantineRestoreCommand() *cobra.Command {
	var o undoOptions
	cmd := &cobra.Command{
		Use:   "restore --policy FILE --ledger FILE ID ...|--all",
		Short: "Bring objects back to where they were",
		Long: `restore brings objects back into their buckets: bytes, headers, metadata and tags as
they were. It never takes the place of an object that is there by now: that is an error, and
yours to decide. What lies in the vault stays until sluice quarantine purge.

An object that was restored is not planned again; a newer one of its key is.

For sealed objects (mode envelope) it takes the right to decrypt.

Exit codes: 0 all are back; 2 wrong usage or configuration; 3 something is not back.`,
		Example: examples(`
			sluice quarantine restore 3f9c01ab --policy policy.yaml --ledger sweep.db          # what would be done
			sluice quarantine restore 3f9c01ab --policy policy.yaml --ledger sweep.db --yes
			sluice quarantine restore --bucket prod-eu --prefix exports/ --policy policy.yaml --ledger sweep.db --yes`),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, args, undoing{
				would: "would come back", done: "is back", left: "is NOT back", sum: "back", end: quarantine.Restored, suits: restorable, try: true,
				alone: "they were not taken away",
				act: func(ctx context.Context, w *custody, m quarantine.Move, j quarantine.Journal) (quarantine.Move, error) {
					q, err := w.emptying(ctx, m, j)
					if err != nil {
						return m, err
					}
					origin, err := w.origin(ctx, m.Object.Bucket)
					if err != nil {
						return m, err
					}
					return q.Restore(ctx, origin, m)
				},
			})
		},
	}
	o.flags(cmd.Flags())
	return cmd
}

func restorable(m quarantine.Move) error {
	switch {
	case m.State == quarantine.Restored:
		return nil // Restore says the same
	case m.InVault() && (m.Open() || m.State == quarantine.Verified || m.State == quarantine.Kept || m.State == quarantine.Tagged):
		return fmt.Errorf("it is %s: it was never taken out of its bucket", m.State)
	case !m.InVault():
		return fmt.Errorf("it is %s: the vault does not have it", m.State)
	}
	return nil
}

func quarantinePurgeCommand() *cobra.Command {
	var o undoOptions
	cmd := &cobra.Command{
		Use:   "purge --policy FILE --ledger FILE ID ...|--all",
		Short: "Remove objects from quarantine for good",
		Long: `purge removes what lies in the vault, all versions of it. Of an object that is not back in
its bucket that is the last copy: purge leaves such objects alone unless --last-copies says
that they are meant. The ledger keeps the record.

Exit codes: 0 all are removed; 2 wrong usage or configuration; 3 something is still there.`,
		Example: examples(`
			sluice quarantine list --ledger sweep.db --state restored
			sluice quarantine purge 3f9c01ab --policy policy.yaml --ledger sweep.db --yes
			sluice quarantine purge --run 12 --last-copies --policy policy.yaml --ledger sweep.db --yes`),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, args, undoing{
				would: "would be removed from quarantine for good", done: "is removed for good", left: "is STILL THERE", sum: "removed", end: quarantine.Purged, suits: o.purgeable,
				alone: "their moves are not finished, or they may be the last copy (--last-copies)",
				act: func(ctx context.Context, w *custody, m quarantine.Move, j quarantine.Journal) (quarantine.Move, error) {
					if m.State == quarantine.Purged {
						return m, nil
					}
					q, err := w.mover(ctx, placeOf(m), j)
					if err != nil {
						return m, err
					}
					return q.Purge(ctx, m)
				},
			})
		},
	}
	o.flags(cmd.Flags())
	cmd.Flags().BoolVar(&o.lastCopies, "last-copies", false, "also objects that are nowhere else")
	return cmd
}

func (o *undoOptions) purgeable(m quarantine.Move) error {
	switch {
	case m.State == quarantine.Purged:
		return nil
	case !m.InVault():
		return fmt.Errorf("it is %s: the vault does not have it", m.State)
	case m.State == quarantine.Restoring:
		return errors.New("it is on its way back: restore it first")
	case m.Open():
		return fmt.Errorf("it is %s: its move is not finished", m.State)
	case (m.State == quarantine.Removed || m.State == quarantine.Changed || m.State == quarantine.Gone) && !o.lastCopies:
		return errors.New("it may be the last copy: --last-copies says that it is meant")
	}
	return nil
}

// undoing is what restore and purge do, each in its own words.
type undoing struct {
	would, done, left, sum string
	alone                  string // why some are passed over

	end quarantine.State // in which there is nothing more to do

	suits func(quarantine.Move) error // says why a move cannot be undone
	try   bool                        // whether stores are tried first, as something is written
	act   func(context.Context, *custody, quarantine.Move, quarantine.Journal) (quarantine.Move, error)
}

func (o *undoOptions) run(cmd *cobra.Command, args []string, u undoing) error {
	if err := o.checkLedger(cmd); err != nil {
		return err
	}
	if err := o.chosen(cmd, args); err != nil {
		return err
	}
	names, err := o.names(cmd)
	if err != nil {
		return err
	}
	f, err := o.vaultOf(cmd)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	limitMemory()
	l, err := openExisting(cmd, o.ledger)
	if err != nil {
		return err
	}
	defer l.Close()
	if err := o.complete(ctx, l.Reader, args); err != nil {
		return err
	}
	o.InVault = len(args) == 0 // of ids each is told why not
	lines, err := newMoveLines(cmd.OutOrStdout(), o.asJSON, names)
	if err != nil {
		return err
	}
	w := o.custody(cmd, f)
	defer w.Close()
	if u.try && o.yes {
		if err := o.tryStore(ctx, w, l, u); err != nil {
			return err
		}
	}
	t, err := newTeller(ctx, f, o.policy, o.ledger, l, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	t.begin(ctx)
	d := &undo{undoOptions: o, undoing: u, custody: w, journal: o.journal(l, f, names), named: len(args) > 0, lines: lines}
	err = pipeline.Each(ctx, o.concurrency, l.Moves(ctx, o.MoveFilter), d.move)
	if err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "sluice: %v\n", err)
	}
	return worse(d.sumUp(cmd.OutOrStdout(), err), t.end(ctx))
}

// tryStore tries the store that the object of the first move to be undone goes
// back to.
func (o *undoOptions) tryStore(ctx context.Context, w *custody, l *ledger.Ledger, u undoing) error {
	for m, err := range l.Moves(ctx, o.MoveFilter) {
		if err != nil {
			return err
		}
		if m.State == u.end && len(o.IDs) == 0 || u.suits(m) != nil {
			continue
		}
		return w.probeReturn(ctx, m.Object.Bucket, m.Mode)
	}
	return nil
}

// worse is the error of a command, or code if that is worse.
func worse(err error, code int) error {
	if err == nil && code != pipeline.ExitClean {
		return exitCode(code)
	}
	return err
}

// undo is one restore or purge.
type undo struct {
	*undoOptions
	undoing
	*custody
	journal pipeline.Journal
	named   bool // by ids: whatever does not suit is an error

	mu     sync.Mutex // guards what follows
	lines  *moveLines
	n      int64
	bytes  int64
	left   int64
	passed int64 // that were not named, and do not suit
}

func (d *undo) move(ctx context.Context, m quarantine.Move) error {
	if m.State == d.undoing.end && !d.named {
		return nil
	}
	err := d.suits(m)
	if err != nil && !d.named {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.passed++
		return nil
	}
	if err == nil && d.yes {
		m, err = d.act(ctx, d.custody, m, d.journal)
	}
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err != nil:
		d.left++
		m.Reason, m.Error = store.Reason(err), err.Error() // not what failed some time before
		return d.lines.tell(m, d.undoing.left+": "+d.lines.why(m))
	case d.yes:
		d.n, d.bytes = d.n+1, d.bytes+max(0, m.Object.Size)
		return d.lines.tell(m, d.done)
	}
	d.n, d.bytes = d.n+1, d.bytes+max(0, m.Object.Size)
	return d.lines.tell(m, d.would)
}

// others tells of moves that were left alone.
func (d *undo) others() string {
	if d.passed == 0 {
		return ""
	}
	return fmt.Sprintf("; %d others were left alone: %s", d.passed, d.alone)
}

func (d *undo) sumUp(w io.Writer, failed error) error {
	code := pipeline.ExitClean
	if d.left > 0 || failed != nil {
		code = pipeline.ExitIncomplete
	}
	var err error
	switch {
	case d.asJSON:
		err = writeJSON(w, struct {
			Event string `json:"event"`
			Done  bool   `json:"done"` // or only told
			N     int64  `json:"objects"`
			Bytes int64  `json:"bytes"`
			Left  int64  `json:"failed"`
			Other int64  `json:"left_alone"`
			Code  int    `json:"exit_code"`
		}{"summary", d.yes, d.n, d.bytes, d.left, d.passed, code})
	case !d.yes:
		_, err = fmt.Fprintf(w, "%s of %s; nothing was done: --yes does it%s\n", plural(d.n, "object"), formatBytes(d.bytes), d.others())
	default:
		_, err = fmt.Fprintf(w, "%s of %s %s, %d not%s\n", plural(d.n, "object"), formatBytes(d.bytes), d.sum, d.left, d.others())
	}
	if err != nil || code == pipeline.ExitClean {
		return err
	}
	return exitCode(code)
}
