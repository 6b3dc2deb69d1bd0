package custom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-dlp/sluice/internal/wording"
)

// documents parses a file into one tree for each document in it: YAML, or JSON
// if it begins like that. JSON becomes nodes of the same kind, since what YAML
// makes of JSON differs in escapes and tabs.
func documents(data []byte) ([]*yaml.Node, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if start := bytes.TrimLeft(data, " \t\r\n"); len(start) > 0 && (start[0] == '{' || start[0] == '[') {
		return jsonDocuments(data)
	}
	var docs []*yaml.Node
	for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var n yaml.Node
		err := dec.Decode(&n)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
		}
		docs = append(docs, n.Content[0])
	}
}

// jsonDocuments reads JSON values that stand one after the other.
func jsonDocuments(data []byte) ([]*yaml.Node, error) {
	p := &jsonParser{dec: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1}
	p.dec.UseNumber()
	var docs []*yaml.Node
	for {
		n, err := p.value(0)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			at := p.dec.InputOffset()
			var syntax *json.SyntaxError
			if errors.As(err, &syntax) {
				at = syntax.Offset
			}
			return nil, fmt.Errorf("line %d: %w", p.lineAt(at), err)
		}
		docs = append(docs, n)
	}
}

// jsonParser makes nodes of JSON.
type jsonParser struct {
	dec  *json.Decoder
	data []byte
	seen int64 // bytes whose lines are counted
	line int
}

// lineAt returns the line of an offset, which is no smaller than the last.
func (p *jsonParser) lineAt(offset int64) int {
	offset = min(max(offset, p.seen), int64(len(p.data)))
	p.line += bytes.Count(p.data[p.seen:offset], []byte("\n"))
	p.seen = offset
	return p.line
}

// maxDepth is how deep values may lie in others; ours are four deep.
const maxDepth = 50

func (p *jsonParser) value(depth int) (*yaml.Node, error) {
	tok, err := p.dec.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("more than %d levels", maxDepth)
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: p.lineAt(p.dec.InputOffset())}
	switch v := tok.(type) {
	case string:
		n.Tag, n.Value = "!!str", v
	case json.Number:
		n.Tag, n.Value = "!!int", v.String()
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = "!!float"
		}
	case bool:
		n.Tag, n.Value = "!!bool", strconv.FormatBool(v)
	case nil:
		n.Tag = "!!null"
	case json.Delim:
		n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		if v == '{' {
			n.Kind, n.Tag = yaml.MappingNode, "!!map"
		}
		for p.dec.More() {
			sub, err := p.value(depth + 1)
			if err != nil {
				return nil, unexpectedEnd(err)
			}
			n.Content = append(n.Content, sub)
		}
		if _, err := p.dec.Token(); err != nil { // the closing bracket
			return nil, unexpectedEnd(err)
		}
	}
	return n, nil
}

func unexpectedEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// place is where something stands, for errors.
type place struct {
	id, field string
}

// reader collects what is wrong with a file.
type reader struct {
	file string
	errs []error
}

// fail reports what is wrong at n.
func (r *reader) fail(at place, n *yaml.Node, format string, args ...any) {
	var words []string
	for _, w := range []string{at.id, at.field} {
		if w != "" {
			words = append(words, w+": ")
		}
	}
	r.errs = append(r.errs, fmt.Errorf("%s:%d: %s%s", r.file, n.Line, strings.Join(words, ""), fmt.Sprintf(format, args...)))
}

// kindOf says what n is.
func kindOf(n *yaml.Node) string { return wording.Kind(n.ShortTag()) }

// isNothing reports whether n is null, which means that a field is not there.
func isNothing(n *yaml.Node) bool { return n.ShortTag() == "!!null" }

// fields calls known for each field of n that is in names; others are errors,
// and so is a field that is there twice.
func (r *reader) fields(at place, n *yaml.Node, names []string, known func(name string, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.fail(at, n, "is %s, not an object with the fields %s", kindOf(n), strings.Join(names, ", "))
		return
	}
	var seen []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case value.Kind == yaml.AliasNode || key.Kind != yaml.ScalarNode:
			r.fail(at, key, "aliases and keys that are no names are not supported")
		case !slices.Contains(names, key.Value):
			r.fail(at, key, "unknown field %q; there are %s", key.Value, strings.Join(names, ", "))
		case slices.Contains(seen, key.Value):
			r.fail(at, key, "the field %q is there twice", key.Value)
		case !isNothing(value):
			known(key.Value, value)
		}
		seen = append(seen, key.Value)
	}
}

// text reads a text of at least least and at most most characters.
func (r *reader) text(at place, n *yaml.Node, least, most int) string {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" {
		hint := ""
		if n.Kind == yaml.ScalarNode {
			hint = "; put it in quotes"
		}
		r.fail(at, n, "is %s, not a text%s", kindOf(n), hint)
		return ""
	}
	if count := len([]rune(n.Value)); count < least || count > most {
		r.fail(at, n, "%q has %d characters; give %d to %d", wording.Shorten(n.Value), count, least, most)
	}
	return n.Value
}

// texts reads a list of at most most texts.
func (r *reader) texts(at place, n *yaml.Node, most, shortest, longest int) []string {
	var out []string
	for _, item := range r.items(at, n, most) {
		out = append(out, r.text(at, item, shortest, longest))
	}
	return out
}

// items returns the items of a list of at most most.
func (r *reader) items(at place, n *yaml.Node, most int) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		r.fail(at, n, "is %s, not a list", kindOf(n))
		return nil
	}
	if len(n.Content) > most {
		r.fail(at, n, "%d of them; at most %d", len(n.Content), most)
		return nil
	}
	return n.Content
}

// number reads a whole number from least to most.
func (r *reader) number(at place, n *yaml.Node, least, most int64) int64 {
	v, err := strconv.ParseInt(n.Value, 10, 64)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || err != nil {
		r.fail(at, n, "is %s, not a whole number", kindOf(n))
		return least
	}
	if v < least || v > most {
		r.fail(at, n, "%d; give %d to %d", v, least, most)
		return least
	}
	return v
}

// yes reads true or false.
func (r *reader) yes(at place, n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
		r.fail(at, n, "is %s, not true or false", kindOf(n))
		return false
	}
	return strings.EqualFold(n.Value, "true")
}
