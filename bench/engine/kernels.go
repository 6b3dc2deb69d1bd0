package main

import "github.com/sluice-dlp/sluice/detectors"

// kernels names the code that can look at bytes on this processor, best first.
func kernels() []string { return detectors.Kernels() }

// compile makes a set of all detectors that runs on a kernel.
func compile(kernel string) (*detectors.Set, error) {
	return detectors.Compile(detectors.Builtin(), detectors.Options{Kernel: kernel})
}

// rowName is sluice with a kernel, as rows call it.
func rowName(kernel string) string { return "sluice, " + kernel }
