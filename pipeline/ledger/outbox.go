package ledger

import (
	"context"
	"database/sql"

	"github.com/sluice-dlp/sluice/notify"
)

const outboxSchema = `
CREATE TABLE events (key TEXT PRIMARY KEY, event TEXT NOT NULL);
`

func putEvents(ctx context.Context, tx *sql.Tx, events []notify.Event) error {
	for _, e := range events {
		if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO events (key, event) VALUES (?, ?)", e.Key, mustJSON(e)); err != nil {
			return err
		}
	}
	return nil
}

// Tell puts events into the outbox.
func (l *Ledger) Tell(ctx context.Context, events ...notify.Event) error {
	return l.change(ctx, "tell of an event", func(tx *sql.Tx) error { return putEvents(ctx, tx, events) })
}
