package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sluice-dlp/sluice/store"
)

func TestReason(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"none", nil, ""},
		{"bare", store.ErrDenied, "PERMISSION_DENIED"},
		{"wrapped", fmt.Errorf("get: %w", store.ErrArchived), "INVALID_OBJECT_STATE"},
		{"wrapped twice", fmt.Errorf("scan: %w", fmt.Errorf("get: %w", store.ErrChanged)), "OBJECT_VERSION_MISMATCH"},
		{"joined", errors.Join(errors.New("close"), store.ErrCorrupt), "CHECKSUM_MISMATCH"},
		{"SSE-C", store.ErrEncrypted, "INVALID_ENCRYPTION"},
		{"KMS", store.ErrKMSKey, "INVALID_KMS_KEY"},
		{"vanished", store.ErrNotFound, "SOURCE_OBJECT_NO_LONGER_AVAILABLE"},
		{"bucket", store.ErrNoBucket, "NO_SUCH_BUCKET_AVAILABLE"},
		{"stalled", store.ErrStalled, "TIME_CUT_OFF_REACHED"},
		{"throttled", store.ErrThrottled, "THROTTLED"},
		{"link", store.ErrNotFile, "NOT_A_REGULAR_FILE"},
		{"exists", store.ErrExists, "OBJECT_EXISTS"},
		{"locked", store.ErrLocked, "OBJECT_LOCKED"},
		{"unsafe", store.ErrUnsafe, "UNSAFE_TO_REMOVE"},
		{"unknown", errors.New("anything"), "READ_INTERRUPTED"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := store.Reason(tt.err); got != tt.want {
				t.Errorf("Reason = %q, want %q", got, tt.want)
			}
		})
	}
}
