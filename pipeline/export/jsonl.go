package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonEncoder writes one JSON object a line.
type jsonEncoder[R any] struct {
	w    *bufio.Writer
	line bytes.Buffer
	enc  *json.Encoder
}

func newJSONEncoder[R any](w io.Writer) *jsonEncoder[R] {
	e := &jsonEncoder[R]{w: bufio.NewWriter(w)}
	e.enc = json.NewEncoder(&e.line)
	e.enc.SetEscapeHTML(false)
	return e
}

func (e *jsonEncoder[R]) encode(r R) error {
	e.line.Reset()
	if err := e.enc.Encode(r); err != nil {
		return err
	}
	_, err := e.w.Write(printable(e.line.Bytes()))
	return err
}

func (e *jsonEncoder[R]) flush() error { return e.w.Flush() }

// printable escapes the characters of a JSON text that are no ASCII and do
// not show, such as those that change the direction of writing or control a
// terminal. They stand in strings only, so that the text means the same.
func printable(line []byte) []byte {
	if !slices.ContainsFunc(line, func(c byte) bool { return c >= 0x7f }) {
		return line // as nearly all
	}
	odd := func(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) }
	if bytes.IndexFunc(line, odd) < 0 {
		return line
	}
	var out []byte
	for len(line) > 0 {
		r, n := utf8.DecodeRune(line)
		switch {
		case !odd(r):
			out = append(out, line[:n]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		line = line[n:]
	}
	return out
}
