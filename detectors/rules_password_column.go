package detectors

import "bytes"

// maxCell is the longest password that is looked for in a table.
const maxCell = 32

// passwordColumn finds passwords that stand in a column of a table: nothing
// beside them says what they are but the title.
func passwordColumn() Rule {
	return Rule{
		ID: "PASSWORD_IN_TABLE", Name: "password in a column of a table",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityCheck + 4,
		Form: "A whole cell of 6 to 32 bytes with digits, between commas, semicolons, tabs or bars, or one of them and the end of a line, in quotes or without, in a column of which the title has a word for a password, " +
			"or in the line below it.",
		Check:       "Digits amid letters or marks, as PASSWORD_ASSIGNMENT asks of a value without quotes. Stand-ins, hashes of passwords, UUIDs, dates and names are refused, and cells near such a word that is no title of theirs.",
		Beside:      []Run{{Min: 1, Max: 30}},
		Match:       matchPasswordCell,
		MaxLen:      maxCell,
		Lead:        maxCell,
		Whole:       func(v []byte) bool { return len(v) <= maxCell && isCellPassword(v) },
		Keywords:    wordList("password; passwd; pwd; passphrase; passcode; user password; login password; passwort; kennwort; mot de passe; contraseña; senha; wachtwoord; hasło; parola; пароль; 密码; 密碼; パスワード; 비밀번호"),
		NeedKeyword: true,
	}
}

// matchPasswordCell measures the cell of a table around the digit at w[at]. It
// counts beside the title of its column.
func matchPasswordCell(w []byte, at int) (start, end int, ok bool) {
	start, end = at, at
	for start > 0 && at-start < maxCell && !isCellEnd(w[start-1]) {
		start--
	}
	for end < len(w) && end-at < maxCell && !isCellEnd(w[end]) {
		end++
	}
	left, right := start, end
	if left > 0 && right < len(w) && (w[left-1] == '"' || w[left-1] == '\'') && w[right] == w[left-1] {
		left, right = left-1, right+1
	}
	if left > 0 && !isSeparator(w[left-1]) || right < len(w) && !isSeparator(w[right]) || isUntitled(w, start, end) {
		return 0, 0, false
	}
	if (left == 0 || isBlank(w[left-1]) && w[left-1] != '\t') && (right == len(w) || isBlank(w[right]) && w[right] != '\t') {
		return 0, 0, false // a line, and no cell
	}
	return start, end, isCellPassword(w[start:end])
}

// isCellPassword reports whether the text of a cell may be a password.
func isCellPassword(text []byte) bool {
	if isUUID(text) || bytes.ContainsFunc(text, isNoPassword) || bytes.ContainsAny(text, "[]{}()^@:=%") && !hasStrongMix(text) {
		return false
	}
	v := secretValue{end: len(text), sign: plainSign}
	return v.isSecret(text, humanSecret)
}

func isCellEnd(c byte) bool {
	return isSeparator(c) || c == '"' || c == '\'' || c == '<' || c == '>'
}

// isSeparator reports whether c ends a cell of a table.
func isSeparator(c byte) bool {
	return c == ',' || c == ';' || c == '\t' || c == '|' || c == '\n' || c == '\r'
}

// isNoPassword reports whether c is in none that a person types in a table.
func isNoPassword(c rune) bool { return c < ' ' || c >= 0x7f || c == '\\' }

// isUntitled reports whether a word for a password stands near the value
// w[start:end] that cannot be the title of its column: in the same line, in one
// below, or in another column. Titles farther away are not for a matcher to judge.
func isUntitled(w []byte, start, end int) bool {
	const word = 32 // longer than all of them
	low := max(0, start-Reach)
	line := w[low:start]
	column := columnAt(line, low == 0)
	for i := max(low, start-Proximity-word); i < min(len(w), end+Proximity+1); i++ {
		for _, n := range passwordNames[w[i]] {
			if n.kind != humanSecret || after(w, i, n.word) < 0 {
				continue
			}
			if i > start || bytes.IndexByte(w[i:start], '\n') < 0 || column < 0 || columnAt(w[low:i], low == 0) != column {
				return true
			}
		}
	}
	return false
}

// columnAt returns how many separators stand in the line that v ends in, -1 if
// that begins before v. What is whole begins with a line.
func columnAt(v []byte, whole bool) int {
	n := 0
	for i := len(v) - 1; i >= 0; i-- {
		switch c := v[i]; {
		case c == '\n':
			return n
		case isSeparator(c):
			n++
		}
	}
	if !whole {
		return -1
	}
	return n
}

// isUUID reports whether v is one in its usual layout (RFC 9562, 4).
func isUUID(v []byte) bool {
	if len(v) != 36 {
		return false
	}
	for i, c := range v {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') || !dash && !isHex(c) {
			return false
		}
	}
	return true
}
