package slack_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/notifytest"
	"github.com/sluice-dlp/sluice/notify/slack"
)

func start(t *testing.T) notifytest.Receiver {
	h := notifytest.NewHTTP(t)
	h.Took = func(w http.ResponseWriter, _ []byte) { w.Write([]byte("ok")) }
	s, err := slack.New(slack.Config{URL: h.Secret, CABundle: h.CABundle})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	r := h.Receiver()
	r.Sender, r.Limit = s, 100<<10
	r.Texts = func(body []byte) ([]string, error) {
		texts, err := notifytest.Strings(body)
		for i := range texts {
			texts[i] = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(texts[i])
		}
		return texts, err
	}
	return r
}

func TestChannel(t *testing.T) { notifytest.Run(t, start) }

type object struct{ Type, Text string }

type body struct {
	Text   string
	Mrkdwn *bool

	UnfurlLinks *bool `json:"unfurl_links"`
	UnfurlMedia *bool `json:"unfurl_media"`
	Blocks      []struct {
		Type     string
		Text     object
		Fields   []object
		Elements []object
	}
}

// TestBlocks holds what is posted against Slack's limits, and makes sure
// that nothing but our own links is markup.
func TestBlocks(t *testing.T) {
	messages := []notify.Message{notifytest.Message("k"), notifytest.Digest(t, 3000)}
	for _, name := range notifytest.Hostile {
		messages = append(messages, notify.Render(notify.Event{
			Key: "h", Kind: notify.Detected, Bucket: "b" + name, Name: name, Detail: name, Undo: name, Reason: name, Where: name,
		}, "https://console.example.com/?k={name}"))
	}
	for _, m := range messages {
		r := start(t)
		if err := r.Sender.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		var b body
		if err := json.Unmarshal(r.Taken()[0], &b); err != nil {
			t.Fatal(err)
		}
		if len(b.Blocks) > 50 || b.Text == "" || b.Mrkdwn == nil || *b.Mrkdwn || b.UnfurlLinks == nil || *b.UnfurlLinks || b.UnfurlMedia == nil || *b.UnfurlMedia {
			t.Errorf("%d blocks; text %q", len(b.Blocks), b.Text)
		}
		check := func(o object, limit int) {
			if n := utf8.RuneCountInString(o.Text); n > limit || n == 0 {
				t.Errorf("a text of %d characters; from 1 to %d are allowed", n, limit)
			}
			text := o.Text
			if o.Type == "mrkdwn" {
				if !strings.HasPrefix(text, "<https://console.example.com/") || !strings.HasSuffix(text, "|Open the object>") || strings.Count(text, "|") != 1 {
					t.Errorf("link %q", text)
				}
				return
			}
			if o.Type != "plain_text" || strings.ContainsAny(text, "<>") {
				t.Errorf("%+v", o)
			}
			for _, after := range strings.Split(text, "&")[1:] {
				if !strings.HasPrefix(after, "amp;") && !strings.HasPrefix(after, "lt;") && !strings.HasPrefix(after, "gt;") {
					t.Errorf("half an entity in %q", text)
				}
			}
		}
		for _, bl := range b.Blocks {
			switch bl.Type {
			case "header":
				check(bl.Text, 150)
			case "section":
				if len(bl.Fields) > 10 {
					t.Errorf("%d fields", len(bl.Fields))
				}
				for _, f := range bl.Fields {
					check(f, 2000)
				}
				if bl.Fields == nil {
					check(bl.Text, 3000)
				}
			case "context":
				check(bl.Elements[0], 3000)
			default:
				t.Errorf("block %q", bl.Type)
			}
		}
		if strings.Contains(b.Text, "<") {
			t.Errorf("text %q", b.Text)
		}
	}
}
