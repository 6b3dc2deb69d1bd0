//go:build rure

package main

import "github.com/BurntSushi/rure-go"

// rureEngines are Rust's regex with each pattern on its own, and with one
// alternation of all.
func rureEngines(ps []pattern, size, slow int) []engine {
	res := make([]*rure.Regex, len(ps))
	for i, p := range ps {
		res[i] = compileRure(p.expr)
	}
	all := compileRure(alternation(ps))
	return []engine{
		{rureOneByOne, slow, timed(func(text []byte) int {
			n := 0
			for _, re := range res {
				n += len(re.FindAllBytes(text)) / 2
			}
			return n
		})},
		{rureAlternation, size, timed(func(text []byte) int { return len(all.FindAllBytes(text)) / 2 })},
	}
}

// compileRure compiles an expression over bytes, with all the room that its
// automata may want.
func compileRure(expr string) *rure.Regex {
	const room = 1 << 28
	opts := rure.NewOptions()
	opts.SetSizeLimit(room)
	opts.SetDFASizeLimit(room)
	re, err := rure.CompileOptions("(?-u)"+expr, 0, opts)
	if err != nil {
		panic("bench/patterns.txt: " + err.Error())
	}
	return re
}
