package unpack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	textunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// A charset is an encoding of text that is turned into UTF-8 before it is
// searched.
type charset struct {
	name    string
	bom     string
	width   int // bytes of a code unit
	order   binary.ByteOrder
	decoder func() *encoding.Decoder
}

// charsets are in the order in which they are tried: the mark of UTF-32LE
// begins with that of UTF-16LE.
var charsets = []charset{
	{"utf-32le", "\xff\xfe\x00\x00", 4, binary.LittleEndian, utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM).NewDecoder},
	{"utf-32be", "\x00\x00\xfe\xff", 4, binary.BigEndian, utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM).NewDecoder},
	{"utf-16le", "\xff\xfe", 2, binary.LittleEndian, textunicode.UTF16(textunicode.LittleEndian, textunicode.IgnoreBOM).NewDecoder},
	{"utf-16be", "\xfe\xff", 2, binary.BigEndian, textunicode.UTF16(textunicode.BigEndian, textunicode.IgnoreBOM).NewDecoder},
}

const utf8BOM = "\xef\xbb\xbf"

// ebcdic is what mainframes write, in the code page of the United States. The
// letters and digits of all but the Asian ones stand at the same places.
var ebcdic = charset{"ebcdic", "", 1, nil, charmap.CodePage037.NewDecoder}

// minUnits is how many code units without a byte order mark must read as text
// for the encoding to be certain.
const minUnits = 8

// sniffEncoding recognises UTF-16 and UTF-32: by their mark and a sample that
// is mostly text, or by a sample in which every unit is a character of text
// and most are ASCII.
func sniffEncoding(b []byte, whole bool) (format, bool) {
	for _, c := range charsets {
		marked := len(b) >= len(c.bom) && string(b[:len(c.bom)]) == c.bom
		if marked && c.plausible(b[len(c.bom):]) || !marked && c.certain(b, whole) {
			skip := 0
			if marked {
				skip = len(c.bom)
			}
			return format{media: "text/plain", text: true, open: c.walk(skip)}, true
		}
	}
	if isEBCDIC(b) {
		return format{media: "text/plain", text: true, open: ebcdic.walk(0)}, true
	}
	return format{}, false
}

// isEBCDIC tells whether nine in ten bytes of b are letters, digits, blanks and
// common marks of EBCDIC, and none is a blank or line end of ASCII, which every
// longer text in another encoding has.
func isEBCDIC(b []byte) bool {
	b = b[:min(len(b), 512)]
	text := 0
	for _, c := range b {
		switch {
		case c == 0 || c == ' ' || c == '\n':
			return false
		case ebcdicByte[c]:
			text++
		}
	}
	return len(b) >= minUnits && text*10 >= len(b)*9
}

var ebcdicByte = func() (t [256]bool) {
	for _, r := range [][2]int{{0x81, 0x89}, {0x91, 0x99}, {0xa2, 0xa9}, {0xc1, 0xc9}, {0xd1, 0xd9}, {0xe2, 0xe9}, {0xf0, 0xf9}} {
		for c := r[0]; c <= r[1]; c++ {
			t[c] = true
		}
	}
	for _, c := range "\x15\x25\x40\x4b\x5e\x60\x61\x6b\x6d\x7a\x7d" { // NEL LF blank . ; - / , _ : '
		t[c] = true
	}
	return t
}()

// plausible tells whether at most one unit in ten of b is no character of text.
func (c charset) plausible(b []byte) bool {
	units, text, _ := c.count(b)
	return units == 0 || text*10 >= units*9
}

func (c charset) certain(b []byte, whole bool) bool {
	if bytes.IndexByte(b, 0) < 0 || whole && len(b)%c.width != 0 {
		return false // the first spares almost every stream the counting
	}
	units, text, ascii := c.count(b)
	return units >= minUnits && text == units && ascii*2 >= units
}

// count counts code units of b, those that may stand in text, and those that
// are ASCII. Surrogates count as text.
func (c charset) count(b []byte) (units, text, ascii int) {
	for ; len(b) >= c.width; b = b[c.width:] {
		var r uint32
		if c.width == 2 {
			r = uint32(c.order.Uint16(b))
		} else {
			r = c.order.Uint32(b)
		}
		units++
		switch {
		case r >= 0x4e00 && r < 0x9fff, r >= 0xac00 && r < 0xd7a3: // what follows would be slow
			text++
		case r >= 0x80 && r <= unicode.MaxRune && (c.width == 2 && r>>11 == 0x1b || unicode.IsGraphic(rune(r)) || unicode.Is(unicode.Cf, rune(r))):
			text++
		case r < 0x80 && textByte[r]:
			text++
			ascii++
		}
	}
	return units, text, ascii
}

// walk makes the opener that shows the text as UTF-8.
func (c charset) walk(skip int) opener {
	return func(w *walker, s *stream, p place) {
		_, _ = s.Discard(skip)
		start := s.consumed()
		inner := p.in("<" + c.name + ">")
		inner.depth = p.depth
		watch := &unitWatch{charset: c, s: s}
		in := io.Reader(watch)
		if c.width == 1 {
			in = s
		}
		m := &meter{w: w, dec: unpooled{c.decoder().Reader(in)}, in: s, owner: p.path, format: c.name, at: inner, start: start}
		d := openStream(m)
		defer d.close()
		w.leaf(d, inner, format{media: "text/plain", text: true, stays: true})
		if w.err == nil && m.err != errCut && (s.consumed()-start)%int64(c.width) != 0 {
			w.gap(p.path, ReasonMalformed, errors.New(c.name+": ends within a character"))
		}
		if watch.turned {
			w.turned(p.path, c.name, int64(skip)+watch.from)
		}
	}
}

// textByte tells which bytes stand in text: all but most of the control
// characters of ASCII. The separators of FIX, Hive and MARC (0x01, 0x1c to
// 0x1f), the escape of terminals and the end mark of DOS stand in text.
var textByte = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != 0x7f
	}
	for _, c := range []byte("\t\n\v\f\r\b\x01\x1a\x1b\x1c\x1d\x1e\x1f") {
		t[c] = true
	}
	return t
}()

// looksText tells whether a sample reads as text in ASCII or anything that
// extends it: no NUL, and at most one control character in twenty bytes.
func looksText(b []byte) bool {
	if bytes.IndexByte(b, 0) >= 0 {
		return false
	}
	odd := 0
	for _, c := range b {
		if !textByte[c] {
			odd++
		}
	}
	return odd*20 <= len(b)
}
