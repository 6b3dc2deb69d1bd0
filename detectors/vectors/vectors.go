// Package vectors holds the example texts of the built-in detectors, one file
// a rule, for tests, benchmarks and the documentation.
//
// Each line of data/ID.txt is one whole input of a search with that rule alone:
//
//   - "+ text": a value is found, the one between « and », which are taken out
//   - "- text": another thing; nothing is found
//   - "~ text": a near miss, one step from a value (a wrong check digit or
//     length); nothing is found
//   - "# text", and empty lines: for readers
//
// A text that begins with a double quote is a Go string. Every ¦ is taken out of
// it: it splits tokens, so that no complete one stands in the source.
package vectors

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed data
var data embed.FS

// Vectors are the texts of one rule.
type Vectors struct {
	Positive []Positive
	Negative []string
	NearMiss []string
}

// Positive is a text and the span of the value in it, in bytes.
type Positive struct {
	Text       string
	Start, End int
}

// Value returns the value.
func (p Positive) Value() string { return p.Text[p.Start:p.End] }

// Texts returns all texts.
func (v *Vectors) Texts() []string {
	var texts []string
	for _, p := range v.Positive {
		texts = append(texts, p.Text)
	}
	return append(append(texts, v.Negative...), v.NearMiss...)
}

// Of returns the vectors of the rule with this id. The error names the line
// that cannot be read.
func Of(id string) (*Vectors, error) {
	file, err := data.ReadFile("data/" + id + ".txt")
	if err != nil {
		return nil, err
	}
	v := new(Vectors)
	for i, line := range strings.Split(string(file), "\n") {
		if err := v.add(line); err != nil {
			return nil, fmt.Errorf("vectors of %s, line %d: %w", id, i+1, err)
		}
	}
	return v, nil
}

// MustOf is Of for rules that have vectors; it panics on others.
func MustOf(id string) *Vectors {
	v, err := Of(id)
	if err != nil {
		panic(err)
	}
	return v
}

// IDs returns the ids of the rules that have vectors.
func IDs() []string {
	files, err := data.ReadDir("data")
	if err != nil {
		panic(err) // it is embedded
	}
	var ids []string
	for _, f := range files {
		ids = append(ids, strings.TrimSuffix(f.Name(), ".txt"))
	}
	return ids
}

func (v *Vectors) add(line string) error {
	if line == "" || line[0] == '#' {
		return nil
	}
	kind, text, ok := strings.Cut(line, " ")
	if !ok {
		return fmt.Errorf("no kind and text")
	}
	if strings.HasPrefix(text, `"`) {
		var err error
		if text, err = strconv.Unquote(text); err != nil {
			return fmt.Errorf("not a Go string: %w", err)
		}
	}
	text = strings.ReplaceAll(text, "¦", "")
	switch kind {
	case "+":
		before, rest, opened := strings.Cut(text, "«")
		value, after, closed := strings.Cut(rest, "»")
		if !opened || !closed || value == "" {
			return fmt.Errorf("no value between « and »")
		}
		v.Positive = append(v.Positive, Positive{before + value + after, len(before), len(before) + len(value)})
	case "-":
		v.Negative = append(v.Negative, text)
	case "~":
		v.NearMiss = append(v.NearMiss, text)
	default:
		return fmt.Errorf("kind %q is none of + - ~", kind)
	}
	return nil
}
