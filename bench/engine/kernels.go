package main

import "github.com/sluice-dlp/sluice/detectors"

// kernels names the implementations of the innermost loops that this
// processor runs, the best first. "" is the one that a user gets.
func kernels() []string { return []string{""} }

// compile makes a set of all detectors that runs on a kernel.
func compile(kernel string) (*detectors.Set, error) {
	return detectors.Compile(detectors.Builtin(), detectors.Options{})
}

// rowName is the engine's name in rows.
func rowName(kernel string) string {
	if kernel == "" {
		return "sluice"
	}
	return "sluice, " + kernel
}
