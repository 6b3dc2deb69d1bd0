// Package detectors knows what to look for and finds it in bytes.
//
// A [Rule] is data: an identifier, the forms its values take, a check, the
// keywords that must or may stand near. A [Set] is a compiled list of rules;
// [Set.Find] appends the matches of one window of bytes to the caller's slice.
// [Set.FindNaive] gives the same answer by the plain loop over rules and
// positions: it is the definition that the fast path is tested against.
//
// Nothing here starts a goroutine, reads a file or keeps a value it was shown.
package detectors

import "strings"

// Category groups rules as Amazon Macie does.
type Category string

const (
	Credentials Category = "CREDENTIALS"
	Financial   Category = "FINANCIAL_INFORMATION"
	Personal    Category = "PERSONAL_INFORMATION"
	Custom      Category = "CUSTOM_IDENTIFIER"
)

// Severity of the occurrences of one rule in one object.
type Severity uint8

const (
	Low Severity = 1 + iota
	Medium
	High
)

// String returns Macie's word: Low, Medium or High.
func (s Severity) String() string { return [...]string{"", "Low", "Medium", "High"}[s] }

// Severities is Macie's table: the severity for 1, for 2 to 99, and for 100
// or more occurrences in one object.
type Severities [3]Severity

// For returns the severity of n occurrences.
func (s Severities) For(n int64) Severity {
	switch {
	case n >= 100:
		return s[2]
	case n >= 2:
		return s[1]
	}
	return s[0]
}

// The two tables that most rules use.
var (
	AlwaysHigh = Severities{High, High, High}
	Rising     = Severities{Low, Medium, High}
)

const (
	// Proximity is Macie's keyword distance: a required keyword stands at
	// most this many bytes before the start or after the end of the value.
	Proximity = 30

	// Reach is how far outside its own match a matcher may look, to judge the
	// neighbours of a value.
	Reach = 64

	// MaxMatch is the longest match that any rule may have.
	MaxMatch = 8 << 10
)

// Rule describes one kind of sensitive data. Exactly one of Forms, Match and
// Pattern says how its values are found.
type Rule struct {
	// ID is Macie's managed data identifier where Macie has one, otherwise
	// upper snake case in the same manner.
	ID        string
	Name      string // a few words for people
	Category  Category
	Countries []string // ISO 3166-1 alpha-2; none means any
	Severity  Severities

	// Levels, if any, take the place of Severity: see [Rule.SeverityOf].
	Levels []Level

	// Recommended says that Macie's recommended set has the rule, Noisy that
	// the default of sluice leaves it out. [Builtin] sets both.
	Recommended, Noisy bool

	// Form and Check are sentences for the documentation: what values look
	// like, and the check-digit algorithm with its source.
	Form, Check string

	// Forms are fixed layouts. A value matches in the longest of them that
	// stands at its start, has clear neighbours (see [Clear]), and passes Valid.
	Forms []Form

	// Match measures a value at an anchor. It is called with every position
	// of w that Anchor names and returns the span of the value that belongs to
	// that anchor, or ok false. It must depend on nothing but the bytes within
	// MaxLen+Reach of at, must treat the ends of w as the ends of the data,
	// and must be cheap: at most some MaxLen steps. It judges the
	// neighbours itself. Two anchors may report the same span; it counts once.
	Anchor Anchor
	Match  func(w []byte, at int) (start, end int, ok bool)

	// Beside names further anchors of Match: starts of runs of digits. What is
	// found at them counts only beside a keyword, so they are not looked at
	// elsewhere, however many there are. A value starts at such an anchor or at
	// most Lead bytes before it, and has a digit among its first 17 bytes and among its
	// last 17. Rules whose values nearly all need a keyword
	// have these and few or no others.
	Beside []Run
	Lead   int

	// Pattern is a regular expression in the syntax of package regexp, matched
	// over bytes with ASCII classes. With an Anchor it is tried at each anchor
	// position, its match starts there, and neither neighbour of the match is
	// a letter or digit. Without one it is searched for everywhere: each
	// position has at most one match, and a match is dropped where one that
	// starts earlier overlaps it, so that the outcome depends on nothing far
	// away. If the pattern has the group (?P<value>…), the value is that group,
	// and where that is empty there is no match.
	Pattern string

	// Joined says that the values of Match are letters and digits in groups,
	// so that [Rule.Compact] drops what joins them, as it does with Forms.
	Joined bool

	// MaxLen is the longest value in bytes. It is required with Match and
	// Pattern and derived from Forms otherwise. A longer match of a Pattern is
	// no match.
	MaxLen int

	// Valid, if set, judges the value. With Forms it is given the letters and
	// digits of the value only, letters in upper case; otherwise the bytes of
	// the value as they stand. It must not keep or change the slice.
	Valid func(value []byte) bool

	// Whole, if set, answers [Set.Valid] instead of the matcher: whether the
	// entire string is well formed for this type. It serves types whose
	// standard admits forms that a search of running text must not look for
	// (a quoted e-mail local part, a bare IPv6 "::").
	Whole func(value []byte) bool

	// Keywords that stand near a value, in any case. A space in a keyword
	// also matches no byte, '_' and '-'. With NeedKeyword a value without a
	// keyword in Proximity is no match. Keywords without NeedKeyword serve
	// Forms that need one.
	Keywords    []string
	NeedKeyword bool

	// Around says where keywords stand, if not within Proximity on either side.
	Around Around

	// Ignore are words, in this case: a value that contains one is no match.
	Ignore []string

	// Weak, if set, singles out the values of Match and Pattern that count only
	// beside a keyword, where the others stand for themselves (what
	// Form.NeedKeyword does for Forms). It must not keep or change the slice.
	Weak func(value []byte) bool

	// Sure, if set, is a check that nearly all genuine values pass and some do
	// not: a check digit that the authority gave up, a range that ends next year.
	// A value that fails is less certain, and counts beside a keyword only unless
	// Confidence is high. It is given what Valid is given, and must not keep or
	// change the slice.
	Sure func(value []byte) bool

	// Confidence is how certain a value is by itself, without a keyword, in per
	// cent; what Priority says if 0. Threshold is the least with which a match
	// counts, [DefaultConfidence] if 0.
	Confidence, Threshold int

	// Family names rules whose values look alike: passports, driver's licences.
	// Of matches of one family with the same span only one is kept: that with the
	// nearest keyword, then with the longest, then of the rule that comes first.
	Family string

	// Priority decides overlaps: a match whose span lies within the span of a
	// match of higher priority, or of a longer match of the same rule, is
	// dropped. See the Priority constants.
	Priority int

	// Apart sets a rule apart from the others: its values neither cover those
	// of other rules nor are covered by them, whatever the priorities.
	Apart bool

	// Variant tells rules apart whose functions were made of other data, such as
	// the weights of a check digit: it is part of the identity of a set.
	Variant string

	// Dummies are published example values, compact (see [Rule.Compact]):
	// dropped unless the set keeps dummies.
	Dummies []string

	// Show is how many trailing letters or digits of a value a masked preview
	// may show. Zero for nearly all.
	Show int
}

// Priorities, by how much a match proves. A rule may use numbers between.
const (
	PriorityShape   = 10 // a layout that other things have too: phone, date
	PriorityRange   = 20 // a layout and value ranges: IP address, SSN
	PriorityCheck   = 30 // one or two check digits
	PriorityKeyword = 40 // a required keyword beside a layout or check
	PriorityStrong  = 50 // mod 97, Luhn with issuer prefix, e-mail
	PriorityLiteral = 60 // a literal prefix that nothing else has: AKIA, ghp_
	PriorityBlock   = 70 // a block with its own armour: JWT, private key
)

// Form is one fixed layout of a value.
type Form struct {
	// Pattern is a string of classes: '9' a digit, 'A' an ASCII letter of
	// either case, 'X' a digit or letter, of which one is a digit if there is no
	// '9', '~' an optional joiner; any other byte stands for itself. The joiners of one value are all absent or all the
	// same byte out of space, '-' and '.'.
	Pattern string

	// NeedKeyword makes this form count only beside a keyword, where other
	// forms of the rule stand for themselves.
	NeedKeyword bool
}

// Anchor names the positions at which a Match function is tried: those that
// any of its fields names.
type Anchor struct {
	Digits   bool     // each start of a run of ASCII digits
	Runs     []Run    // with Digits: only runs like one of these; none means any
	Token    bool     // each start of a run of ASCII letters and digits
	Base64   int      // if set, each start of a run of so many letters, digits, '+' and '/', up to 64
	Bytes    string   // each occurrence of one of these bytes
	Literals []string // each occurrence of one of these strings, in this case

	// Prefixes are what long tokens begin with: each start of a run of at least
	// longToken letters, digits, '_', '-' and '.', which may stand behind an escape,
	// that begins with one of these, in this case. They have two bytes at least.
	// However many there are, they cost what one does.
	Prefixes []string

	// Shapes are regular expressions: each position at which one matches, unless
	// it goes on a run of letters and digits there. They are bounded, do
	// not begin or end with any byte, and their classes have all bytes from 0x80
	// on or none (see bitmap.Shape). This is the cheapest anchor: what a shape
	// refuses costs nothing, so it should say as much as can be said in it.
	Shapes []string
}

// Run tells runs of digits by their length, from Min to Max, which is at most
// 63, by the byte that follows: one of Next, or anything if that is empty, and by
// their first digit: one of First, or any if that is empty.
type Run struct {
	Min, Max    int
	Next, First string
}

// at reports whether a run of digits like r starts at w[at].
func (r Run) at(w []byte, at int) bool {
	if !isDigit(w[at]) || at > 0 && isDigit(w[at-1]) {
		return false
	}
	end := runEnd(w, at, r.Max+1, digitByte)
	return r.begins(w[at]) && r.fits(end-at, w, end)
}

// begins reports whether a run like r may begin with a digit.
func (r Run) begins(digit byte) bool { return r.First == "" || strings.IndexByte(r.First, digit) >= 0 }

// fits reports whether a run of n digits that ends at w[:end] is like r.
func (r Run) fits(n int, w []byte, end int) bool {
	return r.Min <= n && n <= r.Max && (r.Next == "" || end < len(w) && strings.IndexByte(r.Next, w[end]) >= 0)
}
