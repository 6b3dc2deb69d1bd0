package scanner

import (
	"context"
	"io"
)

// maxEmptyReads is how many times in a row a reader may return neither bytes
// nor an error, as in package bufio.
const maxEmptyReads = 100

// windows cuts a stream into consecutive parts and shows each with its
// surroundings. The parts tile the stream, so a match that belongs to the
// part in which it starts belongs to exactly one; docs/design/windows.md
// says why it is found there however the stream is cut.
//
// The buffer holds, from front to back, the margin before the part, the part,
// and the margin after it. Only its first n bytes are ever looked at.
type windows struct {
	r      io.Reader
	buf    []byte // longer than two margins
	margin int

	n        int   // bytes of buf in use
	from, to int   // the part to search is buf[from:to]
	base     int64 // offset of buf[0] in the stream
	err      error // what ended the stream: io.EOF, or why the rest is missing
}

// next moves on to the next part. It reports false after the last one, and
// at once when ctx is done. Bytes that came before a read error are shown first.
func (w *windows) next(ctx context.Context) bool {
	if w.err != nil {
		return false
	}
	drop := max(0, w.to-w.margin)
	w.n = copy(w.buf, w.buf[drop:w.n])
	w.base += int64(drop)
	w.from = w.to - drop
	if err := w.fill(ctx); err != nil {
		w.err = err
		return false
	}
	w.to = w.n
	if w.err == nil {
		w.to -= w.margin
	}
	return w.from < w.to
}

// fill reads until the buffer is full or the stream ends. The error is that
// of ctx; one of the reader goes to w.err.
func (w *windows) fill(ctx context.Context) error {
	empty := 0
	for w.n < len(w.buf) && w.err == nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		var n int
		n, w.err = w.r.Read(w.buf[w.n:])
		w.n += n
		if n > 0 {
			empty = 0
		} else if empty++; empty == maxEmptyReads && w.err == nil {
			w.err = io.ErrNoProgress
		}
	}
	return nil
}

// bytes returns the bytes of the stream from offset start to offset end,
// which lie in the current window or its margins. They are valid until next.
func (w *windows) bytes(start, end int64) []byte {
	return w.buf[start-w.base : end-w.base]
}
