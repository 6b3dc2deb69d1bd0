package detectors

// What a machine drew differs from what people type in its place.

// looksDrawn reports whether v, the part of a token behind its prefix, was drawn by
// a machine: not typed as a stand-in, and of several kinds of characters.
func looksDrawn(v []byte) bool {
	if len(v) == 0 {
		return true
	}
	var digits, lower, upper int
	for _, c := range v { // random text, in which no branch could be guessed
		is := classesOf[c]
		digits += is.one(digitByte)
		lower += is.one(lowerByte)
		upper += is.one(upperByte)
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
	pair := 0
	for i, c := range v {
		pair = (pair<<5 | int(c&31)) % (1 << 10)
		if standInPairs[pair/64]>>(pair%64)&1 != 0 && i > 0 && isStandInWord(v[i-1:]) {
			return true
		}
	}
	return false
}

// isStandInWord reports whether v begins with such a word.
func isStandInWord(v []byte) bool {
	for _, word := range standInWords {
		if hasFolded(v, word) {
			return true
		}
	}
	return false
}

// standInWords are such words.
var standInWords = [...]string{
	"example", "xxxxx", "your_", "your-", "yourt", "yours", "yourk", "youra", "yourp", "placeholder", "changeme", "change_me", "change-me", "insert", "replace", "redacted", "dummy", "token",
	"secret", "mypass", "foobar",
}

// standInPairs has the bits of the two letters, five bits each, that they begin
// with.
var standInPairs = func() (t [1 << 10 / 64]uint64) {
	for _, word := range standInWords {
		pair := int(word[0]&31)<<5 | int(word[1]&31)
		t[pair/64] |= 1 << (pair % 64)
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
