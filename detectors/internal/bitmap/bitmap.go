// Package bitmap classifies bytes into planes: bitmaps with one bit a byte,
// bit i of word k for byte 64k+i. On planes, questions about runs and
// neighbours are a few shifts for 64 bytes at a time.
//
// The code here is portable: eight bytes in a uint64 at a time ("SIMD within
// a register"; the tests for ranges and equal bytes are those of Warren,
// Hacker's Delight, 2nd ed., section 6-1). It is the definition of what a
// kernel for one processor must give; dispatch.go is where one is chosen.
package bitmap

import "encoding/binary"

// Block is how many bytes one word of a plane covers.
const Block = 64

// Words is how many words of a plane n bytes take.
func Words(n int) int { return (n + Block - 1) / Block }

// Planes are the classes of the bytes of one text. Bits beyond the end of
// the text are zero.
type Planes struct {
	Digit  []uint64 // '0' to '9'
	Letter []uint64 // ASCII letters
	Base64 []uint64 // ASCII letters and digits, '+' and '/'
	Mark   []uint64 // the bytes of a Marks
}

// Make returns planes with room for n bytes.
func Make(n int) Planes {
	k := Words(n)
	return Planes{make([]uint64, k), make([]uint64, k), make([]uint64, k), make([]uint64, k)}
}

// Marks is a small set of bytes to be looked for.
type Marks struct {
	lanes []uint64 // each byte of the set eight times
}

// NewMarks makes a set of the bytes in set. Each costs a little for every
// byte classified.
func NewMarks(set string) Marks {
	var m Marks
	for _, c := range []byte(set) {
		m.lanes = append(m.lanes, uint64(c)*ones)
	}
	return m
}

// classify fills the words of p that text takes; p must have room for them.
func classify(p *Planes, text []byte, marks *Marks) {
	k := 0
	for ; len(text) >= Block; k++ {
		classifyBlock(p, k, (*[Block]byte)(text), marks)
		text = text[Block:]
	}
	if len(text) == 0 {
		return
	}
	var last [Block]byte
	copy(last[:], text)
	classifyBlock(p, k, &last, marks)
	rest := uint64(1)<<len(text) - 1
	p.Digit[k] &= rest
	p.Letter[k] &= rest
	p.Base64[k] &= rest
	p.Mark[k] &= rest
}

const (
	ones = 0x0101010101010101
	high = 0x80 * ones
	low7 = 0x7f * ones
)

func classifyBlock(p *Planes, k int, b *[Block]byte, marks *Marks) {
	var digit, letter, base64, mark uint64
	for i := 0; i < Block; i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		// Adding 0x80-lo to seven bits sets the eighth where they are at least
		// lo, and no sum carries into the next byte.
		t := x & low7
		d := (t + (0x80-'0')*ones) &^ (t + (0x7f-'9')*ones) &^ x
		u := t | 0x20*ones
		l := (u + (0x80-'a')*ones) &^ (u + (0x7f-'z')*ones) &^ x
		digit |= gather(d) << i
		letter |= gather(l) << i
		base64 |= gather(d|l|equal(x, '+'*ones)|equal(x, '/'*ones)) << i
		var m uint64
		for _, lane := range marks.lanes {
			m |= equal(x, lane)
		}
		mark |= gather(m) << i
	}
	p.Digit[k], p.Letter[k], p.Base64[k], p.Mark[k] = digit, letter, base64, mark
}

// equal sets the high bits of the bytes of x that equal those of y.
func equal(x, y uint64) uint64 {
	z := x ^ y // zero where equal
	return ^((z&low7 + low7) | z)
}

// gather returns the high bits of the eight bytes of x as one byte.
func gather(x uint64) uint64 { return (x & high) * 0x0002040810204081 >> 56 }
