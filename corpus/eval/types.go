// Package eval scores detectors on labelled sets written by others: one JSON
// object a line, of which README.md beside the sets describes the fields. It
// knows nothing of detectors; findings are given to it.
package eval

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
)

// types.json maps identifier ids to types of the common vocabulary: a string,
// or a list of them, the most exact first. In a list are also types that the
// identifier is one of several kinds of: US_TIN is an SSN, an ITIN or an
// employer's number.
//
//go:embed types.json
var typesFile []byte

var types = sync.OnceValue(func() map[string]list {
	var m map[string]list
	if err := json.Unmarshal(typesFile, &m); err != nil {
		panic("eval: types.json: " + err.Error()) // embedded, and tested
	}
	return m
})

// list is a JSON list of strings, of which a single one may stand alone.
type list []string

func (l *list) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*l = make(list, 1)
		return json.Unmarshal(b, &(*l)[0])
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// Types returns the common types of an identifier id, the most exact first;
// none for an id that is not known.
func Types(id string) []string { return slices.Clone(types()[id]) }

// Type returns the most exact common type of an identifier id, or "".
func Type(id string) string {
	if l := types()[id]; len(l) > 0 {
		return l[0]
	}
	return ""
}

// Fits reports whether value, which an identifier of the type finds well formed, may be
// of the type: there are identifiers for the addresses of either version of IP.
func Fits(typ string, value []byte) bool {
	switch {
	case strings.EqualFold(typ, "IPV4"):
		return bytes.IndexByte(value, ':') < 0
	case strings.EqualFold(typ, "IPV6"): // RFC 4291 has no zones
		return bytes.IndexByte(value, ':') >= 0 && bytes.IndexByte(value, '%') < 0
	}
	return true
}

// IDs yields the identifier ids that have types, in no order.
func IDs() iter.Seq[string] { return maps.Keys(types()) }
