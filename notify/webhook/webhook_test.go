package webhook_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/notifytest"
	"github.com/sluice-dlp/sluice/notify/webhook"
)

const first, second = "first-secret-of-the-channel", "second-secret-of-the-channel"

func receiver(t *testing.T, h *notifytest.HTTP, secrets ...notify.Secret) notifytest.Receiver {
	t.Helper()
	s, err := webhook.New(webhook.Config{URL: h.Secret, Secrets: secrets, CABundle: h.CABundle})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	r := h.Receiver()
	r.Sender, r.Limit, r.Exact = s, 256<<10, true
	return r
}

// TestChannel is with the URL for a credential.
func TestChannel(t *testing.T) {
	for _, refusal := range []int{401, 403, 404, 410} {
		t.Run(strconv.Itoa(refusal), func(t *testing.T) {
			h := notifytest.NewHTTP(t)
			h.Refusal = refusal
			r := receiver(t, h)
			h.Secret.Set(strings.ReplaceAll(h.Secret.Now(), "secret", "fresh-secret"))
			if err := r.Sender.Send(t.Context(), notifytest.Message("k")); err != nil || len(r.Taken()) != 1 {
				t.Errorf("a URL that was replaced: %v", err)
			}
		})
	}
	notifytest.Run(t, func(t *testing.T) notifytest.Receiver { return receiver(t, notifytest.NewHTTP(t)) })
}

// TestSignedChannel is with the secret for signing as the credential.
func TestSignedChannel(t *testing.T) {
	notifytest.Run(t, func(t *testing.T) notifytest.Receiver {
		h := notifytest.NewHTTP(t)
		secret := notifytest.NewSecret(first)
		h.Check = func(r *http.Request, body []byte) error {
			_, err := webhook.Verifier{Secrets: [][]byte{[]byte(secret.Now())}}.Verify(r.Header, body, time.Now())
			return err
		}
		r := receiver(t, h, secret)
		r.Secret = secret
		return r
	})
}

// TestGoingOver changes the secret of sender and receivers one after the other.
func TestGoingOver(t *testing.T) {
	for _, known := range []string{first, second, "whsec_" + base64.StdEncoding.EncodeToString([]byte(second))} {
		h := notifytest.NewHTTP(t)
		h.Check = func(r *http.Request, body []byte) error {
			_, err := webhook.Verifier{Secrets: [][]byte{[]byte(known)}}.Verify(r.Header, body, time.Now())
			return err
		}
		r := receiver(t, h, notifytest.NewSecret(second), notifytest.NewSecret(first))
		if err := r.Sender.Send(t.Context(), notifytest.Message("k")); err != nil {
			t.Errorf("a receiver that knows one of two secrets: %v", err)
		}
	}
}

// TestSignature computes a signature by hand, as the specification has it.
func TestSignature(t *testing.T) {
	h := notifytest.NewHTTP(t)
	var header http.Header
	h.Check = func(r *http.Request, _ []byte) error {
		header = r.Header
		return nil
	}
	s, err := webhook.New(webhook.Config{URL: h.Secret, Secrets: []notify.Secret{notifytest.NewSecret(first)}, CABundle: h.CABundle, Now: func() time.Time { return time.Unix(1700000000, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	m := notifytest.Message("k")
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(first))
	mac.Write([]byte(m.ID() + ".1700000000."))
	mac.Write(h.Taken()[0])
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if header.Get("webhook-id") != m.ID() || header.Get("webhook-timestamp") != "1700000000" || header.Get("webhook-signature") != want || header.Get("Content-Type") != "application/json" {
		t.Errorf("headers: %v, want signature %s", header, want)
	}
}

func TestVerify(t *testing.T) {
	h := notifytest.NewHTTP(t)
	var good http.Header
	h.Check = func(r *http.Request, _ []byte) error {
		good = r.Header.Clone()
		return nil
	}
	r := receiver(t, h, notifytest.NewSecret(first))
	m := notifytest.Message("k")
	if err := r.Sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	body, now := h.Taken()[0], time.Now()
	v := webhook.Verifier{Secrets: [][]byte{[]byte(second), []byte(first)}}
	if id, err := v.Verify(good, body, now); err != nil || id != m.ID() {
		t.Fatalf("%q, %v", id, err)
	}
	for name, tt := range map[string]struct {
		edit func(http.Header)
		body []byte
		now  time.Time
		want error
	}{
		"body":            {nil, append(bytes.Clone(body), ' '), now, webhook.ErrSignature},
		"old":             {nil, body, now.Add(6 * time.Minute), webhook.ErrTime},
		"early":           {nil, body, now.Add(-6 * time.Minute), webhook.ErrTime},
		"id":              {func(h http.Header) { h.Set("webhook-id", "other") }, body, now, webhook.ErrSignature},
		"no id":           {func(h http.Header) { h.Del("webhook-id") }, body, now, webhook.ErrSignature},
		"time":            {func(h http.Header) { h.Set("webhook-timestamp", strconv.FormatInt(now.Unix()+1, 10)) }, body, now, webhook.ErrSignature},
		"no time":         {func(h http.Header) { h.Del("webhook-timestamp") }, body, now, webhook.ErrSignature},
		"no signature":    {func(h http.Header) { h.Del("webhook-signature") }, body, now, webhook.ErrSignature},
		"empty signature": {func(h http.Header) { h.Set("webhook-signature", "v1,") }, body, now, webhook.ErrSignature},
		"other version":   {func(h http.Header) { h.Set("webhook-signature", "v2"+good.Get("webhook-signature")[2:]) }, body, now, webhook.ErrSignature},
		"no version":      {func(h http.Header) { h.Set("webhook-signature", good.Get("webhook-signature")[3:]) }, body, now, webhook.ErrSignature},
		// A dot moved from the body to the time must not make the same text.
		"shifted": {func(h http.Header) { h.Set("webhook-id", m.ID()+"."+h.Get("webhook-timestamp")) }, body, now, webhook.ErrSignature},
	} {
		header := good.Clone()
		if tt.edit != nil {
			tt.edit(header)
		}
		if _, err := v.Verify(header, tt.body, tt.now); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	// Dots stand between the parts that are signed: a part that holds one could be
	// cut elsewhere, and an old message be given a new time.
	mac := hmac.New(sha256.New, []byte(first))
	fresh := strconv.FormatInt(now.Unix(), 10)
	mac.Write([]byte("x.1000." + fresh + ".{}"))
	forged := http.Header{}
	forged.Set("webhook-id", "x.1000")
	forged.Set("webhook-timestamp", fresh)
	forged.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	if _, err := v.Verify(forged, []byte("{}"), now); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("an old message with a new time: %v", err)
	}
	among := good.Clone()
	among.Set("webhook-signature", "v1a,xyz v1,AAAA "+good.Get("webhook-signature"))
	if _, err := v.Verify(among, body, now); err != nil {
		t.Errorf("the right signature among others: %v", err)
	}
	if _, err := (webhook.Verifier{}).Verify(good, body, now); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("a verifier without secrets: %v", err)
	}
}

func TestShortSecret(t *testing.T) {
	for _, s := range []string{"short", "whsec_c2hvcnQ=", "whsec_!!!!", ""} {
		h := notifytest.NewHTTP(t)
		r := receiver(t, h, notifytest.NewSecret(s))
		err := r.Sender.Send(t.Context(), notifytest.Message("k"))
		if e, ok := errors.AsType[*notify.SendError](err); !ok || !e.Permanent || len(h.Taken()) > 0 {
			t.Errorf("a secret of %d bytes signs: %v", len(s), err)
		}
	}
}

// TestExactNames: programs get names as they are, in ASCII on the wire.
func TestExactNames(t *testing.T) {
	for name, text := range notifytest.Hostile {
		r := receiver(t, notifytest.NewHTTP(t))
		m := notify.Render(notify.Event{Key: "k", Kind: notify.Detected, Bucket: "b", Name: text}, "")
		if err := r.Sender.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		body := r.Taken()[0]
		if bytes.ContainsFunc(body, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
			t.Errorf("%s: not printable ASCII", name)
		}
		var got struct{ Event struct{ Name string } }
		if err := json.Unmarshal(body, &got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if want := strings.ToValidUTF8(text, "\ufffd"); strings.ToValidUTF8(text, "") == text && got.Event.Name != want {
			t.Errorf("%s: the name is not exact", name)
		}
	}
}

// TestConnection is about whom the sender speaks to at all.
func TestConnection(t *testing.T) {
	send := func(t *testing.T, url string, c webhook.Config) error {
		t.Helper()
		c.URL = notifytest.NewSecret(url)
		s, err := webhook.New(c)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return s.Send(t.Context(), notifytest.Message("k"))
	}
	got := 0
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got++ })
	h := notifytest.NewHTTP(t)
	if err := send(t, h.Secret.Now(), webhook.Config{}); err == nil || len(h.Taken()) > 0 {
		t.Error("a certificate that nobody vouches for is believed")
	}
	old := httptest.NewUnstartedServer(count)
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.StartTLS()
	defer old.Close()
	other := strings.Replace(h.Secret.Now(), "127.0.0.1", "localhost", 1)
	for _, url := range []string{old.URL, other} {
		if err := send(t, url, webhook.Config{CABundle: h.CABundle}); err == nil {
			t.Error("TLS 1.1 is spoken, or a certificate for another host believed")
		}
	}
	if err := send(t, h.Secret.Now(), webhook.Config{CABundle: h.CABundle}); err != nil {
		t.Errorf("with the CA bundle: %v", err)
	}
	plain := httptest.NewServer(count)
	defer plain.Close()
	if err := send(t, plain.URL, webhook.Config{}); err != nil || got != 1 {
		t.Errorf("plain http to this machine: %v", err)
	}
	// Names under .invalid never resolve: an attempt to speak to one fails otherwise.
	err := send(t, "http://hooks.invalid/secret-path", webhook.Config{})
	if e, ok := errors.AsType[*notify.SendError](err); !ok || !e.Permanent || !strings.Contains(err.Error(), "plain http") {
		t.Errorf("plain http to another host: %v", err)
	}
	err = send(t, "http://hooks.invalid/secret-path?sig=secret-sig", webhook.Config{AllowPlainHTTP: true})
	if err == nil || strings.Contains(err.Error(), "plain http") || strings.Contains(err.Error(), "secret-") {
		t.Errorf("plain http that is allowed: %v", err)
	}
	for _, url := range []string{"secret-text", "ftp://secret-host/secret-path", "https://", "https://a b/secret-path", "\x00secret-", "https://[::1/secret-path", "https://h:port-secret-/"} {
		if err := send(t, url, webhook.Config{}); err == nil || strings.Contains(err.Error(), "secret-") {
			t.Errorf("a URL that is none: %v", err)
		}
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		away := httptest.NewServer(http.RedirectHandler(plain.URL, status))
		err := send(t, away.URL, webhook.Config{})
		away.Close()
		if e, ok := errors.AsType[*notify.SendError](err); !ok || !e.Permanent {
			t.Errorf("a redirect: %v", err)
		}
	}
	if got != 1 {
		t.Error("a redirect was followed")
	}
	if _, err := webhook.New(webhook.Config{URL: notifytest.NewSecret("https://h"), CABundle: "/no/such/file"}); err == nil {
		t.Error("a CA bundle that is not there is no error")
	}
}
