package literal

import (
	"slices"
	"strings"
)

// tree holds strings by what they begin with: a radix tree (Morrison,
// "PATRICIA", JACM 15(4), 1968) with bytes on its edges. The strings that
// start at a place of a text lie on one path, the shortest first.
type tree struct {
	fold   [256]byte // what the tree has for a byte of the text
	nodes  []node    // the roots, by group, and then children beside each other
	labels string    // what nodes have on the edges to them
	ends   []int     // numbers of strings
}

// node is a place in the tree. Its label goes from labels[label] on, its
// children from nodes[child] on, and the strings that end at it from
// ends[end] on.
type node struct {
	first                   byte // of the label
	label, child, end       uint32
	labels, children, ended uint32
}

// newTree makes a tree with a root for each of groups, which are the numbers
// of strings.
func newTree(list []string, groups [][]int, fold bool) tree {
	var t tree
	for i := range t.fold {
		t.fold[i] = byte(i)
		if fold {
			t.fold[i] = lowerByte(byte(i))
		}
	}
	t.nodes = make([]node, len(groups))
	for i, group := range groups {
		slices.SortStableFunc(group, func(a, b int) int { return strings.Compare(list[a], list[b]) })
		t.add(i, 0, list, group)
	}
	return t
}

// add completes node n for the strings whose numbers are in sorted, which
// agree in what leads to it: their first depth bytes.
func (t *tree) add(n, depth int, list []string, sorted []int) {
	rest := func(i int) string { return list[sorted[i]][depth:] }
	label := commonPrefix(rest(0), rest(len(sorted)-1))
	at := node{label: uint32(len(t.labels)), labels: uint32(len(label)), end: uint32(len(t.ends))}
	if label != "" {
		at.first = label[0]
	}
	t.labels += label
	for len(sorted) > 0 && rest(0) == label {
		t.ends = append(t.ends, sorted[0])
		sorted = sorted[1:]
		at.ended++
	}
	depth += len(label)
	var children [][]int
	for i, from := 1, 0; i <= len(sorted); i++ {
		if i == len(sorted) || rest(i)[0] != rest(from)[0] {
			children = append(children, sorted[from:i])
			from = i
		}
	}
	at.child, at.children = uint32(len(t.nodes)), uint32(len(children))
	t.nodes[n] = at
	t.nodes = append(t.nodes, make([]node, len(children))...)
	for i, child := range children {
		t.add(int(at.child)+i, depth, list, child)
	}
}

func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// match appends the strings under a root that stand at text[start:].
func (t *tree) match(dst []Hit, root uint32, text []byte, start, base int) []Hit {
	at := start
	for n := &t.nodes[root]; n != nil; n = t.child(n, text[at]) {
		label := t.labels[n.label:][:n.labels]
		if len(text)-at < len(label) {
			break
		}
		for i := range len(label) {
			if t.fold[text[at+i]] != label[i] {
				return dst
			}
		}
		at += len(label)
		for _, s := range t.ends[n.end:][:n.ended] {
			dst = append(dst, Hit{s, base + start, base + at})
		}
		if at == len(text) {
			break
		}
	}
	return dst
}

// child returns the child of n for a byte of the text, or nil.
func (t *tree) child(n *node, c byte) *node {
	c = t.fold[c]
	children := t.nodes[n.child:][:n.children]
	for i := range children {
		if children[i].first == c {
			return &children[i]
		}
	}
	return nil
}
