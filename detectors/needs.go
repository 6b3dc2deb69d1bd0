package detectors

import (
	"cmp"
	"slices"

	"github.com/sluice-dlp/sluice/detectors/internal/literal"
	"github.com/sluice-dlp/sluice/detectors/internal/pattern"
)

// need is a literal around which a pattern has its starts.
type need struct {
	*unanchored
	pattern.Literal
}

// keywordNeeds returns the keywords of r as literals around which its matches
// start: the value lies within MaxLen of the start and has a keyword near
// it. Starts up to MaxLen before that can have a match that overlaps.
func (r *compiled) keywordNeeds() []pattern.Literal {
	var all pattern.Class
	for i := range all {
		all[i] = ^uint64(0)
	}
	var needs []pattern.Literal
	for _, form := range r.keywordForms {
		needs = append(needs, pattern.Literal{Text: form, Fold: true, Lo: -len(form) - r.before, Hi: r.after + 2*r.MaxLen, Lead: all})
	}
	return needs
}

// addLiterals compiles the literals of all patterns into one matcher.
func (a *anywhere) addLiterals() {
	var texts []string
	number := make(map[string]int)
	for _, p := range a.patterns {
		for _, l := range p.literals {
			if p.way == byKeywords {
				a.around = max(a.around, len(l.Text)+max(p.rule.before, p.rule.after))
			}
			text := lowerASCII(l.Text)
			k, known := number[text]
			if !known {
				k = len(texts)
				number[text] = k
				texts = append(texts, text)
				a.needs = append(a.needs, nil)
			}
			a.needs[k] = append(a.needs[k], need{p, l})
		}
	}
	if len(texts) > 0 {
		a.literals = literal.New(texts, true)
	}
}

// walkNeeds tries patterns at the starts that their literals allow, from from
// on and before the end of the part.
func (q *search) walkNeeds(a *anywhere, from int) {
	if a.literals == nil {
		return
	}
	var state literal.State
	end := min(len(q.w), q.to+a.maxLen+a.around)
	for at := max(0, from-a.around); at < end; at += strip {
		q.literals, state = a.literals.Scan(q.literals[:0], state, q.w[at:min(end, at+strip)], at)
		for _, h := range q.literals {
			for i := range a.needs[h.Pattern] {
				q.addStarts(&a.needs[h.Pattern][i], h, from)
			}
		}
	}
	for _, p := range a.patterns {
		g := &q.patterns[p.number]
		if p.way == byKeywords {
			q.addPlaces(p, from)
		}
		if g.unsorted {
			slices.SortFunc(g.starts, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
		}
		next := from
		for _, s := range g.starts {
			q.tryStarts(p, stretch{max(s.from, next), min(s.to, q.to)})
			next = max(next, s.to)
		}
	}
}

// addStarts notes the starts from from on that n allows where h stands.
func (q *search) addStarts(n *need, h literal.Hit, from int) {
	if !n.Fold && string(q.w[h.Start:h.End]) != n.Text {
		return
	}
	g := &q.patterns[n.number]
	s := stretch{max(from, h.Start-n.Hi), h.Start - n.Lo + 1}
	if n.Hi > 0 && n.way == byLiterals {
		s.from = max(s.from, q.leadFrom(n.unanchored, h.Start))
	}
	if s.from >= s.to {
		return
	}
	if k := len(g.starts); k > 0 {
		last := &g.starts[k-1]
		if last.from <= s.from && s.from <= last.to {
			last.to = max(last.to, s.to)
			return
		}
		g.unsorted = g.unsorted || s.from < last.from
	}
	g.starts = append(g.starts, s)
}

// leadFrom returns the first position from which on all bytes up to at may
// come before a literal of p, or one too far away to matter. It is asked for
// nearly ascending at and goes over few bytes twice.
func (q *search) leadFrom(p *unanchored, at int) int {
	seen := &q.patterns[p.number].lead
	from := at
	for from > max(0, at-p.reach) {
		q.passed++
		if seen.from < from && from <= seen.to {
			from = seen.from
			continue
		}
		if !p.lead.Has(q.w[from-1]) {
			break
		}
		from--
	}
	if at > seen.to {
		*seen = stretch{from, at}
	}
	return from
}
