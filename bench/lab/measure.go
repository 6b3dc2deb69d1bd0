package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// Usage is what a program took to its end.
type Usage struct {
	Exit    int     `json:"exit"`
	Seconds float64 `json:"seconds"`
	Peak    int64   `json:"peak"` // bytes of resident memory at most
}

// measured is set for a process that is to run its arguments and nothing else.
const measured = "SLUICE_LAB_MEASURED"

// Measure runs cmd to its end and tells what it took. The error is about
// running it: that it failed shows in Usage.Exit.
//
// The system counts the memory that a process had when it became another
// program as the memory of that program, and a process begins as a copy of
// its parent. So cmd is started by a small process, which is this program
// again: its main must begin with a call of [RunMeasured].
func Measure(ctx context.Context, cmd *exec.Cmd) (u Usage, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("measure %s: %w", cmd.Path, err)
		}
	}()
	self, err := os.Executable()
	if err != nil {
		return u, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return u, err
	}
	defer r.Close()
	helper := exec.CommandContext(ctx, self, append([]string{cmd.Path}, cmd.Args[1:]...)...)
	helper.Env = append(cmd.Environ(), measured+"=1")
	helper.Dir, helper.Stdin, helper.Stdout, helper.Stderr = cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr
	helper.ExtraFiles = []*os.File{w}
	helper.Cancel = func() error { return helper.Process.Signal(syscall.SIGTERM) }
	err = helper.Start()
	w.Close()
	if err != nil {
		return u, err
	}
	// The helper writes little, so the pipe holds it until it has ended.
	if err := helper.Wait(); err != nil {
		return u, errors.Join(context.Cause(ctx), err)
	}
	return u, json.NewDecoder(r).Decode(&u)
}

// RunMeasured does the work of a process that [Measure] started and does not
// return from it. In any other process it does nothing.
func RunMeasured() {
	if os.Getenv(measured) == "" {
		return
	}
	if err := runMeasured(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func runMeasured(args []string) error {
	if err := os.Unsetenv(measured); err != nil {
		return err
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		for s := range signals {
			if s == syscall.SIGTERM { // an interrupt of the terminal reaches cmd by itself
				cmd.Process.Signal(s)
			}
		}
	}()
	err := cmd.Wait()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		return err
	}
	u := Usage{Exit: cmd.ProcessState.ExitCode(), Seconds: time.Since(begun).Seconds()}
	if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.Peak = ru.Maxrss
		if runtime.GOOS != "darwin" {
			u.Peak <<= 10
		}
	}
	return json.NewEncoder(os.NewFile(3, "result")).Encode(u)
}
