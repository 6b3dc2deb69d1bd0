package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store"
)

// mark is what the fake scanner finds: the values of the tests are this one
// byte.
const mark = '#'

// markRule is the rule of its findings.
const markRule = "TEST_MARK"

func rules(t testing.TB) *detectors.Set {
	set, err := detectors.Compile([]detectors.Rule{{
		ID: markRule, Category: detectors.Financial, Severity: detectors.Rising, Forms: []detectors.Form{{Pattern: "9999"}},
	}}, detectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// markScanner finds each mark. Content that begins with "gap" leaves a gap,
// content that begins with "panic" makes it panic at its end.
type markScanner struct{}

func (markScanner) Scan(ctx context.Context, r io.Reader, yield func(scanner.Finding) error) (scanner.Coverage, error) {
	c := scanner.Coverage{Type: "text/plain", Members: 1, Counts: map[string]int64{}}
	var head []byte
	buf := make([]byte, 64)
	for {
		n, err := r.Read(buf)
		for i, b := range buf[:n] {
			if b != mark {
				continue
			}
			c.Counts[markRule]++
			at := scanner.Location{Offset: c.BytesRead + int64(i), Length: 1, Line: 1, Column: c.BytesRead + int64(i) + 1}
			if err := yield(scanner.Finding{Rule: markRule, Location: at, Preview: "*", Digest: "00"}); err != nil {
				return c, err
			}
		}
		if len(head) < 8 {
			head = append(head, buf[:n]...)
		}
		c.BytesRead += int64(n)
		c.BytesSearched += int64(n)
		switch {
		case err != nil && bytes.HasPrefix(head, []byte("panic")):
			panic("content that must not be told")
		case err == io.EOF:
			if bytes.HasPrefix(head, []byte("gap")) {
				c.Add(scanner.Gap{Member: "a", Reason: "MALFORMED_FILE", Detail: "broken"}, 1)
			}
			return c, nil
		case err != nil:
			return c, err
		}
		if err := ctx.Err(); err != nil {
			return c, err
		}
	}
}

// object is an object of a fakeSource.
type object struct {
	store.Object
	body string

	// open, if set, answers Open in place of the plain reader. n counts the
	// opens of this object in this source from 1.
	open func(ctx context.Context, n int, want store.Object) (io.ReadCloser, store.Object, error)
}

// fakeSource lists its objects in their order, then fails with listErr.
type fakeSource struct {
	objects []*object
	listErr error

	mu    sync.Mutex
	opens map[string]int
	byKey map[string]*object // made by the first Open
}

func (s *fakeSource) add(key, body string) *object {
	o := &object{Object: store.Object{Bucket: "b", Key: key, ETag: fmt.Sprintf("%x-%d", key, len(body)), Size: int64(len(body))}, body: body}
	s.objects = append(s.objects, o)
	return o
}

func (s *fakeSource) List(ctx context.Context, yield func(store.Object) error) error {
	for _, o := range s.objects {
		if err := yield(o.Object); err != nil {
			return err
		}
	}
	return s.listErr
}

func (s *fakeSource) Open(ctx context.Context, want store.Object) (io.ReadCloser, store.Object, error) {
	s.mu.Lock()
	if s.opens == nil {
		s.opens, s.byKey = make(map[string]int), make(map[string]*object)
		for _, o := range s.objects {
			s.byKey[o.Key] = o
		}
	}
	o := s.byKey[want.Key]
	s.opens[want.Key]++
	n := s.opens[want.Key]
	s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, store.Object{}, err
	}
	if o.open != nil {
		return o.open(ctx, n, want)
	}
	return reader(o.body, io.EOF), o.Object, nil
}

// reader gives body and then err.
func reader(body string, err error) io.ReadCloser {
	return io.NopCloser(io.MultiReader(bytes.NewReader([]byte(body)), failing{err}))
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func openLedger(t testing.TB, path string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func newLedger(t testing.TB) *ledger.Ledger {
	return openLedger(t, filepath.Join(t.TempDir(), "ledger.db"))
}

// rows returns the objects that f selects by key; a key with two rows is an
// error.
func rows(t testing.TB, l *ledger.Ledger, f ledger.Filter) map[string]ledger.Row {
	t.Helper()
	byKey := make(map[string]ledger.Row)
	for row, err := range l.Objects(context.Background(), f) {
		if err != nil {
			t.Fatal(err)
		}
		if _, dup := byKey[row.Object.Key]; dup {
			t.Errorf("%s has two rows", row.Object.Key)
		}
		byKey[row.Object.Key] = row
	}
	return byKey
}

// findings returns the findings that f selects, one line each.
func findings(t testing.TB, l *ledger.Reader, f ledger.Filter) []string {
	t.Helper()
	var all []string
	for found, err := range l.Findings(context.Background(), f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %s %s %s %d %s", found.Object.Key, found.Object.ETag, found.Rule, found.Category, found.Location.Offset, found.Severity))
	}
	return all
}

func do(t testing.TB, r *pipeline.Run) pipeline.Summary {
	t.Helper()
	sum, err := r.Do(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

var errTest = errors.New("the disk of the test")
