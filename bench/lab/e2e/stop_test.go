package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/bench/lab"
	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

// TestInterrupt stops a run in its middle: the objects being read are read to
// their end, and the next run reads the others.
func TestInterrupt(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			b := newBench(t)
			b.putLetters("", 40)
			cmd, _, stderr := b.command(b.scanArgs("--workers", "2")...)
			tenth := make(chan struct{})
			// The delay keeps the rest from being read before the signal comes.
			b.proxy.Inject(lab.Fault{Kind: lab.Get, Skip: 9, Hits: 31, Delay: 100 * time.Millisecond, Before: sync.OnceFunc(func() { close(tenth) })})
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			<-tenth
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != incomplete {
				t.Fatalf("exit code %d\n%s", code, stderr)
			}
			read := b.gets()
			rows := b.rows(present)
			if len(rows) < 9 || len(rows) == 40 {
				t.Errorf("%d rows after the signal, want some", len(rows))
			}
			for key := range read {
				if rows[key].Status != ledger.Complete {
					t.Errorf("%s was being read when the signal came, and is %q", key, rows[key].Status)
				}
			}
			b.checkRun(len(rows))

			b.scan(found)
			b.check()
			for key := range b.gets() {
				if read[key] > 0 {
					t.Errorf("%s was read again", key)
				}
			}
		})
	}
}

// digestKey makes digests of several runs the same.
const digestKey = "--digest-key=file:key"

// TestKilled kills a sweep at ten random moments and lets the eleventh end: no
// object that was committed is read again, and rows and findings are those
// of a sweep that nobody disturbed.
func TestKilled(t *testing.T) {
	const all = 330
	cfg := corpus.Config{Seed: 5, Objects: all, Bytes: 3 << 20}
	b := newBench(t)
	b.putCorpus(cfg)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	before := make(map[string]ledger.Row)
	kills := 0
	if err := os.WriteFile(filepath.Join(b.home, "key"), []byte(strings.Repeat("k", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if b.killed(rnd.IntN(2*all/11), time.Duration(rnd.IntN(60_000_000))) {
			kills++
		}
		read := b.gets()
		now := b.committed()
		for key, row := range before {
			if n := read[key]; n > 0 {
				t.Errorf("%s was committed, and read %d times by the next run", key, n)
			}
			if row.ReadRun != now[key].ReadRun {
				t.Errorf("%s was read by run %d, and now by run %d", key, row.ReadRun, now[key].ReadRun)
			}
		}
		before = now
	}
	t.Logf("%d runs killed, %d objects committed by then", kills, len(before))
	if kills < 5 || len(before) == 0 || len(before) == all {
		t.Errorf("%d runs killed and %d of %d objects committed: the moments were badly chosen", kills, len(before), all)
	}
	b.scan(incomplete, digestKey)
	b.check()
	for key, n := range b.gets() {
		if _, ok := before[key]; ok || n != 1 {
			t.Errorf("%s was committed %v, and read %d times by the last run", key, ok, n)
		}
	}
	disturbed := b.everything()

	b.newLedger("second.db")
	b.scan(incomplete, digestKey)
	b.check()
	if undisturbed := b.everything(); !slices.Equal(disturbed, undisturbed) {
		t.Error("findings of the disturbed sweep are not those of the undisturbed one")
	}
}

// killed sweeps the bucket, kills the program some time after so many reads
// began, and reports whether that came before its end.
func (b *bench) killed(reads int, delay time.Duration) bool {
	b.Helper()
	b.proxy.Heal()
	begun := make(chan struct{})
	b.proxy.Inject(
		lab.Fault{Kind: lab.Get, Skip: reads, Hits: 1, Before: func() { close(begun) }},
		lab.Fault{Kind: lab.Get, Delay: 10 * time.Millisecond}, // so that it does not end first
	)
	cmd, _, stderr := b.command(b.scanArgs("--workers", "4", digestKey)...)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait()
	}()
	select {
	case <-begun:
		time.AfterFunc(delay, func() { cmd.Process.Kill() })
	case <-ended:
	}
	<-ended
	switch code := cmd.ProcessState.ExitCode(); code {
	case -1:
		return true
	case incomplete:
		return false
	default:
		b.Fatalf("exit code %d\n%s", code, stderr)
		return false
	}
}

// committed returns the rows of the ledger, of which there are none if the
// program was killed before it made one.
func (b *bench) committed() map[string]ledger.Row {
	b.Helper()
	r, err := ledger.OpenReader(b.Context(), b.ledger)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, ledger.ErrNotLedger) {
		return nil
	}
	if err != nil {
		b.Fatal(err)
	}
	r.Close()
	return b.rows(present)
}

// everything returns what the ledger holds of objects and findings, but for
// what tells runs and times apart.
func (b *bench) everything() []string {
	b.Helper()
	var lines []string
	for row, err := range b.reader().Objects(b.Context(), present) {
		if err != nil {
			b.Fatal(err)
		}
		lines = append(lines, fmt.Sprintln(row.Object, row.Status, row.Reason, row.Coverage, row.Rules))
	}
	for f, err := range b.reader().Findings(b.Context(), present) {
		if err != nil {
			b.Fatal(err)
		}
		lines = append(lines, fmt.Sprintln(f.Object, f.RuleInfo, f.Finding))
	}
	return lines
}
