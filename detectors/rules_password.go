package detectors

import (
	"bytes"
	"strings"
)

// Passwords and secrets have no form of their own. What tells them is the name
// they are given, a sign of assignment, and that the value looks like nothing
// else: no word, no name in source code, no stand-in, no hash.

const (
	maxSecret       = 400
	maxHuman        = 128 // of what a person thought of
	leastHuman      = 6
	leastSecret     = 16
	longestSecret   = 60 // bytes from its name to the value
	widestAlignment = 24
)

func passwordAssignment() Rule {
	return Rule{
		ID: "PASSWORD_ASSIGNMENT", Name: "password or secret in an assignment",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityCheck + 5,
		Form: "A name that ends with a word for a password (password, passwd, pwd, _pass, passphrase, Passwort, Kennwort, mot de passe, contraseña, senha, wachtwoord, hasło, пароль, 密码, パスワード, 비밀번호) or for a secret " +
			"(secret, token, API key, access key, credentials …), a sign of assignment, and a value in quotes or without: source code, YAML, JSON, XML, .env, the query of a URL, --password VALUE, curl --user USER:PASSWORD, defaults of variables, the environment of containers, " +
			"IDENTIFIED BY 'VALUE', .netrc.",
		Check: "Passwords have 6 to 128 bytes and digits or marks amid letters; secrets 16 to 400 and the entropy of random text. Refused are stand-ins, variables, templates, expressions, calls, words, " +
			"names in source code, paths, addresses, comparisons, and hashes of passwords.",
		Anchor: Anchor{Literals: passwordAnchors()},
		Match:  matchPassword,
		MaxLen: maxSecret,
		Whole: func(v []byte) bool {
			value := secretValue{end: len(v), quoted: true}
			return len(v) <= maxSecret && (value.isSecret(v, humanSecret) || value.isSecret(v, drawnSecret))
		},
		// RFC 6749 and RFC 5849, and what they are copied to.
		Dummies: []string{"2YotnFZFEjr1zCsicMWpAA", "tGzv3JOkF0XG5Qx2TlKWIA", "ad180jjd733klru7", "kkk9d7dh3k39sjv7"},
	}
}

// secretKind tells how a value is judged.
type secretKind uint8

const (
	noSecret    secretKind = iota
	humanSecret            // thought of by a person, perhaps
	drawnSecret            // drawn by a machine
)

// secretWords are the words that names of secrets end with.
var secretWords = []struct {
	kind  secretKind
	words string
}{
	{humanSecret, "password;Password;PASSWORD;passwd;Passwd;PASSWD;passphrase;Passphrase;PASSPHRASE;passcode;Passcode;PASSCODE;pwd;Pwd;PWD;" +
		"_pass;_PASS;-pass;pass=;PASS=;pass:;pass\";Pass\";Pass=;passwort;Passwort;PASSWORT;kennwort;Kennwort;KENNWORT;mot de passe;Mot de passe;mot_de_passe;motdepasse;" +
		"contraseña;Contraseña;CONTRASEÑA;contrasena;senha;Senha;SENHA;parola;Parola;wachtwoord;Wachtwoord;hasło;Hasło;haslo;requirepass;IDENTIFIED BY;identified by;пароль;Пароль;密码;密碼;パスワード;비밀번호"},
	{drawnSecret, "secret;Secret;SECRET;token;Token;TOKEN;api_key;apikey;apiKey;ApiKey;APIKey;API_KEY;APIKEY;api-key;Api-Key;API-KEY;Apikey;api key;API key;API Key;" +
		"access_key;accessKey;AccessKey;ACCESS_KEY;access-key;ACCESSKEY;accesskey;auth_key;authKey;AUTH_KEY;encryption_key;encryptionKey;EncryptionKey;ENCRYPTION_KEY;" +
		"signing_key;signingKey;SigningKey;SIGNING_KEY;master_key;masterKey;MasterKey;MASTER_KEY;private_key;privateKey;PrivateKey;PRIVATE_KEY;" +
		"license_key;licenseKey;LICENSE_KEY;account_key;accountKey;AccountKey;credentials;CREDENTIALS;Credentials;user_auth;_auth=;_AUTH="},
}

// curlOptions are those behind which curl has a user and password.
var curlOptions = []string{" -u ", " --user ", " --user=", " -u'", " -u\"", " --proxy-user ", " -U "}

func passwordAnchors() []string {
	var all []string
	for _, s := range secretWords {
		all = append(all, strings.Split(s.words, ";")...)
	}
	return append(all, curlOptions...)
}

// passwordNames are the words with their kinds, by first byte.
var passwordNames = func() (t [256][]namedSecret) {
	for _, s := range secretWords {
		for word := range strings.SplitSeq(s.words, ";") {
			t[word[0]] = append(t[word[0]], namedSecret{word, s.kind})
		}
	}
	return t
}()

type namedSecret struct {
	word string
	kind secretKind
}

// matchPassword measures the value of the name that ends with the word at w[at].
func matchPassword(w []byte, at int) (start, end int, ok bool) {
	if w[at] == ' ' {
		return matchCurlUser(w, at)
	}
	kind, i := secretName(w, at)
	if kind == noSecret {
		return 0, 0, false
	}
	i, sign := assignment(w, at, i)
	if sign == noSign || i-at > longestSecret {
		return 0, 0, false
	}
	if sign == plainSign && isVariable(w, at, i) {
		sign = variableSign
	}
	v := readSecret(w, i, sign)
	if v.start < 0 || v.start-at > Reach {
		return 0, 0, false
	}
	return v.start, v.end, v.isSecret(w, kind)
}

// secretName returns the kind of the name that has its last word at w[at], and
// where it ends.
func secretName(w []byte, at int) (secretKind, int) {
	kind, end := noSecret, 0
	for _, n := range passwordNames[w[at]] {
		if e := after(w, at, n.word); e > end {
			kind, end = n.kind, e
		}
	}
	switch last := w[max(end-1, 0)]; {
	case kind == noSecret:
		return noSecret, 0
	case last == '=' || last == ':' || last == '"':
		end-- // it is for the assignment
	}
	if isLetter(w[at]) && at > 0 && isAlnum(w[at-1]) && !afterEscape(w, at) && !afterPercent(w, at) && !compound(w, at, kind) {
		return noSecret, 0
	}
	for _, suffix := range [...]string{"_key", "Key", "_KEY", "-key", "key", "_base64", "_value", "Value", "_plain", "_token", "_string"} {
		if e := after(w, end, suffix); e > 0 {
			end = e
			break
		}
	}
	if kind == drawnSecret && notSecret(w, at) {
		return noSecret, 0
	}
	digits := runEnd(w, end, 3, digitByte)
	if digits-end > 2 || digits < len(w) && isWord(w[digits]) {
		return noSecret, 0
	}
	return kind, digits
}

// compound reports whether the word at w[at] is the last of a name written
// together: dbPassword, dbpassword, clientsecret.
func compound(w []byte, at int, kind secretKind) bool {
	if isUpper(w[at]) && !isUpper(w[at-1]) || !isLetter(w[at-1]) {
		return true
	}
	words := []string{"client", "auth", "access", "refresh", "bot", "app", "api", "user", "oauth", "session", "id"}
	if kind == humanSecret {
		if isLetter(w[min(len(w)-1, at+len("pass"))]) {
			return w[at]|0x20 == 'p' && isUpper(w[at]) == isUpper(w[at-1])
		}
		words = []string{"db", "user", "admin", "root", "my", "mysql", "ftp", "smtp", "mail", "login", "proxy"} // minipass is none
	}
	for _, word := range words {
		if at >= len(word) && hasFolded(w[at-len(word):], word) {
			return true
		}
	}
	return false
}

// notSecret reports whether the word before the name at w[at] says that what it
// names may be known.
func notSecret(w []byte, at int) bool {
	end := at
	for end > 0 && (w[end-1] == '_' || w[end-1] == '-' || w[end-1] == ' ') {
		end--
	}
	for _, word := range [...]string{"public", "next", "page", "continuation", "cancellation", "cancel", "start", "resume", "sync", "starting", "request", "pagination", "idempotency", "foreign", "primary", "cache", "authenticity", "csrf", "xsrf", "exporter"} {
		if end >= len(word) && hasFolded(w[end-len(word):], word) {
			return true
		}
	}
	if hasFolded(w[at:], "token") { // by which a call is told from its repetition
		for _, word := range [...]string{"client", "change", "action"} {
			if end >= len(word) && hasFolded(w[end-len(word):], word) {
				return true
			}
		}
	}
	return false
}

// sign is what stands between a name and its value.
type sign uint8

const (
	noSign       sign = iota
	plainSign         // = : := =>
	valueSign         // a quote must follow: the value of another attribute
	elementOf         // <password>VALUE</password>
	optionSign        // --password VALUE
	proseSign         // the password is VALUE
	defaultSign       // ${PASSWORD:-VALUE}
	argumentSign      // getenv("PASSWORD", "VALUE")
	quotedSign        // IDENTIFIED BY 'VALUE'
	variableSign      // DB_PASSWORD=VALUE, alone in its line
)

// assignment returns what stands behind the name of which the last word begins
// at w[at] and which ends at w[i], and where the value begins.
func assignment(w []byte, at, i int) (int, sign) {
	quoted := false
	for range 2 {
		if i < len(w) && (w[i] == '"' || w[i] == '\'' || w[i] == '`' || w[i] == '\\' && i+1 < len(w) && w[i+1] == '"' || w[i] == ']' || w[i] == '*') {
			quoted, i = true, i+1
		}
	}
	if i < len(w) && w[i] == '>' && !quoted {
		return i + 1, elementOf
	}
	name := i
	i = skipBlanks(w, i)
	if quoted && i > name {
		for _, attribute := range [...]string{"value=", "Value=", "content="} {
			if e := after(w, i, attribute); e > 0 {
				return e, valueSign
			}
		}
	}
	if j, s := furtherSign(w, at, name, i, quoted); s != noSign {
		return j, s
	}
	if i+1 < len(w) && w[i] == '?' && w[i+1] == '=' {
		i++ // of make: if it is not set
	}
	if i < len(w) && (w[i] == ':' || w[i] == '=') {
		first := w[i]
		i++
		for i < len(w) && (w[i] == ':' || w[i] == '=' || w[i] == '>') && i-name < 8 {
			if w[i] == '=' && (first == '=' || w[i-1] == '=') {
				return 0, noSign // a comparison
			}
			i++
		}
		return skipBlanks(w, i), plainSign
	}
	if e := after(w, i, "\uff1a"); e > 0 { // a full-width colon
		return skipBlanks(w, e), plainSign
	}
	switch {
	case i == name || quoted:
		return 0, noSign
	case isOption(w, at) || isLogin(w, at) || after(w, at, "requirepass") > 0:
		return i, optionSign
	}
	for _, is := range [...]string{"is ", "is: ", "was ", "ist ", "to "} {
		if e := after(w, i, is); e > 0 {
			return skipBlanks(w, e), proseSign
		}
	}
	return 0, noSign
}

// isOption reports whether the name with the word at w[at] is an option of a
// command: --password, --db-password.
func isOption(w []byte, at int) bool {
	for i := at; i > 1 && at-i < 24; i-- {
		switch c := w[i-1]; {
		case c == '-' && w[i-2] == '-':
			return true
		case !isURLSafe(c):
			return false
		}
	}
	return false
}

func skipBlanks(w []byte, i int) int {
	for n := 0; i < len(w) && (w[i] == ' ' || w[i] == '\t') && n < widestAlignment; n++ {
		i++
	}
	return i
}

// secretValue is what stands where a value would: w[start:end].
type secretValue struct {
	start, end int // -1 if there is none
	quoted     bool
	element    bool
	sign       sign
}

// readSecret reads the value at w[i].
func readSecret(w []byte, i int, s sign) secretValue {
	none := secretValue{start: -1}
	v := secretValue{sign: s}
	if i >= len(w) {
		return none
	}
	if s == elementOf {
		n := bytes.IndexByte(w[i:min(len(w), i+maxHuman+2)], '<')
		if n <= 0 || i+n+1 >= len(w) || w[i+n+1] != '/' {
			return none
		}
		v.start, v.end, v.quoted, v.element = i, i+n, true, true
		return v
	}
	if s == defaultSign {
		return readDefault(w, i, v)
	}
	if w[i] == '@' || w[i] == 'r' || w[i] == 'b' || w[i] == 'N' || w[i] == 'u' { // a prefix of a string
		if i+1 < len(w) && (w[i+1] == '"' || w[i+1] == '\'') {
			i++
		}
	}
	escaped := w[i] == '\\' && i+1 < len(w) && (w[i+1] == '"' || w[i+1] == '\'')
	if escaped {
		i++
	}
	switch q := w[i]; {
	case q == '"' || q == '\'' || q == '`':
		return readQuoted(w, i+1, q, escaped, v)
	case s == valueSign || s == argumentSign || s == quotedSign:
		return none
	}
	v.start, v.end = i, i
	for v.end < len(w) && v.end-i <= maxSecret && isBare(w[v.end], s) {
		v.end++
	}
	if v.end == i || v.end-i > maxSecret || v.end < len(w) && !mayEndBare(w, v.end) {
		return none
	}
	if bytes.HasSuffix(w[i:v.end], []byte("...")) || bytes.HasSuffix(w[i:v.end], []byte("…")) {
		return none // cut short
	}
	for v.end > i+1 && (w[v.end-1] == '.' || w[v.end-1] == ',') {
		v.end-- // of a sentence
	}
	return v
}

// readQuoted reads the value up to the quote q.
func readQuoted(w []byte, i int, q byte, escaped bool, v secretValue) secretValue {
	v.start, v.quoted = i, true
	for ; i < len(w) && i-v.start <= maxSecret; i++ {
		c := w[i]
		if c == q || c < ' ' {
			break
		}
		if c == '\\' && i+1 < len(w) && (w[i+1] == '"' || w[i+1] == '\'' || w[i+1] == '\\') {
			if w[i+1] == q && escaped {
				break
			}
			i++
		}
	}
	v.end = min(i, len(w))
	if i >= len(w) || v.end == v.start || v.end-v.start > maxSecret || w[i] != q && !(escaped && w[i] == '\\') {
		v.start = -1
		return v
	}
	if v.sign == argumentSign && !endsArgument(w, i) {
		v.start = -1
	}
	// What is joined to something else is part of a value.
	next := skipBlanks(w, i+1)
	if next < len(w) && (w[next] == '+' || w[next] == '.' || w[next] == '%' || w[next] == '[') && !escaped {
		v.start = -1
	}
	return v
}

// isBare reports whether c may be part of a value without quotes.
func isBare(c byte, s sign) bool {
	switch c {
	case '"', '\'', '`', ',', ';', '&', '<', '>', '(', ')', '[', ']', '{', '}', '|', '\\':
		return s == proseSign && (c == '&' || c == '(' || c == ')' || c == ']' || c == '[' || c == '|' || c == '<' || c == '>')
	}
	return c > ' ' && c != 0x7f
}

// mayEndBare reports whether w[i] may stand behind a value without quotes: a
// bracket or quote would make it an expression.
func mayEndBare(w []byte, i int) bool {
	switch c := w[i]; c {
	case ' ', '\t', '\r', '\n', '&', ';', '|':
		return true
	case ',':
		return true
	case '\'', '"', '`':
		return i+1 == len(w) || !isAlnum(w[i+1])
	case '<':
		return true
	case '\\':
		return i+1 < len(w) && (w[i+1] == 'n' || w[i+1] == 'r' || w[i+1] == 't' || w[i+1] == '"' || w[i+1] == 'u')
	}
	return false
}

// readUserSecret reads USER:PASSWORD at w[i], of which all or the password may be
// in quotes.
func readUserSecret(w []byte, i int) secretValue {
	colon := i
	for colon < len(w) && colon-i < maxHuman && (zoneByte.has(w[colon]) || w[colon] == '@') {
		colon++
	}
	if colon == i || colon+1 >= len(w) || w[colon] != ':' || w[colon+1] != '\'' && w[colon+1] != '"' {
		return readSecret(w, i, optionSign)
	}
	v := readQuoted(w[:min(len(w), i+maxSecret)], colon+2, w[colon+1], false, secretValue{sign: optionSign})
	if v.start >= 0 {
		v.start = i
	}
	return v
}

// matchCurlUser measures a user and password behind the option of curl at w[at].
func matchCurlUser(w []byte, at int) (start, end int, ok bool) {
	const before = 64
	low := max(0, at-before)
	line := w[low:at]
	if n := bytes.LastIndexByte(line, '\n'); n > 0 && line[n-1] != '\\' {
		line = line[n:]
	}
	n := bytes.LastIndex(line, []byte("curl"))
	if !bytes.HasSuffix(line, []byte("\\\n ")) && n < 0 && !bytes.Contains(line, []byte(" -H ")) && !bytes.Contains(line, []byte(" -d ")) {
		return 0, 0, false
	}
	option := ""
	for _, o := range curlOptions {
		if after(w, at, o) > 0 {
			option = o
		}
	}
	i := at + len(option)
	if c := option[len(option)-1]; c == '\'' || c == '"' {
		i--
	}
	i = skipBlanks(w, i)
	if i >= len(w) {
		return 0, 0, false
	}
	v := readUserSecret(w, i)
	if v.start < 0 {
		return 0, 0, false
	}
	user, password, some := bytes.Cut(w[v.start:v.end], []byte(":"))
	if v.quoted && len(password) > 0 && (password[0] == '\'' || password[0] == '"') {
		password = password[1:]
	}
	if !some || len(user)+len(password) < leastHuman || bytes.ContainsAny(w[v.start:v.end], " <>{}[]") || bytes.HasPrefix(user, []byte("$")) || basicWords.has(user) && basicWords.has(password) {
		return 0, 0, false
	}
	random := password
	if len(password) == 0 {
		random = user
	}
	return v.start, v.end, len(random) >= 4 && !isStandIn(nil, random) && !saysStandIn(random) && !counted(random) && random[0] != '$' && random[0] != '/'
}
