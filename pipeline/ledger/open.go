package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Reader reads a ledger. It is safe for concurrent use.
type Reader struct {
	path string
	db   *sql.DB
}

// Ledger reads and writes a ledger. Its writing methods are for one goroutine,
// but for Known, which any may call.
type Ledger struct {
	*Reader
	lock  *os.File
	write *sql.DB // one connection
	stmt  statements
	known *sql.Stmt
	blank bool // nothing was recorded before the present run
}

// readers bounds the connections for reading: each has a page cache.
const readers = 4

// Open opens the ledger at path for writing, and creates it if there is no
// file or an empty one. A run that was killed is marked as interrupted. The
// error says what to do; it wraps [ErrNotLedger], [ErrVersion], [ErrInUse],
// [ErrDamaged] or the file system's error.
func Open(ctx context.Context, path string) (_ *Ledger, err error) {
	if err := creatable(path); err != nil {
		return nil, err
	}
	l := new(Ledger)
	defer func() {
		if err != nil {
			l.Close()
			err = explain(path, err)
		}
	}()
	if err = create(path); err != nil {
		return nil, err
	}
	path = behindLinks(path)
	if l.lock, err = lock(path); err != nil {
		return nil, err
	}
	if l.write, err = sql.Open("sqlite", dsn(path, "_txlock=immediate", "_pragma=busy_timeout(10000)")); err != nil {
		return nil, err
	}
	l.write.SetMaxOpenConns(1)
	if err = prepare(ctx, l.write); err != nil {
		return nil, err
	}
	if err = l.configure(ctx); err != nil {
		return nil, err
	}
	if l.Reader, err = open(path, "_pragma=query_only(1)"); err != nil {
		return nil, err
	}
	if l.known, err = l.db.PrepareContext(ctx, knownSQL); err != nil {
		return nil, err
	}
	return l, nil
}

// configure sets how the ledger is written, prepares the statements, marks
// runs that were killed, and frees the messages that they were sending.
func (l *Ledger) configure(ctx context.Context) error {
	for _, p := range []string{
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = FULL",
		"PRAGMA cache_size = -16384",
		"PRAGMA journal_size_limit = 67108864",
	} {
		if _, err := l.write.ExecContext(ctx, p); err != nil {
			return err
		}
	}
	if _, err := l.write.ExecContext(ctx, "UPDATE runs SET state = ?, error = 'killed' WHERE state = ?", Interrupted, Running); err != nil {
		return err
	}
	// Nobody else has the ledger, so whoever was sending a message is no more.
	if _, err := l.write.ExecContext(ctx, "UPDATE messages SET holder = '', lease = '' WHERE holder <> ''"); err != nil {
		return err
	}
	return l.stmt.prepare(ctx, l.write)
}

// Files are the paths of the ledger and of what lies beside it as long as it
// is open.
func (l *Ledger) Files() []string {
	return []string{l.path, l.path + "-wal", l.path + "-shm", l.path + lockSuffix}
}

// Close frees the ledger. What was committed stays.
func (l *Ledger) Close() error {
	var errs []error
	if l.Reader != nil {
		errs = append(errs, l.Reader.Close())
	}
	if l.write != nil {
		errs = append(errs, l.write.Close())
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Close())
	}
	return errors.Join(errs...)
}

// OpenReader opens the ledger at path for reading. A run may write to it
// meanwhile. Errors are as those of [Open].
func OpenReader(ctx context.Context, path string) (*Reader, error) {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("ledger %s: %w: name the file that a scan wrote", path, fs.ErrNotExist)
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("ledger %s: %w: it is a directory", path, ErrNotLedger)
	}
	path = behindLinks(path)
	// A log that exists belongs to the ledger and must be read with it, which
	// takes a writable directory. Without one, the file is all there is, and
	// can be read wherever it lies.
	mode := "mode=rw"
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) && !writable(path) {
		mode = "immutable=1"
	}
	r, err := open(path, mode, "_pragma=query_only(1)")
	if err != nil {
		return nil, explain(path, err)
	}
	empty, err := check(ctx, r.db)
	if err == nil && empty {
		err = fmt.Errorf("%w: it is empty", ErrNotLedger)
	}
	if err != nil {
		r.Close()
		return nil, explain(path, err)
	}
	return r, nil
}

// Close frees the reader.
func (r *Reader) Close() error { return r.db.Close() }

func open(path string, options ...string) (*Reader, error) {
	db, err := sql.Open("sqlite", dsn(path, append(options, "_pragma=busy_timeout(10000)")...))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	return &Reader{path: path, db: db}, nil
}

// dsn names the file for the driver. Bytes that mean something in a URI are
// escaped.
func dsn(path string, options ...string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join(options, "&")
}

// behindLinks is the path of the file itself, beside which SQLite's log and our lock
// are, by whichever name it is known.
func behindLinks(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// creatable reports why no ledger can be at path, in words that a user can act
// on.
func creatable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("ledger %s is a directory: name a file in it", path)
	case err == nil && !writable(path):
		return fmt.Errorf("ledger %s: cannot write to it or its directory: change the permissions or name another file: %w", path, fs.ErrPermission)
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("ledger %s: %w", path, err)
	}
	dir := filepath.Dir(path)
	info, err = os.Stat(dir)
	switch {
	case err != nil:
		return fmt.Errorf("ledger %s: there is no directory %s: create it or name another file: %w", path, dir, err)
	case !info.IsDir():
		return fmt.Errorf("ledger %s: %s is no directory: name another file", path, dir)
	}
	return nil
}

// create makes an empty file that only its owner can read, if there is none:
// the names of objects are nobody else's business. SQLite gives its log the
// same permissions.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// writable reports whether the file can be written and its directory can take
// the log beside it.
func writable(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false
	}
	f.Close()
	probe, err := os.CreateTemp(filepath.Dir(path), ".sluice-*")
	if err != nil {
		return false
	}
	probe.Close()
	return os.Remove(probe.Name()) == nil
}

// explain says which ledger err is about, and for SQLite's errors what it
// means and what to do.
func explain(path string, err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("ledger %s: %w", path, err)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("ledger %s: %w: name another file", path, ErrNotLedger)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("ledger %s: %w: keep it aside and begin another, or try sqlite3's .recover: %w", path, ErrDamaged, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("ledger %s: cannot open it and its log for writing: check the permissions of the file and its directory, or copy it: %w", path, err)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("ledger %s: the disk does not take or give it: check space, quota, limits and health of the disk and run again, what was committed is kept: %w", path, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("ledger %s: the disk is full: make room and run again, what was committed is kept: %w", path, err)
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf("ledger %s: %w, one that is not sluice: close it: %w", path, ErrInUse, err)
	}
	return fmt.Errorf("ledger %s: %w", path, err)
}
