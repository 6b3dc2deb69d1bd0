package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// writeTable reads the rows of earlier output and writes them as Markdown.
func writeTable(in io.Reader, out io.Writer) error {
	fmt.Fprintln(out, "| corpus | engine | MB/s | × go regexp | of the read floor | matches / expected |")
	fmt.Fprintln(out, "|---|---|--:|--:|--:|--:|")
	dec := json.NewDecoder(in)
	for {
		var r row
		if err := dec.Decode(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		matches := fmt.Sprint(r.Matches)
		if r.Expected >= 0 {
			matches += fmt.Sprintf(" / %d", r.Expected)
		}
		if r.Matches == 0 && r.Expected <= 0 {
			matches = ""
		}
		if _, err := fmt.Fprintf(out, "| %s | %s | %s | %s | %s %% | %s |\n", r.Corpus, r.Engine, short(r.MBps), short(r.Regexp), short(100*r.Floor), matches); err != nil {
			return err
		}
	}
}

// short writes f with two digits or more, and without an exponent.
func short(f float64) string {
	switch {
	case f >= 10:
		return fmt.Sprintf("%.0f", f)
	case f >= 1:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.2g", f)
}
