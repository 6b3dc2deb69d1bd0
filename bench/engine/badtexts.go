package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/corpus"
	"github.com/sluice-dlp/sluice/detectors"
)

// badKinds are inputs that hurt, or might, thought out by hand: those that
// are simple, then those that look like many values and are none.
func badKinds() []kind {
	rules := detectors.Builtin()
	keywords, literals := keywordsOf(rules), literalsOf(rules)
	return []kind{
		{"NULs", repeat("\x00")},
		{"random bytes", drawn(func(b []byte, r *rand.Rand) []byte { return randomBytes(b, r, 1<<10) })},
		{"all digits", drawn(shaped(strings.Repeat("9", 64)))},
		{"all ones", repeat("1")},
		{"all @", repeat("@")},
		{"all :", repeat(":")},
		{"all -", repeat("-")},
		{"all .", repeat(".")},
		{"é", repeat("é")},
		{"a@", repeat("a@")},
		{"1.", repeat("1.")},
		{"0:", repeat("0:")},
		{"base64", drawn(shaped(strings.Repeat(anyBase64, 64)))},
		{"base64 in lines of 76", drawn(shaped(strings.Repeat(anyBase64, 76) + "\n"))},
		{"base64 in words of 40", drawn(shaped(strings.Repeat(anyBase64, 40) + " "))},
		{"hexadecimal", drawn(shaped(strings.Repeat(anyHexa, 64)))},
		{"UUIDs", drawn(shaped(strings.ReplaceAll("hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh\n", "h", anyHexa)))},
		{"digit groups", drawn(digitGroups)},
		{"nine digits", drawn(shaped("999999999 "))},
		{"sixteen digits", drawn(shaped("4999 9999 9999 9999 "))},
		{"dates", drawn(shaped("29/09/1999 "))},
		{"short tokens", drawn(shortTokens)},
		// The slowest that a search by mutation found; a pattern measures them.
		{"Slack tokens", drawn(shaped("xo" + "xs-999999-99999999999999 "))},
		{"ssn ", repeat("ssn ")},
		{"ssn and weak numbers", drawn(shaped("ssn 999999999 "))},
		{"keywords", drawn(anyOf(keywords))},
		{"keywords, one letter off", drawn(anyOf(offByOne(keywords)))},
		{"keywords and digits", drawn(keywordsAndDigits(keywords))},
		{"literals", drawn(anyOf(literals))},
		{"literals, one letter off", drawn(anyOf(offByOne(literals)))},
		{"private keys begin", repeat("-----BEGIN PRIVATE KEY-----")},
		{"private keys without end", drawn(shaped("-----BEGIN PRIVATE KEY-----\nMIIE" + strings.Repeat(strings.Repeat(anyBase64, 64)+"\n", 120)))},
		{"JSON web tokens begin", repeat("/eyJhbGciOi.eyJ")},
		{"JSON web tokens, long and broken", repeat(brokenToken())},
	}
}

// brokenToken is a JSON web token as long as one may be, whose payload turns
// out to be no JSON at its last byte.
func brokenToken() string {
	enc := base64.RawURLEncoding.EncodeToString
	payload := `{"a":[` + strings.Repeat("0,", 3000) + `0]`
	return enc([]byte(`{"alg":"none"}`)) + "." + enc([]byte(payload)) + ".\n"
}

// oneLine is text of logs without a line end, repeated where it is too short.
func oneLine(size int) ([]byte, []int) {
	text, _ := of(corpus.Logs, corpus.Sparse)(min(size, 64<<20))
	text = bytes.ReplaceAll(text, []byte{'\n'}, []byte{' '})
	return bytes.Repeat(text, (size+len(text)-1)/len(text))[:size], nil
}

// repeat makes text of one unit.
func repeat(unit string) func(int) ([]byte, []int) {
	return func(size int) ([]byte, []int) {
		return bytes.Repeat([]byte(unit), size/len(unit)+1)[:size], nil
	}
}

// piece appends the next piece of a text to b.
type piece func(b []byte, r *rand.Rand) []byte

// drawn makes text of pieces that are drawn with a fixed seed.
func drawn(p piece) func(int) ([]byte, []int) {
	return func(size int) ([]byte, []int) {
		r := rand.New(rand.NewPCG(5, 6))
		text := make([]byte, 0, size+4<<10)
		for len(text) < size {
			text = p(text, r)
		}
		return text[:size], nil
	}
}

// Alphabets of shapes.
const (
	decimal = "0123456789"
	hexa    = decimal + "abcdef"
	lower   = "abcdefghijklmnopqrstuvwxyz"
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	base64s = upper + lower + decimal + "+/"
)

// What shaped replaces beside '9'.
const (
	anyHexa   = "\x01"
	anyBase64 = "\x02"
)

// shaped draws texts of one shape: any digit where '9' stands, and what is
// named above; the rest as it is.
func shaped(shape string) piece {
	alphabets := map[byte]string{'9': decimal, anyHexa[0]: hexa, anyBase64[0]: base64s}
	return func(b []byte, r *rand.Rand) []byte {
		for _, c := range []byte(shape) {
			if a, ok := alphabets[c]; ok {
				c = a[r.IntN(len(a))]
			}
			b = append(b, c)
		}
		return b
	}
}

// digitGroups draws one to six digits and what may join or part them, so that
// nothing about the next group can be foreseen.
func digitGroups(b []byte, r *rand.Rand) []byte {
	for range 1 + r.IntN(6) {
		b = append(b, decimal[r.IntN(len(decimal))])
	}
	const joints = " -./:,"
	return append(b, joints[r.IntN(len(joints))])
}

// shortTokens draws words of capital letters and digits, four to twenty long.
func shortTokens(b []byte, r *rand.Rand) []byte {
	const alphabet = decimal + upper
	for range 4 + r.IntN(17) {
		b = append(b, alphabet[r.IntN(len(alphabet))])
	}
	return append(b, ' ')
}

// anyOf draws words and parts them with spaces.
func anyOf(words []string) piece {
	return func(b []byte, r *rand.Rand) []byte { return append(append(b, words[r.IntN(len(words))]...), ' ') }
}

// keywordsAndDigits draws a keyword and a number of eight to twelve digits.
func keywordsAndDigits(words []string) piece {
	word := anyOf(words)
	return func(b []byte, r *rand.Rand) []byte {
		return fmt.Appendf(word(b, r), "%0*d ", 8+r.IntN(5), r.IntN(1e8))
	}
}

// keywordsOf are the keywords of all rules.
func keywordsOf(rules []detectors.Rule) []string {
	var words []string
	for _, r := range rules {
		words = append(words, r.Keywords...)
	}
	return unique(words)
}

// literalsOf are the literal anchors of all rules.
func literalsOf(rules []detectors.Rule) []string {
	var words []string
	for _, r := range rules {
		words = append(words, r.Anchor.Literals...)
	}
	return unique(words)
}

func unique(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

// offByOne changes the last byte of each word, so that it is one no more.
func offByOne(words []string) []string {
	changed := make([]string, len(words))
	for i, w := range words {
		changed[i] = w[:len(w)-1] + string('A'+w[len(w)-1]%26)
	}
	return changed
}
