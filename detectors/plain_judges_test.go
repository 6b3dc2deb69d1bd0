package detectors

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// judges are plain forms of the Valid functions of rules with Forms, by id, on the
// letters and digits of a value.
type judges map[string]func(v string) bool

// compareJudges fills all layouts of the rules with characters that text
// draws, tries all last digits, and compares Valid with its plain form. It
// returns how many values were valid.
func compareJudges(t *testing.T, rules []Rule, plain judges, text string) (valid int) {
	t.Helper()
	if text == "" {
		text = "0"
	}
	for _, r := range rules {
		judge := plain[r.ID]
		if judge == nil {
			continue
		}
		seen := make(map[string]bool)
		for _, f := range r.Forms {
			v := []byte(strings.ToUpper(fill(f.Pattern, text)))
			if shape := kindsOf(f.Pattern); seen[shape] {
				continue
			} else {
				seen[shape] = true
			}
			for c := range byte(36) {
				if k := strings.IndexByte(f.Pattern, '9'); k < 0 || c >= 10 && !strings.HasSuffix(f.Pattern, "A") && !strings.HasSuffix(f.Pattern, "X") {
					break
				}
				last := "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[c]
				if !admits(f.Pattern[len(f.Pattern)-1], last) {
					continue
				}
				v[len(v)-1] = last
				got, want := r.Valid(v), judge(string(v))
				if got != want {
					t.Fatalf("%s: %s is valid: %v, by the plain form %v", r.ID, v, got, want)
				}
				if got {
					valid++
				}
			}
		}
	}
	return valid
}

// kindsOf is the layout without joiners.
func kindsOf(pattern string) string {
	return strings.Map(func(c rune) rune {
		if c < 0x80 && isAlnum(byte(c)) {
			return c
		}
		return -1
	}, pattern)
}

// fill writes a value of the layout, without joiners, with characters that text draws. Where text
// itself has such a character it is taken.
func fill(pattern, text string) string {
	var b strings.Builder
	for i, class := range []byte(kindsOf(pattern)) {
		c := text[i%len(text)]
		switch class {
		case '9', 'A', 'X':
			if !admits(class, c) {
				alphabet := map[byte]string{'9': "0123456789", 'A': "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 'X': "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}[class]
				c = alphabet[int(c)%len(alphabet)]
			}
			b.WriteByte(c)
		default:
			b.WriteByte(class)
		}
	}
	return b.String()
}

// runJudges compares on many texts, those of the vectors and their neighbours
// among them, and wants values of both kinds.
func runJudges(t *testing.T, rules []Rule, plain judges) {
	t.Helper()
	rng := rand.New(rand.NewPCG(13, 0))
	for _, r := range rules {
		if plain[r.ID] == nil {
			continue
		}
		valid := 0
		for _, p := range vectorsOf(r).Positive {
			value := compact(nil, []byte(p.Value()))
			valid += compareJudges(t, []Rule{r}, plain, string(value))
			for range 10 {
				near := bytes.Clone(value)
				near[rng.IntN(len(near))] = randomBytes(rng, 1, "0123456789ABCMRNTWXYZ")[0]
				valid += compareJudges(t, []Rule{r}, plain, string(near))
			}
		}
		for range 500 {
			valid += compareJudges(t, []Rule{r}, plain, string(randomBytes(rng, 1+rng.IntN(24), "0123456789012345678989ABCMRNTWXYZ")))
		}
		if valid < 10 {
			t.Errorf("%s: %d valid values: too few to tell", r.ID, valid)
		}
	}
}

// seedJudges adds the texts of the vectors.
func seedJudges(f *testing.F, rules []Rule) {
	for _, r := range rules {
		for _, x := range vectorsOf(r).Texts() {
			f.Add(string(compact(nil, []byte(x))))
		}
	}
}

// plainDigits are the values of the digits of s.
func plainDigits(s string) (ds []int) {
	for _, c := range s {
		ds = append(ds, int(c-'0'))
	}
	return ds
}

// plainLuhn adds, from the right, each digit and the digits of twice each second one.
func plainLuhn(s string) bool {
	sum := 0
	for i, d := range plainDigits(s) {
		if (len(s)-1-i)%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// plainSame reports whether s is one character over and over.
func plainSame(s string) bool { return s == strings.Repeat(s[:1], len(s)) }
