package bitmap

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

// classifyBlock sets planes[c] to the word of class c.
func classifyBlock(planes *[groupSize]uint64, text *[Block]byte, g *group) {
	for j := range planes {
		planes[j] = spread(&g.spread, (*[8]byte)(text[8*j:]))
	}
	transpose(planes)
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

// transpose swaps byte i of w[j] with byte j of w[i], for all i and j, by
// swapping halves, quarters and eighths (Warren, Hacker's Delight, 2nd ed.,
// section 7-3, has it for bits).
func transpose(w *[8]uint64) {
	for j := range 4 {
		w[j], w[j+4] = swap(w[j], w[j+4], 32, 0x00000000ffffffff)
	}
	for _, j := range [...]int{0, 1, 4, 5} {
		w[j], w[j+2] = swap(w[j], w[j+2], 16, 0x0000ffff0000ffff)
	}
	for _, j := range [...]int{0, 2, 4, 6} {
		w[j], w[j+1] = swap(w[j], w[j+1], 8, 0x00ff00ff00ff00ff)
	}
}

// swap exchanges the bits of a that mask has shifted up by n with the bits of
// b that mask has.
func swap(a, b uint64, n int, mask uint64) (uint64, uint64) {
	t := (a>>n ^ b) & mask
	return a ^ t<<n, b ^ t
}

// b[i:]>>s is b[i]>>s | b[i+1]<<(64-s). The shift to the left is done in two,
// so that nothing of the next word remains when s is 0, and masks tell the
// compiler that no shift exceeds 63. andPortable, andNotPortable and
// orPortable differ in one operator.

func andPortable(dst, a, b []uint64, s uint64) bool {
	a, lo, next := a[:len(dst)], b[0], b[1:][:len(dst)]
	var any uint64
	for i := range dst {
		hi := next[i]
		w := a[i] & (lo>>(s&63) | hi<<1<<(^s&63))
		dst[i], lo = w, hi
		any |= w
	}
	return any != 0
}

func andNotPortable(dst, a, b []uint64, s uint64) bool {
	a, lo, next := a[:len(dst)], b[0], b[1:][:len(dst)]
	var any uint64
	for i := range dst {
		hi := next[i]
		w := a[i] &^ (lo>>(s&63) | hi<<1<<(^s&63))
		dst[i], lo = w, hi
		any |= w
	}
	return any != 0
}

func orPortable(dst, a, b []uint64, s uint64) bool {
	a, lo, next := a[:len(dst)], b[0], b[1:][:len(dst)]
	var any uint64
	for i := range dst {
		hi := next[i]
		w := a[i] | (lo>>(s&63) | hi<<1<<(^s&63))
		dst[i], lo = w, hi
		any |= w
	}
	return any != 0
}
