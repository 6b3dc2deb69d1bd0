package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/scanner/unpack"
	"github.com/sluice-dlp/sluice/store"
)

// attempts is how often an object that changes under the reader is read.
const attempts = 3

// object takes one listed object to its result, unless the run is stopped
// before that: waiting ends the wait for its turn, reading the read. The error
// is one of the ledger.
func (s *sweep) object(waiting, reading context.Context, o store.Object, results chan<- result) error {
	row, known, err := s.Ledger.Known(reading, o, s.ruleSet)
	if reading.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	if known {
		results <- result{row: row, size: o.Size}
		return nil
	}
	weight := s.maxObject
	if o.Size >= 0 {
		weight = min(o.Size, s.maxObject)
	}
	if s.slots.Acquire(waiting, weight) != nil {
		return nil
	}
	e, ok := s.read(reading, o)
	s.slots.Release(weight)
	if ok {
		results <- result{entry: &e}
	}
	return nil
}

// read reads o, and its current version instead if it changes meanwhile. It
// reports false if ctx ended before the read was complete.
func (s *sweep) read(ctx context.Context, o store.Object) (ledger.Entry, bool) {
	s.live.reading.Add(1)
	defer s.live.reading.Add(-1)
	begun := time.Now()
	want := o
	for n := 1; ; n++ {
		e, err := s.attempt(ctx, want)
		if ctx.Err() != nil && e.Status != ledger.Complete {
			return e, false // whatever is missing, the end of ctx may be why
		}
		if errors.Is(err, store.ErrChanged) && n < attempts {
			// What was found belongs to a version that is no more.
			s.live.retries.Add(1)
			want = store.Object{Bucket: o.Bucket, Key: o.Key, Size: -1}
			continue
		}
		if e.Status == ledger.Skipped {
			e.Object = o
		}
		e.ScannedAt, e.Took = begun.UTC(), time.Since(begun)
		return e, true
	}
}

// attempt reads the version that want names once. The error is the one that
// ended the read, and is in the entry too.
func (s *sweep) attempt(ctx context.Context, want store.Object) (e ledger.Entry, err error) {
	e.Object = want
	body := &meter{total: &s.live.bytesRead}
	defer func() {
		if p := recover(); p != nil {
			e.Coverage.BytesRead = body.n
			s.judge(&e, body.n, &scanner.Gap{Reason: unpack.ReasonUnparsable, Detail: panicked(p)})
		}
	}()
	rc, got, err := s.Source.Open(ctx, want)
	if err != nil {
		s.judge(&e, 0, failure(err))
		return e, err
	}
	defer rc.Close()
	e.Object = identity(want, got)
	body.r = rc
	coverage, err := s.Scanner.Scan(ctx, body, func(f scanner.Finding) error {
		e.Findings.Add(f)
		return nil
	})
	e.Coverage = coverage
	s.judge(&e, body.n, failure(err))
	return e, err
}

// identity is that of what is read: as the store answered, and as was asked
// for where it is silent.
func identity(want, got store.Object) store.Object {
	got.Bucket, got.Key = want.Bucket, want.Key
	got.ETag = cmp.Or(got.ETag, want.ETag)
	got.VersionID = cmp.Or(got.VersionID, want.VersionID)
	got.Class = cmp.Or(got.Class, want.Class)
	if got.Modified.IsZero() {
		got.Modified = want.Modified
	}
	return got
}

// failure is the gap that an error of the store leaves.
func failure(err error) *scanner.Gap {
	if err == nil {
		return nil
	}
	return &scanner.Gap{Reason: store.Reason(err), Detail: err.Error()}
}

// judge fills in what follows from coverage, findings, the bytes that arrived
// and what ended the read, if something did: the status above all. An object
// is complete only if nothing speaks against it.
func (s *sweep) judge(e *ledger.Entry, arrived int64, end *scanner.Gap) {
	s.rate(e)
	c, size := &e.Coverage, e.Object.Size
	if end == nil && c.GapCount() == 0 && size >= 0 && c.BytesRead < size {
		end = &scanner.Gap{Reason: store.ReasonCorrupt, Detail: fmt.Sprintf("the stream ended after %d of %d bytes", c.BytesRead, size)}
	}
	if end != nil && arrived == 0 {
		e.Status, e.Reason, e.Detail = ledger.Skipped, end.Reason, end.Detail
		return
	}
	if end != nil {
		c.Add(*end, len(c.Gaps)+1)
		e.Status, e.Reason, e.Detail = ledger.Partial, end.Reason, end.Detail
		return
	}
	if len(c.Gaps) > 0 {
		e.Status, e.Reason, e.Detail = ledger.Partial, c.Gaps[0].Reason, c.Gaps[0].Detail
		return
	}
	e.Status = ledger.Complete
}

// rate gives category and severity of each rule that found something, and
// drops what rules found that only count from more occurrences on.
func (s *sweep) rate(e *ledger.Entry) {
	counts := e.Coverage.Counts
	if counts == nil && e.Findings.Len() > 0 {
		counts = make(map[string]int64)
		e.Coverage.Counts = counts
	}
	// A scanner that was cut off may not have got so far as to count.
	for rule, n := range e.Findings.Counts() {
		counts[rule] = max(counts[rule], n)
	}
	if len(counts) == 0 {
		return
	}
	e.Rules = make(map[string]ledger.RuleInfo, len(counts))
	var below []string // rules with fewer values than make a finding
	for id, n := range counts {
		// A rule that the set does not have is rated as Macie rates custom ones.
		info := ledger.RuleInfo{Category: string(detectors.Custom), Severity: ledger.Medium}
		if i, ok := s.Rules.Lookup(id); ok {
			r := s.Rules.Rule(i)
			severity, ok := r.SeverityOf(n)
			if !ok {
				below = append(below, id)
				continue
			}
			info = ledger.RuleInfo{Category: string(r.Category), Severity: ledger.Severity(severity)}
		}
		e.Rules[id] = info
	}
	for _, id := range below {
		delete(counts, id)
	}
	if len(below) > 0 {
		var kept ledger.Findings
		for f := range e.Findings.All() {
			if !slices.Contains(below, f.Rule) {
				kept.Add(f)
			}
		}
		e.Findings = kept
	}
}

// panicked says where the code panicked. What it said may hold content, so
// only its type is told, and the words of the runtime's own errors.
func panicked(p any) string {
	what := fmt.Sprintf("%T", p)
	if err, ok := p.(runtime.Error); ok {
		what = err.Error()
	}
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("panic in %s, line %d: %s", f.Function, f.Line, what)
		}
		if !more {
			return "panic: " + what
		}
	}
}

// meter counts the bytes that pass, for this object and for the run.
type meter struct {
	r     io.Reader
	n     int64
	total *atomic.Int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n += int64(n)
	m.total.Add(int64(n))
	return n, err
}
