package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sluice-dlp/sluice/corpus/eval"
	"github.com/sluice-dlp/sluice/detectors"
)

// selection is the choice of detectors that several commands share.
type selection struct {
	names         []string
	keepDummies   bool
	minConfidence int
}

func (s *selection) flags(f *pflag.FlagSet) {
	f.StringSliceVarP(&s.names, "detectors", "d", nil, "detector ids, common types such as IBAN, categories or \"all\", comma-separated; one behind '-' is taken out again (default all)")
	f.IntVar(&s.minConfidence, "min-confidence", 0, fmt.Sprintf("count only what is at least so certain, in per cent, 1 to 99 (default what each detector says, %d for most)", detectors.DefaultConfidence))
	f.BoolVar(&s.keepDummies, "keep-dummies", false, "report published example values too (test cards, documentation keys)")
}

// set compiles the chosen detectors.
func (s *selection) set() (*detectors.Set, error) {
	rules := detectors.Builtin()
	if len(s.names) > 0 {
		var err error
		if rules, err = choose(s.names); err != nil {
			return nil, withHint(fmt.Errorf("--detectors %s: %w", strings.Join(s.names, ","), err), "sluice detectors list")
		}
	}
	return detectors.Compile(rules, detectors.Options{KeepDummies: s.keepDummies, MinConfidence: s.minConfidence})
}

// choose is detectors.Select of the built-in rules, where a name may also be a
// common type and then means all detectors of it.
func choose(names []string) ([]detectors.Rule, error) {
	rules := detectors.Builtin()
	var expanded []string
	for _, name := range names {
		bare, off := strings.CutPrefix(name, "-")
		ids := []string{bare}
		if _, err := detectors.Select(rules, ids); err != nil {
			if typed := idsOfType(rules, bare); typed != nil {
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
	return detectors.Select(rules, expanded)
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
