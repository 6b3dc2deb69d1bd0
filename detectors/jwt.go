package detectors

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
)

func jsonWebToken() Rule {
	return Rule{
		ID: "JSON_WEB_TOKEN", Name: "JSON Web Token",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityBlock,
		Form:   "Three base64url parts joined by dots, the third one empty if the token is not signed (RFC 7519, RFC 7515).",
		Check:  "The first part decodes to a JSON object with a member \"alg\", the second to a JSON object; the third may be empty only if alg is \"none\".",
		Anchor: Anchor{Literals: []string{"eyJ", "eyAi", "ewog", "ewoJ", "ewoi", "ew0K"}},
		Match:  matchJWT,
		MaxLen: MaxMatch,
	}
}

// matchJWT measures a token whose header starts at at.
func matchJWT(w []byte, at int) (start, end int, ok bool) {
	if wordBefore(w, at) || at > 0 && (w[at-1] == '-' || w[at-1] == '.') {
		return 0, 0, false
	}
	w = w[:min(len(w), at+MaxMatch+1)]
	dot1 := runEnd(w, at, len(w), urlSafeByte)
	if dot1+4 >= len(w) || w[dot1] != '.' || w[dot1+1] != 'e' {
		return 0, 0, false
	}
	dot2 := runEnd(w, dot1+1, len(w), urlSafeByte)
	if dot2 >= len(w) || w[dot2] != '.' {
		return 0, 0, false
	}
	end = runEnd(w, dot2+1, len(w), urlSafeByte)
	if end-at > MaxMatch {
		return 0, 0, false
	}
	var buf [MaxMatch]byte
	if decodeObject(buf[:], w[dot1+1:dot2]) == nil {
		return 0, 0, false
	}
	alg, ok := algorithm(decodeObject(buf[:], w[at:dot1]))
	if !ok || end == dot2+1 && string(alg) != "none" {
		return 0, 0, false
	}
	return at, end, true
}

// algorithm returns the value of the member "alg" of a header.
func algorithm(header []byte) (alg []byte, ok bool) {
	_, rest, ok := bytes.Cut(header, []byte(`"alg"`))
	if !ok {
		return nil, false
	}
	rest, colon := bytes.CutPrefix(bytes.TrimLeft(rest, jsonSpace), []byte(":"))
	rest, quote := bytes.CutPrefix(bytes.TrimLeft(rest, jsonSpace), []byte(`"`))
	alg, _, ok = bytes.Cut(rest, []byte(`"`))
	return alg, ok && colon && quote
}

const jsonSpace = " \t\r\n"

// decodeObject decodes a base64url part into buf, which is no shorter, and
// returns it if it is one JSON object, otherwise nil.
func decodeObject(buf, part []byte) []byte {
	n, err := base64.RawURLEncoding.Decode(buf, part)
	if err != nil || !bytes.HasPrefix(bytes.TrimLeft(buf[:n], jsonSpace), []byte("{")) || !json.Valid(buf[:n]) {
		return nil
	}
	return buf[:n]
}
