package awsconf

import (
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// retryer tries s.Attempts times. The SDK's token bucket is left out: it
// gives up early when many requests fail at once, and an object given up is a
// gap in the result, which costs more than the wait.
func (s Settings) retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = s.Attempts
		o.MaxBackoff = s.MaxBackoff
		o.RateLimiter = ratelimit.None
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(worthAnotherTry))
	})
}

// worthAnotherTry adds to what the SDK tries again: an answer that began well
// and could not be read to its end, such as half a page of a listing, and the
// statuses of stores and proxies that send no code of S3's.
func worthAnotherTry(err error) aws.Ternary {
	var resp *smithyhttp.ResponseError
	if !errors.As(err, &resp) || resp.Response == nil {
		return aws.UnknownTernary
	}
	switch status := resp.HTTPStatusCode(); {
	case status/100 == 2, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
