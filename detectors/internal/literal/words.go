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
// Nothing is asked of all bytes of a text, as a [Finder] does: places are listed, and
// two filters strike off those at which no keyword starts, by their first three
// bytes, which leave a quarter of the words of a text, and by heads. Neither
// branches on what it reads, since no processor guesses that. It is immutable and safe
// for concurrent use.
type Words struct {
	kernel string
	starts [1 << shortBits / 64]uint64 // of keywords, by shortHash of their first bytes
	heads  *heads
	tree   *tree
}

// wordsListed is for how many words of a bitmap places are listed at a time.
const wordsListed = 16

// placeList has room for their places and for what is written behind them.
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
	w := &Words{kernel: k.name}
	for _, keyword := range list {
		for hash := range shortHashes(keyword[:min(len(keyword), shortLen)]) {
			put(w.starts[:], uint64(hash))
		}
	}
	var groups [][]int
	w.heads, groups = newHeads(list, true)
	w.tree = newTree(list, groups, true)
	return w
}

func isSmall(c byte) bool { return c-'a' < 26 }

// listPortable lists those bits of where, of at most wordsListed words, at which
// a keyword may start in text, which has eight bytes at each of them.
func (w *Words) listPortable(places *placeList, text []byte, where []uint64) []uint16 {
	return w.heads.strike(w.strikeStarts(listPlaces(places, where), text), text)
}

// listPlaces lists the bits of where.
func listPlaces(places *placeList, where []uint64) []uint16 {
	n := 0
	for k, chosen := range where {
		next := n + bits.OnesCount64(chosen)
		for ; chosen != 0; n += 8 { // eight at a time, the last of which may be none
			eight := (*[8]uint16)(places[n:])
			for i := range eight {
				eight[i] = uint16(k*block + bits.OnesCount64(chosen&-chosen-1))
				chosen &= chosen - 1
			}
		}
		n = next
	}
	return places[:n]
}

// strikeStarts strikes off the places at which no keyword starts with what the
// first three bytes are.
func (w *Words) strikeStarts(places []uint16, text []byte) []uint16 {
	n := 0
	for _, i := range places {
		places[n] = i
		n += int(has(w.starts[:], uint64(shortHash(binary.LittleEndian.Uint32(text[i:])))))
	}
	return places[:n]
}

// Find appends to dst the keywords that start in text[from:to] and end in text, in
// order of their starts, those with the same start in order of their ends and then
// of their numbers. Only those count that start at a place i where bit (i-from)%64
// of where[(i-from)/64] is set; if where is nil, all do.
func (w *Words) Find(dst []Hit, text []byte, from, to int, where []uint64) []Hit {
	var places placeList
	var chosen [wordsListed]uint64
	for at := from; at < to; {
		n := (min(to-at, wordsListed*block) + block - 1) / block
		part := text[at:]
		var padded [block + edge]byte
		if whole := (len(part) - edge) / block; whole > 0 {
			n = min(n, whole)
		} else {
			n = 1
			copy(padded[:], part)
			part = padded[:]
		}
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
		for _, i := range w.list(&places, part, some) {
			dst = w.findAt(dst, text, at+int(i))
		}
		at += n * block
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
