package ledger

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// lockSuffix is what the lock file's name adds to the ledger's. The file
// stays behind when the lock is freed: removing it would let a second process
// lock a file that a third can no longer see.
//
// The ledger itself is not locked, because on some systems that lock and
// those that SQLite takes are of one kind.
const lockSuffix = ".lock"

// lock makes this process the only writer of the ledger at path until the
// file is closed.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path+lockSuffix, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot write beside it: change the permissions of the directory or name another file: %w", err)
	}
	ok, err := tryLock(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	if !ok {
		defer f.Close()
		return nil, fmt.Errorf("%w%s; wait until it ends, or name another file", ErrInUse, owner(f))
	}
	if err := f.Truncate(0); err != nil {
		f.Close()
		return nil, err
	}
	if _, err := fmt.Fprintf(f, "%d\n", os.Getpid()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// owner names the process that holds the lock file f, for people.
func owner(f *os.File) string {
	b, err := io.ReadAll(io.LimitReader(f, 20))
	pid := strings.TrimSpace(string(b))
	if err != nil || pid == "" {
		return ""
	}
	return " (process " + pid + ")"
}
