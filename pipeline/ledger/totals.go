package ledger

import (
	"context"
	"database/sql"
)

// Totals are sums over objects.
type Totals struct {
	Objects       int64              `json:"objects"`
	Bytes         int64              `json:"bytes"` // as stored; unknown sizes count as none
	BytesRead     int64              `json:"bytes_read"`
	BytesSearched int64              `json:"bytes_searched"`
	Members       int64              `json:"members"`
	ByStatus      map[Status]int64   `json:"by_status"`
	ByReason      map[string]int64   `json:"by_reason"`     // objects that are not COMPLETE
	ByRule        map[string]int64   `json:"by_rule"`       // values found, those without a finding of their own too
	BySeverity    map[Severity]int64 `json:"by_severity"`   // objects with findings, by their highest severity
	WithFindings  int64              `json:"with_findings"` // objects
	Values        int64              `json:"values"`        // found, of all rules
	Gaps          int64              `json:"gaps"`          // those that are not listed too
	GapsByReason  map[string]int64   `json:"gaps_by_reason"`
}

// Totals sums over the objects that f selects. Where f selects rules, ByRule
// and Values count those only.
func (r *Reader) Totals(ctx context.Context, f Filter) (Totals, error) {
	t := Totals{
		ByStatus: make(map[Status]int64), ByReason: make(map[string]int64), ByRule: make(map[string]int64),
		BySeverity: make(map[Severity]int64), GapsByReason: make(map[string]int64),
	}
	where, args := f.where(false)
	query := `SELECT status, reason, severity, count(*), sum(max(size, 0)), sum(bytes_read), sum(bytes_searched), sum(members)
		FROM objects o WHERE ` + where + " GROUP BY status, reason, severity"
	err := r.each(ctx, query, args, func(_ *sql.Tx, rows *sql.Rows) (bool, error) { return true, t.addObjects(rows) })
	if err != nil {
		return Totals{}, err
	}
	where, args = f.where(true)
	query = "SELECT c.rule, sum(c.count) FROM objects o JOIN counts c ON c.object_id = o.id WHERE " + where + " GROUP BY c.rule"
	err = r.each(ctx, query, args, func(_ *sql.Tx, rows *sql.Rows) (bool, error) {
		n, err := addGroup(rows, t.ByRule)
		t.Values += n
		return true, err
	})
	if err != nil {
		return Totals{}, err
	}
	where, args = f.where(false)
	query = "SELECT g.reason, sum(g.count) FROM objects o JOIN gap_counts g ON g.object_id = o.id WHERE " + where + " GROUP BY g.reason"
	err = r.each(ctx, query, args, func(_ *sql.Tx, rows *sql.Rows) (bool, error) {
		n, err := addGroup(rows, t.GapsByReason)
		t.Gaps += n
		return true, err
	})
	return t, err
}

// addObjects adds one group of objects.
func (t *Totals) addObjects(rows *sql.Rows) error {
	var status Status
	var reason string
	var severity Severity
	var n, bytes, read, searched, members int64
	if err := rows.Scan(&status, &reason, &severity, &n, &bytes, &read, &searched, &members); err != nil {
		return err
	}
	t.Objects += n
	t.Bytes += bytes
	t.BytesRead += read
	t.BytesSearched += searched
	t.Members += members
	t.ByStatus[status] += n
	if status != Complete {
		t.ByReason[reason] += n
	}
	if severity > NoSeverity {
		t.BySeverity[severity] += n
		t.WithFindings += n
	}
	return nil
}

func addGroup(rows *sql.Rows, to map[string]int64) (int64, error) {
	var name string
	var n int64
	err := rows.Scan(&name, &n)
	to[name] += n
	return n, err
}

// Incomplete counts the objects that f selects and that were not wholly read
// for a reason that is not accepted: that of the status or of a gap.
func (r *Reader) Incomplete(ctx context.Context, f Filter, accept []string) (int64, error) {
	where, args := f.where(false)
	ok, accepted := marks(list(accept))
	query := "SELECT count(*) FROM objects o WHERE " + where + ` AND o.status <> ? AND (o.reason NOT IN ` + ok + `
		OR EXISTS (SELECT 1 FROM gap_counts g WHERE g.object_id = o.id AND g.reason NOT IN ` + ok + `))`
	args = append(args, Complete)
	args = append(args, accepted...)
	args = append(args, accepted...)
	var n int64
	err := r.each(ctx, query, args, func(_ *sql.Tx, rows *sql.Rows) (bool, error) { return true, rows.Scan(&n) })
	return n, err
}
