// Package wire is how channels that speak HTTP or TLS do so: certificates
// verified, TLS 1.2 at least, plain http only to this machine unless that is
// allowed, no redirect followed, and no URL in an error, since a URL that takes
// messages is a credential.
package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-dlp/sluice/notify"
)

// Settings of a connection. The zero value is right for most.
type Settings struct {
	// CABundle is a PEM file of certificates to trust besides the system's.
	CABundle string

	AllowPlainHTTP bool // to hosts other than this one
}

// TLS is the configuration of connections.
func (s Settings) TLS() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.CABundle == "" {
		return c, nil
	}
	rest, err := os.ReadFile(s.CABundle)
	if err != nil {
		return nil, fmt.Errorf("read CA bundle: %w", err)
	}
	if c.RootCAs, err = x509.SystemCertPool(); err != nil {
		return nil, fmt.Errorf("read the certificates that the system trusts: %w", err)
	}
	n := 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil || block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("CA bundle %s: block %d is no certificate", s.CABundle, n+1)
		}
		c.RootCAs.AddCert(cert)
		n++
	}
	if n == 0 {
		return nil, fmt.Errorf("CA bundle %s: it holds no certificate in PEM form", s.CABundle)
	}
	return c, nil
}

// Poster posts messages to a URL that is a secret. It is safe for concurrent use.
type Poster struct {
	client *http.Client
	plain  bool
	url    notify.Secret
}

// NewPoster makes a Poster.
func NewPoster(url notify.Secret, s Settings) (*Poster, error) {
	config, err := s.TLS()
	if err != nil {
		return nil, err
	}
	return &Poster{
		client: &http.Client{
			Transport: &http.Transport{
				Proxy:                 http.ProxyFromEnvironment,
				DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
				TLSClientConfig:       config,
				TLSHandshakeTimeout:   10 * time.Second,
				MaxIdleConnsPerHost:   2,
				IdleConnTimeout:       time.Minute,
				ForceAttemptHTTP2:     true,
				ExpectContinueTimeout: time.Second,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		plain: s.AllowPlainHTTP,
		url:   url,
	}, nil
}

// CloseIdleConnections closes what is open and not in use.
func (p *Poster) CloseIdleConnections() { p.client.CloseIdleConnections() }

// Post posts a body. header is called for each request, and gives what else is
// to be sent with it. Where the URL is refused, it is fetched anew, and if it has
// changed the body is posted once more. Errors are as [notify.Sender] wants them.
func (p *Poster) Post(ctx context.Context, body []byte, header func(context.Context) (http.Header, error)) error {
	return notify.WithSecret(ctx, p.url, "URL", func(to []byte) (bool, error) {
		status, err := p.once(ctx, to, body, header)
		return refused(status), err
	})
}

// refused reports whether it may be the URL that was refused. A hook that was
// replaced is not there any more.
func refused(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound || status == http.StatusGone
}

// longestAnswer is how much of an answer is read.
const longestAnswer = 16 << 10

func (p *Poster) once(ctx context.Context, to, body []byte, header func(context.Context) (http.Header, error)) (status int, err error) {
	u, err := url.Parse(strings.TrimSpace(string(to)))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return 0, errors.New("the URL is none: it must begin with https:// and a host")
	}
	if u.Scheme == "http" && !p.plain && !IsLoopback(u.Hostname()) {
		return 0, notify.Permanent(errors.New("the URL is plain http: what is sent would cross the network in the clear; use https, or allow plain http explicitly"))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("the URL is none that can be posted to")
	}
	if header != nil {
		h, err := header(ctx)
		if err != nil {
			return 0, err
		}
		req.Header = h
	}
	req.Header.Set("User-Agent", "sluice")
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, withoutURL(err, u)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, longestAnswer))
	return resp.StatusCode, judge(resp, redact(string(answer), u))
}

// judge says what an answer means for the message.
func judge(resp *http.Response, answer string) error {
	status := resp.StatusCode
	if status/100 == 2 {
		return nil
	}
	text := fmt.Sprintf("the receiver answered %d %s", status, http.StatusText(status))
	if answer = strings.TrimSpace(answer); answer != "" {
		text += ": " + notify.Clean(answer, 200)
	}
	e := &notify.SendError{Err: errors.New(text)}
	switch {
	case status/100 == 3:
		e.Err = fmt.Errorf("%s; redirects are not followed, as the message would go to somebody else", text)
		e.Permanent = true
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		e.Refused = true
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status == http.StatusTooEarly, status/100 == 5:
		e.RetryAfter = retryAfter(resp.Header, time.Now())
	default:
		e.Permanent = true
	}
	return e
}

// retryAfter reads the header Retry-After: seconds, or a date, which is taken by the
// clock of the receiver if that is told.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		if !(s > 0) {
			return 0
		}
		return time.Duration(min(s, 1e9) * float64(time.Second))
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
		now = theirs
	}
	return max(0, at.Sub(now))
}

// withoutURL is err without the URL that net/http puts into it.
func withoutURL(err error, u *url.URL) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if text := redact(err.Error(), u); text != err.Error() {
		return errors.New(text)
	}
	return err
}

// redact takes the secret parts of u out of a text: all but scheme and host.
func redact(text string, u *url.URL) string {
	parts := []string{u.String(), u.RequestURI(), u.Path, u.RawQuery, u.Fragment}
	parts = append(parts, strings.Split(u.Path, "/")...)
	parts = append(parts, strings.Split(u.EscapedPath(), "/")...)
	parts = append(parts, strings.FieldsFunc(u.RawQuery, func(r rune) bool { return r == '&' || r == '=' })...)
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	if u.User != nil {
		password, _ := u.User.Password()
		parts = append(parts, u.User.String(), u.User.Username(), password,
			base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password))) // as the header says it
	}
	for _, part := range parts {
		if len(part) >= 6 {
			text = strings.ReplaceAll(text, part, "[secret]")
		}
	}
	return text
}

// IsLoopback reports whether host is this machine.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// JSON is the header of a body in JSON.
func JSON(context.Context) (http.Header, error) {
	return http.Header{"Content-Type": {"application/json"}}, nil
}
