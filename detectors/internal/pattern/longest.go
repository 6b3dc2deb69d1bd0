package pattern

import "regexp/syntax"

// longest returns the length of the longest match of re, a pattern as write
// wrote it: each of its characters is a byte. It is -1 where there is no bound.
func longest(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpStar, syntax.OpPlus:
		if longest(re.Sub[0]) == 0 {
			return 0
		}
		return -1
	case syntax.OpRepeat:
		n := longest(re.Sub[0])
		if n <= 0 {
			return n
		}
		if re.Max < 0 {
			return -1
		}
		return n * re.Max
	}
	// A concatenation is as long as all its parts, of alternatives there is one.
	all := 0
	for _, sub := range re.Sub {
		n := longest(sub)
		switch {
		case n < 0:
			return -1
		case re.Op == syntax.OpAlternate:
			all = max(all, n)
		default:
			all += n
		}
	}
	return all
}
