package detectors

import (
	"bytes"
	"slices"
)

// isSecret reports whether v, the value of a name of that kind, may be a secret.
func (v secretValue) isSecret(w []byte, kind secretKind) bool {
	value := w[v.start:v.end]
	if len(value) < leastHuman || isTemplate(value) || hasBlanks(value) || saysStandIn(value) && !hasStrongMix(value) {
		return false
	}
	t := traitsOf(value)
	if kind == drawnSecret {
		return v.isDrawn(value, t)
	}
	return v.isHuman(value, t)
}

// hasBlanks reports whether v has a blank or a control character.
func hasBlanks(v []byte) bool {
	return slices.ContainsFunc(v, func(c byte) bool { return c <= ' ' || c == 0x7f })
}

// isTemplate reports whether something else will stand in place of v, or v is an
// expression.
func isTemplate(v []byte) bool {
	switch v[0] {
	case '$', '{', '<', '(', '[', '&':
		return true
	case '%':
		return len(v) < 2 || isLetter(v[1]) || v[1] == '(' || v[1] == '{' || v[1] == '%' || v[len(v)-1] == '%'
	case '*':
		return allEqual(v) || v[1] == '*'
	case '!': // a tag of YAML: !vault
		return allOf(v[1:], wordByte|dashByte)
	}
	if allEqual(v) {
		return true
	}
	for i, c := range v[:len(v)-1] {
		next := v[i+1]
		switch {
		case c == '$' && (next == '{' || next == '('), c == '{' && next == '{', c == '}' && next == '}', c == '<' && next == '%', c == '#' && next == '{':
			return true
		case c == '%' && (next == 's' || next == 'd' || next == 'v' || next == 'q' || next == '@') && (i+2 == len(v) || !isAlnum(v[i+2])):
			return true
		case c == ':' && next == '/' && i+2 < len(v) && v[i+2] == '/':
			return true // a URL
		}
	}
	return false
}

// traits are what a value is made of.
type traits struct {
	digits, lower, upper int
	marks                int // others than '_', '-', '.' and '/', of ASCII
	joiners              int // those
	beyond               int // bytes beyond ASCII
	groups               int // of digits
	longest              int // run of small letters
	trailing             int // digits at the end
	hex                  bool
}

func traitsOf(v []byte) traits {
	t := traits{hex: true}
	var run, last int
	for _, c := range v {
		is := classesOf[c]
		digit, lower, upper, beyond := is.one(digitByte), is.one(lowerByte), is.one(upperByte), int(c>>7)
		joiner := is.one(underscoreByte) | is.one(dashByte) | is.one(dotByte) | is.one(slashByte)
		t.digits += digit
		t.groups += digit &^ last
		t.trailing = (t.trailing + 1) & -digit
		t.lower += lower
		t.upper += upper
		t.joiners += joiner
		t.beyond += beyond
		t.marks += 1 - (digit | lower | upper | joiner | beyond)
		run = (run + 1) & -lower
		t.longest = max(t.longest, run)
		if is&hexByte == 0 {
			t.hex = false
		}
		last = digit
	}
	return t
}

func (t traits) letters() int { return t.lower + t.upper }

// hasStrongMix reports whether v has small and capital letters, digits and
// marks: nobody writes a stand-in so.
func hasStrongMix(v []byte) bool {
	t := traitsOf(v)
	return t.lower > 0 && t.upper > 0 && t.digits > 0 && t.marks > 0 && len(v) >= 10
}

// isDrawn reports whether value may be a secret that a machine drew.
func (v secretValue) isDrawn(value []byte, t traits) bool {
	if len(value) < leastSecret || t.beyond > 0 || t.digits == 0 || t.letters() == 0 || v.sign == proseSign {
		return false
	}
	for _, c := range value {
		if !(armouredByte | urlSafeByte | dotByte).has(c) && bytes.IndexByte([]byte("~:|!@#$%^*?&+"), c) < 0 {
			return false
		}
	}
	if value[0] == '/' || value[0] == '.' || value[0] == '-' || value[0] == '#' || value[0] == '@' || value[0] == ':' {
		return false
	}
	if n := bytes.IndexByte(value, ':'); n > 0 && (allOf(value[:n], letterByte|dashByte) || bytes.Count(value, []byte(":")) > 1) {
		return false // of a scheme, an address
	}
	if bytes.Contains(value, []byte("%20")) || !v.quoted && isMember(value) || bytes.HasSuffix(value, []byte("..")) {
		return false
	}
	return isOpaque(value) && !looksNamed(value, t)
}

// isMember reports whether value is names of source code with dots between them:
// ed25519.PrivateKey.
func isMember(value []byte) bool {
	dots := 0
	for i, c := range value {
		switch {
		case c == '.':
			dots++
		case !isWord(c), (i == 0 || value[i-1] == '.') && isDigit(c):
			return false
		}
	}
	return dots > 0
}

// looksNamed reports whether value is made of words and numbers with joiners
// between them, as names, versions and paths are.
func looksNamed(value []byte, t traits) bool {
	if t.joiners == 0 || t.hex {
		return false
	}
	parts, random := 0, 0
	for len(value) > 0 {
		n := bytes.IndexAny(value, "_-./:")
		part := value
		if n >= 0 {
			part, value = value[:n], value[n+1:]
		} else {
			value = nil
		}
		if len(part) == 0 {
			continue
		}
		parts++
		p := traitsOf(part)
		if p.digits > 0 && p.letters() > 0 && (p.groups > 1 || p.lower > 0 && p.upper > 0 && p.longest < 4 || p.hex) && len(part) >= 4 || len(part) >= 16 && p.longest < 6 {
			random++
		}
	}
	return random*3 < parts
}

// isHuman reports whether value may be a password.
func (v secretValue) isHuman(value []byte, t traits) bool {
	switch {
	case len(value) > maxHuman, isStandIn(nil, value), counted(value), isPasswordHash(value, t):
		return false
	case t.digits == 0 && t.marks == 0:
		return false // a word
	case t.letters()+t.beyond == 0 && (t.marks == 0 && !v.quoted || t.digits == 0 || t.joiners > 0):
		return false // a number, a version, or marks
	case t.beyond > 0 && t.digits == 0:
		return false // a word of another language
	case v.sign == argumentSign && (t.digits == 0 || t.marks == 0 && (t.upper == 0 || t.lower == 0)):
		return false // a name
	}
	switch first, last := value[0], value[len(value)-1]; {
	case last == ':' || last == '(' || last == '=', first == ':' || first == '=' || first == ')' || first == '|':
		return false // a label, a parameter
	case first == '#' || first == '.' || first == '@' || first == '-' || first == '/' || first == '~':
		if t.marks < 2 && !(t.upper > 0 && t.lower > 0 && t.digits > 0) {
			return false // a selector, a path, an option
		}
	}
	if bytes.IndexByte(value, '/') >= 0 && t.marks == 0 && t.joiners*4 >= len(value)-t.digits {
		return false // a path
	}
	if v.quoted {
		return v.isQuotedPassword(value, t)
	}
	return v.isBarePassword(value, t)
}

// isQuotedPassword judges a value in quotes: a message or a label is none.
func (v secretValue) isQuotedPassword(value []byte, t traits) bool {
	if t.digits == 0 { // marks amid letters: "rock&roll!", and "Password?", "user:name"
		return len(value) >= 8 && t.marks-trailingMarks(value) > 0 && !bytes.ContainsAny(value, ":=,;()<>[]{}|") && t.letters() > 0 && t.longest < 9
	}
	if v.element && t.marks == 0 && t.groups == 1 && t.trailing > 0 && t.trailing < 3 && t.upper == 0 {
		return false
	}
	if bytes.ContainsAny(value, "()[]{}=;<>") {
		return t.upper > 0 && t.lower > 0 && t.digits > 0 && len(value) >= 8 && !bytes.ContainsAny(value, "(=")
	}
	return true
}

func trailingMarks(v []byte) int {
	n := 0
	for n < len(v) && !isAlnum(v[len(v)-1-n]) {
		n++
	}
	return n
}

// isBarePassword judges a value without quotes: a name in source code is none.
func (v secretValue) isBarePassword(value []byte, t traits) bool {
	if t.marks-trailingMarks(value) > 0 || t.marks > 0 && t.digits > 0 {
		if v.sign == proseSign && t.digits == 0 || len(value) < 8 || bytes.ContainsAny(value, ":=(") {
			return false
		}
		return t.digits > 0 || t.upper > 0 && t.lower > 0
	}
	switch {
	case t.digits == 0 || t.letters() == 0:
		return false
	case v.sign == variableSign && t.joiners == 0:
		return true
	case t.trailing == t.digits && t.groups == 1: // name2, Summer2024
		return t.upper > 0 && t.digits >= 3 && t.joiners == 0 && t.letters() >= 4 && v.sign != plainSign
	case len(value) < 8:
		return false
	case t.upper > 0 && t.lower > 0:
		return !looksNamed(value, t)
	}
	return t.groups > 1 && t.longest < 6 && !looksNamed(value, t)
}

// isPasswordHash reports whether value is what is kept in place of a password.
func isPasswordHash(value []byte, t traits) bool {
	switch len(value) {
	case 32, 40, 56, 64, 96, 128:
		if t.hex {
			return true
		}
	}
	for _, begin := range [...]string{"pbkdf2", "bcrypt", "argon2", "scrypt", "sha1$", "sha256$", "sha512$", "md5$", "sha256:", "sha1:", "sha512:", "scram-sha", "md5:"} {
		if hasFolded(value, begin) {
			return true
		}
	}
	return false
}
