package s3_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/s3"
)

// What a real server does is tested in bench/lab, with the conformance suite
// and with faults. Here are the answers that no server at hand gives.

// fake is a server that answers every request with one function and remembers
// the requests.
type fake struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
}

func newFake(t *testing.T, answer http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.requests = append(f.requests, r)
		f.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) seen() []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests
}

var someone = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "someone", SecretAccessKey: "secret"}, nil
})

func (f *fake) config() s3.Config {
	return s3.Config{
		Bucket: "bucket", Endpoint: f.URL, PathStyle: true, Credentials: someone,
		Attempts: 2, MaxBackoff: time.Millisecond,
	}
}

func open(t *testing.T, cfg s3.Config) *s3.Bucket {
	t.Helper()
	src, err := s3.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

func list(t *testing.T, src *s3.Bucket) ([]store.Object, error) {
	t.Helper()
	var listed []store.Object
	err := src.List(t.Context(), func(o store.Object) error { listed = append(listed, o); return nil })
	return listed, err
}

// nothing is the listing of an empty bucket.
const nothing = `<IsTruncated>false</IsTruncated>`

func listing(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + body + `</ListBucketResult>`
}

func TestRegionOfBucket(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		region string // in the answer
		asked  string // in the settings
		want   string
	}{
		{"redirected", 301, "eu-central-1", "", "eu-central-1"},
		{"wrong in the settings", 301, "eu-central-1", "us-west-2", "eu-central-1"},
		{"wrong signature", 400, "ap-south-1", "", "ap-south-1"},
		{"denied", 403, "sa-east-1", "", "sa-east-1"},
		{"found", 200, "eu-west-3", "", "eu-west-3"},
		{"store does not say", 200, "", "eu-west-1", "eu-west-1"},
		{"nobody says", 404, "", "", "us-east-1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodHead {
					if tt.region != "" {
						w.Header().Set("X-Amz-Bucket-Region", tt.region)
					}
					w.WriteHeader(tt.status)
					return
				}
				io.WriteString(w, listing(nothing))
			})
			cfg := f.config()
			cfg.Region = tt.asked
			if _, err := list(t, open(t, cfg)); err != nil {
				t.Fatal(err)
			}
			seen := f.seen()
			if scope := seen[len(seen)-1].Header.Get("Authorization"); !strings.Contains(scope, "/"+tt.want+"/s3/") {
				t.Errorf("signed for another Region than %s", tt.want)
			}
		})
	}
}

func TestAssumedRole(t *testing.T) {
	sts := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		for name, want := range map[string]string{
			"Action": "AssumeRole", "RoleArn": "arn:aws:iam::111122223333:role/reader", "ExternalId": "agreed", "RoleSessionName": "sluice",
		} {
			if got := r.PostForm.Get(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
			<AccessKeyId>temporary</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
			<Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	})
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, listing(nothing)) })
	cfg := f.config()
	cfg.RoleARN, cfg.ExternalID = "arn:aws:iam::111122223333:role/reader", "agreed"
	if _, err := list(t, open(t, cfg)); err != nil {
		t.Fatal(err)
	}
	for _, r := range f.seen() {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=temporary/") || r.Header.Get("X-Amz-Security-Token") != "token" {
			t.Errorf("%s is not signed by the role", r.Method)
		}
	}
	if n := len(sts.seen()); n != 1 {
		t.Errorf("role assumed %d times", n)
	}
}

func TestHeaders(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("list-type") == "2" {
			io.WriteString(w, listing(nothing))
			return
		}
		w.Header().Set("ETag", `"etag"`)
		io.WriteString(w, "body")
	})
	cfg := f.config()
	cfg.RequesterPays, cfg.BucketOwner = true, "111122223333"
	src := open(t, cfg)
	if _, err := list(t, src); err != nil {
		t.Fatal(err)
	}
	r, _, err := src.Open(t.Context(), store.Object{Key: "key", ETag: "etag", VersionID: "7", Size: 4})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	seen := f.seen()
	for _, r := range seen[1:] {
		if r.Header.Get("X-Amz-Request-Payer") != "requester" || r.Header.Get("X-Amz-Expected-Bucket-Owner") != "111122223333" {
			t.Errorf("%s %s lacks a header", r.Method, r.URL)
		}
	}
	get := seen[len(seen)-1]
	for name, want := range map[string]string{
		"If-Match": `"etag"`, "X-Amz-Checksum-Mode": "ENABLED", "Accept-Encoding": "identity", "Range": "",
	} {
		if got := get.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if get.URL.Query().Get("versionId") != "7" {
		t.Error("the version is not asked for")
	}
}

func TestSettings(t *testing.T) {
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for _, tt := range []struct {
		name string
		cfg  s3.Config
		want string // in the error
	}{
		{"no bucket", s3.Config{}, "no bucket"},
		{"plain http", s3.Config{Bucket: "b", Endpoint: "http://s3.example.com"}, "plain http"},
		{"not a URL", s3.Config{Bucket: "b", Endpoint: "s3.example.com"}, "must be a URL"},
		{"external id alone", s3.Config{Bucket: "b", ExternalID: "x"}, "role"},
		{"anonymous with a role", s3.Config{Bucket: "b", Anonymous: true, RoleARN: "arn:aws:iam::111122223333:role/r"}, "anonymous"},
		{"negative", s3.Config{Bucket: "b", PartSize: -1}, "negative"},
		{"unknown profile", s3.Config{Bucket: "b", Profile: "no-such-profile"}, "no-such-profile"},
		{"failing credentials", s3.Config{Bucket: "b", Endpoint: "http://127.0.0.1:9", Credentials: aws.CredentialsProviderFunc(
			func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{}, errors.New("token file is gone")
			})}, "token file is gone"},
		{"nobody listens", s3.Config{Bucket: "b", Endpoint: "http://127.0.0.1:9", Credentials: someone, Attempts: 1}, "reach the store"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s3.New(t.Context(), tt.cfg)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("New = %v, want one line with %q", err, tt.want)
			}
		})
	}
}

// TestEncodedListing is about S3's way to list keys that XML cannot hold.
func TestEncodedListing(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Query().Get("encoding-type") != "url" {
			t.Errorf("%s does not ask for encoded keys", r.URL)
		}
		io.WriteString(w, listing(`<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>
			<Contents><Key>bell%07+and%2Bplus/%C3%A9</Key><ETag>&quot;x&quot;</ETag><Size>3</Size><StorageClass>GLACIER</StorageClass>
			<LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>`))
	})
	listed, err := list(t, open(t, f.config()))
	if err != nil || len(listed) != 1 {
		t.Fatalf("listed %d objects, %v", len(listed), err)
	}
	want := store.Object{Bucket: "bucket", Key: "bell\x07 and+plus/é", ETag: "x", Size: 3, Class: "GLACIER", Modified: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	if listed[0] != want {
		t.Errorf("listed %+v, want %+v", listed[0], want)
	}
}

// TestListingThatCannotBeTrusted is about answers after which keys would be
// missing or doubled.
func TestListingThatCannotBeTrusted(t *testing.T) {
	for _, tt := range []struct{ name, body string }{
		{"key outside the prefix", nothing + `<Contents><Key>other</Key></Contents>`},
		{"key wrongly encoded", nothing + `<EncodingType>url</EncodingType><Contents><Key>dir/%zz</Key></Contents>`},
		{"more without a token", `<IsTruncated>true</IsTruncated>`},
		{"the same page again", `<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken><Contents><Key>dir/x</Key></Contents>`},
		{"prefix that is not below", `<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken><CommonPrefixes><Prefix>dir/</Prefix></CommonPrefixes>`},
		{"cut", nothing + `<Contents><Key>dir/x</Key>`},
		{"not whether there is more", `<Contents><Key>dir/x</Key></Contents>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, listing(tt.body)) })
			cfg := f.config()
			cfg.Prefix = "dir/"
			if _, err := list(t, open(t, cfg)); !errors.Is(err, store.ErrBroken) {
				t.Errorf("List = %v, want ErrBroken", err)
			}
		})
	}
}

// TestNoListing is about answers that are no listing, as a proxy gives them: the
// bucket is not empty for that.
func TestNoListing(t *testing.T) {
	for _, body := range []string{"", "<html><body>Sign in</body></html>", `<?xml version="1.0"?><Error><Code>InternalError</Code></Error>`, listing("")} {
		f := newFake(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, body) })
		src := open(t, f.config())
		if _, err := list(t, src); !errors.Is(err, store.ErrBroken) {
			t.Errorf("List of %q = %v, want ErrBroken", body, err)
		}
		if err := src.Check(t.Context()); !errors.Is(err, store.ErrBroken) {
			t.Errorf("Check of %q = %v, want ErrBroken", body, err)
		}
	}
}

// TestListingInACircle is about a store whose tokens lead back to an earlier page,
// though not to the first.
func TestListingInACircle(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("continuation-token"))
		if page++; page > 7 {
			page = 4
		}
		io.WriteString(w, listing(fmt.Sprintf(`<IsTruncated>true</IsTruncated><NextContinuationToken>%d</NextContinuationToken><Contents><Key>%d</Key></Contents>`, page, page)))
	})
	if listed, err := list(t, open(t, f.config())); !errors.Is(err, store.ErrBroken) || len(listed) < 7 || len(listed) > 50 {
		t.Errorf("List = %v after %d objects, want ErrBroken", err, len(listed))
	}
}

// object answers like a server with one object, for ranges too.
func object(body []byte, edit func(http.Header)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		edit(w.Header())
		http.ServeContent(w, r, "", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), bytes.NewReader(body))
	}
}

func TestChecksums(t *testing.T) {
	body := []byte("123456789")
	for _, tt := range []struct {
		name   string
		header map[string]string
		want   error
	}{
		{"CRC64NVME check value", map[string]string{"X-Amz-Checksum-Crc64nvme": "rosUhgp5mIg="}, nil},
		{"CRC32 check value", map[string]string{"X-Amz-Checksum-Crc32": "y/Q5Jg=="}, nil},
		{"CRC32C check value", map[string]string{"X-Amz-Checksum-Crc32c": "4waSgw=="}, nil},
		{"CRC64NVME wrong", map[string]string{"X-Amz-Checksum-Crc64nvme": "rosUhgp5mIk="}, store.ErrCorrupt},
		{"CRC32 wrong", map[string]string{"X-Amz-Checksum-Crc32": "y/Q5Jw=="}, store.ErrCorrupt},
		{"composite by type", map[string]string{"X-Amz-Checksum-Crc32": "y/Q5Jw==", "X-Amz-Checksum-Type": "COMPOSITE"}, nil},
		{"composite by form", map[string]string{"X-Amz-Checksum-Crc32": "y/Q5Jw==-2"}, nil},
		{"MD5", map[string]string{"ETag": `"25f9e794323b453885f5181f1b624d0b"`}, nil},
		{"MD5 wrong", map[string]string{"ETag": `"25f9e794323b453885f5181f1b624d0c"`}, store.ErrCorrupt},
		{"MD5 under SSE-S3", map[string]string{"ETag": `"25f9e794323b453885f5181f1b624d0c"`, "X-Amz-Server-Side-Encryption": "AES256"}, store.ErrCorrupt},
		{"no MD5 under SSE-KMS", map[string]string{"ETag": `"25f9e794323b453885f5181f1b624d0c"`, "X-Amz-Server-Side-Encryption": "aws:kms"}, nil},
		{"no MD5 under DSSE-KMS", map[string]string{"ETag": `"25f9e794323b453885f5181f1b624d0c"`, "X-Amz-Server-Side-Encryption": "aws:kms:dsse"}, nil},
		{"no MD5 in a directory bucket", map[string]string{"ETag": `"25f9e794323b453885f5181f1b624d0c"`, "X-Amz-Storage-Class": "EXPRESS_ONEZONE"}, nil},
		{"no MD5 of a multipart upload", map[string]string{"ETag": `"25f9e794323b453885f5181f1b624d0c-3"`}, nil},
		{"nothing", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, object(body, func(h http.Header) {
				for name, value := range tt.header {
					h.Set(name, value)
				}
			}))
			cfg := f.config()
			got, err := readAll(t, open(t, cfg), store.Object{Key: "key"})
			if !errors.Is(err, tt.want) || !bytes.Equal(got, body) {
				t.Errorf("read %d bytes, %v; want %d, %v", len(got), err, len(body), tt.want)
			}
			cfg.SkipChecksums = true
			if _, err := readAll(t, open(t, cfg), store.Object{Key: "key"}); err != nil {
				t.Errorf("read without checksums: %v", err)
			}
		})
	}
}

func readAll(t *testing.T, src *s3.Bucket, o store.Object) ([]byte, error) {
	t.Helper()
	r, _, err := src.Open(t.Context(), o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// TestUnknownLength reads a body that does not say how long it is.
func TestUnknownLength(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 100_000)
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		sum := crc32.NewIEEE()
		sum.Write(body)
		w.Header().Set("X-Amz-Checksum-Crc32", base64.StdEncoding.EncodeToString(sum.Sum(nil)))
		for chunk := range bytes.SplitAfterSeq(body, []byte("99999")) {
			w.Write(chunk)
		}
		w.(http.Flusher).Flush() // or a short body would get a length
	})
	src := open(t, f.config())
	r, got, err := src.Open(t.Context(), store.Object{Key: "key"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	read, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(read, body) || got.Size != -1 {
		t.Errorf("read %d bytes of size %d, %v", len(read), got.Size, err)
	}
}

// TestUnknownLengthListed reads such a body of an object of which the listing
// told the length: less or more is not taken for the whole.
func TestUnknownLengthListed(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 1000)
	for _, n := range []int{0, 1, len(body) - 1, len(body), len(body) + 1} {
		f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"etag-1"`)
			w.Write(append(body, '+')[:n])
			w.(http.Flusher).Flush()
		})
		_, err := readAll(t, open(t, f.config()), store.Object{Key: "key", ETag: "etag-1", Size: int64(len(body))})
		if n != len(body) && !errors.Is(err, store.ErrCorrupt) || n == len(body) && err != nil {
			t.Errorf("%d bytes instead of %d: %v", n, len(body), err)
		}
	}
}

// TestNoETag makes sure that a resumed read of an object without an ETag is
// conditional on its time.
func TestNoETag(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 1000)
	first := true
	whole := object(body, func(http.Header) {})
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && first {
			first = false
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			w.Header().Set("Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT")
			w.Write(body[:1000])
			return // too early: the server breaks the connection
		}
		whole(w, r)
	})
	got, err := readAll(t, open(t, f.config()), store.Object{Key: "key"})
	if err != nil || !bytes.Equal(got, body) {
		t.Errorf("read %d bytes, %v", len(got), err)
	}
	seen := f.seen()
	if got := seen[len(seen)-1].Header.Get("If-Unmodified-Since"); got != "Fri, 02 Jan 2026 03:04:05 GMT" {
		t.Errorf("resumed under the condition %q", got)
	}
}

// TestStoreIgnoresRange makes sure that a resumed read does not take the
// beginning of the object for the rest of it.
func TestStoreIgnoresRange(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 1000)
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"etag-1"`)
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.Write(body[:1000])
	})
	got, err := readAll(t, open(t, f.config()), store.Object{Key: "key"})
	if !errors.Is(err, store.ErrBroken) || len(got) != 1000 {
		t.Errorf("read %d bytes, %v; want 1000 and ErrBroken", len(got), err)
	}
}

func TestWrongBucket(t *testing.T) {
	f := newFake(t, object(nil, func(http.Header) {}))
	_, err := readAll(t, open(t, f.config()), store.Object{Bucket: "other", Key: "key"})
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Open = %v, want ErrNotFound", err)
	}
}

// TestTLS trusts the certificates that AWS_CA_BUNDLE names, and takes one
// connection for each request even where HTTP/2 is offered.
func TestTLS(t *testing.T) {
	f := &fake{}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			t.Errorf("%s over %s", r.Method, r.Proto)
		}
		io.WriteString(w, listing(nothing))
	}))
	f.EnableHTTP2 = true
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	f.StartTLS()
	t.Cleanup(f.Close)

	if _, err := s3.New(t.Context(), f.config()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("New = %v, want one that names the certificate", err)
	}
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	if err := os.WriteFile(bundle, cert, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	if err := open(t, f.config()).Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
}

// TestCredentialsFailLater is about a token that cannot be renewed in the
// middle of a run.
func TestCredentialsFailLater(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, listing(nothing)) })
	var gone atomic.Bool
	cfg := f.config()
	cfg.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		if gone.Load() {
			return aws.Credentials{}, errors.New("token file is gone")
		}
		creds, err := someone(ctx)
		creds.CanExpire, creds.Expires = true, time.Now() // asked for again for each request
		return creds, err
	})
	src := open(t, cfg)
	if _, err := list(t, src); err != nil {
		t.Fatal(err)
	}
	gone.Store(true)
	if _, err := list(t, src); !errors.Is(err, store.ErrDenied) || !strings.Contains(err.Error(), "token file is gone") {
		t.Errorf("List = %v, want ErrDenied with the reason", err)
	}
}

// TestErrorsHoldNoContent makes sure that an answer which is not HTTP, and which
// net/http quotes in its error, does not get into ours.
func TestErrorsHoldNoContent(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "somebody's record\r\n\r\n")
	})
	_, err := readAll(t, open(t, f.config()), store.Object{Key: "secret-key"})
	if !errors.Is(err, store.ErrBroken) || strings.Contains(err.Error(), "record") || strings.Contains(err.Error(), "secret-key") {
		t.Errorf("Open = %v, want ErrBroken without content or key", err)
	}
}
