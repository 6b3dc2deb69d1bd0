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
	// Rules tried at each start of a run of so many digits (64 for longer ones
	// too) by the class of the byte behind it, in which 0 is any byte that no
	// anchor names; at each token; at each mark byte; and at each start of a run
	// of base64 as long as the shortest of them asks for.
	digits [maxLead + 1][][]*compiled
	behind [256]uint8
	tokens []*compiled
	marks  [256][]*compiled
	base64 []*compiled
	least  int

	// Shapes by the token they start with: its kind, its length, and by the
	// byte that follows it, in classes: 0 is any byte that no shape has there,
	// and each class lists also the shapes that end with the token. Then shapes
	// that start with a byte that is no letter or digit.
	lead       [kinds][maxLead + 1][]shapes
	leadLens   [kinds]uint64 // bit n%64 if there are shapes for tokens of n bytes
	wordLens   []int         // lengths of tokens of letters with shapes
	bareLens   []int         // those with shapes that need no digit
	followers  [256]uint8
	markShapes [256][]shape

	markSet bitmap.Marks
	around  int // how far outside the searched part the planes are walked

	literals      *literal.Matcher
	literalRules  [][]*compiled // by number of the literal
	literalAround int

	anywhere []*compiled // rules with a Pattern and no anchor
	patterns *anywhere   // how they are searched for

	keywords *literal.Matcher

	levels int // number of different priorities
}

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
	rule     *compiled
	needsKey bool
	size     int
	digits   uint64 // a digit, and a digit only
	letters  uint64 // a letter, and a letter only
	either   uint64 // a digit or letter
	literals []fixedByte
}

// shapes is a list of shapes, split so that those which begin with two
// literal bytes (the country of an IBAN) are only met where these stand.
type shapes struct {
	open     []shape
	prefixed map[[2]byte][]shape // nil if there are none
}

func (ss *shapes) add(s shape) {
	if len(s.literals) < 2 || s.literals[1].at != 1 {
		ss.open = append(ss.open, s)
		return
	}
	if ss.prefixed == nil {
		ss.prefixed = make(map[[2]byte][]shape)
	}
	prefix := [2]byte{s.literals[0].c, s.literals[1].c}
	ss.prefixed[prefix] = append(ss.prefixed[prefix], s)
}

// fixedByte is a byte that a layout has at an offset.
type fixedByte struct {
	at int
	c  byte
}

// newIndex makes the index of rules, which are complete but for level and
// keys: it sets these.
func newIndex(rules []*compiled) *index {
	ix := new(index)
	ix.addShapes(rules)
	ix.addDigits(rules)
	marks := make(map[byte]bool)
	for _, r := range rules {
		if len(r.layouts) > 0 {
			marks['\\'] = true // a value may stand behind an escape, see Clear
			ix.around = max(ix.around, r.MaxLen+len(`\n`))
		} else if r.Anchor.any() {
			ix.addAnchors(r)
			for _, c := range []byte(r.Anchor.Bytes) {
				marks[c] = true
			}
		} else {
			ix.anywhere = append(ix.anywhere, r)
		}
	}
	for c, shapes := range ix.markShapes {
		if len(shapes) > 0 {
			marks[byte(c)] = true
		}
	}
	var set []byte
	for c := range marks {
		set = append(set, c)
	}
	ix.markSet = bitmap.NewMarks(string(set))
	ix.patterns = newAnywhere(ix.anywhere)
	ix.addLiterals(rules)
	ix.addKeywords(rules)
	ix.setLevels(rules)
	return ix
}

// addDigits files rules under the runs of digits that they are anchored at.
func (ix *index) addDigits(rules []*compiled) {
	named := []byte{0} // a byte of each class; that of class 0 does not count
	for _, r := range rules {
		for _, run := range r.Anchor.Runs {
			for _, c := range []byte(run.Next) {
				if ix.behind[c] == 0 {
					ix.behind[c] = uint8(len(named))
					named = append(named, c)
				}
			}
		}
	}
	fits := func(r *compiled, n, class int) bool {
		return len(r.Anchor.Runs) == 0 || slices.ContainsFunc(r.Anchor.Runs, func(run Run) bool {
			return run.Min <= n && n <= run.Max && (run.Next == "" || class > 0 && strings.IndexByte(run.Next, named[class]) >= 0)
		})
	}
	for n := range ix.digits {
		ix.digits[n] = make([][]*compiled, len(named))
		for class := range named {
			for _, r := range rules {
				if r.Anchor.Digits && fits(r, n, class) {
					ix.digits[n][class] = append(ix.digits[n][class], r)
				}
			}
		}
	}
}

// addAnchors files r under the anchors that show in the planes.
func (ix *index) addAnchors(r *compiled) {
	a := &r.Anchor
	if !a.Digits && !a.Token && a.Base64 == 0 && a.Bytes == "" {
		return
	}
	ix.around = max(ix.around, r.MaxLen+Reach)
	if a.Token {
		ix.tokens = append(ix.tokens, r)
	}
	if a.Base64 > 0 {
		if len(ix.base64) == 0 || a.Base64 < ix.least {
			ix.least = a.Base64
		}
		ix.base64 = append(ix.base64, r)
	}
	for _, c := range []byte(a.Bytes) {
		ix.marks[c] = append(ix.marks[c], r)
	}
}

// addLiterals compiles the literal anchors of all rules into one matcher.
func (ix *index) addLiterals(rules []*compiled) {
	var literals []string
	for _, r := range rules {
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
		ix.literals = literal.New(literals, false)
	}
}

// addShapes files the layouts of rules under the token they start with.
func (ix *index) addShapes(rules []*compiled) {
	type filed struct {
		shape
		kind, lead int
		follower   byte // 0 if the shape ends with the token
	}
	var all []filed
	classes := 1
	for _, r := range rules {
		for _, l := range r.layouts {
			s := newShape(r, l)
			alnum := s.digits | s.letters | s.either
			lead := bits.TrailingZeros64(^alnum)
			if lead == 0 {
				ix.markShapes[l.classes[0]] = append(ix.markShapes[l.classes[0]], s)
				continue
			}
			var follower byte
			if lead < s.size {
				follower = l.classes[lead]
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
	}
	for kind := range kinds {
		for n := range ix.lead[kind] {
			ix.lead[kind][n] = make([]shapes, classes)
		}
	}
	for _, f := range all {
		for class := range classes {
			if f.lead == f.size || class != 0 && int(ix.followers[f.follower]) == class {
				ix.lead[f.kind][f.lead][class].add(f.shape)
				ix.leadLens[f.kind] |= 1 << (f.lead % 64)
			}
		}
	}
	for _, f := range all {
		if f.kind != kindLetters {
			continue
		}
		if !slices.Contains(ix.wordLens, f.lead) {
			ix.wordLens = append(ix.wordLens, f.lead)
		}
		if f.digits == 0 && !slices.Contains(ix.bareLens, f.lead) {
			ix.bareLens = append(ix.bareLens, f.lead)
		}
	}
}

func newShape(r *compiled, l layout) shape {
	s := shape{rule: r, needsKey: r.NeedKeyword || l.needsKey, size: len(l.classes)}
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
	size := ^uint64(0) >> (64 - s.size)
	fixed := size &^ s.either
	return (digits^s.digits)&fixed == 0 && (letters^s.letters)&fixed == 0 && (digits|letters)&s.either == s.either
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

// addKeywords compiles the keywords of all rules into one matcher and tells
// each rule which of them are its own.
func (ix *index) addKeywords(rules []*compiled) {
	var forms []string
	number := make(map[string]int)
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
	ix.keywords = literal.New(forms, true)
}

// setLevels numbers the priorities that rules have, from the lowest.
func (ix *index) setLevels(rules []*compiled) {
	var ps []int
	for _, r := range rules {
		ps = append(ps, r.Priority)
	}
	slices.Sort(ps)
	ps = slices.Compact(ps)
	for _, r := range rules {
		r.level = slices.Index(ps, r.Priority)
	}
	ix.levels = len(ps)
}
