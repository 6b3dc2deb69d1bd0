package detectors

import "math/rand/v2"

// A bare value has the check digit of its rule and lacks the keyword that it
// needs. One in ten numbers of ten digits is the tax number of some country by
// chance, so bare values are less than [DefaultConfidence] certain: they count
// where less is asked for, and only then does Find look for them.

// leastBare is the fewest letters and digits of a bare value; of digits alone it
// has one more, for dates have eight.
const leastBare = 8

// checked reports whether valid asks for a check digit of values of the form. It is
// measured, since what is called a check may be arithmetic, a date, a range or
// hardly any: with a check digit at most one in eight values drawn at random
// passes, and of those that do fewer than half still do with one character changed,
// which a date or a range admits in most places. The draws are always the same.
func (f Form) checked(valid func([]byte) bool) bool {
	const draws, most, changes = 1024, 1024 / 8, 4
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
	value := make([]byte, len(classes))
	passed, changed, still := 0, 0, 0
	for range draws {
		for i, class := range classes {
			value[i] = drawFrom(class, rng)
		}
		if !valid(value) {
			continue
		}
		if passed++; passed > most {
			return false
		}
		for i, class := range classes {
			c := value[i]
			for range changes {
				if value[i] = drawFrom(class, rng); value[i] != c {
					changed++
					still += int(bit(valid(value)))
				}
			}
			value[i] = c
		}
	}
	return still*2 <= changed
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

// mayBeBare reports whether value, which is compact, valid and in layout l of r,
// may count without the keyword it needs.
func (r *compiled) mayBeBare(l layout, value []byte) bool {
	return l.needsKey && l.isChecked() && (r.Sure == nil || r.Sure(value))
}

// isChecked reports whether values in the layout have a check digit. Rule.Sure
// counts as one here.
func (l layout) isChecked() bool { return l.checked != nil && l.checked() }

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
