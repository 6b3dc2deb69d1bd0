package pipeline

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
)

// Act does what policy wants with the objects in which something was found.
// [Act.Plan] writes it down, [Act.Do] carries it out: two steps, so that somebody
// can look at the plan, or must.
type Act struct {
	Ledger  *ledger.Ledger
	Mover   *quarantine.Mover // whose Journal is a [Journal] on Ledger
	Journal Journal

	// Origin returns the bucket of a name. It is called once for each.
	Origin func(ctx context.Context, bucket string) (quarantine.Bucket, error)

	Workers int     // moves at a time; default 8
	Rate    float64 // moves begun in a second; 0: as many as go
	Fuse    Fuse

	// Approval lets only those moves be carried out that somebody approved.
	Approval bool

	// Again also takes up moves whose object the bucket did not let go of.
	Again bool

	// Only these moves are carried out, by IDs, Bucket, Prefix, Within and Run. The
	// fuse is about them.
	Only ledger.MoveFilter
}

// Fuse is how much may be moved at a time. If more is due, nothing is done at
// all: a policy that is wrong harms no object. Zero is no limit.
type Fuse struct {
	Objects, Bytes int64
}

// Blows reports whether so much is more than the fuse lets through.
func (f Fuse) Blows(objects, bytes int64) bool {
	return f.Objects > 0 && objects > f.Objects || f.Bytes > 0 && bytes > f.Bytes
}

// ErrFuse says that more is due than the fuse lets through.
var ErrFuse = errors.New("more is to be moved than the fuse allows")

// Decide says what is to be done with an object in which something was found:
// the Action, Mode, Removal and Why.Rule of a move.
// ErrUndecided is about this object alone; another error ends [Act.Plan].
type Decide func(ctx context.Context, row ledger.Row) (quarantine.Move, error)

// ErrUndecided says that it is not known what is to be done with an object.
var ErrUndecided = errors.New("not decided on")

// Plan decides on each object that f selects and has findings, and records the
// moves; and takes back what was planned with those that have none any more. Nothing
// changes for those that are undecided: what was planned before
// stays. It returns how many are planned that were not before.
func (a *Act) Plan(ctx context.Context, f ledger.Filter, decide Decide) (added int64, err error) {
	if err := a.Ledger.Unplan(ctx, f); err != nil {
		return 0, err
	}
	f.MinSeverity = max(f.MinSeverity, ledger.Low)
	var moves []quarantine.Move
	var events []notify.Event
	flush := func() error {
		n, err := a.Ledger.Plan(ctx, moves, events...)
		added += n
		moves, events = moves[:0], events[:0]
		return err
	}
	for row, err := range a.Ledger.Objects(ctx, f) {
		if err != nil {
			return added, err
		}
		m, err := decide(ctx, row)
		undecided := errors.Is(err, ErrUndecided)
		if err != nil && !undecided {
			return added, fmt.Errorf("decide on an object of bucket %s: %w", row.Object.Bucket, a.Journal.words(err))
		}
		of := found(row)
		of.Action, of.Mode, of.Removal, of.Why.Rule = m.Action, m.Mode, m.Removal, m.Why.Rule
		events = append(events, a.Journal.detected(of)...)
		if !undecided {
			moves = append(moves, of)
		}
		if max(len(moves), len(events)) == commitObjects {
			if err := flush(); err != nil {
				return added, err
			}
		}
	}
	return added, flush()
}

// found is a move of the object of row, of which nothing is decided.
func found(row ledger.Row) quarantine.Move {
	now := time.Now().UTC()
	return quarantine.Move{
		ID: newID(), Object: row.Object, State: quarantine.Planned, Run: row.ReadRun, PlannedAt: now, ChangedAt: now,
		Why: quarantine.Why{Severity: row.Severity().String(), Counts: row.Coverage.Counts},
	}
}

func newID() string {
	var id [16]byte
	rand.Read(id[:])
	return hex.EncodeToString(id[:])
}

// Done is what one call of [Act.Do] did.
type Done struct {
	Due    int64                      // moves that had something left to do
	Bytes  int64                      // of their objects
	Ended  map[quarantine.State]int64 // by the state they came to
	Failed map[string]int64           // that stand where they stood, by reason code
	First  error                      // the first failure
	Wait   int64                      // planned and not approved

	severity string // the highest of what is due
}

// failuresInARow ends a run: what fails for so many objects one after the other
// is no fault of theirs. Of many workers it takes two failures each, as others may be
// about to succeed.
const failuresInARow = 20

// Do carries on all moves that have something left to do. The error is about
// the run: the ledger failed, the fuse blew (ErrFuse), ctx is done, or everything fails. What
// happened to single moves is in Done and in the ledger.
func (a *Act) Do(ctx context.Context) (Done, error) {
	d := Done{Ended: make(map[quarantine.State]int64), Failed: make(map[string]int64)}
	due, err := a.due(ctx, &d)
	if err != nil || len(due) == 0 {
		return d, err
	}
	if err := a.Journal.started(ctx, d); err != nil {
		return d, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r := &acting{Act: a, done: &d, stop: stop, workers: max(1, orDefault(a.Workers, 8)), origins: make(map[string]*origin)}
	todo := make(chan quarantine.Move)
	var pool sync.WaitGroup
	for range r.workers {
		pool.Go(func() {
			for m := range todo {
				r.move(ctx, m)
			}
		})
	}
	err = r.feed(ctx, due, todo)
	close(todo)
	pool.Wait()
	if err == nil && r.cut {
		err = context.Cause(ctx)
	}
	return d, err
}

// due lists the ids of what is to be done: ids only, as there may be many. What
// has failed before comes last, and buckets take turns, so that neither ends each run
// before others had their turn.
func (a *Act) due(ctx context.Context, d *Done) (ids []string, err error) {
	open := a.Only
	open.Open, open.Again = true, a.Again
	if a.Approval {
		all, _, err := a.Ledger.Pending(ctx, open)
		if err != nil {
			return nil, err
		}
		open.Approved = true
		approved, _, err := a.Ledger.Pending(ctx, open)
		if err != nil {
			return nil, err
		}
		d.Wait = all - approved
	}
	fresh, failed := make(map[string][]string), make(map[string][]string) // by bucket
	for m, err := range a.Ledger.Moves(ctx, open) {
		if err != nil {
			return nil, err
		}
		to := fresh
		if m.Attempts > 0 {
			to = failed
		}
		to[m.Object.Bucket] = append(to[m.Object.Bucket], m.ID)
		d.Bytes += max(m.Object.Size, 0)
		if notify.SeverityRank(m.Why.Severity) > notify.SeverityRank(d.severity) {
			d.severity = m.Why.Severity
		}
	}
	ids = append(inTurn(fresh), inTurn(failed)...)
	d.Due = int64(len(ids))
	if a.Fuse.Blows(d.Due, d.Bytes) {
		return nil, fmt.Errorf("%w: %d objects of %d bytes, and it allows %d of %d (0: any); nothing was done", ErrFuse, d.Due, d.Bytes, a.Fuse.Objects, a.Fuse.Bytes)
	}
	return ids, nil
}

// inTurn gives one of each list, and again one of each, until all are at their end.
func inTurn(lists map[string][]string) (all []string) {
	names := slices.Sorted(maps.Keys(lists))
	for n := 0; len(names) > 0; n++ {
		for _, name := range names {
			all = append(all, lists[name][n])
		}
		names = slices.DeleteFunc(names, func(name string) bool { return len(lists[name]) == n+1 })
	}
	return all
}

// acting is one Do.
type acting struct {
	*Act
	stop    func(error)
	workers int

	mu      sync.Mutex
	done    *Done
	origins map[string]*origin
	inARow  int
	cut     bool // a move was stopped on its way
}

type origin struct {
	once   sync.Once
	bucket quarantine.Bucket
	err    error
}

// feed hands the moves to the workers, not more than Rate in a second.
func (r *acting) feed(ctx context.Context, ids []string, todo chan<- quarantine.Move) error {
	var beat <-chan time.Time
	if r.Rate > 0 {
		ticker := time.NewTicker(max(time.Microsecond, time.Duration(float64(time.Second)/r.Rate)))
		defer ticker.Stop()
		beat = ticker.C
	}
	for i, id := range ids {
		if beat != nil && i > 0 {
			select {
			case <-beat:
			case <-ctx.Done():
			}
		}
		m, err := r.Ledger.Move(ctx, id)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		select {
		case todo <- m:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func (r *acting) move(ctx context.Context, m quarantine.Move) {
	b, err := r.origin(ctx, m.Object.Bucket)
	switch {
	case err == nil:
		m, err = r.Mover.Move(ctx, b, m)
	case ctx.Err() == nil:
		m.Attempts, m.Reason, m.Error = m.Attempts+1, store.Reason(err), err.Error()
		err = errors.Join(err, r.Mover.Journal.Record(ctx, m))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil && err != nil {
		r.cut = true // it stands where it stood
		return
	}
	if err == nil {
		r.inARow = 0
		r.done.Ended[m.State]++
		return
	}
	r.done.Failed[store.Reason(err)]++
	if r.done.First == nil {
		r.done.First = r.Journal.words(err)
	}
	if r.inARow++; r.inARow == max(failuresInARow, 2*r.workers) {
		r.stop(fmt.Errorf("stopped after %d failures in a row; the first: %w", r.inARow, r.done.First))
	}
}

func (r *acting) origin(ctx context.Context, bucket string) (quarantine.Bucket, error) {
	r.mu.Lock()
	o := r.origins[bucket]
	if o == nil {
		o = new(origin)
		r.origins[bucket] = o
	}
	r.mu.Unlock()
	o.once.Do(func() { o.bucket, o.err = r.Origin(ctx, bucket) })
	return o.bucket, o.err
}
