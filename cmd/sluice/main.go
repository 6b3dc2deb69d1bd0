// Command sluice sweeps S3 buckets and directories for personal data,
// financial data and credentials.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-dlp/sluice/pipeline"
)

func main() {
	endProfile, err := startProfile(os.Getenv(profileEnv))
	if err != nil {
		fmt.Fprintf(os.Stderr, "sluice: %v\n", err)
		os.Exit(pipeline.ExitUsage)
	}
	code := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if err := endProfile(); err != nil {
		fmt.Fprintf(os.Stderr, "sluice: %v\n", err)
		code = pipeline.ExitUsage
	}
	os.Exit(code)
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var code exitCode
	switch {
	case err == nil:
		return pipeline.ExitClean
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(stderr, "sluice: %v\n", err)
	var h hint
	if errors.As(err, &h) {
		fmt.Fprintf(stderr, "hint: %s\n", h.text)
	}
	return pipeline.ExitUsage
}

// exitCode is an error that only sets the exit code: all there is to say has
// been said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// hint is an error with a line that says what to do about it.
type hint struct {
	error
	text string
}

func (h hint) Unwrap() error { return h.error }

func withHint(err error, format string, args ...any) error {
	return hint{err, fmt.Sprintf(format, args...)}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "sluice",
		Short: "Find personal data, financial data and credentials in S3 buckets",
		Long: `sluice reads every object of S3 buckets and directories, unpacks what is packed,
finds personal data, financial data and credentials by form, checksum and context,
and records what happened to each object in a ledger. It never prints or stores
a value that it found.`,
		Example: examples(`
			# Sweep a bucket and keep a ledger, so that a second run reads only what changed
			sluice scan s3://my-bucket --ledger sweep.db

			# What is in this file?
			sluice detect notes.txt

			# What was not read, and why
			sluice objects --ledger sweep.db --status PARTIAL,SKIPPED`),
		SilenceUsage:      true,
		SilenceErrors:     true,
		DisableAutoGenTag: true,
		Args:              onlyCommands,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		var wrong *pflag.InvalidValueError
		var number *strconv.NumError
		if errors.As(err, &wrong) && errors.As(err, &number) {
			why := "it takes a number"
			if errors.Is(err, strconv.ErrRange) {
				why = "it is too large"
			}
			err = fmt.Errorf("--%s %s: %s", wrong.GetFlag().Name, wrong.GetValue(), why)
		}
		return withHint(err, "%s --help", cmd.CommandPath())
	})
	root.AddCommand(scanCommand(), objectsCommand(), findingsCommand(), detectCommand(), detectorsCommand(), policyCommand(), quarantineCommand(), notifyCommand(), versionCommand(), manCommand(), referenceCommand())
	root.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true})
	return root
}

// examples takes the common indentation off a block of examples and indents
// it the way help texts do.
func examples(block string) string {
	lines := strings.Split(strings.Trim(block, "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight("  "+strings.TrimLeft(l, "\t"), " ")
	}
	return strings.Join(lines, "\n")
}

// onlyCommands is for a command that is nothing without one of its own.
func onlyCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	near := "--help lists the commands"
	cmd.SuggestionsMinimumDistance = 2
	if names := cmd.SuggestionsFor(args[0]); len(names) > 0 {
		near = strings.Join(names, ", ") + "?"
	} else if args[0] == "help" {
		near = strings.Join(append(args[1:], "--help"), " ")
	}
	return withHint(fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath()), "%s %s", cmd.CommandPath(), near)
}

// exactArgs is cobra.ExactArgs with a hint.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			err := fmt.Errorf("%s takes %s, not %d", cmd.CommandPath(), what, len(args))
			switch {
			case len(args) == 0:
				err = fmt.Errorf("%s takes %s, and there is none", cmd.CommandPath(), what)
			case n == 0:
				err = fmt.Errorf("%s takes %s, and there is %q", cmd.CommandPath(), what, args[0])
			}
			return withHint(err, "%s --help", cmd.CommandPath())
		}
		return nil
	}
}
