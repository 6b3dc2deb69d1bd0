package literal

import (
	"encoding/binary"
	"slices"
	"strings"
)

// tree holds strings by what they begin with: a radix tree (Morrison,
// "PATRICIA", JACM 15(4), 1968) with up to eight bytes on an edge, which are
// compared at once. The strings that start at a place of a text lie on one
// path, the shortest first.
type tree struct {
	roots []uint32 // by group: the first of its nodes, as node.child
	nodes []node
	ends  []int // numbers of strings
}

// node is a place in the tree and the edge that leads to it.
type node struct {
	// The edge: the bytes there are want, when they are masked. A mask has a bit
	// less for letters that match in either case, and nothing behind the edge.
	want, mask uint64
	child      uint32 // the first node one edge further; zero if there is none
	end        uint32 // the strings that end here go from ends[end] on
	ended      uint32 // and are so many
	size       uint8  // bytes of the edge
	last       bool   // no other edge begins where this does
}

// edge is how many bytes an edge has at most.
const edge = 8

// newTree makes a tree of a list of strings, a part of it for each of groups,
// which are their numbers.
func newTree(list []string, groups [][]int, fold bool) *tree {
	t := new(tree)
	for _, group := range groups {
		slices.SortStableFunc(group, func(a, b int) int { return strings.Compare(list[a], list[b]) })
		t.roots = append(t.roots, t.add(list, group, 0, fold))
	}
	return t
}

// add adds the nodes behind the first depth bytes of strings that agree in
// these, and go on behind them; sorted are their numbers.
func (t *tree) add(list []string, sorted []int, depth int, fold bool) (first uint32) {
	byNext := split(sorted, func(a, b int) bool { return list[a][depth] == list[b][depth] })
	first = uint32(len(t.nodes))
	t.nodes = append(t.nodes, make([]node, len(byNext))...)
	for i, some := range byNext {
		label := commonPrefix(list[some[0]][depth:], list[some[len(some)-1]][depth:])
		label = label[:min(len(label), edge)]
		n := newNode(label, fold)
		n.last = i == len(byNext)-1
		n.end = uint32(len(t.ends))
		for len(some) > 0 && len(list[some[0]]) == depth+len(label) {
			t.ends = append(t.ends, some[0])
			n.ended++
			some = some[1:]
		}
		if len(some) > 0 {
			n.child = t.add(list, some, depth+len(label), fold)
		}
		t.nodes[first+uint32(i)] = n
	}
	return first
}

func newNode(label string, fold bool) node {
	var want, mask [edge]byte
	for i, c := range []byte(label) {
		mask[i] = 0xff
		if fold && c-'a' < 26 {
			mask[i] = 0xdf
		}
		want[i] = c & mask[i]
	}
	return node{want: binary.LittleEndian.Uint64(want[:]), mask: binary.LittleEndian.Uint64(mask[:]), size: uint8(len(label))}
}

// split cuts a list into runs of what is alike.
func split(list []int, alike func(a, b int) bool) [][]int {
	var runs [][]int
	for from, i := 0, 1; i <= len(list); i++ {
		if i == len(list) || !alike(list[from], list[i]) {
			runs = append(runs, list[from:i])
			from = i
		}
	}
	return runs
}

func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// match appends those strings of a group that stand at text[start:].
func (t *tree) match(dst []Hit, group uint32, text []byte, start, base int) []Hit {
	at := start
	for k := t.roots[group]; ; {
		x := eight(text, at)
		n := &t.nodes[k]
		for x&n.mask != n.want {
			if n.last {
				return dst
			}
			k++
			n = &t.nodes[k]
		}
		at += int(n.size)
		if at > len(text) { // what is behind the end is no NUL
			return dst
		}
		for _, s := range t.ends[n.end:][:n.ended] {
			dst = append(dst, Hit{s, base + start, base + at})
		}
		if n.child == 0 {
			return dst
		}
		k = n.child
	}
}

// eight returns the eight bytes of text from at on, the first lowest; bytes
// behind the end are zero.
func eight(text []byte, at int) uint64 {
	if at+8 <= len(text) {
		return binary.LittleEndian.Uint64(text[at:])
	}
	var b [8]byte
	copy(b[:], text[at:])
	return binary.LittleEndian.Uint64(b[:])
}
