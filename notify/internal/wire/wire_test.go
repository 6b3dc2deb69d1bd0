package wire

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, tt := range []struct {
		value, date string
		want        time.Duration
	}{
		{"", "", 0}, {"7", "", 7 * time.Second}, {" 7 ", "", 7 * time.Second}, {"0.5", "", 500 * time.Millisecond},
		{"-7", "", 0}, {"soon", "", 0}, {"NaN", "", 0}, {"1e300", "", 1e9 * time.Second}, {"Inf", "", 1e9 * time.Second},
		{"Fri, 02 Jan 2026 03:05:05 GMT", "", time.Minute},
		{"Fri, 02 Jan 2026 03:03:05 GMT", "", 0},
		{"Fri, 02 Jan 2026 09:05:05 GMT", "Fri, 02 Jan 2026 09:04:05 GMT", time.Minute}, // their clock is ahead
		{"Friday, 02-Jan-26 03:05:05 GMT", "", time.Minute},
	} {
		h := http.Header{}
		h.Set("Retry-After", tt.value)
		h.Set("Date", tt.date)
		if got := retryAfter(h, now); got != tt.want {
			t.Errorf("%q at %q: %v, want %v", tt.value, tt.date, got, tt.want)
		}
	}
}

func TestRedact(t *testing.T) {
	u, err := url.Parse("https://bob:hunter2hunter2@hooks.example.com/services/T0SECRET/B0SECRET?sig=s%2Fgn4ture&x=1")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{u.String(), u.RequestURI(), "no hook B0SECRET here", "T0SECRET", "s/gn4ture", "bad password hunter2hunter2", "Authorization: Basic Ym9iOmh1bnRlcjJodW50ZXIy"} {
		got := redact(text, u)
		for _, secret := range []string{"T0SECRET", "B0SECRET", "gn4ture", "hunter2", "dW50ZXIy"} {
			if strings.Contains(got, secret) {
				t.Errorf("a secret is left of %d bytes", len(text))
			}
		}
	}
	if got := redact("invalid_payload at hooks.example.com", u); got != "invalid_payload at hooks.example.com" {
		t.Errorf("got %q", got)
	}
}

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "127.9.9.9": true, "localhost.example.com": false, "10.0.0.1": false, "": false, "0.0.0.0": false} {
		if IsLoopback(host) != want {
			t.Errorf("%q: want %v", host, want)
		}
	}
}
