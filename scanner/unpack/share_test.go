package unpack

import (
	"testing"
	"testing/synctest"
)

// TestShare has a walk that waits for its turn while it holds shared memory,
// and sees that what it waits for does not wait for it.
func TestShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(16 << 20)
		a, b, c := share{of: m}, share{of: m}, share{of: m}
		take := func(s *share, n int64) (done chan bool) {
			done = make(chan bool)
			go func() {
				if err := s.take(t.Context(), n); err != nil {
					t.Error(err)
				}
				close(done)
			}()
			return done
		}
		waits := func(done chan bool) bool {
			synctest.Wait()
			select {
			case <-done:
				return false
			default:
				return true
			}
		}
		if waits(take(&a, 8<<20)) || waits(take(&b, 6<<20)) || waits(take(&b, 2<<20)) {
			t.Error("there is room for 8, 6 and 2 MiB in 16")
		}
		third := take(&c, 1<<20)
		if !waits(third) {
			t.Error("there is no room for 17 MiB in 16")
		}
		if waits(take(&a, 4<<20)) { // its turn, which gives what it has to c
			t.Error("the one whose turn it is waits")
		}
		if waits(third) {
			t.Error("what the turn gave back was not taken")
		}
		turn := take(&b, 64<<20)
		if !waits(turn) {
			t.Error("two have their turn")
		}
		if waits(take(&a, 64<<20)) {
			t.Error("a turn waits for more")
		}
		a.give(64 << 20)
		a.give(4 << 20)
		if !waits(turn) {
			t.Error("a turn ended before all of it was given back")
		}
		a.give(8 << 20)
		if waits(turn) {
			t.Error("the turn was not passed on")
		}
		b.end() // its decoders panicked
		c.give(1 << 20)
		for range 2 {
			if waits(take(&a, 8<<20)) || waits(take(&b, 8<<20)) {
				t.Error("not everything was given back")
			}
			a.end()
			b.end()
		}
	})
}
