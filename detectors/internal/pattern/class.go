package pattern

import (
	"fmt"
	"math/bits"
	"strings"
)

// Class is a set of bytes: bit c%64 of word c/64 for byte c.
type Class [4]uint64

// Has reports whether c is in the class.
func (s Class) Has(c byte) bool { return s[c/64]>>(c%64)&1 != 0 }

func (s *Class) add(c byte) { s[c/64] |= 1 << (c % 64) }

// addRange adds the bytes from lo to hi.
func (s *Class) addRange(lo, hi byte) {
	for c := int(lo); c <= int(hi); c++ {
		s.add(byte(c))
	}
}

// Or returns the class of the bytes that are in s or t.
func (s Class) Or(t Class) Class {
	for i := range s {
		s[i] |= t[i]
	}
	return s
}

// Len is the number of bytes in the class.
func (s Class) Len() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// All reports whether every byte is in the class.
func (s Class) All() bool { return s.Len() == 256 }

// bytes lists the class in ascending order.
func (s Class) bytes() []byte {
	var list []byte
	for c := range 256 {
		if s.Has(byte(c)) {
			list = append(list, byte(c))
		}
	}
	return list
}

// String writes the class as in a regular expression, the complement of it
// where that is shorter.
func (s Class) String() string {
	switch n := s.Len(); {
	case n == 256:
		return "[any]"
	case n == 1:
		return showByte(s.bytes()[0])
	case n > 128:
		var rest Class
		for i, word := range s {
			rest[i] = ^word
		}
		return "[^" + rest.ranges() + "]"
	}
	return "[" + s.ranges() + "]"
}

func (s Class) ranges() string {
	var b strings.Builder
	for lo := 0; lo < 256; lo++ {
		if !s.Has(byte(lo)) {
			continue
		}
		hi := lo
		for hi < 255 && s.Has(byte(hi+1)) {
			hi++
		}
		b.WriteString(showByte(byte(lo)))
		if hi > lo+1 {
			b.WriteByte('-')
		}
		if hi > lo {
			b.WriteString(showByte(byte(hi)))
		}
		lo = hi
	}
	return b.String()
}

// showByte writes a byte so that it can be told from the signs around it.
func showByte(c byte) string {
	switch {
	case strings.IndexByte(`[]^-\`, c) >= 0:
		return `\` + string(c)
	case c < '!' || c > '~':
		return fmt.Sprintf(`\x%02X`, c)
	}
	return string(c)
}

// chance estimates which share of the bytes of a text are in the class. Only
// its magnitude is worth anything.
func (s Class) chance() float64 {
	sum := 0
	for _, c := range s.bytes() {
		sum += perTenThousand(c)
	}
	return min(float64(sum)/10_000, 1)
}

// perTenThousand is how often a byte occurs, in round numbers: the mean over
// prose, source code, logs, CSV and JSON lines.
func perTenThousand(c byte) int {
	for _, band := range [...]struct {
		bytes string
		share int
	}{
		{" ", 1000},
		{"e", 700},
		{"rtansoi", 350},
		{`"012dlhum`, 220},
		{",3456789bc-.:\n", 150},
		{"gfpvw\t\r", 90},
		{"yE/T=kA", 50},
		{"()INS{}xCRZBDGLM_Uq", 30},
		{"HPOKzW[j]F+X>YJV'Q", 15},
	} {
		if strings.IndexByte(band.bytes, c) >= 0 {
			return band.share
		}
	}
	return 4
}
