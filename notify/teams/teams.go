// Package teams posts messages as Adaptive Cards to a webhook of Microsoft Teams
// Workflows, which is Power Automate.
package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/internal/wire"
)

// Envelope is what a workflow expects to be posted.
type Envelope string

const (
	InMessage Envelope = "message" // the card as an attachment of a message: what Teams' own template expects
	BareCard  Envelope = "card"    // the card itself
)

// Config of a channel.
type Config struct {
	URL            notify.Secret
	Envelope       Envelope // default InMessage
	CABundle       string   // PEM file of certificates to trust besides the system's
	AllowPlainHTTP bool     // to hosts other than this one
}

// Sender is a [notify.Sender].
type Sender struct {
	poster   *wire.Poster
	envelope Envelope
}

// New makes a Sender.
func New(c Config) (*Sender, error) {
	switch c.Envelope {
	case "":
		c.Envelope = InMessage
	case InMessage, BareCard:
	default:
		return nil, fmt.Errorf("teams: envelope %q: it is %s or %s", c.Envelope, InMessage, BareCard)
	}
	p, err := wire.NewPoster(c.URL, wire.Settings{CABundle: c.CABundle, AllowPlainHTTP: c.AllowPlainHTTP})
	if err != nil {
		return nil, fmt.Errorf("teams: %w", err)
	}
	return &Sender{p, c.Envelope}, nil
}

// Close closes idle connections.
func (s *Sender) Close() { s.poster.CloseIdleConnections() }

// Send implements [notify.Sender].
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	if err := s.poster.Post(ctx, body(m, s.envelope), wire.JSON); err != nil {
		return fmt.Errorf("teams: %w", err)
	}
	return nil
}

// limit is what Teams takes, in bytes.
const limit = 28 << 10

// body makes the request's body, with shorter facts, and then fewer, if it
// would be too long.
func body(m notify.Message, envelope Envelope) []byte {
	for longest := 500; ; longest /= 2 {
		if longest < 60 {
			m.Facts = m.Facts[:len(m.Facts)/2]
		}
		var v any = card(m, max(longest, 60))
		if envelope == InMessage {
			v = object{"type": "message", "attachments": []object{{"contentType": "application/vnd.microsoft.card.adaptive", "content": v}}}
		}
		if b := encode(v); len(b) <= limit || len(m.Facts) == 0 && longest == 0 {
			return b
		}
	}
}

type object map[string]any

// card writes all texts as text runs, in which there is no markup: a TextBlock, a
// FactSet and fallbackText, which older clients show, read Markdown.
func card(m notify.Message, longest int) object {
	items := []object{
		line(object{"text": notify.Shorten(m.Title, longest), "weight": "bolder", "size": "medium", "color": color(m)}),
	}
	if m.Text != "" {
		items = append(items, line(object{"text": notify.Shorten(m.Text, 2*longest)}))
	}
	for i, f := range m.Facts {
		fact := line(object{"text": f.Name + ": ", "weight": "bolder"}, object{"text": notify.Shorten(f.Value, longest)})
		fact["spacing"] = "none"
		if i == 0 {
			fact["spacing"] = "medium"
		}
		items = append(items, fact)
	}
	if m.Undo != "" {
		items = append(items,
			line(object{"text": "To undo:", "weight": "bolder"}),
			line(object{"text": notify.Shorten(m.Undo, 4*longest), "fontType": "monospace"}))
	}
	items = append(items, line(object{"text": "sluice, message " + m.ID(), "size": "small", "isSubtle": true}))
	c := object{
		"type": "AdaptiveCard", "version": "1.4", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
		"msteams": object{"width": "Full"}, "fallbackText": "sluice, message " + m.ID(), "body": items,
	}
	var actions []object
	for _, l := range m.Links {
		if len(l.URL) <= 4*longest {
			actions = append(actions, object{"type": "Action.OpenUrl", "title": notify.Shorten(l.Text, longest), "url": l.URL})
		}
	}
	if len(actions) > 0 {
		c["actions"] = actions
	}
	return c
}

func line(runs ...object) object {
	for _, r := range runs {
		r["type"] = "TextRun"
	}
	return object{"type": "RichTextBlock", "inlines": runs}
}

func color(m notify.Message) string {
	switch {
	case m.Kind == notify.Failed || m.Severity == "High" && m.Kind == notify.Detected:
		return "attention"
	case m.Kind == notify.Detected || m.Kind == notify.Purged:
		return "warning"
	case m.Kind == notify.Succeeded || m.Kind == notify.Restored:
		return "good"
	}
	return "default"
}

func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // it is made of texts
	}
	return bytes.TrimSpace(b.Bytes())
}
