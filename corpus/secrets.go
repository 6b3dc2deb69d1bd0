package corpus

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// Credentials. Their random parts are random; no issuer ever gave one out.
// Prefixes stand in two pieces so that no line of this file looks like a key.

func awsAccessKey() *identifier {
	return &identifier{
		rule:   "AWS_ACCESS_KEY_ID",
		value:  func(r *random) string { return pick(r, []string{"AK" + "IA", "AS" + "IA"}) + r.string(base32, 16) },
		valid:  func(s string) bool { return len(s) == 20 && strings.Trim(s, base32) == "" && s[2:4] == "IA" },
		wrong:  func(r *random) string { return "AK" + "IA" + r.string(base32, 13) },
		fields: []string{"aws_access_key_id", "AWS_ACCESS_KEY_ID", "accessKeyId"},
		bare:   true,
	}
}

// awsSecretKey values are 40 base64 characters. Those few that hold too
// little of each class to be told from a word are left out.
func awsSecretKey() *identifier {
	return &identifier{
		rule: "AWS_CREDENTIALS",
		value: func(r *random) string {
			for {
				if v := r.string(base64Std, 40); varied(v) {
					return v
				}
			}
		},
		valid:  func(s string) bool { return len(s) == 40 && strings.Trim(s, base64Std) == "" && varied(s) },
		wrong:  func(r *random) string { return r.string(lowerHex, 40) }, // a SHA-1
		fields: []string{"aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", "secretAccessKey"},
	}
}

// varied reports whether s has at least 24 different characters, upper case,
// lower case and digits among them.
func varied(s string) bool {
	seen := make(map[rune]bool)
	for _, c := range s {
		seen[c] = true
	}
	return len(seen) >= 24 && strings.ContainsAny(s, upper) && strings.ContainsAny(s, lower) && strings.ContainsAny(s, decimal)
}

// jsonWebToken values are signed tokens (RFC 7519) under a random signature.
func jsonWebToken() *identifier {
	enc := base64.RawURLEncoding
	return &identifier{
		rule: "JSON_WEB_TOKEN",
		value: func(r *random) string {
			header := `{"alg":"` + pick(r, []string{"HS256", "RS256", "ES256"}) + `","typ":"JWT"}`
			claims := fmt.Sprintf(`{"sub":"%s","iat":%d,"exp":%d}`, r.string(lowerHex, 12), 1_600_000_000+r.below(1e8), 1_700_000_000+r.below(1e8))
			return enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString([]byte(claims)) + "." + enc.EncodeToString(r.bytes(32))
		},
		valid: func(s string) bool {
			parts := strings.Split(s, ".")
			if len(parts) != 3 {
				return false
			}
			header, err1 := enc.DecodeString(parts[0])
			claims, err2 := enc.DecodeString(parts[1])
			return err1 == nil && err2 == nil && json.Valid(header) && json.Valid(claims) && bytes.Contains(header, []byte(`"alg"`))
		},
		wrong: func(r *random) string {
			return enc.EncodeToString([]byte(`{"page":`+r.digits(6)+`}`)) + "." + r.string(base64URL, 20)
		},
		fields: []string{"id_token", "session_jwt", "jwt", "token"},
		bare:   true,
	}
}

// githubToken values end in the base62 CRC-32 of the random part before it,
// as GitHub's do.
func githubToken() *identifier {
	check := func(random string) string {
		n := crc32.ChecksumIEEE([]byte(random))
		b := []byte("000000")
		for i := range b {
			b[len(b)-1-i] = alnum[n%62]
			n /= 62
		}
		return string(b)
	}
	return &identifier{
		rule: "GITHUB_TOKEN",
		value: func(r *random) string {
			if r.oneIn(4) {
				return "github" + "_pat_" + r.string(alnum, 22) + "_" + r.string(alnum, 59)
			}
			s := r.string(alnum, 30)
			return pick(r, []string{"gh" + "p_", "gh" + "o_", "gh" + "s_"}) + s + check(s)
		},
		valid: func(s string) bool {
			if strings.HasPrefix(s, "github"+"_pat_") {
				return len(s) == 93
			}
			return len(s) == 40 && s[:2] == "gh" && s[3] == '_' && check(s[4:34]) == s[34:]
		},
		wrong:  func(r *random) string { return "gh" + "p_" + r.string(alnum, 20) },
		fields: []string{"github_token", "GITHUB_TOKEN", "gh_token"},
		bare:   true,
	}
}

func slackToken() *identifier {
	return &identifier{
		rule: "SLACK_TOKEN",
		value: func(r *random) string {
			return "xox" + "b-" + r.string("123456789", 1) + r.digits(11) + "-" + r.string("123456789", 1) + r.digits(12) + "-" + r.string(alnum, 24)
		},
		valid: func(s string) bool {
			parts := strings.Split(s, "-")
			return len(parts) == 4 && parts[0] == "xox"+"b" && onlyDigits(parts[1], 12) && onlyDigits(parts[2], 13) && len(parts[3]) == 24
		},
		wrong:  func(r *random) string { return "xox" + "c-" + r.digits(12) },
		fields: []string{"slack_token", "SLACK_BOT_TOKEN"},
		bare:   true,
	}
}

func stripeKey() *identifier {
	return &identifier{
		rule:   "STRIPE_CREDENTIALS",
		value:  func(r *random) string { return pick(r, []string{"s", "r"}) + "k" + "_live_" + r.string(alnum, 24) },
		valid:  func(s string) bool { return len(s) == 32 && s[1:8] == "k"+"_live_" && strings.Trim(s[8:], alnum) == "" },
		wrong:  func(r *random) string { return "s" + "k" + "_live_" + r.string(alnum, 6) },
		fields: []string{"stripe_api_key", "STRIPE_SECRET_KEY", "stripe_key"},
		bare:   true,
	}
}

func googleKey() *identifier {
	return &identifier{
		rule:  "GCP_API_KEY",
		value: func(r *random) string { return "AI" + "za" + "Sy" + r.string(base64URL[:62], 33) },
		valid: func(s string) bool {
			return len(s) == 39 && s[:4] == "AI"+"za" && strings.Trim(s, base64URL) == ""
		},
		wrong:  func(r *random) string { return "AI" + "za" + "Sy" + r.string(alnum, 20) },
		fields: []string{"google_api_key", "GCP_API_KEY", "maps_api_key"},
	}
}

// pkcsKey values are PEM blocks whose body is a DER sequence in the outline of
// a key: version and integers, all random.
func pkcsKey() *identifier {
	labels := []string{"RSA PRIVATE" + " KEY", "EC PRIVATE" + " KEY", "PRIVATE" + " KEY"}
	return &identifier{
		rule: "PKCS",
		value: func(r *random) string {
			body := []byte{2, 1, 0}
			for range 5 {
				n := r.bytes(64)
				n[0] &= 0x7f
				body = append(append(body, 2, 64), n...)
			}
			der := append([]byte{0x30, 0x82, byte(len(body) >> 8), byte(len(body))}, body...)
			return armour(pick(r, labels), "", der, "")
		},
		valid: func(s string) bool {
			der := body(s)
			return slices.ContainsFunc(labels, func(l string) bool { return strings.HasPrefix(s, "-----BEGIN "+l+"-----\n") }) &&
				len(der) > 4 && der[0] == 0x30 && int(der[2])<<8+int(der[3]) == len(der)-4
		},
		block: true, bare: true,
	}
}

// opensshKey values begin as OpenSSH's own format does (PROTOCOL.key).
func opensshKey() *identifier {
	const magic = "openssh-key-v1\x00\x00\x00\x00\x04none\x00\x00\x00\x04none"
	return &identifier{
		rule: "OPENSSH_PRIVATE_KEY",
		value: func(r *random) string {
			return armour("OPENSSH PRIVATE"+" KEY", "", append([]byte(magic), r.bytes(280)...), "")
		},
		valid: func(s string) bool {
			return strings.HasPrefix(s, "-----BEGIN "+"OPENSSH") && bytes.HasPrefix(body(s), []byte(magic))
		},
		block: true, bare: true,
	}
}

// pgpKey values are armour (RFC 4880) around a packet with the tag of a
// secret key, closed by its CRC-24.
func pgpKey() *identifier {
	crc := func(b []byte) string {
		c := crc24(b)
		return "=" + base64.StdEncoding.EncodeToString([]byte{byte(c >> 16), byte(c >> 8), byte(c)})
	}
	return &identifier{
		rule: "PGP_PRIVATE_KEY",
		value: func(r *random) string {
			packet := append([]byte{0x95, 0x01, 0x50, 0x04}, r.bytes(335)...)
			return armour("PGP PRIVATE"+" KEY BLOCK", "\n", packet, crc(packet)+"\n")
		},
		valid: func(s string) bool {
			packet := body(s)
			return strings.HasPrefix(s, "-----BEGIN "+"PGP") && len(packet) == 339 && packet[0] == 0x95 && strings.Contains(s, "\n"+crc(packet)+"\n")
		},
		block: true, bare: true,
	}
}

// armour writes data in base64 lines of 64 characters between BEGIN and END.
func armour(label, head string, data []byte, tail string) string {
	var b strings.Builder
	b.WriteString("-----BEGIN " + label + "-----\n" + head)
	for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(data)), 64) {
		b.Write(line)
		b.WriteByte('\n')
	}
	b.WriteString(tail + "-----END " + label + "-----")
	return b.String()
}

// body decodes the base64 lines of an armoured block.
func body(s string) []byte {
	var text string
	for line := range strings.Lines(s) {
		if !strings.HasPrefix(line, "-----") && !strings.HasPrefix(line, "=") {
			text += strings.TrimSpace(line)
		}
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return data
}
