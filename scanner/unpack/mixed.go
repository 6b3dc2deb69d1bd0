package unpack

import (
	"bytes"
	"io"
)

// stretch is how many bytes of a text are judged at a time.
const stretch = 64

// A textWatch looks for the place where a text turns into something else: an
// archive behind a shell script, UTF-16 that was appended to a log. Only a
// stretch with a NUL is looked at, since few others are no text. A run of NULs,
// which hides nothing, counts as one.
type textWatch struct {
	at     int64 // bytes seen
	odd    int   // bytes of the current stretch that are no text
	nul    bool  // some of them are NUL
	last   byte
	turned bool
	from   int64 // where
}

// see looks at the next bytes of the text.
func (t *textWatch) see(b []byte) {
	for len(b) > 0 && !t.turned {
		if t.at%stretch == 0 {
			n := bytes.IndexByte(b, 0)
			if n < 0 {
				n = len(b)
			}
			if n -= n % stretch; n > 0 {
				t.at, t.last = t.at+int64(n), b[n-1]
				b = b[n:]
				continue
			}
		}
		n := min(stretch-int(t.at%stretch), len(b))
		for _, c := range b[:n] {
			if !textByte[c] && (c != 0 || t.last != 0) {
				t.odd++
			}
			t.nul = t.nul || c == 0
			t.last = c
		}
		t.at += int64(n)
		b = b[n:]
		if t.at%stretch == 0 {
			t.judge(t.at - stretch)
		}
	}
}

// end looks at what is left.
func (t *textWatch) end() {
	if rest := t.at % stretch; rest != 0 && !t.turned {
		t.judge(t.at - rest)
	}
}

func (t *textWatch) judge(start int64) {
	const most = 3 // as one in twenty
	if t.nul && t.odd > most {
		t.turned, t.from = true, start
	}
	t.odd, t.nul = 0, false
}

// A unitWatch reads text in code units of more than one byte and looks for the
// place where it turns into something else: text of one byte a character that
// was appended, UTF-16 behind half a unit, or no text.
type unitWatch struct {
	charset
	s    io.Reader
	at   int64  // bytes seen
	rest []byte // of a stretch

	last           uint16 // unit
	narrow, digits int    // units in a row, the same ones once, that are made of ASCII, and of digits
	turned         bool
	from           int64 // where
}

// So many units in a row are no chance. Of other text only Hiragana has many
// that are made of ASCII; they are not counted.
const (
	mostNarrow = 12
	mostDigits = 6
)

func (u *unitWatch) Read(p []byte) (int, error) {
	n, err := u.s.Read(p)
	for b := p[:n]; len(b) > 0 && !u.turned; {
		m := min(stretch-len(u.rest), len(b))
		u.rest = append(u.rest, b[:m]...)
		if b = b[m:]; len(u.rest) == stretch {
			u.judge()
		}
	}
	if err == io.EOF && !u.turned {
		u.judge()
	}
	return n, err
}

// judge looks at a stretch.
func (u *unitWatch) judge() {
	if len(u.rest) >= minUnits*u.width && !u.plausible(u.rest) {
		u.turned, u.from = true, u.at
	}
	for i := 0; u.width == 2 && i+2 <= len(u.rest) && !u.turned; i += 2 {
		unit := u.order.Uint16(u.rest[i:])
		if unit == u.last {
			continue
		}
		u.last = unit
		high, low := byte(unit>>8), byte(unit)
		u.narrow = countIf(isASCIIText(high) && (isASCIIText(low) || low == 0) && high != 0x30, u.narrow)
		u.digits = countIf(isNumber(high) && isNumber(low) && high != 0x30, u.digits)
		if u.narrow == mostNarrow || u.digits == mostDigits {
			u.turned, u.from = true, u.at
		}
	}
	u.at += int64(len(u.rest))
	u.rest = u.rest[:0]
}

func countIf(more bool, n int) int {
	if more {
		return n + 1
	}
	return 0
}

func isASCIIText(c byte) bool { return c < 0x80 && textByte[c] }
func isNumber(c byte) bool    { return '0' <= c && c <= '9' || c == ' ' || c == '-' }
