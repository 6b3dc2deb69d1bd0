package detectors

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
	"github.com/sluice-dlp/sluice/detectors/internal/literal"
)

// MaxAround is the farthest that a rule may look for keywords, in bytes.
const MaxAround = 300

// Around says where the keywords of a rule stand: at most so many bytes before
// and after the value, 1 to [MaxAround], or not at all on a side of 0. With
// Whole, the value counts too: from the end of a keyword before it to the end
// of the value, and from the start of the value to the start of a keyword after
// it. The zero value means Proximity on both sides.
type Around struct {
	Before, After int
	Whole         bool
}

// String says it in a few words: "within 30 bytes".
func (a Around) String() string {
	if a == (Around{}) {
		return fmt.Sprintf("within %d bytes", Proximity)
	}
	var sides []string
	if a.Before > 0 {
		sides = append(sides, fmt.Sprintf("%d bytes before", a.Before))
	}
	if a.After > 0 {
		sides = append(sides, fmt.Sprintf("%d bytes after", a.After))
	}
	s := "up to " + strings.Join(sides, " or ")
	if a.Whole {
		s += ", the value counted"
	}
	return s
}

// setAround checks Around and fills in what follows from it.
func (r *compiled) setAround() error {
	a := r.Around
	r.before, r.after = a.Before, a.After
	switch {
	case a == Around{}:
		r.before, r.after = Proximity, Proximity
		return nil
	case a.Before < 0 || a.After < 0 || max(a.Before, a.After) == 0 || max(a.Before, a.After) > MaxAround:
		return fmt.Errorf("keywords %d bytes before or %d after; give 1 to %d", a.Before, a.After, MaxAround)
	case len(r.Keywords) == 0:
		return fmt.Errorf("says where keywords stand and has none")
	case len(r.Beside) > 0 || r.Family != "":
		return fmt.Errorf("keywords elsewhere than within %d bytes, and Beside or a family", Proximity)
	}
	r.far = true
	return nil
}

// isAround reports whether a keyword at [start,end) is on a side of the value
// at [from,to) that counts, and near enough.
func (r *compiled) isAround(start, end, from, to int) bool {
	size := 0
	if r.Around.Whole {
		size = to - from
	}
	before := r.before > 0 && end <= from && from-end+size <= r.before
	after := r.after > 0 && to <= start && start-to+size <= r.after
	return before || after
}

// ignores reports whether value has a word of Ignore.
func (r *compiled) ignores(value []byte) bool {
	for _, word := range r.Ignore {
		if bytes.Contains(value, []byte(word)) {
			return true
		}
	}
	return false
}

// farKeywords are the keywords of the rules with Around. They have a finder of
// their own, so that other rules do not pay for them: it goes over what is
// around values that need a keyword, and over nothing else.
type farKeywords struct {
	finder  *literal.Finder // nil if there are none
	first   int             // number of the first form, behind those of the index
	longest int             // form, in bytes
	before  int             // farthest of all rules
	reach   int             // how far from a value a keyword may begin or end
}

func newFarKeywords(kernel string, rules []*compiled, ix *index) farKeywords {
	far := farKeywords{first: len(ix.beside.groupOf)}
	var forms []string
	number := make(map[string]int)
	for _, r := range rules {
		if !r.far {
			continue
		}
		far.before = max(far.before, r.before)
		for _, f := range r.keywordForms {
			far.longest = max(far.longest, len(f))
			far.reach = max(far.reach, max(r.before, r.after)+len(f))
			if _, known := number[f]; !known {
				number[f] = far.first + len(forms)
				forms = append(forms, f)
			}
		}
	}
	if len(forms) == 0 {
		return far
	}
	// No rule has values beside these keywords only; the table of those that
	// have is as long as there are keywords.
	ix.beside.groupOf = append(ix.beside.groupOf, make([]int32, len(forms))...)
	for _, r := range rules {
		keys := make([]uint64, bitmap.Words(len(ix.beside.groupOf)))
		copy(keys, r.keys)
		r.keys = keys
		if !r.far {
			continue
		}
		for _, f := range r.keywordForms {
			k := number[f]
			r.keys[k/64] |= 1 << (k % 64)
		}
	}
	far.finder = literal.NewFinderFor(kernel, forms, true)
	return far
}

// hasFarKeyword is hasKeyword for a rule with Around. It is asked in the order
// of starts.
func (q *search) hasFarKeyword(r *compiled, m Match) bool {
	longest := q.set.far.longest
	low, high := m.Start-r.before-longest, min(len(q.w), m.End+r.after+1)
	q.askFar(m, high)
	hits := q.far.hits
	first := sort.Search(len(hits), func(i int) bool { return hits[i].Start >= low })
	for _, h := range hits[first:] {
		q.looked++
		if h.Start >= high {
			break
		}
		if r.keys[h.Pattern/64]>>(h.Pattern%64)&1 != 0 && r.isAround(h.Start, h.End, m.Start, m.End) {
			return true
		}
	}
	return false
}

// askFar makes sure that the keywords that start near m and before w[to] are
// in q.far. It goes over each byte at most once.
func (q *search) askFar(m Match, to int) {
	ks, far := &q.far, &q.set.far
	from := max(0, ks.scanned, m.Start-far.before-far.longest)
	for from < to {
		end := min(from+strip, to)
		q.looked += end - from
		q.scanFar(ks, from, end)
		from = end
	}
}

// scanFar is scanKeywords for the keywords of rules with Around.
func (q *search) scanFar(ks *keywords, from, to int) {
	far := &q.set.far
	old := len(ks.hits)
	ks.hits = far.finder.Find(ks.hits, q.w, from, to, 0, nil, q.scratch)
	kept := ks.hits[:old]
	for _, h := range ks.hits[old:] {
		if keywordBounded(q.w, h.Start, h.End) {
			h.Pattern += far.first
			kept = append(kept, h)
		}
	}
	ks.hits, ks.scanned = kept, to
}
