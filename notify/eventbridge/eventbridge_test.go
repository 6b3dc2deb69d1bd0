package eventbridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/eventbridge"
	"github.com/sluice-dlp/sluice/notify/notifytest"
)

var someone = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "someone", SecretAccessKey: "nobody-knows"}, nil
})

// service speaks the protocol of EventBridge.
type service struct {
	answer chan notifytest.Answer // the present one
	taken  chan [][]byte
	stop   chan struct{}
	failed string // code of an entry that fails in a call that succeeds
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := <-s.answer
	s.answer <- a
	body, err := io.ReadAll(r.Body)
	refuse := func(status int, code string) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"__type":%q,"message":"no"}`, code)
	}
	switch {
	case a == notifytest.Hang:
		select {
		case <-s.stop:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler) // an answer could still arrive
	case a == notifytest.TooMany:
		refuse(400, "ThrottlingException")
	case a == notifytest.Fail:
		refuse(500, "InternalException")
	case a == notifytest.Reject:
		refuse(400, "ResourceNotFoundException")
	case a == notifytest.Refuse:
		refuse(400, "AccessDeniedException")
	case err != nil || r.Header.Get("X-Amz-Target") != "AWSEvents.PutEvents":
		refuse(400, "UnknownOperationException")
	case s.failed != "":
		fmt.Fprintf(w, `{"FailedEntryCount":1,"Entries":[{"ErrorCode":%q,"ErrorMessage":"no"}]}`, s.failed)
	default:
		got := <-s.taken
		s.taken <- append(got, body)
		fmt.Fprint(w, `{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}`)
	}
}

func start(t *testing.T) (notifytest.Receiver, *service) {
	for _, name := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		t.Setenv(name, os.DevNull)
	}
	s := &service{answer: make(chan notifytest.Answer, 1), taken: make(chan [][]byte, 1), stop: make(chan struct{})}
	s.answer <- notifytest.Take
	s.taken <- nil
	server := notifytest.NewHTTP(t)
	server.Config.Handler = s
	t.Cleanup(func() { close(s.stop) })
	sender, err := eventbridge.New(eventbridge.Config{
		Bus:      "arn:aws:events:eu-west-1:123456789012:event-bus/security",
		Settings: awsconf.Settings{Endpoint: server.URL, CABundle: server.CABundle, Credentials: someone, MaxBackoff: time.Millisecond},
	})
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
		Texts: func(message []byte) ([]string, error) {
			e, err := entry(message)
			if err != nil {
				return nil, err
			}
			texts, err := notifytest.Strings([]byte(e.Detail))
			return append(texts, e.DetailType, e.Source), err
		},
		Limit: 2 * 256 << 10, // the detail is text in JSON once more; entry looks at what EventBridge counts
		Exact: true,
	}, s
}

type putEntry struct {
	EventBusName, Source, DetailType, Detail string
	Time                                     float64
	Resources                                []string
}

// entry reads the one entry of a call, and counts its bytes as EventBridge does.
func entry(body []byte) (putEntry, error) {
	var call struct{ Entries []putEntry }
	if err := json.Unmarshal(body, &call); err != nil {
		return putEntry{}, err
	}
	if len(call.Entries) != 1 {
		return putEntry{}, fmt.Errorf("%d entries", len(call.Entries))
	}
	e := call.Entries[0]
	if n := 14 + len(e.Source) + len(e.DetailType) + len(e.Detail) + len(strings.Join(e.Resources, "")); n > 256<<10 {
		return e, fmt.Errorf("an entry of %d bytes", n)
	}
	return e, nil
}

func TestChannel(t *testing.T) {
	notifytest.Run(t, func(t *testing.T) notifytest.Receiver {
		r, _ := start(t)
		return r
	})
}

// TestFailedEntry is about calls that succeed and entries that do not.
func TestFailedEntry(t *testing.T) {
	for code, want := range map[string]notify.SendError{
		"MalformedDetail":                     {Permanent: true},
		"ThrottlingException":                 {},
		"InternalFailure":                     {},
		"AccessDeniedException":               {Refused: true},
		"NotAuthorizedForDetailTypeException": {Refused: true},
		"SomethingNew":                        {},
	} {
		r, s := start(t)
		s.failed = code
		err := r.Sender.Send(t.Context(), notifytest.Message("k"))
		e, ok := errors.AsType[*notify.SendError](err)
		if !ok || e.Permanent != want.Permanent || e.Refused != want.Refused || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v, %+v", code, err, e)
		}
	}
}

func TestEntry(t *testing.T) {
	r, _ := start(t)
	m := notifytest.Message("k")
	if err := r.Sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	e, err := entry(r.Taken()[0])
	if err != nil || e.Source != "sluice" || e.DetailType != "Sluice Remediation Succeeded" || !strings.HasSuffix(e.EventBusName, "/security") ||
		len(e.Resources) != 1 || e.Resources[0] != "arn:aws:s3:::prod-data" || int64(e.Time) != m.Time.Unix() {
		t.Errorf("%+v, %v", e, err)
	}
	seen := make(map[string]bool)
	for _, k := range []notify.Kind{notify.Detected, notify.Started, notify.Succeeded, notify.Failed, notify.Restored, notify.Purged, notify.Swept, notify.Test} {
		if d := eventbridge.DetailType(k); seen[d] {
			t.Errorf("%s is that of two kinds", d)
		} else {
			seen[d] = true
		}
	}
}
