package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/scanner"
	"github.com/sluice-dlp/sluice/scanner/unpack"
)

// explainMost is how much of a sample is explained: it goes the slow way.
const explainMost = 256 << 10

// decision is a line of detect --explain --json.
type decision struct {
	lineFinding
	Member     string `json:"member,omitempty"`
	In         string `json:"in,omitempty"`     // the cell or element
	Named      bool   `json:"named,omitempty"`  // a keyword is in its title or the keys above it
	Hidden     bool   `json:"hidden,omitempty"` // in other characters than plain ones
	Outcome    string `json:"outcome"`
	By         string `json:"by,omitempty"` // the detector that stands in the way
	Confidence int    `json:"confidence"`   // in per cent; 0 if the check fails
	Own        int    `json:"own"`          // what the value proves by itself
	Field      bool   `json:"field"`        // it is a whole field
	Sure       *bool  `json:"sure,omitempty"`
	Bare       bool   `json:"bare,omitempty"`    // lacks the keyword it needs, and counts where no more than confidence is asked for
	Keyword    string `json:"keyword,omitempty"` // the nearest
	KeywordAt  *int   `json:"keyword_at,omitempty"`
	Check      string `json:"check"`
}

// explanation is a decision with what only a scan knows: the member, and the cell or
// element that the value is in.
type explanation struct {
	detectors.Decision
	member  string
	skipped int64  // before the first byte of the text in its member
	in      string // see element
	named   bool   // found for a keyword in the title of its column or the keys above it
	hidden  bool   // found in other characters than plain ones
}

// explain tells what became of all that looks like a value, in each member of the
// input.
func (o *detectOptions) explain(cmd *cobra.Command, in io.Reader) error {
	set, err := o.set()
	if err != nil {
		return err
	}
	sc, err := scanner.New(scanner.Config{Set: set, MaxPerRule: math.MaxInt})
	if err != nil {
		return err
	}
	tooLong := withHint(fmt.Errorf("--explain takes samples of up to %d KiB", explainMost>>10), "head -c %d FILE | sluice detect --explain -", explainMost)
	stored, err := io.ReadAll(io.LimitReader(in, explainMost+1))
	if err != nil {
		return err
	}
	if len(stored) > explainMost {
		return tooLong
	}
	found := make(map[string][]scanner.Finding) // by member
	cov, err := sc.Scan(cmd.Context(), bytes.NewReader(stored), func(f scanner.Finding) error {
		found[f.Location.Member] = append(found[f.Location.Member], f)
		return nil
	})
	if err != nil {
		return err
	}
	told := 0
	err = unpack.Walk(cmd.Context(), bytes.NewReader(stored), unpack.Limits{}, unpack.Visitor{
		Member: func(m unpack.Member, r io.Reader) error {
			text, err := io.ReadAll(io.LimitReader(r, explainMost+1))
			if len(text) > explainMost {
				return tooLong
			}
			for _, e := range explanations(set, m, text, found[m.Path]) {
				told++
				if o.asJSON {
					err = cmp.Or(err, writeJSON(cmd.OutOrStdout(), newDecision(set, e)))
				} else {
					_, werr := io.WriteString(cmd.OutOrStdout(), inWords(set, e))
					err = cmp.Or(err, werr)
				}
			}
			return err
		},
		Gap: func(unpack.Gap) {}, // the scan has met it
	})
	if err != nil {
		return err
	}
	tellGaps(cmd.ErrOrStderr(), cov)
	if told == 0 {
		fmt.Fprintln(cmd.ErrOrStderr(), "nothing in it looks like a value of the chosen detectors")
	}
	switch {
	case cov.GapCount() > 0:
		return exitCode(pipeline.ExitIncomplete)
	case len(found) > 0:
		return exitCode(pipeline.ExitFindings)
	}
	return nil
}

// explanations are the decisions on text, which is of the member m. What a scan
// found has the last word: it knows titles and keys, and reads hidden characters.
func explanations(set *detectors.Set, m unpack.Member, text []byte, found []scanner.Finding) []explanation {
	var all []explanation
	for _, d := range set.Decide(text) {
		all = append(all, explanation{Decision: d, member: m.Path, skipped: m.Skipped})
	}
	for _, f := range found {
		rule, _ := set.Lookup(f.Rule)
		start := int(f.Location.Offset - m.Skipped)
		end := start + int(f.Location.Length)
		if start < 0 || end > len(text) {
			continue // of another text of the member
		}
		i := slices.IndexFunc(all, func(e explanation) bool { return e.Rule == rule && e.Start == start && e.End == end })
		if i < 0 {
			i = len(all)
			own, _ := set.Confidence(rule)
			all = append(all, explanation{Decision: detectors.Decision{Match: detectors.Match{Rule: rule, Start: start, End: end}, Own: own}, member: m.Path, skipped: m.Skipped})
			all[i].hidden = !bytes.Equal(detectors.Plain(nil, text[start:end]), text[start:end])
		}
		e := &all[i]
		e.in = element(f.Location)
		e.named = e.in != "" && e.Keyword == "" && e.Confidence != f.Confidence && !e.hidden
		e.Outcome, e.Confidence = detectors.Found, f.Confidence
	}
	slices.SortStableFunc(all, func(a, b explanation) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(min(a.Outcome, 1), min(b.Outcome, 1)), cmp.Compare(a.End, b.End)) // those found first
	})
	return all
}

func newDecision(set *detectors.Set, d explanation) decision {
	rule := set.Rule(d.Rule)
	x := decision{
		lineFinding: lineFinding{rule.ID, d.skipped + int64(d.Start), d.skipped + int64(d.End)}, Member: d.member, In: d.in, Named: d.named, Hidden: d.hidden,
		Outcome: d.Outcome.String(), Confidence: d.Confidence, Own: d.Own, Field: d.Field, Sure: d.Sure, Bare: d.Bare,
		Keyword: d.Keyword, Check: rule.Check,
	}
	if d.Keyword != "" {
		x.KeywordAt = &d.KeywordAt
	}
	if d.Outcome == detectors.Covered || d.Outcome == detectors.Related {
		x.By = set.Rule(d.By).ID
	}
	return x
}

// inWords is a decision in words: what, the outcome, and the evidence.
func inWords(set *detectors.Set, d explanation) string {
	rule := set.Rule(d.Rule)
	var b strings.Builder
	fmt.Fprintf(&b, "bytes %d to %d", d.skipped+int64(d.Start), d.skipped+int64(d.End))
	for _, where := range nonEmpty(d.member, d.in) {
		b.WriteString(" in " + export.Visible(where))
	}
	fmt.Fprintf(&b, ", %s: %s", rule.ID, d.Outcome)
	switch d.Outcome {
	case detectors.Covered, detectors.Related:
		fmt.Fprintf(&b, " (%s)", set.Rule(d.By).ID)
	case detectors.Found, detectors.Uncertain:
		fmt.Fprintf(&b, ", %d %% certain", d.Confidence)
	}
	fmt.Fprintf(&b, "\n  check:   %s\n", cmp.Or(rule.Check, "none"))
	switch {
	case d.hidden:
		b.WriteString("  written: in other characters than plain ones, which are read as those\n")
	case d.named:
		b.WriteString("  keyword: in the title of its column or the keys above it\n")
	case d.Keyword != "":
		fmt.Fprintf(&b, "  keyword: %q at byte %d\n", d.Keyword, d.KeywordAt)
	case d.Outcome == detectors.NoKeyword || d.Bare:
		fmt.Fprintf(&b, "  keyword: none of %s %s\n", firstFew(rule.Keywords, 6), rule.Around)
	case len(rule.Keywords) > 0:
		b.WriteString("  keyword: none, and none is needed\n")
	}
	if d.Outcome != detectors.CheckFails {
		fmt.Fprintf(&b, "  weight:  %d %% by itself%s\n", d.Own, evidence(d.Decision))
	}
	return b.String()
}

// evidence lists what raised or lowered the confidence.
func evidence(d detectors.Decision) string {
	var b strings.Builder
	switch {
	case d.Sure == nil:
	case *d.Sure:
		b.WriteString("; passes a check that not all genuine values pass")
	default:
		b.WriteString("; fails a check that nearly all genuine values pass")
	}
	if d.Field {
		b.WriteString("; a whole field")
	}
	switch {
	case d.Keyword != "":
		b.WriteString("; beside a keyword")
	case d.Bare:
		fmt.Fprintf(&b, "; without the keyword it needs %d %%, which --min-confidence %d counts", d.Confidence, d.Confidence)
	}
	return b.String()
}

// firstFew joins the first n words, and says how many more there are.
func firstFew(words []string, n int) string {
	if len(words) <= n {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:n], ", "), len(words)-n)
}
