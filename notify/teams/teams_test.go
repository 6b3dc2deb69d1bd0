package teams_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/notifytest"
	"github.com/sluice-dlp/sluice/notify/teams"
)

func start(envelope teams.Envelope) func(t *testing.T) notifytest.Receiver {
	return func(t *testing.T) notifytest.Receiver {
		h := notifytest.NewHTTP(t)
		h.Took = func(w http.ResponseWriter, _ []byte) { w.WriteHeader(http.StatusAccepted) } // as Workflows do
		s, err := teams.New(teams.Config{URL: h.Secret, Envelope: envelope, CABundle: h.CABundle})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		r := h.Receiver()
		r.Sender, r.Limit = s, 28<<10
		return r
	}
}

func TestChannel(t *testing.T) {
	for _, e := range []teams.Envelope{"", teams.InMessage, teams.BareCard} {
		t.Run(string(e), func(t *testing.T) { notifytest.Run(t, start(e)) })
	}
}

// TestCard looks at the envelope, and that no element reads Markdown.
func TestCard(t *testing.T) {
	for _, e := range []teams.Envelope{teams.InMessage, teams.BareCard} {
		r := start(e)(t)
		if err := r.Sender.Send(t.Context(), notifytest.Message("k")); err != nil {
			t.Fatal(err)
		}
		text := r.Taken()[0]
		type card struct {
			Type, Version string
			FallbackText  string
			Body          []struct {
				Type    string
				Inlines []struct{ Type, Text string }
			}
			Actions []struct{ Type, URL string }
		}
		var c card
		if e == teams.InMessage {
			var m struct {
				Type        string
				Attachments []struct {
					ContentType string
					Content     card
				}
			}
			if err := json.Unmarshal(text, &m); err != nil || m.Type != "message" || len(m.Attachments) != 1 || m.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" {
				t.Fatalf("%s, %v", text, err)
			}
			c = m.Attachments[0].Content
		} else if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		if c.Type != "AdaptiveCard" || c.Version != "1.4" || len(c.Body) < 5 {
			t.Errorf("%s", text)
		}
		if m := notifytest.Message("k"); c.FallbackText == "" || strings.Contains(c.FallbackText, m.Event.Bucket) {
			t.Errorf("an older client reads %q as Markdown", c.FallbackText)
		}
		for _, el := range c.Body {
			if el.Type != "RichTextBlock" || len(el.Inlines) == 0 {
				t.Errorf("element %+v", el)
			}
			for _, run := range el.Inlines {
				if run.Type != "TextRun" || run.Text == "" {
					t.Errorf("run %+v", run)
				}
			}
		}
		if len(c.Actions) != 1 || c.Actions[0].Type != "Action.OpenUrl" || !strings.HasPrefix(c.Actions[0].URL, "https://console.example.com/prod-data?key=exports") {
			t.Errorf("actions %+v", c.Actions)
		}
	}
}

func TestBadEnvelope(t *testing.T) {
	if _, err := teams.New(teams.Config{URL: notifytest.NewSecret("https://example.com"), Envelope: "MessageCard"}); err == nil {
		t.Error("it is taken")
	}
}

var _ notify.Sender = (*teams.Sender)(nil)
