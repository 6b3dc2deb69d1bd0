package iam_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
)

// restoring moves an object away as the mover, and brings it back as the
// restorer.
func restoring(name string, action quarantine.Action, how store.Removal, prepare func(w *world) store.Object) step {
	return step{name, func(ctx context.Context, w *world) error {
		m, err := w.move(ctx, w.plan(prepare(w), action, how), quarantine.Removed)
		if err != nil {
			return err
		}
		q, origin, err := w.mover("restorer", m.Object.Bucket)
		if err != nil {
			return err
		}
		m, err = q.Restore(ctx, origin, m)
		if err == nil && m.State != quarantine.Restored {
			err = fmt.Errorf("ended as %s: %s", m.State, m.Error)
		}
		return err
	}}
}

var theRestorer = []step{
	probing("restorer", keptBucket, false),
	probing("restorer", plainBucket, false),
	restoring("version", quarantine.DoMove, store.RemoveVersion, in(keptBucket, "version", 1000)),
	restoring("marker", quarantine.DoMove, store.RemoveMarker, in(keptBucket, "marker", 1000)),
	restoring("large", quarantine.DoMove, store.RemoveVersion, in(keptBucket, "large", 150<<10)),
	restoring("notice", quarantine.DoMoveStub, store.RemoveVersion, in(plainBucket, "notice", 1000)),
	restoring("notice over versions", quarantine.DoMoveStub, store.RemoveVersion, in(keptBucket, "notice", 1000)),
	restoring("over an older version", quarantine.DoMove, store.RemoveVersion, func(w *world) store.Object {
		older := in(keptBucket, "older", 500)(w)
		time.Sleep(1100 * time.Millisecond) // S3 tells whole seconds
		return w.overwrite(older.Bucket, older.Key, 1000, "env=prod")
	}),
	breakingOff("restorer", plainBucket, "broken"),
	{"look into the vault", func(ctx context.Context, w *world) error {
		m, err := w.move(ctx, w.plan(w.put(w.plain, "verify", 1000, "env=prod"), quarantine.DoMove, store.RemoveVersion), quarantine.Removed)
		if err != nil {
			return err
		}
		q, _, err := w.mover("restorer", w.plain)
		if err != nil {
			return err
		}
		if err := q.Check(ctx, m); err != nil {
			return err
		}
		if _, err := q.Vault.Stat(ctx, store.Object{Key: m.Vault.Key, Size: -1}); err != nil {
			return err // as it is looked for without the ledger
		}
		w.remove(m.Vault)
		if err := q.Check(ctx, m); !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("want it to be missed: %w", err)
		}
		return nil
	}},
}

var thePurger = []step{
	{"purge", func(ctx context.Context, w *world) error {
		m, err := w.move(ctx, w.plan(w.put(w.plain, "purge", 1000, "env=prod"), quarantine.DoMove, store.RemoveVersion), quarantine.Removed)
		if err != nil {
			return err
		}
		q, _, err := w.mover("purger", w.vault)
		if err != nil {
			return err
		}
		m, err = q.Purge(ctx, m)
		if err == nil && m.State != quarantine.Purged {
			err = fmt.Errorf("ended as %s", m.State)
		}
		return err
	}},
}
