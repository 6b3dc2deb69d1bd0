package bitmap

import (
	"strings"
	"testing"
)

func TestClass(t *testing.T) {
	digits, high := Bytes("0123456789"), Class{High: true}
	for _, test := range []struct {
		name  string
		class Class
		want  func(b byte) bool
	}{
		{"none", Class{}, func(byte) bool { return false }},
		{"digits", digits, func(b byte) bool { return '0' <= b && b <= '9' }},
		{"ends of the words", Bytes("\x00\x3f\x40\x7f"), func(b byte) bool { return b == 0 || b == 63 || b == 64 || b == 127 }},
		{"not ASCII", Bytes("é\x80\xff"), func(byte) bool { return false }},
		{"high", high, func(b byte) bool { return b >= 0x80 }},
		{"digits or high", digits.Or(high), func(b byte) bool { return b >= 0x80 || '0' <= b && b <= '9' }},
		{"two sets", digits.Or(Bytes("a@")), func(b byte) bool { return b == 'a' || b == '@' || '0' <= b && b <= '9' }},
	} {
		t.Run(test.name, func(t *testing.T) {
			for b := range 256 {
				if got, want := test.class.Has(byte(b)), test.want(byte(b)); got != want {
					t.Errorf("Has(%#x) = %v", b, got)
				}
			}
		})
	}
	if digits.Or(high) != high.Or(digits) || digits.Or(digits) != digits {
		t.Error("Or depends on the order, or equal classes are not equal")
	}
}

func TestWords(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 63: 1, 64: 1, 65: 2, 8192: 128, 8704: 136} {
		if got := Words(n); got != want {
			t.Errorf("Words(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestTooManyClasses(t *testing.T) {
	NewClasses(make([]Class, MaxClasses))
	defer func() {
		if s, ok := recover().(string); !ok || !strings.Contains(s, "17 classes") {
			t.Error("no panic that names the number of classes")
		}
	}()
	NewClasses(make([]Class, MaxClasses+1))
}
