package pipeline_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"

	"github.com/sluice-dlp/sluice/pipeline"
)

// numbers yields 0 to n-1, and then err if there is one.
func numbers(n int, err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}

func TestEach(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		n       int
		seq, do error // do fails at the 500th
		want    error
	}{
		"none":          {},
		"all":           {n: 1000},
		"source breaks": {n: 1000, seq: broken, want: broken},
		"work fails":    {n: 100_000, do: broken, want: broken},
	} {
		t.Run(name, func(t *testing.T) {
			var calls, now, most atomic.Int64
			err := pipeline.Each(t.Context(), 3, numbers(c.n, c.seq), func(context.Context, int) error {
				n := calls.Add(1)
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				if n == 500 {
					return c.do
				}
				return nil
			})
			if !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if n := calls.Load(); c.do == nil && n != int64(c.n) || n > int64(c.n) || c.do != nil && n == int64(c.n) {
				t.Errorf("%d calls for %d", n, c.n)
			}
			if most.Load() > 3 || now.Load() != 0 {
				t.Errorf("%d at a time, %d after the end", most.Load(), now.Load())
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pipeline.Each(ctx, 1, numbers(10, nil), func(context.Context, int) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("of a context that is done: %v", err)
	}
}
