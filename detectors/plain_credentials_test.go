package detectors

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// plainFormExpr writes a form of the tables as a regular expression, from the
// notation alone. A run is as long as it can be.
func plainFormExpr(spec string) string {
	sets := map[string]string{
		"9": "0-9", "h": "0-9a-f", "x": "0-9a-fA-F", "H": "0-9A-F", "L": "a-zA-Z", "l": "0-9a-z", "U": "0-9A-Z",
		"a": "0-9a-zA-Z", "u": "0-9a-zA-Z_-", "b": "0-9a-zA-Z+/", "B": "0-9a-zA-Z+/=", "d": "0-9a-zA-Z_.-",
	}
	run := regexp.MustCompile(`\{(.)([0-9]+)(?:-([0-9]+))?\}`)
	s, at := "", 0
	for _, m := range run.FindAllStringSubmatchIndex(spec, -1) {
		s += regexp.QuoteMeta(spec[at:m[0]])
		class, least := sets[spec[m[2]:m[3]]], spec[m[4]:m[5]]
		most := least
		if m[6] >= 0 {
			most = spec[m[6]:m[7]]
		}
		for n, _ := strconv.Atoi(least); n > 1000; n -= 1000 { // the most that package regexp takes
			s += fmt.Sprintf("[%s]{1000}", class)
		}
		low, _ := strconv.Atoi(least)
		high, _ := strconv.Atoi(most)
		s += fmt.Sprintf("[%s]{%d}", class, low%1000)
		for n := high - low; n > 0; n -= 1000 {
			s += fmt.Sprintf("[%s]{0,%d}", class, min(n, 1000))
		}
		at = m[1]
	}
	return s + regexp.QuoteMeta(spec[at:])
}

// plainForm is a form of a vendor.
type plainForm struct {
	id, spec string
	form     tokenForm
	whole    *regexp.Regexp
}

func plainForms() []plainForm {
	var list []plainForm
	for _, v := range slices.Concat(vendors(), moreVendors()) {
		for _, spec := range v.forms {
			bare := strings.Replace(strings.TrimLeft(spec, "~@"), "^", "", 1)
			list = append(list, plainForm{v.id, bare, newTokenForm(strings.TrimLeft(spec, "~@")), regexp.MustCompile(`^(?:` + plainFormExpr(bare) + `)$`)})
		}
	}
	return list
}

// fillForm writes a text of the form, or one that differs in a few bytes or in
// the length of a run.
func (p *plainForm) fill(rng *rand.Rand) string {
	var b strings.Builder
	for _, part := range p.form.parts {
		if part.text != "" {
			b.WriteString(part.text)
			continue
		}
		n := part.least + rng.IntN(1+min(part.most-part.least, 20))
		switch rng.IntN(12) {
		case 0:
			n = part.most + rng.IntN(2)
		case 1:
			n = max(0, part.least-1)
		}
		for range n {
			for {
				if c := byte(rng.IntN(128)); part.class.has(c) {
					b.WriteByte(c)
					break
				}
			}
		}
	}
	text := []byte(b.String())
	if len(text) > 0 && rng.IntN(4) == 0 {
		text[rng.IntN(len(text))] = "-_.=+/gZ 9\xff"[rng.IntN(11)]
	}
	return string(text)
}

// checkForm compares the end of a form with its regular expression.
func (p *plainForm) check(t *testing.T, text string) bool {
	t.Helper()
	end := p.form.end([]byte(text), 0)
	if got, want := end == len(text) && text != "", p.whole.MatchString(text); got != want {
		t.Fatalf("%s, %s: a text of %d bytes ends at %d, want a match %v", p.id, p.spec, len(text), end, want)
	}
	return end == len(text)
}

func TestTokenFormsArePlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 0))
	for _, p := range plainForms() {
		matched := 0
		for range 200 {
			if p.check(t, p.fill(rng)) {
				matched++
			}
		}
		if matched < 20 || matched == 200 {
			t.Errorf("%s, %s: %d of 200 texts match: too few to tell", p.id, p.spec, matched)
		}
	}
}

// plainTokenCRC writes the sum in base 62 with package big.
func plainTokenCRC(token string) bool {
	prefix, random, ok := strings.Cut(token, "_")
	if !ok || len(prefix) != 3 || len(random) != 36 {
		return false
	}
	digits := big.NewInt(int64(crc32.ChecksumIEEE([]byte(random[:30])))).Text(62) // small letters first
	digits = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, digits)
	return strings.Repeat("0", 6-len(digits))+digits == random[30:]
}

// plainAgeKey is the checksum of BIP-173 on values of five bits, the readable part
// spread out before them.
func plainAgeKey(key string) bool {
	const readable = "age-secret-key-"
	var values []int
	for _, c := range readable {
		values = append(values, int(c)>>5)
	}
	values = append(values, 0)
	for _, c := range readable {
		values = append(values, int(c)%32)
	}
	for _, c := range key[len(readable)+1:] {
		values = append(values, strings.IndexRune("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", c))
	}
	check := 1
	for _, v := range values {
		top := check >> 25
		check = check%(1<<25)*32 ^ v
		for i, g := range []int{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i%2 == 1 {
				check ^= g
			}
		}
	}
	return check == 1
}

// plainCounted looks at all stretches.
func plainCounted(s string) bool {
	covered := make([]bool, len(s))
	for _, step := range []int{-1, 0, 1} {
		for i := range len(s) {
			j := i
			for j+1 < len(s) && int(s[j+1])-int(s[j]) == step {
				j++
			}
			if j-i+1 >= 6 {
				for k := i; k <= j; k++ {
					covered[k] = true
				}
			}
		}
	}
	n := 0
	for _, c := range covered {
		if c {
			n++
		}
	}
	return n*3 > len(s)
}

// plainSignature decodes what is left of a signature when its escapes are gone.
func plainSignature(s string) bool {
	decoded := regexp.MustCompile(`%[0-9A-Fa-f]{2}`).ReplaceAllStringFunc(s, func(e string) string {
		n, _ := strconv.ParseUint(e[1:], 16, 8)
		return string([]byte{byte(n)})
	})
	b, err := base64.StdEncoding.DecodeString(decoded)
	return err == nil && len(b) == 32
}

// checkCredentials compares the judges of credentials with their plain forms.
func checkCredentials(t *testing.T, text string) {
	t.Helper()
	if got, want := counted([]byte(text)), plainCounted(text); got != want {
		t.Fatalf("%q counted: %v, want %v", text, got, want)
	}
	if got, want := hasTokenCRC([]byte(text)), plainTokenCRC(text); got != want {
		t.Fatalf("%q has its CRC: %v, want %v", text, got, want)
	}
	if len(text) == len(agePrefix)+58 && strings.HasPrefix(text, agePrefix) && isBech32Data([]byte(text[len(agePrefix):])) {
		if got, want := isAgeKey([]byte(text)), plainAgeKey(text); got != want {
			t.Fatalf("%q is a key of age: %v, want %v", text, got, want)
		}
	}
}

func TestCredentialChecksArePlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 0))
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for range 3000 {
		checkCredentials(t, "npm_"+string(randomBytes(rng, 36, alphabet)))
		checkCredentials(t, agePrefix+string(randomBytes(rng, 58, bech32Alphabet)))
		checkCredentials(t, string(randomBytes(rng, rng.IntN(30), "abcdefg")))
		run := rng.IntN(12)
		checkCredentials(t, string(randomBytes(rng, rng.IntN(9), alphabet))+alphabet[10:10+run]+strings.Repeat("x", rng.IntN(9))+string(randomBytes(rng, rng.IntN(9), alphabet)))
	}
	for _, id := range []string{"NPM_TOKEN", "AGE_SECRET_KEY", "GITHUB_TOKEN"} {
		r := compileAll(t, slices.DeleteFunc(Builtin(), func(r Rule) bool { return r.ID != id })).rules[0]
		for _, x := range vectorsOf(r.Rule).Positive {
			checkCredentials(t, x.Value())
		}
	}
	sum := randomBytes(rng, 32, "\x00\x11\x7f\x80\xfe\xff\x3e\x5a")
	encoded := base64.StdEncoding.EncodeToString(sum)
	for _, s := range []string{encoded, strings.ReplaceAll(encoded, "=", "%3D"), strings.ReplaceAll(encoded, "+", "%2b"), encoded[1:], encoded[:40], encoded + "A"} {
		if want := plainSignature(s); want && !isSignature([]byte(s)) {
			t.Errorf("%q is no signature", s)
		} else if got := isSignature([]byte(s)); got && !want && s != encoded+"A" {
			t.Errorf("%q is a signature", s)
		}
	}
}

// FuzzValidCredentials feeds the judges with anything, and the matchers with
// values of the vectors.
func FuzzValidCredentials(f *testing.F) {
	ids := []string{"NPM_TOKEN", "AGE_SECRET_KEY", "GITLAB_TOKEN", "ANTHROPIC_API_KEY", "AZURE_SAS_TOKEN", "PASSWORD_ASSIGNMENT", "DATABASE_CONNECTION_STRING", "HTTP_COOKIE", "BEARER_TOKEN"}
	var rules []Rule
	for _, r := range Builtin() {
		if slices.Contains(ids, r.ID) {
			rules = append(rules, r)
			for _, x := range vectorsOf(r).Texts() {
				f.Add(x)
			}
			for _, x := range vectorsOf(r).Positive {
				f.Add(x.Value())
			}
		}
	}
	forms := plainForms()
	f.Fuzz(func(t *testing.T, text string) {
		checkCredentials(t, text)
		for i := range forms {
			if strings.HasPrefix(text, forms[i].form.parts[0].text) {
				forms[i].check(t, text)
			}
		}
		for _, r := range rules {
			for at := range text {
				if (&compiled{Rule: r}).anchoredAt([]byte(text), at) {
					if start, end, ok := r.Match([]byte(text), at); ok && (start < 0 || end > len(text) || start >= end) {
						t.Fatalf("%s: span %d to %d of %d bytes", r.ID, start, end, len(text))
					}
				}
			}
			if r.Whole != nil && text != "" {
				r.Whole([]byte(text))
			}
		}
	})
}
