package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine/policy"
)

func notifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notify",
		Short: "Try channels, and see what was told and what was not",
		Long: `Who is told, and of what, stands under notify in a policy: docs/notifications.md. Events
lie in the ledger until each channel has been told; sluice scan --notify or --act, and sluice
quarantine, tell them.`,
		Args: onlyCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(notifyTestCommand(), notifyListCommand(), notifyRetryCommand())
	return cmd
}

// notifyOptions are those of the commands about messages.
type notifyOptions struct {
	quarantineOptions
	channel string
	states  []string
}

// channels reads a policy that must have some.
func (o *notifyOptions) channels(cmd *cobra.Command) (*policy.File, error) {
	f, err := o.load(cmd)
	if err == nil && len(f.Channels) == 0 {
		err = withHint(fmt.Errorf("policy %s has no channels", o.policy), "docs/notifications.md")
	}
	return f, err
}

func notifyTestCommand() *cobra.Command {
	var o notifyOptions
	cmd := &cobra.Command{
		Use:   "test --policy FILE [CHANNEL ...]",
		Short: "Send a message through each channel, or those that are named",
		Long: `test sends a message that says that it is a test, at once, and tells what the receiver said.

Exit codes: 0 all were taken, 2 wrong usage or configuration, 3 one was not.`,
		Example: examples(`
			sluice notify test --policy policy.yaml
			sluice notify test --policy policy.yaml security-team`),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := o.channels(cmd)
			if err != nil {
				return err
			}
			set, done, err := buildChannels(f, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			defer done()
			ctx, stop := interruptible(cmd)
			defer stop()
			tried, err := set.Test(ctx, args...)
			return errors.Join(o.writeTried(cmd.OutOrStdout(), tried), err)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.policy, "policy", "", "the policy `FILE` with the channels")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object a line")
	return cmd
}

func (o *notifyOptions) writeTried(w io.Writer, tried []notify.Attempt) error {
	failed := false
	for _, a := range tried {
		words := "taken"
		if a.Err != nil {
			failed, words = true, "NOT TAKEN: "+a.Err.Error()
		}
		var err error
		if o.asJSON {
			line := struct {
				Channel string `json:"channel"`
				OK      bool   `json:"ok"`
				Error   string `json:"error,omitempty"`
			}{a.Channel, a.Err == nil, ""}
			if a.Err != nil {
				line.Error = a.Err.Error()
			}
			err = writeJSON(w, line)
		} else {
			_, err = fmt.Fprintf(w, "%s: %s\n", export.Visible(a.Channel), export.Visible(words))
		}
		if err != nil {
			return err
		}
	}
	if failed {
		return exitCode(pipeline.ExitIncomplete)
	}
	return nil
}

func notifyListCommand() *cobra.Command {
	var o notifyOptions
	cmd := &cobra.Command{
		Use:   "list --ledger FILE",
		Short: "List messages: sent, still due, given up and why",
		Args:  exactArgs(0, "no argument"),
		Example: examples(`
			sluice notify list --ledger sweep.db
			sluice notify list --ledger sweep.db --state dead,due --json`),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.checkLedger(cmd); err != nil {
				return err
			}
			f, err := o.filter(nil)
			if err != nil {
				return err
			}
			r, err := ledger.OpenReader(cmd.Context(), o.ledger)
			if err != nil {
				return err
			}
			defer r.Close()
			return o.list(cmd.Context(), cmd.OutOrStdout(), r, f)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.ledger, "ledger", "", "the ledger `FILE`")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object a line")
	f.StringVar(&o.channel, "channel", "", "only messages of this `CHANNEL`")
	f.StringSliceVar(&o.states, "state", nil, "only messages in these `STATES`: due, sent, dead")
	return cmd
}

func (o *notifyOptions) filter(ids []string) (ledger.MessageFilter, error) {
	f := ledger.MessageFilter{Channel: o.channel}
	for _, s := range o.states {
		state := notify.State(strings.ToLower(s))
		if state != notify.Due && state != notify.Sent && state != notify.Dead {
			return f, fmt.Errorf("--state %s: it is due, sent or dead", s)
		}
		f.States = append(f.States, state)
	}
	for _, id := range ids {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return f, withHint(fmt.Errorf("%q is no number of a message", id), "sluice notify list")
		}
		f.IDs = append(f.IDs, n)
	}
	return f, nil
}

// messageRecord is a message as --json prints it.
type messageRecord struct {
	ID       int64  `json:"id"`
	Channel  string `json:"channel"`
	Kind     string `json:"kind"`
	Run      int64  `json:"run"`
	Key      string `json:"key"`
	Events   int64  `json:"events"`
	Digest   bool   `json:"digest"`
	State    string `json:"state"`
	Attempts int    `json:"attempts"`
	Made     string `json:"made_at"`
	Next     string `json:"next_try"` // "" unless it is due
	Ended    string `json:"ended_at"`
	Error    string `json:"error"`
}

func (o *notifyOptions) list(ctx context.Context, w io.Writer, r *ledger.Reader, f ledger.MessageFilter) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	if !o.asJSON {
		fmt.Fprintln(tw, "ID\tCHANNEL\tKIND\tEVENTS\tSTATE\tATTEMPTS\tMADE\tERROR")
	}
	for m, err := range r.Messages(ctx, f) {
		if err != nil {
			return err
		}
		if o.asJSON {
			err = writeJSON(w, messageRecord{m.ID, m.Channel, string(m.Kind), m.Run, m.Key, m.Events, m.Digest, string(m.State), m.Attempts, clock(m.Made), clock(m.Due), clock(m.Ended), m.Error})
		} else {
			_, err = fmt.Fprintf(tw, "%d\t%s\t%s\t%d\t%s\t%d\t%s\t%s\n", m.ID, export.Visible(m.Channel), m.Kind, m.Events, m.State, m.Attempts, clock(m.Made), export.Visible(m.Error))
		}
		if err != nil {
			return err
		}
	}
	if err := tw.Flush(); err != nil || o.asJSON {
		return err
	}
	names, err := r.Channels(ctx)
	for _, name := range names {
		left, err := r.Left(ctx, name)
		if err != nil {
			return err
		}
		if left.Waiting > 0 {
			fmt.Fprintf(w, "%s: %s in no message yet\n", export.Visible(name), plural(left.Waiting, "event"))
		}
	}
	return err
}

// clock writes a time for people and programs; "" for none.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func notifyRetryCommand() *cobra.Command {
	var o notifyOptions
	cmd := &cobra.Command{
		Use:   "retry --ledger FILE --policy FILE [ID ...]",
		Short: "Send messages again that were given up, or wait for another try",
		Long: `retry makes messages due at once, all that were not taken or those whose numbers sluice notify
list shows, and sends them and whatever else waits.

Exit codes: 0 nothing is left, 2 wrong usage or configuration, 3 something was not taken, or waits
for the end of quiet hours, or is for a channel that the policy does not have.`,
		Example: examples(`
			sluice notify retry --ledger sweep.db --policy policy.yaml
			sluice notify retry --ledger sweep.db --policy policy.yaml 17 18`),
		RunE: func(cmd *cobra.Command, args []string) error { return o.retry(cmd, args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.ledger, "ledger", "", "the ledger `FILE`")
	f.StringVar(&o.policy, "policy", "", "the policy `FILE` with the channels")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	f.StringVar(&o.channel, "channel", "", "only messages of this `CHANNEL`")
	return cmd
}

func (o *notifyOptions) retry(cmd *cobra.Command, args []string) error {
	if err := o.checkLedger(cmd); err != nil {
		return err
	}
	f, err := o.channels(cmd)
	if err != nil {
		return err
	}
	which, err := o.filter(args)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(cmd)
	defer stop()
	l, err := openExisting(cmd, o.ledger)
	if err != nil {
		return err
	}
	defer l.Close()
	if err := o.known(ctx, l.Reader, which); err != nil {
		return err
	}
	t, err := newTeller(ctx, f, o.policy, o.ledger, l, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	n, err := l.Resend(ctx, which, time.Now())
	if err != nil {
		return errors.Join(err, errors.New("nothing was sent"))
	}
	if !o.asJSON {
		fmt.Fprintf(cmd.OutOrStdout(), "due again: %s\n", plural(n, "message"))
	}
	code := t.end(ctx)
	leftOver, err := o.leftOver(context.WithoutCancel(ctx), cmd.ErrOrStderr(), l, f)
	if err != nil {
		return err
	}
	code = max(code, leftOver)
	switch {
	case o.asJSON:
		err = writeJSON(cmd.OutOrStdout(), struct {
			Event string `json:"event"`
			Due   int64  `json:"due"` // again
			Code  int    `json:"exit_code"`
		}{"summary", n, code})
	case code == pipeline.ExitClean:
		_, err = fmt.Fprintln(cmd.OutOrStdout(), "all that was due is told")
	}
	return worse(err, code)
}

// leftOver is the exit code for what is left of all channels, and tells of those
// that the policy does not have.
func (o *notifyOptions) leftOver(ctx context.Context, w io.Writer, l *ledger.Ledger, f *policy.File) (code int, err error) {
	names, err := l.Channels(ctx)
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		left, err := l.Left(ctx, name)
		if err != nil {
			return 0, err
		}
		n := left.Waiting + left.Due
		if n == 0 {
			continue
		}
		code = pipeline.ExitIncomplete
		if !slices.ContainsFunc(f.Channels, func(c policy.Channel) bool { return c.Name == name }) {
			fmt.Fprintf(w, "notify: %s: left: %s, and the policy has no such channel\n", export.Visible(name), plural(n, "message"))
		}
	}
	return code, nil
}

// known makes sure that each message that is named is in the ledger.
func (o *notifyOptions) known(ctx context.Context, r *ledger.Reader, f ledger.MessageFilter) error {
	if len(f.IDs) == 0 {
		return nil
	}
	left := slices.Clone(f.IDs)
	for m, err := range r.Messages(ctx, ledger.MessageFilter{IDs: f.IDs}) {
		if err != nil {
			return err
		}
		left = slices.DeleteFunc(left, func(id int64) bool { return id == m.ID })
	}
	if len(left) > 0 {
		return withHint(fmt.Errorf("there is no message %d", left[0]), "sluice notify list --ledger %s", o.ledger)
	}
	return nil
}
