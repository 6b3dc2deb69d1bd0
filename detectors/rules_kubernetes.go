package detectors

import (
	"bytes"
	"encoding/base64"
	"unicode/utf8"
)

const maxManifest = 6 << 10

func kubernetesSecret() Rule {
	return Rule{
		ID: "KUBERNETES_SECRET", Name: "Kubernetes secret with data",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityKeyword,
		Form: "A manifest of kind Secret, in YAML or JSON, with an entry under data (Kubernetes documentation, Secrets): from the one of kind and data that comes first to the end of the other, up to 6 KiB. " +
			"Tokens and keys under stringData are found as what they are.",
		Check: "The value of an entry is base64 of at least six bytes that are no template and no stand-in.",
		Anchor: Anchor{Literals: []string{"kind: Secret", "kind: secret", `kind: "Secret"`, `kind: "secret"`, "kind: 'Secret'", "kind: 'secret'",
			`"kind":"Secret"`, `"kind": "Secret"`, `"kind" : "Secret"`}},
		Match:  matchKubernetesSecret,
		MaxLen: maxManifest,
	}
}

// matchKubernetesSecret measures the manifest that tells its kind at w[at].
func matchKubernetesSecret(w []byte, at int) (start, end int, ok bool) {
	const half = maxManifest / 2
	if at > 0 && w[at-1] != ' ' && w[at-1] != '\t' && w[at-1] != '\n' && w[at] == 'k' && !afterEscape(w, at) {
		return 0, 0, false
	}
	low, high := max(0, at-half), min(len(w), at+half)
	end = at + bytes.IndexByte(w[at:], ':') + 1
	for end < high && !isLetter(w[end]) {
		end++
	}
	quote := w[end-1]
	if end = runEnd(w, end, len("Secret"), alnumByte); quote == '"' || quote == '\'' {
		if end == len(w) || w[end] != quote {
			return 0, 0, false
		}
		end++
	}
	next := runEnd(w, end, Reach, blankByte)
	switch c := w[min(next, len(w)-1)]; {
	case w[at] == '"' && next < len(w) && c != ',' && c != '}':
		return 0, 0, false
	case w[at] != '"' && next < len(w) && c != '#' && bytes.IndexByte(w[end:next], '\n') < 0:
		return 0, 0, false
	}
	if w[at] == '"' {
		start, end, ok = jsonData(w, at, end, low, high)
	} else {
		start, end, ok = yamlData(w, at, end, low, high)
	}
	return start, end, ok && end-start <= maxManifest
}

// jsonData finds the member data of the object of which the member kind is
// w[at:end], in w[low:high], and returns the span of both.
func jsonData(w []byte, at, end, low, high int) (int, int, bool) {
	data, kind := []byte(`"data"`), []byte(`"kind"`)
	next := high
	if n := bytes.Index(w[end:high], kind); n >= 0 {
		next = end + n
	}
	if n := bytes.Index(w[end:next], data); n >= 0 {
		e, some := jsonEntries(w[:next], end+n+len(data))
		return at, e, some
	}
	if n := bytes.LastIndex(w[low:at], kind); n >= 0 {
		low += n
	}
	n := bytes.LastIndex(w[low:at], data)
	if n < 0 {
		return 0, 0, false
	}
	e, some := jsonEntries(w[:at], low+n+len(data))
	return low + n, end, some && e <= at
}

// jsonEntries reads the object behind the colon at w[i], of which the members
// are strings, and reports whether one is a secret.
func jsonEntries(w []byte, i int) (end int, some bool) {
	depth := 0
	for from := -1; i < len(w); i++ {
		switch c := w[i]; c {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				return i + 1, some
			}
		case '"':
			if from >= 0 {
				some = some || isEncodedData(w[from:i])
				from = -1
				continue
			}
			from = i + 1
		case ',':
			if depth == 0 {
				return i, false
			}
		}
	}
	return i, false
}

// yamlData is jsonData for YAML: data has the indentation that kind has, and no
// separator of documents stands between them.
func yamlData(w []byte, at, end, low, high int) (int, int, bool) {
	indent := indentAt(w, at)
	for i := newline(w, end); i < high; i = newline(w, i+1) {
		line := i + 1
		if !isSibling(w, line, indent) {
			break
		}
		if e := after(w, line+indent, "data:"); e > 0 {
			last, some := yamlEntries(w[:high], e, indent)
			return at, last, some
		}
	}
	for i := at - indent; i > low; {
		line := bytes.LastIndexByte(w[low:i-1], '\n') + 1 + low
		if !isSibling(w, line, indent) {
			break
		}
		if e := after(w, line+indent, "data:"); e > 0 {
			_, some := yamlEntries(w[:at], e, indent)
			return line + indent, end, some
		}
		i = line
	}
	return 0, 0, false
}

// newline returns where the next line feed stands at w[i] or behind it, or len(w).
func newline(w []byte, i int) int {
	i = min(i, len(w))
	if n := bytes.IndexByte(w[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(w)
}

// indentAt returns how many blanks stand before w[at] in its line.
func indentAt(w []byte, at int) int {
	n := 0
	for n < Reach && at-n > 0 && (w[at-n-1] == ' ' || w[at-n-1] == '\t') {
		n++
	}
	return n
}

// isSibling reports whether the line at w[i] is of the mapping with this
// indentation: at least so many blanks, or nothing but blanks, and no separator.
func isSibling(w []byte, i, indent int) bool {
	n := 0
	for i+n < len(w) && n < indent && (w[i+n] == ' ' || w[i+n] == '\t') {
		n++
	}
	rest := w[i+n:]
	return (n == indent || len(rest) > 0 && isBlank(rest[0])) && !bytes.HasPrefix(rest, []byte("---")) && len(rest) > 0
}

// yamlEntries reads the lines below "data:", which ends at w[i], and returns the
// end of the last that belongs to it, and whether one is a secret.
func yamlEntries(w []byte, i, indent int) (end int, some bool) {
	end = i
	for i = newline(w, i); i < len(w); {
		line := i + 1
		i = newline(w, line)
		text := bytes.TrimRight(w[min(line, len(w)):i], " \t\r")
		body := bytes.TrimLeft(text, " \t")
		if len(body) == 0 {
			continue
		}
		if len(text)-len(body) <= indent {
			break
		}
		end = line + len(text)
		if n := bytes.IndexByte(body, ':'); n >= 0 {
			body = body[n+1:]
		}
		some = some || isEncodedData(bytes.Trim(body, " \t\"'"))
	}
	return end, some
}

// isEncodedData reports whether v is base64 of six bytes and more that may be a
// secret: text, or what no text is.
func isEncodedData(v []byte) bool {
	const least, most = 8, 64
	text := bytes.TrimRight(v, "=")
	if len(text) < least || len(v)%4 != 0 && len(v) < most || !allOf(text, base64Byte) {
		return false
	}
	text = text[:min(len(text), most)]
	var buf [most]byte
	n, err := base64.RawStdEncoding.Decode(buf[:], text)
	if err != nil || allEqual(buf[:n]) {
		return false
	}
	plain := bytes.TrimSpace(buf[:n])
	if !utf8.Valid(plain) || bytes.ContainsFunc(plain, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' }) {
		return len(text) >= 16 // a key
	}
	return len(plain) >= 6 && (bytes.HasPrefix(plain, []byte(`{"`)) || !isStandIn(nil, plain))
}
