package corpus

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"compress/flate"
	"compress/gzip"
	"io"
	"time"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// Container is how the text of an object is packed.
type Container string

const (
	Plain   Container = "plain"
	OneLine Container = "one line" // plain, without a single line end
	Empty   Container = "empty"
	Gzip    Container = "gzip"
	Zstd    Container = "zstd"
	LZ4     Container = "lz4"
	Snappy  Container = "snappy" // the framing format
	XZ      Container = "xz"
	Zip     Container = "zip"
	Tar     Container = "tar"
	TarGzip Container = "tar.gz"
	Nested  Container = "nested" // a tar.gz in a zip in a gzip
	UTF16LE Container = "utf-16le"
	UTF16BE Container = "utf-16be"
	CutGzip Container = "cut gzip" // an upload that ended early
	BadZip  Container = "bad zip"  // a zip with a damaged member
)

// layout is how a container is written and how its members are called.
type layout struct {
	ext   string
	paths []string // Span.Member of each member; '*' stands for its name in the archive
	write func(w io.Writer, ms []member) error
	limit int64 // most text, in bytes; 0 for any
}

var layouts = map[Container]layout{
	Plain:   {"", []string{""}, one(identity), 0},
	OneLine: {"", []string{""}, one(identity), 16 << 20},
	Empty:   {"", nil, func(io.Writer, []member) error { return nil }, 0},
	Gzip:    {".gz", []string{"<gzip>"}, one(gzipped), 0},
	Zstd:    {".zst", []string{"<zstd>"}, one(zstandard), 0},
	LZ4:     {".lz4", []string{"<lz4>"}, one(func(w io.Writer) io.WriteCloser { return lz4.NewWriter(w) }), 0},
	Snappy:  {".sz", []string{"<snappy>"}, one(snappyFramed), 0},
	XZ:      {".xz", []string{"<xz>"}, writeXZ, 512 << 10},
	Zip:     {".zip", []string{"*", "*", "*"}, writeZip, 16 << 20},
	Tar:     {".tar", []string{"*", "*"}, writeTar, 16 << 20},
	TarGzip: {".tar.gz", []string{"<gzip>!*", "<gzip>!*", "<gzip>!*"}, writeTarGzip, 16 << 20},
	Nested:  {".zip.gz", []string{"<gzip>!" + inner + "!<gzip>!*", "<gzip>!" + inner + "!<gzip>!*", "<gzip>!*"}, writeNested, 8 << 20},
	UTF16LE: {"", []string{"<utf-16le>"}, one(func(w io.Writer) io.WriteCloser { return newUTF16(w, false) }), 4 << 20},
	UTF16BE: {"", []string{"<utf-16be>"}, one(func(w io.Writer) io.WriteCloser { return newUTF16(w, true) }), 4 << 20},
	CutGzip: {".gz", []string{"<gzip>"}, writeCutGzip, 4 << 20},
	BadZip:  {".zip", []string{"*", "*"}, writeBadZip, 4 << 20},
}

// inner is the archive within the nested one.
const inner = "backup/home.tar.gz"

// one writes the only member through an encoder.
func one(encode func(w io.Writer) io.WriteCloser) func(io.Writer, []member) error {
	return func(w io.Writer, ms []member) error {
		b := bufio.NewWriterSize(w, 64<<10)
		enc := encode(b)
		if err := ms[0].write(enc); err != nil {
			return err
		}
		if err := enc.Close(); err != nil {
			return err
		}
		return b.Flush()
	}
}

// identity encodes nothing.
func identity(w io.Writer) io.WriteCloser { return nopCloser{w} }

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func gzipped(w io.Writer) io.WriteCloser { return newGzip(w) }

func newGzip(w io.Writer) *gzip.Writer {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		panic("corpus: gzip: " + err.Error()) // the level is a constant
	}
	return z
}

func zstandard(w io.Writer) io.WriteCloser {
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<20))
	if err != nil {
		panic("corpus: zstd: " + err.Error()) // the options are constants
	}
	return z
}

func writeXZ(w io.Writer, ms []member) error {
	b := bufio.NewWriterSize(w, 64<<10)
	z, err := xz.WriterConfig{DictCap: 1 << 20}.NewWriter(b)
	if err != nil {
		return err
	}
	if err := ms[0].write(z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return b.Flush()
}

// modified is the time in every archive.
func modified() time.Time { return time.Date(2024, 3, 11, 8, 0, 0, 0, time.UTC) }

func writeZip(w io.Writer, ms []member) error {
	z := newZip(w)
	for _, m := range ms {
		f, err := z.CreateHeader(&zip.FileHeader{Name: m.name, Method: zip.Deflate, Modified: modified()})
		if err != nil {
			return err
		}
		if err := m.write(f); err != nil {
			return err
		}
	}
	return z.Close()
}

func newZip(w io.Writer) *zip.Writer {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	return z
}

func writeTar(w io.Writer, ms []member) error {
	t := tar.NewWriter(w)
	for _, m := range ms {
		h := &tar.Header{Name: m.name, Mode: 0o644, Size: m.size(), ModTime: modified(), Format: tar.FormatPAX}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if err := m.write(t); err != nil {
			return err
		}
	}
	return t.Close()
}

func writeTarGzip(w io.Writer, ms []member) error {
	z := newGzip(w)
	if err := writeTar(z, ms); err != nil {
		return err
	}
	return z.Close()
}

// writeNested puts all members but the last into the inner archive.
func writeNested(w io.Writer, ms []member) error {
	last := len(ms) - 1
	g := newGzip(w)
	z := newZip(g)
	f, err := z.CreateHeader(&zip.FileHeader{Name: inner, Method: zip.Store, Modified: modified()})
	if err != nil {
		return err
	}
	if err := writeTarGzip(f, ms[:last]); err != nil {
		return err
	}
	if f, err = z.CreateHeader(&zip.FileHeader{Name: ms[last].name, Method: zip.Deflate, Modified: modified()}); err != nil {
		return err
	}
	if err := ms[last].write(f); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return g.Close()
}

// utf16Writer encodes UTF-8, of which each Write holds whole characters.
type utf16Writer struct {
	w   io.Writer
	big bool
	buf []byte
}

// newUTF16 begins with a byte order mark, which belongs to the encoding and
// not to the text.
func newUTF16(w io.Writer, big bool) *utf16Writer {
	u := &utf16Writer{w: w, big: big}
	u.unit(0xfeff)
	return u
}

func (u *utf16Writer) unit(c uint16) {
	if u.big {
		u.buf = append(u.buf, byte(c>>8), byte(c))
	} else {
		u.buf = append(u.buf, byte(c), byte(c>>8))
	}
}

func (u *utf16Writer) Write(b []byte) (int, error) {
	for _, c := range string(b) {
		if hi, lo := utf16.EncodeRune(c); hi != '\ufffd' {
			u.unit(uint16(hi))
			u.unit(uint16(lo))
		} else {
			u.unit(uint16(c))
		}
	}
	_, err := u.w.Write(u.buf)
	u.buf = u.buf[:0]
	return len(b), err
}

func (u *utf16Writer) Close() error { return nil }
