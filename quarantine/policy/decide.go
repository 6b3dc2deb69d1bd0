package policy

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/store"
)

// Facts are what is known of an object.
type Facts struct {
	Bucket string
	Key    string
	Found  []Found

	// Tags returns the tags of the object. It is called at most once, and only
	// if a rule asks for them that would match otherwise. nil: it has none.
	Tags func() (map[string]string, error)
}

// Found is what one detector found in an object.
type Found struct {
	Type     string // id of the detector
	Category string
	Severity string // Low, Medium, High
	Count    int64
}

// Decision is what is to be done with an object.
type Decision struct {
	Rule    string // that matched; "" if none did
	Action  quarantine.Action
	Removal store.Removal // of a move

	// Steps are the rules that were tried, in order.
	Steps []Step
}

// Step is one rule that was tried.
type Step struct {
	Rule string
	Line int
	Miss string // why it does not match; "" if it does
}

// Decide applies the first rule that matches. Where nothing was found, and
// where no rule matches, nothing is done. The error is that of Tags: it cannot be
// decided then.
func (f *File) Decide(x Facts) (Decision, error) {
	d := Decision{Action: quarantine.DoNothing}
	if x.Tags != nil {
		x.Tags = sync.OnceValues(x.Tags)
	}
	for i := range f.Rules {
		r := &f.Rules[i]
		miss, err := r.When.misses(x)
		if err != nil {
			return d, fmt.Errorf("rule %s: tags of %s: %w", r.Name, x.Bucket, err)
		}
		d.Steps = append(d.Steps, Step{r.Name, r.Line, miss})
		if miss == "" {
			d.Rule, d.Action, d.Removal = r.Name, r.Action, r.Removal
			break
		}
	}
	return d, nil
}

// misses says in words what w asks that is not so; "" if it matches.
func (w *When) misses(x Facts) (string, error) {
	if miss := w.missesFound(x.Found); miss != "" {
		return miss, nil
	}
	isBucket := func(glob string) bool { ok, _ := path.Match(glob, x.Bucket); return ok }
	if len(w.Buckets) > 0 && !slices.ContainsFunc(w.Buckets, isBucket) {
		return fmt.Sprintf("bucket %s is none of %s", x.Bucket, strings.Join(w.Buckets, ", ")), nil
	}
	hasPrefix := func(prefix string) bool { return strings.HasPrefix(x.Key, prefix) }
	if len(w.Prefixes) > 0 && !slices.ContainsFunc(w.Prefixes, hasPrefix) {
		return "the key begins with none of " + strings.Join(w.Prefixes, ", "), nil
	}
	return w.missesTags(x)
}

func (w *When) missesFound(found []Found) string {
	var count int64
	top := ""
	for _, f := range found {
		if w.counts(f) {
			count += f.Count
			if rank(f.Severity) > rank(top) {
				top = f.Severity
			}
		}
	}
	switch {
	case count == 0 && len(w.Types)+len(w.Categories) == 0:
		return "nothing was found"
	case count == 0:
		return "nothing was found of " + strings.Join(slices.Concat(w.Types, w.Categories), ", ")
	case count < w.MinCount:
		return fmt.Sprintf("%d values that count, and it takes %d", count, w.MinCount)
	case rank(top) < rank(w.MinSeverity):
		return fmt.Sprintf("what counts is of severity %s at most, and it takes %s", top, w.MinSeverity)
	}
	return ""
}

// counts reports whether w is about f.
func (w *When) counts(f Found) bool {
	return len(w.Types)+len(w.Categories) == 0 ||
		slices.ContainsFunc(w.Types, func(t string) bool { return strings.EqualFold(t, f.Type) }) ||
		slices.ContainsFunc(w.Categories, func(c string) bool { return strings.EqualFold(c, f.Category) })
}

func (w *When) missesTags(x Facts) (string, error) {
	if len(w.Tags) == 0 {
		return "", nil
	}
	var tags map[string]string
	if x.Tags != nil {
		var err error
		if tags, err = x.Tags(); err != nil {
			return "", err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.Tags)) {
		if value, ok := tags[name]; !ok || value != w.Tags[name] {
			return fmt.Sprintf("the object has no tag %s=%s", name, w.Tags[name]), nil
		}
	}
	return "", nil
}

// rank orders severities; that of "" is 0.
func rank(severity string) int {
	return 1 + slices.IndexFunc(severities[:], func(s string) bool { return strings.EqualFold(s, severity) })
}

// covers reports whether w matches whatever v matches.
func (w *When) covers(v *When) bool {
	return w.coversFound(v) && w.coversBuckets(v) &&
		all(w.Prefixes, v.Prefixes, func(a, b string) bool { return strings.HasPrefix(b, a) }) &&
		!slices.ContainsFunc(slices.Collect(maps.Keys(w.Tags)), func(name string) bool {
			value, asked := v.Tags[name]
			return !asked || value != w.Tags[name]
		})
}

func (w *When) coversFound(v *When) bool {
	if w.MinCount > v.MinCount || rank(w.MinSeverity) > rank(v.MinSeverity) {
		return false
	}
	if len(w.Types)+len(w.Categories) == 0 {
		return true
	}
	return len(v.Types)+len(v.Categories) > 0 && subset(v.Types, w.Types) && subset(v.Categories, w.Categories)
}

func subset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(p string) bool {
		return !slices.ContainsFunc(whole, func(w string) bool { return strings.EqualFold(p, w) })
	})
}

func (w *When) coversBuckets(v *When) bool {
	return all(w.Buckets, v.Buckets, func(a, b string) bool {
		ok, _ := path.Match(a, b)
		return a == b || a == "*" || ok && !strings.ContainsAny(b, `*?[\`)
	})
}

// all reports whether each of narrow is within one of wide. Without wide
// everything is.
func all(wide, narrow []string, within func(wide, narrow string) bool) bool {
	if len(wide) == 0 {
		return true
	}
	return len(narrow) > 0 && !slices.ContainsFunc(narrow, func(n string) bool {
		return !slices.ContainsFunc(wide, func(w string) bool { return within(w, n) })
	})
}
