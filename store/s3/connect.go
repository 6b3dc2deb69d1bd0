package s3

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sluice-dlp/sluice/internal/awsconf"
)

// connection is a client for the Region of the bucket.
type connection struct {
	client *s3.Client
	http   *http.Client // which the client uses
}

func connect(ctx context.Context, c Config) (connection, error) {
	shared, httpClient, err := awsconf.Load(ctx, c.settings())
	if err != nil {
		return connection{}, err
	}
	or(&shared.Region, "us-east-1")
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

func (c Config) settings() awsconf.Settings {
	return awsconf.Settings{
		Region:         c.Region,
		Profile:        c.Profile,
		Credentials:    c.Credentials,
		Anonymous:      c.Anonymous,
		RoleARN:        c.RoleARN,
		ExternalID:     c.ExternalID,
		SessionName:    c.SessionName,
		Endpoint:       c.Endpoint,
		AllowPlainHTTP: c.AllowPlainHTTP,
		CABundle:       c.CABundle,
		Connections:    c.Connections,
		Progress:       c.Progress,
		Attempts:       c.Attempts,
		MaxBackoff:     c.MaxBackoff,
	}
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
		if c.SkipChecksums {
			o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		}
	})
}

// bucketRegion asks where the bucket is. S3 names the Region in the answer to
// HeadBucket even when it denies it or redirects. "" means that it did not say;
// whether that is a fault shows at the first real request.
func bucketRegion(ctx context.Context, client *s3.Client, c Config) (string, error) {
	out, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &c.Bucket, ExpectedBucketOwner: c.owner()})
	if err == nil {
		return aws.ToString(out.BucketRegion), nil
	}
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() != 0 {
		return answer.Response.Header.Get("X-Amz-Bucket-Region"), nil
	}
	return "", explain(ctx, "reach the store of bucket "+c.Bucket, err)
}
