package unpack_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// opened walks b with shared memory and calls f once its decoders are open.
func opened(ctx context.Context, b []byte, m *unpack.Memory, f func()) error {
	return unpack.Walk(ctx, bytes.NewReader(b), unpack.Limits{Memory: m}, unpack.Visitor{
		Member: func(_ unpack.Member, r io.Reader) error {
			// The first byte is there only when the decoder has its window.
			if _, err := io.ReadFull(r, make([]byte, 1)); err != nil {
				return err
			}
			f()
			_, err := io.Copy(io.Discard, r)
			return err
		},
	})
}

// TestMemoryIsShared has many walks at a time. No more get in than there is
// memory for, and all come to their end.
func TestMemoryIsShared(t *testing.T) {
	small, large := zstdWindow(4<<20), zstdWindow(32<<20)
	for name, c := range map[string]struct {
		data []byte
		size int64
		most int64 // walks at a time
	}{
		"small windows":            {small, 16 << 20, 4},
		"large windows take turns": {large, 16 << 20, 1},
		"a large one in a small":   {zst(large), 64 << 20, 1},
		"the same in xz":           {xzip(large), 64 << 20, 1},
		"small in small":           {zst(small), 8 << 20, 2},
		"lz4":                      {lz4ip([]byte(text)), 16 << 20, 2},
		"bzip2":                    {bz2(), 16 << 20, 4},
	} {
		t.Run(name, func(t *testing.T) {
			m := unpack.NewMemory(c.size)
			var now, most, all atomic.Int64
			var walks sync.WaitGroup
			for range 12 {
				walks.Go(func() {
					err := opened(t.Context(), c.data, m, func() {
						all.Add(1)
						for n := now.Add(1); ; {
							if old := most.Load(); n <= old || most.CompareAndSwap(old, n) {
								break
							}
						}
						for range 100 {
							runtime.Gosched()
						}
						now.Add(-1)
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			walks.Wait()
			if most.Load() > c.most || all.Load() != 12 {
				t.Errorf("%d walks in all, %d at a time, want 12 and at most %d", all.Load(), most.Load(), c.most)
			}
		})
	}
}

// A walk that waits for memory ends with its context, and takes nothing along.
func TestMemoryWaitEnds(t *testing.T) {
	m, large := unpack.NewMemory(8<<20), zstdWindow(32<<20)
	ctx, cancel := context.WithCancel(t.Context())
	err := opened(t.Context(), large, m, func() {
		var walks sync.WaitGroup
		walks.Go(func() {
			err := opened(ctx, large, m, func() { t.Error("two walks have large windows") })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want that of the context", err)
			}
		})
		cancel()
		walks.Wait()
	})
	if err != nil {
		t.Error(err)
	}
	again := false
	if err := opened(t.Context(), large, m, func() { again = true }); err != nil || !again {
		t.Errorf("later walk: error %v, opened %v", err, again)
	}
}
