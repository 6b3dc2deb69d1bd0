package local_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/sluice-dlp/sluice/quarantine/keys/keytest"
	"github.com/sluice-dlp/sluice/quarantine/keys/local"
	"github.com/sluice-dlp/sluice/quarantine/seal"
)

func create(t *testing.T) (*local.Keys, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	k, err := local.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	return k, path
}

func TestConformance(t *testing.T) {
	_, path := create(t)
	if _, err := local.Rotate(path); err != nil {
		t.Fatal(err)
	}
	k, err := local.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	stranger, _ := create(t)
	keytest.Run(t, keytest.Keys{
		Provider: local.Provider, Wrapper: k, Unwrapper: k, Stranger: stranger,
		Faults: []keytest.Fault{
			{
				Name: "another file",
				Open: func(*testing.T) (seal.Wrapper, seal.Unwrapper, error) { return nil, stranger, nil },
				Says: []string{k.KeyID()},
			},
			{
				Name: "no file",
				Open: func(t *testing.T) (seal.Wrapper, seal.Unwrapper, error) {
					_, err := local.Open(filepath.Join(t.TempDir(), "none.json"))
					return nil, nil, err
				},
				Says: []string{"none.json", "no such file"},
			},
		},
	})
}

func TestSaysWhatItIsFor(t *testing.T) {
	k, path := create(t)
	d, err := k.DataKey(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d.KeyID != k.KeyID() || !strings.Contains(d.KeyID, "demo-only") || !strings.Contains(string(text), local.Warning) {
		t.Errorf("key %q, file without the warning", d.KeyID)
	}
}

func TestCreateOverwritesNothing(t *testing.T) {
	_, path := create(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dangling := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(t.TempDir(), "target"), dangling); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, dangling} {
		if _, err := local.Create(p); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", p, err)
		}
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file was changed: %v", err)
	}
}

func TestMode(t *testing.T) {
	old := syscall.Umask(0)
	_, path := create(t)
	_, err := local.Rotate(path)
	syscall.Umask(old)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o601} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		for name, open := range map[string]func(string) (*local.Keys, error){"open": local.Open, "rotate": local.Rotate} {
			if _, err := open(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
				t.Errorf("%s of %#o: %v", name, mode, err)
			}
		}
	}
}

// TestRotation: what any key of the file has wrapped can be unwrapped, and the
// newest wraps.
func TestRotation(t *testing.T) {
	k, path := create(t)
	var wrapped []seal.DataKey
	var plain []string
	ids := map[string]bool{}
	for range 4 {
		d, err := k.DataKey(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		plain, d.Plain = append(plain, string(d.Plain)), nil
		wrapped, ids[d.KeyID] = append(wrapped, d), true
		if k, err = local.Rotate(path); err != nil {
			t.Fatal(err)
		}
	}
	if len(ids) != 4 || ids[k.KeyID()] {
		t.Errorf("%d keys have wrapped, the newest is among them: %v", len(ids), ids[k.KeyID()])
	}
	again, err := local.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []*local.Keys{k, again} {
		for i, d := range wrapped {
			if got, err := k.Unwrap(t.Context(), d, nil); err != nil || string(got) != plain[i] {
				t.Errorf("key %d: %v", i, err)
			}
			d.KeyID = k.KeyID()
			if _, err := k.Unwrap(t.Context(), d, nil); !errors.Is(err, seal.ErrNotOpened) {
				t.Errorf("key %d under the name of another: %v", i, err)
			}
		}
	}
}

// TestRotationsAtOnce: no key of a rotation that succeeded is ever lost.
func TestRotationsAtOnce(t *testing.T) {
	_, path := create(t)
	var mu sync.Mutex
	var wrapped []seal.DataKey
	var wg sync.WaitGroup
	var refused atomic.Int64
	for range 8 {
		wg.Go(func() {
			for range 10 {
				k, err := local.Rotate(path)
				if err != nil {
					refused.Add(1)
					continue
				}
				d, err := k.DataKey(t.Context(), nil)
				if err != nil {
					t.Error(err)
				}
				d.Plain = nil
				mu.Lock()
				wrapped = append(wrapped, d)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	k, err := local.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range wrapped {
		if _, err := k.Unwrap(t.Context(), d, nil); err != nil {
			t.Error(err)
		}
	}
	if len(wrapped) == 0 || len(wrapped)+int(refused.Load()) != 80 {
		t.Errorf("%d rotations, %d refused", len(wrapped), refused.Load())
	}
}

func TestRotationCutShort(t *testing.T) {
	k, path := create(t)
	if err := os.WriteFile(path+".new", []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := local.Rotate(path); err == nil || !strings.Contains(err.Error(), "remove "+path+".new") {
		t.Error(err)
	}
	if again, err := local.Open(path); err != nil || again.KeyID() != k.KeyID() {
		t.Error(err)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	_, path := create(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	twice := strings.Replace(string(good), `"keys": [`, `"keys": [`+string(good[strings.Index(string(good), "[")+1:strings.LastIndex(string(good), "]")])+",", 1)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty": "", "null": "null", "no key": `{"keys": []}`, "cut short": string(good[:len(good)/2]), "twice": twice,
		"behind":     string(good) + "{}",
		"weak":       strings.Replace(string(good), `"secret": "`, `"secret": "AAAA`, 1),
		"other id":   strings.Replace(string(good), "demo-only:", "real:", 1),
		"very large": string(good) + strings.Repeat(" ", 1<<20),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := local.Open(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: %v", name, err)
		}
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{dir, pipe} {
		if _, err := local.Open(p); err == nil || !strings.Contains(err.Error(), "not a file") {
			t.Errorf("%s: %v", p, err)
		}
	}
}
