package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
)

// profileEnv names a file that gets a CPU profile of the whole program, for
// go tool pprof. It is for those who work on sluice: see bench/README.md.
const profileEnv = "SLUICE_CPUPROFILE"

// startProfile begins a profile that goes to path, "" for none. end completes
// the file.
func startProfile(path string) (end func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", profileEnv, err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", profileEnv, err), f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		if err := f.Close(); err != nil {
			return fmt.Errorf("%s: %w", profileEnv, err)
		}
		return nil
	}, nil
}
