//go:build !(pkcs11 && cgo)

package pkcs11

import (
	"errors"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/quarantine/seal"
)

func TestOpenWithoutCgo(t *testing.T) {
	for name, says := range map[string]string{
		"pkcs11:token=a;object=b?module-path=/x.so": "tag pkcs11",
		"pkcs11:token=a": "no key",
	} {
		k, err := Open(t.Context(), name, nil)
		if k != nil || !errors.Is(err, seal.ErrNoKey) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
