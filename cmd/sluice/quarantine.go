package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/policy"
	"github.com/sluice-dlp/sluice/secret"
)

func quarantineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "quarantine",
		Short: "Put objects in which something was found into quarantine, and bring them back",
		Long: `An object goes from its bucket into the vault, a bucket that only the security
team can read, in steps that are recorded in the ledger before the next one begins:

  planned > copied > verified > removed        and back: restored

Whatever stops the program, running it again goes on. At no moment is an object
neither in its bucket nor in the vault. Only the version that was scanned is touched.

What is to become of which object stands in a policy (sluice policy example). plan
applies it to what a scan has found; run carries the plan out. Commands that change a
bucket do nothing without --yes but tell what they would do.

docs/quarantine.md goes through it step by step.`,
		Example: examples(`
			sluice scan s3://my-bucket --ledger sweep.db > findings.jsonl
			sluice quarantine plan --policy policy.yaml --ledger sweep.db
			sluice quarantine run --policy policy.yaml --ledger sweep.db          # what would be done
			sluice quarantine run --policy policy.yaml --ledger sweep.db --yes
			sluice quarantine restore 3f9c01ab --policy policy.yaml --ledger sweep.db --yes`),
		Args: onlyCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(quarantinePlanCommand(), quarantineApproveCommand(), quarantineRunCommand(), quarantineListCommand(), quarantineShowCommand(),
		quarantineVerifyCommand(), quarantineRestoreCommand(), quarantinePurgeCommand(), quarantineOpenCommand(), quarantineRecoverCommand(), quarantineKeyCommand())
	return cmd
}

// quarantineOptions are what the commands about moves share.
type quarantineOptions struct {
	ledger   string
	policy   string
	s3       s3Options
	asJSON   bool
	aliasKey string
}

func (o *quarantineOptions) ledgerFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&o.ledger, "ledger", "", "the ledger `FILE` of sluice scan")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object a line")
	f.StringVar(&o.aliasKey, "alias-keys", "", "write keyed digests in place of object keys; the `KEY`, as "+secret.Forms)
}

func (o *quarantineOptions) policyFlags(f *pflag.FlagSet) {
	f.StringVar(&o.policy, "policy", "", "the policy `FILE`: what becomes of which object, the vault and its key")
	o.s3.connectionFlags(f)
}

// checkLedger makes sure that a ledger is named.
func (o *quarantineOptions) checkLedger(cmd *cobra.Command) error {
	if o.ledger == "" {
		return withHint(errors.New("which ledger? --ledger FILE is missing"), "%s --help", cmd.CommandPath())
	}
	return nil
}

// load reads the policy.
func (o *quarantineOptions) load(cmd *cobra.Command) (*policy.File, error) {
	if o.policy == "" {
		return nil, withHint(errors.New("which policy? --policy FILE is missing"), "sluice policy example prints one to begin with")
	}
	f, err := policy.Load(o.policy)
	if err != nil {
		return nil, withHint(fmt.Errorf("policy: %w", err), "docs/policy.md tells what the file holds; sluice policy check tries it")
	}
	return f, nil
}

// vaultOf is load for a command that needs the vault.
func (o *quarantineOptions) vaultOf(cmd *cobra.Command) (*policy.File, error) {
	f, err := o.load(cmd)
	if err == nil && f.Quarantine.IsZero() {
		err = withHint(fmt.Errorf("policy %s has no quarantine: it does not say where the vault is", o.policy), "docs/quarantine.md")
	}
	return f, err
}

// names says how objects are named.
func (o *quarantineOptions) names(cmd *cobra.Command) (export.Names, error) {
	key, err := keyFrom(cmd, o.aliasKey)
	if err != nil {
		return export.Names{}, fmt.Errorf("--alias-keys: %w", err)
	}
	return export.Names{AliasKey: key}, nil
}

// custody opens what the policy and the flags say. Warnings go to standard error.
func (o *quarantineOptions) custody(cmd *cobra.Command, f *policy.File) *custody {
	return newCustody(f, o.s3.Config, cmd.ErrOrStderr())
}

// journal records moves in l.
func (o *quarantineOptions) journal(l *ledger.Ledger, f *policy.File, names export.Names) pipeline.Journal {
	j := pipeline.Journal{Ledger: l, Undo: o.undo, Silent: len(f.Channels) == 0}
	if len(names.AliasKey) > 0 {
		j.Name = names.Key
	}
	return j
}

// undo is the command that brings an object back.
func (o *quarantineOptions) undo(m quarantine.Move) string {
	if m.Action == quarantine.DoCopy || m.Action == quarantine.DoTag {
		return ""
	}
	return fmt.Sprintf("sluice quarantine restore %s --policy %s --ledger %s --yes", m.ID, o.policy, o.ledger)
}

// interruptible is the command's context, that ends with the first SIGINT or
// SIGTERM; a second one ends the program. Output that nobody reads any more is an
// error from then on, not the end.
func interruptible(cmd *cobra.Command) (ctx context.Context, stop context.CancelFunc) {
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop = signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// selectMoves is a choice among moves: by the ids that are arguments, and by flags.
type selectMoves struct {
	ledger.MoveFilter
	states []string
	all    bool
}

func (s *selectMoves) flags(f *pflag.FlagSet) {
	f.StringVar(&s.Bucket, "bucket", "", "only objects of this `BUCKET`")
	f.StringVar(&s.Prefix, "prefix", "", "only objects whose keys begin with this `PREFIX`")
	f.Int64Var(&s.Run, "run", 0, "only what this `RUN` of sluice scan has read")
}

func (s *selectMoves) stateFlags(f *pflag.FlagSet) {
	f.StringSliceVar(&s.states, "state", nil, "only moves in these `STATES`: "+stateNames())
	f.BoolVar(&s.Failed, "failed", false, "only moves whose last attempt failed")
}

func (s *selectMoves) allFlag(f *pflag.FlagSet) {
	f.BoolVar(&s.all, "all", false, "all that there are, instead of ids")
}

var states = []quarantine.State{
	quarantine.Planned, quarantine.Copied, quarantine.Verified, quarantine.Removed, quarantine.Tagged, quarantine.Kept,
	quarantine.Changed, quarantine.Gone, quarantine.Restoring, quarantine.Restored, quarantine.Purged,
}

func stateNames() string {
	var names []string
	for _, s := range states {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// complete takes ids and checks what was chosen. An id that names no move, or
// several, is an error.
func (s *selectMoves) complete(ctx context.Context, r *ledger.Reader, ids []string) error {
	for _, name := range s.states {
		state := quarantine.State(strings.ToLower(name))
		if !slices.Contains(states, state) {
			return fmt.Errorf("--state %s: it is one of %s", name, stateNames())
		}
		s.States = append(s.States, state)
	}
	if err := knownRun(ctx, r, s.Run); err != nil {
		return err
	}
	for _, id := range ids {
		m, err := r.Move(ctx, strings.ToLower(id))
		if err != nil {
			return withHint(err, "sluice quarantine list tells which there are")
		}
		s.IDs = append(s.IDs, m.ID)
	}
	return nil
}

// chosen makes sure that something was: the alternative is everything.
func (s *selectMoves) chosen(cmd *cobra.Command, ids []string) error {
	if len(ids) == 0 && !s.all && s.Bucket == "" && s.Prefix == "" && s.Run == 0 {
		return withHint(errors.New("which moves? Name ids, --bucket, --prefix or --run; or say --all"), "sluice quarantine list tells which there are")
	}
	if len(ids) > 0 && s.all {
		return withHint(errors.New("ids and --all exclude each other"), "%s --help", cmd.CommandPath())
	}
	return nil
}

// moveLines tells of moves one by one: as JSON, or a line of words each.
type moveLines struct {
	w     io.Writer
	json  *export.MoveWriter // nil for words
	names export.Names
}

func newMoveLines(w io.Writer, asJSON bool, names export.Names) (*moveLines, error) {
	l := &moveLines{w: w, names: names}
	var err error
	if asJSON {
		l.json, err = export.NewMoveWriter(w, export.Options{Format: export.JSONLines, Names: names})
	}
	return l, err
}

// tell writes a line of m, with words if it is not JSON.
func (l *moveLines) tell(m quarantine.Move, words string) error {
	if l.json != nil {
		return l.json.Write(m)
	}
	_, err := fmt.Fprintf(l.w, "%s  %s  %s\n", m.ID[:min(shortID, len(m.ID))], l.object(m), words)
	return err
}

// object names the object of m for people.
func (l *moveLines) object(m quarantine.Move) string {
	return export.Visible("s3://" + m.Object.Bucket + "/" + l.names.Key(m.Object))
}

// why is what went wrong with a move, unless objects go by aliases: words of a
// store may name them.
func (l *moveLines) why(m quarantine.Move) string {
	if len(l.names.AliasKey) > 0 {
		return m.Reason
	}
	return export.Visible(m.Error)
}
