package dir_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sluice-dlp/sluice/store"
	"github.com/sluice-dlp/sluice/store/dir"
)

// outcomes lists a directory and opens what is listed. It returns the reason
// for each key that could not be read, "read" for the others.
func outcomes(t *testing.T, cfg dir.Config) map[string]string {
	t.Helper()
	src, err := dir.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	err = src.List(t.Context(), func(o store.Object) error {
		if _, twice := got[o.Key]; twice {
			t.Errorf("%s listed twice", o.Key)
		}
		got[o.Key] = outcome(t.Context(), src, o)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func outcome(ctx context.Context, src *dir.Source, o store.Object) string {
	r, _, err := src.Open(ctx, o)
	if err == nil {
		defer r.Close()
		_, err = io.Copy(io.Discard, r)
	}
	if err != nil {
		return store.Reason(err)
	}
	return "read"
}

// newTree makes a directory with one of everything that is not a file.
func newTree(t *testing.T) string {
	t.Helper()
	outside := filepath.Join(t.TempDir(), "outside")
	root := t.TempDir()
	try := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	try(write(filepath.Join(outside, "there"), []byte("x")))
	try(write(filepath.Join(root, "file"), []byte("x")))
	try(write(filepath.Join(root, "sub", "file"), []byte("x")))
	try(os.Mkdir(filepath.Join(root, "empty"), 0o755))
	try(os.Symlink("file", filepath.Join(root, "link-file")))
	try(os.Symlink(outside, filepath.Join(root, "link-dir")))
	try(os.Symlink("nowhere", filepath.Join(root, "link-broken")))
	try(os.Symlink("..", filepath.Join(root, "sub", "link-loop")))
	try(unix.Mkfifo(filepath.Join(root, "pipe"), 0o644))
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(root, "socket")})
	try(err)
	t.Cleanup(func() { l.Close() })
	return root
}

func TestNothingIsSilent(t *testing.T) {
	root := newTree(t)
	for _, tt := range []struct {
		name string
		cfg  dir.Config
		want map[string]string
	}{
		{"links not followed", dir.Config{Path: root}, map[string]string{
			"file": "read", "sub/file": "read",
			"link-file": store.ReasonNotFile, "link-dir": store.ReasonNotFile, "link-broken": store.ReasonNotFile,
			"sub/link-loop": store.ReasonNotFile, "pipe": store.ReasonNotFile, "socket": store.ReasonNotFile,
		}},
		{"links followed", dir.Config{Path: root, FollowSymlinks: true}, map[string]string{
			"file": "read", "sub/file": "read",
			"link-file": "read", "link-dir/there": "read", "link-broken": store.ReasonNotFound,
			"sub/link-loop": store.ReasonNotFile, "pipe": store.ReasonNotFile, "socket": store.ReasonNotFile,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := outcomes(t, tt.cfg); !maps.Equal(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
		})
	}
}

func TestSingleFile(t *testing.T) {
	root := newTree(t)
	for _, tt := range []struct{ path, want string }{
		{"file", "read"}, {"sub/file", "read"}, {"link-file", "read"}, {"pipe", store.ReasonNotFile},
	} {
		t.Run(strings.ReplaceAll(tt.path, "/", "|"), func(t *testing.T) {
			path := filepath.Join(root, tt.path)
			want := map[string]string{filepath.Base(path): tt.want}
			if got := outcomes(t, dir.Config{Path: path}); !maps.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
	src, err := dir.New(dir.Config{Path: filepath.Join(root, "file")})
	if err != nil {
		t.Fatal(err)
	}
	if got := outcome(t.Context(), src, store.Object{Key: "sub/file"}); got != store.ReasonNotFound {
		t.Errorf("a source of one file opened another: %s", got)
	}
}

func TestMissingPath(t *testing.T) {
	_, err := dir.New(dir.Config{Path: filepath.Join(t.TempDir(), "nowhere")})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("New = %v, want one that says that the path does not exist", err)
	}
}

// TestOutsideTheRoot makes sure that no key leads out of the directory.
func TestOutsideTheRoot(t *testing.T) {
	root := t.TempDir()
	if err := write(filepath.Join(root, "file"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "inner"), 0o755); err != nil {
		t.Fatal(err)
	}
	src, err := dir.New(dir.Config{Path: filepath.Join(root, "inner")})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"../file", "x/../../file", filepath.Join(root, "file"), ""} {
		if got := outcome(t.Context(), src, store.Object{Key: key}); got != store.ReasonNotFound {
			t.Errorf("key %q: %s", key, got)
		}
	}
}

// TestDenied runs as nobody, since root may read everything.
func TestDenied(t *testing.T) {
	root := t.TempDir()
	if err := os.Chmod(filepath.Dir(root), 0o755); err != nil { // nobody must get there
		t.Fatal(err)
	}
	for _, name := range []string{"open", "closed", "locked/in", "prefix/locked/in"} {
		if err := write(filepath.Join(root, name), []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"closed", "locked", "prefix/locked"} {
		if err := os.Chmod(filepath.Join(root, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		os.Chmod(filepath.Join(root, "locked"), 0o755)
		os.Chmod(filepath.Join(root, "prefix/locked"), 0o755)
	})
	asNobody(t, func() {
		want := map[string]string{"open": "read", "closed": store.ReasonDenied, "locked/": store.ReasonDenied, "prefix/locked/": store.ReasonDenied}
		if got := outcomes(t, dir.Config{Path: root}); !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		// The directory may hold keys with the prefix, so it is not left out.
		want = map[string]string{"locked/": store.ReasonDenied}
		if got := outcomes(t, dir.Config{Path: root, Prefix: "locked/in"}); !maps.Equal(got, want) {
			t.Errorf("with a prefix: got %v, want %v", got, want)
		}
		src, err := dir.New(dir.Config{Path: filepath.Join(root, "locked")})
		if err != nil {
			t.Fatal(err)
		}
		if err := src.List(t.Context(), func(store.Object) error { return nil }); !errors.Is(err, store.ErrDenied) {
			t.Errorf("List of a locked root = %v, want ErrDenied", err)
		}
	})
	if err := os.Chmod(filepath.Join(root, "locked"), 0o755); err != nil {
		t.Fatal(err)
	}
	src, err := dir.New(dir.Config{Path: root})
	if err != nil {
		t.Fatal(err)
	}
	if got := outcome(t.Context(), src, store.Object{Key: "locked/"}); got != store.ReasonChanged {
		t.Errorf("a directory that can be read by now: %s, want %s", got, store.ReasonChanged)
	}
}

// asNobody calls f on a thread whose file access is that of the user nobody. The
// thread ends with its goroutine.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	const nobody = 65534
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if _, err := unix.SetfsuidRetUid(nobody); err != nil {
			t.Error(err)
			return
		}
		f()
	}()
	<-done
}

// TestDetectsSameSize makes sure that a file that was replaced by one of the
// same size and time is not taken for it.
func TestDetectsSameSize(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "file")
	if err := write(path, []byte("one")); err != nil {
		t.Fatal(err)
	}
	src, err := dir.New(dir.Config{Path: root})
	if err != nil {
		t.Fatal(err)
	}
	var listed []store.Object
	if err := src.List(t.Context(), func(o store.Object) error { listed = append(listed, o); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := write(path+"2", []byte("two")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path+"2", listed[0].Modified, listed[0].Modified); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+"2", path); err != nil {
		t.Fatal(err)
	}
	if got := outcome(t.Context(), src, listed[0]); got != store.ReasonChanged {
		t.Errorf("%s, want %s", got, store.ReasonChanged)
	}
	if listed[0].Size != 3 {
		t.Errorf("listed with %d bytes, want 3", listed[0].Size)
	}
}
