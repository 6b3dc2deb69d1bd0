package checksum_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// schemes are the functions that judge a string of digits with one check digit
// at its end, each beside its definition written out at length, and with
// published numbers.
var schemes = []struct {
	name      string
	fast      func([]byte) bool
	slow      func([]int) bool
	published []string
}{
	// The number of ISO/IEC 7812-1's formula in most textbooks, two card
	// numbers of issuers' test lists, the fictitious SIN of Canada's revenue agency.
	{"Luhn", checksum.Luhn, slowLuhn, []string{"79927398713", "378282246310005", "4012888888881881", "046454286"}},
	// ISO/IEC 7064's example 0794, and the example of Germany's Federal Central Tax Office.
	{"Mod11_10", checksum.Mod11_10, slowMod1110, []string{"07945", "86095742719"}},
	// Verhoeff's textbook examples.
	{"Verhoeff", checksum.Verhoeff, slowVerhoeff, []string{"2363", "123451", "1428570"}},
}

func TestPublished(t *testing.T) {
	for _, s := range schemes {
		for _, v := range s.published {
			if !s.fast([]byte(v)) {
				t.Errorf("%s refuses %s", s.name, v)
			}
		}
	}
}

// TestOneCheckDigit: of the ten numbers that differ in the last digit, exactly
// one is right. All these schemes have this property.
func TestOneCheckDigit(t *testing.T) {
	for _, s := range schemes {
		for n := range 20000 {
			b := fmt.Appendf(nil, "%011d%02d", n*7919, n%100)[:13]
			right := 0
			for d := range byte(10) {
				b[12] = '0' + d
				if s.fast(b) {
					right++
				}
			}
			if right != 1 {
				t.Fatalf("%s: %d check digits are right for %s", s.name, right, b[:12])
			}
		}
	}
}

// FuzzSchemes compares each scheme with its definition.
func FuzzSchemes(f *testing.F) {
	for _, s := range schemes {
		for _, v := range s.published {
			f.Add(v)
		}
	}
	f.Add("")
	f.Add("0")
	f.Add("0000000000000")
	f.Add(strings.Repeat("9", 40))
	f.Fuzz(compareSchemes)
}

func compareSchemes(t *testing.T, text string) {
	b, ds := onlyDigits(text)
	for _, s := range schemes {
		if got, want := s.fast(b), s.slow(ds); got != want {
			t.Errorf("%s(%s) = %v, by the definition %v", s.name, b, got, want)
		}
	}
}

// TestRandom compares with the definitions on digits, and on digits and letters,
// of all lengths in use and longer.
func TestRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for range 20000 {
		b := make([]byte, rng.IntN(45))
		alphabet := []string{"0123456789", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "09", "99999990Z"}[rng.IntN(4)]
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		compareSchemes(t, string(b))
		compareMod97(t, string(b), rng.IntN(len(b)+1))
		compareLetter23(t, string(b))
		compareCodiceFiscale(t, string(b))
	}
}

// FuzzMod97 compares with arithmetic on the whole number.
func FuzzMod97(f *testing.F) {
	// The IBAN of the SWIFT registry for Germany, the United Kingdom and Saint Lucia.
	f.Add("DE89370400440532013000", 4)
	f.Add("GB29NWBK60161331926819", 4)
	f.Add("LC55HEMM000100010012001200023015", 4)
	f.Add("794", 1)
	f.Add("", 0)
	f.Fuzz(compareMod97)
}

func compareMod97(t *testing.T, text string, cut int) {
	b := onlyAlphanumeric(text)
	cut = max(0, min(cut, len(b)))
	got := checksum.Mod97(checksum.Mod97(0, b[cut:]), b[:cut])

	var spelt strings.Builder
	for _, c := range append(append([]byte{}, b[cut:]...), b[:cut]...) {
		if c >= 'A' {
			fmt.Fprint(&spelt, int(c-'A')+10)
		} else {
			spelt.WriteByte(c)
		}
	}
	n, _ := new(big.Int).SetString("0"+spelt.String(), 10)
	if want := new(big.Int).Mod(n, big.NewInt(97)).Int64(); int64(got) != want {
		t.Errorf("remainder of %s cut at %d is %d, want %d", b, cut, got, want)
	}
}

func TestMod97Published(t *testing.T) {
	for _, v := range []string{"DE89370400440532013000", "GB29NWBK60161331926819", "NO9386011117947", "LC55HEMM000100010012001200023015"} {
		if r := checksum.Mod97(checksum.Mod97(0, []byte(v[4:])), []byte(v[:4])); r != 1 {
			t.Errorf("remainder of %s is %d", v, r)
		}
	}
}

// FuzzLetter23 compares with arithmetic on the whole number.
func FuzzLetter23(f *testing.F) {
	f.Add("12345678") // Z: the specimen of Spain's identity card
	f.Add("00000000")
	f.Fuzz(compareLetter23)
}

func compareLetter23(t *testing.T, text string) {
	b, _ := onlyDigits(text)
	n, _ := new(big.Int).SetString("0"+string(b), 10)
	const table = "TRWAGMYFPDXBNJZSQVHLCKE"
	want := table[new(big.Int).Mod(n, big.NewInt(23)).Int64()]
	if got := checksum.Letter23(b); got != want {
		t.Errorf("letter of %s is %c, want %c", b, got, want)
	}
}

func TestLetter23Published(t *testing.T) {
	if got := checksum.Letter23([]byte("12345678")); got != 'Z' {
		t.Errorf("letter of 12345678 is %c, want Z", got)
	}
}

// FuzzWeighted compares with the sum written the other way round.
func FuzzWeighted(f *testing.F) {
	f.Add("943476591", 10, 2) // the NHS's example number 943 476 5919
	f.Add("", 1, 1)
	f.Fuzz(func(t *testing.T, text string, w1, w2 int) {
		b, ds := onlyDigits(text)
		w1, w2 = w1%1000, w2%1000
		weights := []int{w1, w2, w1, w2, w1}
		want := 0
		for i := min(len(ds), len(weights)) - 1; i >= 0; i-- {
			want += weights[i] * ds[i]
		}
		if got := checksum.Weighted(b, weights...); got != want {
			t.Errorf("sum of %s is %d, want %d", b, got, want)
		}
	})
}

// TestWeightedPublished is the check of the NHS's example number.
func TestWeightedPublished(t *testing.T) {
	if got := 11 - checksum.Weighted([]byte("943476591"), 10, 9, 8, 7, 6, 5, 4, 3, 2)%11; got != 9 {
		t.Errorf("check digit is %d, want 9", got)
	}
}

// FuzzCrossSum writes the products down and adds all digits of the page.
func FuzzCrossSum(f *testing.F) {
	f.Add("150706490310", uint8(2), uint8(11))
	f.Add("", uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, text string, w1, w2 uint8) {
		b, ds := onlyDigits(text)
		weights := []int{int(w1 % 12), int(w2 % 12), 1, 2, int(w1 % 12)}
		page := ""
		for i := range min(len(ds), len(weights)) {
			page += fmt.Sprint(ds[i] * weights[i])
		}
		want := 0
		for _, c := range page {
			want += int(c - '0')
		}
		if got := checksum.CrossSum(b, weights...); got != want {
			t.Errorf("sum of %s is %d, want %d", b, got, want)
		}
	})
}

// TestCheck11Published: example numbers of the NHS and of the Swiss Federal
// Statistical Office, and one that has no check digit.
func TestCheck11Published(t *testing.T) {
	for _, x := range []struct {
		digits  string
		weights []int
		want    int
	}{
		{"943476591", []int{10, 9, 8, 7, 6, 5, 4, 3, 2}, 9},
		{"10932255", []int{5, 4, 3, 2, 7, 6, 5, 4}, 1},
		{"1", []int{1}, 10},
		{"0", []int{1}, 0},
	} {
		if got := checksum.Check11([]byte(x.digits), x.weights...); got != x.want {
			t.Errorf("check digit of %s is %d, want %d", x.digits, got, x.want)
		}
	}
}

// FuzzCodiceFiscale compares with the decree's tables written out.
func FuzzCodiceFiscale(f *testing.F) {
	f.Add("MRTMTT91D08F205") // J: the textbook's Matteo Moretti
	f.Add("RSSMRA80A01H501") // U: Mario Rossi, the specimen of the Agenzia delle Entrate
	f.Add("RSSMRA80A01H50M")
	f.Fuzz(compareCodiceFiscale)
}

func compareCodiceFiscale(t *testing.T, text string) {
	b := onlyAlphanumeric(text)
	odd := map[byte]int{
		'0': 1, '1': 0, '2': 5, '3': 7, '4': 9, '5': 13, '6': 15, '7': 17, '8': 19, '9': 21,
		'A': 1, 'B': 0, 'C': 5, 'D': 7, 'E': 9, 'F': 13, 'G': 15, 'H': 17, 'I': 19, 'J': 21,
		'K': 2, 'L': 4, 'M': 18, 'N': 20, 'O': 11, 'P': 3, 'Q': 6, 'R': 8, 'S': 12, 'T': 14,
		'U': 16, 'V': 10, 'W': 22, 'X': 25, 'Y': 24, 'Z': 23,
	}
	sum := 0
	for i, c := range b {
		switch {
		case i%2 == 0:
			sum += odd[c]
		case c >= 'A':
			sum += int(c - 'A')
		default:
			sum += int(c - '0')
		}
	}
	if got, want := checksum.CodiceFiscale(b), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[sum%26]; got != want {
		t.Errorf("letter of %s is %c, want %c", b, got, want)
	}
}

func TestCodiceFiscalePublished(t *testing.T) {
	for _, v := range []string{"MRTMTT91D08F205J", "RSSMRA80A01H501U"} {
		if got := checksum.CodiceFiscale([]byte(v[:15])); got != v[15] {
			t.Errorf("letter of %s is %c", v, got)
		}
	}
}

// TestNoPanic gives every function bytes that it is not made for.
func TestNoPanic(t *testing.T) {
	for c := range 256 {
		b := []byte(strings.Repeat(string([]byte{byte(c)}), 13))
		for _, s := range schemes {
			s.fast(b)
		}
		checksum.Mod97(0, b)
		checksum.Letter23(b)
		checksum.CodiceFiscale(b)
		checksum.Weighted(b, 1, 2, 3)
		checksum.Check11(b, 1, 2, 3)
		checksum.CrossSum(b, 1, 2, 3)
	}
}

func TestAllocatesNothing(t *testing.T) {
	b := []byte("4012888888881")
	n := testing.AllocsPerRun(100, func() {
		for _, s := range schemes {
			s.fast(b)
		}
		checksum.Mod97(checksum.Mod97(0, b[4:]), b[:4])
		checksum.Letter23(b)
		checksum.CodiceFiscale(b)
		checksum.Weighted(b, 10, 9, 8, 7, 6, 5, 4, 3, 2)
		checksum.Check11(b, 10, 9, 8, 7, 6, 5, 4, 3, 2)
		checksum.CrossSum(b, 10, 9, 8, 7, 6, 5, 4, 3, 2)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// slowLuhn writes the doubled digits down and adds all digits of the page.
func slowLuhn(ds []int) bool {
	page := ""
	for i, d := range ds {
		page += fmt.Sprint(d * (1 + (len(ds)-1-i)%2))
	}
	sum := 0
	for _, c := range page {
		sum += int(c - '0')
	}
	return sum%10 == 0
}

// slowMod1110 is the recursive form of ISO/IEC 7064: P(1) = 10,
// S(j) = P(j) mod 11 + a(j), P(j+1) = (S(j) mod 10, 0 read as 10) times 2, and
// S of the last digit is 1 modulo 10.
func slowMod1110(ds []int) bool {
	if len(ds) == 0 {
		return false
	}
	var p func(j int) int
	s := func(j int) int { return p(j)%11 + ds[j] }
	p = func(j int) int {
		if j == 0 {
			return 10
		}
		r := s(j-1) % 10
		if r == 0 {
			r = 10
		}
		return r * 2
	}
	return s(len(ds)-1)%10 == 1
}

// slowVerhoeff multiplies symmetries of a pentagon, as permutations of its
// corners, and applies Verhoeff's permutation as often as the place says.
func slowVerhoeff(ds []int) bool {
	symmetry := func(d int) (p [5]int) {
		for k := range p {
			if d < 5 {
				p[k] = (k + d) % 5
			} else {
				p[k] = (d - k + 5) % 5 // d mod 5 less k
			}
		}
		return p
	}
	sigma := [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	product := symmetry(0)
	for i := range ds {
		d := ds[len(ds)-1-i]
		for range i {
			d = sigma[d]
		}
		s, next := symmetry(d), [5]int{}
		for k := range next {
			next[k] = product[s[k]]
		}
		product = next
	}
	return product == symmetry(0)
}

func onlyDigits(s string) (b []byte, ds []int) {
	for _, c := range []byte(s) {
		if '0' <= c && c <= '9' {
			b = append(b, c)
			ds = append(ds, int(c-'0'))
		}
	}
	return b, ds
}

func onlyAlphanumeric(s string) (b []byte) {
	for _, c := range []byte(strings.ToUpper(s)) {
		if '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' {
			b = append(b, c)
		}
	}
	return b
}
