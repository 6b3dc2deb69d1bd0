package policy

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-dlp/sluice/internal/wording"
)

// reader collects what is wrong with a file.
type reader struct {
	file string
	errs []error
}

// node is a value in a file, with what it is called there.
type node struct {
	*yaml.Node
	r    *reader
	path string // "rule cards-out: when"
}

// field is one that an object may have, and what reads it.
type field struct {
	name string
	read func(node)
}

// into makes a field whose value read gives.
func into[T any](name string, dst *T, read func(node) T) field {
	return field{name, func(n node) { *dst = read(n) }}
}

// fail reports what is wrong at n.
func (n node) fail(format string, args ...any) {
	at := ""
	if n.path != "" {
		at = n.path + ": "
	}
	n.r.errs = append(n.r.errs, fmt.Errorf("%s:%d: %s%s", n.r.file, n.Line, at, fmt.Sprintf(format, args...)))
}

// in is a part of n.
func (n node) in(part *yaml.Node, name string) node {
	if n.path != "" {
		name = n.path + ": " + name
	}
	return node{part, n.r, name}
}

// kind says what n is.
func (n node) kind() string { return wording.Kind(n.ShortTag()) }

// object reads the fields of n, and reports those that there are not, those that
// are there twice, and those without a value, which are not as none: where the prefixes of a
// rule are commented out, it is not meant to be about all.
func (n node) object(fields ...field) {
	if n.Kind != yaml.MappingNode {
		n.fail("is %s, not an object with fields", n.kind())
		return
	}
	seen := make(map[string]bool)
	for key, value := range n.pairs() {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		switch {
		case i < 0:
			names := make([]string, len(fields))
			for i, f := range fields {
				names[i] = f.name
			}
			n.in(key, key.Value).fail("there is no such field here; the nearest is %q, and there are %s", nearest(names, key.Value), strings.Join(names, ", "))
		case seen[key.Value]:
			n.in(key, key.Value).fail("is there twice")
		case value.ShortTag() == "!!null":
			n.in(key, key.Value).fail("has no value: give it one, or leave it out")
		default:
			fields[i].read(n.in(value, key.Value))
		}
		seen[key.Value] = true
	}
}

// pairs yields the keys and values of an object.
func (n node) pairs() func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" || value.Kind == yaml.AliasNode {
				n.in(key, key.Value).fail("aliases, and keys that are no names, are not supported")
				continue
			}
			if !yield(key, value) {
				return
			}
		}
	}
}

// items are the items of a list.
func (n node) items() []node {
	if n.Kind != yaml.SequenceNode {
		n.fail("is %s, not a list", n.kind())
		return nil
	}
	if len(n.Content) == 0 {
		n.fail("is an empty list; leave it out")
	}
	items := make([]node, 0, len(n.Content))
	for _, item := range n.Content {
		if item.Kind == yaml.AliasNode {
			n.in(item, "item").fail("aliases are not supported")
			continue
		}
		items = append(items, node{item, n.r, n.path})
	}
	return items
}

// scalar is what n says, whatever YAML takes it for, since 0775, yes and 22:00
// are texts in some fields.
func (n node) scalar() string {
	if n.Kind != yaml.ScalarNode {
		n.fail("is %s", n.kind())
		return ""
	}
	return n.Value
}

// text reads a text of at least one character.
func (n node) text() string {
	switch s := n.scalar(); {
	case n.Kind != yaml.ScalarNode:
	case s == "":
		n.fail("is empty")
	case strings.ContainsFunc(s, unicode.IsControl):
		n.fail("has control characters")
	default:
		return s
	}
	return ""
}

// texts reads a list of texts.
func (n node) texts() []string {
	var out []string
	for _, item := range n.items() {
		out = append(out, item.text())
	}
	return out
}

// one reads one of some words, in any case.
func one[T ~string](words ...T) func(node) T {
	return func(n node) T {
		s := n.scalar()
		for _, w := range words {
			if strings.EqualFold(string(w), s) {
				return w
			}
		}
		if n.Kind == yaml.ScalarNode {
			n.fail("%q; it is one of %s", wording.Shorten(s), join(words))
		}
		return ""
	}
}

// some reads a list of such words.
func some[T ~string](words ...T) func(node) []T {
	read := one(words...)
	return func(n node) []T {
		var out []T
		for _, item := range n.items() {
			out = append(out, read(item))
		}
		return out
	}
}

func join[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}

// count reads a whole number from 1 on.
func (n node) count() int64 {
	v, err := strconv.ParseInt(n.scalar(), 10, 64)
	if n.Kind == yaml.ScalarNode && (err != nil || v < 1) {
		n.fail("%q is no whole number from 1 on", wording.Shorten(n.Value))
	}
	return v
}

// yes reads true or false.
func (n node) yes() bool {
	if n.ShortTag() != "!!bool" {
		n.fail("is %s, not true or false", n.kind())
	}
	return strings.EqualFold(n.Value, "true")
}

// duration reads a time such as 90s or 15m.
func (n node) duration() time.Duration {
	d, err := time.ParseDuration(n.scalar())
	if n.Kind == yaml.ScalarNode && (err != nil || d <= 0) {
		n.fail("%q is no length of time; write 90s, 15m, 2h …", wording.Shorten(n.Value))
	}
	return d
}

// size reads a number of bytes.
func (n node) size() int64 {
	v, ok := parseSize(n.scalar())
	if n.Kind == yaml.ScalarNode && !ok {
		n.fail("%q is no size; write 4096, 64KiB, 10MB, 5GiB …", wording.Shorten(n.Value))
	}
	return v
}

func parseSize(s string) (bytes int64, ok bool) {
	for _, u := range []struct {
		name string
		size float64
	}{
		{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"PiB", 1 << 50},
		{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"PB", 1e15}, {"B", 1}, {"", 1},
	} {
		if number, is := strings.CutSuffix(s, u.name); is {
			f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
			return int64(f * u.size), err == nil && f*u.size >= 1 && f*u.size < math.MaxInt64
		}
	}
	return 0, false
}

// nearest returns the known name that is spelt most like name; "" if none is known.
func nearest(known []string, name string) string {
	best, least := "", math.MaxInt
	for _, k := range known {
		if d := wording.Distance(strings.ToLower(name), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}
