package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// connection is a client for the Region of the bucket.
type connection struct {
	client *s3.Client
	http   *http.Client // which the client uses
}

func connect(ctx context.Context, c Config) (connection, error) {
	shared, err := loadShared(ctx, c)
	if err != nil {
		return connection{}, err
	}
	httpClient := freeze(&shared)
	if err := setCredentials(ctx, c, &shared); err != nil {
		return connection{}, err
	}
	client := newClient(c, shared)
	region, err := bucketRegion(ctx, client, c)
	if err != nil {
		return connection{}, err
	}
	if region != "" && region != shared.Region {
		shared.Region = region
		client = newClient(c, shared)
	}
	return connection{client, httpClient}, nil
}

func loadShared(ctx context.Context, c Config) (aws.Config, error) {
	opts := []func(*config.LoadOptions) error{
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(c.tune)),
		config.WithRetryer(func() aws.Retryer { return newRetryer(c) }),
		config.WithSharedConfigProfile(c.Profile),
		config.WithLogger(logging.Nop{}), // every failure is returned
	}
	if c.Region != "" {
		opts = append(opts, config.WithRegion(c.Region))
	}
	switch {
	case c.Anonymous:
		opts = append(opts, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	case c.Credentials != nil:
		opts = append(opts, config.WithCredentialsProvider(c.Credentials))
	}
	shared, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("load AWS settings: %w", err)
	}
	or(&shared.Region, "us-east-1")
	return shared, nil
}

// freeze makes the one HTTP client that all requests share. It comes after the
// SDK has added the certificates that the environment names.
func freeze(shared *aws.Config) *http.Client {
	buildable, ok := shared.HTTPClient.(interface{ GetTransport() *http.Transport })
	if !ok {
		panic("s3: the SDK has replaced the HTTP client that it was given")
	}
	client := &http.Client{Transport: buildable.GetTransport(), CheckRedirect: noRedirect}
	shared.HTTPClient = client
	return client
}

// noRedirect hands redirects back: a request signed for one host is not valid
// at another, and S3's redirects name the Region that bucketRegion needs.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// setCredentials puts the role to assume before the credentials, and makes
// sure that there are any.
func setCredentials(ctx context.Context, c Config, shared *aws.Config) error {
	if c.Anonymous {
		return nil
	}
	if c.RoleARN != "" {
		role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(*shared), c.RoleARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = c.SessionName
			if c.ExternalID != "" {
				o.ExternalID = &c.ExternalID
			}
		})
		shared.Credentials = aws.NewCredentialsCache(role)
	}
	shared.Credentials = credentials{shared.Credentials}
	if _, err := shared.Credentials.Retrieve(ctx); err != nil {
		return fmt.Errorf("%w; name a profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", err)
	}
	return nil
}

// credentials makes the errors of a provider recognisable.
type credentials struct{ aws.CredentialsProvider }

func (c credentials) Retrieve(ctx context.Context) (aws.Credentials, error) {
	got, err := c.CredentialsProvider.Retrieve(ctx)
	if err != nil {
		return got, &credentialsError{err}
	}
	return got, nil
}

// tune adapts the SDK's connections. DisableCompression keeps net/http from
// asking for gzip and undoing it: the bytes must be those that the store holds,
// or no length and no checksum would fit. The SDK has a read deadline of its
// own, but it can end a request early on a connection that was idle before.
func (c Config) tune(t *http.Transport) {
	dial := t.DialContext
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return patientConn{conn, c.Progress}, nil
	}
	// One connection for each request: under HTTP/2, which some compatible
	// stores offer, ranges read side by side would share one, and a slow
	// consumer would look like a store that sends nothing.
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.TLSNextProto = nil // the SDK's copy has made itself ready for HTTP/2
	t.TLSClientConfig.NextProtos = nil
	t.MaxIdleConns = c.Connections
	t.MaxIdleConnsPerHost = c.Connections
	t.DisableCompression = true
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

// newRetryer tries c.Attempts times. The SDK's token bucket is left out: it
// gives up early when many objects fail at once, and an object given up is a
// gap in the result, which costs more than the wait.
func newRetryer(c Config) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = c.Attempts
		o.MaxBackoff = c.MaxBackoff
		o.RateLimiter = ratelimit.None
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(worthAnotherTry))
	})
}

// worthAnotherTry adds to what the SDK tries again: an answer that began well
// and could not be read to its end, such as half a page of a listing, and the
// statuses of stores and proxies that send no code of S3's.
func worthAnotherTry(err error) aws.Ternary {
	switch status := answerOf(err).status; {
	case status/100 == 2, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

func newClient(c Config, shared aws.Config) *s3.Client {
	return s3.NewFromConfig(shared, func(o *s3.Options) {
		o.UsePathStyle = c.PathStyle
		if c.Endpoint != "" {
			o.BaseEndpoint = &c.Endpoint
		}
		// The driver compares checksums itself, across resumed reads; the
		// SDK can only do so for one response.
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		o.DisableLogOutputChecksumValidationSkipped = true
	})
}

// bucketRegion asks where the bucket is. S3 names the Region in the answer to
// HeadBucket even when it denies it or redirects. "" means that it did not say;
// whether that is a fault shows at the first real request.
func bucketRegion(ctx context.Context, client *s3.Client, c Config) (string, error) {
	in := &s3.HeadBucketInput{Bucket: &c.Bucket}
	if c.BucketOwner != "" {
		in.ExpectedBucketOwner = &c.BucketOwner
	}
	out, err := client.HeadBucket(ctx, in)
	if err == nil {
		return aws.ToString(out.BucketRegion), nil
	}
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() != 0 {
		return answer.Response.Header.Get("X-Amz-Bucket-Region"), nil
	}
	return "", explain(ctx, "reach the store of bucket "+c.Bucket, err)
}

func (c Config) validateEndpoint() error {
	if c.Endpoint == "" {
		return nil
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("endpoint must be a URL such as https://s3.example.com")
	}
	if u.Scheme == "http" && !c.AllowPlainHTTP && !isLoopback(u.Hostname()) {
		return errors.New("endpoint is plain http: objects would cross the network in the clear; use https, or allow plain http explicitly")
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
