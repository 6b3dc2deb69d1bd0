package detectors

import (
	"bytes"
	"encoding/base64"
	"unicode/utf8"
)

// encodedSecrets are credentials that formats of files keep in base64, where
// the search for what they are in plain does not see them.
func encodedSecrets() []Rule { return []Rule{encodedPrivateKey(), registryAuth(), kubernetesSecret()} }

// encodedDashes is how the base64 of "-----BEGIN " starts, whatever follows.
const encodedDashes = "LS0tLS1CRUdJTi"

func encodedPrivateKey() Rule {
	return Rule{
		ID: "PRIVATE_KEY_BASE64", Name: "private key block in base64",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityBlock,
		Form: "The base64 (RFC 4648, 4) of a PEM or OpenPGP block of a private key, on one line: client-key-data of a kubeconfig, data of a Kubernetes secret, variables of a CI. " +
			"What is longer than 8 KiB is reported as far as it goes.",
		Check:  "It decodes to \"-----BEGIN \" and a label with PRIVATE KEY, and there are 120 characters and more.",
		Anchor: Anchor{Literals: []string{encodedDashes}},
		Match:  matchEncodedKey,
		MaxLen: MaxMatch,
	}
}

func matchEncodedKey(w []byte, at int) (start, end int, ok bool) {
	const least = 120
	if at > 0 && isBase64(w[at-1]) && !afterEscape(w, at) {
		return 0, 0, false
	}
	end = runEnd(w, at, MaxMatch-2, base64Byte)
	if end-at < least {
		return 0, 0, false
	}
	var head [48]byte // "-----BEGIN " and the longest label
	if _, err := base64.StdEncoding.Decode(head[:], w[at:at+len(head)/3*4]); err != nil {
		return 0, 0, false
	}
	rest, begun := bytes.CutPrefix(head[:], []byte(armourBegin))
	label, _, closed := bytes.Cut(rest, []byte(dashes))
	if !begun || !closed || !bytes.HasSuffix(label, []byte("PRIVATE KEY")) && !bytes.HasSuffix(label, []byte("PRIVATE KEY BLOCK")) {
		return 0, 0, false
	}
	return at, padded(w, end), true
}

// padded returns the end of the base64 that ends at w[end] with its padding.
func padded(w []byte, end int) int { return runEnd(w, end, 2, equalsByte) }

const maxAuth = 300

func registryAuth() Rule {
	return Rule{
		ID: "REGISTRY_AUTH", Name: "user and password of a registry in base64",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form:   "auth, _auth or user_auth, a colon or equals sign, and the base64 of a user, a colon and a password: the configuration of Docker (config.json, .dockercfg) and npm (.npmrc).",
		Check:  "It decodes to printable text with a colon. Users and passwords that are such words as user, test or password are refused.",
		Anchor: Anchor{Literals: []string{`"auth"`, `\"auth\"`, "_auth=", "_auth =", "user_auth\"", "_AUTH="}},
		Match:  matchRegistryAuth,
		MaxLen: maxAuth,
		Whole:  func(v []byte) bool { return isEncodedUserPass(bytes.TrimRight(v, "=")) },
	}
}

// matchRegistryAuth measures the value of the name in which w[at] is.
func matchRegistryAuth(w []byte, at int) (start, end int, ok bool) {
	const widest = 24
	start = at
	for start < len(w) && start-at < widest && w[start] != ':' && w[start] != '=' {
		start++
	}
	start = min(start+1, len(w))
	for start < len(w) && start-at < 2*widest && (isBlank(w[start]) || w[start] == '"' || w[start] == '\'' || w[start] == '\\') {
		start++
	}
	end = runEnd(w, start, maxAuth, base64Byte)
	text := w[start:end]
	if end = padded(w, end); end-start > maxAuth || end < len(w) && (isURLSafe(w[end]) || w[end] == '=' || w[end] == '.') {
		return 0, 0, false
	}
	return start, end, isEncodedUserPass(text)
}

// isEncodedUserPass reports whether text is the base64, without padding, of a
// user, a colon and a password.
func isEncodedUserPass(text []byte) bool {
	const least = 8
	var buf [maxAuth]byte
	if len(text) < least || len(text) > maxAuth {
		return false
	}
	n, err := base64.RawStdEncoding.Decode(buf[:], text)
	user, password, _ := bytes.Cut(buf[:n], []byte(":"))
	return err == nil && len(user) > 0 && len(password) > 0 && utf8.Valid(buf[:n]) && isUserPass(buf[:n])
}
