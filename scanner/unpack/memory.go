package unpack

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// smallWindow is how much memory most data ask for: zstd up to level 19, xz up
// to level 6.
const smallWindow = 8 << 20

// Memory is what walks under way at the same time share for their
// decoders: the windows of zstd and xz, the blocks of bzip2, lz4 and S2. Together they hold at most the size given to [NewMemory], and
// one of them, whose turn it is, Limits.Window instead: a window above 8 MiB,
// and what one walk cannot have beside the windows that it has, waits for its
// turn. Who waits for the shared part holds nothing, and who has its turn waits
// for nothing, so that they cannot wait for each other.
type Memory struct {
	shared *semaphore.Weighted
	turn   *semaphore.Weighted
}

// NewMemory makes a Memory of size bytes, at least 8 MiB.
func NewMemory(size int64) *Memory {
	return &Memory{shared: semaphore.NewWeighted(max(size, smallWindow)), turn: semaphore.NewWeighted(1)}
}

// A share is what one walk has of a Memory. With no Memory it has what it
// wants.
type share struct {
	of     *Memory
	used   int64 // by the decoders of the walk
	shared int64 // taken from Memory.shared
	turn   bool
}

// take waits until there is room for n bytes more. The error is that of ctx.
func (s *share) take(ctx context.Context, n int64) error {
	more := s.used + n - s.shared
	switch {
	case s.of == nil || s.turn || more <= 0:
	case s.used == 0 && n <= smallWindow:
		if err := s.of.shared.Acquire(ctx, more); err != nil {
			return err
		}
		s.shared += more
	case n <= smallWindow && s.of.shared.TryAcquire(more):
		s.shared += more
	default:
		if err := s.of.turn.Acquire(ctx, 1); err != nil {
			return err
		}
		s.of.shared.Release(s.shared)
		s.shared, s.turn = 0, true
	}
	s.used += n
	return nil
}

// give frees n bytes; with the last of them, all that s has.
func (s *share) give(n int64) {
	if s.used -= n; s.used == 0 {
		s.end()
	}
}

// end frees all that s has, that of decoders that panicked too.
func (s *share) end() {
	if s.of == nil {
		return
	}
	s.of.shared.Release(s.shared)
	if s.turn {
		s.of.turn.Release(1)
	}
	*s = share{of: s.of}
}
