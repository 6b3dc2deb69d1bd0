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

// isCalendarDay reports whether the Gregorian calendar has this day.
func isCalendarDay(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	last := 31
	switch month {
	case 4, 6, 9, 11:
		last = 30
	case 2:
		last = 28
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			last = 29
		}
	}
	return day <= last
}

// isDayOfSomeCentury is isCalendarDay for a year of which the last two digits
// are known: that of 2000 has all days that any of them has.
func isDayOfSomeCentury(year, month, day int) bool { return isCalendarDay(2000+year, month, day) }

// digitIs reports whether c is the digit n. No digit is 10.
func digitIs(c byte, n int) bool { return int(c)-'0' == n }

// startsWith reports whether v begins with the letters of prefix.
func startsWith(v []byte, prefix string) bool {
	return len(v) >= len(prefix) && string(v[:len(prefix)]) == prefix
}
