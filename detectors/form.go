package detectors

import (
	"fmt"
	"slices"
	"strings"
)

// layout is one variant of a [Form]: the classes '9', 'A' and 'X', and any
// other byte for itself. A form with joiners has four, one for each joiner
// and one without.
type layout struct {
	classes  string
	needsKey bool
}

// layouts expands f.
func (f Form) layouts() ([]layout, error) {
	if f.Pattern == "" {
		return nil, fmt.Errorf("empty form")
	}
	if len(f.Pattern) > 64 {
		return nil, fmt.Errorf("form %q is longer than 64", f.Pattern)
	}
	if !strings.Contains(f.Pattern, "~") {
		return []layout{{f.Pattern, f.NeedKeyword}}, nil
	}
	var ls []layout
	for _, joiner := range []string{"", " ", "-", "."} {
		ls = append(ls, layout{strings.ReplaceAll(f.Pattern, "~", joiner), f.NeedKeyword})
	}
	return ls, nil
}

// goesOn reports whether a longer layout of r stands at w[at] than the one that
// ends at end. The shorter is then the beginning of a value that failed.
func (r *compiled) goesOn(w []byte, at, end int) bool {
	return slices.ContainsFunc(r.layouts, func(l layout) bool {
		longer := at + len(l.classes)
		return longer > end && l.match(w[at:]) && Clear(w, at, longer)
	})
}

// match reports whether w starts with the layout.
func (l layout) match(w []byte) bool {
	if len(w) < len(l.classes) {
		return false
	}
	for i := range len(l.classes) {
		c := w[i]
		switch k := l.classes[i]; k {
		case '9':
			if !isDigit(c) {
				return false
			}
		case 'A':
			if !isLetter(c) {
				return false
			}
		case 'X':
			if !isDigit(c) && !isLetter(c) {
				return false
			}
		default:
			if c != k {
				return false
			}
		}
	}
	return true
}

// Clear reports whether the neighbours of w[start:end] leave it a value of
// its own: it is not a piece of a longer word, of a longer group of digits or
// letters joined by '-' (a UUID, a part number), of a decimal fraction, a
// version or a date. A comma says nothing: in most data it separates columns.
// An escape of white space is white space.
func Clear(w []byte, start, end int) bool {
	if start > 0 {
		switch c := w[start-1]; {
		case wordBefore(w, start):
			return false
		case c == '-' && wordBefore(w, start-1):
			return false
		case (c == '.' || c == '/') && start > 1 && isDigit(w[start-2]):
			return false
		case c == '+' && isDigit(w[start]):
			return false // an international phone number
		}
	}
	if end < len(w) {
		switch c := w[end]; {
		case isWord(c):
			return false
		case c == '-' && end+1 < len(w) && isWord(w[end+1]):
			return false
		case (c == '.' || c == '/') && end+1 < len(w) && isDigit(w[end+1]):
			return false
		}
	}
	return true
}

// wordBefore reports whether a word goes on across the beginning of w[i:]: a
// letter, a digit or '_' stands before it that is no part of an escape.
func wordBefore(w []byte, i int) bool { return i > 0 && isWord(w[i-1]) && !afterEscape(w, i) }

// afterEscape reports whether one of the escapes \n \r \t \f \v \b ends before
// w[i], by which strings in JSON and in source code write white space.
func afterEscape(w []byte, i int) bool {
	return i > 1 && w[i-2] == '\\' && strings.IndexByte("nrtfvb", w[i-1]) >= 0
}

func isDigit(c byte) bool  { return c-'0' < 10 }
func isLetter(c byte) bool { return c|0x20-'a' < 26 }
func isAlnum(c byte) bool  { return isDigit(c) || isLetter(c) }
func isWord(c byte) bool   { return isAlnum(c) || c == '_' }

// compact appends the letters and digits of v to dst, letters in upper case.
func compact(dst, v []byte) []byte {
	for _, c := range v {
		switch {
		case isDigit(c):
			dst = append(dst, c)
		case isLetter(c):
			dst = append(dst, c&^0x20)
		}
	}
	return dst
}
