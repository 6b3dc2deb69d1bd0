package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// tableMode is the first argument of this program when it turns its own output
// into the tables of bench/README.md.
const tableMode = "table"

// table reads rows of either measurement and writes them as Markdown.
func table(in io.Reader, out io.Writer) error {
	dec := json.NewDecoder(in)
	for first := true; ; {
		var line json.RawMessage
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var m machine
		var speed speedRow
		var memory memoryRow
		for _, row := range []any{&m, &speed, &memory} {
			if err := json.Unmarshal(line, row); err != nil {
				return err
			}
		}
		switch {
		case memory.Case != "":
			writeMemory(out, memory, first)
		case speed.Set != "":
			writeSpeed(out, speed, first)
		default:
			fmt.Fprintf(out, "%d × %s, %s of memory, %s, Linux %s, %s.\n\n", m.CPUs, m.CPU, m.Memory, m.OS, m.Kernel, m.Go)
			continue
		}
		first = false
	}
}

func writeSpeed(out io.Writer, r speedRow, head bool) {
	if head {
		fmt.Fprint(out, "| set | engine | seconds | MB/s stored | MB/s text | objects/s | ratio | peak MiB | findings / labels |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n")
	}
	found := ""
	if r.Findings != nil && r.Expected != nil {
		found = fmt.Sprintf("%d / %d", *r.Findings, *r.Expected)
	}
	fmt.Fprintf(out, "| %s | %s | %.2f | %.0f | %.0f | %.0f | %.2f | %.0f | %s |\n",
		r.Set, r.Engine, r.Seconds, r.MBps, r.TextMBps, r.PerSec, r.Ratio, r.PeakMiB, found)
}

func writeMemory(out io.Writer, r memoryRow, head bool) {
	if head {
		fmt.Fprint(out, "| case | peak MiB | seconds | objects | stored MB | text MB | rows | findings / labels |\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
	}
	fmt.Fprintf(out, "| %s | %.0f | %.1f | %d | %.0f | %.0f | %d | %d / %d |\n",
		r.Case, r.PeakMiB, r.Seconds, r.Objects, float64(r.Bytes)/1e6, float64(r.Text)/1e6, r.Rows, r.Findings, r.Expected)
}
