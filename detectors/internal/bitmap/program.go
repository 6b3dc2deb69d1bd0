package bitmap

import (
	"math/bits"
	"slices"
)

// Node is a plane of a [Program]: the bytes of a class, or what an operation
// makes of other planes.
type Node int32

// Nowhere is the plane without a bit.
const Nowhere Node = -1

// Builder makes a [Program]. Equal operations are made once, so shapes that
// begin or end alike share what they have in common.
type Builder struct {
	steps []step
	known map[step]Node

	openEnd bool // a shape ends with any byte: planes cannot tell if there is one
}

// step makes one plane: that of class, or an operation on a and b, the bits
// of b taken from shift positions further on.
type step struct {
	op    opcode
	a, b  Node
	shift int
	class Class
}

type opcode uint8

const (
	opClass  opcode = iota
	opAnd           // a & b>>shift
	opAndNot        // a &^ b>>shift
	opOr            // a | b>>shift
)

// NewBuilder returns a Builder of an empty program.
func NewBuilder() *Builder { return &Builder{known: make(map[step]Node)} }

func (b *Builder) add(s step) Node {
	if n, ok := b.known[s]; ok {
		return n
	}
	n := Node(len(b.steps))
	b.steps = append(b.steps, s)
	b.known[s] = n
	return n
}

// Class is the plane of the bytes in c.
func (b *Builder) Class(c Class) Node {
	if c == (Class{}) {
		return Nowhere
	}
	return b.add(step{op: opClass, class: c})
}

// And has bit p where x has bit p and y has bit p+shift.
func (b *Builder) And(x, y Node, shift int) Node {
	switch {
	case x == Nowhere || y == Nowhere:
		return Nowhere
	case x == y && shift == 0:
		return x
	}
	return b.add(step{op: opAnd, a: x, b: y, shift: shift})
}

// AndNot has bit p where x has bit p and y does not have bit p+shift.
func (b *Builder) AndNot(x, y Node, shift int) Node {
	if x == Nowhere || y == Nowhere {
		return x
	}
	return b.add(step{op: opAndNot, a: x, b: y, shift: shift})
}

// Or has bit p where x has bit p or y has bit p+shift. If x is Nowhere, shift
// is 0.
func (b *Builder) Or(x, y Node, shift int) Node {
	switch {
	case y == Nowhere || x == y && shift == 0:
		return x
	case x == Nowhere:
		if shift != 0 {
			panic("bitmap: nothing or a shifted plane")
		}
		return y
	}
	return b.add(step{op: opOr, a: x, b: y, shift: shift})
}

// Run has bit p where x has all n bits from p on.
func (b *Builder) Run(x Node, n int) Node {
	if n == 1 {
		return x
	}
	half := n / 2
	return b.And(b.Run(x, n-half), b.Run(x, half), n-half)
}

// Spread has bit p where x has one of the n bits from p on.
func (b *Builder) Spread(x Node, n int) Node {
	if n == 1 {
		return x
	}
	half := n / 2
	return b.Or(b.Spread(x, n-half), b.Spread(x, half), n-half)
}

// Program computes planes of texts. It is immutable and safe for concurrent
// use with an [Arena] for each user.
type Program struct {
	classes  [][]Class // in slots 1 and so on, as many at a time as a kernel takes
	compiled []*Classes
	codes    []code  // operations in order
	out      []place // of the planes asked for
	planes   int     // slots that there are; slot 0 has no bits
	numbers  int     // steps, classes first
}

// code is an operation on slots: places in the arena, which are used again
// when what they held is used no more.
type code struct {
	op           opcode
	dst, a, b    int32
	na, nb, self int32 // numbers of the operands and of the result, for whether they have bits
	shift        int
}

// place is where a plane is: its slot and its number.
type place struct{ slot, number int32 }

// Build makes the program that computes the planes out, which [Arena.Plane]
// knows by their index. The builder is of no use afterwards.
func (b *Builder) Build(out ...Node) *Program {
	b.unite(b.live(out))
	return assign(b.ordered(out))
}

// live tells which steps out needs.
func (b *Builder) live(out []Node) []bool {
	used := make([]bool, len(b.steps))
	for _, n := range out {
		if n != Nowhere {
			used[n] = true
		}
	}
	for i := len(b.steps) - 1; i >= 0; i-- {
		if s := b.steps[i]; used[i] && s.op != opClass {
			used[s.a], used[s.b] = true, true
		}
	}
	return used
}

// unite makes classes out of others that together have the same bytes: an
// operation costs less than a class.
func (b *Builder) unite(used []bool) {
	const most = 3 // parts
	var classes []Node
	for i, s := range b.steps {
		if s.op == opClass && used[i] {
			classes = append(classes, Node(i))
		}
	}
	size := func(n Node) int { return b.steps[n].class.size() }
	slices.SortStableFunc(classes, func(x, y Node) int { return size(y) - size(x) })
	for k, n := range classes {
		rest := b.steps[n].class
		var parts []Node
		for _, part := range classes[k+1:] {
			// Smaller classes come later, so that a part is never made of this one.
			if c := b.steps[part].class; c.without(b.steps[n].class) == (Class{}) && c.without(rest) != c {
				parts = append(parts, part)
				rest = rest.without(c)
			}
		}
		if rest == (Class{}) && len(parts) <= most {
			whole := parts[0]
			for _, part := range parts[1 : len(parts)-1] {
				whole = b.Or(whole, part, 0)
			}
			b.steps[n] = step{op: opOr, a: whole, b: parts[len(parts)-1]}
		}
	}
}

// ordered returns the steps that out needs in an order in which they can be
// made, the classes first, and the numbers of out in it.
func (b *Builder) ordered(out []Node) ([]step, []Node) {
	number := make([]Node, len(b.steps))
	for i := range number {
		number[i] = Nowhere
	}
	var steps []step
	var visit func(n Node, classes bool)
	visit = func(n Node, classes bool) {
		s := b.steps[n]
		if number[n] != Nowhere {
			return
		}
		if s.op != opClass {
			visit(s.a, classes)
			visit(s.b, classes)
			if classes {
				return
			}
			s.a, s.b = number[s.a], number[s.b]
		}
		number[n] = Node(len(steps))
		steps = append(steps, s)
	}
	renumbered := make([]Node, len(out))
	for _, classes := range []bool{true, false} {
		for i, n := range out {
			renumbered[i] = Nowhere
			if n != Nowhere {
				visit(n, classes)
				renumbered[i] = number[n]
			}
		}
	}
	return steps, renumbered
}

// assign gives each plane a slot.
func assign(steps []step, out []Node) *Program {
	p := &Program{numbers: len(steps)}
	last := make([]int, len(steps)) // step that uses a plane last
	for i, s := range steps {
		if s.op != opClass {
			last[s.a], last[s.b] = i, i
		}
	}
	for _, n := range out {
		if n != Nowhere {
			last[n] = len(steps)
		}
	}
	slot := make([]int32, len(steps))
	p.planes = 1
	var free []int32
	var list []Class
	for i, s := range steps {
		if s.op == opClass {
			list = append(list, s.class)
			slot[i] = int32(p.planes)
			p.planes++
			continue
		}
		// The result may take the place of a, which is read at the same bits,
		// but not that of b, which is read further on.
		if last[s.a] == i && s.a != s.b {
			free = append(free, slot[s.a])
		}
		if n := len(free); n > 0 {
			slot[i], free = free[n-1], free[:n-1]
		} else {
			slot[i] = int32(p.planes)
			p.planes++
		}
		if last[s.b] == i {
			free = append(free, slot[s.b])
		}
		p.codes = append(p.codes, code{s.op, slot[i], slot[s.a], slot[s.b], int32(s.a), int32(s.b), int32(i), s.shift})
	}
	for chunk := range slices.Chunk(list, MaxClasses) {
		p.classes = append(p.classes, chunk)
		p.compiled = append(p.compiled, NewClasses(chunk))
	}
	for _, n := range out {
		at := place{0, -1}
		if n != Nowhere {
			at = place{slot[n], int32(n)}
		}
		p.out = append(p.out, at)
	}
	return p
}

// Size tells how many classes and operations a program has, for tests and
// benchmarks.
func (p *Program) Size() (classes, operations int) {
	return p.numbers - len(p.codes), len(p.codes)
}

// Classes is the program less its operations: the least that p can cost.
func (p *Program) Classes() *Program {
	return &Program{classes: p.classes, compiled: p.compiled, planes: p.planes, numbers: p.numbers}
}

// Arena is the memory in which a program runs. It belongs to one goroutine.
type Arena struct {
	prog   *Program
	kernel *Kernel
	words  []uint64
	stride int
	some   []bool // by number of the plane, whether it has a bit
	used   int    // words that the last text took
}

const (
	// spare is how many words kernels may touch at either end of the arena.
	spare = 8
	// head is how many words without a bit come before each plane: what is
	// before the text.
	head = 1
	// tail is how many come behind the text, and so how far from its own
	// position a step may look: see MaxAhead.
	tail = 4
)

// MaxAhead is how many positions further on a plane may depend on the text.
const MaxAhead = tail * Block

// NewArena returns memory for texts of up to n bytes.
func NewArena(p *Program, k *Kernel, n int) *Arena {
	stride := head + (Words(n)+tail+7)&^7
	return &Arena{
		prog: p, kernel: k, stride: stride,
		words: make([]uint64, stride*p.planes+2*spare),
		some:  make([]bool, p.numbers),
	}
}

// Run computes the planes of text, which is no longer than the arena has
// room for.
func (a *Arena) Run(text []byte) {
	p, words := a.prog, Words(len(text))
	if words+tail+head > a.stride {
		panic("bitmap: a text longer than the arena was made for")
	}
	a.used = words
	at, number := a.at(1), 0
	for i, cs := range p.compiled {
		a.kernel.Classify(a.words[at:], a.stride, text, cs)
		for range p.classes[i] {
			clear(a.words[at+words : at+words+tail])
			a.some[number] = true
			at, number = at+a.stride, number+1
		}
	}
	for i := range p.codes {
		a.step(&p.codes[i], words+tail)
	}
}

// step makes one plane. Where an operand has no bit there may be nothing to
// do.
func (a *Arena) step(c *code, words int) {
	x, y := c.a, c.b
	if !a.some[c.na] {
		x = 0
	}
	if !a.some[c.nb] {
		y = 0
	}
	if x == 0 && (y == 0 || c.op != opOr) || y == 0 && c.op == opAnd {
		a.some[c.self] = false
		return
	}
	dst, from, with := a.at(c.dst), a.at(x), a.at(y)+c.shift>>6
	switch c.op {
	case opAnd:
		a.some[c.self] = a.kernel.And(a.words, dst, from, with, words, c.shift&63)
	case opAndNot:
		a.some[c.self] = a.kernel.AndNot(a.words, dst, from, with, words, c.shift&63)
	case opOr:
		a.some[c.self] = a.kernel.Or(a.words, dst, from, with, words, c.shift&63)
	}
}

// at is where the text's first word of a slot is.
func (a *Arena) at(slot int32) int { return spare + head + int(slot)*a.stride }

// Plane is what the last Run made of the plane that was number i in Build, and
// whether it may have bits. It goes MaxAhead/64 words beyond those that the text
// took: there a class has no bits, and of another plane nothing is known. It is
// valid until the next Run.
func (a *Arena) Plane(i int) (words []uint64, some bool) {
	p := a.prog.out[i]
	slot := p.slot
	if some = p.number >= 0 && a.some[p.number]; !some {
		slot = 0
	}
	at := a.at(slot)
	return a.words[at : at+a.used+tail], some
}

// size is how many bytes c has, those beyond ASCII counting one.
func (c Class) size() int {
	n := bits.OnesCount64(c.ASCII[0]) + bits.OnesCount64(c.ASCII[1])
	if c.High {
		n++
	}
	return n
}

// without is c less the bytes of d.
func (c Class) without(d Class) Class {
	return Class{[2]uint64{c.ASCII[0] &^ d.ASCII[0], c.ASCII[1] &^ d.ASCII[1]}, c.High && !d.High}
}
