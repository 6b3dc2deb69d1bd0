package detectors

import (
	"bytes"
	"strings"
)

// people returns the rules for what data says of a person in a word or two.
func people() []Rule { return []Rule{age(), username(), latitudeLongitude()} }

func age() Rule {
	return Rule{
		ID: "DATE_TIME_AGE", Name: "age of a person",
		Category: Personal, Severity: Rising, Priority: PriorityKeyword,
		Form: "1 to 3 digits up to 125, right behind a word that announces an age (age, aged, Alter, âge, edad), or before one that says so (years old, Jahre alt, años de edad, 歳) near a word for a person. A number with another unit " +
			"behind it, and max-age and its like, are none.",
		Check:  "0 to 125; no leading zero.",
		Beside: []Run{{1, 3, "", ""}},
		Match:  matchAge,
		Whole:  isAge,
		MaxLen: 3,
		Keywords: append(wordList(
			"age; aged; âge; alter; edad; età; idade; leeftijd; wiek; ålder; alder; ikä; 年齢; 年龄; 나이; возраст",
			"years old; year old; yrs old; y/o; years of age; âgé; âgée; jahre alt; años; de edad; anni; anos; jaar oud; år gammal; 歳; 岁; 세; лет",
		), ageKeywordsOnly...),
		NeedKeyword: true,
	}
}

// ageKeywordsOnly are further ways to write what stands behind an age.
var ageKeywordsOnly = []string{"yo", "yr old"}

var (
	ageWords = []string{
		"age", "aged", "âge", "âgé", "âgée", "alter", "edad", "età", "idade", "leeftijd", "wiek", "ålder", "ikä", "年齢", "年龄", "나이", "возраст",
	}
	ageUnits = []string{
		"years old", "year-old", "year old", "years-old", "yrs old", "yr old", "y/o", "yo", "years of age", "jahre alt", "años de edad", "anni di età", "anos de idade", "jaar oud", "år gammal",
		"歳", "岁", "세", "лет",
	}
	// ageYears may stand behind an age that is announced; other units may not.
	ageYears = []string{"years", "year", "yrs", "jahre", "ans", "años", "anni", "anos", "jaar", "år"}
)

func isAge(v []byte) bool {
	if len(v) == 0 || len(v) > 3 || !allOf(v, digitByte) || v[0] == '0' && len(v) > 1 {
		return false
	}
	n := 0
	for _, c := range v {
		n = 10*n + int(c-'0')
	}
	return n <= 125
}

// matchAge measures the age whose digits start at at.
func matchAge(w []byte, at int) (start, end int, ok bool) {
	end = at + runOfDigits(w, at)
	if !isAge(w[at:end]) || !startsClear(w, at) || at > 0 && (w[at-1] == '/' || w[at-1] == '+' || w[at-1] == '<') {
		return 0, 0, false
	}
	unit := end
	for unit < len(w) && unit-end < 2 && (w[unit] == ' ' || w[unit] == '-') {
		unit++
	}
	if beginsWithWord(w[unit:], ageUnits) && nearPerson(w, at, end) {
		return at, end, true
	}
	if end < len(w) && (isWord(w[end]) || w[end] == '%' || w[end] == '-' || w[end] == '+' || w[end] == '/') ||
		end+1 < len(w) && (w[end] == '.' || w[end] == ':' || w[end] == ',') && isDigit(w[end+1]) {
		return 0, 0, false
	}
	if unit < len(w) && unit > end && isLetter(w[unit]) && beginsWithUnit(w[unit:]) && !beginsWithWord(w[unit:], ageYears) {
		return 0, 0, false
	}
	return at, end, announced(w, at, ageWords) && !ofThing(w, at)
}

// nearPerson reports whether a word for a person stands near w[start:end]:
// programs and wines have so many years, too.
func nearPerson(w []byte, start, end int) bool {
	const reach = 40
	near := w[max(0, start-reach):min(len(w), end+reach)]
	for i := 0; i < len(near); {
		if !isLetter(near[i]) && near[i] < 0x80 {
			i++
			continue
		}
		j := i
		for j < len(near) && (isLetter(near[j]) || near[j] >= 0x80) {
			j++
		}
		var buf [2*reach + 8]byte
		if personWords.has(lowered(buf[:0], near[i:j])) {
			return true
		}
		i = j
	}
	return false
}

var personWords = newStringSet(
	"i", "he", "she", "him", "her", "his", "who", "man", "woman", "boy", "girl", "male", "female", "patient", "pt", "mother", "father", "mom", "dad", "son", "daughter", "child", "kid", "baby", "wife", "husband",
	"brother", "sister", "grandmother", "grandfather", "person", "student", "mr", "mrs", "ms", "miss", "client", "resident", "victim", "suspect", "born", "lady", "gentleman", "infant", "toddler", "teenager",
	"er", "sie", "ich", "mann", "frau", "patientin", "kind", "sohn", "tochter", "él", "ella", "hombre", "mujer", "paciente", "lui", "lei", "uomo", "donna", "paziente", "homem", "mulher", "elle", "il", "homme", "femme",
	"男性", "女性", "男", "女", "患者", "さん",
)

// beginsWithWord reports whether w begins with one of words, in any ASCII case,
// and the word ends there.
func beginsWithWord(w []byte, words []string) bool {
	for _, word := range words {
		if len(w) >= len(word) && bytes.EqualFold(w[:len(word)], []byte(word)) && (len(w) == len(word) || word[0] >= 0x80 || !isLetter(w[len(word)])) {
			return true
		}
	}
	return false
}

// beginsWithUnit reports whether w begins with a unit of time or data.
func beginsWithUnit(w []byte) bool {
	return beginsWithWord(w, otherUnits)
}

var otherUnits = []string{
	"s", "ms", "sec", "secs", "second", "seconds", "m", "min", "mins", "minute", "minutes", "h", "hour", "hours", "d", "day", "days", "week", "weeks", "month", "months", "versions", "releases", "bytes",
	"tage", "tagen", "wochen", "stunden", "jours", "heures", "días", "horas", "giorni", "ore", "commits",
}

// ofThing reports whether the age that is announced before w[at] is that of an
// entry in a cache, of a file or of a password: max-age=60, message age 20.
func ofThing(w []byte, at int) bool {
	var buf [announcedReach]byte
	v := lowered(buf[:0], w[max(0, at-announcedReach):at])
	i := bytes.LastIndex(v, []byte("age"))
	if i < 0 {
		return false
	}
	v = bytes.TrimRight(v[:i], " _-")
	for _, thing := range [...]string{"max", "min", "maximum", "minimum", "message", "cache", "password", "file", "cert", "certificate", "key", "log", "s-max", "entry", "hello", "release"} {
		if bytes.HasSuffix(v, []byte(thing)) {
			return true
		}
	}
	return false
}

const maxUser = 64

// usernameWords are the names of what holds a login name, in small letters; a
// blank stands for '_', '-' and nothing, too.
var usernameWords = []string{"user name", "user id", "usuario", "login name", "login id", "login"}

func username() Rule {
	return Rule{
		ID: "USERNAME", Name: "login name in an assignment",
		Category: Personal, Severity: Rising, Priority: PriorityShape,
		Form: "A name for login names (username, user_id, login, usuario), ':', '=' or '=>', and 2 to 64 letters, digits, '.', '_' and '-'. Without quotes the value has a digit, or " +
			"the assignment fills what a line, a query string or a list leaves for it.",
		Check:    "None. Words of programming languages and forms (string, null, required), and names that every system has (root, admin, guest), are refused.",
		Anchor:   Anchor{Literals: strings.Split(usernameNames, ";")},
		Match:    matchUsername,
		Whole:    func(v []byte) bool { return len(v) >= 2 && len(v) <= maxUser && allOf(v, zoneByte) && isAlnum(v[0]) },
		MaxLen:   maxUser,
		Keywords: wordList("username; user name; login; user_id; userid; user id; login name; login id; usuario"),
	}
}

// usernameNames are the words as they are written. A shape of them in any case
// would take a dozen classes of bytes, which all texts pay for.
const usernameNames = "username;Username;USERNAME;userName;UserName;user_name;User_name;USER_NAME;user-name;USER-NAME;User-Name;user name;User name;User Name;USER NAME;" +
	"userid;Userid;USERID;userId;UserId;UserID;user_id;User_id;USER_ID;user-id;USER-ID;User-Id;user id;User id;User ID;login;Login;LOGIN;usuario;Usuario;USUARIO"

// matchUsername measures the value of the assignment whose name starts at at.
func matchUsername(w []byte, at int) (start, end int, ok bool) {
	i := -1
	for _, word := range usernameWords {
		i = max(i, afterWord(w, at, word))
	}
	if i < 0 || at > 0 && (isAlnum(w[at-1]) && !afterEscape(w, at) || w[at-1] == '.' || w[at-1] == '$') {
		return 0, 0, false // a part of another name, or of an expression
	}
	quote := byte(0)
	if i < len(w) && (w[i] == '"' || w[i] == '\'') {
		quote = w[i]
		i++
	}
	blank := i
	i = runEnd(w, i, 2, blankByte)
	blank = i - blank
	if i >= len(w) || w[i] != ':' && w[i] != '=' {
		return 0, 0, false
	}
	colon := w[i] == ':'
	i++
	if i < len(w) && !colon && w[i] == '>' {
		i++
	}
	before := i
	for i < len(w) && i-before < 3 && w[i] == ' ' {
		i++
	}
	tight := i == before && blank == 0
	opened := byte(0)
	if i < len(w) && (w[i] == '"' || w[i] == '\'') {
		opened = w[i]
		i++
	}
	end = runEnd(w, i, maxUser+1, zoneByte)
	for end > i && (w[end-1] == '.' || w[end-1] == '-') {
		end--
	}
	v := w[i:end]
	if len(v) < 2 || len(v) > maxUser || !isAlnum(v[0]) || isCommonUser(v) || allEqual(v) {
		return 0, 0, false
	}
	if opened != 0 {
		return i, end, end < len(w) && w[end] == opened
	}
	return i, end, quote == 0 && userEnds(w, i, end, tight, colon) || quote != 0 && allOf(v, digitByte) && userEnds(w, i, end, tight, colon)
}

// afterWord returns where word ends that stands at w[i] in any case, a blank in it
// being '_', '-' or nothing, too; or -1.
func afterWord(w []byte, i int, word string) int {
	for k := range len(word) {
		c := byte(0)
		if i < len(w) {
			c = w[i]
		}
		switch {
		case word[k] == ' ' && (c == ' ' || c == '_' || c == '-'):
		case word[k] == ' ':
			continue
		case c|0x20 != word[k]:
			return -1
		}
		i++
	}
	return i
}

// userEnds reports whether a value without quotes is one that data has, not
// an expression of a program.
func userEnds(w []byte, start, end int, tight, colon bool) bool {
	next := byte('\n')
	if end < len(w) {
		next = w[end]
	}
	switch next {
	case '\n', '\r', ' ', '\t', '&', '<', '"', '|', '.', ';', ',', '\\':
	default:
		return false
	}
	v := w[start:end]
	if bytes.ContainsAny(v, "0123456789") {
		return bytes.IndexByte(v, '.') < 0 || !tight
	}
	return bytes.IndexByte(v, '.') < 0 && (tight && next != ',' && next != ';' || colon && (next == '\n' || next == '\r'))
}

// isCommonUser reports whether v is no name that tells of a person.
func isCommonUser(v []byte) bool {
	if len(v) > 16 {
		return false
	}
	var buf [16]byte
	return commonUsers.has(lowered(buf[:0], v))
}

var commonUsers = newStringSet(
	"string", "str", "text", "varchar", "char", "int", "int32", "int64", "uint", "uint32", "uint64", "integer", "number", "bool", "boolean", "any", "object", "value", "none", "null", "nil", "true", "false",
	"undefined", "required", "optional", "username", "user_name", "user-name", "user", "userid", "user_id", "login", "name", "password", "email", "uuid", "the", "this", "self", "your", "yourname", "and", "not",
	"root", "admin", "administrator", "guest", "test", "nobody", "anonymous", "default", "example", "system", "public", "yes", "no", "on", "off", "foo", "bar", "foobar", "xxx", "failed", "success", "successful",
	"func", "function", "const", "let", "var", "new", "return", "if", "for", "in", "is", "it", "to", "of", "as", "an", "at", "by", "or",
)

const maxPair = 60

func latitudeLongitude() Rule {
	return Rule{
		ID: "LATITUDE_LONGITUDE", Name: "pair of latitude and longitude",
		Category: Personal, Severity: Severities{Low, Medium, Medium}, Priority: PriorityKeyword,
		Form: "Two numbers of degrees with three decimals or more beside a keyword, signs, a degree sign and N, S, E, W allowed; between them a comma, a semicolon, a stroke or blanks, or the name of the second " +
			"(\"lng\":), all in at most 16 bytes. As a whole value whole degrees and parentheses are well formed, too.",
		Check:  "At most 90 and 180, the other way round where the first is above 90 (GeoJSON); not both zero. A row of three such numbers is none.",
		Beside: []Run{{1, 3, ".", ""}},
		Lead:   1,
		Match:  matchPair,
		Whole:  isLatLong,
		MaxLen: maxPair,
		Keywords: wordList(
			"coordinate; coordinates; lat long; latitude longitude; position",
			"latitude; longitude; lat; lng; lon; gps; geo; geolocation; location; latlng; lat lng; lat lon; geopoint; geotag; coords",
			"coordonnées; breitengrad; längengrad; standort; koordinaten; coordenadas; ubicación; latitud; longitud; coordinate geografiche; latitudine; longitudine; localização; coördinaten; 緯度; 経度; 纬度; 经度; 坐标",
		),
		NeedKeyword: true,
	}
}

// degrees reads digits and decimals at w[i]: the whole degrees, whether more is
// behind them, and how many decimals; end is -1 if there are none.
func degrees(w []byte, i int) (whole, end, decimals int, more bool) {
	n := runOfDigits(w, i)
	if n == 0 || n > 3 || n > 1 && w[i] == '0' {
		return 0, -1, 0, false
	}
	for _, c := range w[i : i+n] {
		whole = 10*whole + int(c-'0')
	}
	end = i + n
	if end+1 < len(w) && w[end] == '.' && isDigit(w[end+1]) {
		next := runEnd(w, end+1, 17, digitByte)
		decimals = next - end - 1
		more = !allZero(w[end+1 : next])
		end = next
	}
	return whole, end, decimals, more
}

// within reports whether so many degrees and more, or not more, are at most most.
func within(whole int, more bool, most int) bool { return whole < most || whole == most && !more }

// matchPair measures the pair whose first digits start at at.
func matchPair(w []byte, at int) (start, end int, ok bool) {
	start = at
	if at > 0 && (w[at-1] == '-' || w[at-1] == '+') {
		start--
	}
	first, end, decimals, more := degrees(w, at)
	if end < 0 || decimals < 3 || !startsClear(w, start) || afterDecimals(w, start) {
		return 0, 0, false
	}
	i := betweenDegrees(w, hemisphere(w, end))
	if i < 0 {
		return 0, 0, false
	}
	second, end, decimals, moreSecond := degrees(w, i)
	if end < 0 || decimals < 3 || first+second == 0 && !more && !moreSecond {
		return 0, 0, false
	}
	if !(within(first, more, 90) && within(second, moreSecond, 180)) && !(within(first, more, 180) && within(second, moreSecond, 90)) {
		return 0, 0, false
	}
	end = hemisphere(w, end)
	if end < len(w) && isWord(w[end]) || end+1 < len(w) && w[end] == '.' && isDigit(w[end+1]) || beforeDecimals(w, end) {
		return 0, 0, false
	}
	return start, end, true
}

// hemisphere returns the end of a degree sign and a letter of NSEW at w[i], where
// there are such, otherwise i.
func hemisphere(w []byte, i int) int {
	i = max(i, after(w, i, "°"))
	j := i
	if j < len(w) && w[j] == ' ' {
		j++
	}
	if j < len(w) && (w[j] == 'N' || w[j] == 'S' || w[j] == 'E' || w[j] == 'W') && (j+1 == len(w) || !isWord(w[j+1])) {
		return j + 1
	}
	return i
}

// betweenDegrees returns where the digits of the second number start behind
// what may stand between two, at w[i], or -1.
func betweenDegrees(w []byte, i int) int {
	const most = 16
	low := i
	for i < len(w) && i-low < most && !isDigit(w[i]) {
		if isLetter(w[i]) {
			end := runEnd(w, i, 10, letterByte)
			if !isLongitude(w[i:end]) {
				return -1
			}
			i = end
			continue
		}
		if strings.IndexByte(" ,;/|\t\":='+-<>", w[i]) < 0 {
			return -1
		}
		i++
	}
	if i == low || i >= len(w) || !isDigit(w[i]) {
		return -1
	}
	return i
}

func isLongitude(v []byte) bool {
	var buf [10]byte
	switch string(lowered(buf[:0], v)) {
	case "lng", "lon", "long", "longitude", "and", "lat", "latitude":
		return true
	}
	return false
}

// afterDecimals reports whether a number with three decimals or more ends before a comma or
// blank in front of w[i], and beforeDecimals whether one starts behind w[i].
func afterDecimals(w []byte, i int) bool {
	for k := 0; k < 2 && i > 0 && (w[i-1] == ' ' || w[i-1] == ','); k++ {
		i--
	}
	j := i
	for j > 0 && i-j < 18 && isDigit(w[j-1]) {
		j--
	}
	return i-j >= 3 && j > 1 && w[j-1] == '.' && isDigit(w[j-2])
}

func beforeDecimals(w []byte, i int) bool {
	for k := 0; k < 3 && i < len(w) && (w[i] == ' ' || w[i] == ',' || w[i] == '-'); k++ {
		i++
	}
	_, _, decimals, _ := degrees(w, min(i, len(w)))
	return decimals >= 3
}

// isLatLong reports whether the whole of v is a pair as it is searched for, or a
// latitude and a longitude with a comma between, perhaps in parentheses.
func isLatLong(v []byte) bool {
	for at := range min(len(v), 2) {
		if isDigit(v[at]) {
			if start, end, ok := matchPair(v, at); ok && start == 0 && end == len(v) {
				return true
			}
		}
	}
	if len(v) > 1 && v[0] == '(' && v[len(v)-1] == ')' {
		v = v[1 : len(v)-1]
	}
	a, b, ok := bytes.Cut(v, []byte(","))
	return ok && isDegrees(a, 90) && isDegrees(bytes.TrimLeft(b, " "), 180)
}

func isDegrees(v []byte, most int) bool {
	if len(v) > 0 && (v[0] == '-' || v[0] == '+') {
		v = v[1:]
	}
	if len(v) == 0 {
		return false
	}
	whole, end, _, more := degrees(v, 0)
	return end == len(v) && within(whole, more, most)
}
