package main

import (
	"regexp"
)

// check prefixes the engine's name in rows that hold a count and no speed.
const check = "check: "

// checkRows compares counts of other engines with a second opinion, on the
// first bytes of a text: the count that is expected may be slow to find.
func checkRows(t *text, engines []engine, ps []pattern, bytes int) ([]row, error) {
	opinions := map[string]func([]pattern, []byte) (int, error){
		vectorscan:      allEndsOf,
		rureAlternation: leftmost,
	}
	var rows []row
	for _, e := range engines {
		opinion, ok := opinions[e.name]
		if !ok {
			continue
		}
		n := min(bytes, len(t.bytes))
		o, err := e.run(t, n)
		if err != nil {
			return nil, err
		}
		expected, err := opinion(ps, t.bytes[:n])
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{Corpus: t.name, Engine: check + e.name, Bytes: n, Matches: o.matches, Expected: expected})
	}
	return rows, nil
}

func allEndsOf(ps []pattern, text []byte) (n int, err error) {
	for _, p := range ps {
		k, err := allEnds(p.expr, text)
		if err != nil {
			return 0, err
		}
		n += k
	}
	return n, nil
}

// leftmost counts the matches of the alternation with package regexp.
func leftmost(ps []pattern, text []byte) (int, error) {
	re, err := regexp.Compile(alternation(ps))
	if err != nil {
		return 0, err
	}
	return len(re.FindAllIndex(text, -1)), nil
}
