// Package wording has what errors about words and files that people have written
// share.
package wording

// Distance is the Levenshtein distance of a and b, in bytes.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

// Shorten returns the beginning of a long text.
func Shorten(s string) string {
	const most = 40
	if rs := []rune(s); len(rs) > most {
		return string(rs[:most]) + "…"
	}
	return s
}

// Kind says what a value of YAML is, of which tag is the short tag.
func Kind(tag string) string {
	switch tag {
	case "!!map":
		return "an object"
	case "!!seq":
		return "a list"
	case "!!str":
		return "a text"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!null":
		return "nothing"
	}
	return "of another kind"
}
