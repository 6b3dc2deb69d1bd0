package detectors

// What a machine drew differs from what people type in its place.

// looksDrawn reports whether v, the part of a token behind its prefix, was drawn by
// a machine: not typed as a stand-in, and of several kinds of characters.
func looksDrawn(v []byte) bool {
	if len(v) == 0 {
		return true
	}
	var digits, lower, upper int
	for _, c := range v {
		switch {
		case isDigit(c):
			digits++
		case isLower(c):
			lower++
		case isUpper(c):
			upper++
		}
	}
	if digits == 0 && min(lower, upper)*8 < len(v) || lower+upper == 0 {
		return false // a word, or a number
	}
	return !counted(v) && !saysStandIn(v) && hasEntropy(v, leastEntropy(len(v)))
}

// counted reports whether more than a third of v are stretches of six bytes and
// more that are equal or count up or down.
func counted(v []byte) bool {
	const least = 6
	total, run, shared := 0, 1, 0 // bytes of such stretches, of this one, of it in the last one
	last := byte(0)
	for i := 1; i <= len(v); i++ {
		step, even := byte(0), false
		if i < len(v) {
			step = v[i] - v[i-1]
			even = step+1 <= 2
		}
		if even && (run == 1 || step == last) {
			run, last = run+1, step
			continue
		}
		if run >= least {
			total, shared = total+run-shared, 1
		} else {
			shared = 0
		}
		if run = 1; even {
			run, last = 2, step
		} else {
			shared = 0
		}
	}
	return total*3 > len(v)
}

// saysStandIn reports whether v contains a word by which people say that
// something goes there. Random text has one in fewer than ten thousand.
func saysStandIn(v []byte) bool {
	for i, c := range v {
		for _, word := range standInWords[c&31] {
			if hasFolded(v[i:], word) {
				return true
			}
		}
	}
	return false
}

// standInWords are such words, by the low bits of what they begin with, which
// are the same in either case.
var standInWords = func() (t [32][]string) {
	for _, word := range []string{"example", "xxxxx", "your_", "your-", "yourt", "yours", "yourk", "youra", "yourp", "placeholder", "changeme", "change_me", "change-me",
		"insert", "replace", "redacted", "dummy", "token", "secret", "mypass", "foobar"} {
		t[word[0]&31] = append(t[word[0]&31], word)
	}
	return t
}()

// hasFolded reports whether v begins with word, which is in lower case, in any
// ASCII case.
func hasFolded(v []byte, word string) bool {
	if len(v) < len(word) {
		return false
	}
	for i := range len(word) {
		c := v[i]
		if isUpper(c) {
			c |= 0x20
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
