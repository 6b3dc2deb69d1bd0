package export

import (
	"bufio"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// tableBlock is how many rows are aligned together. A wider cell further down
// widens its column from there on, and the whole is never held in memory.
const tableBlock = 256

const (
	columnGap   = "  "
	narrowest   = 16 // that a column is cut to
	cutOffMark  = "…"
	cutOffWidth = 1
)

// tableEncoder writes aligned columns under headings.
type tableEncoder[R any] struct {
	w       *bufio.Writer
	columns []column[R]
	width   int // of the terminal; 0 for any
	widths  []int
	rows    [][]string // not written yet; the headings are the first
}

func newTableEncoder[R any](w io.Writer, width int, columns []column[R]) *tableEncoder[R] {
	e := &tableEncoder[R]{w: bufio.NewWriter(w), width: width}
	var headings []string
	for _, c := range columns {
		if c.heading != "" {
			e.columns = append(e.columns, c)
			headings = append(headings, c.heading)
		}
	}
	e.widths = make([]int, len(headings))
	e.rows = append(e.rows, headings)
	return e
}

func (e *tableEncoder[R]) encode(r R) error {
	row := make([]string, len(e.columns))
	for i, c := range e.columns {
		row[i] = Visible(c.cell(&r))
	}
	e.rows = append(e.rows, row)
	if len(e.rows) < tableBlock {
		return nil
	}
	return e.block()
}

func (e *tableEncoder[R]) flush() error {
	if err := e.block(); err != nil {
		return err
	}
	return e.w.Flush()
}

// block writes the rows that were gathered.
func (e *tableEncoder[R]) block() error {
	for _, row := range e.rows {
		for i, s := range row {
			e.widths[i] = max(e.widths[i], displayWidth(s))
		}
	}
	e.fit()
	for _, row := range e.rows {
		if _, err := e.w.WriteString(e.line(row) + "\n"); err != nil {
			return err
		}
	}
	e.rows = e.rows[:0]
	return nil
}

// fit narrows the widest elastic column, again and again, until a line fits
// or none is left to narrow.
func (e *tableEncoder[R]) fit() {
	if e.width <= 0 {
		return
	}
	for {
		total, widest := len(columnGap)*(len(e.widths)-1), -1
		for i, w := range e.widths {
			total += w
			if e.columns[i].elastic && w > narrowest && (widest < 0 || w > e.widths[widest]) {
				widest = i
			}
		}
		if total <= e.width || widest < 0 {
			return
		}
		e.widths[widest]--
	}
}

func (e *tableEncoder[R]) line(row []string) string {
	var line strings.Builder
	for i, s := range row {
		if i > 0 {
			line.WriteString(columnGap)
		}
		s = shorten(s, e.widths[i])
		pad := strings.Repeat(" ", e.widths[i]-displayWidth(s))
		if e.columns[i].number {
			line.WriteString(pad + s)
		} else {
			line.WriteString(s + pad)
		}
	}
	return strings.TrimRight(line.String(), " ")
}

// shorten cuts s in the middle to at most w columns: the ends of a path say
// most.
func shorten(s string, w int) string {
	if displayWidth(s) <= w {
		return s
	}
	head := cutWidth(s, (w-cutOffWidth)/2)
	rest := []rune(s[len(head):])
	for displayWidth(string(rest)) > w-cutOffWidth-displayWidth(head) {
		rest = rest[1:]
	}
	return head + cutOffMark + string(rest)
}

// cutWidth returns the longest beginning of s that takes at most w columns.
func cutWidth(s string, w int) string {
	for i, r := range s {
		if w -= runeWidth(r); w < 0 {
			return s[:i]
		}
	}
	return s
}

func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is how many columns r takes: two for wide East Asian characters,
// none for marks that go on top of another character.
func runeWidth(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
