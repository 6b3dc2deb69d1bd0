package detectors

import (
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// iban returns a rule for each country of [ibanRegistry], as Macie has them,
// and one for the countries of [ibanPartial].
func iban() []Rule {
	var rules []Rule
	for _, c := range ibanRegistry {
		r := ibanRule(c.id+"_BANK_ACCOUNT_NUMBER", c)
		r.Name = "Bank account number (IBAN), " + c.name
		if b, ok := nationalAccount(c.code()); ok {
			r = r.national(b)
		}
		rules = append(rules, r)
	}
	return append(rules, partialIBAN())
}

// partialIBAN is one rule for all of [ibanPartial]: few numbers of each are
// seen.
func partialIBAN() Rule {
	all := ibanRule("IBAN_PARTIAL_COUNTRIES", ibanPartial[0])
	all.Name = "Bank account number like an IBAN, of a country outside the registry"
	all.Form = "as an IBAN, of " + ibanPartial[0].name
	all.Valid = func(v []byte) bool { return slices.Contains(all.Countries, string(v[:2])) && validIBAN(v) }
	for _, c := range ibanPartial[1:] {
		r := ibanRule("", c)
		all.Countries = append(all.Countries, r.Countries...)
		all.Forms = append(all.Forms, r.Forms...)
		all.Form += ", " + c.name
	}
	return all
}

func ibanRule(id string, c ibanCountry) Rule {
	return Rule{
		ID:        id,
		Category:  Financial,
		Countries: []string{c.code()},
		Severity:  AlwaysHigh,
		Form: c.code() + ", two check digits 02 to 98 and " + c.bban + " (n digits, a letters, c either: ISO 13616-1, SWIFT IBAN Registry), " +
			"in one run or in fours joined by space, hyphen or dot",
		Check:    "ISO/IEC 7064 MOD 97-10",
		Forms:    c.forms(),
		Valid:    func(v []byte) bool { return string(v[:2]) == c.code() && validIBAN(v) },
		Priority: PriorityStrong + 5, // above a card number, which can stand inside
		Show:     4,
	}
}

// validIBAN judges the check digits. The layout is right already, but for a
// country code with an A or X in it, which a [Form] takes for any letter.
func validIBAN(v []byte) bool {
	check := int(v[2]-'0')*10 + int(v[3]-'0')
	return 2 <= check && check <= 98 && checksum.Mod97(checksum.Mod97(0, v[4:]), v[:4]) == 1
}

// ibanCountry is a row of the registry.
type ibanCountry struct {
	id      string // what Macie's identifier begins with
	name    string
	bban    string // structure of the national part: "8n16c"
	example string // the registry's
}

func (c ibanCountry) code() string { return c.example[:2] }

// forms are the layouts in upper case and in lower case.
func (c ibanCountry) forms() []Form {
	classes := "99"
	n := 0
	for i := range len(c.bban) {
		switch k := c.bban[i]; k {
		case 'n':
			classes, n = classes+strings.Repeat("9", n), 0
		case 'a':
			classes, n = classes+strings.Repeat("A", n), 0
		case 'c':
			classes, n = classes+strings.Repeat("X", n), 0
		default:
			n = n*10 + int(k-'0')
		}
	}
	code := strings.ReplaceAll(c.code(), "X", "A") // an X is no letter in a Form, and Valid knows the country
	upper := inFours(code+classes, "~")
	lower := inFours(strings.ToLower(c.code())+classes, "~")
	return []Form{{Pattern: upper}, {Pattern: lower}}
}

// inFours puts joiner between groups of four.
func inFours(s, joiner string) string {
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && i%4 == 0 {
			b.WriteString(joiner)
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
