package bitmap

import (
	"fmt"
	"regexp/syntax"
	"unicode/utf8"
)

// Shape is a regular expression without unbounded repetition, matched over
// bytes, such as [0-9]{3}-[0-9]{2}-[0-9]{4}. In it a class has all bytes from
// 0x80 on or none of them; '.' is any byte.
//
// On planes it is matched at all positions at once, from its end to its
// beginning: where the plane k has the places at which the rest of a shape
// matches, c & k>>1 has those at which it matches with a byte of class c in
// front. That is one operation on 64 positions or more, and there is no state.
type Shape struct {
	expr string
	re   *syntax.Regexp
	max  int // longest match

	runs []run // if it is a sequence of them, which is all that it is
}

// run is n bytes of a class.
type run struct {
	class Class
	n     int
	has   [256]bool // the class
}

func newRun(c Class, n int) run {
	r := run{class: c, n: n}
	for b := range r.has {
		r.has[b] = c.Has(byte(b))
	}
	return r
}

// MaxShape is the longest match that a shape may have.
const MaxShape = 128

// ParseShape parses a shape in the syntax of package regexp. The error says
// what in it cannot be matched on planes.
func ParseShape(expr string) (*Shape, error) {
	re, err := syntax.Parse(expr, syntax.Perl|syntax.DotNL)
	if err != nil {
		return nil, fmt.Errorf("shape: %w", err)
	}
	s := &Shape{expr: expr, re: re}
	if s.max, err = measure(re); err != nil {
		return nil, fmt.Errorf("shape `%s`: %w", expr, err)
	}
	if s.max > MaxShape {
		return nil, fmt.Errorf("shape `%s` matches %d bytes; at most %d", expr, s.max, MaxShape)
	}
	b := NewBuilder()
	switch k := b.before(re, where{}); {
	case !k.some:
		return nil, fmt.Errorf("shape `%s` matches everywhere", expr)
	case k.shift > 0 || b.openEnd:
		return nil, fmt.Errorf("shape `%s` begins or ends with any byte", expr)
	}
	s.runs, _ = sequence(nil, re)
	return s, nil
}

// sequence appends the runs that re is to list, if it is nothing else.
func sequence(list []run, re *syntax.Regexp) ([]run, bool) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			list = append(list, newRun(foldedByte(byte(r), re.Flags&syntax.FoldCase != 0), 1))
		}
		return list, true
	case syntax.OpCharClass:
		c, _ := classOf(re)
		return append(list, newRun(c, 1)), true
	case syntax.OpRepeat:
		c, one := single(re.Sub[0])
		return append(list, newRun(c, re.Min)), one && re.Min == re.Max
	case syntax.OpConcat, syntax.OpCapture:
		ok := true
		for _, sub := range re.Sub {
			if ok {
				list, ok = sequence(list, sub)
			}
		}
		if !ok {
			return nil, false
		}
		return list, true
	}
	return nil, false
}

// Fixed is the length of all matches of s if s is a sequence of classes,
// otherwise 0.
func (s *Shape) Fixed() (n int) {
	for _, r := range s.runs {
		n += r.n
	}
	return n
}

// Leads is how many bytes of c each match of s begins with at least.
func (s *Shape) Leads(c Class) int {
	n, _ := leads(s.re, c)
	return n
}

// leads tells also whether nothing but bytes of c is in a match.
func leads(re *syntax.Regexp, c Class) (n int, whole bool) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return 0, true
	case syntax.OpLiteral, syntax.OpCharClass:
		list, _ := sequence(nil, re)
		for _, r := range list {
			if r.class.Without(c) != (Class{}) {
				return n, false
			}
			n++
		}
		return n, true
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range re.Sub {
			k, whole := leads(sub, c)
			if n += k; !whole {
				return n, false
			}
		}
		return n, true
	case syntax.OpAlternate:
		n, whole = leads(re.Sub[0], c)
		for _, sub := range re.Sub[1:] {
			k, all := leads(sub, c)
			n, whole = min(n, k), whole && all
		}
		return n, whole
	case syntax.OpQuest:
		_, whole = leads(re.Sub[0], c)
		return 0, whole
	case syntax.OpRepeat:
		n, whole = leads(re.Sub[0], c)
		if !whole && re.Min > 0 {
			return n, false
		}
		return n * re.Min, whole
	}
	return 0, false
}

// May tells of the first bytes of matches of s which they may be: may[i] has
// those at i. What is behind a match that ends before may be anything.
func (s *Shape) May(n int) []([256]bool) {
	may := make([][256]bool, n)
	allow := func(i int, c *Class) {
		for b := range 256 {
			may[i][b] = may[i][b] || c == nil || c.Has(byte(b))
		}
	}
	// step returns where re ends that starts at the positions of from, a bit each.
	var step func(re *syntax.Regexp, from uint64) uint64
	step = func(re *syntax.Regexp, from uint64) (to uint64) {
		byClass := func(c *Class) {
			for i := range n {
				if from>>i&1 != 0 {
					allow(i, c)
				}
			}
			from <<= 1
		}
		switch re.Op {
		case syntax.OpLiteral, syntax.OpCharClass:
			list, _ := sequence(nil, re)
			for i := range list {
				byClass(&list[i].class)
			}
		case syntax.OpAnyChar:
			byClass(nil)
		case syntax.OpConcat, syntax.OpCapture:
			for _, sub := range re.Sub {
				from = step(sub, from)
			}
		case syntax.OpAlternate:
			for _, sub := range re.Sub {
				to |= step(sub, from)
			}
			return to
		case syntax.OpQuest:
			return from | step(re.Sub[0], from)
		case syntax.OpRepeat:
			for k := range re.Max + 1 {
				if k >= re.Min {
					to |= from
				}
				if k < re.Max {
					from = step(re.Sub[0], from)
				}
			}
			return to
		}
		return from
	}
	ends := step(s.re, 1)
	for i := range n {
		if ends&(1<<(i+1)-1) != 0 {
			allow(i, nil)
		}
	}
	return may
}

// Begins reports whether a match of s can begin with a byte of c.
func (s *Shape) Begins(c Class) bool { return begins(s.re, c) }

func begins(re *syntax.Regexp, c Class) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass:
		first, _ := classOf(re)
		return first.Without(c) != first
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if begins(sub, c) {
				return true
			}
			if !matches(sub, nil, 0, func(int) bool { return true }) {
				return false
			}
		}
		return false
	}
	for _, sub := range re.Sub {
		if begins(sub, c) {
			return true
		}
	}
	return re.Op == syntax.OpAnyChar
}

// measure returns the longest match of re.
func measure(re *syntax.Regexp) (int, error) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return 0, nil
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r >= utf8.RuneSelf {
				return 0, fmt.Errorf("%q is not ASCII", r)
			}
		}
		return len(re.Rune), nil
	case syntax.OpCharClass:
		_, err := classOf(re)
		return 1, err
	case syntax.OpAnyChar:
		return 1, nil
	case syntax.OpConcat, syntax.OpAlternate:
		sum, most := 0, 0
		for _, sub := range re.Sub {
			n, err := measure(sub)
			if err != nil {
				return 0, err
			}
			sum, most = sum+n, max(most, n)
		}
		if re.Op == syntax.OpAlternate {
			return most, nil
		}
		return sum, nil
	case syntax.OpCapture, syntax.OpQuest:
		return measure(re.Sub[0])
	case syntax.OpRepeat:
		n, err := measure(re.Sub[0])
		if re.Max < 0 {
			return 0, fmt.Errorf("%s has no end", re)
		}
		return n * re.Max, err
	}
	return 0, fmt.Errorf("%s is not bounded, or no question about bytes", re)
}

// classOf returns the class that one byte of re is of.
func classOf(re *syntax.Regexp) (c Class, err error) {
	if re.Op == syntax.OpLiteral {
		return foldedByte(byte(re.Rune[0]), re.Flags&syntax.FoldCase != 0), nil
	}
	for i := 0; i < len(re.Rune); i += 2 {
		lo, hi := re.Rune[i], re.Rune[i+1]
		for r := lo; r <= min(hi, utf8.RuneSelf-1); r++ {
			c.ASCII[r/64] |= 1 << (r % 64)
		}
		// Folded classes have a few letters beyond ASCII, which are no bytes.
		switch {
		case hi < utf8.RuneSelf || lo == hi && (lo == '\u017f' || lo == '\u212a'):
		case lo <= utf8.RuneSelf && hi >= 0xff:
			c.High = true
		default:
			return c, fmt.Errorf("%s has some of the bytes from 0x80 on", re)
		}
	}
	return c, nil
}

func foldedByte(b byte, fold bool) Class {
	c := Bytes(string(rune(b)))
	if fold && b|0x20-'a' < 26 {
		c = c.Or(Bytes(string(rune(b ^ 0x20))))
	}
	return c
}

// At reports whether the shape matches at w[i]. Trying one way after the other
// is the definition.
func (s *Shape) At(w []byte, i int) bool {
	if s.runs == nil {
		return s.matchesAt(w, i)
	}
	for j := range s.runs {
		r := &s.runs[j]
		if len(w)-i < r.n {
			return false
		}
		for _, c := range w[i : i+r.n] {
			if !r.has[c] {
				return false
			}
		}
		i += r.n
	}
	return true
}

func (s *Shape) matchesAt(w []byte, i int) bool {
	return matches(s.re, w, i, func(int) bool { return true })
}

func matches(re *syntax.Regexp, w []byte, i int, rest func(int) bool) bool {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return rest(i)
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if i >= len(w) || !foldedByte(byte(r), re.Flags&syntax.FoldCase != 0).Has(w[i]) {
				return false
			}
			i++
		}
		return rest(i)
	case syntax.OpCharClass:
		c, _ := classOf(re)
		return i < len(w) && c.Has(w[i]) && rest(i+1)
	case syntax.OpAnyChar:
		return i < len(w) && rest(i+1)
	case syntax.OpConcat:
		return matchesAll(re.Sub, w, i, rest)
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if matches(sub, w, i, rest) {
				return true
			}
		}
		return false
	case syntax.OpCapture:
		return matches(re.Sub[0], w, i, rest)
	case syntax.OpQuest:
		return matches(re.Sub[0], w, i, rest) || rest(i)
	}
	return matchesTimes(re.Sub[0], re.Min, re.Max, w, i, rest)
}

func matchesAll(subs []*syntax.Regexp, w []byte, i int, rest func(int) bool) bool {
	if len(subs) == 0 {
		return rest(i)
	}
	return matches(subs[0], w, i, func(j int) bool { return matchesAll(subs[1:], w, j, rest) })
}

func matchesTimes(sub *syntax.Regexp, least, most int, w []byte, i int, rest func(int) bool) bool {
	if most > 0 && matches(sub, w, i, func(j int) bool { return matchesTimes(sub, max(0, least-1), most-1, w, j, rest) }) {
		return true
	}
	return least == 0 && rest(i)
}

// where is a plane seen from shift positions before: the places p at which
// its bit p+shift is set. The zero of it, everywhere, has all places.
type where struct {
	node  Node
	shift int
	some  bool
}

// Shape is the plane of the positions at which s matches.
func (b *Builder) Shape(s *Shape) Node {
	n, _ := b.ShapeOf(s, nil)
	return n
}

// ShapeOf is Shape with classes that others have, too: for a class of s the
// first of classes stands that has its bytes, if one does. If there are more
// bytes in it for one of them, the plane has positions at which s does not
// match, and is not exact. The same goes for long runs, of which only the first
// bytes are asked for.
func (b *Builder) ShapeOf(s *Shape, classes []Class) (n Node, exact bool) {
	b.wide, b.widened = classes, false
	n = b.before(s.re, where{}).node
	b.wide = nil
	return n, !b.widened
}

// longRun is how much of a run says enough.
const longRun = 16

// widen is the class that stands for c.
func (b *Builder) widen(c Class) Class {
	for _, wide := range b.wide {
		if c.Without(wide) == (Class{}) {
			b.widened = b.widened || wide != c
			return wide
		}
	}
	return c
}

// before returns the places at which re matches and k has its end.
func (b *Builder) before(re *syntax.Regexp, k where) where {
	switch re.Op {
	case syntax.OpLiteral:
		for i := len(re.Rune) - 1; i >= 0; i-- {
			k = b.byteBefore(foldedByte(byte(re.Rune[i]), re.Flags&syntax.FoldCase != 0), 1, k)
		}
	case syntax.OpCharClass:
		c, _ := classOf(re)
		k = b.byteBefore(c, 1, k)
	case syntax.OpAnyChar:
		k = b.anyBefore(1, 1, k)
	case syntax.OpConcat:
		for i := len(re.Sub) - 1; i >= 0; i-- {
			k = b.before(re.Sub[i], k)
		}
	case syntax.OpAlternate:
		either := b.before(re.Sub[0], k)
		for _, sub := range re.Sub[1:] {
			either = b.either(either, b.before(sub, k))
		}
		return either
	case syntax.OpCapture:
		return b.before(re.Sub[0], k)
	case syntax.OpQuest:
		return b.either(b.before(re.Sub[0], k), k)
	case syntax.OpRepeat:
		return b.times(re.Sub[0], re.Min, re.Max, k)
	}
	return k
}

// times returns the places at which re matches least to most times before k.
func (b *Builder) times(re *syntax.Regexp, least, most int, k where) where {
	if re.Op == syntax.OpAnyChar {
		return b.anyBefore(least, most, k)
	}
	for n, more := least, k; n < most; n++ {
		more = b.before(re, more)
		k = b.either(k, more)
	}
	c, one := single(re)
	if one && least > 0 {
		return b.byteBefore(c, least, k)
	}
	for range least {
		k = b.before(re, k)
	}
	return k
}

// single returns the class of re if it matches one byte.
func single(re *syntax.Regexp) (Class, bool) {
	if re.Op == syntax.OpCharClass || re.Op == syntax.OpLiteral && len(re.Rune) == 1 {
		c, err := classOf(re)
		return c, err == nil
	}
	return Class{}, false
}

// byteBefore returns the places at which n bytes of class c stand before k.
func (b *Builder) byteBefore(c Class, n int, k where) where {
	part := n
	if len(b.wide) > 0 && n > longRun {
		part, b.widened = longRun, true
	}
	run := b.Run(b.Class(b.widen(c)), part)
	if k.some {
		run = b.And(run, k.node, k.shift+n)
	}
	return where{run, 0, true}
}

// anyBefore returns the places from which k is least to most bytes on.
func (b *Builder) anyBefore(least, most int, k where) where {
	if !k.some {
		b.openEnd = true
		return k
	}
	return where{b.Spread(k.node, most-least+1), k.shift + least, true}
}

// either returns the places of x and of y.
func (b *Builder) either(x, y where) where {
	switch {
	case !x.some || !y.some:
		return where{}
	case x.shift > y.shift:
		x, y = y, x
	}
	if x.node == Nowhere {
		return y
	}
	return where{b.Or(x.node, y.node, y.shift-x.shift), x.shift, true}
}
