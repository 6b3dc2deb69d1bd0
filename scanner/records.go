package scanner

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"

	"github.com/sluice-dlp/sluice/detectors"
)

// records are JSON texts (RFC 8259): one, some after each other, or one a line.
type records struct {
	set   *detectors.Set
	known map[string]*detectors.Names // of keys; nil for those without a keyword
	shown map[string]string           // keys as they may be shown

	ahead  keyed
	behind elements

	// With one record a line the path to a match is read from the start of its
	// line, if that is at hand; otherwise behind reads everything.
	lines bool
	line  []byte // so much of the current one as has been passed
	count int64  // of lines passed
}

const (
	mostKeys    = 1 << 12 // known or shown; a record with more keys may be a hostile one
	judged      = 1 << 10 // bytes that have to be JSON
	longestLine = 64 << 10
	longestPath = 250
)

// newRecords tells whether head is the beginning of records: nil if not.
func newRecords(set *detectors.Set, head []byte) *records {
	text := bytes.TrimLeft(head, " \t\r\n")
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return nil
	}
	r := &records{set: set, known: make(map[string]*detectors.Names), shown: make(map[string]string)}
	line, rest, more := bytes.Cut(text, []byte{'\n'})
	if r.lines = more && json.Valid(line) && len(bytes.TrimSpace(rest)) > 0; r.lines {
		return r
	}
	d := json.NewDecoder(bytes.NewReader(text[:min(len(text), judged)]))
	var err error
	for err == nil {
		_, err = d.Token()
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return r
	}
	return nil
}

func (r *records) names(b []byte, to int64, places *places) {
	r.ahead.read(b, to, r.namesOf, places)
}

// namesOf returns the keywords in a key. The map spares asking for keys that
// have been seen.
func (r *records) namesOf(key []byte) *detectors.Names {
	names, known := r.known[string(key)]
	if !known {
		names = r.set.Names(key)
		if len(r.known) < mostKeys {
			r.known[string(key)] = names
		}
	}
	return names
}

func (r *records) pass(b []byte) {
	if !r.lines {
		r.behind.read(b)
		return
	}
	if n := bytes.Count(b, []byte{'\n'}); n > 0 {
		r.count += int64(n)
		b = b[lastBreak(b)+1:]
		r.line, r.behind = r.line[:0], elements{keys: r.behind.keys[:0], frames: r.behind.frames[:0]}
	}
	if len(r.line) <= longestLine {
		r.line = append(r.line, b...)
	}
}

func (r *records) locate(b []byte, loc *Location) {
	r.pass(b)
	e, index := &r.behind, r.behind.record
	if r.lines {
		if index = r.count; len(r.line) > longestLine {
			return
		}
		e.read(r.line[e.at:])
	}
	if e.broken || len(e.frames) == 0 {
		return
	}
	if e.string && e.asKey { // it is not shown beside another value either
		e.frames[len(e.frames)-1].secret = true
	}
	loc.Record, loc.Path = index, e.path(r.show)
}

// show is nameable, which spares asking for keys that have been seen.
func (r *records) show(key []byte) string {
	name, known := r.shown[string(key)]
	if !known {
		name = nameable(r.set, key)
		if len(r.shown) < mostKeys {
			r.shown[string(key)] = name
		}
	}
	return name
}

// elements reads JSON text and knows the path to where it is. It judges the
// text no more than it must to find the ends of strings and containers.
type elements struct {
	at      int64
	record  int64 // texts that have ended
	frames  []frame
	keys    []byte // the current keys of all frames, one after the other
	string  bool   // within one
	asKey   bool   // the string is a key
	escaped bool   // the next byte of the string is
	broken  bool   // nested too deep, or closed more than was opened
}

// frame is a container that is open.
type frame struct {
	array    bool
	wantsKey bool  // the next string is a key
	index    int64 // of the current element of an array
	key      int   // where the current key starts in elements.keys
	secret   bool  // a value was found in the current key
}

const (
	mostFrames = 256
	longestKey = 2 * longestName // so much of one is kept
)

// read reads b, which follows what has been read.
func (e *elements) read(b []byte) {
	e.at += int64(len(b))
	for i := 0; i < len(b) && !e.broken; {
		if e.string {
			i += e.inString(b[i:])
			continue
		}
		if c := b[i]; isStructural[c] {
			e.structural(c)
		}
		i++
	}
}

// isStructural tells the bytes outside of strings that matter.
var isStructural = [256]bool{'"': true, '{': true, '}': true, '[': true, ']': true, ':': true, ',': true}

// inString reads on in a string and returns how many bytes it has read.
func (e *elements) inString(b []byte) int {
	n := 0
	if e.escaped {
		e.escaped = false
		n++
	}
	for e.string && n < len(b) {
		n += plainBytes(b[n:])
		switch {
		case n == len(b):
		case b[n] == '"':
			e.string = false
			n++
		case n+1 == len(b):
			e.escaped = true
			n++
		default:
			n += 2
		}
	}
	if e.asKey {
		text := b[:n]
		if !e.string {
			text = text[:n-1]
		}
		top := &e.frames[len(e.frames)-1]
		e.keys = append(e.keys, text[:min(len(text), max(0, top.key+longestKey-len(e.keys)))]...)
	}
	return n
}

// plainBytes returns how many bytes of b come before a quote or a backslash.
func plainBytes(b []byte) int {
	const few = 24   // for which a search is not worth its call
	const most = 512 // that are searched at once: a quote may be far behind many backslashes
	n := 0
	for ; n < few && n < len(b); n++ {
		if b[n] == '"' || b[n] == '\\' {
			return n
		}
	}
	for ; n < len(b); n += most {
		part := b[n:min(n+most, len(b))]
		at := bytes.IndexByte(part, '"')
		if at >= 0 {
			part = part[:at]
		}
		if escape := bytes.IndexByte(part, '\\'); escape >= 0 {
			at = escape
		}
		if at >= 0 {
			return n + at
		}
	}
	return len(b)
}

func (e *elements) structural(c byte) {
	n := len(e.frames)
	switch c {
	case '"':
		e.string = true
		e.asKey = n > 0 && e.frames[n-1].wantsKey
		if e.asKey {
			e.keys = e.keys[:e.frames[n-1].key]
			e.frames[n-1].secret = false
		}
	case '{', '[':
		if e.broken = n == mostFrames; !e.broken {
			e.frames = append(e.frames, frame{array: c == '[', wantsKey: c == '{', key: len(e.keys)})
		}
	case '}', ']':
		if e.broken = n == 0; e.broken {
			return
		}
		e.keys, e.frames = e.keys[:e.frames[n-1].key], e.frames[:n-1]
		if n == 1 {
			e.record++
		}
	case ':':
		if n > 0 {
			e.frames[n-1].wantsKey = false
		}
	case ',':
		if n > 0 && e.frames[n-1].array {
			e.frames[n-1].index++
		} else if n > 0 {
			e.frames[n-1].wantsKey = true
		}
	}
}

// path writes the way to the current element as a JSONPath (RFC 9535). A path
// that is too long ends in "…".
func (e *elements) path(show func(key []byte) string) string {
	p := []byte{'$'}
	for i, f := range e.frames {
		end := len(e.keys)
		if i+1 < len(e.frames) {
			end = e.frames[i+1].key
		}
		switch {
		case f.array:
			p = append(strconv.AppendInt(append(p, '['), f.index, 10), ']')
		case f.secret:
			p = appendKey(p, "*")
		default:
			p = appendKey(p, show(e.keys[f.key:end]))
		}
	}
	if len(p) > longestPath {
		return string(bytes.ToValidUTF8(p[:longestPath], nil)) + "…"
	}
	return string(p)
}

// appendKey appends .key, or ['key'] if it is no plain name.
func appendKey(p []byte, key string) []byte {
	plain := key != "" && !(key[0] >= '0' && key[0] <= '9')
	for _, c := range []byte(key) {
		plain = plain && (c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z')
	}
	if plain || key == "*" {
		return append(append(p, '.'), key...)
	}
	p = append(p, "['"...)
	for _, c := range []byte(key) {
		if c == '\'' || c == '\\' {
			p = append(p, '\\')
		}
		p = append(p, c)
	}
	return append(p, "']"...)
}

// keyed finds containers whose key has a keyword, and what is in them. Keywords
// right before a value are found beside it anyway; those before a container
// may be far from the values in it.
//
// Between such containers it looks for nothing but their brackets.
type keyed struct {
	at       int64
	elements                    // within one
	names    []*detectors.Names // of elements.frames

	dull
}

// read reads up to the offset to, of which b are the last bytes.
func (k *keyed) read(b []byte, to int64, namesOf func(key []byte) *detectors.Names, places *places) {
	base := to - int64(len(b)) // offset of b
	var next brackets
	for i := int(k.at - base); i < len(b); {
		if len(k.frames) == 0 {
			i = k.open(b, i, &next, namesOf)
			continue
		}
		i = k.inside(b, i, base, namesOf, places)
	}
	k.at = to
}

// open looks for the next container from b[i:] on whose key has a keyword, and
// returns the place behind its bracket, or behind b.
func (k *keyed) open(b []byte, i int, next *brackets, namesOf func(key []byte) *detectors.Names) int {
	for ; i < len(b); i++ {
		if i = next.from(b, i); i == len(b) {
			break
		}
		if k.isDull(b[:i]) {
			continue
		}
		start, key := keyBefore(b, i)
		if key == nil {
			continue
		}
		if names := namesOf(key); names != nil {
			k.elements = elements{frames: k.frames[:0], keys: k.keys[:0]}
			k.structural(b[i])
			k.names = append(k.names[:0], names)
			return i + 1
		}
		k.addDull(b[:i], start)
	}
	return len(b)
}

// dull are texts from a key without a keyword to the bracket of its container,
// which spare looking for the key and asking for it.
type dull [64]string

// slot is that of the text that b ends with.
func (d *dull) slot(b []byte) *string {
	if len(b) < 5 {
		return &d[0]
	}
	x, y, z := b[len(b)-3], b[len(b)-4], b[len(b)-5]
	return &d[(x^y<<1^z<<2)%byte(len(d))]
}

// isDull reports whether b ends with a text that is known to be dull.
func (d *dull) isDull(b []byte) bool {
	text := *d.slot(b)
	return text != "" && len(b) >= len(text) && string(b[len(b)-len(text):]) == text
}

// addDull adds b[start:], unless there is one with the same slot.
func (d *dull) addDull(b []byte, start int) {
	if slot := d.slot(b); *slot == "" {
		*slot = string(b[start:])
	}
}

// brackets is where the next of each kind are.
type brackets struct{ brace, square int }

// from returns the place of the first bracket that opens a container in b[i:],
// or len(b).
func (n *brackets) from(b []byte, i int) int {
	find := func(at *int, c byte) {
		if *at > i || *at == i && i < len(b) && b[i] == c {
			return
		}
		if *at = bytes.IndexByte(b[i:], c); *at < 0 {
			*at = len(b)
		} else {
			*at += i
		}
	}
	find(&n.brace, '{')
	find(&n.square, '[')
	return min(n.brace, n.square)
}

// inside reads on in a container up to where the names change, and adds that as
// a place.
func (k *keyed) inside(b []byte, i int, base int64, namesOf func(key []byte) *detectors.Names, places *places) int {
	from, names := i, k.names[len(k.names)-1]
	for i < len(b) && len(k.frames) == len(k.names) && !k.broken {
		if k.string {
			i += k.inString(b[i:])
			continue
		}
		if c := b[i]; isStructural[c] {
			k.structural(c)
		}
		i++
	}
	places.add(base+int64(from), base+int64(i), names)
	switch {
	case k.broken:
		k.frames, k.names = k.frames[:0], k.names[:0]
	case len(k.frames) < len(k.names):
		k.names = k.names[:len(k.frames)]
	case len(k.frames) > len(k.names):
		outer := k.frames[len(k.names)-1]
		inner := names
		if key := k.keys[outer.key:]; !outer.array && len(key) > 0 {
			inner = names.And(namesOf(key))
		}
		k.names = append(k.names, inner)
	}
	return i
}

// keyBefore returns the key of the container whose bracket is b[i], nil if it
// has none, and where the quote before it is.
func keyBefore(b []byte, i int) (start int, key []byte) {
	i = blankBefore(b, i)
	if i == 0 || b[i-1] != ':' {
		return 0, nil
	}
	if i = blankBefore(b, i-1); i < 2 || b[i-1] != '"' || b[i-2] == '\\' {
		return 0, nil
	}
	low := max(0, i-1-longestName)
	start = low + bytes.LastIndexByte(b[low:i-1], '"')
	if start < low || slices.Contains(b[start+1:i-1], '\n') {
		return 0, nil
	}
	return start, b[start+1 : i-1]
}

// blankBefore returns the place up to which b[:i] goes without the few blanks at
// its end.
func blankBefore(b []byte, i int) int {
	const most = 16
	for low := max(0, i-most); i > low && (b[i-1] == ' ' || b[i-1] == '\t' || b[i-1] == '\n' || b[i-1] == '\r'); i-- {
	}
	return i
}
