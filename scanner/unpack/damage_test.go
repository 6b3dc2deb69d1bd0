package unpack_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// A sample is a container and what is in it.
type sample struct {
	stored   []byte
	contents []string

	// sealed: no byte of it can change unnoticed, but for those that are no
	// content.
	sealed bool
}

func samples() map[string]sample {
	short := text[:800]
	a, b := file{"a", short}, file{"b", "the second\n"}
	tarred := tarball(a, b)
	zipped := zipball(zipFile{name: "a", data: short, method: 8, descriptor: signed32},
		zipFile{name: "b", data: "the second\n"})
	m := map[string]sample{
		"text":        {[]byte(short), []string{"=" + short}, false},
		"tar":         {tarred, []string{"a=" + short, "b=" + b.data}, false},
		"zip":         {zipped, []string{"a=" + short, "b=" + b.data}, true},
		"bzip2":       {bz2(), []string{"<bzip2>=" + bz2Text}, true},
		"tar of gzip": {tarball(file{"a.gz", string(gz([]byte(short)))}), []string{"a.gz!<gzip>=" + short}, false},
	}
	for name, compress := range compressors {
		layer := "<" + name + ">"
		m[name] = sample{compress([]byte(short)), []string{layer + "=" + short}, true}
		m[name+" of tar"] = sample{compress(tarred), []string{layer + "!a=" + short, layer + "!b=" + b.data}, true}
		m[name+" of zip"] = sample{compress(zipped), []string{layer + "!a=" + short, layer + "!b=" + b.data}, true}
	}
	return m
}

// TestTruncated cuts every container at every sixteenth of its length: what
// is delivered is the beginning of the content, and all of it or there is a gap.
func TestTruncated(t *testing.T) {
	for name, s := range samples() {
		if name == "text" {
			continue
		}
		for i := 1; i < 16; i++ {
			cut := len(s.stored) * i / 16
			if cut <= 4 {
				continue // not even a magic number is left
			}
			res := walk(t, s.stored[:cut], unpack.Limits{})
			checkBeginning(t, name, s, res)
			// A snappy stream may end after each chunk: no format tells.
			if len(res.gaps) == 0 && !strings.HasPrefix(name, "snappy") && !whole(s, res) {
				t.Errorf("%s cut at %d of %d: content is missing and no gap says so", name, cut, len(s.stored))
			}
		}
	}
}

func whole(s sample, res result) bool {
	got := strings.Join(res.contents(), "\n")
	return got == strings.Join(s.contents, "\n")
}

// checkBeginning fails unless each member seen is the beginning of one in s,
// or is the stream itself, not recognised any more.
func checkBeginning(t *testing.T, name string, s sample, res result) {
	t.Helper()
	for _, m := range res.members {
		found := !m.Text
		for _, want := range s.contents {
			found = found || strings.HasPrefix(want, m.Path+"="+m.data)
		}
		if !found {
			t.Errorf("%s: member %q has %d bytes that are not its own", name, m.Path, len(m.data))
		}
	}
}

// TestTruncatedDelivers has a stream cut in the middle of which everything
// decoded until then must be seen.
func TestTruncatedDelivers(t *testing.T) {
	var b strings.Builder
	random := rand.New(rand.NewPCG(1, 2))
	for range 1 << 15 {
		fmt.Fprintf(&b, "%016x\n", random.Uint64())
	}
	long := b.String()
	for name, compress := range compressors {
		b := compress([]byte(long))
		res := walk(t, b[:len(b)*3/4], unpack.Limits{})
		if len(res.members) != 1 || len(res.members[0].data) < len(long)/2 {
			t.Errorf("%s: nothing much of the first three quarters was seen", name)
		}
	}
}

// TestCorrupted changes every byte of every container: either all content is
// seen as it was, or there is a gap.
func TestCorrupted(t *testing.T) {
	for name, s := range samples() {
		if !s.sealed {
			continue
		}
		b := bytes.Clone(s.stored)
		for i := range b {
			for _, flip := range []byte{0x01, 0xff} {
				b[i] ^= flip
				res := walk(t, b, unpack.Limits{})
				if len(res.gaps) == 0 && !sameData(s, res) {
					t.Errorf("%s: byte %d changed by %#x: content differs and no gap says so", name, i, flip)
				}
				b[i] ^= flip
			}
		}
	}
}

// sameData tells whether the contents are those of s; names may differ.
func sameData(s sample, res result) bool {
	if len(res.members) != len(s.contents) {
		return false
	}
	for i, want := range s.contents {
		if !strings.HasSuffix(want, "="+res.members[i].data) {
			return false
		}
	}
	return true
}

// TestCorruptedTarHeader changes the bytes of headers, which a checksum
// covers.
func TestCorruptedTarHeader(t *testing.T) {
	s := samples()["tar"]
	b := bytes.Clone(s.stored)
	for i := range 512 {
		b[i] ^= 0xff
		res := walk(t, b, unpack.Limits{})
		if len(res.gaps) == 0 && !sameData(s, res) {
			t.Errorf("byte %d of the header changed: content differs and no gap says so", i)
		}
		b[i] ^= 0xff
	}
}

func TestSmallReads(t *testing.T) {
	for name, s := range samples() {
		for kind, r := range map[string]io.Reader{
			"one byte": iotest.OneByteReader(bytes.NewReader(s.stored)),
			"half":     iotest.HalfReader(bytes.NewReader(s.stored)),
			"data+err": iotest.DataErrReader(bytes.NewReader(s.stored)),
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				res := walkReader(t.Context(), r, unpack.Limits{})
				if res.err != nil {
					t.Fatal(res.err)
				}
				res.check(t, s.contents, nil)
			})
		}
	}
}

// TestReaderFails breaks the network after every byte: the error comes back,
// and none of the formats is called broken for it.
func TestReaderFails(t *testing.T) {
	broken := errors.New("connection reset")
	for name, s := range samples() {
		for n := range len(s.stored) + 1 {
			for _, e := range []error{broken, io.ErrUnexpectedEOF} {
				r := io.MultiReader(bytes.NewReader(s.stored[:n]), iotest.ErrReader(e))
				res := walkReader(t.Context(), r, unpack.Limits{})
				if !errors.Is(res.err, e) {
					t.Fatalf("%s: error after %d bytes is lost: %v", name, n, res.err)
				}
				if len(res.gaps) > 0 {
					t.Fatalf("%s: error after %d bytes made a gap: %v %v", name, n, res.gaps[0].Reason, res.gaps[0].Err)
				}
			}
		}
	}
}

func TestReaderTimesOut(t *testing.T) {
	for name, s := range samples() {
		res := walkReader(t.Context(), iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(s.stored))), unpack.Limits{})
		if !errors.Is(res.err, iotest.ErrTimeout) || len(res.gaps) > 0 {
			t.Errorf("%s: error %v, gaps %q", name, res.err, res.reasons())
		}
	}
}

// A lazyReader never gives anything.
type lazyReader struct{}

func (lazyReader) Read([]byte) (int, error) { return 0, nil }

func TestReaderGivesNothing(t *testing.T) {
	if res := walkReader(t.Context(), lazyReader{}, unpack.Limits{}); !errors.Is(res.err, io.ErrNoProgress) {
		t.Errorf("error %v", res.err)
	}
}

// TestSkippableOnly has a frame that every decoder skips: what is in it is not
// read, and that is said.
func TestSkippableOnly(t *testing.T) {
	b := le(uint32(0x184D2A53), uint32(len(text)), []byte(text))
	walk(t, b, unpack.Limits{}).check(t, nil, []string{": " + unsupported})
	walk(t, append(b, zst([]byte("z"))...), unpack.Limits{}).check(t, []string{"<zstd>=z"}, nil)
}
