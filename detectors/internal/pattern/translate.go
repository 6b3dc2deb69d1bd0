package pattern

import (
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

const anyByte = `[\x00-\xFF]`

// write appends re to b in the syntax that both engines share, with bytes
// for characters.
func write(b *strings.Builder, re *syntax.Regexp) error {
	switch re.Op {
	case syntax.OpNoMatch:
		return fmt.Errorf("`%s` can never match", re)
	case syntax.OpEmptyMatch:
		b.WriteString(`(?:)`)
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			writeRune(b, r, re.Flags&syntax.FoldCase != 0)
		}
	case syntax.OpCharClass:
		return writeClass(b, re)
	case syntax.OpAnyCharNotNL:
		b.WriteString(`[\x00-\x09\x0B-\xFF]`)
	case syntax.OpAnyChar:
		b.WriteString(anyByte)
	case syntax.OpBeginLine:
		b.WriteString(`(?m:^)`)
	case syntax.OpEndLine:
		b.WriteString(`(?m:$)`)
	case syntax.OpBeginText:
		b.WriteString(`\A`)
	case syntax.OpEndText:
		b.WriteString(`\z`)
	case syntax.OpWordBoundary:
		b.WriteString(`\b`)
	case syntax.OpNoWordBoundary:
		b.WriteString(`\B`)
	case syntax.OpCapture:
		open := "(?:"
		if re.Name == "value" {
			open = "(?P<value>"
		}
		return writeGroup(b, open, re.Sub[0])
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return writeRepeat(b, re)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if err := write(b, sub); err != nil {
				return err
			}
		}
	case syntax.OpAlternate:
		return writeAlternatives(b, re.Sub)
	default:
		return fmt.Errorf("`%s` is not supported", re)
	}
	return nil
}

func writeGroup(b *strings.Builder, open string, re *syntax.Regexp) error {
	b.WriteString(open)
	err := write(b, re)
	b.WriteByte(')')
	return err
}

func writeRepeat(b *strings.Builder, re *syntax.Regexp) error {
	if err := writeGroup(b, "(?:", re.Sub[0]); err != nil {
		return err
	}
	switch re.Op {
	case syntax.OpStar:
		b.WriteByte('*')
	case syntax.OpPlus:
		b.WriteByte('+')
	case syntax.OpQuest:
		b.WriteByte('?')
	case syntax.OpRepeat:
		switch {
		case re.Max < 0:
			fmt.Fprintf(b, "{%d,}", re.Min)
		case re.Max == re.Min:
			fmt.Fprintf(b, "{%d}", re.Min)
		default:
			fmt.Fprintf(b, "{%d,%d}", re.Min, re.Max)
		}
	}
	if re.Flags&syntax.NonGreedy != 0 {
		b.WriteByte('?')
	}
	return nil
}

func writeAlternatives(b *strings.Builder, subs []*syntax.Regexp) error {
	b.WriteString("(?:")
	for i, sub := range subs {
		if i > 0 {
			b.WriteByte('|')
		}
		if err := write(b, sub); err != nil {
			return err
		}
	}
	b.WriteByte(')')
	return nil
}

// writeRune writes one character of a literal: its bytes, or with fold those
// of each of its cases. An ASCII letter folds to ASCII only (not 'k' to the
// Kelvin sign).
func writeRune(b *strings.Builder, r rune, fold bool) {
	if !fold {
		writeBytes(b, r)
		return
	}
	forms := []rune{r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if (f < utf8.RuneSelf) == (r < utf8.RuneSelf) {
			forms = append(forms, f)
		}
	}
	writeRunes(b, forms)
}

// writeRunes writes a choice of one of the characters.
func writeRunes(b *strings.Builder, rs []rune) {
	b.WriteString("(?:")
	for i, r := range rs {
		if i > 0 {
			b.WriteByte('|')
		}
		writeBytes(b, r)
	}
	b.WriteByte(')')
}

// writeBytes writes the UTF-8 encoding of r.
func writeBytes(b *strings.Builder, r rune) {
	for _, c := range utf8.AppendRune(nil, r) {
		fmt.Fprintf(b, `\x%02X`, c)
	}
}

// maxListed is how many characters beyond ASCII a class may hold; each
// becomes an alternative.
const maxListed = 256

// writeClass writes a character class as one of bytes. If it holds all
// characters beyond ASCII (as a negated ASCII class does), it holds all bytes
// beyond ASCII; if it holds a few, each becomes an alternative.
func writeClass(b *strings.Builder, re *syntax.Regexp) error {
	var ascii strings.Builder
	var listed []rune
	beyond := 0
	for i := 0; i < len(re.Rune); i += 2 {
		lo, hi := re.Rune[i], re.Rune[i+1]
		if lo < utf8.RuneSelf {
			fmt.Fprintf(&ascii, `\x%02X-\x%02X`, lo, min(hi, utf8.RuneSelf-1))
			lo = utf8.RuneSelf
		}
		if hi < lo {
			continue
		}
		beyond += int(hi-lo) + 1
		for r := lo; r <= hi && len(listed) < maxListed; r++ {
			if !foldsToASCII(r) {
				listed = append(listed, r)
			}
		}
	}
	// The characters that fold to ASCII letters are in or out of a class by
	// (?i) alone, so they do not count.
	const all = unicode.MaxRune - utf8.RuneSelf + 1
	switch {
	case beyond >= all-2 && missesOnlyFolds(re.Rune):
		fmt.Fprintf(b, `[%s\x80-\xFF]`, ascii.String())
	case len(listed) == 0 && ascii.Len() == 0:
		return fmt.Errorf("`%s` can never match", re)
	case len(listed) == 0:
		fmt.Fprintf(b, `[%s]`, ascii.String())
	case len(listed) >= maxListed:
		return fmt.Errorf("`%s` holds some characters beyond ASCII and leaves out others: patterns are matched byte by byte; name ASCII characters, or list the others one by one", re)
	case ascii.Len() == 0:
		writeRunes(b, listed)
	default:
		fmt.Fprintf(b, `(?:[%s]|`, ascii.String())
		writeRunes(b, listed)
		b.WriteByte(')')
	}
	return nil
}

// foldsToASCII reports whether r is one of the two characters beyond ASCII
// that case folding makes equal to an ASCII letter.
func foldsToASCII(r rune) bool { return r == '\u017f' || r == '\u212a' }

// missesOnlyFolds reports whether a class, given as pairs of bounds, holds
// every character beyond ASCII but perhaps those that fold to ASCII.
func missesOnlyFolds(class []rune) bool {
	next := rune(utf8.RuneSelf)
	for i := 0; i < len(class); i += 2 {
		lo, hi := class[i], class[i+1]
		for ; next < lo; next++ {
			if !foldsToASCII(next) {
				return false
			}
		}
		next = max(next, hi+1)
	}
	return next > unicode.MaxRune
}
