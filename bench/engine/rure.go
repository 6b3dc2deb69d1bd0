//go:build rure

package main

import (
	"os"
	"strings"

	"github.com/BurntSushi/rure-go"
)

// addRure adds Rust's regex with each pattern on its own, and with one
// alternation of all.
func (ps *peers) addRure(patterns []pattern, size, slow int) {
	res := make([]*rure.Regex, len(patterns))
	for i, p := range patterns {
		res[i] = compileRure(p.expr)
	}
	all := compileRure(alternation(patterns))
	ps.engines = append(ps.engines,
		engine{name: rureOneByOne, bytes: slow, run: timed(func(text []byte) int {
			n := 0
			for _, re := range res {
				n += len(re.FindAllBytes(text)) / 2
			}
			return n
		})},
		engine{name: rureAlternation, bytes: size, run: timed(func(text []byte) int { return len(all.FindAllBytes(text)) / 2 })},
	)
	ps.about["rure"] = about{Version: locked("rure"), Core: "regex " + locked("regex")}
}

// locked is the version of a crate that librure was built with.
func locked(crate string) string {
	lock, _ := os.ReadFile("build/rure/Cargo.lock")
	_, rest, _ := strings.Cut(string(lock), "name = \""+crate+"\"\nversion = \"")
	version, _, _ := strings.Cut(rest, "\"")
	return version
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
