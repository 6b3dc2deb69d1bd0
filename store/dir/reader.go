package dir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/sluice-dlp/sluice/store"
)

// reader gives the bytes of a file for as long as it stays the same.
type reader struct {
	ctx  context.Context
	f    *os.File
	etag string
	err  error
}

var errClosed = errors.New("read file: reader is closed")

// Read looks at the file after each read and before it hands the bytes out, so
// that bytes written meanwhile are not mixed with older ones.
func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 || r.err != nil {
		return 0, r.err
	}
	if r.ctx.Err() != nil {
		r.err = context.Cause(r.ctx)
		return 0, r.err
	}
	n, err := r.f.Read(p)
	if changed := r.unchanged(); changed != nil {
		r.err = fmt.Errorf("read file: %w", changed)
		return 0, r.err
	}
	if err != nil {
		r.err = readError(err)
	}
	return n, r.err
}

func (r *reader) unchanged() error {
	info, err := r.f.Stat()
	if err != nil {
		return readError(err)
	}
	if etag(info) != r.etag {
		return store.ErrChanged
	}
	return nil
}

// readError keeps io.EOF and takes the path out of other errors.
func readError(err error) error {
	if err == io.EOF {
		return err
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return fmt.Errorf("read file: %w: %w", store.ErrBroken, err)
}

func (r *reader) Close() error {
	r.err = errClosed
	r.f.Close()
	return nil
}
