package detectors

import (
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// banks returns the rules for numbers of banks and of accounts without a
// country in them.
func banks() []Rule { return []Rule{bankAccount(), bic(), routingNumber()} }

func bankAccount() Rule {
	var forms []Form
	for n := 9; n <= 17; n++ {
		forms = append(forms, Form{Pattern: strings.Repeat("9", n)})
	}
	return Rule{
		ID: "BANK_ACCOUNT_NUMBER", Name: "bank account number (US, Canada)",
		Category: Financial, Countries: []string{"US", "CA"}, Severity: AlwaysHigh,
		Priority: PriorityRange, // only the keyword speaks for it: what has a check digit comes first
		Form:     "9 to 17 digits in one run beside a keyword.",
		Check:    "None exists; not all digits are equal.",
		Forms:    forms,
		Valid:    func(v []byte) bool { return !allEqual(v) },
		Keywords: wordList(
			"bank account; bank acct; checking account; checking acct; deposit account; deposit acct; savings account; savings acct; chequing account; chequing acct",
			"bank account number; bank account no; bank acct no; checking account number; savings account number; direct deposit account; compte bancaire; compte chèques; compte d'épargne",
		),
		NeedKeyword: true,
		Show:        4,
	}
}

func routingNumber() Rule {
	return Rule{
		ID: "US_ABA_ROUTING_NUMBER", Name: "ABA routing transit number",
		Category: Financial, Countries: []string{"US"}, Severity: Rising, Priority: PriorityKeyword,
		Form:  "9 digits, in one run or 4-4-1, beside a keyword; the first two are 00 to 12, 21 to 32, 61 to 72 or 80 (American Bankers Association, Routing Number Policy).",
		Check: "Weights 3, 7, 1, the sum a multiple of ten; not all zero.",
		Forms: []Form{{Pattern: "999999999"}, {Pattern: "9999-9999-9"}},
		Valid: validRouting,
		Keywords: wordList(
			"aba; routing number; routing no; rtn; routing transit; bank routing; transit number",
			"aba number; aba no; aba routing; aba rtn; routing num; routing #; routing code; routing transit number; bank routing number; ach routing; wire routing; fedwire",
		),
		NeedKeyword: true,
	}
}

func validRouting(v []byte) bool {
	switch district := twoDigits(v, 0); {
	case district <= 12, 21 <= district && district <= 32, 61 <= district && district <= 72, district == 80:
		return checksum.Weighted(v, 3, 7, 1, 3, 7, 1, 3, 7, 1)%10 == 0 && !allZero(v)
	}
	return false
}

func bic() Rule {
	return Rule{
		ID: "SWIFT_BIC_CODE", Name: "business identifier code (BIC, SWIFT)",
		Category: Financial, Severity: Rising, Priority: PriorityKeyword,
		Form: "Four letters for the institution, two for the country, two letters or digits for the place and three for the branch or none (ISO 9362), in capitals, beside a keyword. Single blanks may " +
			"stand between these parts.",
		Check:  "The country is one of ISO 3166-1, or XK. As a whole value small letters are well formed, too.",
		Anchor: Anchor{Shapes: []string{`[A-Z]{6}[0-9A-Z]{2}`, `[A-Z]{4} [A-Z]{2} [0-9A-Z]{2}`}},
		Match:  matchBIC,
		Whole:  isBIC,
		Joined: true,
		MaxLen: len("AAAA AA XX XXX"),
		Keywords: wordList(
			"bic; swift; swift code; bic code; bank identifier; code bic; bankleitzahl; código swift",
			"swift bic; bic swift; bic number; swift number; bank identifier code; business identifier code; bank code; swift address; code swift; codice bic; codice swift; código bic; bic-code; swift-code; swift no; 银行代码",
		),
		NeedKeyword: true,
	}
}

// matchBIC measures the code that starts at at, and as much of a branch as
// stands behind it.
func matchBIC(w []byte, at int) (start, end int, ok bool) {
	country, place := at+4, at+6
	blank := w[country] == ' '
	if blank {
		country, place = at+5, at+8
	}
	if !isCountry(w[country], w[country+1]) || !startsClear(w, at) {
		return 0, 0, false
	}
	end = place + 2
	branch := end
	if blank {
		branch = max(branch, after(w, end, " "))
	}
	if e := runBetween(w, branch, 3, 3, digitByte|upperByte); e > 0 && (branch == end || isBranch(w[branch:e])) {
		end = e
	}
	return at, end, Clear(w, at, end)
}

// isBranch tells the branch of a code in groups from the next word.
func isBranch(v []byte) bool { return string(v) == "XXX" || hasDigit(v) }

// isBIC reports whether the whole of v is a code, in groups or in one run and
// any case.
func isBIC(v []byte) bool {
	if len(v) >= 10 && v[4] == ' ' && v[7] == ' ' && allOf(v[:4], upperByte) && allOf(v[5:7], upperByte) && allOf(v[8:10], digitByte|upperByte) {
		_, end, ok := matchBIC(v, 0)
		return ok && end == len(v)
	}
	if len(v) != 8 && len(v) != 11 || !allOf(v[:6], letterByte) || !allOf(v, alnumByte) {
		return false
	}
	return isCountry(v[4]&^0x20, v[5]&^0x20)
}

// isCountry reports whether a and b, capitals, are a country of ISO 3166-1, or
// XK, which banks use for Kosovo.
func isCountry(a, b byte) bool { return countryCodes[a-'A']>>(b-'A')&1 != 0 }

// countryCodes has a row of bits for each first letter.
var countryCodes = func() (t [26]uint32) {
	for code := range strings.FieldsSeq(
		"AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ " +
			"DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
			"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM " +
			"PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
			"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW") {
		t[code[0]-'A'] |= 1 << (code[1] - 'A')
	}
	return t
}()
