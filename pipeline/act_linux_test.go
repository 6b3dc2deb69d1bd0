package pipeline_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store/mem"
)

// limitFiles lets no file of this process grow beyond size: to the ledger, a
// disk that is full.
func limitFiles(t *testing.T, size uint64) {
	t.Helper()
	limit := syscall.Rlimit{Cur: size, Max: math.MaxUint64}
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = min(size, limit.Max)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}

func TestActOnAFullDisk(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	t.Cleanup(func() { signal.Reset(syscall.SIGXFSZ) })
	const objects = 400
	b := mem.New("customer")
	for i := range objects {
		b.Fill(fmt.Sprintf("k%04d", i), fmt.Appendf(nil, "%d %c", i, mark))
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := openLedger(t, path)
	do(t, &pipeline.Run{Source: b, Scanner: markScanner{}, Rules: rules(t), Ledger: l})
	vault := b.Beside("vault")
	j := pipeline.Journal{Ledger: l}
	a := &pipeline.Act{
		Ledger: l, Journal: j, Workers: 1,
		Mover:  &quarantine.Mover{Vault: vault, Prefix: "q/", Journal: j},
		Origin: func(context.Context, string) (quarantine.Bucket, error) { return b, nil },
	}
	plan(t, a, moveAll, objects)

	wal, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	limitFiles(t, uint64(wal.Size())+512<<10) // what 400 moves write is more
	t.Cleanup(func() { limitFiles(t, math.MaxUint64) })
	_, err = a.Do(t.Context())
	limitFiles(t, math.MaxUint64)
	if err == nil || !strings.Contains(err.Error(), "disk") {
		t.Fatalf("a full disk is reported as: %v", err)
	}
	gone := 0
	for i := range objects {
		if len(b.Versions(fmt.Sprintf("k%04d", i))) == 0 {
			gone++
		}
	}
	if gone == 0 || gone == objects {
		t.Fatalf("the disk was to fill half-way, and %d of %d objects are out of their bucket", gone, objects)
	}
	if n := len(moves(t, a, ledger.MoveFilter{States: []quarantine.State{quarantine.Removed, quarantine.Verified}})); n < gone {
		t.Errorf("%d objects are out of their bucket, and the ledger knows of %d that may be", gone, n)
	}
	// With room again the same ledger goes on to the end.
	d, err := a.Do(t.Context())
	if err != nil || len(d.Failed) > 0 {
		t.Fatalf("%+v: %v", d, err)
	}
	for _, m := range moves(t, a, ledger.MoveFilter{}) {
		if m.State != quarantine.Removed {
			t.Errorf("%s is %s", m.Object.Key, m.State)
		}
		if err := a.Mover.Check(t.Context(), m); err != nil {
			t.Errorf("%s: %v", m.Object.Key, err)
		}
	}
}
