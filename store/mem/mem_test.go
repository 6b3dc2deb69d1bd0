package mem_test

import (
	"errors"
	"io"
	"testing"

	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/mem"
	"github.com/sluice-dlp/sluice/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Bucket {
		b := mem.New("bucket")
		return storetest.Bucket{
			Name:   "bucket",
			Put:    func(key string, body []byte) error { b.Put(key, body); return nil },
			Delete: func(key string) error { b.Delete(key); return nil },
			Source: func(_ *testing.T, prefix, after string) storetest.Source {
				b.Prefix, b.StartAfter = prefix, after
				return b
			},
			Remove: func() error { b.Remove(); return nil },
			Keeps:  true,
		}
	})
}

func TestVersions(t *testing.T) {
	b := mem.New("bucket")
	one, two := b.Put("key", []byte("one")), b.Put("key", []byte("two"))
	b.Delete("key")
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
	o := b.Put("key", []byte("0123456789"))

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
