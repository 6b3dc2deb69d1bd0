package ledger

import "strings"

// Filter selects objects, and their findings. The zero Filter selects the
// present state: of each key what the newest run that saw it recorded. All
// fields that are set must hold; of a list, one element.
type Filter struct {
	Run         int64 // objects that this run was the last to see
	AnyRun      bool  // also versions that newer runs did not see
	Bucket      string
	Prefix      string // of the key
	Statuses    []Status
	Reasons     []string // of the status or of any gap
	Rules       []string
	Categories  []string
	MinSeverity Severity
}

// where gives the conditions on objects o. With counts, those on rules are
// about the row of counts c, otherwise about any of the object.
func (f Filter) where(counts bool) (string, []any) {
	var c conditions
	switch {
	case f.Run != 0:
		c.add("o.last_run = ?", f.Run)
	case !f.AnyRun:
		c.add("NOT EXISTS (SELECT 1 FROM objects n WHERE n.bucket = o.bucket AND n.key = o.key AND n.last_run > o.last_run)")
	}
	if f.Bucket != "" {
		c.add("o.bucket = ?", f.Bucket)
	}
	if f.Prefix != "" {
		c.add("o.key >= ?", f.Prefix)
		if end := prefixEnd(f.Prefix); end != "" {
			c.add("o.key < ?", end)
		}
	}
	c.in("o.status", list(f.Statuses))
	if len(f.Reasons) > 0 {
		marks, args := marks(list(f.Reasons))
		c.add("(o.reason IN "+marks+" OR EXISTS (SELECT 1 FROM gap_counts g WHERE g.object_id = o.id AND g.reason IN "+marks+"))", append(args, args...)...)
	}
	rule := f.rule()
	switch {
	case len(rule.sql) == 0:
	case counts:
		c.add(rule.and(), rule.args...)
	default:
		c.add("EXISTS (SELECT 1 FROM counts c WHERE c.object_id = o.id AND "+rule.and()+")", rule.args...)
	}
	if len(c.sql) == 0 {
		return "1", nil
	}
	return c.and(), c.args
}

// rule gives the conditions on a row of counts c.
func (f Filter) rule() conditions {
	var c conditions
	c.in("c.rule", list(f.Rules))
	c.in("c.category", list(f.Categories))
	if f.MinSeverity > NoSeverity {
		c.add("c.severity >= ?", f.MinSeverity)
	}
	return c
}

// prefixEnd returns the first string after all that begin with prefix, in byte
// order; "" if there is none.
func prefixEnd(prefix string) string {
	for last := len(prefix) - 1; last >= 0; last-- {
		if prefix[last] != 0xff {
			return prefix[:last] + string([]byte{prefix[last] + 1})
		}
	}
	return ""
}

// conditions is a conjunction in SQL with its arguments.
type conditions struct {
	sql  []string
	args []any
}

func (c *conditions) add(sql string, args ...any) {
	c.sql = append(c.sql, sql)
	c.args = append(c.args, args...)
}

func (c *conditions) in(column string, values []any) {
	if len(values) > 0 {
		marks, args := marks(values)
		c.add(column+" IN "+marks, args...)
	}
}

func (c *conditions) and() string { return strings.Join(c.sql, " AND ") }

// marks gives the list of parameters that stands for values.
func marks(values []any) (string, []any) {
	return "(" + strings.TrimSuffix(strings.Repeat("?,", len(values)), ",") + ")", values
}

func list[T ~string](ss []T) []any {
	vs := make([]any, len(ss))
	for i, s := range ss {
		vs[i] = string(s)
	}
	return vs
}
