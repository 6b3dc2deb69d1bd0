package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// sample is a run with a row of each kind.
func sample(t *testing.T) *results {
	t.Helper()
	zero, full, none := 0, 100, 0.0
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	lines := []any{
		header{Kernels: []string{"avx9", "portable"}, Peers: map[string]about{vectorscan: {Version: "5"}}, Missing: map[string]string{datafog: "is gone"}},
		row{Corpus: "logs", Engine: "floor: read", GBps: 40, NsPerKiB: 25, Bytes: 1 << 20, Expected: -1},
		row{Corpus: "logs", Engine: "sluice, avx9", GBps: 2.5, NsPerKiB: 410, Bytes: 1 << 20, Candidates: 7.5, Matches: 1234567, Expected: 1234567, Vectorscan: 12.5},
		row{Corpus: "logs", Engine: "sluice, avx9" + twoCores, GBps: 4.75, NsPerKiB: 205, Bytes: 1 << 20, OneCore: 1.9},
		row{Corpus: "logs", Engine: vectorscan, GBps: 0.2, NsPerKiB: 5120, Bytes: 1 << 20, Matches: 7, Expected: -1},
		row{Corpus: "logs", Engine: check + vectorscan, Bytes: 1 << 18, Matches: 7, Expected: 7},
		row{Corpus: small + "128 bytes", Engine: "sluice", GBps: 1, NsPerCall: 128, Bytes: 128, Allocs: &none},
		row{Corpus: bad + "<&>", Engine: "sluice", GBps: 0.00075, Bytes: 1 << 20, Expected: -1},
		row{Corpus: bad + "NULs", Engine: "sluice", GBps: 0.0004, Bytes: compared, Vectorscan: 0.5, Expected: -1},
		row{Corpus: bad + "NULs", Engine: vectorscan, GBps: 0.0008, Bytes: compared, Expected: -1},
		row{Corpus: density + "cards", Engine: "sluice", GBps: 3, Bytes: compared, Density: &zero},
		row{Corpus: density + "cards", Engine: "sluice", GBps: 1, Bytes: compared, Density: &full},
	}
	for _, l := range lines {
		if err := enc.Encode(l); err != nil {
			t.Fatal(err)
		}
	}
	r, err := readResults(&out)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPage(t *testing.T) {
	var out strings.Builder
	if err := writePage(&out, sample(t)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| vectorscan | 5 |", "| datafog, regex | not there: is gone |",
		"| logs | 2.5 | 12 |  |  | 4.8 | 1.9 | 0.20 |  |  |",
		"| logs | sluice, avx9 | 2.5 | 410 | 7.5 | 12 | 1 MiB | 1,234,567 | 1,234,567 |",
		"| logs | vectorscan | 256 KiB | 7 | 7 |",
		"| 128 bytes | 128 | 1.0 | 0 |",
		"| NULs |  | 0.00040 | 0.50 |\n| <&> | 0.00075 |  |  |", // the slowest first
		"| cards | 3.0 | 1.0 |",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no line %q", want)
		}
	}
	if strings.Contains(out.String(), "NaN") || strings.Contains(out.String(), "Inf") {
		t.Error("a number is none")
	}
}

func TestPlots(t *testing.T) {
	for name, draw := range map[string]func(io.Writer, *results) error{"corpora": plotCorpora, "bad": plotBad} {
		var out strings.Builder
		if err := draw(&out, sample(t)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "NaN") || strings.Contains(out.String(), "Inf") {
			t.Errorf("%s: a number is none", name)
		}
		words, shapes := svg(t, out.String())
		for _, want := range map[string][]string{"corpora": {"logs", "sluice, avx9", "vectorscan", "2.5"}, "bad": {"<&>", "NULs", "cards", "16 MiB"}}[name] {
			if !strings.Contains(words, "\n"+want+"\n") {
				t.Errorf("%s: nothing says %s", name, want)
			}
		}
		if want := map[string]string{"corpora": "rect", "bad": "circle"}[name]; shapes[want] < 3 {
			t.Errorf("%s: %d of %s", name, shapes[want], want)
		}
	}
}

// svg parses an image and returns its words, a line each, and how many
// elements of each name it has.
func svg(t *testing.T, image string) (words string, elements map[string]int) {
	t.Helper()
	elements = make(map[string]int)
	words = "\n"
	dec := xml.NewDecoder(strings.NewReader(image))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return words, elements
		} else if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			elements[x.Name.Local]++
		case xml.CharData:
			words += string(x) + "\n"
		}
	}
}

func TestReadResults(t *testing.T) {
	for _, text := range []string{"", "{", `{"machine":{}}` + "\n{", `{"machine":{}}` + "\n" + `{"gbps":"fast"}`} {
		if _, err := readResults(strings.NewReader(text)); err == nil {
			t.Errorf("%q is read without an error", text)
		}
	}
	if err := publish(strings.NewReader(`{"machine":{}}`)); err == nil {
		t.Error("a page is made of nothing")
	}
}

func TestNumbers(t *testing.T) {
	for f, want := range map[float64]string{0: "", 0.000123: "0.00012", 0.05: "0.050", 0.5: "0.50", 1.25: "1.2", 12.4: "12", 999: "999", 1234.5: "1,235", 1e7: "10,000,000"} {
		if got := short(f); got != want {
			t.Errorf("%v is %q, want %q", f, got, want)
		}
	}
	for n, want := range map[int]string{-1: "", 0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := count(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int]string{128: "128 B", 8 << 10: "8 KiB", 64 << 20: "64 MiB"} {
		if got := size(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
}
