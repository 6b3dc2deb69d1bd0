package export

import (
	"fmt"
	"io"

	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

// FindingWriter writes findings as they come, where [Findings] is given them
// all. It is used by one goroutine at a time.
type FindingWriter struct {
	enc   encoder[FindingRecord]
	names Names
}

// NewFindingWriter makes a writer to w. A CSV file gets its titles even if no
// finding comes.
func NewFindingWriter(w io.Writer, o Options) (*FindingWriter, error) {
	enc, err := newEncoder(w, o, findings)
	if err != nil {
		return nil, err
	}
	return &FindingWriter{enc, o.Names}, nil
}

// Write writes one finding. What it wrote is sure to have reached the
// underlying writer only after Flush.
func (w *FindingWriter) Write(f ledger.Found) error {
	if err := w.enc.encode(w.names.finding(f)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// Flush writes out what is buffered.
func (w *FindingWriter) Flush() error {
	if err := w.enc.flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
