package mem_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/mem"
	"github.com/sluice-dlp/sluice/store/storetest"
)

var _ quarantine.Bucket = (*mem.Bucket)(nil)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Bucket {
		b := mem.New("bucket")
		return storetest.Bucket{
			Name:   "bucket",
			Put:    func(key string, body []byte) error { b.Fill(key, body); return nil },
			Delete: func(key string) error { b.Hide(key); return nil },
			Source: func(_ *testing.T, prefix, after string) storetest.Source {
				b.Prefix, b.StartAfter = prefix, after
				return b
			},
			Remove: func() error { b.Destroy(); return nil },
			Keeps:  true,
		}
	})
}

func TestWriting(t *testing.T) {
	origin := mem.New("origin")
	n := 0
	storetest.RunWriting(t, func(t *testing.T) storetest.Writable {
		n++
		b := origin.Beside(fmt.Sprint("bucket-", n))
		b.SetVersioning(mem.Off)
		return storetest.Writable{
			Writer:  b,
			Name:    fmt.Sprint("bucket-", n),
			Version: func(_ *testing.T, v storetest.Versioning) { b.SetVersioning(mem.Versioning(v)) },
			Hold: func(_ *testing.T, o store.Object) {
				b.Edit(o, func(a *store.Attributes) { a.Lock.Hold = true })
			},
		}
	})
}

func TestVersions(t *testing.T) {
	b := mem.New("bucket")
	one, two := b.Fill("key", []byte("one")), b.Fill("key", []byte("two"))
	b.Hide("key")
	for _, tt := range []struct {
		name string
		o    store.Object
		want string
		err  error
	}{
		{"first by id", one, "one", nil},
		{"second by id", two, "two", nil},
		{"id with the ETag of another", store.Object{Key: "key", VersionID: one.VersionID, ETag: two.ETag}, "", store.ErrChanged},
		{"current, which is a delete marker", store.Object{Key: "key", ETag: two.ETag}, "", store.ErrNotFound},
		{"id that never was", store.Object{Key: "key", VersionID: "99"}, "", store.ErrNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, got, err := b.Open(t.Context(), tt.o)
			if !errors.Is(err, tt.err) {
				t.Fatalf("Open = %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			body, err := io.ReadAll(r)
			if err != nil || string(body) != tt.want || got.VersionID != tt.o.VersionID {
				t.Errorf("read %d bytes of version %s, error %v", len(body), got.VersionID, err)
			}
		})
	}
}

func TestHooks(t *testing.T) {
	fault := errors.New("fault")
	b := mem.New("bucket")
	o := b.Fill("key", []byte("0123456789"))

	b.Hooks.List = func(o store.Object) error { return fault }
	if err := b.List(t.Context(), func(store.Object) error { return nil }); err != fault {
		t.Errorf("List = %v, want the hook's error", err)
	}
	b.Hooks = mem.Hooks{Read: func(_ store.Object, offset int64) error {
		if offset >= 4 {
			return fault
		}
		return nil
	}}
	r, _, err := b.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.ReadFull(r, make([]byte, 4)); n != 4 || err != nil {
		t.Fatalf("read %d bytes, %v", n, err)
	}
	if n, err := r.Read(make([]byte, 4)); n != 0 || err != fault {
		t.Errorf("read %d bytes, %v, want the hook's error", n, err)
	}
	b.Hooks = mem.Hooks{Open: func(store.Object) error { return fault }}
	if _, _, err := b.Open(t.Context(), o); err != fault {
		t.Errorf("Open = %v, want the hook's error", err)
	}
}

// TestFaults makes each call fail before and after it happened, and looks at
// what the bucket holds then.
func TestFaults(t *testing.T) {
	fault := errors.New("fault")
	for _, tt := range []struct {
		op   mem.Op
		call func(b *mem.Bucket, o store.Object) error
		// happened tells from the versions of the keys whether op happened.
		happened func(b *mem.Bucket) bool
	}{
		{mem.Stat, func(b *mem.Bucket, o store.Object) error { _, err := b.Stat(t.Context(), o); return err },
			nil},
		{mem.Put, func(b *mem.Bucket, o store.Object) error {
			_, err := b.Put(t.Context(), "other", strings.NewReader("body"), store.Write{})
			return err
		}, func(b *mem.Bucket) bool { return len(b.Versions("other")) == 1 }},
		{mem.Copy, func(b *mem.Bucket, o store.Object) error {
			_, err := b.Copy(t.Context(), "other", o, store.Write{})
			return err
		}, func(b *mem.Bucket) bool { return len(b.Versions("other")) == 1 }},
		{mem.Tag, func(b *mem.Bucket, o store.Object) error { return b.Tag(t.Context(), o, map[string]string{"a": "b"}) },
			func(b *mem.Bucket) bool { return len(b.Versions("key")[0].Tags) == 1 }},
		{mem.Remove, func(b *mem.Bucket, o store.Object) error {
			_, err := b.Remove(t.Context(), o, store.RemoveVersion)
			return err
		}, func(b *mem.Bucket) bool { return len(b.Versions("key")) == 0 }},
	} {
		for _, after := range []bool{false, true} {
			b := mem.New("bucket")
			o := b.Fill("key", []byte("0123456789"))
			calls := 0
			hook := func(op mem.Op, _ store.Object) error {
				if calls++; op != tt.op {
					t.Errorf("hook for %s during %s", op, tt.op)
				}
				return fault
			}
			if after {
				b.Hooks.After = hook
			} else {
				b.Hooks.Before = hook
			}
			if err := tt.call(b, o); err != fault || calls != 1 {
				t.Errorf("%s = %v after %d calls, want the hook's error after one", tt.op, err, calls)
			}
			if tt.happened != nil && tt.happened(b) != after {
				t.Errorf("%s with a fault, after it = %v: happened = %v", tt.op, after, !after)
			}
		}
	}
}

// TestHookChangesBucket lets somebody else write between two calls of a mover.
func TestHookChangesBucket(t *testing.T) {
	b := mem.New("bucket")
	b.SetVersioning(mem.Off)
	o := b.Fill("key", []byte("scanned"))
	b.Hooks.Before = func(mem.Op, store.Object) error { b.Fill("key", []byte("newer")); return nil }
	if _, err := b.Remove(t.Context(), o, store.RemoveVersion); !errors.Is(err, store.ErrChanged) {
		t.Errorf("Remove = %v, want ErrChanged", err)
	}
	if got := b.Versions("key"); len(got) != 1 || got[0].Size != int64(len("newer")) {
		t.Errorf("the newer object is gone: %+v", got)
	}
}

func TestVersionIDs(t *testing.T) {
	for _, tt := range []struct {
		versioning mem.Versioning
		ids        []string // of two writes
		left       int      // versions then
	}{
		{mem.Off, []string{"", ""}, 1},
		{mem.Enabled, []string{"1", "2"}, 2},
		{mem.Suspended, []string{"null", "null"}, 1},
	} {
		b := mem.New("bucket")
		b.SetVersioning(tt.versioning)
		for i, want := range tt.ids {
			if got := b.Fill("key", []byte{byte(i)}).VersionID; got != want {
				t.Errorf("versioning %q: write %d made version %q, want %q", tt.versioning, i, got, want)
			}
		}
		if got := b.Versions("key"); len(got) != tt.left || got[len(got)-1].VersionID != tt.ids[1] {
			t.Errorf("versioning %q: left %+v", tt.versioning, got)
		}
	}
}

func TestLocks(t *testing.T) {
	for _, tt := range []struct {
		name string
		lock store.Lock
		want error
	}{
		{"hold", store.Lock{Hold: true}, store.ErrLocked},
		{"retention", store.Lock{Mode: "GOVERNANCE", Until: time.Now().Add(time.Hour)}, store.ErrLocked},
		{"retention that is over", store.Lock{Mode: "COMPLIANCE", Until: time.Now().Add(-time.Hour)}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := mem.New("bucket")
			o := b.Fill("key", []byte("body"))
			b.Edit(o, func(a *store.Attributes) { a.Lock = tt.lock })
			if a, err := b.Stat(t.Context(), o); err != nil || a.Lock != tt.lock {
				t.Errorf("Stat = %+v, %v", a.Lock, err)
			}
			if _, err := b.Remove(t.Context(), o, store.RemoveVersion); !errors.Is(err, tt.want) {
				t.Errorf("Remove = %v, want %v", err, tt.want)
			}
			if tt.want == nil {
				return
			}
			if marker, err := b.Remove(t.Context(), o, store.RemoveMarker); err != nil || marker == "" {
				t.Errorf("hide = %q, %v: a lock does not forbid that", marker, err)
			}
		})
	}
}

// TestEncryption is about what a bucket says of a copy: what was demanded, or
// what it does of itself if it does not listen.
func TestEncryption(t *testing.T) {
	origin := mem.New("origin")
	vault := origin.Beside("vault")
	vault.Encryption = store.Encryption{Algorithm: "AES256"}
	demand := store.Encryption{Algorithm: "aws:kms", KeyID: "arn:aws:kms:eu-west-1:111122223333:key/k", BucketKey: true}
	o := origin.Fill("key", []byte("body"))
	for _, tt := range []struct {
		name         string
		demand, want store.Encryption
		drops        bool
	}{
		{"none demanded", store.Encryption{}, vault.Encryption, false},
		{"demanded", demand, demand, false},
		{"demanded in vain", demand, vault.Encryption, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			vault.DropsEncryption = tt.drops
			got, err := vault.Copy(t.Context(), "copy", o, store.Write{Encryption: tt.demand})
			if err != nil {
				t.Fatal(err)
			}
			a, err := vault.Stat(t.Context(), got)
			if err != nil || a.Encryption != tt.want {
				t.Errorf("Stat = %+v, %v; want %+v", a.Encryption, err, tt.want)
			}
			if kms := a.Encryption.Algorithm == "aws:kms"; kms == (a.ETag == o.ETag) {
				t.Errorf("ETag kept = %v under %q", a.ETag == o.ETag, a.Encryption.Algorithm)
			}
			if want := origin.Versions("key")[0].CRC64NVME; a.CRC64NVME != want || want == "" {
				t.Errorf("CRC64NVME = %q, want %q", a.CRC64NVME, want)
			}
		})
	}
	if _, err := mem.New("elsewhere").Copy(t.Context(), "copy", o, store.Write{}); !errors.Is(err, store.ErrNoBucket) {
		t.Errorf("Copy from another store = %v, want ErrNoBucket", err)
	}
}

// TestAttributesAreCopies makes sure that nobody shares maps with the bucket.
func TestAttributesAreCopies(t *testing.T) {
	b := mem.New("bucket")
	w := store.Write{Attributes: store.Attributes{Metadata: map[string]string{"a": "1"}, Tags: map[string]string{"b": "2"}}}
	o, err := b.Put(t.Context(), "key", strings.NewReader("body"), w)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.Stat(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	clear(w.Attributes.Metadata)
	clear(w.Attributes.Tags)
	clear(got.Metadata)
	clear(got.Tags)
	again := b.Versions("key")[0]
	if !maps.Equal(again.Metadata, map[string]string{"a": "1"}) || !maps.Equal(again.Tags, map[string]string{"b": "2"}) {
		t.Errorf("metadata %v, tags %v", again.Metadata, again.Tags)
	}
}
