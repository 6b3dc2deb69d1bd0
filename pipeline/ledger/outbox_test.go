package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

func event(key string) notify.Event {
	return notify.Event{Key: key, Kind: notify.Detected, Time: at(1), Run: 1, Severity: "Low", Bucket: "b", Name: key, Counts: map[string]int64{"X": 1}}
}

func subscribed(t *testing.T, l *ledger.Ledger, subs ...notify.Subscription) *ledger.Outbox {
	t.Helper()
	o := l.Outbox()
	if err := o.Subscribe(t.Context(), subs...); err != nil {
		t.Fatal(err)
	}
	return o
}

func tell(t *testing.T, l *ledger.Ledger, events ...notify.Event) {
	t.Helper()
	if err := l.Tell(t.Context(), events...); err != nil {
		t.Fatal(err)
	}
}

// compose makes messages of all that waits, and returns the groups.
func compose(t *testing.T, o *ledger.Outbox, channel string, digest bool, now time.Time) []notify.Group {
	t.Helper()
	groups, err := o.Waiting(t.Context(), channel, now.Add(-time.Minute), now)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if err := o.Compose(t.Context(), g, digest, now); err != nil {
			t.Fatal(err)
		}
	}
	return groups
}

func claim(t *testing.T, o *ledger.Outbox, channel string, now time.Time) (notify.Parcel, bool) {
	t.Helper()
	p, ok, err := o.Claim(t.Context(), notify.Claim{Channel: channel, Now: now, Lease: time.Minute, Horizon: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return p, ok
}

// drain claims and settles all that is due, and returns the keys.
func drain(t *testing.T, o *ledger.Outbox, channel string, now time.Time) (keys []string) {
	t.Helper()
	for {
		p, ok := claim(t, o, channel, now)
		if !ok {
			return keys
		}
		keys = append(keys, p.Key)
		if err := o.Settle(t.Context(), p, notify.Outcome{State: notify.Sent, At: now}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOutboxTellsEachChannelOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	l := open(t, path)
	tell(t, l, event("early"))
	two := []notify.Subscription{{Channel: "a"}, {Channel: "b", Kinds: []notify.Kind{notify.Failed, notify.Detected}, MinSeverity: "High"}}
	o := subscribed(t, l, two...)
	high, failed, started := event("high"), event("failed"), event("started")
	high.Severity, failed.Kind, started.Kind, started.Severity = "High", notify.Failed, notify.Started, ""
	tell(t, l, event("one"), high, failed, event("one"), started)
	compose(t, o, "a", false, at(2))
	compose(t, o, "b", false, at(2))
	if got, want := drain(t, o, "a", at(2)), []string{"failed", "early", "one", "high", "started"}; !slices.Equal(got, want) {
		t.Errorf("a got %v, want %v", got, want)
	}
	if got, want := drain(t, o, "b", at(2)), []string{"failed", "high"}; !slices.Equal(got, want) {
		t.Errorf("b got %v, want %v", got, want)
	}
	// What is urgent goes before what was there first.
	last := event("last")
	last.Kind = notify.Failed
	tell(t, l, event("before"))
	compose(t, o, "a", false, at(2))
	tell(t, l, last)
	compose(t, o, "a", false, at(3))
	if got, want := drain(t, o, "a", at(3)), []string{"last", "before"}; !slices.Equal(got, want) {
		t.Errorf("a got %v, want %v", got, want)
	}
	compose(t, o, "b", false, at(3))
	drain(t, o, "b", at(3))
	// The same events again, in another process, are no news.
	l.Close()
	l = open(t, path)
	o = subscribed(t, l, append(two, notify.Subscription{Channel: "late"})...)
	tell(t, l, event("one"), high, failed, started)
	for _, c := range []string{"a", "b", "late"} {
		if g := compose(t, o, c, false, at(3)); len(g) > 0 {
			t.Errorf("%s is told again: %v", c, g)
		}
	}
	tell(t, l, event("new"))
	compose(t, o, "late", false, at(4))
	if got := drain(t, o, "late", at(4)); !slices.Equal(got, []string{"new"}) {
		t.Errorf("a channel that came later got %v", got)
	}
	if names, err := l.Channels(t.Context()); err != nil || !slices.Equal(names, []string{"a", "b", "late"}) {
		t.Errorf("channels: %v, %v", names, err)
	}
}

// TestOutboxAfterCrash ends the process between sending and recording that it
// was sent: the message is sent again, at once, with the same key and content.
func TestOutboxAfterCrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	l := open(t, path)
	o := subscribed(t, l, notify.Subscription{Channel: "a"})
	tell(t, l, event("1"), event("2"), event("3"))
	compose(t, o, "a", true, at(2))
	before, ok := claim(t, o, "a", at(2))
	if !ok || before.Events != 3 || !before.Digest {
		t.Fatalf("got %+v", before)
	}
	l.Close()
	l = open(t, path)
	o = subscribed(t, l, notify.Subscription{Channel: "a"})
	tell(t, l, event("4"))
	compose(t, o, "a", true, at(3))
	after, ok := claim(t, o, "a", at(3))
	if !ok || after.Key != before.Key || after.Events != 3 || after.Attempts != 2 {
		t.Fatalf("after the crash: %+v, want again %+v", after, before)
	}
	var names []string
	for e, err := range o.Events(t.Context(), after) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, e.Name)
	}
	if !slices.Equal(names, []string{"1", "2", "3"}) {
		t.Errorf("its events are %v", names)
	}
	if err := o.Settle(t.Context(), before, notify.Outcome{State: notify.Sent, At: at(3)}); !errors.Is(err, notify.ErrLost) {
		t.Errorf("the old holder settles it: %v", err)
	}
	if err := o.Settle(t.Context(), after, notify.Outcome{State: notify.Sent, At: at(3)}); err != nil {
		t.Error(err)
	}
}

// TestOutboxLease is about two dispatchers and clocks that jump.
func TestOutboxLease(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	o := subscribed(t, l, notify.Subscription{Channel: "a"})
	other := subscribed(t, l, notify.Subscription{Channel: "a"})
	tell(t, l, event("1"))
	compose(t, o, "a", false, at(0))
	first, _ := claim(t, o, "a", at(0))
	for _, s := range []int{0, 1, 59} {
		if p, ok := claim(t, other, "a", at(s)); ok {
			t.Fatalf("after %d s, somebody else gets %+v", s, p)
		}
	}
	second, ok := claim(t, other, "a", at(61))
	if !ok || second.Key != "1" {
		t.Fatal("nobody gets a message whose lease has ended")
	}
	if err := o.Settle(t.Context(), first, notify.Outcome{State: notify.Dead, At: at(61)}); !errors.Is(err, notify.ErrLost) {
		t.Errorf("who lost the lease settles: %v", err)
	}
	// The clock was years ahead when the lease was given and the next attempt set.
	ahead := at(0).AddDate(5, 0, 0)
	if p, ok := claim(t, o, "a", ahead); !ok {
		t.Fatal("nothing is due years later")
	} else if err := o.Settle(t.Context(), p, notify.Outcome{State: notify.Due, Due: ahead.Add(time.Minute), At: ahead}); err != nil {
		t.Fatal(err)
	}
	if _, ok := claim(t, o, "a", at(70)); !ok {
		t.Error("a message that a wrong clock put off is not due")
	}
	if _, ok := claim(t, o, "a", ahead.Add(2*time.Minute)); !ok {
		t.Error("the clock has jumped again, and the lease has not ended")
	}
	if _, ok := claim(t, o, "a", at(80)); !ok {
		t.Error("the clock has jumped back, and a lease years ahead holds")
	}
}

// TestOutboxRace has dispatchers take messages at the same time as moves and
// events are recorded: each event is in one message, and each message with one
// dispatcher.
func TestOutboxRace(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	const events, dispatchers = 200, 4
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := make(map[string]int)
	done := make(chan struct{})
	ctx := context.Background()
	for range dispatchers {
		o := subscribed(t, l, notify.Subscription{Channel: "a"})
		wg.Go(func() {
			for {
				var last bool
				select {
				case <-done:
					last = true
				default:
				}
				groups, err := o.Waiting(ctx, "a", at(0), at(1))
				for _, g := range groups {
					if err == nil {
						err = o.Compose(ctx, g, g.Last%2 == 0, at(1))
					}
				}
				for ok := true; ok && err == nil; {
					var p notify.Parcel
					if p, ok, err = o.Claim(ctx, notify.Claim{Channel: "a", Now: at(1), Lease: time.Minute, Horizon: time.Hour}); !ok || err != nil {
						break
					}
					for e, failed := range o.Events(ctx, p) {
						err = failed
						mu.Lock()
						seen[e.Key]++
						mu.Unlock()
					}
					if err == nil {
						err = o.Settle(ctx, p, notify.Outcome{State: notify.Sent, At: at(1)})
					}
				}
				if err != nil {
					t.Error(err)
				}
				if last || err != nil {
					return
				}
			}
		})
	}
	for i := range events {
		tell(t, l, event(fmt.Sprint(i)))
	}
	close(done)
	wg.Wait()
	for i := range events {
		if n := seen[fmt.Sprint(i)]; n != 1 {
			t.Errorf("event %d was told %d times", i, n)
		}
	}
}

func TestOutboxDeadLetters(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	o := subscribed(t, l, notify.Subscription{Channel: "a"})
	if left, err := l.Left(t.Context(), "a"); err != nil || left != (notify.Left{}) {
		t.Errorf("an empty outbox has left %+v, %v", left, err)
	}
	tell(t, l, event("1"), event("2"))
	if g := compose(t, o, "a", false, at(0)); len(g) != 1 || g[0].Events != 2 || g[0].Told != 0 {
		t.Errorf("groups: %+v", g)
	}
	p, _ := claim(t, o, "a", at(0))
	if err := o.Settle(t.Context(), p, notify.Outcome{State: notify.Dead, At: at(1), Error: "no such hook"}); err != nil {
		t.Fatal(err)
	}
	if got := drain(t, o, "a", at(2)); !slices.Equal(got, []string{"2"}) {
		t.Errorf("after one was given up: %v", got)
	}
	dead := ledger.MessageFilter{States: []notify.State{notify.Dead}}
	for m, err := range l.Messages(t.Context(), dead) {
		if err != nil || m.Key != "1" || m.Error != "no such hook" || !m.Ended.Equal(at(1)) || m.Attempts != 1 || !m.Made.Equal(at(0)) {
			t.Errorf("dead letter: %+v, %v", m, err)
		}
	}
	if left, err := l.Left(t.Context(), "a"); err != nil || left.Dead != 1 || left.Due != 0 {
		t.Errorf("left: %+v, %v", left, err)
	}
	if n, err := l.Resend(t.Context(), ledger.MessageFilter{IDs: []int64{p.ID}, Channel: "a"}, at(5)); n != 1 || err != nil {
		t.Errorf("resend: %d, %v", n, err)
	}
	if left, err := l.Left(t.Context(), "a"); err != nil || left.Due != 1 || !left.Next.Equal(at(5)) || !left.Urgent.IsZero() {
		t.Errorf("left: %+v, %v", left, err)
	}
	if got := drain(t, o, "a", at(5)); !slices.Equal(got, []string{"1"}) {
		t.Errorf("after resend: %v", got)
	}
	if n, err := l.Resend(t.Context(), ledger.MessageFilter{}, at(5)); n != 0 || err != nil {
		t.Errorf("what was sent is sent again: %d, %v", n, err)
	}
}

func TestOutboxOfManyEvents(t *testing.T) {
	const n = 100_000 / raceSlows
	l := open(t, filepath.Join(t.TempDir(), "l.db"))
	o := subscribed(t, l, notify.Subscription{Channel: "a"}, notify.Subscription{Channel: "b"})
	events := make([]notify.Event, 1000)
	for i := 0; i < n; i += len(events) {
		for k := range events {
			events[k] = event(fmt.Sprint(i + k))
		}
		tell(t, l, events...)
	}
	began := time.Now()
	for _, c := range []string{"a", "b"} {
		compose(t, o, c, true, at(0))
		p, ok := claim(t, o, c, at(0))
		if !ok || p.Events != n {
			t.Fatalf("%+v", p)
		}
		m, err := notify.RenderDigest(p.Key, p.Kind, o.Events(t.Context(), p))
		if err != nil || m.Digest.Events != n || m.Digest.ByType["X"] != n || m.Digest.ByBucket["b"] != n {
			t.Fatalf("%+v, %v", m.Digest, err)
		}
		if err := o.Settle(t.Context(), p, notify.Outcome{State: notify.Sent, At: at(0)}); err != nil {
			t.Fatal(err)
		}
		if g := compose(t, o, c, true, at(0)); len(g) > 0 {
			t.Errorf("more waits: %v", g)
		}
	}
	t.Logf("%d events, two channels: %v", n, time.Since(began).Round(time.Millisecond))
}
