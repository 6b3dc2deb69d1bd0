// Package scanner reads one stream and tells what sensitive data stands
// where in it, without telling the data.
//
// Together with package detectors it is the only code that sees content: a
// [Finding] holds the place, the rule, a masked preview and a keyed digest of
// a value, and nothing above this package can hold more. Scanning is
// synchronous: bytes in, findings out, on the caller's goroutine.
package scanner

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// Defaults and the least values of [Config].
const (
	defaultWindow     = 256 << 10
	minWindow         = 4 << 10
	defaultMaxPerRule = 1000
	defaultMaxGaps    = 100
	defaultMemory     = 48 << 20
	digestKeySize     = 32
	minDigestKey      = 16
)

// Config says how to scan. Only Set is required; zero fields mean the
// default.
type Config struct {
	Set *detectors.Set

	// DigestKey is the key of the HMAC-SHA-256 behind [Finding.Digest], at
	// least 16 bytes. Without one a random key is made, so digests of two
	// scanners differ.
	DigestKey []byte

	// Window is how many bytes are searched at a time; default 256 KiB, at
	// least 4 KiB. Each call of Scan that is under way holds one buffer of
	// Window + 2×Set.Margin() bytes, whatever the stream, and 24 bytes for each
	// match in one window.
	Window int

	// MaxPerRule bounds the findings yielded for one rule in one stream, all
	// its members together; default 1,000, as in Macie's discovery results.
	// The counts in Coverage go on beyond it.
	MaxPerRule int

	// MaxGaps bounds the gaps listed in Coverage; default 100. GapCounts
	// counts all.
	MaxGaps int

	Limits unpack.Limits

	// Memory is how many bytes the decompressors of all calls of Scan that are
	// under way hold together, but for one that may hold Limits.Window: see
	// [unpack.Memory]. Default 48 MiB, at least 8 MiB.
	Memory int64
}

// Scanner scans streams. It is safe for concurrent use.
//
// Buffers are kept for the next call and not wiped: until they are used
// again, the memory of the process holds content of the streams last scanned.
// Nothing that a Scanner returns or yields refers to them.
type Scanner struct {
	cfg      Config
	searches sync.Pool // of *search
}

// Finding is one value found: which rule, where, and nothing of the value
// that could not be told to everyone.
type Finding struct {
	Rule     string // detectors.Rule.ID
	Location Location

	Confidence int // in per cent: see [detectors.Match]

	Preview string // the masked value, at most 40 characters: see [detectors.Rule.Show]
	Digest  string // first 16 bytes of the HMAC of rule and compact value, in hex
}

// Location is the exact place of a value.
type Location struct {
	Member string // unpack.Member.Path; "" for the stream itself
	Offset int64  // bytes from the start of the member, a byte order mark included
	Length int64  // bytes
	Line   int64  // 1-based, lines end with '\n'
	Column int64  // 1-based, in bytes, a byte order mark not counted

	// Of text in rows and cells (CSV and the like): the row and the cell in it,
	// from 1, and the title of its column, which is "" if the first row names
	// none and "*" if it may hold a value itself. 0 elsewhere.
	Row, Cell int64
	Name      string

	// Of JSON: the number of the text in the member, from 0, and the JSONPath
	// (RFC 9535) to the element, with "*" for keys that may hold values. Path is
	// "" elsewhere, and in lines of more than 64 KiB.
	Record int64
	Path   string
}

// Coverage is what was read of a stream, and what was not.
type Coverage struct {
	BytesRead     int64            // of the stream as stored
	BytesSearched int64            // after decompression, all members
	Members       int64            // streams searched, wholly or in part
	Type          string           // media type of the outermost content; "" if nothing was read
	Counts        map[string]int64 // values found by rule, beyond MaxPerRule too; nil if none
	Allowed       int64            // values that an allow list took out, in no other number
	Gaps          []Gap            // the first MaxGaps
	GapCounts     map[string]int64 // all gaps by reason; nil if none
}

// Add counts g, and lists it if fewer than most are listed.
func (c *Coverage) Add(g Gap, most int) {
	if c.GapCounts == nil {
		c.GapCounts = make(map[string]int64)
	}
	c.GapCounts[g.Reason]++
	if len(c.Gaps) < most {
		c.Gaps = append(c.Gaps, g)
	}
}

// GapCount is how many gaps there are, those that are not listed too.
func (c *Coverage) GapCount() int64 {
	var n int64
	for _, of := range c.GapCounts {
		n += of
	}
	return n
}

// Gap is a part that was not, or not wholly, searched.
type Gap struct {
	Member string
	Reason string // a reason code of unpack
	Detail string // what exactly; holds no content
}

// New checks cfg and makes a Scanner. The error says which field is wrong.
func New(cfg Config) (*Scanner, error) {
	lim := cfg.Limits
	switch {
	case cfg.Set == nil:
		return nil, errors.New("scanner: Config.Set is nil; compile a detectors.Set")
	case cfg.Window != 0 && cfg.Window < minWindow:
		return nil, fmt.Errorf("scanner: window of %d bytes; give at least %d", cfg.Window, minWindow)
	case cfg.MaxPerRule < 0:
		return nil, fmt.Errorf("scanner: at most %d findings per rule; give a positive number", cfg.MaxPerRule)
	case cfg.MaxGaps < 0:
		return nil, fmt.Errorf("scanner: at most %d gaps; give a positive number", cfg.MaxGaps)
	case min(int64(lim.Depth), lim.Members, lim.Bytes, lim.MemberBytes, lim.Ratio, lim.Window, cfg.Memory) < 0:
		return nil, fmt.Errorf("scanner: negative limit in %+v or memory of %d bytes", lim, cfg.Memory)
	case cfg.DigestKey != nil && len(cfg.DigestKey) < minDigestKey:
		return nil, fmt.Errorf("scanner: digest key of %d bytes; give at least %d", len(cfg.DigestKey), minDigestKey)
	}
	if cfg.DigestKey = slices.Clone(cfg.DigestKey); cfg.DigestKey == nil {
		cfg.DigestKey = make([]byte, digestKeySize)
		rand.Read(cfg.DigestKey) // never fails
	}
	setDefault(&cfg.Window, defaultWindow)
	setDefault(&cfg.MaxPerRule, defaultMaxPerRule)
	setDefault(&cfg.MaxGaps, defaultMaxGaps)
	if cfg.Limits.Memory == nil {
		cfg.Limits.Memory = unpack.NewMemory(cmp.Or(cfg.Memory, defaultMemory))
	}
	s := &Scanner{cfg: cfg}
	s.searches.New = func() any { return newSearch(&s.cfg) }
	return s, nil
}

func setDefault(n *int, def int) {
	if *n == 0 {
		*n = def
	}
}

// Scan reads r to its end and calls yield for each finding, in the order of
// members and then of offsets, on the caller's goroutine. The error is one of r,
// of ctx or of yield; what was found and covered until then stands. Broken
// content is no error but a gap, and so is a matcher that panics.
//
// After ctx is done, at most one window is searched to its end.
func (s *Scanner) Scan(ctx context.Context, r io.Reader, yield func(Finding) error) (Coverage, error) {
	sr := s.searches.Get().(*search)
	cov, err := sr.run(ctx, r, yield)
	s.searches.Put(sr) // not deferred: after a panic of yield it is left to the collector
	return cov, err
}
