package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/corpus/eval"
	"github.com/sluice-dlp/sluice/detectors"
)

//go:generate sh -c "go run . reference detectors --scores ../../bench/quality/scores.tsv > ../../docs/detectors.md"
//go:generate sh -c "go run . reference reasons > ../../docs/reasons.md"

// referenceCommand writes the pages of docs that are made from the code; it is
// for sluice's own repository and hidden from others.
func referenceCommand() *cobra.Command {
	var scores string
	cmd := &cobra.Command{
		Use:       "reference detectors|reasons",
		Short:     "Write a reference page as Markdown",
		Hidden:    true,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"detectors", "reasons"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "reasons" {
				return writeReasons(cmd.OutOrStdout())
			}
			set, err := detectors.Compile(detectors.Builtin(), detectors.Options{})
			if err != nil {
				return err
			}
			measured, err := readFigures(scores)
			if err != nil {
				return err
			}
			return writeReference(cmd.OutOrStdout(), set, measured)
		},
	}
	cmd.Flags().StringVar(&scores, "scores", "", "figures of the detectors, as bench/quality writes them")
	return cmd
}

// figures are what bench/quality measured of one detector.
type figures struct {
	sets, corpus counted
	values       int // judged as a whole, and agree those on which the sets agree
	agree        int
	negatives    int // false findings in the negative texts
}

// counted are labels found and missed, and findings that are none.
type counted struct{ found, missed, falses int }

// precision and recall are "–" where nothing was found, or to be found.
func (c counted) precision() string { return share(c.found, c.found+c.falses) }
func (c counted) recall() string    { return share(c.found, c.found+c.missed) }

func share(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3f", float64(part)/float64(whole))
}

// cell shows both, and nothing where nothing was measured.
func (c counted) cell() string {
	if c == (counted{}) {
		return ""
	}
	return c.precision() + " / " + c.recall()
}

// readFigures reads the file of figures by id; none if file is "".
func readFigures(file string) (map[string]figures, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	all := make(map[string]figures)
	_, rows, _ := strings.Cut(string(text), "\n") // the first line names the columns
	for row := range strings.Lines(rows) {
		var id string
		var f figures
		if _, err := fmt.Sscan(row, &id, &f.sets.found, &f.sets.missed, &f.sets.falses, &f.values, &f.agree,
			&f.corpus.found, &f.corpus.missed, &f.corpus.falses, &f.negatives); err != nil {
			return nil, fmt.Errorf("%s: %w in %q", file, err, row)
		}
		all[id] = f
	}
	return all, nil
}

// sentence tells what was measured; "" if nothing was.
func (f figures) sentence() string {
	var parts []string
	if c := f.sets; c != (counted{}) {
		parts = append(parts, fmt.Sprintf("Sets of others: precision %s, recall %s of %d labels", c.precision(), c.recall(), c.found+c.missed))
	}
	if f.values > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d values judged as the sets do", f.agree, f.values))
	}
	if c := f.corpus; c != (counted{}) {
		parts = append(parts, fmt.Sprintf("Synthetic corpus: precision %s, recall %s of %d labels", c.precision(), c.recall(), c.found+c.missed))
	}
	if f.negatives > 0 {
		parts = append(parts, fmt.Sprintf("%d false in the texts without personal data", f.negatives))
	}
	return strings.Join(parts, ". ")
}

func writeReasons(out io.Writer) error {
	w := bufio.NewWriter(out)
	fmt.Fprint(w, `<!-- made by go generate ./cmd/sluice; do not edit -->

# Reason codes

Why an object is PARTIAL or SKIPPED, or a part of it is a gap. The codes are Amazon Macie's where Macie has one. An object is tried again by the next
run with the same ledger if it was SKIPPED or if the store was the cause; content does not get better by reading it again.

| code | meaning | Macie's |
|---|---|---|
`)
	for _, r := range reasons {
		macie := "yes"
		if r.ours {
			macie = "no"
		}
		fmt.Fprintf(w, "| `%s` | %s | %s |\n", r.code, r.meaning, macie)
	}
	return w.Flush()
}

// categories are the chapters of the table.
func categories() []struct {
	detectors.Category
	title string
} {
	return []struct {
		detectors.Category
		title string
	}{
		{detectors.Credentials, "Credentials"},
		{detectors.Financial, "Financial information"},
		{detectors.Personal, "Personal information"},
	}
}

func writeReference(out io.Writer, set *detectors.Set, measured map[string]figures) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, `<!-- made by go generate ./cmd/sluice; do not edit -->

# Detectors

%d detectors. Identifiers are Amazon Macie's where Macie has one. A keyword stands within %d bytes before or after a value,
in any case; a space in it also matches nothing, `+"`_` and `-`"+`; the title of a column and the key of an element count too. Severity is given for one, for 2 to 99,
and for 100 or more values in one object, or once for all. Published example values (test cards, documentation keys) are dropped unless `+"`--keep-dummies`"+` is given.

In the tables, which are in the order of countries,

- **in** names the sets a detector is in: `+"`default`"+`, and Macie's `+"`recommended`"+`;
- **certain** is how certain a value is by itself, in per cent, and behind it the least with which it counts: a keyword beside it adds to the first;
- **others** and **corpus** are precision and recall, on the labels of sets written by others and on those of the synthetic corpus. A star marks those of a
  type that several detectors share, such as secrets or phone numbers. [How they are measured, and what remains](../bench/quality.md). Nothing stands where there is nothing to measure with.
`, set.Len(), detectors.Proximity)
	order := byCountry(set)
	for _, c := range categories() {
		fmt.Fprintf(w, "\n## %s\n\n| id | what | countries | keyword | severity | in | certain | others | corpus |\n|---|---|---|---|---|---|---|---|---|\n", c.title)
		for _, i := range order {
			if set.Rule(i).Category == c.Category {
				writeRow(w, set, i, measured)
			}
		}
	}
	fmt.Fprint(w, "\n# Each detector\n")
	for i := range set.Len() {
		writeDetails(w, set, i, measured)
	}
	return w.Flush()
}

// byCountry returns the numbers of the rules, those of no country first, then
// by the first of their countries, otherwise as they are.
func byCountry(set *detectors.Set) []int {
	order := make([]int, set.Len())
	for i := range order {
		order[i] = i
	}
	first := func(i int) string {
		return strings.Join(set.Rule(i).Countries[:min(1, len(set.Rule(i).Countries))], "")
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(first(a), first(b)) })
	return order
}

func writeRow(w io.Writer, set *detectors.Set, i int, measured map[string]figures) {
	d, f := describe(set, i), measured[set.Rule(i).ID]
	fmt.Fprintf(w, "| [`%s`](#%s) | %s | %s | %s | %s | %s | %d, %d | %s | %s |\n", d.ID, anchor(d.ID), cell(d.Name), orAny(d.Countries), d.Keyword,
		shortSeverity(d), strings.ReplaceAll(d.sets(), ",", " "), d.Own, d.Least, f.sets.cell()+star(set, i, f.sets), f.corpus.cell())
}

// shortSeverity is the severities of a detector, one if all are the same.
func shortSeverity(d rule) string {
	if different := slices.Compact(slices.Clone(d.Severity)); len(different) == 1 {
		return different[0]
	}
	return strings.Join(d.Severity, " / ")
}

// star is a mark for figures of sets that other detectors of the same type share.
func star(set *detectors.Set, i int, measured counted) string {
	if measured == (counted{}) {
		return ""
	}
	typ := eval.Type(set.Rule(i).ID)
	for k := range set.Len() {
		if k != i && eval.Type(set.Rule(k).ID) == typ {
			return " \\*"
		}
	}
	return ""
}

func writeDetails(w io.Writer, set *detectors.Set, i int, measured map[string]figures) {
	d := describe(set, i)
	fmt.Fprintf(w, "\n## %s\n\n%s.\n\n- **Form.** %s\n- **Check.** %s\n- **Certain.** %s.\n", d.ID, d.Name, sentence(d.Form), sentence(d.Check), certainty(d))
	if len(d.Keywords) > 0 {
		fmt.Fprintf(w, "- **Keywords** (%s): %s\n", d.Keyword, strings.Join(d.Keywords, ", "))
	}
	if s := measured[d.ID].sentence(); s != "" {
		fmt.Fprintf(w, "- **Measured.** %s\n", sentence(s))
	}
}

// bare says how certain a value is that lacks the keyword it needs, if it may count.
func bare(d rule) string {
	if d.Bare == 0 {
		return ""
	}
	return fmt.Sprintf(", %d %% by its check digit where it needs a keyword and has none", d.Bare)
}

// anchor is the fragment that Markdown renderers give a heading.
func anchor(heading string) string {
	return strings.NewReplacer("(", "", ")", "").Replace(strings.ToLower(heading))
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func orAny(countries []string) string {
	if len(countries) == 0 {
		return "any"
	}
	return strings.Join(countries, " ")
}

// sentence ends s with a full stop.
func sentence(s string) string { return strings.TrimRight(s, ".") + "." }
