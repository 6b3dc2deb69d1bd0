package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

const (
	// applicationID marks a SQLite file as a ledger: "slui".
	applicationID = 0x736c7569

	// schemaVersion is raised when the tables change.
	schemaVersion = 6
)

// schema creates the tables. Keys and member paths are bytes as the store
// gave them, which need not be UTF-8; SQLite keeps them as they are.
//
// The index of objects begins with what a listing knows, so that one search
// finds what is known of a listed object.
const schema = `
CREATE TABLE runs (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	started      TEXT NOT NULL,
	finished     TEXT NOT NULL DEFAULT '',
	state        TEXT NOT NULL,
	error        TEXT NOT NULL DEFAULT '',
	rule_set     TEXT NOT NULL,
	version      TEXT NOT NULL,
	args         TEXT NOT NULL, -- a JSON array
	listed       INTEGER NOT NULL DEFAULT 0,
	listed_bytes INTEGER NOT NULL DEFAULT 0,
	filtered     INTEGER NOT NULL DEFAULT 0,
	unchanged    INTEGER NOT NULL DEFAULT 0,
	unread       INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE objects (
	id             INTEGER PRIMARY KEY,
	bucket         TEXT NOT NULL,
	key            TEXT NOT NULL,
	etag           TEXT NOT NULL,
	version_id     TEXT NOT NULL,
	size           INTEGER NOT NULL,
	modified       TEXT NOT NULL,
	class          TEXT NOT NULL,
	last_run       INTEGER NOT NULL REFERENCES runs(id), -- that saw it
	read_run       INTEGER NOT NULL REFERENCES runs(id), -- that read it, or tried to
	status         TEXT NOT NULL,
	reason         TEXT NOT NULL,
	detail         TEXT NOT NULL,
	final          INTEGER NOT NULL, -- 1: reading it again would find the same
	severity       INTEGER NOT NULL, -- 0 none, 1 Low, 2 Medium, 3 High
	media_type     TEXT NOT NULL,
	bytes_read     INTEGER NOT NULL,
	bytes_searched INTEGER NOT NULL,
	members        INTEGER NOT NULL,
	scanned_at     TEXT NOT NULL,
	took_us        INTEGER NOT NULL
);
CREATE UNIQUE INDEX objects_name ON objects (bucket, key, etag, version_id);
CREATE TABLE counts (
	object_id INTEGER NOT NULL REFERENCES objects(id),
	rule      TEXT NOT NULL,
	category  TEXT NOT NULL,
	severity  INTEGER NOT NULL,
	count     INTEGER NOT NULL, -- all values; the table findings may hold the first ones only
	PRIMARY KEY (object_id, rule)
) WITHOUT ROWID;
CREATE TABLE findings (
	object_id INTEGER NOT NULL REFERENCES objects(id),
	n         INTEGER NOT NULL,
	rule      TEXT NOT NULL,
	member    TEXT NOT NULL,
	"offset"  INTEGER NOT NULL,
	length    INTEGER NOT NULL,
	line      INTEGER NOT NULL,
	"column"  INTEGER NOT NULL,
	row       INTEGER NOT NULL, -- of a table, from 1; 0 elsewhere
	cell      INTEGER NOT NULL,
	name      TEXT NOT NULL,    -- of the column
	record    INTEGER NOT NULL, -- JSON text, from 0
	path      TEXT NOT NULL,    -- in it; '' elsewhere
	confidence INTEGER NOT NULL, -- in per cent
	preview   TEXT NOT NULL,
	digest    TEXT NOT NULL,
	PRIMARY KEY (object_id, n)
) WITHOUT ROWID;
CREATE TABLE gap_counts (
	object_id INTEGER NOT NULL REFERENCES objects(id),
	reason    TEXT NOT NULL,
	count     INTEGER NOT NULL, -- all gaps; the table gaps may hold the first ones only
	PRIMARY KEY (object_id, reason)
) WITHOUT ROWID;
CREATE TABLE gaps (
	object_id INTEGER NOT NULL REFERENCES objects(id),
	n         INTEGER NOT NULL,
	member    TEXT NOT NULL,
	reason    TEXT NOT NULL,
	detail    TEXT NOT NULL,
	PRIMARY KEY (object_id, n)
) WITHOUT ROWID;
CREATE VIEW findings_of_objects AS
	SELECT o.bucket, o.key, o.version_id, o.etag, o.last_run, f.rule, c.category,
	       CASE c.severity WHEN 3 THEN 'High' WHEN 2 THEN 'Medium' ELSE 'Low' END AS severity,
	       f.member, f."offset", f.length, f.line, f."column", f.row, f.cell, f.name, f.record, f.path, f.confidence, f.preview, f.digest
	FROM objects o JOIN findings f ON f.object_id = o.id JOIN counts c ON c.object_id = o.id AND c.rule = f.rule;
`

// prepare creates the tables in an empty file, and checks that a file that is
// not empty is a ledger of this version. It changes no other file.
func prepare(ctx context.Context, db *sql.DB) error {
	empty, err := check(ctx, db)
	if err != nil || !empty {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	// The mark and the tables go into one transaction, and before the file
	// is switched to a write-ahead log: a crash leaves an empty file or a ledger.
	mark := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, schemaVersion)
	if _, err := tx.ExecContext(ctx, mark+schema+movesSchema+outboxSchema); err != nil {
		return err
	}
	return tx.Commit()
}

// check reports whether the file is empty, and otherwise an error unless it is
// a ledger of this version.
func check(ctx context.Context, db *sql.DB) (empty bool, err error) {
	var app, version, tables int64
	for _, q := range []struct {
		sql string
		to  *int64
	}{
		{"PRAGMA application_id", &app},
		{"PRAGMA user_version", &version},
		{"SELECT count(*) FROM sqlite_schema", &tables},
	} {
		if err := db.QueryRowContext(ctx, q.sql).Scan(q.to); err != nil {
			return false, err
		}
	}
	switch {
	case app == applicationID && version == schemaVersion:
		return false, nil
	case app == applicationID:
		return false, fmt.Errorf("%w: it has schema version %d and this sluice writes %d; read it with the sluice that wrote it, and name another file for this one",
			ErrVersion, version, schemaVersion)
	case app == 0 && version == 0 && tables == 0:
		return true, nil
	}
	return false, fmt.Errorf("%w but a SQLite database of another program; name another file", ErrNotLedger)
}

// Why a ledger could not be opened.
var (
	ErrNotLedger = errors.New("not a sluice ledger")
	ErrVersion   = errors.New("ledger of another sluice version")
	ErrInUse     = errors.New("another process writes to this ledger")
	ErrDamaged   = errors.New("ledger is damaged")
)
