package main

import "bytes"

// each calls f with the number of each string and where it occurs: one
// bytes.Index after the other.
func each(t task, in input, f func(number, at int)) {
	text := in.folded(t.fold)
	for i, s := range lowerIf(t.fold, t.strings) {
		for at := 0; ; at++ {
			next := bytes.Index(text[at:], []byte(s))
			if next < 0 {
				break
			}
			at += next
			f(i, at)
		}
	}
}

// occurrences counts the strings in a text.
func occurrences(t task, in input) (n int) {
	each(t, in, func(_, at int) {
		if in.counts(at) {
			n++
		}
	})
	return n
}

// distinct counts the strings that are in a text, wherever that is.
func distinct(t task, in input) int {
	seen := make(map[int]bool)
	each(t, in, func(number, _ int) { seen[number] = true })
	return len(seen)
}
