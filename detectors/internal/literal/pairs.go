package literal

import (
	"encoding/binary"
	"strings"
)

// rarePairs is a filter that looks at every other place only, at two bytes at
// once. A string that starts at an even place has a pair of its bytes at an even
// place too, and so has one that starts at an odd place; of the pairs that
// come into question, the rarest is waited for. It is the skipping of Wu and
// Manber ("A fast algorithm for multi-pattern searching", 1994) with a skip
// that does not depend on the text, so that nothing waits for what was read
// before.
type rarePairs struct {
	fold uint64 // set in all bytes: bit 5, in which cases differ
	// By pair, the first byte lowest: bit rareReach-k is set if a string may
	// start k bytes before it.
	starts [1 << 16]uint8
}

// rareReach is how far behind its start the pair of a string stands at most.
const rareReach = 6

// pairStep is how many bytes are looked at between two branches.
const pairStep = 16

func newRarePairs(list []string, fold bool) *rarePairs {
	p := new(rarePairs)
	if fold {
		p.fold = 0x2020202020202020
	}
	for _, s := range list {
		p.add(s, 0)
		p.add(s, 1)
	}
	return p
}

// add makes s known where it starts at a place of that parity.
func (p *rarePairs) add(s string, parity int) {
	// The byte before a short string, or behind it, is any.
	best, least := 0, 2.0
	for k := -parity; k <= min(rareReach, len(s)-1); k += 2 {
		if f := frequency(s, k) * frequency(s, k+1); f < least {
			best, least = k, f
		}
	}
	for _, a := range bytesAt(s, best) {
		for _, b := range bytesAt(s, best+1) {
			pair := uint16(a) | uint16(b)<<8 | uint16(p.fold)
			p.starts[pair] |= 1 << (rareReach - best)
		}
	}
}

// bytesAt returns what s can have at offset i.
func bytesAt(s string, i int) []byte {
	if 0 <= i && i < len(s) {
		return []byte{s[i]}
	}
	all := make([]byte, 256)
	for c := range all {
		all[c] = byte(c)
	}
	return all
}

// frequency estimates how common the byte at offset i of s is in text.
func frequency(s string, i int) float64 {
	// The most common first: like English, with some of tables and programs.
	const common = " etaoinsrlhdcu01m\n2p.f,\"g-3b4568y79w:/v_'=k()TSAECRxIMNPDLOBF;{}[]zjqHGWU<>\tK&+@#JYXQVZ*|?!%$"
	if i < 0 || i >= len(s) {
		return 1
	}
	rank := strings.IndexByte(common, s[i])
	if rank < 0 {
		rank = len(common)
	}
	return 1 / float64(2+rank)
}

// mark implements filter.
func (p *rarePairs) mark(words []uint64, text []byte, from, to int, where []uint64) {
	clear(words)
	text = text[from:min(to+rareReach+1, len(text))]
	whole := len(text) / pairStep * pairStep
	p.look(words, text[:whole], -rareReach)
	var padded [pairStep]byte
	copy(padded[:], text[whole:])
	p.look(words, padded[:], whole-rareReach)
	if where != nil {
		for k := range words {
			words[k] &= where[k]
		}
	}
}

// look sets in words the places at which strings may start by the pairs in
// text, whose length is a multiple of pairStep. The place rareReach bytes
// before text is bit i of words.
func (p *rarePairs) look(words []uint64, text []byte, i int) {
	t, fold := &p.starts, p.fold
	for ; len(text) >= pairStep; text = text[pairStep:] {
		x, y := binary.LittleEndian.Uint64(text)|fold, binary.LittleEndian.Uint64(text[8:])|fold
		a, b, c, d := t[uint16(x)], t[uint16(x>>16)], t[uint16(x>>32)], t[uint16(x>>48)]
		e, f, g, h := t[uint16(y)], t[uint16(y>>16)], t[uint16(y>>32)], t[uint16(y>>48)]
		if a|b|c|d|e|f|g|h != 0 {
			setBits(words, i, uint64(a)|uint64(b)<<2|uint64(c)<<4|uint64(d)<<6|
				uint64(e)<<8|uint64(f)<<10|uint64(g)<<12|uint64(h)<<14)
		}
		i += pairStep
	}
}

// setBits sets bits from bit i of words on, where i may be below zero and
// beyond the end.
func setBits(words []uint64, i int, bits uint64) {
	if i < 0 {
		bits >>= -i
		i = 0
	}
	if k := i / 64; k < len(words) {
		words[k] |= bits << (i % 64)
		if k+1 < len(words) {
			words[k+1] |= bits >> (64 - i%64)
		}
	}
}
