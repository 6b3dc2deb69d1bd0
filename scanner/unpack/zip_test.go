package unpack_test

import (
	stdzip "archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"testing"

	"github.com/sluice-dlp/sluice/scanner/unpack"
)

const (
	encrypted   = unpack.ReasonEncrypted
	unprocessed = unpack.ReasonUnprocessed
)

func TestZip(t *testing.T) {
	a, z := zipFile{name: "a", data: "aaaa\n"}, zipFile{name: "z", data: "zzzz\n", method: 8}
	has := func(path string) string { return path + ": " + malformed }
	for name, c := range map[string]struct {
		files    []zipFile
		contents []string // between those of a and z
		reasons  []string
	}{
		"stored":            {[]zipFile{{name: "m", data: text}}, []string{"m=" + text}, nil},
		"deflated":          {[]zipFile{{name: "m", data: text, method: 8}}, []string{"m=" + text}, nil},
		"empty":             {[]zipFile{{name: "m"}}, []string{"m="}, nil},
		"directory":         {[]zipFile{{name: "m/"}}, nil, nil},
		"bzip2":             {[]zipFile{{name: "m", data: bz2Text, method: 12, raw: bz2()}}, []string{"m=" + bz2Text}, nil},
		"zstd":              {[]zipFile{{name: "m", data: text, method: 93, raw: zst([]byte(text))}}, []string{"m=" + text}, nil},
		"xz":                {[]zipFile{{name: "m", data: text, method: 95, raw: xzip([]byte(text))}}, []string{"m=" + text}, nil},
		"zip64":             {[]zipFile{{name: "m", data: text, method: 8, zip64: true}}, []string{"m=" + text}, nil},
		"deflated signed32": {[]zipFile{{name: "m", data: text, method: 8, descriptor: signed32}}, []string{"m=" + text}, nil},
		"deflated bare32":   {[]zipFile{{name: "m", data: text, method: 8, descriptor: bare32}}, []string{"m=" + text}, nil},
		"deflated signed64": {[]zipFile{{name: "m", data: text, method: 8, descriptor: signed64}}, []string{"m=" + text}, nil},
		"deflated bare64":   {[]zipFile{{name: "m", data: text, method: 8, descriptor: bare64}}, []string{"m=" + text}, nil},
		"stored signed32":   {[]zipFile{{name: "m", data: text, descriptor: signed32}}, []string{"m=" + text}, nil},
		"stored signed64":   {[]zipFile{{name: "m", data: text, descriptor: signed64}}, []string{"m=" + text}, nil},
		"stored, a signature in the data": {
			[]zipFile{{name: "m", data: "xPPK\x07\x08PK\x07\x08\x00\x00\x00PK", descriptor: signed32}},
			[]string{"m=xPPK\x07\x08PK\x07\x08\x00\x00\x00PK"}, []string{"m: " + unsupported},
		},
		"duplicate names": {[]zipFile{{name: "m", data: "1"}, {name: "m", data: "2"}}, []string{"m=1", "m=2"}, nil},
		"names": {
			[]zipFile{{name: "n\x00\n\xff!%/../..x/\u202e", data: "1"}},
			[]string{"n%00%0A%FF%21%25/%2E%2E/..x/%E2%80%AE=1"}, nil,
		},
		"looks like a layer":         {[]zipFile{{name: "<gzip>", data: "1"}}, []string{"%3Cgzip>=1"}, nil},
		"wrong checksum":             {[]zipFile{{name: "m", data: text, method: 8, lieCRC: 1}}, []string{"m=" + text}, []string{has("m")}},
		"wrong checksum, descriptor": {[]zipFile{{name: "m", data: text, method: 8, descriptor: signed32, lieCRC: 1}}, []string{"m=" + text}, []string{has("m")}},
		"unfolds to more":            {[]zipFile{{name: "m", data: text, method: 8, lieSize: -100}}, []string{"m=" + text}, []string{has("m")}},
		"unfolds to less":            {[]zipFile{{name: "m", data: text, method: 8, lieSize: +100}}, []string{"m=" + text}, []string{has("m")}},
		"stored in less": {
			[]zipFile{{name: "m", data: text, lieStored: -9, lieSize: -9}},
			[]string{"m=" + text[:len(text)-9]}, []string{has("m"), has("")},
		},
		"garbage before":  {[]zipFile{{name: "m", data: text, method: 8, raw: append(deflated([]byte(text)), "garbage"...)}}, []string{"m=" + text}, []string{has("m")}},
		"broken deflate":  {[]zipFile{{name: "m", data: text, method: 8, raw: []byte("\xff\xff\xff\xff")}}, nil, []string{has("m")}},
		"broken, unknown": {[]zipFile{{name: "m", data: text, method: 8, raw: []byte("\xff\xff\xff\xff"), descriptor: signed32}}, nil, []string{has("m")}},
		"encrypted":       {[]zipFile{{name: "m", data: text, flags: 1}}, nil, []string{"m: " + encrypted}},
		"encrypted, unknown length": {
			[]zipFile{{name: "m", data: text, flags: 1, descriptor: signed32}}, nil, []string{"m: " + encrypted},
		},
		"unknown method":       {[]zipFile{{name: "m", data: text, method: 14}}, nil, []string{"m: " + unprocessed}},
		"unknown method again": {[]zipFile{{name: "m", data: text, method: 14, descriptor: signed32}}, nil, []string{"m: " + unprocessed}},
		"zstd unknown length":  {[]zipFile{{name: "m", method: 93, raw: zst([]byte(text)), descriptor: signed32}}, nil, []string{"m: " + unprocessed}},
		"not listed":           {[]zipFile{{name: "m", data: text, unlisted: true}}, []string{"m=" + text}, []string{has("")}},
		"listed only":          {[]zipFile{{name: "m", data: text, listedOnly: true}}, nil, []string{has("")}},
	} {
		t.Run(name, func(t *testing.T) {
			b := zipball(slices.Concat([]zipFile{a}, c.files, []zipFile{z})...)
			want := slices.Concat([]string{"a=aaaa\n"}, c.contents, []string{"z=zzzz\n"})
			walk(t, b, unpack.Limits{}).check(t, want, c.reasons)
		})
	}
}

// TestZipLongStoredSize has a member whose stored size covers those after it:
// they are not read as members, and the central directory tells.
func TestZipLongStoredSize(t *testing.T) {
	b := zipball(zipFile{name: "a", data: text, method: 8, lieStored: 32}, zipFile{name: "b", data: "b"}, zipFile{name: "c", data: "c"})
	walk(t, b, unpack.Limits{}).check(t, []string{"a=" + text, "c=c"}, []string{"a: " + malformed, ": " + malformed})
}

func TestZipNegativeSize(t *testing.T) {
	res := walk(t, zipball(zipFile{name: "a", data: "a", zip64: true, lieStored: -1 << 62, lieSize: -1 << 62}, zipFile{name: "b", data: "b"}), unpack.Limits{})
	res.check(t, []string{"b=b"}, []string{"a: " + malformed})
}

func TestZipEnds(t *testing.T) {
	b := zipball(zipFile{name: "a", data: "a"})
	walk(t, zipball(), unpack.Limits{}).check(t, nil, nil)
	walk(t, append([]byte("PK\x07\x08"), b...), unpack.Limits{}).check(t, []string{"a=a"}, []string{": " + malformed})
	walk(t, append(slices.Clip(b), "garbage"...), unpack.Limits{}).check(t, []string{"a=a"}, []string{": " + malformed})
	walk(t, slices.Concat(b, b), unpack.Limits{}).check(t, []string{"a=a", "a=a"}, []string{": " + malformed})
	walk(t, b[:len(b)-22], unpack.Limits{}).check(t, []string{"a=a"}, []string{": " + malformed})
}

// TestZipOfStandardWriter reads what archive/zip writes: descriptors, zip64
// end records and comments.
func TestZipOfStandardWriter(t *testing.T) {
	var b bytes.Buffer
	w := stdzip.NewWriter(&b)
	const comment = "that PK\x05\x06 stands in a comment does not make it the end of the archive"
	must(0, w.SetComment(comment))
	for _, f := range []file{{"dir/", ""}, {"dir/a", text}, {"b", ""}} {
		must(io.WriteString(must(w.Create(f.name)), f.data))
	}
	must(io.WriteString(must(w.CreateHeader(&stdzip.FileHeader{Name: "stored", Method: stdzip.Store})), text))
	must(0, w.Close())
	walk(t, b.Bytes(), unpack.Limits{}).check(t, []string{"dir/a=" + text, "b=", "stored=" + text, "<comment>=" + comment}, nil)
}

// TestZipHidesAnother has archives that programs which start at the end of an
// archive take for another one than those that start at its beginning.
func TestZipHidesAnother(t *testing.T) {
	shown, hidden := zipball(zipFile{name: "a", data: "a"}), zipball(zipFile{name: "h", data: "h"})
	field := func(b []byte, at int, v any) []byte {
		b = bytes.Clone(b)
		copy(b[at:], le(v))
		return b
	}
	end := len(shown) - 22
	dir := bytes.Index(shown, []byte("PK\x01\x02"))
	hiddenDir := bytes.Index(hidden, []byte("PK\x01\x02"))

	t.Run("in the comment", func(t *testing.T) {
		b := append(field(shown, end+20, uint16(len(hidden))), hidden...)
		walk(t, b, unpack.Limits{}).check(t, []string{"a=a", "<comment>!h=h"}, nil)
	})
	t.Run("in the comment of a member", func(t *testing.T) {
		b := slices.Concat(field(shown[:end], dir+32, uint16(len(hidden))), hidden, field(shown[end:], 12, uint32(end-dir+len(hidden))))
		walk(t, b, unpack.Limits{}).check(t, []string{"a=a", "a!<comment>!h=h"}, nil)
	})
	t.Run("in the zip64 end record", func(t *testing.T) {
		at := end + 56 // of the hidden one
		list := field(hidden[hiddenDir:len(hidden)-22], 42, uint32(at))
		extra := append(bytes.Clone(hidden[:hiddenDir]), list...)
		record := le([]byte("PK\x06\x06"), uint64(44+len(extra)), uint32(0), uint64(0), uint64(1), uint64(1), uint64(len(list)), uint64(at+hiddenDir), extra)
		b := slices.Concat(shown[:end], record, field(field(shown[end:], 12, uint32(len(list))), 16, uint32(at+hiddenDir)))
		walk(t, b, unpack.Limits{}).check(t, []string{"a=a", "<zip64>!h=h"}, []string{"<zip64>: " + malformed, ": " + malformed})
	})
	t.Run("in another directory", func(t *testing.T) {
		for _, at := range []int{12, 16} {
			v := binary.LittleEndian.Uint32(shown[end+at:])
			walk(t, field(shown, end+at, v+1), unpack.Limits{}).check(t, []string{"a=a"}, []string{": " + malformed})
		}
	})
	t.Run("by another method", func(t *testing.T) {
		walk(t, field(shown, dir+10, uint16(8)), unpack.Limits{}).check(t, []string{"a=a"}, []string{": " + malformed})
	})
}
