package detectors

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// tokenPatterns say of tokens what their matchers do.
var tokenPatterns = map[string]string{
	"GITHUB_TOKEN": `(?:gh[pousr]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59})`,
	"SLACK_TOKEN": `(?:xoxe\.xox[bp]-[0-9]-[0-9A-Za-z]{100,180}|xoxe-[0-9]-[0-9A-Za-z]{100,180}|` +
		`xapp-[0-9]-[A-Z0-9]{8,14}-[0-9]{10,15}-[0-9a-f]{40,72}|xox[abeoprs](?:-[0-9])?(?:-[0-9]{6,15}){1,4}-[0-9A-Za-z]{10,72})`,
	"SLACK_WEBHOOK_URL": `https?://hooks\.slack\.com/(?:services/T[0-9A-Z]{7,12}/B[0-9A-Z]{7,12}/[0-9A-Za-z]{23,25}|` +
		`workflows/T[0-9A-Z]{7,12}/A[0-9A-Z]{7,12}/[0-9]{15,20}/[0-9A-Za-z]{23,25}|triggers/[TE][0-9A-Z]{7,12}/[0-9]{10,15}/[0-9a-f]{32})`,
	"STRIPE_CREDENTIALS": `[sr]k_(?:live|test|prod)_[0-9A-Za-z]{10,120}`,
}

func TestTokensArePlain(t *testing.T) {
	for _, rule := range tokens() {
		expr, ok := tokenPatterns[rule.ID]
		if !ok {
			continue
		}
		matcher := compileAll(t, []Rule{rule}).rules[0]
		rule.Match, rule.Pattern = nil, expr
		plain := compileAll(t, []Rule{rule}).rules[0]
		compareMatcher(t, rule.ID, plain.matchAnchored)

		g := newWriter(12, []Rule{rule})
		found := 0
		for range 20000 {
			w := []byte(g.token(rule.ID))
			if g.rng.IntN(4) == 0 {
				w = w[:g.rng.IntN(len(w)+1)]
			}
			for at := range w {
				if !plain.anchoredAt(w, at) {
					continue
				}
				start, end, ok := matcher.measure(w, at)
				wantStart, wantEnd, want := plain.matchAnchored(w, at)
				if ok != want || ok && (start != wantStart || end != wantEnd) {
					t.Fatalf("%s in %q at %d: [%d,%d) %v, want [%d,%d) %v", rule.ID, w, at, start, end, ok, wantStart, wantEnd, want)
				}
				if ok {
					found++
				}
			}
		}
		if found < 1000 {
			t.Errorf("%s: %d tokens: too few to tell", rule.ID, found)
		}
	}
}

// token writes a token of the kind, or what is nearly one: its parts have the
// lengths of the patterns, or one more or less.
func (g *writer) token(id string) string {
	const upper, hex = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789abcdef"
	const digits, alnum = "0123456789", upper + "abcdefghijklmnopqrstuvwxyz"
	part := func(alphabet string, lengths ...int) string {
		n := lengths[g.rng.IntN(len(lengths))]
		if g.rng.IntN(8) == 0 {
			n += g.rng.IntN(3) - 1
		}
		b := randomBytes(g.rng, max(0, n), alphabet)
		if len(b) > 0 && g.rng.IntN(40) == 0 {
			b[g.rng.IntN(len(b))] = "-_.gZ\xff"[g.rng.IntN(6)]
		}
		return string(b)
	}
	before, behind := g.pick("", " ", "x", "=", `\n`, "/"), g.pick("", " ", "-", "x", "-123456", "_", "\xff", ".")
	switch id {
	case "GITHUB_TOKEN":
		if g.rng.IntN(2) == 0 {
			return before + "github_pat_" + part(alnum, 22) + "_" + part(alnum, 59) + behind
		}
		return before + g.pick("ghp_", "gho_", "ghs_") + part(alnum, 36) + behind
	case "STRIPE_CREDENTIALS":
		return before + g.pick("sk_live_", "rk_test_", "sk_prod_") + part(alnum, 10, 24, 120) + behind
	case "SLACK_WEBHOOK_URL":
		begin := before + g.pick("http", "https") + "://hooks.slack.com/"
		switch g.rng.IntN(3) {
		case 0:
			return begin + "services/T" + part(upper, 7, 9, 12) + "/B" + part(upper, 7, 12) + "/" + part(alnum, 23, 24, 25) + behind
		case 1:
			return begin + "workflows/T" + part(upper, 7, 12) + "/A" + part(upper, 7, 12) + "/" + part(digits, 15, 20) + "/" + part(alnum, 23, 25) + behind
		}
		return begin + g.pick("triggers/T", "triggers/E", "triggers/B") + part(upper, 7, 12) + "/" + part(digits, 10, 15) + "/" + part(hex, 32) + behind
	}
	switch g.rng.IntN(4) {
	case 0:
		return before + g.pick("xoxe.xoxb-", "xoxe.xoxp-", "xoxe.xoxa-", "xoxe-") + part(digits, 1) + "-" + part(alnum, 100, 180) + behind
	case 1:
		return before + "xapp-" + part(digits, 1) + "-" + part(upper, 8, 14) + "-" + part(digits, 10, 15) + "-" + part(hex, 40, 64, 72) + behind
	}
	s := before + g.pick("xoxb", "xoxp", "xoxe", "xoxa", "xoxc")
	for range g.rng.IntN(6) {
		s += "-" + part(digits, 1, 6, 12, 15)
	}
	return s + "-" + part(g.pick(alnum, alnum, hex, digits), 10, 24, 72) + behind
}

func TestPlaceholderIsPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 0))
	typed := 0
	for range 100000 {
		alphabet := []string{"ab", "0123456789abcdef", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "abcdefgh", "01234567\xff\x00"}[rng.IntN(6)]
		v := randomBytes(rng, rng.IntN(60), alphabet)
		if len(v) > 10 && rng.IntN(2) == 0 { // a stretch of equal or counted characters
			i, n, step := rng.IntN(len(v)-8), 3+rng.IntN(6), byte(rng.IntN(5)-2)
			for k := 1; k < n && i+k < len(v); k++ {
				v[i+k] = v[i+k-1] + step
			}
		}
		got, want := placeholder(v), placeholderPlain(v)
		if got != want {
			t.Fatalf("%q was typed: %v, want %v", v, got, want)
		}
		if want {
			typed++
		}
	}
	if typed < 1000 {
		t.Errorf("%d placeholders: too few to tell", typed)
	}
}

func placeholderPlain(v []byte) bool {
	same, up, down := 1, 1, 1
	extend := func(run int, goesOn bool) int {
		if goesOn {
			return run + 1
		}
		return 1
	}
	for i := 1; i < len(v); i++ {
		same = extend(same, v[i] == v[i-1])
		up = extend(up, v[i] == v[i-1]+1)
		down = extend(down, v[i] == v[i-1]-1)
		if same >= 6 || up >= 7 || down >= 7 {
			return true
		}
	}
	return entropyPlain(v) < leastEntropy(len(v))
}

func entropyPlain(v []byte) float64 {
	var count [256]int
	for _, c := range v {
		count[c]++
	}
	bits := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(v))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}

var entropyLimits = []float64{2.2, 2.6, 2.9, 4}

func checkEntropy(t *testing.T, v []byte) {
	t.Helper()
	for _, least := range entropyLimits {
		if got, want := hasEntropy(v, least), entropyPlain(v) >= least; got != want {
			t.Fatalf("%d bytes have %v bits of entropy: %v, want %v", len(v), least, got, want)
		}
	}
}

// TestEntropyOfAllCounts goes through all ways in which up to 40 bytes, which
// is an AWS secret key, can be equal to each other.
func TestEntropyOfAllCounts(t *testing.T) {
	var v []byte
	var split func(left, most int, c byte)
	split = func(left, most int, c byte) {
		if left == 0 {
			checkEntropy(t, v)
			return
		}
		for n := min(left, most); n > 0; n-- {
			old := len(v)
			v = append(v, slices.Repeat([]byte{c}, n)...)
			split(left-n, n, c+1)
			v = v[:old]
		}
	}
	for n := range 41 {
		split(n, n, 0)
	}
}

// TestEntropyOfLongTokens draws from about as many characters as the limits ask
// for.
func TestEntropyOfLongTokens(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 0))
	for range 50000 {
		v := make([]byte, 41+rng.IntN(215))
		most := 4 + rng.IntN(20)
		for i := range v {
			v[i] = byte(rng.IntN(1 + rng.IntN(most)))
		}
		checkEntropy(t, v)
	}
}

func TestSecretKeyIsPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 0))
	for range 50000 {
		alphabet := []string{"0123456789abcdef", "abcdefghijklmnopqrstuvwxyzABZ09", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"}[rng.IntN(3)]
		v := randomBytes(rng, secretKeyLen, alphabet)
		var lower, upper, digit int
		for _, c := range v {
			switch {
			case isLower(c):
				lower++
			case isUpper(c):
				upper++
			case isDigit(c):
				digit++
			}
		}
		want := lower >= 2 && upper >= 2 && digit >= 1 && entropyPlain(v) >= 4 && !placeholderPlain(v)
		if got := validSecretKey(v); got != want {
			t.Fatalf("%q is a secret key: %v, want %v", v, got, want)
		}
	}
}
