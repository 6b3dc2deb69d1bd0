//go:build !(pkcs11 && cgo)

package pkcs11

import (
	"context"
	"fmt"

	"github.com/sluice-dlp/sluice/quarantine/seal"
)

// Open says that this build cannot.
func Open(_ context.Context, name string, _ PIN) (Keys, error) {
	if _, err := parseURI(name); err != nil {
		return nil, fmt.Errorf("%w: %w", seal.ErrNoKey, err)
	}
	return nil, fmt.Errorf("%w: this program was built without PKCS#11: build it with the tag pkcs11 and CGO_ENABLED=1", seal.ErrNoKey)
}
