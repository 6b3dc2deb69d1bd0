package lab_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/seal"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/storetest"
)

// safe is a key provider that keeps the keys it gave.
type safe struct {
	mu    sync.Mutex
	given map[string][]byte
}

func (s *safe) DataKey(context.Context, map[string]string) (seal.DataKey, error) {
	plain := make([]byte, 32)
	rand.Read(plain)
	wrapped := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.given == nil {
		s.given = make(map[string][]byte)
	}
	s.given[wrapped] = bytes.Clone(plain)
	return seal.DataKey{Plain: plain, Wrapped: []byte(wrapped), Provider: "safe", KeyID: "test"}, nil
}

func (s *safe) Unwrap(_ context.Context, d seal.DataKey, _ map[string]string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if plain, ok := s.given[string(d.Wrapped)]; ok {
		return bytes.Clone(plain), nil
	}
	return nil, errors.New("no such key")
}

// journal holds what was recorded last of one move.
type journal struct{ text []byte }

func (j *journal) Record(_ context.Context, m quarantine.Move) (err error) {
	j.text, err = json.Marshal(m)
	return err
}

func (j *journal) last(t *testing.T) (m quarantine.Move) {
	t.Helper()
	if err := json.Unmarshal(j.text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

const exportKey = "exports/customers+ü?.csv"

// moving is a customer's bucket with an object that is to be moved, and a vault,
// each behind its own proxy.
type moving struct {
	t             *testing.T
	origin, vault writing
	q             *quarantine.Mover
	j             *journal
	body          []byte
	before        store.Attributes
}

func newMoving(t *testing.T, s server, v types.BucketVersioningStatus, body []byte, m quarantine.Move, enc store.Encryption) *moving {
	t.Helper()
	w := &moving{t: t, origin: newWriting(t, s), vault: newWriting(t, s), j: &journal{}, body: body}
	if v != "" {
		s.version(t, w.origin.bucket, v)
		s.version(t, w.vault.bucket, v)
	}
	keys := &safe{}
	w.q = &quarantine.Mover{Vault: w.vault.b, Prefix: "q/", Journal: w.j, Encryption: enc, Wrapper: keys, Unwrapper: keys}
	o, err := w.origin.b.Put(t.Context(), exportKey, bytes.NewReader(body), store.Write{Attributes: store.Attributes{
		ContentType: "text/csv", ContentEncoding: "identity", ContentDisposition: `attachment; filename="x.csv"`, ContentLanguage: "de",
		CacheControl: "no-store", Metadata: map[string]string{"owner": "crm"}, Tags: map[string]string{"env": "prod", "a b": "c+d"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if w.before, err = w.origin.b.Stat(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	rand.Read(id)
	m.ID, m.State, m.Object = hex.EncodeToString(id), quarantine.Planned, w.before.Object
	if err := w.j.Record(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	return w
}

// same makes sure that the key holds the object as it was.
func (w *moving) same() {
	w.t.Helper()
	r, o, err := w.origin.b.Open(w.t.Context(), store.Object{Key: exportKey, Size: -1})
	if err != nil {
		w.t.Error(err)
		return
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, w.body) {
		w.t.Errorf("%d bytes are back that are not the %d moved (%v)", len(got), len(w.body), err)
	}
	now, err := w.origin.b.Stat(w.t.Context(), o)
	if err != nil {
		w.t.Error(err)
		return
	}
	was := w.before
	if now.ContentType != was.ContentType || now.ContentEncoding != was.ContentEncoding || now.ContentDisposition != was.ContentDisposition ||
		now.ContentLanguage != was.ContentLanguage || now.CacheControl != was.CacheControl || now.Class != was.Class ||
		!maps.Equal(now.Metadata, was.Metadata) || !maps.Equal(now.Tags, was.Tags) || now.Encryption != was.Encryption {
		w.t.Errorf("it is back as %+v, and was %+v", now, was)
	}
}

// inOrigin and inVault look past the proxies for the whole of it.
func (w *moving) inOrigin() bool {
	return w.origin.anyVersion(exportKey, func(body io.Reader) bool { return w.is(body) })
}

func (w *moving) inVault(m quarantine.Move) bool {
	sealed := func(body io.Reader) bool {
		plain, err := seal.Open(w.t.Context(), body, w.q.Unwrapper)
		return err == nil && w.is(plain)
	}
	return w.vault.anyVersion("q/"+m.ID+"/object", w.is) || w.vault.anyVersion("q/"+m.ID+"/sealed", sealed)
}

func (w *moving) is(body io.Reader) bool {
	got, err := io.ReadAll(body)
	return err == nil && bytes.Equal(got, w.body)
}

// anyVersion reports whether a version of key is as it should be.
func (w writing) anyVersion(key string, is func(io.Reader) bool) bool {
	w.t.Helper()
	out, err := w.server.client.ListObjectVersions(w.t.Context(), &awss3.ListObjectVersionsInput{Bucket: &w.bucket})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range out.Versions {
		if *v.Key != key {
			continue
		}
		in := &awss3.GetObjectInput{Bucket: &w.bucket, Key: v.Key}
		if *v.VersionId != "null" {
			in.VersionId = v.VersionId
		}
		got, err := w.server.client.GetObject(w.t.Context(), in)
		if err != nil {
			w.t.Fatal(err)
		}
		ok := is(got.Body)
		got.Body.Close()
		if ok {
			return true
		}
	}
	return false
}

type moveCase struct {
	name       string
	gateway    bool
	server     server
	versioning types.BucketVersioningStatus
	move       quarantine.Move
	encryption store.Encryption
}

func moveCases(t *testing.T) (all []moveCase) {
	gateway, m := versity(), moto(t)
	for _, mode := range []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope} {
		for _, v := range []types.BucketVersioningStatus{"", types.BucketVersioningStatusEnabled} {
			for _, how := range []struct {
				action  quarantine.Action
				removal store.Removal
			}{
				{quarantine.DoMove, store.RemoveVersion},
				{quarantine.DoMove, store.RemoveMarker},
				{quarantine.DoMove, store.RemoveCopies},
				{quarantine.DoMoveStub, store.RemoveVersion},
				{quarantine.DoCopy, ""},
			} {
				if v == "" && (how.removal == store.RemoveMarker || how.removal == store.RemoveCopies) {
					continue // is as RemoveVersion there
				}
				move := quarantine.Move{Action: how.action, Mode: mode, Removal: how.removal}
				name := strings.Join([]string{string(mode), "versioning" + string(v), string(how.action), string(how.removal)}, "/")
				all = append(all,
					moveCase{"versity/" + name, true, gateway, v, move, store.Encryption{}},
					moveCase{"moto/" + name, false, m, v, move, underKMS},
				)
			}
		}
	}
	return all
}

// TestMover moves objects from bucket to bucket and back.
func TestMover(t *testing.T) {
	for _, c := range moveCases(t) {
		for _, body := range [][]byte{nil, random(1000), random(storetest.Large)} {
			if plain := c.move.Action == quarantine.DoMove && c.move.Removal == store.RemoveVersion; len(body) == storetest.Large && !plain {
				continue // which is the same and takes its time
			}
			t.Run(fmt.Sprintf("%s/%d", c.name, len(body)), func(t *testing.T) {
				w := newMoving(t, c.server, c.versioning, body, c.move, c.encryption)
				m, err := w.q.Move(t.Context(), w.origin.b, w.j.last(t))
				if err != nil {
					t.Fatal(err)
				}
				if !w.inVault(m) {
					t.Error("the vault does not have it")
				}
				kept, err := w.vault.b.Stat(t.Context(), m.Vault)
				kept.Encryption.BucketKey = c.encryption.BucketKey // moto forgets it
				if err != nil || kept.Encryption != c.encryption {
					t.Errorf("it lies in the vault encrypted as %+v, want %+v (%v)", kept.Encryption, c.encryption, err)
				}
				if c.move.Action == quarantine.DoCopy {
					if m.State != quarantine.Verified {
						t.Errorf("state %s", m.State)
					}
					w.same()
					return
				}
				if m.State != quarantine.Removed {
					t.Fatalf("state %s: %s", m.State, m.Error)
				}
				if gone := !w.inOrigin(); gone == (c.move.Removal == store.RemoveMarker) {
					t.Errorf("the bucket has it: %v", !gone)
				}
				now, err := w.origin.b.Stat(t.Context(), store.Object{Key: exportKey, Size: -1})
				if stub := c.move.Action == quarantine.DoMoveStub; stub && (err != nil || now.ETag != m.Stub.ETag) || !stub && !errors.Is(err, store.ErrNotFound) {
					t.Errorf("in its place is %+v, %v", now.Object, err)
				}
				if m, err = w.q.Restore(t.Context(), w.origin.b, w.j.last(t)); err != nil || m.State != quarantine.Restored {
					t.Fatalf("Restore: state %s, %v", m.State, err)
				}
				w.same()
				if m, err = w.q.Purge(t.Context(), w.j.last(t)); err != nil || m.State != quarantine.Purged {
					t.Fatalf("Purge: state %s, %v", m.State, err)
				}
				w.same()
				left, err := c.server.client.ListObjectVersions(t.Context(), &awss3.ListObjectVersionsInput{Bucket: &w.vault.bucket})
				if err != nil || len(left.Versions) != 0 {
					t.Errorf("%d versions are left in the vault, %v", len(left.Versions), err)
				}
			})
		}
	}
}

// TestMoverFaults makes every single request to either bucket fail, and every
// answer get lost, with a driver that does not try again, and carries on from
// the journal: the object is somewhere, whole, at every moment, and back in the end.
func TestMoverFaults(t *testing.T) {
	for _, c := range moveCases(t) {
		// The gateway is faster, but takes a delete marker for an object.
		if stub, marker := c.move.Action == quarantine.DoMoveStub, c.move.Removal == store.RemoveMarker; !(c.gateway && stub || !c.gateway && marker) {
			continue
		}
		for name, fault := range map[string]lab.Fault{"fails": {Status: 503, Code: "SlowDown"}, "answer lost": {Lose: true}} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				w := newMoving(t, c.server, c.versioning, random(1000), c.move, c.encryption)
				w.impatient()
				if fault.Lose && c.move.Mode == quarantine.SSEKMS && c.gateway {
					t.Cleanup(w.origin.abort) // at least the one whose id nobody heard
				}
				first := w.j.text
				hit := true
				for n := 0; hit; n++ {
					hit = false
					for _, side := range []writing{w.origin, w.vault} {
						w.j.text = first
						var m quarantine.Move
						fault.Skip, fault.Hits = n, 1
						side.proxy.Requests()
						side.proxy.Inject(fault)
						w.carryOn(&m, "Move", func() (quarantine.Move, error) { return w.q.Move(t.Context(), w.origin.b, w.j.last(t)) })
						if m.State != quarantine.Removed {
							t.Fatalf("request %d of %s: state %s: %s", n, side.bucket, m.State, m.Error)
						}
						w.carryOn(&m, "Restore", func() (quarantine.Move, error) { return w.q.Restore(t.Context(), w.origin.b, w.j.last(t)) })
						if m.State != quarantine.Restored {
							t.Fatalf("request %d of %s: state %s: %s", n, side.bucket, m.State, m.Error)
						}
						hit = hit || len(side.proxy.Requests()) > n
						side.proxy.Heal()
						w.same()
						// What is back is moved again the next time.
						m = quarantine.Move{ID: m.ID, Object: m.Returned, Action: m.Action, Mode: m.Mode, Removal: m.Removal, State: quarantine.Planned}
						if err := w.j.Record(t.Context(), m); err != nil {
							t.Fatal(err)
						}
						first = w.j.text
					}
				}
			})
		}
	}
}

// impatient makes the drivers give up at the first error.
func (w *moving) impatient() {
	for _, side := range []*writing{&w.origin, &w.vault} {
		cfg := side.server.config(side.bucket)
		cfg.Endpoint, cfg.Attempts = side.proxy.Endpoint, 1
		side.b = open(w.t, cfg)
	}
	w.q.Vault = w.vault.b
}

// carryOn calls until there is no error.
func (w *moving) carryOn(m *quarantine.Move, what string, call func() (quarantine.Move, error)) {
	w.t.Helper()
	var err error
	for range 4 {
		*m, err = call()
		if !w.inOrigin() && !w.inVault(*m) {
			w.t.Fatalf("%s: the object is in neither place", what)
		}
		if err == nil {
			return
		}
	}
	w.t.Fatalf("%s does not come to an end: %v", what, err)
}

// TestMoverLeavesOthers lets somebody write to the key while its object is
// moved: theirs stays.
func TestMoverLeavesOthers(t *testing.T) {
	for _, c := range moveCases(t) {
		if c.move.Action != quarantine.DoMove || c.versioning != "" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			w := newMoving(t, c.server, c.versioning, random(1000), c.move, c.encryption)
			w.origin.proxy.Inject(lab.Fault{Kind: lab.Delete, Hits: 1, Before: func() { w.origin.fill(exportKey, []byte("theirs")) }})
			m, err := w.q.Move(t.Context(), w.origin.b, w.j.last(t))
			if err != nil || m.State != quarantine.Changed {
				t.Errorf("state %s, %v", m.State, err)
			}
			w.origin.holds(map[string][]byte{exportKey: []byte("theirs")})
			if !w.inVault(m) {
				t.Error("the vault does not have what was scanned")
			}
			if _, err := w.q.Restore(t.Context(), w.origin.b, m); !errors.Is(err, store.ErrExists) {
				t.Errorf("Restore = %v, want ErrExists", err)
			}
			w.origin.holds(map[string][]byte{exportKey: []byte("theirs")})
		})
	}
}

// TestMoverUnencrypted makes sure that nothing is removed when the vault does not
// encrypt as told, or says that it holds other bytes.
func TestMoverUnencrypted(t *testing.T) {
	move := quarantine.Move{Action: quarantine.DoMove, Mode: quarantine.SSEKMS, Removal: store.RemoveVersion}
	lie := func(w *moving, name, value string) {
		w.vault.proxy.Inject(lab.Fault{Kind: lab.Head, Edit: editHeader(name, value)})
	}
	for name, spoil := range map[string]func(w *moving){
		"no encryption":  func(w *moving) { lie(w, "X-Amz-Server-Side-Encryption", "") },
		"another key":    func(w *moving) { lie(w, "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", keyARN+"0") },
		"other bytes":    func(w *moving) { lie(w, "X-Amz-Checksum-Crc64nvme", "AAAAAAAAAAA=") },
		"another length": func(w *moving) { lie(w, "Content-Length", "999") },
		"no metadata":    func(w *moving) { lie(w, "X-Amz-Meta-Owner", "") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newMoving(t, moto(t), "", random(1000), move, underKMS)
			spoil(w)
			m, err := w.q.Move(t.Context(), w.origin.b, w.j.last(t))
			if !errors.Is(err, store.ErrCorrupt) || m.State != quarantine.Planned || m.Reason != store.ReasonCorrupt {
				t.Errorf("state %s, reason %s, %v", m.State, m.Reason, err)
			}
			w.same()
			w.vault.proxy.Heal()
			if m, err = w.q.Move(t.Context(), w.origin.b, w.j.last(t)); err != nil || m.State != quarantine.Removed {
				t.Errorf("state %s, %v", m.State, err)
			}
		})
	}
	t.Run("versity", func(t *testing.T) {
		w := newMoving(t, versity(), "", random(1000), move, underKMS)
		if m, err := w.q.Move(t.Context(), w.origin.b, w.j.last(t)); !errors.Is(err, store.ErrCorrupt) || m.State != quarantine.Planned {
			t.Errorf("state %s, %v", m.State, err)
		}
		w.same()
	})
}

func editHeader(name, value string) func(*http.Response) {
	return func(resp *http.Response) {
		if resp.Header.Set(name, value); value == "" {
			resp.Header.Del(name)
		}
	}
}

// TestMoverKeeps is about objects that their bucket does not let go of.
func TestMoverKeeps(t *testing.T) {
	for _, message := range []string{"Access Denied", "Access Denied because object protected by object lock."} {
		w := newMoving(t, versity(), types.BucketVersioningStatusEnabled, random(1000),
			quarantine.Move{Action: quarantine.DoMove, Mode: quarantine.Envelope, Removal: store.RemoveVersion}, store.Encryption{})
		w.origin.proxy.Inject(lab.Fault{Kind: lab.Delete, Status: 403, Code: "AccessDenied", Message: message})
		m, err := w.q.Move(t.Context(), w.origin.b, w.j.last(t))
		if err != nil || m.State != quarantine.Kept {
			t.Fatalf("state %s, %v", m.State, err)
		}
		out, err := w.origin.server.client.GetObjectTagging(t.Context(), &awss3.GetObjectTaggingInput{Bucket: &w.origin.bucket, Key: aws.String(exportKey)})
		if err != nil {
			t.Fatal(err)
		}
		tags := make(map[string]string)
		for _, tag := range out.TagSet {
			tags[*tag.Key] = *tag.Value
		}
		if tags[quarantine.TagName] != quarantine.TagRefused || tags["env"] != "prod" {
			t.Errorf("its tags are %v", tags)
		}
		w.origin.proxy.Heal()
		if m, err = w.q.Move(t.Context(), w.origin.b, w.j.last(t)); err != nil || m.State != quarantine.Removed {
			t.Errorf("once more: state %s, %v", m.State, err)
		}
	}
}
