package custom

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/detectors/internal/pattern"
)

// checkRegex refuses what Macie refuses and what the engine cannot do, and says
// where it stands. It returns how long matches can be in bytes, -1 for any
// length, and how large the compiled expression is.
func checkRegex(expr string) (longest, size int, err error) {
	if at, what := refused(expr); what != "" {
		return 0, 0, fmt.Errorf("character %d, %q: %s", utf8.RuneCountInString(expr[:at])+1, excerpt(expr[at:]), what)
	}
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return 0, 0, positioned(expr, err)
	}
	if stars := wildcards(re); stars != "" {
		return 0, 0, fmt.Errorf("%q: three repetitions side by side that may all be empty, which Macie refuses", excerpt(stars))
	}
	p, err := pattern.Compile(expr)
	if err != nil {
		return 0, 0, errors.New(strings.TrimPrefix(err.Error(), "pattern: "))
	}
	return p.Longest(), p.Size(), nil
}

// positioned tells where in expr a syntax error stands.
func positioned(expr string, err error) error {
	var bad *syntax.Error
	if !errors.As(err, &bad) {
		return err
	}
	if at := strings.Index(expr, bad.Expr); at >= 0 && bad.Expr != expr {
		return fmt.Errorf("character %d, %q: %s", utf8.RuneCountInString(expr[:at])+1, excerpt(bad.Expr), bad.Code)
	}
	return fmt.Errorf("%s", bad.Code)
}

func excerpt(s string) string {
	const most = 12
	if rs := []rune(s); len(rs) > most {
		return string(rs[:most]) + "…"
	}
	return s
}

// refused finds the first construct of other engines in expr that Macie, or
// package regexp, does not have, and says what it is.
func refused(expr string) (at int, what string) {
	for i := 0; i < len(expr); i++ {
		switch expr[i] {
		case '\\':
			if what := refusedEscape(expr[i+1:]); what != "" {
				return i, what
			}
			if strings.HasPrefix(expr[i+1:], "Q") { // quoted to \E, or to the end
				end := strings.Index(expr[i:], `\E`)
				if end < 0 {
					return 0, ""
				}
				i += end
			}
			i++
		case '[':
			i += classEnd(expr[i:])
		case '(':
			if what := refusedGroup(expr[i+1:]); what != "" {
				return i, what
			}
		case '*', '+', '?':
			// (?+1) and the like are groups, met above.
			if i+1 < len(expr) && expr[i+1] == '+' && (i == 0 || expr[i-1] != '(') {
				return i, "a possessive quantifier; leave out the second +"
			}
		}
	}
	return 0, ""
}

// classEnd returns where the class ends that expr begins with.
func classEnd(expr string) int {
	i := 1
	if i < len(expr) && expr[i] == '^' {
		i++
	}
	for first := i; i < len(expr); i++ {
		switch {
		case expr[i] == '\\':
			i++
		case strings.HasPrefix(expr[i:], "[:"):
			if end := strings.Index(expr[i:], ":]"); end > 0 {
				i += end + 1
			}
		case expr[i] == ']' && i > first:
			return i
		}
	}
	return i
}

// refusedEscape says what is wrong with what stands behind a backslash.
func refusedEscape(rest string) string {
	if rest == "" {
		return ""
	}
	switch c := rest[0]; c {
	case '1', '2', '3', '4', '5', '6', '7', '8', '9', 'k', 'g':
		return "a backreference, which Macie and sluice refuse"
	case 'h':
		return `write [ \t] for \h`
	case 'R':
		return `write \r?\n for \R`
	case 'Z':
		return `write $ for \Z`
	case 'K', 'G', 'X', 'N', 'H', 'V':
		return fmt.Sprintf(`\%c is not supported`, c)
	}
	return ""
}

// refusedGroup says what is wrong with a group, of which rest stands behind
// its parenthesis.
func refusedGroup(rest string) string {
	const capture = "a capture group, which Macie refuses; write (?:…), or (?P<value>…) around what the value is"
	after, special := strings.CutPrefix(rest, "?")
	switch {
	case strings.HasPrefix(rest, "*"):
		return "a verb of another engine"
	case !special:
		return capture
	}
	for _, g := range []struct{ prefix, what string }{
		{"=", "lookahead, which Macie and sluice refuse"},
		{"!", "lookahead, which Macie and sluice refuse"},
		{"<=", "lookbehind, which Macie and sluice refuse"},
		{"<!", "lookbehind, which Macie and sluice refuse"},
		{">", "an atomic group; write (?:…)"},
		{"#", "a comment, which is not supported"},
		{"(", "a condition, which Macie and sluice refuse"},
		{"{", "embedded code, which Macie and sluice refuse"},
		{"?{", "embedded code, which Macie and sluice refuse"},
		{"|", "a branch reset, which is not supported"},
		{"R", "recursion, which Macie and sluice refuse"},
		{"&", "recursion, which Macie and sluice refuse"},
		{"P>", "recursion, which Macie and sluice refuse"},
		{"P=", "a backreference, which Macie and sluice refuse"},
		{"P<value>", ""},
		{"<value>", ""},
		{"P<", capture},
		{"<", capture},
		{"'", capture},
	} {
		if strings.HasPrefix(after, g.prefix) {
			return g.what
		}
	}
	if sign := strings.TrimLeft(after, "+-"); sign != "" && sign[0]-'0' < 10 {
		return "recursion, which Macie and sluice refuse"
	}
	for _, c := range after {
		switch {
		case c == ':' || c == ')':
			return ""
		case !strings.ContainsRune("imsU-", c):
			return fmt.Sprintf("the flag %q is not supported; there are i, m, s and U", string(c))
		}
	}
	return ""
}

// wildcards returns three repetitions of re that stand side by side and may be
// empty, "" if there are none.
func wildcards(re *syntax.Regexp) string {
	if re.Op == syntax.OpConcat {
		for i := range len(re.Sub) - 2 {
			if three := re.Sub[i : i+3]; three[0].Op == syntax.OpStar && three[1].Op == syntax.OpStar && three[2].Op == syntax.OpStar {
				return three[0].String() + three[1].String() + three[2].String()
			}
		}
	}
	for _, sub := range re.Sub {
		if found := wildcards(sub); found != "" {
			return found
		}
	}
	return ""
}
