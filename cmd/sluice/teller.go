package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/channels"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine/policy"
)

// A command goes on at its end to tell what is left: for tellFor, and once more as
// long as something was taken in that time, but not longer than tellAtMost.
const (
	tellFor    = time.Minute
	tellAtMost = 5 * time.Minute
)

// teller tells the channels of a policy what is in the outbox of a ledger,
// while a command runs and at its end. The nil teller tells nobody.
type teller struct {
	policy     string // path
	ledger     string
	w          io.Writer
	dispatcher *notify.Dispatcher
	close      func()

	stop func() // ends telling in the background

	mu      sync.Mutex
	taken   int64            // messages
	failing map[string]error // the last error, by channel and message
}

// newTeller makes a teller, which must be closed. Nobody is to be told if the
// policy has no channels.
func newTeller(ctx context.Context, f *policy.File, path, ledgerPath string, l *ledger.Ledger, w io.Writer) (*teller, error) {
	if f == nil || len(f.Channels) == 0 {
		return nil, nil
	}
	set, done, err := buildChannels(f, w)
	if err != nil {
		return nil, err
	}
	t := &teller{policy: path, ledger: ledgerPath, w: w, close: done, failing: make(map[string]error)}
	t.dispatcher = &notify.Dispatcher{Outbox: l.Outbox(), Channels: set.Channels, Report: t.report, Grace: 10 * time.Second}
	if err := t.dispatcher.Open(ctx); err != nil {
		done()
		return nil, err
	}
	return t, nil
}

// buildChannels makes the channels of a policy. done frees them, and wipes
// secrets.
func buildChannels(f *policy.File, warnings io.Writer) (set *channels.Set, done func(), err error) {
	secrets, wipe := newResolver(awsSettings(f.Secrets.Connection), warnings)
	secrets.Lifetime = f.Secrets.Lifetime
	set, err = channels.Build(f.Channels, channels.Options{Secrets: secrets})
	if err != nil {
		wipe()
		return nil, nil, err
	}
	return set, func() { set.Close(); wipe() }, nil
}

// awsSettings are those that a policy gives.
func awsSettings(c policy.Connection) awsconf.Settings {
	return awsconf.Settings{
		Profile: c.Profile, Region: c.Region, RoleARN: c.RoleARN, ExternalID: c.ExternalID, Endpoint: c.Endpoint,
		CABundle: c.CABundle, AllowPlainHTTP: c.InsecureHTTP,
	}
}

func (t *teller) report(a notify.Attempt) {
	if a.Key == "" {
		return // if the outbox still fails at the end, Flush says so
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	id := a.Channel + " " + a.Key
	if a.Err == nil {
		delete(t.failing, id)
		t.taken++
	} else {
		t.failing[id] = a.Err
	}
}

// begin tells in the background, until end is called or ctx is done. A message that
// is on its way then has a while to arrive, so that it need not be sent again.
func (t *teller) begin(ctx context.Context) {
	if t == nil {
		return
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		t.dispatcher.Run(ctx) // its error is that of Open, which was called before
	}()
	t.stop = func() { stop(); <-ended }
}

// end tells what is left, for a while, and returns the exit code: whether
// somebody was not told who should have been.
func (t *teller) end(ctx context.Context) int {
	if t == nil {
		return pipeline.ExitClean
	}
	defer t.close()
	if t.stop != nil {
		t.stop()
	}
	for end := time.Now().Add(tellAtMost); ; {
		before := t.count()
		round, cancel := context.WithTimeout(ctx, tellFor)
		left, err := t.dispatcher.Flush(round)
		cancel()
		if err != nil {
			fmt.Fprintf(t.w, "sluice: %v\n", err)
			return pipeline.ExitIncomplete
		}
		if t.count() == before || ctx.Err() != nil || time.Until(end) < tellFor {
			return t.tellLeft(left)
		}
	}
}

func (t *teller) count() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.taken
}

func (t *teller) tellLeft(left map[string]notify.Left) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	code := pipeline.ExitClean
	for _, c := range t.dispatcher.Channels {
		l := left[c.Name]
		channel := export.Visible(c.Name)
		if n := l.Waiting + l.Due; n > 0 {
			why := "another try, or for its rate"
			if c.Quiet.At(time.Now()) && l.Urgent.IsZero() {
				why = "the end of quiet hours"
			} else {
				code = pipeline.ExitIncomplete
			}
			fmt.Fprintf(t.w, "notify: %s: waiting for %s: %s; the next command with this ledger sends what is due\n", channel, why, plural(n, "message"))
		}
		if l.Dead > 0 {
			fmt.Fprintf(t.w, "notify: %s: given up, now or earlier: %s; sluice notify list --state dead --ledger %s\n", channel, plural(l.Dead, "message"), cmp.Or(t.ledger, "FILE"))
		}
	}
	if len(t.failing) == 0 {
		return code
	}
	ids := slices.Sorted(maps.Keys(t.failing))
	fmt.Fprintf(t.w, "NOT TOLD: %s tried in vain; the first error: %s\n", plural(int64(len(ids)), "message"), export.Visible(t.failing[ids[0]].Error()))
	fmt.Fprintf(t.w, "hint: sluice notify list --ledger %[2]s tells which; sluice notify retry --ledger %[2]s --policy %[1]s sends them again\n", t.policy, cmp.Or(t.ledger, "FILE"))
	return pipeline.ExitIncomplete
}
