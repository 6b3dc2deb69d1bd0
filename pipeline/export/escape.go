package export

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// text returns s with each byte that is not UTF-8 as \xNN.
func text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return escape(s, func(rune) bool { return false })
}

// Visible returns s in characters that show and do nothing: in addition to
// text, unprintable ones are written \xNN, \uNNNN or \UNNNNNNNN.
func Visible(s string) string {
	return escape(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

func escape(s string, odd func(rune) bool) string {
	var out strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1 || r < utf8.RuneSelf && odd(r):
			fmt.Fprintf(&out, `\x%02x`, s[i])
		case !odd(r):
			out.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			fmt.Fprintf(&out, `\U%08x`, r)
		}
		i += n
	}
	return out.String()
}

// cell returns a text cell of CSV: visible, and with a quote before what a
// spreadsheet would take for a formula.
//
// See https://owasp.org/www-community/attacks/CSV_Injection.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", firstRune(s)) {
		return "'" + Visible(s)
	}
	return Visible(s)
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// exact returns s in base64 where its cell is not s.
func exact(s string) string {
	if cell(s) == s {
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte(s))
}
