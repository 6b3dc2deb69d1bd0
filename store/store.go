// Package store says what a stored object is and why one could not be read.
//
// Its subpackages are the drivers: s3 (Amazon S3 and compatible stores), dir
// (a directory tree) and mem (for tests). All three pass the conformance
// suite in storetest. The interface that a run needs of a driver stands where
// it is used, in package pipeline.
package store

import (
	"errors"
	"time"
)

// Object is the identity of one version of one object, as listed or as
// answered by the read that opened it.
type Object struct {
	Bucket    string    `json:"bucket"`
	Key       string    `json:"key"`
	VersionID string    `json:"version_id"` // "" where the bucket has no versioning, or before the read told it
	ETag      string    `json:"etag"`       // as the store gave it, without the quotes; "" if unknown
	Size      int64     `json:"size"`       // bytes as stored; -1 if unknown
	Modified  time.Time `json:"modified"`   // UTC
	Class     string    `json:"class"`      // S3 storage class; "" means STANDARD
}

// Why an object could not be read, written or removed. Drivers wrap these
// with %w; callers branch with errors.Is and name the reason with [Reason].
var (
	ErrNotFound  = errors.New("object does not exist")
	ErrNoBucket  = errors.New("bucket does not exist")
	ErrChanged   = errors.New("object changed since it was listed")
	ErrDenied    = errors.New("access denied")
	ErrArchived  = errors.New("object is in an archive storage class")
	ErrEncrypted = errors.New("object is encrypted with a key that only its owner has (SSE-C)")
	ErrKMSKey    = errors.New("the KMS key of the object cannot be used")
	ErrThrottled = errors.New("store asks to slow down")
	ErrStalled   = errors.New("no bytes arrived within the progress time-out")
	ErrCorrupt   = errors.New("bytes do not match the checksum or length that the store holds")
	ErrBroken    = errors.New("connection broke and could not be resumed")
	ErrNotFile   = errors.New("not a regular file")
	ErrExists    = errors.New("an object of this key exists")
	ErrLocked    = errors.New("object is under a lock or legal hold")
	ErrUnsafe    = errors.New("store cannot do this to one version without a risk to another")
)

// Reason codes. Where Amazon Macie has a code for the case it is Macie's.
const (
	ReasonDenied    = "PERMISSION_DENIED"
	ReasonArchived  = "INVALID_OBJECT_STATE"
	ReasonEncrypted = "INVALID_ENCRYPTION"
	ReasonKMSKey    = "INVALID_KMS_KEY"
	ReasonNotFound  = "SOURCE_OBJECT_NO_LONGER_AVAILABLE"
	ReasonChanged   = "OBJECT_VERSION_MISMATCH"
	ReasonNoBucket  = "NO_SUCH_BUCKET_AVAILABLE"
	ReasonStalled   = "TIME_CUT_OFF_REACHED"
	ReasonThrottled = "THROTTLED"          // ours
	ReasonCorrupt   = "CHECKSUM_MISMATCH"  // ours
	ReasonBroken    = "READ_INTERRUPTED"   // ours; also every error no other code describes
	ReasonNotFile   = "NOT_A_REGULAR_FILE" // ours: a symbolic link, named pipe, socket or device
	ReasonExists    = "OBJECT_EXISTS"      // ours; only where something was to be written
	ReasonLocked    = "OBJECT_LOCKED"      // ours; only where something was to be removed
	ReasonUnsafe    = "UNSAFE_TO_REMOVE"   // ours; likewise
)

// Reason names err with a reason code: Macie's where it has one. It returns
// "" for a nil error and ReasonBroken for one that wraps none of the
// sentinels above.
func Reason(err error) string {
	if err == nil {
		return ""
	}
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.code
		}
	}
	return ReasonBroken
}

var reasons = [...]struct {
	err  error
	code string
}{
	{ErrDenied, ReasonDenied},
	{ErrArchived, ReasonArchived},
	{ErrEncrypted, ReasonEncrypted},
	{ErrKMSKey, ReasonKMSKey},
	{ErrNotFound, ReasonNotFound},
	{ErrChanged, ReasonChanged},
	{ErrNoBucket, ReasonNoBucket},
	{ErrStalled, ReasonStalled},
	{ErrThrottled, ReasonThrottled},
	{ErrCorrupt, ReasonCorrupt},
	{ErrBroken, ReasonBroken},
	{ErrNotFile, ReasonNotFile},
	{ErrExists, ReasonExists},
	{ErrLocked, ReasonLocked},
	{ErrUnsafe, ReasonUnsafe},
}
