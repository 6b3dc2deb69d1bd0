package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// writeTable reads the rows of earlier output and writes them as Markdown.
func writeTable(in io.Reader, out io.Writer) error {
	fmt.Fprintln(out, "| strings | corpus | engine | GB/s | matches / expected |")
	fmt.Fprintln(out, "|---|---|---|--:|--:|")
	dec := json.NewDecoder(in)
	for {
		var r row
		if err := dec.Decode(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "| %s | %s | %s | %.2f | %d / %d |\n", r.Strings, r.Corpus, r.Engine, r.GBps, r.Matches, r.Expected); err != nil {
			return err
		}
	}
}
