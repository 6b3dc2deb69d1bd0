package main

import (
	"encoding/binary"
	"math/rand/v2"
)

// binaryText makes bytes like those of object files and images, section after
// section drawn at random: compressed data, tables of integers, names that
// end in NUL, code, pixels, and stretches of NUL. No value is in it.
func binaryText(size int) ([]byte, []int) {
	r := rand.New(rand.NewPCG(3, 4))
	sections := []func([]byte, *rand.Rand, int) []byte{randomBytes, integers, names, instructions, pixels, nuls}
	text := make([]byte, 0, size+64<<10)
	for len(text) < size {
		section := sections[r.IntN(len(sections))]
		text = section(text, r, 1<<(8+r.IntN(9)))
	}
	return text[:size], []int{}
}

// Each of these appends about n bytes of its kind to b.

func randomBytes(b []byte, r *rand.Rand, n int) []byte {
	for range n / 8 {
		b = binary.LittleEndian.AppendUint64(b, r.Uint64())
	}
	return b
}

// integers are offsets that rise, as in tables of symbols and relocations,
// with small numbers between them.
func integers(b []byte, r *rand.Rand, n int) []byte {
	at := uint32(r.IntN(1 << 20))
	for range n / 12 {
		at += uint32(r.IntN(256))
		b = binary.LittleEndian.AppendUint32(b, at)
		b = binary.LittleEndian.AppendUint16(b, uint16(r.IntN(16)))
		b = binary.LittleEndian.AppendUint16(b, uint16(r.IntN(1<<12)))
		b = binary.LittleEndian.AppendUint32(b, 0)
	}
	return b
}

// names are a table of strings: parts joined as compilers and linkers do.
func names(b []byte, r *rand.Rand, n int) []byte {
	parts := []string{"_ZN", "std", "runtime", "init", "get", "Buffer", "str", "map", "14", "E", "v2", "alloc", "Iter", "lib", "so", "6", "GLIBC", "main", "type", "00"}
	joints := []string{"", "", "_", ".", "/", "::"}
	for end := len(b) + n; len(b) < end; b = append(b, 0) {
		for range 2 + r.IntN(5) {
			b = append(b, parts[r.IntN(len(parts))]...)
			b = append(b, joints[r.IntN(len(joints))]...)
		}
	}
	return b
}

// instructions have the frequent bytes of x86-64 code and short operands.
func instructions(b []byte, r *rand.Rand, n int) []byte {
	opcodes := []string{"\x48\x89", "\x48\x8b", "\x0f\x1f", "\xe8", "\x48\x83\xec", "\x74", "\x75", "\xc3", "\x90", "\x4c\x8d", "\x31\xc0", "\x55", "\x5d", "\x41\x57"}
	for end := len(b) + n; len(b) < end; {
		b = append(b, opcodes[r.IntN(len(opcodes))]...)
		b = append(b, byte(r.IntN(256)))
		if r.IntN(3) == 0 {
			b = binary.LittleEndian.AppendUint32(b, uint32(int32(r.IntN(1<<16)-1<<15)))
		}
	}
	return b
}

// pixels are rows of red, green and blue that change slowly.
func pixels(b []byte, r *rand.Rand, n int) []byte {
	red, green, blue := r.IntN(256), r.IntN(256), r.IntN(256)
	for range n / 3 {
		red, green, blue = red+r.IntN(5)-2, green+r.IntN(5)-2, blue+r.IntN(5)-2
		b = append(b, byte(red), byte(green), byte(blue))
	}
	return b
}

func nuls(b []byte, _ *rand.Rand, n int) []byte { return append(b, make([]byte, n)...) }
