package detectors

import "github.com/sluice-dlp/sluice/detectors/internal/bitmap"

// The tokens of most services begin with a few letters of their own and go on
// for dozens of random ones. Text has few runs of that length, so they are told
// by one plane, and their beginning by a table.

// longToken is how many bytes such a run has at least.
const longToken = 20

// prefixed is a rule tried at long tokens that begin with prefix.
type prefixed struct {
	prefix string
	rule   []*compiled // one, as tryAll takes it
}

// longTokenAt reports whether a long token starts at w[at].
func longTokenAt(w []byte, at int) bool {
	starts := at == 0 || !zoneByte.has(w[at-1]) || at > 1 && w[at-2] == '\\' || at > 2 && w[at-3] == '%'
	return starts && runEnd(w, at, longToken, zoneByte) == at+longToken
}

// longTokens is the plane of the starts of long tokens, and of some more behind
// escapes.
func (p *planner) longTokens() bitmap.Node {
	zone := p.Class(zoneClass)
	starts := p.AndNot(zone, zone, -1)
	escape := p.Class(escapeClass)
	starts = p.Or(starts, p.And(zone, escape, -len(`\n`)), 0)
	starts = p.Or(starts, p.And(zone, escape, -len("%20")), 0)
	return p.And(starts, p.Run(zone, longToken), 0)
}

// addPrefixes files the rules that have prefixes, and reports whether there
// are any.
func (ix *index) addPrefixes(rules []*compiled) bool {
	some := false
	for _, r := range rules {
		for _, p := range r.Anchor.Prefixes {
			list := &ix.prefixed[prefixKey(p[0], p[1])]
			*list = append(*list, prefixed{p, []*compiled{r}})
			some = true
		}
	}
	return some
}

// tryPrefixed tries the rules with a prefix of the long token at w[at].
func (q *search) tryPrefixed(found *candidates, at int) {
	list := q.set.index.prefixed[prefixKey(q.w[at], q.w[at+1])]
	for i := range list {
		if p := &list[i]; string(q.w[at:min(at+len(p.prefix), len(q.w))]) == p.prefix && longTokenAt(q.w, at) {
			q.tryAll(found, p.rule, at)
		}
	}
}
