package unpack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/pierrec/lz4/v4"
	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// A seen is a member as the visitor met it.
type seen struct {
	unpack.Member
	data string
}

// A result is all that a walk told.
type result struct {
	members []seen
	gaps    []unpack.Gap
	err     error
}

func walkReader(ctx context.Context, r io.Reader, lim unpack.Limits) result {
	var res result
	res.err = unpack.Walk(ctx, r, lim, unpack.Visitor{
		Member: func(m unpack.Member, r io.Reader) error {
			b, err := io.ReadAll(r)
			res.members = append(res.members, seen{m, string(b)})
			return err
		},
		Gap: func(g unpack.Gap) { res.gaps = append(res.gaps, g) },
	})
	return res
}

func walk(t *testing.T, b []byte, lim unpack.Limits) result {
	t.Helper()
	res := walkReader(t.Context(), bytes.NewReader(b), lim)
	if res.err != nil {
		t.Fatalf("walk: %v", res.err)
	}
	return res
}

// contents lists what was seen: "path=data".
func (r result) contents() []string {
	var s []string
	for _, m := range r.members {
		s = append(s, m.Path+"="+m.data)
	}
	return s
}

// reasons lists the gaps: "path: reason".
func (r result) reasons() []string {
	var s []string
	for _, g := range r.gaps {
		s = append(s, g.Path+": "+g.Reason)
	}
	return s
}

func (r result) check(t *testing.T, contents, reasons []string) {
	t.Helper()
	if got := r.contents(); !slices.Equal(got, contents) {
		t.Errorf("members:\n got %.300q\nwant %.300q", got, contents)
	}
	if got := r.reasons(); !slices.Equal(got, reasons) {
		t.Errorf("gaps:\n got %q\nwant %q", got, reasons)
		for _, g := range r.gaps {
			t.Logf("%s: %v", g.Path, g.Err)
		}
	}
}

const (
	malformed   = unpack.ReasonMalformed
	unsupported = unpack.ReasonUnsupported
)

// text is a content that spans several blocks of every format, and does
// not compress to nothing.
var text = func() string {
	var b strings.Builder
	for i := range 700 {
		fmt.Fprintf(&b, "line %d of the text, %x\n", i, i*i*2654435761)
	}
	return b.String()
}()

// compressors are the compression formats by their name in a path.
var compressors = map[string]func([]byte) []byte{
	"gzip": gz, "zstd": zst, "xz": xzip, "lz4": lz4ip, "snappy": snap,
}

func TestCompressed(t *testing.T) {
	for name, compress := range compressors {
		t.Run(name, func(t *testing.T) {
			layer := "<" + name + ">"
			one := compress([]byte(text))
			walk(t, one, unpack.Limits{}).check(t, []string{layer + "=" + text}, nil)
			two := append(compress([]byte("first\n")), compress([]byte("second\n"))...)
			walk(t, two, unpack.Limits{}).check(t, []string{layer + "=first\nsecond\n"}, nil)
			if empty := compress(nil); len(empty) > 0 { // nothing at all is the snappy of nothing
				walk(t, empty, unpack.Limits{}).check(t, []string{layer + "="}, nil)
			}
			for _, garbage := range []string{"x", "xyz", "\x00\x00\x00\x01 and more that is no stream"} {
				walk(t, append(slices.Clip(one), garbage...), unpack.Limits{}).
					check(t, []string{layer + "=" + text}, []string{": " + malformed})
			}
			for other, again := range compressors {
				walk(t, again(one), unpack.Limits{}).
					check(t, []string{"<" + other + ">!" + layer + "=" + text}, nil)
			}
		})
	}
}

func TestBzip2(t *testing.T) {
	walk(t, bz2(), unpack.Limits{}).check(t, []string{"<bzip2>=" + bz2Text}, nil)
	walk(t, append(bz2(), bz2()...), unpack.Limits{}).check(t, []string{"<bzip2>=" + bz2Text + bz2Text}, nil)
	walk(t, append(bz2(), "x"...), unpack.Limits{}).check(t, []string{"<bzip2>=" + bz2Text}, []string{": " + malformed})
	walk(t, []byte("BZh9 is how it begins"), unpack.Limits{}).check(t, []string{"=BZh9 is how it begins"}, nil)
}

func TestPaddingOfStreams(t *testing.T) {
	zeros := make([]byte, 600)
	walk(t, slices.Concat(gz([]byte("a")), zeros, gz([]byte("b")), zeros), unpack.Limits{}).check(t, []string{"<gzip>=ab"}, nil)
	walk(t, slices.Concat(xzip([]byte("a")), zeros, xzip([]byte("b"))), unpack.Limits{}).check(t, []string{"<xz>=ab"}, nil)
}

func TestSkippableFrames(t *testing.T) {
	skip := "\x51\x2a\x4d\x18\x03\x00\x00\x00abc"
	for name, compress := range map[string]func([]byte) []byte{"zstd": zst, "lz4": lz4ip} {
		b := []byte(skip + skip + string(compress([]byte("a"))) + skip + string(compress([]byte("b"))))
		if name == "zstd" {
			b = append(b, skip...)
		}
		walk(t, b, unpack.Limits{}).check(t, []string{"<" + name + ">=ab"}, nil)
	}
	walk(t, []byte(skip+skip[:9]), unpack.Limits{}).check(t, nil, []string{": " + malformed})
}

func TestVariants(t *testing.T) {
	legacy := written([]byte(text), func(w io.Writer) io.WriteCloser {
		z := lz4.NewWriter(w)
		must(0, z.Apply(lz4.LegacyOption(true)))
		return z
	})
	walk(t, legacy, unpack.Limits{}).check(t, []string{"<lz4>=" + text}, nil)
	s2 := written([]byte(text), func(w io.Writer) io.WriteCloser { return s2.NewWriter(w) })
	walk(t, s2, unpack.Limits{}).check(t, []string{"<snappy>=" + text}, nil)
}

// TestPooledDecoders reads streams one after the other with decoders that
// were left in the middle, at an error, and at the end.
func TestPooledDecoders(t *testing.T) {
	for name, compress := range compressors {
		good, cut := compress([]byte(text)), compress([]byte(strings.Repeat(text, 5)))
		for range 3 {
			walk(t, cut, unpack.Limits{MemberBytes: 100}).
				check(t, []string{"<" + name + ">=" + text[:100]}, []string{"<" + name + ">: " + unpack.ReasonMemberBytes})
			walk(t, good, unpack.Limits{}).check(t, []string{"<" + name + ">=" + text}, nil)
			broken := walk(t, cut[:len(cut)/2], unpack.Limits{})
			if len(broken.gaps) == 0 {
				t.Errorf("%s: half a stream has no gap", name)
			}
			walk(t, good, unpack.Limits{}).check(t, []string{"<" + name + ">=" + text}, nil)
		}
	}
}

func TestNested(t *testing.T) {
	inner := tarball(file{"a.txt", "one\n"}, file{"b.gz", string(gz([]byte("two\n")))})
	outer := zipball(
		zipFile{name: "in.tar.zst", data: string(zst(inner)), method: 8, descriptor: signed32},
		zipFile{name: "plain", data: "three\n", descriptor: signed32},
		zipFile{name: "in.zip", data: string(zipball(zipFile{name: "z", data: "four\n", descriptor: signed32})), descriptor: signed32},
	)
	walk(t, xzip(outer), unpack.Limits{}).check(t, []string{
		"<xz>!in.tar.zst!<zstd>!a.txt=one\n",
		"<xz>!in.tar.zst!<zstd>!b.gz!<gzip>=two\n",
		"<xz>!plain=three\n",
		"<xz>!in.zip!z=four\n",
	}, nil)
}

func TestVisitorNeedNotRead(t *testing.T) {
	data := zipball(
		zipFile{name: "a", data: text, method: 8, descriptor: signed32},
		zipFile{name: "b", data: text, method: 8, descriptor: bare32, lieCRC: 1},
		zipFile{name: "c", data: text, lieCRC: 1},
	)
	var paths, gaps []string
	err := unpack.Walk(t.Context(), bytes.NewReader(gz(data)), unpack.Limits{}, unpack.Visitor{
		Member: func(m unpack.Member, r io.Reader) error {
			paths = append(paths, m.Path)
			_, err := io.CopyN(io.Discard, r, 3)
			return err
		},
		Gap: func(g unpack.Gap) { gaps = append(gaps, g.Path+": "+g.Reason) },
	})
	if err != nil || !slices.Equal(paths, []string{"<gzip>!a", "<gzip>!b", "<gzip>!c"}) {
		t.Errorf("visited %q, error %v", paths, err)
	}
	if want := []string{"<gzip>!b: " + malformed, "<gzip>!c: " + malformed}; !slices.Equal(gaps, want) {
		t.Errorf("gaps %q, want %q: checksums must be checked behind the visitor's back", gaps, want)
	}
}

func TestVisitorError(t *testing.T) {
	mine := errors.New("mine")
	for _, own := range []error{mine, io.EOF, fmt.Errorf("wrapped: %w", mine)} {
		calls := 0
		err := unpack.Walk(t.Context(), bytes.NewReader(gz(tarball(file{"a", "1"}, file{"b", "2"}))), unpack.Limits{}, unpack.Visitor{
			Member: func(unpack.Member, io.Reader) error { calls++; return own },
			Gap:    func(g unpack.Gap) { t.Errorf("gap %v after the visitor's own error", g) },
		})
		if err != own || calls != 1 {
			t.Errorf("%d calls, error %v, want one and %v", calls, err, own)
		}
	}
}

func TestVisitorPanicIsNotSwallowed(t *testing.T) {
	defer func() {
		if recover() != "mine" {
			t.Error("the visitor's panic was taken for that of a decoder")
		}
	}()
	_ = unpack.Walk(t.Context(), bytes.NewReader(gz(tarball(file{"a", "1"}))), unpack.Limits{}, unpack.Visitor{
		Member: func(unpack.Member, io.Reader) error { panic("mine") },
	})
	t.Error("no panic")
}

func TestContextDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	err := unpack.Walk(ctx, bytes.NewReader(zst(bytes.Repeat([]byte(text), 100))), unpack.Limits{Ratio: 1 << 40}, unpack.Visitor{
		Member: func(_ unpack.Member, r io.Reader) error {
			_, err := io.CopyN(io.Discard, r, 10)
			cancel()
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			return err
		},
		Gap: func(g unpack.Gap) { t.Errorf("gap %v", g) },
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := unpack.Walk(ctx, strings.NewReader("x"), unpack.Limits{}, unpack.Visitor{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v for a context that was done before", err)
	}
}

func TestNilVisitor(t *testing.T) {
	if err := unpack.Walk(t.Context(), bytes.NewReader(gz([]byte("\x00"))), unpack.Limits{}, unpack.Visitor{}); err != nil {
		t.Error(err)
	}
}
