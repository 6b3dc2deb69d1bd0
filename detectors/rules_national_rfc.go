package detectors

import "strings"

// mexicoRFC is the tax number of a person, with four letters, or of a firm, with
// three. Forms cannot say it: Ñ is two bytes, and & is one of the letters.
func mexicoRFC(letters int) Rule {
	r := Rule{
		Category:  Personal,
		Countries: []string{"MX"},
		Beside:    []Run{{6, 9, "", ""}},
		Lead:      2*letters + 1,
		Match:     func(w []byte, at int) (start, end int, ok bool) { return matchRFC(w, at, letters) },
		Joined:    true,
		MaxLen:    2*letters + len("-999999-XXX"),
		Sure:      func(v []byte) bool { return checkRFC(v, letters) },
		Keywords: wordList(
			"código del registro federal de contribuyentes; identificación de impuestos; identificacion de impuestos; impuesto al valor agregado",
			"iva; iva#; i.v.a.; registro federal de contribuyentes; rfc; rfc#; r.f.c.",
			"rfc con homoclave; clave rfc; clave de rfc; rfc emisor; rfc receptor; rfc no; rfc num; número de rfc; cédula de identificación fiscal",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
	}
	const check = "The date exists in the 20th or 21st century. 0 to 9, A to N, &, O to Z, blank and Ñ as 0 to 38, weights 13 to 2: eleven less the sum modulo 11, eleven " +
		"as 0 and ten as A; many numbers in use do not keep that, so it only makes a value more certain"
	if letters == 4 {
		r.ID, r.Name = "MEXICO_INDIVIDUAL_RFC_NUMBER", "Mexican tax number of a person (RFC)"
		r.Form = "13 characters: four letters of the name, Ñ and & among them, date of birth, two characters and a check character (Código Fiscal de la Federación, art. 27)"
		r.Check = check
		r.Severity = AlwaysHigh
		r.Dummies = []string{"XAXX010101000", "XEXX010101000"} // the general public and foreigners
		return r
	}
	r.ID, r.Name = "MEXICO_ORGANIZATION_RFC_NUMBER", "Mexican tax number of a firm (RFC)"
	r.Form = "12 characters: three letters of the name, Ñ and & among them, date of founding, two characters and a check character (Código Fiscal de la Federación, art. 27)"
	r.Check = check + "; of a firm with a blank in front"
	r.Severity = Severities{Medium, Medium, High}
	r.Dummies = []string{"AAA010101AAA"} // of the tax authority's test invoices
	return r
}

// matchRFC reads the number whose date is at w[at]. Its three parts are
// joined by hyphens or blanks, or not.
func matchRFC(w []byte, at, letters int) (start, end int, ok bool) {
	if runEnd(w, at, 6, digitByte)-at < 6 || !born(w, at, 19, 20) {
		return 0, 0, false
	}
	start, end = at, at+6
	before := joinerRFC(w, at-1)
	if before != 0 {
		start--
	}
	after := joinerRFC(w, end)
	if after != 0 {
		end++
	}
	if before != after && (before == ' ' || after == ' ') {
		return 0, 0, false
	}
	for range letters {
		n := letterRFC(w, start)
		if n == 0 {
			return 0, 0, false
		}
		start -= n
	}
	if runEnd(w, end, 3, alnumByte)-end < 3 {
		return 0, 0, false
	}
	end += 3
	last := w[end-1]
	return start, end, letterRFC(w, start) == 0 && (isDigit(last) || last == 'A' || last == 'a') && Clear(w, start, end)
}

// joinerRFC returns the hyphen or blank at w[i], 0 for none.
func joinerRFC(w []byte, i int) byte {
	if i < 0 || i >= len(w) || w[i] != '-' && w[i] != ' ' {
		return 0
	}
	return w[i]
}

// letterRFC returns the length of the letter that ends before w[i], 0 for none.
func letterRFC(w []byte, i int) int {
	switch {
	case i == 0 || afterEscape(w, i):
		return 0
	case isLetter(w[i-1]) || w[i-1] == '&':
		return 1
	case i > 1 && w[i-2] == 0xC3 && (w[i-1] == 0x91 || w[i-1] == 0xB1): // Ñ, ñ
		return 2
	}
	return 0
}

// checkRFC judges the last character of a value (Anexo 22 of the Resolución
// Miscelánea Fiscal names the characters; the weights are those of the SAT's
// "Algoritmo para generar el RFC con homoclave").
func checkRFC(v []byte, letters int) bool {
	sum, weight := 0, letters+9
	if letters == 3 {
		sum = 13 * 37 // a blank
	}
	for _, c := range v[:len(v)-1] {
		switch {
		case c == '&':
			sum += weight * 24
		case c == 0xC3: // the first byte of Ñ
			sum += weight * 38
		case isAlnum(c):
			sum += weight * mexicanValue(c&^(c>>1&0x20))
		default:
			continue
		}
		weight--
	}
	last := v[len(v)-1]
	return "0A987654321"[sum%11] == last&^(last>>1&0x20)
}

const mexicanStates = " AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE "

// validCURP takes letters as the instruction numbers them: Ñ stands between N
// and O, though it never is one of them.
func validCURP(v []byte) bool {
	sum := 0
	for i, c := range v[:17] {
		sum += (18 - i) * mexicanValue(c)
	}
	century := 20
	if isDigit(v[16]) {
		century = 19
	}
	return (10-sum%10)%10 == digit(v, 17) && strings.IndexByte("HMX", v[10]) >= 0 && strings.Contains(mexicanStates, " "+string(v[11:13])+" ") && born(v, 4, century)
}

// mexicanValue is 0 to 9 and A to Z as 0 to 36, with one more character, Ñ or &,
// between N and O.
func mexicanValue(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c >= 'O':
		return letterValue(c) + 1
	}
	return letterValue(c)
}
