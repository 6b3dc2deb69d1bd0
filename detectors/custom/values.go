package custom

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Macie's limits of allow lists.
const (
	maxEntries   = 100_000
	maxEntry     = 90 // characters
	maxAllowFile = 35 << 20
)

// ReadValues reads a text file of values, one in a line. Blanks around a value
// and empty lines do not count. The error names the line and does not show it.
func ReadValues(path string) ([]string, error) {
	data, err := readFile(path, maxAllowFile)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var values []string
	line := 0
	for l := range bytes.Lines(data) {
		line++
		v := bytes.TrimSpace(l)
		switch n := utf8.RuneCount(v); {
		case !utf8.Valid(v):
			return nil, fmt.Errorf("%s:%d: not in UTF-8", path, line)
		case bytes.ContainsFunc(v, unicode.IsControl):
			return nil, fmt.Errorf("%s:%d: a control character within a value; this is no text file with a value in each line", path, line)
		case n > maxEntry:
			return nil, fmt.Errorf("%s:%d: a value of %d characters; at most %d", path, line, n, maxEntry)
		case n == 0:
			continue
		case len(values) == maxEntries:
			return nil, fmt.Errorf("%s:%d: more than %d values", path, line, maxEntries)
		}
		values = append(values, string(v))
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("%s: no value in it", path)
	}
	return values, nil
}
