// Package e2e tries the sluice program as users meet it: the binary, as a
// process of its own, over HTTP against an S3 server. What each test expects of
// a sweep is the exit code, one row in the ledger for each object of the
// bucket, its status and reason, and exactly the findings that were planted.
package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"testing"

	"github.com/sluice-dlp/sluice/bench/lab"
)

var (
	program string       // path of the sluice binary
	gateway *lab.Gateway // a process can run only one
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "sluice-e2e-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program = filepath.Join(dir, "sluice")
	if err := build(program); err != nil {
		return 0, err
	}
	gateway, err = lab.StartGateway(context.Background(), dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, gateway.Close()) }()
	// Most tests wait for the program to wait before it tries again.
	if err := flag.Set("test.parallel", "16"); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// build makes the program, as this test was built: with its tags, and with the
// race detector if it has it. The test cache does not know what it is made of:
// use -count=1.
func build(out string) error {
	args := []string{"build", "-o", out}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-tags" || s.Key == "-race" {
				args = append(args, s.Key+"="+s.Value)
			}
		}
	}
	// In the directory of the module, whose go.mod differs from this one's.
	cmd := exec.Command("go", append(args, "./cmd/sluice")...)
	cmd.Dir = filepath.Join("..", "..", "..")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build sluice: %w\n%s", err, text)
	}
	return nil
}
