package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
)

// movesSchema creates the journal of quarantine. There is one row for each
// version that was to be moved, however often it was scanned. Where a bucket keeps no
// versions, the same bytes written once more have the same ETag: the time tells
// them apart.
const movesSchema = `
CREATE TABLE moves (
	id         TEXT PRIMARY KEY,
	bucket     TEXT NOT NULL,
	key        TEXT NOT NULL,
	etag       TEXT NOT NULL,
	version_id TEXT NOT NULL,
	size       INTEGER NOT NULL,
	modified   TEXT NOT NULL,
	class      TEXT NOT NULL,
	action     TEXT NOT NULL,
	mode       TEXT NOT NULL,
	removal    TEXT NOT NULL,
	state      TEXT NOT NULL,
	approved   TEXT NOT NULL, -- by whom
	reason     TEXT NOT NULL, -- why the last attempt failed; '' otherwise
	error      TEXT NOT NULL,
	attempts   INTEGER NOT NULL,
	run        INTEGER NOT NULL,
	rule       TEXT NOT NULL, -- of the policy
	severity   TEXT NOT NULL,
	counts     TEXT NOT NULL, -- a JSON object: values by detector
	planned_at TEXT NOT NULL,
	changed_at TEXT NOT NULL,
	vault      TEXT NOT NULL, -- a JSON object: what lies in the vault; '{}' if nothing does
	key_id     TEXT NOT NULL,
	sha256     TEXT NOT NULL,
	crc64      TEXT NOT NULL,
	sealed     TEXT NOT NULL,
	before     TEXT NOT NULL, -- a JSON object: what the bucket kept with the object
	marker     TEXT NOT NULL,
	stub       TEXT NOT NULL, -- a JSON object
	returned_etag    TEXT NOT NULL, -- of the object that was restored
	returned_version TEXT NOT NULL
);
CREATE UNIQUE INDEX moves_name ON moves (bucket, key, etag, version_id, modified);
CREATE INDEX moves_state ON moves (state);
`

const moveColumns = `id, bucket, key, etag, version_id, size, modified, class, action, mode, removal, state, approved, reason, error, attempts,
	run, rule, severity, counts, planned_at, changed_at, vault, key_id, sha256, crc64, sealed, before, marker, stub, returned_etag, returned_version`

// ErrNoMove says that the ledger has no move of an id.
var ErrNoMove = errors.New("the ledger has no such move")

// Record stores the state of a move and puts events into the outbox, in one
// transaction. A second move of the same version of an object is refused: the record of
// the first is that of what lies in the vault. It may be called from many goroutines.
func (l *Ledger) Record(ctx context.Context, m quarantine.Move, events ...notify.Event) error {
	return l.change(ctx, "record a move", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM moves WHERE id = ?", m.ID); err != nil { // not OR REPLACE, which takes another of the same version too
			return err
		}
		if err := insertMove(ctx, tx, m); err != nil {
			return err
		}
		return putEvents(ctx, tx, events)
	})
}

// Plan stores decisions: moves that are Planned, or whose action is DoNothing,
// which takes back a plan that nobody has begun. What was tagged is planned anew if it is
// now to be copied or moved, what was copied if it is now to be moved. Else it
// leaves alone what has begun or has ended, and what somebody brought back: a
// restored object is not planned again. It returns how many are planned that were not before. Events go into the
// outbox in the same transaction.
func (l *Ledger) Plan(ctx context.Context, moves []quarantine.Move, events ...notify.Event) (added int64, err error) {
	err = l.change(ctx, "plan moves", func(tx *sql.Tx) error {
		for _, m := range moves {
			fresh, err := plan(ctx, tx, m)
			if err != nil {
				return err
			}
			if fresh {
				added++
			}
		}
		return putEvents(ctx, tx, events)
	})
	return added, err
}

// plan stores one decision and reports whether it is a new one.
func plan(ctx context.Context, tx *sql.Tx, m quarantine.Move) (fresh bool, err error) {
	o := m.Object
	if m.Action == quarantine.DoNothing {
		return false, takeBack(ctx, tx, "bucket = ? AND key = ? AND etag = ? AND version_id = ?", o.Bucket, o.Key, o.ETag, o.VersionID)
	}
	var restored bool
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM moves WHERE bucket = ? AND key = ? AND returned_etag = ? AND returned_version = ? AND returned_etag <> '')`,
		o.Bucket, o.Key, o.ETag, o.VersionID).Scan(&restored)
	if err != nil || restored {
		return false, err
	}
	// Another decision about what is planned already: it keeps its id, only if
	// it is the same action how that failed, and only if it is also by the same
	// rule its approval.
	const same = "CASE WHEN action = ?1 AND mode = ?2 AND removal = ?3 THEN "
	res, err := tx.ExecContext(ctx, `UPDATE moves SET approved = CASE rule WHEN ?5 THEN `+same+`approved ELSE '' END ELSE '' END,
		attempts = `+same+`attempts ELSE 0 END, reason = `+same+`reason ELSE '' END, error = `+same+`error ELSE '' END,
		action = ?1, mode = ?2, removal = ?3, run = ?4, rule = ?5, severity = ?6, counts = ?7, modified = ?12
		WHERE bucket = ?8 AND key = ?9 AND etag = ?10 AND version_id = ?11 AND state = 'planned'`,
		m.Action, m.Mode, m.Removal, m.Run, m.Why.Rule, m.Why.Severity, mustJSON(m.Why.Counts), o.Bucket, o.Key, o.ETag, o.VersionID, timestamp(o.Modified))
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); n > 0 || err != nil {
		return false, err
	}
	// What was only tagged, or copied, can be taken further: from the start, as
	// the vault may no longer have what it had then.
	res, err = tx.ExecContext(ctx, `UPDATE moves SET state = 'planned', approved = '', attempts = 0, reason = '', error = '',
		action = ?1, mode = ?2, removal = ?3, run = ?4, rule = ?5, severity = ?6, counts = ?7,
		vault = CASE state WHEN 'purged' THEN ?13 ELSE vault END
		WHERE bucket = ?8 AND key = ?9 AND etag = ?10 AND version_id = ?11 AND modified = ?12 AND
			(action = 'tag' AND state = 'tagged' AND ?1 <> 'tag' OR action = 'copy' AND state IN ('verified', 'purged') AND ?1 IN ('move', 'move+stub'))`,
		m.Action, m.Mode, m.Removal, m.Run, m.Why.Rule, m.Why.Severity, mustJSON(m.Why.Counts), o.Bucket, o.Key, o.ETag, o.VersionID, timestamp(o.Modified), mustJSON(store.Object{}))
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); n > 0 || err != nil {
		return n > 0, err
	}
	var there bool
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM moves
		WHERE bucket = ? AND key = ? AND etag = ? AND version_id = ? AND (modified = ? OR `+openMove+`))`,
		o.Bucket, o.Key, o.ETag, o.VersionID, timestamp(o.Modified)).Scan(&there)
	if err != nil || there {
		return false, err
	}
	return true, insertMove(ctx, tx, m)
}

// Unplan takes back what is planned with objects that f selects in which nothing
// was found when they were last read (see [Entry.Final]).
func (l *Ledger) Unplan(ctx context.Context, f Filter) error {
	where, args := f.where(false)
	return l.change(ctx, "take moves off the plan", func(tx *sql.Tx) error {
		return takeBack(ctx, tx, `EXISTS (SELECT 1 FROM objects o WHERE o.bucket = moves.bucket AND o.key = moves.key AND o.etag = moves.etag
			AND o.version_id = moves.version_id AND o.severity = 0 AND o.final = 1 AND `+where+")", args...)
	})
}

// takeBack takes what is planned, of what which selects, off the plan. If the vault has
// something of it, the record of that is not given up: it is a copy, which was right at
// an earlier time, or did not turn out right and is made again.
func takeBack(ctx context.Context, tx *sql.Tx, which string, args ...any) error {
	which = " WHERE state = 'planned' AND " + which
	_, err := tx.ExecContext(ctx, "UPDATE moves SET action = 'copy', approved = '', state = CASE attempts WHEN 0 THEN 'verified' ELSE state END"+
		which+" AND json_extract(vault, '$.key') <> ''", args...)
	if err == nil {
		_, err = tx.ExecContext(ctx, "DELETE FROM moves"+which+" AND json_extract(vault, '$.key') = ''", args...)
	}
	return err
}

// openMove is quarantine.Move.Open.
const openMove = "(state IN ('planned', 'copied') OR state = 'verified' AND action <> 'copy')"

// openAgain holds of kept moves too.
const openAgain = "(state = 'kept' OR " + openMove + ")"

// Approve records who approved moves that have something left to do, or that are kept.
// Ids that name none such are returned.
func (l *Ledger) Approve(ctx context.Context, by string, ids []string) (unknown []string, err error) {
	err = l.change(ctx, "approve moves", func(tx *sql.Tx) error {
		for _, id := range ids {
			res, err := tx.ExecContext(ctx, "UPDATE moves SET approved = ? WHERE id = ? AND "+openAgain, by, id)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil {
				return err
			} else if n == 0 {
				unknown = append(unknown, id)
			}
		}
		return nil
	})
	return unknown, err
}

// change carries out do in one transaction.
func (l *Ledger) change(ctx context.Context, what string, do func(*sql.Tx) error) error {
	err := func() error {
		tx, err := l.write.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if err := do(tx); err != nil {
			return err
		}
		return tx.Commit()
	}()
	if err != nil {
		return explain(l.path, fmt.Errorf("%s: %w", what, err))
	}
	return nil
}

func insertMove(ctx context.Context, tx *sql.Tx, m quarantine.Move) error {
	o := m.Object
	args := []any{m.ID, o.Bucket, o.Key, o.ETag, o.VersionID, o.Size, timestamp(o.Modified), o.Class, m.Action, m.Mode, m.Removal,
		m.State, m.Approved, m.Reason, m.Error, m.Attempts, m.Run, m.Why.Rule, m.Why.Severity, mustJSON(m.Why.Counts),
		timestamp(m.PlannedAt), timestamp(m.ChangedAt), mustJSON(m.Vault), m.KeyID, m.SHA256, m.CRC64, m.Sealed, mustJSON(m.Before),
		m.Marker, mustJSON(m.Stub), m.Returned.ETag, m.Returned.VersionID}
	marks, _ := marks(args)
	_, err := tx.ExecContext(ctx, "INSERT INTO moves ("+moveColumns+") VALUES "+marks, args...)
	return err
}

// mustJSON writes a value whose type always can be.
func mustJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// MoveFilter selects moves. All fields that are set must hold.
type MoveFilter struct {
	IDs      []string // or beginnings of ids that no other id begins with
	States   []quarantine.State
	Bucket   string
	Prefix   string  // of the key
	Within   []Place // objects of one of these places
	Run      int64
	Approved bool // only approved ones
	Open     bool // only those that have something left to do
	Again    bool // and, with Open, those whose bucket did not let go of the object
	Failed   bool // only those whose last attempt failed
	InVault  bool // only those of which the vault has something
}

func (f MoveFilter) where() (string, []any) {
	c := conditions{sql: []string{"1"}}
	c.in("state", list(f.States))
	switch {
	case f.Open && f.Again:
		c.add(openAgain)
	case f.Open:
		c.add(openMove)
	}
	if len(f.IDs) > 0 {
		var any conditions
		var whole []string // one parameter, of which a query has not many
		for _, id := range f.IDs {
			if len(id) == 32 {
				whole = append(whole, id)
			} else {
				any.add("(id >= ? AND id < ?)", id, id+"g") // hexadecimal digits are below
			}
		}
		any.add("id IN (SELECT value FROM json_each(?))", mustJSON(whole))
		c.add("("+strings.Join(any.sql, " OR ")+")", any.args...)
	}
	c.within(Place{f.Bucket, f.Prefix})
	if len(f.Within) > 0 {
		var any conditions
		for _, p := range f.Within {
			one := conditions{sql: []string{"1"}}
			one.within(p)
			any.add("("+one.and()+")", one.args...)
		}
		c.add("("+strings.Join(any.sql, " OR ")+")", any.args...)
	}
	if f.Run != 0 {
		c.add("run = ?", f.Run)
	}
	if f.Approved {
		c.add("approved <> ''")
	}
	if f.Failed {
		c.add("attempts > 0")
	}
	if f.InVault {
		c.add("state <> 'purged' AND json_extract(vault, '$.key') <> ''") // as quarantine.Move.InVault
	}
	return c.and(), c.args
}

// within asks that an object is in p; what is empty asks nothing.
func (c *conditions) within(p Place) {
	if p.Bucket != "" {
		c.add("bucket = ?", p.Bucket)
	}
	if p.Prefix != "" {
		c.add("key >= ?", p.Prefix)
		if end := prefixEnd(p.Prefix); end != "" {
			c.add("key < ?", end)
		}
	}
}

// Place is all keys of a bucket that begin with a prefix.
type Place struct{ Bucket, Prefix string }

// Vaults gives all places that moves of this ledger went to.
func (r *Reader) Vaults(ctx context.Context) ([]Place, error) {
	var all []Place
	const query = `SELECT DISTINCT json_extract(vault, '$.bucket'),
		substr(json_extract(vault, '$.key'), 1, instr(json_extract(vault, '$.key'), id) - 1)
		FROM moves WHERE json_extract(vault, '$.key') <> ''`
	err := r.each(ctx, query, nil, func(_ *sql.Tx, rows *sql.Rows) (bool, error) {
		var v Place
		err := rows.Scan(&v.Bucket, &v.Prefix)
		all = append(all, v)
		return true, err
	})
	return all, err
}

// Moves gives the moves that f selects, by bucket and key. It reads one state of
// the ledger, however long the caller takes. After an error it ends.
func (r *Reader) Moves(ctx context.Context, f MoveFilter) iter.Seq2[quarantine.Move, error] {
	return func(yield func(quarantine.Move, error) bool) {
		where, args := f.where()
		query := "SELECT " + moveColumns + " FROM moves WHERE " + where + " ORDER BY bucket, key, etag, version_id"
		err := r.each(ctx, query, args, func(_ *sql.Tx, rows *sql.Rows) (bool, error) {
			m, err := readMove(rows)
			return err == nil && yield(m, nil), err
		})
		if err != nil {
			yield(quarantine.Move{}, err)
		}
	}
}

// Move gives the one move whose id is id or begins with it.
func (r *Reader) Move(ctx context.Context, id string) (quarantine.Move, error) {
	var found []quarantine.Move
	for m, err := range r.Moves(ctx, MoveFilter{IDs: []string{id}}) {
		if err != nil {
			return quarantine.Move{}, err
		}
		found = append(found, m)
	}
	switch {
	case len(found) == 0:
		return quarantine.Move{}, fmt.Errorf("ledger %s: %w as %s", r.path, ErrNoMove, id)
	case len(found) > 1:
		return quarantine.Move{}, fmt.Errorf("ledger %s: %d moves have an id that begins with %s: write more of it", r.path, len(found), id)
	}
	return found[0], nil
}

// Pending counts the moves that f selects, and the bytes of their objects.
func (r *Reader) Pending(ctx context.Context, f MoveFilter) (objects, bytes int64, err error) {
	where, args := f.where()
	err = r.db.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(size), 0) FROM moves WHERE "+where, args...).Scan(&objects, &bytes)
	if err != nil {
		return 0, 0, explain(r.path, fmt.Errorf("read: %w", err))
	}
	return objects, bytes, nil
}

func readMove(rows *sql.Rows) (m quarantine.Move, err error) {
	var modified, planned, changed, counts, vault, before, stub string
	o := &m.Object
	err = rows.Scan(&m.ID, &o.Bucket, &o.Key, &o.ETag, &o.VersionID, &o.Size, &modified, &o.Class, &m.Action, &m.Mode, &m.Removal,
		&m.State, &m.Approved, &m.Reason, &m.Error, &m.Attempts, &m.Run, &m.Why.Rule, &m.Why.Severity, &counts,
		&planned, &changed, &vault, &m.KeyID, &m.SHA256, &m.CRC64, &m.Sealed, &before, &m.Marker, &stub, &m.Returned.ETag, &m.Returned.VersionID)
	if err != nil {
		return m, err
	}
	if m.Returned.ETag != "" {
		m.Returned.Bucket, m.Returned.Key = o.Bucket, o.Key
	}
	if o.Modified, err = parseTimestamp(modified); err == nil {
		m.PlannedAt, err = parseTimestamp(planned)
	}
	if err == nil {
		m.ChangedAt, err = parseTimestamp(changed)
	}
	// JSON has no bytes that are not UTF-8, and a key may: the columns do.
	defer func() {
		if m.Before.Key != "" {
			m.Before.Bucket, m.Before.Key = o.Bucket, o.Key
		}
	}()
	for _, p := range []struct {
		text string
		to   any
	}{{counts, &m.Why.Counts}, {vault, &m.Vault}, {before, &m.Before}, {stub, &m.Stub}} {
		if err == nil {
			err = json.Unmarshal([]byte(p.text), p.to)
		}
	}
	return m, err
}
