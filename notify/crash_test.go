package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/notifytest"
	"github.com/sluice-dlp/sluice/notify/webhook"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

// TestMain is also the process that TestKilled kills.
func TestMain(m *testing.M) {
	if path := os.Getenv("SLUICE_TEST_OUTBOX"); path != "" {
		if err := tellAll(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const killedEvents = 120

// tellAll records all events, whatever was recorded before, while it tells them;
// some one by one and some in digests.
func tellAll(path string) error {
	ctx := context.Background()
	l, err := ledger.Open(ctx, path)
	if err != nil {
		return err
	}
	defer l.Close()
	s, err := webhook.New(webhook.Config{URL: notifytest.NewSecret(os.Getenv("SLUICE_TEST_URL")), CABundle: os.Getenv("SLUICE_TEST_CA")})
	if err != nil {
		return err
	}
	d := &notify.Dispatcher{
		Outbox: l.Outbox(), Poll: time.Millisecond, MinPause: time.Millisecond, MaxPause: 10 * time.Millisecond,
		Channels: []notify.Channel{{Name: "r", Sender: s, Digest: notify.Digesting{Above: 5, Every: 50 * time.Millisecond}, Rate: notify.Rate{Messages: 1e6}}},
	}
	if err := d.Open(ctx); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error)
	go func() { ended <- d.Run(running) }()
	for i := range killedEvents {
		if err := l.Tell(ctx, notify.Event{Key: fmt.Sprint(i), Kind: notify.Detected, Run: int64(i % 3), Bucket: "b", Name: fmt.Sprint(i)}); err != nil {
			return err
		}
	}
	stop()
	if err := <-ended; err != nil {
		return err
	}
	_, err = d.Flush(ctx)
	return err
}

// TestKilled kills the process that tells with SIGKILL, again and again, and
// lets the receiver fail now and then. Each event must have been told, in one
// message only, and that with the same content however often it came.
func TestKilled(t *testing.T) {
	h := notifytest.NewHTTP(t)
	path := filepath.Join(t.TempDir(), "l.db")
	kills := 0
	for round := 0; ; round++ {
		if round == 200 {
			t.Fatal("it never comes to an end")
		}
		h.Answer(notifytest.Take)
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "SLUICE_TEST_OUTBOX="+path, "SLUICE_TEST_URL="+h.Secret.Now(), "SLUICE_TEST_CA="+h.CABundle)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		life := time.Duration(20+rand.N(60+50*round)) * time.Millisecond
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(life / 2):
			if round%3 == 0 {
				h.Answer(notifytest.Fail)
			}
			select {
			case err := <-ended:
				if err != nil {
					t.Fatal(err)
				}
			case <-time.After(life / 2):
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				<-ended
				kills++
				continue
			}
		}
		break
	}

	l, err := ledger.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if left, err := l.Left(t.Context(), "r"); err != nil || left.Waiting+left.Due+left.Dead > 0 {
		t.Errorf("left: %+v, %v", left, err)
	}
	bodies := make(map[string]string)
	again := 0
	for _, body := range h.Taken() {
		var p struct{ Key string }
		if err := json.Unmarshal(body, &p); err != nil {
			t.Fatal(err)
		}
		if before, ok := bodies[p.Key]; ok {
			if again++; before != string(body) {
				t.Errorf("message %s has come again with another content", p.Key)
			}
		}
		bodies[p.Key] = string(body)
	}
	told := make(map[string]int)
	for m, err := range l.Messages(t.Context(), ledger.MessageFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := bodies[m.Key]; !ok {
			t.Errorf("message %s counts as sent, and never came", m.Key)
		}
		for e, err := range l.EventsOf(t.Context(), m.ID) {
			if err != nil {
				t.Fatal(err)
			}
			told[e.Key]++
		}
	}
	for i := range killedEvents {
		if n := told[fmt.Sprint(i)]; n != 1 {
			t.Errorf("event %d is in %d messages", i, n)
		}
	}
	t.Logf("killed %d times; %d messages, %d of them came again", kills, len(bodies), again)
}
