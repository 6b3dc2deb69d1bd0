package literal

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// heads is a hash set of the first four bytes of strings. Of those that start
// with the same two bytes as a shorter string, only as many bytes count as
// that has, so that one look-up finds strings of any length.
//
// It is a filter too, which asks at each place that is chosen, and branches
// nowhere: what it lets through depends on the text, and a wrong guess of the
// processor costs more than the rest of the look-up.
type heads struct {
	fold  uint32        // set in all heads: bit 5 of each byte, in which cases differ
	masks [pairs]uint32 // by pairIndex: what counts of a head; zero if no string starts so
	shift uint32        // of the hash, so that it is an index of a bit
	bits  []uint64      // a bit for each hash that a string has
	ranks []uint32      // how many bits are set in the words before
}

// pairs is how many pairs of bytes the masks tell apart.
const pairs = 1 << 10

// pairIndex tells apart the first two bytes of a head well enough.
func pairIndex(head uint32) uint32 { return (head ^ head>>5) % pairs }

// newHeads makes the set for strings, which are in lower case if they are to
// be folded. Its second result lists for each number that find returns the
// strings that have it.
func newHeads(strings []string, fold bool) (*heads, [][]int) {
	h := new(heads)
	if fold {
		h.fold = 0x20202020
	}
	for _, s := range strings {
		h.narrow(s)
	}
	const bitsPerString = 32 // lets one place in 32 through that is not a head
	size := min(max(10, bits.Len(uint(bitsPerString*len(strings)))), 20)
	h.shift = uint32(32 - size)
	h.bits = make([]uint64, 1<<size/64)
	h.ranks = make([]uint32, len(h.bits))
	byHash := make(map[uint32][]int)
	for i, s := range strings {
		x := h.hash(head([]byte(s), 0))
		h.bits[x/64] |= 1 << (x % 64)
		byHash[x] = append(byHash[x], i)
	}
	rank := 0
	for k, word := range h.bits {
		h.ranks[k] = uint32(rank)
		rank += bits.OnesCount64(word)
	}
	groups := make([][]int, 0, len(byHash))
	hashes := make([]uint32, 0, len(byHash))
	for x := range byHash {
		hashes = append(hashes, x)
	}
	slices.Sort(hashes)
	for _, x := range hashes {
		groups = append(groups, byHash[x])
	}
	return h, groups
}

// narrow sees to it that no more of a head counts than s has, where s may
// stand.
func (h *heads) narrow(s string) {
	mask := ^uint32(0) >> (32 - 8*min(len(s), 4))
	first := head([]byte(s), 0)
	if len(s) > 1 {
		h.narrowPair(first, mask)
		return
	}
	for second := range uint32(256) {
		h.narrowPair(first|second<<8, mask)
	}
}

func (h *heads) narrowPair(head, mask uint32) {
	m := &h.masks[pairIndex(head|h.fold)]
	if *m == 0 || mask < *m {
		*m = mask
	}
}

// hash is that of Fibonacci (Knuth, The Art of Computer Programming, volume
// 3, section 6.4) of what counts of head.
func (h *heads) hash(head uint32) uint32 {
	head |= h.fold
	return (head & h.masks[pairIndex(head)]) * 0x9e3779b1 >> (h.shift & 31)
}

// find returns the number of the group of strings that start with head, if
// there may be some.
func (h *heads) find(head uint32) (group uint32, ok bool) {
	x := h.hash(head)
	word, below := h.bits[x/64], uint64(1)<<(x%64)-1
	return h.ranks[x/64] + uint32(bits.OnesCount64(word&below)), word&(below+1) != 0
}

// mark implements filter.
func (h *heads) mark(words []uint64, text []byte, from, to int, where []uint64) {
	const ahead = 3 // bytes that the head of the last place of a block reaches beyond it
	for k := range words {
		chosen := ^uint64(0)
		if where != nil {
			chosen = where[k]
		}
		at := from + k*block
		if at+block+ahead <= len(text) {
			words[k] = h.markBlock((*[block + ahead]byte)(text[at:]), chosen)
			continue
		}
		var padded [block + ahead]byte
		copy(padded[:], text[at:])
		words[k] = h.markBlock(&padded, chosen)
	}
}

func (h *heads) markBlock(text *[block + 3]byte, chosen uint64) uint64 {
	var marked uint64
	for ; chosen != 0; chosen &= chosen - 1 {
		i := bits.TrailingZeros64(chosen) % block
		x := h.hash(binary.LittleEndian.Uint32(text[i : i+4]))
		marked |= h.bits[x/64] >> (x % 64) & 1 << i
	}
	return marked
}
