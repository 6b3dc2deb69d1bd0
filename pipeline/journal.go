package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

	// Name gives what stands for the key of an object in events; nil: the key.
	Name func(store.Object) string

	// Undo gives the command that brings an object back; nil: none is named.
	Undo func(quarantine.Move) string

	// Silent records without telling anybody: there are no channels.
	Silent bool
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
		kind, step = notify.Failed, step+"-failed"
	case m.State == quarantine.Removed, m.State == quarantine.Tagged, m.State == quarantine.Verified && m.Action == quarantine.DoCopy:
		kind = notify.Succeeded
	case m.State == quarantine.Kept, m.State == quarantine.Changed, m.State == quarantine.Gone:
		kind = notify.Failed
	case m.State == quarantine.Restored:
		kind = notify.Restored
	default:
		return nil
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
	sum := sha256.Sum256([]byte(strings.Join([]string{o.Bucket, o.Key, o.ETag, o.VersionID}, "\x00")))
	e.Key = "detected:" + hex.EncodeToString(sum[:16])
	e.Move = ""
	return []notify.Event{e}
}

// started tells that moves are about to be carried out.
func (j Journal) started(ctx context.Context, d Done) error {
	if j.Silent {
		return nil
	}
	now := time.Now().UTC()
	return j.Ledger.Tell(ctx, notify.Event{
		Key: "started:" + now.Format(time.RFC3339Nano), Kind: notify.Started, Time: now,
		Size: d.Bytes, Detail: fmt.Sprintf("%d objects are about to be acted on", d.Due),
	})
}

func (j Journal) about(kind notify.Kind, m quarantine.Move) notify.Event {
	name := m.Object.Key
	if j.Name != nil {
		name = j.Name(m.Object)
	}
	e := notify.Event{
		Kind: kind, Time: m.ChangedAt, Run: m.Run, Severity: m.Why.Severity, Counts: m.Why.Counts,
		Bucket: m.Object.Bucket, Name: name, VersionID: m.Object.VersionID, Size: m.Object.Size,
		Move: m.ID, Action: string(m.Action), Reason: m.Reason, Detail: m.Error,
	}
	if m.InVault() {
		e.Where = "s3://" + m.Vault.Bucket + "/" + m.Vault.Key
	}
	return e
}
