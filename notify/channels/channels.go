// Package channels makes the channels that a policy names.
//
// With the outbox of a ledger they make a dispatcher:
//
//	set, err := channels.Build(file.Channels, channels.Options{Secrets: resolver})
//	defer set.Close()
//	d := &notify.Dispatcher{Outbox: l.Outbox(), Channels: set.Channels, Report: …}
//	err = d.Open(ctx)            // before anything happens that is to be told
//	go d.Run(runCtx)             // while the run goes on; nil when runCtx ends
//	left, err := d.Flush(endCtx) // after Run has returned: with a deadline
//
// To list and to send again what was given up is the ledger's: Ledger.Messages and
// Ledger.Resend. [Set.Test] sends a message past the outbox.
package channels

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/email"
	"github.com/sluice-dlp/sluice/notify/eventbridge"
	"github.com/sluice-dlp/sluice/notify/slack"
	"github.com/sluice-dlp/sluice/notify/sns"
	"github.com/sluice-dlp/sluice/notify/teams"
	"github.com/sluice-dlp/sluice/notify/webhook"
	"github.com/sluice-dlp/sluice/quarantine/policy"
	"github.com/sluice-dlp/sluice/secret"
)

// Options for all channels.
type Options struct {
	Secrets *secret.Resolver

	// AWS is where SNS and EventBridge are, as far as a channel does not say so.
	AWS awsconf.Settings

	CABundle string // for channels that name none
}

// Set is channels that are ready for use.
type Set struct {
	Channels []notify.Channel
	closers  []func()
}

// Build makes channels. It speaks to nobody: secrets and credentials are fetched when
// they are needed. Errors name the channel.
func Build(from []policy.Channel, o Options) (*Set, error) {
	s := new(Set)
	var errs []error
	for _, c := range from {
		sender, closer, err := build(c, o)
		if err != nil {
			errs = append(errs, fmt.Errorf("notify: %s: %w", c.Name, err))
			continue
		}
		if closer != nil {
			s.closers = append(s.closers, closer)
		}
		s.Channels = append(s.Channels, notify.Channel{
			Name: c.Name, Sender: sender, Kinds: c.Kinds, MinSeverity: c.MinSeverity, Link: c.Link,
			Digest: notify.Digesting{Above: c.Digest.Above, Every: c.Digest.Every},
			Quiet:  notify.Quiet{From: c.Quiet.From, To: c.Quiet.To, Zone: c.Quiet.Zone, Except: c.Quiet.Except},
			Rate:   notify.Rate{Messages: c.Rate},
		})
	}
	if err := errors.Join(errs...); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close closes idle connections.
func (s *Set) Close() {
	for _, c := range s.closers {
		c()
	}
}

// Test sends a test message through each channel of these names, or all if
// there are none, one after the other and at once: it goes through no outbox, and
// is not tried again. It returns what became of each, in the order of Channels.
func (s *Set) Test(ctx context.Context, names ...string) ([]notify.Attempt, error) {
	wanted := make(map[string]bool)
	for _, name := range names {
		wanted[name] = true
	}
	m := notify.Render(notify.Event{Key: "test:" + rand.Text(), Kind: notify.Test, Time: time.Now()}, "")
	var out []notify.Attempt
	for _, c := range s.Channels {
		if len(names) > 0 && !wanted[c.Name] {
			continue
		}
		delete(wanted, c.Name)
		a := notify.Attempt{Channel: c.Name, Key: m.Key, Events: 1, State: notify.Sent}
		one, cancel := context.WithTimeout(ctx, 30*time.Second)
		if a.Err = c.Sender.Send(one, m); a.Err != nil {
			a.State = notify.Dead
		}
		cancel()
		out = append(out, a)
	}
	for name := range wanted {
		return out, fmt.Errorf("notify: there is no channel %s", name)
	}
	return out, nil
}

func build(c policy.Channel, o Options) (notify.Sender, func(), error) {
	ref := func(r secret.Ref) notify.Secret {
		if r.IsZero() {
			return nil
		}
		return bound{o.Secrets, r}
	}
	ca := cmp.Or(c.Connection.CABundle, o.CABundle)
	plain := c.Connection.InsecureHTTP
	switch c.Type {
	case "teams":
		s, err := teams.New(teams.Config{URL: ref(c.URL), Envelope: teams.Envelope(c.Envelope), CABundle: ca, AllowPlainHTTP: plain})
		return made(s, err)
	case "slack":
		s, err := slack.New(slack.Config{URL: ref(c.URL), CABundle: ca, AllowPlainHTTP: plain})
		return made(s, err)
	case "webhook":
		var secrets []notify.Secret
		for _, r := range []secret.Ref{c.Secret, c.Old} {
			if !r.IsZero() {
				secrets = append(secrets, ref(r))
			}
		}
		s, err := webhook.New(webhook.Config{URL: ref(c.URL), Secrets: secrets, CABundle: ca, AllowPlainHTTP: plain})
		return made(s, err)
	case "sns":
		s, err := sns.New(sns.Config{Topic: c.Topic, Settings: settings(o.AWS, c.Connection, ca)})
		return made(s, err)
	case "eventbridge":
		set := settings(o.AWS, c.Connection, ca)
		if !strings.HasPrefix(c.Bus, "arn:") {
			set.Region = cmp.Or(set.Region, o.AWS.Region)
		}
		s, err := eventbridge.New(eventbridge.Config{Bus: c.Bus, Settings: set})
		return made(s, err)
	case "email":
		s, err := email.New(email.Config{
			Server: c.SMTP, Security: email.Security(c.TLS), From: c.From, To: c.To, User: c.User, Password: ref(c.Password), CABundle: ca,
		})
		return s, nil, err
	}
	return nil, nil, fmt.Errorf("there are no channels of type %q", c.Type)
}

type closer interface {
	notify.Sender
	Close()
}

func made[T closer](s T, err error) (notify.Sender, func(), error) {
	if err != nil {
		return nil, nil, err
	}
	return s, s.Close, nil
}

// settings are those of a channel where it has any. A profile or a role of its own
// takes the place of the credentials that others have.
func settings(base awsconf.Settings, c policy.Connection, ca string) awsconf.Settings {
	if c.Profile != "" || c.RoleARN != "" {
		base.Profile, base.RoleARN, base.ExternalID = c.Profile, c.RoleARN, c.ExternalID
		if c.Profile != "" {
			base.Credentials = nil
		}
	}
	base.Region = c.Region
	base.Endpoint = cmp.Or(c.Endpoint, base.Endpoint)
	base.CABundle = cmp.Or(ca, base.CABundle)
	base.AllowPlainHTTP = base.AllowPlainHTTP || c.InsecureHTTP
	base.Attempts = 0
	return base
}

// bound is a secret that a resolver fetches.
type bound struct {
	resolver *secret.Resolver
	ref      secret.Ref
}

// Get implements [notify.Secret].
func (b bound) Get(ctx context.Context) ([]byte, error) {
	v, err := b.resolver.Get(ctx, b.ref)
	return v.Bytes(), err
}

// Refresh implements [notify.Secret].
func (b bound) Refresh(ctx context.Context, refused []byte) ([]byte, bool, error) {
	v, changed, err := b.resolver.Refresh(ctx, b.ref, secret.NewValue(refused))
	return v.Bytes(), changed, err
}
