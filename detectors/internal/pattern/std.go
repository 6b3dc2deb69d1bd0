package pattern

import (
	"encoding/binary"
	"io"
	"regexp"
	"unicode/utf8"
)

// stdProgram is a pattern compiled by package regexp.
type stdProgram struct {
	re    *regexp.Regexp
	value int // number of the group "value", 0 if there is none
}

func compileStd(expr string) (*stdProgram, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, err
	}
	return &stdProgram{re, max(re.SubexpIndex("value"), 0)}, nil
}

// find returns the leftmost match in text; ValueStart is negative if the
// group took no part, and meaningless if there is none.
func (p *stdProgram) find(text []byte) (Match, bool) {
	if p.value == 0 {
		loc := p.loc(text)
		if loc == nil {
			return Match{}, false
		}
		return Match{Start: loc[0], End: loc[1]}, true
	}
	var loc []int
	if isASCII(text) {
		loc = p.re.FindSubmatchIndex(text)
	} else {
		loc = p.re.FindReaderSubmatchIndex(&latin1{text})
	}
	if loc == nil {
		return Match{}, false
	}
	return Match{loc[0], loc[1], loc[2*p.value], loc[2*p.value+1]}, true
}

// start returns where the leftmost match in text starts.
func (p *stdProgram) start(text []byte) (int, bool) {
	loc := p.loc(text)
	if loc == nil {
		return 0, false
	}
	return loc[0], true
}

func (p *stdProgram) loc(text []byte) []int {
	if isASCII(text) {
		return p.re.FindIndex(text)
	}
	return p.re.FindReaderIndex(&latin1{text})
}

func isASCII(text []byte) bool {
	const beyond = 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		if binary.LittleEndian.Uint64(text)&beyond != 0 {
			return false
		}
	}
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// latin1 reads each byte as a character of its own, of size 1.
type latin1 struct{ text []byte }

func (l *latin1) ReadRune() (rune, int, error) {
	if len(l.text) == 0 {
		return 0, 0, io.EOF
	}
	c := l.text[0]
	l.text = l.text[1:]
	return rune(c), 1, nil
}
