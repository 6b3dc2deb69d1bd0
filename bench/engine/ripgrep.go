package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ripgrepEngine is rg with all patterns, counting on one thread. The time is
// that of the whole process, which starts, compiles the patterns and reads
// a file that is in memory.
func ripgrepEngine(ctx context.Context, ps []pattern, dir string, size int) (engine, string, error) {
	version, err := exec.CommandContext(ctx, "rg", "--version").Output()
	if err != nil {
		return engine{}, "", err
	}
	list := filepath.Join(dir, "ripgrep-patterns")
	var exprs strings.Builder
	for _, p := range ps {
		exprs.WriteString(p.expr + "\n")
	}
	if err := os.WriteFile(list, []byte(exprs.String()), 0o600); err != nil {
		return engine{}, "", err
	}
	run := func(t *text, n int) (outcome, error) {
		path := t.path
		if n < len(t.bytes) {
			return outcome{}, fmt.Errorf("ripgrep reads whole files")
		}
		rg := exec.CommandContext(ctx, "rg", "--no-config", "--no-unicode", "--text", "--threads=1", "--dfa-size-limit=1G", "--regex-size-limit=1G", "--count-matches", "--file", list, path)
		begun := time.Now()
		out, err := rg.Output()
		seconds := time.Since(begun).Seconds()
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == 1 { // nothing found
			return outcome{seconds: seconds}, nil
		} else if err != nil {
			return outcome{}, fmt.Errorf("ripgrep: %w", err)
		}
		matches, err := strconv.Atoi(string(bytes.TrimSpace(out)))
		return outcome{seconds: seconds, matches: matches}, err
	}
	return engine{ripgrep, size, run}, string(bytes.TrimSpace(version)), nil
}
