// Package ledger is the durable record of what happened to each object: a
// SQLite file that survives a crash at any moment, can be read with sqlite3
// while a run goes on, and says for every object listed that it was read,
// how far, and what was found.
package ledger

import (
	"time"

	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/store"
)

// Status of an object, in Macie's words.
type Status string

const (
	Complete Status = "COMPLETE" // read to its end, no gap
	Partial  Status = "PARTIAL"  // read with gaps; Reason is the first one's
	Skipped  Status = "SKIPPED"  // not read; Reason says why
)

// Entry is what one run recorded of one object version.
type Entry struct {
	Object    store.Object
	Status    Status
	Reason    string // a reason code of store or unpack; "" when complete
	Detail    string // the error in words; holds no content
	Coverage  scanner.Coverage
	Findings  []scanner.Finding
	ScannedAt time.Time
	Took      time.Duration
}
