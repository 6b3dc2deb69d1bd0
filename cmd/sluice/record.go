package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
	"github.com/sluice-dlp/sluice/secret"
)

// recordOptions are the flags of the commands that read a ledger.
type recordOptions struct {
	ledger   string
	format   string
	asJSON   bool
	aliasKey string

	filter     ledger.Filter
	statuses   []string
	severity   string
	categories []string
}

func (o *recordOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.ledger, "ledger", "", "the ledger `FILE` of sluice scan")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object a line; the same as --format json")
	f.StringVar(&o.format, "format", "table", "`FORMAT`: table, csv or json (one object a line)")
	f.StringVar(&o.filter.Bucket, "bucket", "", "only this `BUCKET`, or directory by its absolute path")
	f.StringVar(&o.filter.Prefix, "prefix", "", "only keys that begin with this `PREFIX`")
	f.StringSliceVar(&o.statuses, "status", nil, "only objects of this `STATUS`: COMPLETE, PARTIAL or SKIPPED")
	f.StringSliceVar(&o.filter.Reasons, "reason", nil, "only objects with one of these reason `CODES`")
	f.StringSliceVar(&o.filter.Rules, "type", nil, "only these detector `IDS` or common types")
	f.StringSliceVar(&o.categories, "category", nil, "only these `CATEGORIES`: CREDENTIALS, FINANCIAL_INFORMATION, PERSONAL_INFORMATION, CUSTOM_IDENTIFIER")
	f.StringVar(&o.severity, "severity", "", "only this `SEVERITY` and above: Low, Medium, High")
	f.Int64Var(&o.filter.Run, "run", 0, "only objects that this `RUN` was the last to see; default: the present state of each")
	f.StringVar(&o.aliasKey, "alias-keys", "", "write keyed digests in place of object keys; the `KEY`, as "+secret.Forms)
}

// open checks the flags and opens the ledger.
func (o *recordOptions) open(cmd *cobra.Command) (*ledger.Reader, export.Options, error) {
	if o.ledger == "" {
		return nil, export.Options{}, withHint(errors.New("which ledger? --ledger FILE is missing"), "%s --help", cmd.CommandPath())
	}
	if o.asJSON {
		o.format = string(export.JSONLines)
	}
	opts, err := exportOptions(cmd, o.format, o.aliasKey)
	if err != nil {
		return nil, opts, err
	}
	for _, s := range o.statuses {
		status := ledger.Status(strings.ToUpper(s))
		if status != ledger.Complete && status != ledger.Partial && status != ledger.Skipped {
			return nil, opts, fmt.Errorf("--status %s: it is COMPLETE, PARTIAL or SKIPPED", s)
		}
		o.filter.Statuses = append(o.filter.Statuses, status)
	}
	for _, code := range o.filter.Reasons {
		if !knownReason(code) {
			return nil, opts, fmt.Errorf("--reason %s: no such reason code", code)
		}
	}
	if o.filter.Categories, err = knownCategories(o.categories); err != nil {
		return nil, opts, err
	}
	if o.severity != "" {
		if o.filter.MinSeverity, err = ledger.ParseSeverity(o.severity); err != nil {
			return nil, opts, fmt.Errorf("--severity: %w", err)
		}
	}
	r, err := ledger.OpenReader(cmd.Context(), o.ledger)
	if err != nil {
		return nil, opts, err
	}
	if err := knownRun(cmd.Context(), r, o.filter.Run); err != nil {
		return nil, opts, errors.Join(err, r.Close())
	}
	if o.filter.Rules, err = ruleIDs(cmd.Context(), r, o.filter.Rules); err != nil {
		return nil, opts, errors.Join(withHint(fmt.Errorf("--type: %w", err), "sluice detectors list"), r.Close())
	}
	return r, opts, nil
}

// ruleIDs turns what --type names into ids: of the detectors of sluice, and of
// custom identifiers that found something in the ledger.
func ruleIDs(ctx context.Context, r *ledger.Reader, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	recorded, err := r.Rules(ctx)
	if err != nil {
		return nil, err
	}
	c := builtin()
	for _, id := range recorded {
		if !slices.ContainsFunc(c.rules, func(r detectors.Rule) bool { return r.ID == id }) {
			c.rules = append(c.rules, detectors.Rule{ID: id, Category: detectors.Custom})
		}
	}
	return c.idsOf(names)
}

// knownRun checks what --run names; 0 is none.
func knownRun(ctx context.Context, r *ledger.Reader, id int64) error {
	if id == 0 {
		return nil
	}
	runs, err := r.Runs(ctx)
	if err != nil {
		return err
	}
	switch {
	case slices.ContainsFunc(runs, func(run ledger.Run) bool { return run.ID == id }):
		return nil
	case len(runs) == 0:
		return fmt.Errorf("--run %d: the ledger has no run", id)
	}
	return fmt.Errorf("--run %d: the last run in the ledger is %d", id, runs[0].ID)
}

// knownCategories checks what --category names.
func knownCategories(names []string) ([]string, error) {
	all := map[string]bool{string(detectors.Custom): true}
	for _, r := range detectors.Builtin() {
		all[string(r.Category)] = true
	}
	out := make([]string, len(names))
	for i, name := range names {
		if out[i] = strings.ToUpper(name); !all[out[i]] {
			return nil, fmt.Errorf("--category %s: it is one of %s", name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
		}
	}
	return out, nil
}

func objectsCommand() *cobra.Command {
	var o recordOptions
	cmd := &cobra.Command{
		Use:   "objects --ledger FILE",
		Short: "List objects from a ledger: what was read, what was not, and why",
		Args:  exactArgs(0, "no argument"),
		Example: examples(`
			sluice objects --ledger sweep.db --status PARTIAL,SKIPPED
			sluice objects --ledger sweep.db --reason PERMISSION_DENIED --json | jq -r .key
			sluice objects --ledger sweep.db --type CREDIT_CARD_NUMBER --format csv > with-cards.csv`),
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, opts, err := o.open(cmd)
			if err != nil {
				return err
			}
			defer r.Close()
			return export.Objects(cmd.OutOrStdout(), opts, r.Objects(cmd.Context(), o.filter))
		},
	}
	o.flags(cmd)
	return cmd
}

func findingsCommand() *cobra.Command {
	var o recordOptions
	cmd := &cobra.Command{
		Use:   "findings --ledger FILE",
		Short: "List findings from a ledger",
		Args:  exactArgs(0, "no argument"),
		Example: examples(`
			sluice findings --ledger sweep.db --severity High
			sluice findings --ledger sweep.db --category CREDENTIALS --json
			sluice findings --ledger sweep.db --bucket my-bucket --format csv > findings.csv`),
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, opts, err := o.open(cmd)
			if err != nil {
				return err
			}
			defer r.Close()
			return export.Findings(cmd.OutOrStdout(), opts, r.Findings(cmd.Context(), o.filter))
		},
	}
	o.flags(cmd)
	return cmd
}
