package detectors

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestNetworkIsPlain(t *testing.T) {
	compareMatcher(t, "IP_ADDRESS", func(w []byte, at int) (start, end int, ok bool) {
		if w[at] == ':' {
			return matchIPv6(w, at)
		}
		first, _ := octetPlain(w, at)
		end = ipv4EndPlain(w, at)
		if end < 0 || !ipv4Starts(w, at) || !ipv4Ends(w, end) {
			return 0, 0, false
		}
		if v := string(w[at:end]); slices.Contains([]int{0, 127, 255}, first) && v != "0.0.0.0" && v != "127.0.0.1" && v != "255.255.255.255" {
			return 0, 0, false
		}
		return at, end, !isVersion(w, at) && !inIPv6(w, at)
	})
	compareMatcher(t, "MAC_ADDRESS", matchMACPlain)
}

// TestDottedQuadIsPlain reads numbers with dots and things like them, to the end
// of the text too.
func TestDottedQuadIsPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 0))
	parts := []string{"0", "1", "25", "31", "32", "255", "256", "01", "1234", "", "a"}
	quads := 0
	for range 100000 {
		var w []byte
		for range 4 + rng.IntN(2) {
			w = append(w, parts[rng.IntN(len(parts))]...)
			w = append(w, "...:"[rng.IntN(4)])
		}
		w = w[:len(w)-rng.IntN(3)]
		for i := range w {
			first, end := dottedQuad(w, i)
			wantFirst, _ := octetPlain(w, i)
			wantEnd := ipv4EndPlain(w, i)
			if end != wantEnd || end > 0 && first != wantFirst {
				t.Fatalf("%q at %d: %d and to %d, want %d and to %d", w, i, first, end, wantFirst, wantEnd)
			}
			if end > 0 {
				quads++
				if got, want := likeSection(w[i:end]), likeSectionPlain(w[i:end]); got != want {
					t.Fatalf("%q is like a section: %v, want %v", w[i:end], got, want)
				}
			}
		}
	}
	if quads < 1000 {
		t.Errorf("%d addresses: too few to tell", quads)
	}
}

func octetPlain(w []byte, i int) (value, end int) {
	for end = i; end < len(w) && end-i < 4 && isDigit(w[end]); end++ {
		value = 10*value + int(w[end]-'0')
	}
	if end == i || end-i > 3 || w[i] == '0' && end-i > 1 || value > 255 {
		return -1, i
	}
	return value, end
}

func ipv4EndPlain(w []byte, i int) int {
	for k := range 4 {
		if k > 0 {
			if i >= len(w) || w[i] != '.' {
				return -1
			}
			i++
		}
		v, end := octetPlain(w, i)
		if v < 0 {
			return -1
		}
		i = end
	}
	return i
}

func likeSectionPlain(v []byte) bool {
	if bytes.HasPrefix(v, []byte("10.")) || string(v) == "0.0.0.0" {
		return false
	}
	if bytes.HasPrefix(v, []byte("2.5.")) {
		return true
	}
	for part := range bytes.SplitSeq(v, []byte(".")) {
		if n, _ := octetPlain(part, 0); n >= 32 {
			return false
		}
	}
	return true
}

func matchMACPlain(w []byte, at int) (start, end int, ok bool) {
	width, groups := 2, 6
	if at+4 < len(w) && w[at+4] == '.' {
		width, groups = 4, 3
	}
	end = at + groups*(width+1) - 1
	if end > len(w) {
		return 0, 0, false
	}
	sep := w[at+width]
	if sep != ':' && sep != '-' && sep != '.' || at > 0 && joins(w[at-1], sep) && !afterEscape(w, at) ||
		end < len(w) && joins(w[end], sep) && (isWord(w[end]) || end+1 < len(w) && isWord(w[end+1])) || sep == '.' && at > 0 && w[at-1] == '*' {
		return 0, 0, false
	}
	zeros, ones, letters := true, true, false
	for i, c := range w[at:end] {
		if i%(width+1) == width {
			if c != sep {
				return 0, 0, false
			}
			continue
		}
		if !isHex(c) {
			return 0, 0, false
		}
		zeros = zeros && c == '0'
		ones = ones && c|0x20 == 'f'
		letters = letters || isLetter(c)
	}
	return at, end, !zeros && !ones && (letters || sep != '.')
}
