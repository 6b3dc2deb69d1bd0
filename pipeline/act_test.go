package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/mem"
)

// swept is a bucket of n objects, each with a mark, that was scanned.
func swept(t *testing.T, n int) (*mem.Bucket, *pipeline.Act) {
	return sweptIn(t, mem.Enabled, n)
}

func sweptIn(t *testing.T, v mem.Versioning, n int) (*mem.Bucket, *pipeline.Act) {
	b := mem.New("customer")
	b.SetVersioning(v)
	for i := range n {
		b.Fill(fmt.Sprintf("k%04d", i), []byte(fmt.Sprintf("%d %c", i, mark)))
	}
	b.Fill("clean", []byte("nothing"))
	l := newLedger(t)
	do(t, &pipeline.Run{Source: b, Scanner: markScanner{}, Rules: rules(t), Ledger: l})
	j := pipeline.Journal{Ledger: l}
	return b, &pipeline.Act{
		Ledger: l, Journal: j,
		Mover:  &quarantine.Mover{Vault: b.Beside("vault"), Prefix: "q/", Journal: j},
		Origin: func(context.Context, string) (quarantine.Bucket, error) { return b, nil },
	}
}

func moveAll(context.Context, ledger.Row) (quarantine.Move, error) {
	return quarantine.Move{Action: quarantine.DoMove, Mode: quarantine.SSEKMS, Removal: store.RemoveVersion, Why: quarantine.Why{Rule: "all"}}, nil
}

func plan(t *testing.T, a *pipeline.Act, decide pipeline.Decide, want int64) {
	t.Helper()
	n, err := a.Plan(t.Context(), ledger.Filter{}, decide)
	if err != nil || n != want {
		t.Fatalf("planned %d, want %d: %v", n, want, err)
	}
}

func moves(t *testing.T, a *pipeline.Act, f ledger.MoveFilter) (all []quarantine.Move) {
	t.Helper()
	for m, err := range a.Ledger.Moves(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func left(t *testing.T, b *mem.Bucket) (n int) {
	t.Helper()
	if err := b.List(t.Context(), func(store.Object) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestActMovesWhatWasFound(t *testing.T) {
	b, a := swept(t, 30)
	plan(t, a, moveAll, 30)
	plan(t, a, moveAll, 0) // the second time nothing is new
	d, err := a.Do(t.Context())
	if err != nil || d.Due != 30 || d.Ended[quarantine.Removed] != 30 || len(d.Failed) != 0 {
		t.Fatalf("%+v: %v", d, err)
	}
	if n := left(t, b); n != 1 {
		t.Errorf("%d objects are left, want the one without a finding", n)
	}
	if d, err := a.Do(t.Context()); err != nil || d.Due != 0 {
		t.Errorf("the second run has %d to do: %v", d.Due, err)
	}
	all := moves(t, a, ledger.MoveFilter{})
	for _, m := range all {
		if m.Why.Counts[markRule] != 1 || m.Why.Severity == "" || m.Why.Rule != "all" || m.Before.Size != m.Object.Size || m.Vault.Key != "q/"+m.ID+"/object" {
			t.Fatalf("recorded %+v", m)
		}
	}
	// What somebody brought back is not taken away again.
	m, err := a.Mover.Restore(t.Context(), b, all[0])
	if err != nil {
		t.Fatal(err)
	}
	do(t, &pipeline.Run{Source: b, Scanner: markScanner{}, Rules: rules(t), Ledger: a.Ledger})
	plan(t, a, moveAll, 0)
	if got, err := a.Ledger.Move(t.Context(), m.ID[:8]); err != nil || got.State != quarantine.Restored {
		t.Errorf("%s: %v", got.State, err)
	}
	// A newer object of the same key is another matter.
	b.Fill(m.Object.Key, []byte("again #"))
	do(t, &pipeline.Run{Source: b, Scanner: markScanner{}, Rules: rules(t), Ledger: a.Ledger})
	plan(t, a, moveAll, 1)
}

func TestPlanFollowsPolicy(t *testing.T) {
	_, a := swept(t, 3)
	plan(t, a, moveAll, 3)
	one := moves(t, a, ledger.MoveFilter{})[0]
	if unknown, err := a.Ledger.Approve(t.Context(), "ops", []string{one.ID, "nobody"}); err != nil || len(unknown) != 1 {
		t.Fatalf("unknown %v: %v", unknown, err)
	}
	plan(t, a, moveAll, 0)
	if got := moves(t, a, ledger.MoveFilter{Approved: true}); len(got) != 1 || got[0].ID != one.ID {
		t.Fatalf("planning the same again has taken the approval: %d", len(got))
	}
	plan(t, a, func(ctx context.Context, row ledger.Row) (quarantine.Move, error) {
		m, err := moveAll(ctx, row)
		m.Why.Rule = "another"
		return m, err
	}, 0)
	if got := moves(t, a, ledger.MoveFilter{}); len(got) != 3 || got[0].ID != one.ID || got[0].Why.Rule != "another" || got[0].Approved != "" {
		t.Fatalf("planned by another rule: %+v", got)
	}
	if _, err := a.Ledger.Approve(t.Context(), "ops", []string{one.ID}); err != nil {
		t.Fatal(err)
	}
	plan(t, a, func(ctx context.Context, row ledger.Row) (quarantine.Move, error) {
		m, err := moveAll(ctx, row)
		m.Why.Rule = "another"
		m.Action = quarantine.DoCopy
		if row.Object.Key != one.Object.Key {
			m.Action = quarantine.DoNothing
		}
		return m, err
	}, 0)
	got := moves(t, a, ledger.MoveFilter{})
	if len(got) != 1 || got[0].ID != one.ID || got[0].Action != quarantine.DoCopy || got[0].Approved != "" {
		t.Fatalf("planned %+v", got)
	}
}

// TestUndecided: an object that cannot be decided on stands in nobody's way, and
// keeps the plan and the approval that it had.
func TestUndecided(t *testing.T) {
	_, a := swept(t, 3)
	plan(t, a, moveAll, 3)
	all := moves(t, a, ledger.MoveFilter{})
	if _, err := a.Ledger.Approve(t.Context(), "ops", []string{all[0].ID}); err != nil {
		t.Fatal(err)
	}
	asked := 0
	decide := func(failure error) pipeline.Decide {
		return func(_ context.Context, row ledger.Row) (quarantine.Move, error) {
			asked++
			m := quarantine.Move{Action: quarantine.DoNothing}
			if row.Object.Key == all[0].Object.Key {
				return m, failure
			}
			return m, nil
		}
	}
	plan(t, a, decide(fmt.Errorf("%w: %w", pipeline.ErrUndecided, store.ErrDenied)), 0)
	got := moves(t, a, ledger.MoveFilter{})
	if asked != 3 || len(got) != 1 || got[0].ID != all[0].ID || got[0].Action != quarantine.DoMove || got[0].Approved != "ops" {
		t.Errorf("asked %d times, planned %+v", asked, got)
	}
	if _, err := a.Plan(t.Context(), ledger.Filter{}, decide(store.ErrDenied)); !errors.Is(err, store.ErrDenied) {
		t.Errorf("another error: %v", err)
	}
}

func TestApproval(t *testing.T) {
	b, a := swept(t, 5)
	a.Approval = true
	plan(t, a, moveAll, 5)
	d, err := a.Do(t.Context())
	if err != nil || d.Due != 0 || d.Wait != 5 || left(t, b) != 6 {
		t.Fatalf("%+v: %v", d, err)
	}
	ids := moves(t, a, ledger.MoveFilter{})
	if _, err := a.Ledger.Approve(t.Context(), "ops", []string{ids[0].ID, ids[1].ID}); err != nil {
		t.Fatal(err)
	}
	d, err = a.Do(t.Context())
	if err != nil || d.Ended[quarantine.Removed] != 2 || d.Wait != 3 || left(t, b) != 4 {
		t.Fatalf("%+v: %v", d, err)
	}
}

func TestFuse(t *testing.T) {
	b, a := swept(t, 10)
	plan(t, a, moveAll, 10)
	for _, fuse := range []pipeline.Fuse{{Objects: 9}, {Bytes: 29}} {
		a.Fuse = fuse
		if _, err := a.Do(t.Context()); !errors.Is(err, pipeline.ErrFuse) || left(t, b) != 11 {
			t.Fatalf("%+v: %v", fuse, err)
		}
	}
	a.Fuse = pipeline.Fuse{Objects: 10, Bytes: 30}
	if d, err := a.Do(t.Context()); err != nil || d.Ended[quarantine.Removed] != 10 {
		t.Fatalf("%+v: %v", d, err)
	}
}

func TestFailures(t *testing.T) {
	b, a := swept(t, 200)
	plan(t, a, moveAll, 200)
	vault := a.Mover.Vault.(*mem.Bucket)
	vault.Hooks.Before = func(op mem.Op, o store.Object) error {
		return fmt.Errorf("put: %w", store.ErrKMSKey)
	}
	d, err := a.Do(t.Context())
	if err == nil || !errors.Is(err, store.ErrKMSKey) || !strings.Contains(err.Error(), "in a row") || d.Failed[store.ReasonKMSKey] >= 100 {
		t.Fatalf("goes on though everything fails: %v: %v", d.Failed, err)
	}
	if left(t, b) != 201 {
		t.Fatal("something was removed")
	}
	vault.Hooks.Before = nil
	if d, err := a.Do(t.Context()); err != nil || d.Ended[quarantine.Removed] != 200 {
		t.Fatalf("%+v: %v", d, err)
	}
}

// TestStoppedAct: a run that is stopped leaves each move in a state to go on
// from, and counts no failure.
func TestStoppedAct(t *testing.T) {
	b, a := swept(t, 50)
	plan(t, a, moveAll, 50)
	ctx, cancel := context.WithCancel(t.Context())
	b.Hooks.Before = func(op mem.Op, o store.Object) error {
		if op == mem.Remove && o.Key == "k0010" {
			cancel()
		}
		return nil
	}
	d, err := a.Do(ctx)
	if !errors.Is(err, context.Canceled) || len(d.Failed) != 0 {
		t.Fatalf("%+v: %v", d, err)
	}
	b.Hooks.Before = nil
	if d, err = a.Do(t.Context()); err != nil || left(t, b) != 1 || d.Due == 0 {
		t.Fatalf("%+v: %v", d, err)
	}
}

// Where a bucket keeps no versions, the same bytes have the same ETag. Whoever
// writes them once more must not get past the policy.
func TestActOnTheSameBytesAgain(t *testing.T) {
	for _, versioning := range []mem.Versioning{mem.Off, mem.Enabled} {
		b, a := sweptIn(t, versioning, 1)
		plan(t, a, moveAll, 1)
		if _, err := a.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		o := b.Fill("k0000", fmt.Appendf(nil, "0 %c", mark))
		b.Edit(o, func(at *store.Attributes) { at.Modified = at.Modified.Add(time.Hour) })
		for i, want := range []int64{1, 0} {
			do(t, &pipeline.Run{Source: b, Scanner: markScanner{}, Rules: rules(t), Ledger: a.Ledger})
			plan(t, a, moveAll, want)
			if d, err := a.Do(t.Context()); err != nil || d.Ended[quarantine.Removed] != want {
				t.Errorf("time %d: %+v: %v", i, d, err)
			}
			if n := left(t, b); n != 1 {
				t.Errorf("%d objects are left, want the one without a finding", n)
			}
		}
		if all := moves(t, a, ledger.MoveFilter{}); len(all) != 2 {
			t.Errorf("%d moves, want 2", len(all))
		}
	}
}

// TestOnly carries out some moves, and the fuse is about those.
func TestOnly(t *testing.T) {
	b, a := swept(t, 10)
	plan(t, a, moveAll, 10)
	all := moves(t, a, ledger.MoveFilter{})
	a.Fuse.Objects = 2
	a.Only = ledger.MoveFilter{IDs: []string{all[3].ID, all[7].ID}}
	if d, err := a.Do(t.Context()); err != nil || d.Due != 2 || d.Ended[quarantine.Removed] != 2 {
		t.Fatalf("%+v: %v", d, err)
	}
	if n := left(t, b); n != 9 {
		t.Errorf("%d objects are left, want 9", n)
	}
	if got := moves(t, a, ledger.MoveFilter{InVault: true}); len(got) != 2 || got[0].ID != all[3].ID || got[1].ID != all[7].ID {
		t.Errorf("%d moves are in the vault", len(got))
	}
	a.Only = ledger.MoveFilter{Prefix: "k000"}
	if _, err := a.Do(t.Context()); !errors.Is(err, pipeline.ErrFuse) {
		t.Errorf("more than the fuse allows: %v", err)
	}
	if vaults, err := a.Ledger.Vaults(t.Context()); err != nil || len(vaults) != 1 || vaults[0] != (ledger.Place{Bucket: "vault", Prefix: "q/"}) {
		t.Errorf("vaults %v: %v", vaults, err)
	}
}

// TestManyIDs: as many moves can be named as a command line holds.
func TestManyIDs(t *testing.T) {
	_, a := swept(t, 2)
	plan(t, a, moveAll, 2)
	all := moves(t, a, ledger.MoveFilter{})
	ids := []string{all[0].ID, all[1].ID[:31]}
	for i := range 40_000 {
		ids = append(ids, fmt.Sprintf("%032x", i))
	}
	if got := moves(t, a, ledger.MoveFilter{IDs: ids}); len(got) != 2 {
		t.Errorf("%d moves, want 2", len(got))
	}
}

// TestFailedMoves finds the moves that failed.
func TestFailedMoves(t *testing.T) {
	_, a := swept(t, 3)
	plan(t, a, moveAll, 3)
	a.Origin = func(context.Context, string) (quarantine.Bucket, error) { return a.Mover.Vault, nil } // where none of them is
	broken := errors.New("broken")
	vault := a.Mover.Vault.(*mem.Bucket)
	vault.Hooks.Before = func(op mem.Op, o store.Object) error {
		if o.Key == "k0001" {
			return broken
		}
		return nil
	}
	if d, err := a.Do(t.Context()); err != nil || len(d.Failed) != 1 || d.Ended[quarantine.Gone] != 2 {
		t.Fatalf("%+v: %v", d, err)
	}
	if got := moves(t, a, ledger.MoveFilter{Failed: true}); len(got) != 1 || got[0].Object.Key != "k0001" || got[0].Attempts != 1 {
		t.Errorf("%d moves failed", len(got))
	}
}

// TestDetectedOnce tells of each object once, however often it is seen.
func TestDetectedOnce(t *testing.T) {
	b, a := swept(t, 700) // more than go into one transaction
	count := func() (n int) {
		t.Helper()
		o := a.Ledger.Outbox()
		if err := o.Subscribe(t.Context(), notify.Subscription{Channel: "c"}); err != nil {
			t.Fatal(err)
		}
		groups, err := o.Waiting(t.Context(), "c", time.Time{}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			if g.Kind == notify.Detected {
				n += int(g.Events)
			}
		}
		return n
	}
	for range 2 {
		if err := a.Journal.Detected(t.Context(), ledger.Filter{}); err != nil {
			t.Fatal(err)
		}
		if n := count(); n != 700 {
			t.Errorf("told of %d objects, want 700", n)
		}
	}
	plan(t, a, moveAll, 700)
	if n := count(); n != 700 {
		t.Errorf("planning tells of them again: %d", n)
	}
	b.Fill("k0000", []byte("anew #"))
	do(t, &pipeline.Run{Source: b, Scanner: markScanner{}, Rules: rules(t), Ledger: a.Ledger})
	if err := a.Journal.Detected(t.Context(), ledger.Filter{}); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 701 {
		t.Errorf("of a newer version: %d, want 701", n)
	}
	a.Journal.Silent = true
	b.Fill("k0001", []byte("anew #"))
	do(t, &pipeline.Run{Source: b, Scanner: markScanner{}, Rules: rules(t), Ledger: a.Ledger})
	if err := a.Journal.Detected(t.Context(), ledger.Filter{}); err != nil || count() != 701 {
		t.Errorf("a silent journal tells: %d, %v", count(), err)
	}
}

// TestStoppedWhenAllAreUnderWay: the last moves were handed out when the run was
// stopped. That they did not end is no success.
func TestStoppedWhenAllAreUnderWay(t *testing.T) {
	b, a := swept(t, 1)
	plan(t, a, moveAll, 1)
	ctx, cancel := context.WithCancel(t.Context())
	b.Hooks.Before = func(op mem.Op, _ store.Object) error {
		if op == mem.Remove {
			cancel()
			return ctx.Err()
		}
		return nil
	}
	d, err := a.Do(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%+v: %v", d, err)
	}
}

// TestFailuresDoNotStandInTheWay: what fails each time comes last, so that it does
// not keep a run from what comes after it.
func TestFailuresDoNotStandInTheWay(t *testing.T) {
	b, a := swept(t, 100)
	plan(t, a, moveAll, 100)
	b.Hooks.Before = func(op mem.Op, o store.Object) error {
		if op == mem.Stat && o.Key < "k0040" {
			return fmt.Errorf("stat: %w", store.ErrDenied)
		}
		return nil
	}
	for range 3 {
		a.Do(t.Context())
	}
	if n := left(t, b); n != 41 {
		t.Errorf("%d objects are left, want 40 that cannot be read and one without a finding", n)
	}
}

// TestOneBadBucket: a bucket that cannot be reached at all, or in which everything
// fails, does not keep others from their turn, and its failures are recorded and told.
func TestOneBadBucket(t *testing.T) {
	for name, opens := range map[string]error{"not reached": store.ErrNoBucket, "fails": nil} {
		b, a := swept(t, 10)
		bad := b.Beside("a bad one")
		for i := range 60 {
			bad.Fill(fmt.Sprintf("k%04d", i), []byte{mark})
		}
		do(t, &pipeline.Run{Source: bad, Scanner: markScanner{}, Rules: rules(t), Ledger: a.Ledger})
		plan(t, a, moveAll, 70)
		bad.Hooks.Before = func(mem.Op, store.Object) error { return store.ErrThrottled }
		a.Origin = func(_ context.Context, bucket string) (quarantine.Bucket, error) {
			if bucket == "customer" {
				return b, nil
			}
			return bad, opens
		}
		a.Workers = 30
		if d, err := a.Do(t.Context()); d.Ended[quarantine.Removed] != 10 {
			t.Errorf("%s: %+v: %v", name, d, err)
		}
		failed := moves(t, a, ledger.MoveFilter{Failed: true})
		if len(failed) < 20 || failed[0].Reason == "" {
			t.Errorf("%s: %d failures are recorded", name, len(failed))
		}
	}
}

// TestErrorsUnderAliases: where objects go by aliases, no error says more of one than
// its reason.
func TestErrorsUnderAliases(t *testing.T) {
	b, a := swept(t, 30)
	a.Journal.Name = func(store.Object) string { return "alias" }
	words := func(_ mem.Op, o store.Object) error { return fmt.Errorf("%w: no right on %s", store.ErrDenied, o.Key) }
	check := func(err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), store.ReasonDenied) || strings.Contains(err.Error(), "k00") {
			t.Errorf("told %v", err)
		}
	}
	_, err := a.Plan(t.Context(), ledger.Filter{}, func(_ context.Context, row ledger.Row) (quarantine.Move, error) {
		return quarantine.Move{}, words(mem.Stat, row.Object)
	})
	check(err)
	plan(t, a, moveAll, 30)
	b.Hooks.Before = words
	d, err := a.Do(t.Context())
	check(err)
	check(d.First)
}

// TestPlanAfterFailure: what failed before it began is planned anew as anything
// else, by a policy that was put right.
func TestPlanAfterFailure(t *testing.T) {
	b, a := swept(t, 2)
	plan(t, a, moveAll, 2)
	b.Hooks.Before = func(op mem.Op, _ store.Object) error {
		if op == mem.Stat {
			return fmt.Errorf("stat: %w", store.ErrDenied)
		}
		return nil
	}
	if d, err := a.Do(t.Context()); err != nil || d.Failed[store.ReasonDenied] != 2 {
		t.Fatalf("%+v: %v", d, err)
	}
	plan(t, a, func(ctx context.Context, row ledger.Row) (quarantine.Move, error) {
		m, err := moveAll(ctx, row)
		m.Mode = quarantine.Envelope
		if row.Object.Key == "k0001" {
			m.Action = quarantine.DoNothing
		}
		return m, err
	}, 0)
	all := moves(t, a, ledger.MoveFilter{})
	if len(all) != 1 || all[0].Mode != quarantine.Envelope || all[0].Object.Key != "k0000" {
		t.Errorf("planned %+v", all)
	}
}

// TestApproveWhatHasBegun: approval came to be demanded after a move had begun
// without. It can be given.
func TestApproveWhatHasBegun(t *testing.T) {
	b, a := swept(t, 1)
	plan(t, a, moveAll, 1)
	b.Hooks.Before = func(op mem.Op, _ store.Object) error {
		if op == mem.Remove {
			return fmt.Errorf("remove: %w", store.ErrThrottled)
		}
		return nil
	}
	a.Do(t.Context())
	b.Hooks.Before = nil
	a.Approval = true
	if d, err := a.Do(t.Context()); err != nil || d.Wait != 1 {
		t.Fatalf("%+v: %v", d, err)
	}
	unknown, err := a.Ledger.Approve(t.Context(), "ops", []string{moves(t, a, ledger.MoveFilter{})[0].ID})
	if err != nil || len(unknown) != 0 {
		t.Fatalf("%v: %v", unknown, err)
	}
	if d, err := a.Do(t.Context()); err != nil || d.Ended[quarantine.Removed] != 1 {
		t.Errorf("%+v: %v", d, err)
	}
}

// TestApproveWhatIsKept: nothing is taken up again without an approval that came to
// be demanded meanwhile.
func TestApproveWhatIsKept(t *testing.T) {
	b, a := swept(t, 1)
	plan(t, a, moveAll, 1)
	b.Hooks.Before = func(op mem.Op, _ store.Object) error {
		if op == mem.Remove {
			return fmt.Errorf("remove: %w", store.ErrLocked)
		}
		return nil
	}
	if d, err := a.Do(t.Context()); err != nil || d.Ended[quarantine.Kept] != 1 {
		t.Fatalf("%+v: %v", d, err)
	}
	b.Hooks.Before = nil
	if d, err := a.Do(t.Context()); err != nil || d.Due != 0 {
		t.Fatalf("taken up unasked: %+v: %v", d, err)
	}
	a.Approval, a.Again = true, true
	if d, err := a.Do(t.Context()); err != nil || d.Due != 0 || d.Wait != 1 || left(t, b) != 2 {
		t.Errorf("without approval: %+v: %v", d, err)
	}
	unknown, err := a.Ledger.Approve(t.Context(), "ops", []string{moves(t, a, ledger.MoveFilter{})[0].ID})
	if err != nil || len(unknown) != 0 {
		t.Fatalf("%v: %v", unknown, err)
	}
	if d, err := a.Do(t.Context()); err != nil || d.Ended[quarantine.Removed] != 1 {
		t.Errorf("%+v: %v", d, err)
	}
}

// TestRecordOfTheSameVersion: the record of one move never takes the place of another.
func TestRecordOfTheSameVersion(t *testing.T) {
	_, a := swept(t, 1)
	plan(t, a, moveAll, 1)
	if _, err := a.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	one := moves(t, a, ledger.MoveFilter{})[0]
	two := one
	two.ID = strings.Repeat("0", 32)
	if err := a.Ledger.Record(t.Context(), two); err == nil {
		t.Error("two moves of one version are recorded")
	}
	if got := moves(t, a, ledger.MoveFilter{}); len(got) != 1 || got[0].ID != one.ID {
		t.Errorf("recorded %+v", got)
	}
}

// TestActWithin: what is planned elsewhere in the ledger is none of its business.
func TestActWithin(t *testing.T) {
	b, a := swept(t, 30)
	plan(t, a, moveAll, 30)
	a.Only = ledger.MoveFilter{Within: []ledger.Place{{Bucket: "customer", Prefix: "k000"}, {Bucket: "customer", Prefix: "k0020"}, {Bucket: "another"}}}
	if d, err := a.Do(t.Context()); err != nil || d.Ended[quarantine.Removed] != 11 || left(t, b) != 20 {
		t.Fatalf("%+v: %v", d, err)
	}
	a.Only.Within = []ledger.Place{{Bucket: "customer"}}
	if d, err := a.Do(t.Context()); err != nil || d.Ended[quarantine.Removed] != 19 {
		t.Fatalf("%+v: %v", d, err)
	}
}

// TestFurther: a policy that only tagged or copied at first, to be tried, can go
// further with the same objects, and does not lose its grip on those that it took.
func TestFurther(t *testing.T) {
	by := func(action quarantine.Action) pipeline.Decide {
		return func(ctx context.Context, row ledger.Row) (quarantine.Move, error) {
			m, err := moveAll(ctx, row)
			m.Action = action
			return m, err
		}
	}
	for _, first := range []quarantine.Action{quarantine.DoTag, quarantine.DoCopy} {
		b, a := swept(t, 2)
		plan(t, a, by(first), 2)
		if d, err := a.Do(t.Context()); err != nil || d.Ended[quarantine.Tagged]+d.Ended[quarantine.Verified] != 2 {
			t.Fatalf("%+v: %v", d, err)
		}
		if first == quarantine.DoCopy {
			one := moves(t, a, ledger.MoveFilter{})[0]
			if _, err := a.Mover.Purge(t.Context(), one); err != nil {
				t.Fatal(err)
			}
		}
		plan(t, a, by(first), 0) // nothing is new
		if d, err := a.Do(t.Context()); err != nil || d.Due != 0 {
			t.Fatalf("%+v: %v", d, err)
		}
		a.Approval = true
		plan(t, a, by(quarantine.DoMove), 2)
		if d, err := a.Do(t.Context()); err != nil || d.Wait != 2 {
			t.Fatalf("%+v: %v", d, err)
		}
		plan(t, a, by(quarantine.DoNothing), 0)
		kept := moves(t, a, ledger.MoveFilter{}) // of a copy that is still there
		if (len(kept) == 1) != (first == quarantine.DoCopy) || len(kept) == 1 && (kept[0].Action != quarantine.DoCopy || !kept[0].InVault() || kept[0].Open()) {
			t.Errorf("%s: taken off the plan, and yet %+v", first, kept)
		}
		a.Approval = false
		if d, err := a.Do(t.Context()); err != nil || d.Due != 0 {
			t.Errorf("%s: taken off the plan, and yet %d are due: %v", first, d.Due, err)
		}
		plan(t, a, by(quarantine.DoMove), 2)
		if d, err := a.Do(t.Context()); err != nil || d.Ended[quarantine.Removed] != 2 || left(t, b) != 1 {
			t.Fatalf("%s: %+v: %v", first, d, err)
		}
		plan(t, a, by(quarantine.DoTag), 0)
		if got := moves(t, a, ledger.MoveFilter{States: []quarantine.State{quarantine.Removed}}); len(got) != 2 {
			t.Fatalf("%d are in quarantine", len(got))
		}
	}
}

// TestFailureOfAnotherKind: a move that fails each night is told once, and told again
// when it fails for another reason.
func TestFailureOfAnotherKind(t *testing.T) {
	b, a := swept(t, 1)
	plan(t, a, moveAll, 1)
	for _, err := range []error{store.ErrThrottled, store.ErrThrottled, store.ErrKMSKey} {
		b.Hooks.Before = func(mem.Op, store.Object) error { return err }
		a.Do(t.Context())
	}
	b.Hooks.Before = nil
	var told []string
	sender := senderFunc(func(m notify.Message) { told = append(told, m.Event.Reason) })
	d := &notify.Dispatcher{Outbox: a.Ledger.Outbox(), Channels: []notify.Channel{{Name: "ops", Kinds: []notify.Kind{notify.Failed}, Sender: sender}}}
	if _, err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{store.ReasonThrottled, store.ReasonKMSKey}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

// TestPurgeIsTold: each time that something is removed from quarantine for good,
// as it may be of a copy and, after the object was moved, of the object.
func TestPurgeIsTold(t *testing.T) {
	_, a := swept(t, 1)
	for _, action := range []quarantine.Action{quarantine.DoCopy, quarantine.DoMove} {
		a.Plan(t.Context(), ledger.Filter{}, func(ctx context.Context, row ledger.Row) (quarantine.Move, error) {
			m, err := moveAll(ctx, row)
			m.Action = action
			return m, err
		})
		if _, err := a.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Mover.Purge(t.Context(), moves(t, a, ledger.MoveFilter{})[0]); err != nil {
			t.Fatal(err)
		}
	}
	var told []string
	sender := senderFunc(func(m notify.Message) { told = append(told, m.Event.Action+" "+m.Event.Name+m.Event.Where) })
	d := &notify.Dispatcher{Outbox: a.Ledger.Outbox(), Channels: []notify.Channel{{Name: "ops", Kinds: []notify.Kind{notify.Purged}, Sender: sender}}}
	if _, err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"copy k0000", "move k0000"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

// TestRestoringIsTold: each time that an object comes back.
func TestRestoringIsTold(t *testing.T) {
	b, a := swept(t, 1)
	a.Plan(t.Context(), ledger.Filter{}, moveAll)
	if _, err := a.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := a.Mover.Restore(t.Context(), b, moves(t, a, ledger.MoveFilter{})[0]); err != nil {
			t.Fatal(err)
		}
		b.Hide("k0000")
	}
	told := 0
	d := &notify.Dispatcher{Outbox: a.Ledger.Outbox(), Channels: []notify.Channel{{
		Name: "ops", Kinds: []notify.Kind{notify.Restored}, Sender: senderFunc(func(notify.Message) { told++ }),
	}}}
	if _, err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if told != 2 {
		t.Errorf("told %d times, want 2", told)
	}
}

// TestTwoMovesOfOneVersion: two movers have brought the same version of an object into
// the vault, and the record is made anew out of it. The second does not take the place of
// the first.
func TestTwoMovesOfOneVersion(t *testing.T) {
	_, a := swept(t, 1)
	a.Plan(t.Context(), ledger.Filter{}, moveAll)
	if _, err := a.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := moves(t, a, ledger.MoveFilter{})[0]
	second := first
	second.ID = strings.Repeat("f", 32)
	if err := a.Ledger.Record(t.Context(), second); err == nil {
		t.Error("no error")
	}
	if all := moves(t, a, ledger.MoveFilter{}); len(all) != 1 || all[0].ID != first.ID {
		t.Errorf("%d moves, want the first", len(all))
	}
}

type senderFunc func(notify.Message)

func (f senderFunc) Send(_ context.Context, m notify.Message) error { f(m); return nil }

// blindScanner reads and finds nothing.
type blindScanner struct{ err error }

func (s blindScanner) Scan(_ context.Context, r io.Reader, _ func(scanner.Finding) error) (scanner.Coverage, error) {
	n, _ := io.Copy(io.Discard, r)
	return scanner.Coverage{Counts: map[string]int64{}, BytesRead: n}, s.err
}

// TestFoundNoMore: an object in which nothing is found any more, as an allow list
// came to name what was, is taken off the plan. One that could not be read again
// is not.
func TestFoundNoMore(t *testing.T) {
	b, a := swept(t, 3)
	plan(t, a, moveAll, 3)
	all := moves(t, a, ledger.MoveFilter{})
	do(t, &pipeline.Run{Source: b, Scanner: blindScanner{store.ErrThrottled}, Rules: rules(t), Ledger: a.Ledger, RuleSet: "b", Filter: pipeline.Filter{Include: []string{"k0000"}}})
	do(t, &pipeline.Run{Source: b, Scanner: blindScanner{}, Rules: rules(t), Ledger: a.Ledger, RuleSet: "b", Filter: pipeline.Filter{Include: []string{"k0001"}}})
	plan(t, a, moveAll, 0)
	if got := moves(t, a, ledger.MoveFilter{}); len(got) != 2 || got[0].ID != all[0].ID || got[1].ID != all[2].ID {
		t.Errorf("%d moves are planned", len(got))
	}
}
