package awskms

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/quarantine/seal"
)

// call is what was asked for: an action in the words of IAM, and of which key.
type call struct{ action, key, region string }

// explain says in one line what is wrong and what helps. What KMS itself says
// is passed on only where it helps: it may cite the context, and with it the
// name of an object.
func explain(err error, c call) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("%s: %w", c.action, err)
		}
		return fmt.Errorf("AWS KMS in %s, %s: %w", c.region, c.action, awsconf.Unanswered(err))
	}
	noKey := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{seal.ErrNoKey}, args...)...)
	}
	switch code := api.ErrorCode(); code {
	case "AccessDeniedException":
		return noKey("AWS KMS denies %s on %s: the key's policy, and that of the role, must allow it (%s)", c.action, c.key, oneLine(api.ErrorMessage()))
	case "NotFoundException":
		return noKey("AWS KMS in %s has no key %s: is it in another Region or account? Then write its ARN", c.region, c.key)
	case "DisabledException":
		return noKey("%s is disabled: aws kms enable-key, or take another key", c.key)
	case "KMSInvalidStateException":
		return noKey("%s is not in a state to be used, disabled or about to be deleted: see aws kms describe-key", c.key)
	case "InvalidKeyUsageException":
		return noKey("%s is for something else: take a key of the kind SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT", c.key)
	case "InvalidArnException":
		return noKey("AWS KMS does not take %s for a key", c.key)
	case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch",
		"IncompleteSignature", "MissingAuthenticationToken", "ExpiredTokenException":
		return noKey("AWS KMS does not accept the credentials (%s)", code)
	case "InvalidCiphertextException", "IncorrectKeyException":
		return fmt.Errorf("%w with %s and this context", seal.ErrNotOpened, c.key)
	case "ValidationException":
		if c.action == "kms:Decrypt" {
			return fmt.Errorf("%w: AWS KMS never made it", seal.ErrNotOpened)
		}
		return fmt.Errorf("AWS KMS does not take the request %s: is the context longer than 8 KiB?", c.action)
	case "KeyUnavailableException", "DependencyTimeoutException", "KMSInternalException":
		return fmt.Errorf("AWS KMS cannot reach %s at present (%s%s)", c.key, code, tries(err))
	default:
		if _, throttled := retry.DefaultThrottleErrorCodes[code]; throttled {
			return fmt.Errorf("AWS KMS asks to slow down (%s%s): move fewer objects at a time, or have the quota of %s raised", code, tries(err), c.action)
		}
		return fmt.Errorf("AWS KMS, %s on %s: %s%s", c.action, c.key, code, tries(err))
	}
}

func tries(err error) string {
	var m *retry.MaxAttemptsError
	if errors.As(err, &m) {
		return fmt.Sprintf(", after %d tries", m.Attempt)
	}
	return ""
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.ToValidUTF8(s[:min(len(s), 400)], "")
}
