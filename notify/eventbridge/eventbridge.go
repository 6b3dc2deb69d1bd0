// Package eventbridge puts messages on an event bus of Amazon EventBridge, where
// rules can pick them by what stands in them. docs/notifications.md tells what
// they look like.
package eventbridge

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/notify"
)

// Source of all our events.
const Source = "sluice"

// DetailType is the detail-type of messages of a kind.
func DetailType(k notify.Kind) string {
	switch k {
	case notify.Detected:
		return "Sluice Finding"
	case notify.Started:
		return "Sluice Remediation Started"
	case notify.Succeeded:
		return "Sluice Remediation Succeeded"
	case notify.Failed:
		return "Sluice Remediation Failed"
	case notify.Restored:
		return "Sluice Object Restored"
	case notify.Purged:
		return "Sluice Object Purged"
	case notify.Swept:
		return "Sluice Scan Ended"
	}
	return "Sluice Test"
}

// Config of a channel.
type Config struct {
	Bus      string           // name or ARN
	Settings awsconf.Settings // its Region is that of the ARN if it has none
}

// Sender is a [notify.Sender].
type Sender struct {
	bus    string
	client awsconf.Lazy[*eventbridge.Client]
}

// New makes a Sender. It looks for credentials when the first message is sent.
func New(c Config) (*Sender, error) {
	if c.Bus == "" {
		return nil, errors.New("eventbridge: bus: write its name or ARN")
	}
	if parts := strings.Split(c.Bus, ":"); c.Settings.Region == "" && len(parts) > 3 {
		c.Settings.Region = parts[3]
	}
	if c.Settings.Attempts == 0 {
		c.Settings.Attempts = 2 // whoever sends will do so again
	}
	if err := c.Settings.Validate(); err != nil {
		return nil, fmt.Errorf("eventbridge: %w", err)
	}
	return &Sender{bus: c.Bus, client: awsconf.Lazy[*eventbridge.Client]{Settings: c.Settings, New: func(cfg aws.Config) *eventbridge.Client {
		return eventbridge.NewFromConfig(cfg, func(o *eventbridge.Options) {
			if c.Settings.Endpoint != "" {
				o.BaseEndpoint = &c.Settings.Endpoint
			}
		})
	}}}, nil
}

// Close closes idle connections.
func (s *Sender) Close() { s.client.Close() }

// limit is what EventBridge takes, in bytes, with what stands around the detail.
const limit = 256<<10 - 4<<10

// Send implements [notify.Sender].
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	client, err := s.client.Get(ctx)
	if err != nil {
		return fmt.Errorf("eventbridge: %w", err)
	}
	entry := types.PutEventsRequestEntry{
		EventBusName: &s.bus,
		Source:       aws.String(Source),
		DetailType:   aws.String(DetailType(m.Kind)),
		Detail:       aws.String(string(m.JSON(limit))),
	}
	if !m.Time.IsZero() {
		entry.Time = &m.Time
	}
	if m.Event != nil && m.Event.Bucket != "" {
		entry.Resources = []string{"arn:aws:s3:::" + notify.Clean(m.Event.Bucket, 255)}
	}
	out, err := client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{entry}})
	if err != nil {
		return fmt.Errorf("eventbridge: %w", judge(err))
	}
	// The call succeeds when its entries do not.
	if out.FailedEntryCount > 0 || len(out.Entries) != 1 || aws.ToString(out.Entries[0].EventId) == "" {
		var e types.PutEventsResultEntry
		if len(out.Entries) > 0 {
			e = out.Entries[0]
		}
		return fmt.Errorf("eventbridge: %w", judgeCode(aws.ToString(e.ErrorCode), aws.ToString(e.ErrorMessage), 200))
	}
	return nil
}

// judge says what an error of the call means for the message.
func judge(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return awsconf.Unanswered(err)
	}
	var resp *smithyhttp.ResponseError
	status := 0
	if errors.As(err, &resp) {
		status = resp.HTTPStatusCode()
	}
	return judgeCode(api.ErrorCode(), api.ErrorMessage(), status)
}

// judgeCode does so for an error code, of the call or of an entry.
func judgeCode(code, message string, status int) error {
	e := &notify.SendError{Err: fmt.Errorf("%s: %s", code, message)}
	switch code {
	case "":
		e.Err = errors.New("the event was not taken, and no reason given")
	case "AccessDeniedException", "NotAuthorizedForDetailTypeException", "NotAuthorizedForSourceException", "UnrecognizedClientException", "ExpiredTokenException",
		"InvalidSignatureException", "InvalidClientTokenId", "SignatureDoesNotMatch", "IncompleteSignature":
		e.Refused = true // somebody may put it right
	case "MalformedDetail", "InvalidArgument", "InvalidAccountIdException", "ResourceNotFoundException", "ValidationException", "RedactionFailure":
		e.Permanent = true
	case "ThrottlingException", "LimitExceededException", "InternalFailure", "InternalException", "ConcurrentModificationException":
	default:
		e.Permanent = status/100 == 4 && status != 429 && status != 408
	}
	return e
}
