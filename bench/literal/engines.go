package main

import (
	bobusumisu "github.com/BobuSumisu/aho-corasick"
	"github.com/cloudflare/ahocorasick"
	petar "github.com/petar-dambovaliev/aho-corasick"

	"github.com/sluice-dlp/sluice/detectors/internal/literal"
)

// input is a text as engines want it. To make the others of the text is not
// part of what is measured.
type input struct {
	text  []byte
	lower []byte   // for engines that cannot fold
	where []uint64 // bitmap of the places at which strings count; nil for all
}

// counts reports whether a string counts that starts at a place.
func (in input) counts(at int) bool {
	return in.where == nil || in.where[at/64]>>(at%64)&1 != 0
}

// engine is one way to search. find returns how many strings it finds.
type engine struct {
	name     string
	find     func(in input) int
	expected func(t task, in input) int
}

func engines(t task) []engine {
	var es []engine
	for _, k := range literal.Kernels() {
		es = append(es, engine{"sluice Finder, " + k, finder(k, t), occurrences})
	}
	return append(es,
		engine{"sluice Matcher", matcher(t), occurrences},
		engine{"BobuSumisu/aho-corasick", bobuSumisu(t), occurrences},
		engine{"petar-dambovaliev/aho-corasick", petarDambovaliev(t), occurrences},
		engine{"cloudflare/ahocorasick", cloudflare(t), distinct},
	)
}

func finder(kernel string, t task) func(input) int {
	f := literal.NewFinderFor(kernel, t.strings, t.fold)
	var hits []literal.Hit
	var scratch []uint64
	return func(in input) int {
		if len(scratch) == 0 {
			scratch = make([]uint64, len(in.text)/64+16)
		}
		hits = f.Find(hits[:0], in.text, 0, len(in.text), 0, in.where, scratch)
		return len(hits)
	}
}

func matcher(t task) func(input) int {
	m := literal.New(t.strings, t.fold)
	var hits []literal.Hit
	return func(in input) int {
		hits, _ = m.Scan(hits[:0], 0, in.text, 0)
		n := 0
		for _, h := range hits {
			if in.counts(h.Start) {
				n++
			}
		}
		return n
	}
}

func bobuSumisu(t task) func(input) int {
	trie := bobusumisu.NewTrieBuilder().AddStrings(lowerIf(t.fold, t.strings)).Build()
	return func(in input) int {
		n := 0
		trie.Walk(in.folded(t.fold), func(end, size, _ int64) bool {
			if in.counts(int(end - size + 1)) {
				n++
			}
			return true
		})
		return n
	}
}

func petarDambovaliev(t task) func(input) int {
	b := petar.NewAhoCorasickBuilder(petar.Opts{AsciiCaseInsensitive: t.fold, MatchKind: petar.StandardMatch, DFA: true})
	a := b.Build(t.strings)
	return func(in input) int {
		n := 0
		for it := a.IterOverlappingByte(in.text); ; {
			m := it.Next()
			if m == nil {
				return n
			}
			if in.counts(m.Start()) {
				n++
			}
		}
	}
}

// cloudflare says which strings are in a text, and not where.
func cloudflare(t task) func(input) int {
	m := ahocorasick.NewStringMatcher(lowerIf(t.fold, t.strings))
	return func(in input) int { return len(m.Match(in.folded(t.fold))) }
}

func (in input) folded(fold bool) []byte {
	if fold {
		return in.lower
	}
	return in.text
}
