package ledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/sluice-dlp/sluice/notify"
)

// outboxSchema creates the outbox. Events stay, so that what was told once is
// never told again. For each channel, an event is in one message at most: the
// primary key of deliveries sees to that.
const outboxSchema = `
CREATE TABLE events (
	seq      INTEGER PRIMARY KEY,
	key      TEXT NOT NULL UNIQUE,
	run      INTEGER NOT NULL,
	kind     TEXT NOT NULL,
	severity INTEGER NOT NULL,
	event    TEXT NOT NULL -- a JSON object
);
CREATE TABLE channels (
	name TEXT PRIMARY KEY,
	seen INTEGER NOT NULL -- the last event that was put into deliveries, or that is none of the channel's
) WITHOUT ROWID;
CREATE TABLE deliveries (
	channel TEXT NOT NULL,
	seq     INTEGER NOT NULL REFERENCES events(seq),
	run     INTEGER NOT NULL,
	kind    TEXT NOT NULL,
	urgent  INTEGER NOT NULL,
	message INTEGER REFERENCES messages(id), -- NULL: it waits for one
	PRIMARY KEY (channel, seq)
) WITHOUT ROWID;
CREATE INDEX deliveries_waiting ON deliveries (channel, kind, urgent, seq, run, message) WHERE message IS NULL;
CREATE INDEX deliveries_message ON deliveries (message, seq) WHERE message IS NOT NULL;
CREATE TABLE messages (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	channel  TEXT NOT NULL,
	key      TEXT NOT NULL,
	run      INTEGER NOT NULL,
	kind     TEXT NOT NULL,
	urgent   INTEGER NOT NULL,
	digest   INTEGER NOT NULL,
	events   INTEGER NOT NULL, -- how many
	state    TEXT NOT NULL,    -- due, sent or dead
	attempts INTEGER NOT NULL DEFAULT 0,
	made     TEXT NOT NULL,
	due      TEXT NOT NULL,
	holder   TEXT NOT NULL DEFAULT '', -- who is sending it
	lease    TEXT NOT NULL DEFAULT '', -- until when
	ended    TEXT NOT NULL DEFAULT '', -- when it was sent or given up
	error    TEXT NOT NULL DEFAULT '', -- of the last attempt
	UNIQUE (channel, key)
);
CREATE INDEX messages_due ON messages (channel, due) WHERE state = 'due';
CREATE INDEX messages_made ON messages (channel, kind, urgent, made);
`

func putEvents(ctx context.Context, tx *sql.Tx, events []notify.Event) error {
	for _, e := range events {
		_, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO events (key, run, kind, severity, event) VALUES (?, ?, ?, ?, ?)",
			e.Key, e.Run, e.Kind, notify.SeverityRank(e.Severity), mustJSON(e))
		if err != nil {
			return err
		}
	}
	return nil
}

// Tell puts events into the outbox. It may be called from many goroutines.
func (l *Ledger) Tell(ctx context.Context, events ...notify.Event) error {
	return l.change(ctx, "tell of an event", func(tx *sql.Tx) error { return putEvents(ctx, tx, events) })
}

// Outbox is the ledger as a [notify.Outbox]. It may be used from many
// goroutines, beside whatever else is written.
type Outbox struct {
	l    *Ledger
	subs map[string]notify.Subscription
}

var _ notify.Outbox = (*Outbox)(nil)

// Outbox returns the outbox of the ledger, for one dispatcher.
func (l *Ledger) Outbox() *Outbox { return &Outbox{l, make(map[string]notify.Subscription)} }

// Subscribe implements [notify.Outbox]. It must have returned before other
// methods are called.
func (o *Outbox) Subscribe(ctx context.Context, subs ...notify.Subscription) error {
	for _, s := range subs {
		o.subs[s.Channel] = s
	}
	return o.l.change(ctx, "make channels known", func(tx *sql.Tx) error {
		// Who is told first is told all that there is, so that nothing is told to nobody.
		var first int64
		err := tx.QueryRowContext(ctx, "SELECT CASE WHEN EXISTS (SELECT 1 FROM channels) THEN (SELECT coalesce(max(seq), 0) FROM events) ELSE 0 END").Scan(&first)
		if err != nil {
			return err
		}
		for _, s := range subs {
			if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO channels (name, seen) VALUES (?, ?)", s.Channel, first); err != nil {
				return err
			}
		}
		return nil
	})
}

// spread puts new events into the deliveries of a channel.
func (o *Outbox) spread(ctx context.Context, channel string) error {
	var behind bool
	err := o.l.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM events WHERE seq > (SELECT seen FROM channels WHERE name = ?))", channel).Scan(&behind)
	if err != nil || !behind {
		return err
	}
	s := o.subs[channel]
	kinds := "1"
	args := []any{channel, notify.Failed, rankOr(s.Urgent, 4), channel, notify.SeverityRank(s.MinSeverity), notify.Failed}
	if len(s.Kinds) > 0 {
		marks, more := marks(list(s.Kinds))
		kinds, args = "kind IN "+marks, append(args, more...)
	}
	return o.l.change(ctx, "hand events to a channel", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO deliveries (channel, seq, run, kind, urgent)
			SELECT ?, seq, run, kind, kind = ? OR severity >= ? FROM events
			WHERE seq > (SELECT seen FROM channels WHERE name = ?) AND (severity = 0 OR severity >= ? OR kind = ?) AND `+kinds, args...)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE channels SET seen = (SELECT max(seq) FROM events) WHERE name = ?", channel)
		return err
	})
}

func rankOr(severity string, otherwise int) int {
	if r := notify.SeverityRank(severity); r > 0 {
		return r
	}
	return otherwise
}

// Waiting implements [notify.Outbox].
func (o *Outbox) Waiting(ctx context.Context, channel string, from, to time.Time) (groups []notify.Group, err error) {
	if err := o.spread(ctx, channel); err != nil {
		return nil, explain(o.l.path, fmt.Errorf("hand events to a channel: %w", err))
	}
	query := `SELECT d.run, d.kind, d.urgent, d.n, d.last, coalesce(sum(m.events), 0), coalesce(min(m.made), ''), coalesce(max(m.digest), 0)
		FROM (SELECT CASE max(run) WHEN min(run) THEN min(run) ELSE 0 END AS run, kind, urgent, count(*) AS n, max(seq) AS last
			FROM deliveries WHERE channel = ?1 AND message IS NULL GROUP BY kind, urgent) d
		LEFT JOIN messages m ON m.channel = ?1 AND m.kind = d.kind AND m.urgent = d.urgent AND m.made > ?2 AND m.made <= ?3
		GROUP BY d.kind, d.urgent ORDER BY d.urgent DESC, d.last`
	err = o.l.each(ctx, query, []any{channel, timestamp(from), timestamp(to)}, func(_ *sql.Tx, rows *sql.Rows) (bool, error) {
		g := notify.Group{Channel: channel}
		var oldest string
		err := rows.Scan(&g.Run, &g.Kind, &g.Urgent, &g.Events, &g.Last, &g.Told, &oldest, &g.Digest)
		if err == nil {
			g.Oldest, err = parseTimestamp(oldest)
		}
		groups = append(groups, g)
		return true, err
	})
	return groups, err
}

const ofGroup = "channel = ? AND kind = ? AND urgent = ? AND message IS NULL AND seq <= ?"

// Compose implements [notify.Outbox].
func (o *Outbox) Compose(ctx context.Context, g notify.Group, digest bool, now time.Time) error {
	return o.l.change(ctx, "make messages", func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT seq, key, run FROM events WHERE seq IN (SELECT seq FROM deliveries WHERE "+ofGroup+") ORDER BY seq",
			g.Channel, g.Kind, g.Urgent, g.Last)
		if err != nil {
			return err
		}
		defer rows.Close()
		all := sha256.New() // of what is in the message: a digest that holds the same has the same key
		var n int64
		var seqs, runs []int64
		var keys []string
		for rows.Next() {
			var seq, run int64
			var key string
			if err := rows.Scan(&seq, &key, &run); err != nil {
				return err
			}
			n++
			if digest {
				fmt.Fprintf(all, "%d:%s", len(key), key)
				continue
			}
			seqs, runs, keys = append(seqs, seq), append(runs, run), append(keys, key)
		}
		if err := rows.Err(); err != nil || n == 0 {
			return err
		}
		rows.Close()
		if digest {
			return putMessage(ctx, tx, g, now, "digest:"+hex.EncodeToString(all.Sum(nil)[:16]), n, ofGroup, g.Channel, g.Kind, g.Urgent, g.Last)
		}
		for i, seq := range seqs {
			g.Run = runs[i]
			if err := putMessage(ctx, tx, g, now, keys[i], 0, "channel = ? AND seq = ?", g.Channel, seq); err != nil {
				return err
			}
		}
		return nil
	})
}

// putMessage makes a message of the deliveries that which selects: a digest of
// so many, or of one if digest is 0.
func putMessage(ctx context.Context, tx *sql.Tx, g notify.Group, now time.Time, key string, digest int64, which string, args ...any) error {
	res, err := tx.ExecContext(ctx, "INSERT INTO messages (channel, key, run, kind, urgent, digest, events, state, made, due) VALUES (?, ?, ?, ?, ?, ?, ?, 'due', ?, ?)",
		g.Channel, key, g.Run, g.Kind, g.Urgent, digest > 0, max(digest, 1), timestamp(now), timestamp(now))
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE deliveries SET message = ? WHERE "+which, append([]any{id}, args...)...)
	return err
}

// Claim implements [notify.Outbox]. A lease that would end later than one given
// now was given by a clock that was wrong, and has ended.
func (o *Outbox) Claim(ctx context.Context, c notify.Claim) (p notify.Parcel, ok bool, err error) {
	now, horizon, longest := timestamp(c.Now), timestamp(c.Now.Add(c.Horizon)), timestamp(c.Now.Add(c.Lease))
	where := `WHERE channel = ? AND state = 'due' AND (due <= ? OR due > ?) AND (lease <= ? OR lease > ?)`
	args := []any{c.Channel, now, horizon, now, longest}
	if !c.HeldSince.IsZero() {
		where += " AND (urgent OR made <= ?)"
		args = append(args, timestamp(c.HeldSince))
	}
	// Most often there is none: that takes no lock.
	err = o.l.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM messages "+where+")", args...).Scan(&ok)
	if err != nil || !ok {
		return p, false, explained(o.l.path, "look for messages", err)
	}
	var holder [12]byte
	rand.Read(holder[:])
	p.Holder = hex.EncodeToString(holder[:])
	var made string
	// Interrupted half-way, it could be taken and nobody know of it until its lease ends.
	err = o.l.write.QueryRowContext(context.WithoutCancel(ctx), `UPDATE messages SET attempts = attempts + 1, holder = ?, lease = ?
		WHERE id = (SELECT id FROM messages `+where+` ORDER BY urgent DESC, due, id LIMIT 1)
		RETURNING id, channel, key, run, kind, digest, events, attempts, made`, append([]any{p.Holder, longest}, args...)...).
		Scan(&p.ID, &p.Channel, &p.Key, &p.Run, &p.Kind, &p.Digest, &p.Events, &p.Attempts, &made)
	if err == sql.ErrNoRows {
		return p, false, nil
	}
	if err == nil {
		p.Made, err = parseTimestamp(made)
	}
	return p, err == nil, explained(o.l.path, "take a message", err)
}

// Events implements [notify.Outbox].
func (o *Outbox) Events(ctx context.Context, p notify.Parcel) iter.Seq2[notify.Event, error] {
	return o.l.EventsOf(ctx, p.ID)
}

// Settle implements [notify.Outbox].
func (o *Outbox) Settle(ctx context.Context, p notify.Parcel, out notify.Outcome) error {
	due, ended := timestamp(out.Due), timestamp(out.At)
	if out.State == notify.Due {
		ended = ""
	}
	res, err := o.l.write.ExecContext(ctx, "UPDATE messages SET state = ?, due = ?, ended = ?, error = ?, holder = '', lease = '' WHERE id = ? AND holder = ?",
		out.State, due, ended, out.Error, p.ID, p.Holder)
	if err != nil {
		return explained(o.l.path, "settle a message", err)
	}
	if n, err := res.RowsAffected(); err == nil && n == 0 {
		return notify.ErrLost
	}
	return nil
}

// Left implements [notify.Outbox].
func (o *Outbox) Left(ctx context.Context, channel string) (notify.Left, error) {
	return o.l.Left(ctx, channel)
}

// Left counts what a channel has not been told.
func (r *Reader) Left(ctx context.Context, channel string) (left notify.Left, err error) {
	var next, urgent string
	err = r.db.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM deliveries WHERE channel = ?1 AND message IS NULL),
		(SELECT count(*) FROM messages WHERE channel = ?1 AND state = 'due'),
		(SELECT count(*) FROM messages WHERE channel = ?1 AND state = 'dead'),
		(SELECT coalesce(min(max(due, lease)), '') FROM messages WHERE channel = ?1 AND state = 'due'),
		(SELECT coalesce(min(max(due, lease)), '') FROM messages WHERE channel = ?1 AND state = 'due' AND urgent)`, channel).
		Scan(&left.Waiting, &left.Due, &left.Dead, &next, &urgent)
	if err == nil {
		left.Next, err = parseTimestamp(next)
	}
	if err == nil {
		left.Urgent, err = parseTimestamp(urgent)
	}
	return left, explained(r.path, "count messages", err)
}

// Channels gives the names of all channels that were ever told anything.
func (r *Reader) Channels(ctx context.Context) (names []string, err error) {
	err = r.each(ctx, "SELECT name FROM channels ORDER BY name", nil, func(_ *sql.Tx, rows *sql.Rows) (bool, error) {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return true, err
	})
	return names, err
}

// Message is a message in the outbox.
type Message struct {
	ID       int64
	Channel  string
	Key      string
	Run      int64
	Kind     notify.Kind
	Digest   bool
	Events   int64
	State    notify.State
	Attempts int
	Made     time.Time
	Due      time.Time // if State is Due
	Ended    time.Time // if it is not
	Error    string    // of the last attempt; "" if that succeeded
}

// MessageFilter selects messages. All fields that are set must hold.
type MessageFilter struct {
	IDs     []int64
	Channel string
	States  []notify.State
}

func (f MessageFilter) where() (string, []any) {
	c := conditions{sql: []string{"1"}}
	ids := make([]any, len(f.IDs))
	for i, id := range f.IDs {
		ids[i] = id
	}
	c.in("id", ids)
	c.in("state", list(f.States))
	if f.Channel != "" {
		c.add("channel = ?", f.Channel)
	}
	return c.and(), c.args
}

// Messages gives the messages that f selects, the oldest first. After an error
// it ends.
func (r *Reader) Messages(ctx context.Context, f MessageFilter) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		where, args := f.where()
		query := "SELECT id, channel, key, run, kind, digest, events, state, attempts, made, due, ended, error FROM messages WHERE " + where + " ORDER BY id"
		err := r.each(ctx, query, args, func(_ *sql.Tx, rows *sql.Rows) (bool, error) {
			var m Message
			var made, due, ended string
			err := rows.Scan(&m.ID, &m.Channel, &m.Key, &m.Run, &m.Kind, &m.Digest, &m.Events, &m.State, &m.Attempts, &made, &due, &ended, &m.Error)
			for _, p := range []struct {
				text string
				to   *time.Time
			}{{made, &m.Made}, {due, &m.Due}, {ended, &m.Ended}} {
				if err == nil {
					*p.to, err = parseTimestamp(p.text)
				}
			}
			return err == nil && yield(m, nil), err
		})
		if err != nil {
			yield(Message{}, err)
		}
	}
}

// EventsOf gives the events of a message, in the order in which they came. After
// an error it ends.
func (r *Reader) EventsOf(ctx context.Context, message int64) iter.Seq2[notify.Event, error] {
	return func(yield func(notify.Event, error) bool) {
		query := "SELECT e.event FROM deliveries d JOIN events e USING (seq) WHERE d.message = ? ORDER BY d.seq"
		err := r.each(ctx, query, []any{message}, func(_ *sql.Tx, rows *sql.Rows) (bool, error) {
			var text string
			err := rows.Scan(&text)
			var e notify.Event
			if err == nil {
				err = json.Unmarshal([]byte(text), &e)
			}
			return err == nil && yield(e, nil), err
		})
		if err != nil {
			yield(notify.Event{}, err)
		}
	}
}

// Resend makes messages due again that were given up, or that wait for a later
// attempt. It returns how many.
func (l *Ledger) Resend(ctx context.Context, f MessageFilter, now time.Time) (n int64, err error) {
	where, args := f.where()
	err = l.change(ctx, "send messages again", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE messages SET state = 'due', attempts = 0, due = ?, ended = '' WHERE state <> 'sent' AND holder = '' AND "+where,
			append([]any{timestamp(now)}, args...)...)
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	return n, err
}

func explained(path, what string, err error) error {
	if err == nil {
		return nil
	}
	return explain(path, fmt.Errorf("%s: %w", what, err))
}
