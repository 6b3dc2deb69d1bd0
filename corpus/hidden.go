package corpus

import (
	"fmt"
	"strings"
)

// Values written in other characters than their own: what forms, web pages and
// programs make of them. A label has the span of what stands in the text.

// hideable are the identifiers whose values people type and programs escape.
func hideable() []*identifier {
	return []*identifier{card(), email(), iban(), ssn(), sin(), cpf(), nhs(), steuerID(), aadhaar()}
}

// hiddenLine writes a note in which values are hidden, and so are numbers that
// are none.
func hiddenLine(p *page, entries []entry) {
	p.date()
	p.add(" ")
	p.gap("en")
	if len(entries) == 0 {
		p.add(" ")
		if p.oneIn(2) {
			p.add(p.hide(p.notCardWith("4", 16)))
		} else {
			p.negative()
		}
		p.add(" ")
		p.gap("en")
	}
	for _, e := range entries {
		p.add(" ", pick(p.random, e.fields), ": ")
		if e.wrong {
			p.add(p.hide(e.miss(p.random)))
		} else {
			v := e.draw(p.random)
			p.label(e.ruleOf(v), p.hide(v))
		}
		p.add(" ; ")
		p.gap("en")
	}
	p.add("\n")
}

// hide writes a value in one of the ways that change something of it. Of mail
// addresses only the '@' is ever escaped.
func (r *random) hide(v string) string {
	disguises := []func(r *random, v string) string{fullWidth, typographic, zeroWidth, entities, unicodeEscapes, percentEscapes}
	for {
		if h := pick(r, disguises)(r, v); h != v {
			return h
		}
	}
}

// each maps the characters of v.
func each(v string, f func(c rune) string) string {
	var b strings.Builder
	for _, c := range v {
		b.WriteString(f(c))
	}
	return b.String()
}

func isDecimal(c rune) bool { return '0' <= c && c <= '9' }

// isAddress reports whether v is a mail address.
func isAddress(v string) bool { return strings.Contains(v, "@") }

// fullWidth writes digits as East Asian keyboards do (U+FF10 to U+FF19).
func fullWidth(_ *random, v string) string {
	if isAddress(v) {
		return v
	}
	return each(v, func(c rune) string {
		if isDecimal(c) {
			return string('０' + c - '0')
		}
		return string(c)
	})
}

// typographic writes no-break, thin and narrow spaces, and hyphens and dashes.
func typographic(r *random, v string) string {
	if isAddress(v) {
		return v
	}
	space, dash := pick(r, []string{"\u00a0", "\u2009", "\u202f"}), pick(r, []string{"\u2010", "\u2011", "\u2013"})
	return strings.NewReplacer(" ", space, "-", dash).Replace(v)
}

// zeroWidth puts characters of no width between some digits, the first two of
// them in any case.
func zeroWidth(r *random, v string) string {
	if isAddress(v) {
		return v
	}
	mark := pick(r, []string{"\u200b", "\u00ad", "\u2060"})
	digit := func(i int) bool { return i < len(v) && strings.IndexByte(decimal, v[i]) >= 0 }
	var b strings.Builder
	for i := range len(v) {
		b.WriteByte(v[i])
		if digit(i) && digit(i+1) && (i%3 == 2 || b.Len() == i+1) {
			b.WriteString(mark)
		}
	}
	return b.String()
}

// entities writes digits, blanks and '@' as HTML does.
func entities(r *random, v string) string {
	hex := r.oneIn(2)
	return each(v, func(c rune) string {
		switch {
		case c == ' ':
			return "&nbsp;"
		case c == '@' && !hex:
			return "&commat;"
		case c != '@' && (!isDecimal(c) || isAddress(v)):
			return string(c)
		case hex:
			return fmt.Sprintf("&#x%x;", c)
		}
		return fmt.Sprintf("&#%d;", c)
	})
}

// unicodeEscapes writes digits, joiners and '@' as JSON may.
func unicodeEscapes(_ *random, v string) string {
	return each(v, func(c rune) string {
		if c == '@' || !isAddress(v) && (isDecimal(c) || c == ' ' || c == '-') {
			return fmt.Sprintf(`\u%04x`, c)
		}
		return string(c)
	})
}

// percentEscapes writes what is no letter or digit as URLs do.
func percentEscapes(_ *random, v string) string {
	return each(v, func(c rune) string {
		if c == '@' || !isAddress(v) && (c == ' ' || c == '-' || c == '/') {
			return fmt.Sprintf("%%%02X", c)
		}
		return string(c)
	})
}
