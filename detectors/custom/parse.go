package custom

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/internal/wording"
)

// Fields of a file, of an identifier and of an allow list. What Macie's API
// answers beside what it takes (arn and the like) is read over.
var (
	fileFields       = []string{"identifiers", "customDataIdentifiers", "allow"}
	identifierFields = []string{
		"name", "description", "regex", "keywords", "ignoreWords", "maximumMatchDistance", "severityLevels",
		"keywordsAfter", "validator", "maxLength", "examples",
		"arn", "clientToken", "createdAt", "deleted", "id", "tags",
	}
	levelFields   = []string{"severity", "occurrencesThreshold"}
	exampleFields = []string{"match", "noMatch"}
	allowFields   = []string{"name", "description", "file", "regex", "values", "rules"}
)

// Parse reads the content of a file of identifiers and allow lists: an object
// with the lists "identifiers" and "allow", one identifier, a list of them, or
// several such documents. The error has a line for each thing that is wrong.
func Parse(name string, data []byte) (*File, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%s: not in UTF-8", name)
	}
	docs, err := documents(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	r := &reader{file: name}
	f := new(File)
	for _, doc := range docs {
		r.document(f, doc)
	}
	if len(r.errs) == 0 && len(f.Identifiers)+len(f.Allow) == 0 {
		return nil, fmt.Errorf("%s: neither identifiers nor allow lists in it", name)
	}
	return f, errors.Join(r.errs...)
}

func (r *reader) document(f *File, doc *yaml.Node) {
	switch {
	case doc.Kind == yaml.SequenceNode:
		r.identifiers(f, doc)
	case doc.Kind == yaml.MappingNode && hasField(doc, "name", "regex"):
		r.identifier(f, doc)
	default:
		r.fields(place{}, doc, fileFields, func(field string, value *yaml.Node) {
			if field != "allow" {
				r.identifiers(f, value)
				return
			}
			for _, item := range r.items(place{field: field}, value, math.MaxInt) {
				r.allow(f, item)
			}
		})
	}
}

// hasField reports whether an object has one of the fields.
func hasField(n *yaml.Node, names ...string) bool {
	for i := 0; i < len(n.Content); i += 2 {
		for _, name := range names {
			if n.Content[i].Value == name {
				return true
			}
		}
	}
	return false
}

// field returns a field of an object, nil if there is none.
func field(n *yaml.Node, name string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name && !isNothing(n.Content[i+1]) {
			return n.Content[i+1]
		}
	}
	return nil
}

func (r *reader) identifiers(f *File, list *yaml.Node) {
	for _, item := range r.items(place{field: "identifiers"}, list, math.MaxInt) {
		r.identifier(f, item)
	}
}

// identifier adds one identifier to f, unless something is wrong with it.
func (r *reader) identifier(f *File, n *yaml.Node) {
	id := Identifier{File: r.file, Line: n.Line, Distance: defaultDistance}
	at := place{id: nameOf(n, "an identifier")}
	before := len(r.errs)
	deleted := false
	var maxLength int64
	r.fields(at, n, identifierFields, func(name string, value *yaml.Node) {
		at.field = name
		switch name {
		case "name":
			id.Name = r.name(at, value)
		case "description":
			id.Description = r.text(at, value, 0, maxDescription)
		case "regex":
			id.Regex = r.text(at, value, 1, maxRegex)
		case "keywords":
			id.Keywords = r.words(at, value, maxKeywords, minKeyword, maxKeyword)
		case "ignoreWords":
			id.IgnoreWords = r.words(at, value, maxIgnore, minIgnore, maxIgnoreWord)
		case "maximumMatchDistance":
			id.Distance = int(r.number(at, value, 1, maxDistance))
		case "severityLevels":
			id.Levels = r.levels(at, value)
		case "keywordsAfter":
			id.KeywordsAfter = r.yes(at, value)
		case "validator":
			id.Validator = r.validator(at, value)
		case "maxLength":
			maxLength = r.number(at, value, 1, detectors.MaxMatch)
		case "examples":
			id.Examples = r.examples(at, value)
		case "deleted":
			deleted = r.yes(at, value)
		}
	})
	at.field = ""
	if deleted {
		f.Notes = append(f.Notes, fmt.Sprintf("%s:%d: %s is deleted in Macie and left out", r.file, n.Line, at.id))
		return
	}
	for _, required := range []string{"name", "regex"} {
		if n.Kind == yaml.MappingNode && field(n, required) == nil {
			r.fail(at, n, "%s is missing%s", required, missingHint(n, required))
		}
	}
	if id.KeywordsAfter && len(id.Keywords) == 0 {
		r.fail(at, n, "keywordsAfter, and no keywords")
	}
	if node := field(n, "regex"); node != nil && len(r.errs) == before {
		r.length(f, &id, node, int(maxLength))
	}
	if len(r.errs) == before {
		f.Identifiers = append(f.Identifiers, id)
	}
}

// missingHint helps those who saved the answer of the wrong call.
func missingHint(n *yaml.Node, required string) string {
	if required == "regex" && field(n, "arn") != nil {
		return "; lists of Macie leave it out: save what GetCustomDataIdentifier answers"
	}
	return ""
}

// nameOf is what an object is called in errors.
func nameOf(n *yaml.Node, otherwise string) string {
	if name := field(n, "name"); name != nil && name.Kind == yaml.ScalarNode && name.Value != "" {
		return wording.Shorten(name.Value)
	}
	return otherwise
}

// name reads a name, which is printed and so has no control characters.
func (r *reader) name(at place, n *yaml.Node) string {
	name := r.text(at, n, 1, maxName)
	if strings.ContainsFunc(name, unicode.IsControl) || strings.TrimSpace(name) != name {
		r.fail(at, n, "%q has control characters, or blanks around it", name)
	}
	return name
}

// words reads keywords or words to ignore.
func (r *reader) words(at place, n *yaml.Node, most, shortest, longest int) []string {
	before := len(r.errs)
	words := r.texts(at, n, most, shortest, longest)
	for i, w := range words {
		if len(r.errs) == before && strings.TrimSpace(w) != w {
			r.fail(at, n.Content[i], "%q has blanks around it", w)
		}
	}
	return words
}

// levels reads Macie's severityLevels.
func (r *reader) levels(at place, n *yaml.Node) []detectors.Level {
	before := len(r.errs)
	var levels []detectors.Level
	for _, item := range r.items(at, n, maxLevels) {
		var l detectors.Level
		r.fields(at, item, levelFields, func(name string, value *yaml.Node) {
			if name == "occurrencesThreshold" {
				l.From = r.number(at, value, 1, math.MaxInt64)
				return
			}
			l.Severity = severities[strings.ToUpper(value.Value)]
			if l.Severity == 0 {
				r.fail(at, value, "severity %q; it is LOW, MEDIUM or HIGH", wording.Shorten(value.Value))
			}
		})
		if item.Kind == yaml.MappingNode && (field(item, "severity") == nil || field(item, "occurrencesThreshold") == nil) {
			r.fail(at, item, "needs both severity and occurrencesThreshold")
		}
		if k := len(levels); k > 0 && len(r.errs) == before && (l.From <= levels[k-1].From || l.Severity <= levels[k-1].Severity) {
			r.fail(at, item, "thresholds and severities must both rise from one level to the next")
		}
		levels = append(levels, l)
	}
	return levels
}

var severities = map[string]detectors.Severity{"LOW": detectors.Low, "MEDIUM": detectors.Medium, "HIGH": detectors.High}

func (r *reader) examples(at place, n *yaml.Node) []Example {
	var examples []Example
	r.fields(at, n, exampleFields, func(name string, value *yaml.Node) {
		for _, item := range r.items(at, value, math.MaxInt) {
			examples = append(examples, Example{item.Line, r.text(at, item, 1, maxExample), name == "match"})
		}
	})
	return examples
}

// length checks the regex of id and finds out how long its matches may be.
func (r *reader) length(f *File, id *Identifier, n *yaml.Node, asked int) {
	at := place{id: id.Name, field: "regex"}
	longest, size, err := checkRegex(id.Regex)
	if err != nil {
		r.fail(at, n, "%v", err)
		return
	}
	id.MaxLength = longest
	switch {
	case longest < 0 && asked == 0:
		id.MaxLength = defaultLength
		f.Notes = append(f.Notes, fmt.Sprintf("%s:%d: %s: matches of the regex may be of any length; those of more than %d bytes are not found (maxLength)",
			r.file, n.Line, id.Name, defaultLength))
	case longest < 0 || asked > 0 && asked < longest:
		id.MaxLength = asked
	case longest == 0 || longest > detectors.MaxMatch:
		r.fail(at, n, "matches of up to %d bytes; 1 to %d are searched for", longest, detectors.MaxMatch)
		return
	}
	if size*id.MaxLength > maxWork {
		r.fail(at, n, "a regex of %d steps, its repetitions written out, and matches of up to %d bytes: together too much (the product may be %d); "+
			"shorten its repetitions, or give a maxLength of at most %d", size, id.MaxLength, maxWork, max(1, maxWork/size))
	}
}

// allow adds one allow list to f, unless something is wrong with it.
func (r *reader) allow(f *File, n *yaml.Node) {
	l := detectors.AllowList{Name: nameOf(n, "an allow list")}
	at := place{id: l.Name}
	before := len(r.errs)
	kinds := 0
	r.fields(at, n, allowFields, func(name string, value *yaml.Node) {
		at.field = name
		switch name {
		case "name":
			r.name(at, value)
		case "description":
			r.text(at, value, 0, maxDescription)
		case "file":
			kinds++
			l.Values = r.allowFile(at, value)
		case "regex":
			kinds++
			l.Pattern = r.text(at, value, 1, maxRegex)
			_, size, err := checkRegex(l.Pattern)
			switch {
			case l.Pattern == "":
			case err != nil:
				r.fail(at, value, "%v", err)
			case size > maxAllowRegex:
				r.fail(at, value, "a regex of %d steps, its repetitions written out; at most %d", size, maxAllowRegex)
			}
		case "values":
			kinds++
			if l.Values = r.words(at, value, maxEntries, 1, maxEntry); len(l.Values) == 0 {
				r.fail(at, value, "no value in it")
			}
		case "rules":
			if l.Rules = r.texts(at, value, math.MaxInt, 1, maxName); len(l.Rules) == 0 {
				r.fail(at, value, "no detector in it; leave it out for all")
			}
		}
	})
	at.field = ""
	if n.Kind == yaml.MappingNode && field(n, "name") == nil {
		r.fail(at, n, "name is missing")
	}
	if n.Kind == yaml.MappingNode && kinds != 1 {
		r.fail(at, n, "needs exactly one of file, regex and values")
	}
	if len(r.errs) == before {
		f.Allow = append(f.Allow, l)
	}
}

// allowFile reads the file that an allow list names, beside this one.
func (r *reader) allowFile(at place, n *yaml.Node) []string {
	path := r.text(at, n, 1, math.MaxInt)
	if path == "" {
		return nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(r.file), path)
	}
	values, err := ReadValues(path)
	if err != nil {
		r.fail(at, n, "%v", err)
	}
	return values
}

// sameNames reports identifiers of one name, in any case.
func sameNames(ids []Identifier) error {
	var errs []error
	first := make(map[string]*Identifier)
	for i := range ids {
		id := &ids[i]
		key := strings.ToLower(id.Name)
		if other := first[key]; other != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %s: there is one of this name in %s:%d", id.File, id.Line, id.Name, other.File, other.Line))
			continue
		}
		first[key] = id
	}
	return errors.Join(errs...)
}
