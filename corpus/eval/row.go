package eval

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
)

// The kinds of rows.
const (
	KindSpan  = "span"  // a text and the places of values in it
	KindValue = "value" // one value, well formed for a type or not
	KindDoc   = "doc"   // a text and the types that occur somewhere in it
)

// Row is one row of a set.
type Row struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`

	Text     string   `json:"text"`
	Labels   []Label  `json:"labels"`   // of a span row
	Complete []string `json:"complete"` // types of which all values are labelled; "*" for all
	Expect   []string `json:"expect"`   // of a doc row

	Value string `json:"value"`
	Type  string `json:"type"`
	Valid bool   `json:"valid"`
}

// Label is the place of a value in a text.
type Label struct {
	Type   string `json:"type"`
	Start  int    `json:"start"` // bytes
	End    int    `json:"end"`
	Weak   bool   `json:"weak"`    // its author scores it low
	FormOK *bool  `json:"form_ok"` // false if it fails its own check
}

// Content is what a detector is shown: the text, or the value.
func (r *Row) Content() string {
	if r.Kind == KindValue {
		return r.Value
	}
	return r.Text
}

// Read yields the rows of a set. After an error it yields nothing more.
func Read(r io.Reader) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 16<<20)
		for n := 1; lines.Scan(); n++ {
			row := new(Row)
			if err := json.Unmarshal(lines.Bytes(), row); err != nil {
				yield(nil, fmt.Errorf("line %d is no row of a set: %w", n, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(nil, fmt.Errorf("read set: %w", err))
		}
	}
}
