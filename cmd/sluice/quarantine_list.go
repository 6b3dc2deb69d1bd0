package main

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
)

func quarantineListCommand() *cobra.Command {
	var o quarantineOptions
	var s selectMoves
	var format string
	cmd := &cobra.Command{
		Use:   "list --ledger FILE [ID ...]",
		Short: "List moves: what is planned, what lies in quarantine, what failed and why",
		Long: `list tells of all moves in a ledger. The states are

  planned     decided, nothing was done yet
  copied      the vault has it, and it has not been compared yet
  verified    the vault has it as it should be; the end of the action copy
  removed     and its bucket has it no longer; the end of the action move
  tagged      the end of the action tag
  kept        the vault has it, and its bucket did not let go of it (a lock, a denied right)
  changed     its bucket has a newer object of this key, which was left alone; scan again
  gone        its bucket had it no longer when its turn came
  restoring   on its way back
  restored    back in its bucket; the vault still has it
  purged      the vault has it no longer`,
		Example: examples(`
			sluice quarantine list --ledger sweep.db
			sluice quarantine list --ledger sweep.db --state kept,changed
			sluice quarantine list --ledger sweep.db --failed --json | jq -r .error`),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.checkLedger(cmd); err != nil {
				return err
			}
			if o.asJSON {
				format = string(export.JSONLines)
			}
			opts, err := exportOptions(cmd, format, o.aliasKey)
			if err != nil {
				return err
			}
			r, err := ledger.OpenReader(cmd.Context(), o.ledger)
			if err != nil {
				return err
			}
			defer r.Close()
			if err := s.complete(cmd.Context(), r, args); err != nil {
				return err
			}
			return export.Moves(cmd.OutOrStdout(), opts, r.Moves(cmd.Context(), s.MoveFilter))
		},
	}
	f := cmd.Flags()
	o.ledgerFlags(f)
	f.StringVar(&format, "format", "table", "`FORMAT`: table, csv or json (one object a line)")
	s.stateFlags(f)
	f.BoolVar(&s.InVault, "in-vault", false, "only objects of which the vault has something")
	f.BoolVar(&s.Open, "left-to-do", false, "only moves that sluice quarantine run would go on with")
	s.flags(f)
	return cmd
}

func quarantineShowCommand() *cobra.Command {
	var o quarantineOptions
	cmd := &cobra.Command{
		Use:   "show --ledger FILE ID",
		Short: "Tell all that is recorded of one move, and what to do next",
		Args:  exactArgs(1, "one id, or its beginning"),
		Example: examples(`
			sluice quarantine show --ledger sweep.db 3f9c01ab
			sluice quarantine show --ledger sweep.db 3f9c01ab --json | jq .sha256`),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.checkLedger(cmd); err != nil {
				return err
			}
			names, err := o.names(cmd)
			if err != nil {
				return err
			}
			r, err := ledger.OpenReader(cmd.Context(), o.ledger)
			if err != nil {
				return err
			}
			defer r.Close()
			m, err := r.Move(cmd.Context(), strings.ToLower(args[0]))
			if err != nil {
				return withHint(err, "sluice quarantine list --ledger %s", o.ledger)
			}
			if o.asJSON {
				lines, err := newMoveLines(cmd.OutOrStdout(), true, names)
				if err != nil {
					return err
				}
				return lines.tell(m, "")
			}
			return describeMove(cmd.OutOrStdout(), names.Move(m), m)
		},
	}
	o.ledgerFlags(cmd.Flags())
	return cmd
}

// describeMove tells people of one move.
func describeMove(w io.Writer, r export.MoveRecord, m quarantine.Move) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(tw, "%s\t%s\n", name, export.Visible(value))
		}
	}
	line("move", r.Move)
	line("object", "s3://"+r.Bucket+"/"+r.Key)
	line("version", r.VersionID)
	line("etag", r.ETag)
	line("size", plural(r.Size, "byte"))
	line("found", fmt.Sprintf("%s, in run %d: %s", r.Severity, r.Run, counts(r.Counts)))
	line("policy rule", r.Policy)
	line("action", strings.TrimSpace(r.Action+" "+r.Mode))
	line("planned", r.PlannedAt)
	line("approved by", r.Approved)
	line("state", fmt.Sprintf("%s since %s", r.State, r.ChangedAt))
	line("because", strings.Trim(r.Reason+": "+r.Error, ": "))
	if r.Attempts > 0 {
		line("failed attempts", fmt.Sprint(r.Attempts))
	}
	line("in the vault", r.Vault)
	line("its version", r.VaultVersion)
	line("under the key", r.KeyID)
	line("sha256", r.SHA256)
	line("crc64nvme", r.CRC64NVME)
	line("delete marker", r.Marker)
	line("restored as", strings.TrimSpace(r.ReturnedETag+" "+r.ReturnedVersion))
	line("next", whatNext(m))
	return tw.Flush()
}

// whatNext says what somebody may want to do with a move in this state.
func whatNext(m quarantine.Move) string {
	switch m.State {
	case quarantine.Planned, quarantine.Copied:
		return "sluice quarantine run carries it out"
	case quarantine.Verified:
		if m.Open() {
			return "sluice quarantine run carries it out"
		}
		return "sluice quarantine open reads it; purge removes it from the vault"
	case quarantine.Removed:
		return "sluice quarantine open reads it; restore brings it back; purge removes it for good"
	case quarantine.Kept:
		return "lift the lock or grant the right, then sluice quarantine run --again"
	case quarantine.Changed:
		return "sluice scan reads the newer object; sluice quarantine plan decides on it"
	case quarantine.Restoring:
		return "sluice quarantine restore goes on"
	case quarantine.Restored:
		return "sluice quarantine purge removes what the vault still has"
	}
	return ""
}

func counts(m map[string]int64) string {
	var parts []string
	for _, name := range byCount(m) {
		parts = append(parts, fmt.Sprintf("%d %s", m[name], name))
	}
	return strings.Join(parts, ", ")
}

func quarantineApproveCommand() *cobra.Command {
	var o quarantineOptions
	var s selectMoves
	var by string
	var withdraw bool
	cmd := &cobra.Command{
		Use:   "approve --ledger FILE ID ...|--all",
		Short: "Approve planned moves, where the policy says approval: required",
		Long: `approve records that somebody agrees to moves that are planned: those named by ids
(or their beginnings), by --bucket, --prefix or --run, or --all. Where the policy says
approval: required, sluice quarantine run carries out no others. A plan that comes to
another action for an object has to be approved again.

The ledger is the record, not a proof: whoever may write the file may write any name.
Where two people have to agree, let them be two accounts, of which one may not run.

Exit codes: 0 done, 2 wrong usage.`,
		Example: examples(`
			sluice quarantine list --ledger sweep.db --state planned
			sluice quarantine approve --ledger sweep.db 3f9c01ab 77d0 --by j.doe
			sluice quarantine approve --ledger sweep.db --bucket prod-eu --prefix exports/
			sluice quarantine approve --ledger sweep.db 3f9c01ab --withdraw`),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.checkLedger(cmd); err != nil {
				return err
			}
			if err := s.chosen(cmd, args); err != nil {
				return err
			}
			if by == "" {
				return withHint(fmt.Errorf("who approves? --by NAME is missing"), "%s --help", cmd.CommandPath())
			}
			l, err := openExisting(cmd, o.ledger)
			if err != nil {
				return err
			}
			defer l.Close()
			return o.approve(cmd, l, &s, args, by, withdraw)
		},
	}
	f := cmd.Flags()
	o.ledgerFlags(f)
	f.StringVar(&by, "by", userName(), "the `NAME` of who approves; default: the user of this machine")
	f.BoolVar(&withdraw, "withdraw", false, "take an approval back")
	s.allFlag(f)
	s.flags(f)
	return cmd
}

func (o *quarantineOptions) approve(cmd *cobra.Command, l *ledger.Ledger, s *selectMoves, args []string, by string, withdraw bool) error {
	names, err := o.names(cmd)
	if err != nil {
		return err
	}
	if err := s.complete(cmd.Context(), l.Reader, args); err != nil {
		return err
	}
	s.Open, s.Again = true, true
	var ids []string
	var bytes int64
	for m, err := range l.Moves(cmd.Context(), s.MoveFilter) {
		if err != nil {
			return err
		}
		ids = append(ids, m.ID)
		bytes += max(0, m.Object.Size)
	}
	if n := len(args) - len(ids); len(args) > 0 && n > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: %d of them are at their end, and there is nothing to approve\n", n)
	}
	done := "approved"
	if withdraw {
		by, done = "", "no longer approved"
	}
	unknown, err := l.Approve(cmd.Context(), by, ids)
	if err != nil {
		return err
	}
	n := len(ids) - len(unknown)
	if !o.asJSON {
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s of %s %s\n", plural(int64(n), "move"), formatBytes(bytes), done)
		return err
	}
	lines, err := newMoveLines(cmd.OutOrStdout(), true, names)
	if err != nil {
		return err
	}
	for _, id := range ids {
		m, err := l.Move(cmd.Context(), id)
		if err != nil {
			return err
		}
		if err := lines.tell(m, ""); err != nil {
			return err
		}
	}
	return writeJSON(cmd.OutOrStdout(), struct {
		Event    string `json:"event"`
		N        int    `json:"moves"`
		Bytes    int64  `json:"bytes"`
		Withdraw bool   `json:"withdrawn"` // or approved
		Code     int    `json:"exit_code"`
	}{"summary", n, bytes, withdraw, pipeline.ExitClean})
}

// openExisting opens a ledger to write to, and does not make one.
func openExisting(cmd *cobra.Command, path string) (*ledger.Ledger, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, withHint(fmt.Errorf("ledger: %w", err), "sluice scan … --ledger %s makes one", path)
	}
	return ledger.Open(cmd.Context(), path)
}

// userName is who runs the program, as the system knows it; "" if it does not.
func userName() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}
