package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/seal"
	"github.com/sluice-dlp/sluice/store"
)

type verifyOptions struct {
	quarantineOptions
	selectMoves
	quick       bool
	decrypt     bool
	concurrency int
}

func quarantineVerifyCommand() *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify --policy FILE --ledger FILE [ID ...]",
		Short: "Read again what lies in quarantine, and compare it with the record",
		Long: `verify asks the vault's store for the size, checksum, encryption, key, headers, metadata and
tags of each object that lies in quarantine, reads the object, and compares all of it
with what was recorded when it was put there. Sealed objects (mode envelope) are read as
they lie there, which takes no right to decrypt; --decrypt also opens them, and compares
the SHA-256 of what comes out. --quick reads nothing, and believes the store.

Without ids, --bucket, --prefix or --run it is about everything in quarantine.

Exit codes: 0 all is as it should be; 1 something is missing or differs; 2 wrong usage or
configuration; 3 something could not be looked at.`,
		Example: examples(`
			sluice quarantine verify --policy policy.yaml --ledger sweep.db
			sluice quarantine verify --policy policy.yaml --ledger sweep.db --decrypt 3f9c01ab
			sluice quarantine verify --policy policy.yaml --ledger sweep.db --quick --json | jq -c 'select(.ok | not)'`),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	f := cmd.Flags()
	o.ledgerFlags(f)
	f.BoolVar(&o.quick, "quick", false, "read nothing, only ask the store")
	f.BoolVar(&o.decrypt, "decrypt", false, "also decrypt what is sealed; takes the right to")
	o.selectMoves.flags(f)
	f.IntVar(&o.concurrency, "concurrency", 4, "objects at a time")
	o.policyFlags(f)
	return cmd
}

func (o *verifyOptions) run(cmd *cobra.Command, args []string) error {
	if err := o.checkLedger(cmd); err != nil {
		return err
	}
	if o.quick && o.decrypt {
		return withHint(errors.New("--quick and --decrypt exclude each other"), "%s --help", cmd.CommandPath())
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
	r, err := ledger.OpenReader(ctx, o.ledger)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := o.complete(ctx, r, args); err != nil {
		return err
	}
	o.InVault = len(args) == 0 // of ids each is told
	w := o.custody(cmd, f)
	defer w.Close()
	v := &verification{verifyOptions: o, custody: w, out: cmd.OutOrStdout(), lines: &moveLines{names: names}}
	if err := pipeline.Each(ctx, o.concurrency, r.Moves(ctx, o.MoveFilter), v.move); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "sluice: verify: %v\n", err)
		return exitCode(pipeline.ExitIncomplete)
	}
	return v.end(cmd.OutOrStdout())
}

// verification looks at what lies in quarantine.
type verification struct {
	*verifyOptions
	*custody

	mu      sync.Mutex // guards what follows
	out     io.Writer
	lines   *moveLines
	good    int64
	bytes   int64
	bad     int64 // differ, or are missing
	unknown int64 // could not be looked at
}

// verified is a line of JSON about one object.
type verified struct {
	export.MoveRecord
	OK    bool   `json:"ok"`
	Fault string `json:"fault,omitempty"` // a reason code
	Words string `json:"fault_words,omitempty"`
}

func (v *verification) move(ctx context.Context, m quarantine.Move) error {
	err := v.check(ctx, m)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case err == nil:
		v.good++
		v.bytes += max(0, m.Object.Size)
	case isDamage(err):
		v.bad++
	default:
		v.unknown++
	}
	if v.asJSON {
		line := verified{MoveRecord: v.lines.names.Move(m), OK: err == nil, Fault: store.Reason(err)}
		if err != nil {
			line.Words = v.words(err)
		}
		return writeJSON(v.out, line)
	}
	if err == nil {
		return nil
	}
	word := "could not be looked at"
	if isDamage(err) {
		word = "NOT AS IT SHOULD BE"
	}
	_, err = fmt.Fprintf(v.out, "%s  %s  %s: %s\n", m.ID[:shortID], v.lines.object(m), word, export.Visible(cmp.Or(v.words(err), store.Reason(err))))
	return err
}

// words are those of err, unless objects go by aliases: they may name them.
func (v *verification) words(err error) string {
	if len(v.lines.names.AliasKey) > 0 {
		return ""
	}
	return err.Error()
}

// isDamage tells faults of what lies in the vault from those of the way there.
func isDamage(err error) bool {
	for _, fault := range []error{store.ErrCorrupt, store.ErrNotFound, store.ErrChanged, seal.ErrDamaged, seal.ErrFormat, seal.ErrKey} {
		if errors.Is(err, fault) {
			return true
		}
	}
	return false
}

func (v *verification) check(ctx context.Context, m quarantine.Move) error {
	if !m.InVault() {
		return fmt.Errorf("look into the vault: %w: the move is %s", store.ErrNotFound, m.State)
	}
	q, err := v.mover(ctx, placeOf(m), nil)
	if err != nil {
		return err
	}
	if err := q.Check(ctx, m); err != nil || v.quick {
		return err
	}
	r, _, err := q.Vault.Open(ctx, m.Vault)
	if err != nil {
		return fmt.Errorf("read from the vault: %w", err)
	}
	defer r.Close()
	lies := store.NewCRC64NVME()
	if err := v.readAll(ctx, io.TeeReader(r, lies), m); err != nil {
		return err
	}
	want := m.CRC64
	if m.Mode == quarantine.Envelope {
		want = m.Sealed
	}
	if got := store.CRC64NVME(lies); got != want {
		return fmt.Errorf("%w: the bytes in the vault have another CRC64NVME than was recorded", store.ErrCorrupt)
	}
	return nil
}

// readAll reads what lies in the vault, through the decryption if that is asked
// for.
func (v *verification) readAll(ctx context.Context, r io.Reader, m quarantine.Move) error {
	if m.Mode == quarantine.Envelope && v.decrypt {
		u, err := v.keys.unwrapper(ctx)
		if err != nil {
			return fmt.Errorf("key: %w", err)
		}
		opened, err := openSealed(ctx, r, u, m)
		if err != nil {
			return err
		}
		if err := sameSHA256(opened, io.Discard, m.SHA256); err != nil {
			return err
		}
	}
	_, err := io.Copy(io.Discard, r)
	return err
}

func (v *verification) end(w io.Writer) error {
	code := pipeline.ExitClean
	switch {
	case v.bad > 0:
		code = pipeline.ExitFindings
	case v.unknown > 0:
		code = pipeline.ExitIncomplete
	}
	var err error
	if v.asJSON {
		err = writeJSON(w, struct {
			Event   string `json:"event"`
			Good    int64  `json:"good"`
			Bytes   int64  `json:"bytes"` // of the good ones
			Bad     int64  `json:"bad"`
			Unknown int64  `json:"unknown"`
			Code    int    `json:"exit_code"`
		}{"summary", v.good, v.bytes, v.bad, v.unknown, code})
	} else {
		_, err = fmt.Fprintf(w, "in quarantine as recorded: %s of %s; %d are not, %d could not be looked at\n", plural(v.good, "object"), formatBytes(v.bytes), v.bad, v.unknown)
	}
	if err != nil || code == pipeline.ExitClean {
		return err
	}
	return exitCode(code)
}
