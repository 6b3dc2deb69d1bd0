package email_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/email"
	"github.com/sluice-dlp/sluice/notify/notifytest"
)

func sender(t *testing.T, s *server, edit func(*email.Config)) *email.Sender {
	t.Helper()
	c := email.Config{Server: s.addr, From: "sluice@example.com", To: []string{"soc@example.com", "boss@example.com"}, CABundle: s.ca}
	if s.secret != nil {
		c.User, c.Password = "user", s.secret
	}
	if s.implicit {
		c.Security = email.Implicit
	}
	if edit != nil {
		edit(&c)
	}
	out, err := email.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestChannel(t *testing.T) {
	for name, edit := range map[string]func(*server){
		"STARTTLS":   func(*server) {},
		"implicit":   func(s *server) { s.implicit = true },
		"AUTH LOGIN": func(s *server) { s.mechanisms = "LOGIN XOAUTH2" },
	} {
		t.Run(name, func(t *testing.T) {
			notifytest.Run(t, func(t *testing.T) notifytest.Receiver {
				s := newServer(t, func(s *server) {
					s.secret = notifytest.NewSecret("the-secret-password")
					edit(s)
				})
				return notifytest.Receiver{Sender: sender(t, s, nil), Answer: s.Answer, Taken: s.Taken, Texts: texts, Limit: 100 << 10, Secret: s.secret}
			})
		})
	}
}

// allowed are the headers that an e-mail may have, once each.
var allowed = []string{"Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "Importance", "Message-Id", "Mime-Version", "Subject", "To"}

func texts(message []byte) ([]string, error) {
	for _, line := range bytes.Split(message, []byte("\n")) {
		if len(line) > 998 {
			return nil, fmt.Errorf("a line of %d bytes", len(line))
		}
		if bytes.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r >= 0x7f }) {
			return nil, errors.New("not printable ASCII")
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(m.Header)) {
		if !slices.Contains(allowed, name) || len(m.Header[name]) != 1 {
			return nil, fmt.Errorf("header %s, %d times", name, len(m.Header[name]))
		}
	}
	if to := m.Header.Get("To"); to != "soc@example.com, boss@example.com" {
		return nil, fmt.Errorf("to %q", to)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return nil, err
	}
	if date, err := m.Header.Date(); err != nil || date.IsZero() {
		return nil, fmt.Errorf("date: %v", err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		return nil, err
	}
	text := strings.ReplaceAll(string(body), "\r\n", "\n")
	if first, _, _ := strings.Cut(text, "\n"); !strings.HasPrefix(notify.Clean(first, 200), subject) && subject != notify.Clean(first, 200) {
		return nil, fmt.Errorf("subject %q of a message that begins with %q", subject, first)
	}
	return append(strings.Split(text, "\n"), subject), nil
}

// TestMessageID: mail programs show what comes twice once.
func TestMessageID(t *testing.T) {
	s := newServer(t, nil)
	e := sender(t, s, nil)
	for _, key := range []string{"a", "a", "b"} {
		if err := e.Send(t.Context(), notifytest.Message(key)); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, text := range s.Taken() {
		m, err := mail.ReadMessage(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.Header.Get("Message-ID"))
	}
	m := notifytest.Message("a")
	if ids[0] != "<"+m.ID()+"@example.com>" || ids[1] != ids[0] || ids[2] == ids[0] {
		t.Errorf("%v", ids)
	}
}

// TestRecipients is about servers that take some of them.
func TestRecipients(t *testing.T) {
	for _, tt := range []struct {
		rcpt      map[string]int
		taken     int
		permanent bool
	}{
		{map[string]int{"soc@example.com": 550}, 1, true},
		{map[string]int{"soc@example.com": 550, "boss@example.com": 551}, 0, true},
		{map[string]int{"boss@example.com": 451}, 0, false},
		{map[string]int{"soc@example.com": 550, "boss@example.com": 451}, 0, false},
	} {
		s := newServer(t, func(s *server) { s.rcpt = tt.rcpt })
		err := sender(t, s, nil).Send(t.Context(), notifytest.Message("k"))
		e, _ := errors.AsType[*notify.SendError](err)
		if err == nil || (e != nil && e.Permanent) != tt.permanent || len(s.Taken()) != tt.taken {
			t.Errorf("%v: %d taken, %v", tt.rcpt, len(s.Taken()), err)
		}
	}
}

// TestNothingInTheClear: without TLS that holds, nothing is told and no
// password sent.
func TestNothingInTheClear(t *testing.T) {
	for name, tt := range map[string]struct {
		server func(*server)
		client func(*email.Config)
	}{
		"no STARTTLS":         {func(s *server) { s.noTLS = true }, nil},
		"unknown certificate": {nil, func(c *email.Config) { c.CABundle = "" }},
		"implicit, unknown":   {func(s *server) { s.implicit = true }, func(c *email.Config) { c.CABundle = "" }},
		"other host":          {nil, func(c *email.Config) { c.Server = strings.Replace(c.Server, "127.0.0.1", "localhost", 1) }},
		"TLS 1.1":             {func(s *server) { s.tls.MinVersion, s.tls.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, nil},
		"plain server":        {nil, func(c *email.Config) { c.Security = email.Implicit }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, func(s *server) {
				s.secret = notifytest.NewSecret("the-secret-password")
				if tt.server != nil {
					tt.server(s)
				}
			})
			err := sender(t, s, tt.client).Send(t.Context(), notifytest.Message("k"))
			if err == nil || len(s.Taken()) > 0 {
				t.Fatalf("sent: %v", err)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, verb := range s.inClear {
				if slices.Contains([]string{"AUTH", "MAIL", "RCPT", "DATA"}, verb) {
					t.Errorf("%q is sent in the clear", verb)
				}
			}
		})
	}
}

func TestPlain(t *testing.T) {
	s := newServer(t, func(s *server) { s.noTLS = true })
	if err := sender(t, s, func(c *email.Config) { c.Security = email.Plain }).Send(t.Context(), notifytest.Message("k")); err != nil || len(s.Taken()) != 1 {
		t.Errorf("plain to this machine: %v", err)
	}
}

func TestBadConfig(t *testing.T) {
	for name, edit := range map[string]func(*email.Config){
		"plain to another host": func(c *email.Config) { c.Security = email.Plain },
		"other security":        func(c *email.Config) { c.Security = "none" },
		"no recipient":          func(c *email.Config) { c.To = nil },
		"header in from":        func(c *email.Config) { c.From = "a@example.com\r\nBcc: b@example.com" },
		"command in to":         func(c *email.Config) { c.To = []string{"a@example.com>\r\nRCPT TO:<b@example.com"} },
		"two in one":            func(c *email.Config) { c.To = []string{"a@example.com,b@example.com"} },
		"name":                  func(c *email.Config) { c.To = []string{"A <a@example.com>"} },
		"no password":           func(c *email.Config) { c.User = "user" },
		"no port":               func(c *email.Config) { c.Server = "smtp.example.com" },
	} {
		c := email.Config{Server: "smtp.example.com:25", From: "a@example.com", To: []string{"b@example.com"}}
		edit(&c)
		if _, err := email.New(c); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestEndlessAnswer: a server that never ends its line takes neither the memory nor
// the time that a message has.
func TestEndlessAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var sent atomic.Int64
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for chunk := bytes.Repeat([]byte("2"), 64<<10); err == nil && sent.Load() < 256<<20; {
			var n int
			n, err = c.Write(chunk)
			sent.Add(int64(n))
		}
	}()
	s, err := email.New(email.Config{Server: l.Addr().String(), Security: email.Plain, From: "sluice@example.com", To: []string{"soc@example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), notifytest.Message("k")); err == nil {
		t.Error("taken")
	}
	if n := sent.Load(); n > 64<<20 {
		t.Errorf("%d bytes were read of it", n)
	}
}
