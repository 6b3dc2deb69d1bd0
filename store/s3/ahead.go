package s3

import (
	"context"
	"io"
	"sync"
)

// ahead reads a large object by ranges, several at a time. It hands out the
// bytes in order: from cur, which is either a stream or a part that was read
// ahead into a buffer. Parts are only begun while buffers are free, so that many
// large objects at a time cost no more memory than one; without a buffer the
// next range is streamed.
type ahead struct {
	src    *Bucket
	ctx    context.Context
	stop   context.CancelFunc
	pin    pin
	size   int64
	cur    io.ReadCloser
	pos    int64   // of the next byte to hand out
	until  int64   // cur serves the bytes before this
	parts  []*part // begun and not yet handed out, in order
	begun  int64   // all bytes before this are served by cur or a part
	flight sync.WaitGroup
	err    error
}

// newAhead goes on with first, which must be open at its start.
func newAhead(first *stream) *ahead {
	ctx, stop := context.WithCancel(first.ctx)
	a := &ahead{src: first.src, ctx: ctx, stop: stop, pin: first.pin, size: first.end, cur: first}
	a.until = min(a.src.cfg.PartSize, a.size)
	a.begun = a.until
	a.begin()
	return a
}

func (a *ahead) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, a.err
	}
	for a.err == nil {
		if a.pos == a.size {
			return 0, io.EOF
		}
		if a.pos == a.until {
			if a.err = a.next(); a.err != nil {
				break
			}
		}
		n, err := a.cur.Read(p[:min(int64(len(p)), a.until-a.pos)])
		a.pos += int64(n)
		if err != nil && err != io.EOF {
			a.err = err
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, a.err
}

// Close stops all requests and returns when their goroutines have ended.
func (a *ahead) Close() error {
	if a.err == nil {
		a.err = errClosed
	}
	a.stop()
	a.flight.Wait()
	a.cur.Close()
	for _, p := range a.parts {
		p.Close()
	}
	a.parts = nil
	return nil
}

// next makes cur what serves the bytes from pos on.
func (a *ahead) next() error {
	a.cur.Close()
	if len(a.parts) == 0 {
		a.until = min(a.pos+a.src.cfg.PartSize, a.size)
		a.begun = a.until
		a.cur = &stream{src: a.src, ctx: a.ctx, pin: a.pin, pos: a.pos, end: a.until, mark: a.pos}
		a.begin()
		return nil
	}
	p := a.parts[0]
	a.parts = a.parts[1:]
	a.cur, a.until = p, p.off+int64(len(p.buf))
	a.begin()
	return p.wait(a.ctx)
}

// begin fetches as many parts as the settings and the free buffers allow.
func (a *ahead) begin() {
	for len(a.parts) < a.src.cfg.PartConcurrency && a.begun < a.size {
		n := min(a.src.cfg.PartSize, a.size-a.begun)
		buf := a.src.buffers.take()
		if buf == nil {
			return
		}
		p := &part{off: a.begun, buf: (*buf)[:n], whole: buf, pool: a.src.buffers, done: make(chan struct{})}
		a.parts = append(a.parts, p)
		a.begun += n
		a.flight.Go(func() { p.fetch(&stream{src: a.src, ctx: a.ctx, pin: a.pin, pos: p.off, end: p.off + n, mark: p.off}) })
	}
}

// part is a range of an object that was, or is being, read into a buffer.
type part struct {
	off   int64
	buf   []byte // of the range's length
	read  int    // bytes handed out
	whole *[]byte
	pool  *buffers
	done  chan struct{} // closed when buf is filled or err is set
	err   error
}

func (p *part) fetch(s *stream) {
	defer close(p.done)
	defer s.Close()
	_, p.err = io.ReadFull(s, p.buf)
}

func (p *part) wait(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *part) Read(b []byte) (int, error) {
	n := copy(b, p.buf[p.read:])
	p.read += n
	return n, nil
}

// Close gives the buffer back. The fetch must have ended.
func (p *part) Close() error {
	if p.whole != nil {
		p.pool.give(p.whole)
		p.whole, p.buf = nil, nil
	}
	return nil
}

// buffers lends buffers of one size, no more than a fixed number at a time.
type buffers struct {
	pool sync.Pool
	free chan struct{}
}

func newBuffers(size, total int64) *buffers {
	b := &buffers{free: make(chan struct{}, total/size)}
	b.pool.New = func() any { buf := make([]byte, size); return &buf }
	return b
}

// take returns a buffer, or nil if all are lent.
func (b *buffers) take() *[]byte {
	select {
	case b.free <- struct{}{}:
		return b.pool.Get().(*[]byte)
	default:
		return nil
	}
}

// wait returns a buffer when one is free. Who waits must hold none.
func (b *buffers) wait(ctx context.Context) (*[]byte, error) {
	select {
	case b.free <- struct{}{}:
		return b.pool.Get().(*[]byte), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (b *buffers) give(buf *[]byte) {
	b.pool.Put(buf)
	<-b.free
}
