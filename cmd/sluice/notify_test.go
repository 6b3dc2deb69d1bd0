package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

// TestRetryIsNotAll: what is for a channel that was renamed meanwhile, or waits for the
// end of quiet hours, is left, which is said.
func TestRetryIsNotAll(t *testing.T) {
	var got int
	h := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got++ }))
	defer h.Close()
	dir := t.TempDir()
	path, policy := filepath.Join(dir, "l.db"), filepath.Join(dir, "policy.yaml")
	l, err := ledger.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	o := l.Outbox()
	if err := o.Subscribe(t.Context(), notify.Subscription{Channel: "soc"}, notify.Subscription{Channel: "old"}); err != nil {
		t.Fatal(err)
	}
	if err := l.Tell(t.Context(), notify.Event{Key: "k", Kind: notify.Swept, Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	for _, channel := range []string{"soc", "old"} {
		groups, err := o.Waiting(t.Context(), channel, time.Time{}, time.Now())
		if err != nil || len(groups) != 1 {
			t.Fatalf("%d groups: %v", len(groups), err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	retry := func(channel string, code int, want ...string) {
		t.Helper()
		if err := os.WriteFile(policy, fmt.Appendf(nil, "notify: [{name: %s, type: webhook, url: %q}]", channel, h.URL), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if c := run(t.Context(), []string{"notify", "retry", "--ledger", path, "--policy", policy}, strings.NewReader(""), &out, &out); c != code {
			t.Errorf("%s: exit code %d, want %d", channel, c, code)
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: does not say %q:\n%s", channel, w, &out)
			}
		}
	}
	retry("soc", pipeline.ExitIncomplete, "notify: old: left: 1 message, and the policy has no such channel")
	now := time.Now().UTC()
	quiet := fmt.Sprintf("old, quiet: {from: %q, to: %q}", now.Add(-2*time.Hour).Format("15:04"), now.Add(2*time.Hour).Format("15:04"))
	retry(quiet, pipeline.ExitIncomplete, "notify: old: waiting for the end of quiet hours: 1 message;")
	retry("old", pipeline.ExitClean, "all that was due is told")
	if got != 2 {
		t.Errorf("%d messages, want 2", got)
	}
}

// taker takes all messages.
type taker struct{ messages int }

func (s *taker) Send(context.Context, notify.Message) error { s.messages++; return nil }

// TestTellerTakesItsTime: more messages than the rate lets through in a minute are told
// at the end all the same, and what is not told in the end makes the run incomplete.
func TestTellerTakesItsTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db")
	for rate, want := range map[int]int{30: pipeline.ExitClean, 5: pipeline.ExitIncomplete} {
		synctest.Test(t, func(t *testing.T) {
			l, err := ledger.Open(context.Background(), path)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			var to taker
			tell := &teller{w: io.Discard, close: func() {}, failing: make(map[string]error)}
			tell.dispatcher = &notify.Dispatcher{Outbox: l.Outbox(), Report: tell.report, Channels: []notify.Channel{{Name: fmt.Sprint(rate), Sender: &to, Rate: notify.Rate{Messages: rate}}}}
			if err := tell.dispatcher.Open(t.Context()); err != nil {
				t.Fatal(err)
			}
			for i := range 80 { // each kind and severity is just not enough for a digest
				kind := []notify.Kind{notify.Detected, notify.Succeeded}[i%2]
				severity := []string{"Low", "High"}[i/2%2]
				if err := l.Tell(t.Context(), notify.Event{Key: fmt.Sprint(rate, " ", i), Kind: kind, Severity: severity, Time: time.Now()}); err != nil {
					t.Fatal(err)
				}
			}
			began := time.Now()
			if code := tell.end(t.Context()); code != want || (to.messages == 80) != (want == pipeline.ExitClean) || time.Since(began) > 10*time.Minute {
				t.Errorf("%d a minute: exit code %d after %d messages and %v", rate, code, to.messages, time.Since(began))
			}
		})
	}
}
