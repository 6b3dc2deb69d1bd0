// Package slack posts messages to an incoming webhook of Slack.
package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/internal/wire"
)

// Config of a channel.
type Config struct {
	URL            notify.Secret
	CABundle       string // PEM file of certificates to trust besides the system's
	AllowPlainHTTP bool   // to hosts other than this one
}

// Sender is a [notify.Sender].
type Sender struct{ poster *wire.Poster }

// New makes a Sender.
func New(c Config) (*Sender, error) {
	p, err := wire.NewPoster(c.URL, wire.Settings{CABundle: c.CABundle, AllowPlainHTTP: c.AllowPlainHTTP})
	if err != nil {
		return nil, fmt.Errorf("slack: %w", err)
	}
	return &Sender{p}, nil
}

// Close closes idle connections.
func (s *Sender) Close() { s.poster.CloseIdleConnections() }

// Send implements [notify.Sender].
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	if err := s.poster.Post(ctx, body(m), wire.JSON); err != nil {
		return fmt.Errorf("slack: %w", err)
	}
	return nil
}

type object map[string]any

// What Slack takes, in characters or in pieces.
const (
	longestHeader = 150
	longestText   = 3000
	longestField  = 2000
	mostFields    = 10 // in a section
)

// body makes the request's body. Names of objects and all else that others may
// have chosen stand in plain_text objects, in which there is no markup.
func body(m notify.Message) []byte {
	blocks := []object{{"type": "header", "text": plain(m.Title, longestHeader)}}
	if m.Text != "" {
		blocks = append(blocks, object{"type": "section", "text": plain(m.Text, longestText)})
	}
	for facts := m.Facts; len(facts) > 0; {
		n := min(len(facts), mostFields)
		var fields []object
		for _, f := range facts[:n] {
			fields = append(fields, plain(f.Name+": "+f.Value, longestField))
		}
		blocks = append(blocks, object{"type": "section", "fields": fields})
		facts = facts[n:]
	}
	if m.Undo != "" {
		blocks = append(blocks, object{"type": "section", "text": plain("To undo: "+m.Undo, longestText)})
	}
	for _, l := range m.Links {
		if text := "<" + escapeURL(l.URL) + "|" + escape(l.Text) + ">"; len(text) <= longestText {
			blocks = append(blocks, object{"type": "section", "text": object{"type": "mrkdwn", "text": text}})
		}
	}
	blocks = append(blocks, object{"type": "context", "elements": []object{plain("sluice, message "+m.ID(), longestText)}})
	b, err := json.Marshal(object{
		"text":   fit(m.Title, longestText), // of a notification on a telephone
		"mrkdwn": false,
		"blocks": blocks,

		// Else Slack opens whatever looks like an address, and shows what is there.
		"unfurl_links": false,
		"unfurl_media": false,
	})
	if err != nil {
		panic(err) // it is made of texts
	}
	return b
}

func plain(text string, longest int) object {
	return object{"type": "plain_text", "text": fit(text, longest), "emoji": false}
}

// fit escapes a text, shortened so that what comes out is not too long.
func fit(text string, longest int) string {
	for most := longest; ; most = most * 3 / 4 {
		if out := escape(notify.Shorten(text, most)); utf8.RuneCountInString(out) <= longest {
			return out
		}
	}
}

var (
	escape    = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	escapeURL = strings.NewReplacer("&", "&amp;", "<", "%3C", ">", "%3E", "|", "%7C").Replace
)
