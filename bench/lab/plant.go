package lab

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/xattr"
)

// Plant makes an object of what content writes, by writing the file that the
// gateway would: for objects so large or so many that sending them would take
// too long. The object has an ETag, as one uploaded in parts has, and no
// checksum.
func (g *Gateway) Plant(bucket, key string, content func(io.Writer) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("plant object: %w", err)
		}
	}()
	path := filepath.Join(g.objects(), bucket, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 256<<10)
	sum := crc64.New(crc64.MakeTable(crc64.ECMA))
	if err := errors.Join(content(io.MultiWriter(w, sum)), w.Flush()); err != nil {
		return err
	}
	return xattr.FSet(f, "user.etag", fmt.Appendf(nil, `"%032x-1"`, sum.Sum64()))
}
