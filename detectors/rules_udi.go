package detectors

import (
	"bytes"
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

func deviceIdentifier() Rule {
	return Rule{
		ID: "MEDICAL_DEVICE_UDI", Name: "unique device identifier of a medical device (UDI)",
		Category: Personal, Countries: []string{"US"}, Severity: Rising, Priority: PriorityStrong,
		Form: "The formats of FDA's issuing agencies, as they are printed. GS1: (01) and 14 digits, and then (11), (13), (15), (16), (17) with a date, (10), (21), (30), (240) with up to 20 characters. HIBCC: '+', a letter, three letters " +
			"or digits, the product, a digit for the package, and production data behind '/', in capitals. ICCBBA: =/ and 16 letters and digits, and =, => =} &, with data, or a donation number: 13 characters and the check " +
			"character. A GS1 number with production data stands for itself; all others need a keyword.",
		Check:  "GS1: weights 3 and 1 (GS1 General Specifications, 7.9), dates exist. HIBCC: modulo 43 of all characters (ANSI/HIBC 2). Donation number: ISO/IEC 7064 MOD 37-2 (ICCBBA ST-001, appendix A).",
		Anchor: Anchor{Shapes: []string{`\([0-9]{2}\)[0-9]{14}`, `=/[0-9A-Z]{16}`, `\+[A-Z][0-9A-Z]{5}`}},
		Beside: []Run{{12, 13, "", ""}},
		Lead:   1,
		Match:  matchUDI,
		Whole:  isUDI,
		MaxLen: maxBeside - 1,
		Weak:   func(v []byte) bool { return v[0] != '(' || len(v) <= len("(01)00000000000000") },
		Keywords: wordList(
			"blood; blood bag; dev id; device id; device identifier; gs1; hibcc; iccbba; med; udi; unique device id; unique device identifier",
			"udi-di; udi-pi; udi di; udi number; hibc; isbt; isbt 128; isbt128; donation number; donation identification number; din; implant; medical device; dispositif médical; medizinprodukt; dispositivo médico; dispositivo medico",
		),
	}
}

// matchUDI measures the identifier whose first characters, or the first digit
// of whose donation number, stand at at.
func matchUDI(w []byte, at int) (start, end int, ok bool) {
	start = at
	switch c := w[at]; {
	case c == '(':
		end = gs1End(w, at)
	case c == '=':
		end = iccbbaEnd(w, at)
	case c == '+':
		end = hibcEnd(w, at)
	case isDigit(c):
		start, end = donationNumber(w, at)
	}
	if end < 0 || !startsClear(w, start) || end < len(w) && isWord(w[end]) {
		return 0, 0, false
	}
	return start, end, true
}

// isUDI reports whether the whole of v is an identifier, or the number of
// a trade item of GS1, which has 8, 12, 13 or 14 digits.
func isUDI(v []byte) bool {
	if len(v) == 0 {
		return false
	}
	if allOf(v, digitByte) {
		return (len(v) == 8 || 12 <= len(v) && len(v) <= 14) && checksum.GTIN(v) && !allZero(v)
	}
	at := 0
	if isLetter(v[0]) {
		at = 1
	}
	if at == len(v) {
		return false
	}
	start, end, ok := matchUDI(v, at)
	return ok && start == 0 && end == len(v)
}

// gs1End returns the end of the element strings that begin with (01) at w[at],
// or -1. What follows a broken one is not read.
func gs1End(w []byte, at int) int {
	end := runBetween(w, after(w, at, "(01)"), 14, 14, digitByte)
	if end < 0 || !checksum.GTIN(w[end-14:end]) || allZero(w[end-14:end]) {
		return -1
	}
	limit := min(len(w), at+maxBeside-1)
	for {
		i := after(w, end, "(")
		ai := runBetween(w, i, 2, 3, digitByte)
		data := after(w, ai, ")")
		if data < 0 {
			return end
		}
		next := -1
		switch string(w[i:ai]) {
		case "11", "13", "15", "16", "17":
			if next = runBetween(w, data, 6, 6, digitByte); next > 0 && !isGS1Date(w[data:next]) {
				next = -1
			}
		case "10", "21", "30", "240":
			next = runEnd(w, data, 20, wordByte|dashByte|slashByte|dotByte)
			for next > data && w[next-1] == '.' { // of a sentence
				next--
			}
			if next == data {
				next = -1
			}
		}
		if next < 0 || next > limit {
			return end
		}
		end = next
	}
}

// isGS1Date reports whether v is a date as YYMMDD; day 00 leaves it open.
func isGS1Date(v []byte) bool {
	day := twoDigits(v, 4)
	return isDay(2000+twoDigits(v, 0), twoDigits(v, 2), max(1, day)) || string(v[:2]) >= "36" && isDay(1900+twoDigits(v, 0), twoDigits(v, 2), max(1, day))
}

// hibcAlphabet are the characters of HIBC by their values: those of Code 39.
const hibcAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"

// hibcEnd returns the end of the HIBC label that starts at w[at], or -1. A last
// '.' is the end of a sentence if the label is right without it.
func hibcEnd(w []byte, at int) int {
	const least = len("+A0000") + 2
	end := at + 1
	for end < len(w) && end-at < maxBeside && w[end] != ' ' && strings.IndexByte(hibcAlphabet, w[end]) >= 0 {
		end++
	}
	if end < len(w) && isLower(w[end]) || end-at == maxBeside {
		return -1
	}
	for _, e := range [...]int{end, end - 1} {
		if e-at >= least && (e == end || w[e] == '.') && isHIBC(w[at:e]) {
			return e
		}
	}
	return -1
}

// isHIBC judges a label: '+', the labeler (a letter and three more), a product of 1
// to 18, the digit of the package, and the check character, or data behind a stroke and then
// the check character.
func isHIBC(v []byte) bool {
	product := v[5 : len(v)-1]
	if i := bytes.IndexByte(product, '/'); i >= 0 {
		product = product[:i]
	}
	n := len(product)
	if !isUpper(v[1]) || !allOf(v[2:5], digitByte|upperByte) || n < 2 || n > 19 || !allOf(product, digitByte|upperByte) || !isDigit(product[n-1]) {
		return false
	}
	sum := 0
	for _, c := range v[:len(v)-1] {
		sum += strings.IndexByte(hibcAlphabet, c)
	}
	return hibcAlphabet[sum%43] == v[len(v)-1]
}

// iccbbaEnd returns the end of the data of ISBT 128 that begins with =/ at
// w[at], or -1.
func iccbbaEnd(w []byte, at int) int {
	end := runBetween(w, at+len("=/"), 16, 16, digitByte|upperByte)
	for end > 0 {
		next := -1
		switch {
		case after(w, end, "=,") > 0:
			next = runBetween(w, end+2, 6, 6, digitByte|upperByte)
		case after(w, end, "=>") > 0, after(w, end, "=}") > 0:
			next = runBetween(w, end+2, 6, 6, digitByte)
		case after(w, end, "&,1") > 0:
			next = runBetween(w, end+3, 1, 19, digitByte|upperByte)
		case after(w, end, "=") > 0:
			next = runBetween(w, end+1, 15, 15, digitByte|upperByte)
		}
		if next < 0 || next-at >= maxBeside {
			break
		}
		end = next
	}
	return end
}

// donationNumber returns the span of the donation number and its check
// character one of whose first two characters is w[at], a digit; end is -1 if there is none.
func donationNumber(w []byte, at int) (start, end int) {
	start = at
	if at > 0 && isUpper(w[at-1]) {
		start--
	}
	end = start + len("A999926123456C")
	if end > len(w) || start == at && w[at] == '0' || !allOf(w[start+1:end-1], digitByte) || !(digitByte|upperByte).has(w[end-1]) && w[end-1] != '*' {
		return start, -1
	}
	if v := w[start:end]; !checksum.Mod37_2(v) || allEqual(v[:13]) {
		return start, -1
	}
	return start, end
}
