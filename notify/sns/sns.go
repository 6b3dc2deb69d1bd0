// Package sns publishes messages to a topic of Amazon SNS: as text to people, who
// subscribe by e-mail or telephone, and as JSON to programs.
package sns

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/notify"
)

// Config of a channel.
type Config struct {
	// Topic is the ARN. A FIFO topic, whose name ends in .fifo, drops what
	// comes twice within five minutes.
	Topic    string
	Settings awsconf.Settings // its Region is that of the topic if it has none
}

// Sender is a [notify.Sender].
type Sender struct {
	topic  string
	client awsconf.Lazy[*sns.Client]
}

// New makes a Sender. It looks for credentials when the first message is sent.
func New(c Config) (*Sender, error) {
	parts := strings.Split(c.Topic, ":")
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "sns" || parts[3] == "" || parts[5] == "" {
		return nil, errors.New("sns: topic: write arn:aws:sns:REGION:ACCOUNT:NAME")
	}
	if c.Settings.Region == "" {
		c.Settings.Region = parts[3]
	}
	if c.Settings.Attempts == 0 {
		c.Settings.Attempts = 2 // whoever sends will do so again
	}
	if err := c.Settings.Validate(); err != nil {
		return nil, fmt.Errorf("sns: %w", err)
	}
	return &Sender{topic: c.Topic, client: awsconf.Lazy[*sns.Client]{Settings: c.Settings, New: func(cfg aws.Config) *sns.Client {
		return sns.NewFromConfig(cfg, func(o *sns.Options) {
			if c.Settings.Endpoint != "" {
				o.BaseEndpoint = &c.Settings.Endpoint
			}
		})
	}}}, nil
}

// Close closes idle connections.
func (s *Sender) Close() { s.client.Close() }

// Send implements [notify.Sender].
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	client, err := s.client.Get(ctx)
	if err != nil {
		return fmt.Errorf("sns: %w", err)
	}
	if _, err := client.Publish(ctx, s.input(m)); err != nil {
		return fmt.Errorf("sns: %w", judge(err))
	}
	return nil
}

// limit is what SNS takes, in bytes, attributes included.
const limit = 256 << 10

func (s *Sender) input(m notify.Message) *sns.PublishInput {
	in := &sns.PublishInput{
		TopicArn:         &s.topic,
		Subject:          aws.String(subject(m.Title)),
		MessageStructure: aws.String("json"),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"sluice.id":   text(m.ID()),
			"sluice.kind": text(string(m.Kind)),
		},
	}
	if m.Severity != "" {
		in.MessageAttributes["sluice.severity"] = text(m.Severity)
	}
	if m.Event != nil && m.Event.Bucket != "" {
		in.MessageAttributes["sluice.bucket"] = text(notify.Clean(m.Event.Bucket, 255))
	}
	if strings.HasSuffix(s.topic, ".fifo") {
		in.MessageGroupId, in.MessageDeduplicationId = aws.String("sluice"), aws.String(m.ID())
	}
	// Escaped once more, JSON can double, and it stands there five times.
	for part := limit / 8; ; part /= 2 {
		in.Message = aws.String(perProtocol(m, max(part, 16<<10)))
		if size(in) <= limit || part < 16<<10 {
			return in
		}
	}
}

// perProtocol gives people text and programs JSON.
func perProtocol(m notify.Message, longest int) string {
	plain := m.Title + "\n\n" + m.PlainText()
	if len(plain) > longest {
		plain = strings.ToValidUTF8(plain[:longest], "") + "…"
	}
	program := string(m.JSON(longest))
	b, err := json.Marshal(map[string]string{
		"default": plain, "sms": notify.Shorten(m.Title, 140),
		"sqs": program, "lambda": program, "http": program, "https": program, "firehose": program,
	})
	if err != nil {
		panic(err) // it is made of texts
	}
	return string(b)
}

func size(in *sns.PublishInput) int {
	n := len(*in.Message) + len(*in.Subject)
	for name, a := range in.MessageAttributes {
		n += len(name) + len(*a.DataType) + len(*a.StringValue)
	}
	return n
}

func text(s string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &s}
}

// longestSubject is what SNS takes, and that of ASCII only.
const longestSubject = 100

func subject(title string) string {
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f {
			return '?'
		}
		return r
	}, notify.Shorten(title, longestSubject))
	if first, _ := utf8.DecodeRuneInString(ascii); first == ' ' || ascii == "" {
		ascii = "sluice" + ascii[:min(len(ascii), longestSubject-6)]
	}
	return ascii
}

// judge says what an error means for the message.
func judge(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return awsconf.Unanswered(err)
	}
	e := &notify.SendError{Err: fmt.Errorf("%s: %s", api.ErrorCode(), api.ErrorMessage())}
	switch api.ErrorCode() {
	case "AuthorizationError", "AuthorizationErrorException", "AccessDenied", "AccessDeniedException", "InvalidClientTokenId", "ExpiredToken", "ExpiredTokenException",
		"SignatureDoesNotMatch", "UnrecognizedClientException", "InvalidSignatureException", "KMSAccessDenied", "KMSAccessDeniedException":
		e.Refused = true // somebody may put it right
	case "Throttled", "ThrottledException", "Throttling", "ThrottlingException", "KMSThrottling", "KMSThrottlingException", "InternalError", "InternalErrorException", "RequestTimeout":
	default:
		var resp *smithyhttp.ResponseError
		status := 0
		if errors.As(err, &resp) {
			status = resp.HTTPStatusCode()
		}
		e.Permanent = status/100 == 4 && status != 429 && status != 408
	}
	return e
}
