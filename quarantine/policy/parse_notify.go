package policy

import (
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-dlp/sluice/internal/wording"
	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/secret"
)

func (f *File) readChannels(n node) {
	for _, item := range n.items() {
		f.Channels = append(f.Channels, item.channel())
	}
}

// own are the fields that only channels of a type have, required ones first
// with how many there are.
var own = map[string]struct {
	fields   []string
	required int
}{
	"teams":       {[]string{"url", "envelope"}, 1},
	"slack":       {[]string{"url"}, 1},
	"webhook":     {[]string{"url", "secret", "old-secret"}, 1},
	"sns":         {[]string{"topic"}, 1},
	"eventbridge": {[]string{"bus"}, 1},
	"email":       {[]string{"smtp", "from", "to", "user", "password", "tls"}, 3},
}

var ofAWS = []string{"profile", "region", "role-arn", "external-id", "endpoint-url"}

func (n node) channel() Channel {
	c := Channel{Line: n.Line, Envelope: "message", TLS: "starttls"}
	n.path = "notify"
	if !n.has("type") {
		n.fail("type is missing: teams, slack, webhook, sns, eventbridge or email")
		return c
	}
	c.Name = n.nameOr("")
	if c.Name != "" {
		n.path = "notify: " + c.Name
	}
	before := len(n.r.errs)
	fields := []field{
		into("type", &c.Type, one("teams", "slack", "webhook", "sns", "eventbridge", "email")),
		field{"name", func(node) {}},
		into("kinds", &c.Kinds, some(notify.Detected, notify.Started, notify.Succeeded, notify.Failed, notify.Restored, notify.Purged, notify.Swept)),
		into("min-severity", &c.MinSeverity, one(severities[:]...)),
		into("digest", &c.Digest, node.digest),
		into("quiet", &c.Quiet, node.quiet),
		field{"rate", func(n node) { c.Rate = int(min(n.count(), 60_000)) }},
		into("link", &c.Link, node.endpoint),
		into("url", &c.URL, node.url),
		into("envelope", &c.Envelope, one("message", "card")),
		into("secret", &c.Secret, node.secret),
		into("old-secret", &c.Old, node.secret),
		into("topic", &c.Topic, node.topic),
		into("bus", &c.Bus, node.text),
		into("smtp", &c.SMTP, node.hostPort),
		into("tls", &c.TLS, one("starttls", "implicit", "plain")),
		into("from", &c.From, node.address),
		field{"to", func(n node) {
			for _, item := range n.items() {
				c.To = append(c.To, item.address())
			}
		}},
		into("user", &c.User, node.text),
		into("password", &c.Password, node.secret),
	}
	n.object(append(fields, c.Connection.fields()...)...)
	if len(n.r.errs) == before {
		n.checkChannel(&c)
	}
	if c.Name == "" {
		c.Name = c.Type
	}
	return c
}

// checkChannel checks what is about the type of the channel.
func (n node) checkChannel(c *Channel) {
	mine := own[c.Type]
	for _, name := range mine.fields[:mine.required] {
		if !n.has(name) {
			n.fail("a channel of type %s needs %s", c.Type, name)
		}
	}
	isAWS := c.Type == "sns" || c.Type == "eventbridge"
	for key := range n.pairs() {
		name := key.Value
		ofOther := slices.Contains(ofAWS, name) && !isAWS
		for _, other := range own {
			ofOther = ofOther || slices.Contains(other.fields, name) && !slices.Contains(mine.fields, name)
		}
		if ofOther {
			n.in(key, name).fail("a channel of type %s has no such field; it has %s", c.Type, strings.Join(mine.fields, ", "))
		}
	}
	if c.Secret.IsZero() && !c.Old.IsZero() {
		n.fail("old-secret stands beside secret")
	}
	if (c.User == "") != c.Password.IsZero() {
		n.fail("user and password belong together")
	}
	if text, ok := c.URL.PlainText(); ok && c.Type != "webhook" {
		n.fail("url: that of %s is a credential: whoever has it can post. Keep it elsewhere and write %s", c.Type, secret.Forms)
	} else if ok && strings.HasPrefix(text, "http://") && !c.Connection.InsecureHTTP && !isLoopback(text) {
		n.fail("url: http:// to another host can be read and changed on its way; write https://, or say insecure-http: true")
	}
}

func isLoopback(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// url reads a URL, or a reference to one. It may be a credential, and is not
// repeated.
func (n node) url() secret.Ref {
	ref, err := secret.ParseOrPlain(n.text())
	if err != nil {
		n.fail("%v", err)
	}
	if text, ok := ref.PlainText(); ok && !isURL(text) {
		n.fail("is neither https://… nor %s", secret.Forms)
	}
	return ref.In(filepath.Dir(n.r.file))
}

var topicARN = regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$`)

func (n node) topic() string {
	s := n.text()
	if s != "" && !topicARN.MatchString(s) {
		n.fail("%q; write arn:aws:sns:REGION:ACCOUNT:NAME", wording.Shorten(s))
	}
	return s
}

func (n node) hostPort() string {
	s := n.text()
	host, port, err := net.SplitHostPort(s)
	if number, e := strconv.Atoi(port); s != "" && (err != nil || e != nil || host == "" || number < 1 || number > 65535) {
		n.fail("%q; write HOST:PORT", wording.Shorten(s))
	}
	return s
}

func (n node) address() string {
	s := n.text()
	if name, host, ok := strings.Cut(s, "@"); s != "" && (!ok || name == "" || host == "" || strings.ContainsAny(s, " <>,;")) {
		n.fail("%q is no bare e-mail address", wording.Shorten(s))
	}
	return s
}

func (n node) digest() Digest {
	d := Digest{defaultDigestAbove, defaultDigestEvery}
	n.object(field{"above", func(n node) { d.Above = int(n.count()) }}, into("every", &d.Every, node.duration))
	return d
}

func (n node) quiet() Quiet {
	q := Quiet{Zone: time.UTC}
	n.object(
		into("from", &q.From, node.timeOfDay),
		into("to", &q.To, node.timeOfDay),
		field{"zone", func(n node) {
			zone, err := time.LoadLocation(n.text())
			if err != nil || strings.EqualFold(n.Value, "local") {
				n.fail("no time zone %q is known; write one such as Europe/Berlin, or UTC", wording.Shorten(n.Value))
				return
			}
			q.Zone = zone
		}},
		into("except", &q.Except, one(severities[:]...)),
	)
	if n.Kind == yaml.MappingNode && (!n.has("from") || !n.has("to")) {
		n.fail("needs both from and to")
	} else if n.Kind == yaml.MappingNode && q.From == q.To {
		n.fail("from and to are the same time")
	}
	return q
}

func (n node) timeOfDay() time.Duration {
	t, err := time.Parse("15:04", n.scalar())
	if n.Kind == yaml.ScalarNode && err != nil {
		n.fail("%q is no time of day; write \"22:00\"", wording.Shorten(n.Value))
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}
