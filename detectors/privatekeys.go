package detectors

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"math/bits"
)

// Private keys in their textual armour. A block is found with line ends of
// any kind, indented, quoted line by line, on one line, or with its line ends
// escaped in a JSON string.
func privateKeys() []Rule {
	return []Rule{pkcsKey(), opensshKey(), pgpKey()}
}

// armour is a kind of block: which labels it has, and whether the first bytes
// of the decoded body are those of a private key.
type armour struct {
	label func(label []byte) bool
	body  func(first [11]byte) bool
	min   int // characters of base64, minArmourBody if 0
}

const (
	armourBegin = "-----BEGIN "
	armourEnd   = "-----END "
	dashes      = "-----"

	minArmourBody = 48 // characters of base64: less is no key
	minSeen       = 12 // different characters in it
	maxLabel      = 40
)

// pkcsLabel reports whether label is that of a private key of PKCS 1 or 8, or as
// OpenSSL writes them.
func pkcsLabel(label []byte) bool {
	kind, ok := bytes.CutSuffix(label, []byte("PRIVATE KEY"))
	if !ok {
		return false
	}
	switch string(kind) {
	case "", "RSA ", "EC ", "DSA ", "ENCRYPTED ", "ANY ":
		return true
	}
	return false
}

func pkcsKey() Rule {
	a := armour{
		label: pkcsLabel,
		// A DER SEQUENCE with a short length or one of one to three bytes.
		body: func(first [11]byte) bool {
			return first[0] == 0x30 && (first[1] < 0x80 || first[1] >= 0x81 && first[1] <= 0x83)
		},
	}
	return Rule{
		ID: "PKCS", Name: "PKCS private key",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityBlock,
		Form: "A PEM block (RFC 7468) with the label PRIVATE KEY, or RSA, EC, DSA, ENCRYPTED or ANY before it. A block longer than 8 KiB or without its end " +
			"is reported as far as it goes.",
		Check:  "The body is base64 of at least 36 bytes and starts as a DER SEQUENCE does (X.690), unless a Proc-Type header says that it is encrypted; twelve different characters occur behind its first bytes.",
		Anchor: Anchor{Literals: []string{armourBegin}},
		Match:  a.match,
		MaxLen: MaxMatch,
	}
}

func opensshKey() Rule {
	a := armour{
		label: func(l []byte) bool { return string(l) == "OPENSSH PRIVATE KEY" },
		body:  func(first [11]byte) bool { return string(first[:]) == "openssh-key" },
	}
	return Rule{
		ID: "OPENSSH_PRIVATE_KEY", Name: "OpenSSH private key",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityBlock,
		Form:   "A block with the label OPENSSH PRIVATE KEY. A block longer than 8 KiB or without its end is reported as far as it goes.",
		Check:  "The body is base64 of at least 36 bytes that begin with openssh-key-v1 (OpenSSH, PROTOCOL.key); twelve different characters occur behind its first bytes.",
		Anchor: Anchor{Literals: []string{armourBegin}},
		Match:  a.match,
		MaxLen: MaxMatch,
	}
}

func pgpKey() Rule {
	a := armour{
		label: func(l []byte) bool { return string(l) == "PGP PRIVATE KEY BLOCK" },
		// A packet with tag 5, secret key, in the old or the new format (RFC 9580, 4.2).
		body: func(first [11]byte) bool { return first[0]&^3 == 0x80|5<<2 || first[0] == 0xC0|5 },
	}
	return Rule{
		ID: "PGP_PRIVATE_KEY", Name: "PGP private key block",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityBlock,
		Form:   "An ASCII-armoured block with the label PGP PRIVATE KEY BLOCK. A block longer than 8 KiB or without its end is reported as far as it goes.",
		Check:  "The body is base64 and begins with a secret key packet (RFC 9580, 4.2); twelve different characters occur behind its first bytes. The optional CRC-24 is not asked for.",
		Anchor: Anchor{Literals: []string{armourBegin}},
		Match:  a.match,
		MaxLen: MaxMatch,
	}
}

// match measures the block whose first dashes stand at at.
func (a armour) match(w []byte, at int) (start, end int, ok bool) {
	w = w[:min(len(w), at+MaxMatch)]
	rest := w[at+len(armourBegin):]
	n := bytes.Index(rest[:min(len(rest), maxLabel)], []byte(dashes))
	if n < 0 || !a.label(rest[:n]) {
		return 0, 0, false
	}
	label := rest[:n]
	i, encrypted := skipHeaders(w, at+len(armourBegin)+n+len(dashes))
	b := readBody(w, i)
	if b.chars < cmp.Or(a.min, minArmourBody) || bits.OnesCount64(b.seen) < minSeen {
		return 0, 0, false
	}
	var first [12]byte
	_, err := base64.StdEncoding.Decode(first[:], b.head[:])
	if err != nil || !encrypted && !a.body([11]byte(first[:11])) {
		return 0, 0, false
	}
	end = b.end
	if tail := w[b.next:]; bytes.HasPrefix(tail, []byte(armourEnd)) {
		tail = tail[len(armourEnd):]
		if bytes.HasPrefix(tail, label) && bytes.HasPrefix(tail[len(label):], []byte(dashes)) {
			end = b.next + len(armourEnd) + len(label) + len(dashes)
		}
	}
	return at, end, true
}

// body is what readBody saw.
type body struct {
	end   int      // just behind the last character of base64
	next  int      // at the first byte that belongs neither to it nor between its lines
	chars int      // characters of base64
	head  [16]byte // the first of them
	seen  uint64   // which values modulo 64 the others have
}

// shortLine is a length that only the last line of a body does not reach, and
// that words do not reach either.
const shortLine = 24

// readBody reads base64 with whatever may stand between its lines, from i.
// A short line with another one behind it is text that follows a block which
// was cut off.
func readBody(w []byte, i int) body {
	b := body{end: i}
	for {
		i = skipBetween(w, i)
		end := runEnd(w, i, len(w), armouredByte)
		if end == i {
			break
		}
		if end-i < shortLine {
			if next := skipBetween(w, end); next < len(w) && isBase64(w[next]) {
				break
			}
		}
		b.add(w[i:end])
		i = end
		b.end = end
	}
	b.next = i
	return b
}

func (b *body) add(line []byte) {
	head := copy(b.head[min(b.chars, len(b.head)):], line)
	for _, c := range line[head:] {
		b.seen |= 1 << (c & 63)
	}
	b.chars += len(line)
}

// skipBetween returns where the next line begins, at w[i] or behind it.
func skipBetween(w []byte, i int) int {
	for i < len(w) {
		n := between(w, i)
		if n == 0 {
			break
		}
		i += n
	}
	return i
}

// between returns the length of what stands at w[i] between two lines of
// an armoured body, 0 if it is part of a line.
func between(w []byte, i int) int {
	switch w[i] {
	case ' ', '\t', '\r', '\n', '"', '\'', ',', '>', '`':
		return 1
	case '\\':
		if i+1 < len(w) && (w[i+1] == 'n' || w[i+1] == 'r' || w[i+1] == 't') {
			return 2
		}
		return 1 // an escaped slash, or a line that goes on
	case '+', '.':
		// An operator that joins string literals stands between blanks or quotes.
		if i+1 < len(w) && !isBase64(w[i+1]) && !isBase64(w[i-1]) {
			return 1
		}
	}
	return 0
}

// skipHeaders skips the header lines of a block ("Proc-Type: 4,ENCRYPTED")
// and reports whether they say that the body is encrypted.
func skipHeaders(w []byte, i int) (body int, encrypted bool) {
	const maxHeaders, maxName = 8, 16
	for range maxHeaders {
		j := skipBetween(w, i)
		colon := runEnd(w, j, maxName, letterByte|dashByte)
		if colon == j || colon >= len(w) || w[colon] != ':' {
			return i, encrypted
		}
		encrypted = encrypted || string(w[j:colon]) == "DEK-Info"
		i = lineEnd(w, colon)
	}
	return i, encrypted
}

// lineEnd returns where the line ends in which w[i] stands, at a line feed
// or an escaped one, or len(w).
func lineEnd(w []byte, i int) int {
	for ; i < len(w); i++ {
		if c := w[i]; c == '\n' || c == '\r' || c == '\\' && i+1 < len(w) && (w[i+1] == 'n' || w[i+1] == 'r') {
			return i
		}
	}
	return i
}
