package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// page is Markdown being written.
type page struct{ strings.Builder }

func (p *page) printf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

// table writes the head of a table. The first left columns hold words, the
// others numbers.
func (p *page) table(left int, columns ...string) {
	p.printf("\n")
	p.row(columns...)
	p.printf("|%s%s\n", strings.Repeat("---|", left), strings.Repeat("--:|", len(columns)-left))
}

func (p *page) row(cells ...string) { p.printf("| %s |\n", strings.Join(cells, " | ")) }

// writePage writes bench/engine.md.
func writePage(w io.Writer, r *results) error {
	p := new(page)
	p.printf("# The engine's speed\n\nMade by `go run ./bench/engine -table` from [results](results/engine.jsonl); " +
		"what the rows are is said in [README.md](README.md#the-engine). GB/s are 10⁹ bytes a second.\n")
	p.machine(r.header)
	p.summary(r.speeds(), r.header.Kernels)
	p.corpora(r.speeds())
	p.checks(where(r.rows, isCheck))
	p.small(where(r.rows, isSmall))
	p.bad(where(r.rows, isBad, not(isDensity)))
	p.density(where(r.rows, isDensity))
	_, err := io.WriteString(w, p.String())
	return err
}

func (p *page) machine(h header) {
	m := h.Machine
	p.printf("\n%d × %s, %s of memory, %s, Linux %s, %s; bound to core %d. Load average at the start: %s.\n", m.CPUs, m.CPU, m.Memory, m.OS, m.Kernel, m.Go, h.Core, cmp.Or(m.Load, "unknown"))
	p.table(2, "beside sluice", "version")
	for _, name := range slices.Sorted(maps.Keys(h.Peers)) {
		p.row(name, h.Peers[name].String())
	}
	for _, name := range slices.Sorted(maps.Keys(h.Missing)) {
		p.row(name, "not there: "+h.Missing[name])
	}
}

// summary compares sluice with what one would take in its place.
func (p *page) summary(rows []row, kernels []string) {
	p.printf("\n## In short\n\n× is the multiple of Vectorscan in the same run.\n")
	columns := []string{"corpus, GB/s"}
	for _, k := range kernels {
		columns = append(columns, rowName(k), "×")
	}
	p.table(1, append(columns, "two cores", "× one core", "Vectorscan", "Hyperscan", "rure, one alternation")...)
	for _, c := range corporaOf(rows) {
		all := where(rows, onCorpus(c))
		speed := func(engine string) string { return short(first(where(all, ofEngine(engine))).GBps) }
		cells := []string{c}
		for _, k := range kernels {
			r := first(where(all, ofEngine(rowName(k))))
			cells = append(cells, short(r.GBps), short(r.Vectorscan))
		}
		two := first(where(all, ofEngine(rowName(kernels[0])+twoCores)))
		p.row(append(cells, short(two.GBps), short(two.OneCore), speed(vectorscan), speed(hyperscanC), speed(rureAlternation))...)
	}
	p.printf("\n![Speed of each engine on each corpus](engine.svg)\n\n## By corpus\n")
}

func (p *page) corpora(rows []row) {
	p.table(2, "corpus", "engine", "GB/s", "ns/KiB", "candidates/KiB", "× Vectorscan", "text", "matches", "expected")
	for _, r := range rows {
		p.row(r.Corpus, r.Engine, short(r.GBps), short(r.NsPerKiB), short(r.Candidates), short(r.Vectorscan), size(r.Bytes), count(r.Matches), count(r.Expected))
	}
}

func (p *page) checks(rows []row) {
	p.printf("\n## Second opinions\n\nWhat else should find as many in the first bytes of a corpus.\n")
	p.table(2, "corpus", "engine", "text", "matches", "expected")
	for _, r := range rows {
		p.row(r.Corpus, strings.TrimPrefix(r.Engine, check), size(r.Bytes), count(r.Matches), count(r.Expected))
	}
}

func (p *page) small(rows []row) {
	p.printf("\n## Small input\n\nOne call for each piece of `mixed`, no piece twice in a row.\n")
	p.table(1, "piece", "ns a call", "GB/s", "allocations a call")
	for _, r := range rows {
		p.row(strings.TrimPrefix(r.Corpus, small), short(r.NsPerCall), short(r.GBps), fmt.Sprintf("%.2g", *r.Allocs))
	}
}

// bad has a line for each input.
func (p *page) bad(rows []row) {
	p.printf("\n## Bad input\n\nsluice's GB/s by size, the slowest first; the same at all sizes is linear. *found*, *near misses* and *other digits* are " +
		"the slowest texts made of a rule's examples.\n\n![Speed on bad input](engine-bad.svg)\n")
	sizes := sizesOf(rows)
	columns := []string{"input"}
	for _, n := range sizes {
		columns = append(columns, size(n))
	}
	p.table(1, append(columns, "× Vectorscan")...)
	for _, c := range bySpeed(rows) {
		cells := []string{strings.TrimPrefix(c, bad)}
		for _, n := range sizes {
			cells = append(cells, short(first(where(rows, onCorpus(c), isSluice, ofSize(n))).GBps))
		}
		p.row(append(cells, short(first(where(rows, onCorpus(c), isSluice, ofSize(compared))).Vectorscan))...)
	}
}

// bySpeed are the corpora of rows, the slowest for sluice first.
func bySpeed(rows []row) []string {
	slowest := make(map[string]float64)
	for _, r := range where(rows, isSluice) {
		if v, ok := slowest[r.Corpus]; !ok || r.GBps < v {
			slowest[r.Corpus] = r.GBps
		}
	}
	names := corporaOf(rows)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(slowest[a], slowest[b]) })
	return names
}

// density has a line for each kind of value.
func (p *page) density(rows []row) {
	p.printf("\n## Density\n\nsluice's GB/s where so many lines of a hundred are values and the others words.\n")
	var columns []string
	for _, r := range where(rows, onCorpus(first(rows).Corpus)) {
		columns = append(columns, fmt.Sprintf("%d %%", *r.Density))
	}
	p.table(1, append([]string{"value"}, columns...)...)
	for _, c := range corporaOf(rows) {
		cells := []string{strings.TrimPrefix(c, density)}
		for _, r := range where(rows, onCorpus(c)) {
			cells = append(cells, short(r.GBps))
		}
		p.row(cells...)
	}
}

// sizesOf are the sizes of text in rows, rising.
func sizesOf(rows []row) []int {
	var sizes []int
	for _, r := range rows {
		sizes = append(sizes, r.Bytes)
	}
	slices.Sort(sizes)
	return slices.Compact(sizes)
}

// short writes f with two digits or more and without an exponent; nothing if
// there is nothing to say.
func short(f float64) string {
	switch {
	case f == 0:
		return ""
	case f >= 1000:
		return grouped(int(f + 0.5))
	case f >= 10:
		return fmt.Sprintf("%.0f", f)
	case f >= 1:
		return fmt.Sprintf("%.1f", f)
	}
	// "%.2g" has an exponent below 0.0001.
	digits := 2
	for g := f; g < 0.1; g *= 10 {
		digits++
	}
	return fmt.Sprintf("%.*f", digits, f)
}

// count writes a number of matches; there is none below zero.
func count(n int) string {
	if n < 0 {
		return ""
	}
	return grouped(n)
}

// grouped writes n with a comma before each three digits.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// size writes a number of bytes.
func size(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
