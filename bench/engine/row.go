package main

// row is one line of output: an engine on a text.
type row struct {
	Corpus   string  `json:"corpus"`
	Engine   string  `json:"engine"`
	GBps     float64 `json:"gbps,omitempty"` // median, GB = 1e9 bytes; none in a row that checks a count
	NsPerKiB float64 `json:"ns_per_kib,omitempty"`
	Bytes    int     `json:"bytes"` // searched in one go: slow engines get less
	Matches  int     `json:"matches"`
	Expected int     `json:"expected"` // -1: there is none

	Candidates float64 `json:"candidates_per_kib,omitempty"` // places that sluice looks at closer

	// Speed as a multiple of another row of the same corpus and run.
	Vectorscan float64 `json:"ratio_vectorscan,omitempty"`
	OneCore    float64 `json:"ratio_one_core,omitempty"`

	Density   *int           `json:"density_percent,omitempty"` // lines that are values
	NsPerCall float64        `json:"ns_per_call,omitempty"`
	Allocs    *float64       `json:"allocs_per_call,omitempty"`
	ByPattern map[string]int `json:"by_pattern,omitempty"` // matches
}

func (r *row) setSpeed(gbps float64) { r.GBps, r.NsPerKiB = gbps, 1024/gbps }
