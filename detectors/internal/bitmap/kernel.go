package bitmap

// Kernel is one implementation of classifying and of programs. What they do is
// said here and is the same for all; a kernel has no state.
type Kernel struct {
	Name string // "avx512", "avx2", "neon" or "portable"

	classify classifier
	run      runner
}

// A classifier fills the planes of g: dst[c*stride+k] for class c and block k
// of text, whose length is a multiple of Block and not zero.
type classifier func(dst []uint64, stride int, text []byte, g *group)

// A runner does codes on the words of an arena, one after the other: the first
// words words of each plane, which are a multiple of eight and not zero. In some
// it tells of each result whether it has any bit there. Where operands have none
// there may be nothing to do; what their words hold then does not count. zero
// is where a plane without bits is.
//
// A shift takes bits of the word behind those of b, whatever they mean there; all
// that stands up to eight words behind may be read. No plane is both a result
// and an operand of one code, but for the sum of opAndOr.
type runner func(arena []uint64, codes []code, some []bool, words, zero int)

var portable = Kernel{"portable", classifyPortable, runPortable}

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
