// Package notifytest is the suite that all channels pass, against receivers
// on this machine.
package notifytest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/notify"
)

// Answer is how a receiver treats the messages that come.
type Answer int

const (
	Take    Answer = iota
	TooMany        // for the time being, and for [RetryAfter] if the protocol can say so
	Fail           // for reasons of its own
	Reject         // this message, for ever
	Refuse         // the credential
	Hang           // say nothing
)

// RetryAfter is what a receiver asks for.
const RetryAfter = 7 * time.Second

// Receiver is a receiver and a sender to it.
type Receiver struct {
	Sender notify.Sender

	// Answer sets how messages are treated from now on.
	Answer func(Answer)

	// Taken returns the messages that were taken, as they came.
	Taken func() [][]byte

	// Texts returns what people or programs see of a message: each text that may
	// come from an event by itself. It fails if the message is malformed.
	Texts func(message []byte) ([]string, error)

	// Limit is how long a message may be, in bytes.
	Limit int

	// Exact: Texts may hold any character, as the receiver is a program.
	Exact bool

	SaysRetryAfter bool

	// Secret is the credential that the receiver takes; nil if it is not the
	// channel's to fetch.
	Secret *Secret
}

// Secret is a [notify.Secret] that can be changed. The receiver takes what
// was set last.
type Secret struct {
	mu     sync.Mutex
	known  string // to the sender
	now    string
	gets   int
	Failed error // of Refresh
}

// NewSecret makes a Secret.
func NewSecret(text string) *Secret { return &Secret{known: text, now: text} }

// Set changes the credential. Senders learn of it when they ask anew.
func (s *Secret) Set(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = text
}

// Now is the credential that the receiver takes.
func (s *Secret) Now() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Get implements [notify.Secret].
func (s *Secret) Get(context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gets++
	return []byte(s.known), nil
}

// Refresh implements [notify.Secret].
func (s *Secret) Refresh(_ context.Context, refused []byte) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Failed != nil {
		return nil, false, s.Failed
	}
	s.known = s.now
	return []byte(s.known), s.known != string(refused), nil
}

// Message is an ordinary one.
func Message(key string) notify.Message {
	return notify.Render(notify.Event{
		Key: key, Kind: notify.Succeeded, Time: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), Run: 12, Severity: "High",
		Counts: map[string]int64{"CREDIT_CARD_NUMBER": 120, "EMAIL_ADDRESS": 3},
		Bucket: "prod-data", Name: "exports/customers & partners.csv", VersionID: "3HL4kqtJlcpXroDTDmJ", Size: 48211,
		Move: "4f0c2d", Action: "move", Where: "s3://vault/4f0c2d/object", Undo: "sluice quarantine restore 4f0c2d",
	}, "https://console.example.com/{bucket}?key={name}")
}

// Hostile are names of objects that somebody may have chosen to do harm.
var Hostile = map[string]string{
	"newlines":        "a\r\nBcc: everybody@example.com\r\n\r\n.\r\nQUIT\r\n",
	"control":         "a\x00\x07\x08\x1b[2J\x1b]0;title\x07\x7f\u0085b",
	"bidi":            "invoice\u202Efdp.exe\u2066x\u2069\u200F",
	"invisible":       "a\u200b\u200d\ufeff\u2060\u00adb\U000E0041",
	"line separators": "a\u2028b\u2029c",
	"not UTF-8":       "a\xff\xfe\xc3(b\xed\xa0\x80",
	"HTML":            `<script>alert(1)</script><img src=x onerror=alert(1)>&amp;`,
	"Slack":           "<!channel> <@U012> <https://evil.example.com|your bank> *b* _i_ `c` :skull:",
	"Markdown":        "[click](https://evil.example.com) **bold** ![x](https://evil.example.com/x.png) # h <at>all</at> {{DATE(2026-01-01)}}",
	"JSON":            `","text":"injected","x":"\u0000\`,
	"template":        "${title} {{7*7}} %s %n $(id) `id`",
	"encoded word":    "=?utf-8?Q?Subject?= =?utf-8?B?QmNjOiB4?=",
	"long":            strings.Repeat("very/long/", 500),
	"long and wide":   strings.Repeat("😀ｗ", 600),
	"long control":    strings.Repeat("\x01\u202e", 2000),
	"quotes":          strings.Repeat(`"\&<>`, 400),
	"dots":            ".\n..\n./../../etc/passwd",
	"empty":           "",
}

// Run runs the suite. start makes a receiver that takes everything.
func Run(t *testing.T, start func(t *testing.T) Receiver) {
	t.Run("delivers", func(t *testing.T) { delivers(t, start(t)) })
	t.Run("digest", func(t *testing.T) { digest(t, start(t)) })
	t.Run("hostile", func(t *testing.T) {
		for name, text := range Hostile {
			t.Run(name, func(t *testing.T) { hostile(t, start(t), text) })
		}
	})
	t.Run("too many", func(t *testing.T) {
		r := start(t)
		e := fails(t, r, TooMany)
		if e.Permanent || e.Refused || r.SaysRetryAfter && e.RetryAfter != RetryAfter {
			t.Errorf("%+v", e)
		}
		recovers(t, r)
	})
	t.Run("failure", func(t *testing.T) {
		r := start(t)
		if e := fails(t, r, Fail); e.Permanent || e.Refused {
			t.Errorf("%+v", e)
		}
		recovers(t, r)
	})
	t.Run("rejected", func(t *testing.T) {
		if e := fails(t, start(t), Reject); !e.Permanent {
			t.Errorf("%+v", e)
		}
	})
	t.Run("refused", func(t *testing.T) {
		r := start(t)
		if e := fails(t, r, Refuse); !e.Refused || e.Permanent {
			t.Errorf("%+v", e)
		}
		recovers(t, r)
	})
	t.Run("rotation", func(t *testing.T) {
		if r := start(t); r.Secret != nil {
			rotation(t, r)
		}
	})
	t.Run("time-out", func(t *testing.T) { timeout(t, start(t)) })
	t.Run("at the same time", func(t *testing.T) { concurrently(t, start(t)) })
}

func send(t *testing.T, r Receiver, m notify.Message) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := r.Sender.Send(ctx, m)
	if err != nil {
		silent(t, r, err)
	}
	return err
}

// silent checks that an error gives away no credential.
func silent(t *testing.T, r Receiver, err error) {
	t.Helper()
	if r.Secret == nil {
		return
	}
	for _, text := range []string{r.Secret.Now(), r.Secret.known} {
		for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("/?&=:", r) }) {
			if strings.Contains(part, "secret") && strings.Contains(err.Error(), part) {
				t.Errorf("the error holds a credential: %s", strings.ReplaceAll(err.Error(), part, "XXX"))
			}
		}
	}
}

// texts checks that one message was taken and returns what it shows.
func texts(t *testing.T, r Receiver) []string {
	t.Helper()
	taken := r.Taken()
	if len(taken) != 1 {
		t.Fatalf("%d messages were taken, want 1", len(taken))
	}
	if n := len(taken[0]); n > r.Limit {
		t.Errorf("a message of %d bytes; the limit is %d", n, r.Limit)
	}
	shown, err := r.Texts(taken[0])
	if err != nil {
		t.Fatalf("malformed: %v", err)
	}
	return shown
}

func delivers(t *testing.T, r Receiver) {
	m := Message("move:4f0c2d:removed")
	if err := send(t, r, m); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(texts(t, r), "\n")
	for _, want := range []string{m.ID(), "Moved to quarantine", "prod-data", "customers & partners.csv", "CREDIT_CARD_NUMBER", "120", "High", "s3://vault/4f0c2d/object", "sluice quarantine restore 4f0c2d"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not shown", want)
		}
	}
}

// Digest is a message of many events with long and odd names.
func Digest(t *testing.T, events int) notify.Message {
	t.Helper()
	m, err := notify.RenderDigest("digest:x", notify.Detected, func(yield func(notify.Event, error) bool) {
		for i := range events {
			e := notify.Event{
				Key: fmt.Sprint(i), Kind: notify.Detected, Time: time.Unix(int64(i), 0), Run: 3, Severity: []string{"Low", "Medium", "High"}[i%3], Size: math.MaxInt64 / int64(events+1),
				Bucket: fmt.Sprintf("bucket-%d", i%100), Name: strings.Repeat("\u202e\"<&😀", 200), Counts: map[string]int64{fmt.Sprintf("CUSTOM_%d", i%700): 1},
			}
			if !yield(e, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func digest(t *testing.T, r Receiver) {
	if err := send(t, r, Digest(t, 20_000)); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(texts(t, r), "\n")
	if !strings.Contains(all, "20000") || !strings.Contains(all, "bucket-0") {
		t.Errorf("the counts are not shown: %.300s", all)
	}
}

func hostile(t *testing.T, r Receiver, text string) {
	m := notify.Render(notify.Event{
		Key: "hostile", Kind: notify.Failed, Time: time.Now(), Severity: text, Bucket: text, Name: text, VersionID: text, Where: "s3://v/" + text,
		Reason: text, Detail: "denied: " + text, Undo: "sluice quarantine restore " + text, Counts: map[string]int64{text: 1}, Move: text, Action: text,
	}, "https://console.example.com/{bucket}?key={name}")
	if err := send(t, r, m); err != nil {
		t.Fatal(err)
	}
	for _, s := range texts(t, r) {
		if !utf8.ValidString(s) {
			t.Error("what is shown is no UTF-8")
		}
		if r.Exact {
			continue
		}
		for _, c := range s {
			if !unicode.IsPrint(c) {
				t.Errorf("%U is shown", c)
			}
		}
	}
}

// fails sends a message that is not taken, and returns what that means.
func fails(t *testing.T, r Receiver, a Answer) notify.SendError {
	t.Helper()
	r.Answer(a)
	err := send(t, r, Message("k"))
	if err == nil {
		t.Fatal("a message that was not taken counts as sent")
	}
	if strings.Contains(err.Error(), "customers") {
		t.Errorf("the error holds content: %v", err)
	}
	if len(r.Taken()) > 0 {
		t.Error("it was taken")
	}
	if e, ok := errors.AsType[*notify.SendError](err); ok {
		return *e
	}
	return notify.SendError{Err: err}
}

func recovers(t *testing.T, r Receiver) {
	t.Helper()
	r.Answer(Take)
	if err := send(t, r, Message("k")); err != nil || len(r.Taken()) != 1 {
		t.Errorf("afterwards: %v, %d taken", err, len(r.Taken()))
	}
}

// rotation changes the credential behind the sender's back.
func rotation(t *testing.T, r Receiver) {
	old := r.Secret.Now()
	r.Secret.Set(strings.ReplaceAll(old, "secret", "fresh-secret"))
	if err := send(t, r, Message("1")); err != nil {
		t.Fatalf("after the credential was changed: %v", err)
	}
	if err := send(t, r, Message("2")); err != nil {
		t.Fatalf("the one after: %v", err)
	}
	if n := len(r.Taken()); n != 2 {
		t.Errorf("%d messages were taken, want 2", n)
	}
	r.Secret.Set(old)
	r.Secret.Failed = errors.New("nobody answers")
	if err := send(t, r, Message("3")); err == nil || !strings.Contains(err.Error(), "nobody answers") {
		t.Errorf("the credential cannot be fetched: %v", err)
	}
}

func timeout(t *testing.T, r Receiver) {
	r.Answer(Hang)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := r.Sender.Send(ctx, Message("k"))
	if err == nil || time.Since(began) > 5*time.Second {
		t.Fatalf("after %v: %v", time.Since(began), err)
	}
	silent(t, r, err)
	if e, ok := errors.AsType[*notify.SendError](err); ok && e.Permanent {
		t.Errorf("a time-out is for ever: %v", err)
	}
}

func concurrently(t *testing.T, r Receiver) {
	const n = 16
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := send(t, r, Message(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(r.Taken()); got != n {
		t.Errorf("%d messages were taken, want %d", got, n)
	}
}

// Strings collects the strings of a JSON text, keys excepted.
func Strings(text []byte) (all []string, err error) {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, err
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			all = append(all, v)
		case float64:
			all = append(all, fmt.Sprint(int64(v)))
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for k, x := range v {
				all = append(all, k)
				walk(x)
			}
		}
	}
	walk(v)
	return all, nil
}
