package quarantine_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"
	"testing"

	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/seal"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/mem"
)

// world is a customer's bucket with one object in it, a vault, and a journal
// that outlives the mover. Each call that leaves the mover is numbered, and can
// be made the last one of a process.
type world struct {
	t       *testing.T
	origin  *mem.Bucket
	vault   *mem.Bucket
	scanned store.Object
	before  store.Attributes
	body    []byte
	older   store.Object      // the version before, if there is one
	journal map[string][]byte // as JSON: what a process holds in memory does not survive

	calls  int
	at     int // number of the call at which something happens; 0: nothing does
	after  bool
	dies   bool   // the process does, with the call
	happen func() // what else does, before the call
	dead   bool
	trace  []string
}

var (
	errKilled = errors.New("killed")
	errLost   = errors.New("the answer was lost")
)

const objectKey = "exports/customers+ü?.csv"

type setting struct {
	mode       quarantine.Mode
	versioning mem.Versioning
	action     quarantine.Action
	removal    store.Removal
	older      bool // there is a version before
}

func (s setting) String() string {
	name := fmt.Sprintf("%s/%s/%s/%s", s.mode, orOff(s.versioning), s.action, s.removal)
	if s.older {
		name += "/older"
	}
	return name
}

func orOff(v mem.Versioning) string {
	if v == mem.Off {
		return "Unversioned"
	}
	return string(v)
}

func settings() (all []setting) {
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		for _, v := range []mem.Versioning{mem.Off, mem.Enabled, mem.Suspended} {
			for _, action := range []quarantine.Action{quarantine.DoCopy, quarantine.DoMove, quarantine.DoMoveStub} {
				for _, removal := range []store.Removal{store.RemoveVersion, store.RemoveMarker, store.RemoveCopies} {
					if v == mem.Suspended && removal == store.RemoveMarker {
						continue // is as RemoveVersion there
					}
					all = append(all, setting{mode, v, action, removal, false})
					if v == mem.Enabled && action != quarantine.DoCopy {
						all = append(all, setting{mode, v, action, removal, true})
					}
				}
			}
		}
	}
	return all
}

func newWorld(t *testing.T, s setting) (*world, quarantine.Move) {
	w := &world{t: t, origin: mem.New("customer"), journal: make(map[string][]byte), body: []byte("name,iban\nexample,DE75512108001245126199\n")}
	w.origin.SetVersioning(s.versioning)
	w.vault = w.origin.Beside("vault")
	if s.older {
		w.older = w.origin.Fill(objectKey, []byte("an older version"))
	}
	o, err := w.origin.Put(t.Context(), objectKey, bytes.NewReader(w.body), store.Write{Attributes: store.Attributes{
		ContentType: "text/csv", CacheControl: "no-store", ContentDisposition: `attachment; filename="x.csv"`,
		Metadata: map[string]string{"owner": "crm"}, Tags: map[string]string{"env": "prod"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.scanned = o
	if w.before, err = w.origin.Stat(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	m := quarantine.Move{
		ID: "000102030405060708090a0b0c0d0e0f", Object: o, Action: s.action, Mode: s.mode, Removal: s.removal, State: quarantine.Planned,
	}
	w.journal[m.ID] = mustJSON(m)
	return w, m
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// mover is one process.
func (w *world) mover() *quarantine.Mover {
	w.dead = false
	return &quarantine.Mover{
		Vault: numbered{w, "vault", w.vault}, Prefix: "q/", Journal: w,
		Encryption: store.Encryption{Algorithm: "aws:kms", KeyID: "arn:aws:kms:eu-central-1:111122223333:key/1"},
		Wrapper:    keys{w}, Unwrapper: keys{w},
	}
}

func (w *world) bucket() quarantine.Bucket { return numbered{w, "origin", w.origin} }

// recorded is the move as a new process finds it.
func (w *world) recorded() (m quarantine.Move) {
	if err := json.Unmarshal(w.journal["000102030405060708090a0b0c0d0e0f"], &m); err != nil {
		w.t.Fatal(err)
	}
	return m
}

// call carries out one call that leaves the process.
func call[T any](w *world, what string, do func() (T, error)) (T, error) {
	var none T
	if w.dead {
		return none, errKilled
	}
	w.calls++
	w.trace = append(w.trace, what)
	hit := w.calls == w.at
	if hit && w.happen != nil {
		w.happen()
	}
	if hit && !w.after && (w.dies || w.happen == nil) {
		w.dead = w.dies
		return none, errKilled
	}
	got, err := do()
	if hit && w.after {
		w.dead = w.dies
		return none, errLost
	}
	return got, err
}

// Record implements quarantine.Journal.
func (w *world) Record(_ context.Context, m quarantine.Move) error {
	_, err := call(w, "record "+string(m.State), func() (any, error) {
		w.journal[m.ID] = mustJSON(m)
		return nil, nil
	})
	return err
}

// numbered counts the calls to a bucket.
type numbered struct {
	w    *world
	name string
	b    *mem.Bucket
}

func (n numbered) Stat(ctx context.Context, o store.Object) (store.Attributes, error) {
	return call(n.w, n.name+" stat", func() (store.Attributes, error) { return n.b.Stat(ctx, o) })
}

func (n numbered) Open(ctx context.Context, o store.Object) (io.ReadCloser, store.Object, error) {
	var got store.Object
	r, err := call(n.w, n.name+" open", func() (r io.ReadCloser, err error) {
		r, got, err = n.b.Open(ctx, o)
		return r, err
	})
	return r, got, err
}

func (n numbered) Put(ctx context.Context, key string, body io.Reader, wr store.Write) (store.Object, error) {
	return call(n.w, n.name+" put", func() (store.Object, error) { return n.b.Put(ctx, key, body, wr) })
}

func (n numbered) Copy(ctx context.Context, key string, from store.Object, wr store.Write) (store.Object, error) {
	return call(n.w, n.name+" copy", func() (store.Object, error) { return n.b.Copy(ctx, key, from, wr) })
}

func (n numbered) Tag(ctx context.Context, o store.Object, tags map[string]string) error {
	_, err := call(n.w, n.name+" tag", func() (any, error) { return nil, n.b.Tag(ctx, o, tags) })
	return err
}

func (n numbered) Remove(ctx context.Context, o store.Object, how store.Removal) (string, error) {
	return call(n.w, n.name+" remove", func() (string, error) { return n.b.Remove(ctx, o, how) })
}

func (n numbered) RemoveAll(ctx context.Context, key string) error {
	_, err := call(n.w, n.name+" remove all", func() (any, error) { return nil, n.b.RemoveAll(ctx, key) })
	return err
}

// keys is a key provider that keeps what it gave.
type keys struct{ w *world }

var (
	givenMu sync.Mutex
	given   = map[string][]byte{}
)

func (k keys) DataKey(context.Context, map[string]string) (seal.DataKey, error) {
	return call(k.w, "data key", func() (seal.DataKey, error) {
		plain := make([]byte, 32)
		rand.Read(plain)
		wrapped := []byte(rand.Text())
		givenMu.Lock()
		given[string(wrapped)] = bytes.Clone(plain)
		givenMu.Unlock()
		return seal.DataKey{Plain: plain, Wrapped: wrapped, Provider: "local", KeyID: "test"}, nil
	})
}

func (k keys) Unwrap(_ context.Context, d seal.DataKey, _ map[string]string) ([]byte, error) {
	return call(k.w, "unwrap", func() ([]byte, error) {
		givenMu.Lock()
		defer givenMu.Unlock()
		if given[string(d.Wrapped)] == nil {
			return nil, errors.New("no such key")
		}
		return bytes.Clone(given[string(d.Wrapped)]), nil
	})
}

// inOrigin reports whether the version that was scanned can still be read.
func (w *world) inOrigin() bool {
	for _, v := range w.origin.Versions(objectKey) {
		if v.ETag == w.scanned.ETag {
			return true
		}
	}
	return false
}

// inVault reports whether the vault has the whole of it, as a holder of the key
// finds it: without the journal.
func (w *world) inVault() bool {
	ctx := context.Background()
	for _, name := range []string{"object", "sealed"} {
		r, _, err := w.vault.Open(ctx, store.Object{Key: "q/000102030405060708090a0b0c0d0e0f/" + name, Size: -1})
		if err != nil {
			continue
		}
		defer r.Close()
		var plain io.Reader = r
		if name == "sealed" {
			opened, err := seal.Open(ctx, r, keys{&world{}})
			if err != nil {
				return false
			}
			plain = opened
		}
		got, err := io.ReadAll(plain)
		return err == nil && bytes.Equal(got, w.body)
	}
	return false
}

// safe fails the test if the object is in neither place.
func (w *world) safe(when string) {
	w.t.Helper()
	if !w.inOrigin() && !w.inVault() {
		w.t.Fatalf("%s: the object is in neither place; calls: %q", when, w.trace)
	}
	if w.older.VersionID != "" {
		if _, err := w.origin.Stat(context.Background(), w.older); err != nil {
			w.t.Fatalf("%s: the older version: %v; calls: %q", when, err, w.trace)
		}
	}
}

// same fails the test unless the newest version of the key is as the object
// was.
func (w *world) same(when string) {
	w.t.Helper()
	now, err := w.origin.Stat(w.t.Context(), store.Object{Key: objectKey, Size: -1})
	if err != nil {
		w.t.Fatalf("%s: %v; calls: %q", when, err, w.trace)
	}
	r, _, err := w.origin.Open(w.t.Context(), now.Object)
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Close()
	got, _ := io.ReadAll(r)
	if !bytes.Equal(got, w.body) || now.ContentType != w.before.ContentType || now.CacheControl != w.before.CacheControl ||
		now.ContentDisposition != w.before.ContentDisposition || !maps.Equal(now.Metadata, w.before.Metadata) || !maps.Equal(now.Tags, w.before.Tags) {
		w.t.Fatalf("%s: the object is not as it was", when)
	}
}

// settle carries on until nothing is left to do, as runs one after the other
// would.
func (w *world) settle() quarantine.Move {
	w.t.Helper()
	for range 5 {
		m, err := w.mover().Move(w.t.Context(), w.bucket(), w.recorded())
		w.safe("on the way")
		if err == nil {
			return m
		}
	}
	w.t.Fatalf("does not settle: %+v; calls: %q", w.recorded(), w.trace)
	panic("unreachable")
}

func (w *world) restore() quarantine.Move {
	w.t.Helper()
	for range 5 {
		m, err := w.mover().Restore(w.t.Context(), w.bucket(), w.recorded())
		w.safe("on the way back")
		if err == nil {
			return m
		}
	}
	w.t.Fatalf("does not come back: %+v; calls: %q", w.recorded(), w.trace)
	panic("unreachable")
}
