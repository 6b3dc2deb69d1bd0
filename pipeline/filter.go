package pipeline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sluice-dlp/sluice/store"
)

// Filter says which of the listed objects are in scope. The zero Filter lets
// all pass. What cannot be judged passes: an object of unknown size or age.
//
// Globs are those of the AWS command line, and match a whole key: '*' is any
// run of bytes, '/' too, '?' any one character, [seq] one byte of seq, [!seq]
// one that is not of seq; a-z in seq is a range.
type Filter struct {
	Prefixes []string // the key has one of these prefixes
	Include  []string // the key matches one of these globs
	Exclude  []string // the key matches none of these globs

	MinSize, MaxSize int64     // bytes; a MaxSize of 0 is none
	After, Before    time.Time // After ≤ modified < Before; a zero time is none
	Classes          []string  // the storage class is one of these, in any case

	// Own, if set, tells what the run itself writes; that is not read.
	Own func(store.Object) bool
}

// Names of the parts of a Filter, as counted in [Stats.Filtered].
const (
	ByPrefix  = "prefix"
	ByInclude = "include"
	ByExclude = "exclude"
	BySize    = "size"
	ByAge     = "age"
	ByClass   = "class"
	ByOwn     = "own" // what the run itself writes
)

// Check reports what is wrong with f.
func (f Filter) Check() error {
	for _, pattern := range slices.Concat(f.Include, f.Exclude) {
		if err := checkGlob(pattern); err != nil {
			return err
		}
	}
	if f.MaxSize > 0 && f.MinSize > f.MaxSize {
		return fmt.Errorf("smallest size %d is above largest size %d: no object passes", f.MinSize, f.MaxSize)
	}
	if !f.After.IsZero() && !f.Before.IsZero() && !f.After.Before(f.Before) {
		return fmt.Errorf("objects cannot be modified both after %s and before %s", f.After.Format(time.RFC3339), f.Before.Format(time.RFC3339))
	}
	return nil
}

// drops returns the name of the part that o does not pass; "" if it passes.
func (f *Filter) drops(o store.Object) string {
	hasPrefix := func(prefix string) bool { return strings.HasPrefix(o.Key, prefix) }
	matches := func(glob string) bool { return matchGlob(glob, o.Key) }
	isClass := func(c string) bool { return strings.EqualFold(c, class(o)) }
	switch {
	case len(f.Prefixes) > 0 && !slices.ContainsFunc(f.Prefixes, hasPrefix):
		return ByPrefix
	case len(f.Include) > 0 && !slices.ContainsFunc(f.Include, matches):
		return ByInclude
	case slices.ContainsFunc(f.Exclude, matches):
		return ByExclude
	case o.Size >= 0 && (o.Size < f.MinSize || f.MaxSize > 0 && o.Size > f.MaxSize):
		return BySize
	case !o.Modified.IsZero() && (o.Modified.Before(f.After) || !f.Before.IsZero() && !o.Modified.Before(f.Before)):
		return ByAge
	case len(f.Classes) > 0 && !slices.ContainsFunc(f.Classes, isClass):
		return ByClass
	case f.Own != nil && f.Own(o):
		return ByOwn
	}
	return ""
}

func class(o store.Object) string {
	if o.Class == "" {
		return "STANDARD"
	}
	return o.Class
}
