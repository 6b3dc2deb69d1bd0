package unpack_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"github.com/sluice-dlp/sluice/scanner/unpack"
)

func TestTypes(t *testing.T) {
	binaryTail := "\x00\x01\x02\x03 and so on"
	for _, c := range []struct {
		head, media string
		text        bool
	}{
		{"", "text/plain", true},
		{"plain\n", "text/plain", true},
		{"caf\xe9 in Latin-1\n", "text/plain", true},
		{"\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\n", "text/plain", true},
		{"\x1b[31mred\x1b[0m\n", "text/plain", true},
		{"8=FIX.4.4\x019=76\x0135=D\x01", "text/plain", true},
		{"PARIS in a text", "text/plain", true},
		{"ORCHARD", "text/plain", true},
		{"BM, MZ and ID3 are words too", "text/plain", true},
		{"\x03\x04\x05 controls \x06\x07", "application/octet-stream", false},
		{"one NUL in a text\x00 is enough", "application/octet-stream", false},
		{"%PDF-1.7\n", "application/pdf", false},
		{"\x89PNG\r\n\x1a\n", "image/png", false},
		{"\xff\xd8\xff\xe0", "image/jpeg", false},
		{"GIF89a" + binaryTail, "image/gif", false},
		{"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp", false},
		{"\x00\x00\x00\x18ftypmp42", "video/mp4", false},
		{"ID3\x03" + binaryTail, "audio/mpeg", false},
		{"PAR1" + binaryTail, "application/vnd.apache.parquet", false},
		{"Obj\x01", "application/vnd.apache.avro", false},
		{"ORC" + binaryTail, "application/vnd.apache.orc", false},
		{"SQLite format 3\x00", "application/vnd.sqlite3", false},
		{"\x7fELF\x02\x01\x01", "application/x-elf", false},
		{"\xca\xfe\xba\xbe\x00\x00\x00\x34", "application/java-vm", false},
		{"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", false},
		{"Rar!\x1a\x07\x01\x00", "application/vnd.rar", false},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", false},
	} {
		res := walk(t, []byte(c.head), unpack.Limits{})
		var gaps []string
		if !c.text {
			gaps = []string{": " + unsupported}
		}
		res.check(t, []string{"=" + c.head}, gaps)
		if m := res.members[0]; m.Type != c.media || m.Text != c.text {
			t.Errorf("%q is %s, text %v, want %s, %v", c.head, m.Type, m.Text, c.media, c.text)
		}
		if !c.text && !strings.Contains(res.gaps[0].Err.Error(), c.media) {
			t.Errorf("gap of %s does not name it: %v", c.media, res.gaps[0].Err)
		}
	}
}

func encode16(s string, order binary.ByteOrder) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, 0, 0)
		order.PutUint16(b[len(b)-2:], u)
	}
	return b
}

func encode32(s string, order binary.ByteOrder) (b []byte) {
	for _, r := range s {
		b = append(b, 0, 0, 0, 0)
		order.PutUint32(b[len(b)-4:], uint32(r))
	}
	return b
}

func TestEncodings(t *testing.T) {
	const mark = "\ufeff"
	mixed := "Grüße, Привет, 你好, 😀: twelve and more\n" + text
	for name, encode := range map[string]func(string) []byte{
		"<utf-16le>": func(s string) []byte { return encode16(s, binary.LittleEndian) },
		"<utf-16be>": func(s string) []byte { return encode16(s, binary.BigEndian) },
		"<utf-32le>": func(s string) []byte { return encode32(s, binary.LittleEndian) },
		"<utf-32be>": func(s string) []byte { return encode32(s, binary.BigEndian) },
	} {
		t.Run(name, func(t *testing.T) {
			walk(t, encode(mark+mixed), unpack.Limits{}).check(t, []string{name + "=" + mixed}, nil)
			walk(t, encode(mixed), unpack.Limits{}).check(t, []string{name + "=" + mixed}, nil)
			walk(t, encode(mark+"short"), unpack.Limits{}).check(t, []string{name + "=short"}, nil)
			walk(t, encode(mark+"Привет"), unpack.Limits{}).check(t, []string{name + "=Привет"}, nil)
			walk(t, gz(encode(mark+mixed)), unpack.Limits{Depth: 1}).check(t, []string{"<gzip>!" + name + "=" + mixed}, nil)
			cut := encode(mark + mixed)
			res := walk(t, cut[:len(cut)-1], unpack.Limits{})
			if !slices.Equal(res.reasons(), []string{": " + malformed}) {
				t.Errorf("half a character at the end: gaps %q", res.reasons())
			}
		})
	}
}

func TestEBCDIC(t *testing.T) {
	encode := func(s string) []byte { return must(charmap.CodePage037.NewEncoder().Bytes([]byte(s))) }
	for _, s := range []string{"ACCOUNT 0123456789, OPEN\u0085", strings.Repeat("the name of the record: 4539148803436467", 900)} {
		walk(t, encode(s), unpack.Limits{}).check(t, []string{"<ebcdic>=" + s}, nil)
	}
	for _, s := range []string{"caf\xe9 \xe9\xe9\xe9\xe9", strings.Repeat("ÄÖÜäöüß", 90), strings.Repeat("Привет", 900), "\xf1\xf2", strings.Repeat("\xd0\xcf\xee\xed", 9)} {
		walk(t, []byte(s), unpack.Limits{}).check(t, []string{"=" + s}, nil)
	}
}

func TestNotUTF16(t *testing.T) {
	var numbers bytes.Buffer
	for i := range uint16(200) {
		must(0, binary.Write(&numbers, binary.LittleEndian, i))
	}
	for _, b := range [][]byte{numbers.Bytes(), []byte("\xff\xfe\x00\x01\x02\x03\x00\x00\x01\x00\x02\x00"), []byte("a\x00b\x00")} {
		walk(t, b, unpack.Limits{}).check(t, []string{"=" + string(b)}, []string{": " + unsupported})
	}
}

func TestByteOrderMark(t *testing.T) {
	res := walk(t, []byte("\xef\xbb\xbfid,name\n"), unpack.Limits{})
	res.check(t, []string{"=id,name\n"}, nil)
	if res.members[0].Skipped != 3 {
		t.Errorf("skipped %d bytes, want 3", res.members[0].Skipped)
	}
	if walk(t, []byte("id"), unpack.Limits{}).members[0].Skipped != 0 {
		t.Error("skipped without a mark")
	}
}
