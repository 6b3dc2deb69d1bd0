package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/store"
)

// sick is the object that faults happen to.
const sick = "sick.txt"

// newFaultBench returns a bucket with some healthy objects and a sick one of
// about 400 kB.
func newFaultBench(t *testing.T) *bench {
	b := newBench(t)
	b.putLetters("healthy/", 5)
	body, spans := letter(6000, 100)
	b.put(sick, body, spans...)
	return b
}

// Ends of what can be found, see bench.expect.
const (
	far         = 1 << 40 // behind the end of every object
	asFarAsRead = -1      // as the ledger says
)

// TestAbsorbed is about faults after which the sweep is as if nothing had been.
func TestAbsorbed(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault lab.Fault
	}{
		{"SlowDown on GET", lab.Fault{Kind: lab.Get, Hits: 4, Status: 503, Code: "SlowDown"}},
		{"SlowDown on LIST", lab.Fault{Kind: lab.List, Hits: 3, Status: 503, Code: "SlowDown"}},
		{"InternalError on GET", lab.Fault{Kind: lab.Get, Hits: 3, Status: 500, Code: "InternalError"}},
		{"reset before the answer", lab.Fault{Kind: lab.Get, Hits: 3, Do: lab.Reset}},
		{"reset in the body", lab.Fault{Kind: lab.Get, Key: sick, Hits: 3, At: 100_000, Do: lab.Reset}},
		{"truncated body", lab.Fault{Kind: lab.Get, Key: sick, Hits: 3, At: 90_001, Do: lab.Truncate}},
		{"reset in the listing", lab.Fault{Kind: lab.List, Hits: 2, At: 200, Do: lab.Reset}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newFaultBench(t)
			b.proxy.Inject(tt.fault)
			b.scan(found)
			b.check()
		})
	}
	t.Run("stall", func(t *testing.T) {
		b := newFaultBench(t)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Key: sick, Hits: 2, At: 100_000, Do: lab.Stall})
		b.scan(found, "--progress-timeout", "2s")
		b.check()
	})
}

// TestGivenUp is about faults that do not end: the object keeps what was found
// before, the others are not harmed, and a later run without the fault brings
// what is missing.
func TestGivenUp(t *testing.T) {
	const at = 100_000
	for _, tt := range []struct {
		name   string
		faults []lab.Fault
		status ledger.Status
		reason string
		end    int64 // of what can be found
		more   []string
	}{
		{"SlowDown", always(lab.Fault{Status: 503, Code: "SlowDown"}), ledger.Skipped, store.ReasonThrottled, 0, nil},
		{"InternalError", always(lab.Fault{Status: 500, Code: "InternalError"}), ledger.Skipped, store.ReasonBroken, 0, nil},
		{"reset before the answer", always(lab.Fault{Do: lab.Reset}), ledger.Skipped, store.ReasonBroken, 0, nil},
		{"reset", then(at, lab.Reset), ledger.Partial, store.ReasonBroken, asFarAsRead, nil},
		{"truncated", then(at, lab.Truncate), ledger.Partial, store.ReasonBroken, at, nil},
		{"stall", then(at, lab.Stall), ledger.Partial, store.ReasonStalled, at, []string{"--progress-timeout", "1s"}},
		{"corrupted byte", always(lab.Fault{At: 100_030, Do: lab.Corrupt}), ledger.Partial, store.ReasonCorrupt, far, nil},
		{"a length that fits", always(lab.Fault{Edit: cutTo(at)}), ledger.Skipped, store.ReasonCorrupt, 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newFaultBench(t)
			healthy := b.want[sick]
			b.expect(sick, tt.status, tt.reason, tt.end)
			for _, f := range tt.faults {
				f.Kind, f.Key = lab.Get, sick
				b.proxy.Inject(f)
			}
			b.scan(incomplete, tt.more...)
			b.check()

			b.proxy.Heal()
			b.gets()
			b.want[sick] = healthy
			b.scan(found)
			b.check()
			if gets := b.gets(); len(gets) != 1 || gets[sick] != 1 {
				t.Errorf("reads of the second run: %v, want one of %s", gets, sick)
			}
		})
	}
}

func always(f lab.Fault) []lab.Fault { return []lab.Fault{f} }

// then does something after the first n bytes of the first answer and before
// the first byte of all others.
func then(n int64, do lab.Action) []lab.Fault { return []lab.Fault{{Hits: 1, At: n, Do: do}, {Do: do}} }

// cutTo makes an answer end after n bytes as if the object ended there.
func cutTo(n int64) func(*http.Response) {
	return func(resp *http.Response) {
		resp.Header.Set("Content-Length", fmt.Sprint(n))
		resp.ContentLength = n
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, n), resp.Body}
	}
}

// TestOverwritten replaces an object between the listing and the read, or in
// the middle of the read: what is recorded is the new version and nothing of
// the old.
func TestOverwritten(t *testing.T) {
	body, spans := letter(3000, 70)
	body = bytes.ReplaceAll(body, []byte("parcel"), []byte("letter"))
	for _, tt := range []struct {
		name  string
		fault func(overwrite func()) lab.Fault
	}{
		{"before the read", func(overwrite func()) lab.Fault { return lab.Fault{Before: overwrite} }},
		{"in the read", func(overwrite func()) lab.Fault { return lab.Fault{At: 100_000, During: overwrite, Do: lab.Reset} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newFaultBench(t)
			f := tt.fault(func() { b.store(sick, body) })
			f.Kind, f.Key, f.Hits = lab.Get, sick, 1
			b.proxy.Inject(f)
			b.want[sick] = outcome{status: ledger.Complete, spans: spans}
			b.scan(found)
			b.check()
			if size := b.rows(present)[sick].Object.Size; size != int64(len(body)) {
				t.Errorf("the row is of %d bytes, want the new version's %d", size, len(body))
			}
		})
	}
}

// TestDeleted deletes an object between the listing and the read, or in the
// middle of the read.
func TestDeleted(t *testing.T) {
	t.Run("before the read", func(t *testing.T) {
		b := newFaultBench(t)
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Key: sick, Hits: 1, Before: func() { b.remove(sick) }})
		b.expect(sick, ledger.Skipped, store.ReasonNotFound, 0)
		b.scan(incomplete)
		b.check()
	})
	t.Run("in the read", func(t *testing.T) {
		b := newFaultBench(t)
		const at = 100_000
		b.proxy.Inject(lab.Fault{Kind: lab.Get, Key: sick, Hits: 1, At: at, During: func() { b.remove(sick) }, Do: lab.Reset})
		b.expect(sick, ledger.Partial, store.ReasonNotFound, at)
		b.scan(incomplete)
		b.check()
	})
}

// TestListingFails breaks the listing at its last page: what was listed before
// is read and recorded, and the run is not complete.
func TestListingFails(t *testing.T) {
	b := newBench(t)
	const objectsListed, page = 1500, 1000
	b.plant(objectsListed)
	b.scan(found)
	if n := len(b.rows(present)); n != objectsListed {
		t.Fatalf("%d rows, want %d", n, objectsListed)
	}
	lists := lab.Count(b.proxy.Requests(), lab.List)
	b.newLedger("second.db")

	b.proxy.Inject(lab.Fault{Kind: lab.List, Skip: lists - 1, Status: 403, Code: "AccessDenied"})
	text := b.scan(incomplete)
	if !strings.Contains(text, "the listing failed") {
		t.Errorf("the summary does not tell that the listing failed:\n%s", text)
	}
	rows := b.rows(present)
	if len(rows) != page {
		t.Errorf("%d rows, want the %d objects of the first page", len(rows), page)
	}
	for key, row := range rows {
		if row.Status != ledger.Complete {
			t.Errorf("%s is %s %s", key, row.Status, row.Reason)
		}
	}
	b.checkRun(page)

	b.proxy.Heal()
	b.scan(found)
	if n := len(b.rows(present)); n != objectsListed {
		t.Errorf("%d rows after a second run, want %d", n, objectsListed)
	}
}

// plant makes n small objects.
func (b *bench) plant(n int) {
	b.Helper()
	for i := range n {
		err := gateway.Plant(b.bucket, fmt.Sprintf("%05d.txt", i), func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "from customer%05d@shop.example\n", i)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
