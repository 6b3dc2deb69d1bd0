// Package corpus generates labelled objects for tests, demonstrations and
// benchmarks of detectors, and scores findings against the labels.
//
// The objects look like what lies in buckets: logs, JSON lines, CSV tables,
// prose in six languages, source code and settings, tables and JSON whose
// numbers only a title or a key names, notes with values in full-width digits or
// escapes; plain, compressed, in archives, in archives in archives, in UTF-16, empty, broken. Values are
// computed or of ranges reserved for documentation and fiction, so none
// belongs to a person; published dummy numbers, which scanners drop, are
// avoided. Look-alikes stand between them: time stamps, hashes, UUIDs, order
// and part numbers, versions, numbers whose check digit is off by one.
//
// A value whose rule asks for a word near it has that word right before it (in
// tables, in the cell before it), or only in the title of its column or a key on
// the path to it, and other such words are kept more
// than thirty bytes away, so the truth is never a matter of opinion.
//
// The same seed gives the same texts and labels on every platform. Bytes
// behind a compressor may change with the version of its library.
package corpus

import (
	"bytes"
	"fmt"
	"io"
	"iter"
)

// Config says what to generate.
type Config struct {
	Seed    uint64
	Objects int   // how many
	Bytes   int64 // text of all objects together, before compression; about. Default 64 KiB an object

	// Big, if not zero, is the text of one object, in bytes, on top of Bytes:
	// a plain log with values here and there.
	Big int64
}

// Object is one object. Its content and its labels are made anew whenever
// asked for, in constant memory, and it is safe for concurrent use.
type Object struct {
	Key       string
	Kind      Kind
	Density   Density
	Container Container
	TextBytes int64 // text asked for, before compression; about

	// Broken says that a scanner cannot read the object to its end and must
	// record a gap for the stream BrokenAt: the damaged member of an archive, or
	// the compressed stream that ends early, "" being the object itself. The
	// labels are those of what stands before the break.
	Broken   bool
	BrokenAt string

	members []member
}

// Span is a labelled value, or a finding: a rule and a place.
type Span struct {
	Member         string // path within the object as package unpack gives it; "" for the object itself
	Rule           string
	Offset, Length int64 // bytes, in the decoded member
}

// Generate yields the objects of cfg. The first dozen hold one of each special
// kind; a corpus of fewer objects lacks some.
func Generate(cfg Config) iter.Seq[Object] {
	return func(yield func(Object) bool) {
		plan := newPlan(cfg)
		for i := range cfg.Objects {
			if !yield(plan.object(i)) {
				return
			}
		}
	}
}

// WriteTo writes the object to w. It implements [io.WriterTo].
func (o Object) WriteTo(w io.Writer) (int64, error) {
	c := &counter{w: w}
	err := layouts[o.Container].write(c, o.members)
	if err != nil {
		err = fmt.Errorf("corpus object %s: %w", o.Key, err)
	}
	return c.n, err
}

// Labels yields the labels of the object, by member and then by offset.
func (o Object) Labels() iter.Seq[Span] {
	return func(yield func(Span) bool) {
		for _, m := range o.members {
			if !m.labels(yield) {
				return
			}
		}
	}
}

// Size returns how many bytes WriteTo writes, by writing them to nowhere.
func (o Object) Size() (int64, error) { return o.WriteTo(io.Discard) }

// counter counts what is written through it.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// member is one stream of text within an object.
type member struct {
	path    string // Span.Member
	name    string // in the archive, if it is in one
	kind    Kind
	density Density
	bytes   int64
	oneLine bool // line ends are spaces
	seed    uint64
	stream  uint64 // of random numbers
}

// pages yields the text in pieces. A page is valid until the next.
func (m member) pages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		p := &page{random: newRandom(m.seed, m.stream)}
		write, ids := m.kind.record(p.random)
		for n := int64(0); n < m.bytes; n += int64(len(p.text)) {
			p.text, p.marks = p.text[:0], p.marks[:0]
			write(p, m.density.entries(p.random, ids))
			if m.oneLine {
				flatten(p)
			}
			if !yield(p) {
				return
			}
		}
	}
}

// flatten makes one line of a page.
func flatten(p *page) {
	for i := bytes.IndexByte(p.text, '\n'); i >= 0; i = bytes.IndexByte(p.text, '\n') {
		p.text[i] = ' '
	}
}

// entries draws what stands in one record: values by density, and now and
// then a value that is none.
func (d Density) entries(r *random, ids []*identifier) []entry {
	n := 0
	switch {
	case d == Dense:
		n = r.between(1, 3)
	case d == Sparse && r.oneIn(40):
		n = 1
	case r.oneIn(12):
		return wrongEntry(r, ids)
	}
	es := make([]entry, n)
	for i := range es {
		es[i].identifier = pick(r, ids)
	}
	if n > 0 && r.oneIn(8) {
		es = append(es, wrongEntry(r, ids)...)
	}
	return es
}

// wrongEntry draws a hard negative. Blocks of several lines have none.
func wrongEntry(r *random, ids []*identifier) []entry {
	for {
		if id := pick(r, ids); !id.block {
			return []entry{{id, true}}
		}
	}
}

// write writes the text of m.
func (m member) write(w io.Writer) error {
	for p := range m.pages() {
		if _, err := w.Write(p.text); err != nil {
			return err
		}
	}
	return nil
}

// size is the length of the text, found by making it.
func (m member) size() int64 {
	n := int64(0)
	for p := range m.pages() {
		n += int64(len(p.text))
	}
	return n
}

// labels yields the labels of m and reports whether yield wants more.
func (m member) labels(yield func(Span) bool) bool {
	base := int64(0)
	for p := range m.pages() {
		for _, k := range p.marks {
			if !yield(Span{m.path, k.rule, base + int64(k.start), int64(k.end - k.start)}) {
				return false
			}
		}
		base += int64(len(p.text))
	}
	return true
}
