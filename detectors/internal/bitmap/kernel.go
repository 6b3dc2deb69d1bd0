package bitmap

// Kernel is one implementation of the operations on planes. What they do is
// said here and is the same for all; a kernel has no state.
type Kernel struct {
	Name string // "avx512", "avx2", "neon" or "portable"

	classify               classifier
	and, andNot, or, andOr operation
	run                    runner // nil: runCodes
}

// A classifier fills the planes of g: dst[c*stride+k] for class c and block k
// of text, whose length is a multiple of Block and not zero.
type classifier func(dst []uint64, stride int, text []byte, g *group)

// An operation sets dst[i] = a[i] OP b[i:]>>s for all i, where b[i:]>>s are
// the 64 bits of b from bit s of b[i] on and 0 <= s < 64. It returns whether
// any bit of dst is set. a is as long as dst and b one word longer, of which
// dst and a may have none; as Kernel.And tells, some words more may be read
// behind b.
type operation func(dst, a, b []uint64, s uint64) bool

// A runner does what [Kernel.runCodes] does.
type runner func(arena []uint64, codes []code, some []bool, words, zero int)

var portable = Kernel{"portable", classifyPortable, andPortable, andNotPortable, orPortable, andOrPortable, nil}

// Kernels returns the kernels that this processor runs, best first. The last
// one is "portable" and is always there.
func Kernels() []*Kernel { return append(native(), &portable) }

// Classify sets bit i of dst[c*stride+k], for each class c of cs, iff
// text[64k+i] is in it, for the Words(len(text)) words that text takes. Bits
// beyond the end of text are zero, and no other word of dst is written. A
// stride is at least these words. Nothing is kept of dst and text.
//
// The runtime cannot preempt a kernel: hand it some KiB at a time.
func (k *Kernel) Classify(dst []uint64, stride int, text []byte, cs *Classes) {
	words := Words(len(text))
	if words == 0 {
		return
	}
	full := len(text) / Block
	for i := range cs.groups {
		g := &cs.groups[i]
		planes := dst[groupSize*i*stride:][:(g.n-1)*stride+words]
		if full > 0 {
			k.classify(planes, stride, text[:full*Block], g)
		}
		if full < words {
			classifyRest(planes[full:], stride, text[full*Block:], g)
		}
	}
}

// And sets dst[i] = a[i] & b>>shift for 0 <= i < words, where bit p of
// b>>shift is bit p+shift of the plane b, across its words, and
// -64 <= shift <= 64. It returns whether any bit of those words of dst is set.
//
// Planes are parts of one arena: dst, a and b are offsets in words. A shift
// takes bits of the word before or behind those of b, whatever they mean
// there. All that stands from there to eight words behind those of b may be
// read, and dst may be written up to words rounded up to a multiple of eight;
// the caller guarantees that these exist. dst may be a, and with shift 0 also
// b. If it overlaps with them otherwise, or with the words that a shift takes,
// the result is not defined.
func (k *Kernel) And(arena []uint64, dst, a, b, words, shift int) bool {
	d, x, y, s := operands(arena, dst, a, b, words, shift)
	return k.and(d, x, y, s)
}

// AndNot sets dst[i] = a[i] &^ b>>shift; all else is as with And.
func (k *Kernel) AndNot(arena []uint64, dst, a, b, words, shift int) bool {
	d, x, y, s := operands(arena, dst, a, b, words, shift)
	return k.andNot(d, x, y, s)
}

// Or sets dst[i] = a[i] | b>>shift; all else is as with And.
func (k *Kernel) Or(arena []uint64, dst, a, b, words, shift int) bool {
	d, x, y, s := operands(arena, dst, a, b, words, shift)
	return k.or(d, x, y, s)
}

// AndOr sets dst[i] |= a[i] & b>>shift, and returns whether any bit of these
// words is set; all else is as with And.
func (k *Kernel) AndOr(arena []uint64, dst, a, b, words, shift int) bool {
	d, x, y, s := operands(arena, dst, a, b, words, shift)
	return k.andOr(d, x, y, s)
}

// operands returns what an operation takes. A shift down by s (that is, by a
// negative shift) is one word back and 64-s up.
func operands(arena []uint64, dst, a, b, words, shift int) (d, x, y []uint64, s uint64) {
	b += shift >> 6
	return arena[dst:][:words], arena[a:][:words], arena[b:][:words+1], uint64(shift & 63)
}
