package scanner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

// readers are ways in which the same bytes may come.
var readers = map[string]func([]byte) io.Reader{
	"whole":         func(b []byte) io.Reader { return bytes.NewReader(b) },
	"one byte":      func(b []byte) io.Reader { return iotest.OneByteReader(bytes.NewReader(b)) },
	"half":          func(b []byte) io.Reader { return iotest.HalfReader(bytes.NewReader(b)) },
	"data with EOF": func(b []byte) io.Reader { return iotest.DataErrReader(bytes.NewReader(b)) },
	"random chunks": func(b []byte) io.Reader { return &chunkReader{b, rand.New(rand.NewPCG(1, uint64(len(b))))} },
}

// chunkReader returns chunks of random sizes, nothing at times, and the last
// one sometimes together with io.EOF.
type chunkReader struct {
	rest []byte
	rnd  *rand.Rand
}

func (c *chunkReader) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.rnd.IntN(40))], c.rest)
	c.rest = c.rest[n:]
	if len(c.rest) == 0 && c.rnd.IntN(2) == 0 {
		return n, io.EOF
	}
	return n, nil
}

// TestWindowsTile cuts streams of many lengths with many window and margin
// sizes: the parts are the stream, without gap or overlap, and each is shown
// with its margins.
func TestWindowsTile(t *testing.T) {
	data := make([]byte, 70)
	for i := range data {
		data[i] = byte(i)
	}
	for name, reader := range readers {
		t.Run(name, func(t *testing.T) {
			for length := range len(data) + 1 {
				for size := 1; size < len(data)+5; size += 1 + size/8 {
					for _, margin := range []int{1, 2, 7, 40, 100} {
						checkTiles(t, reader(data[:length]), data[:length], size, margin)
					}
				}
			}
		})
	}
}

func checkTiles(t *testing.T, r io.Reader, data []byte, size, margin int) {
	t.Helper()
	w := windows{r: r, buf: make([]byte, size+2*margin), margin: margin}
	at := 0
	for w.next(t.Context()) {
		from, to := int(w.base)+w.from, int(w.base)+w.to
		first, last := int(w.base), int(w.base)+w.n
		switch {
		case from != at:
			t.Fatalf("length %d, size %d, margin %d: part starts at %d, want %d", len(data), size, margin, from, at)
		case first > max(0, from-margin) || last < min(len(data), to+margin):
			t.Fatalf("length %d, size %d, margin %d: part %d–%d is shown within %d–%d", len(data), size, margin, from, to, first, last)
		case !bytes.Equal(w.buf[:w.n], data[first:last]):
			t.Fatalf("length %d, size %d, margin %d: wrong bytes at %d", len(data), size, margin, first)
		}
		at = to
	}
	if at != len(data) || w.err != io.EOF {
		t.Fatalf("length %d, size %d, margin %d: ended at %d with %v", len(data), size, margin, at, w.err)
	}
	if w.next(t.Context()) {
		t.Fatalf("length %d, size %d, margin %d: a part after the last", len(data), size, margin)
	}
}

// TestWindowsReadError wants all bytes before an error, then the error.
func TestWindowsReadError(t *testing.T) {
	broken := errors.New("broken")
	for length := range 50 {
		r := io.MultiReader(bytes.NewReader(make([]byte, length)), iotest.ErrReader(broken))
		w := windows{r: r, buf: make([]byte, 5+2*4), margin: 4}
		got := 0
		for w.next(t.Context()) {
			got += w.to - w.from
		}
		if got != length || w.err != broken {
			t.Errorf("length %d: saw %d bytes, then %v", length, got, w.err)
		}
	}
}

// stuckReader gives some bytes and then nothing, for ever.
type stuckReader struct{ left int }

func (s *stuckReader) Read(p []byte) (int, error) {
	n := min(s.left, len(p))
	s.left -= n
	return n, nil
}

func TestWindowsNoProgress(t *testing.T) {
	w := windows{r: &stuckReader{10}, buf: make([]byte, 100), margin: 4}
	if !w.next(t.Context()) || w.to-w.from != 10 {
		t.Errorf("the bytes before are not shown")
	}
	if w.next(t.Context()) || w.err != io.ErrNoProgress {
		t.Errorf("ended with %v, want %v", w.err, io.ErrNoProgress)
	}
}

// cancelReader cancels a context at its nth byte and goes on.
type cancelReader struct {
	n      int
	cancel context.CancelFunc
}

func (c *cancelReader) Read(p []byte) (int, error) {
	if c.n--; c.n == 0 {
		c.cancel()
	}
	p[0] = 'x'
	return 1, nil
}

// TestWindowsCancel wants not one read more once ctx is done.
func TestWindowsCancel(t *testing.T) {
	for _, after := range []int{1, 30, 31, 500} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			r := &cancelReader{after, cancel}
			w := windows{r: r, buf: make([]byte, 10+2*10), margin: 10}
			for w.next(ctx) {
			}
			if r.n != 0 || w.err != context.Canceled {
				t.Errorf("ended with %v after %d reads, want %d", w.err, after-r.n, after)
			}
		})
	}
}
