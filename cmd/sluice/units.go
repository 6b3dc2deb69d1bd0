package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// byteSize is a flag value such as 512KiB, 10MB or 1048576.
type byteSize int64

// String is the shortest form that Set reads as the same size.
func (b *byteSize) String() string {
	n, unit := int64(*b), ""
	for _, u := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if n == 0 || n%1024 != 0 {
			break
		}
		n, unit = n/1024, u
	}
	return fmt.Sprintf("%d%s", n, unit)
}
func (b *byteSize) Type() string { return "SIZE" }
func (b *byteSize) Set(s string) error {
	n, err := parseBytes(s)
	*b = byteSize(n)
	return err
}

var units = []struct {
	name string
	size int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", 1 << 40},
	{"B", 1}, {"", 1},
}

func parseBytes(s string) (int64, error) {
	for _, u := range units {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(f >= 0 && f*float64(u.size) < 1<<62) { // so that NaN fails
			break
		}
		return int64(f * float64(u.size)), nil
	}
	return 0, fmt.Errorf("%q is no size; write 4096, 64KiB, 10MB …", s)
}

// plural writes a number of things for people: 1 object, 2 objects.
func plural(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// formatBytes writes n for people: 1.2 MB.
func formatBytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	f := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB"} {
		f /= 1000
		if f < 999.5 || unit == "TB" {
			return fmt.Sprintf("%.3g %s", f, unit)
		}
	}
	return ""
}

// moment is a flag value that is a point in time: a date, an RFC 3339 time,
// or an age such as 36h or 30d.
type moment struct {
	time.Time
	now func() time.Time
}

func (m *moment) String() string {
	if m.IsZero() {
		return ""
	}
	return m.Format(time.RFC3339)
}
func (m *moment) Type() string { return "TIME" }
func (m *moment) Set(s string) error {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			m.Time = t
			return nil
		}
	}
	age := s
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 100_000 {
			return fmt.Errorf("%q is no age in days", s)
		}
		age = fmt.Sprintf("%dh", 24*n)
	}
	d, err := time.ParseDuration(age)
	if err != nil || d < 0 {
		return fmt.Errorf("%q is neither a date (2026-01-31), a time (RFC 3339) nor an age (36h, 30d)", s)
	}
	m.Time = m.now().Add(-d)
	return nil
}
