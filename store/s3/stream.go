package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sluice-dlp/sluice/store"
)

// stream reads a stretch of one version in order, over one connection at a
// time. When that breaks, ends early or stalls, stream asks for the rest.
type stream struct {
	src  *Bucket
	ctx  context.Context
	pin  pin
	pos  int64 // of the next byte
	end  int64 // or unknown, if the store did not say
	want int64 // the end that the listing told, of which the store did not say otherwise; or unknown
	body io.ReadCloser
	stop context.CancelFunc // of the request that gave body

	failures int   // in a row
	mark     int64 // pos at the last failure
	err      error // set once the stream has failed for good
}

// progress is how many bytes make a resumed read count as a success: enough
// that a peer which sends a little and breaks cannot keep a read going forever.
const progress = 64 << 10

func (s *stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, s.err
	}
	for s.err == nil {
		if s.pos == s.end {
			return 0, io.EOF
		}
		if s.body == nil {
			if s.err = s.resume(); s.err != nil {
				break
			}
		}
		if s.end != unknown {
			p = p[:min(int64(len(p)), s.end-s.pos)]
		}
		n, err := s.body.Read(p)
		s.pos += int64(n)
		switch {
		case err == io.EOF && s.end == unknown && s.want != unknown && s.pos != s.want:
			s.err = fmt.Errorf("read object: %w: listed with %d bytes, answered with %d", store.ErrCorrupt, s.want, s.pos)
		case err == io.EOF && s.end == unknown:
			s.end = s.pos
		case err == io.EOF && s.pos < s.end:
			s.err = s.failed(io.ErrUnexpectedEOF)
		case err != nil && err != io.EOF:
			s.err = s.failed(err)
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, s.err
}

// Close frees the connection, for another request if it was read to its end.
func (s *stream) Close() error {
	if s.err == nil {
		s.err = errClosed
	}
	s.drop()
	return nil
}

var errClosed = errors.New("read object: reader is closed")

func (s *stream) drop() {
	if s.body == nil {
		return
	}
	s.body.Close()
	s.stop()
	s.body = nil
}

// failed notes that the connection broke with cause. It returns nil if the
// stream may be resumed.
func (s *stream) failed(cause error) error {
	s.drop()
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	if s.pos-s.mark >= progress {
		s.failures = 0
	}
	s.failures++
	s.mark = s.pos
	if s.failures < s.src.cfg.Attempts {
		return nil
	}
	kind := store.ErrBroken
	var n net.Error
	if errors.As(cause, &n) && n.Timeout() {
		kind = store.ErrStalled
	}
	return fmt.Errorf("read object: %w: gave up after %d tries at byte %d", kind, s.failures, s.pos)
}

// resume asks for the rest. The first try comes at once: a connection that
// the store closed for its own reasons is the common case.
func (s *stream) resume() error {
	if s.failures > 1 {
		if err := pause(s.ctx, s.failures-1, s.src.cfg.MaxBackoff); err != nil {
			return err
		}
	}
	_, err := s.ask()
	return err
}

// ask requests the bytes from pos on and makes the answer's body that of s. A
// version that was replaced meanwhile may still be there under its id.
func (s *stream) ask() (*s3.GetObjectOutput, error) {
	ctx, stop := context.WithCancel(s.ctx)
	out, err := s.src.get(ctx, s.pin, s.pos, s.end)
	if errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrNotFound) {
		if old, ok := s.pin.byVersion(); ok {
			if again, oldErr := s.src.get(ctx, old, s.pos, s.end); oldErr == nil {
				s.pin, out, err = old, again, nil
			}
		}
	}
	if err != nil {
		stop()
		return nil, err
	}
	if s.end == unknown && out.ContentLength != nil && *out.ContentLength >= 0 {
		s.end = s.pos + *out.ContentLength
	}
	s.body, s.stop = out.Body, stop
	return out, nil
}

// pause waits before the n-th repetition: 100 ms, doubled each time, at most
// limit, and a random part of that so that many readers do not come back at the
// same moment.
func pause(ctx context.Context, n int, limit time.Duration) error {
	d := min(100*time.Millisecond<<min(n-1, 16), limit)
	t := time.NewTimer(d/2 + rand.N(d/2+1))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
