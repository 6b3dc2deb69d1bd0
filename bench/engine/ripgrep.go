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

// addRipgrep adds rg, counting matches of all patterns on one thread. The time
// is that of a whole process, which starts, compiles the patterns and reads a
// file that is in memory.
func (ps *peers) addRipgrep(ctx context.Context, patterns []pattern, dir string, size int) {
	version, err := exec.CommandContext(ctx, "rg", "--version").Output()
	if err != nil {
		ps.missing[ripgrep] = err.Error()
		return
	}
	list := filepath.Join(dir, "ripgrep-patterns")
	var exprs strings.Builder
	for _, p := range patterns {
		exprs.WriteString(p.expr + "\n")
	}
	if err := os.WriteFile(list, []byte(exprs.String()), 0o600); err != nil {
		ps.missing[ripgrep] = err.Error()
		return
	}
	ps.about[ripgrep] = about{Version: strings.ReplaceAll(strings.TrimSpace(string(version)), "\n", "; ")}
	ps.engines = append(ps.engines, engine{name: ripgrep, bytes: size, run: func(t *text, n int) (outcome, error) {
		if n < len(t.bytes) {
			return outcome{}, fmt.Errorf("ripgrep cannot search a part of %s", t.name)
		}
		return runRipgrep(ctx, list, t.path)
	}})
}

func runRipgrep(ctx context.Context, list, path string) (outcome, error) {
	rg := exec.CommandContext(ctx, "rg", "--no-config", "--no-unicode", "--text", "--threads=1",
		"--dfa-size-limit=1G", "--regex-size-limit=1G", "--count-matches", "--file", list, path)
	begun := time.Now()
	out, err := rg.Output()
	o := outcome{seconds: time.Since(begun).Seconds()}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return o, nil // nothing found
	} else if err != nil {
		return o, fmt.Errorf("ripgrep: %w", err)
	}
	o.matches, err = strconv.Atoi(string(bytes.TrimSpace(out)))
	return o, err
}
