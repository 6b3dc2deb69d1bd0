package detectors

import (
	"maps"
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
	escapeClass = bitmap.Bytes(`\%`)
)

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
	add := func(kind streamKind, n bitmap.Node, rules ...*compiled) {
		if n == bitmap.Nowhere {
			return
		}
		k := slices.Index(nodes, n)
		if k < 0 || ix.streams[k].kind != kind {
			k = len(nodes)
			nodes = append(nodes, n)
			ix.streams = append(ix.streams, stream{kind: kind})
		}
		ix.streams[k].rules = append(ix.streams[k].rules, rules...)
	}
	add(streamTokens, p.And(p.layouts(standing, true), tokens, 0))
	add(streamMarks, p.layouts(standing, false))
	beyond := bitmap.Nowhere
	if hidden {
		beyond = p.Run(p.Class(bitmap.Class{High: true}), leastBeyond)
		add(streamHidden, p.hidden())
	}
	for _, r := range rules {
		kind := streamRules
		if len(r.Anchor.Runs) > 0 || strings.ContainsFunc(r.Anchor.Bytes, func(c rune) bool { return c >= utf8.RuneSelf }) {
			kind = streamAsked
		}
		add(kind, p.anchor(r), r)
	}
	if ix.addPrefixes(rules) {
		add(streamLong, p.longTokens())
	}
	any := bitmap.Nowhere
	for _, n := range nodes {
		any = p.Or(any, n, 0)
	}
	out := []bitmap.Node{p.digit, letter, p.digits, tokens, p.keywords(rules), beyond, any}
	ix.program = p.Build(append(out, nodes...)...)
	ix.classes = ix.program.Classes()
}

// hidden is the plane of the positions at which hidden characters may stand
// behind a digit, those in ASCII anywhere, those of three bytes behind a
// letter, behind a joiner before one, and those of URLs between a group and a digit.
func (p *planner) hidden() bitmap.Node {
	entity := bitmap.Bytes("&")
	n := p.And(p.Class(escapingClass.Without(entity)), p.digit, -1)
	n = p.Or(n, p.And(p.Class(entity), p.Spread(p.Class(bitmap.Bytes(";")), longestHidden-1), 1), 0)
	n = p.Or(n, p.And(p.Class(escapeClass), p.Class(bitmap.Bytes("34u")), 1), 0)
	n = p.Or(n, p.And(p.And(p.Class(bitmap.Bytes("%")), p.digit, len("%20")), p.Class(upperClass), -1), 0)
	high := p.Class(bitmap.Class{High: true})
	n = p.Or(n, p.And(p.Class(bitmap.Bytes("%=")), high, -1), 0)
	n = p.Or(n, p.And(p.Run(high, 3), p.alnum, -1), 0)
	joined := p.And(p.Class(bitmap.Bytes(" -./@")), p.alnum, -1)
	n = p.Or(n, p.And(p.And(p.Run(high, 3), p.alnum, 3), joined, -1), 0)
	return p.Or(n, p.And(p.And(p.Run(high, 2), p.alnum, -1), p.digit, 2), 0)
}

// anchor is the plane of the positions that the Anchor of r names, literals
// aside, or of more: it knows neither Runs nor the bytes beyond ASCII apart.
func (p *planner) anchor(r *compiled) bitmap.Node {
	a, n := &r.Anchor, p.shapes(r.shapes)
	if a.Digits {
		n = p.Or(n, p.digits, 0)
	}
	if a.Token {
		n = p.Or(n, p.token, 0)
	}
	if a.Base64 > 0 {
		run := p.AndNot(p.Run(p.base64, a.Base64), p.base64, -1)
		n = p.Or(n, p.AndNot(run, p.base64, a.Base64), 0)
	}
	for _, c := range []byte(a.Bytes) {
		n = p.Or(n, p.Class(classOf(c)), 0)
	}
	return n
}

// shapes is the plane of the positions at which a shape of list matches and
// goes on no token.
func (p *planner) shapes(list []*bitmap.Shape) bitmap.Node {
	n, others := bitmap.Nowhere, bitmap.Nowhere
	for _, s := range list {
		if s.Begins(alnumClass) {
			n = p.Or(n, p.Shape(s), 0)
		} else {
			others = p.Or(others, p.Shape(s), 0)
		}
	}
	return p.Or(p.AndNot(n, p.inner, 0), others, 0)
}

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
	groups := make(map[string][]string)
	for i := range list {
		if s := &list[i]; (s.lead() > 0) == tokens {
			o := s.outline()
			groups[outlineKey(o)] = append(groups[outlineKey(o)], o)
		}
	}
	var nodes []bitmap.Node
	n := bitmap.Nowhere
	for _, k := range slices.Sorted(maps.Keys(groups)) {
		for _, o := range merge(groups[k]) {
			if at := p.outline(o); !slices.Contains(nodes, at) {
				nodes = append(nodes, at)
				n = p.Or(n, at, 0)
			}
		}
	}
	return n
}

// An outline is a layout with all letters and digits as classes ('9', 'A', 'X'),
// all joiners alike ('J'), and its end ('$').
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

// outlineKey is in what outlines must agree to be merged: their first bytes,
// and whether a letter or digit follows.
func outlineKey(o string) string {
	const n = 4
	if len(o) <= n {
		return o
	}
	if isClass(o[n]) {
		return o[:n] + "X"
	}
	return o[:n+1]
}

// merge makes one outline of many, such as those of the IBANs: as long as they
// agree on what is a letter or digit. Where that leaves so little that dates have
// it, it makes one each of those that go on alike.
func merge(list []string) []string {
	const (
		few    = 8
		enough = 8 // bytes
	)
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) <= few {
		return list
	}
	common := []byte(list[0])
	for _, o := range list[1:] {
		n := 0
		for ; n < min(len(common), len(o)); n++ {
			if common[n] == o[n] {
				continue
			}
			if !isClass(common[n]) || !isClass(o[n]) {
				break
			}
			common[n] = 'X'
		}
		common = common[:n]
	}
	if len(common) >= enough {
		return []string{string(common)}
	}
	alike := make(map[byte][]string)
	for _, o := range list {
		next := o[len(common)]
		if isClass(next) {
			next = 'X'
		}
		alike[next] = append(alike[next], o)
	}
	var merged []string
	for _, next := range slices.Sorted(maps.Keys(alike)) {
		merged = append(merged, merge(alike[next])...)
	}
	return merged
}

func isClass(c byte) bool { return c == '9' || c == 'A' || c == 'X' }

// outline is the plane of the places at which the first groups of an outline
// stand. What they have in common with those of others, such as a joiner with
// three digits, is made once.
func (p *planner) outline(o string) bitmap.Node {
	const (
		most    = 4 // groups, or more if they are short
		least   = 6 // bytes of them
		certain = 6 // digits behind another group
	)
	o, whole := strings.CutSuffix(o, "$")
	first := groupEnd(o)
	if word := wordEnd(o); whole && word == len(o) && word >= 2*maxRun { // all in one, and of many groups
		n := p.And(p.group(o[:min(first, 2)]), p.Run(p.base64, word), 0)
		return p.AndNot(n, p.alnum, word)
	}
	n := p.group(o[:first])
	at := first
	for group := 1; (group < most || at < least) && at < len(o); group++ {
		end := at + groupEnd(o[at:])
		n = p.And(n, p.group(o[at:end]), at)
		if o[end-1] == '9' && end-at >= certain {
			break
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
	case len(g) >= maxRun && strings.Trim(g, "9AX") == "" && strings.Trim(g, "9") != "":
		return p.Run(p.base64, len(g)) // which secrets ask for, too
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
