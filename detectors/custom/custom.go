// Package custom reads detectors and allow lists that users bring: custom
// data identifiers with the fields, limits and refusals of Amazon Macie's, in
// YAML or in Macie's own JSON, and lists of values that are not to be reported.
//
// Beyond Macie's, and marked so in docs/custom-identifiers.md, an identifier may
// take keywords behind the value too, a check of its digits, a longest length,
// and examples that are executed.
//
// A file with an error gives nothing: all that is wrong in it is reported, with
// the line, the identifier and the field.
package custom

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sluice-dlp/sluice/detectors"
)

// Macie's limits, in characters where texts are meant.
const (
	maxName        = 128
	maxDescription = 512
	maxRegex       = 512
	maxKeywords    = 50
	minKeyword     = 3
	maxKeyword     = 90
	maxIgnore      = 10
	minIgnore      = 4
	maxIgnoreWord  = 90
	maxDistance    = 300
	maxLevels      = 3

	defaultDistance = 50
)

// Limits of our own.
const (
	maxFile    = 4 << 20
	maxExample = 1000 // characters, as of the samples that Macie tests with

	// defaultLength is the longest value, in bytes, of a regex that does not
	// bound its matches.
	defaultLength = 256

	// maxWork bounds the length of a regex, with its repetitions written out,
	// times that of its longest match: what one place of a text may cost.
	maxWork = 1 << 18

	// maxAllowRegex bounds the regex of an allow list in the same way: it is
	// tried on values that were found, and nowhere else.
	maxAllowRegex = 1000
)

// Identifier is a custom data identifier that is within all limits.
type Identifier struct {
	File string
	Line int

	Name, Description, Regex string
	Keywords                 []string
	KeywordsAfter            bool // ours: keywords behind the value count too
	IgnoreWords              []string
	Distance                 int // maximumMatchDistance
	Levels                   []detectors.Level
	Validator                *Validator // ours
	MaxLength                int        // ours: of a match, in bytes
	Examples                 []Example  // ours
}

// Example is a text in which an identifier has to find something, or nothing.
type Example struct {
	Line  int
	Text  string
	Match bool
}

// File is what one or more files hold.
type File struct {
	Identifiers []Identifier

	// Allow are lists whose Rules are names as they were written, and not yet
	// known to be those of detectors.
	Allow []detectors.AllowList

	// Notes are for the person who wrote the files: what is right, and perhaps
	// not what was meant.
	Notes []string
}

// Load reads files of identifiers and allow lists. The error has a line for
// each thing that is wrong.
func Load(paths ...string) (*File, error) {
	all := new(File)
	var errs []error
	for _, path := range paths {
		data, err := readFile(path, maxFile)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		f, err := Parse(path, data)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all.Identifiers = append(all.Identifiers, f.Identifiers...)
		all.Allow = append(all.Allow, f.Allow...)
		all.Notes = append(all.Notes, f.Notes...)
	}
	if len(errs) == 0 {
		errs = append(errs, sameNames(all.Identifiers))
	}
	return all, errors.Join(errs...)
}

// readFile reads a file of at most so many bytes.
func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s: more than %d bytes", path, most)
	}
	return data, err
}

// Rule is the detector that an identifier makes. Its values neither cover those
// of other detectors nor are covered by them, as in Macie, where each is
// counted for itself.
func (id *Identifier) Rule() detectors.Rule {
	r := detectors.Rule{
		ID: id.Name, Name: cmp.Or(id.Description, id.Name), Category: detectors.Custom,
		Severity: detectors.Severities{detectors.Medium, detectors.Medium, detectors.Medium}, Levels: id.Levels,
		Form: "A match of `" + id.Regex + "`", Check: "none",
		Pattern: id.Regex, MaxLen: id.MaxLength, Keywords: id.Keywords, NeedKeyword: len(id.Keywords) > 0, Ignore: id.IgnoreWords,
		Priority: detectors.PriorityKeyword, Confidence: confidence, Apart: true,
	}
	if len(id.Keywords) > 0 {
		r.Around = detectors.Around{Before: id.Distance, Whole: true}
		if id.KeywordsAfter {
			r.Around.After = id.Distance
		}
	}
	if v := id.Validator; v != nil {
		r.Valid, r.Check, r.Variant, r.Joined = v.valid, v.String(), v.String(), true
	}
	return r
}

// confidence is how certain a value of an identifier is: whoever wrote it
// knows better, so it counts unless more is asked for.
const confidence = 75

// Rules are the detectors of all identifiers.
func (f *File) Rules() []detectors.Rule {
	rules := make([]detectors.Rule, len(f.Identifiers))
	for i := range f.Identifiers {
		rules[i] = f.Identifiers[i].Rule()
	}
	return rules
}

// Failure is an example that an identifier does not live up to.
type Failure struct {
	Identifier *Identifier
	Number     int // of the example, from 1
	Example    Example
}

func (f Failure) Error() string {
	what := "something is found in a text of noMatch"
	if f.Example.Match {
		what = "nothing is found in a text of match"
	}
	return fmt.Sprintf("%s:%d: %s: example %d: %s", f.Identifier.File, f.Example.Line, f.Identifier.Name, f.Number, what)
}

// Check executes the examples of an identifier and returns those that fail.
func (id *Identifier) Check() ([]Failure, error) {
	set, err := detectors.Compile([]detectors.Rule{id.Rule()}, detectors.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", id.File, id.Line, err)
	}
	var failures []Failure
	for i, x := range id.Examples {
		if found := set.Find(nil, []byte(x.Text), 0, len(x.Text)); (len(found) > 0) != x.Match {
			failures = append(failures, Failure{id, i + 1, x})
		}
	}
	return failures, nil
}
