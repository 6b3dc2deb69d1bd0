package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// bench is one run of the program.
type bench struct {
	config
	enc      *json.Encoder // where rows go
	dir      string        // for files, in memory
	cores    []int         // that this process may use
	patterns []pattern
	peers    *peers
}

// home is the core that everything is bound to.
func (b *bench) home() int { return b.cores[len(b.cores)-1] }

// write writes rows as lines.
func (b *bench) write(rows []row) error {
	for _, r := range rows {
		if err := b.enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// header is the first line of output.
type header struct {
	Machine machine           `json:"machine"`
	Core    int               `json:"core"`
	Kernels []string          `json:"kernels"`
	Peers   map[string]about  `json:"peers"`
	Missing map[string]string `json:"missing,omitempty"` // peers, and why
}

// header says what is measured where, and on standard error what is not there.
func (b *bench) header() header {
	for name, why := range b.peers.missing {
		fmt.Fprintf(os.Stderr, "engine: without %s: %s; build/bench-peers installs it\n", name, why)
	}
	return header{thisMachine(), b.home(), kernels(), b.peers.about, b.peers.missing}
}
