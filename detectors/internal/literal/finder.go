package literal

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// Finder finds the occurrences of strings that start at given places of a
// text, in three steps, each of which leaves the next less to do: a filter
// marks the places at which the next four bytes may begin one of them, a hash of
// these bytes says which, and a tree of the strings is walked. It is immutable
// and safe for concurrent use.
//
// Where a [Matcher] reads each byte once, a Finder reads most bytes of most
// texts in the filter only, and those of a text made to be slow, in which each
// place begins a long string, as often as strings begin before them.
type Finder struct {
	everywhere filter // for all places
	chosen     filter // for those that the caller chose
	heads      *heads
	tree       *tree
}

// filter says where strings may start.
type filter interface {
	// mark sets bit i of words[k] if a string may start at from+64k+i, and
	// clears it if none does or it is not set in where; where may be nil,
	// which is all bits. Bits for places from to on may have any value. words is
	// as long as from to to asks for, where, if it is there, at least as long.
	mark(words []uint64, text []byte, from, to int, where []uint64)
}

// NewFinder compiles strings, none of which is empty, for the best kernel that
// this processor can run. With fold, ASCII letters match in either case.
func NewFinder(strings []string, fold bool) *Finder {
	return newFinder(kernels()[0], strings, fold)
}

// NewFinderFor is NewFinder for the kernel of that name, one of Kernels: it is
// for tests and benchmarks.
func NewFinderFor(kernel string, strings []string, fold bool) *Finder {
	for _, k := range kernels() {
		if k.name == kernel {
			return newFinder(k, strings, fold)
		}
	}
	panic(fmt.Sprintf("literal: this processor cannot run kernel %q", kernel))
}

func newFinder(k kernel, strings []string, fold bool) *Finder {
	strings = lowered(strings, fold)
	f := new(Finder)
	var groups [][]int
	f.heads, groups = newHeads(strings, fold)
	f.tree = newTree(strings, groups, fold)
	f.everywhere, f.chosen = k.filters(strings, fold, f.heads)
	return f
}

// lowered returns strings, none of which is empty, in lower case if they are to be
// folded.
func lowered(strings []string, fold bool) []string {
	strings = slices.Clone(strings)
	for i, s := range strings {
		if s == "" {
			panic("literal: empty string")
		}
		if fold {
			strings[i] = lowerASCII(s)
		}
	}
	return strings
}

// lowerASCII returns s with its ASCII letters in lower case and all else as it
// was.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = lowerByte(c)
	}
	return string(b)
}

func lowerByte(c byte) byte {
	if c-'A' < 26 {
		return c | 0x20
	}
	return c
}

// strip is how many bytes are filtered at a time: few, so that the text is in
// the first-level cache when what is left of it is looked at, and a kernel,
// which cannot be interrupted, returns within a microsecond.
const strip = 8 << 10

// block is how many bytes a word of a bitmap stands for.
const block = 64

// Find appends to dst the occurrences that start in text[from:to] and end in
// text, in order of their starts, those with the same start in order of their
// ends and then of their numbers. Only those count that start at a place i
// where bit (i-from)%64 of where[(i-from)/64] is set; if where is nil, all do.
// Offsets in hits count from base, which is the offset of text[0].
//
// scratch is memory to work in, at least (to-from)/64+1 words; what is in it
// does not matter. Once dst has room, Find does not allocate.
func (f *Finder) Find(dst []Hit, text []byte, from, to, base int, where, scratch []uint64) []Hit {
	filter := f.everywhere
	if where != nil {
		filter = f.chosen
	}
	for at := from; at < to; at += strip {
		end := min(at+strip, to)
		words := scratch[:(end-at+block-1)/block]
		var chosen []uint64
		if where != nil {
			chosen = where[(at-from)/block:][:len(words)]
		}
		filter.mark(words, text, at, end, chosen)
		if rest := (end - at) % block; rest > 0 {
			words[len(words)-1] &= 1<<rest - 1
		}
		dst = f.verify(dst, words, text, at, base)
	}
	return dst
}

// verify appends the occurrences that start at the places marked in words,
// bit 0 of the first for from.
func (f *Finder) verify(dst []Hit, words []uint64, text []byte, from, base int) []Hit {
	for k, word := range words {
		for ; word != 0; word &= word - 1 {
			dst = f.verifyAt(dst, text, from+k*block+bits.TrailingZeros64(word), base)
		}
	}
	return dst
}

// verifyAt appends the occurrences that start at a place.
func (f *Finder) verifyAt(dst []Hit, text []byte, at, base int) []Hit {
	head := head(text, at)
	if root, ok := f.heads.findShort(head); ok {
		dst = f.tree.match(dst, root, text, at, base)
	}
	if root, ok := f.heads.find(head); ok {
		dst = f.tree.match(dst, root, text, at, base)
	}
	return dst
}

// head returns the four bytes of text from at on, the first lowest; bytes
// behind the end are zero.
func head(text []byte, at int) uint32 {
	if at+4 <= len(text) {
		return binary.LittleEndian.Uint32(text[at:])
	}
	var b [4]byte
	copy(b[:], text[at:])
	return binary.LittleEndian.Uint32(b[:])
}
