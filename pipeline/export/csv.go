package export

import (
	"encoding/csv"
	"io"
)

// csvEncoder writes lines of cells.
type csvEncoder[R any] struct {
	w       *csv.Writer
	columns []column[R]
	cells   []string
}

// newCSVEncoder writes the line of titles.
func newCSVEncoder[R any](w io.Writer, columns []column[R]) (*csvEncoder[R], error) {
	e := &csvEncoder[R]{w: csv.NewWriter(w)}
	for _, c := range columns {
		if c.title != "" {
			e.columns = append(e.columns, c)
			e.cells = append(e.cells, c.title)
		}
	}
	return e, e.w.Write(e.cells)
}

func (e *csvEncoder[R]) encode(r R) error {
	for i, c := range e.columns {
		e.cells[i] = c.cell(&r)
		if !c.number {
			e.cells[i] = cell(e.cells[i])
		}
	}
	return e.w.Write(e.cells)
}

func (e *csvEncoder[R]) flush() error {
	e.w.Flush()
	return e.w.Error()
}
