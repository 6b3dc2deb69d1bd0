package unpack

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is how much of a member's name is shown.
const maxName = 4096

// join appends a member's name, as the archive has it or in angle brackets, to
// the path of its container.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "!" + name
}

// shown is an archive's name for a member as it stands in a path. Percent
// signs and two digits replace what would make the path ambiguous or unsafe to
// show: '!', '%', a '<' at the start, "..", bytes that are not UTF-8, and
// characters that do not print.
func shown(name string) string {
	rest := ""
	if len(name) > maxName {
		name, rest = name[:maxName], "..."
	}
	var b strings.Builder
	segment := 0 // where the path segment begins
	for i, size := 0, 0; i < len(name); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(name[i:])
		switch {
		case r == utf8.RuneError && size == 1, r == '!', r == '%', r == '<' && i == 0, !unicode.IsPrint(r),
			r == '.' && isDotDot(name[segment:]):
			for _, c := range []byte(name[i : i+size]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		default:
			b.WriteRune(r)
		}
		if r == '/' || r == '\\' {
			segment = i + 1
		}
	}
	return b.String() + rest
}

// isDotDot tells whether the first segment of s is "..".
func isDotDot(s string) bool {
	return strings.HasPrefix(s, "..") && (len(s) == 2 || s[2] == '/' || s[2] == '\\')
}
