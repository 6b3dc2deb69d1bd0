// Package ledger is the durable record of what happened to each object: a
// SQLite file that survives a crash at any moment, can be read with sqlite3
// while a run goes on, and says for every object listed that it was read,
// how far, and what was found.
//
// A [Ledger] writes, and one process at a time may have one; a [Reader] reads
// and there may be any number, also while a run writes. There is one row for each
// version of an object, however many runs saw it: the last attempt to read
// it stands, and the number of the last run that saw it.
//
// # Durability
//
// A commit has reached the disk when [Ledger.Commit] returns (write-ahead log,
// synchronous=FULL), so it survives kill -9 and power loss alike. NORMAL would
// be enough for kill -9; but what is done to objects is decided from this
// record, and an action must not outlive its record. Commits are grouped, so
// that the price is some ten fsyncs a second.
package ledger

import (
	"fmt"
	"strings"
	"time"

	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store"
)

// Status of an object, in Macie's words.
type Status string

const (
	Complete Status = "COMPLETE" // read to its end, no gap
	Partial  Status = "PARTIAL"  // read with gaps; Reason is the first one's, or of the error that ended the read
	Skipped  Status = "SKIPPED"  // not read; Reason says why
)

// Entry is what one run recorded of one object version.
type Entry struct {
	Object    store.Object
	Status    Status
	Reason    string // a reason code of store or unpack; "" when complete
	Detail    string // the error in words; holds no content
	Coverage  scanner.Coverage
	Findings  Findings
	Rules     map[string]RuleInfo // of each rule in Coverage.Counts, and no rule of Findings is missing there
	ScannedAt time.Time
	Took      time.Duration
}

// RuleInfo is what the record says of a rule in one object: the rule's
// category, and the severity of its count there.
type RuleInfo struct {
	Category string
	Severity Severity
}

// Severity is the severity of the values of one rule in one object, or the
// highest of all rules. Its numbers are those of detectors.Severity.
type Severity uint8

// The severities, in Macie's words.
const (
	NoSeverity Severity = iota // nothing was found
	Low
	Medium
	High
)

// String returns Macie's word: Low, Medium or High, and "" for NoSeverity.
func (s Severity) String() string {
	if s > High {
		return fmt.Sprintf("Severity(%d)", uint8(s))
	}
	return [...]string{"", "Low", "Medium", "High"}[s]
}

// MarshalText makes the word stand in JSON, also as the key of a map.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseSeverity reads Macie's word, in any case.
func ParseSeverity(word string) (Severity, error) {
	for s := Low; s <= High; s++ {
		if strings.EqualFold(word, s.String()) {
			return s, nil
		}
	}
	return NoSeverity, fmt.Errorf("no severity %q: it is Low, Medium or High", word)
}

// Severity returns the highest severity of e's rules.
func (e *Entry) Severity() Severity {
	top := NoSeverity
	for _, r := range e.Rules {
		top = max(top, r.Severity)
	}
	return top
}

// Final reports whether reading the same version again with the same rules
// would find the same: it was read, and what is missing of it is missing
// because of its content. What the store refused or cut off may go better the
// next time, and so may everything that was not read at all.
func (e *Entry) Final() bool {
	switch e.Status {
	case Complete:
		return true
	case Partial:
		if transient(e.Reason) {
			return false
		}
		for reason := range e.Coverage.GapCounts {
			if transient(reason) {
				return false
			}
		}
		return true
	}
	return false
}

// transient reports whether a gap in an object that was read has its cause in
// the store and not in the content. INVALID_ENCRYPTION is content there: a
// member under a password.
func transient(reason string) bool {
	switch reason {
	case store.ReasonDenied, store.ReasonArchived, store.ReasonKMSKey, store.ReasonNotFound, store.ReasonChanged,
		store.ReasonNoBucket, store.ReasonStalled, store.ReasonThrottled, store.ReasonCorrupt, store.ReasonBroken:
		return true
	}
	return false
}

// State of a run.
type State string

const (
	Running     State = "running"     // or killed, until the next run begins
	Completed   State = "complete"    // the listing reached its end and each object listed has its row
	Interrupted State = "interrupted" // stopped, killed, or the listing failed
)

// Run is one run as recorded.
type Run struct {
	ID       int64
	Started  time.Time
	Finished time.Time // zero while it runs, and for ever if it was killed
	State    State
	Error    string // why the run is not complete, in words
	RuleSet  string // identity of what is found, see detectors.Set.ID
	Version  string // of sluice
	Args     []string
	Tally    Tally
}

// Tally is what a run counted that no row tells.
type Tally struct {
	Listed      int64 // objects that the store listed
	ListedBytes int64
	Filtered    int64 // listed, but out of scope
	Unchanged   int64 // recorded from an earlier run without reading
	Unread      int64 // listed and in scope, but without a row of this run: it was stopped
}
