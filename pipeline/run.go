package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/store"
)

// Run is one sweep over the objects of a source. Source, Scanner, Rules and
// Ledger are required; the zero value of all else is useful. A Run is used
// once, and not copied.
type Run struct {
	Source  Source
	Scanner Scanner
	Rules   *detectors.Set // what Scanner looks for
	Ledger  *ledger.Ledger
	Filter  Filter

	// RuleSet identifies what would be found: objects recorded under the same
	// one are not read again. Default Rules.ID(). It must change with every
	// setting of Scanner that changes findings or gaps.
	RuleSet string

	// Workers is how many objects are read at a time; default 16 or four for
	// each processor, whichever is more: reading small objects is waiting.
	Workers int

	// MaxBytesInFlight bounds the bytes of the objects being read at a time,
	// where an object counts with its size and at most with MaxObjectBytes,
	// which is as much of a large one as its reader may hold. Defaults are
	// 256 MiB and 32 MiB.
	MaxBytesInFlight, MaxObjectBytes int64

	// Grace is how long objects being read may go on when ctx is done. Those
	// that do not end by then are abandoned. Default 0.
	Grace time.Duration

	// Accept are reason codes that do not make the run incomplete.
	Accept []string

	Version string   // of sluice, for the record
	Args    []string // of the program, for the record: without secrets

	// Committed, if set, is called with the entries of each commit after it,
	// on the goroutine that called Do; they must not be changed. An error ends
	// the run.
	Committed func(run int64, entries []ledger.Entry) error

	live counters
}

// Stats returns how far the run got. It may be called at any moment.
func (r *Run) Stats() Stats { return r.live.snapshot() }

// Do carries out the run. When ctx is done it stops: no more is listed, what
// is being read is finished within Grace or abandoned, what was read is
// committed, and the run is recorded as interrupted. Doing it again with the
// same ledger reads what is missing.
//
// The error is about the run itself: it could not begin, then Summary.Run is 0;
// or the ledger could not be read or written, or Committed failed, and what was
// not committed by then is to be read again. What happened to objects and to the
// listing is in the Summary and in the ledger.
func (r *Run) Do(ctx context.Context) (Summary, error) {
	if err := r.Filter.Check(); err != nil {
		return Summary{}, fmt.Errorf("filter: %w", err)
	}
	s := &sweep{Run: r, ruleSet: r.RuleSet}
	if s.ruleSet == "" {
		s.ruleSet = r.Rules.ID()
	}
	s.workers = r.Workers
	if s.workers <= 0 {
		s.workers = max(16, 4*runtime.GOMAXPROCS(0))
	}
	s.maxBytes = orDefault(r.MaxBytesInFlight, 256<<20)
	s.maxObject = min(orDefault(r.MaxObjectBytes, 32<<20), s.maxBytes)
	s.slots = semaphore.NewWeighted(s.maxBytes)

	// Even a run that is stopped before it begins is recorded, and what it did
	// is committed.
	record := context.WithoutCancel(ctx)
	r.live.begin()
	var err error
	s.id, err = r.Ledger.Begin(record, ledger.Run{Started: time.Now(), RuleSet: s.ruleSet, Version: r.Version, Args: r.Args})
	if err != nil {
		return Summary{}, err
	}
	listErr, err := s.do(ctx)
	return s.finish(record, listErr, err)
}

func orDefault[N int | int64](n, def N) N {
	if n <= 0 {
		return def
	}
	return n
}

// sweep is a Run with its defaults filled in.
type sweep struct {
	*Run
	id        int64
	ruleSet   string
	workers   int
	maxBytes  int64
	maxObject int64
	slots     *semaphore.Weighted
}

// errStopped is the outcome of a listing that ctx cut short.
var errStopped = errors.New("stopped")

// do lists, reads and commits until all is done or ctx is. The first error is
// that of the listing, the second one of the ledger.
func (s *sweep) do(ctx context.Context) (listErr, err error) {
	// listing ends at once when ctx is done, reading after the grace period;
	// both end at once when the ledger fails.
	listing, stop := context.WithCancel(ctx)
	defer stop()
	reading, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	var once sync.Once
	fail := func(cause error) {
		once.Do(func() { err = cause })
		stop()
		abandon()
	}
	defer context.AfterFunc(ctx, func() {
		grace := time.AfterFunc(s.Grace, abandon)
		context.AfterFunc(reading, func() { grace.Stop() })
	})()

	objects := make(chan store.Object, 2*s.workers)
	results := make(chan result, s.workers)
	var tasks sync.WaitGroup
	tasks.Go(func() {
		defer close(objects)
		listErr = s.list(listing, objects)
	})
	for range s.workers {
		tasks.Go(func() {
			for o := range objects {
				if listing.Err() != nil {
					continue // unread
				}
				if err := s.object(listing, reading, o, results); err != nil {
					fail(err)
				}
			}
		})
	}
	go func() {
		tasks.Wait()
		close(results)
	}()
	s.commit(context.WithoutCancel(ctx), results, fail)
	return listErr, err
}

// list sends the objects in scope. The error is errStopped or one of the
// store.
func (s *sweep) list(ctx context.Context, objects chan<- store.Object) error {
	defer s.live.listingEnded()
	err := s.Source.List(ctx, func(o store.Object) error {
		dropped := s.Filter.drops(o)
		s.live.listed(o.Size, dropped)
		if dropped != "" {
			return nil
		}
		select {
		case objects <- o:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	if err != nil && ctx.Err() != nil {
		return errStopped
	}
	return err
}

// finish records the end of the run and sums it up. failed is the error of
// the ledger or of Committed that ended it.
func (s *sweep) finish(ctx context.Context, listErr, failed error) (Summary, error) {
	sum := Summary{Run: s.id, Stats: s.live.snapshot()}
	sum.Interrupted = listErr == errStopped || sum.Stats.Unread > 0
	if listErr != errStopped {
		sum.ListError = listErr
	}
	run := ledger.Run{ID: s.id, Finished: time.Now(), State: ledger.Completed, Tally: ledger.Tally{
		Listed:      sum.Stats.Listed,
		ListedBytes: sum.Stats.ListedBytes,
		Filtered:    sum.Stats.Listed - sum.Stats.Scope(),
		Unchanged:   sum.Stats.Unchanged,
		Unread:      sum.Stats.Unread,
	}}
	switch why := cmp.Or(failed, sum.ListError); {
	case why != nil:
		run.State, run.Error = ledger.Interrupted, why.Error()
	case sum.Interrupted:
		run.State, run.Error = ledger.Interrupted, errStopped.Error()
	}
	err := s.Ledger.Finish(ctx, run)
	if failed != nil || err != nil {
		return sum, cmp.Or(failed, err) // whether or not the ledger took the end of the run
	}
	seen := ledger.Filter{Run: s.id}
	if sum.Totals, err = s.Ledger.Totals(ctx, seen); err != nil {
		return sum, err
	}
	sum.Incomplete, err = s.Ledger.Incomplete(ctx, seen, s.Accept)
	return sum, err
}
