package channels_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/channels"
	"github.com/sluice-dlp/sluice/notify/notifytest"
	"github.com/sluice-dlp/sluice/quarantine/policy"
	"github.com/sluice-dlp/sluice/secret"
)

func parse(t *testing.T, text string) *policy.File {
	t.Helper()
	f, err := policy.Parse(filepath.Join(t.TempDir(), "policy.yaml"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFromPolicy sends through a channel as a user configures it, with a secret
// that is changed while it is in use.
func TestFromPolicy(t *testing.T) {
	h := notifytest.NewHTTP(t)
	t.Setenv("HOOK", h.Secret.Now())
	f := parse(t, `
notify:
  - type: teams
    url: env:HOOK
    ca-bundle: `+h.CABundle+`
    kinds: [failed, detected]
    min-severity: Medium
    digest: {above: 3, every: 1h}
    quiet: {from: "22:00", to: "06:00", zone: Europe/Berlin}
    rate: 7
    link: https://console.example.com/{bucket}?key={name}
`)
	set, err := channels.Build(f.Channels, channels.Options{Secrets: new(secret.Resolver)})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	c := set.Channels[0]
	if c.Name != "teams" || len(c.Kinds) != 2 || c.MinSeverity != "Medium" || c.Digest != (notify.Digesting{Above: 3, Every: time.Hour}) ||
		c.Quiet.From != 22*time.Hour || c.Quiet.Zone.String() != "Europe/Berlin" || c.Rate.Messages != 7 || !strings.Contains(c.Link, "{name}") {
		t.Errorf("%+v", c)
	}
	got, err := set.Test(t.Context())
	if err != nil || len(got) != 1 || got[0].Err != nil || len(h.Taken()) != 1 || !strings.Contains(string(h.Taken()[0]), "Test message") {
		t.Fatalf("%+v, %v", got, err)
	}
	h.Secret.Set(strings.ReplaceAll(h.Secret.Now(), "secret", "changed"))
	if got, err := set.Test(t.Context(), "teams"); err != nil || got[0].State != notify.Dead || strings.Contains(got[0].Err.Error(), "secret-") {
		t.Errorf("with the old URL: %+v, %v", got, err)
	}
	t.Setenv("HOOK", h.Secret.Now())
	if got, err := set.Test(t.Context(), "teams"); err != nil || got[0].Err != nil {
		t.Errorf("with the new URL: %+v, %v", got, err)
	}
	if _, err := set.Test(t.Context(), "slack"); err == nil {
		t.Error("a channel that there is not is tested")
	}
}

// TestEveryExample builds the channels of the user's guide.
func TestEveryExample(t *testing.T) {
	guide, err := os.ReadFile("../../docs/notifications.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, block := range strings.Split(string(guide), "```yaml\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		if !strings.HasPrefix(block, "notify:") {
			block = "notify:\n" + block
		}
		f := parse(t, block)
		set, err := channels.Build(f.Channels, channels.Options{Secrets: new(secret.Resolver)})
		if err != nil {
			t.Errorf("%v in\n%s", err, block)
			continue
		}
		set.Close()
		for _, c := range f.Channels {
			seen[c.Type] = true
		}
	}
	for _, want := range []string{"teams", "slack", "webhook", "sns", "eventbridge", "email"} {
		if !seen[want] {
			t.Errorf("the guide has no example of %s", want)
		}
	}
}

func TestErrorsNameTheChannel(t *testing.T) {
	f := parse(t, `
notify:
  - {name: one, type: slack, url: "env:X", ca-bundle: /no/such/file}
  - {name: two, type: email, smtp: "mail.example.com:25", tls: plain, from: a@example.com, to: [b@example.com]}
  - {name: three, type: webhook, url: "https://example.com"}
`)
	_, err := channels.Build(f.Channels, channels.Options{Secrets: new(secret.Resolver)})
	if err == nil || !strings.Contains(err.Error(), "notify: one: ") || !strings.Contains(err.Error(), "notify: two: ") || strings.Contains(err.Error(), "three") {
		t.Errorf("%v", err)
	}
}
