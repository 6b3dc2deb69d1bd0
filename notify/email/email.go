// Package email sends messages by SMTP.
package email

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/internal/wire"
)

// Security is how a connection becomes a secure one.
type Security string

const (
	StartTLS Security = "starttls" // by a command, on port 587 or 25; the server must know it
	Implicit Security = "implicit" // at once, on port 465
	Plain    Security = "plain"    // never: only to this machine
)

// Config of a channel.
type Config struct {
	Server   string   // HOST:PORT
	Security Security // default StartTLS
	From     string   // a bare address
	To       []string
	User     string        // "": without a login
	Password notify.Secret // nil: without a login

	CABundle string // PEM file of certificates to trust besides the system's

	Now func() time.Time // default time.Now
}

// Sender is a [notify.Sender].
type Sender struct {
	Config
	host string
	tls  *tls.Config
}

// New makes a Sender.
func New(c Config) (*Sender, error) {
	host, _, err := net.SplitHostPort(c.Server)
	if err != nil || host == "" {
		return nil, errors.New("email: smtp: write HOST:PORT")
	}
	switch c.Security {
	case "":
		c.Security = StartTLS
	case StartTLS, Implicit:
	case Plain:
		if !wire.IsLoopback(host) {
			return nil, errors.New("email: without TLS only to this machine: what is sent would cross the network in the clear")
		}
	default:
		return nil, fmt.Errorf("email: tls %q: it is %s, %s or %s", c.Security, StartTLS, Implicit, Plain)
	}
	if len(c.To) == 0 {
		return nil, errors.New("email: to: nobody is named")
	}
	for _, a := range append([]string{c.From}, c.To...) {
		if !isAddress(a) {
			return nil, fmt.Errorf("email: %q is no bare e-mail address", notify.Clean(a, 100))
		}
	}
	if (c.User == "") != (c.Password == nil) {
		return nil, errors.New("email: user and password belong together")
	}
	config, err := wire.Settings{CABundle: c.CABundle}.TLS()
	if err != nil {
		return nil, fmt.Errorf("email: %w", err)
	}
	config.ServerName = host
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Sender{c, host, config}, nil
}

// isAddress holds for addresses that need no quotes and can break out of no
// header and no command.
func isAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && len(s) <= 254 && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>()[]\,;:"`, r)
	}) && !strings.Contains(domain, "@")
}

// Send implements [notify.Sender]. A recipient whom the server does not take at
// present holds up the others; one whom it never takes does not, and makes an
// error in the end.
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	if err := s.send(ctx, m); err != nil {
		if ctx.Err() != nil {
			err = errors.Join(ctx.Err(), err)
		}
		return fmt.Errorf("email: %w", judge(err))
	}
	return nil
}

func (s *Sender) send(ctx context.Context, m notify.Message) error {
	if s.Password == nil {
		return s.session(ctx, m, nil)
	}
	return notify.WithSecret(ctx, s.Password, "password", func(password []byte) (bool, error) {
		err := s.session(ctx, m, password)
		return errors.As(err, new(*loginError)), err
	})
}

// loginError says that a login was refused.
type loginError struct{ err error }

func (e *loginError) Error() string { return "the login was refused: " + e.err.Error() }
func (e *loginError) Unwrap() error { return e.err }

// session sends m over one connection.
func (s *Sender) session(ctx context.Context, m notify.Message, password []byte) error {
	raw, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", s.Server)
	if err != nil {
		return err
	}
	defer raw.Close()
	stop := context.AfterFunc(ctx, func() { raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	var conn net.Conn = &bounded{raw, longestSession}
	if s.Security == Implicit {
		conn = tls.Client(conn, s.tls)
	}
	c, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return err
	}
	if err := c.Hello("sluice"); err != nil {
		return err
	}
	if s.Security == StartTLS {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return errors.New("the server does not offer STARTTLS, and nothing is sent in the clear")
		}
		if err := c.StartTLS(s.tls); err != nil {
			return err
		}
	}
	if password != nil {
		if err := s.login(c, password); err != nil {
			return err
		}
	}
	refused, err := s.envelope(c)
	if err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(s.content(m)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	c.Quit() // it has the message, whatever it says to this
	return refused
}

// longestSession is how many bytes a server may say.
const longestSession = 1 << 20

// bounded is a connection to a server that may say so much: net/smtp remembers a
// line until it ends.
type bounded struct {
	net.Conn
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errors.New("the server says too much")
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func (s *Sender) login(c *smtp.Client, password []byte) error {
	auth := smtp.PlainAuth("", s.User, string(password), s.host)
	if ok, mechanisms := c.Extension("AUTH"); !ok {
		return errors.New("the server offers no login over this connection")
	} else if !slices.Contains(strings.Fields(mechanisms), "PLAIN") {
		auth = &loginAuth{s.User, password, s.host}
	}
	err := c.Auth(auth)
	if p, ok := errors.AsType[*textproto.Error](err); ok && p.Code/100 == 5 {
		return &loginError{err}
	}
	return err
}

// loginAuth is the mechanism LOGIN, the only one with a password that some large
// providers have.
type loginAuth struct {
	user     string
	password []byte
	host     string
}

func (a *loginAuth) Start(server *smtp.ServerInfo) (string, []byte, error) {
	if !slices.Contains(server.Auth, "LOGIN") {
		return "", nil, errors.New("the server offers neither PLAIN nor LOGIN")
	}
	if !server.TLS && !wire.IsLoopback(a.host) {
		return "", nil, errors.New("no password is sent in the clear")
	}
	return "LOGIN", nil, nil
}

func (a *loginAuth) Next(question []byte, more bool) ([]byte, error) {
	switch text := strings.ToLower(string(question)); {
	case !more:
		return nil, nil
	case strings.HasPrefix(text, "user"):
		return []byte(a.user), nil
	case strings.HasPrefix(text, "pass"):
		return bytes.Clone(a.password), nil
	}
	return nil, errors.New("the server asks for something else than user and password")
}

// envelope names sender and recipients. It fails if no recipient is taken, or
// if one may be later; refused tells of others who are not.
func (s *Sender) envelope(c *smtp.Client) (refused, err error) {
	if err := c.Mail(s.From); err != nil {
		return nil, err
	}
	var errs []error
	for _, to := range s.To {
		err := c.Rcpt(to)
		p, ok := errors.AsType[*textproto.Error](err)
		switch {
		case err == nil:
		case ok && p.Code/100 == 5:
			errs = append(errs, fmt.Errorf("recipient %s: %w", to, err))
		default:
			return nil, fmt.Errorf("recipient %s: %w", to, err)
		}
	}
	if len(errs) == len(s.To) {
		return nil, errors.Join(errs...)
	}
	if len(errs) > 0 {
		return notify.Permanent(fmt.Errorf("sent to the others; not to %d of %d: %w", len(errs), len(s.To), errors.Join(errs...))), nil
	}
	return nil, nil
}

// longestSubject is in characters.
const longestSubject = 200

// content is the e-mail. Whatever is in m is encoded: nothing of it can become a
// header, or the end of the content.
func (s *Sender) content(m notify.Message) []byte {
	var b bytes.Buffer
	_, domain, _ := strings.Cut(s.From, "@")
	header := func(name, value string) {
		fmt.Fprintf(&b, "%s: %s\r\n", name, value)
	}
	header("Date", s.Now().Format(time.RFC1123Z))
	header("From", s.From)
	header("To", strings.Join(s.To, ",\r\n "))
	header("Message-ID", "<"+m.ID()+"@"+domain+">")
	header("Subject", encodeSubject(notify.Clean(m.Title, longestSubject)))
	header("Auto-Submitted", "auto-generated") // so that no holiday notice answers
	if m.Kind == notify.Failed {
		header("Importance", "high")
	}
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	q := quotedprintable.NewWriter(&b)
	io.WriteString(q, m.Title+"\n\n"+m.PlainText())
	q.Close()
	return b.Bytes()
}

// encodeSubject encodes what is not ASCII, and what looks as if it were encoded
// already, which the standard library leaves as it is. Between encoded words it
// breaks the line, as one that is longer than 998 bytes is not taken everywhere.
func encodeSubject(s string) string {
	if !strings.Contains(s, "=?") {
		return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", s), "?= =?", "?=\r\n =?")
	}
	var words []string
	for chunk := range slices.Chunk([]rune(s), 10) { // 40 bytes at most
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(string(chunk)))+"?=")
	}
	return strings.Join(words, "\r\n ")
}

// judge says what an error means for the message.
func judge(err error) error {
	if errors.As(err, new(*notify.SendError)) {
		return err
	}
	if errors.As(err, new(*loginError)) {
		return &notify.SendError{Err: err, Refused: true}
	}
	if p, ok := errors.AsType[*textproto.Error](err); ok && p.Code/100 == 5 {
		return notify.Permanent(err)
	}
	return err
}
