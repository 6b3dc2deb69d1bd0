package scanner

import "bytes"

// lineCounter follows the line breaks of a stream from front to back.
type lineCounter struct {
	at     int64 // offset up to which breaks are counted
	breaks int64 // '\n' before at
	start  int64 // offset of the first byte of the line that at is in
}

// advance counts the breaks in b, the bytes of the stream that follow at.
func (l *lineCounter) advance(b []byte) {
	if n := bytes.Count(b, []byte{'\n'}); n > 0 {
		l.breaks += int64(n)
		l.start = l.at + int64(lastBreak(b)) + 1
	}
	l.at += int64(len(b))
}

// lastBreak is bytes.LastIndexByte(b, '\n') for long lines: that function
// looks at one byte at a time, IndexByte at a vector.
func lastBreak(b []byte) int {
	const step = 1 << 10
	for len(b) > step && bytes.IndexByte(b[len(b)-step:], '\n') < 0 {
		b = b[:len(b)-step]
	}
	return bytes.LastIndexByte(b, '\n')
}

// line and column of the byte at offset at, both from 1.
func (l *lineCounter) line() int64   { return l.breaks + 1 }
func (l *lineCounter) column() int64 { return l.at - l.start + 1 }
