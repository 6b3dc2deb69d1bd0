package detectors

import (
	"bytes"
	"encoding/base64"
)

// httpHeaders are credentials in headers of HTTP requests and answers.
func httpHeaders() []Rule { return []Rule{basicAuth(), bearerToken(), cookieHeader()} }

const maxBasic = 600

func basicAuth() Rule {
	return Rule{
		ID: "HTTP_BASIC_AUTH_HEADER", Name: "HTTP basic authorization header",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityLiteral,
		Form: "Authorization or Proxy-Authorization, a colon or another sign of assignment, Basic, and base64 with or without padding (RFC 7617, 2); as it is sent, and as a member " +
			"of JSON or an argument in source code.",
		Check:  "The base64 decodes to text with a colon. A user and password that are such words as user, username, test, pass or password are refused, and the examples of RFC 7617.",
		Anchor: Anchor{Literals: []string{"Basic ", "basic ", "BASIC "}},
		Match:  matchBasic,
		MaxLen: maxBasic,
	}
}

// matchBasic measures the header whose scheme stands at w[at].
func matchBasic(w []byte, at int) (start, end int, ok bool) {
	start = headerName(w, at, "authorization")
	if start < 0 {
		return 0, 0, false
	}
	if p := start - len("proxy-"); p >= 0 && hasFolded(w[p:], "proxy-") {
		start = p
	}
	if wordBefore(w, start) {
		return 0, 0, false
	}
	value := at + len("Basic ")
	for value < len(w) && value-at < 16 && w[value] == ' ' {
		value++
	}
	end = runEnd(w, value, maxBasic/2, base64Byte)
	text := w[value:end]
	for pad := 0; pad < 2 && end < len(w) && w[end] == '='; pad++ {
		end++
	}
	if end < len(w) && (isWord(w[end]) || w[end] == '=' || w[end] == '.' && end+1 < len(w) && isWord(w[end+1])) {
		return 0, 0, false
	}
	var buf [maxBasic]byte
	n, err := base64.RawStdEncoding.Decode(buf[:], text)
	return start, end, err == nil && isUserPass(buf[:n])
}

// headerName returns where name, which is in lower case, starts that stands
// before the value at w[at], with a colon or what source code has in its stead
// between them, or -1.
func headerName(w []byte, at int, name string) int {
	const most = 8 // quotes, blanks and signs: "Authorization" => "
	i := at
	signs := 0
	for i > 0 && at-i < most && !isAlnum(w[i-1]) && w[i-1] != '\n' {
		i--
		if c := w[i]; c == ':' || c == '=' || c == ',' || c == '>' || c == '(' {
			signs++
		}
	}
	start := i - len(name)
	if signs == 0 || start < 0 || !hasFolded(w[start:], name) {
		return -1
	}
	return start
}

// isUserPass reports whether v is a user, a colon and a password, in text and no
// stand-in for them.
func isUserPass(v []byte) bool {
	user, password, ok := bytes.Cut(v, []byte(":"))
	if !ok || len(user)+len(password) == 0 || allEqual(v) {
		return false
	}
	for _, c := range v {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	switch string(v) {
	case "Aladdin:open sesame", "aladdin:opensesame", "test:123\xc2\xa3": // RFC 7617
		return false
	}
	if len(password) == 0 {
		return true
	}
	return !isStandIn(user, password) && !(basicWords.has(user) && basicWords.has(password))
}

var basicWords = newStringSet("user", "username", "test", "pass", "password", "login", "foo", "bar", "name", "client_id", "client_secret", "id", "secret", "<user>", "<password>", "<username>")

const leastBearer, maxBearer = 20, 2000

func bearerToken() Rule {
	return Rule{
		ID: "BEARER_TOKEN", Name: "HTTP bearer token",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityKeyword, Confidence: 70,
		Form: "Bearer and 20 to 2,000 letters, digits and ._~+/=- (RFC 6750, 2.1); or behind Authorization and a colon such a text of its own or with the scheme Token, ApiKey or OAuth. " +
			"Tokens of a kind that is known are reported as that.",
		Check:  "There are letters and digits, and as much entropy as in a random text. Stand-ins are refused.",
		Anchor: Anchor{Literals: []string{"Bearer ", "bearer ", "BEARER ", "Bearer%20", "uthorization:", "uthorization\":", "uthorization':"}},
		Match:  matchBearer,
		Whole: func(v []byte) bool {
			for _, c := range v {
				if !isBearer(c) {
					return false
				}
			}
			return len(v) >= leastBearer && len(v) <= maxBearer && isOpaque(v)
		},
		MaxLen:   maxBearer,
		Keywords: wordList("authorization; bearer; access token"),
	}
}

// matchBearer measures the token behind the scheme or the name of the header at
// w[at].
func matchBearer(w []byte, at int) (start, end int, ok bool) {
	least := leastBearer
	switch w[at] | 0x20 {
	case 'b':
		if at > 0 && isWord(w[at-1]) && !afterEscape(w, at) && !afterPercent(w, at) {
			return 0, 0, false
		}
		start = at + len("Bearer ")
		if w[start-1] == '%' {
			start += len("20")
		}
	default:
		start = at + len("uthorization") // past quotes, the colon and blanks
		for start < len(w) && start-at < 24 && !isWord(w[start]) {
			if w[start] == '\n' || w[start] == '\r' {
				return 0, 0, false
			}
			start++
		}
		for _, scheme := range []string{"token ", "apikey ", "oauth ", "key "} {
			if hasFolded(w[start:], scheme) {
				start, least = start+len(scheme), 16
				break
			}
		}
	}
	for start < len(w) && start-at < 40 && (w[start] == ' ' || w[start] == '"' || w[start] == '\'') {
		start++
	}
	end = start
	for end < len(w) && end-start <= maxBearer && isBearer(w[end]) {
		end++
	}
	for end > start && w[end-1] == '.' {
		end-- // the end of a sentence
	}
	if n := end - start; n < least || n > maxBearer || start > 0 && w[start-1] == '$' || end < len(w) && (w[end] == '(' || w[end] == '{' || w[end] == '$' || w[end] == '[') {
		return 0, 0, false
	}
	bare := least == leastBearer && w[at]|0x20 == 'u' // an expression in source code may stand there
	return start, end, isOpaque(w[start:end]) && !(bare && bytes.IndexByte(w[start:end], '.') >= 0)
}

// isBearer reports whether c may be part of a bearer token.
func isBearer(c byte) bool { return c == '~' || (zoneByte | plusByte | slashByte | equalsByte).has(c) }

// isOpaque reports whether v may be a secret drawn by a machine: it has letters and
// digits in more than one place or mixed well, and says nothing.
func isOpaque(v []byte) bool {
	var digits, letters, groups, longest, word, last int
	for _, c := range v {
		is := classesOf[c]
		digit, lower := is.one(digitByte), is.one(lowerByte)
		digits += digit
		groups += digit &^ last
		letters += lower + is.one(upperByte)
		word = (word + 1) & -lower
		longest = max(longest, word)
		last = digit
	}
	if digits == 0 || letters == 0 || groups < 2 && longest > 5 || longest > 12 {
		return false
	}
	return looksDrawn(v)
}

const maxCookie = 4000

func cookieHeader() Rule {
	return Rule{
		ID: "HTTP_COOKIE", Name: "HTTP cookie header",
		Category: Personal, Severity: Rising, Priority: PriorityKeyword + 1, Confidence: 85,
		Form: "Cookie or Set-Cookie, a colon, and one or more names with values, joined by semicolons (RFC 6265, 4); as it is sent, and as a member of JSON or an argument in source code. " +
			"The value is the whole header, up to 4,000 bytes.",
		Check:  "Names are tokens as RFC 9110 has them, values as RFC 6265 has them, and the first is at least four bytes long and no variable or stand-in.",
		Anchor: Anchor{Literals: []string{"ookie:", "OOKIE:", "ookie\":", "ookie':"}},
		Match:  matchCookie,
		MaxLen: maxCookie + 40,
	}
}

// matchCookie measures the header whose name goes on at w[at].
func matchCookie(w []byte, at int) (start, end int, ok bool) {
	start = at - 1
	if start < 0 || w[start]|0x20 != 'c' {
		return 0, 0, false
	}
	if p := start - len("set-"); p >= 0 && hasFolded(w[p:], "set-") {
		start = p
	}
	if wordBefore(w, start) || start > 0 && w[start-1] == '-' {
		return 0, 0, false
	}
	i := at + len("ookie:")
	for i < len(w) && i-at < 16 && (w[i] == ' ' || w[i] == '"' || w[i] == '\'' || w[i] == ':' || w[i] == '[') {
		i++
	}
	end = i
	for pairs := 0; ; pairs++ {
		next := cookiePair(w, i, start+maxCookie, pairs == 0)
		if next < 0 {
			return start, end, pairs > 0
		}
		end = next
		if i = after(w, next, ";"); i < 0 {
			return start, end, true
		}
		for i < len(w) && w[i] == ' ' {
			i++
		}
	}
}

// cookiePair returns where the name and value end that start at w[i] and do not
// reach limit, or -1. The first of a header has a value.
func cookiePair(w []byte, i, limit int, first bool) int {
	limit = min(len(w), limit)
	name := i
	for i < limit && (isWord(w[i]) || w[i] != '*' && w[i] != '/' && w[i] != '`' && isTokenMark(w[i])) {
		i++
	}
	if i == name || i == limit || w[i] != '=' {
		if first || i == name {
			return -1
		}
		return i // an attribute: Secure
	}
	i++
	value := i
	for i < limit && isCookieOctet(w[i], first) {
		i++
	}
	if !first {
		for i < limit && w[i] == ' ' && i+1 < limit && isAlnum(w[i+1]) { // Expires=Wed, 21 Oct 2026
			i++
			for i < limit && isCookieOctet(w[i], false) {
				i++
			}
		}
		return i
	}
	v := w[value:i]
	if len(v) < 4 || allEqual(v) || saysStandIn(v) || i < len(w) && (w[i] == '{' || w[i] == '(' || w[i] == '<') || v[0] == '$' || v[0] == '%' || v[0] == '.' {
		return -1
	}
	return i
}

// isTokenMark reports whether c is one of the marks that a token may have (RFC
// 9110, 5.6.2).
func isTokenMark(c byte) bool {
	return c > ' ' && c < 0x7f && !isWord(c) && bytes.IndexByte([]byte(`"(),/:;<=>?@[\]{}`), c) < 0
}

// isCookieOctet reports whether c may be part of a cookie's value (RFC 6265, 4.1.1);
// of attributes behind it, a comma too.
func isCookieOctet(c byte, first bool) bool {
	return c > ' ' && c < 0x7f && c != '"' && c != ';' && c != '\\' && c != '\'' && c != '<' && c != '{' && c != '`' && (c != ',' || !first)
}
