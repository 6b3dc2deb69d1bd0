package detectors

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// cards returns the two rules for payment card numbers, as Macie has them: one
// for numbers beside a keyword and one for those without. Beside a keyword the
// first matches all that the second does and takes its place.
func cards() []Rule {
	beside := Rule{
		ID:       "CREDIT_CARD_NUMBER",
		Name:     "Payment card number beside a keyword",
		Category: Financial,
		Severity: AlwaysHigh,
		Form: "13 to 19 digits, in one run or in the groups that are printed on cards (4-4-4-4, 4-6-5, 4-6-4, 4-4-4-4-3, 6-13), " +
			"joined by one kind of space, hyphen or dot; the first six digits and the length belong to a card scheme (ISO/IEC 7812-1)",
		Check:       "Luhn (ISO/IEC 7812-1, annex B); no run of equal or of consecutive digits; not an IMEI nor a French social security number",
		Beside:      []Run{{4, 4, " -.", ""}, {6, 6, " -.", ""}, {13, 19, "", ""}},
		Match:       matchCard,
		Whole:       wholeCard,
		Joined:      true,
		MaxLen:      19 + 4,
		Keywords:    cardKeywords(),
		NeedKeyword: true,
		Priority:    PriorityStrong + 1,
		Dummies:     cardDummies(),
		Show:        4,
	}
	alone := beside
	alone.ID = "CREDIT_CARD_NUMBER_(NO_KEYWORD)"
	alone.Name = "Payment card number"
	alone.Form += "; standing for itself: not of a rare or closed scheme, not a piece of a path or file name, " +
		"not 13 digits in one run, 17 to 19 only for UnionPay, whose cards have them, and not after a word that names another number (order, id)"
	alone.Check += ", nor a timestamp; in one run not of four or five neighbouring digits only; no group of a row of other numbers or of an IBAN"
	alone.Beside = nil
	alone.Anchor = Anchor{Shapes: []string{`[0-9]{14}`, `[0-9]{4}[ .-][0-9]{3}.{0,3}[ .-][0-9]{3}`, `[0-9]{6}[ .-][0-9]{8}`}}
	alone.Match = matchCardAlone
	alone.NeedKeyword = false
	alone.Priority = PriorityStrong
	return []Rule{beside, alone}
}

// cardLayout is a grouping of the digits of a number.
type cardLayout struct {
	sizes  uint32 // of the groups, from the first in the lowest four bits on
	mask   uint32 // of the bits used
	digits int    // of all groups
	width  int    // with joiners, in bytes
}

// inGroups is the layout of groups of these sizes.
func inGroups(sizes ...int) (l cardLayout) {
	l.width = len(sizes) - 1
	for k, n := range sizes {
		l.sizes |= uint32(n) << (4 * k)
		l.mask |= 0xf << (4 * k)
		l.digits += n
		l.width += n
	}
	return l
}

// cardLayouts are the groupings of printed card numbers, those first that
// begin with others.
var cardLayouts = []cardLayout{
	inGroups(4, 4, 4, 4, 3), // 19: Visa, Discover, Maestro
	inGroups(4, 4, 4, 4, 2), // 18: Maestro
	inGroups(4, 4, 4, 4),    // 16
	inGroups(4, 4, 4, 3),    // 15, by those who count in fours
	inGroups(4, 4, 4, 2),    // 14, by the same
	inGroups(4, 6, 5),       // 15: American Express
	inGroups(4, 6, 4),       // 14: Diners Club
	inGroups(4, 3, 3, 3),    // 13: Visa of old
	inGroups(6, 13),         // 19: UnionPay
}

// cardNumber is a candidate: the span of its digits and the digits.
type cardNumber struct {
	start, end int
	joiner     byte // 0 in one run
	digits     []byte
}

// cardUse says how much must speak for a number to be a card's.
type cardUse int

const (
	cardWhole  cardUse = iota // it was said to be one
	cardBeside                // a keyword is asked for by the rule
	cardAlone                 // no word announces it
)

func matchCard(w []byte, at int) (start, end int, ok bool)      { return findCard(w, at, cardBeside) }
func matchCardAlone(w []byte, at int) (start, end int, ok bool) { return findCard(w, at, cardAlone) }

// wholeCard accepts every well-formed card number.
func wholeCard(value []byte) bool {
	_, end, ok := findCard(value, 0, cardWhole)
	return ok && end == len(value)
}

// findCard finds the longest number that starts at w[at], in one run or in
// one of cardLayouts, has clear neighbours and is good. What looks like its last
// group may be a security code or a date behind a shorter number.
func findCard(w []byte, at int, use cardUse) (start, end int, ok bool) {
	if run := digitRun(w, at); run > maxGroup-1 {
		n := cardNumber{start: at, end: at + run, digits: w[at : at+run]}
		return n.start, n.end, run <= maxCard && n.good(w, use)
	}
	var g cardGroups
	g.read(w, at)
	for i := range cardLayouts {
		if n, ok := g.number(&cardLayouts[i], at); ok && n.good(w, use) {
			return n.start, n.end, true
		}
	}
	return 0, 0, false
}

const (
	maxCard  = 19 // digits
	maxGroup = 13 // of them in one group of many, and the shortest number in one run
)

// good reports whether n is the number of a card and not a piece of something
// else.
func (n cardNumber) good(w []byte, use cardUse) bool {
	if !goodCard(n.digits, use != cardAlone) || !Clear(w, n.start, n.end) && !onTrack(w, n) || n.joiner == '.' && n.start > 0 && w[n.start-1] == '.' {
		return false
	}
	switch use {
	case cardBeside:
		return !isMilliseconds(n.digits) && !amidGroups(w, n) && !nearIMEI(w, n)
	case cardAlone:
		return standsAlone(w, n) && !amidGroups(w, n) && !nearIMEI(w, n)
	}
	return true
}

// onTrack reports whether a number is where the first track of a magnetic
// stripe has it: between %B and ^ (ISO/IEC 7813).
func onTrack(w []byte, n cardNumber) bool {
	return n.start > 1 && w[n.start-2] == '%' && w[n.start-1] == 'B' && n.end < len(w) && w[n.end] == '^'
}

// digitRun is the length of the run of digits at w[at], more than maxCard for
// all longer ones.
func digitRun(w []byte, at int) int {
	n := runOfDigits(w, at)
	if n == 16 {
		n += leadingDigits(eightAt(w, at+16))
	}
	return n
}

// cardGroups is groups of digits with one byte between them, always the same.
type cardGroups struct {
	sizes  uint32 // as in a cardLayout
	joiner byte
	digits [maxCard + 16]byte // of all groups, and what was read with them
}

// read reads up to five groups at w[at].
func (g *cardGroups) read(w []byte, at int) {
	count := 0
	for shift := 0; shift < 5*4; shift += 4 {
		if shift > 0 {
			if at >= len(w) || g.joiner != 0 && w[at] != g.joiner {
				break
			}
			g.joiner = w[at]
			at++
		}
		x := eightAt(w, at)
		n := leadingDigits(x)
		binary.LittleEndian.PutUint64(g.digits[count:], x)
		if n == 8 {
			x = eightAt(w, at+8)
			n += leadingDigits(x)
			binary.LittleEndian.PutUint64(g.digits[count+8:], x)
		}
		if n == 0 || n > maxGroup || count+n > maxCard {
			break
		}
		g.sizes |= uint32(n) << shift
		count += n
		at += n
	}
}

// number returns the number that the groups, which start at position at, begin
// with in this layout. Its digits are in g.
func (g *cardGroups) number(l *cardLayout, at int) (n cardNumber, ok bool) {
	if g.sizes&l.mask != l.sizes || g.joiner != ' ' && g.joiner != '-' && g.joiner != '.' {
		return n, false
	}
	return cardNumber{start: at, end: at + l.width, joiner: g.joiner, digits: g.digits[:l.digits]}, true
}

// amidGroups reports whether a number joined by blanks goes on in the groups
// around it, as in a hexadecimal dump, a longer number or an IBAN: a group of
// four hexadecimal digits stands before it and belongs to no card, or after it
// and begins none, nor is a date; or an IBAN begins before it.
func amidGroups(w []byte, n cardNumber) bool {
	if n.joiner != ' ' {
		return false
	}
	before := n.start > 0 && w[n.start-1] == ' ' && isHexGroup(w, n.start-5) && !followsCard(w, n.start-1)
	after := n.end < len(w) && w[n.end] == ' ' && isHexGroup(w, n.end+1) && !isMonth(w[n.end+1:]) && !beginsCard(w, n.end+1)
	return before || after || inIBAN(w, n.start)
}

// isHexGroup reports whether four hexadecimal digits stand at w[at], blanks
// around them.
func isHexGroup(w []byte, at int) bool {
	if at < 0 || at+4 > len(w) || at > 0 && !isBlank(w[at-1]) || at+4 < len(w) && !isBlank(w[at+4]) {
		return false
	}
	return hexRun(w[at : at+4])
}

// isMonth reports whether w begins with two digits from 01 to 12.
func isMonth(w []byte) bool {
	if len(w) < 2 || !isDigit(w[0]) || !isDigit(w[1]) {
		return false
	}
	m := int(w[0]-'0')*10 + int(w[1]-'0')
	return 1 <= m && m <= 12
}

// inIBAN reports whether groups of four letters and digits before w[i], joined
// by blanks, go back to two letters and two digits.
func inIBAN(w []byte, i int) bool {
	for low := max(0, i-maxIBAN); i-5 >= low && w[i-1] == ' ' && allOf(w[i-5:i-1], alnumByte); {
		i -= 5
		if isLetter(w[i]) && isLetter(w[i+1]) && isDigit(w[i+2]) && isDigit(w[i+3]) && !wordBefore(w, i) {
			return true
		}
	}
	return false
}

// maxIBAN is the length of the longest IBAN (ISO 13616-1) in groups of four.
const maxIBAN = 34 + 8

// beginsCard reports whether the number of a card in groups starts at w[at].
func beginsCard(w []byte, at int) bool {
	var g cardGroups
	g.read(w, at)
	for i := range cardLayouts {
		if n, ok := g.number(&cardLayouts[i], at); ok && goodCard(n.digits, false) {
			return true
		}
	}
	return false
}

// followsCard reports whether the number of a card in groups ends before
// w[end], or before a date or security code there.
func followsCard(w []byte, end int) bool {
	for range 3 {
		if endsCard(w, end) {
			return true
		}
		blank := bytes.LastIndexByte(w[max(0, end-6):end], ' ')
		if blank < 0 {
			return false
		}
		blank += max(0, end-6)
		if !isCardExtra(w[blank+1 : end]) {
			return false
		}
		end = blank
	}
	return false
}

// endsCard reports whether the number of a card in groups ends before w[end].
func endsCard(w []byte, end int) bool {
	for i := range cardLayouts {
		l := &cardLayouts[i]
		at := end - l.width
		if at < 0 || at > 0 && isWord(w[at-1]) {
			continue
		}
		var g cardGroups
		g.read(w[:end], at)
		if n, ok := g.number(l, at); ok && goodCard(n.digits, false) {
			return true
		}
	}
	return false
}

// isCardExtra reports whether v is what stands behind a card number: a
// security code of three digits, or a date as MMYY or MM/YY.
func isCardExtra(v []byte) bool {
	switch len(v) {
	case 3:
		return allOf(v, digitByte)
	case 4:
		return isMonth(v) && allOf(v, digitByte)
	case 5:
		return isMonth(v) && v[2] == '/' && allOf(v[3:], digitByte)
	}
	return false
}

// amidNumbers reports whether a number joined by blanks stands in a row of
// numbers, like the figures of a table: in its line another number before it
// that belongs to no card, or after it one that begins none and is neither date
// nor security code; or in the line before or after groups like its own that are
// no card.
func amidNumbers(w []byte, n cardNumber) bool {
	if n.joiner != ' ' {
		return false
	}
	if i := n.start - 1; i > 0 && isDigit(w[i-1]) {
		if w[i] == ' ' && isNumberBefore(w, i) && !followsCard(w, i) {
			return true
		}
		if w[i] == '\n' && groupsBefore(w, i) && !followsCard(w, i) {
			return true
		}
	}
	if n.end+1 >= len(w) {
		return false
	}
	next := w[n.end+1:]
	switch w[n.end] {
	case ' ':
		g := digitRun(next, 0)
		return g > 0 && (g == len(next) || isBlank(next[g])) && !isCardExtra(next[:g]) && !beginsCard(w, n.end+1)
	case '\n':
		return isDigit(next[0]) && groupsAt(w, n.end+1) && !beginsCard(w, n.end+1)
	}
	return false
}

// isNumberBefore reports whether the digits that end before w[end] stand
// behind a blank.
func isNumberBefore(w []byte, end int) bool {
	i := end
	for i > 0 && end-i < 20 && isDigit(w[i-1]) {
		i--
	}
	return i == 0 || isBlank(w[i-1])
}

// groupsAt reports whether groups of four digits start at w[at].
func groupsAt(w []byte, at int) bool { return fours.match(w[at:]) }

// groupsBefore reports whether groups of four digits end before w[end].
func groupsBefore(w []byte, end int) bool {
	at := end - len(fours.classes)
	return at >= 0 && groupsAt(w, at)
}

var fours = layout{classes: "9999 9999"}

// goodCard reports whether digits are the number of a card: Luhn, issuer and
// length, and no mere sequence.
func goodCard(digits []byte, rare bool) bool {
	return checksum.Luhn(digits) && issued(digits, rare) && !isSequence(digits) && !(len(digits) == 15 && digits[0] < '3' && validNIR(digits))
}

// isSequence reports whether the digits are all equal or count up or down by
// a fixed step, 0 following 9.
func isSequence(digits []byte) bool {
	step := (digits[1] + 10 - digits[0]) % 10
	for i := 1; i < len(digits); i++ {
		if (digits[i]+10-digits[i-1])%10 != step {
			return false
		}
	}
	return true
}

// standsAlone reports whether a number is a card's rather than one of the
// other long numbers that data is full of.
func standsAlone(w []byte, n cardNumber) bool {
	if n.joiner == 0 && !runAlone(n.digits) || n.joiner != 0 && areSmall(n.digits) || amidNumbers(w, n) {
		return false
	}
	if n.start > 0 && strings.IndexByte(`/\%-`, w[n.start-1]) >= 0 {
		return false // path, escape, negative number
	}
	if n.end+1 < len(w) && w[n.end] == '.' && isLetter(w[n.end+1]) {
		return false // file name, host name
	}
	var buf [namedReach]byte
	return !isOtherLongNumber(nameBefore(w, n.start, &buf))
}

// areSmall reports whether digits in groups of four are a list of small numbers
// filled with zeros, such as code points: of drawn cards, one in two thousand.
func areSmall(digits []byte) bool {
	small := 0
	for i := 0; i+1 < len(digits); i += 4 {
		if digits[i] == '0' && digits[i+1] == '0' {
			small++
		}
	}
	return small > 1
}

// runAlone judges one run of digits.
func runAlone(digits []byte) bool {
	if isNarrow(digits) {
		return false
	}
	switch len(digits) {
	case 13:
		// Visa's short numbers are extinct, while article numbers (EAN) and
		// telephone numbers without their plus begin with 4, too.
		return false
	case 14:
		return !isDayFirstTimestamp(digits)
	case 17, 18, 19:
		// Chance alone makes one in ninety random 64-bit numbers a Visa number
		// of 19 digits.
		return len(digits) == 19 && digits[0] == '6' && digits[1] == '2'
	}
	return true
}

// isNarrow reports whether digits are a code made of four or five symbols in
// a row, such as the strokes of a character: of drawn digits, fewer than one
// number in a thousand.
func isNarrow(digits []byte) bool {
	var seen [10]bool
	distinct := 0
	for _, c := range digits {
		if !seen[c-'0'] {
			seen[c-'0'] = true
			distinct++
		}
	}
	return distinct >= 4 && slices.Max(digits)-slices.Min(digits) < 5
}

// isMilliseconds reports whether 13 digits are a time from 2001 to 2100 in
// milliseconds since 1970. No scheme has numbers that begin like the times in
// microseconds or nanoseconds, or like yyyymmddhhmmss, of our century's first
// decades.
func isMilliseconds(digits []byte) bool {
	if len(digits) != 13 {
		return false
	}
	const first, last = 978_307_200_000, 4_102_444_800_000 // 1 January of 2001 and of 2100
	n := int64(0)
	for _, c := range digits {
		n = n*10 + int64(c-'0')
	}
	return first <= n && n <= last
}

// isDayFirstTimestamp reports whether 14 digits are ddmmyyyyhhmmss, which on
// the 30th begins like a Diners Club number.
func isDayFirstTimestamp(digits []byte) bool {
	century := string(digits[4:6])
	return digits[0] <= '3' && isMonth(digits[2:]) && (century == "19" || century == "20") &&
		string(digits[8:10]) < "24" && digits[10] < '6' && digits[12] < '6'
}

// nearIMEI reports whether the word imei stands near a number of up to 17
// digits: the serial number of a telephone has 15 digits with the same check
// digit, or 16 or 17 with a software version.
func nearIMEI(w []byte, n cardNumber) bool {
	if len(n.digits) > 17 {
		return false
	}
	near := w[max(0, n.start-Proximity):min(len(w), n.end+Proximity)]
	const ones = eightHighs >> 7
	for i := 0; i < len(near); i += 8 {
		x := (eightAt(near, i) | ones<<5) ^ 'm'*ones // zero where there is an M
		for m := (x - ones) &^ x & eightHighs; m != 0; m &= m - 1 {
			if isIMEI(near, i+bits.TrailingZeros64(m)/8-1) {
				return true
			}
		}
	}
	return false
}

// isIMEI reports whether the word imei stands at w[i], in any case.
func isIMEI(w []byte, i int) bool {
	return i >= 0 && i+4 <= len(w) && w[i]|0x20 == 'i' && w[i+1]|0x20 == 'm' && w[i+2]|0x20 == 'e' && w[i+3]|0x20 == 'i'
}

// cardKeywords are Macie's, then our own by language.
func cardKeywords() []string {
	return wordList(
		"account number; american express; amex; bank card; c card; card; cc #; ccn; check card; cred card; credit",
		"credit card; credit cards; credit no; credit num; dankort; debit; debit card; debit no; debit num; diners club",
		"discover; electron; japanese card bureau; jcb; mastercard; mc; pan; payment account number; payment card number",
		"pcn; pmnt #; pmnt card; pmnt no; pmnt number; union pay; visa",

		"cards; card no; card num; card nbr; card number; card numbers; cardholder; cc no; cc num; cc number; master card",
		"primary account number; maestro; diners; rupay; unionpay",
		"carte; cartes; carte bancaire; cartes bancaires; carte de crédit; carte bleue; numéro de carte",
		"karte; kreditkarte; kreditkarten; kreditkartennummer; kreditkartennr; kartennummer; kartennr; bankkarte; ec-karte",
		"tarjeta; tarjeta de crédito; tarjeta de débito; número de tarjeta",
		"carta; carta di credito; carta di debito; numero carta; numero della carta",
		"cartão; cartão de crédito; cartão de débito; número do cartão",
		"creditcard; creditcardnummer; kaartnummer; betaalkaart; kortnummer; kreditkort; betalingskort; luottokortti; kortin numero",
		"karta kredytowa; numer karty; číslo karty; kreditní karta; kart numarası; kredi kartı",
		"карта; номер карты; номер карти; кредитная карта; כרטיס אשראי; بطاقة ائتمان; رقم البطاقة",
		"信用卡; 银行卡; 卡号; 卡號; クレジットカード; カード番号; 신용카드; 카드번호",
	)
}

// cardDummies are the 55 numbers that issuers and processors publish for
// tests and that Macie does not report.
func cardDummies() []string {
	return []string{
		"122000000000003", "2222405343248877", "2222990905257051", "2223007648726984", "2223577120017656", "30569309025904",
		"34343434343434", "3528000700000000", "3530111333300000", "3566002020360505", "36148900647913", "36700102000000",
		"371449635398431", "378282246310005", "378734493671000", "38520000023237", "4012888888881881", "4111111111111111",
		"4222222222222", "4444333322221111", "4462030000000000", "4484070000000000", "4911830000000", "4917300800000000",
		"4917610000000000", "4917610000000000003", "5019717010103742", "5105105105105100", "5111010030175156",
		"5185540810000019", "5200828282828210", "5204230080000017", "5204740009900014", "5420923878724339",
		"5454545454545454", "5455330760000018", "5506900490000436", "5506900490000444", "5506900510000234",
		"5506920809243667", "5506922400634930", "5506927427317625", "5553042241984105", "5555553753048194",
		"5555555555554444", "5610591081018250", "6011000990139424", "6011000400000000", "6011111111111117",
		"630490017740292441", "630495060000000000", "6331101999990016", "6759649826438453", "6799990100000000019", "76009244561",
	}
}
