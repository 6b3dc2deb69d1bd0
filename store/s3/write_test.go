package s3_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/s3"
)

// parts is a server that takes the parts of one upload and keeps their lengths
// and checksums.
type parts struct {
	t  *testing.T
	mu sync.Mutex

	lengths  map[int]int64
	complete string // the checksum of the whole that it was told
	aborted  bool
	fail     int // the part that it refuses
}

func (p *parts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodPost && q.Has("uploads"):
		io.WriteString(w, `<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>`)
	case r.Method == http.MethodPut && q.Has("partNumber"):
		p.part(w, r)
	case r.Method == http.MethodPost:
		p.complete = r.Header.Get("X-Amz-Checksum-Crc64nvme")
		fmt.Fprintf(w, `<CompleteMultipartUploadResult><ETag>"whole-1"</ETag><ChecksumCRC64NVME>%s</ChecksumCRC64NVME></CompleteMultipartUploadResult>`, p.complete)
	case r.Method == http.MethodDelete:
		p.aborted = true
		w.WriteHeader(http.StatusNoContent)
	}
}

func (p *parts) part(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.URL.Query().Get("partNumber"))
	sum := store.NewCRC64NVME()
	n, err := io.Copy(sum, r.Body)
	if err != nil {
		return // cut short: another part was refused, and the upload given up
	}
	if r.Header.Get("X-Amz-Checksum-Crc64nvme") != store.CRC64NVME(sum) {
		p.t.Errorf("part %d: its checksum is not that of its bytes", number)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if number == p.fail {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	p.lengths[number] = n
	w.Header().Set("ETag", fmt.Sprintf(`"%d"`, number))
}

func newParts(t *testing.T, edit func(*s3.Config)) (*parts, *s3.Bucket) {
	p := &parts{t: t, lengths: make(map[int]int64)}
	cfg := newFake(t, p.ServeHTTP).config()
	edit(&cfg)
	return p, open(t, cfg)
}

// TestUploadOfUnknownLength makes sure that the parts grow, so that the largest
// object fits into 10,000 of them, and that the whole is what was sent.
func TestUploadOfUnknownLength(t *testing.T) {
	const part = 64 << 10
	for _, length := range []int64{part + 1, 2 * part, 1000 * part, 1000*part + 1, 1000*part + 200*2*part, 2000*part + 1000*part + 5} {
		p, b := newParts(t, func(c *s3.Config) { c.UploadPart, c.UploadBuffers = part, 3*part })
		sum := store.NewCRC64NVME()
		body := io.TeeReader(io.LimitReader(rand.NewChaCha8([32]byte{}), length), sum)
		o, err := b.Put(t.Context(), "key", body, store.Write{})
		if err != nil {
			t.Fatal(err)
		}
		if o.Size != length || o.ETag != "whole-1" || p.complete != store.CRC64NVME(sum) {
			t.Errorf("%d bytes: put %d of ETag %s, checksum of the whole right: %v", length, o.Size, o.ETag, p.complete == store.CRC64NVME(sum))
		}
		total := int64(0)
		for number := 1; number <= len(p.lengths); number++ {
			want := int64(part) << ((number - 1) / 1000)
			if got := p.lengths[number]; got != want && number != len(p.lengths) {
				t.Errorf("%d bytes: part %d has %d, want %d", length, number, got, want)
			}
			total += p.lengths[number]
		}
		if total != length {
			t.Errorf("%d bytes: the parts have %d", length, total)
		}
	}
}

// TestUploadMemory sends several large objects at a time and looks at the heap.
func TestUploadMemory(t *testing.T) {
	const (
		objects, length = 4, 96 << 20
		part, buffers   = 1 << 20, 8 << 20
	)
	_, b := newParts(t, func(c *s3.Config) { c.UploadPart, c.UploadBuffers, c.PartConcurrency = part, buffers, 4 })
	ctx, stop := context.WithCancel(t.Context())
	peak := make(chan uint64)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	go func() {
		most := uint64(0)
		for ctx.Err() == nil {
			var now runtime.MemStats
			runtime.GC() // what is in use, not what is waiting to be collected
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
			time.Sleep(5 * time.Millisecond)
		}
		peak <- most
	}()
	var wg sync.WaitGroup
	for i := range objects {
		wg.Go(func() {
			body := io.LimitReader(rand.NewChaCha8([32]byte{byte(i)}), length)
			if _, err := b.Put(t.Context(), fmt.Sprint("key-", i), body, store.Write{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	stop()
	if used := int64(<-peak) - int64(before.HeapAlloc); used > 2*buffers {
		t.Errorf("%d MiB are in use while objects of %d MiB are sent with %d MiB of buffers", used>>20, objects*length>>20, buffers>>20)
	}
}

// TestStoreWithoutVersions is about a store that does not know version ids and
// ignores them: nothing may be removed, copied or tagged by one there.
func TestStoreWithoutVersions(t *testing.T) {
	for _, answered := range []string{"", "another"} {
		f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"e"`)
			if answered != "" {
				w.Header().Set("X-Amz-Version-Id", answered)
			}
		})
		b := open(t, f.config())
		for _, o := range []store.Object{
			{Key: "key", VersionID: "one", ETag: "e"},
			{Key: "key", VersionID: "one"}, // a delete marker
		} {
			for what, do := range map[string]func() error{
				"remove": func() error { _, err := b.Remove(t.Context(), o, store.RemoveVersion); return err },
				"hide":   func() error { _, err := b.Remove(t.Context(), o, store.RemoveMarker); return err },
				"copy":   func() error { _, err := b.Copy(t.Context(), "copy", o, store.Write{}); return err },
				"tag":    func() error { return b.Tag(t.Context(), o, map[string]string{"a": "b"}) },
			} {
				if err := do(); !errors.Is(err, store.ErrChanged) && !errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s = %v, want an error", what, err)
				}
			}
		}
		for _, r := range f.seen() {
			if r.Method != http.MethodHead {
				t.Errorf("store was asked to %s %s", r.Method, r.URL.RawQuery)
			}
		}
	}
}

// TestUploadGivesUp makes sure that an upload that fails is aborted, that the
// first error is told, and that its buffers can be used again.
func TestUploadGivesUp(t *testing.T) {
	const part = 64 << 10
	for _, fail := range []int{1, 2, 5, 10} {
		p, b := newParts(t, func(c *s3.Config) { c.UploadPart, c.UploadBuffers = part, 2*part })
		p.fail = fail
		_, err := b.Put(t.Context(), "key", bytes.NewReader(make([]byte, 10*part)), store.Write{})
		if !errors.Is(err, store.ErrDenied) || !p.aborted {
			t.Errorf("part %d refused: %v, aborted: %v", fail, err, p.aborted)
		}
		p.fail = 0
		for range 3 {
			if _, err := b.Put(t.Context(), "key", bytes.NewReader(make([]byte, 10*part)), store.Write{}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestUploadThatSomebodyAborted: that the store knows an upload no longer says
// nothing of the object that was to be copied.
func TestUploadThatSomebodyAborted(t *testing.T) {
	for _, lost := range []string{"part", "whole"} {
		b := open(t, newFake(t, func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			switch {
			case r.Method == http.MethodHead && r.URL.Path != "/bucket/copy":
				w.Header().Set("ETag", `"1-2"`)
				w.Header().Set("Content-Length", "10")
			case r.Method == http.MethodPost && q.Has("uploads"):
				io.WriteString(w, `<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>`)
			case r.Method == http.MethodPut && lost != "part":
				io.WriteString(w, `<CopyPartResult><ETag>"1"</ETag></CopyPartResult>`)
			default:
				w.WriteHeader(http.StatusNotFound)
				if r.Method != http.MethodHead {
					io.WriteString(w, `<Error><Code>NoSuchUpload</Code></Error>`)
				}
			}
		}).config())
		_, err := b.Copy(t.Context(), "copy", store.Object{Key: "key", ETag: "1-2"}, store.Write{Absent: true})
		if !errors.Is(err, store.ErrBroken) || errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", lost, err)
		}
	}
}

// TestConflict: two requests about one key at the same moment are both told to come
// again. That says neither that the object has changed nor that there is one.
func TestConflict(t *testing.T) {
	b := open(t, newFake(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodHead:
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Content-Length", "10")
		case r.Method == http.MethodPost && r.URL.Query().Has("uploads"):
			io.WriteString(w, `<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>`)
		case r.Method == http.MethodPut && r.URL.Query().Has("partNumber"):
			io.WriteString(w, `<CopyPartResult><ETag>"1"</ETag></CopyPartResult>`)
		case r.Method == http.MethodDelete && r.URL.Query().Has("uploadId"):
			w.WriteHeader(http.StatusNoContent)
		default:
			w.WriteHeader(http.StatusConflict)
			io.WriteString(w, `<Error><Code>ConditionalRequestConflict</Code></Error>`)
		}
	}).config())
	o := store.Object{Key: "key", ETag: "1", Size: 10}
	_, remove := b.Remove(t.Context(), o, store.RemoveVersion)
	_, put := b.Put(t.Context(), "key", bytes.NewReader([]byte("body")), store.Write{Absent: true})
	_, copied := b.Copy(t.Context(), "copy", o, store.Write{Absent: true})
	for name, err := range map[string]error{"Remove": remove, "Put": put, "Copy": copied} {
		if !errors.Is(err, store.ErrBroken) || errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrExists) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
