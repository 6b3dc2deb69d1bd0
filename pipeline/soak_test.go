package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/keys/local"
	"github.com/sluice-dlp/sluice/quarantine/seal"
	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/mem"
)

// TestSoak moves and restores objects while calls fail, answers are lost, runs
// are stopped, and somebody else writes and deletes in the same bucket. Nothing that
// sluice was asked to move may be lost, and nothing that others wrote. It lasts as
// long as SLUICE_SOAK says (make soak), by default two seconds; its seed is
// printed, and SLUICE_SEED repeats it as far as goroutines do.
func TestSoak(t *testing.T) {
	lasts := 2 * time.Second
	if s := os.Getenv("SLUICE_SOAK"); s != "" {
		var err error
		if lasts, err = time.ParseDuration(s); err != nil {
			t.Fatal(err)
		}
	}
	seed := rand.Uint64()
	if s := os.Getenv("SLUICE_SEED"); s != "" {
		if _, err := fmt.Sscan(s, &seed); err != nil {
			t.Fatal(err)
		}
	}
	t.Log("seed", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	keys, err := local.Create(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	rounds := 0
	for end := time.Now().Add(lasts); time.Now().Before(end); rounds++ {
		soak(t, rand.New(rand.NewPCG(rng.Uint64(), 1)), keys)
		if t.Failed() {
			return
		}
	}
	t.Log(rounds, "rounds")
}

var errFault = errors.New("a fault of the store")

// chaos makes calls of a bucket fail, before or after they have had their
// effect.
type chaos struct {
	mu   sync.Mutex
	rng  *rand.Rand
	rate float64
	stop func() // cuts a run short now and then
}

func (c *chaos) hit() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stop != nil && c.rng.Float64() < c.rate/20 {
		c.stop()
	}
	if c.rng.Float64() < c.rate {
		return errFault
	}
	return nil
}

func (c *chaos) hooks() mem.Hooks {
	return mem.Hooks{
		Open:   func(store.Object) error { return c.hit() },
		Read:   func(store.Object, int64) error { return c.hit() },
		Before: func(mem.Op, store.Object) error { return c.hit() },
		After:  func(mem.Op, store.Object) error { return c.hit() },
	}
}

func soak(t *testing.T, rng *rand.Rand, keys *local.Keys) {
	ctx := t.Context()
	c := &chaos{rng: rand.New(rand.NewPCG(rng.Uint64(), 2))}
	bucket := mem.New("customer")
	bucket.SetVersioning([]mem.Versioning{mem.Off, mem.Enabled, mem.Suspended}[rng.IntN(3)])
	vault := bucket.Beside("vault")
	vault.SetVersioning([]mem.Versioning{mem.Off, mem.Enabled}[rng.IntN(2)])
	bodies := map[string]string{} // what must not get lost, by body
	for i := range 1 + rng.IntN(12) {
		body := fmt.Sprintf("%d %c %d", i, mark, rng.Uint64())
		bodies[body] = fmt.Sprintf("k%02d", i)
		bucket.Fill(bodies[body], []byte(body))
	}
	dir, err := os.MkdirTemp("", "sluice-soak-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "ledger.db")
	led := openLedger(t, path)
	do(t, &pipeline.Run{Source: bucket, Scanner: markScanner{}, Rules: rules(t), Ledger: led})
	what := func(context.Context, ledger.Row) (quarantine.Move, error) {
		return quarantine.Move{
			Action:  []quarantine.Action{quarantine.DoCopy, quarantine.DoMove, quarantine.DoMoveStub, quarantine.DoTag}[rng.IntN(4)],
			Mode:    []quarantine.Mode{quarantine.SSEKMS, quarantine.Envelope}[rng.IntN(2)],
			Removal: []store.Removal{store.RemoveVersion, store.RemoveMarker, store.RemoveCopies}[rng.IntN(3)],
		}, nil
	}
	act := func(l *ledger.Ledger) *pipeline.Act {
		j := pipeline.Journal{Ledger: l}
		return &pipeline.Act{
			Ledger: l, Journal: j, Workers: 1 + rng.IntN(4), Again: rng.IntN(2) == 0,
			Mover:  &quarantine.Mover{Vault: vault, Prefix: "q/", Journal: j, Wrapper: keys, Unwrapper: keys},
			Origin: func(context.Context, string) (quarantine.Bucket, error) { return bucket, nil },
		}
	}
	if _, err := act(led).Plan(ctx, ledger.Filter{}, what); err != nil {
		t.Fatal(err)
	}
	bucket.Hooks, vault.Hooks = c.hooks(), c.hooks()
	newer := 0
	for round := range 12 {
		c.rate = [...]float64{0, 0.02, 0.2}[rng.IntN(3)]
		if round == 11 {
			c.rate = 0
		}
		run, cancel := context.WithCancel(ctx)
		c.stop = cancel
		if a := act(led); rng.IntN(3) > 0 || round == 11 {
			a.Do(run) // what it says is in the ledger
		} else {
			for _, m := range moves(t, a, ledger.MoveFilter{States: []quarantine.State{quarantine.Removed, quarantine.Restoring, quarantine.Changed}}) {
				a.Mover.Restore(run, bucket, m)
			}
		}
		cancel()
		if rng.IntN(4) == 0 { // another writes
			newer++
			body := fmt.Sprintf("newer %d %d", newer, rng.Uint64())
			key := fmt.Sprintf("k%02d", rng.IntN(12))
			delete(bodies, current(t, bucket, key)) // what they replaced is theirs
			bodies[body] = key
			bucket.Fill(key, []byte(body))
		}
		if rng.IntN(3) == 0 { // as after kill -9: nothing but the file is left
			if err := led.Close(); err != nil {
				t.Fatal(err)
			}
			led = openLedger(t, path)
		}
		c.rate = 0
		for body, key := range bodies {
			if !held(t, bucket, vault, keys, led, key, body) {
				for m, err := range led.Moves(ctx, ledger.MoveFilter{}) {
					t.Logf("%s %s %s %s %s: %s %v", m.Object.Key, m.Action, m.Mode, m.Removal, m.State, m.Error, err)
				}
				t.Fatalf("round %d: %s is in neither place", round, key)
			}
		}
	}
	for m, err := range led.Moves(ctx, ledger.MoveFilter{Open: true}) {
		t.Errorf("%s is left %s without faults: %s %v", m.Object.Key, m.State, m.Error, err)
	}
	if err := led.Close(); err != nil {
		t.Fatal(err)
	}
}

// current is the body of the newest version of key; "" if there is none.
func current(t *testing.T, b *mem.Bucket, key string) string {
	hooks := b.Hooks
	b.Hooks = mem.Hooks{}
	defer func() { b.Hooks = hooks }()
	r, _, err := b.Open(t.Context(), store.Object{Key: key, Size: -1})
	if err != nil {
		return ""
	}
	defer r.Close()
	body, _ := io.ReadAll(r)
	return string(body)
}

// held reports whether body is in the bucket, in any version of key, or whole in
// the vault.
func held(t *testing.T, bucket, vault *mem.Bucket, keys *local.Keys, l *ledger.Ledger, key, body string) bool {
	t.Helper()
	for _, v := range bucket.Versions(key) {
		r, _, err := bucket.Open(t.Context(), v.Object)
		if err == nil {
			got, _ := io.ReadAll(r)
			r.Close()
			if string(got) == body {
				return true
			}
		}
	}
	for m, err := range l.Moves(t.Context(), ledger.MoveFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if m.Object.Key != key {
			continue
		}
		if got, err := unsealed(t, vault, keys, m); err == nil && got == body {
			return true
		}
	}
	return false
}

// unsealed is what the vault has of m, read without what the ledger says of it.
func unsealed(t *testing.T, vault *mem.Bucket, keys *local.Keys, m quarantine.Move) (string, error) {
	name := map[quarantine.Mode]string{quarantine.SSEKMS: "object", quarantine.Envelope: "sealed"}[m.Mode]
	r, _, err := vault.Open(t.Context(), store.Object{Key: "q/" + m.ID + "/" + name, Size: -1})
	if err != nil {
		return "", err
	}
	defer r.Close()
	var plain io.Reader = r
	if m.Mode == quarantine.Envelope {
		if plain, err = seal.Open(t.Context(), r, keys); err != nil {
			return "", err
		}
	}
	got, err := io.ReadAll(plain)
	return string(got), err
}
