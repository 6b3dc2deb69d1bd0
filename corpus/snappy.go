package corpus

import (
	"encoding/binary"
	"hash/crc32"
	"io"
)

// snappyWriter writes the framing format of Snappy. The encoder is our own
// since those of libraries choose differently in assembly and in Go, and the
// corpus must not depend on the machine.
type snappyWriter struct {
	w     io.Writer
	chunk []byte // text not yet written, less than snappyChunk
	head  bool   // the stream identifier is written
	err   error
}

const snappyChunk = 64 << 10

func snappyFramed(w io.Writer) io.WriteCloser { return &snappyWriter{w: w} }

func (s *snappyWriter) Write(b []byte) (int, error) {
	s.chunk = append(s.chunk, b...)
	for len(s.chunk) >= snappyChunk {
		s.frame(s.chunk[:snappyChunk])
		s.chunk = append(s.chunk[:0], s.chunk[snappyChunk:]...)
	}
	return len(b), s.err
}

func (s *snappyWriter) Close() error {
	if len(s.chunk) > 0 {
		s.frame(s.chunk)
	}
	return s.err
}

// frame writes one compressed chunk with its masked CRC-32C.
func (s *snappyWriter) frame(text []byte) {
	var out []byte
	if !s.head {
		out = append(out, "\xff\x06\x00\x00sNaPpY"...)
		s.head = true
	}
	block := snappyBlock(text)
	n := len(block) + 4
	out = append(out, 0, byte(n), byte(n>>8), byte(n>>16))
	crc := crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli))
	out = binary.LittleEndian.AppendUint32(out, crc>>15|crc<<17+0xa282ead8)
	if s.err == nil {
		_, s.err = s.w.Write(append(out, block...))
	}
}

// snappyBlock compresses at most 64 KiB: literals, and copies of four to
// sixty-four bytes found by the last place of their first four.
func snappyBlock(text []byte) []byte {
	var last [1 << 12]int
	out := binary.AppendUvarint(nil, uint64(len(text)))
	done := 0
	for at := 0; at+4 <= len(text); {
		hash := binary.LittleEndian.Uint32(text[at:]) * 0x1e35a7bd >> 20
		from := last[hash] - 1
		last[hash] = at + 1
		n := 0
		for from >= 0 && n < 64 && at+n < len(text) && text[from+n] == text[at+n] {
			n++
		}
		if n < 4 {
			at++
			continue
		}
		out = snappyLiteral(out, text[done:at])
		out = append(out, byte(n-1)<<2|2, byte(at-from), byte((at-from)>>8))
		at += n
		done = at
	}
	return snappyLiteral(out, text[done:])
}

func snappyLiteral(out, lit []byte) []byte {
	switch n := len(lit) - 1; {
	case n < 0:
		return out
	case n < 60:
		out = append(out, byte(n)<<2)
	case n < 256:
		out = append(out, 60<<2, byte(n))
	default:
		out = append(out, 61<<2, byte(n), byte(n>>8))
	}
	return append(out, lit...)
}
