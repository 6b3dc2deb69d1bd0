package awsconf_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/sluice-dlp/sluice/internal/awsconf"
)

var someone = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "someone", SecretAccessKey: "secret"}, nil
})

// settings are those of someone, whatever the machine that runs the test knows.
func settings(t *testing.T) awsconf.Settings {
	t.Helper()
	for _, name := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		t.Setenv(name, os.DevNull)
	}
	for _, name := range []string{"AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return awsconf.Settings{Region: "eu-west-1", Credentials: someone, Attempts: 2, MaxBackoff: time.Millisecond, Progress: 10 * time.Second}
}

// call loads the settings and sends one request with them.
func call(t *testing.T, s awsconf.Settings) error {
	t.Helper()
	cfg, client, err := awsconf.Load(t.Context(), s)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	_, err = sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	return err
}

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
	<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`

func answer(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, identity) }

// authority signs certificates, as a company does for its own servers.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{key, cert}
}

func (a authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
}

// server starts a server whose certificate, signed by a, is for that address.
func (a authority) server(t *testing.T, ip string, edit func(*tls.Config)) *httptest.Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP(ip)},
	}, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(answer))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	if edit != nil {
		edit(server.TLS)
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTLS(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	good := ours.server(t, "127.0.0.1", nil)
	other := ours.server(t, "127.0.0.2", nil)
	old := ours.server(t, "127.0.0.1", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
	for _, tt := range []struct {
		name   string
		server *httptest.Server
		bundle string
		want   string // in the error
	}{
		{"own authority", good, ours.pem(), ""},
		{"two authorities", good, theirs.pem() + "a comment\n" + ours.pem(), ""},
		{"no bundle", good, "", "certificate"},
		{"another authority of the same name", good, theirs.pem(), "certificate"},
		{"name of another host", other, ours.pem(), "127.0.0.2"},
		{"TLS 1.1", old, ours.pem(), "protocol version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := settings(t)
			s.Endpoint = tt.server.URL
			if tt.bundle != "" {
				s.CABundle = file(t, tt.bundle)
			}
			err := call(t, s)
			if tt.want == "" && err != nil {
				t.Errorf("call: %v", err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("call: %v, want an error with %q", err, tt.want)
			}
		})
	}
}

// TestBundleAddsToEnvironment makes sure that neither of two bundles takes the
// other's place.
func TestBundleAddsToEnvironment(t *testing.T) {
	a, b := newAuthority(t), newAuthority(t)
	s := settings(t)
	t.Setenv("AWS_CA_BUNDLE", file(t, a.pem()))
	s.CABundle = file(t, b.pem())
	for _, server := range []*httptest.Server{a.server(t, "127.0.0.1", nil), b.server(t, "127.0.0.1", nil)} {
		s.Endpoint = server.URL
		if err := call(t, s); err != nil {
			t.Error(err)
		}
	}
}

func TestBundleThatCannotBeUsed(t *testing.T) {
	ours := newAuthority(t)
	der, err := x509.MarshalPKCS8PrivateKey(ours.key)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, content, want string }{
		{"empty", "", "no certificate"},
		{"not PEM", "certificate", "no certificate"},
		{"key beside the certificate", ours.pem() + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "PRIVATE KEY"},
		{"second one is broken", ours.pem() + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})), "certificate 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := settings(t)
			s.CABundle = file(t, tt.content)
			wantOneLine(t, s, tt.want, s.CABundle)
		})
	}
	s := settings(t)
	s.CABundle = filepath.Join(t.TempDir(), "none.pem")
	wantOneLine(t, s, "no such file", s.CABundle)
}

func wantOneLine(t *testing.T, s awsconf.Settings, parts ...string) {
	t.Helper()
	_, _, err := awsconf.Load(t.Context(), s)
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("Load = %v, want one line", err)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("Load = %v, want it to contain %q", err, part)
		}
	}
}

func TestSettings(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*awsconf.Settings)
		want string
	}{
		{"not a URL", func(s *awsconf.Settings) { s.Endpoint = "kms.example.com" }, "must be a URL"},
		{"another scheme", func(s *awsconf.Settings) { s.Endpoint = "ftp://kms.example.com" }, "must be a URL"},
		{"external id alone", func(s *awsconf.Settings) { s.ExternalID = "x" }, "role"},
		{"anonymous with credentials", func(s *awsconf.Settings) { s.Anonymous = true }, "anonymous"},
		{"negative", func(s *awsconf.Settings) { s.Attempts = -1 }, "negative"},
		{"unknown profile", func(s *awsconf.Settings) { s.Profile = "no-such-profile" }, "no-such-profile"},
		{"no credentials", func(s *awsconf.Settings) {
			s.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{}, errors.New("token file is gone")
			})
		}, "token file is gone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := settings(t)
			tt.edit(&s)
			wantOneLine(t, s, tt.want)
		})
	}
}

// TestPlainHTTP is about endpoints of every origin. Names under .invalid never
// resolve, so that nothing can leave the machine if the rule is not kept.
func TestPlainHTTP(t *testing.T) {
	const far = "http://sts.invalid:8080"
	server := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(server.Close)
	for _, tt := range []struct {
		name    string
		edit    func(*testing.T, *awsconf.Settings)
		refused bool
		works   bool
	}{
		{"setting", func(_ *testing.T, s *awsconf.Settings) { s.Endpoint = far }, true, false},
		{"setting, allowed", func(_ *testing.T, s *awsconf.Settings) { s.Endpoint, s.AllowPlainHTTP = far, true }, false, false},
		{"environment", func(t *testing.T, s *awsconf.Settings) { t.Setenv("AWS_ENDPOINT_URL_STS", far) }, true, false},
		{"environment, all services", func(t *testing.T, s *awsconf.Settings) { t.Setenv("AWS_ENDPOINT_URL", far) }, true, false},
		{"environment, allowed", func(t *testing.T, s *awsconf.Settings) {
			t.Setenv("AWS_ENDPOINT_URL_STS", far)
			s.AllowPlainHTTP = true
		}, false, false},
		{"environment, for the role", func(t *testing.T, s *awsconf.Settings) {
			t.Setenv("AWS_ENDPOINT_URL_STS", far)
			s.RoleARN = "arn:aws:iam::111122223333:role/reader"
		}, true, false},
		{"profile", func(t *testing.T, s *awsconf.Settings) {
			t.Setenv("AWS_CONFIG_FILE", file(t, "[default]\nendpoint_url = "+far+"\n"))
		}, true, false},
		{"loopback", func(_ *testing.T, s *awsconf.Settings) { s.Endpoint = server.URL }, false, true},
		{"loopback by name", func(_ *testing.T, s *awsconf.Settings) {
			s.Endpoint = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
		}, false, true},
		{"a name that begins like it", func(_ *testing.T, s *awsconf.Settings) { s.Endpoint = "http://localhost.invalid" }, true, false},
		{"an address that looks like it", func(_ *testing.T, s *awsconf.Settings) { s.Endpoint = "http://127.0.0.1.invalid" }, true, false},
		{"a user that looks like it", func(_ *testing.T, s *awsconf.Settings) { s.Endpoint = "http://127.0.0.1@sts.invalid" }, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := settings(t)
			tt.edit(t, &s)
			err := call(t, s)
			var refusal *awsconf.PlainHTTPError
			if errors.As(err, &refusal) != tt.refused || (err == nil) != tt.works {
				t.Errorf("call: %v; want refused = %v, works = %v", err, tt.refused, tt.works)
			}
		})
	}
}

// TestRetries counts the tries of a request that fails in ways that may pass.
func TestRetries(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fail  http.HandlerFunc
		tries int
	}{
		{"500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, 3},
		{"429 of a proxy", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, 3},
		{"cut answer", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, identity[:60]) }, 3},
		{"403", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, 1},
		{"redirect", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://sts.invalid/")
			w.WriteHeader(307)
		}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tries := make(chan bool, 100)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				tries <- true
				tt.fail(w, r)
			}))
			defer server.Close()
			s := settings(t)
			s.Endpoint, s.Attempts = server.URL, 3
			if err := call(t, s); err == nil {
				t.Error("call succeeded")
			}
			if len(tries) != tt.tries {
				t.Errorf("%d tries, want %d", len(tries), tt.tries)
			}
		})
	}
}

// TestSilence makes sure that a server which takes a request and says nothing
// does not hold anybody up.
func TestSilence(t *testing.T) {
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-stop }))
	defer server.Close()
	defer close(stop)
	s := settings(t)
	s.Endpoint, s.Attempts, s.Progress = server.URL, 1, 50*time.Millisecond
	err := call(t, s)
	var n net.Error
	if !errors.As(err, &n) || !n.Timeout() {
		t.Errorf("call: %v, want a time-out", err)
	}
}

// TestDrip: a header that comes byte by byte is not waited for without end.
func TestDrip(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			return
		}
		io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Drip: ")
		for range 300 {
			if _, err := io.WriteString(c, "x"); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		fmt.Fprintf(c, "\r\nContent-Length: %d\r\n\r\n%s", len(identity), identity)
	}()
	s := settings(t)
	s.Endpoint, s.Attempts, s.Progress = "http://"+l.Addr().String(), 1, 50*time.Millisecond
	var n net.Error
	if err := call(t, s); !errors.As(err, &n) || !n.Timeout() {
		t.Errorf("call: %v, want a time-out", err)
	}
}

func TestUnanswered(t *testing.T) {
	dial := errors.New("dial tcp: lookup kms.example: no such host")
	sdk := fmt.Errorf("operation error KMS: DescribeKey, https response error StatusCode: 0, RequestID: , request send failed, %w",
		&url.Error{Op: "Post", URL: "https://kms.example/", Err: dial})
	refused := errors.New("AccessDeniedException: no")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{sdk, "kms.example cannot be reached: dial tcp: lookup kms.example: no such host"},
		{fmt.Errorf("operation error KMS: %w", &awsconf.CredentialsError{Err: sdk}), "no usable AWS credentials: kms.example cannot be reached: dial tcp: lookup kms.example: no such host"},
		{refused, refused.Error()},
	} {
		got := awsconf.Unanswered(tt.err)
		if got.Error() != tt.want {
			t.Errorf("Unanswered(%v) = %v, want %s", tt.err, got, tt.want)
		}
	}
	if !errors.Is(awsconf.Unanswered(sdk), dial) {
		t.Error("the cause is lost")
	}
}
