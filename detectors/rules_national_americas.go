package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// nationalAmericas returns the rules for numbers that American states give to
// people.
func nationalAmericas() []Rule {
	return []Rule{
		usaSSN(),
		usaITIN(),
		canadaSIN(),
		brazilCPF(),
	}
}

func usaSSN() Rule {
	return Rule{
		ID:        "USA_SOCIAL_SECURITY_NUMBER",
		Name:      "US Social Security number",
		Category:  Personal,
		Countries: []string{"US"},
		Severity:  AlwaysHigh,
		Form: "area, group and serial of 3, 2 and 4 digits; joined by hyphens it stands for itself, by spaces, by dots or not at all it needs a keyword. " +
			"A word before it that names another number (part, order, tel) speaks against it. Numbers that the Social Security Administration lists as misused, 123-45-6789 and nine equal digits are placeholders",
		Check:  "none exists; area not 000, 666 or 900 to 999, group not 00, serial not 0000 (SSA, Social Security Number Randomization)",
		Anchor: Anchor{Shapes: []string{hyphenatedSSN}},
		Beside: []Run{{3, 3, " .", ""}, {9, 9, "", ""}},
		Match:  matchSSN,
		Joined: true,
		MaxLen: len("999-99-9999"),
		Weak:   weakSSN,
		Keywords: wordList(
			"social security; ss#; ssn",
			"social security number; social security no; social security num; soc sec; ssns; ss no; ss num; taxpayer id; tax id",
			"número de seguro social; seguro social",
		),
		Priority: PriorityRange + 5,
		Dummies: []string{
			// Printed on cards in wallets and in pamphlets, then used by thousands:
			// SSA, "Social Security Cards Issued by Woolworth" and its program manual.
			"078051120", "219099999", "002281852", "042103580", "062360749", "095073645", "128036045", "135016629", "141186941",
			"165167999", "165187999", "165207999", "165227999", "165247999", "189092294", "212097694", "212099999", "306302348",
			"308125070", "468288779", "549241889",
			"123456789", "111111111", "222222222", "333333333", "444444444", "555555555", "777777777", "888888888",
		},
	}
}

// hyphenatedSSN is the shape in which a number stands for itself.
const hyphenatedSSN = `[0-9]{3}[ .-][0-9]{2}[ .-][0-9]`

// taxNumber is what stands where a Social Security number or an ITIN may: three
// groups of digits, joined by a hyphen, blank or dot or by nothing.
type taxNumber struct {
	area, group, serial int
	end                 int
}

func matchSSN(w []byte, at int) (start, end int, ok bool) {
	n, ok := readTaxNumber(w, at)
	return at, n.end, ok && n.isSSN() && n.standsAt(w, at)
}

func matchITIN(w []byte, at int) (start, end int, ok bool) {
	n, ok := readTaxNumber(w, at)
	return at, n.end, ok && n.isITIN() && n.standsAt(w, at)
}

// readTaxNumber reads the number at w[at].
func readTaxNumber(w []byte, at int) (n taxNumber, ok bool) {
	const plain, joined = len("999999999"), len("999-99-9999")
	group, serial := at+3, at+5
	switch leadingDigits(eightAt(w, at)) {
	case 8:
		n.end = at + plain
		if n.end > len(w) || !isDigit(w[n.end-1]) {
			return n, false
		}
	case 3:
		n.end = at + joined
		if n.end > len(w) || !areJoined(eightAt(w, at+3)) {
			return n, false
		}
		group, serial = at+4, at+7
	default:
		return n, false
	}
	n.area = 10*twoDigits(w, at) + int(w[at+2]-'0')
	n.group = twoDigits(w, group)
	n.serial = 100*twoDigits(w, serial) + twoDigits(w, serial+2)
	return n, true
}

// areJoined reports whether the bytes of x are two and four digits, each group
// behind the same joiner.
func areJoined(x uint64) bool {
	joiner := byte(x)
	return notDigits(x) == 0x80000080 && byte(x>>24) == joiner && (joiner == '-' || joiner == ' ' || joiner == '.')
}

// standsAt reports whether the neighbours of the number leave it one of its
// own, and the word before it does not say that it is one of something else.
func (n taxNumber) standsAt(w []byte, at int) bool {
	var buf [namedReach]byte
	return Clear(w, at, n.end) && !isOtherNumber(nameBefore(w, at, &buf))
}

func (n taxNumber) isSSN() bool {
	return n.area != 0 && n.area != 666 && n.area < 900 && n.group != 0 && n.serial != 0
}

func (n taxNumber) isITIN() bool {
	g := n.group
	return n.area >= 900 && n.serial != 0 && g >= 50 && !(66 <= g && g <= 69) && g != 89 && g != 93
}

// weakSSN reports whether a value of that shape needs a keyword.
func weakSSN(v []byte) bool { return v[3] != '-' }

func usaITIN() Rule {
	return Rule{
		ID:        "USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
		Name:      "US individual taxpayer identification number (ITIN)",
		Category:  Personal,
		Countries: []string{"US"},
		Severity:  AlwaysHigh,
		Form:      "as a Social Security number, the first digit 9; joined by hyphens it stands for itself, otherwise it needs a keyword",
		Check:     "none exists; the group is 50 to 65, 70 to 88, 90 to 92 or 94 to 99 (Internal Revenue Manual 3.21.263), the serial not 0000",
		Anchor:    Anchor{Shapes: []string{hyphenatedSSN}},
		Beside:    []Run{{3, 3, " .", ""}, {9, 9, "", ""}},
		Match:     matchITIN,
		Joined:    true,
		MaxLen:    len("999-99-9999"),
		Weak:      weakSSN,
		Keywords: wordList(
			"i.t.i.n.; individual taxpayer identification number; itin",
			"individual tax identification; individual taxpayer; taxpayer id; taxpayer identification number; tax id",
		),
		Priority: PriorityRange + 5,
	}
}

func canadaSIN() Rule {
	return Rule{
		ID:        "CANADA_SOCIAL_INSURANCE_NUMBER",
		Name:      "Canadian social insurance number (SIN)",
		Category:  Personal,
		Countries: []string{"CA"},
		Severity:  AlwaysHigh,
		Form:      "9 digits, printed 3-3-3, the first not 8 (Employment and Social Development Canada; 9 is for temporary residents, 0 for tax numbers)",
		Check:     "Luhn; not all zero",
		Forms:     []Form{{Pattern: "999~999~999"}},
		Valid: func(v []byte) bool {
			return v[0] != '8' && !allZero(v) && checksum.Luhn(v)
		},
		Keywords: wordList(
			"canadian id; numéro d'assurance sociale; sin; social insurance number",
			"nas; social insurance; sin number; sin no; sin num; sin#; s.i.n.; n.a.s.; assurance sociale",
		),
		NeedKeyword: true,
		Priority:    PriorityKeyword,
		Dummies:     []string{"046454286"}, // the Canada Revenue Agency's example
	}
}

func brazilCPF() Rule {
	return Rule{
		ID:        "BRAZIL_CPF_NUMBER",
		Name:      "Brazilian taxpayer number (CPF)",
		Category:  Personal,
		Countries: []string{"BR"},
		Severity:  AlwaysHigh,
		Form:      "11 digits; printed as 999.999.999-99 it stands for itself, otherwise it needs a keyword",
		Check:     "two digits modulo 11, weights 10 to 2 and 11 to 2, a remainder under 2 giving 0 (Receita Federal); not all digits equal",
		Forms: []Form{
			{Pattern: "999.999.999-99"},
			{Pattern: "999~999~999~99", NeedKeyword: true},
			{Pattern: "999999999-99", NeedKeyword: true},
			{Pattern: "999 999 999-99", NeedKeyword: true},
		},
		Valid: validCPF,
		Keywords: wordList(
			"cadastro de pessoa física; cadastro de pessoas físicas; cadastro nacional da pessoa jurídica; cnpj; cpf",
			"cpf/mf; c.p.f.; cpfs; contribuinte; pessoa física",
		),
		Priority: PriorityCheck + 5,
	}
}

func validCPF(v []byte) bool {
	digit := func(sum int) byte {
		if r := sum % 11; r >= 2 {
			return '0' + byte(11-r)
		}
		return '0'
	}
	return v[9] == digit(checksum.Weighted(v, 10, 9, 8, 7, 6, 5, 4, 3, 2)) &&
		v[10] == digit(checksum.Weighted(v, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)) &&
		!allEqual(v)
}
