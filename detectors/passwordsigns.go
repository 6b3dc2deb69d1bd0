package detectors

import "bytes"

// furtherSign is assignment for what stands between a name and its value in
// more places than one: w[i] is what follows the name and blanks, name is where
// the name ends with its closing quote, if it is quoted.
func furtherSign(w []byte, at, name, i int, quoted bool) (int, sign) {
	if i >= len(w) {
		return 0, noSign
	}
	switch c := w[i]; {
	case c == ':' && !quoted:
		if open := openingBrace(w, at); open && i == name { // ${NAME:-VALUE}, ${NAME:VALUE}
			if e := after(w, i, ":-"); e > 0 {
				return e, defaultSign
			}
			return i + 1, defaultSign
		}
		return typedSign(w, i)
	case c == '|' || c == '?': // process.env.NAME || "VALUE"
		if e := max(after(w, i, "||"), after(w, i, "??")); e > 0 {
			return skipBlanks(w, e), valueSign
		}
	case c == ',' && quoted:
		return listedSign(w, at, i)
	case c == '\n' || c == '\r' || c == '\\':
		return nextLineSign(w, at, i)
	case !quoted && i > name && (c == '\'' || c == '"') && bytes.IndexByte(w[i+1:min(len(w), i+2)], ' ') < 0:
		return i, quotedSign // PASSWORD 'VALUE'
	}
	return 0, noSign
}

// openingBrace reports whether the name with the word at w[at] stands behind "${".
func openingBrace(w []byte, at int) bool {
	i := at
	for i > 0 && at-i < 40 && zoneByte.has(w[i-1]) {
		i--
	}
	return i > 1 && w[i-1] == '{' && w[i-2] == '$'
}

// typedSign reads the type behind the colon at w[i] that a declaration has:
// password: string = "VALUE".
func typedSign(w []byte, i int) (int, sign) {
	const longest = 24
	j := skipBlanks(w, i+1)
	e := runEnd(w, j, longest, wordByte)
	if e == j {
		return 0, noSign
	}
	if e < len(w) && w[e] == '?' {
		e++
	}
	e = skipBlanks(w, e)
	if e+1 >= len(w) || w[e] != '=' || w[e+1] == '=' || w[e+1] == '>' {
		return 0, noSign
	}
	return skipBlanks(w, e+1), valueSign
}

// listedSign reads the comma at w[i] that separates the name from its value: the
// arguments of a call, getenv("NAME", "VALUE"), of which the name is the first, or
// members, "name": "NAME", "value": "VALUE".
func listedSign(w []byte, at, i int) (int, sign) {
	next := i + 1
	for next < len(w) && next-i < widestAlignment && isBlank(w[next]) {
		next++
	}
	for _, member := range [...]string{`"value"`, `'value'`, `"Value"`} {
		if e := after(w, next, member); e > 0 {
			if e = after(w, skipBlanks(w, e), ":"); e > 0 {
				return skipBlanks(w, e), valueSign
			}
			return 0, noSign
		}
	}
	quote := at
	for quote > 0 && at-quote < 40 && zoneByte.has(w[quote-1]) {
		quote--
	}
	if quote > 1 && (w[quote-1] == '"' || w[quote-1] == '\'') && w[quote-2] == '(' {
		return next, argumentSign
	}
	return 0, noSign
}

// nextLineSign reads the line behind w[i] that has the value of a variable of
// which "name:" stands before the name at w[at]: the environment of a container.
func nextLineSign(w []byte, at, i int) (int, sign) {
	before := at
	for before > 0 && at-before < 40 && (zoneByte.has(w[before-1]) || w[before-1] == '"' || w[before-1] == '\'') {
		before--
	}
	for before > 0 && at-before < 48 && w[before-1] == ' ' {
		before--
	}
	if before < len("name:") || !hasFolded(w[before-len("name:"):], "name:") {
		return 0, noSign
	}
	j := i
	for j < len(w) && j-i < 2*widestAlignment && isBlank(w[j]) {
		j++
	}
	if e := after(w, j, "value:"); e > 0 {
		return skipBlanks(w, e), plainSign
	}
	return 0, noSign
}

// endsArgument reports whether the string that ends at w[i] is the last argument
// of a call.
func endsArgument(w []byte, i int) bool {
	i = skipBlanks(w, i+1)
	return i < len(w) && w[i] == ')'
}

// readDefault reads the value at w[i] up to the brace that closes it.
func readDefault(w []byte, i int, v secretValue) secretValue {
	v.start, v.end = i, i
	for v.end < len(w) && v.end-i <= maxHuman && w[v.end] > ' ' && w[v.end] != '}' && w[v.end] != '$' && w[v.end] != '{' {
		v.end++
	}
	if v.end == i || v.end == len(w) || w[v.end] != '}' {
		v.start = -1
	}
	return v
}

// isLogin reports whether the word at w[at] is the name of the password in an
// entry of a .netrc: "login" and a user stand before it.
func isLogin(w []byte, at int) bool {
	i := at
	for range 2 { // the blank before the user, and the one behind login
		for i > 0 && at-i < Reach && (w[i-1] == ' ' || w[i-1] == '\t' || w[i-1] == '\n') {
			i--
		}
		word := i
		for i > 0 && at-i < Reach && w[i-1] > ' ' {
			i--
		}
		if string(w[i:word]) == "login" {
			return true
		}
	}
	return false
}

// isVariable reports whether the value at w[i] is that of a variable of the
// environment, of which the name has its last word at w[at]: capital letters, an
// equals sign without blanks, and nothing else in the line.
func isVariable(w []byte, at, i int) bool {
	const name = upperByte | digitByte | underscoreByte
	if w[i-1] != '=' || !isUpper(w[at]) || runEnd(w, at, i-at, name) != i-1 {
		return false
	}
	start := at
	for start > 0 && at-start < 40 && name.has(w[start-1]) {
		start--
	}
	for _, command := range [...]string{"export ", "ENV ", "-e "} {
		if p := start - len(command); p >= 0 && after(w, p, command) > 0 {
			start = p
			break
		}
	}
	for start > 0 && at-start < Reach && (w[start-1] == ' ' || w[start-1] == '\t') {
		start--
	}
	if start > 0 && w[start-1] != '\n' && w[start-1] != '\r' {
		return false
	}
	end := i
	for end < len(w) && end-i <= maxHuman && w[end] > ' ' {
		end++
	}
	return end == len(w) || w[end] == '\n' || w[end] == '\r'
}
