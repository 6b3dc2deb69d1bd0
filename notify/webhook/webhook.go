// Package webhook posts messages as JSON to a URL, signed so that the receiver
// can tell that they come from us, are as we sent them, and are no copies that
// somebody has kept. The signature is that of the specification Standard Webhooks
// (https://www.standardwebhooks.com), for which receivers find libraries in many
// languages; [Verifier] is one for those in Go.
//
// Three headers make it up: webhook-id, the same each time that a message is sent;
// webhook-timestamp, of this attempt, in seconds since 1970; and webhook-signature, one or
// more of "v1," and the base64 of HMAC-SHA256 over id, timestamp and body with dots between.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/internal/wire"
)

const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"
)

// Config of a channel.
type Config struct {
	URL notify.Secret

	// Secrets sign: each message has a signature for each, so that receivers can
	// go over from an old one to a new one at any time in between. A secret
	// has 24 bytes at least, or is "whsec_" and the base64 of so many. None:
	// messages are not signed.
	Secrets []notify.Secret

	CABundle       string // PEM file of certificates to trust besides the system's
	AllowPlainHTTP bool   // to hosts other than this one

	Now func() time.Time // default time.Now
}

// Sender is a [notify.Sender].
type Sender struct {
	poster  *wire.Poster
	secrets []notify.Secret
	now     func() time.Time
}

// New makes a Sender.
func New(c Config) (*Sender, error) {
	p, err := wire.NewPoster(c.URL, wire.Settings{CABundle: c.CABundle, AllowPlainHTTP: c.AllowPlainHTTP})
	if err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Sender{p, c.Secrets, c.Now}, nil
}

// Close closes idle connections.
func (s *Sender) Close() { s.poster.CloseIdleConnections() }

// limit of a body, in bytes. Receivers commonly take a megabyte.
const limit = 256 << 10

// Send implements [notify.Sender]. If the receiver refuses the credentials, those
// for signing are fetched anew like the URL, and the message is sent once more if one
// of them has changed.
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	body := m.JSON(limit)
	var used [][]byte
	post := func() error {
		return s.poster.Post(ctx, body, func(ctx context.Context) (http.Header, error) {
			wipe(used)
			used = nil
			h, _ := wire.JSON(ctx)
			return h, s.sign(ctx, h, m.ID(), body, &used)
		})
	}
	defer func() { wipe(used) }()
	err := post()
	if e, ok := errors.AsType[*notify.SendError](err); ok && e.Refused {
		if changed, failed := s.refresh(ctx, used); failed != nil {
			err = fmt.Errorf("%w; and to fetch the secret anew failed: %w", err, failed)
		} else if changed {
			err = post()
		}
	}
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	return nil
}

// refresh fetches the secrets that were used anew.
func (s *Sender) refresh(ctx context.Context, used [][]byte) (changed bool, err error) {
	for i, old := range used {
		fresh, is, err := s.secrets[i].Refresh(ctx, old)
		clear(fresh)
		if err != nil {
			return false, err
		}
		changed = changed || is
	}
	return changed, nil
}

func (s *Sender) sign(ctx context.Context, h http.Header, id string, body []byte, used *[][]byte) error {
	timestamp := strconv.FormatInt(s.now().Unix(), 10)
	h.Set(headerID, id)
	h.Set(headerTimestamp, timestamp)
	var signatures []string
	for _, secret := range s.secrets {
		text, err := secret.Get(ctx)
		if err != nil {
			return fmt.Errorf("get the secret to sign with: %w", err)
		}
		*used = append(*used, text)
		key, err := signingKey(text)
		if err != nil {
			return notify.Permanent(err)
		}
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac(key, id, timestamp, body)))
		clear(key)
	}
	if len(signatures) > 0 {
		h.Set(headerSignature, strings.Join(signatures, " "))
	}
	return nil
}

func wipe(secrets [][]byte) {
	for _, s := range secrets {
		clear(s)
	}
}

// shortestKey is the shortest key, in bytes.
const shortestKey = 24

// signingKey is the key that a secret stands for. It does not share its memory.
func signingKey(secret []byte) ([]byte, error) {
	const prefix = "whsec_"
	if len(secret) >= len(prefix) && string(secret[:len(prefix)]) == prefix {
		key := make([]byte, base64.StdEncoding.DecodedLen(len(secret)))
		n, err := base64.StdEncoding.Decode(key, secret[len(prefix):])
		if err != nil {
			return nil, errors.New("the secret to sign with begins with whsec_, and no base64 follows")
		}
		if n < shortestKey {
			return nil, fmt.Errorf("the secret to sign with is shorter than %d bytes", shortestKey)
		}
		return key[:n], nil
	}
	if len(secret) < shortestKey {
		return nil, fmt.Errorf("the secret to sign with is shorter than %d bytes", shortestKey)
	}
	return append([]byte(nil), secret...), nil
}

func mac(key []byte, id, timestamp string, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(id + "." + timestamp + "."))
	h.Write(body)
	return h.Sum(nil)
}
