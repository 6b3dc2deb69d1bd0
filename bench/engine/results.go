package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// results is the output of a run, read again.
type results struct {
	header header
	rows   []row
}

func readResults(in io.Reader) (*results, error) {
	var r results
	dec := json.NewDecoder(in)
	if err := dec.Decode(&r.header); err != nil {
		return nil, fmt.Errorf("first line of the results: %w", err)
	}
	for {
		var next row
		if err := dec.Decode(&next); errors.Is(err, io.EOF) {
			return &r, nil
		} else if err != nil {
			return nil, fmt.Errorf("row %d of the results: %w", len(r.rows)+1, err)
		}
		r.rows = append(r.rows, next)
	}
}

// publish turns results into the page and the plots of bench/.
func publish(in io.Reader) error {
	r, err := readResults(in)
	if err != nil {
		return err
	}
	if len(r.header.Kernels) == 0 || len(r.speeds()) == 0 || len(where(r.rows, isDensity)) == 0 {
		return errors.New("these are the results of a part; the page needs all")
	}
	for path, write := range map[string]func(io.Writer, *results) error{
		"bench/engine.md":      writePage,
		"bench/engine.svg":     plotCorpora,
		"bench/engine-bad.svg": plotBad,
	} {
		var text strings.Builder
		if err := write(&text, r); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// where returns the rows for which all of keep are true.
func where(rows []row, keep ...func(row) bool) []row {
	var some []row
	for _, r := range rows {
		if !slices.ContainsFunc(keep, func(k func(row) bool) bool { return !k(r) }) {
			some = append(some, r)
		}
	}
	return some
}

func not(f func(row) bool) func(row) bool { return func(r row) bool { return !f(r) } }

func isBad(r row) bool    { return strings.HasPrefix(r.Corpus, bad) }
func isSmall(r row) bool  { return strings.HasPrefix(r.Corpus, small) }
func isCheck(r row) bool  { return strings.HasPrefix(r.Engine, check) }
func isSluice(r row) bool { return strings.HasPrefix(r.Engine, "sluice") }

func isDensity(r row) bool { return r.Density != nil }

func onCorpus(name string) func(row) bool { return func(r row) bool { return r.Corpus == name } }

func ofSize(bytes int) func(row) bool { return func(r row) bool { return r.Bytes == bytes } }

func ofEngine(name string) func(row) bool { return func(r row) bool { return r.Engine == name } }

// speeds are the rows of corpora that have a speed.
func (r *results) speeds() []row { return where(r.rows, not(isBad), not(isSmall), not(isCheck)) }

// first returns the first of rows, and a row of zeros if there is none.
func first(rows []row) row {
	if len(rows) == 0 {
		return row{}
	}
	return rows[0]
}

// corporaOf are the corpora of rows, in their order.
func corporaOf(rows []row) []string {
	var names []string
	for _, r := range rows {
		if !slices.Contains(names, r.Corpus) {
			names = append(names, r.Corpus)
		}
	}
	return names
}
