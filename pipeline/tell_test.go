package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/email"
	"github.com/sluice-dlp/sluice/notify/notifytest"
	"github.com/sluice-dlp/sluice/notify/slack"
	"github.com/sluice-dlp/sluice/notify/teams"
	"github.com/sluice-dlp/sluice/notify/webhook"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/mem"
)

// values are what is found: published examples, and numbers that were computed.
var values = []string{"4539578763621486", "5425233430109903", "DE89370400440532013000", "AKIAIOSFODNN7EXAMPLE"}

// TestToldWithoutValues goes the whole way with the real detectors, from an object
// to what receivers get, while some moves fail and one receiver does not answer. It
// looks for the values in all that leaves the process.
func TestToldWithoutValues(t *testing.T) {
	b := mem.New("customer")
	const objects = 40
	for i := range objects {
		b.Fill(fmt.Sprintf("exports/%02d.csv", i), []byte("credit card number: "+strings.Join(values, "\ncredit card number: ")))
	}
	set, err := detectors.Compile(detectors.Builtin(), detectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sc, err := scanner.New(scanner.Config{Set: set})
	if err != nil {
		t.Fatal(err)
	}
	l := newLedger(t)
	j := pipeline.Journal{Ledger: l, Undo: func(m quarantine.Move) string { return "sluice quarantine restore " + m.ID }}
	vault := b.Beside("vault")
	a := &pipeline.Act{
		Ledger: l, Journal: j, Mover: &quarantine.Mover{Vault: vault, Prefix: "q/", Journal: j},
		Origin: func(context.Context, string) (quarantine.Bucket, error) { return b, nil },
	}

	hook, chat, cards, down := notifytest.NewHTTP(t), notifytest.NewHTTP(t), notifytest.NewHTTP(t), notifytest.NewHTTP(t)
	down.Answer(notifytest.Fail)
	one, err1 := webhook.New(webhook.Config{URL: hook.Secret, CABundle: hook.CABundle})
	two, err2 := slack.New(slack.Config{URL: chat.Secret, CABundle: chat.CABundle})
	three, err3 := teams.New(teams.Config{URL: cards.Secret, CABundle: cards.CABundle})
	four, err4 := webhook.New(webhook.Config{URL: down.Secret, CABundle: down.CABundle})
	nobody, err5 := email.New(email.Config{Server: "127.0.0.1:1", From: "a@example.com", To: []string{"b@example.com"}})
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err != nil {
			t.Fatal(err)
		}
	}
	few := notify.Digesting{Above: 1000}
	fast := notify.Rate{Messages: 100_000}
	d := &notify.Dispatcher{
		Outbox: l.Outbox(), Poll: 5 * time.Millisecond, MinPause: 10 * time.Millisecond, MaxPause: 50 * time.Millisecond, GiveUp: 2 * time.Second,
		Channels: []notify.Channel{
			{Name: "hook", Sender: one, Digest: few, Rate: fast}, {Name: "chat", Sender: two, Digest: few, Rate: fast}, {Name: "cards", Sender: three, Rate: fast},
			{Name: "down", Sender: four, Rate: fast}, {Name: "nobody", Sender: nobody, Digest: notify.Digesting{Above: 1}, Rate: fast},
		},
	}
	if err := d.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- d.Run(ctx) }()

	do(t, &pipeline.Run{Source: b, Scanner: sc, Rules: set, Ledger: l})
	plan(t, a, moveAll, objects)
	b.Hooks.Before = func(op mem.Op, o store.Object) error {
		if op == mem.Remove && strings.HasSuffix(o.Key, "7.csv") {
			return fmt.Errorf("remove: %w", store.ErrDenied)
		}
		return nil
	}
	if _, err := a.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() {
		time.Sleep(200 * time.Millisecond)
		down.Answer(notifytest.Take) // it is up again
	}()
	left, err := d.Flush(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for name, l := range left {
		if l.Due+l.Waiting > 0 || (l.Dead > 0) != (name == "nobody") {
			t.Errorf("%s has left %+v", name, l)
		}
	}

	kinds := make(map[notify.Kind]int)
	told := make(map[string][]byte)
	for _, text := range hook.Taken() {
		var p struct {
			Kind  notify.Kind
			Key   string
			Undo  string
			Event struct {
				Move   string
				Where  string
				Counts map[string]int64 `json:"values_by_type"`
			}
		}
		if err := json.Unmarshal(text, &p); err != nil {
			t.Fatal(err)
		}
		if before := told[p.Key]; before != nil { // it was on its way when telling was stopped
			if !bytes.Equal(before, text) {
				t.Error("told twice, and differently")
			}
			continue
		}
		kinds[p.Kind]++
		told[p.Key] = text
		if p.Kind == notify.Succeeded && (p.Undo != "sluice quarantine restore "+p.Event.Move || !strings.HasPrefix(p.Event.Where, "s3://vault/q/") || p.Event.Counts["CREDIT_CARD_NUMBER"] == 0) {
			t.Fatalf("%.400s", text)
		}
	}
	if kinds[notify.Detected] != objects || kinds[notify.Started] != 1 || kinds[notify.Succeeded] != objects-4 || kinds[notify.Failed] != 4 {
		t.Errorf("told: %v", kinds)
	}
	if n := len(chat.Taken()); n < 2*objects+1 || n > 2*objects+2 { // one may have been on its way
		t.Errorf("%d messages in the chat", n)
	}
	if n := len(cards.Taken()); n == 0 || n > 45 {
		t.Errorf("%d cards", n)
	}
	sent := append(append(append(hook.Taken(), chat.Taken()...), cards.Taken()...), down.Taken()...)
	for m, err := range l.Messages(t.Context(), ledger.MessageFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		sent = append(sent, []byte(m.Error))
	}
	for _, text := range sent {
		for _, v := range values {
			if bytes.Contains(text, []byte(v)) {
				t.Fatal("a message holds a value that was found")
			}
		}
	}
}
