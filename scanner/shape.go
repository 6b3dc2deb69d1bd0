package scanner

import (
	"bytes"
	"io"
	"unicode"

	"github.com/sluice-dlp/sluice/detectors"
)

// headSize is how much of a member is looked at to tell what it is.
const headSize = 8 << 10

// shape follows what a member is made of: the cells of a table or the
// elements of records. It reads the member twice, front to back. The first
// reader is ahead of the part that is searched, for its names: see
// [detectors.Place]. The second comes behind the matches and tells in which cell
// or element they are.
type shape interface {
	// names reads up to the offset to, of which b are the last bytes, and adds the places
	// that have names.
	names(b []byte, to int64, places *places)

	// locate reads up to the offset of a match, of which b are the bytes since
	// the last one, and notes where it is.
	locate(b []byte, loc *Location)

	// pass reads over b, which no match is in.
	pass(b []byte)
}

// newShape tells by its first bytes what a member is. Whole says that there
// are no others. It is nil for running text.
func newShape(set *detectors.Set, head []byte, whole bool) shape {
	if r := newRecords(set, head); r != nil {
		return r
	}
	if t := newTable(set, head, whole); t != nil {
		return t
	}
	return nil
}

// places are those that have names in the current window and after it, by
// offsets from its start.
type places struct {
	list []detectors.Place
	base int64 // offset of the window
}

// moveTo moves on to the window at base and forgets the places before it.
func (p *places) moveTo(base int64) {
	by := int(base - p.base)
	p.base = base
	kept := p.list[:0]
	for _, place := range p.list {
		place.Start -= by
		place.End -= by
		if place.End >= 0 {
			kept = append(kept, place)
		}
	}
	clear(p.list[len(kept):])
	p.list = kept
}

// add adds a place by its offsets in the member. One that goes on where the last
// ended, with the same names, is the same place.
func (p *places) add(start, end int64, names *detectors.Names) {
	from, to := int(start-p.base), int(end-p.base)
	if n := len(p.list); n > 0 && p.list[n-1].Names == names && p.list[n-1].End == from {
		p.list[n-1].End = to
		return
	}
	if from < to {
		p.list = append(p.list, detectors.Place{Start: from, End: to, Names: names})
	}
}

// peeked is a reader whose first bytes have been looked at.
type peeked struct {
	head []byte
	rest io.Reader
	err  error // that followed head
}

// peek reads the first bytes of r, up to len(buf), into buf.
func peek(r io.Reader, buf []byte) *peeked {
	p := &peeked{rest: r}
	n, empty := 0, 0
	for n < len(buf) && p.err == nil && empty < maxEmptyReads {
		var read int
		if read, p.err = r.Read(buf[n:]); read == 0 {
			empty++
		}
		n += read
	}
	p.head = buf[:n]
	return p
}

func (p *peeked) Read(b []byte) (int, error) {
	if len(p.head) > 0 {
		n := copy(b, p.head)
		p.head = p.head[n:]
		return n, nil
	}
	if p.err != nil {
		return 0, p.err
	}
	return p.rest.Read(b)
}

// longestName is how long the name of a column or element may be that is shown.
const longestName = 64

// nameable returns a name that stands in the content as it may be shown: "*"
// if it may hold a value itself. Set tells, and so do digits.
func nameable(set *detectors.Set, name []byte) string {
	name = bytes.TrimSpace(name)
	digits := 0
	for _, r := range string(name) {
		if unicode.IsDigit(r) {
			digits++
		}
		if r < ' ' || r == '@' {
			return "*"
		}
	}
	if len(name) > longestName || digits > 4 || len(set.Find(nil, name, 0, len(name))) > 0 {
		return "*"
	}
	return string(bytes.ToValidUTF8(name, []byte("�")))
}
