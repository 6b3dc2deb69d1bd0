package detectors

import (
	"bytes"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of RFC 5321, 4.5.3.1, in bytes.
const (
	maxLocal = 64
	maxEmail = 254
)

// matchEmail measures the address around the '@' at at.
func matchEmail(w []byte, at int) (start, end int, ok bool) {
	if at == 0 || at+4 > len(w) {
		return 0, 0, false
	}
	if c := w[at-1]; c < utf8.RuneSelf && (!atextByte.has(c) || c == '/') {
		return 0, 0, false
	}
	if isRelease(w, at+1) {
		return 0, 0, false
	}
	end = domainEnd(w, at+1)
	if end < 0 {
		return 0, 0, false
	}
	start = localStart(w, at, end)
	if start < 0 || end-start > maxEmail || isRemote(w, start, at, end) {
		return 0, 0, false
	}
	return start, end, true
}

// isRelease reports whether the version of a package starts at w[i]: two
// numbers with a dot between them, "v" before them or not.
func isRelease(w []byte, i int) bool {
	if w[i]|0x20 == 'v' {
		i++
	}
	dot := runEnd(w, i, maxLocal, digitByte)
	return dot > i && dot+1 < len(w) && w[dot] == '.' && isDigit(w[dot+1]) && !isLabel(w, dot+1)
}

// isLabel reports whether the label at w[i] has letters too: 163.1und1.de.
func isLabel(w []byte, i int) bool {
	end := runEnd(w, i, maxLocal, digitByte)
	return end < len(w) && isLetter(w[end])
}

// localStart returns where the local part that ends before the '@' at at
// begins, or -1. The address ends at end.
func localStart(w []byte, at, end int) int {
	running := false // the script at the '@' has no spaces between words
	if w[at-1] >= utf8.RuneSelf {
		r, _ := utf8.DecodeLastRune(w[:at])
		running = unspaced(r)
	}
	i := at
	for i > 0 && at-i <= maxLocal {
		if localByte.has(w[i-1]) {
			i--
			continue
		}
		n := localChar(w, i, end, running)
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

// localByte are the characters that may stand anywhere in a local part.
const localByte = alnumByte | dashByte | plusByte

// localChar returns the length of the character before w[i], none of localByte,
// if it belongs to a local part in running text, otherwise 0.
func localChar(w []byte, i, end int, running bool) int {
	c := w[i-1]
	switch {
	case c == '.':
		if i < len(w) && w[i] == '.' {
			return 0 // an ellipsis before an address
		}
		return 1
	case c == '_' || c == '~' || c == '\'':
		// Where it closes the address too it is a quote or an emphasis.
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

// unspaced reports whether r is of a script that sets no spaces between words,
// so that text runs into an address.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// compatible reports whether r is a half-width or full-width form, which is
// not written in addresses.
func compatible(r rune) bool { return r >= 0xFF00 && r <= 0xFFEF }

// escaped returns how many bytes at w[i], where a run of local characters
// begins that ends at at, are the rest of an escape: \n, \u003c, \x3c or %20.
func escaped(w []byte, i, at int) int {
	n := 0
	switch {
	case i == 0:
		return 0
	case afterEscape(w, i+1):
		n = 1
	case w[i-1] == '\\' && w[i] == 'u' && i+5 < at && hexRun(w[i+1:i+5]):
		n = 5
	case w[i-1] == '\\' && w[i] == 'x' && i+3 < at && hexRun(w[i+1:i+3]):
		n = 3
	case i+2 < at && afterPercent(w, i+2):
		n = 2
	}
	if i+n >= at {
		return 0
	}
	return n
}

func hexRun(v []byte) bool { return allOf(v, hexByte) }

// domainEnd returns the end of the domain that starts at i, or -1: the longest
// run of labels whose last one is a top-level domain.
func domainEnd(w []byte, i int) int {
	best, labels := -1, 0
	begin := i
	complete := false // the domain could end before this label
	for i < len(w) && i-begin < maxEmail {
		end := labelEnd(w, i)
		if end == i || end-i > 63 || w[i] == '-' {
			break
		}
		labels++
		if labels > 1 {
			label := w[i:end]
			tld := end
			if !isPunycode(label) {
				tld = i + topLevelEnd(label)
			}
			if isTopLevel(w[i:tld]) && !(tld < len(w) && w[tld] == '(') && !(complete && isSentence(label)) {
				best = tld
			}
		}
		if end+1 >= len(w) || w[end] != '.' || w[end-1] == '-' {
			break
		}
		complete = best == end
		i = end + 1
	}
	return best
}

// topLevelEnd returns where a top-level domain ends to which something is
// glued: "example.com-2024", "example.comPhone".
func topLevelEnd(label []byte) int {
	for i := 1; i < len(label); i++ {
		if label[i] == '-' || isUpper(label[i]) && isLower(label[i-1]) {
			return i
		}
	}
	return len(label)
}

// isSentence reports whether label looks like the first word of a sentence:
// "jane@example.com.Please".
func isSentence(label []byte) bool {
	return isUpper(label[0]) && len(label) > 1 && isLower(label[1])
}

// labelEnd returns the end of the label at w[i]. A change from ASCII to a
// script without spaces ends it.
func labelEnd(w []byte, i int) int {
	ascii := i < len(w) && w[i] < utf8.RuneSelf
	for i < len(w) {
		c := w[i]
		if (alnumByte | dashByte).has(c) {
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

func isPunycode(label []byte) bool {
	return len(label) > 4 && label[0]|0x20 == 'x' && label[1]|0x20 == 'n' && label[2] == '-' && label[3] == '-'
}

// isTopLevel reports whether label may be a top-level domain: two letters that
// IANA lists, three or more that are not the ending of a file or unit, an
// A-label, or letters beyond ASCII.
func isTopLevel(label []byte) bool {
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
		return isCountryDomain(label[0]|0x20, label[1]|0x20)
	}
	return !isFileName(label)
}

// isCountryDomain reports whether a top-level domain of these two letters is
// delegated (IANA root zone database).
func isCountryDomain(a, b byte) bool { return countryDomains[a-'a']>>(b-'a')&1 != 0 }

// countryDomains has a bit for each second letter of the country domains, by
// first letter.
var countryDomains = func() (bits [26]uint32) {
	for first, letters := range countryLetters {
		for _, second := range []byte(letters) {
			bits[first] |= 1 << (second - 'a')
		}
	}
	return bits
}()

var countryLetters = [26]string{
	"cdefgilmoqrstuwxz", "abdefghijmnorstvwyz", "acdfghiklmnoruvwxyz", "ejkmoz", "cegrstu", "ijkmor", "abdefghilmnpqrstuwy",
	"kmnrtu", "delmnoqrst", "emop", "eghimnprwyz", "abcikrstuvy", "acdeghklmnopqrstuvwxyz", "acefgilopruz", "m",
	"aefghklmnrstwy", "a", "eosuw", "abcdeghijklmnorstuvxyz", "cdfghjklmnortvwz", "agksyz", "aceginu", "fs", "", "et", "amw",
}

// fileNames are endings of names that stand behind an '@' and are no domains:
// of files (logo@2x.png), of systemd units (getty@tty1.service).
var fileNames = newStringSet(strings.Fields("png jpg jpeg gif svg webp avif bmp ico tif tiff css scss less jsx mjs cjs tsx json yml yaml toml xml html htm txt rst csv tsv log cfg conf ini " +
	"exe dll dylib jar war class java php bat sql sqlite bak tmp lock map wasm tgz bz2 zst tar zip rar deb rpm apk dmg iso img pdf doc docx xls xlsx " +
	"service socket timer mount automount target slice scope device swap path plist patch diff min ttf otf woff woff2 eot mp3 mp4 wav snap")...)

func isFileName(label []byte) bool {
	const longest = 9
	if len(label) > longest {
		return false
	}
	var lower [longest]byte
	for i, c := range label {
		lower[i] = c | 0x20
	}
	return fileNames.has(lower[:len(label)])
}

// isRemote reports whether w[start:end], with its '@' at at, names a remote
// repository or the user of a URL rather than a mailbox: git@host:path,
// scheme://user:password@host.
func isRemote(w []byte, start, at, end int) bool {
	switch string(w[start:at]) {
	case "git", "hg", "svn":
		if end < len(w) && (w[end] == ':' || w[end] == '/') {
			return true
		}
	}
	if bytes.IndexByte(w[max(0, start-Reach+1):start], '/') < 0 {
		return false // nearly always
	}
	for i := start - 1; i >= 0 && start-i < Reach && w[i] > ' ' && w[i] != '"' && w[i] != '\'' && w[i] != '<' && w[i] != '?' && w[i] != '='; i-- {
		if w[i] == '/' {
			return i >= 2 && w[i-1] == '/' && w[i-2] == ':'
		}
	}
	return false
}

// isMailbox reports whether v is a Mailbox of RFC 5321, 4.1.2, with the
// letters of RFC 6531, in a domain of at least two labels or an address
// literal.
func isMailbox(v []byte) bool {
	at := bytes.LastIndexByte(v, '@')
	if at <= 0 || at > maxLocal || len(v) > maxEmail || !utf8.Valid(v) {
		return false
	}
	local, domain := v[:at], v[at+1:]
	if local[0] == '"' {
		return isQuotedString(local) && isMailDomain(domain)
	}
	for atom := range bytes.SplitSeq(local, []byte(".")) {
		if len(atom) == 0 || bytes.ContainsFunc(atom, func(r rune) bool {
			return r < utf8.RuneSelf && !atextByte.has(byte(r)) || unicode.Is(unicode.Z, r) || compatible(r)
		}) {
			return false
		}
	}
	return isMailDomain(domain)
}

// isQuotedString reports whether v is a Quoted-string of RFC 5321.
func isQuotedString(v []byte) bool {
	if len(v) < 2 || v[len(v)-1] != '"' {
		return false
	}
	v = v[1 : len(v)-1]
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '\\':
			i++
			if i == len(v) || v[i] < ' ' || v[i] > '~' {
				return false
			}
		case c < ' ' || c == '"' || c == 0x7F:
			return false
		}
	}
	return true
}

func isMailDomain(v []byte) bool {
	if len(v) > 2 && v[0] == '[' && v[len(v)-1] == ']' {
		literal := string(v[1 : len(v)-1])
		if six, ok := strings.CutPrefix(literal, "IPv6:"); ok {
			addr, err := netip.ParseAddr(six)
			return err == nil && addr.Is6() && addr.Zone() == ""
		}
		addr, err := netip.ParseAddr(literal)
		return err == nil && addr.Is4()
	}
	labels := 0
	var last []byte
	for label := range bytes.SplitSeq(v, []byte(".")) {
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || labelEnd(label, 0) != len(label) {
			return false
		}
		labels++
		last = label
	}
	return labels >= 2 && utf8.RuneCount(last) >= 2 && (isPunycode(last) || last[0] >= utf8.RuneSelf || allOf(last, letterByte))
}
