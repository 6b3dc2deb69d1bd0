package lab_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsevents "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/notify/eventbridge"
	"github.com/sluice-dlp/sluice/notify/notifytest"
	"github.com/sluice-dlp/sluice/notify/sns"
)

// queue is one on which messages arrive.
type queue struct {
	client   *sqs.Client
	url, arn string
}

func newQueue(t *testing.T, m *lab.Moto, name string, attributes map[string]string) queue {
	t.Helper()
	q := queue{client: sqs.New(sqs.Options{BaseEndpoint: &m.Endpoint, Credentials: m.User.Credentials(), Region: lab.Region})}
	out, err := q.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	q.url = *out.QueueUrl
	got, err := q.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: []types.QueueAttributeName{"QueueArn"}})
	if err != nil {
		t.Fatal(err)
	}
	q.arn = got.Attributes["QueueArn"]
	return q
}

// take returns all messages that are on the queue, and removes them.
func (q queue) take(t *testing.T) (bodies []string) {
	t.Helper()
	for {
		out, err := q.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return bodies
		}
		for _, m := range out.Messages {
			bodies = append(bodies, *m.Body)
			if _, err := q.client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func settingsOf(m *lab.Moto) awsconf.Settings {
	return awsconf.Settings{Endpoint: m.Endpoint, Credentials: m.User.Credentials(), Region: lab.Region, MaxBackoff: 10 * time.Millisecond}
}

// TestSNS has messages published to topics of both kinds and taken from queues.
func TestSNS(t *testing.T) {
	m := startMoto(t)
	client := awssns.New(awssns.Options{BaseEndpoint: &m.Endpoint, Credentials: m.User.Credentials(), Region: lab.Region})
	topic := func(name string, attributes, queueAttributes map[string]string, filter string) (string, queue) {
		t.Helper()
		out, err := client.CreateTopic(t.Context(), &awssns.CreateTopicInput{Name: &name, Attributes: attributes})
		if err != nil {
			t.Fatal(err)
		}
		q := newQueue(t, m, name, queueAttributes)
		subscribed := map[string]string{"RawMessageDelivery": "true"}
		if filter != "" {
			subscribed["FilterPolicy"] = filter
		}
		if _, err := client.Subscribe(t.Context(), &awssns.SubscribeInput{TopicArn: out.TopicArn, Protocol: aws.String("sqs"), Endpoint: &q.arn, Attributes: subscribed}); err != nil {
			t.Fatal(err)
		}
		return *out.TopicArn, q
	}
	sender := func(arn string) *sns.Sender {
		t.Helper()
		s, err := sns.New(sns.Config{Topic: arn, Settings: settingsOf(m)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}

	arn, q := topic("plain", nil, nil, "")
	s := sender(arn)
	for _, name := range slices.Sorted(maps.Keys(notifytest.Hostile)) {
		text := notifytest.Hostile[name]
		e := notify.Event{Key: name, Kind: notify.Detected, Severity: "High", Bucket: "b", Name: text, Detail: text, Counts: map[string]int64{"X": 3}}
		if err := s.Send(t.Context(), notify.Render(e, "")); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := q.take(t)
		if len(got) != 1 {
			t.Fatalf("%s: %d messages", name, len(got))
		}
		var p struct {
			Key   string
			Event struct{ Name string }
		}
		if err := json.Unmarshal([]byte(got[0]), &p); err != nil || p.Key != name {
			t.Errorf("%s: %v in %.200s", name, err, got[0])
		}
		if strings.ToValidUTF8(text, "") == text && p.Event.Name != text {
			t.Errorf("%s: the name is not exact", name)
		}
	}
	if err := s.Send(t.Context(), notifytest.Digest(t, 20_000)); err != nil || len(q.take(t)) != 1 {
		t.Errorf("a digest of 20,000: %v", err)
	}

	// A filter policy on the attributes picks some.
	arn, q = topic("filtered", nil, nil, `{"sluice.kind": ["failed"], "sluice.bucket": [{"prefix": "prod-"}]}`)
	s = sender(arn)
	for _, k := range []notify.Kind{notify.Detected, notify.Failed, notify.Succeeded} {
		for _, bucket := range []string{"prod-1", "dev-1"} {
			if err := s.Send(t.Context(), notify.Render(notify.Event{Key: string(k) + bucket, Kind: k, Bucket: bucket, Name: "k"}, "")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := q.take(t); len(got) != 1 || !strings.Contains(got[0], `"key":"failedprod-1"`) {
		t.Errorf("a filter lets through %v", got)
	}

	// A FIFO topic shows once what was sent twice.
	fifo := map[string]string{"FifoTopic": "true"}
	arn, q = topic("ordered.fifo", fifo, map[string]string{"FifoQueue": "true"}, "")
	s = sender(arn)
	for _, key := range []string{"a", "b", "a", "a", "c", "b"} {
		if err := s.Send(t.Context(), notifytest.Message(key)); err != nil {
			t.Fatal(err)
		}
	}
	var keys []string
	for _, text := range q.take(t) {
		var p struct{ Key string }
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, p.Key)
	}
	if !slices.Equal(keys, []string{"a", "b", "c"}) {
		t.Errorf("a FIFO topic shows %v", keys)
	}

	err := sender(strings.Replace(arn, "ordered", "nowhere", 1)).Send(t.Context(), notifytest.Message("k"))
	if e, ok := errors.AsType[*notify.SendError](err); !ok || !e.Permanent {
		t.Errorf("a topic that there is not: %v", err)
	}
}

// TestEventBridge has rules on a bus hand events to queues.
func TestEventBridge(t *testing.T) {
	m := startMoto(t)
	client := awsevents.New(awsevents.Options{BaseEndpoint: &m.Endpoint, Credentials: m.User.Credentials(), Region: lab.Region})
	bus, err := client.CreateEventBus(t.Context(), &awsevents.CreateEventBusInput{Name: aws.String("security")})
	if err != nil {
		t.Fatal(err)
	}
	rule := func(name, pattern string) queue {
		t.Helper()
		q := newQueue(t, m, name, nil)
		if _, err := client.PutRule(t.Context(), &awsevents.PutRuleInput{Name: &name, EventBusName: aws.String("security"), EventPattern: &pattern}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.PutTargets(t.Context(), &awsevents.PutTargetsInput{Rule: &name, EventBusName: aws.String("security"), Targets: []eventtypes.Target{{Id: aws.String("q"), Arn: &q.arn}}}); err != nil {
			t.Fatal(err)
		}
		return q
	}
	all := rule("all", `{"source": ["sluice"]}`)
	some := rule("some", `{"source": ["sluice"], "detail-type": ["Sluice Finding"], "detail": {"severity": ["High"], "event": {"bucket": ["prod"]}}}`)
	for _, name := range []string{"security", *bus.EventBusArn} {
		s, err := eventbridge.New(eventbridge.Config{Bus: name, Settings: settingsOf(m)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		for i, e := range []notify.Event{
			{Kind: notify.Detected, Severity: "High", Bucket: "prod"},
			{Kind: notify.Detected, Severity: "Low", Bucket: "prod"},
			{Kind: notify.Failed, Severity: "High", Bucket: "prod"},
			{Kind: notify.Detected, Severity: "High", Bucket: "dev", Name: "\u202e\n\"<"},
		} {
			e.Key, e.Time = strings.Repeat("k", i+1), time.Now()
			if err := s.Send(t.Context(), notify.Render(e, "")); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Send(t.Context(), notifytest.Digest(t, 20_000)); err != nil {
			t.Errorf("a digest: %v", err)
		}
		if got := all.take(t); len(got) != 5 {
			t.Errorf("bus %s: %d events, want 5", name, len(got))
		}
		got := some.take(t)
		if len(got) != 1 {
			t.Fatalf("bus %s: the rule picks %d events, want 1", name, len(got))
		}
		var e struct {
			Source     string
			DetailType string `json:"detail-type"`
			Resources  []string
			Detail     struct{ Key, Severity string }
		}
		if err := json.Unmarshal([]byte(got[0]), &e); err != nil || e.Detail.Key != "k" || e.DetailType != "Sluice Finding" || len(e.Resources) != 1 {
			t.Errorf("%+v, %v", e, err)
		}
	}
}
