package main

import (
	"context"
	"errors"
	"testing"
)

// fake is an engine that takes the given seconds, one after the other, and
// finds n.
func fake(name string, n int, seconds ...float64) engine {
	calls := 0
	return engine{name: name, bytes: 1000, run: func(*text, int) (outcome, error) {
		calls++
		return outcome{seconds: seconds[(calls-1)%len(seconds)], matches: n, byPattern: []int{0, n}}, nil
	}}
}

func TestMeasure(t *testing.T) {
	text := &text{name: "logs", bytes: make([]byte, 800), ends: []int{10, 800, 801}}
	ps := []pattern{{"one", "1"}, {"two", "2"}}
	looks := fake("sluice", 2, 3e-6, 1e-6, 2e-6)
	looks.candidates = func(text []byte) int { return len(text) / 100 }
	rows, err := measure(context.Background(), text, []engine{
		looks,
		fake("sluice"+twoCores, 2, 1e-6),
		fake(vectorscan, 5, 8e-6),
		fake(hyperscanC, 5, 4e-6),
		fake(datafog, 7, 1e-6),
	}, 3, ps)
	if err != nil {
		t.Fatal(err)
	}
	sluice, two, vs := rows[0], rows[1], rows[2]
	if !near(sluice.GBps, 0.4) || !near(sluice.NsPerKiB, 2560) || sluice.Bytes != 800 {
		t.Errorf("median of 2 µs for 800 bytes: %+v", sluice)
	}
	if !near(sluice.Candidates, 10.24) || vs.Candidates != 0 {
		t.Errorf("%v and %v candidates for a KiB", sluice.Candidates, vs.Candidates)
	}
	if !near(sluice.Vectorscan, 4) || !near(two.OneCore, 2) || sluice.OneCore != 0 || vs.Vectorscan != 0 {
		t.Errorf("ratios are %v, %v, %v, %v", sluice.Vectorscan, two.OneCore, sluice.OneCore, vs.Vectorscan)
	}
	if sluice.Expected != 2 || vs.Expected != 5 || rows[4].Expected != -1 {
		t.Errorf("expected are %d, %d, %d", sluice.Expected, vs.Expected, rows[4].Expected)
	}
	if len(vs.ByPattern) != 1 || vs.ByPattern["two"] != 5 {
		t.Errorf("by pattern: %v", vs.ByPattern)
	}
}

func near(got, want float64) bool { return got > want*0.999 && got < want*1.001 }

func TestMeasureStops(t *testing.T) {
	ten := &text{bytes: make([]byte, 10)}
	slow := fake("slow", 0, enough+1, 1e-9, 1e-9)
	rows, err := measure(context.Background(), ten, []engine{slow}, 3, nil)
	if err != nil || !near(rows[0].GBps, 10/1e9/(enough+1)) {
		t.Errorf("an engine that takes too long is asked again: %+v, %v", rows, err)
	}
	broken := errors.New("broken")
	_, err = measure(context.Background(), ten, []engine{{run: func(*text, int) (outcome, error) { return outcome{}, broken }}}, 1, nil)
	if !errors.Is(err, broken) {
		t.Errorf("the error of an engine becomes %v", err)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := measure(done, ten, []engine{slow}, 1, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestCheck has a count that a second opinion confirms, and one it does not.
func TestCheck(t *testing.T) {
	text := &text{name: "x", bytes: []byte("1 22 333 1")}
	ps := []pattern{{"a", `\b[0-9]+\b`}, {"b", `2+`}}
	rows, err := checkRows(text, []engine{fake(vectorscan, 6, 1), fake(rureAlternation, 4, 1), fake(ripgrep, 4, 1)}, ps, 100)
	if err != nil || len(rows) != 2 {
		t.Fatalf("%+v, %v", rows, err)
	}
	if rows[0].Expected != 6 || rows[1].Expected != 4 {
		t.Errorf("counted by hand: %d ends, %d matches", rows[0].Expected, rows[1].Expected)
	}
}

func TestSlowest(t *testing.T) {
	set, err := compile(kernels()[0])
	if err != nil {
		t.Fatal(err)
	}
	worst := slowest(set, 5, 1<<10)
	if len(worst) != 5 {
		t.Fatalf("%d texts, want 5", len(worst))
	}
	names := make(map[string]bool)
	for _, k := range worst {
		names[k.name] = true
	}
	if len(names) != 5 {
		t.Errorf("some are the same: %v", names)
	}
}

func TestSmallRow(t *testing.T) {
	set, err := compile(kernels()[0])
	if err != nil {
		t.Fatal(err)
	}
	csv, _ := of("csv", "dense")(64 << 10)
	r := smallRow(set, csv, 512, 2)
	if r.NsPerCall <= 0 || r.GBps <= 0 || r.Allocs == nil || r.Matches == 0 {
		t.Errorf("%+v", r)
	}
}
