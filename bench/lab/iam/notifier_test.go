package iam_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/notify"
	toeventbridge "github.com/sluice-dlp/sluice/notify/eventbridge"
	tosns "github.com/sluice-dlp/sluice/notify/sns"
	"github.com/sluice-dlp/sluice/secret/awssecrets"
)

// addChannels makes a topic, a bus and a secret, the first and the last of them
// under a key.
func (w *world) addChannels(n string) {
	w.t.Helper()
	ctx := w.t.Context()
	topic, err := sns.New(sns.Options{BaseEndpoint: &cloud.moto.Endpoint, Region: lab.Region, Credentials: cloud.admin}).
		CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("events-" + n)})
	if err != nil {
		w.t.Fatal(err)
	}
	bus, err := eventbridge.New(eventbridge.Options{BaseEndpoint: &cloud.moto.Endpoint, Region: lab.Region, Credentials: cloud.admin}).
		CreateEventBus(ctx, &eventbridge.CreateEventBusInput{Name: aws.String("bus-" + n)})
	if err != nil {
		w.t.Fatal(err)
	}
	secret, err := secretsmanager.New(secretsmanager.Options{BaseEndpoint: &cloud.moto.Endpoint, Region: lab.Region, Credentials: cloud.admin}).
		CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("hook-" + n), SecretString: aws.String("https://example.com")})
	if err != nil {
		w.t.Fatal(err)
	}
	w.names["topic_arn"], w.names["bus_arn"], w.names["secret_arn"] = *topic.TopicArn, *bus.EventBusArn, *secret.ARN
	w.names["topic_key_arn"], w.names["secret_key_arn"] = w.newKey(), w.newKey()
	cloud.guard.Lock()
	defer cloud.guard.Unlock()
	cloud.guard.Keys[*topic.TopicArn], cloud.guard.Keys[*secret.ARN] = w.names["topic_key_arn"], w.names["secret_key_arn"]
}

func (w *world) settings(role string) awsconf.Settings {
	return awsconf.Settings{
		Region: lab.Region, Endpoint: cloud.guard.Endpoint, CABundle: cloud.caFile,
		Credentials: cloud.host, RoleARN: w.names[role+"_arn"], ExternalID: externalID, Attempts: 1,
	}
}

var message = notify.Message{Kind: notify.Test, Title: "A test", Event: &notify.Event{Key: "test", Kind: notify.Test, Time: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}}

var theNotifier = []step{
	{"publish to the topic", func(ctx context.Context, w *world) error {
		s, err := tosns.New(tosns.Config{Topic: w.names["topic_arn"], Settings: w.settings("notifier")})
		if err != nil {
			return err
		}
		defer s.Close()
		return s.Send(ctx, message)
	}},
	{"put on the bus", func(ctx context.Context, w *world) error {
		s, err := toeventbridge.New(toeventbridge.Config{Bus: w.names["bus_arn"], Settings: w.settings("notifier")})
		if err != nil {
			return err
		}
		defer s.Close()
		return s.Send(ctx, message)
	}},
	{"fetch a secret", func(ctx context.Context, w *world) error {
		m := awssecrets.New(w.settings("notifier"))
		defer m.Close()
		_, err := m.Fetch(ctx, w.names["secret_arn"])
		return err
	}},
}
