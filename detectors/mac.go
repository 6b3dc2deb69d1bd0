package detectors

const maxMAC = 17

// matchMAC measures the address that starts at at.
func matchMAC(w []byte, at int) (start, end int, ok bool) {
	width, groups := 2, 6
	if at+4 < len(w) && w[at+4] == '.' {
		width, groups = 4, 3
	}
	end = at + groups*(width+1) - 1
	if end > len(w) {
		return 0, 0, false
	}
	sep := w[at+width]
	if sep != ':' && sep != '-' && sep != '.' || !hexGroups(w[at:end], width, sep) || at > 0 && joins(w[at-1], sep) && !afterEscape(w, at) ||
		end < len(w) && joins(w[end], sep) && (isWord(w[end]) || end+1 < len(w) && isWord(w[end+1])) {
		return 0, 0, false
	}
	if sep == '.' && at > 0 && w[at-1] == '*' {
		return 0, 0, false // a weight in a table of collation elements
	}
	return at, end, plausibleMAC(w[at:end], sep == '.')
}

// joins reports whether c beside an address with separator sep makes it part
// of something longer.
func joins(c, sep byte) bool { return isWord(c) || c == sep || c == '-' && sep != ':' }

// hexGroups reports whether v is groups of width hexadecimal digits with sep
// between them.
func hexGroups(v []byte, width int, sep byte) bool {
	others := 0 // bytes that are out of place, counted without a branch
	for len(v) > width {
		if v[width] != sep {
			others++
		}
		others += notHex(v[:width])
		v = v[width+1:]
	}
	return len(v) == width && others+notHex(v) == 0
}

// notHex is how many bytes of v are no hexadecimal digits.
func notHex(v []byte) (n int) {
	for _, c := range v {
		if !isHex(c) {
			n++
		}
	}
	return n
}

// plausibleMAC reports whether v is neither zeros nor ones only and, where it
// must have one, has a letter.
func plausibleMAC(v []byte, letter bool) bool {
	zeros, ones, letters := true, true, false
	for _, c := range v {
		if isHex(c) {
			zeros = zeros && c == '0'
			ones = ones && c|0x20 == 'f'
			letters = letters || isLetter(c)
			if !zeros && !ones && (letters || !letter) {
				return true
			}
		}
	}
	return false
}

// isMAC reports whether the whole of v is an EUI-48 or EUI-64.
func isMAC(v []byte) bool {
	switch len(v) {
	case 12, 16:
		return hexRun(v)
	case 17, 23:
		return hexGroups(v, 2, v[2]) && (v[2] == ':' || v[2] == '-' || v[2] == ' ')
	case 14, 19:
		return hexGroups(v, 4, '.')
	}
	return false
}
