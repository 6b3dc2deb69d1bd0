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
	Load   string `json:"load"` // at the start: processes that were running, on average of 1, 5 and 15 minutes
}

func thisMachine() machine {
	return machine{
		CPU:    field("/proc/cpuinfo", "model name", ":"),
		CPUs:   runtime.NumCPU(),
		Memory: field("/proc/meminfo", "MemTotal", ":"),
		OS:     strings.Trim(field("/etc/os-release", "PRETTY_NAME", "="), `"`),
		Kernel: firstLine("/proc/sys/kernel/osrelease"),
		Go:     runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
		Load:   load(),
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

// load is how much else was running: the first three fields of what Linux
// tells.
func load() string {
	fields := strings.Fields(firstLine("/proc/loadavg"))
	return strings.Join(fields[:min(3, len(fields))], " ")
}
