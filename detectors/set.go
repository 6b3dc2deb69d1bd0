package detectors

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Match is one value found: rule number (an index for [Set.Rule]) and span.
type Match struct {
	Rule, Start, End int
}

// Options change how a list of rules is compiled.
type Options struct {
	KeepDummies bool // report published example values too
}

// Set is a compiled list of rules. It is immutable and safe for concurrent
// use.
type Set struct {
	rules  []*compiled
	id     string
	byID   map[string]int
	maxLen int
	maxKey int // longest keyword, in bytes as written
	keep   bool
}

// compiled is a rule with what Compile made of it.
type compiled struct {
	Rule
	layouts []layout
	dummies map[string]bool
}

// Compile checks rules and makes a Set of them. The error names the rule and
// says what is wrong with it.
func Compile(rules []Rule, opts Options) (*Set, error) {
	s := &Set{byID: make(map[string]int), keep: opts.KeepDummies}
	for _, r := range rules {
		c, err := compile(r)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.ID, err)
		}
		if _, dup := s.byID[r.ID]; dup {
			return nil, fmt.Errorf("rule %s: listed twice", r.ID)
		}
		s.byID[r.ID] = len(s.rules)
		s.rules = append(s.rules, c)
		s.maxLen = max(s.maxLen, c.MaxLen)
		for _, k := range c.Keywords {
			s.maxKey = max(s.maxKey, len(k))
		}
	}
	s.id = fingerprint(rules, opts)
	return s, nil
}

func compile(r Rule) (*compiled, error) {
	c := &compiled{Rule: r, dummies: make(map[string]bool, len(r.Dummies))}
	ways := 0
	if len(r.Forms) > 0 {
		ways++
		for _, f := range r.Forms {
			ls, err := f.layouts()
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
	case r.NeedKeyword && len(r.Keywords) == 0:
		return nil, fmt.Errorf("needs a keyword and there is none")
	case r.Match != nil && !r.Anchor.Digits && !r.Anchor.Token && r.Anchor.Bytes == "" && len(r.Anchor.Literals) == 0:
		return nil, fmt.Errorf("no anchor")
	}
	for _, d := range r.Dummies {
		c.dummies[d] = true
	}
	return c, nil
}

// fingerprint is the identity of what a set finds: the data of its rules
// and the version of their code, which is counted by hand.
func fingerprint(rules []Rule, opts Options) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %v\n", codeVersion, opts.KeepDummies)
	enc := json.NewEncoder(h)
	for _, r := range rules {
		enc.Encode([]any{r.ID, r.Severity, r.Forms, r.Anchor, r.Pattern, r.MaxLen, r.Keywords, r.NeedKeyword, r.Priority, r.Dummies})
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// codeVersion is raised whenever a Match or Valid function, or the matching
// itself, changes what is found.
const codeVersion = 1

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
	// A match of ours is dropped for one that contains it, which starts at most
	// maxLen before it and ends at most maxLen after; a matcher looks Reach
	// further, a keyword lies in Proximity and has a neighbour.
	return 2*s.maxLen + max(Reach, Proximity+s.maxKey+1)
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
// equal: with Forms its letters and digits, letters in upper case; otherwise
// the value itself, appended to dst.
func (r *Rule) Compact(dst, value []byte) []byte {
	if len(r.Forms) > 0 {
		return compact(dst, value)
	}
	return append(dst, value...)
}

// resolve sorts the matches in ms by start, end and rule, takes out doubles,
// and drops each that lies within the span of one of higher priority.
// Containment and priority are both transitive, so the outcome does not depend
// on the order of dropping.
func (s *Set) resolve(ms []Match) []Match {
	slices.SortFunc(ms, func(a, b Match) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		if a.End != b.End {
			return a.End - b.End
		}
		return a.Rule - b.Rule
	})
	ms = slices.Compact(ms)
	kept := ms[:0:0]
	for i, m := range ms {
		if !s.covered(ms, i) {
			kept = append(kept, m)
		}
	}
	return append(ms[:0], kept...)
}

// covered reports whether a match of higher priority contains ms[i].
func (s *Set) covered(ms []Match, i int) bool {
	m := ms[i]
	p := s.rules[m.Rule].Priority
	for j := i - 1; j >= 0 && ms[j].Start+s.maxLen >= m.End; j-- {
		if ms[j].End >= m.End && s.rules[ms[j].Rule].Priority > p {
			return true
		}
	}
	for j := i + 1; j < len(ms) && ms[j].Start == m.Start; j++ {
		if s.rules[ms[j].Rule].Priority > p {
			return true
		}
	}
	return false
}

// Select returns the rules whose ids are named, in the order of rules. Each
// name is an id, a category, "all", or one of these behind '-' to take it out
// again. The error names what is unknown and the nearest id.
func Select(rules []Rule, names []string) ([]Rule, error) {
	on := make(map[string]bool)
	for k, name := range names {
		n, off := strings.CutPrefix(name, "-")
		if k == 0 && off {
			for _, r := range rules {
				on[r.ID] = true
			}
		}
		known := false
		for _, r := range rules {
			if strings.EqualFold(n, r.ID) || strings.EqualFold(n, string(r.Category)) || strings.EqualFold(n, "all") {
				on[r.ID] = !off
				known = true
			}
		}
		if !known {
			return nil, fmt.Errorf("no detector or category %q; the nearest is %s", n, nearest(rules, n))
		}
	}
	var out []Rule
	for _, r := range rules {
		if on[r.ID] {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no detector is selected")
	}
	return out, nil
}

// nearest returns the rule id with the smallest edit distance to name.
func nearest(rules []Rule, name string) string {
	best, dist := "", 1<<30
	for _, r := range rules {
		if d := distance(strings.ToUpper(name), r.ID); d < dist {
			best, dist = r.ID, d
		}
	}
	return best
}

// distance is the Levenshtein distance of a and b, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diag
			if a[i] != b[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j]+1, diag+1)
		}
	}
	return row[len(b)]
}
