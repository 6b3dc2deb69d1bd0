package pipeline

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

// Stats is how far a run got. Objects are counted when their row is committed,
// bytes read at once.
type Stats struct {
	Seconds     float64          `json:"seconds"` // since Do began
	Listing     bool             `json:"listing"` // more may be listed
	Listed      int64            `json:"listed"`  // objects, those filtered out too
	ListedBytes int64            `json:"listed_bytes"`
	ScopeBytes  int64            `json:"scope_bytes"`        // of the objects that passed the filter
	Filtered    map[string]int64 `json:"filtered,omitempty"` // objects, by the part of the filter that they did not pass

	Reading       int64 `json:"reading"`         // objects being read now
	BytesRead     int64 `json:"bytes_read"`      // as stored, those of abandoned reads too
	UnchangedSize int64 `json:"unchanged_bytes"` // of unchanged objects
	BytesSearched int64 `json:"bytes_searched"`  // after decompression
	Retries       int64 `json:"retries"`         // reads begun again because the object changed

	Recorded  int64                   `json:"recorded"`  // objects with a row of this run: Unchanged and those of ByStatus
	Unchanged int64                   `json:"unchanged"` // recorded from an earlier run without reading
	ByStatus  map[ledger.Status]int64 `json:"by_status,omitempty"`
	ByReason  map[string]int64        `json:"by_reason,omitempty"` // objects that are not COMPLETE

	// Values found in objects that were read, also those without a finding of
	// their own, and gaps by reason, those that are not listed too.
	Values           int64            `json:"values"`
	CountedOnly      int64            `json:"values_counted_only"` // of them, those that have no finding
	ValuesByRule     map[string]int64 `json:"values_by_rule,omitempty"`
	ValuesBySeverity map[string]int64 `json:"values_by_severity,omitempty"`
	Gaps             map[string]int64 `json:"gaps,omitempty"`

	Allowed int64 `json:"allowed"` // values that allow lists took out

	// Unread is how many listed objects in scope have no row of this run: those
	// that are still to be read while it goes on, those left out when it ended.
	Unread int64 `json:"unread"`
}

// Scope is how many listed objects passed the filter.
func (s Stats) Scope() int64 {
	n := s.Listed
	for _, f := range s.Filtered {
		n -= f
	}
	return n
}

// counters are the live numbers behind Stats. The zero value is ready.
type counters struct {
	bytesRead, reading, retries atomic.Int64

	mu    sync.Mutex
	begun time.Time
	s     Stats // but for the numbers above
}

func (c *counters) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun = time.Now()
	c.s = Stats{
		Listing: true, Filtered: make(map[string]int64), ByStatus: make(map[ledger.Status]int64), ByReason: make(map[string]int64),
		ValuesByRule: make(map[string]int64), ValuesBySeverity: make(map[string]int64), Gaps: make(map[string]int64),
	}
}

func (c *counters) listed(size int64, droppedBy string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.s.Listed++
	c.s.ListedBytes += max(size, 0)
	if droppedBy != "" {
		c.s.Filtered[droppedBy]++
	} else {
		c.s.ScopeBytes += max(size, 0)
	}
}

func (c *counters) listingEnded() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.s.Listing = false
}

// committed counts what a commit recorded.
func (c *counters) committed(b ledger.Batch, unchangedBytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.s.Recorded += int64(len(b.Entries) + len(b.Unchanged))
	c.s.Unchanged += int64(len(b.Unchanged))
	c.s.UnchangedSize += unchangedBytes
	for i := range b.Entries {
		c.s.add(&b.Entries[i])
	}
}

func (s *Stats) add(e *ledger.Entry) {
	s.BytesSearched += e.Coverage.BytesSearched
	s.CountedOnly -= int64(e.Findings.Len())
	s.Allowed += e.Coverage.Allowed
	s.ByStatus[e.Status]++
	if e.Status != ledger.Complete {
		s.ByReason[e.Reason]++
	}
	for rule, n := range e.Coverage.Counts {
		s.Values += n
		s.CountedOnly += n
		s.ValuesByRule[rule] += n
		s.ValuesBySeverity[e.Rules[rule].Severity.String()] += n
	}
	for reason, n := range e.Coverage.GapCounts {
		s.Gaps[reason] += n
	}
}

// snapshot returns the numbers of this moment. The caller may keep it.
func (c *counters) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.s
	if !c.begun.IsZero() {
		s.Seconds = time.Since(c.begun).Seconds()
	}
	s.BytesRead, s.Reading, s.Retries = c.bytesRead.Load(), c.reading.Load(), c.retries.Load()
	s.Filtered, s.ByStatus, s.ByReason = maps.Clone(s.Filtered), maps.Clone(s.ByStatus), maps.Clone(s.ByReason)
	s.ValuesByRule, s.ValuesBySeverity, s.Gaps = maps.Clone(s.ValuesByRule), maps.Clone(s.ValuesBySeverity), maps.Clone(s.Gaps)
	s.Unread = s.Scope() - s.Recorded
	return s
}
