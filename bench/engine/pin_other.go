//go:build !linux

package main

import "runtime"

// allowedCores are the processors that this process may run on.
func allowedCores() ([]int, error) {
	cores := make([]int, runtime.NumCPU())
	for i := range cores {
		cores[i] = i
	}
	return cores, nil
}

// pin does nothing: this system binds no process to a core.
func pin(...int) error { return nil }
