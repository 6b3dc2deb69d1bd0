package unpack_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// measured is a walk that keeps no content.
type measured struct {
	members int
	bytes   int64 // delivered to the visitor
	reasons map[string]int
}

func measure(t *testing.T, b []byte, lim unpack.Limits) measured {
	t.Helper()
	m := measured{reasons: map[string]int{}}
	err := unpack.Walk(t.Context(), bytes.NewReader(b), lim, unpack.Visitor{
		Member: func(_ unpack.Member, r io.Reader) error {
			m.members++
			n, err := io.Copy(io.Discard, r)
			m.bytes += n
			return err
		},
		Gap: func(g unpack.Gap) { m.reasons[g.Reason]++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDepth(t *testing.T) {
	b := []byte("text")
	for range 30 {
		b = gz(b)
	}
	ten := strings.TrimSuffix(strings.Repeat("<gzip>!", 10), "!")
	walk(t, b, unpack.Limits{}).check(t, nil, []string{ten + ": " + unpack.ReasonDepth})
	walk(t, b, unpack.Limits{Depth: 3}).check(t, nil, []string{"<gzip>!<gzip>!<gzip>: " + unpack.ReasonDepth})
	walk(t, gz([]byte("text")), unpack.Limits{Depth: 1}).check(t, []string{"<gzip>=text"}, nil)
	walk(t, tarball(file{"a", string(gz(nil))}, file{"b", "text"}), unpack.Limits{Depth: 1}).
		check(t, []string{"b=text"}, []string{"a: " + unpack.ReasonDepth})
}

func TestMembers(t *testing.T) {
	var files []file
	for i := range 100 {
		files = append(files, file{fmt.Sprint(i), "x"})
	}
	b := tarball(files...)
	if m := measure(t, b, unpack.Limits{Members: 100}); m.members != 100 || len(m.reasons) != 0 {
		t.Errorf("at the limit: %+v", m)
	}
	m := measure(t, b, unpack.Limits{Members: 99})
	if m.members != 99 || m.reasons[unpack.ReasonMembers] != 1 || len(m.reasons) != 1 {
		t.Errorf("over the limit: %+v", m)
	}
	// Layers and directories count too: they cost the same.
	if m := measure(t, gz(b), unpack.Limits{Members: 100}); m.reasons[unpack.ReasonMembers] != 1 {
		t.Errorf("with a layer around: %+v", m)
	}
}

func TestBytes(t *testing.T) {
	long := strings.Repeat(text, 10)
	size := int64(len(long))
	for name, b := range map[string][]byte{
		"gzip": gz([]byte(long)),
		"tar":  tarball(file{"a", long[:100]}, file{"b", long[100:]}),
		"zip":  zipball(zipFile{name: "a", data: long[:100], method: 8}, zipFile{name: "b", data: long[100:]}),
	} {
		if m := measure(t, b, unpack.Limits{Bytes: size}); m.bytes != size || len(m.reasons) != 0 {
			t.Errorf("%s at the limit: %+v", name, m)
		}
		for _, limit := range []int64{size - 1, size / 2, 101} {
			m := measure(t, b, unpack.Limits{Bytes: limit})
			if m.bytes != limit || m.reasons[unpack.ReasonBytes] != 1 || len(m.reasons) != 1 {
				t.Errorf("%s over the limit of %d: %+v", name, limit, m)
			}
		}
	}
	// What an archive only stores is unfolded once, by the layer around it.
	tarred := tarball(file{"a", long})
	if m := measure(t, gz(tarred), unpack.Limits{Bytes: int64(len(tarred))}); m.bytes != size || len(m.reasons) != 0 {
		t.Errorf("tar in gzip: %+v", m)
	}
	// The object itself is not unfolded.
	if m := measure(t, []byte(long), unpack.Limits{Bytes: 1, MemberBytes: 1}); m.bytes != size || len(m.reasons) != 0 {
		t.Errorf("plain text: %+v", m)
	}
}

func TestMemberBytes(t *testing.T) {
	long := strings.Repeat(text, 5)
	for name, b := range map[string][]byte{
		"tar": tarball(file{"a", long}, file{"b", "short"}, file{"c", long}),
		"zip": zipball(zipFile{name: "a", data: long, method: 8, descriptor: signed32}, zipFile{name: "b", data: "short", descriptor: signed32},
			zipFile{name: "c", data: long, method: 8}),
		"zip of stored": zipball(zipFile{name: "a", data: long, descriptor: signed32}, zipFile{name: "b", data: "short"}, zipFile{name: "c", data: long}),
		"tar of gzip":   tarball(file{"a", string(gz([]byte(long)))}, file{"b", "short"}, file{"c", string(gz([]byte(long)))}),
	} {
		m := measure(t, b, unpack.Limits{MemberBytes: 100})
		if m.members != 3 || m.bytes != 205 || m.reasons[unpack.ReasonMemberBytes] != 2 || len(m.reasons) != 1 {
			t.Errorf("%s: %+v", name, m)
		}
		if m := measure(t, b, unpack.Limits{MemberBytes: int64(len(long))}); m.bytes != 2*int64(len(long))+5 || len(m.reasons) != 0 {
			t.Errorf("%s at the limit: %+v", name, m)
		}
	}
}

func TestRatio(t *testing.T) {
	zeros := make([]byte, 3<<20)
	bombs := map[string][]byte{
		"gzip":          gz(zeros),
		"zstd":          zst(zeros),
		"xz":            xzBlocks(zeros, 1<<30),
		"zip":           zipball(zipFile{name: "a", data: string(zeros), method: 8}),
		"zip, unknown":  zipball(zipFile{name: "a", data: string(zeros), method: 8, descriptor: signed32}),
		"sparse tar":    sparseTar("s", "data", 1<<40),
		"gzip of gzip":  gz(gz(zeros)),
		"tar of gzip":   tarball(file{"a", string(gz(zeros))}),
		"gzip of a tar": gz(tarball(file{"a", string(zeros)})),
	}
	for name, b := range bombs {
		lim := unpack.Limits{Ratio: 20}
		m := measure(t, b, lim)
		bound := max(1<<20, lim.Ratio*int64(len(b))) + 64<<10
		if m.reasons[unpack.ReasonRatio] == 0 || m.bytes > bound {
			t.Errorf("%s of %d bytes: %+v, want at most %d bytes", name, len(b), m, bound)
		}
	}
	small := make([]byte, 1<<20)
	if m := measure(t, gz(small), unpack.Limits{Ratio: 2}); m.bytes != 1<<20 || m.reasons[unpack.ReasonRatio] != 0 {
		t.Errorf("the first MiB is free: %+v", m)
	}
}

// TestRatioOthersGoOn has a bomb between two members.
func TestRatioOthersGoOn(t *testing.T) {
	zeros := string(make([]byte, 2<<20))
	for _, form := range []descriptor{noDescriptor, signed32} {
		m := measure(t, zipball(zipFile{name: "a", data: text}, zipFile{name: "bomb", data: zeros, method: 8, descriptor: form},
			zipFile{name: "z", data: "z"}), unpack.Limits{Ratio: 20})
		if m.members != 3 || m.reasons[unpack.ReasonRatio] != 1 || m.bytes < int64(len(text))+1<<20 {
			t.Errorf("%+v", m)
		}
	}
}

// TestNestedBomb is built like 42.zip: each layer stays under the ratio, all
// together do not.
func TestNestedBomb(t *testing.T) {
	b := make([]byte, 1<<20)
	for range 5 {
		var files []zipFile
		for i := range 10 {
			files = append(files, zipFile{name: fmt.Sprint(i), data: string(b), method: 8})
		}
		b = zipball(files...)
	}
	m := measure(t, b, unpack.Limits{})
	if bound := max(64<<20, 1000*int64(len(b))) + 1<<20; m.bytes > bound || m.reasons[unpack.ReasonRatio] == 0 {
		t.Errorf("%d bytes unfolded to %d, gaps %v; want at most %d", len(b), m.bytes, m.reasons, bound)
	}
}

// TestWindows has headers that ask for more memory than there may be.
func TestWindows(t *testing.T) {
	zstd := []byte("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00") // 2 GiB
	single := []byte("\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00")
	xz := xzip([]byte("text"))
	xz[12+4] = 40 // the properties of the filter, behind header size, flags, id and their length
	fixXZHeader(xz)
	for name, b := range map[string][]byte{"zstd": zstd, "zstd of one segment": single, "xz": xz} {
		before := allocated()
		res := walk(t, b, unpack.Limits{})
		if grown := allocated() - before; grown > 16<<20 {
			t.Errorf("%s: %d bytes of memory for a refusal", name, grown)
		}
		if want := []string{": " + unsupported}; !slices.Equal(res.reasons(), want) {
			t.Errorf("%s: gaps %q, want %q", name, res.reasons(), want)
		}
	}
}

// TestWindowsNested has layers that are within the limit one by one.
func TestWindowsNested(t *testing.T) {
	b := zstdWindow(32 << 20)
	lim := unpack.Limits{Window: 128 << 20}
	if m := measure(t, b, lim); len(m.reasons) != 0 || m.bytes == 0 {
		t.Errorf("one layer: %+v", m)
	}
	lim.Window = 32 << 20
	if m := measure(t, b, lim); m.reasons[unsupported] != 1 {
		t.Errorf("half of the limit is less than the window: %+v", m)
	}
	lim.Window = 64 << 20
	if m := measure(t, gz(tarball(file{"a", string(b)})), lim); len(m.reasons) != 0 {
		t.Errorf("in layers that need no window: %+v", m)
	}
	lim.Window = 96 << 20
	if m := measure(t, zst(b), lim); m.reasons[unsupported] != 1 {
		t.Errorf("in another layer: %+v", m)
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
