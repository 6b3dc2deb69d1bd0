package literal

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Words finds keywords: strings, with ASCII letters in either case, that start
// at chosen places of a text and are not cut out of a word there. A hit is one if the
// bytes on both sides of its end are not two letters, or are a small and a capital one,
// which begins the next word of a name in camelCase.
//
// Where a [Finder] asks of a place how strings begin, whatever comes next, this
// asks which word stands there: "the" is refused if keywords begin with "therapy" only. It is immutable and safe for
// concurrent use.
type Words struct {
	kernel string
	words  *wordSet
	heads  *heads
	tree   *tree
}

// wordSet is a filter of words by two keys, both made of the eight bytes at a
// place. Of these the word is the letters up to the first byte that is none, or
// that is a capital behind a small letter. Folded, it is the key of
//
//   - keywords of one word, or of which two bytes come behind the word where it
//     is followed so, in ends;
//   - all beginnings of the words of keywords if it is followed by a capital, in ends too, which is
//     marked: the keyword may go on there, or have ended;
//   - other keywords with the two bytes that follow the word, in starts.
//
// What does not begin with a letter has its first three bytes for a key.
//
// Each key has two bits in one word of its table (Putze, Sanders and Singler, "Cache-, hash- and
// space-efficient Bloom filters", WEA 2007).
type wordSet struct {
	ends   [1 << endBits]uint32
	starts [1 << startBits]uint32
	others uint64 // which of the first bytes count if they do not begin with a letter
}

const (
	endBits   = 12
	startBits = 10

	wordLen   = 8
	othersLen = 3

	goldenLong = 0x9e3779b97f4a7c15
	eachByte   = 0x0101010101010101
	caseBits   = 0x20 * eachByte
)

// wordsListed is for how many words of a bitmap places are listed at a time.
const wordsListed = 16

// placeList has room for their places and for what a kernel writes behind
// them.
type placeList [(wordsListed + 1) * block]uint16

// NewWordsFor compiles strings, none of which is empty, for the kernel of that
// name, one of [Kernels].
func NewWordsFor(kernel string, strings []string) *Words {
	for _, k := range kernels() {
		if k.name == kernel {
			return newWords(k, strings)
		}
	}
	panic(fmt.Sprintf("literal: this processor cannot run kernel %q", kernel))
}

func newWords(k kernel, list []string) *Words {
	list = lowered(list, true)
	w := &Words{kernel: k.name, words: newWordSet(list)}
	var groups [][]int
	w.heads, groups = newHeads(list, true)
	w.tree = newTree(list, groups, true)
	return w
}

func newWordSet(list []string) *wordSet {
	s := &wordSet{others: 1<<(8*othersLen) - 1}
	for _, keyword := range list {
		if !isSmall(keyword[0]) && len(keyword) < othersLen {
			s.others = 0 // all of them have this key
		}
	}
	for _, keyword := range list {
		n := 0
		for n < min(len(keyword), wordLen) && isSmall(keyword[n]) {
			n++
			putBits(s.ends[:], marked(key(keyword[:n]), n))
		}
		switch {
		case n == 0:
			putBits(s.ends[:], key(keyword)&s.others)
		case n == wordLen || len(keyword) < n+2:
			putBits(s.ends[:], key(keyword[:n]))
		default:
			putBits(s.starts[:], key(keyword[:min(n+2, wordLen)]))
		}
	}
	return s
}

func isSmall(c byte) bool { return c-'a' < 26 }

// key returns the first eight bytes of s without case.
func key(s string) uint64 {
	x := eight([]byte(s), 0)
	return (x | caseBits) & (1<<(8*min(len(s), wordLen)) - 1)
}

// marked returns the key of a word of n letters that is followed by a capital.
func marked(k uint64, n int) uint64 {
	if n == wordLen {
		return k
	}
	return k | 1<<(8*n)
}

// putBits puts a key into a table of 1<<12 or fewer words.
func putBits(table []uint32, k uint64) {
	h := k * goldenLong
	table[h>>(64-bits.Len(uint(len(table)-1)))] |= 1<<(h>>firstBit%32) | 1<<(h>>secondBit%32)
}

const (
	firstBit  = 64 - endBits - 5
	secondBit = firstBit - 5
)

// mayStart returns 1 if a word of s may stand where the bytes of x do, else zero.
func (s *wordSet) mayStart(x uint64) uint64 {
	const high = eachByte << 7
	folded := x | caseBits
	// The high bits of y are those of letters, and of others beyond ASCII.
	y := folded &^ high
	letters := (y + (0x80-'a')*eachByte) &^ (y + (0x7f-'z')*eachByte) &^ x & high
	small := letters & (x << 2)
	camel := letters &^ small & (small << 8)
	cut := letters ^ high | camel
	end := (cut & -cut) >> 7 // the lowest bit of the byte behind the word
	word := end - 1
	first := folded&word | camel>>7&end
	if letters&0x80 == 0 {
		first = folded & s.others
	}
	second := folded & (word<<16 | 0xffff)
	first, second = first*goldenLong, second*goldenLong
	a, b := s.ends[first>>(64-endBits)], s.starts[second>>(64-startBits)]
	return uint64(a>>(first>>firstBit%32)&(a>>(first>>secondBit%32))|b>>(second>>firstBit%32)&(b>>(second>>secondBit%32))) & 1
}

// listWordsPortable lists those places of where, as distances from the start of
// text, at which a word of s may stand, and returns how many they are. The text has wordLen
// bytes at each place, and where at most wordsListed words.
func listWordsPortable(list *placeList, text []byte, where []uint64, s *wordSet) (n int) {
	for k, chosen := range where {
		for ; chosen != 0; chosen &= chosen - 1 {
			i := k*block + bits.TrailingZeros64(chosen)
			list[n] = uint16(i)
			n += int(s.mayStart(binary.LittleEndian.Uint64(text[i : i+wordLen])))
		}
	}
	return n
}

// Find appends to dst the keywords that start in text[from:to] and end in text, in
// order of their starts, those with the same start in order of their ends and then
// of their numbers. Only those count that start at a place i where bit (i-from)%64
// of where[(i-from)/64] is set; if where is nil, all do.
func (w *Words) Find(dst []Hit, text []byte, from, to int, where []uint64) []Hit {
	var places placeList
	var chosen [wordsListed]uint64
	for at := from; at < to; at += wordsListed * block {
		n := (min(to-at, wordsListed*block) + block - 1) / block
		some := chosen[:n]
		for k := range some {
			some[k] = ^uint64(0)
			if where != nil {
				some[k] = where[(at-from)/block+k]
			}
		}
		if rest := to - at - (n-1)*block; rest < block {
			some[n-1] &= 1<<rest - 1
		}
		part := text[at:]
		if len(part) < n*block+wordLen {
			var padded [wordsListed*block + wordLen]byte
			copy(padded[:], part)
			part = padded[:]
		}
		for _, i := range places[:listWords(w.kernel, &places, part, some, w.words)] {
			dst = w.findAt(dst, text, at+int(i))
		}
	}
	return dst
}

// findAt appends the keywords that start at a place.
func (w *Words) findAt(dst []Hit, text []byte, at int) []Hit {
	old, head := len(dst), head(text, at)
	if root, ok := w.heads.findShort(head); ok {
		dst = w.tree.match(dst, root, text, at, 0)
	}
	if root, ok := w.heads.find(head); ok {
		dst = w.tree.match(dst, root, text, at, 0)
	}
	kept := dst[:old]
	for _, h := range dst[old:] {
		if !cutsWord(text, h.End) {
			kept = append(kept, h)
		}
	}
	return kept
}

// cutsWord reports whether the letters before and behind text[end] are of one
// word.
func cutsWord(text []byte, end int) bool {
	if end == len(text) || !isSmall(lowerByte(text[end-1])) || !isSmall(lowerByte(text[end])) {
		return false
	}
	return !isSmall(text[end-1]) || isSmall(text[end])
}
