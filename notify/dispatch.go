package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Channel is a sender, and how it is to be used.
type Channel struct {
	Name   string // by which the outbox knows it: a channel with another name is another one
	Sender Sender

	Kinds       []Kind // that are told; none: all
	MinSeverity string // of those that have one; failures are told whatever they have
	Link        string // URL of a page about an object; see [Render]

	Digest Digesting
	Quiet  Quiet
	Rate   Rate
}

// Digesting makes one message of many.
type Digesting struct {
	Above int           // events of a kind that are told one by one; default 20
	Every time.Duration // in this time; the rest becomes one message at its end; default 15 min
}

// Quiet are hours in which nothing is told but what is urgent. The zero value:
// there are none.
type Quiet struct {
	From, To time.Duration // since midnight; From may be after To, over midnight
	Zone     *time.Location
	Except   string // severity; what has at least this one is urgent, as failures are; default High
}

// At reports whether it is quiet at t.
func (q Quiet) At(t time.Time) bool {
	if q.From == q.To {
		return false
	}
	if q.Zone != nil {
		t = t.In(q.Zone)
	}
	day := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
	if q.From < q.To {
		return q.From <= day && day < q.To
	}
	return q.From <= day || day < q.To
}

// Rate is how many messages a receiver takes.
type Rate struct {
	Messages int           // default 30
	Per      time.Duration // default 1 min
}

// Dispatcher tells channels what is in an outbox. Its fields must not be changed
// once it is used. Of [Dispatcher.Run] and [Dispatcher.Flush], only one may run
// at a time; several dispatchers may share an outbox.
type Dispatcher struct {
	Outbox   Outbox
	Channels []Channel

	Timeout  time.Duration // of one attempt; default 30 s
	MinPause time.Duration // after the first failure of a message; then twice that, and so on; default 5 s
	MaxPause time.Duration // default 1 h; also the longest that a receiver can ask for
	GiveUp   time.Duration // a message that old is not sent again after a failure; default 72 h
	Poll     time.Duration // how often the outbox is looked at; default 1 s
	Grace    time.Duration // that Run gives what is on its way when its ctx ends; default 0

	// Report, if set, is told of each attempt, and of an outbox that fails. It
	// is called by several goroutines.
	Report func(Attempt)

	Now func() time.Time // default time.Now

	mu     sync.Mutex
	routes []*route
}

// Attempt is what [Dispatcher.Report] is told.
type Attempt struct {
	Channel string
	Key     string // "": it is about the outbox
	Events  int64
	State   State
	Next    time.Time // if State is Due
	Err     error     // nil: the message was taken
}

// heldAtMost is how long a message waits for the end of quiet hours. Somebody
// who runs sluice once a night would never be told otherwise.
const heldAtMost = 20 * time.Hour

// longestChannelPause bounds the pause of a channel after a failure that may be
// the fault of one message.
const longestChannelPause = time.Minute

func (d *Dispatcher) timeout() time.Duration  { return cmp.Or(d.Timeout, 30*time.Second) }
func (d *Dispatcher) minPause() time.Duration { return cmp.Or(d.MinPause, 5*time.Second) }
func (d *Dispatcher) maxPause() time.Duration { return cmp.Or(d.MaxPause, time.Hour) }
func (d *Dispatcher) giveUp() time.Duration   { return cmp.Or(d.GiveUp, 72*time.Hour) }
func (d *Dispatcher) poll() time.Duration     { return cmp.Or(d.Poll, time.Second) }

func (d *Dispatcher) now() time.Time {
	if d.Now != nil {
		return d.Now()
	}
	return time.Now()
}

func (d *Dispatcher) report(a Attempt) {
	if d.Report != nil {
		d.Report(a)
	}
}

// Open makes the channels known to the outbox. What happens before it is called for
// the first time may not be told to all of them. Run and Flush call it.
func (d *Dispatcher) Open(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.routes != nil {
		return nil
	}
	var subs []Subscription
	var routes []*route
	for _, c := range d.Channels {
		subs = append(subs, Subscription{Channel: c.Name, Kinds: c.Kinds, MinSeverity: c.MinSeverity, Urgent: cmp.Or(c.Quiet.Except, "High")})
		routes = append(routes, newRoute(d, c))
	}
	if err := d.Outbox.Subscribe(ctx, subs...); err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	d.routes = routes
	return nil
}

// Run tells what comes into the outbox until ctx is done, each channel on a
// goroutine of its own, so that one that is down holds up no other. What is on
// its way when ctx ends, and longer than Grace, is cut short and will be sent
// again. The error is that of Open; an outbox that fails later is reported and tried
// again.
func (d *Dispatcher) Run(ctx context.Context) error {
	if err := d.Open(ctx); err != nil {
		return err
	}
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() {
		end := time.AfterFunc(d.Grace, cut)
		context.AfterFunc(work, func() { end.Stop() })
	})()
	var wg sync.WaitGroup
	for _, r := range d.routes {
		wg.Go(func() { r.run(ctx, work) })
	}
	wg.Wait()
	return nil
}

// Flush tells what is in the outbox, without waiting for more, and returns what
// is left, by channel: what ctx left no time for, what a receiver did not take
// yet, and what waits for the end of quiet hours. The error is about the outbox.
func (d *Dispatcher) Flush(ctx context.Context) (map[string]Left, error) {
	if err := d.Open(ctx); err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	errs := make([]error, len(d.routes))
	for i, r := range d.routes {
		wg.Go(func() { errs[i] = r.flush(ctx) })
	}
	wg.Wait()
	left := make(map[string]Left)
	for _, r := range d.routes {
		l, err := d.Outbox.Left(context.WithoutCancel(ctx), r.Name)
		if err != nil {
			errs = append(errs, err)
		}
		left[r.Name] = l
	}
	if err := errors.Join(errs...); err != nil {
		return left, fmt.Errorf("notify: %w", err)
	}
	return left, nil
}

// route is a channel in use, by one goroutine at a time.
type route struct {
	*Dispatcher
	Channel

	// Until then nothing is sent: time.Time with a monotonic clock, which
	// no jump touches.
	pause    time.Time
	failures int // in a row

	tokens float64
	filled time.Time
}

func newRoute(d *Dispatcher, c Channel) *route {
	c.Digest.Above = cmp.Or(c.Digest.Above, 20)
	c.Digest.Every = cmp.Or(c.Digest.Every, 15*time.Minute)
	c.Rate.Messages = cmp.Or(c.Rate.Messages, 30)
	c.Rate.Per = cmp.Or(c.Rate.Per, time.Minute)
	return &route{Dispatcher: d, Channel: c, tokens: float64(c.Rate.Messages), filled: time.Now()}
}

// run tells until ctx is done; what it has begun with by then is under work.
func (r *route) run(ctx, work context.Context) {
	for ctx.Err() == nil {
		began := time.Now()
		sent, err := r.step(work, false)
		wait := max(r.poll(), 10*time.Since(began)) // so that an outbox with much in it is not looked at all the time
		switch {
		case err != nil && ctx.Err() == nil:
			r.report(Attempt{Channel: r.Name, Err: err})
			wait = max(wait, r.minPause())
		case sent:
			continue
		}
		sleep(ctx, wait)
	}
}

// flush sends until nothing is left that could be sent before ctx ends.
func (r *route) flush(ctx context.Context) error {
	for {
		sent, err := r.step(ctx, true)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if sent {
			continue
		}
		left, err := r.Outbox.Left(ctx, r.Name)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		next := left.Next
		if r.Quiet.At(r.now()) {
			next = left.Urgent
		}
		wait := max(r.idle(), next.Sub(r.now()), r.poll()/20)
		if end, ok := ctx.Deadline(); next.IsZero() || ok && time.Until(end) < wait {
			return nil
		}
		sleep(ctx, wait)
	}
}

// idle is how long nothing may be sent: after a failure, or for the rate.
func (r *route) idle() time.Duration {
	now := time.Now()
	r.tokens = min(float64(r.Rate.Messages), r.tokens+now.Sub(r.filled).Seconds()*float64(r.Rate.Messages)/r.Rate.Per.Seconds())
	r.filled = now
	var fill time.Duration
	if r.tokens < 1 {
		fill = time.Duration((1 - r.tokens) * float64(r.Rate.Per) / float64(r.Rate.Messages))
	}
	return max(fill, r.pause.Sub(now))
}

// step makes messages of what waits, and sends one of them. sent tells whether
// there was one to send, also if that failed. The error is the outbox's.
func (r *route) step(ctx context.Context, flush bool) (sent bool, err error) {
	if err := r.compose(ctx, flush); err != nil {
		return false, err
	}
	if r.idle() > 0 {
		return false, nil
	}
	now := r.now()
	c := Claim{Channel: r.Name, Now: now, Lease: 2 * r.timeout(), Horizon: 2 * r.maxPause()}
	if r.Quiet.At(now) {
		c.HeldSince = now.Add(-heldAtMost)
	}
	p, ok, err := r.Outbox.Claim(ctx, c)
	if err != nil || !ok {
		return false, err
	}
	r.tokens--
	m, err := r.message(ctx, p)
	if err != nil {
		return false, errors.Join(err, r.settle(ctx, p, err)) // it is not held until its lease ends
	}
	return true, r.settle(ctx, p, r.send(ctx, m))
}

// compose puts each group of events that waits into messages: one by one as long as
// there are few, and into one if there are many.
func (r *route) compose(ctx context.Context, flush bool) error {
	now := r.now()
	groups, err := r.Outbox.Waiting(ctx, r.Name, now.Add(-r.Digest.Every), now)
	if err != nil {
		return err
	}
	for _, g := range groups {
		digest := g.Digest || g.Told+g.Events > int64(r.Digest.Above)
		if digest && !flush && g.Told > 0 && now.Before(g.Oldest.Add(r.Digest.Every)) {
			continue // at the end of this time
		}
		if err := r.Outbox.Compose(ctx, g, digest && g.Events > 1, now); err != nil {
			return err
		}
	}
	return nil
}

func (r *route) message(ctx context.Context, p Parcel) (Message, error) {
	events := r.Outbox.Events(ctx, p)
	if p.Digest {
		return RenderDigest(p.Key, p.Kind, events)
	}
	for e, err := range events {
		if err != nil {
			return Message{}, err
		}
		return Render(e, r.Link), nil
	}
	return Message{}, fmt.Errorf("message %d has no event", p.ID)
}

func (r *route) send(ctx context.Context, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout())
	defer cancel()
	return r.Sender.Send(ctx, m)
}

// settle records what became of a message, also if ctx is done.
func (r *route) settle(ctx context.Context, p Parcel, failure error) error {
	now := r.now()
	o := Outcome{State: Sent, At: now}
	switch s := asSendError(failure); {
	case failure == nil:
		r.failures, r.pause = 0, time.Time{}
	case ctx.Err() != nil:
		o.State, o.Due, o.Error = Due, now, "interrupted"
	case s.Permanent:
		o.State, o.Error = Dead, failure.Error()
	default:
		r.failures++
		pause := r.backoff(p.Attempts)
		r.hold(min(r.backoff(r.failures), longestChannelPause))
		if s.RetryAfter > 0 {
			pause = min(s.RetryAfter, r.maxPause())
			r.hold(pause)
		}
		o.State, o.Due, o.Error = Due, now.Add(pause), failure.Error()
		if age := now.Sub(p.Made); age > r.giveUp() && p.Attempts > minAttempts {
			o.State, o.Due = Dead, time.Time{}
		}
	}
	o.Error = Clean(o.Error, longestText)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := r.Outbox.Settle(ctx, p, o)
	if errors.Is(err, ErrLost) {
		failure, err = errors.Join(failure, err), nil
	}
	r.report(Attempt{Channel: r.Name, Key: p.Key, Events: p.Events, State: o.State, Next: o.Due, Err: failure})
	return err
}

// minAttempts are made of each message, however old it is: it may have waited
// for a machine that was switched off, or the clock may have jumped.
const minAttempts = 8

func (r *route) hold(d time.Duration) { r.pause = time.Now().Add(d) }

// backoff is the pause after so many failures: doubled each time, and between
// half of that and all of it, so that not everybody comes back at once.
func (r *route) backoff(failures int) time.Duration {
	d := r.minPause()
	for range min(failures-1, 62) {
		if d *= 2; d >= r.maxPause() {
			d = r.maxPause()
			break
		}
	}
	return d/2 + rand.N(d/2+1)
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
