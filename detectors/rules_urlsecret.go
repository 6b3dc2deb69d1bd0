package detectors

import (
	"bytes"
	"strings"
)

const (
	maxURLSecret = 360
	maxScheme    = 24
	maxPassword  = 128
)

func urlWithCredentials() Rule {
	return Rule{
		ID: "URL_WITH_CREDENTIALS", Name: "password in a URL",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form: "A scheme, ://, a user or none, ':', a password of 1 to 128 bytes, '@', and a host with or without a port (RFC 3986, 3.2). The path is not part of the value.",
		Check: "None. Stand-ins are refused: what is in <>, {}, [] or ${}, begins with '$' or '%', is made of one character, or has a word such as password, secret, changeme or example, " +
			"alone or with digits behind it; and user:pass and its like.",
		Anchor:   Anchor{Literals: []string{"://"}},
		Match:    matchURLSecret,
		MaxLen:   maxURLSecret,
		Keywords: wordList("url; uri; dsn; connection; connection string; proxy; database url; endpoint"),
	}
}

// matchURLSecret measures the URL whose "://" stands at at.
func matchURLSecret(w []byte, at int) (start, end int, ok bool) {
	start = at
	for start > 0 && at-start < maxScheme && (isAlnum(w[start-1]) || w[start-1] == '+') {
		start--
	}
	if start == at || !isLetter(w[start]) || start > 0 && isWord(w[start-1]) {
		return 0, 0, false
	}
	user := at + len("://")
	colon, sign := -1, -1
	limit := min(len(w), user+64+maxPassword)
	for i := user; i < limit; i++ {
		c := w[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("/\"'`\\?#<>,()", c) >= 0 {
			break
		}
		if c == ':' && colon < 0 {
			colon = i
		}
		if c == '@' {
			sign = i
			break
		}
	}
	if colon < 0 || sign < 0 || sign == colon+1 || colon-user > 64 || sign-colon-1 > maxPassword {
		return 0, 0, false
	}
	end = hostEnd(w, sign+1)
	if end < 0 || isStandIn(w[user:colon], w[colon+1:sign]) {
		return 0, 0, false
	}
	return start, end, true
}

// hostEnd returns the end of the host, and of its port, that start at w[i], or -1.
func hostEnd(w []byte, i int) int {
	const most = 80
	end := runEnd(w, i, most, zoneByte)
	if i < len(w) && w[i] == '[' {
		if end = i + 1 + bytes.IndexByte(w[i:min(len(w), i+most)], ']'); end == i {
			return -1
		}
	}
	for end > i && (w[end-1] == '.' || w[end-1] == '-') {
		end--
	}
	if end == i || end-i >= most {
		return -1
	}
	if port := runBetween(w, after(w, end, ":"), 1, 5, digitByte); port > 0 {
		return port
	}
	return end
}

// isStandIn reports whether the password says that it is none.
func isStandIn(user, password []byte) bool {
	switch first := password[0]; {
	case first == '$', first == '{', first == '[', allEqual(password):
		return true
	case first == '%' && !(len(password) > 2 && isHex(password[1]) && isHex(password[2])): // a verb of printf
		return true
	case bytes.Equal(user, password) && len(user) < 6:
		return true
	}
	word := bytes.TrimRight(bytes.Trim(password, "_-*.!"), "0123456789")
	var buf [16]byte
	lower := lowered(buf[:0], word[:min(len(word), len(buf))])
	if len(word) > len(buf) {
		return bytes.HasPrefix(lower, []byte("your"))
	}
	return standIns.has(lower)
}

var standIns = newStringSet(
	"password", "passwd", "pass", "pwd", "pw", "passw", "secret", "changeme", "change_me", "change-me", "example", "mypassword", "my_password", "my-password", "yourpassword", "your_password", "your-password",
	"token", "mysecret", "userpass", "user_password", "dbpassword", "db_password", "xxx", "redacted", "hidden", "p", "pass_word", "passphrase", "credentials", "api_key", "apikey", "port", "foo", "bar", "baz", "abc", "xyz", "anoncvs", "anonymous",
)
