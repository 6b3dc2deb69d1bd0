package unpack

import (
	"encoding/binary"
	"strings"
)

// sniffLen is how many bytes of a stream are looked at to tell what it is.
const sniffLen = 4096

// A format is what a stream looks like.
type format struct {
	media string // media type
	text  bool
	skip  int    // leading bytes that are no content
	stays bool   // it has been seen to that the text stays text
	mail  bool   // a text that is one
	open  opener // reads a container or, where text is true, an encoding; nil for anything else
}

// An opener reads the container in s, which stands at p, and walks its members.
type opener func(w *walker, s *stream, p place)

// sniff tells the format of a stream that begins with sample; whole says that
// nothing follows.
func sniff(sample []byte, whole bool) format {
	if f, ok := sniffContainer(sample); ok {
		return f
	}
	if f, ok := sniffEncoding(sample, whole); ok {
		return f
	}
	text := looksText(sample)
	for i := range magics {
		if m := &magics[i]; m.matches(sample) && (m.sure || !text) {
			return format{media: m.media}
		}
	}
	if !text {
		return format{media: "application/octet-stream"}
	}
	f := format{media: "text/plain", text: true}
	if strings.HasPrefix(string(sample[:min(len(sample), 3)]), utf8BOM) {
		f.skip = len(utf8BOM)
	}
	f.mail = isMail(sample[f.skip:])
	return f
}

// sniffContainer recognises the formats that are opened. Each has bytes that no
// text has, or is checked further.
func sniffContainer(b []byte) (format, bool) {
	switch {
	case hasPrefix(b, "\x1f\x8b\x08"):
		return format{media: "application/gzip", open: gzipFormat.walk}, true
	case hasMagic(b, zstdMagic):
		return format{media: "application/zstd", open: zstdFormat.walk}, true
	case hasMagic(b, lz4Magic), hasMagic(b, lz4LegacyMagic):
		return format{media: "application/x-lz4", open: lz4Format.walk}, true
	case isSkippable(b):
		// Both zstd and lz4 begin so; the frame after it tells.
		if next := skippableSize(b); next < int64(len(b)) {
			if f, ok := sniffContainer(b[next:]); ok {
				return f, true
			}
		}
		return format{media: "application/zstd", open: zstdFormat.walk}, true
	case isBzip2(b):
		return format{media: "application/x-bzip2", open: bzip2Format.walk}, true
	case hasPrefix(b, xzMagic):
		return format{media: "application/x-xz", open: xzFormat.walk}, true
	case hasPrefix(b, snappyMagic), hasPrefix(b, s2Magic):
		return format{media: "application/x-snappy-framed", open: snappyFormat.walk}, true
	case isZip(b):
		return format{media: "application/zip", open: walkZip}, true
	case isTar(b):
		return format{media: "application/x-tar", open: walkTar}, true
	}
	return format{}, false
}

func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

func hasMagic(b []byte, magic uint32) bool {
	return len(b) >= 4 && binary.LittleEndian.Uint32(b) == magic
}

// A magic is a format known by fixed bytes, of which only plain strings are
// searched.
type magic struct {
	media string
	at    int
	bytes string
	sure  bool // also where the sample reads as text; others could begin a text
}

func (m *magic) matches(b []byte) bool {
	return len(b) > m.at && hasPrefix(b[m.at:], m.bytes)
}

// magics are tried in order; the more exact ones come first. Sources: the
// formats' specifications, the table of the WHATWG MIME Sniffing Standard, and
// the magic files of file(1).
var magics = []magic{
	{media: "application/pdf", bytes: "%PDF-", sure: true},
	{media: "image/png", bytes: "\x89PNG\r\n\x1a\n", sure: true},
	{media: "image/jpeg", bytes: "\xff\xd8\xff", sure: true},
	{media: "image/gif", bytes: "GIF87a"},
	{media: "image/gif", bytes: "GIF89a"},
	{media: "image/webp", at: 8, bytes: "WEBP"},
	{media: "audio/wav", at: 8, bytes: "WAVE"},
	{media: "video/x-msvideo", at: 8, bytes: "AVI "},
	{media: "image/tiff", bytes: "II*\x00"},
	{media: "image/tiff", bytes: "MM\x00*"},
	{media: "image/bmp", bytes: "BM"},
	{media: "image/x-icon", bytes: "\x00\x00\x01\x00"},
	{media: "image/heic", at: 4, bytes: "ftyphei"},
	{media: "image/avif", at: 4, bytes: "ftypavif"},
	{media: "video/quicktime", at: 4, bytes: "ftypqt"},
	{media: "video/mp4", at: 4, bytes: "ftyp"},
	{media: "video/webm", bytes: "\x1a\x45\xdf\xa3"},
	{media: "audio/mpeg", bytes: "ID3"},
	{media: "audio/mpeg", bytes: "\xff\xfb"},
	{media: "audio/mpeg", bytes: "\xff\xf3"},
	{media: "audio/ogg", bytes: "OggS"},
	{media: "audio/flac", bytes: "fLaC"},
	{media: "application/vnd.apache.parquet", bytes: "PAR1"},
	{media: "application/vnd.apache.parquet", bytes: "PARE"},
	{media: "application/vnd.apache.avro", bytes: "Obj\x01", sure: true},
	{media: "application/vnd.apache.orc", bytes: "ORC"},
	{media: "application/vnd.apache.arrow.file", bytes: "ARROW1"},
	{media: "application/vnd.sqlite3", bytes: "SQLite format 3\x00", sure: true},
	{media: "application/x-hdf5", bytes: "\x89HDF\r\n\x1a\n", sure: true},
	{media: "application/x-ole-storage", bytes: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", sure: true},
	{media: "application/x-7z-compressed", bytes: "7z\xbc\xaf\x27\x1c", sure: true},
	{media: "application/vnd.rar", bytes: "Rar!\x1a\x07", sure: true},
	{media: "application/vnd.ms-cab-compressed", bytes: "MSCF\x00\x00\x00\x00", sure: true},
	{media: "application/x-compress", bytes: "\x1f\x9d", sure: true},
	{media: "application/x-lzip", bytes: "LZIP\x01", sure: true},
	{media: "application/x-lzop", bytes: "\x89LZO\x00\r\n\x1a\n", sure: true},
	{media: "application/zlib", bytes: "\x78\x01"},
	{media: "application/zlib", bytes: "\x78\x9c"},
	{media: "application/zlib", bytes: "\x78\xda"},
	{media: "application/x-cpio", bytes: "\xc7\x71"},
	{media: "application/x-cpio", bytes: "070701"},
	{media: "application/x-cpio", bytes: "070707"},
	{media: "application/x-archive", bytes: "!<arch>\n", sure: true},
	{media: "application/x-rpm", bytes: "\xed\xab\xee\xdb", sure: true},
	{media: "application/x-squashfs", bytes: "hsqs"},
	{media: "application/x-elf", bytes: "\x7fELF", sure: true},
	{media: "application/vnd.microsoft.portable-executable", bytes: "MZ"},
	{media: "application/x-mach-binary", bytes: "\xcf\xfa\xed\xfe", sure: true},
	{media: "application/x-mach-binary", bytes: "\xce\xfa\xed\xfe", sure: true},
	{media: "application/java-vm", bytes: "\xca\xfe\xba\xbe"},
	{media: "application/wasm", bytes: "\x00asm"},
	{media: "application/x-python-pickle", bytes: "\x80\x04\x95"},
	{media: "font/woff", bytes: "wOFF"},
	{media: "font/woff2", bytes: "wOF2"},
	{media: "font/ttf", bytes: "\x00\x01\x00\x00\x00"},
	{media: "font/otf", bytes: "OTTO"},
	{media: "application/vnd.tcpdump.pcap", bytes: "\xd4\xc3\xb2\xa1"},
	{media: "application/vnd.tcpdump.pcap", bytes: "\xa1\xb2\xc3\xd4"},
	{media: "application/x-pcapng", bytes: "\x0a\x0d\x0d\x0a"},
	{media: "application/vnd.age", bytes: "age-encryption.org/v1\n", sure: true},
	{media: "application/x-redis-dump", bytes: "REDIS0"},
	{media: "application/x-postgresql-dump", bytes: "PGDMP"},
	{media: "application/octet-stream", bytes: "Salted__", sure: true}, // openssl enc
}
