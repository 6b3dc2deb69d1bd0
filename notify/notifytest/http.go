package notifytest

import (
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// HTTP is a receiver that speaks HTTPS. Its credential is its URL.
type HTTP struct {
	*httptest.Server
	Secret   *Secret // the URL
	CABundle string  // a file with its certificate

	// Took answers a message that is taken; default 200.
	Took func(w http.ResponseWriter, body []byte)

	// Check says whether a request is as it should be; nil: any is.
	Check func(r *http.Request, body []byte) error

	// Refusal is the status for a credential that is refused; default 401.
	Refusal int

	mu     sync.Mutex
	answer Answer
	taken  [][]byte
	stop   chan struct{}
}

// NewHTTP starts a receiver for one test.
func NewHTTP(t *testing.T) *HTTP {
	t.Helper()
	h := &HTTP{stop: make(chan struct{}), Refusal: http.StatusUnauthorized}
	h.Server = httptest.NewUnstartedServer(h)
	h.Server.Config.ErrorLog = nil
	h.Server.StartTLS()
	h.CABundle = filepath.Join(t.TempDir(), "ca.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw})
	if err := os.WriteFile(h.CABundle, cert, 0o600); err != nil {
		t.Fatal(err)
	}
	h.Secret = NewSecret(h.URL + "/hooks/T0-secret-path/?sig=secret-signature")
	t.Cleanup(func() {
		close(h.stop)
		h.Server.Close()
	})
	return h
}

// Answer sets how messages are treated from now on.
func (h *HTTP) Answer(a Answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = a
}

// Taken returns the bodies that were taken.
func (h *HTTP) Taken() [][]byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([][]byte(nil), h.taken...)
}

// ServeHTTP implements [http.Handler]. What it answers quotes the URL, as
// real ones do.
func (h *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	h.mu.Lock()
	answer := h.answer
	h.mu.Unlock()
	say := func(status int, text string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, "%s at %s", text, r.URL)
	}
	switch {
	case err != nil:
		say(400, "half a body")
	case answer == Hang:
		select {
		case <-h.stop:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler) // an answer could still arrive
	case answer == TooMany:
		w.Header().Set("Retry-After", fmt.Sprint(int(RetryAfter/time.Second)))
		say(429, "slow down")
	case answer == Fail:
		say(503, "out of order")
	case answer == Reject:
		say(400, "invalid payload")
	case answer == Refuse || !strings.HasSuffix(h.Secret.Now(), r.URL.RequestURI()):
		say(h.Refusal, "no such hook")
	case r.Method != http.MethodPost:
		say(405, "only POST")
	default:
		if h.Check != nil {
			if err := h.Check(r, body); err != nil {
				say(401, err.Error())
				return
			}
		}
		h.mu.Lock()
		h.taken = append(h.taken, body)
		h.mu.Unlock()
		if h.Took != nil {
			h.Took(w, body)
		}
	}
}

// Receiver is h with a sender to it.
func (h *HTTP) Receiver() Receiver {
	return Receiver{Answer: h.Answer, Taken: h.Taken, Texts: Strings, SaysRetryAfter: true, Secret: h.Secret}
}
