package detectors

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// layout is one variant of a [Form]: the classes '9', 'A' and 'X', and any
// other byte for itself. A form with joiners has four, one for each joiner
// and one without.
type layout struct {
	classes  string
	needsKey bool
	checked  func() bool // see isChecked; nil if nothing is checked
}

// wantsDigit reports whether a value has to have a digit that no class of the
// layout demands: words are no codes of letters and digits.
func (l layout) wantsDigit() bool {
	return strings.IndexByte(l.classes, 'X') >= 0 && strings.IndexByte(l.classes, '9') < 0
}

// layouts expands f, which is a form of r.
func (f Form) layouts(r *Rule) ([]layout, error) {
	if f.Pattern == "" {
		return nil, fmt.Errorf("empty form")
	}
	if len(f.Pattern) > 64 {
		return nil, fmt.Errorf("form %q is longer than 64", f.Pattern)
	}
	l := layout{classes: f.Pattern, needsKey: f.NeedKeyword || r.NeedKeyword}
	if l.needsKey && (r.Valid != nil || r.Sure != nil) {
		l.checked = sync.OnceValue(func() bool {
			return f.checked(func(v []byte) bool { return (r.Valid == nil || r.Valid(v)) && (r.Sure == nil || r.Sure(v)) })
		})
	}
	if !strings.Contains(f.Pattern, "~") {
		return []layout{l}, nil
	}
	var ls []layout
	for _, joiner := range []string{"", " ", "-", "."} {
		l.classes = strings.ReplaceAll(f.Pattern, "~", joiner)
		ls = append(ls, l)
	}
	return ls, nil
}

// goesOn reports whether a longer layout of r stands at w[at] than the one that
// ends at end. The shorter is then the beginning of a value that failed.
func (r *compiled) goesOn(w []byte, at, end int) bool {
	return slices.ContainsFunc(r.layouts, func(l layout) bool { return at+len(l.classes) > end && l.stands(w, at) })
}

// stands reports whether the layout stands at w[at] and its neighbours are clear.
func (l layout) stands(w []byte, at int) bool {
	return l.match(w[at:]) && Clear(w, at, at+len(l.classes))
}

// longer are the layouts of r that are longer than l and may stand where l
// does: goesOn need ask no others.
func (r *compiled) longer(l layout) (ls []layout) {
	for _, other := range r.layouts {
		if len(other.classes) > len(l.classes) && mayCoincide(l.classes, other.classes) {
			ls = append(ls, other)
		}
	}
	return ls
}

// mayCoincide reports whether a text may start with both layouts.
func mayCoincide(short, long string) bool {
	for i := range len(short) {
		// A class has its own letter or digit in it, and the wider class both.
		if a, b := short[i], long[i]; !admits(a, b) && !admits(b, a) {
			return false
		}
	}
	return true
}

// match reports whether w starts with the layout.
func (l layout) match(w []byte) bool {
	if len(w) < len(l.classes) {
		return false
	}
	for i := range len(l.classes) {
		if !admits(l.classes[i], w[i]) {
			return false
		}
	}
	return !l.wantsDigit() || hasDigit(w[:len(l.classes)])
}

// admits reports whether c may stand where a layout has class.
func admits(class, c byte) bool {
	switch class {
	case '9':
		return isDigit(c)
	case 'A':
		return isLetter(c)
	case 'X':
		return isAlnum(c)
	}
	return c == class
}

// Clear reports whether the neighbours of w[start:end] leave it a value of
// its own: it is not a piece of a longer word, of a longer group of digits or
// letters joined by '-' (a UUID, a part number), of a decimal fraction, a
// version or a date. A comma says nothing: in most data it separates columns.
// An escape of white space is white space.
func Clear(w []byte, start, end int) bool {
	const speaks = wordByte | dashByte | dotByte | plusByte | slashByte // others never say no
	return (start == 0 || !speaks.has(w[start-1]) || clearBefore(w, start)) &&
		(end >= len(w) || !speaks.has(w[end]) || clearBehind(w, end))
}

// clearBefore is Clear of what stands before w[start:], which is not its
// beginning.
func clearBefore(w []byte, start int) bool {
	switch c := w[start-1]; {
	case wordBefore(w, start):
		return false
	case c == '-':
		return !wordBefore(w, start-1)
	case c == '.' || c == '/':
		return start == 1 || !isDigit(w[start-2])
	case c == '+':
		return !isDigit(w[start]) // an international phone number
	}
	return true
}

// clearBehind is Clear of what stands behind w[:end], which is not its end.
func clearBehind(w []byte, end int) bool {
	switch c := w[end]; {
	case isWord(c):
		return false
	case c == '-':
		return end+1 == len(w) || !isWord(w[end+1])
	case c == '.' || c == '/':
		return end+1 == len(w) || !isDigit(w[end+1])
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

// compact appends the letters and digits of v to dst, letters in upper case.
func compact(dst, v []byte) []byte {
	n := len(dst)
	dst = slices.Grow(dst, len(v))[:n+len(v)]
	for _, c := range v {
		// Each byte is written and counts only if it belongs: no branch.
		dst[n] = c &^ (c >> 1 & 0x20) // no digit has the bit of a letter
		if alnumByte.has(c) {
			n++
		}
	}
	return dst[:n]
}
