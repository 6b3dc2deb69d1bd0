package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/detectors"
)

//go:generate sh -c "go run . reference detectors > ../../docs/detectors.md"
//go:generate sh -c "go run . reference reasons > ../../docs/reasons.md"

// referenceCommand writes the pages of docs that are made from the code; it is
// for sluice's own repository and hidden from others.
func referenceCommand() *cobra.Command {
	return &cobra.Command{
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
			return writeReference(cmd.OutOrStdout(), set)
		},
	}
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

func writeReference(out io.Writer, set *detectors.Set) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, `<!-- made by go generate ./cmd/sluice; do not edit -->

# Detectors

%d detectors. Identifiers are Amazon Macie's where Macie has one. A keyword stands within %d bytes before or after a value,
in any case; a space in it also matches nothing, `+"`_` and `-`"+`. Severity is given for one, for 2 to 99, and for 100 or more values in one object.
Published example values (test cards, documentation keys) are dropped unless `+"`--keep-dummies`"+` is given.

| id | what | countries | keyword | severity |
|---|---|---|---|---|
`, set.Len(), detectors.Proximity)
	for i := range set.Len() {
		d := describe(set, i)
		fmt.Fprintf(w, "| [`%s`](#%s) | %s | %s | %s | %s |\n", d.ID, anchor(d.ID), cell(d.Name), orAny(d.Countries), d.Keyword, strings.Join(d.Severity, " / "))
	}
	for i := range set.Len() {
		d := describe(set, i)
		fmt.Fprintf(w, "\n## %s\n\n%s.\n\n- **Form.** %s\n- **Check.** %s\n", d.ID, d.Name, sentence(d.Form), sentence(d.Check))
		if len(d.Keywords) > 0 {
			fmt.Fprintf(w, "- **Keywords** (%s): %s\n", d.Keyword, strings.Join(d.Keywords, ", "))
		}
	}
	return w.Flush()
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
