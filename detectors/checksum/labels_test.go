package checksum_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// FuzzLabels compares the check characters of labels with their definitions.
func FuzzLabels(f *testing.F) {
	f.Add("G123489654321Y") // ISBT 128's example
	f.Add("A999914123456N")
	f.Add("51022222233336") // of FDA's examples of UDI
	f.Add("4006381333931")  // of the textbooks on EAN
	f.Add("0*")
	f.Fuzz(compareLabels)
}

func compareLabels(t *testing.T, text string) {
	b := onlyAlphanumeric(text)
	if strings.HasSuffix(text, "*") {
		b = append(b, '*')
	}
	if got, want := checksum.Mod37_2(b), slowMod372(string(b)); got != want {
		t.Errorf("Mod37_2(%s) = %v, by the definition %v", b, got, want)
	}
	d, ds := onlyDigits(text)
	if got, want := checksum.GTIN(d), slowGTIN(ds); got != want {
		t.Errorf("GTIN(%s) = %v, by the definition %v", d, got, want)
	}
}

// slowMod372 is the definition of ISO/IEC 7064: the sum of the values, each
// times the power of two by its place from the right, is 1 modulo 37.
func slowMod372(s string) bool {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
	if len(s) < 2 {
		return false
	}
	sum := new(big.Int)
	for i := range len(s) {
		weight := new(big.Int).Lsh(big.NewInt(1), uint(len(s)-1-i))
		sum.Add(sum, weight.Mul(weight, big.NewInt(int64(strings.IndexByte(alphabet, s[i])))))
	}
	return sum.Mod(sum, big.NewInt(37)).Int64() == 1
}

// slowGTIN adds the digits in the even places from the right three times.
func slowGTIN(ds []int) bool {
	odd, even := 0, 0
	for i := range ds {
		if d := ds[len(ds)-1-i]; i%2 == 0 {
			odd += d
		} else {
			even += d
		}
	}
	return (odd+even+even+even)%10 == 0
}

func TestLabelsPublished(t *testing.T) {
	for _, s := range []string{"G123489654321Y", "A999914123456N"} {
		if !checksum.Mod37_2([]byte(s)) {
			t.Errorf("Mod37_2 refuses %s", s)
		}
	}
	for _, s := range []string{"51022222233336", "4006381333931", "96385074"} {
		if !checksum.GTIN([]byte(s)) {
			t.Errorf("GTIN refuses %s", s)
		}
	}
}
