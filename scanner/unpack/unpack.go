// Package unpack turns one stream into the streams inside it: it decompresses,
// opens archives in archives, and turns UTF-16 and UTF-32 text into UTF-8,
// within limits. What a stream is, it tells by its content and never by a name.
//
// Everything is read once, front to back, in constant memory. What is not
// read is said: each part that could not be opened, was cut off or exceeds a
// limit becomes a [Gap].
package unpack

import (
	"cmp"
	"context"
	"io"
)

// Limits bound what one stream may unfold to. Zero fields mean the default.
type Limits struct {
	Depth       int   // levels of containers in containers; default 10
	Members     int64 // members of all containers together; default 1,000,000
	Bytes       int64 // bytes unfolded, all members together; default 10 GiB
	MemberBytes int64 // bytes unfolded for one member; default 3 GiB
	Ratio       int64 // unfolded bytes for each stored byte, of a member from 1 MiB on, of the whole stream from 64 MiB on; default 1,000

	// Window bounds the memory of the zstd and xz windows of all layers open
	// at one time, in bytes; default 128 MiB. A layer of these may take half of
	// what those around it have left, so the outermost may take 64 MiB: all that
	// xz -9 asks for. The other formats need no more than 16 MiB a layer.
	Window int64

	// Memory, if set, is shared with other walks that are under way: what they
	// hold together is bounded, and they wait for each other. By default a walk
	// takes what Window lets it, and what the other formats need.
	Memory *Memory
}

func (l Limits) withDefaults() Limits {
	l.Depth = cmp.Or(l.Depth, 10)
	l.Members = cmp.Or(l.Members, 1_000_000)
	l.Bytes = cmp.Or(l.Bytes, 10<<30)
	l.MemberBytes = cmp.Or(l.MemberBytes, 3<<30)
	l.Ratio = cmp.Or(l.Ratio, 1000)
	l.Window = cmp.Or(l.Window, 128<<20)
	return l
}

// Member is one stream inside another: what stands on the way to it.
type Member struct {
	// Path names the member within the object: the layers from the outside
	// in, joined by '!'. An archive layer gives the member's name as the archive
	// has it, a compression or encoding layer gives its name in angle brackets:
	// "<gzip>!var/log/app.log", "" for the stream itself.
	Path string

	// Type is what the content looks like: a media type, or "text/plain" for
	// anything that reads as text.
	Type string

	// Text is false for content that no text can be read from: it is passed
	// to the visitor all the same, so that strings in it are seen, and also
	// recorded as a gap.
	Text bool

	// Skipped is how many bytes of the stream that Path names stand before
	// the first byte of the reader: 3 where a UTF-8 byte order mark was left
	// out, otherwise 0. Offsets count from the first byte of the reader.
	Skipped int64
}

// Gap is a part of the stream that was not, or not wholly, read.
type Gap struct {
	Path   string // as in Member
	Reason string // one of the Reason constants
	Err    error  // what exactly; holds no content. May be nil
}

// Reason codes. All but those marked "ours" are Amazon Macie's.
const (
	ReasonUnsupported = "UNSUPPORTED_FILE_TYPE_EXCEPTION"
	ReasonMalformed   = "MALFORMED_FILE"                               // broken, cut short, wrong checksum
	ReasonDepth       = "ARCHIVE_NESTING_LEVEL_OVER_LIMIT"             // Limits.Depth
	ReasonBytes       = "ARCHIVE_TOTAL_BYTES_EXTRACTED_OVER_LIMIT"     // Limits.Bytes
	ReasonMembers     = "ARCHIVE_TOTAL_DOCUMENTS_PROCESSED_OVER_LIMIT" // Limits.Members
	ReasonMemberBytes = "ARCHIVE_EXCEEDS_SIZE_LIMIT"                   // Limits.MemberBytes
	ReasonRatio       = "ARCHIVE_RATIO_OVER_LIMIT"                     // Limits.Ratio; ours
	ReasonEncrypted   = "INVALID_ENCRYPTION"                           // a member under a password
	ReasonUnprocessed = "ARCHIVE_CONTAINS_UNPROCESSED_FILES"           // a member by a method that is not supported
	ReasonUnparsable  = "UNABLE_TO_PARSE_FILE"                         // a decoder panicked
)

// Visitor receives what Walk meets. Its functions are called by the
// goroutine that called Walk. The reader is valid during the call only and
// need not be read to its end; its errors other than io.EOF are recorded as
// gaps by Walk and must be returned as they are.
type Visitor struct {
	Member func(m Member, r io.Reader) error
	Gap    func(Gap)

	// Type, if set, is told once what the stream itself looks like, container
	// or not: a media type.
	Type func(media string)
}

// Walk reads r to its end and calls v for each stream in it that is no
// container. It returns an error only when ctx is done, when r itself fails,
// or when v.Member fails with an error of its own. Where a gap says that the
// rest of r cannot or must not be unfolded, r is not read further.
func Walk(ctx context.Context, r io.Reader, lim Limits, v Visitor) error {
	w := &walker{ctx: ctx, lim: lim.withDefaults(), v: v, memory: share{of: lim.Memory}}
	defer w.memory.end()
	s := openStream(&source{w: w, r: r})
	defer s.close()
	w.root = s
	w.walk(s, place{window: w.lim.Window})
	if w.err == errStop {
		return nil
	}
	return w.err
}
