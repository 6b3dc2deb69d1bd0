package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/sluice-dlp/sluice/detectors"
)

// version is set by the release build: -ldflags "-X main.version=…".
var version = ""

// versionString is the release, or the revision that the binary was built
// from, or "devel".
func versionString() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "devel-" + s.Value[:12]
			}
		}
	}
	return "devel"
}

func versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version, the rule set and the regex engine",
		Args:    exactArgs(0, "no argument"),
		Example: examples(`sluice version --json`),
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := detectors.Compile(detectors.Builtin(), detectors.Options{})
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), map[string]any{
					"version": versionString(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
					"detectors": set.Len(), "rule_set": set.ID(), "regex_engine": detectors.Engine(),
				})
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "sluice %s, %d detectors (rule set %s), regex engine %s, %s %s/%s\n",
				versionString(), set.Len(), set.ID(), detectors.Engine(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the man pages of all commands into a directory",
		Args:    exactArgs(1, "a directory"),
		Example: examples(`sluice man /usr/local/share/man/man1`),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			return doc.GenManTree(cmd.Root(), &doc.GenManHeader{Title: "SLUICE", Section: "1", Source: "sluice " + versionString(), Manual: "sluice manual"}, args[0])
		},
	}
}
