package quarantine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sluice-dlp/sluice/quarantine/seal"
	"github.com/sluice-dlp/sluice/store"
)

// Restore brings the object of m back into its bucket: bytes, headers, metadata
// and tags. What lies in the vault stays. store.ErrExists: there is another
// object of the key by now, which is left alone; an older version that shows since
// the object was removed is not meant. What was restored and is gone again is restored
// again.
//
// After an error Restore can be called again. The object is at no moment in
// neither place, for the vault keeps it.
func (q *Mover) Restore(ctx context.Context, origin Bucket, m Move) (Move, error) {
	if m.State == Restored {
		back := store.Object{Bucket: m.Object.Bucket, Key: m.Object.Key, ETag: m.Returned.ETag, Size: -1}
		switch _, err := origin.Stat(ctx, back); {
		case err == nil, errors.Is(err, store.ErrChanged): // or was replaced since, which is its owner's affair
			return m, nil
		case !errors.Is(err, store.ErrNotFound):
			return m, fmt.Errorf("restore: look whether it is still back: %w", err)
		}
	}
	switch {
	case m.State != Restored && m.State != Removed && m.State != Changed && m.State != Gone && m.State != Restoring, !m.InVault():
		return m, fmt.Errorf("restore: a move that is %s leaves nothing to restore", m.State)
	}
	otherwise := Removed // where it stands again if the key is taken
	if m.State != Restoring {
		otherwise, m.State = m.State, Restoring
		var err error
		if m, err = q.record(ctx, m); err != nil {
			return m, err
		}
	}
	back, err := q.bringBack(ctx, origin, m)
	if errors.Is(err, store.ErrExists) {
		m.State = otherwise
		return q.failed(ctx, m, fmt.Errorf("restore: %w: remove or rename it first", err))
	}
	if err != nil {
		return q.failed(ctx, m, fmt.Errorf("restore: %w", err))
	}
	m.Returned, m.State = back, Restored
	return q.record(ctx, m)
}

func (q *Mover) bringBack(ctx context.Context, origin Bucket, m Move) (store.Object, error) {
	var hidden string // version id of the delete marker on an older version, or on the notice
	key := store.Object{Bucket: m.Object.Bucket, Key: m.Object.Key, Size: -1}
	now, err := origin.Stat(ctx, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return store.Object{}, err
	case now.Metadata[metadataID] == m.ID && (m.Stub.ETag == "" || now.ETag == m.Stub.ETag):
		// Only this very notice is removed: it may be replaced in between.
		_, err := origin.Remove(ctx, now.Object, store.RemoveVersion)
		if errors.Is(err, store.ErrLocked) { // as all that is written to the bucket
			hidden, err = origin.Remove(ctx, now.Object, store.RemoveFromView)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return store.Object{}, fmt.Errorf("remove the notice: %w", taken(err))
		}
	case q.isBack(ctx, origin, m, now):
		return now.Object, nil // an earlier attempt, whose answer was lost
	case now.VersionID != "" && now.Modified.Before(m.Before.Modified):
		// An older version shows since this one was removed. It stays, behind a
		// delete marker: so it is still refused to write over anything newer.
		if hidden, err = origin.Remove(ctx, now.Object, store.RemoveFromView); err != nil && !errors.Is(err, store.ErrNotFound) {
			return store.Object{}, fmt.Errorf("hide the older version: %w", taken(err))
		}
	default:
		return store.Object{}, store.ErrExists
	}
	if m.Marker != "" {
		back, err := q.unhide(ctx, origin, m)
		if !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrUnsafe) {
			return back, err
		}
	}
	back, err := q.writeBack(ctx, origin, m)
	if errors.Is(err, store.ErrExists) {
		if now, statErr := origin.Stat(ctx, key); statErr == nil && q.isBack(ctx, origin, m, now) {
			return now.Object, nil
		}
	}
	if err != nil && hidden != "" { // for nothing
		marker := store.Object{Bucket: key.Bucket, Key: key.Key, VersionID: hidden}
		if _, left := origin.Remove(context.WithoutCancel(ctx), marker, store.RemoveVersion); left != nil {
			err = fmt.Errorf("%w; what was there is hidden now: %v", err, left)
		}
	}
	if err != nil {
		return store.Object{}, err
	}
	now, err = origin.Stat(ctx, back)
	if err != nil {
		return store.Object{}, fmt.Errorf("look at the object: %w", err)
	}
	if !q.isBack(ctx, origin, m, now) {
		return store.Object{}, fmt.Errorf("%w: what was written back is not as it was", store.ErrCorrupt)
	}
	return now.Object, nil // as a scan will see it
}

// taken takes what is there now, or cannot be hidden, for another object of the key.
func taken(err error) error {
	if errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrUnsafe) {
		return fmt.Errorf("%w: %v", store.ErrExists, err)
	}
	return err
}

// unhide removes the delete marker, behind which the version still is.
func (q *Mover) unhide(ctx context.Context, origin Bucket, m Move) (store.Object, error) {
	if _, err := origin.Stat(ctx, m.Object); err != nil {
		return store.Object{}, notFound(err)
	}
	marker := store.Object{Bucket: m.Object.Bucket, Key: m.Object.Key, VersionID: m.Marker}
	if _, err := origin.Remove(ctx, marker, store.RemoveVersion); err != nil {
		return store.Object{}, fmt.Errorf("remove the delete marker: %w", err)
	}
	// The version shows again, unless somebody has put a marker of their own on it.
	if _, err := origin.Stat(ctx, store.Object{Bucket: m.Object.Bucket, Key: m.Object.Key, Size: -1}); err != nil {
		return store.Object{}, fmt.Errorf("look at the object: %w", err)
	}
	return m.Object, nil
}

// notFound takes a version that is another one for one that is not there.
func notFound(err error) error {
	if errors.Is(err, store.ErrChanged) {
		return fmt.Errorf("%w: %v", store.ErrNotFound, err)
	}
	return err
}

func (q *Mover) writeBack(ctx context.Context, origin Bucket, m Move) (store.Object, error) {
	w := store.Write{Attributes: m.Before, Encryption: m.Before.Encryption, Absent: true}
	if m.Mode == SSEKMS {
		back, err := origin.Copy(ctx, m.Object.Key, m.Vault, w)
		if err != nil {
			return store.Object{}, fmt.Errorf("copy out of the vault: %w", err)
		}
		return back, nil
	}
	if q.Unwrapper == nil {
		return store.Object{}, errors.New("open the sealed object: no key provider")
	}
	sealed, _, err := q.Vault.Open(ctx, m.Vault)
	if err != nil {
		return store.Object{}, fmt.Errorf("read from the vault: %w", err)
	}
	defer sealed.Close()
	plain, err := seal.Open(ctx, sealed, q.Unwrapper)
	if err != nil {
		return store.Object{}, fmt.Errorf("open the sealed object: %w", err)
	}
	if plain.Header.Context["sluice:move"] != m.ID {
		return store.Object{}, fmt.Errorf("open the sealed object: %w: it is of another move", store.ErrCorrupt)
	}
	return origin.Put(ctx, m.Object.Key, plain, w)
}

// isBack reports whether now is the object that was moved.
func (q *Mover) isBack(ctx context.Context, origin Bucket, m Move, now store.Attributes) bool {
	want := m.Before
	want.Encryption, want.CRC64NVME = store.Encryption{}, m.CRC64
	if now.CRC64NVME == "" {
		sum, err := crcOf(ctx, origin, now.Object)
		if err != nil {
			return false
		}
		now.CRC64NVME = sum
	}
	return difference(now, want) == ""
}

// Purge removes what lies in the vault, for good. If the object is not back in
// its bucket, that was the last of it. It can be called again after an error.
func (q *Mover) Purge(ctx context.Context, m Move) (Move, error) {
	switch {
	case m.State == Planned, m.State == Purged, m.State == Restoring, m.State == Tagged && !m.InVault():
		return m, fmt.Errorf("purge: a move that is %s has nothing to purge", m.State)
	}
	// All versions: an attempt to copy whose answer was lost leaves one that nobody
	// recorded, and a delete marker of somebody else hides them.
	keys := []string{q.key(m, "object"), q.key(m, "sealed"), q.key(m, "manifest.json")}
	if m.InVault() && !slices.Contains(keys, m.Vault.Key) {
		keys = append(keys, m.Vault.Key)
	}
	for _, key := range keys {
		if err := q.Vault.RemoveAll(ctx, key); err != nil {
			return q.failed(ctx, m, fmt.Errorf("purge: %w", err))
		}
	}
	m.State = Purged
	return q.record(ctx, m)
}
