package detectors

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// plainBase58 decodes to one big number.
func plainBase58(s string, versions ...byte) bool {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	if len(s) < 26 || len(s) > 35 || strings.Trim(s, alphabet) != "" {
		return false
	}
	n := new(big.Int)
	for _, c := range s {
		n.Mul(n, big.NewInt(58)).Add(n, big.NewInt(int64(strings.IndexRune(alphabet, c))))
	}
	zeros := len(s) - len(strings.TrimLeft(s, "1"))
	b := append(make([]byte, zeros), n.Bytes()...)
	if len(b) != 25 || !slices.Contains(versions, b[0]) {
		return false
	}
	one := sha256.Sum256(b[:21])
	two := sha256.Sum256(one[:])
	return bytes.Equal(two[:4], b[21:])
}

// plainBech32 divides polynomials over GF(32) as BIP-173 writes it.
func plainBech32(s string) bool {
	lower := strings.ToLower(s)
	if s != lower && s != strings.ToUpper(s) || len(s) != 42 && len(s) != 62 {
		return false
	}
	prefix, data, ok := strings.Cut(lower, "1")
	if !ok || prefix != "bc" && (prefix != "tb" || s != lower) {
		return false
	}
	var values []int
	for _, c := range prefix {
		values = append(values, int(c)>>5)
	}
	values = append(values, 0)
	for _, c := range prefix {
		values = append(values, int(c)&31)
	}
	for _, c := range data {
		i := strings.IndexRune("qpzry9x8gf2tvdw0s3jn54khce6mua7l", c)
		if i < 0 {
			return false
		}
		values = append(values, i)
	}
	check := 1
	for _, v := range values {
		top := check >> 25
		check = (check&0x1ffffff)<<5 ^ v
		for i, g := range []int{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				check ^= g
			}
		}
	}
	return data[0] == 'q' && check == 1 || data[0] == 'p' && len(s) == 62 && check == 0x2bc830a3
}

// plainEthereum writes the address as EIP-55 does and compares.
func plainEthereum(s string) bool {
	lower := strings.ToLower(s[2:])
	if s[2:] == lower || s[2:] == strings.ToUpper(s[2:]) {
		return true
	}
	hash := fmt.Sprintf("%x", checksum.Keccak256([]byte(lower)))
	written := ""
	for i, c := range lower {
		if hash[i] >= '8' {
			written += strings.ToUpper(string(c))
		} else {
			written += string(c)
		}
	}
	return written == s[2:]
}

// plainSeed writes the bits of the words as text.
func plainSeed(s string) bool {
	words := strings.Split(s, " ")
	text := ""
	for _, word := range words {
		i := slices.Index(seedWords, word)
		if i < 0 {
			return false
		}
		text += fmt.Sprintf("%011b", i)
	}
	n := len(words)
	if !slices.Contains([]int{12, 15, 18, 21, 24}, n) {
		return false
	}
	entropy, _ := new(big.Int).SetString(text[:n*32/3], 2)
	hash := sha256.Sum256(entropy.FillBytes(make([]byte, n*4/3)))
	return text[n*32/3:] == fmt.Sprintf("%08b", hash[0])[:n/3]
}

func compareCrypto(t *testing.T, s string) {
	t.Helper()
	v := []byte(s)
	if got, want := isBase58Address(v, false), plainBase58(s, 0, 5); got != want {
		t.Fatalf("base58 %q: %v, by the plain form %v", s, got, want)
	}
	if got, want := isBase58Address(v, true), plainBase58(s, 0, 5, 111, 196); got != want {
		t.Fatalf("base58 %q with the test network: %v, by the plain form %v", s, got, want)
	}
	if got, want := isSegwitAddress(v), plainBech32(s); got != want {
		t.Fatalf("bech32 %q: %v, by the plain form %v", s, got, want)
	}
	if len(s) == 42 && strings.HasPrefix(s, "0x") && hexRun(v[2:]) {
		if got, want := isEthereum(v), plainEthereum(s); got != want {
			t.Fatalf("%q: %v, by the plain form %v", s, got, want)
		}
	}
	if got, want := isSeed(v), plainSeed(s); got != want {
		t.Fatalf("seed phrase %q: %v, by the plain form %v", s, got, want)
	}
}

func FuzzValidCrypto(f *testing.F) {
	for _, r := range crypto() {
		for _, p := range vectorsOf(r).Positive {
			f.Add(p.Value())
		}
		for _, x := range vectorsOf(r).NearMiss {
			f.Add(x)
		}
	}
	f.Add("tb1pzpelffrdh9ptpaqnurwx30dlewqv57rcxfeetp86hsssk30p4cws38tr9y")
	f.Add("2NFUBBRcTJbYc1D4HSCbJhKZp6YCV4PQFpQ")
	f.Fuzz(compareCrypto)
}

// TestCryptoIsPlain changes one character of values, and draws seed phrases:
// one in sixteen of twelve words is right.
func TestCryptoIsPlain(t *testing.T) {
	g := newWriter(15, nil)
	for _, r := range crypto() {
		for _, p := range vectorsOf(r).Positive {
			compareCrypto(t, p.Value())
			for range 500 {
				v := []byte(p.Value())
				v[g.rng.IntN(len(v))] = v[g.rng.IntN(len(v))]
				compareCrypto(t, string(v))
			}
		}
	}
	right := 0
	for range 2000 {
		var words []string
		for range []int{12, 15, 18, 21, 24, 13}[g.rng.IntN(6)] {
			words = append(words, seedWords[g.rng.IntN(len(seedWords))])
		}
		s := strings.Join(words, " ")
		compareCrypto(t, s)
		if plainSeed(s) {
			right++
		}
	}
	if right < 10 {
		t.Errorf("%d phrases: too few to tell", right)
	}
}

// TestSeedWords: the list is that of BIP-39, in order, words told by four letters.
func TestSeedWords(t *testing.T) {
	if len(seedWords) != 2048 || !slices.IsSorted(seedWords) {
		t.Fatalf("%d words, sorted: %v", len(seedWords), slices.IsSorted(seedWords))
	}
	starts := make(map[string]bool)
	for _, w := range seedWords {
		starts[w[:min(4, len(w))]] = true
	}
	if len(starts) != 2048 {
		t.Errorf("%d beginnings of four letters", len(starts))
	}
	sum := sha256.Sum256([]byte(strings.Join(seedWords, "\n") + "\n"))
	// The digest of english.txt in the BIPs' repository.
	if got := fmt.Sprintf("%x", sum); got != "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda" {
		t.Errorf("the list has the digest %s", got)
	}
}
