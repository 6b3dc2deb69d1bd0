package detectors

import "github.com/sluice-dlp/sluice/detectors/checksum"

// cardholder returns the rules for what is on a payment card beside its number.
func cardholder() []Rule { return []Rule{cardExpiration(), cardStripe(), cardSecurityCode()} }

func cardExpiration() Rule {
	return Rule{
		ID: "CREDIT_CARD_EXPIRATION", Name: "expiration date of a payment card",
		Category: Financial, Severity: Severities{Low, Medium, High}, Priority: PriorityKeyword,
		Form: "A month and a year beside a keyword: MM/YY and MM/YYYY, also with '-' and with blanks around the stroke; YYYY-MM and YYYY/MM; the name of a month and the year; and, " +
			"right behind a word that announces it, MMYY, a month alone (exp_month=12) or a year alone (expY=27).",
		Check:  "Month 01 to 12; years of four digits from 2000 to 2099, those of two from 15 to 49 but behind a stroke, where all are. Not a part of a longer date or number.",
		Beside: []Run{{1, 2, "", ""}, {4, 4, "", ""}},
		Lead:   maxMonth + len(". "),
		Match:  matchExpiration,
		Whole:  isExpiration,
		MaxLen: 24,
		Keywords: wordList(
			"exp d; exp m; exp y; expiration; expiry",
			"exp date; exp; expires; valid thru; valid through; valid until; good thru; exp month; exp year; expmonth; expyear; card expiry; expiration date; expiry date",
			"date d'expiration; expire fin; expire le; date de validité; gültig bis; verfallsdatum; ablaufdatum",
			"fecha de caducidad; fecha de vencimiento; válida hasta; vencimiento; scadenza; data di scadenza",
			"validade; data de validade; vervaldatum; geldig tot; utgångsdatum; giltigt till",
		),
		NeedKeyword: true,
	}
}

// What announces a month, a year, and both in four digits.
var (
	expiryMonthWords = []string{"exp month", "expiry month", "expiration month", "expires month", "exp m"}
	expiryYearWords  = []string{"exp year", "expiry year", "expiration year", "expires year", "exp y"}
	expiryWords      = []string{"exp", "expiry", "expiration", "exp date", "exp d", "expiry date", "expiration date", "valid thru", "good thru"}
)

// matchExpiration measures the date whose first or only number starts at at.
func matchExpiration(w []byte, at int) (start, end int, ok bool) {
	n := runOfDigits(w, at)
	end = at + n
	if start, ok = monthNameBefore(w, at); ok && isCardYear(w[at:end], false) && (n == 4 || w[at-1] != ' ') { // else a day
		return start, end, dateBounded(w, start, end)
	}
	switch {
	case n == 4 && string(w[at:at+2]) == "20":
		if end, ok = numberBehind(w, end, 2); ok && isMonth(w[end-2:]) {
			return at, end, dateBounded(w, at, end)
		}
		end = at + n
		ok = announced(w, at, expiryYearWords)
	case n == 4:
		ok = isMonth(w[at:]) && isCardYear(w[at+2:end], false) && announced(w, at, expiryWords)
	default:
		if month, width := number(w, at); width == 0 || month < 1 || month > 12 {
			ok = n == 2 && isCardYear(w[at:end], false) && announced(w, at, expiryYearWords)
			break
		}
		if end, ok = cardYearBehind(w, at+n); ok {
			break
		}
		end = at + n
		ok = announced(w, at, expiryMonthWords) || n == 2 && isCardYear(w[at:end], false) && announced(w, at, expiryYearWords)
	}
	return at, end, ok && dateBounded(w, at, end)
}

// isExpiration reports whether the whole of v is a month and a year, or one of
// them alone.
func isExpiration(v []byte) bool {
	if allOf(v, digitByte) {
		switch len(v) {
		case 1, 2:
			month, _ := number(v, 0)
			return 1 <= month && month <= 12 || isCardYear(v, false)
		case 4:
			return isMonth(v) && isCardYear(v[2:], true) || isCardYear(v, true)
		}
		return false
	}
	for at, c := range v {
		if isDigit(c) {
			start, end, ok := matchExpiration(v, at)
			return ok && start == 0 && end == len(v)
		}
	}
	return false
}

// cardYearBehind returns the end of the year behind the month that ends at
// w[i], and the separator between them.
func cardYearBehind(w []byte, i int) (end int, ok bool) {
	stroke := after(w, i, "/") > 0 || after(w, i, " / ") > 0
	alone := i < 2 || !isDigit(w[i-2]) // one digit
	for _, width := range [...]int{4, 2} {
		if end, ok = numberBehind(w, i, width); ok {
			return end, isCardYear(w[end-width:end], stroke) && (stroke || width == 4 || !alone)
		}
	}
	return 0, false
}

// numberBehind returns the end of a number of so many digits behind w[i]:
// '/' or '-' stands between, or a stroke with blanks.
func numberBehind(w []byte, i, width int) (end int, ok bool) {
	if after(w, i, " / ") > 0 {
		i += len(" /")
	} else if i >= len(w) || w[i] != '/' && w[i] != '-' {
		return 0, false
	}
	return i + 1 + width, runOfDigits(w, i+1) == width
}

// isCardYear reports whether v is the year of a card: 20 and two digits, or
// two digits from 15 to 49, or any two if all is set.
func isCardYear(v []byte, all bool) bool {
	switch len(v) {
	case 4:
		return v[0] == '2' && v[1] == '0'
	case 2:
		return all || '1' <= v[0] && v[0] <= '4' && string(v) >= "15"
	}
	return false
}

// monthNameBefore returns where the name of a month starts that ends before
// w[at], with one of ' ', '-', '/' and '.' or two of them between.
func monthNameBefore(w []byte, at int) (start int, ok bool) {
	i := at
	for i > 0 && at-i < 2 && (w[i-1] == ' ' || w[i-1] == '-' || w[i-1] == '/' || w[i-1] == '.') {
		i--
	}
	start = i
	for start > 0 && i-start <= maxMonth && isNameByte(w[start-1]) {
		start--
	}
	if start > 1 && isDigit(w[start-2]) {
		return 0, false // a day of the month
	}
	month, n := monthAt(w, start)
	return start, i < at && month > 0 && start+n == i
}

const (
	maxTrack1 = 79 // characters (ISO/IEC 7813, clause 6)
	maxTrack2 = 40
)

func cardStripe() Rule {
	return Rule{
		ID: "CREDIT_CARD_MAGNETIC_STRIPE", Name: "data of the magnetic stripe of a payment card",
		Category: Financial, Severity: AlwaysHigh,
		Priority: PriorityStrong, // not above a card number: that of the stripe is one, and both are told
		Form: "Track 1: %B, the card number, ^, the name of 2 to 26 characters, ^, year, month and service code, and what follows to the end sentinel '?'. Track 2: ';', the card number, '=', year, month, " +
			"service code and digits to '?' (ISO/IEC 7813). Track 2 without its start sentinel needs a keyword.",
		Check:  "Luhn of the card number (ISO/IEC 7812-1, annex B), whose digits are not all equal; the month exists, the service code has three digits. The LRC behind '?' is mostly lost and not looked at.",
		Anchor: Anchor{Shapes: []string{`%[Bb][0-9]{8}`, `[0-9]{8}.{5,11}=[0-9]{4}`}},
		Match:  matchStripeTrack,
		MaxLen: maxTrack1 + 1,
		Weak:   func(v []byte) bool { return isDigit(v[0]) },
		Keywords: wordList(
			"card data; iso7813; mag; magstripe; stripe; swipe",
			"magnetic stripe; magstripe data; track; track1; track2; track 1; track 2; track data; track1 data; track2 data; card swipe; msr",
			"piste magnétique; bande magnétique; magnetstreifen; banda magnética; banda magnetica; tarja magnética; magneetstrip",
		),
	}
}

// matchStripeTrack measures the track whose "%B", or whose card number, stands at at.
func matchStripeTrack(w []byte, at int) (start, end int, ok bool) {
	if w[at] == '%' {
		end = track1End(w, at)
		return at, end, end > 0
	}
	start = at
	if at > 0 && w[at-1] == ';' {
		start--
	} else if !startsClear(w, at) {
		return 0, 0, false
	}
	n := digitRun(w, at)
	if !isStripeCard(w, at, n) || at+n >= len(w) || w[at+n] != '=' || !isStripeDate(w, at+n+1) {
		return 0, 0, false
	}
	end = runEnd(w, at+n+1, maxTrack2, digitByte)
	if end-at > maxTrack2 {
		return 0, 0, false
	}
	if end < len(w) && w[end] == '?' {
		return start, end + 1, true
	}
	return start, end, end == len(w) || !isWord(w[end])
}

// startsClear reports whether no word or number goes on at w[at].
func startsClear(w []byte, at int) bool {
	return at == 0 || !wordBefore(w, at) && w[at-1] != '.' && w[at-1] != '-'
}

// track1End returns the end of the first track that starts at w[at], or -1.
func track1End(w []byte, at int) int {
	i := at + len("%B")
	n := digitRun(w, i)
	if !isStripeCard(w, i, n) {
		return -1
	}
	w = w[:min(len(w), at+maxTrack1)]
	i += n
	if i >= len(w) || w[i] != '^' {
		return -1
	}
	name := i + 1
	for i = name; i < len(w) && w[i] != '^' && w[i] >= ' '; i++ {
	}
	if i-name < 2 || i-name > 26 || i >= len(w) || w[i] != '^' || !isStripeDate(w, i+1) {
		return -1
	}
	end := i + 1 + len("YYMM000")
	for i = end; i < len(w) && w[i] >= ' ' && w[i] < 0x7f; i++ {
		if w[i] == '?' {
			return i + 1
		}
	}
	return end
}

// isStripeCard reports whether the n digits at w[i] are a card number.
func isStripeCard(w []byte, i, n int) bool {
	if n < 12 || n > maxCard {
		return false
	}
	return checksum.Luhn(w[i:i+n]) && !allEqual(w[i:i+n])
}

// isStripeDate reports whether year, month and service code stand at w[i].
func isStripeDate(w []byte, i int) bool {
	const digits = len("YYMM") + len("000")
	return i+digits <= len(w) && allOf(w[i:i+digits], digitByte) && isMonth(w[i+2:])
}

func cardSecurityCode() Rule {
	return Rule{
		ID: "CREDIT_CARD_SECURITY_CODE", Name: "security code of a payment card",
		Category: Financial, Severity: Severities{Medium, High, High}, Priority: PriorityKeyword,
		Form:   "3 or 4 digits right behind a keyword: between them are punctuation, blanks and words such as \"is\" and \"number\" only.",
		Check:  "none exists",
		Beside: []Run{{3, 4, "", ""}},
		Match: func(w []byte, at int) (int, int, bool) {
			end := at + runOfDigits(w, at)
			return at, end, Clear(w, at, end) && announced(w, at, securityCodeWords)
		},
		Whole:       func(v []byte) bool { return (len(v) == 3 || len(v) == 4) && allOf(v, digitByte) },
		MaxLen:      4,
		Keywords:    securityCodeWords,
		NeedKeyword: true,
	}
}

var securityCodeWords = wordList(
	"card id; card identification code; card identification number; card security code; card validation code; card validation number",
	"card verification data; card verification value; cvc; cvc2; cvv; cvv2; elo verification code",
	"security code; cid; csc; cav2; verification code; card code; card verification code; card verification number; cvn; cvn2; cvd; cvv code",
	"cryptogramme; cryptogramme visuel; code de sécurité; prüfnummer; prüfziffer; kartenprüfnummer; sicherheitscode; kpn",
	"código de seguridad; codice di sicurezza; código de segurança; código de verificación; código de verificação; beveiligingscode",
)
