package sns_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/notify/notifytest"
	"github.com/sluice-dlp/sluice/notify/sns"
)

const topic = "arn:aws:sns:eu-west-1:123456789012:sluice"

var someone = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "someone", SecretAccessKey: "nobody-knows"}, nil
})

// service speaks the query protocol of SNS.
type service struct {
	answer chan notifytest.Answer // the present one
	taken  chan [][]byte
	stop   chan struct{}
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := <-s.answer
	s.answer <- a
	refuse := func(status int, code string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>%s</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>`, code)
	}
	switch a {
	case notifytest.Hang:
		select {
		case <-s.stop:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler) // an answer could still arrive
	case notifytest.TooMany:
		refuse(429, "Throttled")
		return
	case notifytest.Fail:
		refuse(500, "InternalError")
		return
	case notifytest.Reject:
		refuse(400, "InvalidParameter")
		return
	case notifytest.Refuse:
		refuse(403, "AuthorizationError")
		return
	}
	if err := r.ParseForm(); err != nil || r.Form.Get("Action") != "Publish" {
		refuse(400, "InvalidAction")
		return
	}
	got := <-s.taken
	s.taken <- append(got, []byte(r.Form.Encode()))
	fmt.Fprint(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>`)
}

func start(t *testing.T, arn string) notifytest.Receiver {
	for _, name := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		t.Setenv(name, os.DevNull)
	}
	s := &service{make(chan notifytest.Answer, 1), make(chan [][]byte, 1), make(chan struct{})}
	s.answer <- notifytest.Take
	s.taken <- nil
	server := notifytest.NewHTTP(t)
	server.Config.Handler = s
	t.Cleanup(func() { close(s.stop) })
	sender, err := sns.New(sns.Config{Topic: arn, Settings: awsconf.Settings{Endpoint: server.URL, CABundle: server.CABundle, Credentials: someone, MaxBackoff: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	return notifytest.Receiver{
		Sender: sender,
		Answer: func(a notifytest.Answer) { <-s.answer; s.answer <- a },
		Taken: func() [][]byte {
			got := <-s.taken
			s.taken <- got
			return got
		},
		Texts: texts,
		Limit: 3 * 256 << 10, // as it is escaped for the form; texts looks at what SNS counts
		Exact: true,
	}
}

// texts returns the JSON that programs get, in its parts, and checks the rest.
func texts(message []byte) ([]string, error) {
	form, err := url.ParseQuery(string(message))
	if err != nil {
		return nil, err
	}
	counted := len(form.Get("Message")) + len(form.Get("Subject"))
	for name, values := range form {
		if strings.HasPrefix(name, "MessageAttributes.") {
			counted += len(values[0])
		}
	}
	if counted > 256<<10 {
		return nil, fmt.Errorf("a message of %d bytes", counted)
	}
	subject := form.Get("Subject")
	if len(subject) > 100 || subject == "" || strings.ContainsFunc(subject, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, fmt.Errorf("subject %q", subject)
	}
	if form.Get("MessageStructure") != "json" {
		return nil, fmt.Errorf("structure %q", form.Get("MessageStructure"))
	}
	var parts map[string]string
	if err := json.Unmarshal([]byte(form.Get("Message")), &parts); err != nil {
		return nil, err
	}
	for _, line := range strings.Split(parts["default"], "\n") {
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == '\u202e' || r == '\u2028' }) {
			return nil, fmt.Errorf("text for people has %q", line)
		}
	}
	if strings.TrimSpace(parts["default"]) == "" || parts["sqs"] == "" || parts["sqs"] != parts["https"] {
		return nil, fmt.Errorf("parts %v", parts)
	}
	return notifytest.Strings([]byte(parts["sqs"]))
}

func TestChannel(t *testing.T) {
	notifytest.Run(t, func(t *testing.T) notifytest.Receiver { return start(t, topic) })
}

func TestRequest(t *testing.T) {
	for _, arn := range []string{topic, topic + ".fifo"} {
		r := start(t, arn)
		m := notifytest.Message("k")
		if err := r.Sender.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		form, err := url.ParseQuery(string(r.Taken()[0]))
		if err != nil {
			t.Fatal(err)
		}
		wantID, wantGroup := "", ""
		if strings.HasSuffix(arn, ".fifo") {
			wantID, wantGroup = m.ID(), "sluice"
		}
		if form.Get("TopicArn") != arn || form.Get("MessageDeduplicationId") != wantID || form.Get("MessageGroupId") != wantGroup {
			t.Errorf("%v", form)
		}
		attributes := make(map[string]string)
		for name, v := range form {
			if n, ok := strings.CutSuffix(name, ".Name"); ok {
				attributes[v[0]] = form.Get(n + ".Value.StringValue")
			}
		}
		for name, want := range map[string]string{"sluice.id": m.ID(), "sluice.kind": "succeeded", "sluice.severity": "High", "sluice.bucket": "prod-data"} {
			if attributes[name] != want {
				t.Errorf("attribute %s is %q", name, attributes[name])
			}
		}
	}
}

func TestBadConfig(t *testing.T) {
	for _, c := range []sns.Config{{Topic: "sluice"}, {Topic: "arn:aws:sqs:eu-west-1:123456789012:q"}, {Topic: topic, Settings: awsconf.Settings{Endpoint: "http://sns.invalid"}}} {
		if _, err := sns.New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
