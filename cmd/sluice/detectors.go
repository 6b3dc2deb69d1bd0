package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/corpus/eval"
	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/pipeline/export"
)

func detectorsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "detectors",
		Short: "List, explain and test the detectors",
		Args:  onlyCommands,
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
	Severity    []string `json:"severity"`       // for 1, 2–99, 100 or more occurrences
	Keyword     string   `json:"keyword"`        // required, some-forms, none
	Own         int      `json:"own"`            // per cent that a value is certain by itself
	Least       int      `json:"least"`          // per cent from which on it counts
	Bare        int      `json:"bare,omitempty"` // per cent without the keyword it needs; see --min-confidence
	Form        string   `json:"form"`
	Check       string   `json:"check"`
	Keywords    []string `json:"keywords,omitempty"`
	MaxLen      int      `json:"max_length"`
	CommonTypes []string `json:"common_types,omitempty"`
	Default     bool     `json:"default"`     // used unless others are chosen
	Recommended bool     `json:"recommended"` // by Amazon Macie
	Custom      bool     `json:"custom"`      // of --custom

	Around string   `json:"keywords_stand,omitempty"`  // where, if keywords count
	Ignore []string `json:"ignore_words,omitempty"`    // a value with one does not count
	Levels []level  `json:"severity_levels,omitempty"` // in place of severity
}

// describe is what can be told of rule i of set.
func describe(set *detectors.Set, i int) rule {
	r := set.Rule(i)
	d := rule{
		ID: r.ID, Name: r.Name, Category: string(r.Category), Countries: r.Countries,
		Form: r.Form, Check: r.Check, Keywords: r.Keywords, MaxLen: r.MaxLen, Keyword: keywordUse(r), Bare: set.Bare(i), CommonTypes: eval.Types(r.ID),
		Default: !r.Noisy, Recommended: r.Recommended, Custom: r.Category == detectors.Custom, Ignore: r.Ignore,
	}
	d.Own, d.Least = set.Confidence(i)
	if len(r.Keywords) > 0 {
		d.Around = r.Around.String()
	}
	for _, l := range r.Levels {
		d.Levels = append(d.Levels, level{l.From, l.Severity.String()})
	}
	for _, s := range r.Severity {
		d.Severity = append(d.Severity, s.String())
	}
	return d
}

// level is a severity from a number of occurrences on.
type level struct {
	From     int64  `json:"from"`
	Severity string `json:"severity"`
}

// sets names the sets that a detector is in.
func (d *rule) sets() string {
	var in []string
	for _, s := range []struct {
		name string
		has  bool
	}{{detectors.Default, d.Default}, {detectors.Recommended, d.Recommended}, {detectors.OfOnesOwn, d.Custom}} {
		if s.has {
			in = append(in, s.name)
		}
	}
	return cmp.Or(strings.Join(in, ","), "-")
}

// severityTable is the severities for 1, 2 and 100 occurrences, or from how many
// on there is which.
func (d *rule) severityTable() string {
	if len(d.Levels) == 0 {
		return strings.Join(d.Severity, "/")
	}
	var steps []string
	for _, l := range d.Levels {
		steps = append(steps, fmt.Sprintf("%s from %d", l.Severity, l.From))
	}
	return strings.Join(steps, ", ")
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
	var files ruleFiles
	cmd := &cobra.Command{
		Use:   "list [NAME]...",
		Short: "List the detectors, and the sets they are in",
		Long: `list shows all detectors, or those that the names mean: sets, categories, common
types, country:XX, detector ids, as --detectors of scan and detect takes them.`,
		Example: examples(`
			sluice detectors list
			sluice detectors list country:DE
			sluice detectors list --custom rules.yaml
			sluice detectors list --json | jq -r 'select(.category=="CREDENTIALS").id'`),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := files.load(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if len(args) > 0 {
				if c.rules, err = c.choose(args); err != nil {
					return withHint(err, "sluice detectors list")
				}
			}
			set, err := detectors.Compile(c.rules, detectors.Options{})
			if err != nil {
				return err
			}
			tw := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
			if !asJSON {
				fmt.Fprintln(tw, "ID\tCATEGORY\tCOUNTRIES\tSEVERITY 1/2+/100+\tKEYWORD\tSETS\tWHAT")
			}
			for i := range set.Len() {
				d := describe(set, i)
				if asJSON {
					if err := writeJSON(cmd.OutOrStdout(), d); err != nil {
						return err
					}
					continue
				}
				fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
					export.Visible(d.ID), d.Category, fewCountries(d.Countries), d.severityTable(), d.Keyword, d.sets(), export.Visible(d.Name))
			}
			return tw.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	files.customFlag(cmd.Flags())
	return cmd
}

// fewCountries keeps a table narrow: detectors show has all.
func fewCountries(countries []string) string {
	const few = 3
	if more := len(countries) - few; more > 1 {
		return fmt.Sprintf("%s, %d more", strings.Join(countries[:few], " "), more)
	}
	return orAny(countries)
}

func detectorsShowCommand() *cobra.Command {
	var asJSON bool
	var files ruleFiles
	cmd := &cobra.Command{
		Use:     "show ID|TYPE",
		Short:   "Explain a detector, or those of a common type: form, check digits, keywords, severity",
		Args:    exactArgs(1, "one detector id or common type"),
		Example: examples(`sluice detectors show GERMANY_BANK_ACCOUNT_NUMBER`),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := files.load(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			rules, err := c.choose(args)
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
	files.customFlag(cmd.Flags())
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
	row("id", export.Visible(d.ID))
	row("what", export.Visible(d.Name))
	row("category", d.Category)
	row("countries", strings.Join(d.Countries, " "))
	row("form", d.Form)
	row("check", d.Check)
	row("certain", certainty(d))
	row("keyword", d.Keyword)
	row("keywords", strings.Join(d.Keywords, ", "))
	row("keywords stand", d.Around)
	row("ignored with", strings.Join(d.Ignore, ", "))
	row("severity", severities(d))
	row("sets", d.sets())
	row("longest", fmt.Sprintf("%d bytes", d.MaxLen))
	row("common type", strings.Join(d.CommonTypes, ", "))
	return tw.Flush()
}

// certainty tells how certain a value is by itself, and from where on it counts.
func certainty(d rule) string {
	return fmt.Sprintf("%d %% by itself%s; counts from %d %% on", d.Own, bare(d), d.Least)
}

// severities tells the severity table of a detector.
func severities(d rule) string {
	if len(d.Levels) > 0 {
		return d.severityTable() + " occurrences in one object; fewer are none"
	}
	s := d.Severity
	if s[0] == s[1] && s[1] == s[2] {
		return s[0]
	}
	return fmt.Sprintf("%s for one, %s for 2 to 99, %s for 100 or more in one object", s[0], s[1], s[2])
}
