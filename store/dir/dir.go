// Package dir reads a directory tree, or a single file, as if it were a
// bucket. The name of the bucket is the path of the directory, the keys are the
// slash-separated paths of the files below it.
//
// Whatever is found is listed. What cannot be read says so when it is opened:
// a directory without permission is listed with a slash at the end of its key
// and denied; a symbolic link that is not followed, a named pipe, a socket or a
// device gives [store.ErrNotFile]. Only directories that can be read are not
// listed themselves.
package dir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/sluice-dlp/sluice/store"
)

// Config says what to read. Only Path is required.
type Config struct {
	Path           string // a directory, or one file: then its directory is the bucket and its name the only key
	Prefix         string // list only keys that begin with it
	StartAfter     string // list only keys that sort after it
	FollowSymlinks bool   // read what a symbolic link below Path points to, wherever that is
}

// Source is a directory. It is safe for concurrent use.
type Source struct {
	cfg  Config
	root string // the directory
	file string // the only key, if Path is a file
}

// New returns the directory or file that cfg names, which may itself be a
// symbolic link.
func New(cfg Config) (*Source, error) {
	info, err := os.Stat(cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("read directory: %w", err)
	}
	if info.IsDir() {
		return &Source{cfg: cfg, root: cfg.Path}, nil
	}
	return &Source{cfg: cfg, root: filepath.Dir(cfg.Path), file: filepath.Base(cfg.Path)}, nil
}

// List yields what is below the directory, in the order in which the file
// system names it.
func (s *Source) List(ctx context.Context, yield func(store.Object) error) error {
	root, err := os.Stat(s.root)
	if err != nil {
		return fmt.Errorf("list directory: %w", s.explain(err))
	}
	w := walk{src: s, ctx: ctx, yield: yield}
	if s.file != "" {
		return w.file(s.file)
	}
	err = w.directory("", []fs.FileInfo{root})
	var unread *unreadError
	if errors.As(err, &unread) {
		return fmt.Errorf("list directory: %w", s.explain(unread.err))
	}
	return err
}

// Open starts reading a file. It fails with [store.ErrChanged] if size, time of
// modification or inode differ from what was listed, and so does the reader if
// they change while it reads.
func (s *Source) Open(ctx context.Context, o store.Object) (io.ReadCloser, store.Object, error) {
	if ctx.Err() != nil {
		return nil, o, context.Cause(ctx)
	}
	r, got, err := s.open(ctx, o)
	if err != nil {
		return nil, o, fmt.Errorf("open file: %w", err)
	}
	return r, got, nil
}

func (s *Source) open(ctx context.Context, o store.Object) (io.ReadCloser, store.Object, error) {
	if !filepath.IsLocal(filepath.FromSlash(o.Key)) || (s.file != "" && o.Key != s.file) {
		return nil, o, store.ErrNotFound
	}
	if strings.HasSuffix(o.Key, "/") {
		return nil, o, s.openDirectory(o.Key)
	}
	info, err := s.stat(o.Key)
	if err != nil {
		return nil, o, s.explain(err)
	}
	if !info.Mode().IsRegular() {
		return nil, o, fmt.Errorf("%w but a %s", store.ErrNotFile, kind(info.Mode()))
	}
	got := s.object(o.Key, info)
	if o.ETag != "" && o.ETag != got.ETag {
		return nil, o, store.ErrChanged
	}
	f, err := os.Open(s.path(o.Key))
	if err != nil {
		return nil, o, s.explain(err)
	}
	r := &reader{ctx: ctx, f: f, etag: got.ETag}
	if err := r.unchanged(); err != nil { // between the two looks at it
		f.Close()
		return nil, o, err
	}
	return r, got, nil
}

// openDirectory repeats what failed when the directory was listed.
func (s *Source) openDirectory(key string) error {
	f, err := os.Open(s.path(key))
	if err != nil {
		return s.explain(err)
	}
	defer f.Close()
	for {
		if _, err := f.ReadDir(batch); err == io.EOF {
			return fmt.Errorf("%w: the directory can be read now", store.ErrChanged)
		} else if err != nil {
			return s.explain(err)
		}
	}
}

func (s *Source) path(key string) string { return filepath.Join(s.root, filepath.FromSlash(key)) }

// stat describes what key stands for: what a symbolic link points to, if links
// are followed or the user named this one.
func (s *Source) stat(key string) (fs.FileInfo, error) {
	if s.cfg.FollowSymlinks || s.file != "" {
		return os.Stat(s.path(key))
	}
	return os.Lstat(s.path(key))
}

func (s *Source) object(key string, info fs.FileInfo) store.Object {
	o := store.Object{Bucket: s.root, Key: key, Size: -1, Modified: info.ModTime().UTC()}
	if info.Mode().IsRegular() {
		o.Size, o.ETag = info.Size(), etag(info)
	}
	return o
}

// etag changes when a file is written to or replaced.
func etag(info fs.FileInfo) string {
	return fmt.Sprintf("%x-%x-%x", info.Size(), info.ModTime().UnixNano(), inode(info))
}

func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "directory that contains itself through a symbolic link"
	case m&fs.ModeSymlink != 0:
		return "symbolic link, which is not followed"
	case m&fs.ModeNamedPipe != 0:
		return "named pipe"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeDevice != 0:
		return "device"
	}
	return "special file"
}

// explain wraps the sentinel that fits err, without the path that is in it: a
// path can be personal data.
func (s *Source) explain(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return store.ErrDenied
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		if _, err := os.Stat(s.root); errors.Is(err, fs.ErrNotExist) {
			return store.ErrNoBucket
		}
		return store.ErrNotFound
	}
	return fmt.Errorf("%w: %w", store.ErrBroken, err)
}
