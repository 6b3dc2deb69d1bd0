package detectors

import (
	"maps"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
)

// Classes of bytes that every set looks at.
var (
	digitClass  = bitmap.Bytes("0123456789")
	upperClass  = bitmap.Bytes("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	letterClass = bitmap.Bytes("abcdefghijklmnopqrstuvwxyz").Or(upperClass)
	alnumClass  = digitClass.Or(letterClass)
	base64Class = alnumClass.Or(bitmap.Bytes("+/"))
	joinerClass = bitmap.Bytes(" -.")
	zoneClass   = alnumClass.Or(bitmap.Bytes("_-."))
	escapeClass = bitmap.Bytes(`\%`)
)

// wideClasses are those that stand for narrower ones in shapes: a class of its own
// would cost more than it refuses. That is not so of dots and hyphens.
var wideClasses = []bitmap.Class{digitClass, upperClass, letterClass, alnumClass, bitmap.Bytes("."), bitmap.Bytes("-"), zoneClass, joinerClass, escapeClass}

// planner makes the program of a set.
type planner struct {
	*bitmap.Builder
	digit, alnum  bitmap.Node
	base64        bitmap.Node
	digits, token bitmap.Node // starts of runs of digits and of tokens
	inner         bitmap.Node // letters and digits within a token, see inToken
}

// addPlanes makes the program and the streams.
func (ix *index) addPlanes(rules []*compiled, standing []shape, hidden bool) {
	p := planner{Builder: bitmap.NewBuilder()}
	p.digit, p.alnum = p.Class(digitClass), p.Class(alnumClass)
	p.base64 = p.Class(base64Class)
	p.digits, p.token = p.AndNot(p.digit, p.digit, -1), p.AndNot(p.alnum, p.alnum, -1)
	letter := p.Class(letterClass)
	tokens := p.Or(p.token, p.And(p.alnum, p.Class(escapeClass), -len(`\n`)), 0)
	p.inner = p.AndNot(p.alnum, tokens, 0)

	var nodes []bitmap.Node
	add := func(st stream, n bitmap.Node) {
		if n == bitmap.Nowhere {
			return
		}
		k := -1
		if st.first == nil {
			k = slices.Index(nodes, n)
		}
		if k < 0 || ix.streams[k].kind != st.kind {
			k = len(nodes)
			nodes = append(nodes, n)
			ix.streams = append(ix.streams, stream{kind: st.kind, first: st.first})
		}
		ix.streams[k].rules = append(ix.streams[k].rules, st.rules...)
	}
	add(stream{kind: streamTokens}, p.And(p.layouts(standing, true), tokens, 0))
	add(stream{kind: streamMarks}, p.layouts(standing, false))
	beyond := bitmap.Nowhere
	if hidden {
		beyond = p.Run(p.Class(bitmap.Class{High: true}), leastBeyond)
		add(stream{kind: streamHidden}, p.hidden())
	}
	if ix.addPrefixes(rules) {
		add(stream{kind: streamLong}, p.longTokens())
	}
	marks, long := p.firsts(rules)
	long.node = p.AndNot(p.Run(p.alnum, longShape), p.inner, 0)
	for _, list := range []first{marks, long} {
		for _, f := range list.all {
			add(stream{kind: streamFirst, first: f}, list.node)
		}
	}
	for _, inner := range []bool{true, false} {
		for _, r := range rules {
			if r.Anchor.Digits != inner {
				continue
			}
			n, exact := p.anchor(r)
			kind := streamRules
			if !exact {
				kind = streamAsked
			}
			add(stream{kind: kind, rules: []*compiled{r}}, n)
		}
		if inner {
			ix.often = len(nodes)
		}
	}
	often, seldom := p.anyOf(nodes[:ix.often]), p.AndNot(p.anyOf(nodes[ix.often:]), p.inner, 0)
	out := []bitmap.Node{p.digit, letter, p.digits, tokens, p.inner, p.keywords(rules), beyond, often, seldom}
	ix.program = p.Build(append(out, nodes...)...)
	ix.classes = ix.program.Classes()
}

// anyOf is where any of nodes has a bit.
func (p *planner) anyOf(nodes []bitmap.Node) bitmap.Node {
	any := bitmap.Nowhere
	for i, n := range nodes {
		if !slices.Contains(nodes[:i], n) {
			any = p.Or(any, n, 0)
		}
	}
	return any
}

// firsts are the rules that are told by their first bytes, and where they may be.
type first struct {
	all  []*firstBytes
	node bitmap.Node
}

func (f *first) add(r *compiled, shapes []*bitmap.Shape, single string, exact bool) {
	if len(shapes) == 0 && single == "" {
		return
	}
	if len(f.all) == 0 || f.all[len(f.all)-1].full() {
		f.all = append(f.all, new(firstBytes))
	}
	f.all[len(f.all)-1].add(r, shapes, single, exact)
}

// settle finds the entries of which the plane says all: it is exact, and no other
// begins with one of their bytes.
func (f *first) settle() {
	var used [256]int
	for _, fb := range f.all {
		for c, may := range fb.may[0] {
			used[c] += bits.OnesCount32(may)
		}
	}
	for _, fb := range f.all {
		for i := range fb.entries {
			e := &fb.entries[i]
			for c, may := range fb.may[0] {
				e.exact = e.exact && (may>>i&1 == 0 || used[c] == 1)
			}
			if e.exact {
				e.sure = 1
			}
		}
	}
}

// firsts collects the anchors that begin with another byte than a letter or
// digit, and those that begin with many of these.
func (p *planner) firsts(rules []*compiled) (marks, long first) {
	var nodes []bitmap.Node
	for _, r := range rules {
		var byMark, byToken []*bitmap.Shape
		exact := true
		for _, s := range r.shapes {
			switch {
			case inPlanes(s):
			case s.Begins(alnumClass):
				byToken = append(byToken, s)
			default:
				byMark = append(byMark, s)
				n, whole := p.ShapeOf(s, wideClasses)
				nodes, exact = append(nodes, n), exact && whole
			}
		}
		for _, c := range []byte(r.Anchor.Bytes) {
			nodes = append(nodes, p.Class(classOf(c)))
		}
		marks.add(r, byMark, r.Anchor.Bytes, exact)
		long.add(r, byToken, "", false)
	}
	marks.settle()
	marks.node = p.anyOf(nodes)
	return marks, long
}

// hidden is the plane of the positions at which hidden characters may stand
// behind a digit, those in ASCII anywhere, those of three bytes behind a
// letter, behind one and a joiner, and those of URLs between a capital and a digit.
func (p *planner) hidden() bitmap.Node {
	entity := bitmap.Bytes("&")
	begins, escape, high := p.Class(escapingClass.Without(entity)), p.Class(escapeClass), p.Class(bitmap.Class{High: true})
	n := p.And(begins, p.digit, -1)
	n = p.Or(n, p.And(p.Class(entity), p.Spread(p.Class(bitmap.Bytes(";")), longestHidden-1), 1), 0)
	n = p.Or(n, p.And(escape, p.Class(bitmap.Bytes("34u")), 1), 0)
	n = p.Or(n, p.And(p.And(escape, p.Class(upperClass), -1), p.digit, len("%20")), 0)
	// All that begins with bytes beyond ASCII is skipped where there are none.
	n = p.Or(n, p.AndNot(p.And(begins, high, -1), high, 0), 0)
	three := p.Run(high, 3)
	n = p.Or(n, p.And(three, p.alnum, -1), 0)
	joined := p.AndNot(p.And(three, p.alnum, 3), p.alnum, -1)
	n = p.Or(n, p.And(joined, p.alnum, -2), 0)
	return p.Or(n, p.And(p.And(p.Run(high, 2), p.alnum, -1), p.digit, 2), 0)
}

// anchor is the plane of the positions that the Anchor of r names, literals and
// what firsts collects aside, or of more, and then it is not exact. Those within
// tokens count only with Digits.
func (p *planner) anchor(r *compiled) (n bitmap.Node, exact bool) {
	a := &r.Anchor
	n, exact = p.shapes(r.shapes)
	if a.Digits {
		n, exact = p.Or(p.AndNot(n, p.inner, 0), p.digits, 0), exact && len(a.Runs) == 0
	}
	if a.Token {
		n = p.Or(n, p.token, 0)
	}
	if a.Base64 > 0 {
		run := p.ends(p.base64, a.Base64)
		run = p.AndNot(run, p.base64, -1)
		n, exact = p.Or(n, p.AndNot(run, p.base64, a.Base64), 0), false
	}
	return n, exact
}

// shapes is the plane of the positions at which a shape of list matches, of those
// that have planes.
func (p *planner) shapes(list []*bitmap.Shape) (n bitmap.Node, exact bool) {
	n, exact = bitmap.Nowhere, true
	for _, s := range list {
		if inPlanes(s) {
			at, whole := p.ShapeOf(s, wideClasses)
			n, exact = p.Or(n, at, 0), exact && whole
		}
	}
	return n, exact
}

// ends has bit i where x has the first and the last bits of n from i on: nearly
// as rare as all of them, and made of what others ask for.
func (p *planner) ends(x bitmap.Node, n int) bitmap.Node {
	const part = 16
	if n <= part {
		return p.Run(x, n)
	}
	run := p.Run(x, part)
	return p.And(run, run, n-part)
}

// inPlanes reports whether s has a plane of its own.
func inPlanes(s *bitmap.Shape) bool { return s.Begins(alnumClass) && s.Leads(alnumClass) < longShape }

// classOf is the class of c, or of all bytes beyond ASCII with it.
func classOf(c byte) bitmap.Class {
	if c >= 0x80 {
		return bitmap.Class{High: true}
	}
	return bitmap.Bytes(string(rune(c)))
}

// bothCases is the class of c, which is in lower case if it is a letter.
func bothCases(c byte) bitmap.Class {
	if isLetter(c) {
		return classOf(c).Or(classOf(c &^ 0x20))
	}
	return classOf(c)
}

// keywords is the plane of the positions at which a keyword beside a value with
// digits at its ends may start. One that starts with a letter (see keywordBounded) does not
// stand behind a letter, but for a capital behind a small one, and behind
// escapes. Nearly all go on with a letter.
func (p *planner) keywords(rules []*compiled) bitmap.Node {
	var first, odd bitmap.Class // of all, and of those with a second byte that is no letter
	digits := false             // or a digit
	longest := 0
	for _, r := range rules {
		if r.far {
			continue
		}
		for _, f := range r.keywordForms {
			longest = max(longest, len(f))
			first = first.Or(classOf(f[0]))
			switch {
			case len(f) == 1 || isDigit(f[1]):
				digits = true
				fallthrough
			case !isLetter(f[1]) && f[1] < utf8.RuneSelf:
				odd = odd.Or(bothCases(f[0]))
			}
		}
	}
	// Nearly all letters begin some keyword; no class of its own is needed for these.
	letter, upper := p.Class(letterClass), p.Class(upperClass)
	n := p.Or(p.Class(first.Without(letterClass)), p.AndNot(letter, letter, -1), 0)
	n = p.Or(n, p.AndNot(upper, upper, -1), 0)
	n = p.Or(n, p.And(letter, p.Spread(p.Class(escapeClass), 2), -len("%20")), 0)
	goesOn := p.Or(letter, p.Class(bitmap.Class{High: true}), 0)
	n = p.Or(p.And(n, goesOn, 1), p.And(n, p.Class(odd), 0), 0)
	if !digits {
		n = p.AndNot(n, p.digit, 1)
	}
	before, behind := outerBytes+Proximity, longest+Proximity+outerBytes
	return p.And(n, p.Spread(p.digit, before+behind), -before)
}

// layouts is the plane of the positions at which the layouts that start with a
// letter or digit, or those that do not, may stand: it asks less than they do.
func (p *planner) layouts(list []shape, tokens bool) bitmap.Node {
	asked := make(map[string]bool)
	for i := range list {
		if s := &list[i]; (s.lead() > 0) == tokens {
			asked[coarser(s.outline())] = true
		}
	}
	n := bitmap.Nowhere
	for _, o := range slices.Sorted(maps.Keys(asked)) {
		n = p.Or(n, p.outline(o), 0)
	}
	return n
}

// coarse are outlines to ask for in place of those that they cover: the first that
// does. They were found by trial, on texts of all kinds, as those that cost least: a
// step as much as to look at a place in twelve KiB.
var coarse = []string{
	"9A??J???J", "99AAAA", "AAAA999999", "AAAJ999J", "AAAJ???JXXAXXJAXXX", "AAJ99", "AJ9", "A999999", "AXXXXXXXXXXXXXXX$",
	"99J999???J", "99J999??99", "99J99J999", "99J9?J99??99", "9J99J99J9", "999J999?????9", "XXJXX?????/",
	"999999+", "99999999NX", "999999A999", "9?9999J999", "99999999?99999999",
	"AA99XXXX", "AA99?????JXXXX", // of IBANs
}

// coarser is the outline to ask for to find o: one of coarse, or the first groups
// of o.
func coarser(o string) string {
	const (
		most    = 4 // groups, or more if they are short
		least   = 6 // bytes of them
		certain = 6 // digits behind another group
	)
	if k := slices.IndexFunc(coarse, func(c string) bool { return covers(c, o) }); k >= 0 {
		return coarse[k]
	}
	if wordEnd(o)+len("$") == len(o) {
		return o // all in one
	}
	end := groupEnd(o)
	for group := 1; (group < most || end < least) && o[end] != '$'; group++ {
		n := groupEnd(o[end:])
		end += n
		if o[end-1] == '9' && n >= certain {
			break
		}
	}
	return o[:end]
}

// covers reports whether c stands wherever o does.
func covers(c, o string) bool {
	if len(c) > len(o) {
		return false
	}
	for i := range len(c) {
		switch b := o[i]; c[i] {
		case b:
		case '?':
			if b == '$' {
				return false
			}
		case 'X':
			if !isClass(b) {
				return false
			}
		case 'N':
			if b == '9' || b == 'X' || b == '$' {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// An outline is a layout with all letters and digits as classes ('9', 'A', 'X'),
// all joiners alike ('J'), and its end, which no letter or digit follows ('$'). Those
// of coarse have also any byte ('?') and what is no digit ('N').
func (s *shape) outline() string {
	o := make([]byte, s.size)
	for i := range o {
		switch bit := uint64(1) << i; {
		case s.digits&bit != 0:
			o[i] = '9'
		case s.letters&bit != 0:
			o[i] = 'A'
		case s.either&bit != 0:
			o[i] = 'X'
		default:
			if o[i] = s.literalAt(i); strings.IndexByte(" -.", o[i]) >= 0 {
				o[i] = 'J'
			}
		}
	}
	return string(o) + "$"
}

func isClass(c byte) bool { return c == '9' || c == 'A' || c == 'X' }

// outline is the plane of the places at which an outline stands. What it has in
// common with others, such as a joiner with three digits, is made once.
func (p *planner) outline(o string) bitmap.Node {
	n := bitmap.Nowhere
	for at := 0; at < len(o); {
		end := at + groupEnd(o[at:])
		switch g := o[at:end]; {
		case at == 0:
			n = p.group(g)
		case g == "$":
			n = p.AndNot(n, p.alnum, at)
		case g[0] == 'N':
			n = p.AndNot(n, p.digit, at)
		case g[0] != '?':
			n = p.And(n, p.group(g), at)
		}
		at = end
	}
	return n
}

// maxRun is the longest run of digits that is asked for.
const maxRun = 8

// groupEnd is the length of the first group of an outline: bytes of one class,
// with the joiner before them, if there is one; behind a joiner, all letters and
// digits if they begin with few of one class.
func groupEnd(o string) int {
	const few = 2
	if o[0] == 'J' && len(o) > 1 && isClass(o[1]) {
		if n := groupEnd(o[1:]); n > few {
			return 1 + n
		}
		return 1 + wordEnd(o[1:])
	}
	n := 1
	for n < len(o) && o[n] == o[0] {
		n++
	}
	return n
}

// group is the plane of the places of a group.
func (p *planner) group(g string) bitmap.Node {
	switch {
	case g == "J":
		return p.Class(joinerClass)
	case g[0] == 'J':
		return p.And(p.Class(joinerClass), p.group(g[1:]), 1)
	case strings.Trim(g, g[:1]) != "":
		return p.Run(p.alnum, min(len(g), 4))
	case g[0] == '9':
		return p.Run(p.digit, min(len(g), maxRun))
	case g[0] == 'A':
		return p.Run(p.Class(letterClass), len(g))
	case g[0] == 'X':
		return p.Run(p.alnum, len(g))
	}
	return p.Run(p.Class(classOf(g[0])), len(g))
}

// wordEnd is the length of the letters and digits that an outline begins with.
func wordEnd(o string) int {
	n := 0
	for n < len(o) && isClass(o[n]) {
		n++
	}
	return n
}
