package s3_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/store"
)

// TestAt reads parts, over a connection that breaks, and of an object that is
// replaced in between.
func TestAt(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 1000)
	etag := atomic.Pointer[string]{}
	first, second := `"one"`, `"two"`
	etag.Store(&first)
	breaks := atomic.Int64{}
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", *etag.Load())
		if breaks.Add(-1) >= 0 {
			w = cut{w}
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
	b := open(t, f.config())
	o := store.Object{Bucket: "bucket", Key: "k", ETag: "one", Size: int64(len(body))}
	r, err := b.At(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, length, want int
		err                error
	}{{0, 10, 10, nil}, {9990, 10, 10, nil}, {9995, 10, 5, io.EOF}, {10_000, 1, 0, io.EOF}, {20_000, 5, 0, io.EOF}, {5, 0, 0, nil}, {1234, 5000, 5000, nil}} {
		for _, broken := range []int64{0, 1} {
			breaks.Store(broken)
			p := make([]byte, c.length)
			n, err := r.ReadAt(p, int64(c.from))
			if n != c.want || !errors.Is(err, c.err) || n > 0 && !bytes.Equal(p[:n], body[c.from:c.from+n]) {
				t.Errorf("%d bytes at %d, broken %d times: %d, %v", c.length, c.from, broken, n, err)
			}
		}
	}
	breaks.Store(0)
	if _, err := r.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("reads before the beginning")
	}
	etag.Store(&second)
	if _, err := r.ReadAt(make([]byte, 10), 0); !errors.Is(err, store.ErrChanged) {
		t.Errorf("of an object that was replaced: %v", err)
	}
	for _, unknown := range []store.Object{{Key: "k", Size: 10}, {Key: "k", ETag: "one", Size: -1}, {Bucket: "other", Key: "k", ETag: "one", Size: 1}} {
		if _, err := b.At(t.Context(), unknown); err == nil {
			t.Errorf("reads %+v", unknown)
		}
	}
}

// cut breaks an answer off after its first byte.
type cut struct{ http.ResponseWriter }

func (c cut) Write(p []byte) (int, error) {
	if len(p) <= 1 {
		return c.ResponseWriter.Write(p)
	}
	c.ResponseWriter.Write(p[:1])
	c.ResponseWriter.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}
