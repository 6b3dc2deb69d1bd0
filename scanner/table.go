package scanner

import (
	"bytes"
	"math/bits"
	"slices"

	"github.com/sluice-dlp/sluice/detectors"
)

// table is text in rows and cells, as RFC 4180 describes it, with one of a few
// delimiters.
type table struct {
	set     *detectors.Set
	columns []*detectors.Names // by column; nil if none has a keyword in its title
	titles  []string           // by column; nil if there are none
	first   int64              // the row that may have them

	ahead, behind cells
}

// listRows is how many lines tell a table of one column.
const listRows = 4

// longestPreamble is how many lines may stand above a table.
const longestPreamble = 10

// newTable tells whether head is the beginning of a table: nil if not.
func newTable(set *detectors.Set, head []byte, whole bool) *table {
	var first [][]byte
	best, above := byte(0), 0
	for _, delim := range delims {
		if row := uniform(head, delim, whole); len(row) > len(first) {
			best, first = delim, row
		}
	}
	switch {
	case len(first) > 1:
	case isList(head, whole):
		best = '\n' // no byte divides a row
		first = [][]byte{head[:bytes.IndexByte(head, '\n')]}
	default:
		if best, above, first = underPreamble(head, whole); len(first) < 2 {
			return nil
		}
	}
	t := &table{set: set, first: int64(above) + 1, ahead: newCells(best), behind: newCells(best)}
	t.ahead.marks = set.Marks(`"`, "\n", string(best))
	t.behind.marks = t.ahead.marks
	if areTitles(first) {
		t.name(first)
	}
	return t
}

// delims are what may divide a row.
var delims = [...]byte{',', '\t', ';', '|'}

// underPreamble finds a table under a few lines that tell what it is: it begins
// with the first line that has as many delimiters as the last one.
func underPreamble(head []byte, whole bool) (best byte, above int, first [][]byte) {
	end := len(head)
	if !whole {
		end = bytes.LastIndexByte(head, '\n')
	}
	body := bytes.TrimRight(head[:max(end, 0)], "\r\n")
	last := body[bytes.LastIndexByte(body, '\n')+1:]
	for _, delim := range delims {
		n := bytes.Count(last, []byte{delim})
		rest := head
		for lines := 1; lines <= longestPreamble && n > 0; lines++ {
			line, after, more := bytes.Cut(rest, []byte{'\n'})
			if rest = after; !more || bytes.IndexByte(line, '"') >= 0 {
				break
			}
			if next, _, _ := bytes.Cut(rest, []byte{'\n'}); bytes.Count(next, []byte{delim}) != n {
				continue
			}
			if row := uniform(rest, delim, whole); len(row) > len(first) {
				best, above, first = delim, lines, row
			}
			break
		}
	}
	return best, above, first
}

// uniform returns the cells of the first row of head if most rows in it have
// as many.
func uniform(head []byte, delim byte, whole bool) [][]byte {
	var rows, same, cellsOfFirst int64
	var first [][]byte
	var blank bool
	c := newCells(delim)
	row, n := int64(1), int64(0)
	c.read(head, func(start, end int64) {
		if c.row != row {
			row, n = c.row, 0
		}
		if n++; row == 1 {
			first = append(first, unquoted(head[start:end]))
		}
		blank = n == 1 && len(unquoted(head[start:end])) == 0
	}, func() {
		if blank {
			return
		}
		if rows++; rows == 1 {
			cellsOfFirst = n
		}
		if n == cellsOfFirst {
			same++
		}
	})
	if whole && c.at > c.start { // the last row has no end
		rows++
		if c.cell == cellsOfFirst {
			same++
		}
	}
	if rows < 2 || same*10 < rows*9 {
		return nil
	}
	return first
}

// isList reports whether head is the beginning of a column: a title and values
// below it, without blanks and with digits.
func isList(head []byte, whole bool) bool {
	lines := bytes.Split(head, []byte{'\n'})
	if !whole && len(lines) > 0 {
		lines = lines[:len(lines)-1]
	}
	lines = slices.DeleteFunc(lines, func(l []byte) bool { return len(bytes.TrimSpace(l)) == 0 })
	if len(lines) < listRows || len(lines[0]) > longestName || bytes.ContainsAny(lines[0], "0123456789:={[<") {
		return false
	}
	for _, l := range lines[1:] {
		l = bytes.TrimRight(l, "\r")
		if len(l) > longestName || bytes.ContainsAny(l, " \t:={[<") || !bytes.ContainsAny(l, "0123456789") {
			return false
		}
	}
	return true
}

// areTitles reports whether the cells of the first row name columns rather than
// being values of them: words, no numbers, no two the same.
func areTitles(row [][]byte) bool {
	seen := make(map[string]bool)
	for _, cell := range row {
		cell = bytes.TrimSpace(cell)
		digits := 0
		letters := false
		for _, c := range cell {
			if '0' <= c && c <= '9' {
				digits++
			}
			letters = letters || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
		}
		if len(cell) > 0 && (!letters || digits > 4 || seen[string(cell)]) || len(cell) > longestName || bytes.IndexByte(cell, '@') >= 0 {
			return false
		}
		seen[string(cell)] = true
	}
	return !seen[""] || len(seen) > 1
}

// name keeps the titles of the columns.
func (t *table) name(row [][]byte) {
	t.titles = make([]string, len(row))
	columns := make([]*detectors.Names, len(row))
	some := false
	for i, cell := range row {
		t.titles[i] = nameable(t.set, cell)
		columns[i] = t.set.Names(cell)
		some = some || columns[i] != nil
	}
	if some {
		t.columns = columns
	}
}

// unquoted is a cell without its quotes.
func unquoted(cell []byte) []byte {
	cell = bytes.TrimSuffix(cell, []byte{'\r'})
	if len(cell) > 1 && cell[0] == '"' && cell[len(cell)-1] == '"' {
		cell = cell[1 : len(cell)-1]
	}
	return cell
}

func (t *table) names(b []byte, to int64, places *places) {
	if t.columns == nil {
		return
	}
	a := &t.ahead
	from := a.at
	add := func(start, end int64) {
		if i := int(a.cell) - 1; a.row > t.first && i < len(t.columns) && t.columns[i] != nil {
			places.add(max(start, from), end, t.columns[i])
		}
	}
	a.read(b[len(b)-int(to-from):], add, nil)
	if a.state != strayIn {
		add(a.start, a.at) // as much of the cell as has been seen
	}
}

func (t *table) pass(b []byte) { t.behind.read(b, nil, nil) }

func (t *table) locate(b []byte, loc *Location) {
	c := &t.behind
	if c.read(b, nil, nil); c.state == strayIn {
		return
	}
	loc.Row, loc.Cell = c.row, c.cell
	switch i := int(c.cell) - 1; {
	case i >= len(t.titles):
	case c.row > t.first:
		loc.Name = t.titles[i]
	case c.row == t.first: // it is not shown beside another value either
		t.titles[i] = "*"
	}
}

// cells reads the cells of a table one after the other.
type cells struct {
	delim byte

	at        int64 // offset up to which it has read
	row, cell int64 // that it is in, from 1
	start     int64 // of that cell
	within    int64 // line ends in it
	state     quoting

	marks  *detectors.Marks        // of quotes, line ends and delimiters; nil: none
	planes [3 * pieceBlocks]uint64 // what it told last
}

// Where there are marks, a text is read in pieces of some blocks.
const (
	block       = 64
	pieceBlocks = 64
)

// quoting is where the reader is in a cell.
type quoting uint8

const (
	atStart    quoting = iota // of a cell: a quote opens a quotation
	unquotedIn                // a quote is a byte like any other
	quotedIn                  // delimiters and line ends are bytes like any other
	quoteIn                   // behind a quote in a quotation: another one continues it
	strayIn                   // the quote that opened the cell was a byte like any other; which cell it is by now is not known
)

// longestQuotation is how long a quoted cell may be. What is longer is taken
// for a quotation that somebody forgot to end: its lines are rows, and the next
// line end begins one that is read again.
const longestQuotation = 128 << 10

func newCells(delim byte) cells {
	return cells{delim: delim, row: 1, cell: 1}
}

// read reads b, which follows what has been read. It calls ended for each cell
// that ends, with its offsets, while row and cell are still its own, and then
// rowEnded if its row ends too. Either may be nil.
func (c *cells) read(b []byte, ended func(start, end int64), rowEnded func()) {
	if ended == nil && c.state < quotedIn && bytes.IndexByte(b, '"') < 0 {
		c.count(b)
		return
	}
	for c.marks != nil && len(b) >= block {
		n := min(len(b)/block, pieceBlocks)
		c.marks.Find(c.planes[:], pieceBlocks, b[:n*block])
		for k := range n {
			if !c.readBlock(k, ended, rowEnded) {
				c.readBytes(b[:block], ended, rowEnded)
			}
			b = b[block:]
		}
	}
	c.readBytes(b, ended, rowEnded)
}

// readBlock is readBytes of the block that word k of each plane is of. It reports
// false, and has done nothing, if there is a quote that is a byte like any other
// or a quotation that may be too long.
func (c *cells) readBlock(k int, ended func(start, end int64), rowEnded func()) bool {
	quotes, lineEnds, delims := c.planes[k], c.planes[pieceBlocks+k], c.planes[2*pieceBlocks+k]
	var within uint64 // quotations, with the quote that opens one and without that which ends it
	if quotes != 0 {
		within = parity(quotes)
	}
	if c.state == quotedIn {
		within = ^within
	}
	starts := (lineEnds | delims | quotes) << 1 // of cells, and what follows a quote
	if c.state == atStart || c.state == quoteIn {
		starts |= 1
	}
	if quotes&within&^starts != 0 || c.state >= quotedIn && c.at+block-c.start > longestQuotation {
		return false
	}
	rows, ends := lineEnds&^within, (lineEnds|delims)&^within
	inLast := lineEnds & within &^ (1<<bits.Len64(ends) - 1)
	switch {
	case ends == 0:
	case ended == nil:
		behind := ends
		if rows != 0 {
			c.row, c.cell = c.row+int64(bits.OnesCount64(rows)), 1
			behind &^= 1<<bits.Len64(rows) - 1
		}
		c.cell += int64(bits.OnesCount64(behind))
		c.start, c.within = c.at+int64(bits.Len64(ends)), 0
	default:
		for ; ends != 0; ends &= ends - 1 {
			i := bits.TrailingZeros64(ends)
			c.end(c.at+int64(i), rows>>i&1 != 0, ended, rowEnded)
		}
	}
	c.within += int64(bits.OnesCount64(inLast))
	const last = block - 1
	switch {
	case within>>last != 0:
		c.state = quotedIn
	case quotes>>last != 0:
		c.state = quoteIn
	case (lineEnds|delims)>>last != 0:
		c.state = atStart
	default:
		c.state = unquotedIn
	}
	c.at += block
	return true
}

// parity has each bit set iff there is an odd number of bits in x up to it.
func parity(x uint64) uint64 {
	for n := 1; n < 64; n *= 2 {
		x ^= x << n
	}
	return x
}

// end ends a cell, and its row if it is the last.
func (c *cells) end(at int64, row bool, ended func(start, end int64), rowEnded func()) {
	if ended != nil {
		ended(c.start, at)
	}
	c.cell++
	if row {
		if rowEnded != nil {
			rowEnded()
		}
		c.row, c.cell = c.row+1, 1
	}
	c.start, c.within = at+1, 0
}

// readBytes is read without marks.
func (c *cells) readBytes(b []byte, ended func(start, end int64), rowEnded func()) {
	base := c.at
	for i := 0; i < len(b); {
		switch c.state {
		case quotedIn:
			rest := b[i:max(i, min(len(b), int(c.start+longestQuotation-base)))]
			n := bytes.IndexByte(rest, '"')
			if n >= 0 {
				rest, c.state = rest[:n+1], quoteIn
			}
			c.within += int64(bytes.Count(rest, []byte{'\n'}))
			if i += len(rest); c.state == quotedIn && i < len(b) {
				if ended != nil {
					ended(c.start, base+int64(i))
				}
				c.row, c.within, c.state = c.row+c.within, 0, strayIn
			}
			continue
		case strayIn:
			n := bytes.IndexByte(b[i:], '\n')
			if n < 0 {
				i = len(b)
				continue
			}
			if rowEnded != nil {
				rowEnded()
			}
			i += n + 1
			c.row, c.cell, c.start, c.state = c.row+1, 1, base+int64(i), atStart
			continue
		case quoteIn:
			if b[i] == '"' {
				c.state = quotedIn
				i++
				continue
			}
			c.state = unquotedIn
		case atStart:
			if b[i] == '"' {
				c.state = quotedIn
				i++
				continue
			}
			c.state = unquotedIn
		}
		for ; i < len(b) && b[i] != c.delim && b[i] != '\n'; i++ {
		}
		if i == len(b) {
			break
		}
		c.end(base+int64(i), b[i] == '\n', ended, rowEnded)
		c.state = atStart
		i++
	}
	c.at = base + int64(len(b))
}

// count is read of bytes without quotes, of which nothing but the place at
// their end is asked.
func (c *cells) count(b []byte) {
	base := c.at
	c.at += int64(len(b))
	if rows := bytes.Count(b, []byte{'\n'}); rows > 0 {
		n := lastBreak(b) + 1
		c.row, c.cell, c.start, c.within, c.state = c.row+int64(rows), 1, base+int64(n), 0, atStart
		base, b = c.start, b[n:]
	}
	if len(b) == 0 {
		return
	}
	c.state = unquotedIn
	if n := bytes.LastIndexByte(b, c.delim); n >= 0 {
		c.cell += int64(bytes.Count(b, []byte{c.delim}))
		c.start, c.within = base+int64(n)+1, 0
		if n == len(b)-1 {
			c.state = atStart
		}
	}
}
