package pipeline

import (
	"errors"

	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/store"
)

// Summary is the outcome of a run.
type Summary struct {
	Run    int64 // number in the ledger
	Stats  Stats
	Totals ledger.Totals // of all objects that the run saw, the unchanged ones too

	// Incomplete counts the objects that were not wholly read, now or in the
	// run whose record still holds, for a reason that is not accepted.
	Incomplete  int64
	Interrupted bool  // stopped from outside before its end
	ListError   error // the listing failed; what was listed before is recorded
}

// Exit codes of a run.
const (
	ExitClean      = 0 // complete, nothing found
	ExitFindings   = 1 // complete, something found
	ExitUsage      = 2 // wrong usage or configuration: nothing could be done
	ExitIncomplete = 3 // something was not read; whether or not something was found
)

// Complete reports whether everything listed was wholly read but for what is
// accepted, and everything was listed.
func (s Summary) Complete() bool {
	return !s.Interrupted && s.ListError == nil && s.Incomplete == 0 && s.Stats.Unread == 0
}

// ExitCode returns the exit code that tells the outcome. An error of [Run.Do]
// is another matter.
func (s Summary) ExitCode() int {
	refused := errors.Is(s.ListError, store.ErrNoBucket) || errors.Is(s.ListError, store.ErrDenied)
	switch {
	case refused && s.Stats.Listed == 0:
		return ExitUsage
	case !s.Complete():
		return ExitIncomplete
	case s.Totals.WithFindings > 0:
		return ExitFindings
	}
	return ExitClean
}
