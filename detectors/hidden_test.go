package detectors

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestHidden(t *testing.T) {
	s := compileAll(t, Builtin())
	for _, c := range []struct {
		name, text string // the value between « and »
		rule       string
	}{
		{"full-width digits", "カード番号 «４５３９１４８８０３４３６４６７» です", "CREDIT_CARD_NUMBER"},
		{"full-width digits and dashes", "card «４５３９－１４８８－０３４３－６４６７»", "CREDIT_CARD_NUMBER"},
		{"Arabic digits", "card «٤٥٣٩ ١٤٨٨ ٠٣٤٣ ٦٤٦٧» here", "CREDIT_CARD_NUMBER"},
		{"Persian digits", "card «۴۵۳۹۱۴۸۸۰۳۴۳۶۴۶۷»", "CREDIT_CARD_NUMBER"},
		{"Devanagari digits", "आधार «२३४१ २३४१ २३४६»", "INDIA_AADHAAR_NUMBER"},
		{"no-break spaces", "card «4539\u00a01488\u00a00343\u00a06467»", "CREDIT_CARD_NUMBER"},
		{"thin spaces", "IBAN «DE89\u20093704\u20090044\u20090532\u20090130\u200900»", "GERMANY_BANK_ACCOUNT_NUMBER"},
		{"no-break hyphens", "card «4539\u20111488\u20110343\u20116467»", "CREDIT_CARD_NUMBER"},
		{"en dashes", "ssn «536\u201390\u20134399»", "USA_SOCIAL_SECURITY_NUMBER"},
		{"zero-width spaces", "card «4539\u200b1488\u200b0343\u200b6467»", "CREDIT_CARD_NUMBER"},
		{"a zero-width joiner in a word", "mail «ja\u200dne.doe@exam\u200bple.com» now", "EMAIL_ADDRESS"},
		{"a soft hyphen", "card «453914\u00ad8803436467»", "CREDIT_CARD_NUMBER"},
		{"a byte order mark", "card «4539\ufeff148803436467»", "CREDIT_CARD_NUMBER"},
		{"named entities", "<td>card</td><td>«4539&nbsp;1488&nbsp;0343&nbsp;6467»</td>", "CREDIT_CARD_NUMBER"},
		{"numbered entities", "card «4539&#32;1488&#x20;0343&#160;6467»", "CREDIT_CARD_NUMBER"},
		{"digits as entities", "card «&#52;&#53;&#51;&#57;148803436467»", "CREDIT_CARD_NUMBER"},
		{"all as entities", "card «" + entitied("4539148803436467") + "»", "CREDIT_CARD_NUMBER"},
		{"an at sign as entity", "mail «jane.doe&#64;example.com»", "EMAIL_ADDRESS"},
		{"an at sign by name", "mail «jane.doe&commat;example.com»", "EMAIL_ADDRESS"},
		{"percent escapes", "/pay?card=«4539%201488%200343%206467»&x", "CREDIT_CARD_NUMBER"},
		{"digits as percent escapes", "/pay?card=«%34%35%33%39148803436467»&x", "CREDIT_CARD_NUMBER"},
		{"an at sign in a URL", "/user?mail=«jane.doe%40example.com»&x", "EMAIL_ADDRESS"},
		{"UTF-8 in a URL", "card=«4539%C2%A01488%C2%A00343%C2%A06467»", "CREDIT_CARD_NUMBER"},
		{"JSON escapes", `{"card":"«\u0034\u0035\u0033\u0039148803436467»"}`, "CREDIT_CARD_NUMBER"},
		{"JSON escapes of spaces", `{"card":"«4539\u00a01488\u00a00343\u00a06467»"}`, "CREDIT_CARD_NUMBER"},
		{"JSON escapes of full-width digits", `{"card":"«\uff14\uff15\uff13\uff19148803436467»"}`, "CREDIT_CARD_NUMBER"},
		{"quoted-printable", "card «4539=201488=200343=206467»", "CREDIT_CARD_NUMBER"},
		{"quoted-printable UTF-8", "card «4539=C2=A01488=C2=A00343=C2=A06467»", "CREDIT_CARD_NUMBER"},
		{"a soft line break", "card «45391488=\r\n03436467»", "CREDIT_CARD_NUMBER"},
		{"a short soft line break", "card «45391488=\n03436467»", "CREDIT_CARD_NUMBER"},
		{"an account with letters", "IBAN «GB82\u00a0WEST\u00a01234\u00a05698\u00a07654\u00a032»", "UK_BANK_ACCOUNT_NUMBER"},
		{"an account with letters, as entities", "IBAN «IT60&nbsp;X054&nbsp;2811&nbsp;1010&nbsp;0000&nbsp;0123&nbsp;456»", "ITALY_BANK_ACCOUNT_NUMBER"},
		{"an account in full-width", "IBAN «ＧＢ８２ＷＥＳＴ１２３４５６９８７６５４３２»", "UK_BANK_ACCOUNT_NUMBER"},
		{"an account with letters in a URL", "/pay?iban=«GB82%20WEST%201234%205698%207654%2032»&x", "UK_BANK_ACCOUNT_NUMBER"},
		{"an account with its digits as entities", "IBAN «IT&#x36;&#x30;&nbsp;X&#x30;&#x35;&#x34;&nbsp;2811&nbsp;1010&nbsp;0000&nbsp;0123&nbsp;456»", "ITALY_BANK_ACCOUNT_NUMBER"},
		{"an account with its digits and blanks as escapes", `"iban":"«GB\u0038\u0032\u0020WEST\u0020\u0031\u0032\u0033\u0034\u0020\u0035\u0036\u0039\u0038\u0020\u0037\u0036\u0035\u0034\u0020\u0033\u0032»"`, "UK_BANK_ACCOUNT_NUMBER"},
		{"a full-width digit behind a blank", "IBAN «CH９３ ００７６ ２０１１ ６２３８ ５２９５ ７» ;", "SWITZERLAND_BANK_ACCOUNT_NUMBER"},
		{"zero-width before a blank", "card «4539\u200b 1488 0343 6467»", "CREDIT_CARD_NUMBER"},
		{"zero-width behind a blank", "card «4539 \u200b1488 0343 6467»", "CREDIT_CARD_NUMBER"},
		{"zero-width on both sides of a hyphen", "ssn «536\u200b-\u200b90\u200b-\u200b4399»", "USA_SOCIAL_SECURITY_NUMBER"},
		{"zero-width between all characters", "card «" + strings.Join(strings.Split("4539 1488 0343 6467", ""), "\u200b") + "»", "CREDIT_CARD_NUMBER"},
		{"zero-width between all letters", "mail «" + strings.Join(strings.Split("jane.doe@example.com", ""), "\u200d") + "»", "EMAIL_ADDRESS"},
		{"zero-width beside an at sign", "mail «jane.doe\u200b@\u200bexample.com»", "EMAIL_ADDRESS"},
		{"zero-width behind a dot", "mail «jane.doe@example.\u200bcom»", "EMAIL_ADDRESS"},
		{"zero-width entities beside a hyphen", "ssn «536&zwj;-&zwj;90&#8203;-4399»", "USA_SOCIAL_SECURITY_NUMBER"},
		{"several kinds", "card «４５３９&nbsp;1488\u200b\u00a00343%206467»", "CREDIT_CARD_NUMBER"},
	} {
		before, rest, _ := strings.Cut(c.text, "«")
		value, after, _ := strings.Cut(rest, "»")
		text := []byte(before + value + after)
		found := false
		for _, m := range s.Find(nil, text, 0, len(text)) {
			if m.Start == len(before) && m.End == len(before)+len(value) && s.Rule(m.Rule).ID == c.rule {
				found = true
				if !m.Hidden {
					t.Errorf("%s: is not said to be hidden", c.name)
				}
			}
		}
		if !found {
			t.Errorf("%s: not found: %v", c.name, s.Find(nil, text, 0, len(text)))
		}
		checkAgainstNaive(t, s, text, 0, len(text), c.name)
	}
}

// entitied writes s in numbered entities.
func entitied(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "&#%d;", c)
	}
	return b.String()
}

// TestNotHidden has escapes that hide nothing.
func TestNotHidden(t *testing.T) {
	for _, text := range []string{
		"a%20b", "50%20off", "x=1&y=2", "12&amp;34", "3月15日", "l\u2019homme", "5\u00a0km", "10\u00a0EUR", "2020\u00a0Jahre", "5 WEST", "a\u2009b1", "caf\u00e9 1", "\\n12\\n34", "\\u00e9t\\u00e9", "100%", "a=3D1", "5 \u2013 7", "１月", "x@y", "%4", "&#", "&#x;", "\\u12", "=\n",
	} {
		for at := range text {
			if _, ok := isHidden([]byte(text), at); ok {
				t.Errorf("%q: a hidden character at %d", text, at)
			}
		}
	}
}

func TestPlain(t *testing.T) {
	for _, c := range [][2]string{
		{"4539", "4539"}, {"４５３９&nbsp;1488", "4539 1488"}, {"4\u200b5", "45"}, {"a&#64;b", "a@b"}, {"%34%35", "45"}, {"", ""}, {"50%20off", "50%20off"}, {"12=\r\n34", "1234"},
	} {
		if got := string(Plain([]byte("x"), []byte(c[0]))); got != "x"+c[1] {
			t.Errorf("%q is %q, want %q", c[0], got[1:], c[1])
		}
	}
}

// hide writes some characters of a value in other ways.
func hide(rng *rand.Rand, value string) string {
	var b strings.Builder
	for i, c := range []byte(value) {
		ways := []string{string(rune(c))}
		switch {
		case rng.IntN(2) == 0:
		case isDigit(c):
			ways = append(ways, string(rune(c)+0xfee0), string(rune(c-'0')+0x660), fmt.Sprintf("%%%02X", c), fmt.Sprintf("&#%d;", c), fmt.Sprintf("&#x%x;", c), fmt.Sprintf(`\u%04x`, c))
			if i > 0 && isDigit(value[i-1]) {
				ways = append(ways, "\u200b"+string(rune(c)), "\u00ad"+string(rune(c)), "=\n"+string(rune(c)), "&shy;"+string(rune(c)))
			}
		case c == ' ':
			ways = append(ways, "\u200b ", " \u200b", "\u200b \u200b", " \u2060\u200b", "&zwj; ", " &#8203;", "\u00a0", "\u2009", "&nbsp;", "%20", "=20", "\\u00a0", "\u3000")
		case c == '-':
			ways = append(ways, "\u200b-", "-\u200b", "\u200b-\u200b", "\u2011", "\u2013", "&ndash;", "%2d", "\\u2212")
		}
		b.WriteString(ways[rng.IntN(len(ways))])
	}
	return b.String()
}

// TestHiddenIsNaive hides values of all rules and compares with the loop, whole
// and in parts.
func TestHiddenIsNaive(t *testing.T) {
	rules := Builtin()
	s := compileAll(t, rules)
	rng := rand.New(rand.NewPCG(12, 12))
	hidden := 0
	for range 10 {
		var text []byte
		for len(text) < 500 {
			r := rules[rng.IntN(len(rules))]
			if len(r.Keywords) > 0 {
				text = append(text, r.Keywords[rng.IntN(len(r.Keywords))]...)
			}
			if v := vectorsOf(r); len(v.Positive) > 0 {
				text = append(append(text, ' '), hide(rng, v.Positive[rng.IntN(len(v.Positive))].Value())...)
			}
			text = append(text, []string{"\n", ", ", " ", "&", "%", "\u200b", "12", "é", "\u200b ", "-\u200b", "%20"}[rng.IntN(11)]...)
		}
		checkAgainstNaive(t, s, text, 0, len(text), "text")
		whole := s.Find(nil, text, 0, len(text))
		for _, m := range whole {
			if m.Hidden {
				hidden++
			}
		}
		cut := rng.IntN(len(text))
		if parts := s.Find(s.Find(nil, text, 0, cut), text, cut, len(text)); !sameMatches(parts, whole) {
			t.Fatalf("cut at %d of %d: %s", cut, len(text), diff(s, parts, whole))
		}
	}
	if hidden < 8 {
		t.Errorf("only %d hidden values", hidden)
	}
}

func sameMatches(a, b []Match) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// TestHiddenFarApart shows the margin around a part and nothing else, with
// hidden characters in all of it.
func TestHiddenFarApart(t *testing.T) {
	s := compileAll(t, Builtin())
	text := []byte(strings.Repeat("&#49;&#50;\u200b", 3000) + " card " + entitied("4539148803436467") + " " + strings.Repeat("１２\u00a0", 3000))
	whole := s.Find(nil, text, 0, len(text))
	cuts := []int{0, len(text) / 3, bytes.Index(text, []byte("card")) + 9, len(text) * 3 / 4, len(text)}
	if got := findInParts(s, text, cuts); !sameMatches(got, whole) {
		t.Errorf("in parts %s", diff(s, got, whole))
	}
}

// TestHiddenPlaces writes texts of nothing but hidden characters, joiners and
// letters, and compares the places at which they are read.
func TestHiddenPlaces(t *testing.T) {
	s := compileAll(t, Builtin())
	q := newSearch(s)
	rng := rand.New(rand.NewPCG(13, 13))
	pieces := []string{"1", "2", "a", "B", "WEST", "1234", " ", "-", ".", "/", "@", "\u200b", "\u2060", "\u00a0", "\u2009", "\u00ad", "\u2011", "７", "Ａ", "\u0664", "é", "手",
		"&zwj;", "&nbsp;", "&#49;", "%20", "%2D", "%31", "=20", "=C2=A0", `\u200b`, `\u0031`, "%E2%80%8B", "\n", "\\", "&", "%"}
	places := 0
	for range 20000 {
		var text []byte
		for range 2 + rng.IntN(12) {
			text = append(text, pieces[rng.IntN(len(pieces))]...)
		}
		var want []int
		for i := 0; i < len(text); {
			h, ok := isHidden(text, i)
			if ok {
				want = append(want, i)
			}
			i += max(h.size*int(bit(ok)), 1)
		}
		q.run(nil, text, 0, len(text))
		got := slices.Clone(q.hidden)
		if places += len(want); !slices.Equal(got, want) {
			t.Fatalf("%q: read at %v, want %v", text, got, want)
		}
	}
	if places < 10000 {
		t.Errorf("only %d places", places)
	}
}
