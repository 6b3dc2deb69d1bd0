package notify_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

// receiver is a channel that keeps what it is sent, and fails as it is told.
type receiver struct {
	fail func(m notify.Message, attempt int) error

	mu   sync.Mutex
	got  []notify.Message
	when []time.Time
	all  int
}

func (r *receiver) Send(ctx context.Context, m notify.Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all++
	if r.fail != nil {
		if err := r.fail(m, r.all); err != nil {
			return err
		}
	}
	r.got, r.when = append(r.got, m), append(r.when, time.Now())
	return nil
}

func (r *receiver) keys() (keys []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.got {
		keys = append(keys, m.Key)
	}
	return keys
}

// digests counts the messages and the events in them.
func (r *receiver) count() (messages, events int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.got {
		if m.Digest != nil {
			events += m.Digest.Events
		} else {
			events++
		}
	}
	return int64(len(r.got)), events
}

// in runs a test with a clock that runs as fast as nothing else has to be done.
func in(t *testing.T, test func(t *testing.T, l *ledger.Ledger)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "l.db")
	synctest.Test(t, func(t *testing.T) {
		l, err := ledger.Open(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		test(t, l)
	})
}

func detected(key string) notify.Event {
	return notify.Event{Key: key, Kind: notify.Detected, Time: time.Now(), Run: 1, Severity: "Low", Bucket: "b", Name: key, Counts: map[string]int64{"X": 2}}
}

func tell(t *testing.T, l *ledger.Ledger, events ...notify.Event) {
	t.Helper()
	if err := l.Tell(t.Context(), events...); err != nil {
		t.Fatal(err)
	}
}

// during runs d while do runs.
func during(t *testing.T, d *notify.Dispatcher, do func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	if err := d.Open(ctx); err != nil {
		t.Fatal(err)
	}
	go func() { ended <- d.Run(ctx) }()
	do()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func flush(t *testing.T, d *notify.Dispatcher, within time.Duration) map[string]notify.Left {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	left, err := d.Flush(ctx)
	if err != nil {
		t.Error(err)
	}
	return left
}

func TestFewEventsAreToldOneByOne(t *testing.T) {
	in(t, func(t *testing.T, l *ledger.Ledger) {
		var r receiver
		d := &notify.Dispatcher{Outbox: l.Outbox(), Channels: []notify.Channel{{Name: "r", Sender: &r}}}
		during(t, d, func() {
			for i := range 5 {
				tell(t, l, detected(fmt.Sprint(i)), detected(fmt.Sprint(i)))
				time.Sleep(3 * time.Second)
			}
		})
		if got, want := r.keys(), []string{"0", "1", "2", "3", "4"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestNothingToTell(t *testing.T) {
	in(t, func(t *testing.T, l *ledger.Ledger) {
		var r receiver
		d := &notify.Dispatcher{Outbox: l.Outbox(), Channels: []notify.Channel{{Name: "r", Sender: &r}}}
		began := time.Now()
		if left := flush(t, d, time.Hour); left["r"] != (notify.Left{}) || time.Since(began) > 0 || r.all > 0 {
			t.Errorf("left %+v after %v, and %d messages", left, time.Since(began), r.all)
		}
		none := &notify.Dispatcher{Outbox: l.Outbox()}
		if left := flush(t, none, time.Hour); len(left) > 0 {
			t.Errorf("without channels: %+v", left)
		}
	})
}

// TestManyEventsAreOneMessage has a bucket that is bad all day.
func TestManyEventsAreOneMessage(t *testing.T) {
	in(t, func(t *testing.T, l *ledger.Ledger) {
		var r receiver
		d := &notify.Dispatcher{Outbox: l.Outbox(), Poll: 30 * time.Second, Channels: []notify.Channel{{Name: "r", Sender: &r, Digest: notify.Digesting{Above: 10, Every: 15 * time.Minute}}}}
		const events = 500
		during(t, d, func() {
			for i := range events {
				tell(t, l, detected(fmt.Sprint(i)))
				time.Sleep(14400 * time.Millisecond) // two hours in all
			}
		})
		before, _ := r.count()
		if left := flush(t, d, time.Minute); left["r"] != (notify.Left{}) {
			t.Errorf("left: %+v", left)
		}
		messages, told := r.count()
		if told != events || messages > 10+2*4+2 || before < 10 {
			t.Errorf("%d events in %d messages, %d of them before the end; want %d in about 18", told, messages, before, events)
		}
		again, _ := r.count()
		tell(t, l, detected("17"))
		flush(t, d, time.Minute)
		if n, _ := r.count(); n != again {
			t.Error("what was in a digest is told again")
		}
	})
}

func TestAllAtOnceIsOneDigest(t *testing.T) {
	in(t, func(t *testing.T, l *ledger.Ledger) {
		var r receiver
		d := &notify.Dispatcher{Outbox: l.Outbox(), Channels: []notify.Channel{{Name: "r", Sender: &r}}}
		var all []notify.Event
		for i := range 3000 {
			e := detected(fmt.Sprint(i))
			switch i {
			case 1000:
				e.Kind, e.Reason, e.Severity, e.Bucket = notify.Failed, "ACCESS_DENIED", "Medium", "c"
			case 2000:
				e.Severity = "High"
			}
			all = append(all, e)
		}
		tell(t, l, all...)
		flush(t, d, time.Minute)
		if n, told := r.count(); n != 3 || told != 3000 {
			t.Fatalf("%d events in %d messages, want 3000 in 3", told, n)
		}
		if r.got[0].Kind != notify.Failed || r.got[1].Severity != "High" {
			t.Errorf("what is urgent comes late: %+v", r.got)
		}
		dg := r.got[2].Digest
		if dg == nil || dg.Events != 2998 || dg.BySeverity["Low"] != 2998 || dg.ByBucket["b"] != 2998 || dg.ByType["X"] != 2*2998 || len(dg.Examples) != 5 {
			t.Errorf("digest: %+v", dg)
		}
	})
}

// TestManyRuns: what many runs have found, and one command goes through, is not told
// one by one because of that.
func TestManyRuns(t *testing.T) {
	in(t, func(t *testing.T, l *ledger.Ledger) {
		var r receiver
		d := &notify.Dispatcher{Outbox: l.Outbox(), Channels: []notify.Channel{{Name: "r", Sender: &r}}}
		for i := range 300 {
			e := detected(fmt.Sprint(i))
			e.Kind, e.Run = notify.Restored, int64(i/10)
			tell(t, l, e)
		}
		flush(t, d, time.Minute)
		if n, told := r.count(); n != 1 || told != 300 || r.got[0].Digest.Run != 0 {
			t.Errorf("%d events in %d messages: %+v", told, n, r.got[0].Digest)
		}
	})
}

// TestOutageOfAnHour: nothing is lost, nothing is told twice, and the receiver
// is not hammered.
func TestOutageOfAnHour(t *testing.T) {
	in(t, func(t *testing.T, l *ledger.Ledger) {
		began := time.Now()
		down := receiver{fail: func(notify.Message, int) error {
			if time.Since(began) < time.Hour {
				return errors.New("connection refused")
			}
			return nil
		}}
		var up receiver
		d := &notify.Dispatcher{Outbox: l.Outbox(), Poll: 30 * time.Second, Channels: []notify.Channel{{Name: "down", Sender: &down}, {Name: "up", Sender: &up}}}
		during(t, d, func() {
			for i := range 10 {
				tell(t, l, detected(fmt.Sprint(i)))
			}
			time.Sleep(time.Minute)
			if n, _ := up.count(); n != 10 {
				t.Errorf("a channel that is up got %d messages while another is down, want 10", n)
			}
			time.Sleep(2 * time.Hour)
		})
		keys := down.keys()
		slices.Sort(keys)
		if len(slices.Compact(keys)) != 10 || len(keys) != 10 {
			t.Errorf("got %v", keys)
		}
		if tries := down.all - 10; tries < 10 || tries > 120 {
			t.Errorf("%d tries during the outage", tries)
		}
	})
}

// TestOneBadMessage must not keep the others from being told.
func TestOneBadMessage(t *testing.T) {
	in(t, func(t *testing.T, l *ledger.Ledger) {
		var attempts []notify.Attempt
		r := receiver{fail: func(m notify.Message, _ int) error {
			switch m.Key {
			case "500":
				return errors.New("internal error")
			case "400":
				return notify.Permanent(errors.New("bad request"))
			}
			return nil
		}}
		d := &notify.Dispatcher{
			Outbox: l.Outbox(), Poll: time.Minute, GiveUp: 10 * time.Hour, Channels: []notify.Channel{{Name: "r", Sender: &r}},
			Report: func(a notify.Attempt) { attempts = append(attempts, a) },
		}
		during(t, d, func() {
			tell(t, l, detected("500"), detected("400"), detected("1"), detected("2"))
			time.Sleep(10 * time.Minute)
			if got := r.keys(); !slices.Equal(got, []string{"1", "2"}) {
				t.Errorf("got %v", got)
			}
			time.Sleep(6 * time.Hour)
			tell(t, l, detected("3"))
			time.Sleep(3 * time.Minute)
			if got := r.keys(); !slices.Equal(got, []string{"1", "2", "3"}) {
				t.Errorf("a message has failed for six hours, and a new one is not told: %v", got)
			}
			time.Sleep(6 * time.Hour)
		})
		tries := make(map[string]int)
		for _, a := range attempts {
			tries[a.Key]++
		}
		if tries["400"] != 1 || tries["500"] < 15 || tries["500"] > 40 {
			t.Errorf("tries: %v", tries)
		}
		if left := flush(t, d, time.Second); left["r"].Dead != 2 || left["r"].Due != 0 {
			t.Errorf("left: %+v; want both given up", left)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	in(t, func(t *testing.T, l *ledger.Ledger) {
		began := time.Now()
		r := receiver{fail: func(_ notify.Message, attempt int) error {
			if attempt == 1 {
				return &notify.SendError{Err: errors.New("too many"), RetryAfter: 7 * time.Minute}
			}
			return nil
		}}
		d := &notify.Dispatcher{Outbox: l.Outbox(), Poll: 10 * time.Second, Channels: []notify.Channel{{Name: "r", Sender: &r}}}
		during(t, d, func() {
			tell(t, l, detected("1"), detected("2"))
			time.Sleep(time.Hour)
		})
		if len(r.got) != 2 {
			t.Fatalf("got %v", r.keys())
		}
		for _, at := range r.when {
			if wait := at.Sub(began); wait < 7*time.Minute || wait > 8*time.Minute {
				t.Errorf("sent after %v, and the receiver wants 7 minutes", wait)
			}
		}
	})
}

func TestRetryAfterOfYears(t *testing.T) {
	in(t, func(t *testing.T, l *ledger.Ledger) {
		r := receiver{fail: func(_ notify.Message, attempt int) error {
			if attempt == 1 {
				return &notify.SendError{Err: errors.New("too many"), RetryAfter: 10 * 365 * 24 * time.Hour}
			}
			return nil
		}}
		d := &notify.Dispatcher{Outbox: l.Outbox(), Poll: 10 * time.Second, Channels: []notify.Channel{{Name: "r", Sender: &r}}}
		during(t, d, func() {
			tell(t, l, detected("1"))
			time.Sleep(2 * time.Hour)
		})
		if len(r.got) != 1 {
			t.Error("a receiver that asks for years silences the channel")
		}
	})
}

func TestQuietHours(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	quiet := notify.Quiet{From: 20 * time.Hour, To: 7 * time.Hour, Zone: zone}
	in(t, func(t *testing.T, l *ledger.Ledger) {
		var r receiver // the clock begins at midnight UTC: it is two in the morning there
		d := &notify.Dispatcher{Outbox: l.Outbox(), Poll: time.Minute, Channels: []notify.Channel{{Name: "r", Sender: &r, Quiet: quiet}}}
		high, failed := detected("high"), detected("failed")
		high.Severity, failed.Kind = "High", notify.Failed
		tell(t, l, detected("low"), high, failed)
		began := time.Now()
		if left := flush(t, d, time.Hour); left["r"].Due != 1 || time.Since(began) > 10*time.Second {
			t.Errorf("left: %+v, after %v", left, time.Since(began))
		}
		if got := r.keys(); !slices.Equal(got, []string{"high", "failed"}) {
			t.Errorf("during quiet hours: %v", got)
		}
		during(t, d, func() { time.Sleep(4 * time.Hour) })
		if n := len(r.got); n != 2 {
			t.Errorf("%d messages an hour before the end of quiet hours", n)
		}
		during(t, d, func() { time.Sleep(2 * time.Hour) })
		if got := r.keys(); !slices.Equal(got, []string{"high", "failed", "low"}) {
			t.Errorf("after quiet hours: %v", got)
		}
		if hour := r.when[2].In(zone).Hour(); hour != 7 {
			t.Errorf("told at %d o'clock", hour)
		}
	})
	// Somebody has sluice run at night only, and for a few minutes.
	in(t, func(t *testing.T, l *ledger.Ledger) {
		var r receiver
		d := &notify.Dispatcher{Outbox: l.Outbox(), Poll: time.Minute, Channels: []notify.Channel{{Name: "r", Sender: &r, Quiet: quiet}}}
		tell(t, l, detected("low"))
		flush(t, d, time.Minute)
		time.Sleep(24*time.Hour - time.Minute)
		flush(t, d, time.Minute)
		if len(r.got) != 1 {
			t.Error("what is found by night is never told")
		}
	})
}

func TestQuietAt(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	night := notify.Quiet{From: 22 * time.Hour, To: 6 * time.Hour, Zone: berlin}
	noon := notify.Quiet{From: 12 * time.Hour, To: 13 * time.Hour}
	for _, tt := range []struct {
		q    notify.Quiet
		at   string
		want bool
	}{
		{night, "2026-01-10T21:00:00Z", true}, // winter: an hour ahead
		{night, "2026-01-10T20:59:59Z", false},
		{night, "2026-01-11T04:59:59Z", true},
		{night, "2026-01-11T05:00:00Z", false},
		{night, "2026-07-10T20:00:00Z", true}, // summer: two
		{night, "2026-07-11T04:00:00Z", false},
		{noon, "2026-07-11T12:30:00Z", true},
		{noon, "2026-07-11T13:00:00Z", false},
		{notify.Quiet{}, "2026-07-11T00:00:00Z", false},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := tt.q.At(at); got != tt.want {
			t.Errorf("%v to %v: quiet at %s: %v", tt.q.From, tt.q.To, tt.at, got)
		}
	}
}

// TestRate bounds how fast messages follow each other, over any minute.
func TestRate(t *testing.T) {
	in(t, func(t *testing.T, l *ledger.Ledger) {
		var r receiver
		d := &notify.Dispatcher{Outbox: l.Outbox(), Channels: []notify.Channel{{Name: "r", Sender: &r, Digest: notify.Digesting{Above: 1000}, Rate: notify.Rate{Messages: 6, Per: time.Minute}}}}
		for i := range 30 {
			tell(t, l, detected(fmt.Sprint(i)))
		}
		if left := flush(t, d, time.Hour); left["r"] != (notify.Left{}) {
			t.Errorf("left: %+v", left)
		}
		for i := range r.when {
			if k := i + 12; k < len(r.when) && r.when[k].Sub(r.when[i]) < time.Minute {
				t.Fatalf("13 messages in %v", r.when[k].Sub(r.when[i]))
			}
		}
		if took := r.when[29].Sub(r.when[0]); took > 5*time.Minute {
			t.Errorf("30 messages took %v", took)
		}
	})
}

// TestClockJumps moves the clock of the wall, on which the times in the outbox
// are, and not the one by which pauses are measured.
func TestClockJumps(t *testing.T) {
	for _, jump := range []time.Duration{-10 * 365 * 24 * time.Hour, -time.Hour, time.Hour, 10 * 365 * 24 * time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			in(t, func(t *testing.T, l *ledger.Ledger) {
				began := time.Now()
				r := receiver{fail: func(notify.Message, int) error {
					if time.Since(began) < 20*time.Minute {
						return errors.New("down")
					}
					return nil
				}}
				d := &notify.Dispatcher{
					Outbox: l.Outbox(), Poll: time.Minute, Channels: []notify.Channel{{Name: "r", Sender: &r, Digest: notify.Digesting{Above: 3}}},
					Now: func() time.Time {
						if time.Since(began) > 10*time.Minute {
							return time.Now().Add(jump)
						}
						return time.Now()
					},
				}
				during(t, d, func() {
					for i := range 10 {
						tell(t, l, detected(fmt.Sprint(i)))
						time.Sleep(2 * time.Minute)
					}
					time.Sleep(time.Hour)
				})
				if n, told := r.count(); told != 10 || n > 8 || n < 2 {
					t.Errorf("%d events in %d messages, %d tries", told, n, r.all)
				}
			})
		})
	}
}

// TestFlushHasADeadline: who asked for the flush is not held up by a receiver.
func TestFlushHasADeadline(t *testing.T) {
	in(t, func(t *testing.T, l *ledger.Ledger) {
		r := &hanging{}
		var good receiver
		d := &notify.Dispatcher{Outbox: l.Outbox(), Timeout: time.Hour, Channels: []notify.Channel{{Name: "r", Sender: r}, {Name: "good", Sender: &good}}}
		tell(t, l, detected("1"), detected("2"))
		began := time.Now()
		left := flush(t, d, 10*time.Second)
		if took := time.Since(began); took > 11*time.Second || left["r"].Due != 2 || left["good"].Due != 0 {
			t.Errorf("after %v: %+v", took, left)
		}
		for m, err := range l.Messages(t.Context(), ledger.MessageFilter{States: []notify.State{notify.Due}}) {
			if err != nil || m.Error != "interrupted" && m.Attempts > 0 {
				t.Errorf("%+v, %v", m, err)
			}
		}
	})
	// A receiver that is down: retried as long as there is time, and no longer.
	in(t, func(t *testing.T, l *ledger.Ledger) {
		r := receiver{fail: func(notify.Message, int) error { return errors.New("down") }}
		d := &notify.Dispatcher{Outbox: l.Outbox(), Channels: []notify.Channel{{Name: "r", Sender: &r}}}
		tell(t, l, detected("1"))
		if left := flush(t, d, time.Minute); left["r"].Due != 1 || r.all < 2 || r.all > 10 {
			t.Errorf("%+v after %d attempts", left, r.all)
		}
	})
}

type hanging struct{}

func (hanging) Send(ctx context.Context, _ notify.Message) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestGrace: what is on its way when a run ends is not sent twice, unless it takes
// too long.
func TestGrace(t *testing.T) {
	for _, c := range []struct {
		takes, grace time.Duration
		sends        int
	}{{2 * time.Second, 5 * time.Second, 1}, {10 * time.Second, 5 * time.Second, 2}, {2 * time.Second, 0, 2}} {
		in(t, func(t *testing.T, l *ledger.Ledger) {
			s := &slow{takes: c.takes}
			d := &notify.Dispatcher{Outbox: l.Outbox(), Grace: c.grace, Channels: []notify.Channel{{Name: "r", Sender: s}}}
			tell(t, l, detected("1"))
			var began time.Time
			during(t, d, func() { time.Sleep(time.Second); began = time.Now() })
			if took := time.Since(began); took > min(c.takes, c.grace) {
				t.Errorf("the run went on for %v", took)
			}
			if left := flush(t, d, 2*time.Minute); left["r"] != (notify.Left{}) || s.begun != c.sends || s.ended != 1 {
				t.Errorf("%v in a grace of %v: sent %d times, %d to the end, left %+v", c.takes, c.grace, s.begun, s.ended, left["r"])
			}
		})
	}
}

// slow takes its time for each message.
type slow struct {
	takes        time.Duration
	begun, ended int
}

func (s *slow) Send(ctx context.Context, _ notify.Message) error {
	s.begun++
	select {
	case <-time.After(s.takes):
		s.ended++
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestTwoDispatchers share the work, and nothing is told twice.
func TestTwoDispatchers(t *testing.T) {
	in(t, func(t *testing.T, l *ledger.Ledger) {
		var r receiver
		channel := notify.Channel{Name: "r", Sender: &r, Digest: notify.Digesting{Above: 50}, Rate: notify.Rate{Messages: 1000}}
		one := &notify.Dispatcher{Outbox: l.Outbox(), Poll: 10 * time.Second, Channels: []notify.Channel{channel}}
		two := &notify.Dispatcher{Outbox: l.Outbox(), Poll: 10 * time.Second, Channels: []notify.Channel{channel}}
		during(t, one, func() {
			during(t, two, func() {
				for i := range 100 {
					tell(t, l, detected(fmt.Sprint(i)))
					time.Sleep(time.Second)
				}
				time.Sleep(20 * time.Minute)
			})
		})
		keys := r.keys()
		slices.Sort(keys)
		if _, told := r.count(); told != 100 || len(slices.Compact(keys)) != len(r.got) {
			t.Errorf("%d events told in %d messages", told, len(r.got))
		}
	})
}
