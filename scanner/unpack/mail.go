package unpack

import (
	"bytes"
	"strings"
)

// mailFields are fields of which one is in the first lines of every mail
// (RFC 5322) and of what browsers save as one file.
var mailFields = map[string]bool{
	"bcc": true, "cc": true, "content-type": true, "date": true, "delivered-to": true, "from": true, "message-id": true,
	"mime-version": true, "received": true, "reply-to": true, "return-path": true, "subject": true, "to": true,
}

// isMail tells whether b begins with the header of a mail, or with a mailbox.
func isMail(b []byte) bool {
	fields, known := 0, false
	for line := range bytes.Lines(b) {
		line = bytes.TrimRight(line, "\r\n")
		name, _, ok := bytes.Cut(line, []byte{':'})
		switch {
		case len(line) == 0 || fields == 8:
			return known
		case fields == 0 && bytes.HasPrefix(line, []byte("From ")):
		case fields > 0 && (line[0] == ' ' || line[0] == '\t'): // goes on
		case !ok || len(name) == 0 || bytes.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }):
			return false
		default:
			fields++
			known = known || mailFields[strings.ToLower(string(name))]
		}
	}
	return known
}

// A mailWatch counts the parts of a mail that are in base64.
type mailWatch struct {
	line  []byte // so much of the current one as matters
	parts int
}

// longestEncoding is how much of a line matters.
const longestEncoding = 80

func (m *mailWatch) see(b []byte) {
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		part := b
		if end >= 0 {
			part, b = b[:end], b[end+1:]
		} else {
			b = nil
		}
		m.line = append(m.line, part[:min(len(part), longestEncoding-len(m.line))]...)
		if end >= 0 {
			m.end()
		}
	}
}

// end ends a line.
func (m *mailWatch) end() {
	const field = "content-transfer-encoding:"
	if len(m.line) > len(field) && strings.EqualFold(string(m.line[:len(field)]), field) &&
		strings.EqualFold(string(bytes.TrimSpace(m.line[len(field):])), "base64") {
		m.parts++
	}
	m.line = m.line[:0]
}
