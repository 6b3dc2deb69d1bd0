package store

import "time"

// Attributes are what a store keeps with one version of an object besides its
// bytes.
type Attributes struct {
	Object // as the store answered, with its version id if the bucket has versions

	// Headers that the store plays back with the bytes. "" is not set.
	ContentType        string `json:"content_type"`
	ContentEncoding    string `json:"content_encoding"`
	ContentDisposition string `json:"content_disposition"`
	ContentLanguage    string `json:"content_language"`
	CacheControl       string `json:"cache_control"`
	Expires            string `json:"expires"`  // as it was set, valid date or not
	Redirect           string `json:"redirect"` // of a bucket that is a web site

	// Metadata are the user's, by name in lower case without "x-amz-meta-".
	Metadata map[string]string `json:"metadata"`

	// Tags of the version.
	Tags map[string]string `json:"tags"`

	Encryption Encryption `json:"encryption"`

	// CRC64NVME of all bytes in base64, as the store holds it; "" if it holds
	// none, or only one of another algorithm or of parts.
	CRC64NVME string `json:"crc64nvme"`

	// Lock that forbids to remove the version. The zero value: none.
	Lock Lock `json:"lock"`
}

// Encryption is how the store encrypts an object, in S3's words.
type Encryption struct {
	Algorithm string `json:"algorithm"`  // "AES256", "aws:kms", "aws:kms:dsse"; "" if the store does not say
	KeyID     string `json:"key_id"`     // ARN, or what the store calls the key
	BucketKey bool   `json:"bucket_key"` // data keys from a key of the bucket
}

// Lock is S3 Object Lock on one version.
type Lock struct {
	Mode  string    `json:"mode"` // "GOVERNANCE", "COMPLIANCE"; "" without retention
	Until time.Time `json:"until,omitzero"`
	Hold  bool      `json:"hold"` // legal hold
}

// Write says how an object is written: by Put from bytes, or by Copy from
// another one.
type Write struct {
	// What is kept with the object: the headers, Metadata, Tags and Class of
	// it. The rest of Attributes is ignored.
	Attributes Attributes

	// Encryption to demand; an empty Algorithm leaves it to the bucket.
	Encryption Encryption

	// Absent makes the write fail with ErrExists if there is an object of the
	// key (the newest version counts, a delete marker is none).
	Absent bool
}

// Removal is how a version is removed.
type Removal string

const (
	// RemoveVersion takes the version away for good. In a bucket without
	// versions this is the object.
	RemoveVersion Removal = "version"

	// RemoveMarker hides it behind a delete marker, if it is the newest
	// version. Whoever may read versions can still read it. In a bucket
	// without versions it is as RemoveVersion.
	RemoveMarker Removal = "marker"

	// RemoveFromView is RemoveMarker where the version can still be read by its id,
	// and ErrUnsafe where it could not: without versions, or as "null" while they
	// are suspended.
	RemoveFromView Removal = "view"

	// RemoveCopies takes away the version and all other versions of the key
	// with the same ETag.
	RemoveCopies Removal = "copies"
)
