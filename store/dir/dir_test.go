package dir_test

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/store/dir"
	"github.com/sluice-dlp/sluice/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Bucket {
		root := filepath.Join(t.TempDir(), "bucket")
		if err := os.Mkdir(root, 0o755); err != nil {
			t.Fatal(err)
		}
		return storetest.Bucket{
			Name: root,
			Put:  func(key string, body []byte) error { return write(filepath.Join(root, filepath.FromSlash(key)), body) },
			Delete: func(key string) error {
				return os.Remove(filepath.Join(root, filepath.FromSlash(key)))
			},
			Source: func(t *testing.T, prefix, after string) storetest.Source {
				src, err := dir.New(dir.Config{Path: root, Prefix: prefix, StartAfter: after})
				if err != nil {
					t.Fatal(err)
				}
				return src
			},
			Remove:  func() error { return os.RemoveAll(root) },
			Refuses: func(key string) bool { return path.Clean(key) != key || strings.HasPrefix(key, "/") },
		}
	})
}

func write(name string, body []byte) error {
	return errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, body, 0o644))
}
