package ledger

import (
	"encoding/binary"
	"encoding/hex"
	"iter"

	"github.com/sluice-dlp/sluice/scanner"
)

// Findings are those of one object, in order. A table of personal data has tens of
// thousands, and a dozen objects are read at a time: as a slice they would take some 250
// bytes each, in strings that the garbage collector follows. Here they take about
// 60, in one piece. The zero value is none. A copy shares what the original has,
// and only one of the two may be added to.
type Findings struct {
	data  []byte
	n     int
	rules []ruleFindings
	index map[string]int // of rules, by id
	last  scanner.Location
}

// ruleFindings is what is kept once of the findings of a rule.
type ruleFindings struct {
	id   string
	n    int64
	last texts
}

// texts are what neighbouring findings of a rule mostly have in common.
type texts [3]string

func textsOf(at *scanner.Location) texts { return texts{at.Member, at.Name, at.Path} }

// The first byte of a finding has bit i set if text i is another than that of the
// finding of the rule before it, and follows; and this bit if the digest stands there as
// the scanner gave it, not in bytes.
const otherDigest = 1 << len(texts{})

// A digest of the scanner is the hexadecimal form of so many bytes.
const digestBytes = 16

// Add appends f.
func (fs *Findings) Add(f scanner.Finding) {
	k, ok := fs.index[f.Rule]
	if !ok {
		if fs.index == nil {
			fs.index = make(map[string]int)
		}
		k = len(fs.rules)
		fs.index[f.Rule] = k
		fs.rules = append(fs.rules, ruleFindings{id: f.Rule})
	}
	r := &fs.rules[k]
	r.n++
	fs.n++

	at := &f.Location
	head, now := len(fs.data), textsOf(at)
	b := binary.AppendUvarint(append(fs.data, 0), uint64(k))
	for i, text := range now {
		if text != r.last[i] {
			b[head] |= 1 << i
			b = appendText(b, text)
		}
	}
	for _, n := range [...]int64{
		at.Offset - fs.last.Offset, at.Line - fs.last.Line, at.Row - fs.last.Row, at.Record - fs.last.Record, // they mostly go up a little
		at.Length, at.Column, at.Cell, int64(f.Confidence),
	} {
		b = binary.AppendVarint(b, n)
	}
	b = appendText(b, f.Preview)
	if digest, ok := digestOf(f.Digest); ok {
		b = append(b, digest[:]...)
	} else {
		b[head] |= otherDigest
		b = appendText(b, f.Digest)
	}
	fs.data, fs.last, r.last = b, *at, now
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// digestOf returns the bytes of which s is the hexadecimal form.
func digestOf(s string) (digest [digestBytes]byte, ok bool) {
	if len(s) != hex.EncodedLen(digestBytes) {
		return digest, false
	}
	if _, err := hex.Decode(digest[:], []byte(s)); err != nil {
		return digest, false
	}
	var again [2 * digestBytes]byte
	hex.Encode(again[:], digest[:])
	return digest, string(again[:]) == s
}

// Len is how many there are.
func (fs *Findings) Len() int { return fs.n }

// Counts gives how many there are of each rule that has some.
func (fs *Findings) Counts() iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		for i := range fs.rules {
			if r := &fs.rules[i]; !yield(r.id, r.n) {
				return
			}
		}
	}
}

// All gives them in order.
func (fs *Findings) All() iter.Seq[scanner.Finding] {
	return func(yield func(scanner.Finding) bool) {
		d := findingReader{rest: fs.data, last: make([]texts, len(fs.rules))}
		for range fs.n {
			if !yield(d.next(fs.rules)) {
				return
			}
		}
	}
}

// findingReader reads what Add writes.
type findingReader struct {
	rest []byte
	last []texts // by rule
	at   scanner.Location
}

func (d *findingReader) next(rules []ruleFindings) scanner.Finding {
	head := d.rest[0]
	d.rest = d.rest[1:]
	k := d.unsigned()
	last := &d.last[k]
	for i := range last {
		if head>>i&1 != 0 {
			last[i] = d.text()
		}
	}
	at := &d.at
	at.Member, at.Name, at.Path = last[0], last[1], last[2]
	at.Offset += d.signed()
	at.Line += d.signed()
	at.Row += d.signed()
	at.Record += d.signed()
	at.Length, at.Column, at.Cell = d.signed(), d.signed(), d.signed()
	f := scanner.Finding{Rule: rules[k].id, Location: *at, Confidence: int(d.signed()), Preview: d.text()}
	if head&otherDigest != 0 {
		f.Digest = d.text()
	} else {
		f.Digest = hex.EncodeToString(d.take(digestBytes))
	}
	return f
}

func (d *findingReader) unsigned() uint64 {
	x, n := binary.Uvarint(d.rest)
	d.rest = d.rest[n:]
	return x
}

func (d *findingReader) signed() int64 {
	x, n := binary.Varint(d.rest)
	d.rest = d.rest[n:]
	return x
}

func (d *findingReader) take(n int) []byte {
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *findingReader) text() string { return string(d.take(int(d.unsigned()))) }
