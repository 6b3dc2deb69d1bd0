package pattern

import (
	"cmp"
	"math"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// Literal is a string that stands Lo to Hi bytes from the start of a match.
type Literal struct {
	Text   string // in lower case if Fold
	Fold   bool   // ASCII letters match in either case
	Lo, Hi int    // Hi may be Unbounded
	Lead   Class  // all bytes of the match before the literal are in it
}

// Unbounded is a length that has no bound.
const Unbounded = math.MaxInt32

// Bounds on what is collected: strings made out of classes and by putting sets
// of strings side by side, strings that are alternatives as they stand, and the
// bytes at either end of a match that are told.
const (
	maxCrossed = 16
	maxWords   = 1000
	maxText    = 16
)

// Chance estimates how many positions per byte of a text are starts that a
// set of literals allows. Only its magnitude is worth anything.
func Chance(set []Literal) float64 {
	const rarest = 1e-6 // strings are words, and words more frequent than their bytes suggest
	sum := 0.0
	for _, l := range set {
		p := 1.0
		for _, c := range []byte(l.Text) {
			p *= chanceOf(c, l.Fold)
		}
		starts := 1.0
		if l.Hi > l.Lo { // at most twice as many as bytes of Lead would be in a row by chance
			starts = min(float64(l.Hi-l.Lo)+1, 2/(1-min(l.Lead.chance(), 0.95)))
		}
		sum += max(p, rarest) * starts
	}
	return sum
}

func chanceOf(c byte, fold bool) float64 {
	share := perTenThousand(c)
	if fold && isLetter(c) {
		share += perTenThousand(c ^ 0x20)
	}
	return float64(share) / 10_000
}

func isLetter(c byte) bool { return c|0x20-'a' < 26 }

// facts is what can be said of the texts that an expression matches,
// assertions taken to hold.
//
// It is the literal extraction of Rust's regex-syntax (module hir::literal),
// with distances: what matches of an expression begin with and end with grows
// as expressions are put side by side, and the best set of strings met on the
// way is kept, with where in the match it stands.
type facts struct {
	min, max int // bytes; max may be Unbounded
	bytes    Class

	// Each match begins with one of prefixes and ends with one of suffixes.
	// With whole it is one of them, and they are the same. One that is empty
	// says that nothing is known.
	prefixes, suffixes []text
	whole              bool

	// Each match contains one of these; nil if nothing is known.
	required []Literal
}

// text is a string that matches as the Text of a Literal does.
type text struct {
	s    string
	fold bool
}

// analyse returns the facts of re, whose characters are bytes.
func analyse(re *syntax.Regexp) facts {
	switch re.Op {
	case syntax.OpLiteral:
		f := nothing()
		for _, r := range re.Rune {
			f = then(f, oneOf(cases(r, re.Flags)))
		}
		return f
	case syntax.OpCharClass:
		var class Class
		for i := 0; i < len(re.Rune); i += 2 {
			class.addRange(byte(re.Rune[i]), byte(re.Rune[i+1]))
		}
		return oneOf(class)
	case syntax.OpCapture:
		return analyse(re.Sub[0])
	case syntax.OpStar:
		return repeat(analyse(re.Sub[0]), 0, -1)
	case syntax.OpPlus:
		return repeat(analyse(re.Sub[0]), 1, -1)
	case syntax.OpQuest:
		return or(analyse(re.Sub[0]), nothing())
	case syntax.OpRepeat:
		return repeat(analyse(re.Sub[0]), re.Min, re.Max)
	case syntax.OpConcat:
		f := nothing()
		for _, sub := range re.Sub {
			f = then(f, analyse(sub))
		}
		return f
	case syntax.OpAlternate:
		var all []facts
		for _, sub := range re.Sub {
			all = append(all, analyse(sub))
		}
		return or(all...)
	}
	return nothing() // the empty string and assertions; write leaves no other
}

// cases returns the class that the character r of a literal stands for: the
// parser makes a folded literal of a class of two bytes where these, taken for
// characters, differ in case only.
func cases(r rune, flags syntax.Flags) Class {
	var class Class
	class.add(byte(r))
	if flags&syntax.FoldCase != 0 {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			if f <= 0xff {
				class.add(byte(f))
			}
		}
	}
	return class
}

// oneOf returns the facts of a class. It takes a letter that is there in both
// cases for one folded one.
func oneOf(class Class) facts {
	if class.Len() > maxCrossed {
		return some(1, 1, class)
	}
	var texts []text
	for _, c := range class.bytes() {
		switch both := isLetter(c) && class.Has(c^0x20); {
		case !both:
			texts = append(texts, text{string([]byte{c}), false})
		case c >= 'a':
			texts = append(texts, text{string([]byte{c}), true})
		}
	}
	return wholly(texts)
}

// nothing returns the facts of what matches the empty string.
func nothing() facts { return wholly([]text{{}}) }

// wholly returns the facts of what matches texts and nothing else.
func wholly(texts []text) facts {
	f := facts{min: Unbounded, prefixes: texts, suffixes: texts, whole: true}
	for _, t := range texts {
		f.min, f.max = min(f.min, len(t.s)), max(f.max, len(t.s))
		for _, c := range []byte(t.s) {
			f.bytes.add(c)
			if t.fold && isLetter(c) {
				f.bytes.add(c ^ 0x20)
			}
		}
	}
	return f
}

// some returns the facts of what is known by its length and bytes only.
func some(least, most int, bytes Class) facts {
	unknown := []text{{}}
	return facts{min: least, max: most, bytes: bytes, prefixes: unknown, suffixes: unknown}
}

// repeat returns the facts of least to most matches of one, or any number
// from least on if most is negative.
func repeat(one facts, least, most int) facts {
	told := min(least, maxText) // so many say what there is to say
	front := nothing()
	for range told {
		front = then(front, one)
	}
	if most == told || one.max == 0 {
		return front
	}
	longest := Unbounded
	if most >= 0 {
		longest = times(one.max, most-told)
	}
	f := then(front, some(times(one.min, least-told), longest, one.bytes))
	f.suffixes = front.suffixes // the last are as the first
	return f
}

// then returns the facts of a match of a with one of b behind it.
func then(a, b facts) facts {
	f := facts{
		min: plus(a.min, b.min), max: plus(a.max, b.max), bytes: a.bytes.Or(b.bytes),
		prefixes: a.prefixes, suffixes: b.suffixes,
	}
	joined, ok := cross(a.suffixes, b.prefixes)
	if ok && a.whole {
		f.prefixes = joined
	}
	if ok && b.whole {
		f.suffixes = joined
	}
	f.whole = ok && a.whole && b.whole
	f.required = best(a.required, a.ending(a.suffixes), a.ending(joined), a.before(starting(b.prefixes)), a.before(b.required))
	f.cut()
	return f
}

// or returns the facts of a match of one of alternatives.
func or(alternatives ...facts) facts {
	f := facts{min: Unbounded, whole: true}
	var prefixes, suffixes []text
	known := true
	for _, a := range alternatives {
		f.min, f.max, f.bytes = min(f.min, a.min), max(f.max, a.max), f.bytes.Or(a.bytes)
		f.whole = f.whole && a.whole
		prefixes, suffixes = append(prefixes, a.prefixes...), append(suffixes, a.suffixes...)
		required := a.contains()
		known = known && required != nil
		f.required = append(f.required, required...)
	}
	if !known || len(f.required) > maxWords {
		f.required = nil
	}
	var all, both bool
	f.prefixes, all = atMost(prefixes)
	f.suffixes, both = atMost(suffixes)
	f.whole = f.whole && all && both
	return f
}

// contains returns the best set of literals one of which each match contains;
// nil if nothing is known.
func (f *facts) contains() []Literal {
	return best(f.required, starting(f.prefixes), f.ending(f.suffixes))
}

// cut bounds the length of prefixes and suffixes.
func (f *facts) cut() {
	long := func(t text) bool { return len(t.s) > maxText }
	if slices.ContainsFunc(f.prefixes, long) {
		f.whole = false
		f.prefixes = each(f.prefixes, func(s string) string { return s[:min(len(s), maxText)] })
	}
	if slices.ContainsFunc(f.suffixes, long) {
		f.whole = false
		f.suffixes = each(f.suffixes, func(s string) string { return s[max(0, len(s)-maxText):] })
	}
}

// starting returns the literals that prefixes of a match are.
func starting(prefixes []text) []Literal {
	var set []Literal
	for _, t := range prefixes {
		set = append(set, Literal{Text: t.s, Fold: t.fold})
	}
	return set
}

// ending returns where in a match of f and what follows it texts stand that
// begin with one of f.suffixes.
func (f *facts) ending(texts []text) []Literal {
	lo, hi, lead := 0, 0, Class{}
	if !f.whole {
		shortest, longest := maxText, 0
		for _, t := range f.suffixes {
			shortest, longest = min(shortest, len(t.s)), max(longest, len(t.s))
		}
		lo, hi, lead = max(0, f.min-longest), plus(f.max, -shortest), f.bytes
	}
	var set []Literal
	for _, t := range texts {
		set = append(set, Literal{t.s, t.fold, lo, hi, lead})
	}
	return set
}

// before returns where in a match of f and what follows it the literals of
// what follows it stand.
func (f *facts) before(set []Literal) []Literal {
	var moved []Literal
	for _, l := range set {
		l.Lo, l.Hi, l.Lead = plus(l.Lo, f.min), plus(l.Hi, f.max), l.Lead.Or(f.bytes)
		moved = append(moved, l)
	}
	return moved
}

// best returns the set that costs least out of those that say something; nil
// if none does.
func best(sets ...[]Literal) []Literal {
	sets = slices.DeleteFunc(sets, func(set []Literal) bool {
		return len(set) == 0 || slices.ContainsFunc(set, func(l Literal) bool { return l.Text == "" })
	})
	if len(sets) == 0 {
		return nil
	}
	return slices.MinFunc(sets, func(a, b []Literal) int {
		return cmp.Or(cmp.Compare(cost(a), cost(b)), size(b)-size(a))
	})
}

// size is the number of bytes in set.
func size(set []Literal) int {
	n := 0
	for _, l := range set {
		n += len(l.Text)
	}
	return n
}

// cost is the chance of set, the more strings it has the dearer.
func cost(set []Literal) float64 { return Chance(set) * (1 + float64(len(set))/8) }

// cross returns each of x with each of y behind it; ok is false if these are
// too many.
func cross(x, y []text) (all []text, ok bool) {
	if len(x)*len(y) > max(maxCrossed, len(x), len(y)) {
		return nil, false
	}
	for _, a := range x {
		for _, b := range y {
			t := text{a.s + b.s, a.fold || b.fold}
			if t.fold {
				t.s = lower(t.s)
			}
			all = append(all, t)
		}
	}
	return sorted(all), true
}

// atMost returns ts without doubles; if these are too many, one text that is
// empty and ok false.
func atMost(ts []text) (all []text, ok bool) {
	if all = sorted(ts); len(all) > maxWords {
		return []text{{}}, false
	}
	return all, true
}

// each returns the texts that change makes of ts.
func each(ts []text, change func(string) string) []text {
	var out []text
	for _, t := range ts {
		out = append(out, text{change(t.s), t.fold})
	}
	return sorted(out)
}

// sorted sorts ts and drops doubles.
func sorted(ts []text) []text {
	slices.SortFunc(ts, func(a, b text) int {
		switch {
		case a.fold == b.fold:
			return strings.Compare(a.s, b.s)
		case a.fold:
			return 1
		}
		return -1
	})
	return slices.Compact(ts)
}

// lower returns s with its ASCII letters in lower case.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if isLetter(c) {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// plus returns the length a+b; a negative b shortens a.
func plus(a, b int) int {
	if a == Unbounded || b == Unbounded {
		return Unbounded
	}
	return min(a+b, Unbounded)
}

// times returns the length of n parts that are a long.
func times(a, n int) int {
	switch {
	case a == 0 || n == 0:
		return 0
	case a > Unbounded/n:
		return Unbounded
	}
	return a * n
}
