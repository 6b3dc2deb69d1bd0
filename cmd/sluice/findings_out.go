package main

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sluice-dlp/sluice/pipeline/export"
	"github.com/sluice-dlp/sluice/pipeline/ledger"
)

// findingsOut writes the findings of a scan as they are committed.
type findingsOut struct {
	w    *export.FindingWriter
	file *os.File // nil for standard output
}

// openFindings opens where the findings go. It empties a file that is there,
// unless that is one of inUse, which the scan needs.
func (o *scanOptions) openFindings(cmd *cobra.Command, inUse []fs.FileInfo) (*findingsOut, error) {
	out, to := &findingsOut{}, cmd.OutOrStdout()
	opts, err := exportOptions(cmd, o.format, o.aliasKey)
	if err != nil {
		return nil, err
	}
	if o.output != "" {
		if out.file, err = createOutput(o.output, inUse); err != nil {
			return nil, fmt.Errorf("--output: %w", err)
		}
		to = out.file
	}
	out.w, err = export.NewFindingWriter(to, opts)
	return out, err
}

// createOutput makes an empty file, or empties one that is not among inUse.
func createOutput(path string, inUse []fs.FileInfo) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case isAmong(inUse, info):
		err = fmt.Errorf("%s is the ledger or a target of this scan; name another file", path)
	case info.Mode().IsRegular():
		err = f.Truncate(0)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// exportOptions makes the options of package export out of flags.
func exportOptions(cmd *cobra.Command, format, aliasKey string) (export.Options, error) {
	if strings.EqualFold(format, "jsonl") {
		format = string(export.JSONLines)
	}
	f, err := export.ParseFormat(format)
	if err != nil {
		return export.Options{}, fmt.Errorf("--format: %w", err)
	}
	key, err := keyFrom(cmd, aliasKey)
	if err != nil {
		return export.Options{}, fmt.Errorf("--alias-keys: %w", err)
	}
	return export.Options{Format: f, Names: export.Names{AliasKey: key}, Width: terminalWidth(cmd.OutOrStdout())}, nil
}

// terminalWidth is 0 where w is no terminal.
func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 0
}

// entries writes the findings of one commit; it serves as
// pipeline.Run.Committed.
func (out *findingsOut) entries(run int64, es []ledger.Entry) error {
	for i := range es {
		e := &es[i]
		for f := range e.Findings.All() {
			found := ledger.Found{Object: e.Object, LastRun: run, RuleInfo: e.Rules[f.Rule], Finding: f}
			if err := out.w.Write(found); err != nil {
				return fmt.Errorf("findings: %w", err)
			}
		}
	}
	return out.flush()
}

func (out *findingsOut) flush() error {
	if err := out.w.Flush(); err != nil {
		return fmt.Errorf("findings: %w", err)
	}
	return nil
}

// close writes out what is buffered.
func (out *findingsOut) close() error {
	err := out.flush()
	if out.file != nil {
		err = cmp.Or(err, out.file.Close())
	}
	return err
}
