package detectors

import (
	"bytes"
	"strings"
)

// keyBlocks are private keys in armours of their own.
func keyBlocks() []Rule { return []Rule{puttyKey(), ageKey(), otherPEMKey()} }

// puttyFields are the fields of a PuTTY key file before its private lines, in their order (PuTTY manual,
// appendix C).
func puttyFields() []string {
	return []string{"Encryption: ", "Comment: ", "Public-Lines: ", "Private-Lines: "}
}

func puttyKey() Rule {
	return Rule{
		ID: "PUTTY_PRIVATE_KEY", Name: "PuTTY private key",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityBlock,
		Form: "PuTTY-User-Key-File-1, -2 or -3 and the fields Encryption, Comment, Public-Lines, Private-Lines and Private-MAC or Private-Hash in this order (PuTTY manual, appendix C); " +
			"line ends of any kind, escaped ones too. Keys of more than 8 KiB are reported as far as they go.",
		Check:  "None but the order of the fields; the private lines are base64.",
		Anchor: Anchor{Literals: []string{"PuTTY-User-Key-File-"}},
		Match:  matchPuTTY,
		MaxLen: MaxMatch,
	}
}

func matchPuTTY(w []byte, at int) (start, end int, ok bool) {
	w = w[:min(len(w), at+MaxMatch)]
	i := at + len("PuTTY-User-Key-File-")
	if i+1 >= len(w) || w[i] < '1' || w[i] > '3' || w[i+1] != ':' {
		return 0, 0, false
	}
	for _, field := range puttyFields() {
		n := bytes.Index(w[i:], []byte(field))
		if n < 0 {
			return 0, 0, false
		}
		i += n + len(field)
	}
	body := readBody(w, lineEnd(w, i))
	if body.chars < minArmourBody {
		return 0, 0, false
	}
	tail := w[i:min(len(w), body.end+len("-Hash: "))] // readBody takes "Private" for a last line
	for _, name := range []string{"Private-MAC: ", "Private-Hash: "} {
		if n := bytes.Index(tail, []byte(name)); n >= 0 {
			return at, runEnd(w, i+n+len(name), 64, hexByte), true
		}
	}
	return at, body.end, len(w) == at+MaxMatch
}

const agePrefix = "AGE-SECRET-KEY-1"

func ageKey() Rule {
	const data = 58
	return Rule{
		ID: "AGE_SECRET_KEY", Name: "age secret key",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form: "AGE-SECRET-KEY-1 and 58 capital letters and digits of the alphabet of bech32 (age specification, X25519 recipients).",
		Check: "The last six are its checksum (BIP-173); a key that fails is less certain, not less a match: it may have been copied wrongly. " +
			"One of X only is refused.",
		Anchor: Anchor{Literals: []string{agePrefix}},
		Match: func(w []byte, at int) (int, int, bool) {
			start, end, ok := tokenAt(w, at, runBetween(w, at+len(agePrefix), data, data, digitByte|upperByte))
			return start, end, ok && isBech32Data(w[at+len(agePrefix):end])
		},
		MaxLen: len(agePrefix) + data,
		Sure:   isAgeKey,
	}
}

const bech32Alphabet = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"

// isBech32Data reports whether v is of the alphabet of bech32 and not of X alone.
func isBech32Data(v []byte) bool {
	for _, c := range v {
		if strings.IndexByte(bech32Alphabet, c) < 0 {
			return false
		}
	}
	return v[0] != 'X' || !allEqual(v)
}

// isAgeKey reports whether the checksum of a secret key of age is right.
func isAgeKey(v []byte) bool {
	const readable = len(agePrefix) - 1
	code := uint32(1)
	for _, c := range v[:readable] {
		code = bech32Step(code, uint32(lowerOf(c))>>5)
	}
	code = bech32Step(code, 0)
	for _, c := range v[:readable] {
		code = bech32Step(code, uint32(lowerOf(c))&31)
	}
	for _, c := range v[len(agePrefix):] {
		code = bech32Step(code, uint32(strings.IndexByte(bech32Alphabet, c)))
	}
	return code == 1
}

func lowerOf(c byte) byte {
	if isUpper(c) {
		return c | 0x20
	}
	return c
}

func otherPEMKey() Rule {
	known := []func(label []byte) bool{pkcsLabel, func(l []byte) bool { return string(l) == "OPENSSH PRIVATE KEY" }}
	a := armour{
		label: func(label []byte) bool {
			for _, is := range known {
				if is(label) {
					return false
				}
			}
			return bytes.HasSuffix(label, []byte("PRIVATE KEY")) || string(label) == "OpenVPN Static key V1"
		},
		body: func([11]byte) bool { return true },
		min:  40,
	}
	return Rule{
		ID: "PRIVATE_KEY_PEM", Name: "private key of another kind",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityBlock,
		Form: "A block with a label that ends with PRIVATE KEY and is none of PKCS, OPENSSH_PRIVATE_KEY and PGP_PRIVATE_KEY (X25519, ED25519, TSS2, ENCRYPTED COSIGN, ENCRYPTED SIGSTORE, NEBULA …), " +
			"an OpenVPN static key, or a key of SSH2 with four dashes (RFC 7468; RFC 4716).",
		Check:  "The body is base64 of at least 40 characters, of which twelve differ behind the first.",
		Anchor: Anchor{Literals: []string{armourBegin, "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----"}},
		Match: func(w []byte, at int) (int, int, bool) {
			if after(w, at, armourBegin) < 0 {
				return matchSSH2(w, at)
			}
			return a.match(w, at)
		},
		MaxLen: MaxMatch,
	}
}

// matchSSH2 measures a block of SSH2, whose armour has four dashes and blanks.
func matchSSH2(w []byte, at int) (start, end int, ok bool) {
	const begin, finish = "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", "---- END SSH2 ENCRYPTED PRIVATE KEY ----"
	w = w[:min(len(w), at+MaxMatch)]
	if at > 0 && w[at-1] == '-' {
		return 0, 0, false
	}
	i, _ := skipHeaders(w, at+len(begin))
	b := readBody(w, i)
	if b.chars < minArmourBody {
		return 0, 0, false
	}
	if e := after(w, b.next, finish); e > 0 {
		return at, e, true
	}
	return at, b.end, true
}
