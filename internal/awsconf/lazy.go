package awsconf

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Lazy is the client of a service, made when it is first asked for: what may
// never be sent needs no credentials. It is safe for concurrent use.
type Lazy[C any] struct {
	Settings Settings
	New      func(aws.Config) C

	mu     sync.Mutex
	client C
	close  func() // nil: there is no client yet
}

// Get returns the client. Its errors are those of [Load].
func (l *Lazy[C]) Get(ctx context.Context) (C, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.close != nil {
		return l.client, nil
	}
	cfg, httpClient, err := Load(ctx, l.Settings)
	if err != nil {
		var none C
		return none, err
	}
	l.client, l.close = l.New(cfg), httpClient.CloseIdleConnections
	return l.client, nil
}

// Close closes idle connections.
func (l *Lazy[C]) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.close != nil {
		l.close()
	}
}
