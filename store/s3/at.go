package s3

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/sluice-dlp/sluice/store"
)

// At returns a reader of any parts of the version that o, as answered by Stat,
// names. Each ReadAt is a request of its own, resumed if its connection breaks;
// what is read is not compared with a checksum, as a store holds none of parts. ctx
// covers all of them. It is safe for concurrent use.
func (b *Bucket) At(ctx context.Context, o store.Object) (io.ReaderAt, error) {
	const op = "read object"
	if err := b.holds(op, o); err != nil {
		return nil, err
	}
	if o.Size < 0 || o.ETag == "" {
		return nil, fmt.Errorf("%s: its size or ETag is not known", op)
	}
	return at{b, ctx, o}, nil
}

type at struct {
	b   *Bucket
	ctx context.Context
	o   store.Object
}

func (a at) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("read object: negative offset")
	}
	want := int(min(int64(len(p)), a.o.Size-min(off, a.o.Size)))
	if want == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	s := &stream{src: a.b, ctx: a.ctx, pin: pin{key: a.o.Key, versionID: a.o.VersionID, etag: a.o.ETag}, pos: off, end: off + int64(want)}
	defer s.Close()
	n, err := io.ReadFull(s, p[:want])
	if err == nil && want < len(p) {
		err = io.EOF
	}
	return n, err
}
