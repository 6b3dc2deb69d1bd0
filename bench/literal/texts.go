package main

import (
	"bytes"
	"math/rand/v2"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/corpus"
)

// kind is a corpus and how its text is made.
type kind struct {
	name string
	text func(size int) []byte
}

func kinds() []kind {
	pure := []kind{
		{"logs", of(corpus.Logs)},
		{"csv", of(corpus.CSV)},
		{"jsonl", of(corpus.JSONLines)},
		{"prose", of(corpus.Prose)},
		{"code", of(corpus.Code)},
	}
	return append(pure, kind{"mixed", mixed(pure)})
}

// of makes text out of the plain objects of a corpus.
func of(k corpus.Kind) func(int) []byte {
	return func(size int) []byte {
		var buf bytes.Buffer
		for seed := uint64(1); buf.Len() < size; seed++ {
			for o := range corpus.Generate(corpus.Config{Seed: seed, Objects: 400, Bytes: 12 * int64(size)}) {
				if o.Kind != k || o.Container != corpus.Plain || o.Density == corpus.Clean || buf.Len() >= size {
					continue
				}
				if _, err := o.WriteTo(&buf); err != nil {
					panic(err) // a bytes.Buffer takes everything
				}
			}
		}
		return buf.Bytes()[:size]
	}
}

// mixed draws lines at random from all kinds, so that no branch predictor
// learns a period.
func mixed(kinds []kind) func(int) []byte {
	return func(size int) []byte {
		var lines [][]byte
		for _, k := range kinds {
			lines = append(lines, bytes.SplitAfter(k.text(size/4), []byte{'\n'})...)
		}
		r := rand.New(rand.NewPCG(1, 2))
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		return bytes.Join(lines, nil)[:size]
	}
}

// wordStarts marks letters and digits with none before them, and the first
// bytes of characters beyond ASCII.
func wordStarts(text []byte) []uint64 {
	words := make([]uint64, (len(text)+63)/64)
	before := false
	for i, c := range text {
		alnum := c|0x20-'a' < 26 || c-'0' < 10
		if alnum && !before || c >= utf8.RuneSelf && utf8.RuneStart(c) {
			words[i/64] |= 1 << (i % 64)
		}
		before = alnum
	}
	return words
}

// lower returns text with its ASCII letters in lower case.
func lower(text []byte) []byte {
	text = bytes.Clone(text)
	for i, c := range text {
		if c-'A' < 26 {
			text[i] = c | 0x20
		}
	}
	return text
}

func lowerIf(fold bool, list []string) []string {
	if !fold {
		return list
	}
	folded := make([]string, len(list))
	for i, s := range list {
		folded[i] = string(lower([]byte(s)))
	}
	return folded
}
