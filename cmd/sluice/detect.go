package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sluice-dlp/sluice/corpus/eval"
	"github.com/sluice-dlp/sluice/detectors"
	"github.com/sluice-dlp/sluice/pipeline"
	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/scanner"
)

type detectOptions struct {
	selection
	jsonl    bool
	asJSON   bool
	explains bool
	as       string
}

func detectCommand() *cobra.Command {
	var o detectOptions
	cmd := &cobra.Command{
		Use:   "detect [TEXT|FILE|-]",
		Short: "Show what is found in a sample",
		Long: `detect shows what the detectors find in a text, in a file (if the argument names
one) or in standard input. It prints places and masked values.

With --jsonl each line of input is {"id":…,"text":…} (or "value"), and each line of
output {"id":…,"findings":[{"type","start","end"}]} with offsets in bytes.

With --as the question is another: is the whole input well formed for that type,
a detector id or a common type such as CREDIT_CARD? "--as -" with --jsonl takes the
type from each line: {"id","type","value"} gives {"id","valid"}.

With --explain it tells of everything that looks like a value what became of it and
why: the check, the keyword, the confidence, the detector that stands in the way.

Values of custom identifiers are shown however few they are: their severity thresholds
concern objects of a scan.

Exit codes: 0 nothing found (with --as: well formed), 1 found (with --as: not well
formed), 2 wrong usage, 3 not everything could be read. With --jsonl: 0 when all lines were answered.`,
		Example: examples(`
			sluice detect 'mail jane.doe@example.com'
			sluice detect export.csv.gz --json
			sluice detect --custom rules.yaml --allow test-accounts.txt notes.txt
			sluice detect --explain 'card 4539 1488 0343 6467'
			sluice detect --as IBAN 'GB82 WEST 1234 5698 7654 32'
			sluice detect --jsonl - < samples.jsonl > findings.jsonl
			sluice detect --as - --jsonl - < values.jsonl`),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return withHint(fmt.Errorf("%s takes one text or file, not %d; a text with blanks has to be quoted", cmd.CommandPath(), len(args)), "%s --help", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := detectInput(cmd.InOrStdin(), args)
			if err != nil {
				return err
			}
			defer in.Close()
			o.notes = cmd.ErrOrStderr()
			if o.as != "" && len(o.names) == 0 {
				o.names = []string{detectors.All}
			}
			switch {
			case o.asJSON && o.jsonl:
				return withHint(errors.New("--jsonl writes JSON already, and goes without --json"), "sluice detect --help")
			case o.explains && (o.as != "" || o.jsonl):
				return withHint(errors.New("--explain goes with neither --as nor --jsonl"), "sluice detect --help")
			case o.explains:
				return o.explain(cmd, in)
			case o.as != "" && o.jsonl:
				return o.validLines(in, cmd.OutOrStdout())
			case o.as != "":
				return o.valid(in, cmd.OutOrStdout())
			case o.jsonl:
				return o.findLines(in, cmd.OutOrStdout())
			}
			return o.find(cmd, in)
		},
	}
	o.selection.flags(cmd.Flags())
	cmd.Flags().BoolVar(&o.jsonl, "jsonl", false, "read and write one JSON object a line")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print findings as one JSON object a line")
	cmd.Flags().BoolVar(&o.explains, "explain", false, "say why, and why not: for each thing that looks like a value")
	cmd.Flags().StringVar(&o.as, "as", "", "say whether the whole input is well formed for this `TYPE`; '-': the line's own type")
	return cmd
}

// detectInput opens what the argument means: standard input, a file, or the
// text itself.
func detectInput(stdin io.Reader, args []string) (io.ReadCloser, error) {
	if len(args) == 0 || args[0] == "-" {
		return io.NopCloser(stdin), nil
	}
	switch info, err := os.Stat(args[0]); {
	case errors.Is(err, fs.ErrPermission):
		return nil, err
	case err == nil && info.IsDir():
		return nil, withHint(fmt.Errorf("%s is a directory", args[0]), "sluice scan %s", args[0])
	case err == nil:
		return os.Open(args[0])
	case isPath(args[0]):
		return nil, withHint(fmt.Errorf("there is no file %s", args[0]), "a text that looks like a path goes through standard input: sluice detect -")
	}
	return textReader{strings.NewReader(args[0]), strings.ContainsAny(args[0], " \t\n")}, nil
}

// isPath reports whether an argument can hardly be meant as a text.
func isPath(arg string) bool {
	return !strings.ContainsAny(arg, " \t\n") && (filepath.IsAbs(arg) || strings.HasPrefix(arg, "./") || strings.HasPrefix(arg, "../"))
}

// textReader reads an argument that is the text itself.
type textReader struct {
	*strings.Reader
	blanks bool // as hardly any name of a file
}

func (textReader) Close() error { return nil }

// find prints the findings of one sample.
func (o *detectOptions) find(cmd *cobra.Command, in io.Reader) error {
	set, err := o.set()
	if err != nil {
		return err
	}
	sc, err := scanner.New(scanner.Config{Set: set})
	if err != nil {
		return err
	}
	tw := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
	n := 0
	shown := make(map[string]int64)
	cov, err := sc.Scan(cmd.Context(), in, func(f scanner.Finding) error {
		n++
		shown[f.Rule]++
		if o.asJSON {
			return writeJSON(cmd.OutOrStdout(), newSampleFinding(f))
		}
		if n == 1 {
			fmt.Fprintln(tw, "TYPE\tLINE\tCOLUMN\tOFFSET\tLENGTH\tCONFIDENCE\tVALUE (MASKED)\tIN\tMEMBER")
		}
		_, err := fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\n", f.Rule, f.Location.Line, f.Location.Column, f.Location.Offset, f.Location.Length, f.Confidence, f.Preview, export.Visible(element(f.Location)), export.Visible(f.Location.Member))
		return err
	})
	if err = cmp.Or(err, tw.Flush()); err != nil {
		return err
	}
	tellGaps(cmd.ErrOrStderr(), cov)
	for _, id := range slices.Sorted(maps.Keys(cov.Counts)) {
		if more := cov.Counts[id] - shown[id]; more > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "not shown: %d more of %s\n", more, export.Visible(id))
		}
	}
	if cov.Allowed > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s left out by allow lists\n", plural(cov.Allowed, "value"))
	}
	switch {
	case cov.GapCount() > 0:
		return exitCode(pipeline.ExitIncomplete)
	case n > 0:
		return exitCode(pipeline.ExitFindings)
	}
	if t, isText := in.(textReader); isText && !t.blanks {
		fmt.Fprintln(cmd.ErrOrStderr(), "nothing found in this text; there is no file of that name")
	} else if !o.asJSON {
		fmt.Fprintln(cmd.ErrOrStderr(), "nothing found")
	}
	return nil
}

// element names the cell or the element of a record that a value is in.
func element(at scanner.Location) string {
	switch {
	case at.Row > 0:
		return strings.TrimSpace(fmt.Sprintf("row %d, cell %d %s", at.Row, at.Cell, at.Name))
	case at.Path != "":
		return at.Path
	}
	return ""
}

// tellGaps says what was not read.
func tellGaps(w io.Writer, cov scanner.Coverage) {
	for _, g := range cov.Gaps {
		fmt.Fprintf(w, "not read: %s\n", export.Visible(strings.Join(nonEmpty(g.Member, g.Reason, g.Detail), ": ")))
	}
	if more := cov.GapCount() - int64(len(cov.Gaps)); more > 0 {
		fmt.Fprintf(w, "not read: %d more parts\n", more)
	}
}

func nonEmpty(words ...string) []string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

// sample is a line of input with --jsonl.
type sample struct {
	ID    json.RawMessage `json:"id"`
	Type  string          `json:"type"`
	Text  *string         `json:"text"`
	Value *string         `json:"value"`
}

func (s *sample) content() []byte {
	switch {
	case s.Text != nil:
		return []byte(*s.Text)
	case s.Value != nil:
		return []byte(*s.Value)
	}
	return nil
}

// lines calls answer for each line of in and writes what it returns. An error
// names the line by number and never shows it.
func lines(in io.Reader, out io.Writer, answer func(sample) (any, error)) (err error) {
	r := bufio.NewReaderSize(in, 1<<16)
	w := bufio.NewWriter(out)
	defer func() { err = cmp.Or(err, w.Flush()) }()
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var s sample
			if jerr := json.Unmarshal(line, &s); jerr != nil || s.Text == nil && s.Value == nil {
				return withHint(fmt.Errorf("line %d is not a JSON object with \"text\" or \"value\"", n), "sluice detect --help")
			}
			a, aerr := answer(s)
			if aerr != nil {
				return fmt.Errorf("line %d: %w", n, aerr)
			}
			if werr := writeJSON(w, a); werr != nil {
				return werr
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

type lineFinding struct {
	Type  string `json:"type"`
	Start int64  `json:"start"` // bytes
	End   int64  `json:"end"`
}

// sampleFinding is a finding with --json.
type sampleFinding struct {
	lineFinding
	Member     string `json:"member"`
	Line       int64  `json:"line"`
	Column     int64  `json:"column"`
	Confidence int    `json:"confidence"` // in per cent
	Row        int64  `json:"row,omitempty"`
	Cell       int64  `json:"cell,omitempty"`
	ColumnName string `json:"column_name,omitempty"`
	Record     *int64 `json:"record,omitempty"`
	JSONPath   string `json:"json_path,omitempty"`
	Preview    string `json:"preview"`
}

func newSampleFinding(f scanner.Finding) sampleFinding {
	at := f.Location
	s := sampleFinding{
		lineFinding: lineFinding{f.Rule, at.Offset, at.Offset + at.Length},
		Member:      at.Member, Line: at.Line, Column: at.Column, Confidence: f.Confidence,
		Row: at.Row, Cell: at.Cell, ColumnName: at.Name, JSONPath: at.Path, Preview: f.Preview,
	}
	if at.Path != "" {
		s.Record = &at.Record
	}
	return s
}

// findLines answers {"id","text"} lines.
func (o *detectOptions) findLines(in io.Reader, out io.Writer) error {
	set, err := o.set()
	if err != nil {
		return err
	}
	var ms []detectors.Match
	return lines(in, out, func(s sample) (any, error) {
		w := s.content()
		ms = set.Find(ms[:0], w, 0, len(w))
		found := make([]lineFinding, len(ms))
		for i, m := range ms {
			found[i] = lineFinding{set.Rule(m.Rule).ID, int64(m.Start), int64(m.End)}
		}
		return struct {
			ID       json.RawMessage `json:"id"`
			Findings []lineFinding   `json:"findings"`
		}{s.ID, found}, nil
	})
}

// validLines answers {"id","value"} lines: with the type of each line if --as
// is '-'.
func (o *detectOptions) validLines(in io.Reader, out io.Writer) error {
	set, err := o.set()
	if err != nil {
		return err
	}
	byType := make(map[string][]int)
	return lines(in, out, func(s sample) (any, error) {
		name := o.as
		if name == "-" {
			name = s.Type
		}
		rules, known := byType[name]
		if !known {
			rules = rulesFor(set, name)
			byType[name] = rules
		}
		if len(rules) == 0 {
			// A file of many types may hold some that no detector knows:
			// that is an answer, and no reason to stop.
			return map[string]any{"id": s.ID, "valid": false, "error": "no detector for type " + name}, nil
		}
		return struct {
			ID    json.RawMessage `json:"id"`
			Valid bool            `json:"valid"`
		}{s.ID, eval.Fits(name, s.content()) && anyValid(set, rules, s.content())}, nil
	})
}

// valid answers for the whole input.
func (o *detectOptions) valid(in io.Reader, out io.Writer) error {
	if o.as == "-" {
		return withHint(errors.New("--as - takes the type from each line and needs --jsonl"), "sluice detect --help")
	}
	set, err := o.set()
	if err != nil {
		return err
	}
	rules := rulesFor(set, o.as)
	if len(rules) == 0 {
		_, err := builtin().choose([]string{o.as})
		if err == nil { // a category, or a detector that --detectors leaves out
			err = fmt.Errorf("no chosen detector has the id or common type %q", o.as)
		}
		return withHint(fmt.Errorf("--as: %w", err), "sluice detectors list shows the ids, and sluice detectors show ID the common types")
	}
	const most = 1 << 20
	value, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil {
		return err
	}
	value = bytes.TrimRight(value, "\r\n")
	if len(value) > most || !eval.Fits(o.as, value) || !anyValid(set, rules, value) {
		_, err := fmt.Fprintln(out, "not valid")
		return cmp.Or[error](err, exitCode(1))
	}
	_, err = fmt.Fprintln(out, "valid")
	return err
}

// rulesFor returns the rules of set that name means: one by its id, or all of
// a common type.
func rulesFor(set *detectors.Set, name string) []int {
	for _, id := range []string{name, strings.ToUpper(name)} {
		if i, ok := set.Lookup(id); ok {
			return []int{i}
		}
	}
	var is []int
	for _, id := range idsOfType(detectors.Builtin(), name) {
		if i, ok := set.Lookup(id); ok {
			is = append(is, i)
		}
	}
	return is
}

func anyValid(set *detectors.Set, rules []int, value []byte) bool {
	for _, i := range rules {
		if set.Valid(i, value) {
			return true
		}
	}
	return false
}
