package checksum_test

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

const base36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

func TestAlphabetsPublished(t *testing.T) {
	// ISO/IEC 7064's own examples, and the example of GB 11643-1999.
	for _, v := range []string{"07940", "079X", "11010519491231002X"} {
		if !checksum.Mod11_2([]byte(v)) {
			t.Errorf("Mod11_2 refuses %s", v)
		}
	}
	// The example of India's GST manual.
	if v := "27AAPFU0939F1ZV"; !checksum.Luhn36([]byte(v)) {
		t.Errorf("Luhn36 refuses %s", v)
	}
}

// FuzzAlphabets compares the check characters with their definitions.
func FuzzAlphabets(f *testing.F) {
	f.Add("11010519491231002X")
	f.Add("27AAPFU0939F1ZV")
	f.Add("")
	f.Add("X")
	f.Add("ZZZZZZZZZZZZZZZ")
	f.Fuzz(compareAlphabets)
}

func TestAlphabetsRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(36, 0))
	for range 20000 {
		b := make([]byte, rng.IntN(30))
		for i := range b {
			b[i] = base36[rng.IntN(len(base36))]
		}
		compareAlphabets(t, string(b))
		for i := range b {
			b[i] = base36[rng.IntN(10)]
		}
		compareAlphabets(t, string(b)+"X"[:rng.IntN(2)])
	}
}

func compareAlphabets(t *testing.T, text string) {
	t.Helper()
	s := string(onlyAlphanumeric(text))
	if got, want := checksum.Luhn36([]byte(s)), slowLuhn36(s); got != want {
		t.Errorf("Luhn36(%s) = %v, by the definition %v", s, got, want)
	}
	digits, ds := onlyDigits(text)
	s = string(digits)
	if strings.HasSuffix(text, "X") {
		s, ds = s+"X", append(ds, 10)
	}
	if got, want := checksum.Mod11_2([]byte(s)), slowMod112(ds); got != want {
		t.Errorf("Mod11_2(%s) = %v, by the definition %v", s, got, want)
	}
}

// slowMod112 is the definition of ISO/IEC 7064: the sum of the values, each
// times the power of two by its place from the right, is 1 modulo 11.
func slowMod112(ds []int) bool {
	sum := new(big.Int)
	for i, d := range ds {
		power := new(big.Int).Lsh(big.NewInt(1), uint(len(ds)-1-i))
		sum.Add(sum, power.Mul(power, big.NewInt(int64(d))))
	}
	return sum.Mod(sum, big.NewInt(11)).Int64() == 1
}

// slowLuhn36 writes each product in base 36 and adds its digits.
func slowLuhn36(s string) bool {
	sum := 0
	for i := range len(s) {
		value := strings.IndexByte(base36, s[i])
		if (len(s)-1-i)%2 == 1 {
			value *= 2
		}
		for _, c := range strings.ToUpper(big.NewInt(int64(value)).Text(36)) {
			sum += strings.IndexRune(base36, c)
		}
	}
	return sum%36 == 0
}
