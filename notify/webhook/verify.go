package webhook

import (
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Verifier is for receivers in Go. It is safe for concurrent use.
type Verifier struct {
	// Secrets of which one must have signed: more than one while the secret
	// is changed.
	Secrets [][]byte

	// Tolerance is how old a message may be, or how far its time ahead; default 5 min.
	Tolerance time.Duration
}

// Why a message is not to be believed.
var (
	ErrSignature = errors.New("webhook: no signature is right")
	ErrTime      = errors.New("webhook: the message is too old, or its time is ahead")
)

// Verify checks the headers of a request that has this body, at the time now, and
// returns the id of the message. A receiver should keep the ids that it has seen
// for as long as its sender may try again (72 hours if sluice was not told
// otherwise) and answer 200 to one that comes again, without acting on it: it
// may be a copy, or its answer was lost the first time.
func (v Verifier) Verify(h http.Header, body []byte, now time.Time) (id string, err error) {
	id, timestamp := h.Get(headerID), h.Get(headerTimestamp)
	if id == "" || strings.Contains(id, ".") {
		return "", ErrSignature
	}
	right := false
	for _, secret := range v.Secrets {
		key, err := signingKey(secret)
		if err != nil {
			return "", fmt.Errorf("webhook: %w", err)
		}
		want := mac(key, id, timestamp, body)
		for _, s := range strings.Fields(h.Get(headerSignature)) {
			text, ok := strings.CutPrefix(s, "v1,")
			got, err := base64.StdEncoding.DecodeString(text)
			right = ok && err == nil && hmac.Equal(got, want) || right
		}
	}
	if !right {
		return "", ErrSignature
	}
	tolerance := v.Tolerance
	if tolerance == 0 {
		tolerance = 5 * time.Minute
	}
	sec, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return "", ErrTime
	}
	if age := now.Sub(time.Unix(sec, 0)); age > tolerance || age < -tolerance {
		return "", ErrTime
	}
	return id, nil
}
