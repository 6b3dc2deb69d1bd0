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

	wide    []Class // see ShapeOf
	widened bool
}

// step makes one plane: that of class, or an operation on a and b, the bits
// of b taken from shift positions further on.
type step struct {
	op    opcode
	a, b  Node
	shift int
	class Class
}

type opcode int32

const (
	opClass  opcode = iota
	opAnd           // a & b>>shift
	opAndNot        // a &^ b>>shift
	opOr            // a | b>>shift
	opAndOr         // sum | a & b>>shift
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

// Run has bit p where x has all n bits from p on. Runs are made of those half
// as long, which other runs may share.
func (b *Builder) Run(x Node, n int) Node {
	if n == 1 {
		return x
	}
	part := halfOf(n)
	half := b.Run(x, part)
	return b.And(half, half, n-part)
}

// Spread has bit p where x has one of the n bits from p on.
func (b *Builder) Spread(x Node, n int) Node {
	if n == 1 {
		return x
	}
	part := halfOf(n)
	half := b.Spread(x, part)
	return b.Or(half, half, n-part)
}

// halfOf is the greatest power of two below n.
func halfOf(n int) int { return 1 << (bits.Len(uint(n-1)) - 1) }

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

// code is an operation. In a program its planes are slots, in an arena they
// are offsets of words, shift being less than a word there. Slots are used
// again when what they held is used no more.
type code struct {
	dst, a, b    int32
	self, na, nb int32 // numbers of result and operands, for whether they have bits
	shift        int32
	op           opcode
	// With opAndOr, dst holds the plane with this number and a & b>>shift is
	// added to it; a, if b is the same.
	sum int32
}

// place is where a plane is: its slot and its number.
type place struct{ slot, number int32 }

// Build makes the program that computes the planes out, which [Arena.Plane]
// knows by their index. The builder is of no use afterwards.
func (b *Builder) Build(out ...Node) *Program {
	b.derive(out)
	return assign(spaced(b.ordered(out)))
}

// derive makes classes of others that the program has, where one or two steps do:
// on all kernels these cost less than to look for a class in the text.
func (b *Builder) derive(out []Node) {
	var classes []Node
	steps, _ := b.ordered(out)
	for _, s := range steps {
		if s.op == opClass {
			classes = append(classes, b.known[s])
		}
	}
	// The largest first, for they are made of small ones.
	slices.SortStableFunc(classes, func(x, y Node) int { return b.steps[y].class.size() - b.steps[x].class.size() })
	kept := make(map[Node]bool) // others are made of them
	for _, n := range classes {
		if kept[n] {
			continue
		}
		if parts := b.union(n, classes); len(parts) > 0 {
			all := parts[0]
			for _, part := range parts[1 : len(parts)-1] {
				all = b.Or(all, part, 0)
			}
			b.steps[n] = step{op: opOr, a: all, b: parts[len(parts)-1]}
			for _, part := range parts {
				kept[part] = true
			}
			continue
		}
		if x, y := b.difference(n, classes); x != Nowhere {
			b.steps[n] = step{op: opAndNot, a: x, b: y}
			kept[x], kept[y] = true, true
		}
	}
}

// union returns two or three of classes whose bytes are those of class n.
func (b *Builder) union(n Node, classes []Node) []Node {
	whole := b.steps[n].class
	var within []Node
	for _, part := range classes {
		if c := b.steps[part].class; c != whole && c.Without(whole) == (Class{}) {
			within = append(within, part)
		}
	}
	var three []Node
	for i, x := range within {
		for j, y := range within[:i] {
			two := b.steps[x].class.Or(b.steps[y].class)
			if two == whole {
				return []Node{x, y}
			}
			for _, z := range within[:j] {
				if two.Or(b.steps[z].class) == whole {
					three = []Node{x, y, z}
				}
			}
		}
	}
	return three
}

// difference returns two of classes of which the first without the second is
// class n, or Nowhere.
func (b *Builder) difference(n Node, classes []Node) (x, y Node) {
	c := b.steps[n].class
	for _, x := range classes {
		whole := b.steps[x].class
		if whole == c || c.Without(whole) != (Class{}) {
			continue
		}
		for _, y := range classes {
			if whole.Without(b.steps[y].class) == c {
				return x, y
			}
		}
	}
	return Nowhere, Nowhere
}

// spaced moves steps apart from those whose results they use, where others can
// go between: a processor then works at several of them at once.
func spaced(steps []step, out []Node) ([]step, []Node) {
	const (
		window = 12 // steps to choose the next from, so that results are used soon
		apart  = 3
	)
	number := make([]Node, len(steps))
	for i := range number {
		number[i] = Nowhere
	}
	var moved []step
	waits := func(s step) bool { // for a result that is new or not there
		for _, n := range []Node{s.a, s.b} {
			if k := number[n]; k == Nowhere || int(k) > len(moved)-apart && steps[n].op != opClass {
				return true
			}
		}
		return false
	}
	place := func(i int) {
		s := steps[i]
		if s.op != opClass {
			s.a, s.b = number[s.a], number[s.b]
		}
		number[i] = Node(len(moved))
		moved = append(moved, s)
	}
	var rest []int
	for i, s := range steps {
		if s.op == opClass {
			place(i)
		} else {
			rest = append(rest, i)
		}
	}
	for len(rest) > 0 {
		k := slices.IndexFunc(rest[:min(window, len(rest))], func(i int) bool { return !waits(steps[i]) })
		k = max(k, 0)
		place(rest[k])
		rest = slices.Delete(rest, k, k+1)
	}
	for i, n := range out {
		if n != Nowhere {
			out[i] = number[n]
		}
	}
	return moved, out
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
	p := &Program{numbers: len(steps), planes: 1}
	summands := summands(steps, out)
	last := make([]int, len(steps)) // step that uses a plane last
	use := func(n Node, i int) { last[n] = max(last[n], i) }
	for i, s := range steps {
		if s.op == opClass {
			continue
		}
		use(s.a, i)
		use(s.b, i)
		if m := summands[i]; m != Nowhere {
			use(steps[m].a, i)
			use(steps[m].b, i)
		}
	}
	for _, n := range out {
		if n != Nowhere {
			last[n] = len(steps)
		}
	}
	slot := make([]int32, len(steps))
	var free []int32
	take := func() int32 {
		if n := len(free); n > 0 {
			s := free[n-1]
			free = free[:n-1]
			return s
		}
		p.planes++
		return int32(p.planes - 1)
	}
	done := func(i int, nodes ...Node) {
		slices.Sort(nodes)
		for _, n := range slices.Compact(nodes) {
			if last[n] == i {
				free = append(free, slot[n])
			}
		}
	}
	var list []Class
	for i, s := range steps {
		switch {
		case s.op == opClass:
			list = append(list, s.class)
			slot[i] = take()
		case slices.Contains(summands, Node(i)):
			// made where it is added
		case summands[i] != Nowhere:
			m := steps[summands[i]]
			slot[i] = slot[s.a] // s.a is not used again
			p.codes = append(p.codes, code{slot[i], slot[m.a], slot[m.b], int32(i), int32(m.a), int32(m.b), int32(m.shift), opAndOr, int32(s.a)})
			done(i, m.a, m.b)
		case s.op == opOr && s.shift == 0 && last[s.a] == i && s.a != s.b:
			// Added to s.a, of which nothing has to be copied, and often nothing is.
			slot[i] = slot[s.a]
			p.codes = append(p.codes, code{slot[i], slot[s.b], slot[s.b], int32(i), int32(s.b), int32(s.b), 0, opAndOr, int32(s.a)})
			done(i, s.b)
		default:
			slot[i] = take()
			p.codes = append(p.codes, code{slot[i], slot[s.a], slot[s.b], int32(i), int32(s.a), int32(s.b), int32(s.shift), s.op, 0})
			done(i, s.a, s.b)
		}
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

// summands tells for each step the step that is made within it, or Nowhere:
// for an Or of a plane that is used no more and of an And that is used nowhere
// else, that And.
func summands(steps []step, out []Node) []Node {
	uses := make([]int, len(steps))
	last := make([]int, len(steps))
	for i, s := range steps {
		if s.op != opClass {
			uses[s.a]++
			uses[s.b]++
			last[s.a], last[s.b] = i, i
		}
	}
	for _, n := range out {
		if n != Nowhere {
			uses[n]++
			last[n] = len(steps)
		}
	}
	list := make([]Node, len(steps))
	gone := make([]bool, len(steps)) // a sum has its place
	for i, s := range steps {
		list[i] = Nowhere
		if s.op != opOr || s.shift != 0 || last[s.a] != i || s.a == s.b {
			continue
		}
		if m := steps[s.b]; m.op == opAnd && uses[s.b] == 1 && m.a != s.a && m.b != s.a && !gone[m.a] && !gone[m.b] {
			list[i] = s.b
			gone[s.a] = true
			last[m.a], last[m.b] = max(last[m.a], i), max(last[m.b], i)
		}
	}
	return list
}

// Size tells how many classes and operations a program has, for tests and
// benchmarks.
func (p *Program) Size() (classes, operations int) {
	for _, list := range p.classes {
		classes += len(list)
	}
	return classes, len(p.codes)
}

// Classes is the program less its operations: the least that p can cost.
func (p *Program) Classes() *Program {
	return &Program{classes: p.classes, compiled: p.compiled, planes: p.planes, numbers: p.numbers}
}

// Arena is the memory in which a program runs. It belongs to one goroutine.
type Arena struct {
	prog   *Program
	kernel *Kernel
	codes  []code // those of prog, with offsets of words
	words  []uint64
	stride int
	some   []bool // by number of the plane, whether it has a bit
	used   int    // words that the last text took
}

const (
	// before and behind are the words at either end of the arena that kernels
	// may read: a step looks up to tail words further on, and a kernel at eight
	// words more. They keep planes aligned to cache lines, too.
	before = 8
	behind = tail + 8
	// head is how many words of each plane are for what is before the text: a
	// class has no bits there, but other planes may. It keeps planes aligned to
	// cache lines, too.
	head = 8
	// tail is how many come behind the text, and so how far from its own
	// position a step may look: see MaxAhead.
	tail = 4
)

// MaxAhead is how many positions further on a plane may depend on the text.
const MaxAhead = tail * Block

// NewArena returns memory for texts of up to n bytes.
func NewArena(p *Program, k *Kernel, n int) *Arena {
	a := &Arena{prog: p, kernel: k, stride: head + (Words(n)+tail+7)&^7, some: make([]bool, p.numbers)}
	a.words = make([]uint64, before+a.stride*p.planes+behind)
	a.codes = slices.Clone(p.codes)
	for i := range a.codes {
		c := &a.codes[i]
		c.dst, c.a, c.b = a.at(c.dst)-head, a.at(c.a)-head, a.at(c.b)-head+c.shift>>6
		c.shift &= 63
	}
	return a
}

// Run computes the planes of text, which is no longer than the arena has
// room for.
func (a *Arena) Run(text []byte) {
	p, words := a.prog, Words(len(text))
	if head+words+tail > a.stride {
		panic("bitmap: a text longer than the arena was made for")
	}
	a.used = words
	all := (head + words + tail + 7) &^ 7
	at, number := int(a.at(1)), 0
	for i, cs := range p.compiled {
		a.kernel.Classify(a.words[at:], a.stride, text, cs)
		for range p.classes[i] {
			clear(a.words[at-head : at])
			clear(a.words[at+words : at-head+all])
			a.some[number] = true
			at, number = at+a.stride, number+1
		}
	}
	a.kernel.run(a.words, a.codes, a.some, all, int(a.at(0)-head))
}

// at is where the text's first word of a slot is.
func (a *Arena) at(slot int32) int32 { return before + head + slot*int32(a.stride) }

// Plane is what the last Run made of the plane that was number i in Build, and
// whether it may have bits. It goes MaxAhead/64 words beyond those that the text
// took. Behind the text a class has no bits, and what another plane has there
// does not count. It is valid until the next Run.
func (a *Arena) Plane(i int) (words []uint64, some bool) {
	p := a.prog.out[i]
	slot := p.slot
	if some = p.number >= 0 && a.some[p.number]; !some {
		slot = 0
	}
	at := int(a.at(slot))
	return a.words[at : at+a.used+tail], some
}
