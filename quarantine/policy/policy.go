// Package policy reads the file in which users write what is to become of
// objects in which something was found, where the quarantine is, and who is told;
// and decides by it.
//
// A file with an error gives nothing: all that is wrong in it is reported, with the
// line and the field. Decisions are pure: the same file and the same facts always
// give the same one.
package policy

import (
	"time"

	"github.com/sluice-dlp/sluice/notify"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/secret"
	"github.com/sluice-dlp/sluice/store"
)

// File is a policy.
type File struct {
	Path string

	// Rules in the order in which they are tried: the first that matches wins.
	Rules []Rule

	// Quarantine is the zero value if the file has none, which it need not if no
	// rule copies or moves.
	Quarantine Quarantine

	// Channels to tell people through.
	Channels []Channel

	// Secrets says how secrets are fetched that other fields refer to.
	Secrets Secrets

	// Notes are for the person who wrote the file: what is right, and perhaps
	// not what was meant.
	Notes []string
}

// Rule says what is done with the objects it matches.
type Rule struct {
	Name    string // as written, or its number
	Line    int
	When    When
	Action  quarantine.Action
	Removal store.Removal // of a move
}

// When is what a rule asks of an object. What is empty asks nothing. What was found counts if its
// type is one of Types or its category one of Categories, or if both are empty.
type When struct {
	Types       []string // detector ids
	Categories  []string
	MinSeverity string // of what counts
	MinCount    int64  // values that count; at least 1

	Buckets  []string // globs: '*', '?', [a-z]
	Prefixes []string // of the key
	Tags     map[string]string
}

// Severities, the lowest first.
var severities = [...]string{"Low", "Medium", "High"}

// Quarantine says where objects go and how they lie there.
type Quarantine struct {
	Vault  Location
	Mode   quarantine.Mode
	Key    Key
	PIN    secret.Ref // of a PKCS#11 token
	Origin []string   // of the KMS key, in AWS's words, one of which it must have; none: any

	// AWSManagedKey allows a key that AWS manages, whose policy nobody can change.
	AWSManagedKey bool

	// Approval tells that somebody has to approve a move before it begins.
	Approval bool

	Fuse          Fuse
	Concurrency   int     // moves at a time
	Rate          float64 // objects a second; 0: as fast as it goes
	CopyThreshold int64   // bytes above which a copy is made in parts

	Connection Connection // to the vault, and to the key
}

// IsZero reports whether there is no quarantine.
func (q *Quarantine) IsZero() bool { return q.Vault == Location{} }

// Location is a bucket and a prefix in it, which is empty or ends in '/'.
type Location struct{ Bucket, Prefix string }

func (l Location) String() string { return "s3://" + l.Bucket + "/" + l.Prefix }

// Key is the key that encrypts what is in quarantine.
type Key struct {
	Provider string // as in seal.DataKey: "aws-kms", "pkcs11", "local"
	ID       string // a key id, an alias or an ARN; a PKCS#11 URI; the path of a file
}

// Providers of keys.
const (
	AWSKMS = "aws-kms"
	PKCS11 = "pkcs11"
	Local  = "local"
)

// Fuse is how much one run may take away before it stops; 0 is any number.
type Fuse struct {
	Objects int64
	Bytes   int64
}

// Connection says how AWS, or another store, is reached. The zero value: as
// every AWS tool finds it.
type Connection struct {
	Profile      string
	Region       string
	RoleARN      string
	ExternalID   string
	Endpoint     string // of S3, or of the one service that is meant
	KMSEndpoint  string
	PathStyle    bool
	CABundle     string // path of a file in PEM
	InsecureHTTP bool   // allow http:// to other hosts than this one
}

// Secrets says how secrets are fetched.
type Secrets struct {
	Lifetime   time.Duration // that one is kept in memory
	Connection Connection    // to AWS Secrets Manager
}

// Channel is one way to tell people.
type Channel struct {
	Name string // as written; the type if none was
	Type string // "teams", "slack", "webhook", "sns", "eventbridge", "email"
	Line int

	Kinds       []notify.Kind // that are told; none: all
	MinSeverity string        // of those that have one
	Digest      Digest
	Quiet       Quiet
	Rate        int    // messages a minute; 0: as notify.Rate has it
	Link        string // URL of a page about an object; see notify.Render

	URL      secret.Ref // teams, slack, webhook
	Envelope string     // teams: "message" or "card"
	Secret   secret.Ref // webhook: what messages are signed with
	Old      secret.Ref // webhook: the one before, while receivers go over
	Topic    string     // sns: ARN
	Bus      string     // eventbridge: name or ARN

	SMTP     string // email: host:port
	TLS      string // email: "starttls", "implicit", or "plain" to this machine
	From     string
	To       []string
	User     string
	Password secret.Ref

	Connection Connection // sns, eventbridge; of the others only CABundle and InsecureHTTP
}

// Digest makes one message of many. The zero value: as notify.Digesting has it.
type Digest struct {
	Above int           // events that are told one by one
	Every time.Duration // in this time; the rest becomes one message at its end
}

// Quiet are hours in which nothing is told, but kept for their end. The zero
// value: none.
type Quiet struct {
	From, To time.Duration // since midnight; From may be after To, over midnight
	Zone     *time.Location
	Except   string // what has at least this severity is told all the same, as failures are; "": High
}
