package pattern

import (
	"strings"
	"testing"
)

func TestHead(t *testing.T) {
	const notWord = "[^0-9A-Z_a-z]"
	for _, c := range []struct{ name, expr, before, bytes string }{
		{"literal", `ab`, "[any]", "a b"},
		{"classes", `[A-Z]{2}\d`, "[any]", "[A-Z] [A-Z] [0-9]"},
		{"no more than seven", `\d{9}`, "[any]", "[0-9] [0-9] [0-9] [0-9] [0-9] [0-9] [0-9]"},
		{"as long as the shortest match", `a{2,5}`, "[any]", "a a"},
		{"optional parts", `\d{2} ?\d`, "[any]", `[0-9] [0-9] [\x200-9]`},
		{"alternatives", `ab|cde`, "[any]", "[ac] [bd]"},
		{"alternatives of different length", `a|cde`, "[any]", "[ac]"},
		{"folded", `(?i)ks`, "[any]", "[Kk] [Ss]"},
		{"bytes beyond ASCII", `é`, "[any]", `\xC3 \xA9`},
		{"boundary before a word", `\bab`, notWord, "a b"},
		{"boundary before other signs", `\b-a`, "[0-9A-Z_a-z]", `\- a`},
		{"boundary before either", `\b[-a]`, "[any]", `[\-a]`},
		{"boundary in one alternative", `\ba|-`, "[any]", `[\-a]`},
		{"boundaries in all alternatives", `\b(?:ab|cd)|\bef`, notWord, "[ace] [bdf]"},
		{"no boundary", `\Ba`, "[0-9A-Z_a-z]", "a"},
		{"start of line", `(?m)^a`, `\x0A`, "a"},
		{"more than one assertion", `(?m)^\ba`, `\x0A`, "a"},
		{"start of text", `^a`, "[]", "a"},
		{"impossible", `a\b\Bb`, "[any]", "a b"},
		{"boundary within", `a\b-`, "[any]", `a \-`},
		{"a match of no bytes is none", `\b(?:a*)`, notWord, "a"},
		{"anything", `(?s).`, "[any]", "[any]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Compile(c.expr)
			if err != nil {
				t.Fatal(err)
			}
			h := p.Head()
			var bytes []string
			for i := range h.Bytes {
				bytes = append(bytes, h.Bytes[i].String())
			}
			if got := strings.Join(bytes, " "); got != c.bytes || h.Before.String() != c.before {
				t.Errorf("`%s` begins with %s after %s, want %s after %s", c.expr, got, h.Before.String(), c.bytes, c.before)
			}
		})
	}
}
