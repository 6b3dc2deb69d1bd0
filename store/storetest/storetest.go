// Package storetest is the conformance suite that every driver of package
// store passes.
package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/sluice-dlp/sluice/store"
)

// Source is what a run needs of a store: pipeline.Source, declared here again
// because this package is below that one.
type Source interface {
	List(ctx context.Context, yield func(store.Object) error) error
	Open(ctx context.Context, o store.Object) (io.ReadCloser, store.Object, error)
}

// Bucket is an empty bucket to test with, and the way to change it that does
// not go through the driver. Its functions are called from several goroutines at
// a time.
type Bucket struct {
	Name   string // that listed objects must carry
	Put    func(key string, body []byte) error
	Delete func(key string) error

	// Source returns the driver over the bucket, listing only keys that
	// begin with prefix and sort after startAfter.
	Source func(t *testing.T, prefix, startAfter string) Source

	// Remove removes the bucket with what is in it.
	Remove func() error

	// Refuses reports keys that the store cannot hold, whatever the driver
	// does. Nil means that it holds all.
	Refuses func(key string) bool

	// Keeps says that a version that was replaced while it is read can be
	// read on to its end.
	Keeps bool
}

// Run runs the suite. bucket is called once for each test and returns a new
// bucket.
func Run(t *testing.T, bucket func(t *testing.T) Bucket) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, b Bucket)
	}{
		{"ListEmpty", listEmpty},
		{"ListThousands", listThousands},
		{"ListOddKeys", listOddKeys},
		{"ListPrefix", listPrefix},
		{"ListStartAfter", listStartAfter},
		{"ListStops", listStops},
		{"ListCancelled", listCancelled},
		{"OpenGivesWhatWasPut", openGivesWhatWasPut},
		{"OpenEmptyObject", openEmptyObject},
		{"OpenLarge", openLarge},
		{"OpenUnpinned", openUnpinned},
		{"OpenChanged", openChanged},
		{"OpenDeleted", openDeleted},
		{"OpenUnknownKey", openUnknownKey},
		{"OpenManyAtOnce", openManyAtOnce},
		{"OpenCancelled", openCancelled},
		{"ReplacedDuringRead", replacedDuringRead},
		{"CloseAtAnyMoment", closeAtAnyMoment},
		{"NoBucket", noBucket},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Cleanup(func() { checkNoGoroutines(t) })
			tt.test(t, bucket(t))
		})
	}
}

func listEmpty(t *testing.T, b Bucket) {
	if got := list(t, b.Source(t, "", "")); len(got) != 0 {
		t.Errorf("listed %d objects of an empty bucket", len(got))
	}
}

// listThousands has more keys than a page, under prefixes of very different
// width and depth, and a level that is wider than a page.
func listThousands(t *testing.T, b Bucket) {
	want := make(map[string][]byte)
	add := func(n int, format string) {
		for i := range n {
			want[fmt.Sprintf(format, i)] = nil
		}
	}
	add(3, "top-%d")
	add(1100, "flat/%04d")
	add(40, "days/2024/%02d/log")
	add(700, "days/2025/01/02/%03d")
	add(150, "wide/%03d/object")
	add(20, "wide/000/%03d")
	add(1, "a/b/c/d/e/f/g/h/%d")
	putAll(t, b, want)
	checkListed(t, b, list(t, b.Source(t, "", "")), want)
}

// oddKeys are keys that are legal in S3 and hard on encoders.
var oddKeys = []string{
	"plain.txt",
	"with space", " leading and trailing ",
	"a+b", "a&b=c?d#e", "100%", "%41", "%2F", "a;b:c,d@e!f$g'h(i)j*k",
	`back\slash`, `"quoted"`, "<tag>&amp;", "tab\there", "new\nline", "bell\x07",
	"ümläut", "u\u0308mla\u0308ut", "日本語/キー", "😀/emoji 🎉", "\u202eright-to-left", "no\u00a0break",
	"a//b", "//", "trailing/", "dot/./x", "dots/../x", "...", "-dash", "~tilde", ".hidden",
	"x-id=GetObject", "list-type=2",
	"dir/file", "dir-1", "dir.txt", "dir0",
	strings.Repeat("long-segment-/", 70) + strings.Repeat("x", 40),
	strings.Repeat("é", 120),
}

func listOddKeys(t *testing.T, b Bucket) {
	want := make(map[string][]byte)
	for i, key := range oddKeys {
		if b.Refuses == nil || !b.Refuses(key) {
			want[key] = fmt.Appendf(nil, "body %d", i)
		}
	}
	putAll(t, b, want)
	src := b.Source(t, "", "")
	listed := list(t, src)
	checkListed(t, b, listed, want)
	for key, o := range listed {
		body, got := read(t, src, o)
		if !bytes.Equal(body, want[key]) || got.Key != key {
			t.Errorf("key %q: opened another object", key)
		}
	}
}

// tree is a small bucket whose keys try the order of '/' against characters
// before and after it.
func tree() map[string][]byte {
	objects := make(map[string][]byte)
	for _, key := range []string{"a", "a-b", "a/1", "a/2", "a/2/x", "a/3/y", "a0", "b/1", "b/2/deep/er", "b/2/deep/est", "c", "c/c"} {
		objects[key] = []byte(key)
	}
	delete(objects, "a")   // no file system has a file and a directory of one name
	delete(objects, "c")   // likewise
	delete(objects, "a/2") // likewise
	return objects
}

func listPrefix(t *testing.T, b Bucket) {
	objects := tree()
	putAll(t, b, objects)
	for _, prefix := range []string{"a", "a/", "a/2", "b/2/deep/e", "b/2/deep/est", "none", "c/c/c"} {
		want := make(map[string][]byte)
		for key, body := range objects {
			if strings.HasPrefix(key, prefix) {
				want[key] = body
			}
		}
		t.Run(strings.ReplaceAll(prefix, "/", "|"), func(t *testing.T) {
			checkListed(t, b, list(t, b.Source(t, prefix, "")), want)
		})
	}
}

func listStartAfter(t *testing.T, b Bucket) {
	objects := tree()
	for i := range 1200 {
		objects[fmt.Sprintf("many/%d/%04d", i%3, i)] = nil
	}
	putAll(t, b, objects)
	for _, tt := range []struct{ prefix, after string }{
		{"", "a-b"}, {"", "a/1"}, {"", "a/2"}, {"", "a/2/x"}, {"", "a/"}, {"", "b/2/deep/er"}, {"", "b/2/deep/"}, {"", "zzz"}, {"", "A"},
		{"", "many/1/0600"}, {"", "many/1/"}, {"", "many/1"}, {"", "many/3"},
		{"b/", "a"}, {"b/", "b/1"}, {"b/", "b/2"}, {"b/", "c"}, {"many/1/", "many/1/0700"}, {"many/", "many/1/0601"},
	} {
		want := make(map[string][]byte)
		for key, body := range objects {
			if strings.HasPrefix(key, tt.prefix) && key > tt.after {
				want[key] = body
			}
		}
		t.Run(strings.ReplaceAll(tt.prefix+" after "+tt.after, "/", "|"), func(t *testing.T) {
			checkListed(t, b, list(t, b.Source(t, tt.prefix, tt.after)), want)
		})
	}
}

var errEnough = errors.New("enough")

func listStops(t *testing.T, b Bucket) {
	putAll(t, b, tree())
	n := 0
	err := b.Source(t, "", "").List(t.Context(), func(store.Object) error {
		if n++; n == 3 {
			return errEnough
		}
		return nil
	})
	if err != errEnough || n != 3 {
		t.Errorf("List = %v after %d objects, want the error of yield after 3", err, n)
	}
}

func listCancelled(t *testing.T, b Bucket) {
	putAll(t, b, tree())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n := 0
	err := b.Source(t, "", "").List(ctx, func(store.Object) error { n++; return nil })
	if !errors.Is(err, context.Canceled) || n != 0 {
		t.Errorf("List = %v after %d objects, want context.Canceled after 0", err, n)
	}
}

func openGivesWhatWasPut(t *testing.T, b Bucket) {
	body := random(100_003)
	put(t, b, "dir/key", body)
	src := b.Source(t, "", "")
	listed := list(t, src)["dir/key"]
	r, got, err := src.Open(t.Context(), listed)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got.Bucket != b.Name || got.Key != "dir/key" || got.ETag != listed.ETag || got.Size != int64(len(body)) || got.Modified.IsZero() {
		t.Errorf("opened %+v, listed %+v", got, listed)
	}
	if err := iotest.TestReader(r, body); err != nil {
		t.Errorf("reader: %v", firstLine(err))
	}
}

func openEmptyObject(t *testing.T, b Bucket) {
	put(t, b, "empty", nil)
	src := b.Source(t, "", "")
	body, got := read(t, src, list(t, src)["empty"])
	if len(body) != 0 || got.Size != 0 {
		t.Errorf("read %d bytes of an empty object of size %d", len(body), got.Size)
	}
}

// openLarge reads with buffers of odd sizes, so that reads and the parts of a
// driver do not line up.
func openLarge(t *testing.T, b Bucket) {
	body := random(5<<20 + 77)
	put(t, b, "large", body)
	src := b.Source(t, "", "")
	r, _, err := src.Open(t.Context(), list(t, src)["large"])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	sum := sha256.New()
	if _, err := io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{r}, make([]byte, 10_007)); err != nil {
		t.Fatal(err)
	}
	if want := sha256.Sum256(body); !bytes.Equal(sum.Sum(nil), want[:]) {
		t.Error("other bytes than were put")
	}
}

func openUnpinned(t *testing.T, b Bucket) {
	put(t, b, "key", []byte("one"))
	put(t, b, "key", []byte("number two"))
	body, got := read(t, b.Source(t, "", ""), store.Object{Bucket: b.Name, Key: "key"})
	if string(body) != "number two" || got.ETag == "" || got.Size != int64(len(body)) {
		t.Errorf("Open without an ETag gave %d bytes of %+v, want the current version", len(body), got)
	}
}

func openChanged(t *testing.T, b Bucket) {
	put(t, b, "key", []byte("one"))
	src := b.Source(t, "", "")
	listed := list(t, src)["key"]
	put(t, b, "key", []byte("number two"))
	wantError(t, src, listed, store.ErrChanged)
}

func openDeleted(t *testing.T, b Bucket) {
	put(t, b, "dir/key", []byte("one"))
	src := b.Source(t, "", "")
	listed := list(t, src)["dir/key"]
	if err := b.Delete("dir/key"); err != nil {
		t.Fatal(err)
	}
	wantError(t, src, listed, store.ErrNotFound)
}

func openUnknownKey(t *testing.T, b Bucket) {
	put(t, b, "key", []byte("one"))
	src := b.Source(t, "", "")
	for _, key := range []string{"other", "key/below", "no/such/dir"} {
		wantError(t, src, store.Object{Bucket: b.Name, Key: key}, store.ErrNotFound)
	}
}

func openManyAtOnce(t *testing.T, b Bucket) {
	objects := make(map[string][]byte)
	for i := range 24 {
		objects[fmt.Sprintf("object-%02d", i)] = random(i * 20_011)
	}
	putAll(t, b, objects)
	src := b.Source(t, "", "")
	var readers sync.WaitGroup
	for key, o := range list(t, src) {
		readers.Go(func() {
			if body, _ := read(t, src, o); !bytes.Equal(body, objects[key]) {
				t.Errorf("%s: other bytes than were put", key)
			}
		})
	}
	readers.Wait()
}

func openCancelled(t *testing.T, b Bucket) {
	put(t, b, "key", random(3<<20))
	src := b.Source(t, "", "")
	listed := list(t, src)["key"]
	ctx, cancel := context.WithCancel(t.Context())
	r, _, err := src.Open(ctx, listed)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, context.Canceled) {
		t.Errorf("read after cancel: %v, want context.Canceled", err)
	}
	if _, _, err := src.Open(ctx, listed); !errors.Is(err, context.Canceled) {
		t.Errorf("Open after cancel: %v, want context.Canceled", err)
	}
}

// replacedDuringRead makes sure that bytes of two versions are never mixed.
func replacedDuringRead(t *testing.T, b Bucket) {
	old := bytes.Repeat([]byte("old "), 3<<20/4)
	put(t, b, "key", old)
	src := b.Source(t, "", "")
	r, _, err := src.Open(t.Context(), list(t, src)["key"])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	head := make([]byte, 1001)
	if _, err := io.ReadFull(r, head); err != nil {
		t.Fatal(err)
	}
	put(t, b, "key", bytes.Repeat([]byte("new "), 3<<20/4))
	rest, err := io.ReadAll(r)
	if got := append(head, rest...); !bytes.HasPrefix(old, got) {
		t.Error("read bytes that are not of the version opened")
	} else if err == nil && len(got) != len(old) {
		t.Errorf("read ended without error after %d of %d bytes", len(got), len(old))
	}
	if err != nil && (b.Keeps || !errors.Is(err, store.ErrChanged)) {
		t.Errorf("read: %v, want ErrChanged or, if the store keeps old versions, no error", err)
	}
}

func closeAtAnyMoment(t *testing.T, b Bucket) {
	const size = 5 << 20
	put(t, b, "key", random(size))
	src := b.Source(t, "", "")
	listed := list(t, src)["key"]
	for _, n := range []int64{0, 1, 64 << 10, size / 2, size - 1, size} {
		r, _, err := src.Open(t.Context(), listed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, r, n); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Errorf("Close after %d bytes: %v", n, err)
		}
		if got, err := r.Read(make([]byte, 10)); got != 0 || err == nil {
			t.Errorf("Read after Close gave %d bytes, error %v", got, err)
		}
		r.Close() // a second one must do no harm
		checkNoGoroutines(t)
	}
}

func noBucket(t *testing.T, b Bucket) {
	put(t, b, "key", []byte("one"))
	src := b.Source(t, "", "")
	if err := b.Remove(); err != nil {
		t.Fatal(err)
	}
	err := src.List(t.Context(), func(store.Object) error { return nil })
	if !errors.Is(err, store.ErrNoBucket) {
		t.Errorf("List = %v, want ErrNoBucket", err)
	}
	wantError(t, src, store.Object{Bucket: b.Name, Key: "key"}, store.ErrNoBucket)
}

func put(t *testing.T, b Bucket, key string, body []byte) {
	t.Helper()
	if err := b.Put(key, body); err != nil {
		t.Fatalf("put %q: %v", key, err)
	}
}

func putAll(t *testing.T, b Bucket, objects map[string][]byte) {
	t.Helper()
	keys := make(chan string)
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for key := range keys {
				if err := b.Put(key, objects[key]); err != nil {
					t.Errorf("put %q: %v", key, err)
				}
			}
		})
	}
	for key := range objects {
		keys <- key
	}
	close(keys)
	writers.Wait()
}

// list returns what src lists, by key.
func list(t *testing.T, src Source) map[string]store.Object {
	t.Helper()
	listed := make(map[string]store.Object)
	err := src.List(t.Context(), func(o store.Object) error {
		if _, twice := listed[o.Key]; twice {
			t.Errorf("key %q listed twice", o.Key)
		}
		listed[o.Key] = o
		return nil
	})
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	return listed
}

func checkListed(t *testing.T, b Bucket, got map[string]store.Object, want map[string][]byte) {
	t.Helper()
	for key, o := range got {
		body, ok := want[key]
		if !ok {
			t.Errorf("listed %q, which should not be", key)
			continue
		}
		if o.Bucket != b.Name || o.Size != int64(len(body)) || o.ETag == "" || strings.Contains(o.ETag, `"`) || o.Modified.IsZero() {
			t.Errorf("listed %+v, want bucket %s, size %d, an ETag without quotes and a time", o, b.Name, len(body))
		}
	}
	var missing []string
	for key := range want {
		if _, ok := got[key]; !ok {
			missing = append(missing, key)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		t.Errorf("%d of %d keys not listed, the first is %q", len(missing), len(want), missing[0])
	}
}

// read returns the bytes of o and its identity. It may be called from any
// goroutine.
func read(t *testing.T, src Source, o store.Object) ([]byte, store.Object) {
	t.Helper()
	r, got, err := src.Open(t.Context(), o)
	if err != nil {
		t.Errorf("Open %q: %v", o.Key, err)
		return nil, got
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	if err != nil {
		t.Errorf("read %q: %v", o.Key, err)
	}
	return body, got
}

// wantError makes sure that o cannot be read, and that the error tells why but
// not which key it was.
func wantError(t *testing.T, src Source, o store.Object, want error) {
	t.Helper()
	r, _, err := src.Open(t.Context(), o)
	if err == nil {
		defer r.Close()
		_, err = io.ReadAll(r)
	}
	if !errors.Is(err, want) {
		t.Errorf("Open %q: %v, want %v", o.Key, err, want)
	}
	if err != nil && strings.Contains(err.Error(), o.Key) && len(o.Key) > 4 {
		t.Errorf("error names the key, which may be personal data: %v", err)
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

// firstLine keeps content out of the messages of iotest.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line[:min(len(line), 80)]
}

// checkNoGoroutines waits for goroutines that run code of a driver to end, and
// complains if one does not.
func checkNoGoroutines(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		stack := driverGoroutine()
		if stack == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("a goroutine of the driver is left:\n%s", stack)
			return
		}
		runtime.Gosched()
	}
}

// driverGoroutine returns the stack of a goroutine that runs code of a driver,
// other than the idle connections that net/http keeps.
func driverGoroutine() string {
	buf := make([]byte, 1<<20)
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		running, _, _ := strings.Cut(stack, "created by")
		if strings.Contains(running, "sluice/store/") && !strings.Contains(running, "sluice/store/storetest.") &&
			!strings.Contains(running, "net/http.(*persistConn)") {
			return stack
		}
	}
	return ""
}
