package detectors

import "strings"

// passportZone is the machine readable zone of passports and identity cards.
func passportZone() Rule {
	return Rule{
		ID:       "PASSPORT_MRZ",
		Name:     "Machine readable zone of a passport or identity card",
		Category: Personal,
		Severity: AlwaysHigh,
		Form: "the second line of the zone, with letters, digits and '<': 44 characters of a passport (TD3), 36 of a card (TD2); 30 of a small card " +
			"(TD1) with the line before it, of which a line feed, also an escaped one, divides it (ICAO Doc 9303, parts 4 to 6)",
		Check: "weights 7 3 1 modulo 10 over the number, the dates of birth and expiry, the optional data of a passport, and all of them together " +
			"(ICAO Doc 9303-3, 4.9); months and days that can be. Where part of the date of birth is unknown (<<) it is not looked for",
		Anchor:   Anchor{Shapes: []string{`[A-Z0-9<].{12}[0-9]{7}[MFX<][0-9]{7}`, `[0-9]{7}[MFX<][0-9]{7}`}},
		Match:    matchZone,
		MaxLen:   2*zoneSmall + 4,
		Priority: PriorityStrong,
	}
}

// The lengths of lines of a zone.
const (
	zonePassport = 44 // TD3
	zoneCard     = 36 // TD2
	zoneSmall    = 30 // TD1
)

func isZone(c byte) bool { return isDigit(c) || isUpper(c) || c == '<' }

// zoneEnd returns the end of the characters of a zone from w[i] on, of which it
// looks at no more than one line and one more.
func zoneEnd(w []byte, i int) int {
	end := i
	for end < len(w) && end <= i+zonePassport && isZone(w[end]) {
		end++
	}
	return end
}

// zoneStarts reports whether no character of a zone stands before w[i].
func zoneStarts(w []byte, i int) bool { return i == 0 || !isZone(w[i-1]) || afterEscape(w, i) }

// matchZone measures the zone whose second line starts at w[at].
func matchZone(w []byte, at int) (start, end int, ok bool) {
	if !zoneStarts(w, at) {
		return 0, 0, false
	}
	end = zoneEnd(w, at)
	switch v := w[at:end]; len(v) {
	case zonePassport:
		return at, end, zoneOptional(v[28:43]) && validZone(v)
	case zoneCard:
		return at, end, validZone(v)
	case zoneSmall:
		return matchSmallCard(w, at)
	}
	return 0, 0, false
}

// zoneOptional judges the optional data of a passport and their check digit,
// which may be '<' if there are none.
func zoneOptional(v []byte) bool {
	data, check := v[:14], v[14]
	return icaoCheck(data) == check || check == '<' && strings.Trim(string(data), "<") == ""
}

// validZone judges the second line of TD2 and TD3: the number, the country, the
// dates, and the last digit over all of them.
func validZone(v []byte) bool {
	last := len(v) - 1
	var sum zoneSum
	sum.add(v[:10])
	sum.add(v[13:20])
	sum.add(v[21:last])
	return !hasDigit(v[10:13]) && icaoCheck(v[:9]) == v[9] && validZoneDates(v[13:20], v[21:28]) && sum.check() == v[last]
}

// validZoneDates judges the dates of birth and expiry, which are digits, with
// their check digits.
func validZoneDates(born, expires []byte) bool {
	for _, date := range [2][]byte{born, expires} {
		if icaoCheck(date[:6]) != date[6] || !exists(2000, value(date, 2, 2), value(date, 4, 2)) {
			return false
		}
	}
	return true
}

// matchSmallCard measures the second line of a TD1 at w[at], with the line
// before it.
func matchSmallCard(w []byte, at int) (start, end int, ok bool) {
	first := beforeLineFeed(w, at)
	start = first - zoneSmall
	if first == at || start < 0 || !zoneStarts(w, start) || zoneEnd(w, start) != first {
		return 0, 0, false
	}
	one, two := w[start:first], w[at:at+zoneSmall]
	var sum zoneSum
	sum.add(one[5:])
	sum.add(two[:7])
	sum.add(two[8:15])
	sum.add(two[18:29])
	ok = strings.IndexByte("ACI", one[0]) >= 0 && !hasDigit(two[15:18]) && smallCardNumber(one[5:]) && validZoneDates(two[:7], two[8:15]) && sum.check() == two[29]
	return start, at + zoneSmall, ok
}

// smallCardNumber judges the number of a TD1, at v[:9], and its check digit at
// v[9]. Where that is '<' the number goes on in the optional data, the check
// digit being the last character before the next '<' (Doc 9303-5, 4.2.2.1, note j).
func smallCardNumber(v []byte) bool {
	if v[9] != '<' {
		return icaoCheck(v[:9]) == v[9]
	}
	rest := v[10:]
	n := strings.IndexByte(string(rest), '<')
	if n < 2 {
		return false
	}
	var sum zoneSum
	sum.add(v[:9])
	sum.add(rest[:n-1])
	return sum.check() == rest[n-1]
}

// beforeLineFeed returns where the line feed that ends before w[at] begins, or
// at if there is none. It may be written as the escapes \r and \n.
func beforeLineFeed(w []byte, at int) int {
	i := at
	for _, c := range [2]struct{ raw, escaped byte }{{'\n', 'n'}, {'\r', 'r'}} {
		switch {
		case i > 0 && w[i-1] == c.raw:
			i--
		case i > 1 && w[i-2] == '\\' && w[i-1] == c.escaped:
			i -= 2
		}
	}
	return i
}

// icaoCheck is the check digit of ICAO Doc 9303-3, 4.9: weights 7 3 1, letters as
// 10 to 35 and '<' as 0.
func icaoCheck(v []byte) byte {
	var sum zoneSum
	sum.add(v)
	return sum.check()
}

// zoneSum adds characters up for a check digit over several fields.
type zoneSum struct{ sum, n int }

func (s *zoneSum) add(v []byte) {
	for _, c := range v {
		if c != '<' {
			s.sum += [...]int{7, 3, 1}[s.n%3] * alnumValue(c)
		}
		s.n++
	}
}

func (s *zoneSum) check() byte { return '0' + byte(s.sum%10) }
