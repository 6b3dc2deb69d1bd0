package unpack_test

import (
	"archive/tar"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// must is for builders, whose input is fixed: an error is a broken test.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func written(b []byte, w func(io.Writer) io.WriteCloser) []byte {
	var buf bytes.Buffer
	z := w(&buf)
	must(z.Write(b))
	must(0, z.Close())
	return buf.Bytes()
}

func gz(b []byte) []byte {
	return written(b, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
}

func zst(b []byte) []byte {
	z := must(zstd.NewWriter(nil))
	defer z.Close()
	return z.EncodeAll(b, nil)
}

func xzip(b []byte) []byte { return xzBlocks(b, 1000) }

func lz4ip(b []byte) []byte {
	return written(b, func(w io.Writer) io.WriteCloser {
		z := lz4.NewWriter(w)
		must(0, z.Apply(lz4.BlockSizeOption(lz4.Block64Kb)))
		return z
	})
}

func snap(b []byte) []byte {
	return written(b, func(w io.Writer) io.WriteCloser { return s2.NewWriter(w, s2.WriterSnappyCompat()) })
}

func deflated(b []byte) []byte {
	return written(b, func(w io.Writer) io.WriteCloser { return must(flate.NewWriter(w, 9)) })
}

// bz2Text is what bzip2 -9 makes of bz2Hex: no package here writes bzip2.
const (
	bz2Text = "some text in bzip2 form\n"
	bz2Hex  = "425a683931415926535936230b0b000009d9800010400010001323dc502000228d347a4369a8530004d04391e1b76b224d5364a895f17724538509036230b0b0"
)

func bz2() []byte { return must(hex.DecodeString(bz2Hex)) }

// A file is a member of an archive.
type file struct{ name, data string }

func tarball(files ...file) []byte {
	return written(nil, func(w io.Writer) io.WriteCloser {
		tw := tar.NewWriter(w)
		for _, f := range files {
			must(0, tw.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.data)), Mode: 0o644}))
			must(io.WriteString(tw, f.data))
		}
		return tw
	})
}

// Forms of a zip member's data descriptor.
type descriptor int

const (
	noDescriptor descriptor = iota
	signed32
	bare32
	signed64
	bare64
)

// A zipFile is a member of a zip archive that may tell lies.
type zipFile struct {
	name       string
	data       string
	method     uint16 // 0 stored, 8 deflated; others need raw
	raw        []byte // the stored data, where it is not data by method
	flags      uint16
	descriptor descriptor
	lieCRC     uint32 // xored into the checksum
	lieStored  int    // added to the stored size
	lieSize    int    // added to the unfolded size
	zip64      bool   // sizes in a zip64 extra field
	unlisted   bool   // not in the central directory
	listedOnly bool   // only in the central directory
}

// zipball writes the archive as APPNOTE has it, lies and all.
func zipball(files ...zipFile) []byte {
	var out, dir bytes.Buffer
	listed := 0
	for _, f := range files {
		offset := out.Len()
		if f.listedOnly {
			offset = 0
		} else {
			out.Write(f.local())
		}
		if !f.unlisted {
			listed++
			dir.Write(f.central(offset))
		}
	}
	start := out.Len()
	out.Write(dir.Bytes())
	end := []any{[]byte("PK\x05\x06"), uint16(0), uint16(0), uint16(listed), uint16(listed),
		uint32(dir.Len()), uint32(start), uint16(0)}
	out.Write(le(end...))
	return out.Bytes()
}

func le(fields ...any) []byte {
	var b bytes.Buffer
	for _, f := range fields {
		must(0, binary.Write(&b, binary.LittleEndian, f))
	}
	return b.Bytes()
}

func (f zipFile) stored() []byte {
	switch {
	case f.raw != nil:
		return f.raw
	case f.method == 8:
		return deflated([]byte(f.data))
	}
	return []byte(f.data)
}

func (f zipFile) local() []byte {
	stored := f.stored()
	crc := crc32.ChecksumIEEE([]byte(f.data)) ^ f.lieCRC
	storedSize, size := len(stored)+f.lieStored, len(f.data)+f.lieSize
	flags, hc, hs, hz := f.flags, crc, uint32(storedSize), uint32(size)
	if f.descriptor != noDescriptor {
		flags, hc, hs, hz = flags|8, 0, 0, 0
	}
	var extra []byte
	if f.zip64 {
		hs, hz = 1<<32-1, 1<<32-1
		extra = le(uint16(1), uint16(16), uint64(size), uint64(storedSize))
	}
	b := le([]byte("PK\x03\x04"), uint16(20), flags, f.method, uint32(0), hc, hs, hz,
		uint16(len(f.name)), uint16(len(extra)), []byte(f.name), extra, stored)
	switch f.descriptor {
	case signed32, signed64:
		b = append(b, "PK\x07\x08"...)
	}
	switch f.descriptor {
	case signed32, bare32:
		b = append(b, le(crc, uint32(storedSize), uint32(size))...)
	case signed64, bare64:
		b = append(b, le(crc, uint64(storedSize), uint64(size))...)
	}
	return b
}

func (f zipFile) central(offset int) []byte {
	return le([]byte("PK\x01\x02"), uint16(20), uint16(20), f.flags, f.method, uint32(0),
		crc32.ChecksumIEEE([]byte(f.data)), uint32(len(f.stored())), uint32(len(f.data)),
		uint16(len(f.name)), uint16(0), uint16(0), uint16(0), uint16(0), uint32(0), uint32(offset), []byte(f.name))
}

// sparseTar is an archive with one file in the old GNU sparse format: data at
// the start, and a hole up to size.
func sparseTar(name, data string, size int64) []byte {
	h := make([]byte, 512)
	copy(h, name)
	field := func(at, width int, v int64) { copy(h[at:], fmt.Sprintf("%0*o\x00", width-1, v)) }
	field(100, 8, 0o644)
	field(108, 8, 0)
	field(116, 8, 0)
	field(124, 12, int64(len(data)))
	field(136, 12, 0)
	h[156] = 'S'
	copy(h[257:], "ustar  \x00")
	field(386, 12, 0)
	field(398, 12, int64(len(data)))
	field(410, 12, size)
	field(422, 12, 0)
	field(483, 12, size)
	copy(h[148:], "        ")
	sum := int64(0)
	for _, c := range h {
		sum += int64(c)
	}
	field(148, 7, sum)
	h[155] = ' '
	b := append(h, data...)
	b = append(b, make([]byte, -len(data)&511)...)
	return append(b, make([]byte, 1024)...)
}

func TestBuildersAreRead(t *testing.T) {
	// Not of the package under test: a builder that makes nonsense would let
	// tests of refusals pass.
	r := tar.NewReader(bytes.NewReader(sparseTar("s", "abc", 5000)))
	if h, err := r.Next(); err != nil || h.Size != 5000 {
		t.Fatalf("sparse header: %v, %v", h, err)
	}
	if b, err := io.ReadAll(r); err != nil || len(b) != 5000 || string(b[:4]) != "abc\x00" {
		t.Fatalf("sparse content: %d bytes, %v", len(b), err)
	}
}

// xzBlocks compresses b in blocks of size bytes.
func xzBlocks(b []byte, size int64) []byte {
	return written(b, func(w io.Writer) io.WriteCloser {
		return must(xz.WriterConfig{DictCap: 1 << 16, BlockSize: size}.NewWriter(w))
	})
}

// fixXZHeader makes the checksum of the first block header right.
func fixXZHeader(b []byte) {
	h := b[12:]
	n := 4 * int(h[0])
	binary.LittleEndian.PutUint32(h[n:], crc32.ChecksumIEEE(h[:n]))
}

// zstdWindow is a stream of zstd with a window of size bytes.
func zstdWindow(size int) []byte {
	return written(bytes.Repeat([]byte(text), 8), func(w io.Writer) io.WriteCloser {
		return must(zstd.NewWriter(w, zstd.WithWindowSize(size)))
	})
}
