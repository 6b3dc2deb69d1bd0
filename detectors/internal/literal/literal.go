// Package literal finds all occurrences of many strings in one pass.
//
// There are two ways. A [Matcher] is an automaton that reads each byte once,
// whatever the strings and the text are. A [Finder] has a filter in front, with
// kernels for some processors, that leaves most of a usual text alone; and it
// can be asked about chosen places only. On the texts of bench/literal.md it is
// up to seventeen times as fast with vector instructions and twice without.
package literal

import "slices"

// Matcher is a compiled list of patterns. It is immutable and safe for
// concurrent use.
//
// It is the automaton of Aho and Corasick ("Efficient string matching: an aid
// to bibliographic search", CACM 18(6), 1975) in its flat form: failure links
// are followed when it is built, so that a search makes exactly one table
// access a byte whatever the text. Bytes that no pattern tells apart share a
// column; a state is the offset of its row; the states in which a pattern ends
// are numbered last, so that one comparison finds them.
//
// The cost is memory: a row of 4 bytes a column for each distinct prefix of
// the patterns. Some hundred keywords take a few hundred KiB.
type Matcher struct {
	columns [256]uint8
	table   []uint32 // next state, by state + column
	stride  uint32
	ending  uint32     // states from here on end a pattern
	ends    [][]uint32 // patterns that end in state ending + i*stride
	lengths []int
	longest int
}

// Hit is one occurrence of pattern number Pattern in the text, at
// [Start, End).
type Hit struct {
	Pattern, Start, End int
}

// State is how far into its patterns a search is; zero is the start. It
// lets a text be searched in consecutive parts.
type State uint32

// New compiles patterns, none of which is empty. With fold, ASCII letters
// match in either case.
func New(patterns []string, fold bool) *Matcher {
	m := &Matcher{}
	columns := m.assignColumns(patterns, fold)
	t := newTrie(columns)
	for i, p := range patterns {
		if p == "" {
			panic("literal: empty pattern")
		}
		t.add(p, uint32(i), &m.columns)
		m.lengths = append(m.lengths, len(p))
		m.longest = max(m.longest, len(p))
	}
	t.link()
	m.flatten(t)
	return m
}

// assignColumns gives each byte that occurs in patterns a column, letters of
// both cases the same one with fold, and all others, if there are any, one
// for them all.
func (m *Matcher) assignColumns(patterns []string, fold bool) (columns int) {
	var used [256]bool
	for _, p := range patterns {
		for _, c := range []byte(p) {
			if used[c] {
				continue
			}
			used[c] = true
			m.columns[c] = uint8(columns)
			if other := c ^ 0x20; fold && c|0x20-'a' < 26 {
				used[other] = true
				m.columns[other] = uint8(columns)
			}
			columns++
		}
	}
	if columns == 256 {
		return columns
	}
	for c := range used {
		if !used[c] {
			m.columns[c] = uint8(columns)
		}
	}
	return columns + 1
}

// lanes is how many parts of a text are searched at once. Each step of the
// automaton waits for the table access of the one before; with four that do
// not wait for each other, a search takes about a third of the time.
const lanes = 4

// Scan appends the occurrences that end in text, in order of their ends, to
// dst. The search goes on from state s, and offsets count from base.
func (m *Matcher) Scan(dst []Hit, s State, text []byte, base int) ([]Hit, State) {
	size := len(text) / lanes
	if size < 4*m.longest {
		return m.scan(dst, s, text, base)
	}
	// A state depends on the last longest bytes and nothing before them, so
	// a lane can start there.
	var starts [lanes]uint32
	starts[0] = uint32(s)
	for k := 1; k < lanes; k++ {
		starts[k] = m.step(0, text[k*size-m.longest:k*size])
	}
	first := len(dst)
	dst, s = m.scanLanes(dst, starts, text, size, base)
	// The hits of the lanes come mixed.
	slices.SortFunc(dst[first:], func(a, b Hit) int { return a.End - b.End })
	return m.scan(dst, s, text[lanes*size:], base+lanes*size)
}

// scan is Scan without lanes.
func (m *Matcher) scan(dst []Hit, s State, text []byte, base int) ([]Hit, State) {
	table, at := m.table, uint32(s)
	for i, c := range text {
		at = table[at+uint32(m.columns[c])]
		if at >= m.ending {
			dst = m.appendHits(dst, at, base+i+1)
		}
	}
	return dst, State(at)
}

// scanLanes searches the first lanes*size bytes of text, lane k from state
// starts[k] on, and returns the state of the last lane.
func (m *Matcher) scanLanes(dst []Hit, starts [lanes]uint32, text []byte, size, base int) ([]Hit, State) {
	table, ending := m.table, m.ending
	at0, at1, at2, at3 := starts[0], starts[1], starts[2], starts[3]
	text0, text1, text2, text3 := text[:size], text[size:][:size], text[2*size:][:size], text[3*size:][:size]
	for i := range size {
		at0 = table[at0+uint32(m.columns[text0[i]])]
		at1 = table[at1+uint32(m.columns[text1[i]])]
		at2 = table[at2+uint32(m.columns[text2[i]])]
		at3 = table[at3+uint32(m.columns[text3[i]])]
		if max(at0, at1, at2, at3) < ending {
			continue
		}
		for k, at := range [lanes]uint32{at0, at1, at2, at3} {
			if at >= ending {
				dst = m.appendHits(dst, at, base+k*size+i+1)
			}
		}
	}
	return dst, State(at3)
}

// step returns the state after text.
func (m *Matcher) step(at uint32, text []byte) uint32 {
	for _, c := range text {
		at = m.table[at+uint32(m.columns[c])]
	}
	return at
}

// appendHits appends the patterns that end in state at, which is an ending
// one.
func (m *Matcher) appendHits(dst []Hit, at uint32, end int) []Hit {
	for _, p := range m.ends[(at-m.ending)/m.stride] {
		dst = append(dst, Hit{int(p), end - m.lengths[p], end})
	}
	return dst
}

// trie is the automaton while it is built. State 0 is the root.
type trie struct {
	columns int
	next    [][]uint32 // by state and column; 0 is none, and after link the step
	fail    []uint32
	ends    [][]uint32
	order   []uint32 // states by depth, after link
}

func newTrie(columns int) *trie {
	t := &trie{columns: columns}
	t.state()
	return t
}

func (t *trie) state() uint32 {
	t.next = append(t.next, make([]uint32, t.columns))
	t.fail = append(t.fail, 0)
	t.ends = append(t.ends, nil)
	return uint32(len(t.next) - 1)
}

func (t *trie) add(pattern string, id uint32, columns *[256]uint8) {
	s := uint32(0)
	for _, c := range []byte(pattern) {
		col := columns[c]
		if t.next[s][col] == 0 {
			n := t.state()
			t.next[s][col] = n
		}
		s = t.next[s][col]
	}
	t.ends[s] = append(t.ends[s], id)
}

// link follows the failure links: after it, next holds the step for every
// state and column, and ends also the patterns that end as proper suffixes.
func (t *trie) link() {
	t.order = append(t.order, 0)
	for k := 0; k < len(t.order); k++ {
		s := t.order[k]
		for col, n := range t.next[s] {
			back := uint32(0)
			if s != 0 {
				back = t.next[t.fail[s]][col]
			}
			if n == 0 {
				t.next[s][col] = back
				continue
			}
			t.fail[n] = back
			t.ends[n] = append(t.ends[n], t.ends[back]...)
			t.order = append(t.order, n)
		}
	}
}

// flatten numbers the states, those that end a pattern last, and lays out
// the table.
func (m *Matcher) flatten(t *trie) {
	order := slices.Clone(t.order)
	slices.SortStableFunc(order, func(a, b uint32) int {
		return min(len(t.ends[a]), 1) - min(len(t.ends[b]), 1)
	})
	m.stride = uint32(t.columns)
	row := make([]uint32, len(order))
	for k, s := range order {
		row[s] = uint32(k) * m.stride
		if len(t.ends[s]) > 0 {
			m.ends = append(m.ends, t.ends[s])
		}
	}
	m.ending = uint32(len(order)-len(m.ends)) * m.stride
	m.table = make([]uint32, 0, len(order)*t.columns)
	for _, s := range order {
		for _, n := range t.next[s] {
			m.table = append(m.table, row[n])
		}
	}
}
