package unpack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
)

// How much may unfold before Limits.Ratio is looked at: of a member, and of
// the object. The second is larger, so that one bomb does not use up what the
// small members after it need.
const (
	freeMember = 1 << 20
	freeObject = 64 << 20
)

var (
	// errCut ends a stream of which the rest is not read; why is recorded.
	errCut = errors.New("unpack: the rest of the member was not read, see its gap")

	// errStop ends everything: a limit on the whole object was reached.
	errStop = errors.New("unpack: a limit of the object was reached, see its gap")
)

// A walker is the state of one Walk.
type walker struct {
	ctx     context.Context
	lim     Limits
	v       Visitor
	root    *stream
	members int64
	bytes   int64 // unfolded so far
	windows int64 // bytes of xz windows made so far
	memory  share // of Limits.Memory

	// err ends the walk once set: every layer's next read fails with it, and
	// no layer has to hand it upwards.
	err error
}

// A place is where in the nesting a stream stands.
type place struct {
	path   string
	depth  int   // containers around it
	window int64 // what of Limits.Window is left for it and the layers in it

	// counted: all bytes of the stream are in walker.bytes already, so an
	// archive that only stores its members unfolds nothing more.
	counted bool
}

// in is the place of a member in the container at p.
func (p place) in(name string) place {
	p.path = join(p.path, name)
	p.depth++
	return p
}

func (w *walker) stop(err error) {
	if w.err == nil || w.err == errStop {
		w.err = err
	}
}

func (w *walker) alive() error {
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	return w.err
}

// take waits until there is memory for n bytes more of a decoder.
func (w *walker) take(n int64) error {
	if w.memory.take(w.ctx, n) != nil {
		return w.alive()
	}
	return nil
}

// halted is alive but for what was unfolded before a limit stopped the walk:
// that may still be read out of the buffers.
func (w *walker) halted() error {
	if err := w.alive(); err != errStop {
		return err
	}
	return nil
}

// gap records a gap, unless the walk has ended: what fails from then on fails
// for that reason.
func (w *walker) gap(path, reason string, err error) {
	if w.err == nil && w.v.Gap != nil {
		w.v.Gap(Gap{Path: path, Reason: reason, Err: err})
	}
}

// broken records that the stream s at path could not be read on because of
// err, unless s itself failed: then that is recorded where it happened.
func (w *walker) broken(s *stream, path string, err error) {
	if s.failed() == nil {
		w.gap(path, reasonOf(err), err)
	}
}

// member counts one more member, at p, and tells whether it is within limits.
func (w *walker) member(p place) bool {
	if w.alive() != nil {
		return false
	}
	if w.members++; w.members > w.lim.Members {
		w.gap(p.path, ReasonMembers, fmt.Errorf("more than %d members", w.lim.Members))
		w.stop(errStop)
		return false
	}
	return true
}

// walk reads the stream s, which stands at p: it opens what is a container, and
// shows the visitor everything else.
func (w *walker) walk(s *stream, p place) {
	sample, err := s.Peek(sniffLen)
	if w.halted() != nil || (len(sample) == 0 && s.failed() != nil) {
		return
	}
	f := sniff(sample, err == io.EOF)
	if s == w.root && w.v.Type != nil {
		w.v.Type(f.media)
	}
	if f.open == nil {
		w.leaf(s, p, f)
		return
	}
	if !f.text && p.depth >= w.lim.Depth { // an encoding of text is no container
		w.gap(p.path, ReasonDepth, fmt.Errorf("%s in %d containers", f.media, p.depth))
		return
	}
	f.open(w, s, p)
}

// unfold walks the member that m reads.
func (w *walker) unfold(m *meter) {
	m.w = w
	m.start = m.in.consumed()
	s := openStream(m)
	w.walk(s, m.at)
	s.close()
}

// A meter reads one member out of a container. It enforces the limits, and
// makes a gap of what its decoder fails with.
type meter struct {
	w      *walker
	dec    decoder
	in     *stream // what dec reads
	owner  string  // path of what is broken when dec fails
	format string  // for errors
	at     place   // of the member
	fresh  bool    // bytes count in Limits.Bytes

	start    int64 // of the stored bytes, in in
	n        int64
	err      error
	panicked bool // dec must not be used again
}

// close gives the decoder back.
func (m *meter) close() {
	if !m.panicked {
		m.dec.release()
	}
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.w.halted(); err != nil {
		return 0, err
	}
	if m.err != nil {
		return 0, m.err
	}
	left := int64(math.MaxInt64)
	if m.fresh {
		// One byte more than the limit tells a stream that goes on from one
		// that ends there.
		left = m.w.lim.Bytes - m.w.bytes
		if left < int64(len(p)) {
			p = p[:left+1]
		}
	}
	n, err := m.decode(p)
	if int64(n) > left {
		m.w.gap(m.at.path, ReasonBytes, fmt.Errorf("more than %d bytes unfolded", m.w.lim.Bytes))
		m.w.stop(errStop)
		return int(left), m.w.err
	}
	m.n += int64(n)
	if m.fresh {
		m.w.bytes += int64(n)
	}
	m.err = m.outcome(err)
	return n, m.err
}

// outcome turns the error of a read into that of the member.
func (m *meter) outcome(err error) error {
	w := m.w
	switch {
	case err != nil && err != io.EOF:
		if w.alive() != nil {
			return w.err
		}
		w.broken(m.in, m.owner, fmt.Errorf("%s: %w", m.format, err))
		return errCut
	case m.fresh && exceeds(m.n, m.in.consumed()-m.start, w.lim.Ratio, freeMember):
		w.gap(m.at.path, ReasonRatio, fmt.Errorf("%s: more than %d times the stored size", m.format, w.lim.Ratio))
		return errCut
	case m.fresh && exceeds(w.bytes, w.root.consumed(), w.lim.Ratio, freeObject):
		w.gap(m.at.path, ReasonRatio, fmt.Errorf("%s: more than %d times the size of the object", m.format, w.lim.Ratio))
		return errCut
	}
	return err
}

func exceeds(unfolded, stored, ratio, free int64) bool {
	return unfolded > free && (unfolded-1)/ratio >= max(stored, 1)
}

// decode reads from the decoder; not for ever if that gives nothing.
func (m *meter) decode(p []byte) (n int, err error) {
	m.panicked = true
	defer guard(&err)
	for range maxEmptyReads {
		if n, err = m.dec.Read(p); n > 0 || err != nil || len(p) == 0 {
			m.panicked = false
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// A panicError is a panic of a format library.
type panicError struct{ what string }

func (e *panicError) Error() string { return "panic: " + e.what }

// guard turns a panic into an error. It is deferred by all that calls a format
// library, and by nothing that calls the visitor.
func guard(err *error) {
	switch v := recover().(type) {
	case nil:
	case runtime.Error:
		*err = &panicError{v.Error()}
	default:
		// The value may hold content.
		*err = &panicError{fmt.Sprintf("%T", v)}
	}
}

// A reasonError is an error of a decoder whose reason is not ReasonMalformed.
type reasonError struct {
	reason string
	err    error
}

func (e *reasonError) Error() string { return e.err.Error() }
func (e *reasonError) Unwrap() error { return e.err }

func reasonOf(err error) string {
	var re *reasonError
	var pe *panicError
	switch {
	case errors.As(err, &pe):
		return ReasonUnparsable
	case errors.As(err, &re):
		return re.reason
	}
	return ReasonMalformed
}

// leaf shows the visitor a stream that is no container.
func (w *walker) leaf(s *stream, p place, f format) {
	m := Member{Path: p.path, Type: f.media, Text: f.text, Skipped: int64(f.skip)}
	if !f.text {
		w.gap(p.path, ReasonUnsupported, fmt.Errorf("%s is searched for plain strings only", f.media))
	}
	_, _ = s.Discard(f.skip)
	l := &leafReader{w: w, s: s, at: p}
	r := io.Reader(l)
	if f.text {
		defer l.tell(f)
	}
	if f.mail {
		l.mail = new(mailWatch)
	}
	if w.v.Member == nil {
		_, _ = io.Copy(io.Discard, r)
		return
	}
	if err := w.v.Member(m, r); err != nil && !errors.Is(err, errCut) && !errors.Is(err, errStop) {
		w.stop(err)
		return
	}
	_, _ = io.Copy(io.Discard, r)
}

// tell records what of a text was not read as what it is.
func (l *leafReader) tell(f format) {
	if l.text.end(); l.text.turned && !f.stays {
		l.w.turned(l.at.path, "text", int64(f.skip)+l.text.from)
	}
	if l.mail == nil {
		return
	}
	if l.mail.end(); l.mail.parts > 0 {
		l.w.gap(l.at.path, ReasonUnsupported, fmt.Errorf("%d parts of a mail in base64 are searched as they stand", l.mail.parts))
	}
}

// turned records that a text became something else on the way.
func (w *walker) turned(path, text string, from int64) {
	w.gap(path, ReasonUnsupported, fmt.Errorf("%s that turns into something else after %d bytes is searched as %s to its end", text, from, text))
}

// A leafReader is what the visitor reads.
type leafReader struct {
	w   *walker
	s   *stream
	at  place
	n   int64
	err error

	text textWatch
	mail *mailWatch // of a mail
}

func (l *leafReader) Read(p []byte) (int, error) {
	if err := l.w.halted(); err != nil {
		return 0, err
	}
	if l.err != nil {
		return 0, l.err
	}
	left := int64(math.MaxInt64)
	if l.at.depth > 0 {
		left = l.w.lim.MemberBytes - l.n
		if left < int64(len(p)) {
			p = p[:left+1]
		}
	}
	n, err := l.s.Read(p)
	if int64(n) > left {
		l.w.gap(l.at.path, ReasonMemberBytes, fmt.Errorf("more than %d bytes", l.w.lim.MemberBytes))
		n, err = int(left), errCut
	}
	l.text.see(p[:n])
	if l.mail != nil {
		l.mail.see(p[:n])
	}
	l.n += int64(n)
	l.err = err
	return n, err
}
