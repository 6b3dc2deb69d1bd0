package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sluice-dlp/sluice/store"
)

// Batch is what one commit writes.
type Batch struct {
	Entries   []Entry // objects read, or tried in vain
	Unchanged []int64 // rows that Known named, seen by this run too
}

// Begin records a new run and returns its number. Of run, it takes RuleSet,
// Version, Args and Started.
func (l *Ledger) Begin(ctx context.Context, run Run) (int64, error) {
	args, err := json.Marshal(run.Args)
	if err != nil {
		return 0, err
	}
	if err := l.write.QueryRowContext(ctx, "SELECT NOT EXISTS (SELECT 1 FROM objects)").Scan(&l.blank); err != nil {
		return 0, explain(l.path, fmt.Errorf("begin a run: %w", err))
	}
	res, err := l.write.ExecContext(ctx, "INSERT INTO runs (started, state, rule_set, version, args) VALUES (?, ?, ?, ?, ?)",
		timestamp(run.Started), Running, run.RuleSet, run.Version, string(args))
	if err != nil {
		return 0, explain(l.path, fmt.Errorf("begin a run: %w", err))
	}
	return res.LastInsertId()
}

// Finish records the end of run.ID: its Finished, State, Error and Tally.
func (l *Ledger) Finish(ctx context.Context, run Run) error {
	t := run.Tally
	_, err := l.write.ExecContext(ctx, `UPDATE runs SET finished = ?, state = ?, error = ?,
		listed = ?, listed_bytes = ?, filtered = ?, unchanged = ?, unread = ? WHERE id = ?`,
		timestamp(run.Finished), run.State, run.Error,
		t.Listed, t.ListedBytes, t.Filtered, t.Unchanged, t.Unread, run.ID)
	if err != nil {
		return explain(l.path, fmt.Errorf("finish run %d: %w", run.ID, err))
	}
	return nil
}

const knownSQL = `SELECT o.id FROM objects o JOIN runs r ON r.id = o.read_run
	WHERE o.bucket = ?1 AND o.key = ?2 AND o.etag = ?3 AND (?4 = '' OR o.version_id = ?4)
	AND (?6 = '' OR o.modified = '' OR o.modified BETWEEN ?6 AND ?7)
	AND o.final = 1 AND r.rule_set = ?5
	ORDER BY o.last_run DESC LIMIT 1`

// Known tells whether this version of o was read with the same rules in a way
// that need not be repeated (see [Entry.Final]), and the row that says so. A
// version is known by its ETag and time of modification, to the second in which
// answers to reads tell it, and by its id too where o has one, which a
// listing of current objects does not; an object without ETag and id is never
// known. The same bytes written once more are another object: the first may be
// in quarantine by now. What the present run records is not looked for.
func (l *Ledger) Known(ctx context.Context, o store.Object, ruleSet string) (row int64, ok bool, err error) {
	if l.blank || o.ETag == "" && o.VersionID == "" {
		return 0, false, nil
	}
	var from, to string
	if !o.Modified.IsZero() {
		from, to = timestamp(o.Modified.Add(-time.Second)), timestamp(o.Modified.Add(time.Second))
	}
	err = l.known.QueryRowContext(ctx, o.Bucket, o.Key, o.ETag, o.VersionID, ruleSet, from, to).Scan(&row)
	switch {
	case err == sql.ErrNoRows:
		return 0, false, nil
	case err != nil:
		return 0, false, explain(l.path, fmt.Errorf("look up an object: %w", err))
	}
	return row, true, nil
}

// Commit writes b for a run in one transaction: all of it or, after an error
// or a crash, nothing. An entry replaces what was recorded of the same version
// before.
func (l *Ledger) Commit(ctx context.Context, run int64, b Batch) error {
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return explain(l.path, fmt.Errorf("commit: %w", err))
	}
	defer tx.Rollback()
	w := writer{ctx: ctx, tx: tx, stmt: &l.stmt}
	for i := range b.Entries {
		w.entry(run, &b.Entries[i])
	}
	for _, row := range b.Unchanged {
		w.exec(l.stmt.seen, run, row)
	}
	if w.err == nil {
		w.err = tx.Commit()
	}
	if w.err != nil {
		return explain(l.path, fmt.Errorf("commit: %w", w.err))
	}
	return nil
}

// statements are those of Commit, prepared on the one writing connection.
type statements struct {
	earlier, seen, object, count, finding, findings, gap, gapCount *sql.Stmt

	clear [5]*sql.Stmt // the rows of an object
}

func (s *statements) prepare(ctx context.Context, db *sql.DB) error {
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		// A row without a version id is of an attempt that did not get so far as
		// to learn it.
		{&s.earlier, "SELECT id FROM objects WHERE bucket = ? AND key = ? AND etag = ? AND version_id IN (?, '')"},
		{&s.seen, "UPDATE objects SET last_run = ? WHERE id = ?"},
		{&s.object, `INSERT INTO objects (bucket, key, etag, version_id, size, modified, class, last_run, read_run,
			status, reason, detail, final, severity, media_type, bytes_read, bytes_searched, members, scanned_at, took_us)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.count, "INSERT INTO counts (object_id, rule, category, severity, count) VALUES (?, ?, ?, ?, ?)"},
		{&s.finding, insertFindings + findingValues},
		{&s.findings, insertFindings + findingValues + strings.Repeat(", "+findingValues, findingsAtOnce-1)},
		{&s.gap, "INSERT INTO gaps (object_id, n, member, reason, detail) VALUES (?, ?, ?, ?, ?)"},
		{&s.gapCount, "INSERT INTO gap_counts (object_id, reason, count) VALUES (?, ?, ?)"},
		{&s.clear[0], "DELETE FROM counts WHERE object_id = ?"},
		{&s.clear[1], "DELETE FROM findings WHERE object_id = ?"},
		{&s.clear[2], "DELETE FROM gaps WHERE object_id = ?"},
		{&s.clear[3], "DELETE FROM gap_counts WHERE object_id = ?"},
		{&s.clear[4], "DELETE FROM objects WHERE id = ?"},
	} {
		var err error
		if *p.to, err = db.PrepareContext(ctx, p.sql); err != nil {
			return err
		}
	}
	return nil
}

// Findings are most of what is written, so they are inserted several at a
// time: a call costs as much as two or three rows.
const (
	insertFindings = `INSERT INTO findings (object_id, n, rule, member, "offset", length, line, "column", row, cell, name, record, path, confidence, preview, digest) VALUES `
	findingValues  = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	findingColumns = 16
	findingsAtOnce = 32
)

// writer writes rows in one transaction until the first error.
type writer struct {
	ctx  context.Context
	tx   *sql.Tx
	stmt *statements
	err  error
}

// exec runs s and returns the row that it inserted, if any.
func (w *writer) exec(s *sql.Stmt, args ...any) int64 {
	if w.err != nil {
		return 0
	}
	res, err := w.tx.StmtContext(w.ctx, s).ExecContext(w.ctx, args...)
	if err != nil {
		w.err = err
		return 0
	}
	row, err := res.LastInsertId()
	w.err = err
	return row
}

// forget takes out what was recorded of the same version before.
func (w *writer) forget(o store.Object) {
	if w.err != nil {
		return
	}
	rows, err := w.tx.StmtContext(w.ctx, w.stmt.earlier).QueryContext(w.ctx, o.Bucket, o.Key, o.ETag, o.VersionID)
	if err != nil {
		w.err = err
		return
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if w.err = rows.Scan(&id); w.err != nil {
			return
		}
		ids = append(ids, id)
	}
	w.err = rows.Err()
	for _, id := range ids {
		for _, s := range w.stmt.clear {
			w.exec(s, id)
		}
	}
}

func (w *writer) entry(run int64, e *Entry) {
	o, c := e.Object, e.Coverage
	w.forget(o)
	id := w.exec(w.stmt.object, o.Bucket, o.Key, o.ETag, o.VersionID, o.Size, timestamp(o.Modified), o.Class, run, run,
		e.Status, e.Reason, e.Detail, e.Final(), e.Severity(), c.Type, c.BytesRead, c.BytesSearched, c.Members,
		timestamp(e.ScannedAt), e.Took.Microseconds())
	for rule, n := range c.Counts {
		info := e.Rules[rule]
		if info.Severity == NoSeverity && w.err == nil {
			w.err = fmt.Errorf("rule %s has values in an object and no severity", rule)
		}
		w.exec(w.stmt.count, id, rule, info.Category, info.Severity, n)
	}
	w.findings(id, &e.Findings)
	for reason, n := range c.GapCounts {
		w.exec(w.stmt.gapCount, id, reason, n)
	}
	for n, g := range c.Gaps {
		w.exec(w.stmt.gap, id, n, g.Member, g.Reason, g.Detail)
	}
}

// findings writes the findings of an object.
func (w *writer) findings(id int64, fs *Findings) {
	args := make([]any, 0, findingColumns*min(fs.Len(), findingsAtOnce))
	n := 0
	for f := range fs.All() {
		at := f.Location
		args = append(args, id, n, f.Rule, at.Member, at.Offset, at.Length, at.Line, at.Column,
			at.Row, at.Cell, at.Name, at.Record, at.Path, f.Confidence, f.Preview, f.Digest)
		n++
		if len(args) == findingColumns*findingsAtOnce {
			w.exec(w.stmt.findings, args...)
			args = args[:0]
		}
	}
	for ; len(args) > 0; args = args[findingColumns:] {
		w.exec(w.stmt.finding, args[:findingColumns]...)
	}
}

// stamp is how times are written: RFC 3339 in UTC to the millisecond, which
// sorts as text.
const stamp = "2006-01-02T15:04:05.000Z"

// timestamp writes t; "" is the zero time.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(stamp)
}

func parseTimestamp(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(stamp, s)
}
