package detectors

import (
	"fmt"
	"math/bits"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
	"github.com/sluice-dlp/sluice/detectors/internal/literal"
)

// Most rules have values, or have nothing but values, that count only beside
// a keyword: numbers of nine digits, dates. Such values are everywhere and their
// keywords are not, so the keywords come first: see search.besides.

// besides says which rules are tried beside which keywords, and at what.
type besides struct {
	rules   []*compiled // that have values beside keywords only
	groups  []*keyGroup // sets of them that keywords have
	groupOf []int32     // by number of the keyword, one more than that of its group; 0 if it has none

	// Layouts of such values by the token they start with, as in index.lead.
	lead      [kinds][maxLead + 1][]besideShapes
	followers [256]uint8

	runs [maxLead + 1][10]ruleSet // rules with Beside, by length of the runs of digits and their first
}

// ruleSet is a set of the rules of besides, by compiled.beside.number.
type ruleSet []uint64

func (s ruleSet) has(n int) bool { return s[n/64]>>(n%64)&1 != 0 }

func (s ruleSet) put(n int) { s[n/64] |= 1 << (n % 64) }

func (s ruleSet) add(t ruleSet) {
	for i, x := range t {
		s[i] |= x
	}
}

// keyGroup is the rules that some keywords have in common, and how far before
// such a keyword, and behind it, anchors of their values may stand.
type keyGroup struct {
	activeRules
	before, after int
}

// leads say at what some rules are tried, by bit n%64 for n bytes: most tokens and runs
// of digits are refused by these.
type leads struct {
	tokens [kinds]uint64
	runs   uint64
	first  uint64 // all ones if a layout does not start with a digit
}

func (l *leads) add(m *leads) {
	for kind := range l.tokens {
		l.tokens[kind] |= m.tokens[kind]
	}
	l.runs |= m.runs
	l.first |= m.first
}

// leadsOf are the leads of one rule.
func (b *beside) leadsOf() (l leads) {
	for i := range b.shapes {
		s := &b.shapes[i]
		if s.digits&1 == 0 {
			l.first = ^uint64(0)
		}
		for kind := range kinds {
			if s.canStart(kind, s.lead()) {
				l.tokens[kind] |= 1 << (s.lead() % 64)
			}
		}
	}
	for n := range b.ofLen {
		if b.ofLen[n] != nil {
			l.runs |= 1 << (n % 64)
		}
	}
	return l
}

// besideShapes are the layouts for one token and what follows it: of each rule of
// a set, in order.
type besideShapes struct {
	rules ruleSet
	lists [][]shape
}

// beside is what of a rule is tried near its keywords only.
type beside struct {
	number int
	shapes []shape                     // layouts that start with a letter or digit and have a digit
	ofLen  [maxLead + 1]*[10]runsOfLen // anchors of Match, by length and first digit; nil if there are none
}

// runsOfLen says what may follow a run of digits of one length with one first
// digit.
type runsOfLen struct {
	any  bool
	next [4]uint64 // a set of bytes
}

// maxBeside is the longest value that is looked for beside keywords only, with
// Lead.
const maxBeside = 64

// outerBytes is how many bytes such a value has at each end among which there
// is a digit. Keywords farther from all digits than that allows are not looked
// for.
const outerBytes = 17

// hasOuterDigits reports whether value has digits so near to its ends.
func hasOuterDigits(value []byte) bool {
	n := min(len(value), outerBytes)
	return hasDigit(value[:n]) && hasDigit(value[len(value)-n:])
}

// isBeside reports whether s is a layout of such values. A layout of letters is
// not: keywords are looked for where there are digits. Nor is one whose keywords
// may stand farther away.
func (s *shape) isBeside() bool {
	return s.needsKey && !s.bare && !s.rule.far && s.hasOuterDigits() && s.lead() > 0 && s.size <= maxBeside
}

// hasOuterDigits reports whether all values of s have digits near to their ends.
func (s *shape) hasOuterDigits() bool {
	if s.digits == 0 { // one among what may be either
		return s.either != 0 && s.size <= outerBytes
	}
	return bits.TrailingZeros64(s.digits) < outerBytes && s.size-bits.Len64(s.digits) < outerBytes
}

// addBeside adds s to what is tried beside keywords, if it belongs there.
func (r *compiled) addBeside(s shape) bool {
	if !s.isBeside() {
		return false
	}
	b := r.besides()
	b.shapes = append(b.shapes, s)
	return true
}

func (r *compiled) addBesideRun(run Run) {
	b := r.besides()
	for n := run.Min; n <= run.Max; n++ {
		if b.ofLen[n] == nil {
			b.ofLen[n] = new([10]runsOfLen)
		}
		for digit := range b.ofLen[n] {
			if run.begins(byte('0' + digit)) {
				b.ofLen[n][digit].add(run)
			}
		}
	}
}

func (of *runsOfLen) add(run Run) {
	of.any = of.any || run.Next == ""
	for _, c := range []byte(run.Next) {
		of.next[c/64] |= 1 << (c % 64)
	}
}

// has reports whether such a run that ends at w[:end] is an anchor.
func (of *runsOfLen) has(w []byte, end int) bool {
	if of.any || end == len(w) {
		return of.any
	}
	c := w[end]
	return of.next[c/64]>>(c%64)&1 != 0
}

func (r *compiled) besides() *beside {
	if r.beside == nil {
		r.beside = new(beside)
	}
	return r.beside
}

// newBesides makes the index of the rules that have values beside keywords, which
// have the numbers given.
func newBesides(rules []*compiled, number map[string]int) besides {
	b := besides{groupOf: make([]int32, len(number))}
	for _, r := range rules {
		if r.beside != nil {
			r.beside.number = len(b.rules)
			b.rules = append(b.rules, r)
		}
	}
	b.addGroups(number)
	b.addShapes()
	for n := range b.runs {
		for digit := range b.runs[n] {
			b.runs[n][digit] = b.newSet()
			for _, r := range b.rules {
				if of := r.beside.ofLen[n]; of != nil && of[digit] != (runsOfLen{}) {
					b.runs[n][digit].put(r.beside.number)
				}
			}
		}
	}
	return b
}

func (b *besides) newSet() ruleSet { return make(ruleSet, bitmap.Words(len(b.rules))) }

// addGroups makes the groups, and says which keyword has which.
func (b *besides) addGroups(number map[string]int) {
	sets := make([]ruleSet, len(number))
	for _, r := range b.rules {
		for _, f := range r.keywordForms {
			k := number[f]
			if sets[k] == nil {
				sets[k] = b.newSet()
			}
			sets[k].put(r.beside.number)
		}
	}
	known := make(map[string]int32)
	for k, set := range sets {
		if set == nil {
			continue
		}
		name := fmt.Sprint(set)
		if known[name] == 0 {
			g := &keyGroup{activeRules: activeRules{rules: set}}
			for _, r := range b.rules {
				if set.has(r.beside.number) {
					g.before = max(g.before, Proximity+r.MaxLen+r.Lead)
					g.after = max(g.after, Proximity+r.Lead+1)
					l := r.beside.leadsOf()
					g.leads.add(&l)
				}
			}
			b.groups = append(b.groups, g)
			known[name] = int32(len(b.groups))
		}
		b.groupOf[k] = known[name]
	}
}

// addShapes files the layouts.
func (b *besides) addShapes() {
	classes := 1
	for _, r := range b.rules {
		for i := range r.beside.shapes {
			if s := &r.beside.shapes[i]; s.lead() < s.size {
				if f := s.literalAt(s.lead()); b.followers[f] == 0 {
					b.followers[f] = uint8(classes)
					classes++
				}
			}
		}
	}
	for kind := range kinds {
		for n := range b.lead[kind] {
			b.lead[kind][n] = b.filed(kind, n, classes)
		}
	}
}

// filed returns the layouts that may start with a token, by class of what follows
// it, nil if there are none.
func (b *besides) filed(kind, n, classes int) []besideShapes {
	var filed []besideShapes
	for _, r := range b.rules {
		for _, s := range r.beside.shapes {
			if s.lead() != n || !s.canStart(kind, n) {
				continue
			}
			if filed == nil {
				filed = make([]besideShapes, classes)
			}
			for class := range filed {
				if n == s.size || class != 0 && int(b.followers[s.literalAt(n)]) == class {
					filed[class].add(b, s)
				}
			}
		}
	}
	return filed
}

// add adds a layout, those of one rule after those of another.
func (of *besideShapes) add(b *besides, s shape) {
	number := s.rule.beside.number
	if of.rules == nil {
		of.rules = b.newSet()
	}
	if !of.rules.has(number) {
		of.rules.put(number)
		of.lists = append(of.lists, nil)
	}
	last := &of.lists[len(of.lists)-1]
	*last = append(*last, s)
}

// nearKeyword is a keyword of the text with the rules that are tried beside it at
// w[from:to].
type nearKeyword struct {
	start, end, from, to int
	*keyGroup
}

// besides tries the rules that have values beside the keywords in hits only.
// Hits come in the order of their starts. Each rule is tried once at a position, however
// many of its keywords are near: blocks of text are gone over once, with the rules of all
// keywords around.
func (q *search) besides(hits []literal.Hit) {
	b := &q.set.index.beside
	q.near = q.near[:0]
	for _, h := range hits {
		if k := b.groupOf[h.Pattern]; k != 0 {
			g := b.groups[k-1]
			q.near = append(q.near, nearKeyword{h.Start, h.End, max(0, h.Start-g.before), min(h.End+g.after, q.limit), g})
		}
	}
	for near := q.near; len(near) > 0; {
		from, to, n := near[0].from, near[0].to, 1
		for n < len(near) && near[n].from <= to {
			from, to = min(from, near[n].from), max(to, near[n].to)
			n++
		}
		q.besideKeywords(near[:n], from, to)
		near = near[n:]
	}
}

// besideKeywords tries the rules of some keywords in w[from:to], which is what
// is around them.
func (q *search) besideKeywords(near []nearKeyword, from, to int) {
	first, last := q.reach(from, to)
	for k := first; k < last; k++ {
		start, end := q.base+k*bitmap.Block, q.base+(k+1)*bitmap.Block
		for len(near) > 0 && near[0].to <= start {
			near = near[1:]
		}
		var active *activeRules
		low, high := end, start
		for i := range near {
			n := &near[i]
			if n.start-Proximity-maxBeside >= end {
				break
			}
			if n.from >= end || n.to <= start {
				continue
			}
			low, high = min(low, n.from), max(high, n.to)
			switch active {
			case nil:
				active = &n.activeRules
			case &q.active:
				active.add(&n.activeRules)
			default:
				q.active.set(active)
				q.active.add(&n.activeRules)
				active = &q.active
			}
		}
		if active == nil {
			continue
		}
		q.tryBeside(&q.found[foundBeside], active, k, q.within(k, low, high), func(r *compiled, start, end int) bool {
			for i := range near {
				n := &near[i]
				if n.start > end+Proximity {
					break
				}
				if n.rules.has(r.beside.number) && isNear(n.start, n.end, start, end) {
					return true
				}
			}
			return false
		})
	}
}

// activeRules are the rules of some groups.
type activeRules struct {
	rules ruleSet
	leads
}

func (a *activeRules) set(b *activeRules) {
	copy(a.rules, b.rules)
	a.leads = b.leads
}

func (a *activeRules) add(b *activeRules) {
	a.rules.add(b.rules)
	a.leads.add(&b.leads)
}

// tryBeside tries rules at the tokens and runs of digits that start in word k at
// bits of mask. A value counts if it is near a keyword of its rule.
func (q *search) tryBeside(found *candidates, active *activeRules, k int, mask uint64, near func(r *compiled, start, end int) bool) {
	b := &q.set.index.beside
	digit, nextDigit, letter, nextLetter := q.digit[k], q.digit[k+1], q.letter[k], q.letter[k+1]
	for tokens := q.tokens[k] & mask & (digit | active.first); tokens != 0; tokens &= tokens - 1 {
		i := bits.TrailingZeros64(tokens)
		digits, letters := joined64(digit, nextDigit, i), joined64(letter, nextLetter, i)
		kind, n := leadToken(digits, letters)
		if active.tokens[kind]>>(n%64)&1 == 0 || digits&(1<<outerBytes-1) == 0 {
			continue
		}
		at, follower := q.base+k*bitmap.Block+i, 0
		if at+n < len(q.w) {
			follower = int(b.followers[q.w[at+n]])
		}
		of := &b.lead[kind][n][follower]
		before := 0 // lists of rules in the words before
		for j, set := range of.rules {
			for some := set & active.rules[j]; some != 0; some &= some - 1 {
				list := of.lists[before+bits.OnesCount64(set&(some&-some-1))]
				q.besideShapes(found, list, at, digits, letters, near)
			}
			before += bits.OnesCount64(set)
		}
	}
	if active.runs == 0 {
		return
	}
	for starts := q.digits[k] & mask; starts != 0; starts &= starts - 1 {
		i := bits.TrailingZeros64(starts)
		n := bits.TrailingZeros64(^joined64(digit, nextDigit, i))
		if active.runs>>(n%64)&1 == 0 {
			continue
		}
		at := q.base + k*bitmap.Block + i
		first := q.w[at] - '0'
		for j, set := range b.runs[n][first] {
			for some := set & active.rules[j]; some != 0; some &= some - 1 {
				r := b.rules[j*64+bits.TrailingZeros64(some)]
				if !r.beside.ofLen[n][first].has(q.w, at+n) {
					continue
				}
				q.tried++
				if start, end, ok := r.measureBeside(q.w, at); ok && near(r, start, end) {
					q.add(found, r, start, end, keyNear)
				}
			}
		}
	}
}

// besideShapes tries layouts of one rule at a token.
func (q *search) besideShapes(found *candidates, list []shape, at int, digits, letters uint64, near func(r *compiled, start, end int) bool) {
	for i := range list {
		q.tried++
		if s := &list[i]; s.fits(digits, letters) && near(s.rule, at, at+s.size) && q.hasShape(s, at, digits, letters) {
			q.add(found, s.rule, at, at+s.size, keyNear)
		}
	}
}
