package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store"
)

// many makes n objects; each tenth has a mark.
func many(n int) *fakeSource {
	src := new(fakeSource)
	for i := range n {
		body := "0123456789"
		if i%10 == 0 {
			body += string(mark)
		}
		src.add(fmt.Sprintf("k%06d", i), body)
	}
	return src
}

// blocking gives a reader whose first Read tells started and then waits for
// ctx.
func blocking(started chan<- string) func(o *object) {
	return func(o *object) {
		o.open = func(ctx context.Context, n int, want store.Object) (io.ReadCloser, store.Object, error) {
			return io.NopCloser(readFunc(func([]byte) (int, error) {
				started <- want.Key
				<-ctx.Done()
				return 0, fmt.Errorf("%w: %w", store.ErrBroken, ctx.Err())
			})), o.Object, nil
		}
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func TestStopAndResume(t *testing.T) {
	const objects = 1200 // more than a commit, the channels and the workers hold
	l := newLedger(t)
	src := many(objects)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	run := &pipeline.Run{Source: src, Scanner: markScanner{}, Rules: rules(t), Ledger: l, Workers: 4}
	run.Committed = func(int64, []ledger.Entry) error { cancel(); return nil } // after the first commit
	sum, err := run.Do(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !sum.Interrupted || sum.ListError != nil || sum.ExitCode() != pipeline.ExitIncomplete {
		t.Errorf("interrupted %v, listing %v, exit %d", sum.Interrupted, sum.ListError, sum.ExitCode())
	}
	recorded := rows(t, l, ledger.Filter{})
	s := sum.Stats
	if s.Recorded == 0 || s.Recorded != int64(len(recorded)) || s.Recorded+s.Unread != s.Listed {
		t.Errorf("recorded %d (%d rows), unread %d, listed %d", s.Recorded, len(recorded), s.Unread, s.Listed)
	}
	runs, err := l.Runs(t.Context())
	if err != nil || len(runs) != 1 || runs[0].State != ledger.Interrupted || runs[0].Tally.Unread != s.Unread {
		t.Errorf("runs %+v, error %v", runs, err)
	}

	rest := many(objects)
	sum = do(t, &pipeline.Run{Source: rest, Scanner: markScanner{}, Rules: rules(t), Ledger: l})
	for key := range recorded {
		if rest.opens[key] != 0 {
			t.Errorf("%s was committed and read again", key)
		}
	}
	if len(rest.opens) != objects-len(recorded) || sum.Totals.Objects != objects || sum.ExitCode() != pipeline.ExitFindings {
		t.Errorf("resumed: %d read after %d, %d rows, exit %d", len(rest.opens), len(recorded), sum.Totals.Objects, sum.ExitCode())
	}
	if n := len(findings(t, l.Reader, ledger.Filter{})); n != objects/10 {
		t.Errorf("%d findings, want %d", n, objects/10)
	}
}

func TestStopAbandonsWhatIsBeingRead(t *testing.T) {
	l := newLedger(t)
	src := many(3)
	started := make(chan string)
	for _, o := range src.objects {
		blocking(started)(o)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-started
		<-started
		cancel()
	}()
	sum, err := (&pipeline.Run{Source: src, Scanner: markScanner{}, Rules: rules(t), Ledger: l, Workers: 2}).Do(ctx)
	if err != nil || !sum.Interrupted || sum.Stats.Recorded != 0 || sum.Stats.Unread != sum.Stats.Listed {
		t.Errorf("error %v, summary %+v", err, sum)
	}
	if n := len(rows(t, l, ledger.Filter{})); n != 0 {
		t.Errorf("%d rows for abandoned objects", n)
	}
}

// slow gives one byte after each pause.
func slow(pause time.Duration) func(o *object) {
	return func(o *object) {
		o.open = func(ctx context.Context, n int, want store.Object) (io.ReadCloser, store.Object, error) {
			at := 0
			return io.NopCloser(readFunc(func(p []byte) (int, error) {
				if at == len(o.body) {
					return 0, io.EOF
				}
				select {
				case <-time.After(pause):
				case <-ctx.Done():
					return 0, ctx.Err()
				}
				at++
				return copy(p[:1], o.body[at-1:]), nil
			})), o.Object, nil
		}
	}
}

func TestGracePeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger(t)
		src := many(2)
		slow(time.Second)(src.objects[0]) // ends after 11 s
		slow(time.Minute)(src.objects[1])
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begun := time.Now()
		run := &pipeline.Run{Source: src, Scanner: markScanner{}, Rules: rules(t), Ledger: l, Workers: 2, Grace: 30 * time.Second}
		sum, err := run.Do(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took != 35*time.Second {
			t.Errorf("stopped after %v, want 35s", took)
		}
		if sum.Stats.Recorded != 1 || sum.Stats.Unread != 1 || sum.Totals.ByStatus[ledger.Complete] != 1 {
			t.Errorf("stats %+v", sum.Stats)
		}
		l.Close()
	})
}

func TestStalledObjectHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger(t)
		src := many(50)
		src.objects[0].open = func(context.Context, int, store.Object) (io.ReadCloser, store.Object, error) {
			sent := false
			return io.NopCloser(readFunc(func(p []byte) (int, error) {
				if !sent {
					sent = true
					return copy(p, "#"), nil
				}
				time.Sleep(time.Hour) // the driver's progress time-out
				return 0, store.ErrStalled
			})), src.objects[0].Object, nil
		}
		run := &pipeline.Run{Source: src, Scanner: markScanner{}, Rules: rules(t), Ledger: l, Workers: 2}
		time.AfterFunc(time.Minute, func() {
			if s := run.Stats(); s.Recorded != 49 || s.Reading != 1 || s.Listing {
				t.Errorf("while one object stalls: %+v", s)
			}
		})
		do(t, run)
		row := rows(t, l, ledger.Filter{})["k000000"]
		if row.Status != ledger.Partial || row.Reason != store.ReasonStalled || row.Coverage.Counts[markRule] != 1 {
			t.Errorf("stalled object: %+v", row.Entry)
		}
		l.Close()
	})
}

func TestListingFails(t *testing.T) {
	l := newLedger(t)
	src := many(30)
	src.listErr = fmt.Errorf("list s3://b/logs/: %w", store.ErrThrottled)
	sum := do(t, &pipeline.Run{Source: src, Scanner: markScanner{}, Rules: rules(t), Ledger: l})
	if !errors.Is(sum.ListError, store.ErrThrottled) || sum.Interrupted || sum.ExitCode() != pipeline.ExitIncomplete {
		t.Errorf("listing error %v, interrupted %v, exit %d", sum.ListError, sum.Interrupted, sum.ExitCode())
	}
	if sum.Totals.Objects != 30 {
		t.Errorf("%d objects recorded, want 30", sum.Totals.Objects)
	}
	runs, err := l.Runs(t.Context())
	if err != nil || runs[0].State != ledger.Interrupted || !strings.Contains(runs[0].Error, "s3://b/logs/") {
		t.Errorf("run %+v, error %v", runs[0], err)
	}
	none := &fakeSource{listErr: store.ErrNoBucket}
	sum = do(t, &pipeline.Run{Source: none, Scanner: markScanner{}, Rules: rules(t), Ledger: l})
	if sum.ExitCode() != pipeline.ExitUsage {
		t.Errorf("no bucket: exit %d, want %d", sum.ExitCode(), pipeline.ExitUsage)
	}
}

func TestLedgerFails(t *testing.T) {
	l := newLedger(t)
	src := many(5000)
	run := &pipeline.Run{Source: src, Scanner: markScanner{}, Rules: rules(t), Ledger: l}
	run.Committed = func(int64, []ledger.Entry) error { return l.Close() }
	sum, err := run.Do(t.Context())
	if err == nil {
		t.Fatal("a run whose ledger is gone ended without an error")
	}
	if sum.Stats.Recorded == 0 || sum.Stats.Unread == 0 || sum.Stats.Recorded+sum.Stats.Unread != sum.Stats.Listed {
		t.Errorf("stats %+v", sum.Stats)
	}
}

// An error of Committed ends the run; what was committed stays.
func TestCommittedFails(t *testing.T) {
	l := newLedger(t)
	src := many(5000)
	full := errors.New("no room")
	run := &pipeline.Run{Source: src, Scanner: markScanner{}, Rules: rules(t), Ledger: l}
	run.Committed = func(id int64, es []ledger.Entry) error {
		if id != 1 || len(es) == 0 {
			t.Errorf("%d entries of run %d", len(es), id)
		}
		return full
	}
	sum, err := run.Do(t.Context())
	if !errors.Is(err, full) || sum.Run != 1 {
		t.Errorf("run %d, error %v", sum.Run, err)
	}
	if got := int64(len(rows(t, l, ledger.Filter{}))); got == 0 || got != sum.Stats.Recorded || got == 5000 {
		t.Errorf("%d rows, %d counted", got, sum.Stats.Recorded)
	}
	runs, err := l.Runs(t.Context())
	if err != nil || len(runs) != 1 || runs[0].State != ledger.Interrupted || runs[0].Error != full.Error() || runs[0].Tally.Unread == 0 {
		t.Errorf("runs %+v, error %v", runs, err)
	}
}

func TestFilter(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2024, 5, d, 0, 0, 0, 0, time.UTC) }
	src := new(fakeSource)
	for _, o := range []store.Object{
		{Key: "in/a.csv", Size: 10, Modified: day(5), Class: "GLACIER_IR"},
		{Key: "in/b.csv", Size: 10, Modified: day(5)},
		{Key: "in/unknown.csv", Size: -1},
		{Key: "out/a.csv", Size: 10, Modified: day(5)},
		{Key: "in/a.txt", Size: 10, Modified: day(5)},
		{Key: "in/tmp/a.csv", Size: 10, Modified: day(5)},
		{Key: "in/small.csv", Size: 9, Modified: day(5)},
		{Key: "in/large.csv", Size: 101, Modified: day(5)},
		{Key: "in/old.csv", Size: 10, Modified: day(1)},
		{Key: "in/new.csv", Size: 10, Modified: day(9)},
		{Key: "in/class.csv", Size: 10, Modified: day(5), Class: "STANDARD_IA"},
	} {
		o.Bucket, o.ETag = "b", "e"
		src.objects = append(src.objects, &object{Object: o, body: strings.Repeat(".", int(max(o.Size, 0)))})
	}
	l := newLedger(t)
	sum := do(t, &pipeline.Run{Source: src, Scanner: markScanner{}, Rules: rules(t), Ledger: l, Filter: pipeline.Filter{
		Prefixes: []string{"in/", "other"}, Include: []string{"*.csv"}, Exclude: []string{"*/tmp/*"},
		MinSize: 10, MaxSize: 100, After: day(2), Before: day(9), Classes: []string{"standard", "GLACIER_IR"},
	}})
	got := slices.Sorted(maps.Keys(rows(t, l, ledger.Filter{})))
	if want := []string{"in/a.csv", "in/b.csv", "in/unknown.csv"}; !slices.Equal(got, want) {
		t.Errorf("read %q, want %q", got, want)
	}
	want := map[string]int64{"prefix": 1, "include": 1, "exclude": 1, "size": 2, "age": 2, "class": 1}
	if !maps.Equal(sum.Stats.Filtered, want) || sum.Stats.Listed != 11 || sum.Stats.Scope() != 3 {
		t.Errorf("filtered %v of %d, want %v of 11", sum.Stats.Filtered, sum.Stats.Listed, want)
	}
}

func TestGlobs(t *testing.T) {
	l := newLedger(t)
	for _, c := range []struct {
		glob, key string
		want      bool
	}{
		{"*.csv", "a/b/c.csv", true},
		{"*.csv", "a.csv.gz", false},
		{"a?c", "a/c", true},
		{"a?c", "ac", false},
		{"[ab]*", "b/x", true},
		{"[!ab]*", "b/x", false},
		{"[0-9]", "7", true},
		{"[^x]", "^", true},
		{"a.c", "abc", false},
		{"a\\d", "a\\d", true},
		{"*\xff*", "a\xffb", true},
		{"*", "with\nnewline", true},
		{"", "a", false},
		{"*a*b*c", "xaxbxbxcxc", true},
		{"*a*b*c", "xaxbxbxcx", false},
		{"[]x]y", "]y", true},
		{"a[!]]", "ab", true},
		{"a[!0-9]", "a5", false},
		{"[a-]", "-", true},
		{"?", "é", true},
	} {
		src := new(fakeSource)
		src.add(c.key, "")
		sum := do(t, &pipeline.Run{Source: src, Scanner: markScanner{}, Rules: rules(t), Ledger: l, Filter: pipeline.Filter{Include: []string{c.glob}}})
		if got := sum.Totals.Objects == 1; got != c.want {
			t.Errorf("%q matches %q: %v, want %v", c.glob, c.key, got, c.want)
		}
	}
	for _, f := range []pipeline.Filter{
		{Include: []string{"a[b"}},
		{Include: []string{"a["}},
		{Include: []string{"[]"}},
		{Exclude: []string{"[z-a]"}},
		{MinSize: 2, MaxSize: 1},
		{After: time.Unix(2, 0), Before: time.Unix(1, 0)},
	} {
		if f.Check() == nil {
			t.Errorf("%+v is accepted", f)
		}
	}
}

// heavy counts the bytes of objects being scanned at a time.
type heavy struct{ now, most atomic.Int64 }

func (h *heavy) Scan(ctx context.Context, r io.Reader, yield func(scanner.Finding) error) (scanner.Coverage, error) {
	body, err := io.ReadAll(r)
	n := int64(len(body))
	now := h.now.Add(n)
	for most := h.most.Load(); now > most && !h.most.CompareAndSwap(most, now); most = h.most.Load() {
	}
	runtime.Gosched()
	h.now.Add(-n)
	return scanner.Coverage{BytesRead: n}, err
}

func TestBytesInFlight(t *testing.T) {
	src := new(fakeSource)
	for i := range 200 {
		src.add(fmt.Sprint(i), strings.Repeat(".", 100*(1+i%3)))
	}
	src.add("huge", strings.Repeat(".", 5000))
	h := new(heavy)
	sum := do(t, &pipeline.Run{Source: src, Scanner: h, Rules: rules(t), Ledger: newLedger(t), Workers: 16, MaxBytesInFlight: 500})
	if sum.Totals.ByStatus[ledger.Complete] != 201 {
		t.Errorf("%v", sum.Totals.ByStatus)
	}
	if most := h.most.Load(); most > 5000 {
		t.Errorf("%d bytes in flight at a time: something was read beside the huge object", most)
	}
}

// endless lists n objects without holding them.
type endless struct{ n int }

func (e endless) List(ctx context.Context, yield func(store.Object) error) error {
	for i := range e.n {
		o := store.Object{Bucket: "b", Key: fmt.Sprintf("some/longer/prefix/of/a/key/%09d", i), ETag: fmt.Sprintf("%032x", i), Size: 40}
		if err := yield(o); err != nil {
			return err
		}
	}
	return nil
}

func (e endless) Open(_ context.Context, o store.Object) (io.ReadCloser, store.Object, error) {
	return reader("0123456789#0123456789#0123456789#0123456", io.EOF), o, nil
}

func TestManyObjectsTakeBoundedMemory(t *testing.T) {
	const objects, limit = 100_000 / raceSlows, 48 << 20
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base, most := m.HeapAlloc, uint64(0)
	run := &pipeline.Run{Source: endless{objects}, Scanner: markScanner{}, Rules: rules(t), Ledger: newLedger(t)}
	run.Committed = func(int64, []ledger.Entry) error {
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
		return nil
	}
	sum := do(t, run)
	if sum.Totals.Objects != objects || sum.Totals.Values != 3*objects {
		t.Errorf("%d objects, %d values", sum.Totals.Objects, sum.Totals.Values)
	}
	if most > base+limit {
		t.Errorf("heap grew by %d MiB, limit %d MiB", (most-base)>>20, limit>>20)
	}
	t.Logf("heap grew by at most %d MiB", (int64(most)-int64(base))>>20)
}
