package detectors

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/internal/wording"
)

// Names of sets of rules that [Select] knows beside ids and categories.
const (
	All           = "all"
	Default       = "default"     // all that are not [Rule.Noisy]
	Recommended   = "recommended" // those of [Rule.Recommended]
	OfOnesOwn     = "custom"      // those of category [Custom]
	countryPrefix = "country:"    // those of a country, and those of none
)

// Select returns the rules that are named, in the order of rules. Each name is
// an id, a category, one of the sets above, or "country:" and an ISO 3166-1
// alpha-2 code, which takes in the rules of no country too; or one of these
// behind '-', to take rules out again. If the first name takes out, it takes
// out of the default. The error names what is unknown and the nearest name.
func Select(rules []Rule, names []string) ([]Rule, error) {
	on := make(map[string]bool)
	for k, name := range names {
		n, off := strings.CutPrefix(name, "-")
		if k == 0 && off {
			for _, r := range rules {
				on[r.ID] = !r.Noisy
			}
		}
		code, byCountry := cutPrefixFold(n, countryPrefix)
		known := false
		for _, r := range rules {
			if byCountry && r.isOf(code) || !byCountry && r.isCalled(n) {
				on[r.ID] = !off
				known = true
			}
		}
		if !known {
			return nil, unknownName(rules, n)
		}
		if byCountry && !off {
			for _, r := range rules {
				on[r.ID] = on[r.ID] || len(r.Countries) == 0
			}
		}
	}
	var out []Rule
	for _, r := range rules {
		if on[r.ID] {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no detector is selected")
	}
	return out, nil
}

// InCountries returns those of rules that are for one of the countries, or for
// none. The error names a country that no rule of all is for.
func InCountries(all, rules []Rule, codes []string) ([]Rule, error) {
	for _, code := range codes {
		if !slices.ContainsFunc(all, func(r Rule) bool { return r.isOf(code) }) {
			return nil, unknownName(all, countryPrefix+code)
		}
	}
	var out []Rule
	for _, r := range rules {
		if len(r.Countries) == 0 || slices.ContainsFunc(codes, r.isOf) {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no detector is selected")
	}
	return out, nil
}

// isCalled reports whether r is meant by a name.
func (r *Rule) isCalled(name string) bool {
	if strings.EqualFold(name, r.ID) || strings.EqualFold(name, string(r.Category)) {
		return true
	}
	switch strings.ToLower(name) {
	case All:
		return true
	case Default:
		return !r.Noisy
	case Recommended:
		return r.Recommended
	case OfOnesOwn:
		return r.Category == Custom
	}
	return false
}

// isOf reports whether r is for a country, which some call UK.
func (r *Rule) isOf(code string) bool {
	if strings.EqualFold(code, "UK") {
		code = "GB"
	}
	return slices.ContainsFunc(r.Countries, func(c string) bool { return strings.EqualFold(c, code) })
}

func cutPrefixFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// unknownName says what could have been meant.
func unknownName(rules []Rule, name string) error {
	if code, ok := cutPrefixFold(name, countryPrefix); ok {
		countries := make(map[string]bool)
		for _, r := range rules {
			for _, c := range r.Countries {
				countries[c] = true
			}
		}
		return fmt.Errorf("no detector is for country %q; there are %s", code, strings.Join(slices.Sorted(maps.Keys(countries)), ", "))
	}
	if strings.EqualFold(name, OfOnesOwn) {
		return fmt.Errorf("%q: there is no custom identifier", name)
	}
	if near := nearest(rules, name); near != "" {
		return fmt.Errorf("no detector or category %q; the nearest is %s", name, near)
	}
	return fmt.Errorf("no detector or category %q", name)
}

// nearest returns the name with the smallest edit distance to name: the id of a
// rule, a category or a set; "" if none has half of it in common. What name is a
// part of comes first, the shortest.
func nearest(rules []Rule, name string) string {
	best, dist := "", (len(name)+1)/2+1
	try := func(known string) {
		if len(name) > 2 && strings.Contains(strings.ToUpper(known), strings.ToUpper(name)) {
			if d := len(known) - 1<<20; d < dist {
				best, dist = known, d
			}
		} else if d := wording.Distance(strings.ToUpper(name), strings.ToUpper(known)); d < dist {
			best, dist = known, d
		}
	}
	for _, r := range rules {
		try(r.ID)
	}
	for _, r := range rules {
		try(string(r.Category))
	}
	for _, set := range []string{All, Default, Recommended} {
		try(set)
	}
	return best
}
