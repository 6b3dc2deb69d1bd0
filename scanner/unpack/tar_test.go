package unpack_test

import (
	"archive/tar"
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/scanner/unpack"
)

func TestTarFormats(t *testing.T) {
	long := strings.Repeat("long/", 60) + "name"
	for _, format := range []tar.Format{tar.FormatUSTAR, tar.FormatPAX, tar.FormatGNU} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		name := long
		if format == tar.FormatUSTAR {
			name = "short"
		}
		for _, h := range []tar.Header{
			{Name: "dir/", Typeflag: tar.TypeDir},
			{Name: "link", Typeflag: tar.TypeSymlink, Linkname: "dir"},
			{Name: "hard", Typeflag: tar.TypeLink, Linkname: "dir"},
			{Name: "pipe", Typeflag: tar.TypeFifo},
			{Name: name, Typeflag: tar.TypeReg, Size: int64(len(text))},
			{Name: "empty", Typeflag: tar.TypeReg},
		} {
			h.Format = format
			must(0, w.WriteHeader(&h))
			if h.Size > 0 {
				must(w.Write([]byte(text)))
			}
		}
		must(0, w.Close())
		walk(t, b.Bytes(), unpack.Limits{}).check(t, []string{name + "=" + text, "empty="}, nil)
	}
}

// TestTarOfUnixV7 has no magic, only a checksum.
func TestTarOfUnixV7(t *testing.T) {
	b := tarball(file{"a", "text\n"})
	for i := 257; i < 265; i++ {
		b[i] = 0
	}
	fixSum(b)
	walk(t, b, unpack.Limits{}).check(t, []string{"a=text\n"}, nil)
}

func TestTarSparse(t *testing.T) {
	walk(t, sparseTar("s", "data\n", 12), unpack.Limits{}).
		check(t, []string{"s=data\n" + strings.Repeat("\x00", 7)}, []string{"s: " + unsupported})
}

func TestTarBroken(t *testing.T) {
	b := tarball(file{"a", "aaaa\n"}, file{"b", text}, file{"c", "cccc\n"})
	header := 1024 // of b

	bad := slices.Clone(b)
	bad[header] ^= 1
	walk(t, bad, unpack.Limits{}).check(t, []string{"a=aaaa\n", "c=cccc\n"}, []string{": " + malformed})

	negative := slices.Clone(b)
	copy(negative[header+124:], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00")
	fixSum(negative[header:])
	walk(t, negative, unpack.Limits{}).check(t, []string{"a=aaaa\n", "c=cccc\n"}, []string{": " + malformed})

	huge := slices.Clone(b)
	copy(huge[header+124:], "\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff")
	fixSum(huge[header:])
	res := walk(t, huge, unpack.Limits{})
	// What follows b is read as a part of it.
	if want := []string{"b: " + malformed, "b: " + unsupported, ": " + malformed}; !slices.Equal(res.reasons(), want) || len(res.members) != 2 {
		t.Errorf("%d members, gaps %q, want 2 and %q", len(res.members), res.reasons(), want)
	}
}

// fixSum makes the checksum of a header right.
func fixSum(h []byte) {
	copy(h[148:], "        ")
	sum := 0
	for _, c := range h[:512] {
		sum += int(c)
	}
	for i := range 6 {
		h[148+5-i] = byte('0' + sum>>(3*i)&7)
	}
	h[154], h[155] = 0, ' '
}

func TestTarEnds(t *testing.T) {
	b := tarball(file{"a", "aaaa\n"})
	body := b[:1024]
	zeros := make([]byte, 10240)
	contents := []string{"a=aaaa\n"}
	bad := []string{": " + malformed}
	walk(t, slices.Concat(b, zeros), unpack.Limits{}).check(t, contents, nil)
	walk(t, body, unpack.Limits{}).check(t, contents, bad)
	walk(t, slices.Concat(b, zeros, []byte("text after the end")), unpack.Limits{}).check(t, contents, bad)
	twice := []string{"a=aaaa\n", "a=aaaa\n"}
	walk(t, slices.Concat(b, zeros, b), unpack.Limits{}).check(t, twice, nil)
	walk(t, slices.Concat(body, b), unpack.Limits{}).check(t, twice, nil)
	walk(t, slices.Concat(b, bytes.Repeat([]byte("garbage!"), 64), b), unpack.Limits{}).check(t, twice, bad)
}
