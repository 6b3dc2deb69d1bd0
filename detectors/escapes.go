package detectors

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
)

// Values are hidden from a search for bytes by the way text is written down:
// full-width digits, blanks and dashes of typography, characters of no width,
// entities of HTML, escapes of JSON, of URLs and of quoted-printable mail. This
// file reads one such character; hidden.go searches the text that is meant.

// hidden is a character that is written in another way than its plain byte.
type hidden struct {
	plain byte // what it stands for: a letter, a digit, one of " -./@", or 0 for nothing
	size  int  // bytes of it; 0 if there is none
}

// longestHidden is the size of the longest of them: %E2%80%91.
const longestHidden = 9

// readHidden reads the hidden character that w starts with.
func readHidden(w []byte) hidden {
	if len(w) == 0 {
		return hidden{}
	}
	switch c := w[0]; {
	case c == '%' || c == '=':
		return readHex(w)
	case c == '&':
		return readEntity(w)
	case c == '\\':
		return readUnicodeEscape(w)
	case c >= utf8.RuneSelf:
		r, n := utf8.DecodeRune(w)
		return hiddenRune(r, n)
	}
	return hidden{}
}

// readHex reads %XX (RFC 3986, 2.1) and =XX (RFC 2045, 6.7), with the bytes of
// UTF-8 each written so.
func readHex(w []byte) hidden {
	var b [utf8.UTFMax]byte
	n := 0
	for n < len(b) && len(w) >= 3*n+3 && w[3*n] == w[0] {
		high, low := hexValue(w[3*n+1]), hexValue(w[3*n+2])
		if high < 0 || low < 0 {
			break
		}
		b[n] = byte(high<<4 | low)
		if n++; utf8.FullRune(b[:n]) {
			break
		}
	}
	if n == 0 {
		return hidden{}
	}
	r, size := utf8.DecodeRune(b[:n])
	h := hiddenRune(r, 3*size)
	switch {
	case isLetter(h.plain), isAlnum(h.plain) && (w[0] == '=' || size > 1), h.plain == '@' && w[0] == '=', h.plain == 0:
		return hidden{} // nobody writes these so
	}
	return h
}

// readSoftBreak reads a soft line break (RFC 2045, 6.7).
func readSoftBreak(w []byte) hidden {
	switch {
	case len(w) > 1 && w[0] == '=' && w[1] == '\n':
		return hidden{0, 2}
	case len(w) > 2 && w[0] == '=' && w[1] == '\r' && w[2] == '\n':
		return hidden{0, 3}
	}
	return hidden{}
}

func hexValue(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// escapingClass has the bytes that hidden characters begin with.
var escapingClass = func() bitmap.Class {
	c := bitmap.Bytes("%=&\\")
	c.High = true
	return c
}()

// hidingBeyond are what hidden characters beyond ASCII begin with that may stand
// elsewhere than behind a letter or digit or another of them, leastBeyond such
// bytes in a row at least.
var hidingBeyond = func() []string {
	ls := []string{"\xef\xbc", "\xef\xbd", "\u00ad", "\ufeff"} // the first two are full-width
	for r := range rune(10) {
		ls = append(ls, string(0x660+r), string(0x6f0+r), string(0x966+r))
	}
	for r := range rune(5) {
		ls = append(ls, string(0x200b+r), string(0x2060+r))
	}
	return ls
}()

const leastBeyond = 4

// entities are the named character references of HTML that matter.
var entities = []struct {
	name  string
	plain byte
}{
	{"&nbsp;", ' '}, {"&ensp;", ' '}, {"&emsp;", ' '}, {"&thinsp;", ' '}, {"&shy;", 0}, {"&zwnj;", 0}, {"&zwj;", 0},
	{"&ndash;", '-'}, {"&mdash;", '-'}, {"&minus;", '-'}, {"&hyphen;", '-'}, {"&dash;", '-'}, {"&period;", '.'}, {"&sol;", '/'}, {"&commat;", '@'},
}

// readEntity reads a character reference of HTML.
func readEntity(w []byte) hidden {
	if len(w) < 4 {
		return hidden{}
	}
	if w[1] != '#' {
		if bytes.IndexByte(w[:min(len(w), longestHidden)], ';') < 0 {
			return hidden{} // nearly all: a=1&b=2
		}
		for _, e := range entities {
			if len(w) >= len(e.name) && string(w[:len(e.name)]) == e.name {
				return hidden{e.plain, len(e.name)}
			}
		}
		return hidden{}
	}
	i, base := 2, 10
	if w[i]|0x20 == 'x' {
		i, base = 3, 16
	}
	r, first := 0, i
	for ; i < min(len(w), longestHidden-1); i++ {
		v := hexValue(w[i])
		if v < 0 || v >= base {
			break
		}
		r = r*base + v
	}
	if i == first || i == len(w) || w[i] != ';' {
		return hidden{}
	}
	return hiddenRune(rune(r), i+1)
}

// readUnicodeEscape reads \uXXXX (RFC 8259, 7).
func readUnicodeEscape(w []byte) hidden {
	const size = len(`\uXXXX`)
	if len(w) < size || w[1] != 'u' {
		return hidden{}
	}
	r := 0
	for _, c := range w[2:size] {
		v := hexValue(c)
		if v < 0 {
			return hidden{}
		}
		r = r<<4 | v
	}
	return hiddenRune(rune(r), size)
}

// hiddenRune is what r, written in size bytes, stands for.
func hiddenRune(r rune, size int) hidden {
	switch {
	case '0' <= r && r <= '9', 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z':
		return hidden{byte(r), size}
	case r < utf8.RuneSelf:
		if strings.IndexByte(" -./@", byte(r)) < 0 {
			return hidden{}
		}
		return hidden{byte(r), size}
	case 0xff10 <= r && r <= 0xff19, 0xff21 <= r && r <= 0xff3a, 0xff41 <= r && r <= 0xff5a, 0xff0d <= r && r <= 0xff0f, r == 0xff20:
		return hidden{byte(r - 0xfee0), size} // full-width forms
	case 0x660 <= r && r <= 0x669:
		return hidden{'0' + byte(r-0x660), size} // Arabic-Indic digits
	case 0x6f0 <= r && r <= 0x6f9:
		return hidden{'0' + byte(r-0x6f0), size} // and those of Persian
	case 0x966 <= r && r <= 0x96f:
		return hidden{'0' + byte(r-0x966), size} // Devanagari digits
	case r == 0xa0, 0x2000 <= r && r <= 0x200a, r == 0x202f, r == 0x205f, r == 0x3000:
		return hidden{' ', size}
	case r == 0xad, 0x200b <= r && r <= 0x200f, 0x2060 <= r && r <= 0x2064, r == 0xfeff:
		return hidden{0, size}
	case 0x2010 <= r && r <= 0x2015, r == 0x2212, r == 0xfe58, r == 0xfe63:
		return hidden{'-', size}
	}
	return hidden{}
}

// isHidden reports whether a hidden character stands at w[at] amid what may be
// a value, so that it has to be read: a digit beside a digit, a letter beside a
// letter or digit, a joiner between digits or groups of digits and capitals, an
// '@' between letters or digits, nothing within any of them. Other escapes are
// left alone: texts are full of them.
//
// A joiner in ASCII may stand between what has no width and its neighbour, and
// between a digit and the hidden character before it.
//
// It leaves alone, too, what would be dear to look for: a soft line break other
// than right between digits, a soft hyphen between letters, and a full-width digit
// before a plain one.
func isHidden(w []byte, at int) (hidden, bool) {
	if h := readSoftBreak(w[at:]); h.size > 0 {
		end := at + h.size
		return h, at > 0 && isDigit(w[at-1]) && end < len(w) && isDigit(w[end])
	}
	h := readHidden(w[at:])
	if h.size == 0 {
		return h, false
	}
	end := at + h.size
	behind := plainBehind(w, end)
	beyond := w[at] >= utf8.RuneSelf
	follows := !beyond || end < len(w) && w[end] >= utf8.RuneSelf
	switch {
	case isDigit(h.plain) && beyond && h.size > 2:
		return h, follows && isAlnum(behind) || isAlnum(plainBefore(w, at)) || continuesHidden(w, at)
	case isDigit(h.plain):
		return h, follows && isDigit(behind) || isDigit(plainBefore(w, at))
	case isLetter(h.plain):
		return h, follows && isAlnum(behind) || isAlnum(plainBefore(w, at))
	case h.plain == '@':
		return h, isAlnum(behind) && isAlnum(plainBefore(w, at))
	case h.plain == 0 && h.size > 2:
		return h, isAlnum(behind) && isAlnum(plainBefore(w, at)) || besideJoiner(w, at, end)
	}
	before := plainBefore(w, at)
	if isDigit(behind) && isDigit(before) {
		return h, true
	}
	// Groups of account numbers have letters, too. HTTP%2F1 is none.
	follows = w[at] == '&' || w[at] == '\\' || end < len(w) && (isDigit(w[end]) || beyond && w[end] >= utf8.RuneSelf)
	return h, w[at] != '=' && (w[at] != '%' || h.plain == ' ') &&
		(isDigit(before) && isGroup(w, end) || follows && isDigit(behind) && at >= group && isGroup(w[:at], at-group))
}

// besideJoiner reports whether what has no width, w[at:end], stands between a
// plain joiner and a letter or digit, and beyond the joiner there is another.
func besideJoiner(w []byte, at, end int) bool {
	if end < len(w) && isPlainJoiner(w[end]) {
		before, behind := plainBefore(w, at), plainBehind(w, end+1)
		return isAlnum(before) && isAlnum(behind) && (w[end] != ' ' || isDigit(before) || isDigit(behind))
	}
	if at == 0 || !isPlainJoiner(w[at-1]) {
		return false
	}
	before, behind := plainBefore(w, at-1), plainBehind(w, end)
	if w[at] >= utf8.RuneSelf && !(end < len(w) && isAlnum(w[end]) && (at > 1 && isAlnum(w[at-2]) || continuesHidden(w, at))) {
		return false
	}
	return isAlnum(before) && isAlnum(behind) && (w[at-1] != ' ' || isDigit(before) || isDigit(behind))
}

// continuesHidden reports whether a plain joiner stands before w[at] and before
// that a hidden character of three bytes or more beyond ASCII that stands behind
// a letter or digit.
func continuesHidden(w []byte, at int) bool {
	if at == 0 || !isPlainJoiner(w[at-1]) {
		return false
	}
	h := hiddenBefore(w, at-1)
	return h.size > 2 && w[at-1-h.size] >= utf8.RuneSelf && isAlnum(plainBefore(w, at-1-h.size))
}

// isPlainJoiner reports whether c joins groups of digits or the parts of an
// address.
func isPlainJoiner(c byte) bool { return c == ' ' || c == '-' || c == '.' || c == '/' || c == '@' }

// group is how many letters and digits are printed together.
const group = 4

// isGroup reports whether a group of digits and capitals stands at w[i], some of
// them hidden perhaps.
func isGroup(w []byte, i int) bool {
	for range group {
		if i >= len(w) {
			return false
		}
		c, n := w[i], 1
		if h := readHidden(w[i:]); h.size > 0 {
			c, n = h.plain, h.size
		}
		if !isDigit(c) && !isUpper(c) {
			return false
		}
		i += n
	}
	return true
}

// hiddenAt reads the hidden character at w[at], where isHidden says that one is.
func hiddenAt(w []byte, at int) hidden {
	if h := readSoftBreak(w[at:]); h.size > 0 {
		return h
	}
	return readHidden(w[at:])
}

// hiddenInRow is how many joiners and characters of no width in a row are
// looked past for the next digit or letter.
const hiddenInRow = 3

// plainBehind returns the character at w[i], past hidden ones that are neither
// letter nor digit; 0 for none.
func plainBehind(w []byte, i int) byte {
	for range hiddenInRow {
		if i >= len(w) {
			return 0
		}
		h := readHidden(w[i:])
		if h.size == 0 {
			return w[i]
		}
		if isAlnum(h.plain) {
			return h.plain
		}
		i += h.size
	}
	return 0
}

// plainBefore is plainBehind in the other direction.
func plainBefore(w []byte, i int) byte {
	for range hiddenInRow {
		h := hiddenBefore(w, i)
		if h.size == 0 {
			if i == 0 {
				return 0
			}
			return w[i-1]
		}
		if isAlnum(h.plain) {
			return h.plain
		}
		i -= h.size
	}
	return 0
}

// hiddenBefore returns the hidden character that ends at w[:i], the longest if
// there are several.
func hiddenBefore(w []byte, i int) hidden {
	for n := min(longestHidden, i); n > 0; n-- {
		if !escapingClass.Has(w[i-n]) {
			continue
		}
		if h := readHidden(w[i-n : i]); h.size == n {
			return h
		}
	}
	return hidden{}
}
