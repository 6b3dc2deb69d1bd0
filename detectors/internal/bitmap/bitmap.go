// Package bitmap classifies bytes into planes and computes with planes. A
// plane is a bitmap with one bit a byte: bit i of word k stands for byte
// 64k+i. On planes, a question about neighbours ("a digit, and three bytes on
// a blank") is a shift and an AND for 64 bytes at a time.
//
// A Class says which bytes set the bits of a plane, Classes are the up to 16
// that are wanted of one text, and a Kernel does the work. The kernels differ
// in speed only: portable.go is the definition, and what builds with the tag
// purego and processors without assembly get. The tests hold all of them
// against a table of bytes and a loop over bits.
package bitmap

import (
	"fmt"
	"math/bits"
)

// Block is how many bytes one word of a plane covers.
const Block = 64

// Words is how many words of a plane n bytes take.
func Words(n int) int { return (n + Block - 1) / Block }

// Class is a set of bytes. All bytes from 0x80 on are alike: in it or not.
type Class struct {
	ASCII [2]uint64 // bit b%64 of word b/64 for byte b
	High  bool      // the bytes from 0x80 on
}

// Bytes is the class of the ASCII bytes in set; others in it do not count.
func Bytes(set string) Class {
	var c Class
	for i := range len(set) {
		if b := set[i]; b < 0x80 {
			c.ASCII[b/64] |= 1 << (b % 64)
		}
	}
	return c
}

// Or is the class of the bytes that are in c or in d.
func (c Class) Or(d Class) Class {
	return Class{[2]uint64{c.ASCII[0] | d.ASCII[0], c.ASCII[1] | d.ASCII[1]}, c.High || d.High}
}

// Without is the class of the bytes that are in c and not in d.
func (c Class) Without(d Class) Class {
	return Class{[2]uint64{c.ASCII[0] &^ d.ASCII[0], c.ASCII[1] &^ d.ASCII[1]}, c.High && !d.High}
}

// size is how many bytes c has, those from 0x80 on counted as one.
func (c Class) size() int {
	n := bits.OnesCount64(c.ASCII[0]) + bits.OnesCount64(c.ASCII[1])
	if c.High {
		n++
	}
	return n
}

// Has tells whether b is in c.
func (c Class) Has(b byte) bool {
	if b >= 0x80 {
		return c.High
	}
	return c.ASCII[b/64]>>(b%64)&1 != 0
}

// MaxClasses is how many classes a Classes can hold.
const MaxClasses = 16

// Classes is a compiled list of up to MaxClasses classes, immutable.
type Classes struct{ groups []group }

// NewClasses compiles list. It panics if list is longer than MaxClasses.
func NewClasses(list []Class) *Classes {
	if len(list) > MaxClasses {
		panic(fmt.Sprintf("bitmap: %d classes, at most %d are possible", len(list), MaxClasses))
	}
	cs := &Classes{make([]group, (len(list)+groupSize-1)/groupSize)}
	for i, c := range list {
		cs.groups[i/groupSize].add(c)
	}
	return cs
}

// groupSize is how many classes a kernel tells apart in one pass over the
// text: as many as there are bits in a byte.
const groupSize = 8

// group is up to groupSize classes, as each of the kernels wants them.
type group struct {
	n int // classes

	spread [256]uint64 // bit 8c of the entry of a byte: it is in class c
	bits   [128]uint8  // bit c of the entry of a byte: it is in class c
	high   uint8       // bit c: the bytes from 0x80 on are in class c

	// For class c: bit h of entry l tells whether byte 16h+l is in it, and all
	// bits of highs whether the bytes from 0x80 on are.
	rows  [groupSize][16]uint8
	highs [groupSize]uint64
}

func (g *group) add(class Class) {
	c := g.n
	g.n++
	for b := range 256 {
		if class.Has(byte(b)) {
			g.spread[b] |= 1 << (8 * c)
		}
	}
	for b := range g.bits {
		if class.Has(byte(b)) {
			g.bits[b] |= 1 << c
			g.rows[c][b%16] |= 1 << (b / 16)
		}
	}
	if class.High {
		g.high |= 1 << c
		g.highs[c] = ^uint64(0)
	}
}
