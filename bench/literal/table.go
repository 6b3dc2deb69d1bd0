package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// writeTable reads the rows of earlier output and writes a table in Markdown
// for each list of strings: engines by corpora, in GB/s.
func writeTable(in io.Reader, out io.Writer) error {
	var lists, corpora, engines []string
	speed := make(map[[3]string]float64)
	dec := json.NewDecoder(in)
	for {
		var r row
		if err := dec.Decode(&r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if r.Matches != r.Expected {
			return fmt.Errorf("%s finds %d of %d %s in %s: a wrong answer is not a fast answer", r.Engine, r.Matches, r.Expected, r.Strings, r.Corpus)
		}
		lists, corpora, engines = addNew(lists, r.Strings), addNew(corpora, r.Corpus), addNew(engines, r.Engine)
		speed[[3]string{r.Strings, r.Engine, r.Corpus}] = r.GBps
	}
	for _, list := range lists {
		fmt.Fprintf(out, "| %s |", list)
		for _, c := range corpora {
			fmt.Fprintf(out, " %s |", c)
		}
		fmt.Fprint(out, "\n|---|")
		for range corpora {
			fmt.Fprint(out, "--:|")
		}
		fmt.Fprintln(out)
		for _, e := range engines {
			fmt.Fprintf(out, "| %s |", e)
			for _, c := range corpora {
				fmt.Fprintf(out, " %.2f |", speed[[3]string{list, e, c}])
			}
			fmt.Fprintln(out)
		}
		fmt.Fprintln(out)
	}
	return nil
}

func addNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
