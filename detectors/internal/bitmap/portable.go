package bitmap

import "math/bits"

// classifyPortable is the classify of the portable kernel.
func classifyPortable(dst []uint64, stride int, text []byte, g *group) {
	var planes [groupSize]uint64
	for k := 0; len(text) >= Block; k++ {
		classifyBlock(&planes, (*[Block]byte)(text), g)
		for c, w := range planes[:g.n] {
			dst[c*stride+k] = w
		}
		text = text[Block:]
	}
}

// classifyRest fills one word of each plane from a text of less than a block.
func classifyRest(dst []uint64, stride int, text []byte, g *group) {
	var planes [groupSize]uint64
	var block [Block]byte
	copy(block[:], text)
	classifyBlock(&planes, &block, g)
	for c, w := range planes[:g.n] {
		dst[c*stride] = w & (1<<len(text) - 1)
	}
}

// classifyBlock sets p[c] to the word of class c. First each of eight words
// has the classes of eight bytes, as spread gives them; then byte i of word j
// is swapped with byte j of word i, by swapping halves, quarters and eighths
// (Warren, Hacker's Delight, 2nd ed., section 7-3, does so with bits).
func classifyBlock(p *[groupSize]uint64, text *[Block]byte, g *group) {
	w0 := spread(&g.spread, (*[8]byte)(text[0:]))
	w1 := spread(&g.spread, (*[8]byte)(text[8:]))
	w2 := spread(&g.spread, (*[8]byte)(text[16:]))
	w3 := spread(&g.spread, (*[8]byte)(text[24:]))
	w4 := spread(&g.spread, (*[8]byte)(text[32:]))
	w5 := spread(&g.spread, (*[8]byte)(text[40:]))
	w6 := spread(&g.spread, (*[8]byte)(text[48:]))
	w7 := spread(&g.spread, (*[8]byte)(text[56:]))

	w0, w4 = swap(w0, w4, 32, 0x00000000ffffffff)
	w1, w5 = swap(w1, w5, 32, 0x00000000ffffffff)
	w2, w6 = swap(w2, w6, 32, 0x00000000ffffffff)
	w3, w7 = swap(w3, w7, 32, 0x00000000ffffffff)

	w0, w2 = swap(w0, w2, 16, 0x0000ffff0000ffff)
	w1, w3 = swap(w1, w3, 16, 0x0000ffff0000ffff)
	w4, w6 = swap(w4, w6, 16, 0x0000ffff0000ffff)
	w5, w7 = swap(w5, w7, 16, 0x0000ffff0000ffff)

	p[0], p[1] = swap(w0, w1, 8, 0x00ff00ff00ff00ff)
	p[2], p[3] = swap(w2, w3, 8, 0x00ff00ff00ff00ff)
	p[4], p[5] = swap(w4, w5, 8, 0x00ff00ff00ff00ff)
	p[6], p[7] = swap(w6, w7, 8, 0x00ff00ff00ff00ff)
}

// spread returns the classes of eight bytes: bit i of byte c is set iff b[i]
// is in class c. Nothing carries from byte to byte, for an entry of the table
// has no more than the lowest bit of each.
func spread(table *[256]uint64, b *[8]byte) uint64 {
	w := table[b[7]]
	w = 2*w + table[b[6]]
	w = 2*w + table[b[5]]
	w = 2*w + table[b[4]]
	w = 2*w + table[b[3]]
	w = 2*w + table[b[2]]
	w = 2*w + table[b[1]]
	return 2*w + table[b[0]]
}

// swap exchanges the bits of a that mask has shifted up by n with the bits of
// b that mask has.
func swap(a, b uint64, n int, mask uint64) (uint64, uint64) {
	t := (a>>n ^ b) & mask
	return a ^ t<<n, b ^ t
}

// runPortable is the definition of a runner.
func runPortable(arena []uint64, codes []code, some []bool, words, zero int) {
	for i := range codes {
		c := &codes[i]
		a, b := int(c.a), int(c.b)
		hasA, hasB := some[c.na], some[c.nb]
		if !hasA {
			a = zero
		}
		if !hasB {
			b = zero
		}
		d, x, y, s := arena[c.dst:][:words], arena[a:][:words], arena[b:][:words+1], uint64(c.shift)
		var has bool
		switch c.op {
		case opAnd:
			has = hasA && hasB && and(d, x, y, s)
		case opAndNot:
			has = hasA && andNot(d, x, y, s)
		case opOr:
			has = (hasA || hasB) && or(d, x, y, s)
		case opAndOr:
			switch sum := some[c.sum]; {
			case !hasA || !hasB:
				has = sum
			case sum && a == b && s == 0:
				has = orWhole(d, d, x)
			case sum:
				has = andOr(d, x, y, s)
			default:
				has = and(d, x, y, s)
			}
		}
		some[c.self] = has
	}
}

// and sets dst[i] = a[i] & b[i:]>>s for all i, where b[i:]>>s are the 64 bits of
// b from bit s of b[i] on, 0 <= s < 64. It returns whether any bit of dst is set.
// dst has an even number of words, a is as long, and b one word longer. andNot,
// or and andOr differ in one operator; the former two often have no shift.
//
// A word of b rotated by s has the bits for the word of dst at its place below
// bit 64-s, and above it those for the word before: one shift a word. More than
// two words at a time do not fit the registers.
func and(dst, a, b []uint64, s uint64) bool {
	a, next, by := a[:len(dst)], b[1:][:len(dst)], -int(s)
	below := ^uint64(0) >> s
	last := bits.RotateLeft64(b[0], by)
	var any uint64
	for i := 0; i < len(dst)-1; i += 2 {
		r := bits.RotateLeft64(next[i], by)
		v := a[i] & (r ^ (r^last)&below)
		last = bits.RotateLeft64(next[i+1], by)
		w := a[i+1] & (last ^ (last^r)&below)
		dst[i], dst[i+1] = v, w
		any |= v | w
	}
	return any != 0
}

func andNot(dst, a, b []uint64, s uint64) bool {
	if s == 0 {
		return andNotWhole(dst, a, b)
	}
	a, next, by := a[:len(dst)], b[1:][:len(dst)], -int(s)
	below := ^uint64(0) >> s
	last := bits.RotateLeft64(b[0], by)
	var any uint64
	for i := 0; i < len(dst)-1; i += 2 {
		r := bits.RotateLeft64(next[i], by)
		v := a[i] &^ (r ^ (r^last)&below)
		last = bits.RotateLeft64(next[i+1], by)
		w := a[i+1] &^ (last ^ (last^r)&below)
		dst[i], dst[i+1] = v, w
		any |= v | w
	}
	return any != 0
}

func andNotWhole(dst, a, b []uint64) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	var any uint64
	for i := 0; i < len(dst)-1; i += 2 {
		v, w := a[i]&^b[i], a[i+1]&^b[i+1]
		dst[i], dst[i+1] = v, w
		any |= v | w
	}
	return any != 0
}

func or(dst, a, b []uint64, s uint64) bool {
	if s == 0 {
		return orWhole(dst, a, b)
	}
	a, next, by := a[:len(dst)], b[1:][:len(dst)], -int(s)
	below := ^uint64(0) >> s
	last := bits.RotateLeft64(b[0], by)
	var any uint64
	for i := 0; i < len(dst)-1; i += 2 {
		r := bits.RotateLeft64(next[i], by)
		v := a[i] | (r ^ (r^last)&below)
		last = bits.RotateLeft64(next[i+1], by)
		w := a[i+1] | (last ^ (last^r)&below)
		dst[i], dst[i+1] = v, w
		any |= v | w
	}
	return any != 0
}

func orWhole(dst, a, b []uint64) bool {
	a, b = a[:len(dst)], b[:len(dst)]
	var any uint64
	for i := 0; i < len(dst)-1; i += 2 {
		v, w := a[i]|b[i], a[i+1]|b[i+1]
		dst[i], dst[i+1] = v, w
		any |= v | w
	}
	return any != 0
}

func andOr(dst, a, b []uint64, s uint64) bool {
	a, next, by := a[:len(dst)], b[1:][:len(dst)], -int(s)
	below := ^uint64(0) >> s
	last := bits.RotateLeft64(b[0], by)
	var any uint64
	for i := 0; i < len(dst)-1; i += 2 {
		r := bits.RotateLeft64(next[i], by)
		v := dst[i] | a[i]&(r^(r^last)&below)
		last = bits.RotateLeft64(next[i+1], by)
		w := dst[i+1] | a[i+1]&(last^(last^r)&below)
		dst[i], dst[i+1] = v, w
		any |= v | w
	}
	return any != 0
}
