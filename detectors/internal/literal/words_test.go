package literal

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// wantWords is what Words.Find has to find, by the automaton.
func wantWords(m *Matcher, text []byte, from, to int, where []uint64) []Hit {
	return slices.DeleteFunc(wantFind(m, text, from, to, 0, where), func(h Hit) bool {
		if h.End == len(text) {
			return false
		}
		last, next := text[h.End-1], text[h.End]
		small := func(c byte) bool { return 'a' <= c && c <= 'z' }
		capital := func(c byte) bool { return 'A' <= c && c <= 'Z' }
		return (small(last) || capital(last)) && (small(next) || capital(next)) && !(small(last) && capital(next))
	})
}

type keywords struct {
	strings []string
	matcher *Matcher
	words   map[string]*Words
}

func newKeywords(list []string) *keywords {
	ks := &keywords{list, New(list, true), make(map[string]*Words)}
	for _, k := range Kernels() {
		ks.words[k] = NewWordsFor(k, list)
	}
	return ks
}

// check compares all kernels with the automaton. Text has bytes of another text
// behind it.
func (ks *keywords) check(t *testing.T, text []byte, from, to int, where []uint64) {
	t.Helper()
	want := wantWords(ks.matcher, text, from, to, where)
	text = append(slices.Clone(text), ks.strings[0]...)[:len(text):len(text)]
	earlier := Hit{7, 7, 7}
	for kernel, w := range ks.words {
		got := w.Find([]Hit{earlier}, text, from, to, where)
		if got[0] != earlier || !slices.Equal(got[1:], want) {
			t.Fatalf("%s: strings %q in %q[%d:%d] (where %x):\n got %v\nwant %v", kernel, ks.strings, text, from, to, where, got[1:], want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		list, text string
	}{
		{"ein", "ein eine Ein EIN EINe eIn myEin einNumber ein"},
		{"social security,social-security,socialsecurity,social_security,socialsecuritynumber,security", "Social Security SocialSecurity SOCIALSECURITY socialSecurityNumber social_security soCialSecurity"},
		{"id number,id,idx", "id number ID NUMBER idNumber id: idx idX"},
		{"a,b c,d-e,f.", "a b c d-e f. A B C F. ab"},
		{"abcdefgh,abcdefghi,abcdefg,abcdefg h,abcdefgh i", "abcdefgh abcdefghi abcdefg ABCDEFGH I abcdefg H abcdefghI abcdefgH"},
		{"téléphone,t,té,número,n,über", "téléphone TéLéPHONE t té: t: n número üBER Über tÉ"},
		{"岁,세,年龄", "岁 3세 年龄x"},
		{"1099,2fa,x1,c/o", "1099 2FA 2fab x1 X1y c/o C/O c/"},
		{"#,1", "#1 a#b1"},
		{"dl#,dl:,dl", "dl# DL: dl dlx dL dLx"},
		{"{[,~^", "{[ [{ ~^ ^~"},
		{allBytes(), allBytes() + allBytes()},
	} {
		ks := newKeywords(strings.Split(c.list, ","))
		for from := range min(len(c.text), 60) {
			for to := from; to <= len(c.text); to++ {
				ks.check(t, []byte(c.text), from, to, nil)
			}
		}
	}
	for _, k := range Kernels() {
		if hits := NewWordsFor(k, nil).Find(nil, []byte("a b c"), 0, 5, nil); hits != nil {
			t.Errorf("%s found %v without strings", k, hits)
		}
		if hits := NewWordsFor(k, []string{"a"}).Find(nil, nil, 0, 0, nil); hits != nil {
			t.Errorf("%s found %v without text", k, hits)
		}
	}
}

// TestWordsRandom has keywords of letters and marks, texts that begin, go on
// and end like them, and places of all kinds.
func TestWordsRandom(t *testing.T) {
	for seed := range uint64(600) {
		r := newRandom(seed)
		if seed%2 == 0 {
			r.alphabet = []byte("abAB -_1\xc3\xa9")
		}
		least := 1 + r.IntN(4)
		ks := newKeywords(r.list(1+r.IntN(60), least, least+r.IntN(16)))
		text := r.text(r.IntN(3000), ks.strings)
		for range 4 {
			from := r.IntN(len(text) + 1)
			to := from + r.IntN(len(text)-from+1)
			ks.check(t, text, from, to, nil)
			ks.check(t, text, from, to, r.where(to-from, 1+r.IntN(12)))
		}
	}
}

// TestWordsMany has thousands of keywords, and texts of all lengths modulo
// what is listed at once.
func TestWordsMany(t *testing.T) {
	for seed, n := range []int{100, 1000, 4000} {
		r := newRandom(uint64(seed))
		r.alphabet = []byte("abcdefghijklmnopqrstuvwxyzABC _-\xd0\xb0\xd1\x8f")
		ks := newKeywords(r.list(n, 2, 30))
		for range 20 {
			text := r.text(3*wordsListed*block+r.IntN(200), ks.strings)
			ks.check(t, text, 0, len(text), nil)
			ks.check(t, text, 5, len(text)-r.IntN(200), r.where(len(text), 6))
		}
	}
}

// TestLists compares what each kernel lists with the definition, and this with
// a look at every place.
func TestLists(t *testing.T) {
	words := newKeywords(readStrings(t, "keywords.txt")).words
	text := benchText(t, "prose", 1<<16)
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 500 {
		at := r.IntN(len(text) - wordsListed*block - edge)
		where := make([]uint64, r.IntN(wordsListed+1))
		for k := range where {
			for range round % 5 {
				where[k] |= r.Uint64() & r.Uint64()
			}
		}
		for _, k := range Kernels() {
			w := words[k]
			var want []uint16
			for i := range len(where) * block {
				x := binary.LittleEndian.Uint64(text[at+i:])
				if has(where, uint64(i))&has(w.starts[:], uint64(shortHash(uint32(x))))&w.heads.mayStart(x) != 0 {
					want = append(want, uint16(i))
				}
			}
			if got := w.list(new(placeList), text[at:], where); !slices.Equal(got, want) {
				t.Fatalf("%s: %v, not %v", k, got, want)
			}
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add("he,she,his,hers", "ushers SHE hisHers", uint(0), uint(6), uint64(1<<64-1))
	f.Add("social security,socialsecurity,ssn", strings.Repeat("sSn SSN SocialSecurity ", 30), uint(1), uint(130), uint64(0x5555))
	f.Add("é,É,ключ,password", "éÉ\xc3 ключ PASSWORD", uint(1), uint(40), uint64(1<<64-1))
	f.Fuzz(func(t *testing.T, list, text string, from, n uint, where uint64) {
		if len(list) > 1<<10 || len(text) > 1<<12 {
			return
		}
		words := slices.DeleteFunc(strings.Split(list, ","), func(s string) bool { return s == "" })
		if len(words) == 0 {
			return
		}
		start := int(from % uint(len(text)+1))
		end := start + int(n%uint(len(text)-start+1))
		ks := newKeywords(words)
		ks.check(t, []byte(text), start, end, nil)
		ks.check(t, []byte(text), start, end, slices.Repeat([]uint64{where}, (end-start+63)/64))
	})
}

// TestWordsAllocateNothing has room for all hits.
func TestWordsAllocateNothing(t *testing.T) {
	for _, k := range Kernels() {
		w := NewWordsFor(k, manyWords(1000))
		text := []byte(strings.Repeat("a token ghp_x and word123 of ", 700))
		where := slices.Repeat([]uint64{0x1111111111111111}, len(text)/64+1)
		dst := make([]Hit, 0, 4096)
		if n := testing.AllocsPerRun(10, func() {
			dst = w.Find(dst[:0], text, 0, len(text), nil)
			dst = w.Find(dst, text, 0, len(text), where)
		}); n != 0 || len(dst) == 0 {
			t.Errorf("%s: %v allocations, %d hits", k, n, len(dst))
		}
	}
}
