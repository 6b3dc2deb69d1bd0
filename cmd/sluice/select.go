package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sluice-dlp/sluice/corpus/eval"
	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/detectors/custom"
)

// ruleFiles are the files of detectors and allow lists that users bring.
type ruleFiles struct {
	custom []string
	allow  []string
}

func (f *ruleFiles) flags(fs *pflag.FlagSet) {
	f.customFlag(fs)
	fs.StringArrayVar(&f.allow, "allow", nil, "do not report the values in this text `FILE`, one a line; may be repeated")
}

func (f *ruleFiles) customFlag(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.custom, "custom", nil, "detectors and allow lists of your own in this `FILE`, in YAML or Amazon Macie's JSON; may be repeated")
}

// catalogue is all detectors there are to choose from, and the allow lists.
type catalogue struct {
	rules []detectors.Rule
	allow []detectors.AllowList
	own   []custom.Identifier
}

// load reads the files and tells notes about them. The examples in them have
// not been executed.
func (f *ruleFiles) load(notes io.Writer) (*catalogue, error) {
	const help = "docs/custom-identifiers.md and docs/allow-lists.md tell what the files hold"
	file, err := custom.Load(f.custom...)
	if err != nil {
		return nil, withHint(fmt.Errorf("--custom: %w", err), help)
	}
	if notes == nil {
		notes = io.Discard
	}
	for _, n := range file.Notes {
		fmt.Fprintf(notes, "note: %s\n", n)
	}
	c := &catalogue{rules: detectors.Builtin(), own: file.Identifiers}
	for _, id := range c.own {
		if i := slices.IndexFunc(c.rules, func(r detectors.Rule) bool { return strings.EqualFold(r.ID, id.Name) }); i >= 0 {
			return nil, fmt.Errorf("--custom: %s:%d: %s is the name of a detector of sluice", id.File, id.Line, id.Name)
		}
	}
	c.rules = append(c.rules, file.Rules()...)
	for _, l := range file.Allow {
		if l.Rules, err = c.idsOf(l.Rules); err != nil {
			return nil, withHint(fmt.Errorf("--custom: allow list %s: rules: %w", l.Name, err), "sluice detectors list")
		}
		c.allow = append(c.allow, l)
	}
	for _, path := range f.allow {
		values, err := custom.ReadValues(path)
		if err != nil {
			return nil, withHint(fmt.Errorf("--allow: %w", err), help)
		}
		c.allow = append(c.allow, detectors.AllowList{Name: path, Values: values})
	}
	return c, nil
}

// check executes the examples of all custom identifiers.
func (c *catalogue) check() error {
	var errs []error
	for i := range c.own {
		failures, err := c.own[i].Check()
		if err != nil {
			return fmt.Errorf("--custom: %w", err)
		}
		for _, f := range failures {
			errs = append(errs, f)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return withHint(fmt.Errorf("--custom: %w", err), "sluice detectors test --custom FILE tells more")
	}
	return nil
}

// idsOf returns the ids that names mean, nil for none.
func (c *catalogue) idsOf(names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	rules, err := c.choose(names)
	ids := make([]string, len(rules))
	for i, r := range rules {
		ids[i] = r.ID
	}
	return ids, err
}

// choose is detectors.Select of all rules, where a name may also be a common
// type and then means all detectors of it.
func (c *catalogue) choose(names []string) ([]detectors.Rule, error) {
	var expanded []string
	for _, name := range names {
		bare, off := strings.CutPrefix(strings.TrimSpace(name), "-")
		ids := []string{bare}
		if _, err := detectors.Select(c.rules, ids); err != nil {
			if typed := idsOfType(c.rules, bare); typed != nil {
				ids = typed
			}
		}
		for _, id := range ids {
			if off {
				id = "-" + id
			}
			expanded = append(expanded, id)
		}
	}
	return detectors.Select(c.rules, expanded)
}

// idsOfType returns the ids of the rules that find a common type.
func idsOfType(rules []detectors.Rule, name string) []string {
	var ids []string
	for _, r := range rules {
		if slices.ContainsFunc(eval.Types(r.ID), func(t string) bool { return strings.EqualFold(t, name) }) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// builtin is the catalogue without anything of users.
func builtin() *catalogue { return &catalogue{rules: detectors.Builtin()} }

// namesOwn reports whether names choose among custom identifiers: one by its
// name, or all of them.
func (c *catalogue) namesOwn(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return strings.EqualFold(name, detectors.OfOnesOwn) || strings.EqualFold(name, string(detectors.Custom)) ||
			slices.ContainsFunc(c.own, func(id custom.Identifier) bool { return strings.EqualFold(id.Name, name) })
	})
}

// selection is the choice of detectors that several commands share.
type selection struct {
	ruleFiles
	names         []string
	countries     []string
	keepDummies   bool
	minConfidence int

	notes io.Writer // where notes about the files go; nil for nowhere
}

func (s *selection) flags(f *pflag.FlagSet) {
	f.StringSliceVarP(&s.names, "detectors", "d", nil, "`NAMES` of detectors: \"default\", \"recommended\" (as Amazon Macie), \"all\", \"custom\", country:XX, detector ids, common types such as IBAN, or categories, "+
		"comma-separated; one behind '-' is taken out again (default \"default\")")
	f.StringSliceVar(&s.countries, "country", nil, "of the detectors chosen only those of these countries, and those of none: `CODES` such as DE,FR")
	s.ruleFiles.flags(f)
	f.IntVar(&s.minConfidence, "min-confidence", 0, fmt.Sprintf("count only what is at least so certain: `PERCENT`, 1 to 99 (default what each detector says, %d for most); 30 finds numbers with a check digit without their keyword, many by chance", detectors.DefaultConfidence))
	f.BoolVar(&s.keepDummies, "keep-dummies", false, "report published example values too (test cards, documentation keys)")
}

// set compiles the chosen detectors. Custom identifiers are among them unless
// --detectors chooses among these too.
func (s *selection) set() (*detectors.Set, error) {
	c, err := s.load(s.notes)
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	names := s.names
	switch {
	case len(names) == 0:
		names = []string{detectors.Default}
	case len(c.own) > 0 && !strings.HasPrefix(names[0], "-") && !c.namesOwn(names):
		names = append([]string{detectors.OfOnesOwn}, names...)
	}
	rules, err := c.choose(names)
	if err != nil {
		return nil, withHint(fmt.Errorf("--detectors %s: %w", strings.Join(s.names, ","), err), "sluice detectors list")
	}
	if len(s.countries) > 0 {
		if rules, err = detectors.InCountries(c.rules, rules, s.countries); err != nil {
			return nil, withHint(fmt.Errorf("--country %s: %w", strings.Join(s.countries, ","), err), "sluice detectors list")
		}
	}
	if s.minConfidence < 0 || s.minConfidence > 99 {
		return nil, withHint(fmt.Errorf("--min-confidence %d: give 1 to 99 per cent", s.minConfidence), "sluice detectors show ID tells how certain its values are")
	}
	return detectors.Compile(rules, detectors.Options{KeepDummies: s.keepDummies, MinConfidence: s.minConfidence, Allow: c.allow})
}
