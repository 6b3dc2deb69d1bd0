package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
)

// Journal records moves in the ledger and, in the same transaction, what is to
// be told of them. It is a quarantine.Journal.
type Journal struct {
	Ledger *ledger.Ledger

	// Name gives what stands for the key of an object in events. These, and the
	// errors of an [Act], then hold no words of a store either, as they may name
	// it; nil: the key.
	Name func(store.Object) string

	// Undo gives the command that brings an object back; nil: none is named.
	Undo func(quarantine.Move) string

	// Silent records without telling anybody: there are no channels.
	Silent bool
}

// words is err, or its reason code where its words may say too much.
func (j Journal) words(err error) error {
	if j.Name == nil {
		return err
	}
	return errors.New(store.Reason(err))
}

// Record implements quarantine.Journal.
func (j Journal) Record(ctx context.Context, m quarantine.Move) error {
	return j.Ledger.Record(ctx, m, j.events(m)...)
}

// events tells of the state that m has come to. The keys make each be told once
// however often it is recorded.
func (j Journal) events(m quarantine.Move) []notify.Event {
	if j.Silent {
		return nil
	}
	var kind notify.Kind
	step := string(m.State)
	switch {
	case m.Attempts > 0:
		kind, step = notify.Failed, step+"-failed:"+m.Reason
	case m.State == quarantine.Removed, m.State == quarantine.Tagged, m.State == quarantine.Verified && m.Action == quarantine.DoCopy:
		kind = notify.Succeeded
	case m.State == quarantine.Kept, m.State == quarantine.Changed, m.State == quarantine.Gone:
		kind = notify.Failed
	case m.State == quarantine.Restored:
		kind = notify.Restored
	case m.State == quarantine.Purged:
		kind = notify.Purged
	default:
		return nil
	}
	if kind == notify.Restored || kind == notify.Purged { // which can happen again: to what was deleted once more, or copied anew
		step += ":" + m.ChangedAt.UTC().Format(time.RFC3339Nano)
	}
	e := j.about(kind, m)
	e.Key = "move:" + m.ID + ":" + step
	if kind == notify.Succeeded && m.State != quarantine.Tagged && j.Undo != nil {
		e.Undo = j.Undo(m)
	}
	return []notify.Event{e}
}

// detected tells that something was found in the object of m.
func (j Journal) detected(m quarantine.Move) []notify.Event {
	if j.Silent {
		return nil
	}
	e := j.about(notify.Detected, m)
	o := m.Object
	sum := sha256.Sum256([]byte(strings.Join([]string{o.Bucket, o.Key, o.ETag, o.VersionID, o.Modified.UTC().Format(time.RFC3339)}, "\x00")))
	e.Key = "detected:" + hex.EncodeToString(sum[:16])
	e.Move = ""
	return []notify.Event{e}
}

// Detected tells of the objects that f selects in which something was found:
// of each version once, however often it is asked to.
func (j Journal) Detected(ctx context.Context, f ledger.Filter) error {
	if j.Silent {
		return nil
	}
	f.MinSeverity = max(f.MinSeverity, ledger.Low)
	var events []notify.Event
	for row, err := range j.Ledger.Objects(ctx, f) {
		if err != nil {
			return err
		}
		events = append(events, j.detected(found(row))...)
		if len(events) == commitObjects {
			if err := j.Ledger.Tell(ctx, events...); err != nil {
				return err
			}
			events = events[:0]
		}
	}
	return j.Ledger.Tell(ctx, events...)
}

// Swept tells that a run came to its end, and what of it.
func (j Journal) Swept(ctx context.Context, sum Summary) error {
	if j.Silent {
		return nil
	}
	state := "complete: every object in scope was read"
	if !sum.Complete() {
		state = "INCOMPLETE: not everything was read"
	}
	return j.Ledger.Tell(ctx, notify.Event{
		Key: fmt.Sprintf("swept:%d:%s", sum.Run, time.Now().UTC().Format(time.RFC3339Nano)), Kind: notify.Swept, Time: time.Now().UTC(),
		Run: sum.Run, Counts: sum.Totals.ByRule, Size: sum.Stats.BytesRead,
		Detail: fmt.Sprintf("%d objects listed, %d values in %d of them; %s", sum.Stats.Listed, sum.Totals.Values, sum.Totals.WithFindings, state),
	})
}

// started tells that moves are about to be carried out.
func (j Journal) started(ctx context.Context, d Done) error {
	if j.Silent {
		return nil
	}
	now := time.Now().UTC()
	return j.Ledger.Tell(ctx, notify.Event{
		Key: "started:" + now.Format(time.RFC3339Nano), Kind: notify.Started, Time: now, Severity: d.severity,
		Size: d.Bytes, Detail: fmt.Sprintf("%d objects are about to be acted on", d.Due),
	})
}

func (j Journal) about(kind notify.Kind, m quarantine.Move) notify.Event {
	name, words := m.Object.Key, m.Error
	if j.Name != nil {
		name, words = j.Name(m.Object), ""
	}
	e := notify.Event{
		Kind: kind, Time: m.ChangedAt, Run: m.Run, Severity: m.Why.Severity, Counts: m.Why.Counts,
		Bucket: m.Object.Bucket, Name: name, VersionID: m.Object.VersionID, Size: m.Object.Size,
		Move: m.ID, Action: string(m.Action), Reason: m.Reason, Detail: words,
	}
	if m.InVault() {
		e.Where = "s3://" + m.Vault.Bucket + "/" + m.Vault.Key
	}
	return e
}
