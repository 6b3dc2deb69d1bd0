// Package lab runs the servers that sluice is tried against: an S3 server in
// this process, and a proxy in front of it that makes it fail in every way that
// the real one does. Everything listens on the loopback interface only.
//
// It is a module of its own, so that users of sluice do not inherit what the
// servers need.
package lab

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

// Region that the gateway says it is in.
const Region = "us-east-1"

// User is an account of the gateway.
type User struct {
	AccessKey string
	SecretKey string
}

// Credentials returns those of the user for the SDK.
func (u User) Credentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(u.AccessKey, u.SecretKey, "")
}

// Env returns the environment variables that make the SDK, and so the sluice
// command, use the account, and nothing else that the machine may know.
func (u User) Env() []string {
	return []string{
		"AWS_ACCESS_KEY_ID=" + u.AccessKey,
		"AWS_SECRET_ACCESS_KEY=" + u.SecretKey,
		"AWS_SESSION_TOKEN=",
		"AWS_REGION=" + Region,
		"AWS_PROFILE=",
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true",
	}
}

// Gateway is a running Versity Gateway: an S3 server with SigV4, versioning,
// users and bucket policies, over a directory.
type Gateway struct {
	Endpoint string // http://127.0.0.1:PORT
	Root     User   // may do everything

	// Restricted may do what a bucket policy grants it, and nothing else.
	// See [Gateway.Grant].
	Restricted User

	dir  string
	http *http.Client // of the clients that it hands out
	stop context.CancelFunc
	done chan error
	once sync.Once
	err  error // of the end
}

// StartGateway starts a gateway that keeps its objects below dir, which is made
// if need be and must be on a file system with extended attributes. One process can run
// one gateway at a time: the server has global state. Close it when done.
func StartGateway(ctx context.Context, dir string) (*Gateway, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("start gateway: %w", err)
	}
	addr, err := freePort()
	if err != nil {
		return nil, fmt.Errorf("start gateway: %w", err)
	}
	g := &Gateway{Endpoint: "http://" + addr, Root: newUser("root"), Restricted: newUser("restricted"), dir: dir, done: make(chan error, 1)}
	g.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	backend, iam, err := g.parts()
	if err != nil {
		return nil, fmt.Errorf("start gateway: %w", err)
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	g.stop = stop
	go func() {
		g.done <- embedgw.RunVersityGW(run, backend, &embedgw.Config{
			RootUserAccess:    g.Root.AccessKey,
			RootUserSecret:    g.Root.SecretKey,
			Region:            Region,
			Ports:             []string{addr},
			MaxConnections:    4096,
			MaxRequests:       4096,
			MultipartMaxParts: 10_000,
			KeepAlive:         true,
			Quiet:             true,
			IAMService:        iam,
		})
	}()
	if err := g.ready(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start gateway: %w", err), g.Close())
	}
	return g, nil
}

// parts makes the directories below g.dir and what keeps objects and users there.
func (g *Gateway) parts() (*posix.Posix, auth.IAMService, error) {
	for _, d := range []string{g.objects(), g.versions(), g.users()} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, nil, err
		}
	}
	// posix.New chats on standard output, which belongs to our caller.
	silence, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, nil, err
	}
	defer silence.Close()
	stdout := os.Stdout
	os.Stdout = silence
	defer func() { os.Stdout = stdout }()
	backend, err := posix.New(g.objects(), meta.XattrMeta{}, posix.PosixOpts{
		VersioningDir:       g.versions(),
		NewDirPerm:          0o755,
		CopyObjectThreshold: 5 << 30, // zero would refuse every copy
		ValidateBucketNames: true,
	})
	if err != nil {
		return nil, nil, err
	}
	iam, err := auth.NewInternal(auth.Account{Access: g.Root.AccessKey, Secret: g.Root.SecretKey, Role: auth.RoleAdmin}, g.users())
	if err != nil {
		return nil, nil, err
	}
	err = iam.CreateAccount(auth.Account{Access: g.Restricted.AccessKey, Secret: g.Restricted.SecretKey, Role: auth.RoleUser})
	return backend, iam, err
}

func (g *Gateway) objects() string  { return filepath.Join(g.dir, "objects") }
func (g *Gateway) versions() string { return filepath.Join(g.dir, "versions") }
func (g *Gateway) users() string    { return filepath.Join(g.dir, "users") }

// ready waits until the gateway answers.
func (g *Gateway) ready(ctx context.Context) error {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.Endpoint, nil)
		if err != nil {
			return err
		}
		resp, err := g.http.Do(req)
		if err == nil {
			return resp.Body.Close()
		}
		soon, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		err = g.Wait(soon)
		cancel()
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// Wait returns when ctx is done, or with an error when the gateway ends of itself.
func (g *Gateway) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-g.done:
		g.done <- err // for Close
		return fmt.Errorf("gateway ended: %w", err)
	}
}

// Close stops the gateway and returns its error. Its directory stays.
func (g *Gateway) Close() error {
	g.once.Do(func() {
		g.http.CloseIdleConnections() // the server waits for them
		g.stop()
		g.err = <-g.done
	})
	return g.err
}

// Client returns a client that may do everything.
func (g *Gateway) Client() *s3.Client { return g.ClientOf(g.Root) }

// ClientOf returns a client that acts as user.
func (g *Gateway) ClientOf(user User) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint:               &g.Endpoint,
		UsePathStyle:               true,
		Region:                     Region,
		Credentials:                user.Credentials(),
		HTTPClient:                 g.http,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
	})
}

// newUser makes up credentials; nothing but a gateway of this process knows them.
func newUser(name string) User {
	return User{AccessKey: name + "-" + rand.Text()[:8], SecretKey: rand.Text()}
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Grant lets the restricted user list the bucket and read the keys that begin
// with one of prefixes, by a bucket policy. Everything else is denied.
func (g *Gateway) Grant(ctx context.Context, bucket string, prefixes ...string) error {
	statements := []statement{{"Allow", []string{g.Restricted.AccessKey}, []string{"s3:ListBucket"}, []string{"arn:aws:s3:::" + bucket}}}
	if len(prefixes) > 0 {
		read := statement{Effect: "Allow", Principal: []string{g.Restricted.AccessKey}, Action: []string{"s3:GetObject"}}
		for _, p := range prefixes {
			read.Resource = append(read.Resource, "arn:aws:s3:::"+bucket+"/"+p+"*")
		}
		statements = append(statements, read)
	}
	policy, err := json.Marshal(struct{ Statement []statement }{statements})
	if err != nil {
		return fmt.Errorf("grant access to bucket %s: %w", bucket, err)
	}
	if _, err := g.Client().PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: aws.String(string(policy))}); err != nil {
		return fmt.Errorf("grant access to bucket %s: %w", bucket, err)
	}
	return nil
}

type statement struct {
	Effect    string
	Principal []string
	Action    []string
	Resource  []string
}

// RemoveBucket removes a bucket and all that is in it.
func (g *Gateway) RemoveBucket(ctx context.Context, name string) error {
	client := g.Client()
	versions := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: &name})
	for versions.HasMorePages() {
		page, err := versions.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("remove bucket %s: %w", name, err)
		}
		for _, v := range page.Versions {
			if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &name, Key: v.Key, VersionId: v.VersionId}); err != nil {
				return fmt.Errorf("remove bucket %s: %w", name, err)
			}
		}
		for _, v := range page.DeleteMarkers {
			if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &name, Key: v.Key, VersionId: v.VersionId}); err != nil {
				return fmt.Errorf("remove bucket %s: %w", name, err)
			}
		}
	}
	if _, err := client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name}); err != nil {
		return fmt.Errorf("remove bucket %s: %w", name, err)
	}
	return nil
}
