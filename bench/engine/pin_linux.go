package main

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// allowedCores are the processors that this process may run on.
func allowedCores() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("which cores: %w", err)
	}
	var cores []int
	for i := range 8 * len(set) * 8 {
		if set.IsSet(i) {
			cores = append(cores, i)
		}
	}
	return cores, nil
}

// pin binds all threads of the process to cores. Threads and programs that
// are started later inherit it. A thread that appears while pin runs may be
// started by one that is not yet bound, so it looks until it sees no new one.
func pin(cores ...int) error {
	var set unix.CPUSet
	for _, c := range cores {
		set.Set(c)
	}
	bound := make(map[string]bool)
	for again := true; again; {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return fmt.Errorf("bind to a core: %w", err)
		}
		again = false
		for _, t := range threads {
			if bound[t.Name()] {
				continue
			}
			bound[t.Name()], again = true, true
			id, err := strconv.Atoi(t.Name())
			if err != nil {
				return fmt.Errorf("bind to a core: %w", err)
			}
			if err := unix.SchedSetaffinity(id, &set); err != nil && err != unix.ESRCH {
				return fmt.Errorf("bind to a core: %w", err)
			}
		}
	}
	return nil
}
