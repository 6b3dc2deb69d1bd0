package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/corpus/eval"
	"github.com/sluice-dlp/sluice/detectors"
)

func detectorsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "detectors",
		Short: "List, explain and test the detectors",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(detectorsListCommand(), detectorsShowCommand(), detectorsTestCommand())
	return cmd
}

// rule is a detector as --json prints it.
type rule struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Category    string   `json:"category"`
	Countries   []string `json:"countries,omitempty"`
	Severity    []string `json:"severity"` // for 1, 2–99, 100 or more occurrences
	Keyword     string   `json:"keyword"`  // required, some-forms, none
	Form        string   `json:"form"`
	Check       string   `json:"check"`
	Keywords    []string `json:"keywords,omitempty"`
	MaxLen      int      `json:"max_length"`
	CommonTypes []string `json:"common_types,omitempty"`
}

// describe is what can be told of rule i of set.
func describe(set *detectors.Set, i int) rule {
	r := set.Rule(i)
	d := rule{
		ID: r.ID, Name: r.Name, Category: string(r.Category), Countries: r.Countries,
		Form: r.Form, Check: r.Check, Keywords: r.Keywords, MaxLen: r.MaxLen, Keyword: keywordUse(r), CommonTypes: eval.Types(r.ID),
	}
	for _, s := range r.Severity {
		d.Severity = append(d.Severity, s.String())
	}
	return d
}

func keywordUse(r *detectors.Rule) string {
	if r.NeedKeyword {
		return "required"
	}
	for _, f := range r.Forms {
		if f.NeedKeyword {
			return "some forms"
		}
	}
	return "none"
}

func detectorsListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List all detectors",
		Args:  exactArgs(0, "no argument"),
		Example: examples(`
			sluice detectors list
			sluice detectors list --json | jq -r 'select(.category=="CREDENTIALS").id'`),
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := detectors.Compile(detectors.Builtin(), detectors.Options{})
			if err != nil {
				return err
			}
			tw := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			if !asJSON {
				fmt.Fprintln(tw, "ID\tWHAT\tCATEGORY\tCOUNTRIES\tSEVERITY 1/2+/100+\tKEYWORD")
			}
			for i := range set.Len() {
				d := describe(set, i)
				if asJSON {
					if err := writeJSON(cmd.OutOrStdout(), d); err != nil {
						return err
					}
					continue
				}
				fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", d.ID, d.Name, d.Category, orAny(d.Countries), strings.Join(d.Severity, "/"), d.Keyword)
			}
			return tw.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

func detectorsShowCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show ID|TYPE",
		Short:   "Explain a detector, or those of a common type: form, check digits, keywords, severity",
		Args:    exactArgs(1, "one detector id or common type"),
		Example: examples(`sluice detectors show GERMANY_BANK_ACCOUNT_NUMBER`),
		RunE: func(cmd *cobra.Command, args []string) error {
			rules, err := choose(args)
			if err != nil {
				return withHint(err, "sluice detectors list")
			}
			set, err := detectors.Compile(rules, detectors.Options{})
			if err != nil {
				return err
			}
			for i := range set.Len() {
				if i > 0 && !asJSON {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				if err := showRule(cmd, describe(set, i), asJSON); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

func showRule(cmd *cobra.Command, d rule, asJSON bool) error {
	if asJSON {
		return writeJSON(cmd.OutOrStdout(), d)
	}
	tw := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(tw, "%s\t%s\n", name, value)
		}
	}
	row("id", d.ID)
	row("what", d.Name)
	row("category", d.Category)
	row("countries", strings.Join(d.Countries, " "))
	row("form", d.Form)
	row("check", d.Check)
	row("keyword", d.Keyword)
	row("keywords", strings.Join(d.Keywords, ", "))
	row("severity", severities(d.Severity))
	row("longest", fmt.Sprintf("%d bytes", d.MaxLen))
	row("common type", strings.Join(d.CommonTypes, ", "))
	return tw.Flush()
}

// severities tells the severity table of a detector.
func severities(s []string) string {
	if s[0] == s[1] && s[1] == s[2] {
		return s[0]
	}
	return fmt.Sprintf("%s for one, %s for 2 to 99, %s for 100 or more in one object", s[0], s[1], s[2])
}
