package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/policy"
	"github.com/sluice-dlp/sluice/store"
)

type planOptions struct {
	quarantineOptions
	ruleFiles
	filter ledger.Filter
}

func quarantinePlanCommand() *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan --policy FILE --ledger FILE",
		Short: "Decide what becomes of the objects in which a scan found something",
		Long: `plan applies a policy to the objects of a ledger in which something was found, and
records what is to be done with each. It changes nothing but the ledger, and reads from
a bucket only if a rule asks for tags.

Planning again follows a changed policy: what is planned and not begun is decided anew, an
approval holds as long as it is the same action by the same rule. What was only tagged or
copied can be taken further. What else has begun, has ended, or was restored stays as it is,
and so does what is planned with an object whose tags cannot be read now.

Exit codes: 0 planned, 2 wrong usage or configuration, 3 the ledger or a store failed,
the tags of some objects could not be read (the others are planned), or somebody was not
told who should have been.`,
		Args: exactArgs(0, "no argument"),
		Example: examples(`
			sluice quarantine plan --policy policy.yaml --ledger sweep.db
			sluice quarantine plan --policy policy.yaml --ledger sweep.db --bucket prod-eu --prefix exports/
			sluice policy check policy.yaml --ledger sweep.db     # the same as a question`),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	f := cmd.Flags()
	o.ledgerFlags(f)
	f.StringVar(&o.filter.Bucket, "bucket", "", "only objects of this `BUCKET`")
	f.StringVar(&o.filter.Prefix, "prefix", "", "only objects whose keys begin with this `PREFIX`")
	f.Int64Var(&o.filter.Run, "run", 0, "only objects that this `RUN` was the last to see; default: the present state of each")
	o.policyFlags(f)
	o.customFlag(f)
	return cmd
}

func (o *planOptions) run(cmd *cobra.Command) error {
	if err := o.checkLedger(cmd); err != nil {
		return err
	}
	names, err := o.names(cmd)
	if err != nil {
		return err
	}
	if _, err := o.quarantineOptions.load(cmd); err != nil { // a policy is named
		return err
	}
	c, err := o.ruleFiles.load(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	f, err := loadPolicy(o.policy, c, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	l, err := openExisting(cmd, o.ledger)
	if err != nil {
		return err
	}
	defer l.Close()
	ctx, stop := interruptible(cmd)
	defer stop()
	if err := knownRun(ctx, l.Reader, o.filter.Run); err != nil {
		return err
	}
	w := o.custody(cmd, f)
	defer w.Close()
	j := o.journal(l, f, names)
	p, err := newPlanner(ctx, w, l)
	if err != nil {
		return err
	}
	added, err := (&pipeline.Act{Ledger: l, Journal: j}).Plan(ctx, o.filter, p.decide)
	if err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "sluice: plan: %v\n", err)
		return exitCode(pipeline.ExitIncomplete)
	}
	t, err := newTeller(ctx, f, o.policy, o.ledger, l, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	left, err := o.leftToDo(ctx, l, f.Quarantine.Approval)
	if err != nil {
		return err
	}
	return worse(o.report(cmd, p, added, left), max(p.exitCode(), t.end(ctx)))
}

// toDo is what stands in the plan, of the objects that it was made for.
type toDo struct{ planned, waiting int64 }

func (o *planOptions) leftToDo(ctx context.Context, l *ledger.Ledger, approval bool) (toDo, error) {
	var n toDo
	f := ledger.MoveFilter{Bucket: o.filter.Bucket, Prefix: o.filter.Prefix, States: []quarantine.State{quarantine.Planned}}
	for m, err := range l.Moves(ctx, f) {
		if err != nil {
			return n, err
		}
		n.planned++
		if approval && m.Approved == "" {
			n.waiting++
		}
	}
	return n, nil
}

// planner decides by a policy and counts what it decided.
type planner struct {
	*custody
	quarantines []policy.Location

	rules     []tally // one for each of the policy, and one for none
	directory int64   // objects that are left out as they are files
	inVault   int64   // as they lie in quarantine
	gone      int64   // as they are there no longer, which only shows where tags are asked for

	undecided map[string]int64 // objects whose tags could not be read, by reason code
	inARow    int              // of them, for another reason than that they are denied
}

// tooMany failures to read tags one after the other are no fault of the objects.
const tooMany = 20

func newPlanner(ctx context.Context, c *custody, l *ledger.Ledger) (*planner, error) {
	places, err := quarantines(ctx, c.policy, l.Reader)
	if err != nil {
		return nil, err
	}
	p := &planner{custody: c, quarantines: places, undecided: make(map[string]int64)}
	for _, r := range c.policy.Rules {
		p.rules = append(p.rules, tally{Rule: r.Name, Action: string(r.Action)})
	}
	p.rules = append(p.rules, tally{Action: string(quarantine.DoNothing)})
	return p, nil
}

// quarantines are all places that are, or were, a quarantine: the policy's, and
// those that the ledger knows.
func quarantines(ctx context.Context, f *policy.File, r *ledger.Reader) ([]policy.Location, error) {
	var all []policy.Location
	if f != nil && !f.Quarantine.IsZero() {
		all = append(all, f.Quarantine.Vault)
	}
	vaults, err := r.Vaults(ctx)
	for _, v := range vaults {
		all = append(all, policy.Location{Bucket: v.Bucket, Prefix: v.Prefix})
	}
	return all, err
}

// decide is a pipeline.Decide.
func (p *planner) decide(ctx context.Context, row ledger.Row) (quarantine.Move, error) {
	nothing := quarantine.Move{Action: quarantine.DoNothing}
	switch {
	case isDirectory(row.Object.Bucket):
		p.directory++
		return nothing, nil
	case within(p.quarantines, row.Object):
		p.inVault++
		return nothing, nil
	}
	x := factsOf(&row.Entry)
	x.Tags = func() (map[string]string, error) {
		b, err := p.originS3(ctx, row.Object.Bucket)
		if err != nil {
			return nil, err
		}
		a, err := b.Stat(ctx, row.Object)
		if err == nil {
			p.inARow = 0
		}
		return a.Tags, err
	}
	d, err := p.policy.Decide(x)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrChanged) {
		p.gone++
		return nothing, nil
	}
	if err != nil {
		return nothing, p.failed(ctx, err)
	}
	t := &p.rules[len(p.rules)-1]
	if d.Rule != "" {
		t = &p.rules[len(d.Steps)-1]
	}
	t.Objects++
	t.Bytes += max(0, row.Object.Size)
	for _, found := range x.Found {
		t.Values += found.Count
	}
	m := quarantine.Move{Action: d.Action, Removal: store.Removal(removal(d.Action, string(d.Removal))), Why: quarantine.Why{Rule: d.Rule}}
	if d.Action != quarantine.DoTag {
		m.Mode = p.policy.Quarantine.Mode
	}
	return m, nil
}

// failed counts an object whose tags could not be read. It is passed over, unless
// the error is not about the object.
func (p *planner) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	if errors.Is(err, store.ErrDenied) {
		p.inARow = 0
	} else if p.inARow++; p.inARow == tooMany {
		return fmt.Errorf("stopped after the tags of %d objects in a row could not be read: %w", tooMany, err)
	}
	p.undecided[store.Reason(err)]++
	return fmt.Errorf("%w: %w", pipeline.ErrUndecided, err)
}

func (p *planner) exitCode() int {
	if len(p.undecided) > 0 {
		return pipeline.ExitIncomplete
	}
	return pipeline.ExitClean
}

func (p *planner) writeUndecided(w io.Writer) {
	for _, code := range byCount(p.undecided) {
		fmt.Fprintf(w, "NOT DECIDED ON, as tags could not be read: %s; what was planned with them before stays: %s (%s)\n", plural(p.undecided[code], "object"), code, meaning(code))
	}
}

func (o *planOptions) report(cmd *cobra.Command, p *planner, added int64, left toDo) error {
	w := cmd.OutOrStdout()
	if o.asJSON {
		for _, t := range p.rules {
			if err := writeJSON(w, t); err != nil {
				return err
			}
		}
		return writeJSON(w, struct {
			Event     string           `json:"event"`
			Planned   int64            `json:"planned"` // that were not before
			InPlan    int64            `json:"in_plan"` // in all, and not begun
			Waiting   int64            `json:"waiting"` // of these, for approval
			Directory int64            `json:"files_left_out"`
			InVault   int64            `json:"in_quarantine_left_out"`
			Gone      int64            `json:"gone_left_out"`
			Undecided map[string]int64 `json:"undecided"` // by reason code
			ExitCode  int              `json:"exit_code"`
		}{"summary", added, left.planned, left.waiting, p.directory, p.inVault, p.gone, p.undecided, p.exitCode()})
	}
	p.writeTable(w)
	if _, err := fmt.Fprintf(w, "\n%s planned that stood in no plan before; %d in the plan and not begun\n", plural(added, "move"), left.planned); err != nil {
		return err
	}
	switch {
	case left.waiting > 0:
		fmt.Fprintf(w, "waiting for approval: %s; next:\n", plural(left.waiting, "move"))
		fmt.Fprintf(w, "  sluice quarantine list --ledger %s --state planned%s\n", o.ledger, o.chosen())
		fmt.Fprintf(w, "  sluice quarantine approve --ledger %s%s\n", o.ledger, cmp.Or(o.chosen(), " --all"))
	case left.planned > 0:
		fmt.Fprintf(w, "next: sluice quarantine run --policy %s --ledger %s%s   (tells what it would do; --yes does it)\n", o.policy, o.ledger, o.chosen())
	}
	return nil
}

// chosen repeats the flags that chose among objects.
func (o *planOptions) chosen() string {
	var s string
	if o.filter.Bucket != "" {
		s += " --bucket " + o.filter.Bucket
	}
	if o.filter.Prefix != "" {
		s += " --prefix " + o.filter.Prefix
	}
	return s
}

func (p *planner) writeTable(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "RULE\tACTION\tOBJECTS\tBYTES\tVALUES")
	for _, t := range p.rules {
		fmt.Fprintf(tw, "%s\t%s\t%d\t%s\t%d\n", export.Visible(cmp.Or(t.Rule, "(no rule)")), t.Action, t.Objects, formatBytes(t.Bytes), t.Values)
	}
	tw.Flush()
	for _, left := range []struct {
		n   int64
		why string
	}{
		{p.directory, errDirectory.Error()},
		{p.inVault, "they lie in quarantine themselves"},
		{p.gone, "they are gone or have changed since the scan"},
	} {
		if left.n > 0 {
			fmt.Fprintf(w, "%s left out: %s\n", plural(left.n, "object"), left.why)
		}
	}
	p.writeUndecided(w)
}
