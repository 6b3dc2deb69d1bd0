package scanner

import (
	"context"
	"fmt"
	"io"
	"path"
	"runtime"
	"strings"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// search is one call of Scan, with what it keeps for the next: buffers and
// the state of the HMAC.
type search struct {
	cfg     *Config
	buf     []byte
	matches []detectors.Match
	allowed []detectors.Match // see detectors.AllowList
	digests *digester
	counts  []int64 // values found, by rule number

	head   [headSize]byte
	shape  shape // of the current member; nil for running text
	places places
	plain  []byte // a value that hidden characters are taken out of

	yield func(Finding) error
	cov   Coverage
}

func newSearch(cfg *Config) *search {
	return &search{
		cfg:     cfg,
		buf:     make([]byte, cfg.Window+2*cfg.Set.Margin()),
		digests: newDigester(cfg.DigestKey),
		counts:  make([]int64, cfg.Set.Len()),
	}
}

// run is Scan with the buffers of s.
func (s *search) run(ctx context.Context, r io.Reader, yield func(Finding) error) (Coverage, error) {
	s.yield, s.cov = yield, Coverage{}
	clear(s.counts)
	stored := &countingReader{r: r}
	err := unpack.Walk(ctx, stored, s.cfg.Limits, unpack.Visitor{
		Member: func(m unpack.Member, r io.Reader) error { return s.member(ctx, m, r) },
		Gap:    s.gap,
		Type:   func(media string) { s.cov.Type = media },
	})
	s.cov.BytesRead = stored.n
	s.cov.Counts = s.countsByID()
	cov := s.cov
	s.yield, s.cov = nil, Coverage{} // what the caller holds is the caller's
	return cov, err
}

// member searches one stream, and what could be read of it if it breaks off.
func (s *search) member(ctx context.Context, m unpack.Member, r io.Reader) error {
	s.cov.Members++
	start := peek(r, s.head[:])
	s.shape = newShape(s.cfg.Set, start.head, start.err == io.EOF)
	s.places = places{list: s.places.list[:0]}
	w := windows{r: start, buf: s.buf, margin: s.cfg.Set.Margin()}
	var lines lineCounter
	for w.next(ctx) {
		if err := s.find(&w); err != nil {
			s.gap(unpack.Gap{Path: m.Path, Reason: unpack.ReasonUnparsable, Err: err})
			return nil
		}
		s.cov.BytesSearched += int64(w.to - w.from)
		if err := s.report(m, &w, &lines); err != nil {
			return err
		}
	}
	if w.err == io.EOF {
		return nil
	}
	return w.err
}

// find fills s.matches with those of the current window. The error is a
// panic of a matcher; it tells where in the code, but not with what words, for
// these may quote content.
func (s *search) find(w *windows) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a matcher panicked (%T at %s) on the bytes from %d on", p, panicSite(), w.base+int64(w.from))
		}
	}()
	if s.shape != nil {
		s.places.moveTo(w.base)
		s.shape.names(w.buf[:w.n], w.base+int64(w.n), &s.places)
	}
	s.matches, s.allowed = s.cfg.Set.FindAllowed(s.matches[:0], s.allowed[:0], w.buf[:w.n], w.from, w.to, s.places.list)
	s.cov.Allowed += int64(len(s.allowed))
	return nil
}

// panicSite names the function, file and line that panicked. It must be called
// by the deferred function that recovers.
func panicSite() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	for panicking := false; ; {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			panicking = true
		case panicking && !strings.HasPrefix(f.Function, "runtime."):
			return fmt.Sprintf("%s, %s:%d", path.Base(f.Function), path.Base(f.File), f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}

// report yields the matches of the current window as findings.
func (s *search) report(member unpack.Member, w *windows, lines *lineCounter) error {
	located := w.base + int64(w.from)
	for _, m := range s.matches {
		s.counts[m.Rule]++
		if s.counts[m.Rule] > int64(s.cfg.MaxPerRule) {
			continue
		}
		offset := w.base + int64(m.Start)
		lines.advance(w.bytes(lines.at, offset))
		rule, value := s.cfg.Set.Rule(m.Rule), w.buf[m.Start:m.End]
		at := Location{
			Member: member.Path,
			Offset: member.Skipped + offset,
			Length: int64(len(value)),
			Line:   lines.line(),
			Column: lines.column(),
		}
		if s.shape != nil {
			s.shape.locate(w.bytes(located, offset), &at)
			located = offset
		}
		if m.Hidden { // its digest is that of the value that is meant
			s.plain = detectors.Plain(s.plain[:0], value)
			value = s.plain
		}
		err := s.yield(Finding{
			Rule:       rule.ID,
			Location:   at,
			Confidence: m.Confidence,
			Preview:    preview(value, rule.Show),
			Digest:     s.digests.digest(rule, value),
		})
		if err != nil {
			return err
		}
	}
	lines.advance(w.bytes(lines.at, w.base+int64(w.to)))
	if s.shape != nil {
		s.shape.pass(w.bytes(located, w.base+int64(w.to)))
	}
	return nil
}

// gap records g.
func (s *search) gap(g unpack.Gap) {
	detail := ""
	if g.Err != nil {
		detail = g.Err.Error()
	}
	s.cov.Add(Gap{Member: g.Path, Reason: g.Reason, Detail: detail}, s.cfg.MaxGaps)
}

func (s *search) countsByID() map[string]int64 {
	var byID map[string]int64
	for i, n := range s.counts {
		if n == 0 {
			continue
		}
		if byID == nil {
			byID = make(map[string]int64)
		}
		byID[s.cfg.Set.Rule(i).ID] = n
	}
	return byID
}

// countingReader counts the bytes read from r.
type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
