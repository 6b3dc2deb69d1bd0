package main

import (
	"regexp"
	"testing"
)

const patternsFromHere = "../patterns.txt"

func TestPatterns(t *testing.T) {
	ps, err := readPatterns(patternsFromHere)
	if err != nil {
		t.Fatal(err)
	}
	if len(ps) != 30 {
		t.Errorf("%d patterns, want 30", len(ps))
	}
	names := make(map[string]bool)
	for _, p := range ps {
		if names[p.name] {
			t.Errorf("two patterns are called %s", p.name)
		}
		names[p.name] = true
		if _, err := regexp.Compile(p.expr); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
	if _, err := regexp.Compile(alternation(ps)); err != nil {
		t.Errorf("one alternation: %v", err)
	}
	if _, err := readPatterns("nowhere"); err == nil {
		t.Error("a file that is not there is no error")
	}
}

// TestPatternsMatch sees that each pattern finds something in the corpora: one
// that never does would be measured for nothing. Some values are not planted.
func TestPatternsMatch(t *testing.T) {
	ps, err := readPatterns(patternsFromHere)
	if err != nil {
		t.Fatal(err)
	}
	samples := map[string]string{
		"ipv6":          "2001:db8:0:0:0:0:0:1",
		"date_of_birth": "born on 1990-01-02",
		"mac":           "00:00:5e:00:53:01",
		"vin":           "vin 1M8GDM9AXKP042788", // the example of 49 CFR 565
	}
	var text []byte
	for _, k := range textKinds() {
		text = append(text, k.text(512<<10).bytes...)
	}
	for _, p := range ps {
		re := regexp.MustCompile(p.expr)
		if sample, ok := samples[p.name]; ok && re.MatchString(sample) {
			continue
		}
		if !re.Match(text) {
			t.Errorf("%s matches nothing", p.name)
		}
	}
}
