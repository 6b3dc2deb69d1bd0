package detectors

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// tokenForm is a fixed layout of a token: literal parts and runs of bytes of
// one class, written as "glpat-{u20-50}". In braces stand a class (see
// tokenClasses) and how many bytes of it there are. What stands before '^' is
// not part of the token.
type tokenForm struct {
	parts  []tokenPart
	lead   int // length of what stands before the token: up to '^'
	prefix int // length of the literal that it begins with, with lead
	anchor int // how far in it is looked for
	max    int // longest token
}

// tokenPart is a literal, or a run of least to most bytes of class.
type tokenPart struct {
	text        string
	class       byteClass
	least, most int
	letter      byte // that names the class
}

// tokenClasses are the classes of runs by the letter that names them, with
// their description and, for shapes, their regular expression.
var tokenClasses = map[byte]struct {
	class     byteClass
	name, set string
}{
	'9': {digitByte, "digits", "[0-9]"},
	'h': {digitByte | lowerHexByte, "small hexadecimal digits", "[0-9a-f]"},
	'x': {hexByte, "hexadecimal digits", "[0-9A-Fa-f]"},
	'H': {digitByte | upperHexByte, "capital hexadecimal digits", "[0-9A-F]"},
	'L': {letterByte, "letters", "[A-Za-z]"},
	'l': {digitByte | lowerByte, "small letters and digits", "[0-9a-z]"},
	'U': {digitByte | upperByte, "capital letters and digits", "[0-9A-Z]"},
	'a': {alnumByte, "letters and digits", "[0-9A-Za-z]"},
	'u': {urlSafeByte, "letters, digits, '-' and '_'", "[0-9A-Za-z_-]"},
	'b': {base64Byte, "base64 characters", "[0-9A-Za-z+/]"},
	'B': {armouredByte, "base64 characters and '='", "[0-9A-Za-z+/=]"},
	'd': {zoneByte, "letters, digits, '-', '_' and '.'", "[0-9A-Za-z_.-]"},
}

// newTokenForm reads a form. It panics on one that makes no sense: forms are
// part of the program.
func newTokenForm(spec string) tokenForm {
	f := tokenForm{lead: max(0, strings.IndexByte(spec, '^'))}
	for rest := strings.Replace(spec, "^", "", 1); rest != ""; {
		text, run, some := strings.Cut(rest, "{")
		if text != "" {
			f.parts = append(f.parts, tokenPart{text: text, least: len(text), most: len(text)})
		}
		if !some {
			break
		}
		run, rest, some = strings.Cut(run, "}")
		p, ok := newTokenRun(run)
		if !ok || !some {
			panic(fmt.Sprintf("detectors: token form %q", spec))
		}
		f.parts = append(f.parts, p)
	}
	f.prefix = len(f.parts[0].text)
	for _, p := range f.parts {
		f.max += p.most
	}
	f.max -= f.lead
	return f
}

func newTokenRun(s string) (tokenPart, bool) {
	if len(s) < 2 {
		return tokenPart{}, false
	}
	low, high, ranged := strings.Cut(s[1:], "-")
	if !ranged {
		high = low
	}
	least, err1 := strconv.Atoi(low)
	most, err2 := strconv.Atoi(high)
	class, ok := tokenClasses[s[0]]
	return tokenPart{class: class.class, least: least, most: most, letter: s[0]}, ok && err1 == nil && err2 == nil && least <= most
}

// setAnchor lets the form be looked for by its last literal, before which all
// lengths are fixed, and returns that.
func (f *tokenForm) setAnchor() string {
	offset, last := 0, ""
	for _, p := range f.parts {
		if p.text != "" {
			f.anchor, last = offset, p.text
		}
		offset += p.most
	}
	return last
}

// String describes the form in words: "glpat- and 20 to 50 letters and digits".
func (f *tokenForm) String() string {
	var words []string
	for _, p := range f.parts {
		switch {
		case p.text != "":
			words = append(words, p.text)
		case p.least == p.most:
			words = append(words, fmt.Sprintf("%d %s", p.most, tokenClasses[p.letter].name))
		default:
			words = append(words, fmt.Sprintf("%d to %d %s", p.least, p.most, tokenClasses[p.letter].name))
		}
	}
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// isLong reports whether a token of the form begins with a prefix that
// [Anchor.Prefixes] can have, in a run of the length that it asks for.
func (f *tokenForm) isLong() bool {
	if p := f.parts[0].text; f.lead > 0 || len(p) < 2 || !allOf([]byte(p), zoneByte) {
		return false
	}
	n := 0
	for _, p := range f.parts {
		switch {
		case p.text != "":
			whole := runEnd([]byte(p.text), 0, len(p.text), zoneByte)
			if n += whole; whole < len(p.text) {
				return n >= longToken
			}
		case p.class&^(zoneByte|lowerHexByte|upperHexByte|base32DigitByte) != 0:
			return n >= longToken
		default:
			n += p.least
		}
	}
	return n >= longToken
}

// shape is a regular expression for what the form begins with: enough of it that
// little else does. Letters and digits of literals are of their class only: a
// class more costs every text.
func (f *tokenForm) shape() string {
	const enough, narrow = 34, 8
	var list []shapeRun
	n := 0
	for _, p := range f.parts {
		for _, c := range []byte(p.text) {
			list = addShapeRun(list, shapeRun{setOf(c), 1, 1})
		}
		if p.text == "" {
			run := shapeRun{tokenClasses[p.letter].set, p.least, p.most}
			if n+p.least >= enough {
				run.least, run.most = enough-n, enough-n
			} else if p.most > p.least+narrow {
				run.most = p.least
			}
			list = addShapeRun(list, run)
			if run.most < p.most {
				break
			}
		}
		if n += p.least; n >= enough {
			break
		}
	}
	s := ""
	for _, r := range list {
		s += fmt.Sprintf("%s{%d,%d}", r.set, r.least, r.most)
	}
	return s
}

// shapeRun is a run of bytes of a set.
type shapeRun struct {
	set         string
	least, most int
}

// addShapeRun appends r, or makes the last run longer.
func addShapeRun(list []shapeRun, r shapeRun) []shapeRun {
	if last := len(list) - 1; last >= 0 && list[last].set == r.set {
		list[last].least += r.least
		list[last].most += r.most
		return list
	}
	return append(list, r)
}

// setOf is the regular expression for c, or for the letters and digits that c is
// one of.
func setOf(c byte) string {
	switch {
	case isDigit(c):
		return tokenClasses['9'].set
	case isLetter(c):
		return tokenClasses['a'].set
	}
	return "[" + string(c) + "]"
}

// end returns where the token ends that starts at w[at], or -1.
func (f *tokenForm) end(w []byte, at int) int {
	i := at
	for k, p := range f.parts {
		var next tokenPart
		if k+1 < len(f.parts) {
			next = f.parts[k+1]
		}
		if i = p.end(w, i, next); i < 0 {
			return -1
		}
	}
	// A literal at the end that could go on as the run before it is not the end.
	if last := len(f.parts) - 1; last > 1 && f.parts[last].text != "" && i < len(w) && f.parts[last-1].class.has(w[i]) {
		return -1
	}
	return i
}

// end returns where p ends that starts at w[i], or -1. A run goes up to the
// literal behind it where that could be more of the run.
func (p *tokenPart) end(w []byte, i int, next tokenPart) int {
	switch {
	case p.text != "":
		return after(w, i, p.text)
	case next.text != "" && p.class.has(next.text[0]):
		from, to := i+p.least, min(len(w), i+p.most+len(next.text))
		if from > to {
			return -1
		}
		n := bytes.Index(w[from:to], []byte(next.text))
		if n < 0 || runEnd(w, i, p.least+n, p.class) != from+n {
			return -1
		}
		return from + n
	case next.class != 0:
		if runEnd(w, i, p.most, p.class) != i+p.most {
			return -1
		}
		return i + p.most
	}
	return runBetween(w, i, p.least, p.most, p.class)
}

// vendor is a row of the tables of tokens: one rule.
type vendor struct {
	id, name string
	source   string                  // who documents the form
	forms    []string                // see tokenForm; what begins with no long token is looked for by its shape with '~' in front, with '@' by its last literal, otherwise by the first
	words    string                  // keywords, which are needed if there are any
	check    func(token []byte) bool // of tokens of the first form: proves one, and leaves doubt where it fails
	checkDoc string
	dummies  []string
}

// rule makes the rule of a vendor.
func (v vendor) rule() Rule {
	r := Rule{
		ID: v.id, Name: v.name, Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Check:   "None that drops a value. Repeated and counted-up characters are refused, and words such as example or your.",
		Dummies: v.dummies,
	}
	if v.words != "" {
		r.Keywords, r.NeedKeyword, r.Priority = wordList(v.words), true, PriorityKeyword
	}
	if v.check != nil {
		first := []byte(newTokenForm(v.forms[0]).parts[0].text)
		r.Sure = func(token []byte) bool { return !bytes.HasPrefix(token, first) || v.check(token) }
		r.Check = v.checkDoc + " " + r.Check
	}
	var forms []tokenForm
	var words []string
	for _, spec := range v.forms {
		f := newTokenForm(strings.TrimLeft(spec, "~@"))
		switch {
		case f.isLong():
			r.Anchor.Prefixes = append(r.Anchor.Prefixes, f.parts[0].text)
		case spec[0] == '~':
			r.Anchor.Shapes = append(r.Anchor.Shapes, f.shape())
		case spec[0] == '@':
			r.Anchor.Literals = append(r.Anchor.Literals, f.setAnchor())
		default:
			r.Anchor.Literals = append(r.Anchor.Literals, f.parts[0].text)
		}
		r.MaxLen = max(r.MaxLen, f.max)
		forms, words = append(forms, f), append(words, f.String())
	}
	r.Form = strings.Join(words, "; or ") + " (" + v.source + ")."
	r.Whole = wholeToken(forms, v.check)
	r.Match = func(w []byte, at int) (start, end int, ok bool) {
		for i := range forms {
			at := at - forms[i].anchor
			if at < 0 {
				continue
			}
			e := forms[i].end(w, at)
			if e <= end || !tokenAlone(w, at, e, forms[i].lead > 0) {
				continue
			}
			random := w[at+forms[i].prefix : e]
			if looksDrawn(random) || forms[i].lead > 0 && !counted(random) || v.check != nil && v.check(w[at:e]) {
				start, end, ok = at+forms[i].lead, e, true
			}
		}
		return start, end, ok
	}
	return r
}

// wholeToken is Rule.Whole of forms of which some stand behind a name only, and nil
// if none does.
func wholeToken(forms []tokenForm, check func(token []byte) bool) func(value []byte) bool {
	if !slices.ContainsFunc(forms, func(f tokenForm) bool { return f.lead > 0 }) {
		return nil
	}
	return func(value []byte) bool {
		for _, f := range forms {
			token := append([]byte(f.parts[0].text[:f.lead]), value...)
			if f.end(token, 0) != len(token) {
				continue
			}
			random := token[f.prefix:]
			if looksDrawn(random) || f.lead > 0 && !counted(random) || check != nil && check(value) {
				return true
			}
		}
		return false
	}
}

// tokenAlone reports whether neither neighbour of w[start:end] could be part
// of the token: a letter, a digit, '_' or '+', and before it '-' or '.' too. If it is
// named what is before it does not matter.
func tokenAlone(w []byte, start, end int, named bool) bool {
	if !named && start > 0 && !afterEscape(w, start) && !afterPercent(w, start) && (zoneByte | plusByte).has(w[start-1]) {
		return false
	}
	return end == len(w) || !isWord(w[end]) && w[end] != '+'
}
