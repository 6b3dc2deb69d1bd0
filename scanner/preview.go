package scanner

const (
	maxPreview = 40 // characters
	maxShow    = 4  // letters and digits shown, whatever a rule asks for
)

// preview masks value: letters, digits, control and non-ASCII bytes become
// '*', spaces and punctuation stay. The last show letters and digits, at most
// four, stay too if the value has at least three times as many. A preview of
// more than 40 characters has '…' for its middle.
func preview(value []byte, show int) string {
	shown := showFrom(value, min(show, maxShow))
	b := make([]byte, 0, maxPreview+len("…"))
	if len(value) <= maxPreview {
		return string(appendMasked(b, value, 0, len(value), shown))
	}
	b = appendMasked(b, value, 0, maxPreview/2, shown)
	b = append(b, "…"...)
	return string(appendMasked(b, value, len(value)-maxPreview/2+1, len(value), shown))
}

// showFrom returns the index from which letters and digits of value are
// shown: that of the last but show-1, or len(value).
func showFrom(value []byte, show int) int {
	from, seen := len(value), 0
	for i := len(value) - 1; i >= 0 && seen < 3*show; i-- {
		if !isAlnum(value[i]) {
			continue
		}
		if seen++; seen == show {
			from = i
		}
	}
	if seen < 3*show {
		return len(value)
	}
	return from
}

// appendMasked appends value[start:end] to dst, letters and digits before
// index shown and all that is not printable ASCII as '*'.
func appendMasked(dst, value []byte, start, end, shown int) []byte {
	for i := start; i < end; i++ {
		c := value[i]
		if i < shown && isAlnum(c) || c < ' ' || c > '~' {
			c = '*'
		}
		dst = append(dst, c)
	}
	return dst
}

func isAlnum(c byte) bool { return c-'0' < 10 || c|0x20-'a' < 26 }
