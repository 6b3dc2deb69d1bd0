package main

import (
	"testing"
	"time"
)

func TestParseBytes(t *testing.T) {
	for s, want := range map[string]int64{
		"0": 0, "4096": 4096, "64KiB": 64 << 10, "1.5MiB": 3 << 19, "10MB": 10e6, "2G": 2 << 30, "7 B": 7, "1TB": 1e12,
	} {
		if got, err := parseBytes(s); err != nil || got != want {
			t.Errorf("parseBytes(%q) = %d, %v; want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "KiB", "-1", "1XB", "ten", "9999999999TB", "NaN"} {
		if got, err := parseBytes(s); err == nil {
			t.Errorf("parseBytes(%q) = %d; want an error", s, got)
		}
	}
}

// What help shows as a default can be given as a flag.
func TestByteSize(t *testing.T) {
	for want, n := range map[string]byteSize{"0": 0, "1023": 1023, "48MiB": 48 << 20, "3GiB": 3 << 30, "1025KiB": 1025 << 10} {
		var back byteSize
		if err := back.Set(n.String()); n.String() != want || err != nil || back != n {
			t.Errorf("%d is written %q and read as %d, %v; want %q", int64(n), n.String(), int64(back), err, want)
		}
	}
}

func TestFormatBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1 kB", 999_499: "999 kB", 999_600: "1 MB", 4 << 30: "4.29 GB", 3e15: "3e+03 TB",
	} {
		if got := formatBytes(n); got != want {
			t.Errorf("formatBytes(%d) = %q; want %q", n, got, want)
		}
	}
}

func TestMoment(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for s, want := range map[string]time.Time{
		"2026-01-31":           time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC),
		"2026-01-31T10:00:00Z": time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC),
		"36h":                  now.Add(-36 * time.Hour),
		"30d":                  now.AddDate(0, 0, -30),
	} {
		m := moment{now: func() time.Time { return now }}
		if err := m.Set(s); err != nil || !m.Equal(want) {
			t.Errorf("moment %q = %v, %v; want %v", s, m.Time, err, want)
		}
	}
	for _, s := range []string{"", "yesterday", "-5d", "-3h", "2026-13-01"} {
		m := moment{now: time.Now}
		if err := m.Set(s); err == nil {
			t.Errorf("moment %q = %v; want an error", s, m.Time)
		}
	}
}
