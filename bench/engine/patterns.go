package main

import (
	"fmt"
	"os"
	"strings"
)

const patternsFile = "bench/patterns.txt"

// pattern is a line of patternsFile.
type pattern struct{ name, expr string }

// readPatterns reads the patterns that the regex engines are given.
func readPatterns(path string) ([]pattern, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("run this from the top of the repository: %w", err)
	}
	var ps []pattern
	for line := range strings.Lines(string(b)) {
		if name, expr, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t"); ok {
			ps = append(ps, pattern{name, expr})
		}
	}
	return ps, nil
}

// alternation is one expression for all patterns. Where several match at one
// place, the first wins.
func alternation(ps []pattern) string {
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteByte('|')
		}
		b.WriteString("(?:" + p.expr + ")")
	}
	return b.String()
}
