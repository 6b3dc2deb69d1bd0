package export

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// lineBuffer is how much is written at a time.
const lineBuffer = 64 << 10

// jsonEncoder writes one JSON object a line.
type jsonEncoder[R any] struct {
	w      *bufio.Writer
	append func(dst []byte, r *R) ([]byte, error) // the object
	record R                                      // the one being written; here, so that it is not allocated
	line   []byte
}

func newJSONEncoder[R any](w io.Writer, append func([]byte, *R) ([]byte, error)) *jsonEncoder[R] {
	return &jsonEncoder[R]{w: bufio.NewWriterSize(w, lineBuffer), append: append}
}

func (e *jsonEncoder[R]) encode(r R) (err error) {
	e.record = r
	if e.line, err = e.append(e.line[:0], &e.record); err != nil {
		return err
	}
	e.line = append(e.line, '\n')
	_, err = e.w.Write(e.line)
	return err
}

func (e *jsonEncoder[R]) flush() error { return e.w.Flush() }

// appendRecord appends r as package json writes it, but for characters that do
// not show.
func appendRecord[R any](dst []byte, r *R) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return dst, err
	}
	return printable(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), nil
}

// appendFinding appends the same for r as appendRecord would. There may be
// more findings than anything else, and package json takes six times as long.
func appendFinding(dst []byte, r *FindingRecord) ([]byte, error) {
	str := func(name, s string) {
		dst = append(dst, name...)
		dst = appendString(dst, s)
	}
	num := func(name string, n int64) {
		dst = append(dst, name...)
		dst = strconv.AppendInt(dst, n, 10)
	}
	str(`{"bucket":`, r.Bucket)
	str(`,"key":`, r.Key)
	if len(r.KeyBase64) > 0 {
		str(`,"key_base64":`, base64.StdEncoding.EncodeToString(r.KeyBase64))
	}
	str(`,"version_id":`, r.VersionID)
	str(`,"etag":`, r.ETag)
	str(`,"member":`, r.Member)
	str(`,"rule":`, r.Rule)
	str(`,"category":`, r.Category)
	str(`,"severity":`, r.Severity)
	num(`,"offset":`, r.Offset)
	num(`,"length":`, r.Length)
	num(`,"line":`, r.Line)
	num(`,"column":`, r.Column)
	if r.Row > 0 {
		num(`,"row":`, r.Row)
		num(`,"cell":`, r.Cell)
		str(`,"column_name":`, r.ColumnName)
	}
	if r.Record != nil {
		num(`,"record":`, *r.Record)
		str(`,"json_path":`, r.JSONPath)
	}
	num(`,"confidence":`, int64(r.Confidence))
	str(`,"preview":`, r.Preview)
	str(`,"digest":`, r.Digest)
	num(`,"run":`, r.Run)
	return append(dst, '}'), nil
}

// appendString appends s, which is UTF-8, as a JSON string (RFC 8259, 7).
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := 0 // s[plain:i] is written as it is
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if hidden(r) || c < utf8.RuneSelf {
			dst = appendEscaped(append(dst, s[plain:i]...), r)
			plain = i + n
		}
		i += n
	}
	return append(append(dst, s[plain:]...), '"')
}

// appendEscaped appends r with the escapes that package json chooses, or as
// \uNNNN.
func appendEscaped(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}

// hidden tells whether r is no ASCII, or its DEL, and does not show, such as
// what changes the direction of writing or controls a terminal.
func hidden(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) }

// printable escapes the hidden characters of a JSON text. They stand in
// strings only, so that the text means the same.
func printable(line []byte) []byte {
	if !slices.ContainsFunc(line, func(c byte) bool { return c >= 0x7f }) {
		return line // as nearly all
	}
	if bytes.IndexFunc(line, hidden) < 0 {
		return line
	}
	var out []byte
	for len(line) > 0 {
		r, n := utf8.DecodeRune(line)
		if hidden(r) {
			out = appendEscaped(out, r)
		} else {
			out = append(out, line[:n]...)
		}
		line = line[n:]
	}
	return out
}
