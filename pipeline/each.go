package pipeline

import (
	"context"
	"iter"
	"sync"
)

// Each calls do for each element of seq, workers at a time, and returns when all
// have returned. The error is the first one of seq or do, which ends it, or that
// of ctx.
func Each[T any](ctx context.Context, workers int, seq iter.Seq2[T, error], do func(context.Context, T) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	todo := make(chan T)
	var pool sync.WaitGroup
	for range max(1, workers) {
		pool.Go(func() {
			for x := range todo {
				if err := do(ctx, x); err != nil {
					stop(err)
				}
			}
		})
	}
	feed(ctx, stop, seq, todo)
	close(todo)
	pool.Wait()
	return context.Cause(ctx)
}

func feed[T any](ctx context.Context, stop context.CancelCauseFunc, seq iter.Seq2[T, error], todo chan<- T) {
	for x, err := range seq {
		if err != nil {
			stop(err)
			return
		}
		select {
		case todo <- x:
		case <-ctx.Done():
			return
		}
	}
}
