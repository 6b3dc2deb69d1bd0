// Package awsconf loads what every client of AWS in this program shares: as
// whom it speaks, where to, and over which connections. The packages that speak
// to one service each (store/s3, quarantine/keys/awskms, notify/sns …) make their client
// of what [Load] returns.
//
// Certificates are always verified, TLS 1.2 is the least, and plain http is only
// spoken on this machine unless [Settings].AllowPlainHTTP is set: this holds for every
// request, to whatever endpoint the settings, the environment or a profile name.
package awsconf

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
)

// Settings say as whom and how to speak to AWS. The zero value is what the
// environment and the shared configuration files say. A zero number means the
// default.
type Settings struct {
	Region      string                  // "" takes that of the environment or the profile
	Profile     string                  // of the shared configuration files; "" is the SDK's choice
	Credentials aws.CredentialsProvider // nil: the SDK's default chain, or Profile
	Anonymous   bool                    // sign nothing

	// RoleARN, if not "", is assumed with the credentials above. ExternalID
	// is what the role's owner may demand; SessionName is what they see in
	// their log, "sluice" if "".
	RoleARN     string
	ExternalID  string
	SessionName string

	// Endpoint is the URL of the service, where that is not Amazon's. It is
	// not that of STS, which assumes roles.
	Endpoint       string
	AllowPlainHTTP bool // to hosts other than this one

	// CABundle is a PEM file of certificates to trust besides those that the
	// system trusts: a company's own authority, or that of a store on the premises.
	CABundle string

	Connections int           // idle connections to keep; default 256
	Progress    time.Duration // a request without a byte for so long has failed; default 30 s
	Attempts    int           // tries of one request; default 5
	MaxBackoff  time.Duration // longest pause between two tries; default 20 s
}

// Load returns the settings for a service's client, and the HTTP client that
// they hold: close its idle connections when done. It fails without
// credentials, with an error in one line that says what is wrong.
//
// Settings.Endpoint becomes the BaseEndpoint of the settings. Variables of the
// environment such as AWS_ENDPOINT_URL_KMS would go before that, so clients set it
// once more among their own options.
func Load(ctx context.Context, s Settings) (aws.Config, *http.Client, error) {
	s = s.withDefaults()
	if err := s.Validate(); err != nil {
		return aws.Config{}, nil, err
	}
	shared, err := s.load(ctx)
	if err != nil {
		return aws.Config{}, nil, err
	}
	httpClient := freeze(&shared)
	if err := s.setCredentials(ctx, &shared); err != nil {
		return aws.Config{}, nil, err
	}
	if s.Endpoint != "" {
		shared.BaseEndpoint = &s.Endpoint
	}
	return shared, httpClient, nil
}

func (s Settings) withDefaults() Settings {
	or(&s.SessionName, "sluice")
	or(&s.Connections, 256)
	or(&s.Progress, 30*time.Second)
	or(&s.Attempts, 5)
	or(&s.MaxBackoff, 20*time.Second)
	return s
}

func or[T comparable](v *T, fallback T) {
	var zero T
	if *v == zero {
		*v = fallback
	}
}

// Validate tells what is wrong with the settings themselves. [Load] does so
// too.
func (s Settings) Validate() error {
	switch {
	case s.Connections < 0, s.Progress < 0, s.Attempts < 0, s.MaxBackoff < 0:
		return errors.New("AWS settings must not be negative")
	case s.Anonymous && (s.RoleARN != "" || s.Credentials != nil || s.Profile != ""):
		return errors.New("anonymous access excludes a profile, credentials and a role")
	case s.ExternalID != "" && s.RoleARN == "":
		return errors.New("an external id needs the ARN of the role to assume")
	}
	if s.Endpoint == "" {
		return nil
	}
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("endpoint must be a URL such as https://s3.example.com")
	}
	if s.refusesPlain(u) {
		return &PlainHTTPError{u.Host}
	}
	return nil
}

func (s Settings) load(ctx context.Context) (aws.Config, error) {
	roots, err := trust(s.CABundle)
	if err != nil {
		return aws.Config{}, err
	}
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { s.tune(t, roots) })
	opts := []func(*config.LoadOptions) error{
		config.WithHTTPClient(client),
		config.WithRetryer(func() aws.Retryer { return s.retryer() }),
		config.WithSharedConfigProfile(s.Profile),
		config.WithLogger(logging.Nop{}), // every failure is returned
		config.WithAPIOptions([]func(*middleware.Stack) error{s.refusePlainHTTP}),
	}
	if s.Region != "" {
		opts = append(opts, config.WithRegion(s.Region))
	}
	switch {
	case s.Anonymous:
		opts = append(opts, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	case s.Credentials != nil:
		opts = append(opts, config.WithCredentialsProvider(s.Credentials))
	}
	shared, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("load AWS settings: %w", err)
	}
	return shared, nil
}

// setCredentials puts the role to assume before the credentials, and makes
// sure that there are any.
func (s Settings) setCredentials(ctx context.Context, shared *aws.Config) error {
	if s.Anonymous {
		return nil
	}
	if s.RoleARN != "" {
		// Any Region will do to assume a role.
		client := sts.NewFromConfig(*shared, func(o *sts.Options) { or(&o.Region, "us-east-1") })
		role := stscreds.NewAssumeRoleProvider(client, s.RoleARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = s.SessionName
			if s.ExternalID != "" {
				o.ExternalID = &s.ExternalID
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
		return got, &CredentialsError{err}
	}
	return got, nil
}

// CredentialsError says that no credentials could be had, as opposed to a
// service that refused them. The errors of clients wrap it.
type CredentialsError struct{ Err error }

func (e *CredentialsError) Error() string {
	return "no usable AWS credentials: " + Unanswered(e.Err).Error()
}
func (e *CredentialsError) Unwrap() error { return e.Err }

// Unanswered shortens an error of the SDK to why a request got no answer: no
// credentials, or nobody there. Other errors it returns as they are.
func Unanswered(err error) error {
	var c *CredentialsError
	var u *url.Error
	switch {
	case errors.As(err, &c):
		return c
	case errors.As(err, &u):
		host := u.URL
		if parsed, err := url.Parse(u.URL); err == nil {
			host = parsed.Host
		}
		return fmt.Errorf("%s cannot be reached: %w", host, u.Err)
	}
	return err
}
