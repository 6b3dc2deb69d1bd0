package export

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/store"
)

// identity names one version of an object.
type identity struct {
	Bucket    string `json:"bucket"`
	Key       string `json:"key"`                  // or its alias
	KeyBase64 []byte `json:"key_base64,omitempty"` // the exact key, where Key is not; never with aliases
	VersionID string `json:"version_id"`           // "" where the bucket has no versions
	ETag      string `json:"etag"`                 // without quotes

	written string // Key before escaping
}

// FindingRecord is one finding as exported.
type FindingRecord struct {
	identity
	Member     string `json:"member"` // layers joined by '!'; "" for the object itself; or its alias
	Rule       string `json:"rule"`   // id of the detector
	Category   string `json:"category"`
	Severity   string `json:"severity"`              // Low, Medium or High, by the count of the rule in the object
	Offset     int64  `json:"offset"`                // bytes from the start of the member
	Length     int64  `json:"length"`                // bytes
	Line       int64  `json:"line"`                  // from 1
	Column     int64  `json:"column"`                // from 1, in bytes
	Row        int64  `json:"row,omitempty"`         // of a table, from 1
	Cell       int64  `json:"cell,omitempty"`        // in the row, from 1
	ColumnName string `json:"column_name,omitempty"` // "*" if it may hold a value
	Record     *int64 `json:"record,omitempty"`      // JSON text in the member, from 0; with JSONPath
	JSONPath   string `json:"json_path,omitempty"`   // with "*" for keys that may hold values
	Confidence int    `json:"confidence"`            // how certain the detector is, in per cent
	Preview    string `json:"preview"`               // masked
	Digest     string `json:"digest"`                // keyed: equal for equal values under one key
	Run        int64  `json:"run"`                   // the last one that saw the object
}

// ObjectRecord is one object as exported.
type ObjectRecord struct {
	identity
	Size          int64            `json:"size"`     // bytes as stored; -1 if unknown
	Modified      string           `json:"modified"` // RFC 3339, UTC; "" if unknown
	Class         string           `json:"class"`    // storage class; "" is STANDARD
	Status        string           `json:"status"`   // COMPLETE, PARTIAL or SKIPPED
	Reason        string           `json:"reason"`   // a reason code; "" when complete
	Detail        string           `json:"detail"`   // the reason in words
	MediaType     string           `json:"media_type"`
	BytesRead     int64            `json:"bytes_read"`     // as stored
	BytesSearched int64            `json:"bytes_searched"` // after decompression
	Members       int64            `json:"members"`        // streams searched
	Severity      string           `json:"severity"`       // the highest; "" if nothing was found
	Counts        map[string]int64 `json:"counts"`         // values found, by rule
	Gaps          []GapRecord      `json:"gaps"`           // parts not searched, the first ones
	GapCount      int64            `json:"gap_count"`      // all
	GapCounts     map[string]int64 `json:"gap_counts"`     // all, by reason
	ScannedAt     string           `json:"scanned_at"`     // RFC 3339, UTC
	TookMS        float64          `json:"took_ms"`
	Run           int64            `json:"run"`      // the last one that saw the object
	ReadRun       int64            `json:"read_run"` // the one that read it
}

// GapRecord is a part of an object that was not, or not wholly, searched.
type GapRecord struct {
	Member string `json:"member"`
	Reason string `json:"reason"`
	Detail string `json:"detail"`
}

func (n Names) identity(o store.Object) identity {
	key := n.Key(o)
	id := identity{Bucket: text(o.Bucket), Key: text(key), VersionID: text(o.VersionID), ETag: text(o.ETag), written: key}
	if !utf8.ValidString(key) {
		id.KeyBase64 = []byte(key)
	}
	return id
}

func (n Names) finding(f ledger.Found) FindingRecord {
	at := f.Location
	var record *int64
	if at.Path != "" {
		record = &at.Record
	}
	return FindingRecord{
		identity: n.identity(f.Object),
		Member:   text(n.Member(at.Member)), Rule: text(f.Rule), Category: text(f.Category), Severity: f.Severity.String(),
		Offset: at.Offset, Length: at.Length, Line: at.Line, Column: at.Column,
		Row: at.Row, Cell: at.Cell, ColumnName: text(at.Name), Record: record, JSONPath: text(at.Path),
		Confidence: f.Confidence,
		Preview:    text(f.Preview), Digest: text(f.Digest), Run: f.LastRun,
	}
}

func (n Names) object(r ledger.Row) ObjectRecord {
	c, o := r.Coverage, r.Object
	gaps := make([]GapRecord, len(c.Gaps))
	for i, g := range c.Gaps {
		gaps[i] = GapRecord{Member: text(n.Member(g.Member)), Reason: g.Reason, Detail: text(n.detail(g.Detail))}
	}
	return ObjectRecord{
		identity: n.identity(o),
		Size:     o.Size, Modified: timestamp(o.Modified), Class: text(o.Class),
		Status: string(r.Status), Reason: text(r.Reason), Detail: text(n.detail(r.Detail)),
		MediaType: text(c.Type), BytesRead: c.BytesRead, BytesSearched: c.BytesSearched, Members: c.Members,
		Severity: r.Severity().String(), Counts: orEmpty(c.Counts),
		Gaps: gaps, GapCount: c.GapCount(), GapCounts: orEmpty(c.GapCounts),
		ScannedAt: timestamp(r.ScannedAt), TookMS: float64(r.Took.Microseconds()) / 1000,
		Run: r.LastRun, ReadRun: r.ReadRun,
	}
}

// findingColumns are the columns of findings.
var findingColumns = []column[FindingRecord]{
	{title: "bucket", cell: func(r *FindingRecord) string { return r.Bucket }},
	{title: "key", cell: func(r *FindingRecord) string { return r.Key }},
	{title: "key_base64", cell: func(r *FindingRecord) string { return exact(r.written) }},
	{title: "version_id", cell: func(r *FindingRecord) string { return r.VersionID }},
	{title: "etag", cell: func(r *FindingRecord) string { return r.ETag }},
	{title: "severity", heading: "SEVERITY", cell: func(r *FindingRecord) string { return r.Severity }},
	{title: "rule", heading: "RULE", cell: func(r *FindingRecord) string { return r.Rule }},
	{title: "category", cell: func(r *FindingRecord) string { return r.Category }},
	{heading: "OBJECT", elastic: true, cell: place},
	{title: "member", cell: func(r *FindingRecord) string { return r.Member }},
	{title: "offset", number: true, cell: func(r *FindingRecord) string { return decimal(r.Offset) }},
	{title: "length", number: true, cell: func(r *FindingRecord) string { return decimal(r.Length) }},
	{title: "line", heading: "LINE", number: true, cell: func(r *FindingRecord) string { return decimal(r.Line) }},
	{title: "column", heading: "COLUMN", number: true, cell: func(r *FindingRecord) string { return decimal(r.Column) }},
	{title: "row", number: true, cell: func(r *FindingRecord) string { return atLeastOne(r.Row) }},
	{title: "cell", number: true, cell: func(r *FindingRecord) string { return atLeastOne(r.Cell) }},
	{title: "column_name", cell: func(r *FindingRecord) string { return r.ColumnName }},
	{title: "record", number: true, cell: func(r *FindingRecord) string {
		if r.Record == nil {
			return ""
		}
		return decimal(*r.Record)
	}},
	{title: "json_path", cell: func(r *FindingRecord) string { return r.JSONPath }},
	{title: "confidence", number: true, cell: func(r *FindingRecord) string { return decimal(int64(r.Confidence)) }},
	{title: "preview", heading: "PREVIEW", cell: func(r *FindingRecord) string { return r.Preview }},
	{title: "digest", cell: func(r *FindingRecord) string { return r.Digest }},
	{title: "run", number: true, cell: func(r *FindingRecord) string { return decimal(r.Run) }},
}

// objectColumns are the columns of objects.
var objectColumns = []column[ObjectRecord]{
	{title: "bucket", cell: func(r *ObjectRecord) string { return r.Bucket }},
	{title: "key", cell: func(r *ObjectRecord) string { return r.Key }},
	{title: "key_base64", cell: func(r *ObjectRecord) string { return exact(r.written) }},
	{title: "version_id", cell: func(r *ObjectRecord) string { return r.VersionID }},
	{title: "etag", cell: func(r *ObjectRecord) string { return r.ETag }},
	{title: "status", heading: "STATUS", cell: func(r *ObjectRecord) string { return r.Status }},
	{title: "reason", heading: "REASON", cell: func(r *ObjectRecord) string { return r.Reason }},
	{title: "detail", cell: func(r *ObjectRecord) string { return r.Detail }},
	{title: "size", heading: "SIZE", number: true, cell: func(r *ObjectRecord) string { return decimal(r.Size) }},
	{title: "modified", cell: func(r *ObjectRecord) string { return r.Modified }},
	{title: "class", cell: func(r *ObjectRecord) string { return r.Class }},
	{title: "media_type", cell: func(r *ObjectRecord) string { return r.MediaType }},
	{title: "bytes_read", number: true, cell: func(r *ObjectRecord) string { return decimal(r.BytesRead) }},
	{title: "bytes_searched", number: true, cell: func(r *ObjectRecord) string { return decimal(r.BytesSearched) }},
	{title: "members", number: true, cell: func(r *ObjectRecord) string { return decimal(r.Members) }},
	{title: "severity", heading: "SEVERITY", cell: func(r *ObjectRecord) string { return r.Severity }},
	{title: "counts", cell: func(r *ObjectRecord) string { return tally(r.Counts) }},
	{heading: "FOUND", elastic: true, cell: func(r *ObjectRecord) string { return most(r.Counts) }},
	{title: "gaps", cell: func(r *ObjectRecord) string { return tally(r.GapCounts) }},
	{title: "gap_count", number: true, cell: func(r *ObjectRecord) string { return decimal(r.GapCount) }},
	{heading: "OBJECT", elastic: true, cell: func(r *ObjectRecord) string { return r.Bucket + "/" + r.Key }},
	{title: "scanned_at", cell: func(r *ObjectRecord) string { return r.ScannedAt }},
	{title: "took_ms", number: true, cell: func(r *ObjectRecord) string { return strconv.FormatFloat(r.TookMS, 'f', -1, 64) }},
	{title: "run", number: true, cell: func(r *ObjectRecord) string { return decimal(r.Run) }},
	{title: "read_run", number: true, cell: func(r *ObjectRecord) string { return decimal(r.ReadRun) }},
}

// place names the stream that a finding is in.
func place(r *FindingRecord) string {
	if r.Member == "" {
		return r.Bucket + "/" + r.Key
	}
	return r.Bucket + "/" + r.Key + "!" + r.Member
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// timestamp writes t in RFC 3339 to the millisecond; "" is the zero time.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// tally writes counts as "NAME:count NAME:count", by name.
func tally(counts map[string]int64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s:%d", name, counts[name]))
	}
	return strings.Join(parts, " ")
}

// most is the tally of the three largest counts, and how many more there are.
func most(counts map[string]int64) string {
	const shown = 3
	if len(counts) <= shown {
		return tally(counts)
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	top := make(map[string]int64, shown)
	for _, name := range names[:shown] {
		top[name] = counts[name]
	}
	return fmt.Sprintf("%s and %d more", tally(top), len(counts)-shown)
}

// orEmpty makes a map stand as {} in JSON.
func orEmpty(counts map[string]int64) map[string]int64 {
	if counts == nil {
		return map[string]int64{}
	}
	return counts
}

// atLeastOne writes n, and nothing for 0.
func atLeastOne(n int64) string {
	if n == 0 {
		return ""
	}
	return decimal(n)
}
