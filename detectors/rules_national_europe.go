package detectors

import "slices"

// nationalEurope returns the rules for numbers that the states of Western,
// Northern and Southern Europe give to people and firms.
func nationalEurope() []Rule {
	return slices.Concat(
		nationalBritain(),
		nationalIberia(),
		nationalMediterranean(),
		nationalFrance(),
		nationalBenelux(),
		nationalGermanic(),
		nationalNordic(),
	)
}

func allEqual(v []byte) bool {
	for _, c := range v {
		if c != v[0] {
			return false
		}
	}
	return true
}

func allZero(v []byte) bool { return v[0] == '0' && allEqual(v) }

// isDayOfSomeCentury is exists for a year of which the last two digits are
// known: the century of 2000 has all days that any has.
func isDayOfSomeCentury(year, month, day int) bool { return exists(2000+year, month, day) }

// digitIs reports whether c is the digit n. No digit is 10.
func digitIs(c byte, n int) bool { return int(c)-'0' == n }

// startsWith reports whether v begins with the letters of prefix.
func startsWith(v []byte, prefix string) bool {
	return len(v) >= len(prefix) && string(v[:len(prefix)]) == prefix
}
