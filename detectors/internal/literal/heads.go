package literal

import (
	"encoding/binary"
	"math/bits"
)

// heads are hash sets of what strings begin with, all asked at each place: of
// the strings of up to three bytes, of the first four bytes of those of four or
// five, and of the first six of all others.
//
// They are a filter too, which asks at each place that is chosen, and branches
// nowhere: what it lets through depends on the text, and a wrong guess of the
// processor costs more than the rest of the look-up. Four bytes would not do: of
// the words in a text, one in twelve begins with four bytes that one of thousands
// of keywords begins with, and one in thirty with six.
type heads struct {
	// Bits by hash: of strings of up to three bytes, by five bits of each, any
	// for those that a string does not have; of the heads of longer ones.
	short [1 << shortBits / 64]uint64
	brief [1 << headBits / 64]uint64
	long  [1 << longBits / 64]uint64

	// What counts of four and of six bytes: all, or all but bit 5 of each, in
	// which cases differ, if they are to be folded.
	mask, longMask uint64

	// One more than the number of a group of strings: of short ones by their
	// hash, of others by that of their heads. Zero if there is none.
	shortGroups [1 << shortBits]uint16
	groups      [1 << groupBits]uint16
}

const (
	shortBits = 15
	headBits  = 15
	longBits  = 17
	groupBits = 14 // so that there are fewer groups than 1<<16

	shortLen = 3 // of the longest short string
	headLen  = 4
	longLen  = 6
)

// The hashes are that of Fibonacci (Knuth, The Art of Computer Programming,
// volume 3, section 6.4).
const golden = 0x9e3779b1

const shortMask = 0x1f1f1f

func shortHash(head uint32) uint32 { return head & shortMask * golden >> (32 - shortBits) }

func (h *heads) hash(head uint32) uint32 { return head & uint32(h.mask) * golden >> (32 - headBits) }

func (h *heads) longHash(x uint64) uint64 {
	return x & h.longMask * 0x9e3779b97f4a7c15 >> (64 - longBits)
}

func has(set []uint64, i uint64) uint64 { return set[i/64] >> (i % 64) & 1 }

func put(set []uint64, i uint64) { set[i/64] |= 1 << (i % 64) }

// newHeads makes the sets for strings, which are in lower case if they are to
// be folded. Its second result lists the strings of each group.
func newHeads(strings []string, fold bool) (*heads, [][]int) {
	h := &heads{mask: 1<<(8*headLen) - 1, longMask: 1<<(8*longLen) - 1}
	if fold {
		h.mask, h.longMask = h.mask&^0x20202020, h.longMask&^0x202020202020
	}
	var groups [][]int
	add := func(group *uint16, i int) {
		if *group == 0 {
			groups = append(groups, nil)
			*group = uint16(len(groups))
		}
		groups[*group-1] = append(groups[*group-1], i)
	}
	for i, s := range strings {
		x := eight([]byte(s), 0)
		if len(s) <= shortLen {
			// Strings that have a hash in common have all groups of it in common.
			for k := range shortHashes(s) {
				put(h.short[:], uint64(k))
				add(&h.shortGroups[k], i)
			}
			continue
		}
		k := uint64(h.hash(uint32(x)))
		add(&h.groups[k>>(headBits-groupBits)], i)
		if len(s) < longLen {
			put(h.brief[:], k)
		} else {
			put(h.long[:], h.longHash(x))
		}
	}
	return h, groups
}

// shortHashes returns the hashes of what begins with s, which is short.
func shortHashes(s string) map[uint32]bool {
	heads := []uint32{0}
	for i := range shortLen {
		var next []uint32
		for _, head := range heads {
			if i < len(s) {
				next = append(next, head|uint32(s[i])<<(8*i))
				continue
			}
			for c := range uint32(32) {
				next = append(next, head|c<<(8*i))
			}
		}
		heads = next
	}
	hashes := make(map[uint32]bool)
	for _, head := range heads {
		hashes[shortHash(head)] = true
	}
	return hashes
}

// findShort returns the number of the group of the short strings that may start
// with head, and find that of the others.
func (h *heads) findShort(head uint32) (group uint32, ok bool) {
	g := h.shortGroups[shortHash(head)]
	return uint32(g) - 1, g != 0
}

func (h *heads) find(head uint32) (group uint32, ok bool) {
	g := h.groups[h.hash(head)>>(headBits-groupBits)]
	return uint32(g) - 1, g != 0
}

// mark implements filter.
func (h *heads) mark(words []uint64, text []byte, from, to int, where []uint64) {
	for k := range words {
		chosen := ^uint64(0)
		if where != nil {
			chosen = where[k]
		}
		at := from + k*block
		if at+len(headBlock{}) <= len(text) {
			words[k] = h.markBlock((*headBlock)(text[at:]), chosen)
			continue
		}
		var padded headBlock
		copy(padded[:], text[at:])
		words[k] = h.markBlock(&padded, chosen)
	}
}

// headBlock is a block and the seven bytes behind it.
type headBlock [block + 7]byte

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

// markFirst returns the lowest bit of chosen if a string may start there, else
// zero.
func (h *heads) markFirst(text *headBlock, chosen uint64) uint64 {
	lowest := chosen & -chosen
	// This is TrailingZeros64. The instruction that the compiler takes for that
	// on amd64 waits for what was in its target before: for the look-up before.
	i := bits.OnesCount64(lowest-1) % block
	return lowest & -h.mayStart(binary.LittleEndian.Uint64(text[i:i+8]))
}

// mayStart returns 1 if a string may start with the bytes of x, else zero.
func (h *heads) mayStart(x uint64) uint64 {
	return has(h.short[:], uint64(shortHash(uint32(x)))) | has(h.brief[:], uint64(h.hash(uint32(x)))) | has(h.long[:], h.longHash(x))
}

// strike strikes off the places of text at which no string starts. The text has
// eight bytes at each.
func (h *heads) strike(places []uint16, text []byte) []uint16 {
	n := 0
	for _, i := range places {
		places[n] = i
		x := binary.LittleEndian.Uint64(text[i:])
		may := has(h.short[:], uint64(shortHash(uint32(x)))) // mayStart, which is not inlined
		may |= has(h.brief[:], uint64(h.hash(uint32(x))))
		may |= has(h.long[:], h.longHash(x))
		n += int(may)
	}
	return places[:n]
}
