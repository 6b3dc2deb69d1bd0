package pipeline

import (
	"context"
	"time"

	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

// A commit waits for this many objects or findings, or this long since the
// first, whichever comes first: few enough to hold in memory, and rare enough
// that waiting for the disk costs nothing.
const (
	commitObjects  = 512
	commitFindings = 20_000
	commitEvery    = 100 * time.Millisecond
)

// result is what is to be recorded of one object: an entry, or the row of an
// earlier run that still holds.
type result struct {
	entry *ledger.Entry
	row   int64
	size  int64 // of the unchanged object
}

// group gathers the results of one commit.
type group struct {
	ledger.Batch
	findings       int
	unchangedBytes int64
}

func (g *group) add(r result) {
	if r.entry == nil {
		g.Unchanged = append(g.Unchanged, r.row)
		g.unchangedBytes += max(r.size, 0)
		return
	}
	g.Entries = append(g.Entries, *r.entry)
	g.findings += r.entry.Findings.Len()
}

func (g *group) size() int  { return len(g.Entries) + len(g.Unchanged) }
func (g *group) full() bool { return g.size() >= commitObjects || g.findings >= commitFindings }

// commit writes results until there are no more. After an error, which it
// hands to fail, it takes them without writing.
func (s *sweep) commit(ctx context.Context, results <-chan result, fail func(error)) {
	var g group
	failed := false
	flush := func() {
		if g.size() > 0 && !failed {
			if err := s.flush(ctx, g); err != nil {
				failed = true
				fail(err)
			}
		}
		g = group{}
	}
	timer := time.NewTimer(commitEvery)
	defer timer.Stop()
	for {
		select {
		case r, ok := <-results:
			if !ok {
				flush()
				return
			}
			if g.size() == 0 {
				timer.Reset(commitEvery)
			}
			if g.add(r); g.full() {
				flush()
			}
		case <-timer.C:
			flush()
		}
	}
}

func (s *sweep) flush(ctx context.Context, g group) error {
	if err := s.Ledger.Commit(ctx, s.id, g.Batch); err != nil {
		return err
	}
	s.live.committed(g.Batch, g.unchangedBytes)
	if s.Committed == nil || len(g.Entries) == 0 {
		return nil
	}
	return s.Committed(s.id, g.Entries)
}
