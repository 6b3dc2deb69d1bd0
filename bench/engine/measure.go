package main

import (
	"context"
	"slices"
	"strings"
	"time"
)

// engine is one way to search.
type engine struct {
	name  string
	bytes int // how much of a text it gets
	run   func(t *text, bytes int) (outcome, error)

	// candidates is at how many places of text it looks closer; nil if it does
	// not tell.
	candidates func(text []byte) int
}

// outcome is what one run took and found.
type outcome struct {
	seconds   float64
	matches   int
	byPattern []int // matches of each pattern, if the engine tells
}

// timed makes the run of an engine out of a function that counts matches.
func timed(count func(text []byte) int) func(*text, int) (outcome, error) {
	return func(t *text, bytes int) (outcome, error) {
		begun := time.Now()
		n := count(t.bytes[:bytes])
		return outcome{seconds: time.Since(begun).Seconds(), matches: n}, nil
	}
}

// enough is how long an engine may take with a text before it is not asked for
// more rounds.
const enough = 8 // seconds

// measure runs the engines in turn, rounds times over, and returns a row for
// each with the median speed. With patterns, rows say how much each found where
// the engine tells.
func measure(ctx context.Context, t *text, engines []engine, rounds int, patterns []pattern) ([]row, error) {
	seconds := make([][]float64, len(engines))
	spent := make([]float64, len(engines))
	rows := make([]row, len(engines))
	for range rounds {
		for i, e := range engines {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if spent[i] > enough {
				continue
			}
			n := min(e.bytes, len(t.bytes))
			o, err := e.run(t, n)
			if err != nil {
				return nil, err
			}
			seconds[i] = append(seconds[i], o.seconds)
			spent[i] += o.seconds
			rows[i] = row{Corpus: t.name, Engine: e.name, Bytes: n, Matches: o.matches, Expected: -1, ByPattern: named(patterns, o.byPattern)}
		}
	}
	for i, e := range engines {
		if e.candidates != nil {
			n := rows[i].Bytes
			rows[i].Candidates = float64(e.candidates(t.bytes[:n])) / float64(n) * 1024
		}
		slices.Sort(seconds[i])
		rows[i].setSpeed(float64(rows[i].Bytes) / 1e9 / seconds[i][len(seconds[i])/2])
	}
	compare(rows, t)
	return rows, nil
}

// named gives the counts that are not zero the names of their patterns, if
// these are asked for.
func named(patterns []pattern, counts []int) map[string]int {
	if patterns == nil || counts == nil {
		return nil
	}
	m := make(map[string]int)
	for i, n := range counts {
		if n > 0 {
			m[patterns[i].name] = n
		}
	}
	return m
}

// agrees names pairs of engines that must find the same in the same bytes,
// though they are made by different people or run in different ways.
var agrees = map[string]string{
	rureOneByOne:      goOneByOne,
	rureAlternation:   ripgrep,
	ripgrep:           rureAlternation,
	vectorscan:        hyperscanC,
	hyperscanC:        vectorscan,
	vectorscanBinding: vectorscan,
}

// compare fills in what is expected and the ratios between rows.
func compare(rows []row, t *text) {
	byName := make(map[string]row)
	for _, r := range rows {
		byName[r.Engine] = r
	}
	for i := range rows {
		r := &rows[i]
		if other, ok := byName[agrees[r.Engine]]; ok && other.Bytes == r.Bytes {
			r.Expected = other.Matches
		}
		if !strings.HasPrefix(r.Engine, "sluice") {
			continue
		}
		if t.ends != nil {
			// The labels are of places, and a value cut off at the end is none.
			r.Expected, _ = slices.BinarySearch(t.ends, r.Bytes+1)
		}
		if v, ok := byName[vectorscan]; ok {
			r.Vectorscan = r.GBps / v.GBps
		}
		if one, ok := byName[strings.TrimSuffix(r.Engine, twoCores)]; ok && one.Engine != r.Engine {
			r.OneCore = r.GBps / one.GBps
		}
	}
}
