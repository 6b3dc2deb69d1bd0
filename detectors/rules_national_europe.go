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
		nationalGermanic(),
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
