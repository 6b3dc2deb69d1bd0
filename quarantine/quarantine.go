// Package quarantine moves an object out of a customer's bucket into a vault
// that only the security team can open, and back, so that a crash at any
// moment leaves it in the bucket, in the vault, or in both, and never in neither.
//
// A move is a row of the journal that goes through states:
//
//	planned ──▶ copied ──▶ verified ──▶ removed
//
// Each state is recorded before the next step begins, and each step can be
// done twice: [Mover.Move] carries a move on from whatever state it was left in.
// All steps refer to the version that was scanned. An object that has been
// replaced meanwhile is left alone.
//
// The package is synchronous: it starts no goroutine, and what runs at the same
// time is its caller's affair.
package quarantine

import (
	"context"
	"io"
	"time"

	"github.com/sluice-dlp/sluice/store"
)

// Bucket is a bucket as a mover needs it: the customer's, or the vault's.
// Errors wrap the sentinels of package store. Implementations are safe for
// concurrent use. store/s3 has the real one, store/mem one for tests.
type Bucket interface {
	// Stat tells what the store keeps of the version that o names: by its
	// version id; else the newest one, which must still have the ETag of o if
	// there is one (store.ErrChanged otherwise).
	Stat(ctx context.Context, o store.Object) (store.Attributes, error)

	// Open reads that version; see pipeline.Source.
	Open(ctx context.Context, o store.Object) (io.ReadCloser, store.Object, error)

	// Put writes an object of any length from body and returns its identity. It
	// reads body once, to its end. The store ends up with the whole or, after
	// an error, with nothing that can be listed; an error of body is returned.
	Put(ctx context.Context, key string, body io.Reader, w store.Write) (store.Object, error)

	// Copy writes an object by copying the version that from names, which may
	// be in another bucket of the same store, without the bytes passing
	// through this process. It fails with store.ErrChanged if from is no longer
	// what it names.
	Copy(ctx context.Context, key string, from store.Object, w store.Write) (store.Object, error)

	// Tag adds tags to the version that o names, in place of those of the
	// same names.
	Tag(ctx context.Context, o store.Object, tags map[string]string) error

	// Remove removes exactly the version that o names, by its version id or else
	// by its ETag and the second of Modified, if that is known, and returns the
	// version id of the delete marker if that left one. store.ErrChanged:
	// it is not there as named, another is; store.ErrNotFound: none is;
	// store.ErrLocked: a lock forbids it; store.ErrDenied: the credentials do;
	// store.ErrUnsafe: the store cannot without a risk to another version.
	// With a version id and no ETag, o names a delete marker.
	Remove(ctx context.Context, o store.Object, how store.Removal) (marker string, err error)

	// RemoveAll removes all versions of a key and its delete markers. It is for keys
	// that nobody else writes to, and can be repeated.
	RemoveAll(ctx context.Context, key string) error
}

// Action is what policy wants done with an object.
type Action string

const (
	DoNothing  Action = "none"
	DoTag      Action = "tag"       // mark it where it is
	DoCopy     Action = "copy"      // into the vault, and leave it
	DoMove     Action = "move"      // into the vault, and remove it
	DoMoveStub Action = "move+stub" // and leave a notice in its place
)

// Mode is how an object lies in the vault.
type Mode string

const (
	// SSEKMS is a copy made by the store, encrypted under a KMS key of the
	// vault. The bytes do not pass through this process.
	SSEKMS Mode = "sse-kms"

	// Envelope is a sealed object (package seal): encrypted here, under a data
	// key that a key provider wraps. The store never sees the bytes.
	Envelope Mode = "envelope"
)

// State is how far a move has got.
type State string

const (
	Planned   State = "planned"   // decided; nothing was done
	Copied    State = "copied"    // the vault has it
	Verified  State = "verified"  // the vault has it as it should; the end of Copy
	Removed   State = "removed"   // and the bucket has it no longer; the end of Move
	Tagged    State = "tagged"    // the end of Tag
	Restoring State = "restoring" // on its way back
	Restored  State = "restored"  // back in the bucket; the vault still has it
	Purged    State = "purged"    // the vault has it no longer
	Changed   State = "changed"   // the bucket has another object of this key: left alone
	Gone      State = "gone"      // the bucket has no such object, and the vault no copy, or one that is not as it should be
	Kept      State = "kept"      // the vault has it, and the bucket does not let go of it: tagged, if that was allowed
)

// Open reports whether [Mover.Move] has something left to do. A move that is
// Kept is at its end unless somebody asks again.
func (m Move) Open() bool {
	switch m.State {
	case Planned, Copied:
		return true
	case Verified:
		return m.Action != DoCopy
	}
	return false
}

// InVault reports whether the vault has the object, for all that is recorded.
func (m Move) InVault() bool { return m.Vault.Key != "" && m.State != Purged }

// Move is one row of the journal: what is to be done with one version, and how
// far that is done. It holds no content.
type Move struct {
	ID     string       // random, 32 hexadecimal digits; names what lies in the vault
	Object store.Object // the version that was scanned

	Action  Action
	Mode    Mode
	Removal store.Removal

	State    State
	Approved string // who approved it; "" if nobody has to or did
	Reason   string // a reason code if something failed last time; "" otherwise
	Error    string // the same in words
	Attempts int    // that failed, in this state

	Run       int64 // of the scan that led to it
	Why       Why
	PlannedAt time.Time
	ChangedAt time.Time // of State

	// Before is what the bucket kept with the object: recorded with Copied.
	Before store.Attributes

	// In the vault, from Copied on.
	Vault  store.Object
	KeyID  string // of the key that encrypts it, as the store or the key provider names it
	SHA256 string // of the object's bytes, hexadecimal; Envelope only
	CRC64  string // CRC64NVME of the object's bytes, base64
	Sealed string // CRC64NVME of the sealed object's bytes, base64; Envelope only

	// Left in the bucket, from Removed on.
	Marker string       // version id of the delete marker, if there is one
	Stub   store.Object // the notice, if there is one

	// Back in the bucket, from Restored on.
	Returned store.Object
}

// Why is what was found in the object, in numbers.
type Why struct {
	Rule     string           `json:"rule"`     // of the policy: its name or its number
	Severity string           `json:"severity"` // Low, Medium or High
	Counts   map[string]int64 `json:"counts"`   // of values, by the detector's id
}

// Journal is the durable record of moves.
type Journal interface {
	// Record stores m, in place of an earlier state of it. It returns when m
	// would survive a loss of power.
	Record(ctx context.Context, m Move) error
}
