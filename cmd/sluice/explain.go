package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/pipeline"
)

// explainMost is how much of a sample is explained: it goes the slow way.
const explainMost = 256 << 10

// decision is a line of detect --explain --json.
type decision struct {
	lineFinding
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

// explain tells what became of all that looks like a value.
func (o *detectOptions) explain(cmd *cobra.Command, in io.Reader) error {
	set, err := o.set()
	if err != nil {
		return err
	}
	w, err := io.ReadAll(io.LimitReader(in, explainMost+1))
	if err != nil {
		return err
	}
	if len(w) > explainMost {
		return withHint(fmt.Errorf("--explain takes samples of up to %d KiB", explainMost>>10), "head -c %d FILE | sluice detect --explain -", explainMost)
	}
	out, found := cmd.OutOrStdout(), false
	decisions := set.Decide(w)
	if len(decisions) == 0 {
		fmt.Fprintln(cmd.ErrOrStderr(), "nothing in it looks like a value of the chosen detectors")
	}
	for _, d := range decisions {
		found = found || d.Outcome == detectors.Found
		if o.asJSON {
			err = writeJSON(out, newDecision(set, d))
		} else {
			_, err = io.WriteString(out, inWords(set, d))
		}
		if err != nil {
			return err
		}
	}
	if found {
		return exitCode(pipeline.ExitFindings)
	}
	return nil
}

func newDecision(set *detectors.Set, d detectors.Decision) decision {
	rule := set.Rule(d.Rule)
	x := decision{
		lineFinding: lineFinding{rule.ID, int64(d.Start), int64(d.End)},
		Outcome:     d.Outcome.String(), Confidence: d.Confidence, Own: d.Own, Field: d.Field, Sure: d.Sure, Bare: d.Bare,
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
func inWords(set *detectors.Set, d detectors.Decision) string {
	rule := set.Rule(d.Rule)
	var b strings.Builder
	fmt.Fprintf(&b, "bytes %d to %d, %s: %s", d.Start, d.End, rule.ID, d.Outcome)
	switch d.Outcome {
	case detectors.Covered, detectors.Related:
		fmt.Fprintf(&b, " (%s)", set.Rule(d.By).ID)
	case detectors.Found, detectors.Uncertain:
		fmt.Fprintf(&b, ", %d %% certain", d.Confidence)
	}
	fmt.Fprintf(&b, "\n  check:   %s\n", cmp.Or(rule.Check, "none"))
	switch {
	case d.Keyword != "":
		fmt.Fprintf(&b, "  keyword: %q at byte %d\n", d.Keyword, d.KeywordAt)
	case d.Outcome == detectors.NoKeyword || d.Bare:
		fmt.Fprintf(&b, "  keyword: none of %s %s\n", firstFew(rule.Keywords, 6), rule.Around)
	case len(rule.Keywords) > 0:
		b.WriteString("  keyword: none, and none is needed\n")
	}
	if d.Outcome != detectors.CheckFails {
		fmt.Fprintf(&b, "  weight:  %d %% by itself%s\n", d.Own, evidence(d))
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
