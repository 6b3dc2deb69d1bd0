package awsconf

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// freeze makes the one HTTP client that all requests share. It comes after the
// SDK has added the certificates that the environment names (AWS_CA_BUNDLE).
func freeze(shared *aws.Config) *http.Client {
	buildable, ok := shared.HTTPClient.(interface{ GetTransport() *http.Transport })
	if !ok {
		panic("awsconf: the SDK has replaced the HTTP client that it was given")
	}
	client := &http.Client{Transport: buildable.GetTransport(), CheckRedirect: noRedirect}
	shared.HTTPClient = client
	return client
}

// noRedirect hands redirects back: a request signed for one host is not valid
// at another, and S3's redirects name the Region of the bucket.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// tune adapts the SDK's connections. DisableCompression keeps net/http from
// asking for gzip and undoing it: the bytes must be those that the store holds,
// or no length and no checksum would fit. The SDK has a read deadline of its
// own, but it can end a request early on a connection that was idle before.
func (s Settings) tune(t *http.Transport, roots *x509.CertPool) {
	dial := t.DialContext
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return patientConn{conn, s.Progress}, nil
	}
	// One connection for each request: under HTTP/2, which some compatible
	// stores offer, ranges read side by side would share one, and a slow
	// consumer would look like a store that sends nothing.
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.TLSNextProto = nil // the SDK's copy has made itself ready for HTTP/2
	t.TLSClientConfig.NextProtos = nil
	t.TLSClientConfig.MinVersion = tls.VersionTLS12
	t.TLSClientConfig.RootCAs = roots
	t.MaxIdleConns = s.Connections
	t.MaxIdleConnsPerHost = s.Connections
	t.DisableCompression = true
	t.ResponseHeaderTimeout = 10 * s.Progress // for one that comes byte by byte
}

// patientConn gives up when nothing at all arrives for so long while somebody
// waits: for an answer, or for more of it. It bounds neither the whole body nor
// the time that a slow consumer takes between two reads.
type patientConn struct {
	net.Conn
	patience time.Duration
}

func (c patientConn) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Write also moves the deadline of the Read that net/http keeps pending on an
// idle connection: the time to wait for the answer begins now.
func (c patientConn) Write(p []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// trust returns the certificates of the system and those of a PEM file. Without
// a file it returns nil: the system's. A file of which a part cannot be used is
// an error, since what fails later, for want of it, does not name the file.
func trust(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	rest, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read CA bundle: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read the certificates that the system trusts: %w", err)
	}
	n := 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("CA bundle %s: it holds a %s: only certificates belong there", file, block.Type)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("CA bundle %s: certificate %d: %w", file, n+1, err)
		}
		roots.AddCert(cert)
		n++
	}
	if n == 0 {
		return nil, fmt.Errorf("CA bundle %s: it holds no certificate in PEM form", file)
	}
	return roots, nil
}

// PlainHTTPError says that something would have been sent in the clear.
type PlainHTTPError struct{ Host string }

func (e *PlainHTTPError) Error() string {
	return "endpoint " + e.Host + " is plain http: what is sent would cross the network in the clear; use https, or say that it may (--insecure-http, or insecure-http: true in a policy)"
}

// refusePlainHTTP has each client make sure of it for each request, since
// endpoints come from the environment and from profiles too.
func (s Settings) refusePlainHTTP(stack *middleware.Stack) error {
	return stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("RefusePlainHTTP",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			if r, ok := in.Request.(*smithyhttp.Request); ok && s.refusesPlain(r.URL) {
				return middleware.FinalizeOutput{}, middleware.Metadata{}, &PlainHTTPError{r.URL.Host}
			}
			return next.HandleFinalize(ctx, in)
		}), middleware.After)
}

func (s Settings) refusesPlain(u *url.URL) bool {
	return u.Scheme == "http" && !s.AllowPlainHTTP && !isHere(u.Hostname())
}

// isHere reports whether host is this machine: that, or one of the addresses at
// which the host of a cloud instance, a container or a pod hands it its
// credentials. They are http only, and no network lies between.
func isHere(host string) bool {
	switch host {
	case "localhost", "169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23":
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
