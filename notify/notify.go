// Package notify says what may be told to the outside about what was found and
// what was done, and tells it: at least once, in order of urgency, and not ten
// thousand times.
//
// Its subpackages are the channels. No type of this package can hold a value
// that was found.
package notify

import "time"

// Kind of an event.
type Kind string

const (
	Detected  Kind = "detected"  // something was found in an object
	Started   Kind = "started"   // an object is about to be put into quarantine
	Succeeded Kind = "succeeded" // what policy wanted with an object is done
	Failed    Kind = "failed"    // it could not be done, and somebody must look
	Restored  Kind = "restored"  // an object is back where it was
	Purged    Kind = "purged"    // what the quarantine had of an object is removed for good
	Swept     Kind = "swept"     // a run came to its end; it is of no object
	Test      Kind = "test"      // somebody tries whether messages arrive
)

// Event is one thing that happened. Two events with the same Key are the same
// event, however often it is told.
type Event struct {
	Key  string
	Kind Kind
	Time time.Time

	Run      int64            // of the scan
	Severity string           // Low, Medium, High; "" if nothing was found
	Counts   map[string]int64 // of values, by the detector's id

	// The object. Name stands for its key, and may be an alias of it.
	Bucket    string
	Name      string
	VersionID string
	Size      int64

	Move   string // id of the move; "" without one
	Action string // what policy wants: tag, copy, move, move+stub
	Where  string // URI of what lies in the vault
	Reason string // a reason code, if something failed
	Detail string // in words; holds no content
	Undo   string // the command that undoes it
}
