package unpack_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// fuzzLimits are low, so that reaching one is cheap.
var fuzzLimits = unpack.Limits{Depth: 4, Members: 50, Bytes: 8 << 20, MemberBytes: 1 << 20, Ratio: 50, Window: 4 << 20}

// FuzzWalk has one rule: whatever the object is, the walk ends without an error
// of its own and within the limits, and an error of the reader comes back.
func FuzzWalk(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		checkLimits(t, walkReader(t.Context(), bytes.NewReader(b), fuzzLimits))
		if len(b) > 1<<12 {
			return
		}
		// A reader that fails at the end must always be heard, except where
		// a limit or a broken container stops the reading before.
		fails := errors.New("fails")
		res := walkReader(t.Context(), &failing{b: b, err: fails}, fuzzLimits)
		if res.err != nil && !errors.Is(res.err, fails) {
			t.Errorf("error %v", res.err)
		}
	})
}

// failing gives its bytes in small pieces, then fails.
type failing struct {
	b   []byte
	err error
}

func (r *failing) Read(p []byte) (int, error) {
	if len(r.b) == 0 {
		return 0, r.err
	}
	n := copy(p, r.b[:min(len(r.b), 7)])
	r.b = r.b[n:]
	return n, nil
}

func checkLimits(t *testing.T, res result) {
	t.Helper()
	lim := fuzzLimits
	if res.err != nil {
		t.Errorf("error %v of a reader without errors", res.err)
	}
	if n := int64(len(res.members)); n > lim.Members+1 {
		t.Errorf("%d members", n)
	}
	var total int64
	for _, m := range res.members {
		layers := strings.Count(m.Path, "!") + 1
		if m.Path == "" {
			continue
		}
		if layers > lim.Depth+1 { // and an encoding
			t.Errorf("%d layers", layers)
		}
		if int64(len(m.data)) > lim.MemberBytes*3/2 {
			t.Errorf("%d bytes of a member", len(m.data))
		}
		total += int64(len(m.data))
	}
	if total > lim.Bytes*3/2 { // UTF-8 of UTF-16 may be longer
		t.Errorf("%d bytes", total)
	}
}

// seeds are one object of each kind, whole and hurt.
func seeds() [][]byte {
	all := samples()
	var b [][]byte
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := all[name].stored
		b = append(b, s, s[:len(s)*2/3])
	}
	small := []byte("small text\n")
	for _, d := range []descriptor{signed32, bare32, signed64, bare64} {
		b = append(b, zipball(zipFile{name: "a", data: "small", method: 8, descriptor: d}, zipFile{name: "b", data: "b", descriptor: signed32}))
	}
	return append(b,
		sparseTar("s", "data", 5000),
		zipball(zipFile{name: "m", data: "x", method: 12, raw: bz2()}, zipFile{name: "n", method: 95, raw: xzip(small)},
			zipFile{name: "o", method: 93, raw: zst(small)}, zipFile{name: "p", flags: 1, data: "?"}, zipFile{name: "q", zip64: true, data: "q"}),
		encode16("\ufeffsmall text", binary.LittleEndian), encode32("small text, no mark", binary.BigEndian),
		[]byte("\xef\xbb\xbftext"), []byte("%PDF-1.7\n"), []byte("\x51\x2a\x4d\x18\x03\x00\x00\x00abc"),
	)
}
