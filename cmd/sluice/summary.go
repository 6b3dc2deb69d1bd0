package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/scanner/unpack"
	"github.com/sluice-dlp/sluice/store"
)

// reasons are all codes that an object may end with, and what they mean.
var reasons = []struct {
	code, meaning string
	ours          bool // Macie has no such code
}{
	{store.ReasonDenied, "access was denied", false},
	{store.ReasonArchived, "the object is in an archive storage class and must be restored first", false},
	{store.ReasonEncrypted, "encrypted with a customer's key (SSE-C), or a member under a password", false},
	{store.ReasonKMSKey, "the KMS key of the object is disabled, deleted, or not allowed to be used", false},
	{store.ReasonNotFound, "deleted between listing and reading", false},
	{store.ReasonChanged, "overwritten again and again while it was read", false},
	{store.ReasonNoBucket, "the bucket does not exist", false},
	{store.ReasonStalled, "no byte arrived within --progress-timeout, again and again", false},
	{store.ReasonThrottled, "the store asked to slow down more often than retries allow", true},
	{store.ReasonCorrupt, "the bytes do not match the checksum or length that the store holds", true},
	{store.ReasonBroken, "the connection broke more often than retries allow, or another error of the store", true},
	{store.ReasonNotFile, "a symbolic link, named pipe, socket or device in a directory", true},
	{unpack.ReasonUnsupported, "content of a kind that no text can be read from; strings in it were searched", false},
	{unpack.ReasonMalformed, "broken content: cut short, a wrong checksum, a header that lies", false},
	{unpack.ReasonDepth, "more archives in archives than --max-depth", false},
	{unpack.ReasonBytes, "unpacks to more than --max-unpacked", false},
	{unpack.ReasonMembers, "more members than --max-members", false},
	{unpack.ReasonMemberBytes, "a member unpacks to more than --max-member", false},
	{unpack.ReasonRatio, "unpacks to more than --max-ratio times its size", true},
	{unpack.ReasonUnprocessed, "a member packed by a method that is not supported", false},
	{unpack.ReasonUnparsable, "a decoder failed", false},
}

func knownReason(code string) bool { return meaning(code) != "" }

// meaning tells what a code means; "" if there is no such code.
func meaning(code string) string {
	for _, r := range reasons {
		if r.code == code {
			return r.meaning
		}
	}
	return ""
}

// writeSummary tells people the outcome of a run; with JSON progress it tells
// machines first.
func writeSummary(w io.Writer, sum pipeline.Summary, o *scanOptions) {
	if o.progress == "json" {
		writeJSONSummary(w, sum)
	}
	s := sum.Stats
	elapsed := time.Duration(s.Seconds * float64(time.Second)).Round(time.Millisecond)
	fmt.Fprintf(w, "\n%s listed (%s), %s read in %v (%s/s), %s searched\n",
		plural(s.Listed, "object"), formatBytes(s.ListedBytes), formatBytes(s.BytesRead), elapsed, formatBytes(rate(s)), formatBytes(s.BytesSearched))
	for _, name := range slices.Sorted(maps.Keys(s.Filtered)) {
		if name == pipeline.ByOwn {
			fmt.Fprintf(w, "%d left out: files that this scan writes, and what lies in quarantine\n", s.Filtered[name])
			continue
		}
		fmt.Fprintf(w, "%d out of scope by %s\n", s.Filtered[name], name)
	}
	if s.Unchanged > 0 {
		fmt.Fprintf(w, "%d unchanged since an earlier run and not read again; what was found in them is in the ledger\n", s.Unchanged)
	}
	writeRules(w, sum)
	if s.CountedOnly > 0 {
		fmt.Fprintf(w, "counted only, as --max-per-detector lists %[2]d of one detector in one object: %[1]s\n", plural(s.CountedOnly, "value"), o.scan.MaxPerRule)
	}
	if s.Allowed > 0 {
		fmt.Fprintf(w, "%s left out by allow lists\n", plural(s.Allowed, "value"))
	}
	writeCoverage(w, sum, o)
	if o.ledger != "" {
		fmt.Fprintf(w, "\nledger: %s, run %d (sluice objects, sluice findings)\n", o.ledger, sum.Run)
	}
}

func writeRules(w io.Writer, sum pipeline.Summary) {
	if sum.Totals.Values == 0 {
		fmt.Fprintf(w, "\nnothing found%s\n", soFar(sum))
		return
	}
	fmt.Fprintf(w, "\n%s found in %s%s\n", plural(sum.Totals.Values, "value"), plural(sum.Totals.WithFindings, "object"), soFar(sum))
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	for _, r := range byCount(sum.Totals.ByRule) {
		fmt.Fprintf(tw, "  %d\t  %s\n", sum.Totals.ByRule[r], r)
	}
	tw.Flush()
}

func writeCoverage(w io.Writer, sum pipeline.Summary, o *scanOptions) {
	t := sum.Totals
	fmt.Fprintf(w, "\n%d complete, %d partial, %d skipped\n", t.ByStatus[ledger.Complete], t.ByStatus[ledger.Partial], t.ByStatus[ledger.Skipped])
	for _, code := range byCount(t.ByReason) {
		note := meaning(code)
		if slices.Contains(o.accept, code) {
			note += " (accepted)"
		}
		fmt.Fprintf(w, "  %d %s: %s\n", t.ByReason[code], code, note)
	}
	switch {
	case sum.Interrupted:
		fmt.Fprintf(w, "stopped before the end, with %s listed and not read%s\n", plural(sum.Stats.Unread, "object"), goOn(o))
	case sum.ListError != nil:
		fmt.Fprintf(w, "the listing failed, so there may be objects that nobody saw: %v\n", sum.ListError)
	case sum.Complete() && sum.Stats.Listed == 0:
		fmt.Fprintln(w, "complete, as there was nothing to read: are these the bucket, prefix or directory that you mean?")
	case sum.Complete():
		fmt.Fprintln(w, "complete: every object in scope was read")
	}
	if !sum.Complete() {
		fmt.Fprintf(w, "INCOMPLETE: not everything was read%s\n", tellMore(sum, o))
	}
}

// soFar qualifies numbers that may not be all.
func soFar(sum pipeline.Summary) string {
	if sum.Complete() {
		return ""
	}
	return " in what was read"
}

// goOn says how to read the rest.
func goOn(o *scanOptions) string {
	if o.ledger == "" {
		return "; with --ledger FILE a run can be gone on with"
	}
	return "; run it again with the same --ledger to go on"
}

// tellMore says where it stands which objects were not wholly read, if there
// are any.
func tellMore(sum pipeline.Summary, o *scanOptions) string {
	switch {
	case sum.Incomplete == 0:
		return ""
	case o.ledger == "":
		return "; with --ledger FILE, sluice objects tells what and why"
	}
	return fmt.Sprintf("; sluice objects --ledger %s --status PARTIAL,SKIPPED tells what and why", o.ledger)
}

// writeBroken tells how far a run got that an error of its own ended.
func writeBroken(w io.Writer, sum pipeline.Summary, o *scanOptions) {
	if o.progress == "json" {
		writeProgress(w, "failed", sum.Stats)
	}
	fmt.Fprintf(w, "INCOMPLETE: ended by this error when %d of %d listed objects were recorded%s\n", sum.Stats.Recorded, sum.Stats.Scope(), goOn(o))
}

// writeJSONSummary tells machines the outcome of a run.
func writeJSONSummary(w io.Writer, sum pipeline.Summary) {
	out := struct {
		Event string `json:"event"`
		pipeline.Stats
		Run         int64         `json:"run"`
		Complete    bool          `json:"complete"`
		Incomplete  int64         `json:"incomplete"` // objects, for reasons that are not accepted
		Interrupted bool          `json:"interrupted"`
		ListError   string        `json:"list_error,omitempty"`
		ExitCode    int           `json:"exit_code"`
		Totals      ledger.Totals `json:"totals"` // of unchanged objects too
	}{"summary", sum.Stats, sum.Run, sum.Complete(), sum.Incomplete, sum.Interrupted, "", sum.ExitCode(), sum.Totals}
	if sum.ListError != nil {
		out.ListError = sum.ListError.Error()
	}
	writeJSON(w, out)
}

// byCount returns the keys of m, largest count first.
func byCount(m map[string]int64) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b))
	})
}
