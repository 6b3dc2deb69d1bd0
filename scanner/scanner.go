// Package scanner reads one stream and tells what sensitive data stands
// where in it, without telling the data.
//
// Together with package detectors it is the only code that sees content: a
// [Finding] holds the place, the rule, a masked preview and a keyed digest of
// a value, and nothing above this package can hold more. Scanning is
// synchronous: bytes in, findings out, on the caller's goroutine.
package scanner

import (
	"context"
	"io"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// Config says how to scan. Only Set is required.
type Config struct {
	Set *detectors.Set

	// DigestKey is the key of the HMAC-SHA-256 behind [Finding.Digest].
	// Without one a random key is made, so digests of two processes differ.
	DigestKey []byte

	// Window is how many bytes are searched at a time; default 256 KiB, at
	// least 4 KiB.
	Window int

	// MaxPerRule bounds the findings yielded for one rule in one stream;
	// default 1,000, as in Macie's discovery results. The counts in Coverage go
	// on beyond it.
	MaxPerRule int

	// MaxGaps bounds the gaps listed in Coverage; default 100. GapCount
	// counts all.
	MaxGaps int

	Limits unpack.Limits
}

// Scanner scans streams. It is safe for concurrent use.
type Scanner struct {
	cfg Config
}

// Finding is one value found: which rule, where, and nothing of the value
// that could not be told to everyone.
type Finding struct {
	Rule     string // detectors.Rule.ID
	Location Location
	Preview  string // every letter and digit as '*', but for what Rule.Show permits
	Digest   string // first 16 bytes of the HMAC of the compact value, in hex
}

// Location is the exact place of a value.
type Location struct {
	Member string // unpack.Member.Path; "" for the stream itself
	Offset int64  // bytes from the start of the member
	Length int64  // bytes
	Line   int64  // 1-based, lines end with '\n'
	Column int64  // 1-based, in bytes
}

// Coverage is what was read of a stream, and what was not.
type Coverage struct {
	BytesRead     int64            // of the stream as stored
	BytesSearched int64            // after decompression, all members
	Members       int64            // streams searched
	Type          string           // media type of the outermost content
	Counts        map[string]int64 // values found by rule, beyond MaxPerRule too
	Gaps          []Gap
	GapCount      int64
}

// Gap is a part that was not, or not wholly, searched.
type Gap struct {
	Member string
	Reason string // a reason code of unpack
	Detail string // what exactly; holds no content
}

// New checks cfg and makes a Scanner.
func New(cfg Config) (*Scanner, error) { panic("written next") }

// Scan reads r to its end and calls yield for each finding, in the order of
// members and then of offsets, on the caller's goroutine. The error is one of r,
// of ctx or of yield; what was found and covered until then stands. Broken
// content is no error but a gap.
func (s *Scanner) Scan(ctx context.Context, r io.Reader, yield func(Finding) error) (Coverage, error) {
	panic("written next")
}
