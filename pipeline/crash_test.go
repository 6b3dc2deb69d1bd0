package pipeline_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/store"
)

// crashEnv makes the test binary carry out a run in which it kills itself:
// "directory event delay", see crashRun.
const crashEnv = "SLUICE_TEST_CRASH"

func TestMain(m *testing.M) {
	if spec := os.Getenv(crashEnv); spec != "" {
		if err := crashRun(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const crashObjects = max(600, 3000/raceSlows)

// crashSource is a source that logs the key of each object it opens, and kills
// the process some time after a number of events: opens and commits.
type crashSource struct {
	*fakeSource
	log    *os.File
	events atomic.Int64
	at     int64
	delay  time.Duration
}

func (s *crashSource) event() {
	if s.events.Add(1) != s.at {
		return
	}
	time.AfterFunc(s.delay, func() {
		p, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = p.Kill()
		}
		panic(err)
	})
}

func (s *crashSource) Open(_ context.Context, o store.Object) (io.ReadCloser, store.Object, error) {
	s.event()
	if _, err := s.log.WriteString(o.Key + "\n"); err != nil {
		return nil, store.Object{}, err
	}
	i, err := strconv.Atoi(o.Key[1:])
	if err != nil {
		return nil, store.Object{}, err
	}
	return reader(s.objects[i].body, io.EOF), o, nil
}

// crashRun carries out one run over the same objects each time, with the
// ledger in a directory, and dies in it if event is not zero.
func crashRun(spec string) error {
	var dir string
	var src crashSource
	if _, err := fmt.Sscanf(spec, "%q %d %d", &dir, &src.at, &src.delay); err != nil {
		return err
	}
	var err error
	if src.log, err = os.OpenFile(filepath.Join(dir, "opened"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	l, err := ledger.Open(context.Background(), filepath.Join(dir, "ledger.db"))
	if err != nil {
		return err
	}
	src.fakeSource = many(crashObjects)
	run := &pipeline.Run{Source: &src, Scanner: markScanner{}, Rules: rules(new(testing.B)), Ledger: l, Workers: 4}
	run.Committed = func(int64, []ledger.Entry) error { src.event(); return nil }
	if _, err := run.Do(context.Background()); err != nil {
		return err
	}
	return l.Close()
}

// crash carries out crashRun in a process of its own and reports whether it
// was killed.
func crash(t *testing.T, dir string, event int, delay time.Duration) bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%q %d %d", crashEnv, dir, event, delay))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false
	case errors.As(err, &exit) && exit.ExitCode() == -1:
		return true
	}
	t.Fatalf("run: %v\n%s", err, out)
	return false
}

// opened returns the keys that crashRun opened in dir so far, and forgets them.
func opened(t *testing.T, dir string) []string {
	t.Helper()
	name := filepath.Join(dir, "opened")
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var keys []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		keys = append(keys, sc.Text())
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	return keys
}

// committed returns the keys with a row in the ledger in dir, which may not
// be there yet.
func committed(t *testing.T, dir string) map[string]bool {
	t.Helper()
	keys := make(map[string]bool)
	r, err := ledger.OpenReader(t.Context(), filepath.Join(dir, "ledger.db"))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, ledger.ErrNotLedger) {
		return keys // killed before it was made
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for row, err := range r.Objects(t.Context(), ledger.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		keys[row.Object.Key] = true
	}
	return keys
}

func allFindings(t *testing.T, dir string) []string {
	t.Helper()
	r, err := ledger.OpenReader(t.Context(), filepath.Join(dir, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return findings(t, r, ledger.Filter{})
}

// TestKilledRunsResume kills a run again and again, each time a little further,
// and then lets it end: nothing that was committed is lost or read again, and
// the findings are those of a run that nobody disturbed.
func TestKilledRunsResume(t *testing.T) {
	undisturbed := t.TempDir()
	if crash(t, undisturbed, 0, 0) {
		t.Fatal("killed without a reason")
	}
	want := allFindings(t, undisturbed)
	if len(want) != crashObjects/10 {
		t.Fatalf("%d findings, want %d", len(want), crashObjects/10)
	}

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	kills, before := 0, 0
	for range 10 {
		done := committed(t, dir)
		if len(done) < before {
			t.Errorf("%d objects were committed, then %d", before, len(done))
		}
		before = len(done)
		opened(t, dir)
		// Each run has so many events left, and some are spent before the
		// next commit.
		event := 1 + rnd.IntN(max(1, min(700, crashObjects-len(done))))
		if crash(t, dir, event, time.Duration(rnd.IntN(20_000_000))) {
			kills++
		}
		for _, key := range opened(t, dir) {
			if done[key] {
				t.Errorf("%s was committed and read again", key)
			}
		}
	}
	if kills == 0 {
		t.Error("no run was killed")
	}
	t.Logf("%d runs killed, %d objects committed by then", kills, len(committed(t, dir)))
	if crash(t, dir, 0, 0) {
		t.Fatal("killed without a reason")
	}
	if got := allFindings(t, dir); !slices.Equal(got, want) {
		t.Errorf("%d findings after the crashes, %d without: %s", len(got), len(want), firstDifference(got, want))
	}
	if n := len(committed(t, dir)); n != crashObjects {
		t.Errorf("%d rows, want %d", n, crashObjects)
	}
}

func firstDifference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("%q, want %q", got[i], want[i])
		}
	}
	return strings.Join(append(got, want...)[min(len(got), len(want)):], "\n")
}
