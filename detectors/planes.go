package detectors

import (
	"fmt"
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
	escapeClass = bitmap.Bytes(`\%`)
)

// planner makes the program of a set.
type planner struct {
	*bitmap.Builder
	digit, alnum  bitmap.Node
	digits, token bitmap.Node // starts of runs of digits and of tokens
}

// addPlanes makes the program and the streams.
func (ix *index) addPlanes(rules []*compiled, standing []shape) {
	p := planner{Builder: bitmap.NewBuilder()}
	p.digit, p.alnum = p.Class(digitClass), p.Class(alnumClass)
	p.digits, p.token = p.AndNot(p.digit, p.digit, -1), p.AndNot(p.alnum, p.alnum, -1)
	letter := p.Class(letterClass)
	tokens := p.Or(p.token, p.And(p.alnum, p.Class(escapeClass), -len(`\n`)), 0)

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
	for _, r := range rules {
		kind := streamRules
		if len(r.Anchor.Runs) > 0 || strings.ContainsFunc(r.Anchor.Bytes, func(c rune) bool { return c >= utf8.RuneSelf }) {
			kind = streamAsked
		}
		add(kind, p.anchor(r), r)
	}
	any := bitmap.Nowhere
	for _, n := range nodes {
		any = p.Or(any, n, 0)
	}
	out := []bitmap.Node{p.digit, letter, p.digits, tokens, p.keywords(rules), any}
	ix.program = p.Build(append(out, nodes...)...)
	ix.classes = ix.program.Classes()
}

// anchor is the plane of the positions that the Anchor of r names, literals
// aside, or of more: it knows neither Runs nor the bytes beyond ASCII apart.
func (p *planner) anchor(r *compiled) bitmap.Node {
	a, n := &r.Anchor, bitmap.Nowhere
	if a.Digits {
		n = p.Or(n, p.digits, 0)
	}
	if a.Token {
		n = p.Or(n, p.token, 0)
	}
	if a.Base64 > 0 {
		plane := p.Class(base64Class)
		n = p.Or(n, p.AndNot(p.Run(plane, a.Base64), plane, -1), 0)
	}
	for _, c := range []byte(a.Bytes) {
		n = p.Or(n, p.Class(classOf(c)), 0)
	}
	for _, s := range r.shapes {
		at := p.Shape(s)
		if s.Begins(digitClass) { // not within a run of digits
			at = p.AndNot(at, p.And(p.digit, p.digit, -1), 0)
		}
		n = p.Or(n, at, 0)
	}
	return n
}

// classOf is the class of c, or of all bytes beyond ASCII with it.
func classOf(c byte) bitmap.Class {
	if c >= 0x80 {
		return bitmap.Class{High: true}
	}
	return bitmap.Bytes(string(rune(c)))
}

// keywords is the plane of the positions at which a keyword may start, see
// keywordBounded: not behind a letter, but for a capital behind a small one, and
// behind escapes.
func (p *planner) keywords(rules []*compiled) bitmap.Node {
	var first bitmap.Class
	for _, r := range rules {
		for _, f := range r.keywordForms {
			first = first.Or(classOf(f[0]))
			if isLetter(f[0]) {
				first = first.Or(classOf(f[0] ^ 0x20))
			}
		}
	}
	at, upper := p.Class(first), p.Class(upperClass)
	n := p.AndNot(at, p.Class(letterClass), -1)
	n = p.Or(n, p.AndNot(p.And(at, upper, 0), upper, -1), 0)
	return p.Or(n, p.And(at, p.Spread(p.Class(escapeClass), 2), -len("%20")), 0)
}

// layouts is the plane of the positions at which the layouts that start with a
// letter or digit, or those that do not, may stand: it asks less than they do.
func (p *planner) layouts(list []shape, tokens bool) bitmap.Node {
	groups := make(map[string][]string)
	for i := range list {
		if o := list[i].outline(); (list[i].lead() > 0) == tokens {
			groups[o[:min(len(o), outlineKey)]] = append(groups[o[:min(len(o), outlineKey)]], o)
		}
	}
	keys := make([]string, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	n := bitmap.Nowhere
	for _, k := range keys {
		for _, o := range merge(groups[k]) {
			s, err := bitmap.ParseShape(expression(o))
			if err != nil {
				panic("detectors: " + err.Error()) // an outline is a shape
			}
			n = p.Or(n, p.Shape(s), 0)
		}
	}
	return n
}

// An outline is a layout with all letters and digits as classes and all joiners
// alike ('J'). Outlines that begin alike are merged if they are many, such
// as those of IBANs.
const (
	outlineKey  = 5  // bytes in which they must begin alike
	outlineMany = 3  // more than these are merged
	outlineLong = 24 // bytes that are looked at
)

func (s *shape) outline() string {
	o := make([]byte, min(s.size, outlineLong))
	for i := range o {
		bit := uint64(1) << i
		switch {
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
		if i == outlineKey-1 && s.size > outlineKey && strings.IndexByte("9A", o[i]) >= 0 {
			o[i] = 'X'
		}
	}
	return string(o)
}

// merge makes one outline of many: as long as they agree on what is a letter
// or digit.
func merge(list []string) []string {
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) <= outlineMany {
		return list
	}
	common := []byte(list[0])
	for _, o := range list[1:] {
		common = common[:min(len(common), len(o))]
		for i := range common {
			switch a, b := common[i], o[i]; {
			case a == b:
			case isClass(a) && isClass(b):
				common[i] = 'X'
			default:
				common = common[:i]
			}
			if i >= len(common) {
				break
			}
		}
	}
	return []string{string(common)}
}

func isClass(c byte) bool { return c == '9' || c == 'A' || c == 'X' }

// expression is the regular expression of an outline.
func expression(outline string) string {
	var b strings.Builder
	for i := 0; i < len(outline); {
		n := i + 1
		for n < len(outline) && outline[n] == outline[i] {
			n++
		}
		class := map[byte]string{'9': "[0-9]", 'A': "[A-Za-z]", 'X': "[0-9A-Za-z]", 'J': "[ .-]"}[outline[i]]
		if class == "" {
			class = fmt.Sprintf(`\x%02x`, outline[i])
		}
		fmt.Fprintf(&b, "%s{%d}", class, n-i)
		i = n
	}
	return b.String()
}
