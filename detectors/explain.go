package detectors

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/detectors/internal/pattern"
)

// FindTried is [Set.Find] and tells how many candidates it tried on the way:
// layouts compared, matchers called and patterns matched at a position. What an
// engine does in search of the next position is not in it.
func (s *Set) FindTried(dst []Match, w []byte, from, to int) (found []Match, tried int) {
	q := s.searches.Get().(*search)
	defer s.searches.Put(q)
	dst = q.run(dst, w, from, to)
	return dst, q.tried
}

// Anchored reports whether rule i is tried at some positions only. A pattern
// that says nothing about where it can match is not: the regular expression
// engine searches all of the text for it.
func (s *Set) Anchored(i int) bool {
	p := s.unanchored(i)
	return p == nil || p.way != byEngine
}

// Explain says in a few words where rule i is tried.
func (s *Set) Explain(i int) string {
	r := s.rules[i]
	if p := s.unanchored(i); p != nil {
		return p.explain()
	}
	if len(r.Forms) > 0 {
		var forms []string
		for _, f := range r.Forms {
			forms = append(forms, f.Pattern)
		}
		return "layout " + some(forms, 2)
	}
	at := r.Anchor.explain()
	if len(r.Beside) > 0 {
		at = strings.TrimPrefix(at+", ", ", ") + "beside a keyword runs of " + explainRuns(r.Beside) + "digits"
	}
	return at
}

// unanchored returns what is known of the pattern of rule i, nil if it has
// none or one with an anchor.
func (s *Set) unanchored(i int) *unanchored {
	for _, p := range s.index.patterns.patterns {
		if p.rule == s.rules[i] {
			return p
		}
	}
	return nil
}

func (p *unanchored) explain() string {
	switch p.way {
	case byLiterals:
		return explainLiterals(p.literals)
	case byHead:
		head := p.rule.pattern.Head()
		var classes []string
		for _, class := range head.Bytes {
			classes = append(classes, class.String())
		}
		if len(classes) == 1 {
			return "first byte " + classes[0]
		}
		return "first bytes " + strings.Join(classes, "")
	case byKeywords:
		return fmt.Sprintf("%d bytes around a keyword", max(p.rule.before, p.rule.after)+p.rule.MaxLen)
	}
	return "everywhere"
}

// explainLiterals writes literals, the case they are looked for in, and where
// in a match they stand, which is said once if it is the same for all.
func explainLiterals(literals []pattern.Literal) string {
	var texts, full []string
	same := true
	for _, l := range literals {
		text := fmt.Sprintf("%q", l.Text)
		texts = append(texts, text)
		full = append(full, text+explainPlace(l))
		same = same && explainPlace(l) == explainPlace(literals[0])
	}
	if same {
		return some(texts, 4) + explainPlace(literals[0])
	}
	return some(full, 4)
}

func explainPlace(l pattern.Literal) string {
	s := ""
	if l.Fold {
		s = " in any case"
	}
	switch {
	case l.Hi == 0:
		return s
	case l.Lo == l.Hi:
		return fmt.Sprintf("%s at byte %d", s, l.Lo)
	}
	return fmt.Sprintf("%s at byte %d to %d", s, l.Lo, l.Hi)
}

func (a *Anchor) explain() string {
	var at []string
	for _, l := range a.Literals {
		at = append(at, fmt.Sprintf("%q", l))
	}
	if len(a.Prefixes) > 0 {
		prefixes := slices.Compact(slices.Clone(a.Prefixes))
		at = append(at, "long tokens that begin with "+some(prefixes, 4))
	}
	for _, s := range a.Shapes {
		at = append(at, "shape "+s)
	}
	for _, c := range []byte(a.Bytes) {
		at = append(at, fmt.Sprintf("%q", string(rune(c))))
	}
	if a.Digits {
		at = append(at, "runs of "+explainRuns(a.Runs)+"digits")
	}
	if a.Token {
		at = append(at, "starts of words")
	}
	if a.Base64 > 0 {
		at = append(at, fmt.Sprintf("runs of %d base64 digits", a.Base64))
	}
	return some(at, 4)
}

// explainRuns writes the lengths of runs.
func explainRuns(runs []Run) string {
	var lengths []string
	for _, r := range runs {
		if r.Min == r.Max {
			lengths = append(lengths, fmt.Sprint(r.Min))
		} else {
			lengths = append(lengths, fmt.Sprintf("%d–%d", r.Min, r.Max))
		}
	}
	if len(runs) == 0 {
		return ""
	}
	return strings.Join(lengths, ", ") + " "
}

// some joins the first of list, and says how many more there are.
func some(list []string, most int) string {
	if len(list) <= most+1 {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}
