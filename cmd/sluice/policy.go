package main

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/quarantine"
	"github.com/sluice-dlp/sluice/quarantine/policy"
)

//go:embed policy_example.yaml
var policyExample string

func policyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Write and try the file that says what becomes of objects",
		Args:  onlyCommands,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(policyCheckCommand(), policyExampleCommand())
	return cmd
}

func policyExampleCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "example",
		Short:   "Print a policy to begin with",
		Args:    exactArgs(0, "no argument"),
		Example: examples(`sluice policy example > policy.yaml`),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), policyExample)
			return err
		},
	}
}

// loadPolicy reads a policy and tells what is odd about it. The names of
// detectors in it become ids of c.
func loadPolicy(path string, c *catalogue, notes io.Writer) (*policy.File, error) {
	f, err := policy.Load(path)
	if err != nil {
		return nil, withHint(fmt.Errorf("policy: %w", err), "docs/policy.md tells what the file holds; sluice policy example prints one")
	}
	for _, n := range slices.Concat(f.Notes, f.Resolve(func(name string) ([]string, error) { return c.idsOf([]string{name}) })) {
		fmt.Fprintf(notes, "note: %s\n", n)
	}
	return f, nil
}

type policyCheckOptions struct {
	ruleFiles
	ledger   string
	bucket   string
	key      string
	types    []string
	severity string
	tags     map[string]string
	asJSON   bool
}

func policyCheckCommand() *cobra.Command {
	var o policyCheckOptions
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a policy, and tell what it would do",
		Long: `check reads a policy and says everything that is wrong with it. It reaches no
store, key or channel, and fetches no secret.

With --type and its like it tells what would become of an object in which that was
found, and why, rule by rule. With --ledger FILE it does so for all objects recorded
there, and tells for how many each rule decides. A ledger has no tags of objects, so where
those would decide, it says so; --tag gives some to all of them.

Exit codes: 0 the policy is right, 2 it is not, or wrong usage.`,
		Args: exactArgs(1, "one policy file"),
		Example: examples(`
			sluice policy check policy.yaml
			sluice policy check policy.yaml --bucket prod-eu --key exports/a.csv --type CREDIT_CARD_NUMBER=5 --tag env=prod
			sluice policy check policy.yaml --ledger sweep.db`),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0]) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.ledger, "ledger", "", "decide for all objects in this ledger `FILE` of sluice scan")
	f.StringArrayVar(&o.types, "type", nil, "decide for an object in which this was found: `ID[=COUNT]`; may be repeated")
	f.StringVar(&o.bucket, "bucket", "", "the `BUCKET` of that object")
	f.StringVar(&o.key, "key", "", "the `KEY` of that object")
	f.StringVar(&o.severity, "severity", "", "the `SEVERITY` of what was found in it: Low, Medium, High; default: the detector's for that count")
	f.StringToStringVar(&o.tags, "tag", nil, "a tag that objects have: `NAME=VALUE`; may be repeated")
	f.Lookup("tag").DefValue = "" // is not shown
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object a line")
	o.customFlag(f)
	return cmd
}

func (o *policyCheckOptions) run(cmd *cobra.Command, path string) error {
	if o.ledger != "" && len(o.types) > 0 {
		return withHint(errors.New("--ledger and --type exclude each other"), "%s --help", cmd.CommandPath())
	}
	if len(o.types) == 0 && (o.bucket != "" || o.key != "" || o.severity != "") {
		return withHint(errors.New("what was found in the object? --type is missing"), "%s FILE --type CREDIT_CARD_NUMBER=5 …", cmd.CommandPath())
	}
	c, err := o.load(cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	f, err := loadPolicy(path, c, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	switch {
	case o.ledger != "":
		return o.checkLedger(cmd, f)
	case len(o.types) > 0:
		return o.checkOne(cmd.OutOrStdout(), f, c)
	}
	return o.describe(cmd.OutOrStdout(), f)
}

// policyRule is a rule as --json prints it.
type policyRule struct {
	Rule   string `json:"rule"`
	Line   int    `json:"line"`
	Action string `json:"action"`
	Remove string `json:"remove,omitempty"`
}

// describe tells what the policy says, as it was understood.
func (o *policyCheckOptions) describe(w io.Writer, f *policy.File) error {
	if o.asJSON {
		for _, r := range f.Rules {
			if err := writeJSON(w, policyRule{r.Name, r.Line, string(r.Action), removal(r.Action, string(r.Removal))}); err != nil {
				return err
			}
		}
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	if len(f.Rules) > 0 {
		fmt.Fprintln(tw, "RULE\tLINE\tACTION\tREMOVES")
	} else {
		fmt.Fprintln(tw, "no rules: nothing is done with objects")
	}
	for _, r := range f.Rules {
		fmt.Fprintf(tw, "%s\t%d\t%s\t%s\n", export.Visible(r.Name), r.Line, r.Action, cmp.Or(removal(r.Action, string(r.Removal)), "-"))
	}
	tw.Flush()
	if q := &f.Quarantine; !q.IsZero() {
		fmt.Fprintf(w, "\nquarantine: %s, %s under %s%s\n", q.Vault, q.Mode, q.Key.ID, approvalNote(q))
	}
	if len(f.Channels) == 0 {
		_, err := fmt.Fprintln(w, "\nnotify: nobody")
		return err
	}
	names := make([]string, len(f.Channels))
	for i, c := range f.Channels {
		names[i] = fmt.Sprintf("%s (%s)", c.Name, c.Type)
	}
	_, err := fmt.Fprintf(w, "\nnotify: %s\n", strings.Join(names, ", "))
	return err
}

// removal is how an action removes; "" if it does not.
func removal(a quarantine.Action, how string) string {
	if a != quarantine.DoMove && a != quarantine.DoMoveStub {
		return ""
	}
	return how
}

func approvalNote(q *policy.Quarantine) string {
	if q.Approval {
		return ", after approval"
	}
	return ""
}

// facts are what the flags say of an object.
func (o *policyCheckOptions) facts(c *catalogue) (policy.Facts, error) {
	x := policy.Facts{Bucket: o.bucket, Key: o.key, Tags: func() (map[string]string, error) { return o.tags, nil }}
	var asked ledger.Severity
	if o.severity != "" {
		var err error
		if asked, err = ledger.ParseSeverity(o.severity); err != nil {
			return x, fmt.Errorf("--severity: %w", err)
		}
	}
	for _, t := range o.types {
		id, number, counted := strings.Cut(t, "=")
		n := int64(1)
		if counted {
			var err error
			if n, err = strconv.ParseInt(number, 10, 64); err != nil || n < 1 {
				return x, fmt.Errorf("--type %s: %q is no count", t, number)
			}
		}
		rules, err := c.choose([]string{id})
		if err != nil {
			return x, withHint(fmt.Errorf("--type %s: %w", t, err), "sluice detectors list")
		}
		if len(rules) != 1 {
			return x, withHint(fmt.Errorf("--type %s: that is %d detectors; name one", t, len(rules)), "sluice detectors show %s", id)
		}
		r := &rules[0]
		severity, _ := r.SeverityOf(n)
		x.Found = append(x.Found, policy.Found{Type: r.ID, Category: string(r.Category), Severity: cmp.Or(asked.String(), severity.String()), Count: n})
	}
	return x, nil
}

// checkOne explains what would become of the object that the flags describe.
func (o *policyCheckOptions) checkOne(w io.Writer, f *policy.File, c *catalogue) error {
	x, err := o.facts(c)
	if err != nil {
		return err
	}
	d, err := f.Decide(x)
	if err != nil {
		return err
	}
	if o.asJSON {
		return writeJSON(w, newPolicyDecision(d))
	}
	for i, s := range d.Steps {
		outcome := "matches"
		if s.Miss != "" {
			outcome = "no: " + s.Miss
		}
		fmt.Fprintf(w, "%d. %s (line %d): %s\n", i+1, export.Visible(s.Rule), s.Line, export.Visible(outcome))
	}
	_, err = fmt.Fprintf(w, "action: %s\n", inPlainWords(f, d))
	return err
}

// policyDecision is a decision as --json prints it.
type policyDecision struct {
	Action string       `json:"action"`
	Rule   string       `json:"rule,omitempty"`
	Remove string       `json:"remove,omitempty"`
	Steps  []policyStep `json:"steps"`
}

type policyStep struct {
	Rule    string `json:"rule"`
	Line    int    `json:"line"`
	Matches bool   `json:"matches"`
	Because string `json:"because,omitempty"`
}

func newPolicyDecision(d policy.Decision) policyDecision {
	out := policyDecision{string(d.Action), d.Rule, removal(d.Action, string(d.Removal)), []policyStep{}}
	for _, s := range d.Steps {
		out.Steps = append(out.Steps, policyStep{s.Rule, s.Line, s.Miss == "", s.Miss})
	}
	return out
}

// inPlainWords says what a decision comes to.
func inPlainWords(f *policy.File, d policy.Decision) string {
	q := &f.Quarantine
	switch d.Action {
	case quarantine.DoNothing:
		if d.Rule == "" {
			return "none, as no rule matches"
		}
		return "none, as the rule says"
	case quarantine.DoTag:
		return "tag it where it is"
	case quarantine.DoCopy:
		return fmt.Sprintf("copy it to %s (%s), and leave it%s", q.Vault, q.Mode, approvalNote(q))
	}
	stub := ""
	if d.Action == quarantine.DoMoveStub {
		stub = " and leave a notice"
	}
	return fmt.Sprintf("%s: copy it to %s (%s), verify, remove it (%s)%s%s", d.Action, q.Vault, q.Mode, d.Removal, stub, approvalNote(q))
}

// errTags is why something cannot be decided from a ledger.
var errTags = errors.New("a ledger has no tags; --tag gives some")

// tally is what one rule would decide.
type tally struct {
	Rule    string `json:"rule,omitempty"`
	Action  string `json:"action"` // "unknown" if it takes the tags of the objects
	Objects int64  `json:"objects"`
	Bytes   int64  `json:"bytes"`
	Values  int64  `json:"values"`
}

// checkLedger decides for all objects of a ledger in which something was found.
func (o *policyCheckOptions) checkLedger(cmd *cobra.Command, f *policy.File) error {
	r, err := ledger.OpenReader(cmd.Context(), o.ledger)
	if err != nil {
		return err
	}
	defer r.Close()
	tallies := make([]tally, len(f.Rules), len(f.Rules)+2)
	for i, rule := range f.Rules {
		tallies[i] = tally{Rule: rule.Name, Action: string(rule.Action)}
	}
	none, unknown := tally{Action: string(quarantine.DoNothing)}, tally{Action: "unknown"}
	for row, err := range r.Objects(cmd.Context(), ledger.Filter{MinSeverity: ledger.Low}) {
		if err != nil {
			return err
		}
		x := factsOf(&row.Entry)
		x.Tags = func() (map[string]string, error) {
			if o.tags == nil {
				return nil, errTags
			}
			return o.tags, nil
		}
		d, err := f.Decide(x)
		to := &none
		switch {
		case err != nil:
			to = &unknown
		case d.Rule != "":
			to = &tallies[len(d.Steps)-1]
		}
		to.Objects++
		to.Bytes += max(0, row.Object.Size)
		for _, found := range x.Found {
			to.Values += found.Count
		}
	}
	if none.Objects > 0 {
		tallies = append(tallies, none)
	}
	if unknown.Objects > 0 {
		tallies = append(tallies, unknown)
	}
	return o.writeTallies(cmd.OutOrStdout(), f, tallies)
}

// factsOf are the facts that the record of an object holds.
func factsOf(e *ledger.Entry) policy.Facts {
	x := policy.Facts{Bucket: e.Object.Bucket, Key: e.Object.Key}
	for id, n := range e.Coverage.Counts {
		info := e.Rules[id]
		x.Found = append(x.Found, policy.Found{Type: id, Category: info.Category, Severity: info.Severity.String(), Count: n})
	}
	return x
}

func (o *policyCheckOptions) writeTallies(w io.Writer, f *policy.File, tallies []tally) error {
	if o.asJSON {
		for _, t := range tallies {
			if err := writeJSON(w, t); err != nil {
				return err
			}
		}
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "RULE\tACTION\tOBJECTS\tBYTES\tVALUES")
	var acted tally
	for _, t := range tallies {
		rule := t.Rule
		switch {
		case t.Action == "unknown":
			rule = "(it takes the objects' tags)"
		case rule == "":
			rule = "(no rule)"
		}
		fmt.Fprintf(tw, "%s\t%s\t%d\t%s\t%d\n", export.Visible(rule), t.Action, t.Objects, formatBytes(t.Bytes), t.Values)
		if t.Action != string(quarantine.DoNothing) && t.Action != "unknown" {
			acted.Objects, acted.Bytes = acted.Objects+t.Objects, acted.Bytes+t.Bytes
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if pipeline.Fuse(f.Quarantine.Fuse).Blows(acted.Objects, acted.Bytes) {
		_, err := fmt.Fprintf(w, "\n%s of %s would be acted on: more than the fuse lets one run do (fuse: objects, bytes)\n", plural(acted.Objects, "object"), formatBytes(acted.Bytes))
		return err
	}
	return nil
}
