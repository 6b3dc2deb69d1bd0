package dir

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/store"
)

// batch is how many names of a directory are held at a time.
const batch = 256

// walk is one listing.
type walk struct {
	src   *Source
	ctx   context.Context
	yield func(store.Object) error
}

// unreadError says that a directory could not be read to its end.
type unreadError struct{ err error }

func (e *unreadError) Error() string { return e.err.Error() }

// directory lists the directory of that key, "" for the root. above are the
// directories on the way to it and itself.
func (w *walk) directory(key string, above []fs.FileInfo) error {
	f, err := os.Open(w.src.path(key))
	if err != nil {
		return &unreadError{err}
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(batch)
		for _, e := range entries {
			if w.ctx.Err() != nil {
				return context.Cause(w.ctx)
			}
			if err := w.entry(path.Join(key, e.Name()), e.Type(), above); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &unreadError{err}
		}
	}
}

func (w *walk) entry(key string, mode fs.FileMode, above []fs.FileInfo) error {
	follow := mode&fs.ModeSymlink != 0 && w.src.cfg.FollowSymlinks
	if !mode.IsDir() && !follow {
		return w.file(key)
	}
	info, err := w.src.stat(key)
	if err != nil || !info.IsDir() || contains(above, info) {
		return w.file(key)
	}
	if !w.reaches(key + "/") {
		return nil
	}
	err = w.directory(key, append(slices.Clip(above), info))
	var unread *unreadError
	if errors.As(err, &unread) {
		return w.yield(store.Object{Bucket: w.src.root, Key: key + "/", Size: -1, Modified: info.ModTime().UTC()})
	}
	return err
}

// file yields what is not a directory. If it is gone again it is yielded all
// the same: Open will say so.
func (w *walk) file(key string) error {
	if !strings.HasPrefix(key, w.src.cfg.Prefix) || (w.src.cfg.StartAfter != "" && key <= w.src.cfg.StartAfter) {
		return nil
	}
	info, err := w.src.stat(key)
	if err != nil {
		return w.yield(store.Object{Bucket: w.src.root, Key: key, Size: -1})
	}
	return w.yield(w.src.object(key, info))
}

// reaches reports whether a key that begins with dir can be asked for.
func (w *walk) reaches(dir string) bool {
	prefix, after := w.src.cfg.Prefix, w.src.cfg.StartAfter
	return (strings.HasPrefix(dir, prefix) || strings.HasPrefix(prefix, dir)) &&
		(dir > after || strings.HasPrefix(after, dir))
}

func contains(above []fs.FileInfo, dir fs.FileInfo) bool {
	return slices.ContainsFunc(above, func(d fs.FileInfo) bool { return os.SameFile(d, dir) })
}
