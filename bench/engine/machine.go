package main

import (
	"os"
	"runtime"
	"strings"
)

// machine describes where the rows were measured.
type machine struct {
	CPU    string `json:"cpu"`
	CPUs   int    `json:"cpus"` // that the process may use
	Memory string `json:"memory"`
	OS     string `json:"os"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
}

func thisMachine() machine {
	return machine{
		CPU:    field("/proc/cpuinfo", "model name", ":"),
		CPUs:   runtime.NumCPU(),
		Memory: field("/proc/meminfo", "MemTotal", ":"),
		OS:     strings.Trim(field("/etc/os-release", "PRETTY_NAME", "="), `"`),
		Kernel: firstLine("/proc/sys/kernel/osrelease"),
		Go:     runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
	}
}

// field returns what stands behind name and sep in a file of the system, and
// "" where there is none.
func field(path, name, sep string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, found := strings.Cut(line, sep); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func firstLine(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
