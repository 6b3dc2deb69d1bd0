// Package patterntest makes regular expressions and texts for tests.
package patterntest

import (
	"math/rand/v2"
	"regexp/syntax"
	"unicode"
)

// Expr writes an expression with about n operators, in the syntax of package
// regexp.
func Expr(rng *rand.Rand, n int) string {
	if n <= 0 {
		return pick(rng, "a", "b", "1", "-", "é", ".", `\d`, `\w`, `\s`, `\D`, `[^a]`, `[ab1]`, `[aé]`, `\b`, `\B`, "^", "$", "(?m:^)", "(?m:$)",
			"(?i:k)", "(?i:é)", "(?s:.)", "ab", "key", "(?i:ab)", "[A-Z]", "[0-9a-f]", "[Éé]", `\.`, "@", "(?i:[k-m])", `\xe9`, "(?i:[^a-y])")
	}
	switch rng.IntN(6) {
	case 0:
		return "(?:" + Expr(rng, n-1) + ")" + pick(rng, "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{2,}?", "{0,2}", "{18,20}")
	case 1:
		return "(?:" + Expr(rng, n/2) + "|" + Expr(rng, n/2) + ")"
	case 2:
		return "(" + Expr(rng, n-1) + ")"
	}
	return Expr(rng, n/2) + Expr(rng, n/2)
}

// Text returns n bytes, or a few more, of what stands in the expressions that
// Expr makes.
func Text(rng *rand.Rand, n int) []byte {
	var b []byte
	for len(b) < n {
		b = append(b, piece(rng)...)
	}
	return b
}

func piece(rng *rand.Rand) string {
	return pick(rng, "a", "b", "1", "-", "é", "É", "\n", " ", "k", "K", "\u212a", "\xff", "\xc3", "\xe9", "ab", "11", "key", "AB", "@", ".", "f", "Z")
}

// Sample returns a text that expr matches if its assertions hold, which
// Sample does not care about, and its characters are matched as such.
func Sample(rng *rand.Rand, expr string) string {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		panic(err)
	}
	return string(sample(rng, nil, re))
}

func sample(rng *rand.Rand, b []byte, re *syntax.Regexp) []byte {
	repeat := func(least, most int) []byte {
		for range least + rng.IntN(most-least+1) {
			b = sample(rng, b, re.Sub[0])
		}
		return b
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 && rng.IntN(2) == 0 {
				r = unicode.SimpleFold(r)
			}
			b = append(b, string(r)...)
		}
	case syntax.OpCharClass:
		i := 2 * rng.IntN(len(re.Rune)/2)
		lo, hi := re.Rune[i], re.Rune[i+1]
		b = append(b, string(lo+rng.Int32N(min(hi-lo, 0x60)+1))...)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b = append(b, piece(rng)...)
	case syntax.OpStar:
		return repeat(0, 3)
	case syntax.OpPlus:
		return repeat(1, 3)
	case syntax.OpQuest:
		return repeat(0, 1)
	case syntax.OpRepeat:
		most := re.Max
		if most < 0 {
			most = re.Min + 3
		}
		return repeat(re.Min, most)
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range re.Sub {
			b = sample(rng, b, sub)
		}
	case syntax.OpAlternate:
		return sample(rng, b, re.Sub[rng.IntN(len(re.Sub))])
	}
	return b
}

func pick(rng *rand.Rand, from ...string) string { return from[rng.IntN(len(from))] }
