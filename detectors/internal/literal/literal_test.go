package literal

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// naive finds the occurrences of patterns one by one.
func naive(patterns []string, fold bool, text []byte) []Hit {
	if fold {
		text = lower(text)
	}
	var hits []Hit
	for i, p := range patterns {
		if fold {
			p = string(lower([]byte(p)))
		}
		for at := 0; ; at++ {
			j := bytes.Index(text[at:], []byte(p))
			if j < 0 {
				break
			}
			at += j
			hits = append(hits, Hit{i, at, at + len(p)})
		}
	}
	return hits
}

func lower(b []byte) []byte {
	b = bytes.Clone(b)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return b
}

func compare(a, b Hit) int {
	if a.End != b.End {
		return a.End - b.End
	}
	return a.Pattern - b.Pattern
}

// checkScan compares Scan with naive, the text in one part and in parts cut
// at each of cuts.
func checkScan(t *testing.T, patterns []string, fold bool, text []byte, cuts ...int) {
	t.Helper()
	m := New(patterns, fold)
	want := naive(patterns, fold, text)
	slices.SortFunc(want, compare)
	got, _ := m.Scan(nil, 0, text, 0)
	if !slices.IsSortedFunc(got, func(a, b Hit) int { return a.End - b.End }) {
		t.Fatalf("hits are not in order of their ends: %v", got)
	}
	slices.SortFunc(got, compare)
	if !slices.Equal(got, want) {
		t.Fatalf("patterns %q in %q (fold %v): got %v, want %v", patterns, text, fold, got, want)
	}
	var parts []Hit
	var s State
	prev := 0
	for _, cut := range append(cuts, len(text)) {
		parts, s = m.Scan(parts, s, text[prev:cut], prev)
		prev = cut
	}
	slices.SortFunc(parts, compare)
	if !slices.Equal(parts, want) {
		t.Fatalf("patterns %q in %q cut at %v (fold %v): got %v, want %v", patterns, text, cuts, fold, parts, want)
	}
}

func TestScan(t *testing.T) {
	for _, c := range []struct {
		name     string
		patterns []string
		fold     bool
		text     string
	}{
		{"none", nil, false, "abc"},
		{"textbook", []string{"he", "she", "his", "hers"}, false, "ushers she his"},
		{"one byte", []string{"a"}, false, "banana"},
		{"overlapping", []string{"aa", "aaa"}, false, "aaaaa"},
		{"same pattern twice", []string{"ab", "ab"}, false, "abab"},
		{"suffix of another", []string{"number", "phone number", "ber"}, false, "my phone number"},
		{"case kept", []string{"AKIA"}, false, "akia AKIA Akia"},
		{"case folded", []string{"AKia"}, true, "akia AKIA Akia"},
		{"no letters folded", []string{"@[", "`{"}, true, "@[`{@{`["},
		{"bytes beyond ASCII", []string{"número", "\xff\x00"}, true, "NúMERO n\xff\x00"},
		{"all bytes", []string{allBytes() + "\xff\xff"}, false, allBytes() + "\xff\xff" + allBytes()},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := []byte(c.text)
			checkScan(t, c.patterns, c.fold, text, len(text)/3, len(text)/2)
		})
	}
}

func allBytes() string {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}

func TestScanRandom(t *testing.T) {
	const seed = 1
	rng := rand.New(rand.NewPCG(seed, 0))
	alphabet := []byte("abAB1\x80")
	word := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(b)
	}
	for range 2000 {
		var patterns []string
		for range rng.IntN(8) {
			patterns = append(patterns, word(1+rng.IntN(5)))
		}
		text := []byte(word(rng.IntN(200))) // long enough for lanes, or not
		checkScan(t, patterns, rng.IntN(2) == 0, text, rng.IntN(len(text)+1))
	}
}

func FuzzScan(f *testing.F) {
	f.Add("he,she,his,hers", "ushers", false, uint(3))
	f.Add("A,aa,AAa", "aAaAaA", true, uint(1))
	f.Add("é,É", "éÉ\xc3", true, uint(1))
	f.Fuzz(func(t *testing.T, list, text string, fold bool, cut uint) {
		if len(list) > 1<<10 || len(text) > 1<<12 {
			return
		}
		patterns := slices.DeleteFunc(strings.Split(list, ","), func(p string) bool { return p == "" })
		checkScan(t, patterns, fold, []byte(text), int(cut%uint(len(text)+1)))
	})
}

// BenchmarkScan searches prose for 300 words, of which few occur, and beside
// it does the same with one bytes.Index after the other.
func BenchmarkScan(b *testing.B) {
	var patterns []string
	for i := range 300 {
		patterns = append(patterns, fmt.Sprintf("%c%c%d keyword", 'a'+i%26, 'a'+i/26, i))
	}
	text := bytes.Repeat([]byte("The quick brown fox jumps over the lazy dog, again and again.\n"), 1<<10)
	b.Run("automaton", func(b *testing.B) {
		m := New(patterns, true)
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if hits, _ := m.Scan(nil, 0, text, 0); len(hits) != 0 {
				b.Fatal("found something")
			}
		}
	})
	b.Run("index", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			for _, p := range patterns {
				if bytes.Contains(text, []byte(p)) {
					b.Fatal("found something")
				}
			}
		}
	})
}
