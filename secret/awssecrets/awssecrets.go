// Package awssecrets fetches secrets from AWS Secrets Manager.
package awssecrets

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/secret"
)

// Manager is a [secret.Fetcher] of secrets by their ARNs, whichever Region they are in.
// Credentials are looked for when the first one is fetched.
type Manager struct {
	settings awsconf.Settings

	mu      sync.Mutex
	clients map[string]*client // by Region
}

type client struct {
	*secretsmanager.Client
	close func()
}

var _ secret.Fetcher = (*Manager)(nil)

// New makes a Manager. The Region of the settings does not matter.
func New(settings awsconf.Settings) *Manager {
	return &Manager{settings: settings, clients: make(map[string]*client)}
}

// Fetch returns the current version of a secret, the one with the label
// AWSCURRENT. The SDK holds it as a string, of which a copy stays in memory
// until that is used for something else.
func (m *Manager) Fetch(ctx context.Context, name string) ([]byte, error) {
	c, err := m.client(ctx, name)
	if err != nil {
		return nil, err
	}
	out, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name, VersionStage: aws.String("AWSCURRENT")})
	if err != nil {
		return nil, inWords(err)
	}
	if out.SecretString != nil {
		return []byte(*out.SecretString), nil
	}
	return out.SecretBinary, nil
}

// client returns the client for the Region of a secret.
func (m *Manager) client(ctx context.Context, name string) (*client, error) {
	a, err := arn.Parse(name)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.clients[a.Region]; c != nil {
		return c, nil
	}
	s := m.settings
	s.Region = a.Region
	cfg, httpClient, err := awsconf.Load(ctx, s)
	if err != nil {
		return nil, err
	}
	sm := secretsmanager.NewFromConfig(cfg, func(o *secretsmanager.Options) {
		if s.Endpoint != "" {
			o.BaseEndpoint = aws.String(s.Endpoint)
		}
	})
	c := &client{sm, httpClient.CloseIdleConnections}
	m.clients[a.Region] = c
	return c, nil
}

// Close closes idle connections.
func (m *Manager) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.clients {
		c.close()
	}
}

// inWords says what is wrong without what only Amazon can read.
func inWords(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("AWS Secrets Manager: %w", awsconf.Unanswered(err))
	}
	switch api.ErrorCode() {
	case "ResourceNotFoundException":
		return errors.New("AWS Secrets Manager has no such secret")
	case "AccessDeniedException":
		return errors.New("access denied: it takes secretsmanager:GetSecretValue, and kms:Decrypt if the secret has a key of its own")
	case "DecryptionFailure":
		return errors.New("AWS Secrets Manager cannot decrypt it: is its key enabled, and may it be used?")
	}
	return fmt.Errorf("AWS Secrets Manager: %s: %s", api.ErrorCode(), api.ErrorMessage())
}
