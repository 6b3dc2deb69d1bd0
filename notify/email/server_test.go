package email_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-dlp/sluice/notify/notifytest"
)

// server is an SMTP server. What it takes is in got.
type server struct {
	addr, ca string
	tls      *tls.Config
	implicit bool
	secret   *notifytest.Secret // the password of "user"; nil: no login

	noTLS      bool           // does not offer STARTTLS
	mechanisms string         // of login
	rcpt       map[string]int // what it answers to a recipient

	mu       sync.Mutex
	answer   notifytest.Answer
	got      [][]byte
	to       [][]string
	inClear  []string // commands that came without TLS
	commands int
	stop     chan struct{}
}

func newServer(t *testing.T, edit func(*server)) *server {
	t.Helper()
	h := notifytest.NewHTTP(t) // for its certificate
	s := &server{ca: h.CABundle, stop: make(chan struct{}), mechanisms: "PLAIN"}
	s.tls = &tls.Config{Certificates: certificates(h.Server)}
	if edit != nil {
		edit(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer c.Close()
				s.serve(c)
			})
		}
	})
	t.Cleanup(func() {
		close(s.stop)
		l.Close()
		conns.Wait()
	})
	return s
}

func certificates(h *httptest.Server) []tls.Certificate { return h.TLS.Certificates }

func (s *server) Answer(a notifytest.Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = a
}

func (s *server) Taken() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([][]byte(nil), s.got...)
}

func (s *server) serve(c net.Conn) {
	s.mu.Lock()
	answer := s.answer
	s.mu.Unlock()
	if answer == notifytest.Hang {
		<-s.stop
		return
	}
	secure := false
	if s.implicit {
		c, secure = tls.Server(c, s.tls), true
	}
	r := bufio.NewReader(c)
	say := func(format string, args ...any) bool {
		_, err := fmt.Fprintf(c, format+"\r\n", args...)
		return err == nil
	}
	line := func() (string, bool) {
		text, err := r.ReadString('\n')
		return strings.TrimRight(text, "\r\n"), err == nil
	}
	if !say("220 test ESMTP") {
		return
	}
	in := s.secret == nil
	var to []string
	for {
		text, ok := line()
		if !ok {
			return
		}
		verb, rest, _ := strings.Cut(text, " ")
		verb = strings.ToUpper(verb)
		s.mu.Lock()
		s.commands++
		if !secure {
			s.inClear = append(s.inClear, verb)
		}
		s.mu.Unlock()
		switch {
		case verb == "EHLO":
			say("250-test")
			if !secure && !s.noTLS {
				say("250-STARTTLS")
			}
			if s.secret != nil {
				say("250-AUTH %s", s.mechanisms)
			}
			say("250 8BITMIME")
		case verb == "STARTTLS":
			say("220 go ahead")
			t := tls.Server(c, s.tls)
			if t.Handshake() != nil {
				return
			}
			c, r, secure = t, bufio.NewReader(t), true
		case verb == "AUTH":
			var user, password string
			mechanism, first, _ := strings.Cut(rest, " ")
			if mechanism == "PLAIN" {
				parts := bytes.Split(decoded(first), []byte{0})
				if len(parts) == 3 {
					user, password = string(parts[1]), string(parts[2])
				}
			} else {
				say("334 %s", base64.StdEncoding.EncodeToString([]byte("Username:")))
				text, _ := line()
				user = string(decoded(text))
				say("334 %s", base64.StdEncoding.EncodeToString([]byte("Password:")))
				text, _ = line()
				password = string(decoded(text))
			}
			if in = user == "user" && password == s.secret.Now() && answer != notifytest.Refuse; in {
				say("235 welcome")
			} else {
				say("535 5.7.8 no such user or password")
			}
		case !in:
			say("530 5.7.0 log in first")
		case verb == "MAIL" && answer == notifytest.Fail:
			say("451 4.3.0 out of order")
		case verb == "MAIL" && answer == notifytest.TooMany:
			say("450 4.7.1 slow down")
		case verb == "MAIL":
			to = nil
			say("250 ok")
		case verb == "RCPT":
			addr := strings.TrimSuffix(strings.TrimPrefix(rest, "TO:<"), ">")
			if code := s.rcpt[addr]; code != 0 {
				say("%d not this one", code)
				continue
			}
			to = append(to, addr)
			say("250 ok")
		case verb == "DATA" && answer == notifytest.Reject:
			say("554 5.6.0 not wanted")
		case verb == "DATA":
			say("354 go on")
			body, err := io.ReadAll(textproto.NewReader(r).DotReader())
			if err != nil {
				return
			}
			s.mu.Lock()
			s.got, s.to = append(s.got, body), append(s.to, to)
			s.mu.Unlock()
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("500 what?")
		}
	}
}

func decoded(text string) []byte {
	b, _ := base64.StdEncoding.DecodeString(text)
	return b
}
