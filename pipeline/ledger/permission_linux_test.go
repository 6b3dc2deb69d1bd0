package ledger_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

// asNobody calls f on a thread whose rights on files are those of nobody, since
// root would be refused nothing. The thread ends with the call.
func asNobody(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked
		if os.Getuid() == 0 {
			syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0)
		}
		f()
	}()
	<-done
}

func TestReadOnlyDirectory(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.db")
	l := open(t, path)
	commit(t, l, begin(t, l), entry("k"))
	l.Close()
	for name, mode := range map[string]fs.FileMode{filepath.Dir(dir): 0o755, dir: 0o555, path: 0o444} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(dir, 0o755) })
	asNobody(func() {
		for _, name := range []string{path, filepath.Join(dir, "new.db")} {
			l, err := ledger.Open(t.Context(), name)
			if err == nil {
				l.Close()
			}
			if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), name) {
				t.Errorf("open: %v", err)
			}
		}
		r, err := ledger.OpenReader(t.Context(), path)
		if err != nil {
			t.Errorf("a ledger that is at rest cannot be read where nothing can be written: %v", err)
			return
		}
		defer r.Close()
		n := 0
		for _, err := range r.Objects(t.Context(), ledger.Filter{}) {
			if err != nil {
				t.Error(err)
			}
			n++
		}
		if n != 1 {
			t.Errorf("%d objects, want 1", n)
		}
	})
}

func TestLedgerIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	begin(t, l)
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %v", filepath.Base(info.Name()), mode)
		}
	}
}
