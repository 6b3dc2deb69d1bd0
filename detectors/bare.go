package detectors

import "math/rand/v2"

// A bare value has the check digit of its rule and lacks the keyword that it
// needs. One in ten numbers of ten digits is the tax number of some country by
// chance, so bare values are less than [DefaultConfidence] certain: they count
// where less is asked for, and only then does Find look for them. What proves
// little by its check is never one.

// leastBare is the fewest letters and digits of a bare value; of digits alone it
// has one more, for dates have eight.
const leastBare = 8

// selective reports whether valid refuses seven of eight values of the form, drawn
// at random and the same each time. It is measured, since a check may be
// arithmetic, a date, both, or hardly any; those with a check digit refuse nine
// of ten.
func (f Form) selective(valid func([]byte) bool) bool {
	const draws, most = 1024, 1024 / 8
	var classes []byte
	letters := false
	for _, c := range []byte(f.Pattern) {
		if isAlnum(c) {
			classes = append(classes, c)
			letters = letters || isLetter(c)
		}
	}
	if len(classes) < leastBare || len(classes) == leastBare && !letters {
		return false
	}
	rng := rand.New(rand.NewPCG(uint64(len(classes)), 0))
	value, passed := make([]byte, len(classes)), 0
	for range draws {
		for i, class := range classes {
			value[i] = drawFrom(class, rng)
		}
		if valid(value) {
			passed++
		}
		if passed > most {
			return false
		}
	}
	return true
}

// drawFrom returns a letter or digit of a class of a form, letters in upper case.
func drawFrom(class byte, rng *rand.Rand) byte {
	const digits, letters = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	switch class {
	case '9':
		return digits[rng.IntN(len(digits))]
	case 'A':
		return letters[rng.IntN(len(letters))]
	case 'X':
		return (digits + letters)[rng.IntN(len(digits)+len(letters))]
	}
	if isLetter(class) {
		return class &^ 0x20
	}
	return class
}

// isBare reports whether a value in layout l of r, which needs a keyword,
// may count without one.
func (l layout) isBare() bool { return l.selective != nil && l.selective() }

// seeksBare reports whether s counts any bare values of r.
func (s *Set) seeksBare(r *compiled) bool {
	c := lessDoubt(r.own, 4, 5)
	if r.Sure != nil {
		c = lessDoubt(lessDoubt(r.own, 1, 2), 4, 5)
	}
	return withoutKeyword(c) >= s.least(r)
}

// standsOut reports whether m would count with the threshold of its rule. What
// does not is no reason to drop another match, so that asking for less certain
// matches takes none away.
func (s *Set) standsOut(m Match) bool { return m.Confidence >= s.rules[m.Rule].usual() }
