//go:build rure

package main

import "github.com/BurntSushi/rure-go"

// rureEngines are Rust's regex with each pattern on its own.
func rureEngines(ps []pattern, size int) []engine {
	res := make([]*rure.Regex, len(ps))
	for i, p := range ps {
		res[i] = rure.MustCompile("(?-u)" + p.expr)
	}
	return []engine{{"rure, one by one", size, func(text []byte) int {
		n := 0
		for _, re := range res {
			n += len(re.FindAllBytes(text)) / 2
		}
		return n
	}}}
}
