package detectors

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
	"github.com/sluice-dlp/sluice/detectors/internal/literal"
)

// index says which rules to try at a position of the text, by what stands
// there. It is made once for a [Set].
type index struct {
	// The planes of a strip, and only its classes for a benchmark.
	program, classes *bitmap.Program

	// Streams of positions at which rules are tried, plane planeStreams + i
	// being that of streams[i]: positions at which values may stand that count
	// without a keyword, and rules without keywords.
	streams []stream
	often   int // how many streams have bits in all texts, or within tokens: the first of them
	around  int // how far outside the searched part they are tried

	// Layouts of such values by the token they start with: its kind, its
	// length, and by the byte that follows it, in classes: 0 is any byte that no
	// shape has there, and each class lists also the shapes that end with the
	// token. Then shapes that start with a byte that is no letter or digit.
	lead       [kinds][maxLead + 1][]shapes
	leadLens   [kinds]uint64 // bit n%64 if there are shapes for tokens of n bytes
	followers  [256]uint8
	prefixes   [1 << 10]uint16 // numbers of the literal bytes that shapes start with, by prefixKey; 0 for others
	lastPrefix uint16
	markShapes [256][]shape

	prefixed [1 << 10][]prefixed // rules with Anchor.Prefixes, by prefixKey of the first two bytes

	literals      *literal.Finder
	literalRules  [][]*compiled // by number of the literal
	literalAround int

	hiding *literal.Finder // of hidingBeyond; nil if nothing is hidden

	anywhere []*compiled // rules with a Pattern and no anchor
	patterns *anywhere   // how they are searched for

	keywords *literal.Words // nil if there are none
	beside   besides        // what is tried near them

	levels  int   // number of different priorities, and one for rules that are apart
	levelOf []int // by rule, which of them it has, from the lowest
}

// stream is the rules tried at the bits of one plane.
type stream struct {
	kind  streamKind
	rules []*compiled
	first *firstBytes // of streamFirst
}

type streamKind uint8

const (
	streamRules  streamKind = iota // Match and anchored Pattern
	streamAsked                    // the same, but the plane has more than the anchor names
	streamTokens                   // layouts that start with a letter or digit
	streamLong                     // starts of long tokens
	streamFirst                    // anchors told by their first bytes
	streamHidden                   // hidden characters behind digits
	streamMarks                    // layouts that start with another byte
)

// Planes that every program has, by number.
const (
	planeDigit   = iota
	planeLetter  //
	planeDigits  // starts of runs of digits
	planeTokens  // starts of tokens, and what stands behind an escape
	planeInner   // within tokens
	planeKeyword // where a keyword may start
	planeBeyond  // bytes beyond ASCII in a row, if characters may be hidden
	planeOften   // where any of index.often streams has a bit
	planeSeldom  // where any other has, and not within tokens
	planeStreams // the first of them
)

// maxLead is the longest layout of a form.
const maxLead = 64

// Kinds of tokens, by what they are made of.
const (
	kindDigits = iota
	kindLetters
	kindMixed
	kinds
)

// shape is a layout as bits, bit i for byte i of the value.
type shape struct {
	digits   uint64 // a digit, and a digit only
	letters  uint64 // a letter, and a letter only
	either   uint64 // a digit or letter
	fixed    uint64 // all bytes but those
	rule     *compiled
	needsKey bool
	bare     bool // values may count without the keyword
	plain    bool // digits only
	wants    bool // see layout.wantsDigit
	size     int
	literals []fixedByte
	longer   []shape // of the same rule, see compiled.longer
}

// shapes is a list of shapes, split so that those which begin with two
// literal bytes (the country of an IBAN) are only met where these stand.
type shapes struct {
	open     []shape
	prefixed [][]shape // by number of the prefix, see index.prefixes
}

// prefixKey is what tells prefixes apart, nearly: hasLiterals asks for the rest.
func prefixKey(a, b byte) int { return int(a&31)<<5 | int(b&31) }

// addShape adds s to ss.
func (ix *index) addShape(ss *shapes, s shape) {
	if len(s.literals) < 2 || s.literals[1].at != 1 {
		ss.open = append(ss.open, s)
		return
	}
	number := &ix.prefixes[prefixKey(s.literals[0].c, s.literals[1].c)]
	if *number == 0 {
		ix.lastPrefix++
		*number = ix.lastPrefix
	}
	for len(ss.prefixed) <= int(*number) {
		ss.prefixed = append(ss.prefixed, nil)
	}
	ss.prefixed[*number] = append(ss.prefixed[*number], s)
}

// fixedByte is a byte that a layout has at an offset.
type fixedByte struct {
	at int
	c  byte
}

// newIndex makes the index of the rules of s, which are complete but for
// keys and beside: it sets these.
func newIndex(s *Set) *index {
	ix := new(index)
	ix.setLevels(s.rules)
	ix.addLiterals(s)
	var standing []shape
	for _, r := range s.rules {
		for _, l := range r.layouts {
			sh := newShape(r, l)
			sh.bare = sh.needsKey && s.seeksBare(r) && l.isChecked()
			if !r.addBeside(sh) {
				standing = append(standing, sh)
			}
		}
		for _, run := range r.Beside {
			r.addBesideRun(run)
		}
		if len(r.layouts) == 0 && r.Match == nil && !r.Anchor.any() {
			ix.anywhere = append(ix.anywhere, r)
		}
		ix.around = max(ix.around, s.around(r))
	}
	ix.addKeywords(s.kernel.Name, s.rules)
	ix.patterns = newAnywhere(ix.anywhere)
	ix.addShapes(standing)
	ix.around = max(ix.around, s.hiddenAround())
	ix.addPlanes(s.rules, standing, s.inner != nil)
	return ix
}

// around is how far outside the searched part the planes have to be for r: a
// value there can contain one in the part, and a keyword can be beside either.
func (s *Set) around(r *compiled) int {
	far := 0
	a := &r.Anchor
	if len(r.layouts) > 0 || len(r.Beside) > 0 || a.Digits || a.Token || a.Base64 > 0 || a.Bytes != "" || len(a.Prefixes) > 0 || len(r.shapes) > 0 {
		far = r.MaxLen + Reach
	}
	if len(r.Keywords) > 0 && !r.far {
		far = max(far, min(r.MaxLen, maxBeside)+Proximity+s.maxKey+1)
	}
	return far
}

// addLiterals compiles the literal anchors of all rules.
func (ix *index) addLiterals(s *Set) {
	var literals []string
	for _, r := range s.rules {
		for _, l := range r.Anchor.Literals {
			k := slices.Index(literals, l)
			if k < 0 {
				k = len(literals)
				literals = append(literals, l)
				ix.literalRules = append(ix.literalRules, nil)
			}
			ix.literalRules[k] = append(ix.literalRules[k], r)
			ix.literalAround = max(ix.literalAround, r.MaxLen+Reach)
		}
	}
	if len(literals) > 0 {
		ix.literals = literal.NewFinderFor(s.kernel.Name, literals, false)
	}
	if s.inner != nil {
		ix.hiding = literal.NewFinderFor(s.kernel.Name, hidingBeyond, false)
	}
}

// addShapes files shapes under the token they start with.
func (ix *index) addShapes(standing []shape) {
	type filed struct {
		shape
		kind, lead int
		follower   byte // 0 if the shape ends with the token
	}
	var all []filed
	classes := 1
	for _, s := range standing {
		lead := s.lead()
		if lead == 0 {
			c := s.literals[0].c
			ix.markShapes[c] = append(ix.markShapes[c], s)
			continue
		}
		var follower byte
		if lead < s.size {
			follower = s.literalAt(lead)
			if ix.followers[follower] == 0 {
				ix.followers[follower] = uint8(classes)
				classes++
			}
		}
		for kind := range kinds {
			if s.canStart(kind, lead) {
				all = append(all, filed{s, kind, lead, follower})
			}
		}
	}
	for kind := range kinds {
		for n := range ix.lead[kind] {
			ix.lead[kind][n] = make([]shapes, classes)
		}
	}
	for _, f := range all {
		for class := range classes {
			if f.lead == f.size || class != 0 && int(ix.followers[f.follower]) == class {
				ix.addShape(&ix.lead[f.kind][f.lead][class], f.shape)
				ix.leadLens[f.kind] |= 1 << (f.lead % 64)
			}
		}
	}
}

// lead is the length of the token that a value of this shape starts with.
func (s *shape) lead() int { return bits.TrailingZeros64(^(s.digits | s.letters | s.either)) }

// literalAt is the literal byte at an offset, which has one.
func (s *shape) literalAt(at int) byte {
	return s.literals[slices.IndexFunc(s.literals, func(l fixedByte) bool { return l.at == at })].c
}

func newShape(r *compiled, l layout) shape {
	s := shapeOf(r, l)
	for _, longer := range r.longer(l) {
		s.longer = append(s.longer, shapeOf(r, longer))
	}
	return s
}

// shapeOf is newShape without longer ones.
func shapeOf(r *compiled, l layout) shape {
	s := shape{
		rule:     r,
		needsKey: l.needsKey,
		plain:    strings.Trim(l.classes, "9") == "",
		wants:    l.wantsDigit(),
		size:     len(l.classes),
	}
	for i, c := range []byte(l.classes) {
		bit := uint64(1) << i
		switch {
		case c == '9':
			s.digits |= bit
		case c == 'A':
			s.letters |= bit
		case c == 'X':
			s.either |= bit
		default:
			s.literals = append(s.literals, fixedByte{i, c})
			if isDigit(c) {
				s.digits |= bit
			} else if isLetter(c) {
				s.letters |= bit
			}
		}
	}
	s.fixed = ^uint64(0) >> (64 - s.size) &^ s.either
	return s
}

// canStart reports whether a value of this shape can start with a token of
// the kind, whose length is lead.
func (s *shape) canStart(kind, lead int) bool {
	token := uint64(1)<<lead - 1 // all ones for 64
	digits, letters := s.digits&token, s.letters&token
	switch kind {
	case kindDigits:
		return letters == 0
	case kindLetters:
		return digits == 0
	}
	either := bits.OnesCount64(s.either & token)
	return digits != 0 && letters != 0 || (digits|letters) != 0 && either > 0 || either > 1
}

// fits reports whether the bytes whose digits and letters are given from
// the start of the value on have the shape, literals not yet looked at.
func (s *shape) fits(digits, letters uint64) bool {
	return ((digits^s.digits)|(letters^s.letters))&s.fixed == 0 && (digits|letters)&s.either == s.either && (!s.wants || digits&s.either != 0)
}

// hasLiterals reports whether the value w starts with has the literal bytes
// of the shape.
func (s *shape) hasLiterals(w []byte) bool {
	for _, l := range s.literals {
		if w[l.at] != l.c {
			return false
		}
	}
	return true
}

// addKeywords compiles the keywords of all rules and tells each rule which of
// them are its own, and each keyword which rules have values beside it only.
func (ix *index) addKeywords(kernel string, rules []*compiled) {
	var forms []string
	number := make(map[string]int)
	rules = slices.DeleteFunc(slices.Clone(rules), func(r *compiled) bool { return r.far })
	for _, r := range rules {
		for _, f := range r.keywordForms {
			if _, known := number[f]; !known {
				number[f] = len(forms)
				forms = append(forms, f)
			}
		}
	}
	for _, r := range rules {
		r.keys = make([]uint64, bitmap.Words(len(forms)))
		for _, f := range r.keywordForms {
			k := number[f]
			r.keys[k/64] |= 1 << (k % 64)
		}
	}
	ix.beside = newBesides(rules, number)
	if len(forms) > 0 {
		ix.keywords = literal.NewWordsFor(kernel, forms)
	}
}

// setLevels numbers the priorities that rules have, from the lowest. Rules
// that are apart come above all others, where nothing covers them.
func (ix *index) setLevels(rules []*compiled) {
	var ps []int
	for _, r := range rules {
		if !r.Apart {
			ps = append(ps, r.Priority)
		}
	}
	slices.Sort(ps)
	ps = slices.Compact(ps)
	for _, r := range rules {
		level := len(ps)
		if !r.Apart {
			level = slices.Index(ps, r.Priority)
		}
		ix.levelOf = append(ix.levelOf, level)
	}
	ix.levels = len(ps) + 1
}
