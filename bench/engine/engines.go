package main

import (
	"bytes"
	"regexp"
)

// Names of engines, as rows and other engines know them.
const (
	readInCache       = "floor: read, in cache"
	goOneByOne        = "go regexp, one by one"
	rureOneByOne      = "rure, one by one"
	rureAlternation   = "rure, one alternation"
	ripgrep           = "ripgrep, the process"
	vectorscan        = "vectorscan"
	hyperscanC        = "hyperscan"
	vectorscanBinding = "vectorscan from Python"
	datafog           = "datafog, regex"
	datafogRust       = "datafog, Rust core"
)

// floors are what any search must at least do: see the bytes.
func floors(size int) []engine {
	rare := []byte{0xff}
	const inCache = 256 << 10
	return []engine{
		{name: "floor: read", bytes: size, run: timed(func(text []byte) int { bytes.Count(text, rare); return 0 })},
		// The same work without the memory, which tells whether memory is the limit.
		{name: readInCache, bytes: size, run: timed(func(text []byte) int {
			part := text[:min(inCache, len(text))]
			for range len(text) / len(part) {
				bytes.Count(part, rare)
			}
			return 0
		})},
	}
}

// goRegexp is package regexp with each pattern on its own.
func goRegexp(ps []pattern, size int) engine {
	res := make([]*regexp.Regexp, len(ps))
	for i, p := range ps {
		res[i] = regexp.MustCompile(p.expr)
	}
	return engine{name: goOneByOne, bytes: size, run: timed(func(text []byte) int {
		n := 0
		for _, re := range res {
			n += len(re.FindAllIndex(text, -1))
		}
		return n
	})}
}
