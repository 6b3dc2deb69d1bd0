package detectors

import (
	"slices"
	"sort"

	"github.com/sluice-dlp/sluice/detectors/internal/bitmap"
	"github.com/sluice-dlp/sluice/detectors/internal/literal"
)

// Place is a part of a window that has names: a cell under the header of its
// column, a value under the keys on the path to it. Keywords in the names count
// as beside every value that lies within the place.
type Place struct {
	Start, End int
	Names      *Names
}

// Names are the keywords in the names of places. They belong to the set that
// made them.
type Names struct {
	keywords []named     // each once
	keys     []uint64    // a bit for each, as in compiled.keys
	active   activeRules // those that have values beside these keywords only
	inner    *Names      // the same for Set.inner
}

// named is a keyword and how long it is there.
type named struct{ number, length int }

// Names returns what the set makes of names, nil if no keyword is in them. It
// keeps nothing of them.
func (s *Set) Names(names []byte) *Names {
	q := s.searches.Get().(*search)
	defer s.searches.Put(q)
	var ks keywords
	q.w = names
	for at := 0; at < len(names); at += strip {
		end := min(at+strip, len(names))
		if s.index.keywords != nil {
			q.scanKeywords(&ks, at, end, nil)
		}
		if s.far.finder != nil {
			q.scanFar(&ks, at, end)
		}
	}
	q.w = nil
	n := s.newNames(ks.hits)
	if n != nil && s.inner != nil {
		n.inner = s.inner.Names(names)
	}
	return n
}

func (s *Set) newNames(hits []literal.Hit) *Names {
	if len(hits) == 0 {
		return nil
	}
	b := &s.index.beside
	n := &Names{keys: make([]uint64, bitmap.Words(len(b.groupOf))), active: activeRules{rules: b.newSet()}}
	for _, h := range hits {
		n.add(named{h.Pattern, h.End - h.Start})
		if k := b.groupOf[h.Pattern]; k != 0 {
			n.active.add(&b.groups[k-1].activeRules)
		}
	}
	return n
}

func (n *Names) add(k named) {
	if n.keys[k.number/64]>>(k.number%64)&1 == 0 {
		n.keys[k.number/64] |= 1 << (k.number % 64)
		n.keywords = append(n.keywords, k)
	}
}

// And returns the names of a place within another: those of both. Either may
// be nil.
func (n *Names) And(inner *Names) *Names {
	if n == nil || inner == nil {
		if n == nil {
			return inner
		}
		return n
	}
	both := &Names{slices.Clone(n.keywords), slices.Clone(n.keys), activeRules{slices.Clone(n.active.rules), n.active.leads}, n.inner.And(inner.inner)}
	for _, k := range inner.keywords {
		both.add(k)
	}
	both.active.add(&inner.active)
	return both
}

// has reports whether a keyword of r is among n.
func (n *Names) has(r *compiled) bool {
	for i, keys := range n.keys {
		if keys&r.keys[i] != 0 {
			return true
		}
	}
	return false
}

// nearness is that of a value of r in a place with names n: as that of the
// longest of its keywords, as far away as one may be.
func (n *Names) nearness(r *compiled) (best nearness, ok bool) {
	best = nearness{distance: 1 << 30}
	for _, k := range n.keywords {
		if r.keys[k.number/64]>>(k.number%64)&1 == 0 {
			continue
		}
		if near := (nearness{Proximity, k.length, -1}); nearer(near, best) < 0 {
			best, ok = near, true
		}
	}
	return best, ok
}

// FindIn is [Set.Find] in a window of which some parts have names. The places
// are in order and do not overlap; they may reach beyond the window. What is
// around the part searched has to have its places too.
func (s *Set) FindIn(dst []Match, w []byte, from, to int, places []Place) []Match {
	q := s.searches.Get().(*search)
	defer s.searches.Put(q)
	q.places = places
	dst = q.run(dst, w, from, to)
	q.places = nil
	return dst
}

// besidePlaces tries the rules that have values beside keywords only in the
// places with their keywords, at w[at:end].
func (q *search) besidePlaces(at, end int) {
	for _, p := range q.places[placesFrom(q.places, at):] {
		if p.Start >= end {
			return
		}
		from, to := max(p.Start, at), min(p.End, end)
		first, last := q.reach(from, to)
		for k := first; k < last; k++ {
			q.tryBeside(&q.found[foundNamed], &p.Names.active, k, q.within(k, from, to), func(_ *compiled, start, end int) bool { return p.holds(start, end) })
		}
	}
}

// holds reports whether the value w[start:end] lies within p.
func (p Place) holds(start, end int) bool { return p.Start <= start && end <= p.End }

// placesFrom returns the number of the first place that ends behind at.
func placesFrom(places []Place, at int) int {
	return sort.Search(len(places), func(i int) bool { return places[i].End > at })
}

// namesOf returns the names of the place that m lies within, if there is one.
func namesOf(places []Place, start, end int) *Names {
	if i := placesFrom(places, start); i < len(places) && places[i].holds(start, end) {
		return places[i].Names
	}
	return nil
}

// addPlaces notes the starts from from on at which p, which needs keywords, can
// match in the places that have them.
func (q *search) addPlaces(p *unanchored, from int) {
	for _, place := range q.places {
		if s := (stretch{max(from, place.Start-2*p.rule.MaxLen), place.End}); s.from < s.to && place.Names.has(p.rule) {
			q.patterns[p.number].starts = append(q.patterns[p.number].starts, s)
			q.patterns[p.number].unsorted = true
		}
	}
}
