package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/policy"
	"github.com/sluice-dlp/sluice/store"
)

// actOptions are what carrying out a plan takes. quarantine run and scan --act
// share them.
type actOptions struct {
	yes         bool
	again       bool
	fuseObjects int64
	fuseBytes   byteSize
	concurrency int
	rate        float64
}

func (o *actOptions) flags(f *pflag.FlagSet) {
	o.fuseFlags(f)
	f.IntVar(&o.concurrency, "concurrency", 0, "objects at a time; default: what the policy says")
	f.Float64Var(&o.rate, "rate", 0, "objects a second at most; default: what the policy says")
}

func (o *actOptions) fuseFlags(f *pflag.FlagSet) {
	f.BoolVar(&o.yes, "yes", false, "really do it; without this, only tell what would be done")
	f.Int64Var(&o.fuseObjects, "fuse-objects", -1, "do nothing at all if more objects than this are due; 0: any number; default: what the policy says")
	f.Lookup("fuse-objects").DefValue = "0" // is not shown
	f.Var(&o.fuseBytes, "fuse-bytes", "do nothing at all if objects of more bytes than this are due; 0: any number; default: what the policy says")
}

// complete puts the flags over what the policy says.
func (o *actOptions) complete(cmd *cobra.Command, f *policy.File) error {
	q := &f.Quarantine
	if o.concurrency < 0 || !(o.rate >= 0) || o.fuseObjects < -1 {
		return withHint(errors.New("--concurrency, --rate and --fuse-objects must not be negative"), "%s --help", cmd.CommandPath())
	}
	if o.fuseObjects >= 0 {
		q.Fuse.Objects = o.fuseObjects
	}
	if cmd.Flags().Changed("fuse-bytes") {
		q.Fuse.Bytes = int64(o.fuseBytes)
	}
	q.Concurrency = cmp.Or(o.concurrency, q.Concurrency)
	q.Rate = cmp.Or(o.rate, q.Rate)
	return nil
}

type runOptions struct {
	quarantineOptions
	actOptions
	selectMoves
	progress string
}

func quarantineRunCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run --policy FILE --ledger FILE [ID ...]",
		Short: "Carry out what is planned",
		Long: `run carries on all moves that have something left to do, or those chosen by ids,
--bucket, --prefix or --run: try one object first. Without --yes it only tells what it
would do, and reaches no store.

Before anything is moved, the key is looked at, and the stores are probed: one that drops
encryption headers, or that removes another version than the one named, is refused.

If more is due than the fuse allows (fuse in the policy, --fuse-objects, --fuse-bytes), nothing
is done at all: it is there for the policy that takes more than was meant.

A run that is stopped or killed is gone on with by running it again. After 20 failures in a
row it ends by itself.

Exit codes: 0 all done, or nothing to do; 2 wrong usage or configuration, or refused
before anything was done (fuse, key, probe); 3 something was not done: it failed, its
bucket did not let go of it, now or in an earlier run, or it has changed since the scan
(sluice quarantine list --failed, --state kept,changed); or somebody was not told who
should have been.`,
		Example: examples(`
			sluice quarantine run --policy policy.yaml --ledger sweep.db
			sluice quarantine run --policy policy.yaml --ledger sweep.db 3f9c01ab --yes
			sluice quarantine run --policy policy.yaml --ledger sweep.db --yes --rate 50 --json
			sluice quarantine run --policy policy.yaml --ledger sweep.db --yes --again   # after a lock was lifted`),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	f := cmd.Flags()
	o.ledgerFlags(f)
	o.actOptions.flags(f)
	f.BoolVar(&o.again, "again", false, "also try again what its bucket did not let go of")
	o.selectMoves.flags(f)
	f.StringVar(&o.progress, "progress", "auto", "`HOW`: bar, json (a line every 5 s on standard error), none; auto: bar on a terminal, else json")
	o.policyFlags(f)
	return cmd
}

func (o *runOptions) run(cmd *cobra.Command, args []string) error {
	if err := o.checkLedger(cmd); err != nil {
		return err
	}
	names, err := o.names(cmd)
	if err != nil {
		return err
	}
	f, err := o.load(cmd)
	if err != nil {
		return err
	}
	if err := o.actOptions.complete(cmd, f); err != nil {
		return err
	}
	if o.progress, err = progressHow(o.progress, cmd.ErrOrStderr()); err != nil {
		return withHint(err, "%s --help", cmd.CommandPath())
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	limitMemory()
	l, err := openExisting(cmd, o.ledger)
	if err != nil {
		return err
	}
	defer l.Close()
	if err := o.selectMoves.complete(ctx, l.Reader, args); err != nil {
		return err
	}
	w := o.custody(cmd, f)
	defer w.Close()
	lines, err := newMoveLines(cmd.OutOrStdout(), o.asJSON, names)
	if err != nil {
		return err
	}
	a := &acting{custody: w, ledger: l, only: o.MoveFilter, journal: o.journal(l, f, names), actOptions: o.actOptions, progress: o.progress, lines: lines,
		stderr: cmd.ErrOrStderr(), words: cmd.OutOrStdout(), event: "summary"}
	if o.asJSON {
		a.json, a.words = a.words, io.Discard
	}
	if !o.yes {
		return a.wouldDo(ctx)
	}
	t, err := newTeller(ctx, f, o.policy, o.ledger, l, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	t.begin(ctx)
	code, err := a.do(ctx)
	code = max(code, t.end(ctx))
	if err != nil {
		return err
	}
	if code != pipeline.ExitClean {
		return exitCode(code)
	}
	return nil
}

// acting carries out what is planned, and tells how it goes.
type acting struct {
	*custody
	actOptions
	ledger   *ledger.Ledger
	only     ledger.MoveFilter
	journal  pipeline.Journal
	progress string
	lines    *moveLines
	stderr   io.Writer

	words io.Writer // the outcome, for people
	json  io.Writer // and for machines; nil for none
	event string    // by which these know the outcome
}

// amount is so many objects, and the bytes in them.
type amount struct {
	Objects int64 `json:"objects"`
	Bytes   int64 `json:"bytes"`
}

func (a *amount) add(o store.Object) {
	a.Objects++
	a.Bytes += max(0, o.Size)
}

// due is what is to be done, by action.
type due struct {
	amount
	Waiting  int64                         `json:"waiting"` // for approval
	Kept     int64                         `json:"kept"`    // that an earlier run could not remove
	bucket   string                        // of one of the objects
	ByAction map[quarantine.Action]*amount `json:"by_action"`
}

// look counts what is to be done, and refuses what must not be.
func (a *acting) look(ctx context.Context) (due, error) {
	d := due{ByAction: make(map[quarantine.Action]*amount)}
	places, err := quarantines(ctx, a.policy, a.ledger.Reader)
	if err != nil {
		return d, err
	}
	open := a.only
	open.Open, open.Again = true, a.again
	for m, err := range a.ledger.Moves(ctx, open) {
		if err == nil {
			err = a.refuses(m, places)
		}
		if err != nil {
			return d, err
		}
		if a.policy.Quarantine.Approval && m.Approved == "" {
			d.Waiting++
			continue
		}
		t := d.ByAction[m.Action]
		if t == nil {
			t = new(amount)
			d.ByAction[m.Action] = t
		}
		d.bucket = m.Object.Bucket
		t.add(m.Object)
		d.add(m.Object)
	}
	d.Kept, err = a.kept(ctx)
	return d, err
}

// kept counts the objects that ought to be in quarantine and are still in their
// buckets, whichever run found that out.
func (a *acting) kept(ctx context.Context) (int64, error) {
	f := a.only
	f.States = []quarantine.State{quarantine.Kept}
	n, _, err := a.ledger.Pending(ctx, f)
	return n, err
}

func writeKept(w io.Writer, n int64) {
	if n > 0 {
		fmt.Fprintf(w, "STILL IN THEIR BUCKETS, and ought to be in quarantine: %s (sluice quarantine list --state kept; run --again tries once more)\n", plural(n, "object"))
	}
}

// refuses tells why a move must not be carried out under this policy.
func (a *acting) refuses(m quarantine.Move, places []policy.Location) error {
	q := &a.policy.Quarantine
	id := m.ID[:shortID]
	switch {
	case isDirectory(m.Object.Bucket):
		return fmt.Errorf("move %s: %w", id, errDirectory)
	case within(places, m.Object):
		return fmt.Errorf("move %s: the object lies in quarantine itself", id)
	case m.Action == quarantine.DoTag:
	case q.IsZero():
		return withHint(fmt.Errorf("move %s: action %s, and the policy says nothing of a quarantine", id, m.Action), "sluice quarantine plan decides anew by this policy")
	case m.State == quarantine.Planned && m.Mode != q.Mode:
		return withHint(fmt.Errorf("move %s was planned in mode %s, and the policy says %s", id, m.Mode, q.Mode), "sluice quarantine plan decides anew by this policy")
	case m.State != quarantine.Planned && (placeOf(m).Location != q.Vault || m.Mode != q.Mode):
		return withHint(fmt.Errorf("move %s has begun, into %s (%s), and the policy says %s (%s)", id, placeOf(m).Location, m.Mode, q.Vault, q.Mode), "finish it with the policy that it was begun with")
	}
	return nil
}

const shortID = 12

// wouldDo tells what do would do.
func (a *acting) wouldDo(ctx context.Context) error {
	d, err := a.look(ctx)
	if err != nil {
		return err
	}
	q := &a.policy.Quarantine
	blown := pipeline.Fuse(q.Fuse).Blows(d.Objects, d.Bytes)
	if a.json != nil {
		err := writeJSON(a.json, struct {
			Event string `json:"event"`
			due
			Fuse bool `json:"fuse_would_blow"`
		}{"dry-run", d, blown})
		if err != nil {
			return err
		}
	}
	w := a.words
	a.writeDue(w, d)
	switch {
	case blown:
		fmt.Fprintf(w, "the fuse (%s) would not let this run: look at the policy, choose some with --prefix, or raise it with --fuse-objects and --fuse-bytes\n", fuseWords(q.Fuse))
	case d.Objects > 0:
		fmt.Fprintln(w, "nothing was done: --yes does it")
	}
	return nil
}

func (a *acting) writeDue(w io.Writer, d due) {
	for _, action := range slices.Sorted(maps.Keys(d.ByAction)) {
		t := d.ByAction[action]
		fmt.Fprintf(w, "%s of %s: %s\n", plural(t.Objects, "object"), formatBytes(t.Bytes), a.inPlainWords(action))
	}
	if d.Objects == 0 {
		fmt.Fprintln(w, "nothing is to be done")
	}
	if d.Waiting > 0 {
		fmt.Fprintf(w, "waiting for approval: %s (sluice quarantine approve)\n", plural(d.Waiting, "object"))
	}
	writeKept(w, d.Kept)
}

// inPlainWords says what is done with objects.
func (a *acting) inPlainWords(action quarantine.Action) string {
	q := &a.policy.Quarantine
	into := fmt.Sprintf("copy into %s (%s) and verify", q.Vault, q.Mode)
	switch action {
	case quarantine.DoTag:
		return "tag where they are"
	case quarantine.DoCopy:
		return into
	case quarantine.DoMoveStub:
		return into + ", remove, and leave a notice"
	}
	return into + ", and remove"
}

func fuseWords(f policy.Fuse) string {
	objects, bytes := "any number of objects", "any number of bytes"
	if f.Objects > 0 {
		objects = plural(f.Objects, "object")
	}
	if f.Bytes > 0 {
		bytes = formatBytes(f.Bytes)
	}
	return objects + ", " + bytes
}

// do carries out what is to be done and returns the exit code. The error means
// that nothing was done.
func (a *acting) do(ctx context.Context) (int, error) {
	d, err := a.look(ctx)
	if err != nil {
		return 0, err
	}
	done := pipeline.Done{Wait: d.Waiting}
	if d.Objects > 0 {
		if done, err = a.carryOut(ctx, d); err != nil && done.Due == int64(0) {
			return 0, err
		}
	}
	if errors.Is(err, pipeline.ErrFuse) {
		return 0, withHint(err, "look at the policy; choose some with --prefix or ids, or raise the fuse with --fuse-objects and --fuse-bytes")
	}
	kept, errKept := a.kept(context.WithoutCancel(ctx))
	err = errors.Join(err, errKept)
	code := actExitCode(done, kept, err)
	if a.json != nil {
		if err := writeActJSON(a.json, a.event, done, kept, err, code); err != nil {
			return code, err
		}
	}
	return code, a.writeDone(a.words, done, kept, err)
}

// carryOut probes, and then acts.
func (a *acting) carryOut(ctx context.Context, d due) (pipeline.Done, error) {
	live := &liveJournal{Journal: a.journal, due: d, lines: a.lines}
	q := &a.policy.Quarantine
	mover := &quarantine.Mover{Journal: live} // enough to tag
	removes := d.ByAction[quarantine.DoMove] != nil || d.ByAction[quarantine.DoMoveStub] != nil
	if removes || d.ByAction[quarantine.DoCopy] != nil {
		var err error
		if mover, err = a.filling(ctx, live); err != nil {
			return pipeline.Done{}, err
		}
		if err := a.probe(ctx, mover, d.bucket, q.Mode, removes); err != nil {
			return pipeline.Done{}, err
		}
	}
	act := &pipeline.Act{
		Ledger: a.ledger, Mover: mover, Journal: a.journal, Origin: a.origin,
		Workers: q.Concurrency, Rate: q.Rate, Fuse: pipeline.Fuse(q.Fuse), Approval: q.Approval, Again: a.again, Only: a.only,
	}
	end := showActing(a.stderr, a.progress, live.state)
	defer end()
	done, err := act.Do(ctx)
	if err == nil && live.deaf != nil {
		err = fmt.Errorf("output: %w", live.deaf)
	}
	return done, err
}

// liveJournal records moves and tells of those that are at their end.
type liveJournal struct {
	pipeline.Journal
	due   due
	lines *moveLines

	mu    sync.Mutex
	ended map[quarantine.State]int64
	bytes int64
	bad   int64 // failures
	deaf  error // why nothing more is told; moves go on
}

func (j *liveJournal) Record(ctx context.Context, m quarantine.Move) error {
	if err := j.Journal.Record(ctx, m); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case m.Attempts > 0:
		j.bad++
	case m.Open():
		return nil
	default:
		if j.ended == nil {
			j.ended = make(map[quarantine.State]int64)
		}
		j.ended[m.State]++
		j.bytes += max(0, m.Object.Size)
	}
	if j.lines.json != nil && j.deaf == nil {
		j.deaf = j.lines.tell(m, "")
	}
	return nil
}

// actState is how far acting has got.
type actState struct {
	Event  string                     `json:"event"`
	Due    int64                      `json:"due"`
	Bytes  int64                      `json:"bytes"`
	Ended  map[quarantine.State]int64 `json:"ended"`
	Done   int64                      `json:"done_bytes"`
	Failed int64                      `json:"failed"`
}

func (s actState) ended() (n int64) {
	for _, k := range s.Ended {
		n += k
	}
	return n
}

func (j *liveJournal) state() actState {
	j.mu.Lock()
	defer j.mu.Unlock()
	return actState{"acting", j.due.Objects, j.due.Bytes, orEmpty(maps.Clone(j.ended)), j.bytes, j.bad}
}

// actExitCode is for a run after which kept objects are not where policy wants
// them, whichever run tried.
func actExitCode(d pipeline.Done, kept int64, err error) int {
	if len(d.Failed) > 0 || d.Ended[quarantine.Changed] > 0 || kept > 0 || err != nil {
		return pipeline.ExitIncomplete
	}
	return pipeline.ExitClean
}

func writeActJSON(w io.Writer, event string, d pipeline.Done, kept int64, err error, code int) error {
	out := struct {
		Event    string                     `json:"event"`
		Due      int64                      `json:"due"`
		Bytes    int64                      `json:"bytes"`
		Ended    map[quarantine.State]int64 `json:"ended"`
		Failed   map[string]int64           `json:"failed"` // by reason code
		Waiting  int64                      `json:"waiting"`
		Kept     int64                      `json:"kept"` // of earlier runs too
		Error    string                     `json:"error,omitempty"`
		ExitCode int                        `json:"exit_code"`
	}{event, d.Due, d.Bytes, orEmpty(d.Ended), orEmpty(d.Failed), d.Wait, kept, "", code}
	if err != nil {
		out.Error = err.Error()
	}
	return writeJSON(w, out)
}

// writeDone tells people what was done.
func (a *acting) writeDone(w io.Writer, d pipeline.Done, kept int64, err error) error {
	if d.Due == 0 && d.Wait == 0 {
		if _, err := fmt.Fprintln(w, "nothing is to be done"); err != nil {
			return err
		}
	}
	for _, s := range states {
		if n := d.Ended[s]; n > 0 {
			fmt.Fprintf(w, "%d %s\n", n, stateWords(s))
		}
	}
	for _, reason := range byCount(d.Failed) {
		fmt.Fprintf(w, "%d FAILED, and stand where they stood: %s\n", d.Failed[reason], reason)
	}
	if d.First != nil {
		fmt.Fprintf(w, "the first failure: %s\n", export.Visible(d.First.Error()))
	}
	if d.Wait > 0 {
		fmt.Fprintf(w, "waiting for approval: %s (sluice quarantine approve)\n", plural(d.Wait, "object"))
	}
	writeKept(w, kept)
	if err != nil {
		fmt.Fprintf(w, "NOT FINISHED: %v; running it again goes on\n", err)
	}
	return nil
}

// stateWords say what has become of objects whose move ended so.
func stateWords(s quarantine.State) string {
	switch s {
	case quarantine.Removed:
		return "in quarantine, and out of their buckets"
	case quarantine.Verified:
		return "copied into quarantine"
	case quarantine.Tagged:
		return "tagged"
	case quarantine.Kept:
		return "COPIED, BUT STILL THERE: their buckets did not let go of them"
	case quarantine.Changed:
		return "LEFT ALONE: they have changed since the scan; scan and plan again (sluice quarantine list --state changed)"
	case quarantine.Gone:
		return "gone before their turn came"
	}
	return string(s)
}
