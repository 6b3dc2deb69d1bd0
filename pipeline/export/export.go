// Package export writes what a ledger holds in published formats: JSON lines
// and CSV for programs, an aligned table for people.
//
// Names of fields are stable: fields may be added, and none is renamed or
// changes its meaning. [FindingRecord], [ObjectRecord] and [MoveRecord] document them; CSV
// has the same names as column titles.
//
// # Odd names
//
// A key is bytes and need not be readable. In JSON a key that is UTF-8 stands
// as it is, with JSON's own escapes for control and other unprintable
// characters. In CSV and tables those are written \xNN or \uNNNN, so that no
// name can drive a terminal. Bytes that are not UTF-8 are written \xNN in
// every format. Where the written key is thereby not the key itself, key_base64
// holds the exact bytes.
//
// # Aliases
//
// Keys and the names of archive members may be personal data. With
// [Names].AliasKey a keyed digest stands in their place: the same for the same
// object, and nobody without the key can tell, or check a guess. Details are
// then left out, because they name objects.
package export

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/store"
)

// Format is how records are written.
type Format string

const (
	JSONLines Format = "json" // one object a line
	CSV       Format = "csv"  // RFC 4180, with a line of titles
	Table     Format = "table"
)

// ParseFormat reads the name of a format.
func ParseFormat(name string) (Format, error) {
	switch f := Format(strings.ToLower(name)); f {
	case JSONLines, CSV, Table:
		return f, nil
	}
	return "", fmt.Errorf("no format %q: it is json, csv or table", name)
}

// Names says how objects are named to the outside. Everything that leaves the
// program and names an object goes through it.
type Names struct {
	// AliasKey, if set, is the key of the digests that replace keys and member
	// paths.
	AliasKey []byte
}

// Key names o within its bucket.
func (n Names) Key(o store.Object) string {
	if len(n.AliasKey) == 0 {
		return o.Key
	}
	return n.alias("key", o.Bucket+"\x00"+o.Key)
}

// Member names a member of an object.
func (n Names) Member(path string) string {
	if len(n.AliasKey) == 0 || path == "" {
		return path
	}
	return n.alias("member", path)
}

// detail passes words that may name objects.
func (n Names) detail(words string) string {
	if len(n.AliasKey) == 0 {
		return words
	}
	return ""
}

func (n Names) alias(kind, name string) string {
	mac := hmac.New(sha256.New, n.AliasKey)
	io.WriteString(mac, kind+"\x00"+name)
	return kind + "-" + hex.EncodeToString(mac.Sum(nil)[:16])
}

// Options say how to write.
type Options struct {
	Format Format
	Names  Names

	// Width is how many columns of a terminal a table should take: names that
	// are too long for it are cut in the middle. Default 0: nothing is cut.
	Width int
}

// Findings writes the findings of seq to w. It ends with the first error of
// seq or w; what was written until then is whole records.
func Findings(w io.Writer, o Options, seq iter.Seq2[ledger.Found, error]) error {
	return write(w, o, seq, o.Names.finding, findings)
}

// Objects writes the objects of seq to w. Otherwise it is as [Findings].
func Objects(w io.Writer, o Options, seq iter.Seq2[ledger.Row, error]) error {
	return write(w, o, seq, o.Names.object, objects)
}

// write turns each element into a record and writes it.
func write[E, R any](w io.Writer, o Options, seq iter.Seq2[E, error], record func(E) R, l layout[R]) error {
	enc, err := newEncoder(w, o, l)
	if err != nil {
		return err
	}
	for e, err := range seq {
		if err != nil {
			return errors.Join(err, enc.flush())
		}
		if err := enc.encode(record(e)); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if err := enc.flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// encoder writes records of one kind. Only flush makes sure that they are
// written.
type encoder[R any] interface {
	encode(R) error
	flush() error
}

func newEncoder[R any](w io.Writer, o Options, l layout[R]) (encoder[R], error) {
	switch o.Format {
	case JSONLines:
		return newJSONEncoder(w, l.json), nil
	case CSV:
		return newCSVEncoder(w, l.columns)
	case Table:
		return newTableEncoder(w, o.Width, l.columns), nil
	}
	return nil, fmt.Errorf("no format %q", o.Format)
}

// layout is how one kind of record is written.
type layout[R any] struct {
	json    func(dst []byte, r *R) ([]byte, error) // appends it as a JSON object
	columns []column[R]
}

// Layouts of findings and of objects.
var (
	findings = layout[FindingRecord]{appendFinding, findingColumns}
	objects  = layout[ObjectRecord]{appendRecord[ObjectRecord], objectColumns}
)

// column is one column of CSV and, with a heading, of tables.
type column[R any] struct {
	title   string
	heading string // "" leaves the column out of tables
	elastic bool   // cut where a table does not fit
	number  bool   // a number: aligned to the right, and no text that a spreadsheet could run
	cell    func(*R) string
}
