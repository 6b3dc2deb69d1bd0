package pipeline

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// checkGlob reports what is wrong with a pattern.
func checkGlob(pattern string) error {
	for rest := pattern; ; {
		open := strings.IndexByte(rest, '[')
		if open < 0 {
			return nil
		}
		seq, after, ok := cutSeq(rest[open:])
		if !ok {
			return fmt.Errorf("glob %q: no ] ends the [", pattern)
		}
		for i := 1; i+1 < len(seq); i++ {
			if seq[i] == '-' && seq[i-1] > seq[i+1] {
				return fmt.Errorf("glob %q: range %q is empty", pattern, seq[i-1:i+2])
			}
		}
		rest = after
	}
}

// matchGlob reports whether the whole key matches a checked pattern. It goes
// back to the last '*' only, which is enough, so it takes at most
// len(pattern)·len(key) steps.
func matchGlob(pattern, key string) bool {
	var starPattern, starKey string // where to go on if the last star takes one byte more
	star := false
	for {
		switch {
		case strings.HasPrefix(pattern, "*"):
			pattern = pattern[1:]
			starPattern, starKey, star = pattern, key, true
			continue
		case key == "" && pattern == "":
			return true
		case key != "" && pattern != "":
			if p, k, ok := matchOne(pattern, key); ok {
				pattern, key = p, k
				continue
			}
		}
		if !star || starKey == "" {
			return false
		}
		starKey = starKey[1:]
		pattern, key = starPattern, starKey
	}
}

// matchOne matches the first element of pattern, which is no star, with the
// first of key, and returns what remains of both.
func matchOne(pattern, key string) (restPattern, restKey string, ok bool) {
	switch pattern[0] {
	case '?':
		_, n := utf8.DecodeRuneInString(key)
		return pattern[1:], key[n:], true
	case '[':
		seq, after, _ := cutSeq(pattern)
		return after, key[1:], inSeq(seq, key[0])
	}
	return pattern[1:], key[1:], pattern[0] == key[0]
}

// cutSeq splits "[seq]rest". A ']' that comes first belongs to seq.
func cutSeq(s string) (seq, rest string, ok bool) {
	from := 2
	if strings.HasPrefix(s, "[!") {
		from = 3
	}
	if len(s) < from {
		return "", "", false
	}
	end := strings.IndexByte(s[from:], ']')
	if end < 0 {
		return "", "", false
	}
	return s[1 : from+end], s[from+end+1:], true
}

// inSeq reports whether c is one of what stands between [ and ].
func inSeq(seq string, c byte) bool {
	seq, not := strings.CutPrefix(seq, "!")
	for i := 0; i < len(seq); i++ {
		low, high := seq[i], seq[i]
		if i+2 < len(seq) && seq[i+1] == '-' {
			high = seq[i+2]
			i += 2
		}
		if low <= c && c <= high {
			return !not
		}
	}
	return not
}
