package s3

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/store"
)

// explain turns an error of the SDK into one that wraps a sentinel of package
// store. The text holds the operation, the store's code, the HTTP status and the
// request id, and never the store's own message or the URL: both can hold the
// key, and a key can be personal data.
func explain(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", op, context.Cause(ctx))
	}
	a := answerOf(err)
	kind := a.sentinel()
	switch {
	case kind == nil && (a.status == 0 || a.status/100 == 2):
		return connectionError(op, err)
	case kind == nil:
		return fmt.Errorf("%s: store refused the request%s", op, a)
	}
	return fmt.Errorf("%s: %w%s", op, kind, a)
}

// answer is what a store said when it refused.
type answer struct {
	code      string // "" where there was no body
	message   string // for telling cases apart, never for printing
	status    int    // 0 if the store did not answer
	requestID string
	region    string // of the bucket, where the store tells it
	deleted   bool   // a delete marker stands where the object was
}

func answerOf(err error) answer {
	var a answer
	var api smithy.APIError
	if errors.As(err, &api) {
		a.code, a.message = api.ErrorCode(), api.ErrorMessage()
	}
	var resp *smithyhttp.ResponseError
	if errors.As(err, &resp) && resp.Response != nil {
		a.status = resp.HTTPStatusCode()
		a.requestID = resp.Response.Header.Get("X-Amz-Request-Id")
		a.region = resp.Response.Header.Get("X-Amz-Bucket-Region")
		a.deleted = resp.Response.Header.Get("X-Amz-Delete-Marker") == "true"
	}
	return a
}

func (a answer) String() string {
	var b strings.Builder
	sep := " ("
	add := func(format string, v any) {
		fmt.Fprintf(&b, sep+format, v)
		sep = ", "
	}
	if a.code != "" {
		add("%s", a.code)
	}
	if a.status != 0 {
		add("status %d", a.status)
	}
	if a.requestID != "" {
		add("request %s", a.requestID)
	}
	if b.Len() > 0 {
		b.WriteString(")")
	}
	return b.String()
}

// sentinel returns the sentinel of package store that fits, or nil. Codes come
// first, since one status serves many of them; the status decides where a store
// sends no body or a code of its own. Some cases share a code with others and
// can be known by the message only.
func (a answer) sentinel() error {
	switch {
	case a.deleted:
		return store.ErrNotFound
	case isLock(a.message):
		return store.ErrLocked
	case a.code == "InvalidRequest" || a.code == "InvalidArgument" || a.code == "MissingSecurityHeader":
		if isCustomerKey(a.message) {
			return store.ErrEncrypted
		}
	case a.code == "AccessDenied" && strings.Contains(a.message, "kms:"):
		return store.ErrKMSKey
	case strings.HasPrefix(a.code, "KMS.") && !strings.Contains(a.code, "Throttling"):
		return store.ErrKMSKey
	}
	if err := byCode(a.code); err != nil {
		return err
	}
	return byStatus(a.status)
}

// isCustomerKey recognises S3's answers to a read of an object under SSE-C
// without its key: "The object was stored using a form of Server Side
// Encryption. The correct parameters must be provided to retrieve the object."
func isCustomerKey(message string) bool {
	m := strings.ToLower(message)
	return strings.Contains(m, "form of server side encryption") || strings.Contains(m, "sse-c") ||
		strings.Contains(m, "server-side-encryption-customer") || strings.Contains(m, "customer provided encryption")
}

// isLock recognises the answers of Amazon S3 and Versity ("Access Denied because
// object protected by object lock") and of MinIO ("Object is WORM protected and
// cannot be overwritten") to the removal of a locked version.
func isLock(message string) bool {
	m := strings.ToLower(message)
	return strings.Contains(m, "protected by object lock") || strings.Contains(m, "worm protected")
}

// isMFA recognises S3's "Mfa Authentication must be used for this request".
func isMFA(message string) bool {
	return strings.Contains(strings.ToLower(message), "mfa authentication")
}

func byCode(code string) error {
	switch code {
	case "NoSuchKey", "NoSuchVersion":
		return store.ErrNotFound
	case "NoSuchBucket":
		return store.ErrNoBucket
	case "NoSuchUpload", // with status 404, and nothing of an object
		"ConditionalRequestConflict": // with status 409: another request was under way, and S3 asks to come again
		return store.ErrBroken
	case "PreconditionFailed":
		return store.ErrChanged
	case "BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch":
		return store.ErrCorrupt
	case "InvalidObjectState":
		return store.ErrArchived
	case "AccessDenied", "AllAccessDisabled", "AccountProblem", "InvalidAccessKeyId", "SignatureDoesNotMatch",
		"ExpiredToken", "InvalidToken", "RequestTimeTooSkewed",
		"XAdminUserNotFound": // Versity Gateway: unknown access key, with status 404
		return store.ErrDenied
	case "SlowDown", "ServiceUnavailable", "Throttling", "ThrottlingException", "RequestLimitExceeded", "KMS.ThrottlingException":
		return store.ErrThrottled
	case "RequestTimeout":
		return store.ErrStalled
	}
	return nil
}

func byStatus(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return store.ErrDenied
	case http.StatusNotFound:
		return store.ErrNotFound
	case http.StatusPreconditionFailed:
		return store.ErrChanged
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return store.ErrThrottled
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return store.ErrStalled
	case http.StatusInternalServerError, http.StatusBadGateway:
		return store.ErrBroken
	}
	return nil
}

// connectionError explains an error of the connection, without the URL that
// net/http puts into it.
func connectionError(op string, err error) error {
	cause := err
	var u *url.Error
	if errors.As(err, &u) {
		cause = u.Err
	}
	var n net.Error
	if errors.As(cause, &n) && n.Timeout() {
		return fmt.Errorf("%s: %w", op, store.ErrStalled)
	}
	var c *awsconf.CredentialsError
	if errors.As(err, &c) {
		return fmt.Errorf("%s: %w: %w", op, store.ErrDenied, c)
	}
	var plain *awsconf.PlainHTTPError
	if errors.As(err, &plain) {
		return fmt.Errorf("%s: %w: %w", op, store.ErrBroken, plain)
	}
	// Other errors of net/http quote what they did not understand.
	var conn *net.OpError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(cause, &cert):
		return fmt.Errorf("%s: %w: %w", op, store.ErrBroken, cert)
	case errors.As(cause, &conn):
		return fmt.Errorf("%s: %w: %w", op, store.ErrBroken, conn)
	}
	return fmt.Errorf("%s: %w", op, store.ErrBroken)
}

// advice says what to do about an error of Check.
func advice(err error) string {
	switch {
	case errors.Is(err, store.ErrNoBucket):
		return "; check the name, the account and the endpoint"
	case errors.Is(err, store.ErrDenied):
		return "; check the credentials, and that they allow s3:ListBucket on the bucket"
	case errors.Is(err, store.ErrBroken), errors.Is(err, store.ErrStalled):
		return "; check the network, the endpoint and the Region"
	case store.Reason(err) == store.ReasonBroken:
		return "; check the Region and the endpoint"
	}
	return ""
}
