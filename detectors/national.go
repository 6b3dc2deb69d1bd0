package detectors

import (
	"cmp"
	"strings"
)

// national is a number that a state gives to people or firms, as a row of the
// tables in rules_national_*.go. Its values count beside a keyword, but for those
// in the layouts of alone.
type national struct {
	id, name  string
	countries string // ISO 3166-1 alpha-2, divided by blanks

	form, check string // sentences for the documentation
	alone, near string // layouts divided by '|', see Form
	confidence  int    // of those of alone; see Rule

	valid, sure func(v []byte) bool
	whole       func(v []byte) bool // see Rule.Whole
	keywords    string              // divided by ';'
	category    Category            // Personal if not set
	family      string
	severity    Severities // AlwaysHigh if not set
	threshold   int        // see Rule.Threshold
	dummies     []string
}

// allOfField is a threshold that values of which n.sure does not hold reach beside a
// keyword where they are all of a field, and nowhere else.
const allOfField = 75

func (n national) rule() Rule {
	r := Rule{
		ID:        n.id,
		Name:      n.name,
		Category:  cmp.Or(n.category, Personal),
		Countries: strings.Fields(n.countries),
		Severity:  n.severity,
		Form:      n.form,
		Check:     n.check,
		Valid:     n.valid,
		Sure:      n.sure,
		Whole:     n.whole,
		Keywords:  wordList(n.keywords),
		Family:    n.family,
		Threshold: n.threshold,
		Dummies:   n.dummies,
	}
	if r.Severity == (Severities{}) {
		r.Severity = AlwaysHigh
	}
	if n.alone == "" {
		r.NeedKeyword, r.Priority = true, PriorityKeyword
		r.Forms = forms(n.near, false)
	} else {
		r.Priority, r.Confidence = PriorityCheck, n.confidence
		r.Forms = append(forms(n.alone, false), forms(n.near, true)...)
	}
	return r
}

func forms(list string, needKeyword bool) []Form {
	var fs []Form
	if list == "" {
		return nil
	}
	for pattern := range strings.SplitSeq(list, "|") {
		fs = append(fs, Form{Pattern: pattern, NeedKeyword: needKeyword})
	}
	return fs
}

func rules(table []national) []Rule {
	var rs []Rule
	for _, n := range table {
		rs = append(rs, n.rule())
	}
	return rs
}

// digit is the value of the digit v[i].
func digit(v []byte, i int) int { return int(v[i] - '0') }

// value is the number that the digits v[i:i+n] write.
func value(v []byte, i, n int) int {
	x := 0
	for _, c := range v[i : i+n] {
		x = 10*x + int(c-'0')
	}
	return x
}

// bornIn reports whether a date with the two digits of the year at v[yearAt]
// exists in one of the centuries: 18 stands for the years from 1800 on.
func bornIn(v []byte, yearAt, month, day int, centuries ...int) bool {
	for _, c := range centuries {
		if exists(100*c+value(v, yearAt, 2), month, day) {
			return true
		}
	}
	return false
}

// born is bornIn for digits in the order of year, month and day, YYMMDD, from
// v[at] on.
func born(v []byte, at int, centuries ...int) bool {
	return bornIn(v, at, value(v, at+2, 2), value(v, at+4, 2), centuries...)
}
