package detectors

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
	"github.com/sluice-dlp/sluice/detectors/internal/pattern"
)

// Match is one value found: rule number (an index for [Set.Rule]), span, and
// how certain it is, in per cent.
type Match struct {
	Rule, Start, End int
	Confidence       int

	// Hidden says that some characters of the value are written in another way
	// than as plain bytes: see [Plain].
	Hidden bool
}

// Options change how a list of rules is compiled.
type Options struct {
	KeepDummies bool // report published example values too

	// MinConfidence is the least with which a match of any rule counts, 1 to
	// 99; what each rule says if 0. Below DefaultConfidence also values count
	// that have a check digit and lack the keyword they need, which costs time.
	MinConfidence int

	// Allow are values that are not reported: see [AllowList].
	Allow []AllowList

	// Kernel names the code that looks at bytes, one of [Kernels]; the best
	// that the processor has if empty. What is found does not depend on it.
	Kernel string

	plain bool // look for nothing amid hidden characters
}

// Set is a compiled list of rules. It is immutable and safe for concurrent
// use.
type Set struct {
	rules  []*compiled
	id     string
	byID   map[string]int
	maxLen int
	maxKey int // longest form of a keyword, in bytes
	keep   bool

	minConfidence int

	allow [][]*allowed // by rule; nil if there are no lists
	far   farKeywords

	// inner searches text with its hidden characters replaced; nil if there are
	// no rules for it, and in itself. Its rules have these numbers here.
	inner   *Set
	numbers []int

	kernel *bitmap.Kernel

	index    *index
	searches sync.Pool // of *search
}

// compiled is a rule with what Compile made of it.
type compiled struct {
	Rule
	layouts      []layout
	shapes       []*bitmap.Shape
	pattern      *pattern.Pattern
	dummies      *stringSet // nil if there are none
	keywordForms []string

	before, after int  // how far keywords may be, see Around
	far           bool // Around is set: its keywords are in Set.far
	drops         bool // whether there are values that are dropped: see isDropped

	own    int      // ownConfidence
	family int      // a number, 0 for none
	number int      // in the set
	keys   []uint64 // a bit for each keyword of the set that is one of its own
	beside *beside  // what is tried near its keywords only; nil if nothing is
}

// Compile checks rules and makes a Set of them. The error names the rule and
// says what is wrong with it.
func Compile(rules []Rule, opts Options) (*Set, error) {
	s := &Set{byID: make(map[string]int), keep: opts.KeepDummies, minConfidence: opts.MinConfidence}
	if opts.MinConfidence < 0 || opts.MinConfidence > 99 {
		return nil, fmt.Errorf("least confidence %d; give 1 to 99, or 0 for what each detector says", opts.MinConfidence)
	}
	families := make(map[string]int)
	var err error
	if s.kernel, err = kernelNamed(opts.Kernel); err != nil {
		return nil, err
	}
	for _, r := range rules {
		c, err := compile(r)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.ID, err)
		}
		if _, dup := s.byID[r.ID]; dup {
			return nil, fmt.Errorf("rule %s: listed twice", r.ID)
		}
		c.number = len(s.rules)
		if r.Family != "" {
			if families[r.Family] == 0 {
				families[r.Family] = len(families) + 1
			}
			c.family = families[r.Family]
		}
		s.byID[r.ID] = c.number
		s.rules = append(s.rules, c)
		s.maxLen = max(s.maxLen, c.MaxLen)
		c.drops = c.dummies != nil && !s.keep || len(c.Ignore) > 0
		if c.far {
			continue
		}
		for _, k := range c.keywordForms {
			s.maxKey = max(s.maxKey, len(k))
		}
	}
	if s.allow, err = allowLists(s.byID, opts.Allow); err != nil {
		return nil, err
	}
	s.id = fingerprint(rules, opts)
	if !opts.plain {
		if s.inner, err = s.newInner(rules, opts); err != nil {
			return nil, err
		}
	}
	s.index = newIndex(s)
	s.far = newFarKeywords(s.kernel.Name, s.rules, s.index)
	s.searches.New = func() any { return newSearch(s) }
	return s, nil
}

func compile(r Rule) (*compiled, error) {
	c := &compiled{Rule: r, own: r.ownConfidence()}
	if len(r.Dummies) > 0 {
		c.dummies = newStringSet(r.Dummies...)
	}
	if err := c.setAround(); err != nil {
		return nil, err
	}
	ways := 0
	if len(r.Forms) > 0 {
		ways++
		for _, f := range r.Forms {
			ls, err := f.layouts(&c.Rule)
			if err != nil {
				return nil, err
			}
			c.layouts = append(c.layouts, ls...)
			for _, l := range ls {
				c.MaxLen = max(c.MaxLen, len(l.classes))
			}
			if f.NeedKeyword && len(r.Keywords) == 0 {
				return nil, fmt.Errorf("form %q needs a keyword and there is none", f.Pattern)
			}
		}
	}
	if r.Match != nil {
		ways++
	}
	if r.Pattern != "" {
		ways++
	}
	switch {
	case r.ID == "":
		return nil, fmt.Errorf("no id")
	case ways != 1:
		return nil, fmt.Errorf("needs exactly one of Forms, Match and Pattern")
	case c.MaxLen <= 0:
		return nil, fmt.Errorf("no maximum length")
	case c.MaxLen > MaxMatch:
		return nil, fmt.Errorf("maximum length %d is above %d", c.MaxLen, MaxMatch)
	case r.Confidence < 0 || r.Confidence > 99 || r.Threshold < 0 || r.Threshold > 99:
		return nil, fmt.Errorf("confidence of %d or threshold of %d per cent; give 0 to 99", r.Confidence, r.Threshold)
	case (r.NeedKeyword || r.Weak != nil) && len(r.Keywords) == 0:
		return nil, fmt.Errorf("needs a keyword and there is none")
	case r.Match != nil && !r.Anchor.any() && len(r.Beside) == 0:
		return nil, fmt.Errorf("no anchor")
	case len(r.Beside) > 0 && (r.Match == nil || len(r.Keywords) == 0):
		return nil, fmt.Errorf("anchors beside keywords, but no Match or no keyword")
	case len(r.Beside) > 0 && (r.Lead < 0 || r.MaxLen+r.Lead > maxBeside):
		return nil, fmt.Errorf("values of %d bytes from %d before an anchor beside a keyword; at most %d together", r.MaxLen, r.Lead, maxBeside)
	case r.Anchor.Base64 < 0 || r.Anchor.Base64 > maxLead:
		return nil, fmt.Errorf("base64 anchor of %d bytes, not 1 to %d", r.Anchor.Base64, maxLead)
	case slices.ContainsFunc(slices.Concat(r.Anchor.Runs, r.Beside), func(r Run) bool { return r.Min < 1 || r.Min > r.Max || r.Max >= maxLead }):
		return nil, fmt.Errorf("an anchor's run of digits is not of 1 to %d", maxLead-1)
	case slices.ContainsFunc(r.Anchor.Prefixes, func(p string) bool { return len(p) < 2 || !allOf([]byte(p), zoneByte) }):
		return nil, errors.New("a prefix of a long token is not of two or more letters, digits, '_', '-' and '.'")
	case slices.Contains(r.Anchor.Literals, ""):
		return nil, fmt.Errorf("empty literal in the anchor")
	case slices.Contains(r.Ignore, ""):
		return nil, fmt.Errorf("empty word to ignore")
	case !ascending(r.Levels):
		return nil, fmt.Errorf("severity levels that do not ascend from 1 or more occurrences")
	case slices.ContainsFunc(r.Keywords, func(k string) bool { return strings.TrimSpace(k) == "" }):
		return nil, fmt.Errorf("empty keyword")
	}
	for _, k := range r.Keywords {
		for _, f := range keywordForms(k) {
			if len(f) > maxKeyword && !c.far {
				return nil, fmt.Errorf("keyword %q is longer than %d bytes", k, maxKeyword)
			}
			c.keywordForms = append(c.keywordForms, f)
		}
	}
	for _, expr := range r.Anchor.Shapes {
		shape, err := bitmap.ParseShape(expr)
		if err != nil {
			return nil, err
		}
		c.shapes = append(c.shapes, shape)
	}
	if r.Pattern != "" {
		var err error
		if c.pattern, err = pattern.Compile(r.Pattern); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// fingerprint is the identity of what a set finds: the data of its rules
// and the version of their code, which is counted by hand.
func fingerprint(rules []Rule, opts Options) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %v %d\n", codeVersion, opts.KeepDummies, opts.MinConfidence)
	enc := json.NewEncoder(h)
	for _, r := range rules {
		enc.Encode([]any{r.ID, r.Severity, r.Forms, r.Anchor, r.Beside, r.Lead, r.Pattern, r.MaxLen, r.Keywords, r.NeedKeyword, r.Priority, r.Dummies, r.Confidence, r.Threshold, r.Family, r.Levels, r.Around, r.Ignore, r.Apart, r.Variant})
	}
	for _, l := range opts.Allow {
		enc.Encode([]any{l.Values, l.Pattern, l.Rules})
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// codeVersion is raised whenever a Match or Valid function, or the matching
// itself, changes what is found.
const codeVersion = 6

// ID identifies what the set finds; it changes when a rule does.
func (s *Set) ID() string { return s.id }

// Len is the number of rules.
func (s *Set) Len() int { return len(s.rules) }

// Rule returns rule number i, 0 ≤ i < Len.
func (s *Set) Rule(i int) *Rule { return &s.rules[i].Rule }

// Lookup returns the number of the rule with this id.
func (s *Set) Lookup(id string) (int, bool) {
	i, ok := s.byID[id]
	return i, ok
}

// Margin is how many bytes of the data [Set.Find] must be shown on each side
// of the part it searches.
func (s *Set) Margin() int {
	// A match is dropped for one that contains it, which starts at most maxLen
	// before it and ends at most maxLen after its start. The anchor of either
	// lies at most Reach outside it, and the matcher looks maxLen+Reach from
	// there. Keywords lie in Proximity of either and have a neighbour.
	return max(2*s.longest()+max(2*Reach, Proximity+s.maxKey+keywordReach, s.far.reach+keywordReach), s.hiddenAround())
}

// longest is how many bytes a match may have.
func (s *Set) longest() int {
	if s.inner != nil {
		return max(s.maxLen, hiddenSpan)
	}
	return s.maxLen
}

// Valid reports whether the whole of value is well formed for rule i: in
// one of its forms and with the right check digits. Keywords are not asked
// for, dummies are values.
func (s *Set) Valid(i int, value []byte) bool {
	r := s.rules[i]
	if r.Whole != nil {
		return r.Whole(value)
	}
	for _, m := range r.find(nil, value, true) {
		if m.Start == 0 && m.End == len(value) {
			return true
		}
	}
	return false
}

// Compact is the form of a value in which two writings of one value are
// equal: with Forms or Joined its letters and digits, letters in upper case; otherwise
// the value itself, appended to dst.
func (r *Rule) Compact(dst, value []byte) []byte {
	if len(r.Forms) > 0 || r.Joined {
		return compact(dst, value)
	}
	return append(dst, value...)
}
