package detectors

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestEmailIsPlain(t *testing.T) { compareMatcher(t, "EMAIL_ADDRESS", matchEmailPlain) }

// TestTopLevelIsPlain asks for endings of names, letters drawn, and what is near
// them.
func TestTopLevelIsPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 0))
	words := append(strings.Fields(plainFileNames), "com", "museum", "xn--p1ai", "рф")
	for n := range 200000 {
		label := randomBytes(rng, 1+rng.IntN(11), "abcdefghijklmnopqrstuvwxyzABZ")
		switch n % 4 {
		case 0:
			label = []byte(words[rng.IntN(len(words))])
		case 1:
			label = bytes.ToUpper([]byte(words[rng.IntN(len(words))]))
		case 2:
			label = label[:min(2, len(label))]
		}
		if got, want := isTopLevel(label), isTopLevelPlain(label); got != want {
			t.Fatalf("%q is a top-level domain: %v, want %v", label, got, want)
		}
	}
}

func matchEmailPlain(w []byte, at int) (start, end int, ok bool) {
	if at == 0 || at+4 > len(w) {
		return 0, 0, false
	}
	if c := w[at-1]; c < 0x80 && (!isAtextPlain(c) || c == '/') {
		return 0, 0, false
	}
	if isRelease(w, at+1) {
		return 0, 0, false
	}
	end = domainEndPlain(w, at+1)
	if end < 0 {
		return 0, 0, false
	}
	start = localStartPlain(w, at, end)
	if start < 0 || end-start > maxEmail || isRemotePlain(w, start, at, end) {
		return 0, 0, false
	}
	return start, end, true
}

func localStartPlain(w []byte, at, end int) int {
	running := false // the script at the '@' has no spaces between words
	if r, _ := utf8.DecodeLastRune(w[:at]); r >= utf8.RuneSelf {
		running = unspaced(r)
	}
	i := at
	for i > 0 && at-i <= maxLocal {
		n := localCharPlain(w, i, end, running)
		if n == 0 {
			break
		}
		i -= n
	}
	if at-i > maxLocal {
		return -1
	}
	i += escaped(w, i, at)
	for i < at && (w[i] == '.' || w[i] == '-' || w[i] == '\'') {
		i++
	}
	if i == at || w[at-1] == '.' {
		return -1
	}
	return i
}

func localCharPlain(w []byte, i, end int, running bool) int {
	c := w[i-1]
	switch {
	case isDigit(c) || isLetter(c) || c == '-' || c == '+':
		return 1
	case c == '.':
		if i < len(w) && w[i] == '.' {
			return 0
		}
		return 1
	case c == '_' || c == '~' || c == '\'':
		if end < len(w) && w[end] == c {
			return 0
		}
		if c == '\'' && (i < 2 || !isLetter(w[i-2]) || !isLetter(w[i])) {
			return 0
		}
		return 1
	case c < utf8.RuneSelf:
		return 0
	}
	r, n := utf8.DecodeLastRune(w[:i])
	if !unicode.In(r, unicode.L, unicode.M, unicode.Nd) || unspaced(r) && !running || compatible(r) {
		return 0
	}
	return n
}

func domainEndPlain(w []byte, i int) int {
	best, labels := -1, 0
	begin := i
	complete := false // the domain could end before this label
	for i < len(w) && i-begin < maxEmail {
		end := labelEndPlain(w, i)
		if end == i || end-i > 63 || w[i] == '-' {
			break
		}
		labels++
		label := w[i:end]
		tld := end
		if !isPunycode(label) {
			tld = i + topLevelEnd(label)
		}
		if labels > 1 && isTopLevelPlain(w[i:tld]) && !(tld < len(w) && w[tld] == '(') && !(complete && isSentence(label)) {
			best = tld
		}
		if end+1 >= len(w) || w[end] != '.' || w[end-1] == '-' {
			break
		}
		complete = best == end
		i = end + 1
	}
	return best
}

func labelEndPlain(w []byte, i int) int {
	ascii := i < len(w) && w[i] < utf8.RuneSelf
	for i < len(w) {
		c := w[i]
		if isDigit(c) || isLetter(c) || c == '-' {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeRune(w[i:])
		if !unicode.In(r, unicode.L, unicode.M) || ascii && unspaced(r) || compatible(r) {
			break
		}
		i += n
	}
	return i
}

func isTopLevelPlain(label []byte) bool {
	switch {
	case isPunycode(label):
		return label[len(label)-1] != '-'
	case len(label) < 2 || len(label) > 24:
		return false
	case label[0] >= utf8.RuneSelf:
		return utf8.RuneCount(label) >= 2
	case !allOf(label, letterByte):
		return false
	case len(label) == 2:
		return isCountryDomainPlain(label[0]|0x20, label[1]|0x20)
	}
	return !isFileNamePlain(label)
}

func isCountryDomainPlain(a, b byte) bool { return strings.IndexByte(countryLetters[a-'a'], b) >= 0 }

func isFileNamePlain(label []byte) bool {
	if len(label) < 3 || len(label) > 9 {
		return false
	}
	var key [11]byte
	key[0] = ' '
	for i, c := range label {
		key[1+i] = c | 0x20
	}
	key[1+len(label)] = ' '
	return strings.Contains(plainFileNames, string(key[:len(label)+2]))
}

func isRemotePlain(w []byte, start, at, end int) bool {
	switch string(w[start:at]) {
	case "git", "hg", "svn":
		if end < len(w) && (w[end] == ':' || w[end] == '/') {
			return true
		}
	}
	for i := start - 1; i >= 0 && start-i < Reach && w[i] > ' ' && w[i] != '"' && w[i] != '\'' && w[i] != '<' && w[i] != '?' && w[i] != '='; i-- {
		if w[i] == '/' {
			return i >= 2 && w[i-1] == '/' && w[i-2] == ':'
		}
	}
	return false
}

func isAtextPlain(c byte) bool {
	return isDigit(c) || isLetter(c) || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

const plainFileNames = " png jpg jpeg gif svg webp avif bmp ico tif tiff css scss less jsx mjs cjs tsx json yml yaml toml xml html htm txt rst csv tsv log cfg conf ini " +
	"exe dll dylib jar war class java php bat sql sqlite bak tmp lock map wasm tgz bz2 zst tar zip rar deb rpm apk dmg iso img pdf doc docx xls xlsx " +
	"service socket timer mount automount target slice scope device swap path plist patch diff min ttf otf woff woff2 eot mp3 mp4 wav snap "
