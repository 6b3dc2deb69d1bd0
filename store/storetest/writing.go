package storetest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/sluice-dlp/sluice/store"
)

// Writer is a bucket that can be changed: quarantine.Bucket with List, declared
// here again because this package is below that one.
type Writer interface {
	Source
	Stat(ctx context.Context, o store.Object) (store.Attributes, error)
	Put(ctx context.Context, key string, body io.Reader, w store.Write) (store.Object, error)
	Copy(ctx context.Context, key string, from store.Object, w store.Write) (store.Object, error)
	Tag(ctx context.Context, o store.Object, tags map[string]string) error
	Remove(ctx context.Context, o store.Object, how store.Removal) (marker string, err error)
	RemoveAll(ctx context.Context, key string) error
}

// Versioning is whether a bucket keeps versions, in S3's words.
type Versioning string

const (
	Off       Versioning = ""
	Enabled   Versioning = "Enabled"
	Suspended Versioning = "Suspended"
)

// Writable is an empty bucket without versions.
type Writable struct {
	Writer
	Name    string
	Version func(t *testing.T, v Versioning)   // changes whether it keeps versions
	Hold    func(t *testing.T, o store.Object) // puts a legal hold on a version; nil if the store has none
	Forgets func(a *store.Attributes)          // clears what the store cannot keep; nil if it keeps all
	Refuses func(key string) bool              // keys that the store cannot hold; nil if it holds all

	// Some stores lose track of the version "null" when others are beside it,
	// whatever the driver does, and some take a key with a delete marker for
	// one that has an object.
	LosesNull, MarkerExists bool
}

// Large is a length that a driver under test should not write or copy in one
// request.
const Large = 11<<20 + 7

// RunWriting runs the suite of what a driver does to buckets. bucket is called
// several times for a test and returns buckets of the same store.
func RunWriting(t *testing.T, bucket func(t *testing.T) Writable) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, bucket func(t *testing.T) Writable)
	}{
		{"PutGivesWhatWasSent", putGivesWhatWasSent},
		{"PutKeepsAttributes", putKeepsAttributes},
		{"PutOddKeys", putOddKeys},
		{"PutReplaces", putReplaces},
		{"PutAbsent", putAbsent},
		{"PutAbsentRace", putAbsentRace},
		{"PutBrokenBody", putBrokenBody},
		{"PutCancelled", putCancelled},
		{"CopyIsTheSame", copyIsTheSame},
		{"CopyPinned", copyPinned},
		{"CopyAbsent", copyAbsent},
		{"Stat", stat},
		{"Tag", tag},
		{"RemoveVersion", removeVersion},
		{"RemoveStale", removeStale},
		{"RemoveMarker", removeMarker},
		{"RemoveDeleteMarker", removeDeleteMarker},
		{"RemoveCopies", removeCopies},
		{"RemoveSuspended", removeSuspended},
		{"RemoveNull", removeNull},
		{"RemoveHeld", removeHeld},
		{"RemoveAll", removeAll},
		{"RemoveNothing", removeNothing},
		{"OtherBucket", otherBucket},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Cleanup(func() { checkNoGoroutines(t) })
			tt.test(t, bucket)
		})
	}
}

// each runs a test on a bucket without versions, one with, and one that has had
// them.
func each(t *testing.T, bucket func(t *testing.T) Writable, test func(t *testing.T, b Writable, v Versioning)) {
	for _, v := range []Versioning{Off, Enabled, Suspended} {
		t.Run(cmp.Or(string(v), "Off"), func(t *testing.T) {
			b := bucket(t)
			if v != Off {
				b.Version(t, Enabled)
				b.Version(t, v)
			}
			test(t, b, v)
		})
	}
}

func putGivesWhatWasSent(t *testing.T, bucket func(t *testing.T) Writable) {
	each(t, bucket, func(t *testing.T, b Writable, _ Versioning) {
		for _, n := range []int{0, 1, 32<<10 - 1, 32 << 10, 32<<10 + 1, 3 << 20, Large} {
			body, key := random(n), fmt.Sprintf("object-%d", n)
			// A reader that gives little at a time, and its end with the last bytes.
			o, err := b.Put(t.Context(), key, iotest.DataErrReader(iotest.HalfReader(bytes.NewReader(body))), store.Write{})
			if err != nil {
				t.Fatalf("Put of %d bytes: %v", n, err)
			}
			b.has(t, o, body)
		}
	})
}

// attributes are all that can be kept with an object.
func attributes() store.Attributes {
	return store.Attributes{
		ContentType:        "text/csv; charset=utf-8",
		ContentEncoding:    "gzip",
		ContentDisposition: `attachment; filename="a b.csv"`,
		ContentLanguage:    "de-CH, en",
		CacheControl:       "max-age=30, no-transform",
		Expires:            "Wed, 21 Oct 2026 07:28:00 GMT",
		Redirect:           "/elsewhere",
		Metadata:           map[string]string{"owner": "the payroll team", "x": "a=b&c;d,e/f+g", "sluice-move": "0123456789abcdef"},
		Tags:               map[string]string{"class": "red", "a b": "c+d=e:f/g@h", "empty": "", "übung": "größer"},
	}
}

func (b Writable) kept(a store.Attributes) store.Attributes {
	if b.Forgets != nil {
		b.Forgets(&a)
	}
	return a
}

func putKeepsAttributes(t *testing.T, bucket func(t *testing.T) Writable) {
	each(t, bucket, func(t *testing.T, b Writable, _ Versioning) {
		for _, n := range []int{0, 10, Large} {
			key := fmt.Sprintf("object-%d", n)
			want := b.kept(attributes())
			o, err := b.Put(t.Context(), key, bytes.NewReader(random(n)), store.Write{Attributes: want})
			if err != nil {
				t.Fatalf("Put of %d bytes: %v", n, err)
			}
			b.keeps(t, o, want)
		}
	})
}

func putOddKeys(t *testing.T, bucket func(t *testing.T) Writable) {
	b, other := bucket(t), bucket(t)
	b.Version(t, Enabled)
	for i, key := range oddKeys {
		if b.Refuses != nil && b.Refuses(key) {
			continue
		}
		body := fmt.Appendf(nil, "body %d", i)
		o, err := b.Put(t.Context(), key, bytes.NewReader(body), store.Write{})
		if err != nil {
			t.Errorf("Put %q: %v", key, err)
			continue
		}
		copied, err := other.Copy(t.Context(), key, o, store.Write{})
		if err != nil {
			t.Errorf("Copy %q: %v", key, err)
			continue
		}
		other.has(t, copied, body)
		if err := b.Tag(t.Context(), o, map[string]string{"a": "b"}); err != nil {
			t.Errorf("Tag %q: %v", key, err)
		}
		if _, err := b.Remove(t.Context(), o, store.RemoveCopies); err != nil {
			t.Errorf("Remove %q: %v", key, err)
		}
		b.lacks(t, o)
	}
}

func putReplaces(t *testing.T, bucket func(t *testing.T) Writable) {
	each(t, bucket, func(t *testing.T, b Writable, v Versioning) {
		one, two := b.put(t, "key", "one"), b.put(t, "key", "two")
		b.has(t, store.Object{Key: "key", Size: -1}, []byte("two"))
		b.has(t, two, []byte("two"))
		if v == Enabled {
			b.has(t, one, []byte("one"))
		} else {
			wantError(t, b, one, store.ErrChanged)
		}
	})
}

func putAbsent(t *testing.T, bucket func(t *testing.T) Writable) {
	each(t, bucket, func(t *testing.T, b Writable, v Versioning) {
		for _, n := range []int{10, Large} {
			key, body := fmt.Sprintf("object-%d", n), random(n)
			first, err := b.Put(t.Context(), key, bytes.NewReader(body), store.Write{Absent: true})
			if err != nil {
				t.Fatalf("Put where nothing is: %v", err)
			}
			if _, err := b.Put(t.Context(), key, bytes.NewReader(random(n+1)), store.Write{Absent: true}); !errors.Is(err, store.ErrExists) {
				t.Errorf("Put where something is = %v, want ErrExists", err)
			}
			b.has(t, store.Object{Key: key, Size: -1}, body)
			if b.MarkerExists && v != Off {
				continue
			}
			if _, err := b.Remove(t.Context(), first, store.RemoveMarker); err != nil {
				t.Fatal(err)
			}
			again, err := b.Put(t.Context(), key, bytes.NewReader(body), store.Write{Absent: true})
			if err != nil {
				t.Fatalf("Put where something was: %v", err)
			}
			b.has(t, again, body)
		}
	})
}

func putAbsentRace(t *testing.T, bucket func(t *testing.T) Writable) {
	b := bucket(t)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = b.Put(t.Context(), "key", strings.NewReader(fmt.Sprint("body of ", i)), store.Write{Absent: true})
		})
	}
	wg.Wait()
	won := slices.IndexFunc(errs, func(err error) bool { return err == nil })
	for i, err := range errs {
		if i != won && !errors.Is(err, store.ErrExists) {
			t.Errorf("writer %d: %v, want ErrExists", i, err)
		}
	}
	if won < 0 {
		t.Fatal("nobody won")
	}
	b.has(t, store.Object{Key: "key", Size: -1}, fmt.Appendf(nil, "body of %d", won))
}

func putBrokenBody(t *testing.T, bucket func(t *testing.T) Writable) {
	b := bucket(t)
	for _, broken := range []error{errors.New("broken on purpose"), io.ErrUnexpectedEOF} { // the latter is no end
		for _, n := range []int{0, 10, 1 << 20, Large} {
			body := io.MultiReader(bytes.NewReader(random(n)), iotest.ErrReader(broken))
			if _, err := b.Put(t.Context(), "key", body, store.Write{}); !errors.Is(err, broken) {
				t.Errorf("Put of a body that breaks after %d bytes (%v) = %v", n, broken, err)
			}
		}
	}
	b.empty(t)
}

func putCancelled(t *testing.T, bucket func(t *testing.T) Writable) {
	b := bucket(t)
	for _, n := range []int{0, Large - 5} {
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("enough of it")
		end := readerFunc(func([]byte) (int, error) { cancel(reason); return 0, io.EOF })
		_, err := b.Put(ctx, "key", io.MultiReader(bytes.NewReader(random(n)), end), store.Write{})
		if !errors.Is(err, reason) {
			t.Errorf("Put of %d bytes, cancelled at its end = %v, want the cause", n, err)
		}
	}
	b.empty(t)
	o := b.put(t, "key", "body")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Copy(ctx, "copy", o, store.Write{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Copy, cancelled = %v", err)
	}
	if _, err := b.Remove(ctx, o, store.RemoveVersion); !errors.Is(err, context.Canceled) {
		t.Errorf("Remove, cancelled = %v", err)
	}
	b.has(t, o, []byte("body"))
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// copyIsTheSame copies out of a bucket and back, in one request and in many.
func copyIsTheSame(t *testing.T, bucket func(t *testing.T) Writable) {
	each(t, bucket, func(t *testing.T, b Writable, v Versioning) {
		vault := bucket(t)
		vault.Version(t, Enabled)
		for _, n := range []int{0, 10, Large} {
			body, key := random(n), fmt.Sprintf("dir/object-%d", n)
			was := b.kept(attributes())
			o, err := b.Put(t.Context(), key, bytes.NewReader(body), store.Write{Attributes: was})
			if err != nil {
				t.Fatal(err)
			}
			there, err := vault.Copy(t.Context(), "vault/"+key, o, store.Write{Attributes: was})
			if err != nil {
				t.Fatalf("Copy of %d bytes: %v", n, err)
			}
			vault.has(t, there, body)
			vault.keeps(t, there, was)
			bare, err := vault.Copy(t.Context(), "vault/"+key, o, store.Write{})
			if err != nil {
				t.Fatalf("Copy of %d bytes in place of a copy: %v", n, err)
			}
			vault.has(t, bare, body)
			vault.keeps(t, bare, store.Attributes{})
			vault.has(t, there, body)
			if _, err := b.Remove(t.Context(), o, store.RemoveVersion); err != nil {
				t.Fatal(err)
			}
			back, err := b.Copy(t.Context(), key, there, store.Write{Attributes: was, Absent: !b.MarkerExists || v != Suspended})
			if err != nil {
				t.Fatalf("Copy of %d bytes back: %v", n, err)
			}
			b.has(t, back, body)
			b.keeps(t, back, was)
		}
	})
}

func copyPinned(t *testing.T, bucket func(t *testing.T) Writable) {
	each(t, bucket, func(t *testing.T, b Writable, v Versioning) {
		for _, n := range []int{10, Large} {
			key := fmt.Sprintf("object-%d", n)
			body := random(n)
			one, err := b.Put(t.Context(), key, bytes.NewReader(body), store.Write{})
			if err != nil {
				t.Fatal(err)
			}
			b.put(t, key, "two")
			_, err = b.Copy(t.Context(), "copy", store.Object{Bucket: b.Name, Key: key, ETag: one.ETag, Size: -1}, store.Write{})
			if !errors.Is(err, store.ErrChanged) {
				t.Errorf("Copy of what is not the newest = %v, want ErrChanged", err)
			}
			b.lacks(t, store.Object{Key: "copy"})
			if v != Enabled {
				continue
			}
			other := one
			other.ETag = strings.Repeat("0", 32)
			if _, err := b.Copy(t.Context(), "copy", other, store.Write{}); !errors.Is(err, store.ErrChanged) {
				t.Errorf("Copy of a version with the ETag of another = %v, want ErrChanged", err)
			}
			got, err := b.Copy(t.Context(), key, one, store.Write{})
			if err != nil {
				t.Fatalf("Copy of an old version on its own key: %v", err)
			}
			b.has(t, got, body)
		}
		if _, err := b.Copy(t.Context(), "copy", store.Object{Bucket: b.Name, Key: "nothing", ETag: strings.Repeat("0", 32)}, store.Write{}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Copy of nothing = %v, want ErrNotFound", err)
		}
		if _, err := b.Copy(t.Context(), "copy", store.Object{Bucket: "no-such-bucket-" + b.Name, Key: "key"}, store.Write{}); !errors.Is(err, store.ErrNoBucket) {
			t.Errorf("Copy out of no bucket = %v, want ErrNoBucket", err)
		}
	})
}

func copyAbsent(t *testing.T, bucket func(t *testing.T) Writable) {
	b := bucket(t)
	there := b.put(t, "there", "there")
	for _, n := range []int{0, 10, Large} {
		o, err := b.Put(t.Context(), fmt.Sprintf("object-%d", n), bytes.NewReader(random(n)), store.Write{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Copy(t.Context(), "there", o, store.Write{Absent: true}); !errors.Is(err, store.ErrExists) {
			t.Errorf("Copy of %d bytes where something is = %v, want ErrExists", n, err)
		}
		b.has(t, there, []byte("there"))
		got, err := b.Copy(t.Context(), fmt.Sprintf("free-%d", n), o, store.Write{Absent: true})
		if err != nil {
			t.Fatalf("Copy of %d bytes where nothing is: %v", n, err)
		}
		b.has(t, got, random(n))
	}
}

func stat(t *testing.T, bucket func(t *testing.T) Writable) {
	each(t, bucket, func(t *testing.T, b Writable, v Versioning) {
		o := b.put(t, "key", "body")
		for _, tt := range []struct {
			name string
			o    store.Object
			want error
		}{
			{"as written", o, nil},
			{"by ETag", store.Object{Key: "key", ETag: o.ETag}, nil},
			{"by key", store.Object{Key: "key"}, nil},
			{"with another ETag", store.Object{Key: "key", ETag: strings.Repeat("0", 32)}, store.ErrChanged},
			{"of another key", store.Object{Key: "key/key", ETag: o.ETag}, store.ErrNotFound},
		} {
			a, err := b.Stat(t.Context(), tt.o)
			if !errors.Is(err, tt.want) {
				t.Errorf("Stat %s = %v, want %v", tt.name, err, tt.want)
			}
			if err == nil && (a.Bucket != b.Name || a.Key != "key" || a.ETag != o.ETag || a.Size != 4 || o.VersionID != "" && a.VersionID != o.VersionID ||
				a.Modified.IsZero() || time.Since(a.Modified) > time.Hour || a.Modified.Location() != time.UTC) {
				t.Errorf("Stat %s = %+v, which was written as %+v", tt.name, a.Object, o)
			}
		}
		if v != Off {
			if _, err := b.Remove(t.Context(), o, store.RemoveMarker); err != nil {
				t.Fatal(err)
			}
			b.lacks(t, store.Object{Key: "key"})
		}
		if v == Enabled {
			b.has(t, o, []byte("body"))
		}
	})
}

func tag(t *testing.T, bucket func(t *testing.T) Writable) {
	each(t, bucket, func(t *testing.T, b Writable, v Versioning) {
		old := b.put(t, "key", "old")
		o, err := b.Put(t.Context(), "key", strings.NewReader("body"), store.Write{Attributes: store.Attributes{Tags: map[string]string{"a": "1", "b": "2"}}})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"a": "1", "b": "3", "c d": "4+5"}
		for range 2 {
			if err := b.Tag(t.Context(), o, map[string]string{"b": "3", "c d": "4+5"}); err != nil {
				t.Fatal(err)
			}
			b.keeps(t, o, store.Attributes{Tags: want})
		}
		many := make(map[string]string)
		for i := range 9 {
			many[fmt.Sprint("many-", i)] = "x"
		}
		if err := b.Tag(t.Context(), o, many); err == nil {
			t.Error("more than ten tags were set")
		}
		b.keeps(t, o, store.Attributes{Tags: want})
		if err := b.Tag(t.Context(), store.Object{Key: "key", ETag: old.ETag}, want); !errors.Is(err, store.ErrChanged) {
			t.Errorf("Tag what was replaced = %v, want ErrChanged", err)
		}
		if err := b.Tag(t.Context(), store.Object{Key: "nothing"}, want); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Tag nothing = %v, want ErrNotFound", err)
		}
		if v == Enabled {
			if err := b.Tag(t.Context(), old, map[string]string{"old": "yes"}); err != nil {
				t.Fatal(err)
			}
			b.keeps(t, old, store.Attributes{Tags: map[string]string{"old": "yes"}})
			b.keeps(t, o, store.Attributes{Tags: want})
		}
	})
}

func removeVersion(t *testing.T, bucket func(t *testing.T) Writable) {
	each(t, bucket, func(t *testing.T, b Writable, v Versioning) {
		beside := []store.Object{b.put(t, "key-beside", "body"), b.put(t, "key0", "body")}
		for _, n := range []int{0, 10, Large} {
			o, err := b.Put(t.Context(), "key", bytes.NewReader(random(n)), store.Write{})
			if err != nil {
				t.Fatal(err)
			}
			// As it is listed: with an ETag, without a version id.
			marker, err := b.Remove(t.Context(), store.Object{Bucket: b.Name, Key: "key", ETag: o.ETag, Size: int64(n)}, store.RemoveVersion)
			if err != nil || (marker != "" && v != Suspended) {
				t.Errorf("Remove = %q, %v", marker, err)
			}
			b.lacks(t, store.Object{Key: "key"})
			if v != Suspended { // there it names the delete marker
				b.lacks(t, o)
			}
			if _, err := b.Remove(t.Context(), store.Object{Key: "key", ETag: o.ETag}, store.RemoveVersion); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("Remove again = %v, want ErrNotFound", err)
			}
		}
		for _, o := range beside {
			b.has(t, o, []byte("body"))
		}
	})
}

// removeStale removes what was replaced before the call, by its ETag only.
func removeStale(t *testing.T, bucket func(t *testing.T) Writable) {
	each(t, bucket, func(t *testing.T, b Writable, _ Versioning) {
		old, o := b.put(t, "key", "old"), b.put(t, "key", "new")
		for _, how := range []store.Removal{store.RemoveVersion, store.RemoveMarker, store.RemoveCopies} {
			if _, err := b.Remove(t.Context(), store.Object{Bucket: b.Name, Key: "key", ETag: old.ETag}, how); !errors.Is(err, store.ErrChanged) {
				t.Errorf("Remove %s of what was replaced = %v, want ErrChanged", how, err)
			}
			b.has(t, store.Object{Key: "key"}, []byte("new"))
			b.has(t, o, []byte("new"))
		}
		// The same bytes, written at another time: only the time tells.
		now, err := b.Stat(t.Context(), store.Object{Key: "key"})
		if err != nil {
			t.Fatal(err)
		}
		earlier := store.Object{Bucket: b.Name, Key: "key", ETag: now.ETag, Modified: now.Modified.Add(-time.Hour)}
		for _, how := range []store.Removal{store.RemoveVersion, store.RemoveMarker, store.RemoveCopies} {
			if _, err := b.Remove(t.Context(), earlier, how); !errors.Is(err, store.ErrChanged) {
				t.Errorf("Remove %s of the same bytes of another time = %v, want ErrChanged", how, err)
			}
			b.has(t, o, []byte("new"))
		}
		if _, err := b.Remove(t.Context(), now.Object, store.RemoveVersion); err != nil {
			t.Errorf("Remove of what is there: %v", err)
		}
	})
}

func removeMarker(t *testing.T, bucket func(t *testing.T) Writable) {
	b := bucket(t)
	before := b.put(t, "before", "from before versions")
	b.Version(t, Enabled)
	old, o := b.put(t, "key", "old"), b.put(t, "key", "new")
	if _, err := b.Remove(t.Context(), old, store.RemoveMarker); !errors.Is(err, store.ErrChanged) {
		t.Errorf("hide what is not the newest = %v, want ErrChanged", err)
	}
	marker, err := b.Remove(t.Context(), o, store.RemoveMarker)
	if err != nil || marker == "" {
		t.Fatalf("hide = %q, %v", marker, err)
	}
	b.lacks(t, store.Object{Key: "key"})
	b.has(t, o, []byte("new"))
	b.has(t, old, []byte("old"))
	if _, err := b.Remove(t.Context(), o, store.RemoveMarker); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("hide again = %v, want ErrNotFound", err)
	}
	marker, err = b.Remove(t.Context(), store.Object{Key: "before", ETag: before.ETag}, store.RemoveMarker)
	if err != nil || marker == "" {
		t.Fatalf("hide what was written before there were versions = %q, %v", marker, err)
	}
	b.lacks(t, store.Object{Key: "before"})
	if !b.LosesNull {
		b.has(t, store.Object{Key: "before", VersionID: "null"}, []byte("from before versions"))
	}
}

func removeDeleteMarker(t *testing.T, bucket func(t *testing.T) Writable) {
	b := bucket(t)
	b.Version(t, Enabled)
	o := b.put(t, "key", "body")
	marker, err := b.Remove(t.Context(), o, store.RemoveMarker)
	if err != nil {
		t.Fatal(err)
	}
	named := store.Object{Bucket: b.Name, Key: "key", VersionID: marker}
	if _, err := b.Remove(t.Context(), store.Object{Key: "key", VersionID: o.VersionID}, store.RemoveVersion); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("remove a version that is no delete marker, without its ETag = %v, want ErrNotFound", err)
	}
	b.has(t, o, []byte("body"))
	if _, err := b.Remove(t.Context(), named, store.RemoveVersion); err != nil {
		t.Fatal(err)
	}
	b.has(t, store.Object{Key: "key"}, []byte("body"))
	if _, err := b.Remove(t.Context(), named, store.RemoveVersion); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("remove the delete marker again = %v, want ErrNotFound", err)
	}
	b.has(t, store.Object{Key: "key"}, []byte("body"))
	if b.LosesNull {
		return
	}
	b.Version(t, Suspended)
	if marker, err = b.Remove(t.Context(), o, store.RemoveMarker); err != nil || marker != "null" {
		t.Fatalf("hide while versions are suspended = %q, %v", marker, err)
	}
	named.VersionID = marker
	if _, err := b.Remove(t.Context(), named, store.RemoveVersion); !errors.Is(err, store.ErrUnsafe) {
		t.Errorf("remove a delete marker whose place an object may take = %v, want ErrUnsafe", err)
	}
	b.Version(t, Enabled)
	if _, err := b.Remove(t.Context(), named, store.RemoveVersion); err != nil {
		t.Errorf("remove the delete marker \"null\" of a bucket with versions: %v", err)
	}
	b.has(t, store.Object{Key: "key"}, []byte("body"))
}

func removeCopies(t *testing.T, bucket func(t *testing.T) Writable) {
	b := bucket(t)
	var copies []store.Object
	if !b.LosesNull {
		o := b.put(t, "key", "body")
		o.VersionID = "null"
		copies = append(copies, o)
	}
	b.Version(t, Enabled)
	copies = append(copies, b.put(t, "key", "body"))
	named := copies[len(copies)-1]
	other := b.put(t, "key", "other")
	copies = append(copies, b.put(t, "key", "body"), b.put(t, "key", "body"))
	beside := []store.Object{b.put(t, "key ", "body"), b.put(t, "key0", "body")}
	if _, err := b.Remove(t.Context(), named, store.RemoveCopies); err != nil {
		t.Fatal(err)
	}
	for _, o := range copies {
		b.lacks(t, o)
	}
	b.has(t, other, []byte("other"))
	b.has(t, store.Object{Key: "key"}, []byte("other"))
	for _, o := range beside {
		b.has(t, o, []byte("body"))
	}
	if _, err := b.Remove(t.Context(), named, store.RemoveCopies); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("remove copies again = %v, want ErrNotFound", err)
	}
}

func removeSuspended(t *testing.T, bucket func(t *testing.T) Writable) {
	for _, tt := range []struct {
		name   string
		remove func(t *testing.T, b Writable, first, second store.Object) (string, error)
		marker string
		err    error
		left   []string // of the bodies
	}{
		{"null that is not the newest", func(t *testing.T, b Writable, first, second store.Object) (string, error) {
			return b.Remove(t.Context(), first, store.RemoveVersion)
		}, "", store.ErrUnsafe, []string{"first", "second"}},
		{"marker in place of null", func(t *testing.T, b Writable, first, second store.Object) (string, error) {
			return b.Remove(t.Context(), second, store.RemoveMarker)
		}, "", store.ErrUnsafe, []string{"first", "second"}},
		{"version by id", func(t *testing.T, b Writable, first, second store.Object) (string, error) {
			return b.Remove(t.Context(), second, store.RemoveVersion)
		}, "", nil, []string{"first"}},
		{"null that is the newest", func(t *testing.T, b Writable, first, second store.Object) (string, error) {
			if _, err := b.Remove(t.Context(), second, store.RemoveVersion); err != nil {
				return "", err
			}
			return b.Remove(t.Context(), first, store.RemoveVersion)
		}, "null", nil, nil},
		{"marker where there is no null", func(t *testing.T, b Writable, first, second store.Object) (string, error) {
			b.Version(t, Enabled)
			if _, err := b.Remove(t.Context(), first, store.RemoveVersion); err != nil {
				return "", err
			}
			b.Version(t, Suspended)
			return b.Remove(t.Context(), second, store.RemoveMarker)
		}, "null", nil, []string{"second"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := bucket(t)
			if b.LosesNull {
				return
			}
			first := b.put(t, "key", "first")
			b.Version(t, Enabled)
			second := b.put(t, "key", "second")
			b.Version(t, Suspended)
			first.VersionID = "null"
			marker, err := tt.remove(t, b, first, second)
			if !errors.Is(err, tt.err) || marker != tt.marker {
				t.Errorf("Remove = %q, %v; want %q, %v", marker, err, tt.marker, tt.err)
			}
			for body, o := range map[string]store.Object{"first": first, "second": second} {
				if slices.Contains(tt.left, body) {
					b.has(t, o, []byte(body))
				} else {
					b.lacks(t, o)
				}
			}
		})
	}
}

// removeNull is about the version that was written before there were any.
func removeNull(t *testing.T, bucket func(t *testing.T) Writable) {
	b := bucket(t)
	if b.LosesNull {
		return
	}
	first := b.put(t, "key", "first")
	b.Version(t, Enabled)
	second := b.put(t, "key", "second")
	first.VersionID = "null"
	if marker, err := b.Remove(t.Context(), first, store.RemoveVersion); err != nil || marker != "" {
		t.Errorf("Remove = %q, %v", marker, err)
	}
	b.lacks(t, first)
	b.has(t, second, []byte("second"))
	b.has(t, store.Object{Key: "key"}, []byte("second"))
}

func removeHeld(t *testing.T, bucket func(t *testing.T) Writable) {
	b := bucket(t)
	if b.Hold == nil {
		return
	}
	b.Version(t, Enabled)
	o := b.put(t, "key", "body")
	b.Hold(t, o)
	if a, err := b.Stat(t.Context(), o); err != nil || !a.Lock.Hold {
		t.Errorf("Stat = %+v, %v, want a hold", a.Lock, err)
	}
	for _, how := range []store.Removal{store.RemoveVersion, store.RemoveCopies} {
		if _, err := b.Remove(t.Context(), o, how); !errors.Is(err, store.ErrLocked) {
			t.Errorf("Remove %s = %v, want ErrLocked", how, err)
		}
	}
	b.has(t, o, []byte("body"))
	if marker, err := b.Remove(t.Context(), o, store.RemoveMarker); err != nil || marker == "" {
		t.Errorf("hide = %q, %v: a hold does not forbid that", marker, err)
	}
	b.has(t, o, []byte("body"))
}

// removeAll removes what is left of a key, in sight or not, and of no other one.
func removeAll(t *testing.T, bucket func(t *testing.T) Writable) {
	each(t, bucket, func(t *testing.T, b Writable, v Versioning) {
		const key = "a b+c/ö?"
		var all []store.Object
		for _, body := range []string{"one", "two", "three"} {
			all = append(all, b.put(t, key, body))
		}
		beside := []store.Object{b.put(t, key+"x", "body"), b.put(t, "a b+c/o", "body")}
		if v == Enabled {
			if _, err := b.Remove(t.Context(), all[2], store.RemoveMarker); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := b.RemoveAll(t.Context(), key); err != nil {
				t.Fatalf("RemoveAll = %v", err)
			}
			b.lacks(t, store.Object{Key: key})
			for _, o := range all {
				b.lacks(t, o)
			}
		}
		for _, o := range beside {
			b.has(t, o, []byte("body"))
		}
	})
	if b := bucket(t); b.Hold != nil {
		b.Version(t, Enabled)
		o := b.put(t, "held", "body")
		b.Hold(t, o)
		if err := b.RemoveAll(t.Context(), "held"); !errors.Is(err, store.ErrLocked) {
			t.Errorf("RemoveAll of what is held = %v, want ErrLocked", err)
		}
		b.has(t, o, []byte("body"))
	}
}

func removeNothing(t *testing.T, bucket func(t *testing.T) Writable) {
	each(t, bucket, func(t *testing.T, b Writable, _ Versioning) {
		o := b.put(t, "key", "body")
		for _, how := range []store.Removal{store.RemoveVersion, store.RemoveMarker, store.RemoveCopies} {
			if _, err := b.Remove(t.Context(), store.Object{Key: "key"}, how); !errors.Is(err, store.ErrUnsafe) {
				t.Errorf("Remove %s without an ETag = %v, want ErrUnsafe", how, err)
			}
			if _, err := b.Remove(t.Context(), store.Object{Key: "nothing", ETag: o.ETag}, how); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("Remove %s of nothing = %v, want ErrNotFound", how, err)
			}
		}
		if _, err := b.Remove(t.Context(), o, "somehow"); err == nil {
			t.Error("removed in a way that does not exist")
		}
		b.has(t, o, []byte("body"))
	})
}

func otherBucket(t *testing.T, bucket func(t *testing.T) Writable) {
	b, other := bucket(t), bucket(t)
	o := other.put(t, "key", "body")
	b.put(t, "key", "body")
	if _, err := b.Stat(t.Context(), o); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Stat = %v, want ErrNotFound", err)
	}
	if _, err := b.Remove(t.Context(), o, store.RemoveVersion); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Remove = %v, want ErrNotFound", err)
	}
	if err := b.Tag(t.Context(), o, map[string]string{"a": "b"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Tag = %v, want ErrNotFound", err)
	}
	b.has(t, store.Object{Key: "key"}, []byte("body"))
	other.has(t, o, []byte("body"))
}

func (b Writable) put(t *testing.T, key, body string) store.Object {
	t.Helper()
	o, err := b.Put(t.Context(), key, strings.NewReader(body), store.Write{})
	if err != nil {
		t.Fatalf("Put %q: %v", key, err)
	}
	return o
}

// has makes sure that what o names is there, with these bytes.
func (b Writable) has(t *testing.T, o store.Object, body []byte) {
	t.Helper()
	got, answered := read(t, b, o)
	if !bytes.Equal(got, body) {
		t.Errorf("%q has %d bytes that are not the %d written", o.Key, len(got), len(body))
	}
	if o.ETag != "" && answered.ETag != o.ETag || o.VersionID != "" && answered.VersionID != o.VersionID || answered.Size != int64(len(body)) {
		t.Errorf("opened %+v, want %+v", answered, o)
	}
	a, err := b.Stat(t.Context(), o)
	if err != nil {
		t.Errorf("Stat %q: %v", o.Key, err)
	}
	sum := store.NewCRC64NVME()
	sum.Write(body)
	if want := store.CRC64NVME(sum); a.Size != int64(len(body)) || cmp.Or(a.CRC64NVME, want) != want {
		t.Errorf("Stat of %d bytes tells of %d, and of another CRC64NVME: %v", len(body), a.Size, a.CRC64NVME != want)
	}
}

// keeps makes sure that the store has kept want with o.
func (b Writable) keeps(t *testing.T, o store.Object, want store.Attributes) {
	t.Helper()
	got, err := b.Stat(t.Context(), o)
	if err != nil {
		t.Errorf("Stat %q: %v", o.Key, err)
		return
	}
	for _, h := range []struct{ name, got, want string }{
		{"Content-Encoding", got.ContentEncoding, want.ContentEncoding},
		{"Content-Disposition", got.ContentDisposition, want.ContentDisposition},
		{"Content-Language", got.ContentLanguage, want.ContentLanguage},
		{"Cache-Control", got.CacheControl, want.CacheControl},
		{"Expires", got.Expires, want.Expires},
		{"Redirect", got.Redirect, want.Redirect},
		{"class", cmp.Or(got.Class, "STANDARD"), cmp.Or(want.Class, "STANDARD")},
		{"Content-Type", got.ContentType, cmp.Or(want.ContentType, got.ContentType)}, // stores have one of their own
	} {
		if h.got != h.want {
			t.Errorf("%q has %s %q, want %q", o.Key, h.name, h.got, h.want)
		}
	}
	if !maps.Equal(got.Metadata, want.Metadata) {
		t.Errorf("%q has metadata %v, want %v", o.Key, got.Metadata, want.Metadata)
	}
	if !maps.Equal(got.Tags, want.Tags) {
		t.Errorf("%q has tags %v, want %v", o.Key, got.Tags, want.Tags)
	}
}

// lacks makes sure that what o names is not there.
func (b Writable) lacks(t *testing.T, o store.Object) {
	t.Helper()
	if _, err := b.Stat(t.Context(), o); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Stat %q = %v, want ErrNotFound", o.Key, err)
	}
	if o.VersionID == "" {
		for key := range list(t, b) {
			if key == o.Key {
				t.Errorf("%q is listed", key)
			}
		}
	}
}

func (b Writable) empty(t *testing.T) {
	t.Helper()
	if got := list(t, b); len(got) != 0 {
		t.Errorf("%d objects are listed", len(got))
	}
}
