package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store"
)

// Row is an object as recorded. Its Entry holds the counts and the gaps, but
// no findings: [Reader.Findings] gives those.
type Row struct {
	Entry
	LastRun int64 // that saw the object
	ReadRun int64 // that read it, or tried to
}

// Found is one finding and the object it is in.
type Found struct {
	Object  store.Object
	LastRun int64
	RuleInfo
	scanner.Finding
}

// objectColumns are what scanObject reads.
const objectColumns = "o.bucket, o.key, o.etag, o.version_id, o.size, o.modified, o.class, o.last_run"

// byName reads objects in the order of names, by its index: nothing is sorted,
// so reading a large ledger takes no memory.
const byName = "objects o INDEXED BY objects_name"

// Objects gives the objects that f selects, by bucket and key. It reads one
// state of the ledger, however long the caller takes; a run may go on writing.
// After an error it ends.
func (r *Reader) Objects(ctx context.Context, f Filter) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		where, args := f.where(false)
		query := "SELECT o.id, " + objectColumns + `, o.read_run, o.status, o.reason, o.detail, o.media_type,
			o.bytes_read, o.bytes_searched, o.members, o.severity, o.scanned_at, o.took_us
			FROM ` + byName + " WHERE " + where + " ORDER BY o.bucket, o.key, o.etag, o.version_id"
		err := r.each(ctx, query, args, func(tx *sql.Tx, rows *sql.Rows) (bool, error) {
			row, err := readRow(ctx, tx, rows)
			return err == nil && yield(row, nil), err
		})
		if err != nil {
			yield(Row{}, err)
		}
	}
}

// Findings gives the findings that f selects, by bucket and key, in the order
// in which the scanner found them. Otherwise it is as [Reader.Objects].
func (r *Reader) Findings(ctx context.Context, f Filter) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		where, args := f.where(true)
		// CROSS JOIN keeps SQLite from another order of loops, which would sort.
		query := "SELECT " + objectColumns + `, c.category, c.severity,
			f.rule, f.member, f."offset", f.length, f.line, f."column", f.row, f.cell, f.name, f.record, f.path, f.confidence, f.preview, f.digest
			FROM ` + byName + ` CROSS JOIN findings f CROSS JOIN counts c
			WHERE f.object_id = o.id AND c.object_id = o.id AND c.rule = f.rule AND ` + where + `
			ORDER BY o.bucket, o.key, o.etag, o.version_id, f.n`
		err := r.each(ctx, query, args, func(_ *sql.Tx, rows *sql.Rows) (bool, error) {
			found, err := readFound(rows)
			return err == nil && yield(found, nil), err
		})
		if err != nil {
			yield(Found{}, err)
		}
	}
}

// each calls row for each row of a query, until it says no or fails, within one
// transaction.
func (r *Reader) each(ctx context.Context, query string, args []any, row func(*sql.Tx, *sql.Rows) (bool, error)) error {
	err := func() error {
		tx, err := r.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		rows, err := tx.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if more, err := row(tx, rows); !more || err != nil {
				return err
			}
		}
		return rows.Err()
	}()
	if err != nil {
		return explain(r.path, fmt.Errorf("read: %w", err))
	}
	return nil
}

// object is where the columns of objectColumns go.
type object struct {
	store.Object
	modified string
	lastRun  int64
}

func (o *object) targets() []any {
	return []any{&o.Bucket, &o.Key, &o.ETag, &o.VersionID, &o.Size, &o.modified, &o.Class, &o.lastRun}
}

func (o *object) finish() (err error) {
	o.Modified, err = parseTimestamp(o.modified)
	return err
}

func readRow(ctx context.Context, tx *sql.Tx, rows *sql.Rows) (Row, error) {
	var (
		row      Row
		id       int64
		o        object
		severity Severity
		scanned  string
		micros   int64
	)
	c := &row.Coverage
	targets := append([]any{&id}, o.targets()...)
	targets = append(targets, &row.ReadRun, &row.Status, &row.Reason, &row.Detail, &c.Type,
		&c.BytesRead, &c.BytesSearched, &c.Members, &severity, &scanned, &micros)
	if err := rows.Scan(targets...); err != nil {
		return Row{}, err
	}
	if err := o.finish(); err != nil {
		return Row{}, err
	}
	row.Object, row.LastRun = o.Object, o.lastRun
	row.Took = time.Duration(micros) * time.Microsecond
	var err error
	if row.ScannedAt, err = parseTimestamp(scanned); err != nil {
		return Row{}, err
	}
	if severity > NoSeverity {
		if c.Counts, row.Rules, err = readCounts(ctx, tx, id); err != nil {
			return Row{}, err
		}
	}
	if row.Status != Complete {
		c.Gaps, c.GapCounts, err = readGaps(ctx, tx, id)
	}
	return row, err
}

// eachOf calls row for each row of a query about one object.
func eachOf(ctx context.Context, tx *sql.Tx, query string, object int64, row func(*sql.Rows) error) error {
	rows, err := tx.QueryContext(ctx, query, object)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func readCounts(ctx context.Context, tx *sql.Tx, object int64) (map[string]int64, map[string]RuleInfo, error) {
	counts, infos := make(map[string]int64), make(map[string]RuleInfo)
	err := eachOf(ctx, tx, "SELECT rule, category, severity, count FROM counts WHERE object_id = ?", object, func(rows *sql.Rows) error {
		var rule string
		var info RuleInfo
		var n int64
		err := rows.Scan(&rule, &info.Category, &info.Severity, &n)
		counts[rule], infos[rule] = n, info
		return err
	})
	return counts, infos, err
}

func readGaps(ctx context.Context, tx *sql.Tx, object int64) ([]scanner.Gap, map[string]int64, error) {
	var gaps []scanner.Gap
	err := eachOf(ctx, tx, "SELECT member, reason, detail FROM gaps WHERE object_id = ? ORDER BY n", object, func(rows *sql.Rows) error {
		var g scanner.Gap
		err := rows.Scan(&g.Member, &g.Reason, &g.Detail)
		gaps = append(gaps, g)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	var counts map[string]int64
	err = eachOf(ctx, tx, "SELECT reason, count FROM gap_counts WHERE object_id = ?", object, func(rows *sql.Rows) error {
		if counts == nil {
			counts = make(map[string]int64)
		}
		_, err := addGroup(rows, counts)
		return err
	})
	return gaps, counts, err
}

func readFound(rows *sql.Rows) (Found, error) {
	var found Found
	var o object
	at := &found.Location
	targets := append(o.targets(), &found.Category, &found.Severity,
		&found.Rule, &at.Member, &at.Offset, &at.Length, &at.Line, &at.Column,
		&at.Row, &at.Cell, &at.Name, &at.Record, &at.Path, &found.Confidence, &found.Preview, &found.Digest)
	if err := rows.Scan(targets...); err != nil {
		return Found{}, err
	}
	err := o.finish()
	found.Object, found.LastRun = o.Object, o.lastRun
	return found, err
}

// Rules gives the ids of all rules that found something in the objects of the
// ledger, in order.
func (r *Reader) Rules(ctx context.Context) ([]string, error) {
	var ids []string
	err := r.each(ctx, "SELECT DISTINCT rule FROM counts ORDER BY rule", nil, func(_ *sql.Tx, rows *sql.Rows) (bool, error) {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return true, err
	})
	return ids, err
}

// Runs gives all runs, the last one first.
func (r *Reader) Runs(ctx context.Context) ([]Run, error) {
	var runs []Run
	query := `SELECT id, started, finished, state, error, rule_set, version, args,
		listed, listed_bytes, filtered, unchanged, unread FROM runs ORDER BY id DESC`
	err := r.each(ctx, query, nil, func(_ *sql.Tx, rows *sql.Rows) (bool, error) {
		run, err := readRun(rows)
		runs = append(runs, run)
		return true, err
	})
	return runs, err
}

func readRun(rows *sql.Rows) (Run, error) {
	var run Run
	var started, finished, args string
	t := &run.Tally
	err := rows.Scan(&run.ID, &started, &finished, &run.State, &run.Error, &run.RuleSet, &run.Version, &args,
		&t.Listed, &t.ListedBytes, &t.Filtered, &t.Unchanged, &t.Unread)
	if err != nil {
		return Run{}, err
	}
	if run.Started, err = parseTimestamp(started); err != nil {
		return Run{}, err
	}
	if run.Finished, err = parseTimestamp(finished); err != nil {
		return Run{}, err
	}
	return run, json.Unmarshal([]byte(args), &run.Args)
}
