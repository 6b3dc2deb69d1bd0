package quarantine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"testing"
	"time"

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
				w, m := newWorld(t, setting{mode: mode, versioning: mem.Enabled, action: quarantine.DoMove, removal: store.RemoveVersion})
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

// TestTakenAwayBeforeVerified: the object is deleted, or replaced, when the vault
// has a copy that is not compared yet, and the store has no checksum to compare it
// with any more. That copy is the last one: it can be brought back.
func TestTakenAwayBeforeVerified(t *testing.T) {
	for _, action := range []quarantine.Action{quarantine.DoCopy, quarantine.DoMove} {
		for _, replaced := range []bool{false, true} {
			w, m := newWorld(t, setting{mode: quarantine.SSEKMS, versioning: mem.Off, action: action, removal: store.RemoveVersion})
			w.origin.Edit(w.scanned, func(a *store.Attributes) { a.CRC64NVME = "" })
			w.vault.Hooks.After = func(op mem.Op, _ store.Object) error {
				if op == mem.Copy {
					w.origin.Hide(objectKey)
					if replaced {
						w.origin.Fill(objectKey, []byte("of somebody else"))
					}
				}
				return nil
			}
			want := quarantine.Removed
			if replaced {
				want = quarantine.Changed
			}
			m, err := w.mover().Move(t.Context(), w.bucket(), m)
			if err != nil || m.State != want || !m.InVault() {
				t.Errorf("%s, replaced %v: %s: %v", action, replaced, m.State, err)
				continue
			}
			if replaced {
				w.origin.Hide(objectKey)
			}
			w.restore()
			w.same("restored")
		}
	}
}

// TestGoneWithABadCopy: the object is deleted after its copy was found to be not as
// it should be. It may be the last one all the same.
func TestGoneWithABadCopy(t *testing.T) {
	for _, sum := range []bool{true, false} { // that the bucket's store holds
		w, m := newWorld(t, setting{mode: quarantine.SSEKMS, versioning: mem.Off, action: quarantine.DoMove, removal: store.RemoveVersion})
		if !sum {
			w.origin.Edit(w.scanned, func(a *store.Attributes) { a.CRC64NVME = "" })
		}
		w.vault.Hooks.After = func(op mem.Op, o store.Object) error {
			if op == mem.Copy {
				w.vault.Edit(o, func(a *store.Attributes) { a.Tags = nil })
			}
			return nil
		}
		m, err := w.mover().Move(t.Context(), w.bucket(), m)
		if !errors.Is(err, store.ErrCorrupt) {
			t.Fatal(err)
		}
		w.origin.Hide(objectKey)
		if m, err = w.mover().Move(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Gone || !m.InVault() {
			t.Fatalf("%s: %v", m.State, err)
		}
		w.restore()
		w.same("restored")
	}
}

// TestRestoreUnderAnotherMarker: somebody deleted the key once more. To take the
// move's own delete marker away brings nothing back.
func TestRestoreUnderAnotherMarker(t *testing.T) {
	w, m := newWorld(t, setting{mode: quarantine.SSEKMS, versioning: mem.Enabled, action: quarantine.DoMove, removal: store.RemoveMarker})
	m, err := w.mover().Move(t.Context(), w.bucket(), m)
	if err != nil || m.Marker == "" {
		t.Fatalf("%+v: %v", m, err)
	}
	w.origin.Hide(objectKey)
	if m = w.restore(); m.State != quarantine.Restored {
		t.Fatal(m.State)
	}
	w.same("restored")
}

// TestPurgeUnderMarker: somebody deleted what lies in the vault, or a lifecycle rule did,
// and the versions stay, also one that nobody recorded. Purged means that they are gone.
func TestPurgeUnderMarker(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		for _, v := range []mem.Versioning{mem.Enabled, mem.Suspended} {
			w, m := newWorld(t, setting{mode: mode, versioning: mem.Enabled, action: quarantine.DoMove, removal: store.RemoveVersion})
			key := map[quarantine.Mode]string{quarantine.SSEKMS: "object", quarantine.Envelope: "sealed"}[mode]
			w.vault.Fill("q/"+m.ID+"/"+key, []byte("of an attempt that was cut short"))
			w.vault.SetVersioning(v)
			m, err := w.mover().Move(t.Context(), w.bucket(), m)
			if err != nil {
				t.Fatal(err)
			}
			w.vault.Hide(m.Vault.Key)
			w.vault.Hide("q/" + m.ID + "/manifest.json")
			if m, err = w.mover().Purge(t.Context(), m); err != nil || m.State != quarantine.Purged {
				t.Fatalf("%s: %v", m.State, err)
			}
			for _, key := range []string{m.Vault.Key, "q/" + m.ID + "/manifest.json"} {
				if left := w.vault.Versions(key); len(left) > 0 {
					t.Errorf("%s, %s: %d versions of %s are left", mode, v, len(left), key)
				}
			}
		}
	}
}

// TestRefusedRestoreOfChanged: a restore that another object forbids does not make
// a move that left the bucket alone look like one that emptied it.
func TestRefusedRestoreOfChanged(t *testing.T) {
	w, m := newWorld(t, setting{mode: quarantine.SSEKMS, versioning: mem.Off, action: quarantine.DoMove, removal: store.RemoveVersion})
	w.vault.Hooks.After = func(op mem.Op, _ store.Object) error {
		if op == mem.Copy {
			w.origin.Fill(objectKey, []byte("of somebody else"))
		}
		return nil
	}
	m, err := w.mover().Move(t.Context(), w.bucket(), m)
	if err != nil || m.State != quarantine.Changed {
		t.Fatalf("%s: %v", m.State, err)
	}
	m, err = w.mover().Restore(t.Context(), w.bucket(), m)
	if !errors.Is(err, store.ErrExists) || m.State != quarantine.Changed {
		t.Fatalf("%s: %v", m.State, err)
	}
}

// TestNoticeThatIsNone: somebody wrote an object of their own and kept the metadata
// of the notice. A restore does not remove it.
func TestNoticeThatIsNone(t *testing.T) {
	w, m := newWorld(t, setting{mode: quarantine.SSEKMS, versioning: mem.Off, action: quarantine.DoMoveStub, removal: store.RemoveVersion})
	m, err := w.mover().Move(t.Context(), w.bucket(), m)
	if err != nil {
		t.Fatal(err)
	}
	notice, err := w.origin.Stat(t.Context(), m.Stub)
	if err != nil {
		t.Fatal(err)
	}
	o := w.origin.Fill(objectKey, []byte("a report that somebody wrote over the notice"))
	w.origin.Edit(o, func(a *store.Attributes) { a.Metadata = notice.Metadata })
	if m, err = w.mover().Restore(t.Context(), w.bucket(), m); !errors.Is(err, store.ErrExists) {
		t.Errorf("%s: %v", m.State, err)
	}
	if _, err := w.origin.Stat(t.Context(), o); err != nil {
		t.Errorf("what somebody wrote is gone: %v", err)
	}
}

// TestBytesThatNoRecordHolds: a header that is no UTF-8 would come back as another
// one. Such an object is not moved, and that is an error.
func TestBytesThatNoRecordHolds(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		for what, edit := range map[string]func(*store.Attributes){
			"header":   func(a *store.Attributes) { a.ContentDisposition = "attachment; filename=caf\xe9.csv" },
			"metadata": func(a *store.Attributes) { a.Metadata = map[string]string{"author": "Ren\xe9e"} },
		} {
			w, m := newWorld(t, setting{mode: mode, versioning: mem.Off, action: quarantine.DoMove, removal: store.RemoveVersion})
			w.origin.Edit(w.scanned, edit)
			if m, err := w.mover().Move(t.Context(), w.bucket(), m); err == nil || m.State != quarantine.Planned || !w.inOrigin() {
				t.Errorf("%s, %s: %s: %v", mode, what, m.State, err)
			}
		}
	}
}

// TestKeyThatNoRecordHolds: without the ledger, the object would come back under another
// key.
func TestKeyThatNoRecordHolds(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		w, m := newWorld(t, setting{mode: mode, versioning: mem.Off, action: quarantine.DoMove, removal: store.RemoveVersion})
		m.Object = w.origin.Fill("exports/caf\xe9.csv", w.body)
		if m, err := w.mover().Move(t.Context(), w.bucket(), m); err == nil || m.State != quarantine.Planned {
			t.Errorf("%s: %s: %v", mode, m.State, err)
		}
		if _, err := w.origin.Stat(t.Context(), m.Object); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

// TestCredentialsThatEnd: who may no longer look at an object either has lost more
// than the right to remove it. The next run tries again by itself.
func TestCredentialsThatEnd(t *testing.T) {
	w, m := newWorld(t, setting{mode: quarantine.SSEKMS, versioning: mem.Enabled, action: quarantine.DoMove, removal: store.RemoveVersion})
	ended := false
	w.origin.Hooks.Before = func(op mem.Op, _ store.Object) error {
		if ended = ended || op == mem.Remove; ended {
			return fmt.Errorf("%s: %w (ExpiredToken)", op, store.ErrDenied)
		}
		return nil
	}
	m, err := w.mover().Move(t.Context(), w.bucket(), m)
	if !errors.Is(err, store.ErrDenied) || m.State != quarantine.Verified || !m.Open() {
		t.Fatalf("%s: %v", m.State, err)
	}
	w.origin.Hooks.Before = func(op mem.Op, _ store.Object) error {
		if op == mem.Remove {
			return fmt.Errorf("remove: %w", store.ErrDenied)
		}
		return nil
	}
	if m, err = w.mover().Move(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Kept || m.Reason != store.ReasonDenied {
		t.Fatalf("%s: %v", m.State, err)
	}
}

// TestPurgeOfTagged: a copy was made and came out wrong, and the policy was changed
// to tagging. What lies in the vault can be purged.
func TestPurgeOfTagged(t *testing.T) {
	w, m := newWorld(t, setting{mode: quarantine.SSEKMS, versioning: mem.Off, action: quarantine.DoMove, removal: store.RemoveVersion})
	w.vault.DropsEncryption = true
	m, err := w.mover().Move(t.Context(), w.bucket(), m)
	if !errors.Is(err, store.ErrCorrupt) || m.State != quarantine.Planned {
		t.Fatalf("%s: %v", m.State, err)
	}
	m.Action = quarantine.DoTag
	if m, err = w.mover().Move(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Tagged {
		t.Fatalf("%s: %v", m.State, err)
	}
	vault := m.Vault.Key
	if m, err = w.mover().Purge(t.Context(), m); err != nil || m.State != quarantine.Purged || len(w.vault.Versions(vault)) > 0 {
		t.Fatalf("%s: %v", m.State, err)
	}
}

// quiet is a bucket that does not say of what it has written that its version is
// "null", as store/s3 does, and says it when asked.
type quiet struct{ quarantine.Bucket }

func (q quiet) Put(ctx context.Context, key string, body io.Reader, w store.Write) (store.Object, error) {
	o, err := q.Bucket.Put(ctx, key, body, w)
	o.VersionID = ""
	return o, err
}

func (q quiet) Copy(ctx context.Context, key string, from store.Object, w store.Write) (store.Object, error) {
	o, err := q.Bucket.Copy(ctx, key, from, w)
	o.VersionID = ""
	return o, err
}

// TestReturnedAsAScanSeesIt: what was brought back is recorded as the next scan finds
// it, so that it is not taken away again.
func TestReturnedAsAScanSeesIt(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		w, m := newWorld(t, setting{mode: mode, versioning: mem.Suspended, action: quarantine.DoMove, removal: store.RemoveVersion})
		m, err := w.mover().Move(t.Context(), w.bucket(), m)
		if err != nil {
			t.Fatal(err)
		}
		if m, err = w.mover().Restore(t.Context(), quiet{w.bucket()}, m); err != nil {
			t.Fatal(err)
		}
		r, seen, err := w.origin.Open(t.Context(), store.Object{Key: objectKey, Size: -1})
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		if seen.VersionID != m.Returned.VersionID || seen.ETag != m.Returned.ETag {
			t.Errorf("%s: recorded as %q %q, and seen as %q %q", mode, m.Returned.VersionID, m.Returned.ETag, seen.VersionID, seen.ETag)
		}
	}
}

// TestCopyThatWentMeanwhile: a move stood still for long, under a lock or as the
// program was not run, and somebody removed the copy. It is looked at again before the
// object is removed.
func TestCopyThatWentMeanwhile(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		for _, failure := range []error{store.ErrLocked, store.ErrThrottled} {
			w, m := newWorld(t, setting{mode: mode, versioning: mem.Enabled, action: quarantine.DoMove, removal: store.RemoveVersion})
			w.origin.Hooks.Before = func(op mem.Op, _ store.Object) error {
				if op == mem.Remove {
					return failure
				}
				return nil
			}
			m, err := w.mover().Move(t.Context(), w.bucket(), m)
			if m.State != quarantine.Kept && m.State != quarantine.Verified {
				t.Fatalf("%s: %v", m.State, err)
			}
			w.origin.Hooks.Before = nil
			if _, err := w.vault.Remove(t.Context(), m.Vault, store.RemoveVersion); err != nil {
				t.Fatal(err)
			}
			w.mover().Move(t.Context(), w.bucket(), m)
			w.safe("after the copy was removed")
			if m := w.settle(); m.State != quarantine.Removed {
				t.Errorf("ends %s", m.State)
			}
		}
	}
}

// TestNoticeOfALostLedger: a record that was made out of the vault does not know of the
// notice, which tells whose it is.
func TestNoticeOfALostLedger(t *testing.T) {
	w, m := newWorld(t, setting{mode: quarantine.SSEKMS, versioning: mem.Enabled, action: quarantine.DoMoveStub, removal: store.RemoveVersion})
	m, err := w.mover().Move(t.Context(), w.bucket(), m)
	if err != nil {
		t.Fatal(err)
	}
	m.Stub = store.Object{}
	if m, err = w.mover().Restore(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Restored {
		t.Fatalf("%s: %v", m.State, err)
	}
	w.same("restored")
}

// TestNoticeUnderALock: the bucket puts a retention on all that is written to it, the
// notice too. It is hidden then, and the object comes back all the same.
func TestNoticeUnderALock(t *testing.T) {
	for _, removal := range []store.Removal{store.RemoveVersion, store.RemoveMarker} {
		w, m := newWorld(t, setting{mode: quarantine.SSEKMS, versioning: mem.Enabled, action: quarantine.DoMoveStub, removal: removal})
		m, err := w.mover().Move(t.Context(), w.bucket(), m)
		if err != nil {
			t.Fatal(err)
		}
		w.origin.Edit(m.Stub, func(a *store.Attributes) {
			a.Lock = store.Lock{Mode: "GOVERNANCE", Until: time.Now().Add(24 * time.Hour)}
		})
		if m, err = w.mover().Restore(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Restored {
			t.Errorf("%s: %s: %v", removal, m.State, err)
			continue
		}
		w.same("restored")
	}
}

// TestRestoredAndDeleted: an object that was brought back and deleted once more can be
// brought back once more. One that was replaced was back, and is left alone.
func TestRestoredAndDeleted(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		for _, v := range []mem.Versioning{mem.Off, mem.Enabled, mem.Suspended} {
			for _, removal := range []store.Removal{store.RemoveVersion, store.RemoveMarker} {
				w, m := newWorld(t, setting{mode: mode, versioning: v, action: quarantine.DoMove, removal: removal})
				w.settle()
				w.restore()
				w.origin.Hide(objectKey)
				if m = w.restore(); m.State != quarantine.Restored {
					t.Fatal(m.State)
				}
				w.same("restored once more")
				o := w.origin.Fill(objectKey, []byte("of somebody else"))
				if m, err := w.mover().Restore(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Restored {
					t.Errorf("%s: %v", m.State, err)
				}
				if _, err := w.origin.Stat(t.Context(), o); err != nil {
					t.Errorf("what somebody wrote: %v", err)
				}
			}
		}
	}
}

// TestGoneWithACopy: a copy could not be compared, for the object could not be read just
// then, and before the next try the object was deleted. The copy is whole, and is the last.
func TestGoneWithACopy(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		w, m := newWorld(t, setting{mode: mode, versioning: mem.Off, action: quarantine.DoMove, removal: store.RemoveVersion})
		w.origin.Edit(w.scanned, func(a *store.Attributes) { a.CRC64NVME = "" })
		failing := w.origin
		if mode == quarantine.Envelope { // which compares with what was read, and asks the vault only
			failing = w.vault
			w.vault.Hooks.After = func(_ mem.Op, o store.Object) error {
				if vs := w.vault.Versions(o.Key); len(vs) > 0 {
					w.vault.Edit(vs[0].Object, func(a *store.Attributes) { a.CRC64NVME = "" })
				}
				return nil
			}
		}
		failing.Hooks.Open = func(store.Object) error {
			if mode == quarantine.SSEKMS || len(w.vault.Versions("q/"+m.ID+"/sealed")) > 0 {
				return store.ErrThrottled
			}
			return nil
		}
		m, err := w.mover().Move(t.Context(), w.bucket(), m)
		if !errors.Is(err, store.ErrThrottled) {
			t.Fatalf("%s: %s: %v", mode, m.State, err)
		}
		failing.Hooks.Open = nil
		w.origin.Hide(objectKey)
		if m, err = w.mover().Move(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Removed {
			t.Errorf("%s: %s: %v", mode, m.State, err)
		}
		if m, err = w.mover().Restore(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Restored {
			t.Errorf("%s: %s: %v", mode, m.State, err)
			continue
		}
		w.same("restored")
	}
}

// TestSameBytesWhileKept: while a lock kept an object in its bucket somebody wrote the
// same bytes once more, with other metadata. No vault has that object.
func TestSameBytesWhileKept(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		w, m := newWorld(t, setting{mode: mode, versioning: mem.Off, action: quarantine.DoMove, removal: store.RemoveVersion})
		w.origin.Edit(w.scanned, func(a *store.Attributes) { a.Lock.Hold = true })
		m, err := w.mover().Move(t.Context(), w.bucket(), m)
		if err != nil || m.State != quarantine.Kept {
			t.Fatalf("%s: %v", m.State, err)
		}
		o := w.origin.Fill(objectKey, w.body)
		w.origin.Edit(o, func(a *store.Attributes) {
			a.Metadata, a.Modified = map[string]string{"owner": "somebody else"}, a.Modified.Add(time.Hour)
		})
		if m, err = w.mover().Move(t.Context(), w.bucket(), w.recorded()); err != nil || m.State != quarantine.Changed {
			t.Errorf("%s: %s: %v", mode, m.State, err)
		}
		if _, err := w.origin.Stat(t.Context(), o); err != nil {
			t.Errorf("%s: what somebody wrote: %v", mode, err)
		}
	}
}

// TestOlderNullWhileSuspended: an object from before the bucket kept versions shows since
// a newer one was removed, and versions are suspended by now: whatever is written takes
// its place. It is not written over.
func TestOlderNullWhileSuspended(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		w, m := newWorld(t, setting{mode: mode, versioning: mem.Enabled, action: quarantine.DoMove, removal: store.RemoveVersion})
		if _, err := w.origin.Remove(t.Context(), w.scanned, store.RemoveVersion); err != nil {
			t.Fatal(err)
		}
		w.origin.SetVersioning(mem.Off)
		old := w.origin.Fill(objectKey, []byte("from before there were versions"))
		w.origin.SetVersioning(mem.Enabled)
		w.origin.Edit(old, func(a *store.Attributes) { a.Modified = a.Modified.Add(-time.Hour) })
		w.scanned = w.origin.Fill(objectKey, w.body)
		m.Object = w.scanned
		m, err := w.mover().Move(t.Context(), w.bucket(), m)
		if err != nil || m.State != quarantine.Removed {
			t.Fatalf("%s: %v", m.State, err)
		}
		w.origin.SetVersioning(mem.Suspended)
		m, err = w.mover().Restore(t.Context(), w.bucket(), m)
		if !errors.Is(err, store.ErrExists) || m.State != quarantine.Removed {
			t.Errorf("%s: %s: %v", mode, m.State, err)
		}
		if _, err := w.origin.Stat(t.Context(), old); err != nil {
			t.Errorf("%s: the older version: %v", mode, err)
		}
		w.origin.SetVersioning(mem.Enabled)
		if m, err = w.mover().Restore(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Restored {
			t.Errorf("%s: %s: %v", mode, m.State, err)
		}
		if _, err := w.origin.Stat(t.Context(), store.Object{Key: objectKey, VersionID: "null"}); err != nil {
			t.Errorf("%s: the older version: %v", mode, err)
		}
	}
}

// TestOlderShowsAfterFailure: a restore that fails behind the older version that it has
// hidden lets that one show again.
func TestOlderShowsAfterFailure(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		for _, removal := range []store.Removal{store.RemoveVersion, store.RemoveMarker} {
			w, m := newWorld(t, setting{mode: mode, versioning: mem.Enabled, action: quarantine.DoMove, removal: removal, older: true})
			m, err := w.mover().Move(t.Context(), w.bucket(), m)
			if err != nil {
				t.Fatal(err)
			}
			if removal == store.RemoveMarker { // and somebody has cleaned up
				w.origin.Remove(t.Context(), store.Object{Key: objectKey, VersionID: m.Marker}, store.RemoveVersion)
				w.origin.Remove(t.Context(), w.scanned, store.RemoveVersion)
			}
			w.origin.Hooks.Before = func(op mem.Op, o store.Object) error {
				if op == mem.Put || op == mem.Copy {
					return store.ErrKMSKey
				}
				return nil
			}
			if m, err = w.mover().Restore(t.Context(), w.bucket(), m); !errors.Is(err, store.ErrKMSKey) {
				t.Fatalf("%s: %v", m.State, err)
			}
			now, err := w.origin.Stat(t.Context(), store.Object{Key: objectKey, Size: -1})
			if err != nil || now.VersionID != w.older.VersionID {
				t.Errorf("%s, %s: the older version: %v", mode, removal, err)
			}
			w.origin.Hooks.Before = nil
			w.restore()
			w.same("restored")
		}
	}
}

// TestClassOfTheCopy: an object of an archive class, that was fetched back for a while,
// lies in the vault where it can be read at any time, and comes back as it was.
func TestClassOfTheCopy(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		w, m := newWorld(t, setting{mode: mode, versioning: mem.Off, action: quarantine.DoMove, removal: store.RemoveVersion})
		w.origin.Edit(w.scanned, func(a *store.Attributes) { a.Class = "DEEP_ARCHIVE" })
		m, err := w.mover().Move(t.Context(), w.bucket(), m)
		if err != nil || m.State != quarantine.Removed {
			t.Fatalf("%s: %v", m.State, err)
		}
		if lies, err := w.vault.Stat(t.Context(), m.Vault); err != nil || lies.Class != "" {
			t.Errorf("%s: lies in the class %q: %v", mode, lies.Class, err)
		}
		w.restore()
		w.same("restored")
		if now, err := w.origin.Stat(t.Context(), store.Object{Key: objectKey, Size: -1}); err != nil || now.Class != "DEEP_ARCHIVE" {
			t.Errorf("%s: comes back in the class %q: %v", mode, now.Class, err)
		}
	}
}

// TestOwnTagDoesNotComeBack: an object that was tagged before it was moved is restored
// as it was before that, so that a policy that denies access by the tag does no more.
func TestOwnTagDoesNotComeBack(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		w, m := newWorld(t, setting{mode: mode, versioning: mem.Enabled, action: quarantine.DoMove, removal: store.RemoveVersion})
		before, err := w.origin.Stat(t.Context(), w.scanned)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.origin.Tag(t.Context(), w.scanned, map[string]string{quarantine.TagName: quarantine.TagRefused}); err != nil {
			t.Fatal(err)
		}
		if m, err = w.mover().Move(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Removed {
			t.Fatalf("%s: %v", m.State, err)
		}
		if m, err = w.mover().Restore(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Restored {
			t.Fatalf("%s: %v", m.State, err)
		}
		back, err := w.origin.Stat(t.Context(), m.Returned)
		if err != nil || !maps.Equal(back.Tags, before.Tags) || len(before.Tags) == 0 {
			t.Errorf("%s: tags %v, want %v: %v", mode, back.Tags, before.Tags, err)
		}
	}
}
