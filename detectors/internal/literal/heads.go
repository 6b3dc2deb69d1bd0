package literal

import (
	"encoding/binary"
	"math/bits"
)

// heads is a hash set of the first four bytes of strings. Of those that start
// with the same two bytes as a shorter string, only as many bytes count as
// that has, so that one look-up finds strings of any length.
//
// It is a filter too, which asks at each place that is chosen, and branches
// nowhere: what it lets through depends on the text, and a wrong guess of the
// processor costs more than the rest of the look-up.
type heads struct {
	// What counts of a head, by pairIndex: all of it or the first bytes,
	// without bit 5, in which cases differ, if they are to be folded. Zero if no
	// string starts so.
	masks [1 << pairBits]uint32

	// One more than the number of a group of strings, by hash of their heads.
	// Zero if there is none.
	groups [1 << headBits]uint16

	// A bit for each hash of more bits: with thousands of strings most heads
	// that groups has a number for are none.
	seen [1 << seenBits / 64]uint64
}

const (
	pairBits = 10
	seenBits = 16
	headBits = 13 // with 500 strings one place in 16 that is no head is let through
)

// pairIndex tells apart the first two bytes of a head by five bits of each.
func pairIndex(head uint32) uint32 { return head&0x1f | head>>3&0x3e0 }

// hash is that of Fibonacci (Knuth, The Art of Computer Programming, volume
// 3, section 6.4) of what counts of head.
func (h *heads) hash(head uint32) uint32 {
	return h.product(head) >> (32 - headBits)
}

func (h *heads) product(head uint32) uint32 { return (head & h.masks[pairIndex(head)]) * 0x9e3779b1 }

// newHeads makes the set for strings, which are in lower case if they are to
// be folded. Its second result lists the strings of each group.
func newHeads(strings []string, fold bool) (*heads, [][]int) {
	h := new(heads)
	for _, s := range strings {
		h.narrow(s, fold)
	}
	var groups [][]int
	for i, s := range strings {
		first := head([]byte(s), 0)
		bit := h.product(first) >> (32 - seenBits)
		h.seen[bit/64] |= 1 << (bit % 64)
		g := &h.groups[h.hash(first)]
		if *g == 0 {
			groups = append(groups, nil)
			*g = uint16(len(groups))
		}
		groups[*g-1] = append(groups[*g-1], i)
	}
	return h, groups
}

// narrow sees to it that no more of a head counts than s has, where s may
// stand.
func (h *heads) narrow(s string, fold bool) {
	mask := ^uint32(0) >> (32 - 8*min(len(s), 4))
	if fold {
		mask &^= 0x20202020
	}
	first := head([]byte(s), 0)
	seconds := uint32(1)
	if len(s) == 1 { // the second byte may be any
		seconds = 256
	}
	for second := range seconds {
		m := &h.masks[pairIndex(first|second<<8)]
		if *m == 0 || mask < *m {
			*m = mask
		}
	}
}

// find returns the number of the group of strings that may start with head.
func (h *heads) find(head uint32) (group uint32, ok bool) {
	p := h.product(head)
	if bit := p >> (32 - seenBits); h.seen[bit/64]>>(bit%64)&1 == 0 {
		return 0, false
	}
	return uint32(h.groups[p>>(32-headBits)]) - 1, true
}

// mark implements filter.
func (h *heads) mark(words []uint64, text []byte, from, to int, where []uint64) {
	for k := range words {
		chosen := ^uint64(0)
		if where != nil {
			chosen = where[k]
		}
		at := from + k*block
		if at+block+headLen-1 <= len(text) {
			words[k] = h.markBlock((*headBlock)(text[at:]), chosen)
			continue
		}
		var padded headBlock
		copy(padded[:], text[at:])
		words[k] = h.markBlock(&padded, chosen)
	}
}

// headBlock is a block and what the head of its last place has behind it.
type headBlock [block + headLen - 1]byte

const headLen = 4

func (h *heads) markBlock(text *headBlock, chosen uint64) uint64 {
	var marked uint64
	for chosen != 0 { // four at a time; when it is zero, nothing happens
		marked |= h.markFirst(text, chosen)
		chosen &= chosen - 1
		marked |= h.markFirst(text, chosen)
		chosen &= chosen - 1
		marked |= h.markFirst(text, chosen)
		chosen &= chosen - 1
		marked |= h.markFirst(text, chosen)
		chosen &= chosen - 1
	}
	return marked
}

// markSeen is markBlock by more bits of the hash.
func (h *heads) markSeen(text *headBlock, chosen uint64) uint64 {
	var marked uint64
	for chosen != 0 { // two at a time; when it is zero, nothing happens
		marked |= h.markFirstSeen(text, chosen)
		chosen &= chosen - 1
		marked |= h.markFirstSeen(text, chosen)
		chosen &= chosen - 1
	}
	return marked
}

// markFirstSeen is markFirst by more bits of the hash.
func (h *heads) markFirstSeen(text *headBlock, chosen uint64) uint64 {
	lowest := chosen & -chosen
	i := bits.OnesCount64(lowest-1) % block
	bit := h.product(binary.LittleEndian.Uint32(text[i:i+headLen])) >> (32 - seenBits)
	return lowest & -(h.seen[bit/64] >> (bit % 64) & 1)
}

// markFirst returns the lowest bit of chosen if a head may be there, else
// zero.
func (h *heads) markFirst(text *headBlock, chosen uint64) uint64 {
	lowest := chosen & -chosen
	// This is TrailingZeros64. The instruction that the compiler takes for that
	// on amd64 waits for what was in its target before: for the look-up before.
	i := bits.OnesCount64(lowest-1) % block
	group := h.groups[h.hash(binary.LittleEndian.Uint32(text[i:i+headLen]))]
	return lowest & uint64(-int64(group)>>63)
}
