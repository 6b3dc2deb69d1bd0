package bitmap

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// byTable classifies byte by byte.
func byTable(text []byte, set string) Planes {
	p := Make(len(text))
	for i, c := range text {
		bit := uint64(1) << (i % Block)
		if '0' <= c && c <= '9' {
			p.Digit[i/Block] |= bit
		}
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			p.Letter[i/Block] |= bit
		}
		if '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '+' || c == '/' {
			p.Base64[i/Block] |= bit
		}
		if strings.IndexByte(set, c) >= 0 {
			p.Mark[i/Block] |= bit
		}
	}
	return p
}

func check(t *testing.T, text []byte, set string) {
	t.Helper()
	marks := NewMarks(set)
	got := Make(len(text))
	for k := range got.Digit { // leftovers of another text
		got.Digit[k], got.Letter[k], got.Base64[k], got.Mark[k] = 1, 2, 3, 4
	}
	Classify(&got, text, &marks)
	if want := byTable(text, set); fmt.Sprintf("%x", got) != fmt.Sprintf("%x", want) {
		t.Fatalf("planes of %q with marks %q:\n got %x\nwant %x", text, set, got, want)
	}
}

func TestClassifyEachByte(t *testing.T) {
	text := make([]byte, 256)
	for shift := range 256 {
		for i := range text {
			text[i] = byte(i + shift)
		}
		check(t, text, "@:\x00\xff")
	}
}

func TestClassifyRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		text := make([]byte, rng.IntN(200))
		for i := range text {
			text[i] = byte(rng.Uint32())
			if rng.IntN(2) == 0 {
				text[i] = "09az@AZ/:[`{+. "[rng.IntN(15)]
			}
		}
		check(t, text, "+@:"[:rng.IntN(4)])
	}
}

func FuzzClassify(f *testing.F) {
	f.Add([]byte("call +1 212 555 0100 or mail a@b.example"), "+@")
	f.Add([]byte(strings.Repeat("0aZ:", 17)), ":")
	f.Add([]byte("\x80\xb0\xb9\xe1\xfa"), "\x80")
	f.Fuzz(func(t *testing.T, text []byte, set string) { check(t, text, set) })
}

func BenchmarkClassify(b *testing.B) {
	text := []byte(strings.Repeat("The quick brown fox jumps over the lazy dog, 123 times a day. ", 256))
	p := Make(len(text))
	for n := range 5 {
		marks := NewMarks("@:+("[:n])
		b.Run(fmt.Sprintf("marks=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Classify(&p, text, &marks)
			}
		})
	}
}
