package detectors

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestByteClasses(t *testing.T) {
	const lower, upper, digits = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
	for _, tt := range []struct {
		name  string
		class func(byte) bool
		bytes string
	}{
		{"digit", isDigit, digits},
		{"lower", isLower, lower},
		{"upper", isUpper, upper},
		{"letter", isLetter, lower + upper},
		{"alnum", isAlnum, lower + upper + digits},
		{"word", isWord, lower + upper + digits + "_"},
		{"hex", isHex, digits + "abcdefABCDEF"},
		{"blank", isBlank, " \t\r\n"},
		{"base32", base32Byte.has, upper + "234567"},
		{"base64", isBase64, lower + upper + digits + "+/"},
		{"armoured", armouredByte.has, lower + upper + digits + "+/="},
		{"url", isURLSafe, lower + upper + digits + "-_"},
		{"zone", zoneByte.has, lower + upper + digits + "_.-"},
		{"name mark", nameMarkByte.has, " \t:=#\"'_-./([>"},
		{"version mark", versionMarkByte.has, " :=\"'(.-\t"},
		{"digit class", digitByte.has, digits},
		{"letter class", letterByte.has, lower + upper},
	} {
		for c := range 256 {
			if got, want := tt.class(byte(c)), strings.IndexByte(tt.bytes, byte(c)) >= 0; got != want {
				t.Errorf("%s: byte %#x is in the class: %v, want %v", tt.name, c, got, want)
			}
		}
	}
}

// TestRunOfDigits counts in text and at all distances from its end.
func TestRunOfDigits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for range 20000 {
		w := randomBytes(rng, rng.IntN(20), "0123456789")
		w = append(w, byte(rng.Uint32()))
		w = append(w, randomBytes(rng, rng.IntN(10), "09/:\x00\xb0\xff")...)
		for i := range len(w) + 1 {
			want := 0
			for want < 16 && i+want < len(w) && isDigit(w[i+want]) {
				want++
			}
			if got := runOfDigits(w, i); got != want {
				t.Fatalf("%d digits in %q at %d, want %d", got, w, i, want)
			}
			x, mask := eightAt(w, i), notDigits(eightAt(w, i))
			for k := range 8 {
				c := byte(0)
				if i+k < len(w) {
					c = w[i+k]
				}
				if byte(x>>(8*k)) != c || (mask>>(8*k)&0xff == 0x80) == isDigit(c) {
					t.Fatalf("byte %d of the eight in %q at %d is read wrong", k, w, i)
				}
			}
		}
	}
}
