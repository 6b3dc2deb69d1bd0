package detectors

import (
	"crypto/sha256"
	_ "embed"
	"sort"
	"strings"

	"github.com/sluice-dlp/sluice/detectors/checksum"
)

// crypto returns the rules for addresses and seeds of cryptocurrencies.
func crypto() []Rule { return []Rule{bitcoinAddress(), ethereumAddress(), seedPhrase()} }

const maxBech32 = 62 // of the witness programs in use: 32 bytes

func bitcoinAddress() Rule {
	return Rule{
		ID: "BITCOIN_ADDRESS", Name: "Bitcoin address",
		Category: Financial, Severity: Rising, Priority: PriorityStrong,
		Form: "1 or 3 and 25 to 34 characters of base58 (P2PKH, P2SH), or bc1q or bc1p and 38 or 58 characters of bech32 in one case (BIP-173, BIP-350). As a whole value also those of the test network: m, n, 2, tb1.",
		Check: "base58: 25 bytes, version 0 or 5, the last four are the first of SHA-256 of SHA-256 of the others. bech32: the polynomial code over GF(32) with the constant 1 for version 0 " +
			"and 2bc830a3 for version 1.",
		Anchor: Anchor{
			Shapes:   []string{`[13][1-9A-HJ-NP-Za-km-z]{25}`},
			Literals: []string{"bc1q", "bc1p", "BC1Q", "BC1P"},
		},
		Match: matchBitcoin,
		Whole: func(v []byte) bool {
			return isBase58Address(v, true) || isSegwitAddress(v)
		},
		MaxLen:   maxBech32,
		Keywords: wordList("bitcoin; btc; wallet; bitcoin address; xbt; btc address; wallet address; bitcoin-adresse; adresse bitcoin; dirección bitcoin; indirizzo bitcoin; ビットコイン; 比特币"),
		// The address of the first block.
		Dummies: []string{"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
	}
}

// matchBitcoin measures the address that starts at at.
func matchBitcoin(w []byte, at int) (start, end int, ok bool) {
	if w[at]|0x20 == 'b' {
		end = runEnd(w, at, maxBech32+1, alnumByte)
		ok = end-at <= maxBech32 && isSegwitAddress(w[at:end])
	} else {
		end = runEnd(w, at, maxBase58+1, alnumByte)
		ok = isBase58Address(w[at:end], false)
	}
	return at, end, ok && !wordBefore(w, at) && (end == len(w) || !isWord(w[end]))
}

const (
	minBase58 = 26
	maxBase58 = 35
)

// isBase58Address judges an address in Base58Check of version 0 or 5, with
// test also of 111 or 196.
func isBase58Address(v []byte, test bool) bool {
	if len(v) < minBase58 || len(v) > maxBase58 {
		return false
	}
	var b [25]byte
	for _, c := range v {
		digit := strings.IndexByte("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", c)
		if digit < 0 {
			return false
		}
		for i := len(b) - 1; i >= 0; i-- {
			digit += 58 * int(b[i])
			b[i] = byte(digit)
			digit >>= 8
		}
		if digit > 0 {
			return false
		}
	}
	// Each zero byte in front is written as one '1'.
	for i := 0; i < len(b) && (b[i] == 0 || v[i] == '1'); i++ {
		if b[i] != 0 || v[i] != '1' {
			return false
		}
	}
	if b[0] != 0 && b[0] != 5 && !(test && (b[0] == 111 || b[0] == 196)) {
		return false
	}
	first := sha256.Sum256(b[:21])
	check := sha256.Sum256(first[:])
	return string(check[:4]) == string(b[21:])
}

// isSegwitAddress judges an address of a witness program of version 0 or 1
// (BIP-173, BIP-350).
func isSegwitAddress(v []byte) bool {
	if len(v) != 42 && len(v) != maxBech32 || !allOf(v, alnumByte) {
		return false
	}
	prefix := string(v[:3])
	upper := prefix == "BC1"
	if !upper && prefix != "bc1" && prefix != "tb1" {
		return false
	}
	constant := uint32(1)
	switch v[3] | 0x20 {
	case 'q':
	case 'p':
		if constant = 0x2bc830a3; len(v) != maxBech32 {
			return false
		}
	default:
		return false
	}
	// The readable part counts as its high bits, a zero, and its low bits.
	code := uint32(1)
	for _, c := range v[:2] {
		code = bech32Step(code, uint32(c|0x20)>>5)
	}
	code = bech32Step(code, 0)
	for _, c := range v[:2] {
		code = bech32Step(code, uint32(c|0x20)&31)
	}
	for _, c := range v[3:] {
		if isLetter(c) && isUpper(c) != upper {
			return false
		}
		digit := strings.IndexByte("qpzry9x8gf2tvdw0s3jn54khce6mua7l", c|0x20)
		if digit < 0 {
			return false
		}
		code = bech32Step(code, uint32(digit))
	}
	return code == constant
}

// bech32Step appends five bits to the remainder by the generator of bech32.
func bech32Step(code, digit uint32) uint32 {
	top := code >> 25
	code = code&0x1ffffff<<5 ^ digit
	for i, g := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		if top>>i&1 != 0 {
			code ^= g
		}
	}
	return code
}

func ethereumAddress() Rule {
	const length = len("0x") + 40
	return Rule{
		ID: "ETHEREUM_ADDRESS", Name: "Ethereum address",
		Category: Financial, Severity: Rising, Priority: PriorityStrong,
		Form:   "0x and 40 hexadecimal digits. With letters of both cases it stands for itself, otherwise it needs a keyword.",
		Check:  "EIP-55 where letters of both cases occur: a letter is a capital if that digit of Keccak-256 of the 40 digits in small letters is 8 or more. Repeated and counted-up digits are refused.",
		Anchor: Anchor{Shapes: []string{`0x[0-9A-Fa-f]{40}`}},
		Match: func(w []byte, at int) (int, int, bool) {
			v := w[at : at+length]
			return at, at + length, !wordBefore(w, at) && (at+length == len(w) || !isWord(w[at+length])) && isEthereum(v) && !placeholder(v[2:])
		},
		MaxLen: length,
		Weak:   func(v []byte) bool { return !hasBothCases(v[2:]) },
		Whole: func(v []byte) bool {
			return len(v) == length && string(v[:2]) == "0x" && hexRun(v[2:]) && isEthereum(v)
		},
		Keywords: wordList("ethereum; eth; wallet; erc20; erc-20; ether; eth address; wallet address; ethereum address; metamask; etherscan; ethereum-adresse; adresse ethereum; dirección ethereum; イーサリアム; 以太坊"),
	}
}

func hasBothCases(v []byte) bool {
	var seen byteClass
	for _, c := range v {
		seen |= classesOf[c] & letterByte
	}
	return seen == letterByte
}

// isEthereum judges the cases of the letters of an address.
func isEthereum(v []byte) bool {
	digits := v[2:]
	if !hasBothCases(digits) {
		return true
	}
	var small [40]byte
	for i, c := range digits {
		small[i] = c
		if isUpper(c) {
			small[i] |= 0x20
		}
	}
	hash := checksum.Keccak256(small[:])
	for i, c := range digits {
		if nibble := hash[i/2] >> (4 * (1 - i%2)) & 15; isLetter(c) && isUpper(c) != (nibble >= 8) {
			return false
		}
	}
	return true
}

const maxSeed = 24 * len("abstract ")

func seedPhrase() Rule {
	return Rule{
		ID: "CRYPTO_SEED_PHRASE", Name: "seed phrase of a wallet (BIP-39)",
		Category: Credentials, Severity: AlwaysHigh, Priority: PriorityBlock,
		Form:     "12, 15, 18, 21 or 24 words of the English list of BIP-39 in small letters, one blank between them, right behind a word that announces it: at most 12 bytes of punctuation and words such as \"is\" stand between.",
		Check:    "The words are eleven bits each; the last of these, one for each three words, are the first of SHA-256 of the others. The first of BIP-39's test vectors is a dummy.",
		Anchor:   Anchor{Literals: []string{"nemonic", "NEMONIC", "seed", "Seed", "SEED", "hrase", "HRASE", "allet", "ALLET"}}, // of words of which the first letter has either case
		Match:    matchSeed,
		Whole:    isSeed,
		MaxLen:   maxSeed,
		Keywords: wordList("seed phrase; mnemonic; recovery phrase; wallet; seed; seed words; secret phrase; backup phrase; recovery words; phrase de récupération; phrase secrète; wiederherstellungsphrase; frase semilla; frase di recupero"),
		Dummies:  []string{strings.Repeat("abandon ", 11) + "about"},
	}
}

// matchSeed measures the phrase that the word announces to which w[at] belongs.
func matchSeed(w []byte, at int) (start, end int, ok bool) {
	i := runEnd(w, at, 16, letterByte)
	const gap = 12
	for low := i; i < len(w) && i-low <= gap; {
		if isLower(w[i]) && !wordBefore(w, i) {
			if end = seedEnd(w, i); end > 0 {
				return i, end, true
			}
			i = runEnd(w, i, gap, letterByte)
			continue
		}
		i++
	}
	return 0, 0, false
}

// isSeed reports whether the whole of v is a phrase.
func isSeed(v []byte) bool { return len(v) > 0 && seedEnd(v, 0) == len(v) }

// seedEnd returns the end of the words of the list that start at w[i], one
// blank between them, if their number and their check are those of a phrase, or -1.
func seedEnd(w []byte, i int) int {
	const most = 24
	var bits [most*11/8 + 1]byte // and one unused
	n, end := 0, i
	for {
		stop := runEnd(w, i, 9, lowerByte)
		word := wordNumber(w[i:stop])
		if word < 0 || stop < len(w) && isWord(w[stop]) {
			break
		}
		if n == most {
			return -1
		}
		for k := range 11 {
			if word>>(10-k)&1 != 0 {
				bits[(n*11+k)/8] |= 0x80 >> ((n*11 + k) % 8)
			}
		}
		n++
		end = stop
		if stop+1 >= len(w) || w[stop] != ' ' {
			break
		}
		i = stop + 1
	}
	if n < 12 || n%3 != 0 {
		return -1
	}
	entropy := n * 4 / 3 // bytes
	hash := sha256.Sum256(bits[:entropy])
	if mask := byte(0xff) << (8 - n/3); (hash[0]^bits[entropy])&mask != 0 {
		return -1
	}
	return end
}

// wordNumber returns the number of a word of the list, or -1.
func wordNumber(v []byte) int {
	if len(v) < 3 || len(v) > 8 {
		return -1
	}
	i := sort.Search(len(seedWords), func(i int) bool { return seedWords[i] >= string(v) })
	if i == len(seedWords) || seedWords[i] != string(v) {
		return -1
	}
	return i
}

//go:embed bip39_english.txt
var bip39English string

// seedWords are the words of BIP-39's English list, in their order, which is
// that of the alphabet.
var seedWords = func() (words []string) {
	for line := range strings.Lines(bip39English) {
		if line[0] != '#' {
			words = append(words, strings.TrimSpace(line))
		}
	}
	return words
}()
