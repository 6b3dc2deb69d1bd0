package pipeline_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/store"
)

// fault is something that happens to an object, and what must be recorded.
type fault struct {
	name   string
	body   string // as listed
	open   func(o *object) func(context.Context, int, store.Object) (io.ReadCloser, store.Object, error)
	status ledger.Status
	reason string
	marks  int  // findings recorded
	opens  int  // in the first run
	again  bool // read again by the second run
}

// fails makes Open fail each time.
func fails(err error) func(o *object) func(context.Context, int, store.Object) (io.ReadCloser, store.Object, error) {
	return func(o *object) func(context.Context, int, store.Object) (io.ReadCloser, store.Object, error) {
		return func(context.Context, int, store.Object) (io.ReadCloser, store.Object, error) {
			return nil, store.Object{}, fmt.Errorf("get: %w", err)
		}
	}
}

// breaks gives a part of the body and then err.
func breaks(part string, err error) func(o *object) func(context.Context, int, store.Object) (io.ReadCloser, store.Object, error) {
	return func(o *object) func(context.Context, int, store.Object) (io.ReadCloser, store.Object, error) {
		return func(context.Context, int, store.Object) (io.ReadCloser, store.Object, error) {
			return reader(part, err), o.Object, nil
		}
	}
}

// changes makes the object change during its first so many reads: at the
// open, or in the middle. The new version has two marks.
func changes(times int, atOpen bool) func(o *object) func(context.Context, int, store.Object) (io.ReadCloser, store.Object, error) {
	return func(o *object) func(context.Context, int, store.Object) (io.ReadCloser, store.Object, error) {
		return func(_ context.Context, n int, want store.Object) (io.ReadCloser, store.Object, error) {
			if n > 1 && want.ETag != "" {
				return nil, store.Object{}, fmt.Errorf("a changed object was opened by its old ETag: %w", store.ErrDenied)
			}
			now := o.Object
			if n > 1 {
				now.ETag, now.Size = fmt.Sprintf("new-%d", n), 4
			}
			switch {
			case n <= times && atOpen:
				return nil, store.Object{}, store.ErrChanged
			case n <= times:
				return reader("#", store.ErrChanged), now, nil
			}
			return reader("##..", io.EOF), now, nil
		}
	}
}

func faults() []fault {
	return []fault{
		{name: "clean", body: "nothing", status: ledger.Complete, opens: 1},
		{name: "empty", status: ledger.Complete, opens: 1},
		{name: "found", body: "a#b#c", status: ledger.Complete, marks: 2, opens: 1},
		{name: "gap", body: "gap#", status: ledger.Partial, reason: "MALFORMED_FILE", marks: 1, opens: 1},
		{name: "denied", body: "x", open: fails(store.ErrDenied), status: ledger.Skipped, reason: "PERMISSION_DENIED", opens: 1, again: true},
		{name: "throttled", body: "x", open: fails(store.ErrThrottled), status: ledger.Skipped, reason: "THROTTLED", opens: 1, again: true},
		{name: "archived", body: "x", open: fails(store.ErrArchived), status: ledger.Skipped, reason: "INVALID_OBJECT_STATE", opens: 1, again: true},
		{name: "vanished", body: "x", open: fails(store.ErrNotFound), status: ledger.Skipped, reason: "SOURCE_OBJECT_NO_LONGER_AVAILABLE", opens: 1, again: true},
		{name: "unheard-of", body: "x", open: fails(errTest), status: ledger.Skipped, reason: "READ_INTERRUPTED", opens: 1, again: true},
		{name: "denied-at-first-byte", body: "x", open: breaks("", store.ErrDenied), status: ledger.Skipped, reason: "PERMISSION_DENIED", opens: 1, again: true},
		{name: "broken", body: "#123456789", open: breaks("#123", store.ErrBroken), status: ledger.Partial, reason: "READ_INTERRUPTED", marks: 1, opens: 1, again: true},
		{name: "broken-gap", body: "gap#123456789", open: breaks("gap#", store.ErrBroken), status: ledger.Partial, reason: "READ_INTERRUPTED", marks: 1, opens: 1, again: true},
		{name: "corrupt", body: "#123", open: breaks("#123", store.ErrCorrupt), status: ledger.Partial, reason: "CHECKSUM_MISMATCH", marks: 1, opens: 1, again: true},
		{name: "vanished-midway", body: "#123456789", open: breaks("##", store.ErrNotFound), status: ledger.Partial, reason: "SOURCE_OBJECT_NO_LONGER_AVAILABLE", marks: 2, opens: 1, again: true},
		{name: "short", body: "#123456789", open: breaks("#123", io.EOF), status: ledger.Partial, reason: "CHECKSUM_MISMATCH", marks: 1, opens: 1, again: true},
		{name: "empty-answer", body: "123", open: breaks("", io.EOF), status: ledger.Skipped, reason: "CHECKSUM_MISMATCH", opens: 1, again: true},
		{name: "panic", body: "panic#", status: ledger.Partial, reason: "UNABLE_TO_PARSE_FILE", marks: 1, opens: 1},
		{name: "panic-at-open", body: "x", status: ledger.Skipped, reason: "UNABLE_TO_PARSE_FILE", opens: 1, again: true,
			open: func(*object) func(context.Context, int, store.Object) (io.ReadCloser, store.Object, error) {
				return func(context.Context, int, store.Object) (io.ReadCloser, store.Object, error) {
					panic("content that must not be told")
				}
			}},
		{name: "changed-at-open", body: "#", open: changes(1, true), status: ledger.Complete, marks: 2, opens: 2},
		{name: "changed-midway", body: "#.....", open: changes(1, false), status: ledger.Complete, marks: 2, opens: 2},
		{name: "changed-twice", body: "#.....", open: changes(2, false), status: ledger.Complete, marks: 2, opens: 3},
		{name: "changed-always", body: "#.....", open: changes(1000, false), status: ledger.Partial, reason: "OBJECT_VERSION_MISMATCH", marks: 1, opens: 3},
		{name: "changed-always-at-open", body: "#.....", open: changes(1000, true), status: ledger.Skipped, reason: "OBJECT_VERSION_MISMATCH", opens: 3},
	}
}

// sourceOf makes copies objects of each fault.
func sourceOf(faults []fault, copies int) *fakeSource {
	src := new(fakeSource)
	for i := range copies {
		for _, f := range faults {
			o := src.add(fmt.Sprintf("%s/%03d", f.name, i), f.body)
			if f.open != nil {
				o.open = f.open(o)
			}
		}
	}
	return src
}

func TestEveryListedObjectHasOneRow(t *testing.T) {
	const copies = 20
	all := faults()
	l := newLedger(t)
	src := sourceOf(all, copies)
	run := &pipeline.Run{Source: src, Scanner: markScanner{}, Rules: rules(t), Ledger: l, Workers: 8}
	sum := do(t, run)

	got := rows(t, l, ledger.Filter{Run: sum.Run})
	if len(got) != len(src.objects) {
		t.Errorf("%d rows for %d listed objects", len(got), len(src.objects))
	}
	incomplete := int64(0)
	for _, f := range all {
		if f.status != ledger.Complete {
			incomplete += copies
		}
		for i := range copies {
			key := fmt.Sprintf("%s/%03d", f.name, i)
			row, ok := got[key]
			if !ok {
				t.Errorf("%s has no row", key)
				continue
			}
			if row.Status != f.status || row.Reason != f.reason {
				t.Errorf("%s is %s %q, want %s %q", key, row.Status, row.Reason, f.status, f.reason)
			}
			if n := row.Coverage.Counts[markRule]; n != int64(f.marks) {
				t.Errorf("%s has %d values, want %d", key, n, f.marks)
			}
			if n := src.opens[key]; n != f.opens {
				t.Errorf("%s was opened %d times, want %d", key, n, f.opens)
			}
			if row.Status == ledger.Partial && (len(row.Coverage.Gaps) == 0 || row.Coverage.GapCount() != int64(len(row.Coverage.Gaps))) {
				t.Errorf("%s is partial with gaps %v of %d", key, row.Coverage.Gaps, row.Coverage.GapCount())
			}
			if strings.Contains(row.Detail, "must not be told") {
				t.Errorf("%s: a panic's value is in the detail", key)
			}
		}
	}
	if sum.Incomplete != incomplete || sum.ExitCode() != pipeline.ExitIncomplete {
		t.Errorf("%d incomplete, exit %d; want %d, %d", sum.Incomplete, sum.ExitCode(), incomplete, pipeline.ExitIncomplete)
	}
	if s := sum.Stats; s.Recorded != int64(len(src.objects)) || s.Unread != 0 || s.Reading != 0 || s.Listing || s.Values != sum.Totals.Values {
		t.Errorf("stats %+v", s)
	}
	if want := int64(copies * (1 + 1 + 2 + 2 + 2)); sum.Stats.Retries != want {
		t.Errorf("%d retries, want %d", sum.Stats.Retries, want)
	}
	// Findings in rows of the old version would have its ETag.
	for _, line := range findings(t, l.Reader, ledger.Filter{Prefix: "changed-midway"}) {
		if !strings.Contains(line, " new-2 ") {
			t.Errorf("finding of another version than that read: %s", line)
		}
	}
}

func TestSecondRunReadsOnlyWhatMayGoBetter(t *testing.T) {
	l := newLedger(t)
	first := sourceOf(faults(), 1)
	do(t, &pipeline.Run{Source: first, Scanner: markScanner{}, Rules: rules(t), Ledger: l})
	before := findings(t, l.Reader, ledger.Filter{})

	// The objects that changed stand in the second listing as they were read.
	second := sourceOf(faults(), 1)
	versions := rows(t, l, ledger.Filter{})
	for _, o := range second.objects {
		o.Object = versions[o.Key].Object
	}
	sum := do(t, &pipeline.Run{Source: second, Scanner: markScanner{}, Rules: rules(t), Ledger: l})
	var unchanged int64
	for i, f := range faults() {
		key := second.objects[i].Key
		again := f.again || f.reason == store.ReasonChanged
		if !again {
			unchanged++
		}
		if read := second.opens[key] > 0; read != again {
			t.Errorf("%s: read again %v, want %v", key, read, again)
		}
	}
	if sum.Stats.Unchanged != unchanged || sum.Totals.Objects != int64(len(second.objects)) {
		t.Errorf("%d unchanged of %d, want %d of %d", sum.Stats.Unchanged, sum.Totals.Objects, unchanged, len(second.objects))
	}
	if after := findings(t, l.Reader, ledger.Filter{Prefix: "found"}); len(after) != 2 || len(before) == 0 {
		t.Errorf("findings of an unchanged object: %q", after)
	}

	// Another rule set means that everything is read again.
	third := sourceOf(faults()[:4], 1)
	sum = do(t, &pipeline.Run{Source: third, Scanner: markScanner{}, Rules: rules(t), Ledger: l, RuleSet: "another"})
	if sum.Stats.Unchanged != 0 || len(third.opens) != 4 {
		t.Errorf("%d unchanged, %d read under another rule set, want 0, 4", sum.Stats.Unchanged, len(third.opens))
	}
}

func TestAcceptedReasons(t *testing.T) {
	l := newLedger(t)
	src := sourceOf(faults()[:5], 1) // clean … denied
	run := func(accept ...string) int {
		return do(t, &pipeline.Run{Source: src, Scanner: markScanner{}, Rules: rules(t), Ledger: l, Accept: accept}).ExitCode()
	}
	for _, c := range []struct {
		accept []string
		want   int
	}{
		{nil, pipeline.ExitIncomplete},
		{[]string{"MALFORMED_FILE"}, pipeline.ExitIncomplete},
		{[]string{"PERMISSION_DENIED"}, pipeline.ExitIncomplete},
		{[]string{"PERMISSION_DENIED", "MALFORMED_FILE"}, pipeline.ExitFindings},
	} {
		if got := run(c.accept...); got != c.want {
			t.Errorf("accepting %q: exit %d, want %d", c.accept, got, c.want)
		}
	}
	clean := &pipeline.Run{Source: sourceOf(faults()[:2], 1), Scanner: markScanner{}, Rules: rules(t), Ledger: l}
	if got := do(t, clean).ExitCode(); got != pipeline.ExitClean {
		t.Errorf("clean objects: exit %d", got)
	}
}
