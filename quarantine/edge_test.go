package quarantine_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/mem"
)

// TestVaultThatCannotFind: only its bucket can tell that an object is gone or has
// changed. What a vault cannot find, such as an upload that somebody aborted, is
// a failure, and the object is not passed over.
func TestVaultThatCannotFind(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		for _, op := range []mem.Op{mem.Put, mem.Copy} {
			for _, lie := range []error{store.ErrNotFound, store.ErrChanged} {
				w, m := newWorld(t, setting{mode, mem.Enabled, quarantine.DoMove, store.RemoveVersion})
				if op == mem.Copy && mode == quarantine.Envelope {
					continue
				}
				w.vault.Hooks.Before = func(o mem.Op, _ store.Object) error {
					if o == op {
						return fmt.Errorf("no such upload: %w", lie)
					}
					return nil
				}
				m, err := w.mover().Move(t.Context(), w.bucket(), m)
				if err == nil || m.State != quarantine.Planned || !errors.Is(err, store.ErrBroken) {
					t.Errorf("%s, %s says %q: %s: %v", mode, op, lie, m.State, err)
				}
				w.vault.Hooks.Before = nil
				if m := w.settle(); m.State != quarantine.Removed {
					t.Errorf("ends %s", m.State)
				}
			}
		}
	}
}
