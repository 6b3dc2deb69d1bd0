package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/internal/awsconf"
	"github.com/sluice-dlp/sluice/secret"
	"github.com/sluice-dlp/sluice/secret/awssecrets"
)

// minKey is the least length of a key, in bytes.
const minKey = 16

// keyFrom reads a key from where ref says. A key is never given as it stands,
// since command lines are seen by everyone on the host. An empty ref is no key.
func keyFrom(cmd *cobra.Command, ref string) ([]byte, error) {
	r, err := secret.Parse(ref)
	if err != nil || r.IsZero() {
		return nil, err
	}
	// As whom Secrets Manager is asked, the environment says.
	resolver, done := newResolver(awsconf.Settings{}, cmd.ErrOrStderr())
	defer done()
	key, err := resolver.Get(cmd.Context(), r)
	if err != nil {
		return nil, err
	}
	if n := len(key.Bytes()); n < minKey {
		return nil, fmt.Errorf("%v holds %d bytes; a key has at least %d", r, n, minKey)
	}
	return key.Bytes(), nil
}

// newResolver makes what fetches secrets; done wipes what it keeps.
func newResolver(settings awsconf.Settings, warnings io.Writer) (r *secret.Resolver, done func()) {
	manager := awssecrets.New(settings)
	r = &secret.Resolver{
		SecretsManager: manager,
		Warn:           func(message string) { fmt.Fprintf(warnings, "warning: %s\n", message) },
	}
	return r, func() {
		r.Close()
		manager.Close()
	}
}
