package literal

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func compareByStart(a, b Hit) int {
	return cmp.Or(a.Start-b.Start, a.End-b.End, a.Pattern-b.Pattern)
}

// wantFind is what Find has to find, by the automaton, which is a program of
// another kind.
func wantFind(m *Matcher, text []byte, from, to, base int, where []uint64) []Hit {
	all, _ := m.Scan(nil, 0, text, 0)
	var want []Hit
	for _, h := range all {
		i := h.Start - from
		if i < 0 || h.Start >= to || where != nil && where[i/64]>>(i%64)&1 == 0 {
			continue
		}
		want = append(want, Hit{h.Pattern, base + h.Start, base + h.End})
	}
	slices.SortFunc(want, compareByStart)
	return want
}

// subject is one list of strings, compiled for each kernel and as automaton.
type subject struct {
	strings []string
	fold    bool
	matcher *Matcher
	finders map[string]*Finder
}

func newSubject(strings []string, fold bool) *subject {
	s := &subject{strings, fold, New(strings, fold), make(map[string]*Finder)}
	for _, k := range Kernels() {
		s.finders[k] = NewFinderFor(k, strings, fold)
	}
	return s
}

// check compares all kernels with the automaton. Scratch and dst have
// leftovers in them, and text has bytes of another text before and behind it.
func (s *subject) check(t *testing.T, text []byte, from, to int, where []uint64) {
	t.Helper()
	const base = 1000
	want := wantFind(s.matcher, text, from, to, base, where)
	around := slices.Concat([]byte(s.strings[0]), text, []byte(s.strings[0]))
	text = around[len(s.strings[0]):][:len(text):len(text)]
	earlier := Hit{7, 7, 7}
	for kernel, f := range s.finders {
		scratch := make([]uint64, (to-from)/64+2)
		for i := range scratch {
			scratch[i] = 0xdeadbeefcafef00d
		}
		canary := scratch[len(scratch)-1]
		got := f.Find([]Hit{earlier}, text, from, to, base, where, scratch[:len(scratch)-1:len(scratch)-1])
		if scratch[len(scratch)-1] != canary {
			t.Fatalf("%s wrote beyond scratch", kernel)
		}
		if got[0] != earlier || !slices.Equal(got[1:], want) {
			t.Fatalf("%s: strings %q in %q[%d:%d] (fold %v, where %x):\n got %v\nwant %v",
				kernel, s.strings, text, from, to, s.fold, where, got[1:], want)
		}
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name    string
		strings []string
		fold    bool
		text    string
	}{
		{"textbook", []string{"he", "she", "his", "hers"}, false, "ushers she his"},
		{"one byte", []string{"a"}, false, "banana"},
		{"one byte and more", []string{"a", "an", "ana", "anan", "banana"}, false, "banana"},
		{"NUL", []string{"\x00", "\x00\x00\x00\x00\x00"}, false, "\x00\x00\x00\x00\x00"},
		{"NUL behind the end", []string{"a\x00\x00\x00", "b\x00"}, false, "a\x00\x00\x00a\x00\x00b"},
		{"overlapping", []string{"aa", "aaa"}, false, "aaaaa"},
		{"same string twice", []string{"abcde", "abcde", "ab", "ab"}, false, "abcdeab"},
		{"same string in other case", []string{"AbcdE", "aBCDe"}, true, "abcde ABCDE"},
		{"case kept", []string{"AKIA"}, false, "akia AKIA Akia"},
		{"case folded", []string{"AKia"}, true, "akia AKIA Akia"},
		{"no letters folded", []string{"@[]^", "`{"}, true, "@[]^`{}~@{`["},
		{"bytes beyond ASCII", []string{"número", "\xff\x00", "\xe9"}, true, "NúMERO n\xff\x00\xe9\xc9"},
		{"short at the end", []string{"abc", "ab", "b", "abcd"}, false, "xxabc"},
		{"longer than the text", []string{"abcdefgh"}, false, "abcdefg"},
		{"all bytes", []string{allBytes() + "\xff\xff"}, false, allBytes() + "\xff\xff" + allBytes()},
		{"prefixes of the same head", []string{"national id", "nation", "national", "native", "nat", "natu"}, true, "NATIONAL ID natural Nation"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSubject(c.strings, c.fold)
			for from := range len(c.text) {
				for to := from; to <= len(c.text); to++ {
					s.check(t, []byte(c.text), from, to, nil)
				}
			}
		})
	}
}

// TestFindNothing has no strings and no text.
func TestFindNothing(t *testing.T) {
	for _, k := range Kernels() {
		text := []byte(strings.Repeat("abc\x00", 50))
		if hits := NewFinderFor(k, nil, true).Find(nil, text, 0, len(text), 0, nil, make([]uint64, 20)); hits != nil {
			t.Errorf("%s found %v without strings", k, hits)
		}
		if hits := NewFinderFor(k, []string{"a"}, true).Find(nil, nil, 0, 0, 0, nil, nil); hits != nil {
			t.Errorf("%s found %v without text", k, hits)
		}
	}
}

// TestFilters compares what the filters mark, for the best of them and for
// the others, with where strings start: all of these places, if they are
// chosen, and none that is not.
func TestFilters(t *testing.T) {
	for seed := range uint64(200) {
		r := newRandom(seed)
		list := r.list(1+r.IntN(100), 1+r.IntN(4), 9)
		text := r.text(r.IntN(500), list)
		from := r.IntN(len(text) + 1)
		where := r.where(len(text)-from, 2)
		s := newSubject(list, r.IntN(2) == 0)
		for kernel, f := range s.finders {
			for _, filter := range []filter{f.everywhere, f.chosen} {
				for _, chosen := range [][]uint64{nil, where} {
					words := slices.Repeat([]uint64{0xdeadbeefcafef00d}, (len(text)-from+63)/64)
					filter.mark(words, text, from, len(text), chosen)
					for _, h := range wantFind(s.matcher, text, from, len(text), 0, chosen) {
						if i := h.Start - from; words[i/64]>>(i%64)&1 == 0 {
							t.Fatalf("%s, %T: place %d of %q[%d:] is not marked for %q", kernel, filter, i, text, from, list[h.Pattern])
						}
					}
					for k := range words {
						if chosen != nil && words[k]&^chosen[k] != 0 {
							t.Fatalf("%s, %T: word %d marks %x, of which not all are in %x", kernel, filter, k, words[k], chosen[k])
						}
					}
				}
			}
		}
	}
}

func TestKernels(t *testing.T) {
	names := Kernels()
	if len(names) != len(kernels()) || names[len(names)-1] != "portable" {
		t.Errorf("kernels are %v", names)
	}
}

func TestNewFinderRefuses(t *testing.T) {
	for name, f := range map[string]func(){
		"an empty string":   func() { NewFinder([]string{"a", ""}, false) },
		"an unknown kernel": func() { NewFinderFor("abacus", []string{"a"}, false) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for %s", name)
				}
			}()
			f()
		}()
	}
}

// random makes strings and texts out of an alphabet.
type random struct {
	*rand.Rand
	alphabet []byte
}

// alphabets are a few bytes, so that much is found; cases and what looks alike
// when bit 5 is dropped; bytes that look alike when more is dropped; and all.
var alphabets = []string{"ab", "abAB1\x80", "@`[{kKаб\x00 ", "\x01!Aa\x81\xa1\xc1\xe1", allBytes()}

func newRandom(seed uint64) random {
	r := random{Rand: rand.New(rand.NewPCG(seed, 0))}
	r.alphabet = []byte(alphabets[r.IntN(len(alphabets))])
	return r
}

func (r random) word(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = r.alphabet[r.IntN(len(r.alphabet))]
	}
	return string(b)
}

// list makes n strings of least to most bytes, some of which go on from where
// others end.
func (r random) list(n, least, most int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = r.word(least + r.IntN(most-least+1))
		if i > 0 && r.IntN(3) == 0 {
			other := list[r.IntN(i)]
			list[i] = (other[:1+r.IntN(len(other))] + list[i])[:len(list[i])]
		}
	}
	return list
}

// text makes about n bytes with strings of the list in them, also cut off.
func (r random) text(n int, list []string) []byte {
	var b []byte
	for len(b) < n {
		switch r.IntN(4) {
		case 0:
			b = append(b, list[r.IntN(len(list))]...)
		case 1:
			s := list[r.IntN(len(list))]
			b = append(b, s[:r.IntN(len(s)+1)]...)
		case 2:
			b = append(b, flipCase(list[r.IntN(len(list))])...)
		default:
			b = append(b, r.word(r.IntN(20))...)
		}
	}
	return b[:n]
}

func flipCase(s string) string {
	b := []byte(s)
	for i, c := range b {
		if lowerByte(c)-'a' < 26 {
			b[i] = c ^ 0x20
		}
	}
	return string(b)
}

// where makes a bitmap of n places of which about one in density is chosen,
// and bits beyond them.
func (r random) where(n, density int) []uint64 {
	words := make([]uint64, (n+63)/64)
	for i := range words {
		if r.IntN(4) == 0 {
			continue // a block without any
		}
		for b := range 64 {
			if r.IntN(density) == 0 {
				words[i] |= 1 << b
			}
		}
	}
	return words
}

// TestFindLengths has texts of all lengths at all offsets from a block, and
// strings at the very end of them.
func TestFindLengths(t *testing.T) {
	for seed := range uint64(12) {
		r := newRandom(seed)
		list := r.list(1+r.IntN(12), 1+r.IntN(4), 9)
		s := newSubject(list, seed%2 == 0)
		text := r.text(300, list)
		for n := 0; n <= 200; n++ {
			shift := r.IntN(70)
			part := slices.Clone(text[shift : shift+n])
			if last := list[r.IntN(len(list))]; len(last) <= n {
				copy(part[n-len(last):], last)
			}
			from := r.IntN(n + 1)
			s.check(t, part, 0, n, nil)
			s.check(t, part, from, n, nil)
			s.check(t, part, from, from+r.IntN(n-from+1), r.where(n, 2))
		}
	}
}

func TestFindRandom(t *testing.T) {
	for seed := range uint64(600) {
		r := newRandom(seed)
		least := 1 + r.IntN(5)
		list := r.list(1+r.IntN(60), least, least+r.IntN(40))
		s := newSubject(list, r.IntN(2) == 0)
		text := r.text(r.IntN(2000), list)
		for range 4 {
			from := r.IntN(len(text) + 1)
			to := from + r.IntN(len(text)-from+1)
			s.check(t, text, from, to, nil)
			s.check(t, text, from, to, r.where(to-from, 1+r.IntN(12)))
		}
	}
}

// TestFindManyStrings has thousands of strings, and texts of some strips.
func TestFindManyStrings(t *testing.T) {
	for seed, n := range []int{100, 1000, 4000} {
		r := newRandom(uint64(seed))
		r.alphabet = []byte("abcdefghijklmnopqrstuvwxyz _-\xd0\xb0\xd1\x8f")
		list := r.list(n, 2, 30)
		s := newSubject(list, true)
		text := r.text(3*strip+77, list)
		s.check(t, text, 0, len(text), nil)
		s.check(t, text, 5, len(text)-200, r.where(len(text), 6))
	}
}

func FuzzFind(f *testing.F) {
	f.Add("he,she,his,hers", "ushers", false, uint(0), uint(6), uint64(1<<64-1))
	f.Add("A,aa,AAa,aaaaaaaa", strings.Repeat("aAaAaA", 30), true, uint(1), uint(130), uint64(0x5555))
	f.Add("é,É,ключ,password", "éÉ\xc3 ключ PASSWORD", true, uint(1), uint(40), uint64(1<<64-1))
	f.Add("-----BEGIN ,eyJ,xox,AKIA,github_pat_", "xoxeyJAKI-----BEGIN gith", false, uint(0), uint(24), uint64(0))
	f.Fuzz(func(t *testing.T, list, text string, fold bool, from, n uint, where uint64) {
		if len(list) > 1<<10 || len(text) > 1<<12 {
			return
		}
		words := slices.DeleteFunc(strings.Split(list, ","), func(s string) bool { return s == "" })
		if len(words) == 0 {
			return
		}
		start := int(from % uint(len(text)+1))
		end := start + int(n%uint(len(text)-start+1))
		s := newSubject(words, fold)
		s.check(t, []byte(text), start, end, nil)
		s.check(t, []byte(text), start, end, slices.Repeat([]uint64{where}, (end-start+63)/64))
	})
}

// TestFindAllocatesNothing has room for all hits.
func TestFindAllocatesNothing(t *testing.T) {
	for _, k := range Kernels() {
		for _, list := range [][]string{{"ghp_", "AKIA", "eyJ"}, manyWords(1000)} {
			f := NewFinderFor(k, list, true)
			text := []byte(strings.Repeat("a token ghp_x and word123 of ", 700) + "ghp_")
			where := slices.Repeat([]uint64{0x1111111111111111}, len(text)/64+1)
			dst, scratch := make([]Hit, 0, 4096), make([]uint64, len(text)/64+1)
			if n := testing.AllocsPerRun(10, func() {
				dst = f.Find(dst[:0], text, 0, len(text), 0, nil, scratch)
				dst = f.Find(dst, text, 0, len(text), 0, where, scratch)
			}); n != 0 {
				t.Errorf("%s with %d strings: %v allocations", k, len(list), n)
			}
			if len(dst) == 0 {
				t.Errorf("%s with %d strings found nothing", k, len(list))
			}
		}
	}
}

func manyWords(n int) []string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprintf("word%d", i)
	}
	return words
}

// TestFindMany has more strings than a filter of buckets serves, so that chosen
// places are looked at one by one, or listed.
func TestFindMany(t *testing.T) {
	for seed := range uint64(6) {
		r := newRandom(seed)
		r.alphabet = []byte("abcdefghijklmnopqrstuvwxyz -_")
		s := newSubject(r.list(3000, 2, 12), true)
		text := r.text(5000+r.IntN(64), s.strings)
		from := r.IntN(200)
		for _, to := range []int{len(text), len(text) - 3, len(text) - 100} {
			s.check(t, text, from, to, nil)
			s.check(t, text, from, to, r.where(to-from, 1))
			s.check(t, text, from, to, r.where(to-from, 8))
		}
	}
}
