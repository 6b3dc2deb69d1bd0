package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/policy"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/s3"
)

type recoverOptions struct {
	quarantineOptions
	concurrency int
}

func quarantineRecoverCommand() *cobra.Command {
	var o recoverOptions
	cmd := &cobra.Command{
		Use:   "recover --policy FILE --ledger FILE",
		Short: "Write a lost ledger's record of what lies in quarantine anew",
		Long: `recover looks through the vault of the policy and records each object in it that the ledger
does not know, out of the history that lies with it there: so that verify, open, restore and
purge know it again. It changes nothing but the ledger, which is made if there is none.

Sealed objects (mode envelope) are read to their end, and it takes the right to decrypt. An
object that its bucket still has is recorded as a copy, others as removed.

Exit codes: 0 all that lies there is recorded; 2 wrong usage or configuration; 3 something
could not be read, or is damaged.`,
		Args: exactArgs(0, "no argument"),
		Example: examples(`
			sluice quarantine recover --policy policy.yaml --ledger new.db
			sluice quarantine restore --all --policy policy.yaml --ledger new.db --yes`),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	f := cmd.Flags()
	o.ledgerFlags(f)
	f.IntVar(&o.concurrency, "concurrency", 4, "objects at a time")
	o.policyFlags(f)
	return cmd
}

func (o *recoverOptions) run(cmd *cobra.Command) error {
	if err := o.checkLedger(cmd); err != nil {
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
	w := o.custody(cmd, f)
	defer w.Close()
	listing := w.vaultConfig(f.Quarantine.Vault.Bucket)
	listing.Prefix = f.Quarantine.Vault.Prefix
	vault, err := w.open(ctx, listing)
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	if err := vault.Check(ctx); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	l, err := ledger.Open(ctx, o.ledger)
	if err != nil {
		return err
	}
	defer l.Close()
	lines, err := newMoveLines(cmd.OutOrStdout(), o.asJSON, names)
	if err != nil {
		return err
	}
	r := &recovery{custody: w, ledger: l, lines: lines}
	err = pipeline.Each(ctx, o.concurrency, lying(ctx, vault, f.Quarantine.Vault), r.object)
	if err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "sluice: recover: %v\n", err)
	}
	return r.sumUp(cmd.OutOrStdout(), o.asJSON, err)
}

// lying yields what lies in the vault, but for manifests.
func lying(ctx context.Context, vault *s3.Bucket, at policy.Location) func(yield func(store.Object, error) bool) {
	return func(yield func(store.Object, error) bool) {
		enough := errors.New("enough")
		err := vault.List(ctx, func(x store.Object) error {
			rest := strings.TrimPrefix(x.Key, at.Prefix)
			id, name, _ := strings.Cut(rest, "/")
			if len(id) != 32 || !isID(id) || name != "object" && name != "sealed" {
				return nil
			}
			if !yield(x, nil) {
				return enough
			}
			return nil
		})
		if err != nil && err != enough {
			yield(store.Object{}, err)
		}
	}
}

// recovery is one recover.
type recovery struct {
	*custody
	ledger *ledger.Ledger

	mu     sync.Mutex // guards what follows
	lines  *moveLines
	known  int64
	added  int64
	failed int64
}

func (r *recovery) object(ctx context.Context, x store.Object) error {
	m, known, err := r.record(ctx, x)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err != nil:
		r.failed++
		_, err := fmt.Fprintf(r.lines.w, "s3://%s/%s  could NOT be recorded: %v\n", x.Bucket, x.Key, err)
		return err
	case known:
		r.known++
		return nil
	}
	r.added++
	return r.lines.tell(m, "is recorded as "+string(m.State))
}

// record records what lies in the vault as x, unless it is known.
func (r *recovery) record(ctx context.Context, x store.Object) (m quarantine.Move, known bool, err error) {
	id := idIn(x.Key)
	if _, err := r.ledger.Move(ctx, id); err == nil || !errors.Is(err, ledger.ErrNoMove) {
		return m, err == nil, err
	}
	s, err := r.specimen(ctx, quarantine.Move{ID: id, Mode: modeIn(x.Key), Vault: x})
	if err != nil {
		return m, false, err
	}
	if m, err = r.history(ctx, s); err != nil {
		return m, false, err
	}
	other := ledger.MoveFilter{Bucket: m.Object.Bucket, Prefix: m.Object.Key}
	for o, err := range r.ledger.Moves(ctx, other) {
		if err != nil {
			return m, false, err
		}
		if o.Object.Key == m.Object.Key && o.Object.ETag == m.Object.ETag && o.Object.VersionID == m.Object.VersionID {
			return m, false, fmt.Errorf("the ledger has another move of the same version of the object, %s", o.ID)
		}
	}
	m.Action, m.State = quarantine.DoMove, quarantine.Removed
	origin, err := r.origin(ctx, m.Object.Bucket)
	if err != nil {
		return m, false, err
	}
	newest := m.Object
	newest.VersionID = "" // an old version may still be there behind a delete marker
	switch _, err := origin.Stat(ctx, newest); {
	case err == nil:
		m.Action, m.State = quarantine.DoCopy, quarantine.Verified
	case !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrChanged) && !errors.Is(err, store.ErrNoBucket):
		return m, false, fmt.Errorf("look whether its bucket still has it: %w", err)
	}
	return m, false, r.ledger.Record(ctx, m)
}

// history is the move that brought s into the vault, as far as it can be known.
func (r *recovery) history(ctx context.Context, s *specimen) (quarantine.Move, error) {
	m := s.move
	a, err := s.vault.Stat(ctx, s.object)
	if err != nil {
		return m, err
	}
	m.Vault = a.Object
	read := s.readPlain
	if s.sealed {
		read = s.readSealed
	}
	note, size, err := read(ctx, &m, a)
	if err != nil {
		return m, err
	}
	var manifest quarantine.Manifest
	if err := json.Unmarshal(note, &manifest); err != nil || manifest.Move != m.ID {
		return m, fmt.Errorf("%w: its manifest is not one of this move", store.ErrCorrupt)
	}
	m.Object, m.Before, m.Why = manifest.Source, manifest.Attributes, manifest.Found
	if size != m.Before.Size || m.Before.CRC64NVME != "" && m.CRC64 != m.Before.CRC64NVME {
		return m, fmt.Errorf("%w: it is not the object that its manifest tells of", store.ErrCorrupt)
	}
	m.Removal, m.PlannedAt, m.ChangedAt = store.RemoveVersion, a.Modified, time.Now().UTC()
	return m, nil
}

// readPlain fills in the sums and the key of a copy, and returns its manifest and its
// length.
func (s *specimen) readPlain(ctx context.Context, m *quarantine.Move, a store.Attributes) (note []byte, size int64, err error) {
	m.KeyID, m.CRC64 = a.Encryption.KeyID, a.CRC64NVME
	if m.CRC64 == "" {
		r, err := s.all()
		if err != nil {
			return nil, 0, err
		}
		defer r.Close()
		crc := store.NewCRC64NVME()
		if _, err := io.Copy(crc, r); err != nil {
			return nil, 0, err
		}
		m.CRC64 = store.CRC64NVME(crc)
	}
	note, err = s.manifest(ctx)
	return note, a.Size, err
}

// readSealed reads a sealed object to its end, for the sums that only its bytes
// tell, and returns the manifest that was sealed with it and the length of the body.
func (s *specimen) readSealed(ctx context.Context, m *quarantine.Move, _ store.Attributes) (note []byte, size int64, err error) {
	r, err := s.all()
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	lies, crc, sha := store.NewCRC64NVME(), store.NewCRC64NVME(), sha256.New()
	sealed := io.TeeReader(r, lies)
	opened, err := s.unseal(ctx, sealed)
	if err != nil {
		return nil, 0, err
	}
	if size, err = io.Copy(io.MultiWriter(crc, sha), opened); err != nil {
		return nil, 0, err
	}
	if _, err := io.Copy(io.Discard, sealed); err != nil {
		return nil, 0, err
	}
	m.KeyID, m.SHA256 = opened.Header.KeyID, hex.EncodeToString(sha.Sum(nil))
	m.CRC64, m.Sealed = store.CRC64NVME(crc), store.CRC64NVME(lies)
	return opened.Attributes, size, nil
}

func (r *recovery) sumUp(w io.Writer, asJSON bool, failed error) error {
	code := pipeline.ExitClean
	if r.failed > 0 || failed != nil {
		code = pipeline.ExitIncomplete
	}
	var err error
	if asJSON {
		err = writeJSON(w, struct {
			Event  string `json:"event"`
			Added  int64  `json:"recorded"`
			Known  int64  `json:"known"`
			Failed int64  `json:"failed"`
			Code   int    `json:"exit_code"`
		}{"summary", r.added, r.known, r.failed, code})
	} else {
		_, err = fmt.Fprintf(w, "%s recorded, %d were known, %d could not be recorded\n", plural(r.added, "object"), r.known, r.failed)
	}
	if err != nil || code == pipeline.ExitClean {
		return err
	}
	return exitCode(code)
}
