package quarantine_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/mem"
)

func wantEnd(s setting) quarantine.State {
	if s.action == quarantine.DoCopy {
		return quarantine.Verified
	}
	return quarantine.Removed
}

// TestCrashMatrix kills the mover before and after each of its calls, and loses
// the answer of each, on the way there and on the way back. Then it goes on from
// the journal.
func TestCrashMatrix(t *testing.T) {
	for _, s := range settings() {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			calls, back := countCalls(t, s)
			for at := 1; at <= calls; at++ {
				for _, fault := range []struct {
					name        string
					after, dies bool
				}{{"killed before", false, true}, {"killed after", true, true}, {"refused", false, false}, {"answer lost", true, false}} {
					w, m := newWorld(t, s)
					w.at, w.after, w.dies = at, fault.after, fault.dies
					when := fmt.Sprintf("%s call %d", fault.name, at)
					if _, err := w.mover().Move(t.Context(), w.bucket(), m); err == nil {
						t.Fatalf("%s: no error; calls: %q", when, w.trace)
					}
					w.safe(when)
					end := w.settle()
					if end.State != wantEnd(s) {
						t.Fatalf("%s: ends %s (%s); calls: %q", when, end.State, end.Error, w.trace)
					}
					if !w.inVault() || (s.action != quarantine.DoCopy && s.removal != store.RemoveMarker && w.inOrigin()) {
						t.Fatalf("%s: in vault %v, in bucket %v; calls: %q", when, w.inVault(), w.inOrigin(), w.trace)
					}
					if err := w.mover().Check(t.Context(), end); err != nil {
						t.Fatalf("%s: %v", when, err)
					}
					if s.action == quarantine.DoCopy {
						continue
					}
					w.restore()
					w.same(when + ", restored")
				}
			}
			if s.action == quarantine.DoCopy {
				return
			}
			for at := 1; at <= back; at++ {
				for _, after := range []bool{false, true} {
					for _, dies := range []bool{false, true} {
						w, m := newWorld(t, s)
						if _, err := w.mover().Move(t.Context(), w.bucket(), m); err != nil {
							t.Fatal(err)
						}
						w.calls, w.at, w.after, w.dies = 0, at, after, dies
						when := fmt.Sprintf("restore, call %d, after %v, dies %v", at, after, dies)
						if _, err := w.mover().Restore(t.Context(), w.bucket(), w.recorded()); err == nil && dies {
							t.Fatalf("%s: no error", when)
						}
						w.safe(when)
						w.restore()
						w.same(when)
						if !w.inVault() {
							t.Fatalf("%s: the vault has lost it", when)
						}
					}
				}
			}
		})
	}
}

// countCalls counts the calls of a move and of its restoring that nothing
// disturbs.
func countCalls(t *testing.T, s setting) (there, back int) {
	w, m := newWorld(t, s)
	m, err := w.mover().Move(t.Context(), w.bucket(), m)
	if err != nil || m.State != wantEnd(s) {
		t.Fatalf("%s: %v; calls: %q", m.State, err, w.trace)
	}
	there = w.calls
	if s.action == quarantine.DoCopy {
		return there, 0
	}
	w.calls = 0
	if m, err = w.mover().Restore(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Restored {
		t.Fatalf("%s: %v; calls: %q", m.State, err, w.trace)
	}
	w.same("restored")
	return there, w.calls
}

// TestIntruders lets somebody replace, delete, or move the object at every call.
func TestIntruders(t *testing.T) {
	newer := []byte("a newer object of somebody else")
	for _, s := range settings() {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			calls, _ := countCalls(t, s)
			for at := 1; at <= calls; at++ {
				t.Run(fmt.Sprint("replaced at call ", at), func(t *testing.T) {
					w, m := newWorld(t, s)
					w.at, w.happen = at, func() { w.origin.Fill(objectKey, newer) }
					_, err := w.mover().Move(t.Context(), w.bucket(), m)
					w.settleAny(err)
					now, err := w.origin.Stat(t.Context(), store.Object{Key: objectKey, Size: -1})
					if err != nil || now.Size != int64(len(newer)) {
						t.Fatalf("the newer object is gone: %v; calls: %q", err, w.trace)
					}
					if m := w.recorded(); m.State == quarantine.Removed && s.action != quarantine.DoCopy {
						if _, err := w.mover().Restore(t.Context(), w.bucket(), m); !errors.Is(err, store.ErrExists) {
							t.Fatalf("restored over a newer object: %v", err)
						}
						now, err := w.origin.Stat(t.Context(), store.Object{Key: objectKey, Size: -1})
						if err != nil || now.Size != int64(len(newer)) {
							t.Fatalf("restoring has harmed the newer object: %v", err)
						}
					}
				})
				t.Run(fmt.Sprint("deleted at call ", at), func(t *testing.T) {
					w, m := newWorld(t, s)
					w.at, w.happen = at, func() { w.origin.Hide(objectKey) }
					_, err := w.mover().Move(t.Context(), w.bucket(), m)
					w.settleAny(err)
				})
				t.Run(fmt.Sprint("moved by another at call ", at), func(t *testing.T) {
					w, m := newWorld(t, s)
					w.at, w.happen = at, func() {
						other := *w
						other.journal, other.calls, other.at = map[string][]byte{}, 0, 0
						second := m
						second.ID = "ffffffffffffffffffffffffffffffff"
						if _, err := other.mover().Move(t.Context(), other.bucket(), second); err != nil {
							t.Error(err)
						}
					}
					_, err := w.mover().Move(t.Context(), w.bucket(), m)
					w.settleAny(err)
					if !w.inOrigin() && !w.inVault() && !w.has("q/ffffffffffffffffffffffffffffffff/") {
						t.Fatalf("lost between two movers; calls: %q", w.trace)
					}
				})
			}
		})
	}
}

// has reports whether the vault has something whole under a prefix.
func (w *world) has(prefix string) bool {
	for _, name := range []string{"object", "sealed"} {
		if len(w.vault.Versions(prefix+name)) > 0 {
			return true
		}
	}
	return false
}

// settleAny goes on until the move is at some end.
func (w *world) settleAny(err error) {
	w.t.Helper()
	w.happen = nil
	for range 5 {
		if err == nil {
			return
		}
		_, err = w.mover().Move(w.t.Context(), w.bucket(), w.recorded())
	}
	w.t.Fatalf("does not settle: %v; calls: %q", err, w.trace)
}

// TestLocked: what a lock, or a missing right, keeps in the bucket is copied,
// tagged and told apart.
func TestLocked(t *testing.T) {
	s := setting{mode: quarantine.SSEKMS, versioning: mem.Enabled, action: quarantine.DoMove, removal: store.RemoveVersion}
	w, m := newWorld(t, s)
	w.origin.Edit(w.scanned, func(a *store.Attributes) { a.Lock.Hold = true })
	m, err := w.mover().Move(t.Context(), w.bucket(), m)
	if err != nil || m.State != quarantine.Kept || m.Reason != store.ReasonLocked {
		t.Fatalf("%s %s: %v", m.State, m.Reason, err)
	}
	now, err := w.origin.Stat(t.Context(), w.scanned)
	if err != nil || now.Tags[quarantine.TagName] != quarantine.TagRefused || now.Tags["env"] != "prod" {
		t.Fatalf("tags %v: %v", now.Tags, err)
	}
	w.origin.Edit(w.scanned, func(a *store.Attributes) { a.Lock.Hold = false })
	if m, err = w.mover().Move(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Removed {
		t.Fatalf("asked again: %s: %v", m.State, err)
	}
	w.restore()
	w.same("restored")
}

// TestStoreThatLies: a vault that does not encrypt, or does not hold what it was
// given, gets nothing removed.
func TestStoreThatLies(t *testing.T) {
	s := setting{mode: quarantine.SSEKMS, versioning: mem.Enabled, action: quarantine.DoMove, removal: store.RemoveVersion}
	for name, lie := range map[string]func(w *world){
		"encryption": func(w *world) { w.vault.DropsEncryption = true },
		"bytes": func(w *world) {
			w.vault.Hooks.After = func(op mem.Op, o store.Object) error {
				if op == mem.Copy {
					w.vault.Edit(o, func(a *store.Attributes) { a.CRC64NVME = "AAAAAAAAAAA=" })
				}
				return nil
			}
		},
		"tags": func(w *world) {
			w.vault.Hooks.After = func(op mem.Op, o store.Object) error {
				if op == mem.Copy {
					w.vault.Edit(o, func(a *store.Attributes) { a.Tags = nil })
				}
				return nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, m := newWorld(t, s)
			lie(w)
			for range 3 {
				var err error
				if m, err = w.mover().Move(t.Context(), w.bucket(), m); !errors.Is(err, store.ErrCorrupt) {
					t.Fatalf("no complaint: %s: %v", m.State, err)
				}
				if !w.inOrigin() || m.State != quarantine.Planned {
					t.Fatalf("in bucket %v, %s", w.inOrigin(), m.State)
				}
			}
		})
	}
}

// TestWithoutChecksums: stores that hold no CRC64NVME are read instead.
func TestWithoutChecksums(t *testing.T) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		w, m := newWorld(t, setting{mode: mode, versioning: mem.Off, action: quarantine.DoMove, removal: store.RemoveVersion})
		w.origin.Edit(w.scanned, func(a *store.Attributes) { a.CRC64NVME = "" })
		w.vault.Hooks.After = func(op mem.Op, o store.Object) error {
			if op == mem.Copy || op == mem.Put {
				w.vault.Edit(o, func(a *store.Attributes) { a.CRC64NVME = "" })
			}
			return nil
		}
		if m, err := w.mover().Move(t.Context(), w.bucket(), m); err != nil || m.State != quarantine.Removed {
			t.Fatalf("%s: %v", m.State, err)
		}
		w.restore()
		w.same("restored")
	}
}

// TestPurge removes all that lies in the vault, also what nobody recorded.
func TestPurge(t *testing.T) {
	s := setting{mode: quarantine.SSEKMS, versioning: mem.Enabled, action: quarantine.DoMove, removal: store.RemoveVersion}
	w, m := newWorld(t, s)
	w.at, w.after, w.dies = 3, true, true // a copy that is not recorded
	w.mover().Move(t.Context(), w.bucket(), m)
	w.settle()
	w.restore()
	m, err := w.mover().Purge(t.Context(), w.recorded())
	if err != nil || m.State != quarantine.Purged || m.InVault() {
		t.Fatalf("%s: %v", m.State, err)
	}
	for _, name := range []string{"object", "manifest.json"} {
		if left := w.vault.Versions("q/" + m.ID + "/" + name); len(left) > 0 {
			t.Errorf("%d versions of %s are left", len(left), name)
		}
	}
}

// TestIntrudersOnTheWayBack lets somebody write an object of the same key at
// every call of a restore: what they wrote stays.
func TestIntrudersOnTheWayBack(t *testing.T) {
	newer := []byte("a newer object of somebody else")
	for _, s := range settings() {
		if s.action == quarantine.DoCopy {
			continue
		}
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			_, calls := countCalls(t, s)
			for at := 1; at <= calls; at++ {
				w, m := newWorld(t, s)
				m, err := w.mover().Move(t.Context(), w.bucket(), m)
				if err != nil {
					t.Fatal(err)
				}
				written := store.Object{}
				w.calls, w.at, w.happen = 0, at, func() { written = w.origin.Fill(objectKey, newer) }
				m, err = w.mover().Restore(t.Context(), w.bucket(), m)
				if err == nil && m.State != quarantine.Restored {
					t.Fatalf("call %d: %s without an error", at, m.State)
				}
				if _, err := w.origin.Stat(t.Context(), written); err != nil {
					t.Fatalf("call %d: what somebody wrote meanwhile is gone: %v; calls: %q", at, err, w.trace)
				}
				if !w.inVault() {
					t.Fatalf("call %d: the vault has lost it", at)
				}
			}
		})
	}
}
